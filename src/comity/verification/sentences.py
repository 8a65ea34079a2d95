"""The three sentences of a verdict: did it change, was it kept, was it because of the agreement.

Each is made from findings by the rules written in its function, never from another sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.countries import country_name
from comity.instruments.model import independent_parties
from comity.verification.model import (
    Change,
    Claim,
    IncidentCard,
    OnsetFinding,
    Question,
    Scope,
    Statement,
)
from comity.verification.otherwise import declared_role, not_promised
from comity.verification.words import (
    FELL_LEAST,
    FELL_PRIMARY,
    NOT_IDENTIFIED,
    adverb,
    percent,
    term,
)

HEADLINE = "net-5"
MOST_NAMED = 3  # states on one side of a scope that are named; more are counted
MOVED_TOO = 0.45  # chance of a fall in a control from which it speaks against the promise


def parties(scope: Scope) -> str:
    """Return "China to the United States" for a scope; more than three on a side are counted."""
    return f"{_side(scope.initiator)} to {_side(scope.receiver)}"


def _side(codes: Sequence[str]) -> str:
    """Return the states on one side of a scope in words."""
    if len(codes) > MOST_NAMED:
        return f"{len(codes)} states"
    return " and ".join(_with_article(c) for c in codes)


def _with_article(code: str) -> str:
    """Return a country's name as a sentence needs it."""
    name = country_name(code)
    plural = name.startswith(("United ", "Netherlands", "Philippines"))
    return f"the {name}" if plural else name


def ratio_words(change: Change) -> str:
    """Return "0.31 (0.12-0.82)" for an estimate, or why there is none."""
    if change.ratio is None:
        return NOT_IDENTIFIED
    r = change.ratio
    return f"{r.median:.2f} ({r.lower:.2f}-{r.upper:.2f})"


def comparisons(changes: Iterable[Change], scope: str) -> tuple[Change, ...]:
    """Return a scope's headline estimand under every comparison, identified or not."""
    return tuple(
        c for c in changes if (c.scope, c.estimand, c.outcome) == (scope, HEADLINE, "starts")
    )


def least_favourable(changes: Iterable[Change], scope: str) -> Change | None:
    """Return the identified comparison least favourable to "fell" for the headline estimand."""
    rows = [c for c in comparisons(changes, scope) if c.identified]
    return min(rows, key=lambda c: c.fell or 0.0, default=None)


def most_favourable(changes: Iterable[Change], scope: str) -> Change | None:
    """Return the identified comparison most favourable to "fell" for the headline estimand."""
    rows = [c for c in comparisons(changes, scope) if c.identified]
    return max(rows, key=lambda c: c.fell or 0.0, default=None)


def headline_of(changes: Iterable[Change], question: Question) -> Change | None:
    """Return the headline: net change over five years, narrow scope, declared comparison."""
    wanted = (question.scope.id, question.comparison, HEADLINE, "starts")
    return next(
        (c for c in changes if (c.scope, c.comparison, c.estimand, c.outcome) == wanted), None
    )


def span_words(change: Change) -> str:
    """Return how many years the headline compares: five, or as many as were observed."""
    before, after = (min(years, 5.0) for years in change.years)
    if before == after == 5.0:
        return "five years"
    return f"{after:g} years after against {before:g} before"


def claim_of(question: Question, changes: Sequence[Change]) -> str:
    """Return "fell", "rose", "fell relatively" or "" by rule.

    "fell" needs a probability of 0.95 under the declared comparison and 0.8 under the least
    favourable; "rose" the mirror of both; "fell relatively" only the declared one. Another
    comparison must be there, and one that could not be identified supports neither.
    """
    headline = headline_of(changes, question)
    if headline is None or not headline.identified or headline.fell is None:
        return ""
    low = least_favourable(changes, question.scope.id)
    high = most_favourable(changes, question.scope.id)
    every = comparisons(changes, question.scope.id)
    sound = len(every) > 1 and all(c.identified for c in every)
    if headline.fell >= FELL_PRIMARY:
        agreed = sound and low is not None and (low.fell or 0.0) >= FELL_LEAST
        return "fell" if agreed else "fell relatively"
    if headline.fell <= 1 - FELL_PRIMARY and high is not None:
        return "rose" if sound and (high.fell or 0.0) <= 1 - FELL_LEAST else ""
    return ""


