"""A journal statement: what a party says its journal of a line holds, signed, in one small file.

It names every message by its digest (67 bytes each), the size and root of the journal, proofs that
the journal has only grown since the party's latest messages were signed, and of every other party
the last commitment to that party's journal that is held here. Two statements are compared by
`compare.py`; one of another party is a witness for `verify_journal`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, read_stamp, sha256, stamp
from comity.exchange.cards import read_card
from comity.exchange.headers import DIGEST, MOST_NUMBER, NAME, PARTY
from comity.exchange.journal import Row, Sent, Witness
from comity.exchange.keys import sign, verify
from comity.exchange.merkle import Tree, verify_consistency
from comity.exchange.messages import with_signature
from comity.exchange.model import Json, PrivateKey, PublicKey, Reason
from comity.exchange.proof_texts import header_in, object_in

TYP = "comity-journal"
Keys = Callable[[str, dt.datetime], Sequence[PublicKey]]
"""Gives the keys of a party that held at a time."""
LATEST = 20  # own messages since which the journal is shown to have only grown
_MEMBERS = frozenset(
    ("type", "version", "line", "party", "made", "size", "root", "chains", "held", "grown",
     "messages", "cards", "signature")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commitment:
    """What message `number` of a party says of its journal: the root of its first entries."""

    number: int
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Grown:
    """A commitment of the party's own with the proof that its journal begins with just that.

    `proof` is None for a message that was lost and brought back: its journal was lost with it.
    """

    of: Commitment
    proof: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a party says its journal of a line holds, at one time."""

    line: str
    party: str
    made: dt.datetime
    size: int
    root: str
    chains: Mapping[str, tuple[str, ...]]  # by sender: the digest of message 1, 2, 3...
    held: Mapping[str, Commitment]  # by other party: the latest that its messages here say
    grown: tuple[Grown, ...]
    messages: tuple[Json, ...] = ()  # signed roots, where they were asked for as proof
    cards: tuple[str, ...] = ()  # of the party, signed, oldest first


def make_statement(
    line: str, party: str, made: dt.datetime, rows: Iterable[Row], cards: Sequence[str] = (),
    asked: Collection[tuple[str, int]] = (),
) -> Statement:  # fmt: skip
    """Return what the rows of a journal hold, in one pass; nothing of it is verified.

    With `asked` (sender and number) the signed roots of these messages come along.
    Memory grows by some 250 bytes an entry.
    """
    chains: dict[str, list[str]] = {}
    held: dict[str, Commitment] = {}
    own: list[tuple[Commitment, bool]] = []
    seen_of_us: set[int] = set()
    roots = []

    def leaves() -> Iterator[bytes]:
        for row in rows:
            header = header_in(row.text or "") or {}
            chains.setdefault(row.sender, []).append(row.digest)
            said = _commitment([row.number, *header.get("journal", ())])
            if row.sender == party:
                own.append((said, (object_in(row.body) or {}).get("what") == "sent"))
            else:
                held[row.sender] = said
                seen_of_us.update(n for p, n, _ in header.get("seen", ()) if p == party)
            if (row.sender, row.number) in asked:
                roots.append(with_signature((row.text or "").encode(), row.signature))
            yield row.body.encode()

    tree = Tree(leaves())
    latest = [o for o in own if o[0].number in seen_of_us][-LATEST:] + own[-LATEST:]
    grown = tuple(
        Grown(of, tree.consistency_proof(of.size) if kept and of.size <= tree.size else None)
        for of, kept in sorted(set(latest), key=lambda o: o[0].number)
    )
    return Statement(
        line, party, read_stamp(stamp(made)), tree.size, tree.root(),
        {sender: tuple(digests) for sender, digests in sorted(chains.items())}, held, grown,
        tuple(roots), tuple(cards),
    )  # fmt: skip


def write_statement(statement: Statement, key: PrivateKey) -> str:
    """Return a statement as its party signs it: canonical JSON on one line."""
    data = _data(statement)
    return canonical({**data, "signature": sign(_payload(data), key, TYP)}).decode() + "\n"


def read_statement(text: str, keys: Keys | None = None) -> Statement:
    """Return the statement in a file, its signature checked against `keys` of its party.

    Without keys, against those on the newest card in the file: that shows only that whoever made
    the card made the statement, until somebody compares the card's fingerprint. Raises
    RefusedError: malformed, and what `keys` and `keys.verify` raise.
    """
    data = object_in(text)
    if data is None or data.keys() != _MEMBERS or data["type"] != TYP or data["version"] != 1:
        raise _bad("it has other members")
    statement = _read(data)
    held = keys(statement.party, statement.made) if keys else _on_its_card(statement)
    payload = _payload({k: v for k, v in data.items() if k != "signature"})
    verify(payload, str(data["signature"]), held, TYP, statement.made, statement.made)
    return statement


