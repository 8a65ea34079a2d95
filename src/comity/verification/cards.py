"""The incidents behind a verdict, as cards, and how each list was used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from comity.incidents.model import ListRelease, read_attributions
from comity.verification.change import Analysis
from comity.verification.model import IncidentCard, ListUse
from comity.verification.prepare import ListData, Prepared, membership_of, panel_of

CARD_COLUMNS = (
    "list", "id", "name", "start", "start_earliest", "start_latest", "end", "reported",
    "reported_earliest", "reported_latest",
    "initiators", "receivers", "targets", "objectives", "severity", "campaign", "attributions",
    "commercial_use", "sources",
)  # fmt: skip


def side_of(earliest: dt.date | None, latest: dt.date | None, agreed: dt.date) -> str:
    """Say whether a start lies before, after, or on both sides of the agreement."""
    if latest is not None and latest <= agreed:
        return "before"
    if earliest is not None and earliest > agreed:
        return "after"
    return "unknown" if earliest is None or latest is None else "straddles"


def cards_of(prepared: Prepared) -> tuple[IncidentCard, ...]:
    """Return every incident of the question's scopes from initiator to receiver (cell A), in the
    window, newest list last, by start."""
    cards = []
    first = prepared.question.window_from
    for one in prepared.lists:
        scopes: dict[int, list[str]] = {}
        for scope in prepared.question.scopes:
            frame = membership_of(one, scope, prepared.under_promise).frame
            for row in frame.filter(pl.col("cell") == "A")["row"].to_list():
                scopes.setdefault(row, []).append(scope.id)
        rows = sorted(scopes)
        picked = one.table[rows].select(CARD_COLUMNS)
        for row, record in zip(rows, picked.iter_rows(named=True), strict=True):
            latest = record["start_latest"]
            if latest is not None and latest < first:
                continue
            cards.append(
                _card(
                    record, scopes[row], prepared.question.agreed, one.basis,
                    prepared.choices.as_of,
                )
            )  # fmt: skip
    return tuple(sorted(cards, key=lambda c: (c.start_earliest or dt.date.min, c.key)))


def _days(record: Mapping[str, object], column: str) -> tuple[dt.date | None, dt.date | None]:
    """Return the earliest and latest day of a date column."""
    found = (record[f"{column}_earliest"], record[f"{column}_latest"])
    first, last = (day if isinstance(day, dt.date) else None for day in found)
    return first, last


def _card(
    record: Mapping[str, object],
    scopes: list[str],
    agreed: dt.date,
    basis: str,
    as_of: dt.date | None,
) -> IncidentCard:
    """Return one row as a card; where the list has no starts, before and after are by report."""
    text = {k: str(record[k] or "") for k in ("name", "start", "end", "reported", "campaign")}
    lists = {
        k: tuple(str(v) for v in record[k])  # type: ignore[attr-defined]
        for k in ("initiators", "receivers", "targets", "objectives", "sources")
    }
    earliest, latest = _days(record, "start")
    days = _days(record, "reported") if basis == "report" else (earliest, latest)
    severity = record["severity"]
    claims = read_attributions(str(record["attributions"] or ""))
    public = (a for a in claims if as_of is None or a.when.latest is None or a.when.latest <= as_of)
    claimants = {a.claimant: None for a in public}
    return IncidentCard(
        key=f"{record['list']}:{record['id']}", name=text["name"], start=text["start"],
        start_earliest=earliest, start_latest=latest, end=text["end"], reported=text["reported"],
        initiators=lists["initiators"], receivers=lists["receivers"], targets=lists["targets"],
        objectives=lists["objectives"],
        severity=float(severity) if isinstance(severity, int | float) else None,
        campaign=text["campaign"], claimants=tuple(c for c in claimants if c),
        commercial_use=str(record["commercial_use"]), sources=lists["sources"], cell="A",
        when=side_of(*days, agreed), scopes=tuple(scopes),
    )  # fmt: skip


def _closed(prepared: Prepared, release: ListRelease) -> str:
    """Return the day a list is taken as closed: the publisher's, or the as-of date before it."""
    as_of, latest = prepared.choices.as_of, release.closed_on.latest
    if as_of is not None and (latest is None or as_of < latest):
        return as_of.isoformat()
    return release.closed_on.text or "not stated"


def list_use(prepared: Prepared, one: ListData, narrow: Analysis | None) -> ListUse:
    """Return how a verdict used one list."""
    membership = membership_of(one, prepared.question.scope, prepared.under_promise)
    if narrow is not None and one.release.list in narrow.lists:
        panel = narrow.panels[narrow.lists.index(one.release.list)]
    else:
        panel = panel_of(prepared, one, prepared.question.scope)
    cells = {k: round(v, 2) for k, v in panel.incidents(*prepared.window).items()}
    release = one.release
    return ListUse(
        name=release.list, release=release.release, title=release.title,
        licence=release.licence, citation=release.citation,
        covers_to=dt.date.fromordinal(one.window.covers_to).isoformat(),
        closed_on=_closed(prepared, release),
        has_report_dates=one.release.has_report_dates or one.basis == "report",
        basis=one.basis, cells=cells,
        excluded={**membership.excluded, **panel.unplaced},
        year_only=round(panel.year_only, 4),
        address=release.address,
        sha256=release.sha256,
    )  # fmt: skip
