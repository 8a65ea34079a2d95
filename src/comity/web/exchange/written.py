"""What a form says: the fields of a kind of message as they were typed, read into a draft."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData

from comity.errors import AddressError, RefusedError
from comity.exchange.canonical import read_stamp, stamp
from comity.exchange.model import Draft, Kind, Level
from comity.exchange.templates import MOST, MOST_EXTRA, MOST_OF_A_LINE, Field, template

if TYPE_CHECKING:
    from comity.web.exchange.room import Visit

BY_WHEN = "by_when"  # the field that is the message's own deadline too
TYPED_CHOICES = 60  # a list of more than so many is typed, not ticked
SPARE = 2  # empty rows for fields of one's own
_THREAD = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_MESSAGE = re.compile(rf"grouping--{_THREAD.pattern}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """What a form says beside its objects; `deadline` is None where no time is named."""

    kind: Kind
    line: str
    thread: str
    regards: str
    provision: str
    fields: Mapping[str, Any]
    marking: Level
    seal: bool
    deadline: dt.datetime | None


def read_kind(text: str) -> Kind:
    """Return a kind of message. Raises AddressError naming those there are."""
    try:
        return Kind(text)
    except ValueError:
        raise AddressError(
            f"{text[:40]!r} is no kind of message. There is: {', '.join(Kind)}."
        ) from None


def read_written(visit: Visit) -> Written:
    """Return what the form of a visit says. Raises AddressError for what no form of ours sends."""
    kind = read_kind(visit.said("kind"))
    thread, regards = visit.said("thread"), visit.said("regards")
    if (thread and not _THREAD.fullmatch(thread)) or (regards and not _MESSAGE.fullmatch(regards)):
        raise AddressError("The form names no thread and no message as their ids are written.")
    try:
        marking = Level(visit.said("marking") or "amber")
    except ValueError:
        raise AddressError(f"There is no such marking. There is: {', '.join(Level)}.") from None
    fields = {f.name: value for f in template(kind).fields if (value := _value(visit, f))}
    fields |= _extras(visit.form, set(fields) | {f.name for f in template(kind).fields})
    deadline = None
    with suppress(RefusedError):  # what is no time is shown as a problem of its field
        deadline = read_stamp(fields[BY_WHEN]) if BY_WHEN in fields else None
    return Written(kind, visit.said("line", 100), thread, regards, visit.said("provision"), fields,
                   marking, visit.said("seal") == "yes", deadline)  # fmt: skip


def _value(visit: Visit, asked: Field) -> Any:
    """Return what was typed into a field, as the message says it; empty for nothing."""
    name = f"f-{asked.name}"
    if asked.kind == "objects":
        return ""
    if asked.kind == "choices":
        given = [str(v) for v in visit.form.getlist(name) if isinstance(v, str)]
        words = [w.strip() for v in given for w in re.split(r"[,;\s]+", v) if w.strip()]
        upper = len(asked.options) > TYPED_CHOICES  # country codes
        return list(dict.fromkeys(w[:60].upper() if upper else w[:60] for w in words))[:300]
    text = visit.said(name, 2 * MOST.get(asked.kind, MOST_OF_A_LINE))
    return _instant(text) if asked.kind == "instant" else text


def _instant(text: str) -> str:
    """Return a time as a message writes it, where it can be read as one: without an offset it is
    in UTC, as the form says.

    >>> _instant("2026-12-01T12:00"), _instant("soon")
    ('2026-12-01T12:00:00.000Z', 'soon')
    """
    try:
        at = dt.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return stamp(at.replace(tzinfo=at.tzinfo or dt.UTC).astimezone(dt.UTC))
    except (ValueError, OverflowError, RefusedError):
        return text


def _extras(form: FormData, taken: set[str]) -> dict[str, str]:
    """Return the fields that were added: their names as names are written, "Case no." as case-no.

    A name that is taken gets a number, so that nothing that was typed is lost.
    """
    found: dict[str, str] = {}
    names, values = form.getlist("x-name"), form.getlist("x-value")
    for name, value in list(zip(names, values, strict=False))[: MOST_EXTRA + SPARE]:
        text = str(value).replace("\r\n", "\n").strip()
        if not text or not isinstance(name, str):
            continue
        base = re.sub(r"[^a-z0-9_]+", "-", name.strip().lower()).strip("-_0123456789")[:36]
        made, number = base or "more", 2
        while made in taken or made in found:
            made, number = f"{base or 'more'}-{number}", number + 1
        found[made] = text
    return found


def extras_of(draft: Draft) -> list[tuple[str, str]]:
    """Return the fields of a draft that its kind does not ask for, as name and text."""
    asked = {f.name for f in template(draft.kind).fields}
    return [(n, v if isinstance(v, str) else ", ".join(map(str, v)))
            for n, v in draft.fields.items() if n not in asked]  # fmt: skip


def shown_value(asked: Field, fields: Mapping[str, Any]) -> Any:
    """Return a field's value as its form control shows it."""
    value = fields.get(asked.name, [] if asked.kind == "choices" else "")
    if asked.kind == "choices" and isinstance(value, list) and len(asked.options) > TYPED_CHOICES:
        return ", ".join(map(str, value))
    if asked.kind == "instant" and isinstance(value, str):
        return value[:16] if re.fullmatch(r"[0-9T:.-]{16,}Z", value) else value
    return value
