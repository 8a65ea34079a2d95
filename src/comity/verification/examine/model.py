"""What a cross-examination of a verdict finds, as frozen records.

As in a verdict, a *ratio* is a rate after over a rate before, with a central interval, and `fell`
is the probability that it is below 1. Every finding has one `sentence` and its `checks`. A tuple of
(name, value) pairs stands for a mapping whose order is shown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comity.verification.model import Check, RatioInterval


@dataclass(frozen=True, slots=True)
class Specification:
    """One defensible analysis: its option on every axis, and what it gives.

    `distance` counts the axes on which it departs from the declared analysis (0 is the declared
    one). Where it is not `identified`, `reason` says why and `ratio` and `fell` are None.
    """

    number: int
    options: tuple[tuple[str, str], ...]  # (axis, option)
    distance: int
    ratio: RatioInterval | None
    fell: float | None
    identified: bool
    reason: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class OptionEffect:
    """One option of an axis over the identified analyses that chose it; medians of their ratios
    and the share whose probability of a fall is at least 0.95."""

    option: str
    title: str
    analyses: int
    median: float | None
    fell: float | None


@dataclass(frozen=True, slots=True)
class Axis:
    """One choice an analyst must make. `share` is the part of the variance of the log ratio over
    analyses that this choice explains by itself (None where it takes one option only)."""

    name: str
    title: str
    share: float | None
    options: tuple[OptionEffect, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Analyses that were not run, and why: `kind` is "impossible" or "same" (as another one)."""

    kind: str
    reason: str
    analyses: int
    example: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Robustness:
    """Every defensible analysis: description of how the answer hangs on choices, never votes.

    `possible` is the size of the whole product of options; `run` the number of distinct analyses
    fitted, `identified` of them. `fell` and `rose` are shares of identified analyses whose
    probability of a fall is at least 0.95, at most 0.05. `unexplained` is the variance share of
    interactions and rest.
    """

    estimand: str
    possible: int
    run: int
    identified: int
    fell: float
    rose: float
    below_one: float
    median: float | None
    lowest: Specification | None
    highest: Specification | None
    axes: tuple[Axis, ...]
    unexplained: float | None
    left: tuple[Left, ...]
    specifications: tuple[Specification, ...]
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceboRow:
    """The question asked where no fall was promised: at another date, or of another dyad.

    `kind` is date, dyad, wide (a pair, any act on any target) or real. `fell` and `ratio` are None
    where nothing is identified.
    """

    kind: str
    label: str
    date: dt.date
    initiator: str
    receiver: str
    before: float
    after: float
    ratio: RatioInterval | None
    fell: float | None
    identified: bool
    reason: str


@dataclass(frozen=True, slots=True)
class PlaceboSet:
    """Placebos of one kind (date, dyad or wide): false alarms and the rank of the real one.

    `tried` placebos, `identified` of them, `alarms` of these with a probability of a fall of 0.95
    or more; `rate` with its 90 % interval (Jeffreys). `rank` 1 means the real fall is the strongest
    among `identified` + 1, by probability; None where the real one is not identified. `smallest` is
    the smallest p-value such a rank could show: 1 / (identified + 1).
    """

    kind: str
    rows: tuple[PlaceboRow, ...]
    tried: int
    identified: int
    alarms: int
    rate: float | None
    lower: float | None
    upper: float | None
    rank: int | None
    smallest: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Placebo:
    """The same question where nothing was promised."""

    real: PlaceboRow | None
    sets: tuple[PlaceboSet, ...]
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectabilityPoint:
    """Chance of claiming "fell" `years` after an agreement whose true rate ratio is `ratio`,
    `error` its Monte Carlo standard error; ratio 1 is the false alarm."""

    ratio: float
    years: float
    chance: float
    error: float
    expected: float  # reported incidents of cell A expected after the agreement by then


@dataclass(frozen=True, slots=True)
class Detectability:
    """When a true change could be seen. `first` pairs each true ratio with the first year at which
    the chance reaches `wanted`, None for not within the years looked at."""

    wanted: float
    horizon: float
    rule: str
    rate: float  # reported incidents of cell A a year before the agreement
    coarse: float  # share of dates known to the year or worse
    delay: float | None  # median days from start to report, None where unknown
    points: tuple[DetectabilityPoint, ...]
    first: tuple[tuple[float, float | None], ...]
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayPoint:
    """What could have been said on one day from what was public by then."""

    as_of: dt.date
    changed: str  # the verdict's term on that day
    ratio: RatioInterval | None
    fell: float | None
    identified: bool
    reason: str
    before: float
    after: float
    attributed: int  # incidents in scope and after the agreement attributed in public by then
    breach: int  # independent parties that had claimed a breach by then
    claimed: bool  # whether "fell" would have been claimed


@dataclass(frozen=True, slots=True)
class PublicVerdict:
    """A dated public claim about the agreement, beside what this method could have said then."""

    date: str  # EDTF
    party: str
    says: str
    what: str
    source: str
    status: str
    method: str


