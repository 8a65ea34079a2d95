"""The incidents behind a bar or a number of a verdict, each with its share and its sources."""

from __future__ import annotations

import shlex
from typing import Any

from comity.incidents.model import UNION
from comity.report.text import cell_titles, choice_words, clean, number
from comity.verification.behind import Behind, Counted
from comity.verification.model import Choices, Question
from comity.web import controls
from comity.web.asking import Asking, otherwise_of
from comity.web.counted import data_of, key_of, rows_of, sheet_of
from comity.web.page import Asked, Page
from comity.web.pages.verdict import conduct_question
from comity.web.parameters import address
from comity.web.shown import page_of, row_of


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
    rows = rows_of(evidence, found, asking.reading)
    at, pages = page_of(values, len(rows), each)
    context: dict[str, Any] = {
        "rows": [row_of(r, **_of(counted[key_of(r)]))
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
        data=lambda: data_of(evidence, found, rows),
        sheet=lambda: sheet_of(evidence, found, rows),
        command=_command(asking, found), python=_python(asking, found),
    )  # fmt: skip


def _scope_title(question: Question, found: Behind) -> str:
    """Return the title of the scope that is asked of, its id where the question has it not."""
    scopes = (*question.scopes, *question.definitions)
    return next((clean(s.title) for s in scopes if s.id == found.scope), found.scope)


def _of(one: Counted) -> dict[str, Any]:
    """Return what a row shows of how it is counted."""
    return {"share": one.share, "spread": len(one.spread), "why": one.why, "side": one.side}


def _command(asking: Asking, found: Behind) -> str:
    """Return the command that lists the same."""
    words = ["comity", "evidence", "behind", asking.question, "--cell", found.cell]
    words += ["--quarter", found.period] * bool(found.period)
    words += ["--when", found.side] * bool(found.side)
    asked = Choices(
        lists=asking.lists, as_of=asking.as_of, reading=asking.reading,
        otherwise=otherwise_of(asking),
    )  # fmt: skip
    words += choice_words(asked) + ["--definition", asking.definition] * bool(asking.definition)
    return shlex.join(words)


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
