"""What a definition makes of the evidence: which incidents enter and leave, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from comity.report.lines import Line, labelled
from comity.report.text import change_fell, change_ratio, clean
from comity.verification.model import IncidentCard, Scope, Verdict

MOST_NAMED = 12


def readings_by_definition(verdict: Verdict) -> tuple[Scope, ...]:
    """Return the readings of a verdict that are by somebody's definition."""
    return tuple(s for s in verdict.question.variants if s.by)


def entering_and_leaving(
    verdict: Verdict, scope: Scope
) -> tuple[tuple[IncidentCard, ...], tuple[IncidentCard, ...]]:
    """Return the incidents a reading takes that the narrow scope does not, and the reverse."""
    narrow = verdict.question.scope.id
    cards = verdict.incidents
    enter = tuple(c for c in cards if scope.id in c.scopes and narrow not in c.scopes)
    leave = tuple(c for c in cards if narrow in c.scopes and scope.id not in c.scopes)
    return enter, leave


def definition_lines(verdict: Verdict, width: int) -> list[Line]:
    """Return a paragraph for each reading by a definition; none where there is no such reading."""
    return [line for s in readings_by_definition(verdict) for line in _lines(verdict, s, width)]


def _lines(verdict: Verdict, scope: Scope, width: int) -> Iterator[Line]:
    enter, leave = entering_and_leaving(verdict, scope)
    net = next(
        (c for c in verdict.change if c.scope == scope.id and c.estimand == "net-5"
         and c.comparison == verdict.question.comparison and c.outcome == "starts"), None,
    )  # fmt: skip
    taken = " or ".join(scope.objective) if scope.objective else "any act"
    on = " or ".join(scope.target) if scope.target else "any target"
    counted = f"{net.before:g} before, {net.after:g} after" if net is not None else "not counted"
    answer = f"net change {change_ratio(net)}, {change_fell(net)}" if net is not None else ""
    text = (
        f"{clean(scope.title)} takes {taken} against {on}: {counted}; {answer}. "
        f"{_named(enter, 'enter')}; {_named(leave, 'leave')}."
    )
    wanted = set(scope.objective) - {"unknown"}
    found = {o for card in enter for o in card.objectives}
    if "influence" in wanted and "influence" not in found:
        text += (
            " No operation by content is in this evidence for this pair: what the definition adds "
            "there cannot be seen."
        )
    if scope.source:
        text += f" Source of the definition: {clean(scope.source)}"
    yield from labelled("Definition:", text, width)
    yield ("", "")


def _named(cards: tuple[IncidentCard, ...], verb: str) -> str:
    """Return how many incidents and the first of them by id."""
    if not cards:
        return f"none {verb}"
    listed = ", ".join(clean(c.key) for c in cards[:MOST_NAMED])
    more = f" and {len(cards) - MOST_NAMED} more" if len(cards) > MOST_NAMED else ""
    return f"{len(cards)} {verb} ({listed}{more})"
