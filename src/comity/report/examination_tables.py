"""The findings of a cross-examination as tables of text, for any page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from comity.report.text import clean, number
from comity.saying import say
from comity.verification.examine.model import (
    Claimants,
    Detectability,
    NextEvidence,
    OnsetAccounts,
    Persistence,
    Placebo,
    PublicVerdict,
    Record,
    Replay,
    ReplayPoint,
    Robustness,
    Tipping,
)
from comity.verification.examine.sight import Sight
from comity.verification.model import RatioInterval
from comity.verification.words import percent

ATTACKS: Mapping[str, str] = {
    "robustness": say("objection.robustness"),
    "placebo": say("objection.placebo"),
    "detectability": say("objection.detectability"),
    "replay": say("objection.replay"),
    "onset": say("objection.onset"),
    "persistence": say("objection.persistence"),
    "claimants": say("objection.claimants"),
    "tipping": say("objection.tipping"),
    "next_evidence": say("objection.next_evidence"),
    "record": say("objection.record"),
    "unseen": say("objection.unseen"),
}
MOST_ROWS = 12
TIPPING_SHOWN = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
SPOKEN = ("breach", "decline", "no-breach")
Rows = list[list[str]]


def _ratio(ratio: RatioInterval | None) -> str:
    """Return a ratio with its interval, a dash where there is none."""
    return "-" if ratio is None else f"{ratio.median:.2f} ({ratio.lower:.2f}-{ratio.upper:.2f})"


def _chance(value: float | None) -> str:
    return "-" if value is None else percent(value)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"


def _robustness(found: Robustness) -> tuple[Rows, tuple[int, ...]]:
    rows = [["choice", "explains", "option", "analyses", "median", "fell", "which means"]]
    for axis in sorted(found.axes, key=lambda a: -(a.share or 0.0)):
        for k, option in enumerate(axis.options):
            rows.append(
                [
                    clean(axis.name) if k == 0 else "", _share(axis.share) if k == 0 else "",
                    clean(option.option)[:24], str(option.analyses),
                    "-" if option.median is None else f"{option.median:.2f}",
                    _share(option.fell), clean(option.title),
                ]
            )  # fmt: skip
    return rows, (1, 3, 4, 5)


def notes_of(finding: object) -> list[str]:
    """Return what stands under a finding's table in sentences."""
    if isinstance(finding, Robustness):
        return [f"{x.analyses} not run ({clean(x.kind)}): {clean(x.reason)}." for x in finding.left]
    if isinstance(finding, Tipping):
        return [clean(words) for words in finding.mechanisms]
    if isinstance(finding, Record):
        return [f"Independence: {clean(finding.rule)}"]
    return []


def _placebo(found: Placebo) -> tuple[Rows, tuple[int, ...]]:
    rows = [["kind", "before", "after", "ratio", "fell", "where"]]
    real = [] if found.real is None else [found.real]
    known = [r for s in found.sets for r in s.rows if r.identified]
    known.sort(key=lambda r: (r.kind, -(r.fell or 0.0)))
    for r in [*real, *known]:
        rows.append(
            [
                r.kind, number(r.before), number(r.after), _ratio(r.ratio), _chance(r.fell),
                clean(r.label),
            ]
        )  # fmt: skip
    return rows, (1, 2)


def _detectability(found: Detectability) -> tuple[Rows, tuple[int, ...]]:
    years = sorted({p.years for p in found.points})
    ratios = list(dict.fromkeys(p.ratio for p in found.points))
    rows = [["true ratio", *[f"{y:g} y" for y in years], ""]]
    chances = {(p.ratio, p.years): p.chance for p in found.points}
    for ratio in ratios:
        note = "false alarms" if ratio == 1 else ""
        rows.append([f"{ratio:g}", *[f"{100 * chances[ratio, y]:.0f} %" for y in years], note])
    return rows, tuple(range(1, len(years) + 1))


def _replay(found: Replay) -> tuple[Rows, tuple[int, ...]]:
    rows = [["as of", "before", "after", "ratio", "fell", "could have been said"]]
    for point in _turning(found.points):
        rows.append(
            [
                point.as_of.isoformat(), number(point.before), number(point.after),
                _ratio(point.ratio), _chance(point.fell), clean(point.changed),
            ]
        )  # fmt: skip
    return rows, (1, 2)


