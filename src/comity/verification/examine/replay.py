"""Replay: what this method could have said on each day from what was public by then.

An incident enters on the day both its first report and its first public attribution are known to
be out; one whose report or attribution is not dated never enters, and is counted as withheld.
Delays, levels and steps are estimated afresh from what had entered. The list itself is today's:
who did what, and the dates, are as it has them now, so that this is a *pseudo-replay*; where a
list's own earlier releases are given, they are used as they were published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from comity.dates import parse_date
from comity.incidents.model import Evidence, read_attributions
from comity.instruments.model import independent_parties
from comity.verification.change import Analysis, lay_out
from comity.verification.examine.model import PublicVerdict, Replay, ReplayPoint
from comity.verification.examine.pool import Progress, run_all
from comity.verification.examine.robustness import task_of
from comity.verification.examine.tasks import FitSummary, FitTask, run_fit
from comity.verification.model import COMPARISONS, Change, Check, Claim, Question, RatioInterval
from comity.verification.prepare import Prepared, prepare
from comity.verification.sentences import CLAIMED, HEADLINE, claim_of
from comity.verification.words import NOT_IDENTIFIED, percent

PSEUDO = "pseudo-replay"
RELEASES = "releases"


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of the replay: the question as it stood, laid out under every comparison."""

    as_of: dt.date
    prepared: Prepared
    laid: tuple[Analysis, ...]
    tasks: tuple[FitTask | None, ...]


def public_evidence(evidence: Evidence) -> tuple[Evidence, int]:
    """Return the evidence with each incident's `reported` set to the day it was out in public, with
    attribution, at the latest; and how many incidents are withheld because no such day is known.

    The latest possible day counts: what may have been public is not taken as public.
    """
    table = evidence.table
    attributed = pl.Series(
        "attributed", [_first_attribution(str(t or "")) for t in table["attributions"].to_list()],
        dtype=pl.Date,
    )  # fmt: skip
    table = table.with_columns(attributed).filter(
        pl.col("reported_latest").is_not_null() & pl.col("attributed").is_not_null()
    )
    withheld = evidence.table.height - table.height
    later = pl.col("attributed") > pl.col("reported_latest")
    table = table.with_columns(
        reported_earliest=pl.when(later)
        .then(pl.col("attributed"))
        .otherwise(pl.col("reported_earliest")),
        reported_latest=pl.max_horizontal("reported_latest", "attributed"),
    ).drop("attributed")
    releases = tuple(replace(r, has_report_dates=True) for r in evidence.releases)
    return Evidence(releases, table), withheld


def _first_attribution(text: str) -> dt.date | None:
    """Return the day by which an incident was surely attributed in public, None where not known."""
    days = [a.when.latest for a in read_attributions(text) if a.when.latest is not None]
    return min(days, default=None)


