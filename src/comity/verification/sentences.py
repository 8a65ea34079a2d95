"""The three sentences of a verdict: did it change, was it kept, was it because of the agreement.

Each is made from findings by the rules written in its function, never from another sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.countries import country_name
from comity.instruments.model import independent_parties
from comity.saying import Said, joined, say
from comity.verification.model import (
    Change,
    Claim,
    IncidentCard,
    OnsetFinding,
    Question,
    Scope,
    Statement,
)
from comity.verification.otherwise import chosen_words, declared_role, not_promised
from comity.verification.words import (
    FELL_LEAST,
    FELL_PRIMARY,
    ITSELF,
    NOT_IDENTIFIED,
    adverb,
    chance,
    percent,
)

HEADLINE = "net-5"
MOST_NAMED = 3  # states on one side of a scope that are named; more are counted
MOVED_TOO = 0.45  # chance of a fall in a control from which it speaks against the promise


def parties(scope: Scope) -> Said:
    """Return "China to the United States" for a scope; more than three on a side are counted."""
    return say("scope.parties", by=side(scope.initiator), on=side(scope.receiver))


def side(codes: Sequence[str]) -> Said:
    """Return the states on one side of a scope in words; more than three are counted."""
    if len(codes) > MOST_NAMED:
        return say("scope.states", n=len(codes))
    return joined([_with_article(c) for c in codes], say("scope.and"))


def _with_article(code: str) -> str:
    """Return a country's name as a sentence needs it."""
    name = country_name(code)
    plural = name.startswith(("United ", "Netherlands", "Philippines"))
    return say("scope.the", name=name) if plural else name


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


def span_words(change: Change) -> Said:
    """Return how many years the headline compares: five, or as many as were observed."""
    before, after = (min(years, 5.0) for years in change.years)
    if before == after == 5.0:
        return say("changed.five_years")
    return say("changed.years", after=f"{after:g}", before=f"{before:g}")


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


CLAIMED = {"fell": say("answer.fell"), "fell relatively": say("answer.fell_relatively")}
NO_CHANGE = say("answer.no_change")
RELATIVE = {
    "four-cells": say("relative.four_cells"),
    "initiator-elsewhere": say("relative.initiator_elsewhere"),
    "receiver-otherwise": say("relative.receiver_otherwise"),
    "target-alone": say("relative.target_alone"),
}
NOTHING_FITTED = say("reason.nothing_fitted")


def changed(question: Question, changes: Sequence[Change]) -> Statement:
    """Return the first sentence, by the rule of `claim_of`: whether reported conduct changed."""
    what = say("changed.what", scope=question.scope.title, parties=parties(question.scope))
    primary = headline_of(changes, question)
    if primary is None or not primary.identified or primary.fell is None:
        why = primary.reason if primary is not None else NOTHING_FITTED
        return Statement(say("changed.unknown", what=what, why=why), NOT_IDENTIFIED, None)
    p, low = primary.fell, least_favourable(changes, question.scope.id)
    counted = _counted(primary, p)
    least: str = ""
    lost = [c for c in comparisons(changes, question.scope.id) if not c.identified]
    if lost and p >= FELL_PRIMARY:
        least = say("changed.lost", comparisons=joined(compared(c) for c in lost))
    elif low is not None and low is not primary and low.fell is not None:
        least = say(
            "changed.least",
            comparison=compared(low),
            chance=chance(low.fell),
            ratio=ratio_words(low),
            fell=percent(low.fell),
        )
    claim = claim_of(question, changes)
    if claim == "rose":
        text = say("changed.rose", what=what, likely=adverb(1 - p), counted=counted)
        return Statement(text, say("answer.rose"), p)
    if claim == "fell":
        text = say("changed.fell", what=what, likely=adverb(p), counted=counted)
    elif claim == "fell relatively":
        text = say(
            "changed.fell_relatively",
            what=what,
            likely=adverb(p),
            relative=RELATIVE[question.comparison],
            counted=counted,
            least=least,
        )
        return Statement(text, CLAIMED[claim], p)
    else:
        by = chosen_words(question)
        text = say("changed.none", what=what, by=by, chance=chance(p), counted=counted)
    whole = joined([text, least] if least else [text], "; ")
    return Statement(joined([whole, "."], ""), CLAIMED.get(claim, NO_CHANGE), p)


def _counted(primary: Change, fell: float) -> Said:
    """Return the numbers behind the first sentence, as they stand in its brackets."""
    numbers = {
        "before": f"{primary.before:.0f}", "after": f"{primary.after:.0f}",
        "span": span_words(primary), "ratio": ratio_words(primary), "fell": percent(fell),
    }  # fmt: skip
    if len(primary.lists) > 1:
        return say("changed.counted_lists", n=len(primary.lists), **numbers)
    return say("changed.counted", **numbers)


def compared(change: Change) -> Said:
    """Return a comparison by its id, as a sentence names it: "target-alone"."""
    return say(f"compared.{change.comparison}")


