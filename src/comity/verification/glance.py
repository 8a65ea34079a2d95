"""A glance: the part of a verdict that can be computed anew while a person moves an assumption.

Every field equals that of the full verdict on the same question, evidence and choices: `judge`
starts from the same glance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from comity.dates import parse_date
from comity.incidents.model import Evidence
from comity.verification.activity import activity_of
from comity.verification.cards import cards_of, list_use
from comity.verification.change import Analysis, Plan, changes_of, narrow_plan, run_plan
from comity.verification.model import (
    ActivitySeries,
    Change,
    Choices,
    Claim,
    IncidentCard,
    ListUse,
    Question,
    Statement,
)
from comity.verification.prepare import Prepared, prepare
from comity.verification.sentences import changed, kept


@dataclass(frozen=True, slots=True)
class Glance:
    """Two of the three answers and what they stand on: `change` holds the narrow scope under every
    comparison, counted by starts; the rest is as in a `Verdict`."""

    question: Question
    choices: Choices
    as_of: dt.date
    lists: tuple[ListUse, ...]
    changed: Statement
    kept: Statement
    change: tuple[Change, ...]
    activity: tuple[ActivitySeries, ...]
    incidents: tuple[IncidentCard, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """A glance with the fits it was read from: what the rest of a verdict goes on from."""

    prepared: Prepared
    analyses: tuple[Analysis, ...]
    claims: tuple[Claim, ...]
    glance: Glance

    @property
    def primary(self) -> Analysis:
        """The narrow scope under the question's own comparison."""
        return self.analyses[0]


def look(
    question: Question,
    evidence: Evidence,
    choices: Choices,
    under_promise: Mapping[str, dt.date],
    claims: Sequence[Claim] = (),
    progress: Callable[[str], None] = lambda _: None,
    brief: bool = False,
) -> Looked:
    """Return a glance at a question, without activity where `brief`; arguments as in `judge`.

    Raises QuestionError for a question that cannot be asked of this evidence.
    """
    prepared = prepare(question, evidence, under_promise, choices)
    analyses = run_plan(prepared, Plan(narrow_plan(question)), progress)
    changes = tuple(c for a in analyses for c in changes_of(a, choices.level))
    cards = cards_of(prepared)
    public = _public(claims, choices.as_of)
    glance = Glance(
        question=question,
        choices=choices,
        as_of=prepared.as_of,
        lists=tuple(list_use(prepared, one, analyses[0]) for one in prepared.lists),
        changed=changed(question, changes),
        kept=kept(question, cards, public, prepared.window[1] > prepared.onset),
        change=changes,
        activity=() if brief else activity_of(prepared, analyses[0]),
        incidents=cards,
    )
    return Looked(prepared, analyses, public, glance)


def _public(claims: Sequence[Claim], as_of: dt.date | None) -> tuple[Claim, ...]:
    """Return the claims made for sure by a day (INCLUSIVE), or all of them."""
    if as_of is None:
        return tuple(claims)
    latest = ((claim, parse_date(claim.date).latest) for claim in claims)
    return tuple(claim for claim, day in latest if day is not None and day <= as_of)