def quarter_ends(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """Return every quarter's last day in [first, last]."""
    days: list[dt.date] = []
    year, month = first.year, (first.month - 1) // 3 * 3 + 4
    while True:
        year, month = (year + 1, month - 12) if month > 12 else (year, month)
        day = dt.date(year, month, 1) - dt.timedelta(days=1)
        if day > last:
            return tuple(days)
        if day >= first:
            days.append(day)
        month += 3


def _day(question: Question, evidence: Evidence, declared: Prepared, as_of: dt.date) -> _Day | None:
    """Return one day's analyses under every comparison, or None where there is nothing yet."""
    choices = replace(declared.choices, as_of=as_of)
    table = evidence.table.filter(pl.col("reported_latest") <= as_of)
    known = set(table["list"].unique().to_list())
    releases = tuple(r for r in evidence.releases if r.list in known)
    if not releases:
        return None
    choices = replace(choices, lists=tuple(r.list for r in releases))
    ready = prepare(
        question, Evidence(releases, table), declared.under_promise, choices, declared.grid.months
    )
    laid = tuple(lay_out(ready, question.scope, name) for name in _comparisons(question))
    tasks = tuple(None if one.reason else task_of(ready, one, seed=choices.seed) for one in laid)
    return _Day(as_of, ready, laid, tasks)


def _comparisons(question: Question) -> tuple[str, ...]:
    """Return every comparison, the declared one first."""
    return tuple(dict.fromkeys((question.comparison, *COMPARISONS)))


def _changes(day: _Day, answers: Sequence[FitSummary | None]) -> tuple[Change, ...]:
    """Return the headline estimand under every comparison as a verdict has it."""
    rows = []
    for laid, summary in zip(day.laid, answers, strict=True):
        reason = laid.reason or (summary.reason(HEADLINE) if summary else "not fitted")
        ratio = fell = None
        if summary is not None and not reason:
            e = summary.estimates[HEADLINE]
            level = day.prepared.choices.level
            ratio, fell = RatioInterval(e.median, e.lower, e.upper, level), e.fell
        rows.append(
            Change(
                laid.scope.id, laid.comparison, HEADLINE, "starts", laid.lists, ratio, fell,
                not reason, reason, round(laid.before, 2), round(laid.after, 2), laid.cells,
                laid.years,
            )
        )  # fmt: skip
    return tuple(rows)


def _point(day: _Day, answers: Sequence[FitSummary | None], claims: Sequence[Claim]) -> ReplayPoint:
    """Return what could have been said on one day."""
    question = day.prepared.question
    changes = _changes(day, answers)
    own = changes[0]
    claim = claim_of(question, changes)
    term = CLAIMED.get(claim, claim or "no change established")
    public = tuple(c for c in claims if _public(c, day.as_of))
    return ReplayPoint(
        day.as_of, term if own.identified else NOT_IDENTIFIED, own.ratio, own.fell, own.identified,
        own.reason, own.before, own.after, round(own.after),
        len(independent_parties(public, "breach")), claim == "fell",
    )  # fmt: skip


def _public(claim: Claim, day: dt.date) -> bool:
    """Say whether a claim had been made for sure by a day."""
    latest = parse_date(claim.date).latest
    return latest is not None and latest <= day


def replay(
    prepared: Prepared,
    evidence: Evidence,
    claims: Sequence[Claim] = (),
    *,
    releases: Mapping[dt.date, Evidence] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Replay:
    """Return the verdict at each quarter's end after the agreement, from what was public by then.

    `releases` are a list's own earlier states by day of release: given, they take the place of
    today's list (basis "releases"), with no cut by dates of report. Each claim in `claims` is set
    beside what this method could have said on its day.
    """
    question = prepared.question
    last = max(dt.date.fromordinal(one.window.closed_on) for one in prepared.counting)
    withheld = 0
    found: list[_Day | None]
    if releases:
        ordered = sorted(releases.items())
        found = [_release_day(question, held, prepared, day) for day, held in ordered]
    else:
        public, withheld = public_evidence(evidence)
        days = quarter_ends(question.agreed, last)
        found = [_day(question, public, prepared, day) for day in days]
    stood = [day for day in found if day is not None]
    tasks = [t for day in stood for t in day.tasks if t is not None]
    answers = iter(run_all(run_fit, tasks, workers, progress))
    points = tuple(
        _point(day, [None if t is None else next(answers) for t in day.tasks], claims)
        for day in stood
    )
    first = next((p.as_of for p in points if p.identified), None)
    claimed = next((p.as_of for p in points if p.claimed), None)
    basis = RELEASES if releases else PSEUDO
    return Replay(
        basis, question.comparison, points, _beside(claims, points), first, claimed, withheld,
        _sentence(basis, points, question.agreed, first, claimed, withheld), _checks(points),
    )  # fmt: skip


def _release_day(
    question: Question, evidence: Evidence, declared: Prepared, day: dt.date
) -> _Day | None:
    """Return a release's analyses as of the day it came out."""
    choices = replace(declared.choices, lists=tuple(r.list for r in evidence.releases))
    ready = prepare(question, evidence, declared.under_promise, choices, declared.grid.months)
    laid = tuple(lay_out(ready, question.scope, name) for name in _comparisons(question))
    tasks = tuple(None if one.reason else task_of(ready, one, seed=choices.seed) for one in laid)
    return _Day(day, ready, laid, tasks)


def _beside(claims: Sequence[Claim], points: Sequence[ReplayPoint]) -> tuple[PublicVerdict, ...]:
    """Return public claims with what this method could have said when each was made."""
    rows = []
    for claim in claims:
        latest = parse_date(claim.date).latest
        stood = [p for p in points if latest is not None and p.as_of <= latest]
        rows.append(
            PublicVerdict(
                claim.date, claim.party, claim.says, claim.what, claim.source, claim.status,
                _said(stood[-1]) if stood else "nothing: too soon",
            )
        )  # fmt: skip
    return tuple(rows)


def _said(point: ReplayPoint) -> str:
    """Return one day's answer in a few words."""
    if point.ratio is None or point.fell is None:
        return f"{NOT_IDENTIFIED} ({point.as_of})"
    return f"{point.changed}: {point.ratio.median:.2f}, {percent(point.fell)} ({point.as_of})"


def _checks(points: Sequence[ReplayPoint]) -> tuple[Check, ...]:
    """Say whether a claim once made was ever taken back."""
    claimed = [p.claimed for p in points]
    if True not in claimed:
        return (Check("claim stands", None, "no fall could have been claimed on any day"),)
    later = claimed[claimed.index(True) :]
    return (
        Check(
            "claim stands", all(later),
            f"claimed at {sum(later)} of {len(later)} quarter ends from the first on",
        ),
    )  # fmt: skip


def _sentence(
    basis: str,
    points: Sequence[ReplayPoint],
    agreed: dt.date,
    first: dt.date | None,
    claimed: dt.date | None,
    withheld: int,
) -> str:
    """Return the finding in one sentence."""
    if not points:
        return "Nothing that is dated as public falls after the agreement: no replay."
    what = "pseudo-replay" if basis == PSEUDO else "replay of releases"
    left = f" {withheld} incidents whose report or attribution is not dated stay out." * (
        withheld > 0
    )
    if first is None:
        return (
            f"In {what}, at none of {len(points)} dates from {points[0].as_of} to "
            f"{points[-1].as_of} could a change have been identified.{left}"
        )
    years = (first - agreed).days / 365.25
    words = (
        f"In {what}, nothing could be identified before {first} ({years:.1f} years after the "
        "agreement)"
    )
    if claimed is None:
        return f"{words}, and a fall could have been claimed on no date since.{left}"
    return f"{words}; a fall could first have been claimed on {claimed}.{left}"
