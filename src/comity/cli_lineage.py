"""The command `comity lineage`: where a clause's wording came from, what documents share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from comity.cli_output import print_csv, print_json, write_text

if TYPE_CHECKING:
    from comity.diffusion.model import DatedText, Span

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Documents, or folders of them, to compare with each other."),
]
ClauseName = Annotated[
    str, typer.Option("--clause", help="Trace a clause on record instead: commercial-theft.")
]
Dates = Annotated[
    list[str] | None,
    typer.Option("--date", help="A document's date: FILE=2015-09-25, or 2015; may be repeated."),
]
Least = Annotated[
    int, typer.Option(help="Least score of a find; 24 is twelve words in a row.", min=15, max=120)
]
Most = Annotated[int, typer.Option(help="How many finds to print.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same as data.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")]
Svg = Annotated[Path | None, typer.Option(help="Also draw it to this file.")]
Html = Annotated[Path | None, typer.Option(help="Also write the finds side by side to this file.")]


class _Asked(NamedTuple):
    """What a user asked for besides the documents."""

    dates: tuple[str, ...]
    least: int
    most: int
    as_json: bool
    as_csv: bool
    svg: Path | None
    html: Path | None


def lineage(
    files: Files = None,
    clause: ClauseName = "",
    date: Dates = None,
    least: Least = 24,
    most: Most = 10,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    svg: Svg = None,
    html: Html = None,
) -> None:
    """Who took whose words: a clause's family tree, or passages that documents share."""
    from comity.errors import LineageError

    if as_json and as_csv:
        raise LineageError("Give one of --json and --csv, not both.")
    for path in (svg, html):
        if path is not None and not path.parent.is_dir():
            raise LineageError(f"Cannot write {path}: there is no folder {path.parent}.")
    if clause:
        if files or date or html:
            raise LineageError("--clause goes without files, --date and --html.")
        _clause(clause, as_json, as_csv, svg)
        return
    if not files:
        from comity.diffusion.wording import clause_names

        known = ", ".join(clause_names())
        raise LineageError(f"Name two or more documents, or --clause with one of: {known}.")
    _documents(files, _Asked(tuple(date or ()), least, most, as_json, as_csv, svg, html))


def _clause(name: str, as_json: bool, as_csv: bool, svg: Path | None) -> None:
    """Print and draw the tree of a clause."""
    from comity.diffusion.descent import trace_clause
    from comity.diffusion.wording import load_clause
    from comity.instruments.queries import links_of_each
    from comity.instruments.register import load_register
    from comity.report import wording
    from comity.report.terminal import print_page

    traced = trace_clause(load_clause(name), _parties(), links_of_each(load_register()))
    if svg is not None:
        write_text(svg, wording.lineage_svg(traced))
    if as_json:
        print_json(wording.lineage_to_dict(traced))
    elif as_csv:
        print_csv([wording.CSV_COLUMNS, *wording.lineage_rows(traced)])
    else:
        print_page(lambda width: wording.render_lineage(traced, width))
    _said(svg, as_json or as_csv)


def _parties() -> dict[str, frozenset[str]]:
    """Return the countries of each instrument of the register."""
    from comity.instruments.register import load_register

    found: dict[str, frozenset[str]] = {}
    for row in load_register().parties:
        found[row.instrument] = found.get(row.instrument, frozenset()) | set(row.codes)
    return found


def _documents(files: Sequence[Path], asked: _Asked) -> None:
    """Print, write and draw what documents share; one that cannot be read stops no other."""
    from comity.diffusion.reuse import find_reuse
    from comity.errors import LineageError
    from comity.report import reuse
    from comity.report.terminal import print_page

    texts, places, problems = _read(_expanded(files), asked.dates)
    for problem in problems:
        typer.echo(f"comity: {problem}", err=True)
    if len(texts) < 2:
        raise LineageError(
            f"{len(texts)} of {len(texts) + len(problems)} documents could be read; reuse is "
            "looked for between two or more."
        )
    with _progress() as progress:
        found = find_reuse(texts, asked.least, progress)

    def place(span: Span) -> str:
        return places[found.texts[span.document].name](span.start)

    if asked.svg is not None:
        write_text(asked.svg, reuse.reuse_svg(found))
    if asked.html is not None:
        write_text(asked.html, reuse.render_page(found, place))
    if asked.as_json:
        print_json(reuse.reuses_to_dict(found, place, problems))
    elif asked.as_csv:
        print_csv([reuse.CSV_COLUMNS, *reuse.reuse_rows(found, place)])
    else:
        print_page(lambda width: reuse.render_reuses(found, place, width, asked.most))
    for path in (asked.svg, asked.html):
        _said(path, asked.as_json or asked.as_csv)
    if problems:
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is under way on a terminal; say nothing where the output is not one."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading the documents") as status:
        yield lambda text: status.update(text)


def _expanded(files: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once, those of a folder in order of name, hidden ones left out."""
    seen = set()
    for file in files:
        inside = [file]
        if file.is_dir():
            inside = sorted(p for p in file.iterdir() if p.is_file() and p.name[:1] != ".")
        for path in inside:
            if path not in seen:
                seen.add(path)
                yield path


def _read(
    files: Iterable[Path], dates: Sequence[str]
) -> tuple[list[DatedText], dict[str, Callable[[int], str]], list[str]]:
    """Return the documents that can be read, how each names its places, and why others cannot.

    A document is named by its file, with the folder only where two files share a name.
    """
    from comity.diffusion.dating import GIVEN, NAMED, date_in_name, dates_given
    from comity.diffusion.model import DatedText
    from comity.documents import read_document
    from comity.errors import DocumentError

    paths = list(files)
    given = dates_given(dates, [str(p) for p in paths])
    short = [p.name for p in paths]
    texts: list[DatedText] = []
    places: dict[str, Callable[[int], str]] = {}
    problems: list[str] = []
    for path in paths:
        try:
            document = read_document(path)
        except DocumentError as error:
            problems.append(str(error))
            continue
        name = path.name if short.count(path.name) == 1 else str(path)
        date = given.get(str(path)) or date_in_name(path.name)
        dated_by = GIVEN if str(path) in given else NAMED if date.text else ""
        texts.append(DatedText(name, document.text, date, dated_by))
        places[name] = document.place
    return texts, places, problems


def _said(path: Path | None, quiet: bool) -> None:
    """Say that a file was written, on the error stream where the output is data."""
    if path is not None:
        typer.echo(f"Written to {path}", err=quiet)
