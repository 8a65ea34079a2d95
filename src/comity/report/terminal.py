"""A verdict as one screen and a half of plain text: no colour, no box, ASCII but for names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from comity.report.by_definition import definition_lines
from comity.report.chart_data import yearly
from comity.report.lines import Line, hanging, labelled, wrap
from comity.report.terminal_examination import examination_lines
from comity.report.text import (
    COMPARISONS,
    PASSED,
    REPLIES_TITLE,
    change_fell,
    change_ratio,
    clean,
    command_line,
    countries,
    direction,
    least_of,
    list_counts,
    mirror_net,
    number,
    period_word,
    reaches_past,
    reply_head,
    role_words,
    tag,
)
from comity.verification.model import Change, Scope, Verdict
from comity.verification.registered import registration_line
from comity.verification.words import NOT_IDENTIFIED, percent

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST = 60
ROW_LABEL, COLUMN = 11, 23
CHART_ROWS = 5


def print_verdict(
    verdict: Verdict, console: Console | None = None, *, checks: bool = False
) -> None:
    """Print a verdict as wide as the terminal, at most 100 columns; 80 where there is none.

    `checks` adds how the confidence was reached.
    """
    print_page(lambda width: render_verdict(verdict, width, checks=checks), console)


def print_page(render: Callable[[int], Text], console: Console | None = None) -> None:
    """Print what `render` makes of a width: the terminal's, at most 100, or 80 without one."""
    if console is None:
        from rich.console import Console

        console = Console(highlight=False, emoji=False, markup=False)
    width = min(console.width, 100) if console.is_terminal else 80
    console.print(render(width), soft_wrap=True, highlight=False)


def render_verdict(verdict: Verdict, width: int = 80, *, checks: bool = False) -> Text:
    """Return a verdict as text at most `width` columns wide (60 at least), headings in bold.

    Nothing of it is read as markup; names and titles are shown without escapes or controls.
    """
    return page_of(_lines(verdict, max(width, NARROWEST), checks))


def page_of(lines: Iterable[Line]) -> Text:
    """Return lines as one text, what opens each of them in bold."""
    page = Text()
    for heading, rest in lines:
        page.append(heading, style="bold")
        page.append(rest + "\n")
    page.rstrip()
    return page


def _lines(verdict: Verdict, width: int, checks: bool) -> list[Line]:
    """Return the page line by line."""
    question = verdict.question
    empty: Line = ("", "")
    lines: list[Line] = [(line, "") for line in wrap(clean(question.title), width)]
    known = f"as known on {verdict.as_of.isoformat()}"
    lines += [("", f"{question.id}, {known}, comity {clean(verdict.version)}")]
    lines += _agreed(verdict, width) + _evidence(verdict, width) + [empty]
    for name, statement in (
        ("Changed?", verdict.changed),
        ("Kept?", verdict.kept),
        ("Because?", verdict.because),
    ):
        lines += labelled(name, f"[{tag(statement)}] {clean(statement.sentence)}", width)
    reasons = "; ".join(clean(r) for r in verdict.confidence.reasons)
    lines += labelled("Confidence", f"{verdict.confidence.word}: {reasons}.", width)
    lines += _registration(verdict, width)
    lines += [empty, *_table(verdict, width), empty]
    lines += definition_lines(verdict, width)
    lines += _findings(verdict, width) + _mirror(verdict, width)
    chart = _chart(verdict, width)
    lines += [empty, *chart] if chart else []
    lines += _replies(verdict, width)
    lines += [empty, ("Caveats", "")]
    for caveat in verdict.caveats:
        lines += hanging("- ", clean(caveat), width)
    lines += examination_lines(verdict.examination, width)
    lines += _checks(verdict, width) if checks else []
    again = command_line(verdict)
    more = f"{again} --report {question.id}.html, or --json"
    return [*lines, *labelled("More:", more, width)]


def _agreed(verdict: Verdict, width: int) -> list[Line]:
    """Return what was agreed and how binding it is."""
    facts = verdict.instrument
    if facts is None:
        day = verdict.question.agreed.isoformat()
        return labelled("Agreed:", f"{day}; the question names no instrument.", width)
    who = countries(facts.parties)
    text = f"{clean(facts.date)}, {clean(facts.title)} ({who}). {clean(facts.gloss)}"
    why = clean(facts.standing_reason).partition(". ")[0].rstrip(".")
    standing = f"{clean(facts.standing)}{': ' if why else ''}{why}."
    return labelled("Agreed:", text, width) + labelled("Standing:", standing, width)


