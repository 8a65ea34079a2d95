"""The canonical form of a question: what it means, whatever its file looks like, and its hash.

The form is JSON in ASCII, keys sorted, without spaces, and its SHA-256 is the question's. It has
the names of the question file. Comments, order, quoting, the file's path and what only repeats a
default are not in it: what is empty or at its default is left out, so that a field which Comity
learns later changes no old hash; a reading that leaves something out is written with what it takes
from `[scope]`; days are ISO 8601, both ends of the window INCLUSIVE; runs of white space are one
space; text is in Unicode form NFC. docs/registered.md says the same for a reader.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from comity.errors import CountryError
from comity.verification.model import FieldChange, Question, Rival, Scope, usual_title

CANONICAL = "1"
PLACES: Mapping[str, tuple[str, ...]] = {
    "variants": ("variant",),
    "controls": ("control",),
    "definitions": ("definition",),
    "rivals": ("rival",),
    "comparison": ("comparison", "primary"),
    "receiver_not_party": ("comparison", "receiver_not_party"),
    "assumes": ("comparison", "assumes"),
    "window_from": ("window", "from"),
    "window_to": ("window", "to"),
    "lists": ("evidence", "lists"),
}
Data = dict[str, Any]


def canonical(question: Question) -> Data:
    """Return what a question means as plain data, the same for every way of writing it down."""
    data: Data = {"canonical": CANONICAL}
    for field in fields(question):
        if field.name in ("path", "declared") or _at_default(question, field):
            continue
        *groups, name = PLACES.get(field.name, (field.name,))
        place = data
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = plain(getattr(question, field.name))
    return data


def canonical_text(data: Mapping[str, Any]) -> str:
    """Return plain data as the one text that is hashed."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_of_data(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data in lower-case hexadecimal."""
    return hashlib.sha256(canonical_text(data).encode("ascii")).hexdigest()


def question_sha256(question: Question) -> str:
    """Return the hash of a question's meaning: the SHA-256 of its canonical form."""
    return sha256_of_data(canonical(question))


def plain(value: object) -> Any:
    """Return a value as plain data: order is kept only where it means something.

    Scopes become a mapping by id, rivals and names sorted lists, other records mappings without
    what is empty or at its default.
    """
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).split())
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Scope):
        return _scope(value)
    if isinstance(value, tuple | list):
        return _several(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in sorted(value.items())}
    if is_dataclass(value):
        given = [f.name for f in fields(value) if not _at_default(value, f)]
        return {name: plain(getattr(value, name)) for name in given}
    return value


def _several(values: tuple[object, ...] | list[object]) -> Any:
    """Return several values: scopes by id, rivals and names in order, other things as they are."""
    if values and all(isinstance(v, Scope) for v in values):
        return {v.id: _scope(v) for v in values if isinstance(v, Scope)}
    found = [plain(v) for v in values]
    if all(isinstance(v, str | Rival) for v in values):
        return sorted(found, key=lambda v: json.dumps(v, sort_keys=True))
    return found


def _scope(scope: Scope) -> Data:
    """Return a scope without its id and role, which its place says, and without a usual title."""
    given = {
        f.name: plain(getattr(scope, f.name))
        for f in fields(scope)
        if f.name not in ("id", "role") and not _at_default(scope, f)
    }
    with suppress(CountryError):  # a code of a question made in Python may have no name
        if scope.title == usual_title(scope.initiator, scope.receiver, scope.target):
            given.pop("title", None)
    return given


def _at_default(record: Any, field: Field[Any]) -> bool:
    """Say whether a field of a record is empty or at its default."""
    value = getattr(record, field.name)
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return value in ("", (), None) or bool(default is not MISSING and value == default)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the fields in which two canonical forms differ, named as in the file, sorted.

    A value that is not given is the empty text.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        FieldChange(name, old.get(name, ""), new.get(name, ""))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )


def _leaves(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted name, value as text); a rival is named by its date."""
    for key, value in data.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{name}.")
        elif isinstance(value, list) and any(isinstance(v, Mapping) for v in value):
            counts: dict[str, int] = {}
            for number, one in enumerate(value, start=1):
                mapping = one if isinstance(one, Mapping) else {"": one}
                label = str(mapping.get("date", number))
                counts[label] = counts.get(label, 0) + 1
                same = f" ({counts[label]})" if counts[label] > 1 else ""
                yield from _leaves(mapping, f"{name}.{label}{same}.")
        elif isinstance(value, list):
            texts = [str(v) for v in value]
            yield name, json.dumps(texts) if any("," in v for v in texts) else ", ".join(texts)
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        else:
            yield name, str(value)
