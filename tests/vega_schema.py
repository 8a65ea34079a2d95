"""Vega-Lite's schema, as Altair ships it, and the first slip of a specification against it."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

ROWS = 2  # of a table, which are enough to see that it is one


def first_slip(spec: Any) -> str | None:
    """Return where a specification departs from the schema and how; None where it does not."""
    error = best_match(_schema().iter_errors(_short(spec)))
    return None if error is None else f"{error.json_path}: {error.message[:300]}"


@lru_cache(maxsize=1)
def _schema() -> Draft7Validator:
    """Return the schema; Altair is not loaded for it."""
    found = find_spec("altair")
    assert found is not None
    assert found.origin is not None
    (path,) = Path(found.origin).parent.glob("vegalite/v6/schema/vega-lite-schema.json")
    return Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def _short(node: Any) -> Any:
    """Return a specification with its tables cut short."""
    if isinstance(node, list):
        return [_short(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {**one, "values": one["values"][:ROWS]} if key == "data" else _short(one)
        for key, one in node.items()
    }
