"""Records as JSON objects and back: what is missing or of another type is a ValueError."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def to_record(value: Any) -> dict[str, Any]:
    """Return a frozen record as plain data."""
    return asdict(value)


def from_record(kind: type[Record], data: object) -> Record:
    """Return the record of some data: the inverse of `to_record`. Raises ValueError."""
    if not isinstance(data, Mapping):
        raise ValueError(f"{kind.__name__} is {type(data).__name__}, not an object")
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in data:
            values[field.name] = _read(hints[field.name], data[field.name], field.name)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{kind.__name__} has no {field.name}")
    return kind(**values)


def _read(hint: Any, value: object, name: str) -> Any:
    """Return a value as its type says. Raises ValueError."""
    if is_dataclass(hint):
        return from_record(hint, value)  # type: ignore[arg-type]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name} is {value!r}, not a list")
        return tuple(_read(inner[0], v, name) for v in value)
    if origin is UnionType:
        if value is None and NoneType in inner:
            return None
        return _read(next(i for i in inner if i is not NoneType), value, name)
    wanted = Mapping if origin is not None else hint
    if hint is float:
        wanted = int | float
    if hint is not Any and (not isinstance(value, wanted) or isinstance(value, bool)):
        raise ValueError(f"{name} is {value!r}, not {getattr(hint, '__name__', hint)}")
    if origin is not None and inner[1] is str:
        _only_text(value, name)
    return value


def _only_text(value: Any, name: str) -> None:
    if not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f"{name} holds something that is not text")


def utc_now(now: dt.datetime | None = None) -> str:
    """Return a time to the second, in UTC: "2026-11-20T10:15:00Z"."""
    moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
