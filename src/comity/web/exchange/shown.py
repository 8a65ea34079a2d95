"""What the exchange holds, as its pages show it: messages, deadlines, objects, alarms in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comity.errors import RefusedError
from comity.exchange.messages import TITLES, check_signature
from comity.exchange.model import Header, Json
from comity.exchange.proofs import keys_of
from comity.exchange.rules import Due, Standing
from comity.exchange.views import Shown
from comity.exchange.wording import said
from comity.saying import Texts
from comity.web.parameters import address
from comity.web.shown import cut

if TYPE_CHECKING:
    from comity.exchange.desk import Desk

BESIDE = frozenset({"identity", "extension-definition", "marking-definition"})
"""Objects that travel along and say nothing of their own."""
MOST_OBJECTS = 60  # of one message on a page; its JSON has all
MOST_ROWS = 80  # of one object on a page
_FIRST = ("name", "value", "pattern", "description", "content", "abstract")


def when(at: dt.datetime | None) -> str:
    """Return an instant to the minute; empty for none.

    >>> when(dt.datetime(2026, 3, 2, 9, 5, tzinfo=dt.UTC))
    '2026-03-02 09:05 UTC'
    """
    return "" if at is None else f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def span(seconds: float, texts: Texts) -> str:
    """Return a length of time in words, in minutes, hours or days."""
    minutes = abs(seconds) / 60
    if minutes < 90:
        return texts("exchange.minutes", n=round(minutes))
    if minutes < 48 * 60:
        return texts("exchange.hours", n=round(minutes / 60))
    return texts("exchange.days", n=round(minutes / 1440))


def short(id: str) -> str:
    """Return the beginning of an id, as the command line takes it."""
    return id.removeprefix("grouping--")[:8]


@dataclass(frozen=True, slots=True)
class DueRow:
    """What somebody owes: `state` is its standing, `left` says how long there is or was."""

    party: str
    owes: str
    on: str
    asker: str
    due: str
    left: str
    state: str
    path: str
    answer: str = ""  # the address to write what is owed; empty where it is not ours to write


def due_row(due: Due, thread: str, now: dt.datetime, texts: Texts, own: str, line: str) -> DueRow:
    """Return a deadline as a page shows it, with the address where we write what we owe."""
    seconds = (due.due - now).total_seconds()
    left = ""
    if due.open:
        key = "exchange.late_by" if due.state is Standing.OVERDUE else "exchange.left"
        left = texts(key, span=span(seconds, texts))
    elif due.met is not None:
        left = texts("exchange.met_after", span=span((due.met - due.since).total_seconds(), texts))
    write = {"line": line, "kind": str(due.owes), "thread": thread, "regards": due.message}
    mine = due.open and due.party == own
    return DueRow(
        due.party, TITLES[due.owes], TITLES[due.asked], due.asker, when(due.due), left,
        str(due.state), f"{thread_path(thread)}#m-{short(due.message)}",
        address("/exchange/compose", write) if mine else "",
    )  # fmt: skip


def thread_path(id: str) -> str:
    """Return the address of a thread's page."""
    return f"/exchange/thread/{id}"


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One STIX object: what it is, how it is called, and all it says as (name, text)."""

    type: str
    name: str
    rows: tuple[tuple[str, str], ...]
    more: int


def object_row(item: Json) -> ObjectRow:
    """Return an object as rows of text, nested values under their path: `pattern`, `refs[0]`."""
    rows = [(cut(name, 80), text) for name, text in _flat(item) if name not in ("type", "id")]
    name = next((str(item[n]) for n in _FIRST if isinstance(item.get(n), str)), "")
    whole = [("id", str(item.get("id", ""))[:200]), *rows]
    return ObjectRow(cut(str(item.get("type", "")), 40), cut(name, 120), tuple(whole[:MOST_ROWS]),
                     max(0, len(whole) - MOST_ROWS))  # fmt: skip


def _flat(value: Any, at: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 20:
        yield at, "…"
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{at}.{name}" if at else str(name), depth + 1)
    elif isinstance(value, list | tuple):
        if all(isinstance(one, str | int | float) for one in value):
            yield at, ", ".join(str(one) for one in value)
        else:
            for n, inner in enumerate(value):
                yield from _flat(inner, f"{at}[{n}]", depth + 1)
    else:
        yield at, {True: "true", False: "false", None: ""}.get(value, str(value))


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of a thread as a person reads it. `signature` says whether its signature holds,
    by which key; `unsound` that it does not."""

    id: str
    anchor: str
    title: str
    kind: str
    sender: str
    own: bool
    number: int
    sent: str
    recorded: str
    entry: int
    what: str
    marking: str
    sealed: bool
    unread: bool
    regards: str
    regards_title: str
    deadline: str
    provision: str
    regular: bool
    note: str
    other_text: str
    fields: tuple[tuple[str, str], ...]
    objects: tuple[ObjectRow, ...]
    more_objects: int
    signature: str
    unsound: bool
    digest: str


