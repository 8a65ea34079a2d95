"""A list's release as plain text fields, for manifests and for what ships beside a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from comity.dates import parse_date
from comity.errors import DateError
from comity.incidents.model import ListRelease

DATES = ("covers_from", "covers_to", "closed_on")


def release_to_record(release: ListRelease) -> dict[str, Any]:
    """Return a release as text, numbers and booleans; dates are EDTF, unknown is empty text."""
    record = {f.name: getattr(release, f.name) for f in fields(release)}
    return {k: v.text if k in DATES else v for k, v in record.items()}


def release_from_record(record: Mapping[str, Any]) -> ListRelease:
    """Return the release of a record: the inverse of `release_to_record`.

    Raises ValueError for a field that is unknown, missing or of another type, and for a bad date.
    """
    kinds = {f.name: str(f.type) for f in fields(ListRelease)}
    if unknown := sorted(set(record) - set(kinds)):
        raise ValueError(f"unknown field {unknown[0]!r}; allowed: {', '.join(kinds)}")
    values: dict[str, Any] = {}
    for name, value in record.items():
        expected = {"bool": bool, "int": int}.get(kinds[name], str)
        if not isinstance(value, expected):
            raise ValueError(f"{name} is {value!r}, which is not {expected.__name__}")
        try:
            values[name] = parse_date(value) if name in DATES else value
        except DateError as error:
            raise ValueError(f"{name}: {error}") from error
    try:
        return ListRelease(**values)
    except TypeError as error:
        raise ValueError(f"a field is missing: {error}") from error