def _turning(points: Sequence[ReplayPoint]) -> list[ReplayPoint]:
    """Return the first point, the last of every year, and the last."""
    keep = [p for k, p in enumerate(points) if k == 0 or p.as_of.month == 12]
    return list(dict.fromkeys([*keep, *points[-1:]]))


def _onset(found: OnsetAccounts) -> tuple[Rows, tuple[int, ...]]:
    rows = [["prior", "posterior", "fit", "account"]]
    for account in sorted(found.accounts, key=lambda a: -a.posterior):
        days = ", ".join(d.isoformat() for d in account.dates)
        rows.append(
            [
                percent(account.prior), percent(account.posterior), f"{account.factor:.2f}",
                f"{clean(account.label)}{f' ({days})' if days else ''}",
            ]
        )  # fmt: skip
    return rows, (0, 1, 2)


def _persistence(found: Persistence) -> tuple[Rows, tuple[int, ...]]:
    rows = [["year", "ratio", "below", "back", "from"]]
    for p in found.points:
        rows.append(
            [str(p.year), _ratio(p.ratio), percent(p.below), percent(p.returned),
             p.first.isoformat()]
        )  # fmt: skip
    return rows, (0,)


def _claimants(found: Claimants) -> tuple[Rows, tuple[int, ...]]:
    rows = [["named", "alone", "without alone", "fell", "without any", "fell", "claimant"]]
    for r in found.rows[:MOST_ROWS]:
        rows.append(
            [
                str(r.involved), str(r.alone), _ratio(r.ratio), _chance(r.fell),
                _ratio(r.ratio_involved), _chance(r.fell_involved), clean(r.claimant),
            ]
        )  # fmt: skip
    return rows, (0, 1)


def _tipping(found: Tipping) -> tuple[Rows, tuple[int, ...]]:
    rows = [["seen", "true ratio", "fell", ""]]
    for wanted in TIPPING_SHOWN:
        p = min(found.points, key=lambda p: abs(p.factor - wanted))
        rows.append([f"{p.factor:.2f}", _ratio(p.ratio), _chance(p.fell), ""])
    return rows, (0,)


def _next(found: NextEvidence) -> tuple[Rows, tuple[int, ...]]:
    rows = [["points", "fact", "incident", "name"]]
    for item in found.items:
        rows.append(
            [f"{100 * item.movement:.1f}", item.kind, clean(item.incident), clean(item.name)]
        )
    return rows, (0,)


def _record(found: Record) -> tuple[Rows, tuple[int, ...]]:
    rows = [["incident", "start", "claimed", "parties", "commercial", "first claim", "name"]]
    for i in found.incidents:
        first = next((c for c in i.claims if c.when), None)
        mark = " (!)" if i.claimed_before_start else ""
        said = f"{clean(first.when)}{mark} {clean(first.claimant)}"[:22] if first else "-"
        rows.append(
            [
                clean(i.incident), clean(i.start), i.strength, str(i.independent),
                i.commercial_use, said, clean(i.name),
            ]
        )  # fmt: skip
    return rows, (3,)


def _unseen(found: Sight) -> tuple[Rows, tuple[int, ...]]:
    rows = [["period", "all reported", "90 %", "reading"]]
    for period in found.periods:
        if not period.readings:
            rows.append([period.period, "-", "-", "not identified"])
        for r in period.readings:
            mark = " (assumed)" if r.shifted else ""
            rows.append(
                [period.period, f"{r.total:,.0f}", f"{r.low:,.0f}-{r.high:,.0f}",
                 clean(r.name) + mark]
            )  # fmt: skip
    return rows, (1,)


TABLES: Mapping[str, Callable[..., tuple[Rows, tuple[int, ...]]]] = {
    "robustness": _robustness,
    "placebo": _placebo,
    "detectability": _detectability,
    "replay": _replay,
    "onset": _onset,
    "persistence": _persistence,
    "claimants": _claimants,
    "tipping": _tipping,
    "next_evidence": _next,
    "record": _record,
    "unseen": _unseen,
}


def spoken(found: Replay) -> list[PublicVerdict]:
    """Return the public claims that say something: a breach, less of it, or none."""
    return [c for c in found.claims if c.says in SPOKEN]
