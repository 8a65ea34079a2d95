"""What every command does with a result: lines, data, tables, files. Nothing is computed here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

WIDTH = 80


def say(text: str, indent: int = 0) -> None:
    """Print a paragraph, later lines indented; long words (addresses) are never broken."""
    import textwrap

    typer.echo(
        textwrap.fill(
            text, WIDTH, subsequent_indent=" " * indent,
            break_long_words=False, break_on_hyphens=False,
        )
    )  # fmt: skip


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show what is under way on a terminal; say nothing where the output is not one."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def telling(text: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is under way, as it is told; say nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(text) as status:
        yield status.update


def print_lines(lines: Sequence[tuple[str, str]]) -> None:
    """Print lines of a page, their headings in bold on a terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for heading, rest in lines:
        console.print(Text.assemble((heading, "bold"), rest))


def print_json(data: object) -> None:
    """Print data as JSON, letters of every script as they are."""
    import json

    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def print_csv(rows: Iterable[Sequence[object]]) -> None:
    """Print rows for a spreadsheet, which must not take a text for a formula; numbers stay so."""
    import csv
    import io

    from comity.incidents.export import guard_cell
    from comity.instruments.card import plain

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(
        [c if isinstance(c, int | float) else guard_cell(plain(str(c))) for c in row]
        for row in rows
    )
    typer.echo(out.getvalue(), nl=False)


def write_text(path: Path, text: str) -> None:
    """Write a chart or page. Raises StoreError where the file cannot be written."""
    from comity.errors import StoreError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"Cannot write {path}: {error.strerror or error}.") from error


def write_picture(path: Path, svg: str) -> None:
    """Write a chart as SVG, or as PNG where the file's name says so. Raises StoreError."""
    from comity.errors import StoreError

    kind = path.suffix.casefold()
    if kind not in (".svg", ".png"):
        raise StoreError(f"Cannot draw to {path}: name a file that ends in .svg or .png.")
    if kind == ".svg":
        write_text(path, svg)
        return
    from comity.report.svg import as_png

    try:
        path.write_bytes(as_png(svg))
    except OSError as error:
        raise StoreError(f"Cannot write {path}: {error.strerror or error}.") from error


def write_room(
    path: Path, title: str, lines: Sequence[tuple[str, str]], pictures: Sequence[str], command: str,
    room: str = "how a norm spread",
) -> None:  # fmt: skip
    """Write a page of text and its pictures as one HTML file. Raises StoreError."""
    from comity.report.html import write_whole
    from comity.report.room import render_room

    write_whole(path, render_room(room, title, lines, pictures, f"{command} --report {path.name}"))
