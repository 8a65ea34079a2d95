"""The command `comity lineage`: where a clause's wording came from, what documents share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from comity.diffusion.model import DatedText, Reuses, Span

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
    _documents(files, date or [], least, most, as_json, as_csv, svg, html)


def _clause(name: str, as_json: bool, as_csv: bool, svg: Path | None) -> None:
    """Print and draw the tree of a clause."""
    from comity.diffusion.descent import trace_clause
    from comity.diffusion.wording import load_clause
    from comity.report import wording
    from comity.report.html import write_whole
    from comity.report.terminal import print_page

    traced = trace_clause(load_clause(name), _parties())
    if svg is not None:
        write_whole(svg, wording.lineage_svg(traced))
    if as_json:
        typer.echo(wording.lineage_to_json(traced))
    elif as_csv:
        _print_csv(wording.CSV_COLUMNS, wording.lineage_rows(traced))
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


def _documents(
    files: Sequence[Path],
    dates: Sequence[str],
    least: int,
    most: int,
    as_json: bool,
    as_csv: bool,
    svg: Path | None,
    html: Path | None,
) -> None:
    """Print, write and draw what documents share; one that cannot be read stops no other."""
    from comity.diffusion.reuse import find_reuse
    from comity.errors import LineageError
    from comity.report import reuse
    from comity.report.html import write_whole
    from comity.report.terminal import print_page

    texts, problems = _read(_expanded(files), dates)
    for problem in problems:
        typer.echo(f"comity: {problem}", err=True)
    if len(texts) < 2:
        raise LineageError(
            f"{len(texts)} of {len(texts) + len(problems)} documents could be read; reuse is "
            "looked for between two or more."
        )
    found = find_reuse(texts, least)
    place = _places(found)
    if svg is not None:
        write_whole(svg, reuse.reuse_svg(found))
    if html is not None:
        reuse.write_reuses(found, place, html)
    if as_json:
        typer.echo(reuse.reuses_to_json(found, place, problems))
    elif as_csv:
        _print_csv(reuse.CSV_COLUMNS, reuse.reuse_rows(found, place))
    else:
        print_page(lambda width: reuse.render_reuses(found, place, width, most))
    _said(svg, as_json or as_csv)
    _said(html, as_json or as_csv)
    if problems:
        raise typer.Exit(1)


def _expanded(files: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once, those of a folder in order of name."""
    seen = set()
    for file in files:
        inside = sorted(p for p in file.iterdir() if p.is_file()) if file.is_dir() else [file]
        for path in inside:
            if path not in seen and not (file.is_dir() and path.name.startswith(".")):
                seen.add(path)
                yield path


def _read(files: Iterable[Path], dates: Sequence[str]) -> tuple[list[DatedText], list[str]]:
    """Return the documents that can be read, with their dates, and why others cannot."""
    from comity.diffusion.dating import GIVEN, NAMED, date_in_name, dates_given
    from comity.diffusion.model import DatedText
    from comity.errors import ComityError

    paths = list(files)
    given = dates_given(dates, [str(p) for p in paths])
    texts: list[DatedText] = []
    problems: list[str] = []
    short = [p.name for p in paths]
    for path in paths:
        name = str(path)
        try:
            text = _text_of(path)
        except ComityError as error:
            problems.append(str(error))
            continue
        date = given.get(name) or date_in_name(path.name)
        dated_by = GIVEN if name in given else NAMED if date.text else ""
        shown = path.name if short.count(path.name) == 1 else name
        texts.append(DatedText(shown, text, date, dated_by))
    return texts, problems


def _print_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    import csv
    import io

    from comity.incidents.export import guard_cell
    from comity.report.text import clean

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(guard_cell(clean(cell)) for cell in row)
    typer.echo(out.getvalue(), nl=False)


def _said(path: Path | None, quiet: bool) -> None:
    """Say that a file was written, on the error stream where the output is data."""
    if path is not None:
        typer.echo(f"Written to {path}", err=quiet)


def _text_of(path: Path) -> str:
    """Return the text of a plain-text file. Raises SourceError."""
    from comity.errors import SourceError

    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(f"Cannot read {path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"Cannot read {path}: not UTF-8 at byte {error.start}.") from error


def _places(found: Reuses) -> Callable[[Span], str]:
    """Return a function that names the lines of a span."""

    def place(span: Span) -> str:
        text = found.texts[span.document].text
        return f"line {text.count(chr(10), 0, span.start) + 1}"

    return place