def _on_its_card(statement: Statement) -> Sequence[PublicKey]:
    if not statement.cards:
        raise _bad("it holds no card, and no card of its party is known here")
    card = read_card(statement.cards[-1])
    if card.party != statement.party:
        raise _bad("its card is of another party")
    return card.keys


def keys_in(statements: Iterable[Statement]) -> Callable[[str], Sequence[PublicKey]]:
    """Return what gives the keys on the cards that statements bring of their own parties."""
    found = {s.party: read_card(s.cards[-1]).keys for s in statements if s.cards}
    return lambda party: found.get(party, ())


def witnesses_in(statement: Statement, party: str) -> tuple[list[Witness], list[Sent]]:
    """Return what a statement shows of `party`'s own journal: its commitments and messages.

    That of another party holds what it received; an older one of the party itself, what it was.
    """
    day, witnesses = f"{statement.made:%Y-%m-%d}", []
    if statement.party == party:
        witnesses.append(Witness(statement.size, statement.root, "your statement", day))
    elif party in statement.held:
        of = statement.held[party]
        witnesses.append(Witness(of.size, of.root, statement.party, day))
    chain = statement.chains.get(party, ())
    who = "your statement" if statement.party == party else statement.party
    return witnesses, [Sent(n, digest, who) for n, digest in enumerate(chain, start=1)]


def growth(statement: Statement, of: Commitment) -> str:
    """Return what a statement shows of its party's journal since a commitment somebody holds.

    `grown` (it begins with just that), `rewritten` (it does not), `rolled-back` (it is shorter),
    `lost` (the party says that it lost that journal), `not-shown`.
    """
    for one in statement.grown:
        if one.of.number != of.number:
            continue
        if one.of != of:
            return "rewritten"
        if one.proof is None:
            return "lost"
        whole = (of.size, statement.size, of.root, statement.root, one.proof)
        return "grown" if verify_consistency(*whole) else "rewritten"
    if of.size > statement.size or of.number > len(statement.chains.get(statement.party, ())):
        return "rolled-back"
    return "not-shown"


def _data(statement: Statement) -> dict[str, Any]:
    return {
        "type": TYP, "version": 1, "line": statement.line, "party": statement.party,
        "made": stamp(statement.made), "size": statement.size, "root": statement.root,
        "chains": {sender: list(chain) for sender, chain in statement.chains.items()},
        "held": {p: [c.number, c.size, c.root] for p, c in statement.held.items()},
        "grown": [
            [g.of.number, g.of.size, g.of.root, None if g.proof is None else list(g.proof)]
            for g in statement.grown
        ],
        "messages": list(statement.messages), "cards": list(statement.cards),
    }  # fmt: skip


def _payload(data: Json) -> bytes:
    """Return what is signed: the digest of all members but the signature."""
    return sha256(canonical(data)).encode()


def _read(data: dict[str, Any]) -> Statement:
    """Return the statement that JSON means. Raises RefusedError (malformed)."""
    try:
        chains = {_party(p): tuple(map(_digest, chain)) for p, chain in data["chains"].items()}
        held = {_party(p): _commitment(of) for p, of in data["held"].items()}
        grown = tuple(
            Grown(_commitment(of), None if proof is None else tuple(map(_digest, proof)))
            for *of, proof in data["grown"]
        )
        made = Statement(
            _named(data["line"]), _party(data["party"]), read_stamp(data["made"]),
            _whole(data["size"]), _digest(data["root"]), chains, held, grown,
            tuple(dict(root) for root in data["messages"]), tuple(map(str, data["cards"])),
        )  # fmt: skip
    except (TypeError, ValueError, AttributeError, RefusedError) as error:
        raise _bad(str(error)) from error
    if sum(map(len, made.chains.values())) != made.size:
        raise _bad("it has another number of messages than entries")
    return made


def _commitment(value: Sequence[Any]) -> Commitment:
    number, size, root = value
    return Commitment(_whole(number), _whole(size), _digest(root))


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MOST_NUMBER:
        raise ValueError("a number is none")
    return value


def _digest(value: object) -> str:
    if not isinstance(value, str) or not DIGEST.fullmatch(value):
        raise ValueError("a digest does not have 64 hexadecimal digits")
    return value


def _party(value: object) -> str:
    if not isinstance(value, str) or not PARTY.fullmatch(value):
        raise ValueError("a party has no name such as us.example")
    return value


def _named(value: object) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError("its line has no name")
    return value


def _bad(why: str) -> RefusedError:
    return RefusedError(
        f"This is no statement of a journal: {why[:200]}. One is made with `comity exchange "
        "journal export LINE FILE`.", Reason.MALFORMED,
    )  # fmt: skip
