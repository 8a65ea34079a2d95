"""What was looked at before a confidence was given, and every caveat that applies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.incidents.model import UNION
from comity.saying import joined, say
from comity.verification.cells import LAYOUTS
from comity.verification.change import Analysis, fit_check
from comity.verification.fit_checks import PEAKED, ROUGH, shape_checks
from comity.verification.model import Change, Check, IncidentCard
from comity.verification.otherwise import chosen_words, departure_caveat
from comity.verification.prepare import ListData, Prepared
from comity.verification.scope import UNNAMED, assign_cells
from comity.verification.sentences import compared
from comity.verification.words import (
    FELL_LEAST,
    FELL_PRIMARY,
    MAX_PARETO_K,
    MIN_EFFECTIVE,
    percent,
)

NEAR_DAYS = 14  # between the agreement and the first quarter after it, without a caveat
MOST_APART = 0.3  # chances of a fall, over comparisons
MOST_COARSE = 0.25  # share of incidents dated to the year or worse that passes
CHECKS: Mapping[str, str] = {
    "fit diagnostic": "in the fit of the declared comparison every mode was found, with at least "
    f"{MIN_EFFECTIVE:.0f} effective draws and a Pareto k of at most {MAX_PARETO_K}",
    "identified": "the narrow change is identified (below)",
    "other fits": "every other fit passed its diagnostic",
    "comparisons agree": f"the chances of a fall lie at most {MOST_APART} apart and, where it is "
    f"at least {100 * FELL_PRIMARY:.0f} % under the declared comparison, it is at least "
    f"{100 * FELL_LEAST:.0f} % under the least favourable one",
    "reporting delay known": "the reporting delay of every list can be estimated",
    "dates fine enough": f"at most {100 * MOST_COARSE:.0f} % of the incidents compared are dated "
    "to the year or worse",
    "clustering": "for information: how much campaigns inflate the variance of a cell",
    "no peak before": "that reports of the pair stood higher in the two years before the agreement "
    f"than before those has under {100 * PEAKED:.0f} %: where it has more, a fall may be a return "
    "to the usual",
    "counts as even as fitted": "counts as uneven as those seen have at least "
    f"{100 * ROUGH:.0f} % under the model: where they have less, incidents come in clumps that no "
    "campaign explains",
    "registered": "the question is as it was registered; for information where it was not",
}  # each check's name and when it passes; docs/words.md shows the same


@dataclass(frozen=True, slots=True)
class Looked:
    """What the checks look at: every analysis, the declared one, and its two headline numbers."""

    prepared: Prepared
    analyses: Sequence[Analysis]
    primary: Analysis
    headline: Change | None
    least: Change | None
    most: Change | None


def checks_of(looked: Looked) -> tuple[Check, ...]:
    """Return every check of a verdict, in order of weight."""
    found = (
        fit_check(looked.primary),
        _identified(looked),
        _other_fits(looked),
        _comparisons_agree(looked),
        _delay_known(looked),
        _dates_fine_enough(looked),
        _clustering(looked),
        *shape_checks(looked.prepared, looked.primary),
    )
    return tuple(check for check in found if check is not None)


def _identified(looked: Looked) -> Check | None:
    """Say whether the headline is identified."""
    headline = looked.headline
    if headline is None:
        return None
    identified = say("check.narrow_identified")
    reason = identified if headline.identified else headline.reason
    return Check(say("check.identified"), headline.identified, reason)


def _other_fits(looked: Looked) -> Check:
    """Say whether the fits beside the headline passed their diagnostic."""
    others = [a for a in looked.analyses if a is not looked.primary and a.fit is not None]
    bad = [f"{a.scope.id} {a.comparison} {a.outcome}" for a in others if not a.healthy]
    detail = say("check.fits_passed", n=len(others) - len(bad), of=len(others))
    if bad:
        detail = say("check.fits_failed", detail=detail, bad=joined(bad))
    return Check(say("check.other_fits"), None if not others else not bad, detail)


def _comparisons_agree(looked: Looked) -> Check | None:
    """Say whether the comparisons tell one story: chances of a fall at most 0.3 apart."""
    headline, least, most = looked.headline, looked.least, looked.most
    if headline is None or least is None or most is None or not headline.identified:
        return None
    low, high = least.fell or 0.0, most.fell or 0.0
    agree = high - low <= MOST_APART and (
        (headline.fell or 0.0) < FELL_PRIMARY or low >= FELL_LEAST
    )
    detail = say(
        "check.chances",
        low=percent(low),
        least=compared(least),
        high=percent(high),
        most=compared(most),
    )
    return Check(say("check.agree"), agree, detail)


def _delay_known(looked: Looked) -> Check:
    """Say whether every list lets its reporting delay be estimated."""
    without = [one for one in looked.prepared.counting if one.window.delay is None]
    said = [joined([one.release.list, one.no_delay], ": ") for one in without]
    if not without:
        said = [
            joined([one.release.list, _delay_words(one)], ": ")
            for one in looked.prepared.counting
            if one.window.delay is not None
        ]
    return Check(say("check.delay"), not without, joined(said, "; "))


def _delay_words(one: ListData) -> str:
    """Return by when half of a list's incidents are reported."""
    from comity.verification.delay_list import delay_words

    return delay_words(one.window.delay) if one.window.delay is not None else ""


