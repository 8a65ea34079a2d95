"""Lines, an inbox and a thread of the exchange, as plain text and as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from comity.exchange.canonical import stamp
from comity.exchange.desk import Desk
from comity.exchange.messages import TITLES
from comity.exchange.model import Kind, Received
from comity.exchange.rules import Due, Standing
from comity.exchange.templates import template
from comity.exchange.views import Inbox, Shown, ThreadView
from comity.exchange.wording import said
from comity.report.lines import Line, columns, hanging, labelled, wrap
from comity.report.text import clean

WIDTH = 80
OTHER_TEXT = (
    "its open text, which programs that know only STIX show, is not what its fields say. Both are "
    "signed; ask the sender which holds. The text:"
)


def lines_lines(desk: Desk, width: int = WIDTH) -> list[Line]:
    """Return the lines a desk holds open, with their terms and the size of their journals."""
    rows = [("line", "parties", "messages", "acknowledge", "answer", "check")]
    for one in lines_record(desk):
        terms = one["terms"]
        rows.append((
            one["id"], ", ".join(one["parties"]), str(one["messages"]),
            f"{terms['acknowledge_hours']:g} h", f"{terms['answer_hours']:g} h",
            f"{terms['check_days']:g} days",
        ))  # fmt: skip
    if len(rows) == 1:
        return _said("No line is open here. Open one: `comity exchange open TRACK --with PARTY`.",
                     width)  # fmt: skip
    return columns(rows, width, right=(2,))


def lines_record(desk: Desk) -> list[dict[str, Any]]:
    """Return the lines a desk holds open, as data."""
    return [
        {"id": line.id, "title": line.title, "parties": list(line.parties),
         "terms": asdict(line.terms), "messages": desk.size(line.id)}
        for line in desk.lines()
    ]  # fmt: skip


def inbox_lines(found: Inbox, now: dt.datetime, width: int = WIDTH) -> list[Line]:
    """Return what waits for a person, what is overdue first."""
    lines: list[Line] = []
    for name, text in found.alarms.items():
        lines += labelled("Alarm:", _alarm(name, clean(text)), width)
    lines += _heading(f"Unread ({found.unread_count:,})", lines)
    for one in found.unread:
        header = one.message.header
        text = f"{TITLES[header.kind]} from {header.sender} on {header.line}"
        text += f", sent {_when(header.sent)}: thread {header.thread[:8]}"
        lines += hanging("  - ", text, width)
    for title, dues in (("We owe", found.owed_by_us), ("Owed to us", found.owed_to_us)):
        lines += _heading(f"{title} ({len(dues)})", lines)
        lines += [line for due in dues for line in _due(due, found, now, width)]
    lines += _heading(f"Drafts ({len(found.drafts)})", lines)
    for draft in found.drafts:
        lines += hanging("  - ", f"{draft.id[:8]}: {TITLES[draft.kind]} on {draft.line}, saved "
                         f"{_when(draft.saved)}", width)  # fmt: skip
    lines += _heading(f"Not yet delivered ({len(found.deliveries)})", lines)
    for way in found.deliveries:
        why = f"; {clean(way.error)}" if way.error else ""
        tried = {0: "not tried yet", 1: "tried once"}.get(
            way.attempts, f"tried {way.attempts} times"
        )
        state = "refused" if way.state == "refused" else tried
        lines += hanging("  - ", f"message {way.number} on {way.line} to {way.peer}: {state}{why}",
                         width)  # fmt: skip
    lines += _heading(f"Threads ({found.threads_count:,})", lines)
    for thread in found.threads:
        unread = f", {thread.unread} unread" if thread.unread else ""
        lines += hanging("  - ", f"{thread.id[:8]}: {TITLES[thread.kind]} by {thread.opened_by} on "
                         f"{thread.line}, {_count(thread.messages)}{unread}, latest "
                         f"{thread.latest[:16].replace('T', ' ')}Z", width)  # fmt: skip
    if found.pages > 1:
        rest = "" if found.page == found.pages else f"; --page {found.page + 1} shows earlier ones"
        lines += [("", ""), *_said(f"Page {found.page} of {found.pages:,}{rest}.", width)]
    return lines


def inbox_record(found: Inbox) -> dict[str, Any]:
    """Return an inbox as data."""
    return {
        "unread": [_head(one) for one in found.unread],
        "owed_by_us": [_due_record(due, found) for due in found.owed_by_us],
        "owed_to_us": [_due_record(due, found) for due in found.owed_to_us],
        "drafts": [
            {"id": d.id, "line": d.line, "kind": str(d.kind), "saved": stamp(d.saved),
             "approvals": list(d.approvals)}
            for d in found.drafts
        ],
        "deliveries": [
            {"line": w.line, "peer": w.peer, "number": w.number, "state": w.state,
             "attempts": w.attempts, "next_try": stamp(w.next_try), "error": w.error}
            for w in found.deliveries
        ],
        "alarms": dict(found.alarms),
        "unread_count": found.unread_count, "threads_count": found.threads_count,
        "page": found.page, "pages": found.pages,
        "threads": [asdict(t) | {"kind": str(t.kind)} for t in found.threads],
    }  # fmt: skip


def thread_lines(view: ThreadView, now: dt.datetime, width: int = WIDTH) -> list[Line]:
    """Return a thread: every message with what it says, what is due, what may be sent next."""
    lines: list[Line] = [(f"Thread {view.id}", "")]
    lines += _said(f"On {view.line.id}, between {' and '.join(view.line.parties)}.", width)
    for shown in view.messages:
        lines += [("", ""), *_message(shown, width)]
    lines += _heading("State", [("", "")])
    for party, place in view.state.places.items():
        lines += hanging("  - ", f"{party}: {place!s}", width)
    for due in view.state.dues:
        met = f", met {_when(due.met)}" if due.met else ""
        text = f"{owes(due)} by {_when(due.due)}: {due.state!s}{met}"
        lines += hanging("  - ", text, width)
    lines += _heading("We may send", [("", "")])
    for kind, ids in view.allowed:
        to = ", ".join(id.removeprefix("grouping--")[:8] for id in ids if id)
        lines += hanging("  - ", f"{kind!s}{f', regarding {to}' if to else ''}", width)
    return lines if view.allowed else [*lines, *_said("  nothing more", width)]


def thread_record(view: ThreadView) -> dict[str, Any]:
    """Return a thread as data."""
    return {
        "thread": view.id,
        "line": view.line.id,
        "parties": list(view.line.parties),
        "messages": [
            _head(s.received) | {
                "regular": s.regular, "note": s.broken, "other_text": s.other_text,
                "fields": dict(s.opened.fields),
                "objects": [dict(o) for o in s.opened.objects],
            }
            for s in view.messages
        ],
        "places": {party: str(place) for party, place in view.state.places.items()},
        "dues": [_due_record(due) for due in view.state.dues],
        "allowed": [{"kind": str(kind), "regards": list(ids)} for kind, ids in view.allowed],
    }  # fmt: skip


def _message(shown: Shown, width: int) -> list[Line]:
    header, entry = shown.received.message.header, shown.received.entry
    lines: list[Line] = [(
        f"{TITLES[header.kind]} {header.id.removeprefix('grouping--')[:8]}",
        f" from {header.sender}, its message {header.number}",
    )]  # fmt: skip
    marking = f"TLP:{header.marking.upper()}{', sealed' if header.sealed else ''}"
    lines += _said(f"  Sent {_when(header.sent)}, in our journal as entry {entry.n} "
                   f"{_when(entry.recorded)}; {marking}", width)  # fmt: skip
    if header.regards:
        lines += _said(f"  Regards {header.regards.removeprefix('grouping--')[:8]}", width)
    if shown.broken:
        lines += _inside("Note:", clean(shown.broken), width)
    if shown.other_text:
        lines += _inside("Careful:", OTHER_TEXT, width)
        lines += hanging("    | ", clean(shown.other_text), width)
    for label, text in said(header.kind, shown.opened.fields):
        lines += hanging("    ", f"{clean(label)}: {clean(text)}", width)
    kinds = [str(o.get("type", "")) for o in shown.opened.objects]
    kinds = [k for k in kinds if k not in ("identity", "extension-definition")]
    if kinds:
        counted = ", ".join(f"{kinds.count(k)} {clean(k)}" for k in sorted(set(kinds)))
        lines += hanging("    ", f"STIX objects: {counted}", width)
    return lines


def _inside(label: str, text: str, width: int) -> list[Line]:
    """Return a labelled paragraph two columns in."""
    (first, rest), *others = labelled(label, text, width - 2)
    return [(f"  {first}", rest), *[("", f"  {line}") for _, line in others]]


def _head(one: Received) -> dict[str, Any]:
    header = one.message.header
    return {
        "id": header.id, "digest": one.message.digest, "line": header.line,
        "thread": header.thread, "kind": str(header.kind), "title": template(header.kind).title,
        "sender": header.sender, "number": header.number, "sent": stamp(header.sent),
        "received": stamp(one.entry.recorded), "regards": header.regards,
        "marking": str(header.marking), "sealed": bool(header.sealed), "unread": one.unread,
        "deadline": stamp(header.deadline) if header.deadline else "",
    }  # fmt: skip


def _due_record(due: Due, found: Inbox | None = None) -> dict[str, Any]:
    return {
        "message": due.message, "asked": str(due.asked), "asker": due.asker, "party": due.party,
        "owes": str(due.owes), "since": stamp(due.since), "due": stamp(due.due),
        "explicit": due.explicit, "met": stamp(due.met) if due.met else "",
        "state": str(due.state), "thread": found.places.get(due.message, "") if found else "",
    }  # fmt: skip


def owes(due: Due) -> str:
    """Return who owes what on which message, as a clause."""
    what = {
        Kind.ACKNOWLEDGEMENT: "an acknowledgement of",
        Kind.REPLY: "a reply to",
        Kind.CHECK_ANSWER: "an answer to",
    }
    owed = what.get(due.owes, f"a {due.owes!s} to")
    return f"{due.party} owes {owed} the {TITLES[due.asked].lower()} of {due.asker}"


def _due(due: Due, found: Inbox, now: dt.datetime, width: int) -> list[Line]:
    late = due.state is Standing.OVERDUE
    hours = abs((due.due - now).total_seconds()) / 3600
    until = f"OVERDUE since {_when(due.due)}" if late else f"by {_when(due.due)}"
    how = f"{hours:.0f} h {'ago' if late else 'left'}"
    thread = found.places.get(due.message, "")[:8]
    return hanging("  - ", f"{owes(due)}, {until} ({how}): thread {thread}", width)


def ends_said(party: str, what: str, until: str) -> str:
    """Return that something of a party ends, as a sentence, and what to do."""
    renew = {
        "card": "`comity exchange contacts renew`",
        "certificate": "a new one for the server, and `comity exchange contacts renew`",
    }.get(what, "`comity exchange keys rotate`")
    return (
        f"The {what.replace('-', ' ')} of {party} ends {until[:10]}: {renew} there, and the new "
        "card given to the other parties before that day."
    )


def _alarm(name: str, text: str) -> str:
    """Return an alarm of a desk as a sentence that says what to do."""
    kind, line, *more = [*name.split(":"), ""]
    if kind == "terms-differ":
        return (
            f"{text} wrote on {line} under other terms or parties than are set here. Agree by "
            f"telephone, and give `comity exchange open {line}` the same at both desks."
        )
    if kind == "quota":
        return (
            f"{more[0]} brought more on {line} than it takes in a day, last on {text}; the rest "
            f"waits at its desk. `comity exchange quota {line}` shows and sets how much that is."
        )
    if kind == "ends":
        return ends_said(more[0], line, text)
    if kind == "seen-by":
        return (
            f"{more[0]} has seen this desk's message {text} on {line}: if that is more than "
            f"`comity exchange recover {line}` finds here, the database was set back."
        )
    return f"{line}: {text}" if line else text


def _heading(text: str, before: Sequence[Line]) -> list[Line]:
    return [*([("", "")] if before else []), (text, "")]


def _said(text: str, width: int) -> list[Line]:
    indent = text[: len(text) - len(text.lstrip())]
    return [("", indent + line) for line in wrap(text.strip(), width - len(indent))]


def _count(messages: int) -> str:
    return f"{messages} message{'' if messages == 1 else 's'}"


def _when(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
