"""Open a JSON file that may hold anything: within bounds, text made safe, every kind checked.

What is read is data of others. A file that is too large, too deep, cut short or no JSON is refused
in words; a value of another kind than expected is passed over as if it were not there. Half
characters (lone surrogates), which no table can hold, become a question mark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from comity.countries import country_name, resolve_country
from comity.dates import UNKNOWN, ImpreciseDate, from_ymd, parse_date
from comity.errors import CountryError, DateError
from comity.incidents.sources.addresses import split_addresses, unique
from comity.incidents.sources.result import RowError, RowProblem, row_hash
from comity.incidents.sources.sheets import cannot_read

MOST_BYTES = 256 * 2**20
DEEPEST = 64
Record = Mapping[str, Any]


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises SourceError where the file is missing, empty, larger than MOST_BYTES, deeper than DEEPEST
    or not JSON.
    """
    if not path.is_file():
        raise cannot_read(path, "there is no such file", "Check the path.")
    size = path.stat().st_size
    if size == 0:
        raise cannot_read(path, "the file is empty", "Download it again.")
    if size > MOST_BYTES:
        why = f"it has {size / 2**20:,.0f} MB, more than {MOST_BYTES / 2**20:,.0f}"
        raise cannot_read(path, why, "Split it into several files.")
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError as error:
        raise _too_deep(path) from error
    except ValueError as error:  # not UTF-8, not JSON, a number of too many digits
        why = f"it is not JSON ({str(error)[:120]})"
        raise cannot_read(path, why, "It was cut short, or is in another format.") from error
    if depth_of(found) > DEEPEST:
        raise _too_deep(path)
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _too_deep(path: Path) -> Exception:
    why = f"its values are nested more than {DEEPEST} deep"
    return cannot_read(path, why, "No list is: check what the file is.")


def depth_of(value: Any) -> int:
    """Return how many lists and objects are within one another in a value, counted level by level.

    >>> depth_of({"a": [1, {"b": 2}]}), depth_of("text")
    (3, 0)
    """
    level, depth = [value], 0
    while level := [v for v in level if isinstance(v, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            break
        level = [
            inner for v in level for inner in (v.values() if isinstance(v, dict) else v)
        ]  # fmt: skip
    return depth


def record_in(value: Any, key: str) -> Record:
    """Return the object under a key, or an empty one."""
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def list_in(value: Any, key: str) -> Sequence[Any]:
    """Return the list under a key; one value alone is a list of one, nothing an empty one."""
    inner = value.get(key) if isinstance(value, dict) else None
    if inner is None:
        return ()
    return inner if isinstance(inner, list) else (inner,)


def text_in(value: Any, key: str) -> str:
    """Return the text or number under a key as text; anything else is empty."""
    return as_text(value.get(key) if isinstance(value, dict) else None)


def texts_in(value: Any, key: str) -> tuple[str, ...]:
    """Return the texts in the list under a key, those that are none or empty left out."""
    return tuple(t for t in map(as_text, list_in(value, key)) if t)


def as_text(value: Any) -> str:
    """Return text without blanks at its ends, a number as text, anything else empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value).encode("utf-8", "replace").decode("utf-8").strip()
    except ValueError:  # a number of too many digits
        return ""


def web_addresses(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the http(s) addresses in some texts, each once; no other scheme is one."""
    return unique(address for text in texts for address in split_addresses(text)[0])


def day_of(text: str, column: str) -> ImpreciseDate:
    """Return the day of a date or moment in ISO 8601 (`2019-09-01T04:00:00Z`), unknown where empty.

    Raises RowError where it is none that exists.
    """
    if not text:
        return UNKNOWN
    day = text.split("T")[0].split(" ")[0]
    try:
        found = parse_date(day)
    except DateError as error:
        raise RowError(column, text, "not a date as 2019-09-01") from error
    if found.earliest is None or found.latest is None:
        raise RowError(column, text, "not a date as 2019-09-01")
    return found


def parts_of_date(value: Any, column: str) -> ImpreciseDate:
    """Return an object's `year`, `month` and `day` as finely as given, unknown without a year.

    Raises RowError where they are no date.
    """
    parts = [text_in(value, part) for part in ("year", "month", "day")]
    if not parts[0] or parts[0] == "0":
        return UNKNOWN
    try:
        year, month, day = (int(float(part)) if part else 0 for part in parts)
        return from_ymd(year, month or None, (day or None) if month else None)
    except (ValueError, OverflowError, DateError) as error:
        raise RowError(column, "-".join(filter(None, parts)), "not a date that exists") from error


def in_order(start: ImpreciseDate, end: ImpreciseDate, column: str) -> None:
    """Raise RowError where an end is before its start."""
    if end.latest is not None and start.earliest is not None and end.latest < start.earliest:
        raise RowError(column, end.text, f"the end is before the start, {start.text}")


def country_code(text: str) -> str:
    """Return the code of a country's name or code in either case; empty where nobody knows it.

    >>> country_code("ua"), country_code("Viet Nam"), country_code("Europe")
    ('UA', 'VN', '')
    """
    for given in (text, text.upper()) if len(text) in (2, 3) else (text,):
        try:
            country_name(given)
        except CountryError:
            if code := resolve_country(given):
                return code
        else:
            return given
    return ""


def countries_in(
    number: int, column: str, texts: Sequence[str], nothing: Sequence[str] = ()
) -> tuple[tuple[str, ...], list[RowProblem]]:
    """Return the codes of some names, each once, and those that nobody knows as problems.

    `nothing` are words of the list that stand for no country and are passed over.
    """
    codes, problems = [], []
    for text in texts:
        if text in nothing:
            continue
        if code := country_code(text):
            codes.append(code)
        else:
            reason = "no country is known by this name: left out"
            problems.append(RowProblem(number, column, text[:200], reason))
    return unique(codes), problems


def hash_of(value: Any) -> str:
    """Return the row hash of a JSON value: that of its text with keys in order."""
    return row_hash([json.dumps(value, sort_keys=True, ensure_ascii=True)])
