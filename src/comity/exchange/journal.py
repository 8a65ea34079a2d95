"""A party's journal of a line: entries that commit to all before them, and what is wrong with one.

An entry's body is canonical JSON that names the hash of the entry before; its own hash is the
SHA-256 of the body. The bodies are also the leaves of a Merkle tree, whose root every message of
the party carries, signed: so a journal that is written anew, hashes and all, no longer fits the
messages its party sent. What was cut from the end is found against the stored head, and what was
cut together with the head against what somebody else holds (a witness).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, read_stamp, sha256, stamp
from comity.exchange.merkle import Frontier
from comity.exchange.model import JournalEntry, Reason
from comity.exchange.proof_texts import header_in, object_in

WHATS = ("sent", "received", "irregular", "returned")
"""What an entry may record. `returned`: a message of the party itself that it had lost and got
back from another; it was signed with the journal that was lost."""
_BODY = frozenset(("line", "n", "recorded", "what", "digest", "sender", "number", "previous"))


class FaultKind(StrEnum):
    """What is wrong with a journal."""

    CHANGED = "changed"  # an entry is not what it was
    GAP = "gap"  # an entry or a message is missing
    REORDERED = "reordered"  # entries stand in another order, or one stands twice
    MESSAGE_ALTERED = "message-altered"  # a message is not the one its entry was written for
    MESSAGE_MISSING = "message-missing"
    REWRITTEN = "rewritten"  # entries are sound among themselves, but not those once signed for
    CUT_SHORT = "cut-short"  # the end is missing, as the stored head shows
    ROLLED_BACK = "rolled-back"  # the end is missing, and its head, as a witness shows
    HEAD = "head"  # the stored head is not that of the entries


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with a journal: at entry `n` (from 1), in words."""

    kind: FaultKind
    n: int
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """A journal's stored end: how many entries, the hash of the last, the root of the tree, and
    the number and digest of each party's last message (None where that is not known)."""

    size: int
    hash: str
    root: str
    last: Mapping[str, tuple[int, str]] | None = None


class Witness(NamedTuple):
    """A commitment to the first `size` entries of a journal that `who` holds since `when`."""

    size: int
    root: str
    who: str
    when: str


class Sent(NamedTuple):
    """A message of the journal's own party that `who` holds; `digest` is "" where not known."""

    number: int
    digest: str
    who: str


class Row(NamedTuple):
    """An entry as it is stored, with the canonical text of its message, without the signature.

    `text` is None where the message is not there. The columns repeat what the body says, so that
    they can be searched; they must say the same.
    """

    n: int
    hash: str
    body: str
    digest: str
    sender: str
    number: int
    text: str | None
    signature: str = ""


@dataclass(frozen=True, slots=True)
class JournalVerdict:
    """What was found: `entries` were read and are sound, `fault` is what is wrong first.

    `returned` counts messages that were lost and brought back, `backwards` entries recorded before
    the one before them by this desk's clock: no faults, but worth knowing.
    """

    line: str
    party: str
    entries: int
    root: str
    fault: Fault | None
    witnesses: int = 0
    returned: int = 0
    backwards: int = 0

    @property
    def sound(self) -> bool:
        """Say whether nothing is wrong."""
        return self.fault is None


Check = Callable[[Row, dict[str, Any], dict[str, Any]], str]
"""Asked about each row, its body and its message's header; returns what is wrong, "" if nothing."""


def make_entry(
    line: str, n: int, recorded: dt.datetime, what: str, digest: str, sender: str, number: int,
    previous: str,
) -> JournalEntry:  # fmt: skip
    """Return entry `n` of a journal, `previous` being the hash of the one before, "" for none."""
    if what not in WHATS:
        raise ValueError(f"an entry is one of {', '.join(WHATS)}, not {what!r}")
    body = canonical(
        {"line": line, "n": n, "recorded": stamp(recorded), "what": what, "digest": digest,
         "sender": sender, "number": number, "previous": previous}
    )  # fmt: skip
    return JournalEntry(line, n, read_stamp(stamp(recorded)), what, digest, sender, number,
                        previous, sha256(body), body.decode())  # fmt: skip


