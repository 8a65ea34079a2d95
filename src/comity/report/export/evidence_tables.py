"""The tables of what was reported: lists, and the incidents of those that may be passed on.

A list whose licence does not let it be passed on is named in the table of lists, with why, and no
row of it is in any other table. A list's own descriptions are in none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from comity.incidents.model import (
    CLAIMANT_KINDS,
    COMMERCIAL_USE,
    Evidence,
    ListRelease,
    read_attributions,
)
from comity.incidents.releases import release_to_record
from comity.incidents.reports import BASES, SECOND, STATUSES
from comity.incidents.shipped import SHIPPED, load_reports, shipped_release
from comity.provenance import is_web_address
from comity.report.export.columns import STATUS_SAYS, imprecise, several, text, typed
from comity.report.export.model import (
    CC_BY,
    Field,
    Kind,
    LeftOut,
    Origin,
    Reference,
    Table,
    licence_of,
)
from comity.report.export.shipped import REGISTER, shipped, to

if TYPE_CHECKING:
    import polars as pl

NOT_PASSED_ON = "its licence ({}) does not let it be passed on"
INCIDENT_FIELDS = (
    text("key", "The incident's name across lists: list:id", unique=True),
    text("list", "The list"),
    text("release", "The list's release"),
    text("id", "The list's own id"),
    text("name", "What the list calls it", may_be_empty=True),
    *imprecise("start", "When it began, as the list says", may_be_empty=True),
    *imprecise("end", "When it ended, as the list says", may_be_empty=True),
    *imprecise("reported", "When it was first reported", may_be_empty=True),
    several("initiators", "Who is said to have acted: codes of countries, or X- codes",
            may_be_empty=True),
    several("initiator_kinds", "What kind of actor each initiator is", may_be_empty=True),
    several("organs", "Which organ each initiator is; may be empty for one", may_be_empty=True),
    several("receivers", "Who it was done to: codes of countries, or X- codes", may_be_empty=True),
    several("targets", "What kinds of target", may_be_empty=True),
    several("effects", "What it did to data or systems", may_be_empty=True),
    several("objectives", "What it was for, as the list says", may_be_empty=True),
    text("commercial_use", "Whether commercial use is claimed, denied or unknown",
         values=COMMERCIAL_USE),
    Field("severity", Kind.NUMBER, "On the list's own scale (see lists); empty: not rated"),
    text("campaign", "The campaign it belongs to, if any", may_be_empty=True),
    several("sources", "Addresses where it was reported", may_be_empty=True),
    text("row_hash", "Hash of the publisher's row", may_be_empty=True),
)  # fmt: skip
ATTRIBUTION_FIELDS = (
    text("incident", "The incident's key, list:id"),
    Field("number", Kind.WHOLE, "Which of its attributions, from 1", True, lowest=1),
    text("claimant", "Who says who did it"),
    text("claimant_kind", "What kind of party", values=CLAIMANT_KINDS),
    text("claimant_country", "The claimant's country, if it has one", may_be_empty=True),
    text("country", "The country named, if one is", may_be_empty=True),
    *imprecise("when", "When it was said", may_be_empty=True),
    text("basis", "What it rests on, as the list says", may_be_empty=True),
    text("source", "Address where it can be read, if known", may_be_empty=True),
)
FACT_FIELDS = (
    text("id", "The list's own id of the incident", unique=True),
    *imprecise("reported", "When it was first reported", may_be_empty=True),
    text("reported_source", "Address of that report", may_be_empty=True),
    text("reported_basis", "What the date was read from", may_be_empty=True, values=BASES),
    *imprecise("attributed", "When it was first attributed to a state", may_be_empty=True),
    text("attributed_source", "Address of that attribution", may_be_empty=True),
    text("claimants", "Who attributed it: name | kind | country | date; several parted by ;",
         may_be_empty=True),
    text("commercial_use", "Whether commercial use is claimed", values=COMMERCIAL_USE),
    text("commercial_by", "Who claims it", may_be_empty=True),
    text("commercial_source", "Address where it is claimed", may_be_empty=True),
    text("campaign", "The campaign it belongs to", may_be_empty=True),
    text("status", STATUS_SAYS, values=STATUSES),
    text("second", "What a second reader found of the date of report", may_be_empty=True,
         values=[s for s in SECOND if s]),
    text("account", "Where a source conflicts with the list, in our words", may_be_empty=True),
    text("account_source", "Address of that source", may_be_empty=True),
)  # fmt: skip
LIST_FIELDS = (
    text("list", "The list's name here", unique=True),
    text("release", "Which dated state of it"),
    text("title", "What the publisher calls it"),
    text("publisher", "Who publishes it"),
    text("licence", "Its terms, as stated"),
    Field("exported", Kind.FLAG, "Whether its incidents are in this package", True),
    text("left_out", "Why they are not, where they are not", may_be_empty=True),
    Field("incidents", Kind.WHOLE, "Incidents at hand when this was written", True, lowest=0),
    text("address", "Where the publisher offers it", may_be_empty=True),
    text("citation", "How to cite it", may_be_empty=True),
    *imprecise("covers_from", "First day whose starts it set out to hold", may_be_empty=True),
    *imprecise("covers_to", "Last day whose starts it set out to hold", may_be_empty=True),
    *imprecise("closed_on", "Last day on which a report could still enter it", may_be_empty=True),
    Field("has_report_dates", Kind.FLAG, "Whether incidents have dates of report", True),
    text("report_dates_from", "Whose these are, where not the publisher's", may_be_empty=True),
    Field("dates_typed_as_days", Kind.FLAG,
          "Whether a 1 January may mean the year: the list can only type full days", True),
    text("severity_scale", "What its severity means", may_be_empty=True),
    text("extracted", "Columns read from prose by rule, not coded by the list", may_be_empty=True),
    Field("rows_in_file", Kind.WHOLE, "Rows in the publisher's file", True, lowest=0),
    Field("rows_aside", Kind.WHOLE, "Rows of it that were set aside", True, lowest=0),
    text("sha256", "SHA-256 of the publisher's file", may_be_empty=True),
    text("note", "What to know of it", may_be_empty=True),
)  # fmt: skip


def public_by(evidence: Evidence, day: dt.date | None) -> Evidence:
    """Return the incidents that were public on a day (INCLUSIVE) as far as their dates tell: one
    reported later, or begun later, is left out. Without a day, all."""
    import polars as pl

    table = evidence.table
    if day is None:
        return evidence
    for column in ("start_earliest", "reported_latest"):
        table = table.filter(pl.col(column).is_null() | (pl.col(column) <= day))
    return Evidence(evidence.releases, table)


def may_be_exported(evidence: Evidence) -> Evidence:
    """Return the part of some evidence whose lists may be passed on."""
    import polars as pl

    releases = tuple(r for r in evidence.releases if r.redistributable)
    names = [r.list for r in releases]
    return Evidence(releases, evidence.table.filter(pl.col("list").is_in(names)))


def lists_left_out(evidence: Evidence) -> tuple[LeftOut, ...]:
    """Return the lists whose licence does not let them be passed on."""
    return tuple(
        LeftOut(f"the list {r.list} ({r.title})", NOT_PASSED_ON.format(r.licence or "none stated"))
        for r in evidence.releases
        if not r.redistributable
    )


def evidence_tables(evidence: Evidence) -> tuple[Table, ...]:
    """Return the table of lists, and of each list that may be passed on its incidents."""
    found = [_lists(evidence)]
    for release in may_be_exported(evidence).releases:
        found += _of_list(release, evidence)
    return tuple(found)


def _lists(evidence: Evidence) -> Table:
    return Table(
        "lists", "evidence", "Lists of incidents",
        "Every list at hand at its release, those left out of this package among them, with why",
        LIST_FIELDS, (CC_BY,), (REGISTER,), partial(_list_rows, evidence), ("list",),
        terms="Facts about the lists, by Comity; the lists themselves are under their own terms.",
    )  # fmt: skip


def _list_rows(evidence: Evidence) -> pl.DataFrame:
    counts = dict(evidence.table.group_by("list").len().iter_rows())
    rows = []
    for release in evidence.releases:
        record = release_to_record(release)
        why = "" if release.redistributable else NOT_PASSED_ON.format(record["licence"])
        rows.append(record | {
            "exported": release.redistributable, "left_out": why,
            "incidents": counts.get(release.list, 0), "address": _address(release.address),
        })  # fmt: skip
    return typed(LIST_FIELDS, rows)


def _of_list(release: ListRelease, evidence: Evidence) -> Iterator[Table]:
    """Yield the tables of one list that may be passed on."""
    name, ours = release.list, _has_facts(release)
    licences = (licence_of(release.licence, release.address), *((CC_BY,) if ours else ()))
    origins = (Origin(f"{release.publisher}: {release.title}", _address(release.address)),
               *((REGISTER,) if ours else ()))  # fmt: skip
    terms = f"The list: {release.licence}."
    if release.citation:
        terms += f" Please cite: {release.citation}"
    more = ""
    if ours:
        terms += (
            f" What is filled in beside the list (reported, campaign, commercial_use, "
            f"attributions; each fact in facts-{name}): CC BY 4.0."
        )
        more = f"; what the list does not say is filled in from facts-{name}"
    yield Table(
        f"incidents-{name}", "evidence", f"Incidents of {release.title}",
        f"One operation as the list records it, a row each, dates as published{more}",
        INCIDENT_FIELDS, licences, origins, partial(_incident_rows, evidence, name), ("key",),
        (Reference(("list",), "lists", ("list",)),), terms,
    )  # fmt: skip
    yield Table(
        f"attributions-{name}", "evidence", f"Attributions in {release.title}",
        "Who claims in public who did it, a row a claim. A claim is not a finding",
        ATTRIBUTION_FIELDS, licences, origins, partial(_attribution_rows, evidence, name),
        ("incident", "number"), (to(f"incidents-{name}", "incident", key=("key",)),), terms,
    )  # fmt: skip
    if ours:
        yield shipped(
            f"facts-{name}", f"evidence/{SHIPPED[name]}.reports.tsv", f"Facts beside {name}",
            "First report, first attribution, claimants and commercial use that the list does not "
            "say, each with the address it was read at",
            FACT_FIELDS, key=("id",), group="evidence",
        )  # fmt: skip


def _has_facts(release: ListRelease) -> bool:
    """Say whether facts that ship with Comity were filled into a list: it is as it ships."""
    name = release.list
    return name in SHIPPED and shipped_release(name) == release and bool(load_reports(name))


def _incident_rows(evidence: Evidence, name: str) -> pl.DataFrame:
    import polars as pl

    table = evidence.table.filter(pl.col("list") == name)
    table = table.with_columns((pl.col("list") + ":" + pl.col("id")).alias("key"))
    return typed(INCIDENT_FIELDS, table.iter_rows(named=True))


def _attribution_rows(evidence: Evidence, name: str) -> pl.DataFrame:
    import polars as pl

    table = evidence.table.filter(pl.col("list") == name).select("id", "attributions")
    return typed(ATTRIBUTION_FIELDS, (row for ident, cell in table.iter_rows()
                                      for row in _claims(f"{name}:{ident}", cell)))  # fmt: skip


def _claims(key: str, cell: str) -> Iterator[Mapping[str, Any]]:
    for number, claim in enumerate(read_attributions(cell), start=1):
        yield {
            **claim.to_record(),
            "incident": key,
            "number": number,
            "claimant": claim.claimant or "not named",
            "country": claim.code,
            "source": _address(claim.source),
        }


def _address(text: str) -> str:
    """Return an http(s) address; anything else is none."""
    return text if is_web_address(text) else ""
