"""What a verdict is made of: questions, findings and the three sentences, as frozen records.

Numbers called *rate ratio* are after over before (1 is no change, 0.5 a halving). An interval is
central and equal-tailed at its `level`. A probability called `fell` is that the ratio is below 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.countries import country_name
from comity.dates import DateReading
from comity.instruments.model import Claim as Claim
from comity.saying import say

if TYPE_CHECKING:
    from comity.verification.examine.asked import Examination

CELLS = ("A", "B", "C", "D")
PERIODS: Mapping[int, str] = {
    3: say("period.quarter"),
    6: say("period.half_year"),
}  # length of a panel's period in months, and its name
COMPARISONS: Mapping[str, str] = {
    "four-cells": say("comparison.four_cells_is"),
    "initiator-elsewhere": say("comparison.initiator_elsewhere_is"),
    "receiver-otherwise": say("comparison.receiver_otherwise_is"),
    "target-alone": say("comparison.target_alone_is"),
}
ESTIMANDS: Mapping[str, str] = {
    "jump": say("estimand.jump_is"),
    "net-1": say("estimand.net_1_is"),
    "net-3": say("estimand.net_3_is"),
    "net-5": say("estimand.net_5_is"),
    "level": say("estimand.level_is"),
    "redirection": say("estimand.redirection_is"),
}
OUTCOMES = ("starts", "active", "severity")


@dataclass(frozen=True, slots=True)
class Scope:
    """What counts: initiators, receivers, objectives and targets; an empty tuple means any."""

    id: str
    title: str
    role: str  # narrow | variant | control | definition
    initiator: tuple[str, ...]
    receiver: tuple[str, ...]
    objective: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    by: str = ""  # whose definition of the subject it is
    source: str = ""
    uses: str = ""  # a definition of the register that is still to be read into this scope


def usual_title(
    initiator: tuple[str, ...], receiver: tuple[str, ...], target: tuple[str, ...]
) -> str:
    """Return a plain title for a scope that is given none."""
    by = " and ".join(country_name(c) for c in initiator)
    on = " and ".join(country_name(c) for c in receiver)
    return f"{by} to {on}" + (f", {' and '.join(target)} targets" if target else "")


@dataclass(frozen=True, slots=True)
class Rival:
    """A dated event that might explain a change as well as the agreement does."""

    date: dt.date
    what: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is asked otherwise than a question declares; what is empty is as declared.

    `scope` is the id of one of the question's other scopes, read as the narrow one; `months` the
    length of a period. `verification.otherwise.asked_otherwise` turns a question by it.
    """

    scope: str = ""
    comparison: str = ""
    window_from: dt.date | None = None  # INCLUSIVE
    window_to: dt.date | None = None  # INCLUSIVE
    months: int = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A question written down before the data are looked at; see docs/questions.md."""

    id: str
    title: str
    instrument: str
    provision: str
    norm: str
    agreed: dt.date
    scope: Scope
    variants: tuple[Scope, ...]
    controls: tuple[Scope, ...]
    comparison: str
    receiver_not_party: bool
    assumes: str
    window_from: dt.date  # INCLUSIVE first day
    window_to: dt.date  # INCLUSIVE last day
    lists: tuple[str, ...] = ()
    rivals: tuple[Rival, ...] = ()
    mirror: str = ""
    path: str = ""
    definitions: tuple[Scope, ...] = ()  # each side's own definition of the subject
    declared: Question | None = None  # as it was declared, where this is asked otherwise

    @property
    def chosen(self) -> str:
        """How the comparison came about, in a word: "declared", or "chosen" where it is another."""
        other = self.declared is not None and self.declared.comparison != self.comparison
        return "chosen" if other else "declared"

    @property
    def declared_scope(self) -> Scope:
        """The narrow scope as it was declared: what the promise covers."""
        return self.scope if self.declared is None else self.declared.scope

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The narrow scope, then variants, then controls."""
        return (self.scope, *self.variants, *self.controls)


@dataclass(frozen=True, slots=True)
class Choices:
    """Every choice of one analysis that is not in the question; all are stated in the verdict."""

    lists: tuple[str, ...] = ()
    as_of: dt.date | None = None
    reading: DateReading = field(default_factory=DateReading)
    seed: int = 20150925
    level: float = 0.90
    draws: int = 4000
    otherwise: Otherwise = field(default_factory=Otherwise)


