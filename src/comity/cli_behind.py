"""`comity evidence behind`: the incidents that stand behind a bar or a number of a verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli_options import (
    ByDefinition,
    Compared,
    FirstOfMonth,
    FirstOfYear,
    From,
    Lists,
    Named,
    Period,
    Scoped,
    To,
    given_of,
)
from comity.cli_output import WIDTH, print_csv, print_json, print_lines, say

Known = Annotated[
    str, typer.Option("--as-of", help="Use only what was public by this date, such as 2017-06-30.")
]


def behind(
    question: Named,
    cell: Annotated[str, typer.Option(help="Which of the four cells: A, B, C or D.")] = "A",
    quarter: Annotated[
        str, typer.Option(help="Which period of the verdict's chart, such as 2014-Q2.")
    ] = "",
    when: Annotated[str, typer.Option(help="Which side of the agreement: before or after.")] = "",
    list_: Lists = None,
    as_of: Known = "",
    first_of_year: FirstOfYear = "year",
    first_of_month: FirstOfMonth = "month",
    definition: ByDefinition = "",
    scope: Scoped = "",
    comparison: Compared = "",
    from_: From = "",
    to: To = "",
    period: Period = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
) -> None:
    """List the incidents behind a number of a verdict that is asked with the same options."""
    from comity.api_behind import behind as find
    from comity.errors import QuestionError
    from comity.incidents.load import load_evidence
    from comity.report.lines import hanging
    from comity.report.text import clean, countries, number
    from comity.web.counted import data_of, rows_of, sheet_of

    if as_json and as_csv:
        raise QuestionError("Give one of --json and --csv, not both.")
    given = given_of(
        list_, as_of, (first_of_year, first_of_month), definition,
        (scope, comparison, from_, to, period),
    )  # fmt: skip
    found, evidence = find(
        question, load_evidence(), cell=cell, period=quarter, side=when, lists=given.lists,
        as_of=given.as_of, reading=given.reading, definition=definition, otherwise=given.otherwise,
    )  # fmt: skip
    rows = rows_of(evidence, found, given.reading)
    if as_json:
        print_json(data_of(evidence, found, rows))
        return
    if as_csv:
        sheet = sheet_of(evidence, found, rows)
        print_csv([sheet.columns, *(tuple(_cell(v) for v in row) for row in sheet.rows)])
        return
    counted = {c.key: c for c in found.incidents}
    for row in rows:
        one = counted[f"{row['list']}:{row['id']}"]
        who = f"{countries(row['initiators'])} to {countries(row['receivers'])}"
        text = f"{clean(row['name'])[:160]} ({clean(one.key)[:60]}), {who}"
        text += f"; counted {one.share:.2f}" if not one.why else f"; in no period: {one.why}"
        print_lines(hanging(f"{clean(row['start']) or 'undated':<12}", text, WIDTH))
    place = " ".join(filter(None, (f"cell {found.cell}", found.period, found.side)))
    say(f"{found.question}, {found.scope}, {place}: {len(rows):,} incidents, together "
        f"{number(found.total)}.")  # fmt: skip


def _cell(value: object) -> object:
    return "" if value is None else value