CLAIMED = {"fell": "fell", "fell relatively": "fell relative to elsewhere; level open"}
RELATIVE = {
    "four-cells": "relative to the same initiator elsewhere and to others' conduct",
    "initiator-elsewhere": "relative to the same initiator elsewhere",
    "receiver-otherwise": "relative to others against the same receiver",
    "target-alone": "in its own record",
}


def chance(probability: float) -> str:
    """Return "is very likely" or "has a roughly even chance": a term as a predicate."""
    word = term(probability)
    if word.endswith("chance"):
        return f"has {word}" if word.startswith("almost") else f"has a {word}"
    return f"is {word}"


def changed(question: Question, changes: Sequence[Change]) -> Statement:
    """Return the first sentence, by the rule of `claim_of`: whether reported conduct changed."""
    what = f"{question.scope.title} ({parties(question.scope)})"
    primary = headline_of(changes, question)
    if primary is None or not primary.identified or primary.fell is None:
        why = primary.reason if primary is not None else "nothing was fitted"
        return Statement(
            f"Whether reported {what} changed cannot be known yet: {why}.", NOT_IDENTIFIED, None
        )
    p, low = primary.fell, least_favourable(changes, question.scope.id)
    together = f" in {len(primary.lists)} overlapping lists" if len(primary.lists) > 1 else ""
    counted = (
        f"{primary.before:.0f} before, {primary.after:.0f} after{together}; net change over "
        f"{span_words(primary)} {ratio_words(primary)}; {percent(p)}"
    )
    least = ""
    lost = [c for c in comparisons(changes, question.scope.id) if not c.identified]
    if lost and p >= FELL_PRIMARY:
        least = f"not every comparison is identified ({', '.join(c.comparison for c in lost)})"
    elif low is not None and low is not primary and low.fell is not None:
        least = (
            f"by the least favourable comparison ({low.comparison}) a fall {chance(low.fell)} "
            f"({ratio_words(low)}; {percent(low.fell)})"
        )
    claim = claim_of(question, changes)
    if claim == "rose":
        text = f"Reported {what} {adverb(1 - p)} rose after the agreement ({counted} that it fell)."
        return Statement(text, "rose", p)
    if claim == "fell":
        text = f"Reported {what} {adverb(p)} fell after the agreement ({counted})"
        text += f"; {least}." if least else "."
    elif claim == "fell relatively":
        text = (
            f"Reported {what} {adverb(p)} fell {RELATIVE[question.comparison]} ({counted}), but "
            f"that its own level fell is not established: {least}."
        )
    else:
        text = (
            f"No change is established in reported {what}: by the {question.chosen} comparison a "
            f"fall {chance(p)} ({counted})" + (f"; {least}." if least else ".")
        )
    return Statement(text, CLAIMED.get(claim, "no change established"), p)


def _other_claims(claims: Sequence[Claim]) -> str:
    """Return who says that the conduct became less, and who denies it, as the end of a sentence."""
    words = ""
    fewer = independent_parties(claims, "decline")
    if fewer:
        words += f"; {', '.join(fewer[:3])} also reported less of it"
    denied = independent_parties(claims, "no-breach")
    if denied:
        words += f"; {', '.join(denied[:2])} {'denies' if len(denied) == 1 else 'deny'} it"
    return words


def kept(
    question: Question, cards: Sequence[IncidentCard], claims: Sequence[Claim], counted: bool
) -> Statement:
    """Return the second sentence: what is claimed, never more.

    A promise not to do a thing is not kept by doing less of it. The answer ranges from "no public
    claim of breach" in these sources to "breach claimed by N independent parties".
    """
    if declared_role(question, question.scope) == "control":
        return _not_covered(question, cards, counted)
    mine = [c for c in cards if question.scope.id in c.scopes]
    after = [c for c in mine if c.when == "after"]
    perhaps = [c for c in mine if c.when == "straddles"]
    claimed = independent_parties(claims, "breach")
    start = "The evidence here does not reach past the agreement"
    if counted:
        lists = {c.key.partition(":")[0] for c in mine}
        noun = "incident" if len(after) == 1 else "incidents"
        if len(lists) > 1:
            noun = "records (lists overlap)"
        start = f"{len(after)} {noun} in scope began after the agreement, as reported"
        if not_promised(question):
            start = (
                f"{len(after)} {noun} of {question.scope.title} ({not_promised(question)}; "
                f"promised: {question.declared_scope.title}) began after the agreement, as reported"
            )
        if perhaps:
            start += f", and {len(perhaps)} may have"
        undated = sum(c.when == "unknown" for c in mine)
        if undated:
            start += f" ({undated} more cannot be placed)"
    if counted and question.norm == "commercial-theft":
        commercial = sum(c.commercial_use == "claimed" for c in after)
        start += (
            f"; commercial use is claimed for {commercial} of them in these lists"
            if commercial
            else "; these lists do not record whether any served commercial advantage"
        )
    if claimed:
        names = ", ".join(claimed[:4]) + (" and others" if len(claimed) > 4 else "")
        noun = "party" if len(claimed) == 1 else "parties"
        by = "1 party" if len(claimed) == 1 else f"{len(claimed)} parties independent of each other"
        return Statement(
            f"{start}. Breach is publicly claimed by {by} "
            f"({names}){_other_claims(claims)}. A claim is not a finding, and no record here "
            "proves or excludes one.",
            f"breach claimed by {len(claimed)} independent {noun}", None,
        )  # fmt: skip
    return Statement(
        f"{start}. No public claim of breach is in the register's sources; silence is not "
        "evidence that the promise was kept.",
        "no public claim of breach on record here", None,
    )  # fmt: skip