@dataclass(frozen=True, slots=True)
class RatioInterval:
    """A rate ratio: posterior median and central interval at `level`."""

    median: float
    lower: float
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `passed` is true, false, or None for information only."""

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Change:
    """One estimate of change: a scope, a comparison, an estimand and an outcome.

    Where it is not `identified`, `reason` says why, and `ratio` and `fell`, if there, are not to be
    shown.
    `before` and `after` are incidents of cell A (fractions: an imprecise date is shared out).
    """

    scope: str
    comparison: str
    estimand: str
    outcome: str
    lists: tuple[str, ...]
    ratio: RatioInterval | None
    fell: float | None
    identified: bool
    reason: str
    before: float
    after: float
    cells: Mapping[str, float]
    years: tuple[float, float] = (0.0, 0.0)  # observed before and after the agreement
    label: str = ""  # what sets this row apart in a finding, such as "without One firm"


@dataclass(frozen=True, slots=True)
class ActivitySeries:
    """One cell's counts and fitted rate by period, for a chart. Arrays share one length.

    `count` shares out an imprecise date over its periods; `sharp` holds only those dated to one
    period; `rate` is the posterior median with `lower` and `upper` at the verdict's level
    (not a number where nothing was fitted).
    """

    scope: str
    cell: str
    title: str
    periods: tuple[str, ...]  # "2015-Q4"
    starts: tuple[dt.date, ...]  # first day of each period
    count: tuple[float, ...]
    sharp: tuple[float, ...]
    rate: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OnsetFinding:
    """When the change most likely began, among quarters and "no change", prior beside it."""

    scope: str
    periods: tuple[str, ...]
    prior: tuple[float, ...]
    posterior: tuple[float, ...]
    no_change_prior: float
    no_change: float
    rivals: tuple[RivalOdds, ...]
    separable: bool
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class RivalOdds:
    """How well the change dates to one event: posterior mass of its quarter, and odds against
    the agreement's own quarter (above 1 favours the rival). `separable` is whether the odds are
    beyond a factor of three either way; `period` is "outside" where no candidate is its quarter."""

    date: dt.date
    what: str
    source: str
    period: str
    posterior: float
    odds: float
    separable: bool


@dataclass(frozen=True, slots=True)
class PersistencePoint:
    """Probability that the level in a year after the agreement is below the level before."""

    years: int
    ratio: RatioInterval | None
    below: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """One incident as a verdict shows it: what a reader needs to open its sources."""

    key: str
    name: str
    start: str  # EDTF, as published
    start_earliest: dt.date | None  # INCLUSIVE, after the date reading
    start_latest: dt.date | None  # INCLUSIVE, after the date reading
    end: str
    reported: str
    initiators: tuple[str, ...]
    receivers: tuple[str, ...]
    targets: tuple[str, ...]
    objectives: tuple[str, ...]
    severity: float | None
    campaign: str
    claimants: tuple[str, ...]
    commercial_use: str
    sources: tuple[str, ...]
    cell: str
    when: str  # before | after | straddles | unknown
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One of the three answers: a sentence, an ICD 203 term or status word, a probability."""

    sentence: str
    term: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Confidence:
    """Confidence in the verdict as a whole: low, moderate or high, with the rule's reasons."""

    word: str
    reasons: tuple[str, ...]
    rule: str = ""  # what the rule counted and which line of it applied


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a question, or one choice, and what it was and is; empty is "not given"."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Registration:
    """How a question stands to its registration in advance; see docs/registered.md.

    `on` is the registrant's own clock (UTC, ISO 8601). `known` names the lists of this verdict that
    were at hand or closed by then; `asked` the choices that are not the registered ones.
    """

    state: str  # unchanged | changed | damaged
    on: str
    sha256: str
    changes: tuple[FieldChange, ...] = ()
    asked: tuple[FieldChange, ...] = ()
    known: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()  # times of earlier registrations, oldest first
    version: str = ""
    note: str = ""
    problem: str = ""  # why a damaged one cannot be trusted


@dataclass(frozen=True, slots=True)
class Reply:
    """What a party, or whoever corrects, says of a verdict: theirs, with its source; no finding."""

    kind: str  # reply | correction
    party: str
    date: str  # EDTF
    text: str
    source: str  # http(s) address
    status: str = ""  # seen | secondary | unverified; empty for the user's own entries
    outdated: bool = False  # given on the question as it stood before it was changed


@dataclass(frozen=True, slots=True)
class ListUse:
    """One list as this verdict used it; `cells` counts the narrow scope's incidents by cell."""

    name: str
    release: str
    title: str
    licence: str
    citation: str
    covers_to: str
    closed_on: str
    has_report_dates: bool
    basis: str  # start | report: which date the panel counts by
    cells: Mapping[str, float]
    excluded: Mapping[str, int]
    year_only: float  # share of dated incidents in scope known to the year or worse
    address: str = ""
    sha256: str = ""  # of the publisher's file as it was read


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """What the register says of the instrument, as a verdict quotes it."""

    id: str
    title: str
    date: str
    parties: tuple[str, ...]
    standing: str
    standing_reason: str
    gloss: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in one sentence, with its checks and the incidents behind it."""

    name: str
    title: str
    sentence: str
    rows: tuple[Change, ...] = ()
    checks: tuple[Check, ...] = ()
    incidents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question from one body of evidence: frozen, complete, reproducible."""

    question: Question
    instrument: InstrumentFacts | None
    choices: Choices
    as_of: dt.date
    version: str
    lists: tuple[ListUse, ...]
    changed: Statement
    kept: Statement
    because: Statement
    confidence: Confidence
    change: tuple[Change, ...]
    onset: OnsetFinding | None
    displacement: Finding
    persistence: tuple[PersistencePoint, ...]
    by_list: Finding
    by_claimant: Finding
    date_reading: Finding
    claims: tuple[Claim, ...]
    activity: tuple[ActivitySeries, ...]
    incidents: tuple[IncidentCard, ...]
    caveats: tuple[str, ...]
    checks: tuple[Check, ...]
    mirror: Verdict | None = None
    examination: Examination | None = None
    registration: Registration | None = None
    replies: tuple[Reply, ...] = ()

    def change_of(
        self,
        scope: str,
        comparison: str | None = None,
        estimand: str = "net-5",
        outcome: str = "starts",
    ) -> Change | None:
        """Return one estimate; `comparison` None means the question's declared one."""
        wanted = (scope, comparison or self.question.comparison, estimand, outcome)
        return next(
            (c for c in self.change if (c.scope, c.comparison, c.estimand, c.outcome) == wanted),
            None,
        )