def read_entry(body: str, hash: str = "") -> JournalEntry:
    """Return the entry that a body is, with the hash stored with it; without one, with its own.

    Raises RefusedError (malformed) for what is no entry. Nothing is verified.
    """
    data = object_in(body)
    if data is None or data.keys() != _BODY:
        raise RefusedError("This is no entry of a journal.", Reason.MALFORMED)
    texts = (data[name] for name in ("line", "what", "digest", "sender", "previous"))
    numbers = (data["n"], data["number"])
    if not all(isinstance(t, str) for t in texts) or not all(type(n) is int for n in numbers):
        raise RefusedError("This entry of a journal has not its form.", Reason.MALFORMED)
    return JournalEntry(
        data["line"], data["n"], read_stamp(data["recorded"]), data["what"], data["digest"],
        data["sender"], data["number"], data["previous"], hash or sha256(body.encode()), body,
    )  # fmt: skip


def verify_journal(
    rows: Iterable[Row], line: str, party: str, head: Head | None = None,
    witnesses: Sequence[Witness] = (), sent: Sequence[Sent] = (), check: Check | None = None,
) -> JournalVerdict:  # fmt: skip
    """Return what is wrong first with `party`'s journal of a line, in one pass over its rows.

    Rows come in the order of their column `n`. Memory does not grow with them (but with messages
    that were lost and returned). `check` is asked about every message: its signature, say.
    """
    walk = _Walk(line, party, sorted(witnesses), sorted(sent), check)
    stream = iter(rows)
    fault = walk.witnessed()
    for row in stream:
        fault = fault or walk.step(row, stream)
        if fault is not None:
            break
    fault = walk.open_question() or fault or walk.ends(head)
    return JournalVerdict(line, party, walk.tree.size, walk.tree.root(), fault, walk.seen_by,
                          walk.returned, walk.backwards)  # fmt: skip


