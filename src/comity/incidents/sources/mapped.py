"""Read any list: a CSV, TSV, Excel or Parquet file with a small mapping file beside it.

The mapping (`mapping`) names columns, says how dates are written and what the list's words mean in
our codes. What it does not say stays unknown: no initiator, receiver, target or date is guessed. A
row with a date that does not exist, an end before its start or a country nobody knows is set aside;
a word that the mapping does not have is left out and flagged. A list without an id column is
numbered by the rows of the file.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping as AnyMapping
from dataclasses import replace
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.countries import country_name, resolve_country
from comity.dates import UNKNOWN, ImpreciseDate, from_ymd, parse_date
from comity.errors import CountryError, DateError
from comity.incidents.model import Incident, Initiator
from comity.incidents.sources.addresses import split_addresses, unique
from comity.incidents.sources.mapping import CODES, Mapping, read_mapping
from comity.incidents.sources.result import (
    ReadResult,
    RowError,
    RowProblem,
    described,
    read_rows,
    result_of,
    row_hash,
)
from comity.incidents.sources.sheets import Sheet, SheetRow, cannot_read, open_sheets
from comity.provenance import sha256_of

Record = AnyMapping[str, str]


def read_mapped(path: Path, mapping_path: Path) -> ReadResult:
    """Return the incidents of a user's own list. Raises SourceError."""
    mapping = read_mapping(mapping_path)
    sheet = _sheet(path, mapping)
    release = replace(mapping.release(), sha256=sha256_of(path))

    def read_one(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
        incident, problems = _incident(number, row[1], mapping)
        return replace(incident, row_hash=row_hash(row[0])), problems

    return result_of(release, read_rows(sheet.numbered(), read_one), len(sheet.rows))


def _sheet(path: Path, mapping: Mapping) -> Sheet:
    """Return the sheet that has the mapping's columns. Raises SourceError."""
    sheets = open_sheets(path)
    if mapping.read.sheet:
        named = [s for s in sheets if s.name == mapping.read.sheet]
        if not named:
            names = ", ".join(s.name for s in sheets)
            why = f"it has no sheet {mapping.read.sheet!r}"
            raise cannot_read(path, why, f"Its sheets: {names}.")
        sheets = tuple(named)
    wanted = mapping.columns.named()
    for sheet in sheets:
        if set(wanted) <= set(sheet.header):
            return sheet
    missing = [c for c in wanted if c not in sheets[0].header]
    why = f"it has no column {', '.join(missing)}, which the mapping names"
    raise cannot_read(path, why, f"Its columns: {', '.join(sheets[0].header) or 'none'}.")


def _incident(number: int, record: Record, mapping: Mapping) -> tuple[Incident, list[RowProblem]]:
    """Return one row as an incident and what was left out of it. Raises RowError."""
    columns, constants = mapping.columns, mapping.constants
    problems: list[RowProblem] = []
    initiators = _countries(number, record, mapping, "initiators", problems)
    kinds = _words(number, record, mapping, "initiator_kinds", problems)
    organs = _cells(record, columns.organs, mapping) if columns.organs else []
    receivers = _countries(number, record, mapping, "receivers", problems)
    start, end = _date(record, mapping, "start"), _date(record, mapping, "end")
    if end.latest is not None and start.earliest is not None and end.latest < start.earliest:
        raise RowError(str(columns.end), end.text, f"the end is before the start, {start.text}")
    commercial = _words(number, record, mapping, "commercial_use", problems)
    identifier = record[columns.id] if columns.id else f"row-{number}"
    if not identifier:
        raise RowError(columns.id, "", "the row has no id")
    addresses, rest = split_addresses(record[columns.sources] if columns.sources else "")
    if rest:
        problems.append(RowProblem(number, columns.sources, rest, "not an address: left out"))
    incident = Incident(
        list=mapping.list.name,
        release=mapping.list.release,
        id=identifier,
        name=record[columns.name] if columns.name else identifier,
        start=start,
        end=end,
        reported=_date(record, mapping, "reported"),
        initiators=tuple(
            Initiator(
                code,
                kinds[at] if at < len(kinds) else constants.initiator_kind,
                organs[at] if at < len(organs) else "",
            )
            for at, code in enumerate(initiators)
        ),
        receivers=receivers,
        targets=unique(_words(number, record, mapping, "targets", problems)) or ("unknown",),
        effects=unique(_words(number, record, mapping, "effects", problems)),
        objectives=unique(_words(number, record, mapping, "objectives", problems)) or ("unknown",),
        commercial_use=commercial[0] if commercial else "unknown",
        severity=_number(number, record, columns.severity, problems),
        campaign=record[columns.campaign] if columns.campaign else "",
        sources=unique(addresses),
        description=described(record[columns.description]) if columns.description else "",
    )
    return incident, problems


def _cells(record: Record, column: str, mapping: Mapping) -> list[str]:
    """Return the parts of a cell, those that stand for nothing left out."""
    parts = (part.strip() for part in record[column].split(mapping.read.separator))
    return [part for part in parts if part and part not in mapping.read.missing]


def _words(
    number: int, record: Record, mapping: Mapping, field: str, problems: list[RowProblem]
) -> list[str]:
    """Return our codes for the words of a cell, or the mapping's constants where there is none."""
    column = getattr(mapping.columns, field)
    table, codes = getattr(mapping.values, field), CODES[field]
    found = []
    for word in _cells(record, column, mapping) if column else ():
        code = table.get(word, word)
        if code in codes:
            found.append(code)
        else:
            reason = f"neither in values.{field} nor one of {', '.join(codes)}: left out"
            problems.append(RowProblem(number, column, word, reason))
    return found or list(getattr(mapping.constants, field, ()))


def _countries(
    number: int, record: Record, mapping: Mapping, field: str, problems: list[RowProblem]
) -> tuple[str, ...]:
    """Return the codes of a cell of countries, unknown where there is none. Raises RowError."""
    column = getattr(mapping.columns, field)
    spelt = getattr(mapping.values, field)
    given = _cells(record, column, mapping) if column else []
    if not given:
        column, given = f"constants.{field}", list(getattr(mapping.constants, field))
    found = []
    for name, code in _spelt(given, mapping.read.separator, spelt):
        if code is not None:
            found.append(code)
        elif mapping.read.unknown_country == "set-aside":
            raise RowError(column, name, "no country is known by this name")
        else:
            reason = "no country is known by this name: left out"
            problems.append(RowProblem(number, column, name, reason))
    return unique(found) or (UNKNOWN_COUNTRY,)


def _spelt(
    parts: list[str], separator: str, spelt: AnyMapping[str, str]
) -> list[tuple[str, str | None]]:
    """Return name and code of the countries in a cell's parts; the longest run of parts wins, so
    that "Iran, Islamic Republic of" is one where a comma parts."""
    found: list[tuple[str, str | None]] = []
    start = 0
    while start < len(parts):
        for stop in range(len(parts), start, -1):
            name = f"{separator.strip()} ".join(parts[start:stop])
            code = _code(spelt.get(name, name))
            if code is not None or stop == start + 1:
                found.append((name, code))
                start = stop
                break
    return found


@functools.lru_cache(maxsize=4096)
def _code(name: str) -> str | None:
    try:
        country_name(name)
    except CountryError:
        return resolve_country(name)
    return name


def _date(record: Record, mapping: Mapping, field: str) -> ImpreciseDate:
    """Return a date cell, or year, month and day cells, as a date. Raises RowError."""
    column = getattr(mapping.columns, field)
    if not column:
        return UNKNOWN
    if isinstance(column, str):
        text = record[column].removesuffix(" 00:00:00")
        label = column
    else:
        text = "-".join(_padded(record[name]) for name in column if record[name])
        label = ", ".join(column)
    if text in mapping.read.missing:
        return UNKNOWN
    whole = isinstance(column, tuple) or mapping.read.date_format == "edtf"
    try:
        return parse_date(text) if whole else _formatted(text, mapping.read.date_format)
    except DateError as error:
        raise RowError(label, text, str(error)) from error
    except ValueError as error:
        form = mapping.read.date_format
        raise RowError(label, text, f"not a day that exists, written as {form}") from error


def _padded(part: str) -> str:
    number = part.removesuffix(".0")
    return number.zfill(2) if number.isdigit() else number


def _formatted(text: str, form: str) -> ImpreciseDate:
    """Return a date written in directives; without %d it is a month, without a month a year."""
    found = dt.datetime.strptime(text, form)
    if "%d" in form or "%j" in form:
        return from_ymd(found.year, found.month, found.day)
    monthly = any(directive in form for directive in ("%m", "%b", "%B"))
    return from_ymd(found.year, found.month if monthly else None)


def _number(number: int, record: Record, column: str, problems: list[RowProblem]) -> float | None:
    """Return a severity, None where there is none; what is no number is flagged."""
    text = record[column] if column else ""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value - value != 0:  # not a number, or infinite
        problems.append(RowProblem(number, column, text, "not a number: left out"))
        return None
    return value
