"""The union of lists: each incident once, its dates and facts combined from the linked records.

Nothing is written back: the union is a reading of the evidence through its links. Where linked
records agree on a day or an interval the intersection is taken, where they do not the span that
holds all of them, and how many disagree is said. A record without a start, known only to have been
reported on some day, may have begun up to three years earlier; how likely each day is, is left to
the reporting delay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.dates import UNKNOWN
from comity.incidents.linkage.features import NOBODY
from comity.incidents.model import JOIN, UNION, Evidence, ListRelease, incident_schema, read_dates

if TYPE_CHECKING:
    import polars as pl

    from comity.dates import DateReading

OPEN_START = dt.timedelta(
    days=3 * 366
)  # how long before its report an undated record may have begun
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Union:
    """The union of some lists under one clustering. `from_lists` counts the records of each list
    that are in it, `alone` those that no other list has, `disagree` incidents whose starts cannot
    be the same, `undated` records whose start was opened from their report."""

    evidence: Evidence
    from_lists: Mapping[str, int]
    alone: Mapping[str, int]
    linked: int
    disagree: int
    undated: int


def union(
    evidence: Evidence,
    clusters: Sequence[Sequence[str]],
    reading: DateReading,
    drawings: Sequence[Sequence[Sequence[str]]] = (),
) -> Union:
    """Return the lists of some evidence as one list named `all`.

    `clusters` are keys `list:id` that are one incident (see `linkage.clusters`); records in none
    stand alone. `drawings` are other clusterings, drawn from the links: they become the evidence's
    `redrawn` tables, by which a verdict carries the links' uncertainty. Dates are read by `reading`
    before they are combined.
    """
    rows = read_dates(evidence.table, evidence.releases, reading).to_dicts()
    place = {f"{r['list']}:{r['id']}": n for n, r in enumerate(rows)}
    joiner = _Joiner(rows, place)
    table, disagree, undated = joiner.join(clusters)
    redrawn = tuple(joiner.join(one)[0] for one in drawings)
    linked = {key for keys in clusters for key in keys if key in place}
    names = [r.list for r in evidence.releases]
    held = {n: sum(r["list"] == n for r in rows) for n in names}
    alone = {n: sum(r["list"] == n and f"{n}:{r['id']}" not in linked for r in rows) for n in names}
    joined = sum(sum(k in place for k in keys) > 1 for keys in clusters)
    told = ", ".join(f"{alone[n]:,} of {n}'s {held[n]:,}" for n in names)
    note = (
        f"The lists are joined by links, nothing is merged: {table.height:,} incidents, "
        f"{joined:,} of them in more than one list; in no other list: {told}. {disagree:,} tell "
        "starts that cannot be the same (the span of both is taken); "
        f"{undated:,} have no start and are placed by their report."
    )
    release = replace(_release(evidence, rows), note=note)
    return Union(
        Evidence((release,), table, redrawn, evidence), held, alone, joined, disagree, undated
    )


class _Joiner:
    """Joins the same rows by one clustering after another; a row alone is made only once."""

    def __init__(self, rows: Sequence[Row], place: Mapping[str, int]) -> None:
        self.rows, self.place = rows, place
        self.made: dict[tuple[int, ...], tuple[dict[str, Any], bool, bool]] = {}
        single = [self._of((n,)) for n in range(len(rows))]
        self.opened = [opened for _, _, opened in single]
        self.singles = _table([row for row, _, _ in single])

    def _of(self, members: tuple[int, ...]) -> tuple[dict[str, Any], bool, bool]:
        if members not in self.made:
            self.made[members] = _one([self.rows[n] for n in members])
        return self.made[members]

    def join(self, clusters: Sequence[Sequence[str]]) -> tuple[pl.DataFrame, int, int]:
        """Return one row an incident, how many disagree on the start, how many starts were
        opened."""
        import polars as pl

        found: list[tuple[dict[str, Any], bool, bool]] = []
        done: set[int] = set()
        for keys in clusters:
            members = tuple(self.place[k] for k in keys if k in self.place)
            if len(members) > 1 and done.isdisjoint(members):
                done.update(members)
                found.append(self._of(members))
        rest = [n for n in range(len(self.rows)) if n not in done]
        table = pl.concat([_table([row for row, _, _ in found]), self.singles[rest]])
        undated = sum(o for _, _, o in found) + sum(self.opened[n] for n in rest)
        return table, sum(not agree for _, agree, _ in found), undated


def _one(members: Sequence[Row]) -> tuple[dict[str, Any], bool, bool]:
    """Return records of one incident as one row; whether their starts agree; whether it was
    opened."""
    starts = [(r["start_earliest"], r["start_latest"]) for r in members]
    bounded = [s for s in starts if None not in s]
    ceilings = [s[1] for s in starts if s[0] is None and s[1] is not None]
    first, last, agree, opened = None, None, True, False
    if bounded:
        first, last, agree = _meet(bounded)
        for ceiling in ceilings:
            if first <= ceiling:
                last = min(last, ceiling)
    reports = [
        (r["reported_earliest"] or r["reported_latest"], r["reported_latest"])
        for r in members
        if r["reported_latest"] is not None
    ]
    report = min(reports, key=lambda d: (d[1], d[0])) if reports else (None, None)
    if first is None and (ceilings or report[1] is not None):
        last = min([*ceilings, *([report[1]] if report[1] else [])])
        first, opened = last - OPEN_START, True
    ends = [(r["end_earliest"], r["end_latest"]) for r in members if r["end_latest"] is not None]
    end = max(ends, key=lambda d: d[1]) if ends else (None, None)
    row: dict[str, Any] = _facts(members)
    for column, span in (("start", (first, last)), ("end", end), ("reported", report)):
        row[column] = _text(*span)
        row[f"{column}_earliest"], row[f"{column}_latest"] = span
    return row, agree, opened


def _meet(spans: Sequence[tuple[dt.date, dt.date]]) -> tuple[dt.date, dt.date, bool]:
    """Return the days in all spans, or, where there are none, the span that holds them all."""
    first, last = max(s[0] for s in spans), min(s[1] for s in spans)
    if first <= last:
        return first, last, True
    return min(s[0] for s in spans), max(s[1] for s in spans), False


def _text(first: dt.date | None, last: dt.date | None) -> str:
    if first is None or last is None:
        return f"../{last.isoformat()}" if last else ""
    return first.isoformat() if first == last else f"{first.isoformat()}/{last.isoformat()}"


def _facts(members: Sequence[Row]) -> dict[str, Any]:
    """Return everything but dates: sets joined, the unknown giving way to the known."""
    head = members[0]
    keys = [f"{r['list']}:{r['id']}" for r in members]
    who = [
        (code, kind, organ)
        for r in members
        for code, kind, organ in zip(
            r["initiators"],
            [*r["initiator_kinds"], *["unknown"] * len(r["initiators"])],
            [*r["organs"], *[""] * len(r["initiators"])],
            strict=False,
        )
    ]
    named = [w for w in who if w[0] not in NOBODY] or who
    acted = list({w[0]: w for w in reversed(named)}.values())[::-1]
    return dict.fromkeys(incident_schema(), "") | {
        "list": UNION,
        "release": "+".join(dict.fromkeys(r["list"] for r in members)),
        "id": JOIN.join(keys),
        "name": head["name"],
        "initiators": [w[0] for w in acted],
        "initiator_kinds": [w[1] for w in acted],
        "organs": [w[2] for w in acted],
        "receivers": _joined(members, "receivers", NOBODY) or [UNKNOWN_COUNTRY],
        "targets": _joined(members, "targets", ("unknown",)) or ["unknown"],
        "effects": _joined(members, "effects", ()),
        "objectives": _joined(members, "objectives", ("unknown",)) or ["unknown"],
        "commercial_use": _claimed([r["commercial_use"] for r in members]),
        "severity": None,
        "campaign": next((r["campaign"] for r in members if r["campaign"]), ""),
        "attributions": _claims([r["attributions"] for r in members]),
        "sources": list(dict.fromkeys(s for r in members for s in r["sources"])),
        "row_hash": "+".join(r["row_hash"] for r in members),
    }


def _joined(members: Sequence[Row], column: str, unknown: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(v for r in members for v in r[column] if v not in unknown))


def _claimed(said: Sequence[str]) -> str:
    return next((word for word in ("claimed", "denied") if word in said), "unknown")


def _claims(cells: Sequence[str]) -> str:
    import json

    claims = [claim for cell in cells if cell for claim in json.loads(cell)]
    return json.dumps(claims, ensure_ascii=False) if claims else ""


def _table(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, schema=incident_schema(), orient="row")


def _release(evidence: Evidence, rows: Sequence[Row]) -> ListRelease:
    """Return the release of the union: what all its lists cover, closed when the first closed."""
    releases = evidence.releases
    named = [f"{r.list} {r.release}" for r in releases]
    covers = [r.covers_to for r in releases if r.covers_to.latest is not None]
    closed = [r.closed_on for r in releases if r.closed_on.latest is not None]
    begins = [r.covers_from for r in releases if r.covers_from.earliest is not None]
    licences = "; ".join(dict.fromkeys(f"{r.list}: {r.licence}" for r in releases))
    return replace(
        releases[0],
        list=UNION,
        release=" + ".join(named),
        title=f"Union of {', '.join(named)}",
        publisher="; ".join(dict.fromkeys(r.publisher for r in releases)),
        licence=licences,
        redistributable=all(r.redistributable for r in releases),
        citation=" ".join(dict.fromkeys(r.citation for r in releases)),
        covers_from=max(begins, key=lambda d: d.earliest or dt.date.min) if begins else UNKNOWN,
        covers_to=min(covers, key=lambda d: d.latest or dt.date.max) if covers else UNKNOWN,
        closed_on=min(closed, key=lambda d: d.latest or dt.date.max) if closed else UNKNOWN,
        has_report_dates=any(r["reported_latest"] is not None for r in rows),
        dates_typed_as_days=False,
        severity_scale="",
        sha256="",
        rows_in_file=len(rows),
        rows_aside=0,
        report_dates_from="",
        note="A reading through links between lists; nothing is merged in them.",
    )