def _not_covered(question: Question, cards: Sequence[IncidentCard], counted: bool) -> Statement:
    """Return the second sentence for a scope that the promise does not reach."""
    after = sum(question.scope.id in c.scopes and c.when == "after" for c in cards)
    noun = "record" if after == 1 else "records"
    seen = f": {after} {noun} of it began after the agreement, as reported" if counted else ""
    return Statement(
        f"Whether the promise was kept cannot be asked of {question.scope.title}, which it does "
        f"not cover{seen}.", "not what was promised", None,
    )  # fmt: skip


def _dating(onset: OnsetFinding | None) -> list[str]:
    """Return why the dates do not speak for the agreement, or nothing where they do."""
    if onset is None:
        return ["when a change began could not be dated"]
    rivals = [r for r in onset.rivals if r.what != "the agreement itself" and r.period != "outside"]
    better = [r.date.isoformat() for r in rivals if r.separable and r.odds > 1]
    near = [r.date.isoformat() for r in rivals if not r.separable]
    if better:
        return [f"{', '.join(better)} fits the dates better"]
    if near:
        return [f"its date cannot be told apart from {', '.join(near)}"]
    if not rivals:
        return ["no rival explanation was declared"]
    return [] if onset.no_change < 0.2 else ["the dates hardly show an abrupt step"]


def because(
    question: Question,
    change: Statement,
    changes: Sequence[Change],
    onset: OnsetFinding | None,
) -> Statement:
    """Return the third sentence; usually that it cannot be separated, and why.

    Only where a fall is established, the uncovered targets did not fall as much (under 45 %), and
    the dates tell the agreement apart from its rivals, does it say "consistent with".
    """
    if change.term == NOT_IDENTIFIED:
        return Statement(
            "Whether the agreement caused anything cannot be asked yet: no change is identified.",
            NOT_IDENTIFIED, None,
        )  # fmt: skip
    reasons = []
    beyond = not_promised(question)
    if beyond:
        reasons.append(f"it is asked of {question.scope.title}, {beyond}")
    if claim_of(question, changes) != "fell":
        what = "this" if beyond else "what was promised"
        reasons.append(f"no fall in the level of {what} is established")
    controls = {s.id: s for s in question.controls}
    fell_too = [
        c
        for c in changes
        if c.scope in controls and c.comparison == question.comparison
        and c.estimand == HEADLINE and c.outcome == "starts" and c.identified
    ]  # fmt: skip
    for c in fell_too:
        if (c.fell or 0.0) >= MOVED_TOO:
            verb = "fell too" if (c.fell or 0.0) >= FELL_LEAST else "may have fallen too"
            reasons.append(
                f"{controls[c.scope].title}, which it does not cover, {verb} "
                f"({ratio_words(c)}; {percent(c.fell or 0.0)})"
            )
    if not fell_too and declared_role(question, question.scope) != "control":
        reasons.append("no identified control shows what the promise does not reach")
    reasons += _dating(onset)
    if reasons:
        return Statement(
            "Whether it was because of the agreement cannot be separated: "
            + "; ".join(reasons) + ".", "cannot be separated", None,
        )  # fmt: skip
    return Statement(
        "The change is consistent with the agreement as its cause: the uncovered targets did not "
        "change alike and the declared rivals fit the dates less well. Other causes were not "
        "tested.",
        "consistent with the agreement", None,
    )  # fmt: skip
