"""What a message says, as lines of plain text: for people, and for programs that know only STIX."""

from __future__ import annotations

from comity.exchange.model import Json, Kind
from comity.exchange.templates import template

MOST = 8_000  # characters of a message's description


def said(kind: Kind, fields: Json) -> tuple[tuple[str, str], ...]:
    """Return the fields that say something as label and text: those of the template first, then
    those that were added, by their names."""
    known = {one.name: one.label for one in template(kind).fields}
    order = [*(n for n in known if n in fields), *(n for n in sorted(fields) if n not in known)]
    found = []
    for name in order:
        value = fields[name]
        text = ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
        if text.strip():
            found.append((known.get(name, name), text))
    return tuple(found)


def readable(kind: Kind, fields: Json) -> str:
    """Return the fields as text, a line each; long ones cut, since the fields travel too."""
    text = "\n".join(f"{label}: {value}" for label, value in said(kind, fields))
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