def _other_claims(claims: Sequence[Claim]) -> list[Said]:
    """Return who says that the conduct became less, and who denies it, as parts of a sentence."""
    words = []
    fewer = independent_parties(claims, "decline")
    if fewer:
        words.append(say("kept.less", parties=joined(fewer[:3])))
    denied = independent_parties(claims, "no-breach")
    if denied:
        words.append(say("kept.denied", parties=joined(denied[:2]), n=len(denied)))
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
    claimed = independent_parties(claims, "breach")
    start = say("kept.no_evidence")
    if counted:
        start = _begun(question, mine)
    if counted and question.norm == "commercial-theft":
        commercial = sum(c.commercial_use == "claimed" for c in mine if c.when == "after")
        use = say("kept.commercial", n=commercial) if commercial else say("kept.not_commercial")
        start = joined([start, use], "; ")
    if claimed:
        names = joined(claimed[:4])
        if len(claimed) > 4:
            names = say("kept.and_others", names=names)
        breach = say("kept.breach", n=len(claimed), names=names)
        breach = joined([breach, *_other_claims(claims)], "; ")
        return Statement(
            say("kept.claimed", start=start, breach=breach),
            say("answer.breach", n=len(claimed)), None,
        )  # fmt: skip
    return Statement(
        say("kept.silence", start=start),
        say("answer.no_claim"), None,
    )  # fmt: skip


def _begun(question: Question, mine: Sequence[IncidentCard]) -> Said:
    """Return how many incidents in scope began after the agreement, or may have."""
    after = sum(c.when == "after" for c in mine)
    several = len({c.key.partition(":")[0] for c in mine}) > 1
    count = say("kept.records", n=after) if several else say("kept.incidents", n=after)
    start = say("kept.begun", count=count)
    beyond = not_promised(question)
    if beyond:
        start = say(
            "kept.begun_beyond",
            count=count,
            scope=question.scope.title,
            beyond=beyond,
            promised=question.declared_scope.title,
        )
    perhaps = sum(c.when == "straddles" for c in mine)
    if perhaps:
        start = say("kept.perhaps", start=start, n=perhaps)
    undated = sum(c.when == "unknown" for c in mine)
    return say("kept.undated", start=start, n=undated) if undated else start


def _not_covered(question: Question, cards: Sequence[IncidentCard], counted: bool) -> Statement:
    """Return the second sentence for a scope that the promise does not reach."""
    after = sum(question.scope.id in c.scopes and c.when == "after" for c in cards)
    answer = say("answer.not_promised")
    if not counted:
        return Statement(
            say("kept.not_covered", scope=question.scope.title), answer, None,
        )  # fmt: skip
    return Statement(
        say("kept.not_covered_begun", scope=question.scope.title, n=after),
        answer, None,
    )  # fmt: skip


def _dating(onset: OnsetFinding | None) -> list[Said]:
    """Return why the dates do not speak for the agreement, or nothing where they do."""
    if onset is None:
        return [say("because.undated")]
    rivals = [r for r in onset.rivals if r.what != ITSELF and r.period != "outside"]
    better = [r.date.isoformat() for r in rivals if r.separable and r.odds > 1]
    near = [r.date.isoformat() for r in rivals if not r.separable]
    if better:
        return [say("because.better", days=joined(better))]
    if near:
        return [say("because.near", days=joined(near))]
    if not rivals:
        return [say("because.no_rival")]
    return [] if onset.no_change < 0.2 else [say("because.no_step")]


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
            say("because.not_yet"),
            NOT_IDENTIFIED, None,
        )  # fmt: skip
    reasons: list[Said] = []
    beyond = not_promised(question)
    if beyond:
        reasons.append(say("because.asked_of", scope=question.scope.title, beyond=beyond))
    if claim_of(question, changes) != "fell":
        reasons.append(say("because.no_fall_here") if beyond else say("because.no_fall"))
    controls = {s.id: s for s in question.controls}
    fell_too = [
        c
        for c in changes
        if c.scope in controls and c.comparison == question.comparison
        and c.estimand == HEADLINE and c.outcome == "starts" and c.identified
    ]  # fmt: skip
    for c in fell_too:
        if (c.fell or 0.0) >= MOVED_TOO:
            too = "because.fell_too" if (c.fell or 0.0) >= FELL_LEAST else "because.may_have_too"
            title, fell = controls[c.scope].title, percent(c.fell or 0.0)
            reasons.append(say(too, scope=title, ratio=ratio_words(c), fell=fell))
    if not fell_too and declared_role(question, question.scope) != "control":
        reasons.append(say("because.no_control"))
    reasons += _dating(onset)
    if reasons:
        return Statement(
            say("because.not_separated", reasons=joined(reasons, '; ')),
            say("answer.not_separated"), None,
        )  # fmt: skip
    return Statement(
        say("because.consistent"),
        say("answer.consistent"), None,
    )  # fmt: skip
