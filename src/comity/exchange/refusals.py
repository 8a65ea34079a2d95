"""What was refused, kept for people: the latest of it, and of each party's contradictions a few
proofs. Whoever sends nothing but what is refused fills nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, stamp
from comity.exchange.model import Message, Outcome, Reason, State
from comity.exchange.tables import refusals

if TYPE_CHECKING:
    from comity.exchange.heads import Head

MOST_REFUSALS = 2000  # of a line, those without a proof
MOST_PROOFS = 50  # of one party on a line: one would do
MOST_TEXT = 500


def refusal(identifier: str, digest: str, error: RefusedError) -> Outcome:
    """Return the outcome of a message that is refused, in words that print."""
    text = printed(str(error)[:MOST_TEXT])
    return Outcome(printed(identifier), digest, State.REFUSED, Reason(error.reason), text)


def printed(text: str) -> str:
    """Return a text of which a stranger wrote a part, with what does not print replaced.

    >>> printed("a\\x00b\\u202ec")
    'a?b?c'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def record(
    head: Head, outcome: Outcome, carrier: str, now: dt.datetime, message: Message | None = None
) -> None:
    """Note a refusal; a contradiction with the message that proves it. `keep` writes it."""
    proof = ""
    if message is not None and outcome.reason is Reason.CONTRADICTION:
        proof = canonical(message.root).decode()
    head.rows.setdefault("refusals", []).append({
        "line": head.line.id, "at": stamp(now), "carrier": carrier[:255],
        "sender": message.header.sender if message else "",
        "number": message.header.number if message else 0, "digest": outcome.digest,
        "reason": str(outcome.reason), "text": outcome.text, "root": proof,
    })  # fmt: skip


def keep(link: Connection, line: str, rows: list[dict[str, Any]]) -> None:
    """Write the refusals of one transaction on a line, and let go of the oldest beyond the most."""
    t = refusals.c
    proven = {row["sender"]: set[str]() for row in rows if row["root"]}
    for sender, held in proven.items():
        mine = (t.line == line) & (t.sender == sender) & (t.root != "")
        held |= set(link.execute(select(t.digest).where(mine)).scalars())
    plain, fresh = [], []
    for row in rows:
        held = proven.get(row["sender"], set())
        if row["root"] and row["digest"] not in held and len(held) < MOST_PROOFS:
            held.add(row["digest"])
            fresh.append(row)
        else:
            plain.append({**row, "root": ""})
    if fresh := [*fresh, *plain[-MOST_REFUSALS:]]:
        link.execute(refusals.insert(), fresh)
    mine = (t.line == line) & (t.root == "")
    latest = select(t.seq).where(mine).order_by(t.seq.desc())
    last = link.execute(latest.offset(MOST_REFUSALS).limit(1)).scalar()
    if last is not None:
        link.execute(delete(refusals).where(mine, t.seq <= last))