@dataclass(frozen=True, slots=True)
class Replay:
    """The verdict at each quarter's end. `basis` is "pseudo-replay" (one list as it is today, cut
    by dates of report and attribution) or "releases" (the list as it was published then)."""

    basis: str
    comparison: str
    points: tuple[ReplayPoint, ...]
    claims: tuple[PublicVerdict, ...]
    first_identified: dt.date | None
    first_claimed: dt.date | None
    withheld: int  # incidents left out throughout: no date of report is known
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """The change if what was detected and attributed after the agreement were `factor` times what
    it was before: below 1, more went unseen; above 1, more was seen."""

    factor: float
    ratio: RatioInterval | None
    fell: float | None


@dataclass(frozen=True, slots=True)
class Tipping:
    """How much detection or attribution must have moved for the answer to change.

    `no_fall` is the factor at which a fall is as likely as not (the median ratio reaches 1);
    `established` the factor at which P(fell) crosses 0.95; either None where no factor in the range
    looked at does it. `unseen` is how many incidents in scope after the agreement must have gone
    unreported or unattributed at `no_fall`, beyond those before.
    """

    comparison: str
    points: tuple[TippingPoint, ...]
    no_fall: float | None
    established: float | None
    unseen: float | None
    mechanisms: tuple[str, ...]
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimantEffect:
    """The change without what rests on one claimant or one kind of claimant.

    `involved` incidents in scope name it, `alone` of them nobody else; those leave. The second
    reading (`ratio_involved`) takes out every incident it is named for.
    """

    claimant: str
    kind: str
    involved: int
    alone: int
    before: float
    after: float
    ratio: RatioInterval | None
    fell: float | None
    ratio_involved: RatioInterval | None
    fell_involved: float | None


@dataclass(frozen=True, slots=True)
class Claimants:
    """How much rests on one company or one government."""

    rows: tuple[ClaimantEffect, ...]
    unnamed: int  # incidents in scope without any claimant on record
    total: int
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """One way an open fact may be settled: its chance now, and the verdict then."""

    what: str
    chance: float
    fell: float
    ratio: float


@dataclass(frozen=True, slots=True)
class NextItem:
    """One open fact. `kind` is start, report, motive or attribution; `movement` the expected
    absolute change in the probability of a fall if it were settled."""

    incident: str
    name: str
    kind: str
    now: str
    movement: float
    settlements: tuple[Settlement, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextEvidence:
    """What to find out first. `together` is how far the probability would move in expectation if
    every start date of the comparison were known to the day."""

    considered: int
    items: tuple[NextItem, ...]  # the ten that matter most
    together: float | None
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedClaim:
    """One party's public attribution of one incident."""

    claimant: str
    kind: str
    country: str
    when: str  # EDTF, empty where unknown
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class RecordedIncident:
    """One incident in scope after the agreement and what is claimed about it.

    `strength` is official (a government, named), company, other, or none; `independent` counts
    claimants independent of each other by the written rule; `claimed_before_start` marks a first
    claim surely older than the start its list gives.
    """

    incident: str
    name: str
    start: str
    when: str  # after | straddles | unknown
    reported: str
    severity: float | None
    claims: tuple[RecordedClaim, ...]
    strength: str
    independent: int
    commercial_use: str
    sources: tuple[str, ...]
    claimed_before_start: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Kept? in full: every incident in scope after the agreement, with its claims."""

    rule: str  # how independence is judged
    incidents: tuple[RecordedIncident, ...]
    official: int
    unattributed: int
    commercial: int
    first_official: str  # EDTF of the first official attribution after the agreement, or empty
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """One account of the change: no change, one dated event, two at once, a ramp or a fade.

    `prior` and `posterior` are probabilities among the accounts compared; `factor` is the Bayes
    factor against the agreement as a step alone. `effect` is the likeliest step as a ratio (None
    for no step and for two).
    """

    kind: str  # none | step | ramp | fade | joint
    label: str
    dates: tuple[dt.date, ...]
    source: str
    prior: float
    posterior: float
    factor: float
    effect: float | None


@dataclass(frozen=True, slots=True)
class OnsetAccounts:
    """Onset in full: any number of dated rivals, alone and joined with the agreement, and other
    shapes. `inseparable` groups labels whose odds lie within the rule's factor of each other."""

    factor: float  # odds within which two accounts cannot be told apart
    accounts: tuple[Explanation, ...]
    inseparable: tuple[tuple[str, ...], ...]
    sentence: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The level in one year after the agreement against that before, and the probability that it
    had come back to the old level by that year's end."""

    year: int
    first: dt.date
    last: dt.date
    ratio: RatioInterval
    below: float
    returned: float


@dataclass(frozen=True, slots=True)
class Persistence:
    """Does it last: the path by year, and the return to the old level as a dated finding.

    `returned_by` is the first year's end by which a return is more likely than not, None where it
    is not within the evidence.
    """

    points: tuple[PathPoint, ...]
    returned_by: dt.date | None
    sentence: str
    checks: tuple[Check, ...] = ()
