"""Stored texts read as JSON for a proof: what they are, or None where they are something else."""

from __future__ import annotations

import json
from typing import Any

from comity.exchange.messages import EXTENSION


def object_in(text: str | bytes) -> dict[str, Any] | None:
    """Return the JSON object that a text is, None where it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def header_in(text: str) -> dict[str, Any] | None:
    """Return the header in the text of a message, as it stands; None where there is none."""
    try:
        header = json.loads(text)["extensions"][EXTENSION]["header"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return header if isinstance(header, dict) else None
