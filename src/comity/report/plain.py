"""Any record of findings as plain data, and the JSON Schema of it, from its own fields.

A record becomes an object with a key a field; dates are ISO 8601 text, numbers have six significant
digits, what is not finite is null.
"""

from __future__ import annotations

import datetime as dt
import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

Data = dict[str, Any]


def number(value: float | None) -> float | None:
    """Return a number to six significant digits, None where it is missing or not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")


def plain(value: Any) -> Any:
    """Return a record, or any value in one, as plain data. Raises TypeError for another type."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, frozenset):
        return sorted(plain(v) for v in value)
    raise TypeError(f"{type(value).__name__} has no plain form")


def schema_of(record: type, prefix: str = "") -> Data:
    """Return the JSON Schema definitions of a record and of every record in it, by name with a
    prefix."""
    found: Data = {}
    _define(record, found, prefix)
    return dict(sorted(found.items()))


def _define(record: type, found: Data, prefix: str) -> None:
    """Add a record's definition, and those it needs."""
    name = _name(record, prefix)
    if name in found:
        return
    found[name] = {}
    hints = get_type_hints(record)
    properties = {f.name: _schema(hints[f.name], found, prefix) for f in fields(record)}
    found[name] = {
        "type": "object",
        "description": " ".join((record.__doc__ or "").split()),
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _name(record: type, prefix: str) -> str:
    """Return a definition's name: NextItem is next_item, after the prefix."""
    text = "".join(f"_{c.lower()}" if c.isupper() else c for c in record.__name__)
    return prefix + text.lstrip("_")


SIMPLE: Mapping[Any, Data] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    dt.date: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    type(None): {"type": "null"},
}


def _schema(hint: Any, found: Data, prefix: str) -> Data:
    """Return the schema of one annotation."""
    if hint in SIMPLE:
        return dict(SIMPLE[hint])
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        kinds = [_schema(a, found, prefix) for a in args]
        return kinds[0] if kinds[0] == SIMPLE[float] else {"anyOf": kinds}
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return {"type": "array", "items": _schema(args[0], found, prefix)}
    if origin is tuple:
        items = [_schema(a, found, prefix) for a in args]
        return {
            "type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)
        }  # fmt: skip
    if is_dataclass(hint) and isinstance(hint, type):
        _define(hint, found, prefix)
        return {"$ref": f"#/$defs/{_name(hint, prefix)}"}
    raise TypeError(f"{hint!r} has no schema")