@dataclass(slots=True)
class _Walk:
    """Where a reading of a journal is: the tree so far, and the last message of each sender."""

    line: str
    party: str
    witnesses: Sequence[Witness]
    sent: Sequence[Sent]
    check: Check | None
    tree: Frontier = field(default_factory=Frontier)
    last: str = ""
    recorded: str = ""
    backwards: int = 0
    returned: int = 0
    seen_by: int = 0  # witnesses that were looked at
    sent_by: int = 0
    signed_for: int = 0  # entries known to be those that our messages were signed for
    lost: set[tuple[int, str]] = field(default_factory=set)  # commitments to a lost journal
    doubted: list[tuple[Witness, Fault]] = field(default_factory=list)
    chains: dict[str, tuple[int, str]] = field(default_factory=dict)

    def step(self, row: Row, later: Iterator[Row]) -> Fault | None:
        """Take the next row, or say what is wrong with it."""
        n = self.tree.size + 1
        content = row.body.encode()
        if sha256(content) != row.hash:
            return Fault(FaultKind.CHANGED, n, f"Entry {n} was changed after it was written: its "
                         "text no longer has the hash that was stored with it.")  # fmt: skip
        data = object_in(row.body)
        if data is None or data.keys() != _BODY:
            return Fault(FaultKind.CHANGED, n, f"Entry {n} is not the text of an entry.")
        fault = (
            self._place(n, row, data, later)
            or self._columns(n, row, data)
            or self._message(n, row, data)
        )
        if fault is None:
            self.backwards += data["recorded"] < self.recorded
            self.recorded, self.last = data["recorded"], row.hash
            self.tree.append(content)
            fault = self.witnessed()
        return fault

    def _place(self, n: int, row: Row, data: dict[str, Any], later: Iterator[Row]) -> Fault | None:
        """Hold an entry's number and the hash before it against what was read."""
        said = data["n"]
        if said != n or row.n != n:
            if type(said) is int and said == row.n > n and not _later(later, n):
                missing = f"Entry {n} is" if said == n + 1 else f"Entries {n} to {said - 1} are"
                after = f"after entry {n - 1} comes" if n > 1 else "the first is"
                return Fault(FaultKind.GAP, n, f"{missing} missing: {after} entry {said}.")
            return Fault(FaultKind.REORDERED, n, f"At place {n} stands an entry that says it is "
                         f"number {said} (stored as {row.n}): entries were put into another order, "
                         "put in or doubled.")  # fmt: skip
        if data["previous"] != self.last:
            text = "Entry 1 says that another stood before it."
            if n > 1:
                text = (f"Entry {n} follows another entry {n - 1} than the one that stands there: "
                        f"entry {n - 1} or {n} was changed together with its hash.")  # fmt: skip
            return Fault(FaultKind.CHANGED, max(1, n - 1), text)
        return None

    def _columns(self, n: int, row: Row, data: dict[str, Any]) -> Fault | None:
        """Hold what is stored beside an entry against the entry."""
        if row.text is None:
            return Fault(FaultKind.MESSAGE_MISSING, n, f"The message of entry {n} is missing.")
        said = (data["digest"], data["sender"], data["number"], data["line"])
        if said != (row.digest, row.sender, row.number, self.line):
            return Fault(FaultKind.CHANGED, n, f"Entry {n} says another thing than the columns "
                         "stored beside it (line, message, sender or number).")  # fmt: skip
        what, own = data["what"], row.sender == self.party
        if what != "irregular" and what not in (("sent", "returned") if own else ("received",)):
            return Fault(FaultKind.CHANGED, n, f"Entry {n} says {str(what)[:20]!r} of a message of "
                         f"{row.sender}.")  # fmt: skip
        return None

    def _message(self, n: int, row: Row, data: dict[str, Any]) -> Fault | None:
        """Hold an entry's message against the entry and against the messages before it."""
        name, text = f"message {row.number} of {row.sender} (entry {n})", row.text or ""
        if sha256(text.encode()) != row.digest:
            return Fault(FaultKind.MESSAGE_ALTERED, n, f"The text of {name} was altered: it no "
                         "longer has the digest that the journal holds.")  # fmt: skip
        header = header_in(text)
        if header is None or (header.get("sender"), header.get("number"), header.get("line")) != (
            row.sender, row.number, self.line,
        ):  # fmt: skip
            return Fault(FaultKind.CHANGED, n, f"Entry {n} is of a message that says it is of "
                         "another sender, number or line.")  # fmt: skip
        number, digest = self.chains.get(row.sender, (0, ""))
        if (row.number, header.get("previous")) != (number + 1, digest):
            return Fault(FaultKind.GAP, n, f"The {name} does not follow number {number} of "
                         f"{row.sender}, the last before it here: one is missing or was replaced."
                         )  # fmt: skip
        fault = self._own(n, row, data, header) if row.sender == self.party else None
        if fault is None and self.check is not None and (wrong := self.check(row, data, header)):
            fault = Fault(FaultKind.MESSAGE_ALTERED, n, f"The {name} does not hold. {wrong}")
        if fault is None:
            self.chains[row.sender] = (row.number, row.digest)
        return fault

    def _own(self, n: int, row: Row, data: dict[str, Any], header: dict[str, Any]) -> Fault | None:
        """Hold what a message of our own was signed with against the journal before it."""
        name = f"Message {row.number} of {self.party} (entry {n})"
        while self.sent_by < len(self.sent) and self.sent[self.sent_by].number <= row.number:
            known = self.sent[self.sent_by]
            if known.number == row.number and known.digest not in ("", row.digest):
                return Fault(FaultKind.REWRITTEN, n, f"{name} is another than {known.who} holds.")
            self.sent_by += 1
        if data["what"] != "sent":
            self.returned += 1
            self.lost.add(_pair(header.get("journal")))
            return None
        if header.get("journal") != [n - 1, self.tree.root()]:
            first = min(self.signed_for + 1, max(1, n - 1))
            return Fault(FaultKind.REWRITTEN, first, f"{name} was signed with another journal "
                         f"before it: something in entries {first} to {max(1, n - 1)} was written "
                         "anew, put in or taken out.")  # fmt: skip
        held = sorted([p, *pair] for p, pair in self.chains.items() if p != self.party)
        if header.get("seen") != held:
            return Fault(FaultKind.REWRITTEN, n, f"{name} says that other messages had been "
                         "received than the journal before it holds.")  # fmt: skip
        self.signed_for = n - 1
        return None

    def witnessed(self) -> Fault | None:
        """Hold the tree against the commitments to just this many entries.

        One that does not hold is kept until the end: a message that was lost may explain it.
        """
        size = self.tree.size
        while self.seen_by < len(self.witnesses) and self.witnesses[self.seen_by].size <= size:
            witness = self.witnesses[self.seen_by]
            if witness.root != self.tree.root():
                first = min(self.signed_for + 1, max(1, size))
                self.doubted.append((witness, Fault(
                    FaultKind.REWRITTEN, first, f"{witness.who} holds since {witness.when} a "
                    f"commitment to the first {size} entries, and these are not they: something in "
                    f"entries {first} to {max(1, size)} was written anew.",
                )))  # fmt: skip
            self.seen_by += 1
        return None

    def open_question(self) -> Fault | None:
        """Return the first commitment of a witness that no lost message explains."""
        unexplained = [f for w, f in self.doubted if (w.size, w.root) not in self.lost]
        return unexplained[0] if unexplained else None

    def ends(self, head: Head | None) -> Fault | None:
        """Hold the end of the journal against its stored head and the witnesses that are left."""
        size, own = self.tree.size, self.chains.get(self.party, (0, ""))[0]
        if head is not None and head.size > size:
            return Fault(FaultKind.CUT_SHORT, size + 1, f"The journal was cut short: it ends after "
                         f"entry {size}, and its head says {head.size}.")  # fmt: skip
        left = [w for w in self.witnesses[self.seen_by :] if (w.size, w.root) not in self.lost]
        if left:
            return Fault(FaultKind.ROLLED_BACK, size + 1, "The journal was rolled back: it ends "
                         f"after entry {size}, and {left[-1].who} holds since {left[-1].when} a "
                         f"commitment to {left[-1].size} entries.")  # fmt: skip
        if self.sent_by < len(self.sent):
            known = self.sent[-1]
            return Fault(FaultKind.ROLLED_BACK, size + 1, "The journal was rolled back: it ends "
                         f"with message {own} of {self.party}, and {known.who} holds its message "
                         f"{known.number}.")  # fmt: skip
        return None if head is None else self._head(head)

    def _head(self, head: Head) -> Fault | None:
        size = self.tree.size
        if head.size < size:
            return Fault(FaultKind.HEAD, head.size + 1, "The stored head is of "
                         f"{head.size} entries, and {size} stand there: entries were added without "
                         "it, or it was put back.")  # fmt: skip
        if (head.hash, head.root) != (self.last, self.tree.root()):
            return Fault(FaultKind.HEAD, max(1, size), "The stored head is not that of these "
                         f"entries: entry {size} was changed together with its hash, or the head "
                         "was.")  # fmt: skip
        if head.last is not None and dict(head.last) != self.chains:
            return Fault(FaultKind.HEAD, max(1, size), "The stored head names other last messages "
                         "of the parties than the journal ends with.")  # fmt: skip
        return None


def _later(rows: Iterator[Row], n: int) -> bool:
    """Say whether entry `n` comes among the rows that are left."""
    return any((object_in(row.body) or {}).get("n") == n for row in rows)


def _pair(value: object) -> tuple[int, str]:
    if isinstance(value, list) and len(value) == 2:
        size, root = value
        if isinstance(size, int) and isinstance(root, str):
            return size, root
    return -1, ""
