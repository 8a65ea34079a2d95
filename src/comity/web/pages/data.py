"""Data: every table that ships and every list at hand, with its columns, terms and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from comity.errors import AddressError, StoreError
from comity.incidents.add import READERS, REPORT_READERS
from comity.incidents.report_lists import ReportList, report_lists
from comity.incidents.sources.result import RowProblem
from comity.incidents.store import read_manifest
from comity.incidents.summary import ListProblems, ListSummary, list_problems, summarise
from comity.report.export.files import MEDIA_TYPES, as_json, as_parquet
from comity.report.export.model import GROUPS, Table
from comity.report.export.tables import tables
from comity.tables import SEPARATOR
from comity.web.page import Asked, Download, Page, Sheet, View
from comity.web.shown import cut, span_words

SHOWN = 100  # rows of a table on its page
OVERVIEW = ("name", "kind", "title", "rows", "licence", "may_be_passed_on", "description")


def data(asked: Asked) -> Page:
    """Return every table and every list there is."""
    t, damaged = asked.world.texts, ""
    try:
        found = _tables(asked)
        heights = {table.name: table.frame().height for table in found}
    except StoreError as error:  # links can be made anew from this page: it has to be there
        found, damaged = _tables(asked, ("register", "evidence")), str(error)
        heights = {table.name: table.frame().height for table in found}
    lists = summarise(asked.world.home)
    reports = report_lists(asked.world.home)
    groups: dict[str, list[tuple[Table, int, str]]] = {}
    for table in found:
        row = (table, heights[table.name], _terms(table))
        groups.setdefault(table.group, []).append(row)
    rows = [
        (one.release.list, "list", one.release.title, one.incidents, one.release.licence,
         one.release.redistributable, one.release.note)
        for one in lists
    ]  # fmt: skip
    rows += [
        (name, "reports", one.release.title, len(one.reports), one.release.licence,
         one.release.redistributable, one.release.note)
        for name, one in reports.items()
    ]  # fmt: skip
    rows += [
        (table.name, "table", table.title, height, terms, True, table.description)
        for group in groups.values() for table, height, terms in group
    ]  # fmt: skip
    return Page(
        "data.html.j2", t("data.title"),
        {"groups": groups, "damaged": damaged, "lists": lists, "reports": reports, "cut": cut,
         "span": lambda one: span_words(one.first, one.last),
         "readers": ", ".join((*READERS, *REPORT_READERS))},
        data=[dict(zip(OVERVIEW, row, strict=True)) for row in rows],
        sheet=Sheet(OVERVIEW, tuple(rows)),
        command="comity evidence\ncomity export comity-export --only register,evidence,links",
        python="from comity.report.export.tables import tables\ntables()",
    )  # fmt: skip


def _tables(asked: Asked, only: Sequence[str] = GROUPS) -> tuple[Table, ...]:
    return tables(asked.world.evidence(), home=asked.world.home, only=only)


def _terms(table: Table) -> str:
    return " and ".join(one.name if one.name != "other" else one.title for one in table.licences)


def _named(asked: Asked) -> Table:
    """Return the table of an address. Raises AddressError naming those there are."""
    name, found = asked.names["table"], _tables(asked)
    table = next((one for one in found if one.name == name), None)
    if table is None:
        known = ", ".join(one.name for one in found)
        raise AddressError(f"There is no table {name[:80]!r}. There are: {known}.", missing=True)
    return table


def one_table(asked: Asked) -> Page:
    """Return one table: what its columns mean, and its first rows."""
    table = _named(asked)
    frame = table.frame()
    return Page(
        "data_table.html.j2", table.title,
        {"table": table, "rows": frame.height, "terms": _terms(table), "most": SHOWN,
         "first": [[cut(_cell(v), 160) for v in row] for row in frame.head(SHOWN).iter_rows()],
         "parquet": f"/data/{table.name}.parquet"},
        data=lambda: json.loads(as_json(table)),
        sheet=lambda: Sheet(
            tuple(f.name for f in table.fields),
            tuple(tuple(_value(v) for v in row) for row in frame.iter_rows()),
        ),
        command=f"comity export comity-export --only {table.group}",
        python=(
            "from comity.report.export.tables import table_named, tables\n"
            f"table_named(tables(), {table.name!r}).frame()"
        ),
    )  # fmt: skip


def _value(value: Any) -> object:
    """Return a cell as plain text, number or truth value: a list is one text."""
    return SEPARATOR.join(value) if isinstance(value, list) else value


def _cell(value: Any) -> str:
    found = _value(value)
    return "" if found is None else str(found)


def parquet(asked: Asked) -> Download:
    """Return one table as Parquet."""
    table = _named(asked)
    return Download(as_parquet(table), MEDIA_TYPES["parquet"], f"{table.name}.parquet")


def one_list(asked: Asked) -> Page:
    """Return one list: its release and terms, what reading it met, and its files."""
    name, home = asked.names["list"], asked.world.home
    reports = report_lists(home)
    summaries = {one.release.list: one for one in summarise(home)}
    if name not in summaries and name not in reports:
        known = ", ".join((*summaries, *reports))
        raise AddressError(f"There is no list {name[:64]!r} here. There are: {known}.", True)
    summary, held = summaries.get(name), reports.get(name)
    release = summary.release if summary is not None else reports[name].release
    problems = list_problems(name, home)
    stored = read_manifest(home).get(name)
    t = asked.world.texts
    return Page(
        "data_list.html.j2", t("data.list_title", list=cut(release.title or name, 200)),
        {"release": release, "summary": summary, "reports": held, "problems": problems,
         "aside": _shown(problems.aside), "flagged": _shown(problems.flagged), "most": SHOWN,
         "files": stored.files if stored else (), "cut": cut, "added": bool(stored or held),
         "span": span_words(summary.first, summary.last) if summary else ""},
        data=partial(_list_data, summary, held, problems),
        sheet=lambda: Sheet(
            ("what", "row", "column", "value", "reason"),
            (*(("aside", p.row, p.column, p.value, p.reason) for p in problems.aside),
             *(("flagged", p.row, p.column, p.value, p.reason) for p in problems.flagged)),
        ),
        command=f"comity evidence problems {name} --all",
        python=f"from comity.incidents.summary import list_problems\nlist_problems({name!r})",
    )  # fmt: skip


def _shown(problems: Sequence[RowProblem]) -> list[tuple[int, str, str, str]]:
    return [(p.row, cut(p.column, 80), cut(p.value), cut(p.reason)) for p in problems[:SHOWN]]


def _list_data(
    summary: ListSummary | None, held: ReportList | None, problems: ListProblems
) -> dict[str, Any]:
    from dataclasses import asdict

    from comity.incidents.releases import release_to_record

    found: dict[str, Any] = {"problems": asdict(problems)}
    if summary is not None:
        found |= summary.to_record()
    if held is not None:
        found |= {"release": release_to_record(held.release), "reports": len(held.reports)}
    return found


VIEWS = (
    View("data", "/data", "Every table and list there is, with its terms", data),
    View("list", "/data/list/{list}", "One list: its release, and what reading it met", one_list),
    View("parquet", "/data/{table}.parquet", "One table as Parquet", parquet, file=True),
    View("table", "/data/{table}", "One table: its columns, its first rows", one_table),
)