def message_row(desk: Desk, one: Shown, titles: Mapping[str, str], texts: Texts) -> MessageRow:
    """Return a message as a page shows it; `titles` names the messages it may regard."""
    message, entry = one.received.message, one.received.entry
    header = message.header
    objects = [o for o in one.opened.objects if o.get("type") not in BESIDE]
    signature, unsound = _signature(desk, one, texts)
    return MessageRow(
        id=header.id, anchor=short(header.id), title=TITLES[header.kind], kind=str(header.kind),
        sender=header.sender, own=header.sender == desk.party, number=header.number,
        sent=when(header.sent), recorded=when(entry.recorded), entry=entry.n, what=entry.what,
        marking=f"TLP:{header.marking.upper()}", sealed=bool(header.sealed),
        unread=one.received.unread, regards=short(header.regards) if header.regards else "",
        regards_title=titles.get(header.regards, ""), deadline=when(header.deadline),
        provision=header.provision, regular=one.regular, note=one.broken, other_text=one.other_text,
        fields=said(header.kind, one.opened.fields),
        objects=tuple(object_row(o) for o in objects[:MOST_OBJECTS]),
        more_objects=max(0, len(objects) - MOST_OBJECTS), signature=signature, unsound=unsound,
        digest=message.digest,
    )  # fmt: skip


def _signature(desk: Desk, one: Shown, texts: Texts) -> tuple[str, bool]:
    """Return whether a message's signature holds with the keys on the cards held of its sender, as
    of when it came into the journal, and whether it does not."""
    message, at = one.received.message, one.received.entry.recorded
    past = keys_of(desk, message.header.sender)
    try:
        key = check_signature(message, past.at(at), at)
    except RefusedError as error:
        return texts("exchange.signature_bad", why=str(error).rstrip(".")), True
    text = texts("exchange.signature_good", kid=key.kid[:12], sender=message.header.sender)
    newest = {k.kid: k for card in past.cards for k in card.keys}
    if (revoked := newest[key.kid].revoked) is not None:
        text += " " + texts("exchange.signature_revoked", day=f"{revoked:%Y-%m-%d}")
    return text, False


def titles_of(headers: Sequence[Header]) -> dict[str, str]:
    """Return a short name for each message: "Request for information 1 of us.example"."""
    return {h.id: f"{TITLES[h.kind]} {h.number} of {h.sender}" for h in headers}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person should know at once, in a sentence, and what to do."""

    kind: str  # contradiction, set-back, quota, terms-differ, ends
    line: str  # empty where it is of none
    text: str
    do: str


def alarms_of(desk: Desk, texts: Texts) -> tuple[Alarm, ...]:
    """Return the alarms that still hold, those that someone must look into first."""
    sizes, found = _own_numbers(desk), []
    for name, value in desk.alarms().items():
        kind, line, *more = [*name.split(":"), ""]
        if kind == "contradiction":
            found.append(Alarm(kind, line, value, texts("exchange.do_contradiction")))
        elif kind == "terms-differ":
            text = texts("exchange.alarm_terms", party=value)
            found.append(Alarm(kind, line, text, texts("exchange.do_terms")))
        elif kind == "quota":
            text = texts("exchange.alarm_quota_text", party=more[0], day=value)
            found.append(Alarm(kind, line, text, texts("exchange.do_quota", line=line)))
        elif kind == "ends":
            what = texts(f"exchange.ends_{line.replace('-', '_')}")
            text = texts("exchange.alarm_ends_text", what=what, party=more[0], day=value[:10])
            found.append(Alarm(kind, "", text, texts("exchange.do_ends")))
        elif kind == "seen-by" and int(value) > sizes.get(line, 0):
            text = texts(
                "exchange.alarm_set_back_seen", party=more[0], n=value, held=sizes.get(line, 0)
            )
            found.append(Alarm("set-back", line, text, texts("exchange.do_set_back")))
    for line, number in sizes.items():
        known = {(a.kind, a.line) for a in found}
        if (high := desk.water.level(line).number) > number and ("set-back", line) not in known:
            text = texts("exchange.alarm_set_back_own", n=high, held=number)
            found.append(Alarm("set-back", line, text, texts("exchange.do_set_back")))
    order = ("contradiction", "set-back", "quota", "terms-differ", "ends")
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


def _own_numbers(desk: Desk) -> dict[str, int]:
    """Return how many messages of our own each line's journal holds."""
    from comity.exchange.heads import take_head

    lines = desk.lines()
    with desk.database.reading() as link:
        heads = {line.id: take_head(link, line, lock=False) for line in lines}
    return {
        id: head.last[desk.party].number if desk.party in head.last else 0
        for id, head in heads.items()
    }
