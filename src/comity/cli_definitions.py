"""What do the words mean? `comity definitions`, in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from comity.cli_output import print_csv, print_json, print_lines, say, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.definitions.model import Definition, Definitions


class _ShowFirst(TyperGroup):
    """A group whose `show` may be left out: `comity definitions cybersecurity`."""

    usual = "show"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


definitions_app = typer.Typer(
    help="Definitions: what each side means by the words, and how to find more.",
    cls=_ShowFirst,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")]
Kin = Annotated[
    bool, typer.Option("--kin", help="With terms by which others name the same subject.")
]


@definitions_app.command("show")
def show(
    term: Annotated[str, typer.Argument(help="A term; without one, all terms.")] = "",
    kin: Kin = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every definition, not only each definer's latest.")
    ] = False,
    near: Annotated[bool, typer.Option("--near", help="Who is nearest to whom.")] = False,
    map_: Annotated[Path | None, typer.Option("--map", help="Draw the camps to this file.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the test of the camps.")] = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What a term covers for whom: a matrix, the two camps and how strong the split is."""
    from comity.definitions.camps import FEWEST, find_camps
    from comity.definitions.compare import definitions_of, latest_of_each
    from comity.definitions.register import find_term, load_definitions
    from comity.report.definitions_page import (
        definition_record,
        matrix_lines,
        neighbour_lines,
        term_lines,
    )

    definitions = load_definitions()
    wanted = find_term(definitions, term) if term else ""
    rows = definitions_of(definitions, wanted, kin=kin)
    if wanted and not every:
        rows = latest_of_each(rows, wanted)
    if as_csv:
        _print_csv(rows)
        return
    if not wanted and not as_json:
        print_lines(term_lines(definitions))
        return
    one_each = latest_of_each(rows, wanted)
    camps = find_camps(one_each, seed) if wanted and len(one_each) >= FEWEST else None
    if map_ is not None:
        _draw(map_, camps, definitions, wanted)
    if as_json:
        from comity.report.plain import plain

        print_json({"definitions": [definition_record(d) for d in rows], "camps": plain(camps)})
        return
    lines = matrix_lines(definitions, rows, camps)
    print_lines([*lines, *([("", ""), *neighbour_lines(definitions, rows)] if near else [])])
    if map_ is not None:
        say(f"Map written to {map_}")


def _draw(path: Path, camps: Any, definitions: Definitions, term: str) -> None:
    """Write the map. Raises RegisterError where there is none to draw."""
    from comity.errors import RegisterError
    from comity.report.camps_chart import camps_svg

    if camps is None:
        raise RegisterError("There is no map to draw: name a term that enough parties define.")
    title = f"Who means the same by {definitions.terms[term].title.lower()}"
    write_text(path, camps_svg(camps, definitions, title))


@definitions_app.command("compare")
def compare(
    definers: Annotated[list[str], typer.Argument(help="Who: US China SCO ISO.")],
    term: Annotated[
        str, typer.Option(help="Of this term and its kin; the subject itself without.")
    ] = "cybersecurity",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What some definers' words share, and what only one of them names."""
    from comity.definitions.compare import definitions_of, latest_of_each, nearness
    from comity.definitions.register import find_definer, find_term, load_definitions
    from comity.errors import RegisterError
    from comity.report.definitions_page import compare_lines, definition_record

    definitions = load_definitions()
    wanted = find_term(definitions, term)
    ids = list(dict.fromkeys(find_definer(definitions, d) for d in definers))
    every = definitions_of(definitions, wanted, ids, kin=True)
    rows = latest_of_each(every, wanted)
    missing = [d for d in ids if d not in {r.definer for r in rows}]
    if missing:
        raise RegisterError(
            f"No definition of {wanted} or a term of its kin by {', '.join(missing)} is here."
        )
    rows = tuple(sorted(rows, key=lambda r: ids.index(r.definer)))
    if as_json:
        from comity.report.plain import plain

        pairs = [plain(nearness(a, b)) for k, a in enumerate(rows) for b in rows[k + 1 :]]
        print_json({"definitions": [definition_record(d) for d in rows], "pairs": pairs})
    elif as_csv:
        _print_csv(rows)
    else:
        print_lines(compare_lines(definitions, rows, every=every))


@definitions_app.command("over-time")
def over_time(
    definer: Annotated[str, typer.Argument(help="Whose definitions.")],
    term: Annotated[str, typer.Option(help="Of this term only.")] = "",
    as_json: Json = False,
) -> None:
    """How one definer's words changed: what a later definition names that an earlier did not."""
    from comity.definitions.compare import definitions_of, shifts_of
    from comity.definitions.register import find_definer, find_term, load_definitions
    from comity.report.definitions_page import shift_lines

    definitions = load_definitions()
    wanted = find_term(definitions, term) if term else ""
    who = find_definer(definitions, definer)
    shifts = shifts_of(definitions_of(definitions, wanted, [who], kin=bool(wanted)))
    if as_json:
        from comity.report.plain import plain

        print_json(plain(list(shifts)))
    else:
        print_lines(shift_lines(definitions, shifts))


@definitions_app.command("find")
def find(
    files: Annotated[list[Path], typer.Argument(help="Text, HTML, PDF or Word documents.")],
    term: Annotated[list[str] | None, typer.Option(help="Only this term; may be repeated.")] = None,
    language: Annotated[str, typer.Option(help="en, fr, es or ru; told by the text without.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Sentences in documents that seem to define a term, for a person to judge and code."""
    from comity.definitions.find.finder import find_definitions
    from comity.documents import read_document
    from comity.errors import DocumentError

    found, faults = [], []
    for path in files:
        try:
            document = read_document(path)
            listed = find_definitions(document, language=language, terms=tuple(term or ()))
        except DocumentError as error:
            faults.append(str(error))
            continue
        found += [(document.name, c) for c in listed]
    columns = ("file", "term", "place", "language", "shape", "start", "end", "sentence")
    rows = [
        (name, c.term, c.place, c.language, c.shape, c.start, c.end, c.sentence)
        for name, c in found
    ]
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif as_csv:
        print_csv([columns, *rows])
    else:
        for name, c in found:
            say(_clean(f"{name}, {c.place}, {c.term}: {c.sentence}"), indent=4)
        say(
            f"{len(found)} candidate{'' if len(found) == 1 else 's'} in "
            f"{len(files) - len(faults)} of {len(files)} documents. "
            "None is a definition until a person says so."
        )
    for fault in faults:
        typer.echo(f"comity: {fault}", err=True)
    if faults:
        raise typer.Exit(1)


def _clean(text: str) -> str:
    """Return text from outside on one line, without what a terminal obeys."""
    from comity.report.text import clean

    return clean(text)


def _print_csv(rows: Sequence[Definition]) -> None:
    from comity.report.definitions_page import CSV_COLUMNS, definition_rows

    print_csv([CSV_COLUMNS, *definition_rows(rows)])