def _coarse(analysis: Analysis) -> float:
    """Return the largest share, over lists, of incidents dated to the year or worse."""
    return max((p.year_only for p in analysis.panels), default=0.0)


def _dates_fine_enough(looked: Looked) -> Check:
    """Say whether at most a quarter of the incidents are dated to the year or worse."""
    coarse = _coarse(looked.primary)
    return Check(
        say("check.dates"),
        coarse <= MOST_COARSE,
        say("check.coarse", n=round(100 * coarse)),
    )


def _clustering(looked: Looked) -> Check:
    """Say by how much campaigns inflate the variance of a cell."""
    largest = max((float(f) for p in looked.primary.panels for f in p.factors), default=1.0)
    return Check(say("check.clustering"), None, say("check.inflated", largest=f"{largest:.2f}"))


def caveats_of(
    prepared: Prepared, primary: Analysis, cards: Sequence[IncidentCard]
) -> tuple[str, ...]:
    """Return every caveat that applies, in plain words."""
    question = prepared.question
    otherwise = departure_caveat(question, prepared.grid.months)
    caveats = [otherwise] if otherwise else []
    caveats.append(say("caveat.reported"))
    if question.assumes and question.comparison != "target-alone":
        declared = question.chosen == "declared"
        assumed = "caveat.assumed" if declared else "caveat.assumed_declared"
        caveats.append(say(assumed, assumes=question.assumes))
    for one in prepared.counting:
        caveats += _list_caveats(one)
    if len(prepared.counting) > 1:
        caveats.append(say("caveat.overlap"))
    coarse = _coarse(primary)
    if coarse > 0:
        literal = prepared.choices.reading.first_of_year == "exact"
        reading = "caveat.coarse_given" if literal else "caveat.coarse_year"
        caveats.append(say(reading, n=round(100 * coarse)))
    if any(" until " in name for p in primary.panels for name in p.groups):
        caveats.append(say("caveat.under_promise", n=len(prepared.under_promise)))
    caveats += _shape(prepared, primary)
    if prepared.choices.as_of is not None:
        caveats.append(say("caveat.today"))
        undated = sum(one.table["reported_latest"].null_count() for one in prepared.lists)
        if undated:
            rows = sum(one.table.height for one in prepared.lists)
            caveats.append(say("caveat.as_of", undated=undated, rows=rows))
    caveats += _beyond(prepared, cards)
    straddling = sum(c.when == "straddles" for c in cards)
    if straddling:
        caveats.append(say("caveat.straddling", n=straddling))
    return tuple(caveats)


def _shape(prepared: Prepared, primary: Analysis) -> list[str]:
    """Return what to mind about quarters, dropped cells and incidents nobody was named for."""
    found: list[str] = []
    agreed, first = prepared.question.agreed, prepared.first_after
    if abs((first - agreed).days) > NEAR_DAYS:
        found.append(say(f"caveat.whole_{prepared.grid.months}", first=first.isoformat()))
    if primary.fit is not None and primary.fit.layout is not LAYOUTS[primary.comparison]:
        cells = ", ".join(primary.fit.layout.cells)
        found.append(say("caveat.empty_cell", chosen=chosen_words(prepared.question), cells=cells))
    nobody = sum(
        assign_cells(one.table, prepared.question.scope, {}).excluded.get(UNNAMED, 0)
        for one in prepared.counting
    )
    if nobody:
        found.append(say("caveat.nobody", n=nobody))
    return found


def _list_caveats(one: ListData) -> list[str]:
    """Return what to mind about one list's dates."""
    name, found = one.release.list, list[str]()
    if one.release.extracted:
        found.append(say("caveat.extracted", name=name, what=one.release.extracted))
    if one.window.delay is None and one.basis == "start":
        closed = one.release.closed_on.text or say("caveat.not_stated")
        found.append(say("caveat.no_delay", name=name, why=one.no_delay, closed=closed))
    elif one.window.delay is not None and one.release.report_dates_from:
        dated = one.table.height - one.table["reported_latest"].null_count()
        found.append(
            say(
                "caveat.delay_of_some",
                name=name,
                dated=dated,
                of=one.table.height,
                by=one.release.report_dates_from,
                delay=_delay_words(one),
            )
        )
    if name == UNION and one.release.note:
        found.append(one.release.note)
    if one.basis == "report":
        found.append(say("caveat.by_report", name=name))
    return found


def _beyond(prepared: Prepared, cards: Sequence[IncidentCard]) -> list[str]:
    """Return how many incidents in scope began after the list's coverage, listed but not fitted."""
    last = dt.date.fromordinal(max(one.window.covers_to for one in prepared.counting))
    mine = [c for c in cards if prepared.question.scope.id in c.scopes]
    late = sum(c.start_earliest is not None and c.start_earliest > last for c in mine)
    if not late:
        return []
    return [say("caveat.late", n=late)]
