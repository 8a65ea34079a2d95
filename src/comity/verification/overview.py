"""Every question in one table: a row each, what was found, and in how many it can be known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from comity.verification.implementation import ImplementationVerdict
from comity.verification.model import Choices, RatioInterval, Verdict
from comity.verification.promises import Pooling
from comity.verification.question import CONDUCT, IMPLEMENTATION
from comity.verification.sentences import NOTHING_FITTED, headline_of, parties
from comity.verification.words import NOT_IDENTIFIED

REGISTER_ONLY = "rows on implementation are the register's of today; no list or as-of date applies"


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One question's answer in a row; every term is that of the question's own verdict.

    `before` and `after` are incidents of cell A in the narrow scope, None where none are counted;
    `after` also where the evidence ends before the agreement. `ratio` and `fell` are the headline's
    where it is identified; where it is not, `reason` says why.
    """

    question: str
    title: str
    kind: str  # conduct | implementation
    direction: str
    instrument: str
    agreed: dt.date
    before: float | None
    after: float | None
    ratio: RatioInterval | None
    fell: float | None
    reason: str
    changed: str
    kept: str
    because: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Every question, one sentence on how many are identified, and the promises pooled."""

    rows: tuple[OverviewRow, ...]
    finding: str
    pooled: tuple[Pooling, ...]
    lists: tuple[tuple[str, str], ...]  # name and release
    choices: Choices
    as_of: dt.date
    version: str
    caveats: tuple[str, ...]

    @property
    def conduct(self) -> tuple[OverviewRow, ...]:
        """The rows on conduct."""
        return tuple(r for r in self.rows if r.kind == CONDUCT)

    @property
    def implementation(self) -> tuple[OverviewRow, ...]:
        """The rows on implementation."""
        return tuple(r for r in self.rows if r.kind == IMPLEMENTATION)


def row_of(verdict: Verdict) -> OverviewRow:
    """Return a verdict on conduct as a row."""
    question = verdict.question
    headline = headline_of(verdict.change, question)
    known = headline is not None and headline.identified
    observed = headline is not None and headline.years[1] > 0
    return OverviewRow(
        question=question.id,
        title=question.title,
        kind=CONDUCT,
        direction=parties(question.scope),
        instrument=question.instrument,
        agreed=question.agreed,
        before=headline.before if headline else None,
        after=headline.after if headline and observed else None,
        ratio=headline.ratio if headline and known else None,
        fell=headline.fell if headline and known else None,
        reason=headline.reason if headline else NOTHING_FITTED,
        changed=verdict.changed.term,
        kept=verdict.kept.term,
        because=verdict.because.term,
        confidence=verdict.confidence.word,
    )


def row_of_implementation(verdict: ImplementationVerdict) -> OverviewRow:
    """Return an answer on implementation as a row: nothing in it is counted."""
    question = verdict.question
    return OverviewRow(
        question=question.id,
        title=question.title,
        kind=IMPLEMENTATION,
        direction="",
        instrument=question.instrument,
        agreed=question.agreed,
        before=None,
        after=None,
        ratio=None,
        fell=None,
        reason="",
        changed=verdict.changed.term,
        kept=verdict.kept.term,
        because=verdict.because.term,
        confidence=verdict.confidence.word,
    )


def finding_of(rows: Sequence[OverviewRow]) -> str:
    """Return in how many questions conduct can be judged at all, and what is found there."""
    conduct = [r for r in rows if r.kind == CONDUCT]
    known = [r for r in conduct if r.changed != NOT_IDENTIFIED]
    lost = len(conduct) - len(known)
    verb = "is" if len(known) == 1 else "are"
    text = f"{len(known)} of {len(conduct)} questions about conduct {verb} identified"
    if lost > len(known):
        text += f"; {lost} are not, and that is the finding: of most promises this evidence cannot"
        text += " say whether reported conduct changed"
    text += ". "
    if known:
        terms = dict.fromkeys(r.changed for r in known)
        said = "; ".join(
            f"{term} ({', '.join(r.question for r in known if r.changed == term)})"
            for term in terms
        )
        text += f"Of those identified: {said}. "
    others = len(rows) - len(conduct)
    if others:
        text += f"{others} more are about implementation, where incident counts do not speak."
    return text.strip()


def caveats_of(rows: Sequence[OverviewRow], pooled: Sequence[Pooling]) -> tuple[str, ...]:
    """Return what to mind when the table is read as a whole."""
    caveats = [
        "Only what was publicly reported is counted; what no list saw is not.",
        "Rows are not votes: questions share incidents, and both directions of a pair share lists.",
    ]
    if any(r.kind == IMPLEMENTATION for r in rows):
        caveats.append(REGISTER_ONLY[0].upper() + REGISTER_ONLY[1:] + ".")
    if pooled:
        caveats.append(
            "Pooled are only the bilateral promises on commercial theft by one initiator, each "
            "compared without the other promises' receivers; they still share the rest of the "
            "comparison, which the pooling takes as one error common to all."
        )
    return tuple(caveats)
