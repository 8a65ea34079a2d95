"""Open a file of rows, whatever its format, as text cells with row numbers a user can look up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from comity.errors import SourceError

CELL_LIMIT = 32_767  # characters a spreadsheet cell can hold: longer text was cut there
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "dcid": ("Cyberincidentnum", "Dyadpair", "interactionstartdate"),
    "eurepoc": ("incident_id", "initiator_name", "receiver_name"),
    "cfr": ("Affiliations", "Sponsor", "Victims"),
    "csis": ("report_year", "report_month", "text"),
    "attack": ("first_seen", "last_seen", "attributed_to"),
    "cissm": ("evtDate", "actor_type", "actor_country"),
    "aptnotes": ("Filename", "SHA-1", "Link"),
}


SheetRow = tuple[Sequence[str], Mapping[str, str]]  # cells, and the same by column name


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and its rows, all cells text without surrounding blanks (a missing cell is empty).

    `numbers` are the rows' numbers in the file, the header being row 1; rows without any text are
    left out of both, since a spreadsheet cannot tell them from no row. `cut` says that the file
    ends within its last row, which only a reader that allows for it lets pass.
    """

    path: Path
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    cut: bool = False

    def records(self) -> list[dict[str, str]]:
        """Return the rows by column name; of a name that appears twice the first column counts."""
        first = {name: at for at, name in reversed(list(enumerate(self.header)))}
        return [{name: row[at] for name, at in first.items()} for row in self.rows]

    def numbered(self) -> Iterator[tuple[int, SheetRow]]:
        """Yield each row's number, with its cells and the same by column name."""
        yield from zip(self.numbers, zip(self.rows, self.records(), strict=True), strict=True)


def cannot_read(path: Path, why: str, what_to_do: str) -> SourceError:
    """Return the error for a file that cannot be read, in one form for all readers."""
    return SourceError(f"Cannot read {path.name}: {why}. {what_to_do}")


def open_sheets(path: Path, may_be_cut: bool = False) -> tuple[Sheet, ...]:
    """Return the sheets of a spreadsheet, or the one table of a CSV, TSV or Parquet file.

    With `may_be_cut` a text file may end within a quoted cell of its last row. Raises SourceError
    where the file is missing, empty, cut short or in another format.
    """
    if not path.is_file():
        raise cannot_read(path, "there is no such file", "Check the path.")
    if path.stat().st_size == 0:
        raise cannot_read(path, "the file is empty", "Download it again.")
    suffix = path.suffix.lower()
    if suffix in SPREADSHEETS:
        sheets = _open_spreadsheet(path)
    elif suffix in (".parquet", ".pq"):
        sheets = (_open_parquet(path),)
    else:
        sheets = (_open_text(path, "\t" if suffix in (".tsv", ".tab") else "", may_be_cut),)
    if not any(sheet.rows for sheet in sheets):
        raise cannot_read(path, "it has no rows below its header", "Download it again.")
    return sheets


def choose_sheet(
    path: Path, required: Sequence[str], title: str, may_be_cut: bool = False
) -> Sheet:
    """Return the first sheet that has all the columns required (`may_be_cut`: see `open_sheets`).

    Raises SourceError naming what is missing, and the list the file looks like.
    """
    sheets = open_sheets(path, may_be_cut)
    for sheet in sheets:
        if set(required) <= set(sheet.header):
            return sheet
    nearest = min(sheets, key=lambda s: len(set(required) - set(s.header)))
    missing = [c for c in required if c not in nearest.header]
    found = ", ".join(nearest.header[:8]) or "none"
    why = f"columns of {title} are missing: {', '.join(missing)} (found: {found})"
    raise cannot_read(path, why, _advice(sheets))


def _advice(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        for name, columns in SIGNATURES.items():
            if set(columns) <= set(sheet.header):
                return f"It looks like {name}: try `comity evidence add {name} FILE`."
    return (
        "A list of your own needs a mapping: `comity evidence add my-list FILE --mapping M.toml`."
    )


def _sheet(path: Path, name: str, lines: Sequence[Sequence[str | None]]) -> Sheet:
    """Return lines of cells as a sheet, the first line being the header."""
    if not lines:
        return Sheet(path, name, (), (), ())
    header = tuple((cell or "").strip() for cell in lines[0])
    rows, numbers = [], []
    for number, line in enumerate(lines[1:], start=2):
        cells = tuple((cell or "").strip() for cell in line)
        if any(cells):
            padded = cells + ("",) * (len(header) - len(cells))
            rows.append(padded[: max(len(header), 1)])
            numbers.append(number)
    return Sheet(path, name, header, tuple(rows), tuple(numbers))


def _open_spreadsheet(path: Path) -> tuple[Sheet, ...]:
    import fastexcel
    import polars as pl

    try:
        book = fastexcel.read_excel(path)
        sheets = []
        for name in book.sheet_names:
            loaded = book.load_sheet(name, header_row=None, dtypes="string")
            frame = pl.DataFrame(loaded)
            sheets.append(_sheet(path, name, frame.rows()))
    except Exception as error:  # fastexcel raises its own family and, on cut files, others
        if isinstance(error, MemoryError):
            raise
        why = "it is not a spreadsheet, or was cut short on the way"
        raise cannot_read(path, why, "Download it again.") from error
    return tuple(sheets)


def _separator(text: str) -> str:
    """Return which of comma, semicolon and tab parts the header into most columns."""
    header = text.split("\n", 1)[0]
    return max(",;\t", key=lambda s: len(next(csv.reader([header], delimiter=s), [])))


def _open_text(path: Path, separator: str, may_be_cut: bool) -> Sheet:
    """Return a text file as a sheet; an empty separator is found from the header."""
    content = path.read_bytes()
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise cannot_read(path, "it is a spreadsheet", "Give the file the ending .xlsx.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\x00" in content:
            raise cannot_read(path, "it is not text", "Save it as CSV in UTF-8.") from None
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise cannot_read(path, "it is not text", "Save it as CSV in UTF-8.")
    csv.field_size_limit(1 << 24)
    parted_by, cut = separator or _separator(text), False
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=parted_by, strict=True))
    except csv.Error as error:
        cut = may_be_cut and str(error) == "unexpected end of data"
        if not cut:
            why = f"its quotes do not match ({error})"
            raise cannot_read(path, why, "It was cut short, or is not CSV.") from error
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=parted_by))
    return replace(_sheet(path, path.name, lines), cut=cut)


def _open_parquet(path: Path) -> Sheet:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise cannot_read(path, "it is not a Parquet file", "Write it again.") from error
    flat = frame.with_columns(
        pl.col(name).list.eval(pl.element().cast(pl.String)).list.join(";")
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List)
    )
    lines = [tuple(flat.columns), *flat.with_columns(pl.all().cast(pl.String)).iter_rows()]
    return _sheet(path, path.name, lines)
