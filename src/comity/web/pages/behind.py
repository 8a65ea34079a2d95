"""The incidents behind a bar or a number of a verdict, each with its share and its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.incidents.model import UNION, Evidence, read_dates
from comity.report.text import cell_titles, clean, number
from comity.verification.behind import Behind, Counted
from comity.verification.model import Question
from comity.web import controls
from comity.web.asking import Asking, otherwise_of
from comity.web.page import Asked, Page, Sheet
from comity.web.pages.verdict import conduct_question
from comity.web.parameters import address
from comity.web.shown import COLUMNS, cells_of, claimants_of, page_of, record_of, row_of


def behind(asked: Asked, each: int) -> Page:
    """Return the incidents behind a number of a verdict, under the verdict's own controls."""
    values = asked.values
    question = conduct_question(asked, values["question"])
    kept = controls.usual_values(question, {n: values[n] for n in controls.NAMES if n in values})
    moved = controls.controls_of(question, asked.world.evidence(), kept)
    asking = controls.asking_of(question, kept)
    found, evidence = asked.world.behind(
        asking, values.get("cell", "A"), values.get("quarter", ""), values.get("when", "")
    )
    counted = {c.key: c for c in found.incidents}
    rows = _rows(evidence, asking, counted)
    at, pages = page_of(values, len(rows), each)
    context: dict[str, Any] = {
        "rows": [row_of(r, **_of(counted[_key(r)]))
                 for r in rows[(at - 1) * each : at * each]],
        "total": len(rows), "of": len(evidence), "number": at, "pages": pages,
        "more": lambda n: address(asked.path, values, page=str(n)),
        "drilled": found, "q": question, "sum": number(found.total),
        "sharp": sum(c.sharp for c in found.incidents),
        "title": _scope_title(question, found),
        "cell_title": cell_titles(question.scope)[found.cell],
        "moved": [(c.name, next(o.words for o in c.options if o.value == c.chosen))
                  for c in moved if c.moved],
        "back": address(f"/verdict/{question.id}", kept), "private": [],
        "union": UNION in asking.lists,
    }  # fmt: skip
    return Page(
        "incidents.html.j2", asked.world.texts("incidents.behind", question=question.title),
        context,
        data=lambda: _data(evidence, found, rows, counted),
        sheet=lambda: _sheet(evidence, rows, counted),
        python=_python(asking, found),
    )  # fmt: skip


def _scope_title(question: Question, found: Behind) -> str:
    """Return the title of the scope that is asked of, its id where the question has it not."""
    scopes = (*question.scopes, *question.definitions)
    return next((clean(s.title) for s in scopes if s.id == found.scope), found.scope)


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['list']}:{row['id']}"


def _rows(
    evidence: Evidence, asking: Asking, counted: Mapping[str, Counted]
) -> list[dict[str, Any]]:
    """Return the rows of the table that are counted, in their order, dates as the verdict reads
    them."""
    table = read_dates(evidence.table, evidence.releases, asking.reading)
    found = {_key(r): r for r in table.iter_rows(named=True) if _key(r) in counted}
    return [found[key] for key in counted if key in found]


def _of(one: Counted) -> dict[str, Any]:
    """Return what a row shows of how it is counted."""
    return {"share": one.share, "spread": len(one.spread), "why": one.why, "side": one.side}


def _records(
    evidence: Evidence, rows: list[dict[str, Any]], counted: Mapping[str, Counted]
) -> list[dict[str, Any]]:
    releases = {r.list: r for r in evidence.releases}
    found = []
    for row in rows:
        one = counted[_key(row)]
        record = record_of(row, releases, claimants_of(row["attributions"]))
        found.append(record | {"share": round(one.share, 6), "side": one.side, "why": one.why})
    return found


def _data(
    evidence: Evidence, found: Behind, rows: list[dict[str, Any]], counted: Mapping[str, Counted]
) -> dict[str, Any]:
    records = _records(evidence, rows, counted)
    for record, one in zip(records, found.incidents, strict=True):
        record["spread"] = {label: round(share, 6) for label, share in one.spread}
    return {
        "question": found.question, "scope": found.scope, "cell": found.cell,
        "period": found.period, "side": found.side, "lists": list(found.lists),
        "basis": list(found.basis), "total": round(found.total, 6), "incidents": len(rows),
        "rows": records,
    }  # fmt: skip


def _sheet(evidence: Evidence, rows: list[dict[str, Any]], counted: Mapping[str, Counted]) -> Sheet:
    return Sheet(
        (*COLUMNS, "share", "side", "why"),
        tuple(cells_of(r) for r in _records(evidence, rows, counted)),
    )


def _python(asking: Asking, found: Behind) -> str:
    """Return the Python that gives the same."""
    given = [repr(asking.question), f"cell={found.cell!r}"]
    given += [f"period={found.period!r}"] * bool(found.period)
    given += [f"side={found.side!r}"] * bool(found.side)
    given += [f"lists={list(asking.lists)!r}"] * bool(asking.lists)
    lines = ["from comity.api_behind import behind"]
    if asking.as_of:
        lines.append("import datetime")
        given.append(f"as_of=datetime.date.fromisoformat({asking.as_of.isoformat()!r})")
    if asking.reading != Asking("").reading:
        lines.append("import comity")
        given.append(
            f"reading=comity.DateReading({asking.reading.first_of_year!r}, "
            f"{asking.reading.first_of_month!r})"
        )
    if asking.definition:
        given.append(f"definition={asking.definition!r}")
    otherwise = otherwise_of(asking)
    if otherwise != otherwise_of(Asking(asking.question)):
        lines.append("import datetime" if "import datetime" not in lines else "")
        lines.append("from comity.verification.otherwise import Otherwise")
        given.append(f"otherwise={otherwise!r}")
    return "\n".join([*filter(None, lines), f"found, evidence = behind({', '.join(given)})"])