def _evidence(verdict: Verdict, width: int) -> list[Line]:
    """Return each list: release, coverage, closing date, counts of the narrow scope by cell."""
    lines: list[Line] = []
    mixed = any(use.basis == "start" for use in verdict.lists)
    for use in verdict.lists:
        reports = "report dates used" if use.has_report_dates else "no report dates"
        if use.basis == "report":
            reports = "dated by report" + (", apart from the headline" if mixed else "")
        text = (
            f"{clean(use.name)} {clean(use.release)}: starts to {clean(use.covers_to)}, closed "
            f"{clean(use.closed_on)}, {reports}; in scope {list_counts(use)}"
        )
        lines += labelled("Evidence:", text, width)
    return lines or labelled("Evidence:", "no list.", width)


def _table(verdict: Verdict, width: int) -> list[Line]:
    """Return the narrow scope, a wider reading and what is not covered side by side.

    Scopes for which the width has no column follow in a line each.
    """
    question = verdict.question
    ranked = [question.scope, *question.variants[:1], *question.controls[:1]]
    ranked += [s for s in question.scopes if s not in ranked]
    shown = ranked[: max(1, (width - ROW_LABEL) // COLUMN)]
    past = reaches_past(verdict)
    lines = _columns(verdict, [s for s in question.scopes if s in shown])
    for scope in ranked[len(shown) :]:
        change = verdict.change_of(scope.id)
        if change is not None:
            counts = _before_after(change, past)
            text = f"{clean(scope.title)}: {counts}, net change {_estimate(change)}."
            lines += hanging("also ", text, width)
    level = round(100 * verdict.choices.level)
    note = (
        f"Rate ratio after/before ({level} % interval), 1 is no change; chance that it fell, "
        f"relative to the {question.chosen} comparison."
    )
    least = least_of(verdict, question.scope.id)
    if least is not None:
        name = COMPARISONS.get(least.comparison, least.comparison)
        note += f" least: net change by the comparison least favourable to a fall ({name})."
    return lines + [("", line) for line in wrap(note, width)]


def _columns(verdict: Verdict, scopes: Sequence[Scope]) -> list[Line]:
    """Return some scopes as columns: counts, cells, and each estimate with its probability."""
    heads = [wrap(clean(s.title), COLUMN - 1)[:3] for s in scopes]
    tall = max(len(head) for head in heads)
    lines: list[Line] = [(_row("", [role_words(verdict.question, s) for s in scopes]), "")]
    lines += [
        ("", _row("", [head[n] if n < len(head) else "" for head in heads])) for n in range(tall)
    ]
    past = reaches_past(verdict)
    rows: list[tuple[str, Callable[[Scope], str]]] = [
        ("counts", lambda s: _before_after(verdict.change_of(s.id), past)),
        ("cells ABCD", lambda s: _cells(verdict.change_of(s.id))),
        ("jump", lambda s: _estimate(verdict.change_of(s.id, estimand="jump"))),
        ("net change", lambda s: _estimate(verdict.change_of(s.id, estimand="net-5"))),
        ("level", lambda s: _estimate(verdict.change_of(s.id, estimand="level"))),
        ("least", lambda s: _estimate(least_of(verdict, s.id))),
    ]
    for label, find in rows:
        found = [find(s) for s in scopes]
        repeated = label in ("jump", "level") and set(found) <= {NOT_IDENTIFIED, ""}
        if any(found) and not repeated:
            lines.append(("", _row(label, found)))
    return lines


def _row(label: str, values: Iterable[str]) -> str:
    """Return a line of the table, values at the right of their columns."""
    padded = "".join(" " * max(1, COLUMN - cell_len(v)) + v for v in values)
    return f"{label:{ROW_LABEL}}{padded}".rstrip()


def _before_after(change: Change | None, past: bool) -> str:
    """Return counts of cell A; what the evidence does not reach is not a zero."""
    if change is None:
        return ""
    if not past:
        return f"{number(change.before)} before"
    return f"{number(change.before)} before, {number(change.after)} after"


def _estimate(change: Change | None) -> str:
    """Return "0.31 (0.12-0.82)  97 %" for an estimate."""
    fell = change_fell(change).replace("over ", ">").replace("under ", "<")
    return f"{change_ratio(change)} {fell:>5}" if fell else change_ratio(change)


def _cells(change: Change | None) -> str:
    return "" if change is None else " ".join(f"{change.cells.get(c, 0.0):.0f}" for c in "ABCD")


def _findings(verdict: Verdict, width: int) -> list[Line]:
    """Return onset, displacement, persistence and, of several lists, what each says alone."""
    lines: list[Line] = []
    if verdict.by_list.rows:
        lines += labelled("Lists:", clean(verdict.by_list.sentence), width)
    if verdict.onset is not None:
        told = clean(verdict.onset.sentence).partition(" The agreement cannot")[0]
        lines += labelled("Onset:", told, width)
    lines += labelled("Elsewhere:", clean(verdict.displacement.sentence), width)
    known = [p for p in verdict.persistence if p.below is not None]
    if known:
        said = ", ".join(f"year {p.years} {percent(p.below or 0.0)}" for p in known)
        beyond = [str(p.years) for p in verdict.persistence if p.below is None]
        tail = f"; year {', '.join(beyond)} is beyond the evidence" if beyond else ""
        lines += labelled("Lasts?", f"below the two years before: {said}{tail}.", width)
    return lines


def _mirror(verdict: Verdict, width: int) -> list[Line]:
    """Return the other direction in two lines or so."""
    other = verdict.mirror
    if other is None:
        return []
    text = f"{direction(other.question.scope)}: {mirror_net(other)}; {clean(other.kept.term)}."
    return labelled("Mirror:", text, width)


def _registration(verdict: Verdict, width: int) -> list[Line]:
    """Return how the question stands to its registration, nothing where it has none."""
    if verdict.registration is None:
        return []
    label, _, rest = clean(registration_line(verdict.registration)).partition(" ")
    return labelled(label, f"{rest}.", width)


def _replies(verdict: Verdict, width: int) -> list[Line]:
    """Return what parties reply and what was corrected, each on lines that it cannot leave."""
    if not verdict.replies:
        return []
    lines: list[Line] = [("", ""), (REPLIES_TITLE, "")]
    for reply in verdict.replies:
        text = f"{reply_head(reply)} {clean(reply.text)} ({clean(reply.source)})"
        lines += hanging("- ", text, width)
    return lines


def _checks(verdict: Verdict, width: int) -> list[Line]:
    """Return how the confidence was reached: the rule, then every check with what was seen."""
    lines: list[Line] = [("", ""), ("How this confidence was reached", "")]
    lines += hanging("", clean(verdict.confidence.rule), width)
    for check in verdict.checks:
        text = f"{PASSED[check.passed]}: {clean(check.name)}: {clean(check.detail)}"
        lines += hanging("- ", text, width)
    return lines


def _chart(verdict: Verdict, width: int) -> list[Line]:
    """Return cell A by year as columns of text: # sharp, : shared out, | the agreement."""
    years = yearly(verdict)
    if not years:
        return []
    slot = max(2, min(5, (width - 6) // len(years)))
    bar = max(1, slot - 2) if slot > 2 else 1
    top = max(1.0, max(sharp + coarse for _, sharp, coarse in years))
    unit = top / CHART_ROWS
    agreed = verdict.question.agreed
    place = -1
    if years[0][0] <= agreed.year <= years[-1][0]:
        day = (agreed.timetuple().tm_yday - 1) / 366
        place = (agreed.year - years[0][0]) * slot + max(bar, round(day * (slot - 1)))
    lines: list[Line] = [
        ("", line)
        for line in wrap(
            f"Starts a year in scope (# dated to a {period_word(verdict)}, : shared out, "
            "| the agreement)",
            width,
        )
    ]
    for row in range(CHART_ROWS, 0, -1):
        marks = [_bar(sharp, sharp + coarse, (row - 0.5) * unit) for _, sharp, coarse in years]
        cells = list("".join(f"{mark * bar:{slot}}" for mark in marks))
        if 0 <= place < len(cells):
            cells[place] = "|"
        scale = f"{number(top):>4}" if row == CHART_ROWS else " " * 4
        lines.append(("", f"{scale}  {''.join(cells)}".rstrip()))
    labels = "".join(
        f"{str(y)[2:] if slot < 5 else str(y):{slot}}" if slot > 2 or n % 2 == 0 else "  "
        for n, (y, _, _) in enumerate(years)
    )
    lines.append(("", f"      {labels}".rstrip()))
    return lines


def _bar(sharp: float, total: float, height: float) -> str:
    """Return the mark of one column at a height."""
    if sharp >= height:
        return "#"
    return ":" if total >= height else " "
