"""An account verified with nothing but itself: signatures, digests, inclusion, order, cards.

What it cannot show is whose the cards are: that is for a person who compares the fingerprints.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comity.errors import RefusedError
from comity.exchange.account import (
    FIELDS,
    PROOF,
    TYP,
    bundle_of,
    is_message,
    names_of_parts,
    signed_part_of,
)
from comity.exchange.canonical import digest_of, read_stamp, sha256
from comity.exchange.cards import TYP as CARD
from comity.exchange.cards import accept_card, fingerprint, read_card
from comity.exchange.journal import read_entry
from comity.exchange.keys import verify, verify_whole
from comity.exchange.merkle import verify_inclusion
from comity.exchange.messages import EXTENSION, read_root, signature_of
from comity.exchange.messages import TYP as MESSAGE
from comity.exchange.model import Card, Header, JournalEntry, Json, PublicKey, Reason
from comity.exchange.past_keys import PastKeys, past_keys
from comity.exchange.proof_texts import object_in

LARGEST = 256 * 1024 * 1024  # characters of a file


@dataclass(frozen=True, slots=True)
class Told:
    """A message of an account. `header` is None where it was left out for the audience; `fields`
    where they were not opened; `hidden` counts the parts that are there by digest alone."""

    entry: JournalEntry
    digest: str
    header: Header | None = None
    name: str = ""
    fields: Json | None = None
    objects: tuple[Json, ...] = ()
    hidden: int = 0
    kid: str = ""  # of the key that signed it
    doubted: dt.datetime | None = None  # its key was revoked from then on, which was learnt later


@dataclass(frozen=True, slots=True)
class Signer:
    """A party of an account, and the fingerprint of its newest card, to compare by telephone."""

    party: str
    name: str
    fingerprint: str
    versions: int


@dataclass(frozen=True, slots=True)
class AccountVerdict:
    """What an account says, and what is wrong with it: nothing, where it is sound."""

    line: str
    thread: str
    party: str
    made: dt.datetime
    audience: str
    size: int
    root: str
    messages: tuple[Told, ...]
    signers: tuple[Signer, ...]
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.faults

    @property
    def left_out(self) -> int:
        """The number of messages left out for the audience."""
        return sum(one.header is None for one in self.messages)


@dataclass(frozen=True, slots=True)
class SameAccount:
    """Whether two parties' accounts of a thread hold the same messages, and what differs."""

    same: bool
    sentences: tuple[str, ...]


def read_account(text: str) -> AccountVerdict:
    """Return the verdict on an account in a file. Raises RefusedError (malformed, too-large) for a
    file that is none; what is wrong with one that is, its `faults` say."""
    if len(text) > LARGEST:
        raise RefusedError(f"The file has {len(text)} characters; most are {LARGEST}.",
                           Reason.TOO_LARGE)  # fmt: skip
    bundle = object_in(text)
    if bundle is None:
        raise _none("it is no JSON object")
    return verify_account(bundle)


def verify_account(bundle: Json) -> AccountVerdict:
    """Return what an account says and what is wrong with it. Raises as `read_account`."""
    proof, objects = _proof(bundle)
    try:
        return _Reading(bundle, proof, objects).verdict()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise _none(f"its proof has not its form ({type(error).__name__}: {error})") from error
    except RefusedError as error:
        raise _none(f"its proof has not its form ({error})") from error


def same_account(first: AccountVerdict, second: AccountVerdict) -> SameAccount:
    """Return whether two accounts of one thread hold the same messages; both should be sound."""
    if (first.line, first.thread) != (second.line, second.thread):
        return SameAccount(False, ("These are accounts of two threads.",))
    a, b = ({(m.entry.sender, m.entry.number): m.digest for m in x.messages} for x in
            (first, second))  # fmt: skip
    told = []
    for sender, number in sorted({*a, *b}):
        one, other = a.get((sender, number)), b.get((sender, number))
        name = f"message {number} of {sender}"
        if one is None or other is None:
            told.append(f"{(first if one is None else second).party} does not give {name}.")
        elif one != other:
            told.append(f"They give two messages as {name}: {one} and {other}.")
    if not told:
        return SameAccount(True, (f"{first.party} and {second.party} give the same "
                                  f"{len(a)} messages, digest by digest.",))  # fmt: skip
    return SameAccount(False, tuple(told))


@dataclass(slots=True)
class _Reading:
    """An account while it is read: its parts, and what was found wrong so far."""

    bundle: Json
    proof: dict[str, Any]
    objects: list[Json]
    faults: list[str] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    keys: dict[str, PastKeys] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # digests of what the messages account for

    def verdict(self) -> AccountVerdict:
        """Verify all of it."""
        proof, made = self.proof, read_stamp(self.proof["made"])
        signers = [self._cards(p, proof["cards"][p]) for p in proof["parties"]]
        if proof["party"] not in proof["parties"]:
            self.faults.append(f"{proof['party']} is no party of this line.")
        self._signature(made)
        size, root = proof["head"]
        messages = [self._message(one, size, root) for one in proof["messages"]]
        self._order(messages)
        self._rest()
        return AccountVerdict(
            proof["line"], proof["thread"], proof["party"], made, proof["audience"], size, root,
            tuple(messages), tuple(s for s in signers if s), tuple(self.faults),
        )  # fmt: skip

    def _cards(self, party: str, tokens: Sequence[str]) -> Signer | None:
        """Verify that a party's cards follow each other, each signed by a key of the one before."""
        try:
            card, token = read_card(tokens[0]), tokens[0]
            verify_whole(token, card.keys, CARD, card.issued, card.issued)
            cards = [card]
            for later in tokens[1:]:
                card, token = accept_card(later, card, token, read_card(later).issued), later
                cards.append(card)
        except RefusedError as error:
            self.faults.append(f"The cards of {party} do not hold: {error}")
            return None
        if card.party != party:
            self.faults.append(f"A card of {card.party} is given as one of {party}.")
        self.cards[party] = card
        self.keys[party] = past_keys(cards)
        return Signer(party, card.name, fingerprint(card), len(tokens))

    def _keys(self, party: str, when: dt.datetime) -> Sequence[PublicKey]:
        return self.keys[party].at(when) if party in self.keys else ()

    def _signature(self, made: dt.datetime) -> None:
        """Verify that the exporter signed the proof."""
        party = self.proof["party"]
        try:
            verify(signed_part_of(self.proof), self.proof["signature"], self._keys(party, made),
                   TYP, made, made)  # fmt: skip
        except RefusedError as error:
            self.faults.append(f"The account is not as {party} signed it: {error}")

    def _message(self, one: Json, size: int, root: str) -> Told:
        """Verify one message: its entry, the path from there to the root, its parts."""
        entry, digest = read_entry(one["entry"]), one["digest"]
        name = f"message {entry.number} of {entry.sender}"
        if (entry.line, entry.digest) != (self.proof["line"], digest):
            self.faults.append(f"Entry {entry.n} is not that of {name} on this line.")
        if not verify_inclusion(one["entry"].encode(), entry.n - 1, size, one["inclusion"], root):
            self.faults.append(f"Entry {entry.n} is not in the journal under the signed root.")
        if not one["message"]:
            return Told(entry, digest)
        found = [v for v in self.objects if is_message(v) and v["id"] == one["message"]]
        if len(found) != 1:
            self.faults.append(f"The text of {name} is there {len(found)} times, not once.")
            return Told(entry, digest)
        return self._text(entry, digest, found[0], one["opened"], name)

    def _text(
        self, entry: JournalEntry, digest: str, root: Json, opened: Sequence[Any], name: str
    ) -> Told:
        self.used.add(digest_of(root))
        try:
            header, payload = read_root(root)
        except RefusedError as error:
            self.faults.append(f"The text of {name} is none: {error}")
            return Told(entry, digest)
        if sha256(payload) != digest:
            self.faults.append(f"The text of {name} is not the one the journal holds.")
        said = (header.sender, header.number, header.line, header.thread)
        if said != (entry.sender, entry.number, self.proof["line"], self.proof["thread"]):
            self.faults.append(f"The text of {name} is of another sender, line or thread.")
        kid = ""
        try:
            kid = verify(payload, signature_of(root), self._keys(header.sender, entry.recorded),
                         MESSAGE, header.sent, entry.recorded).kid  # fmt: skip
        except RefusedError as error:
            self.faults.append(f"The signature of {name} does not hold: {error}")
        fields, objects, hidden = self._parts(header, root, opened, name)
        doubted = self.keys[header.sender].doubted(kid, entry.recorded) if kid else None
        return Told(entry, digest, header, str(root["name"]), fields, objects, hidden, kid, doubted)

    def _parts(
        self, header: Header, root: Json, opened: Sequence[Any], name: str
    ) -> tuple[Json | None, tuple[Json, ...], int]:
        """Hold what is shown of a message against what it commits to."""
        salts = {n: (salt, what) for n, salt, what in opened}
        parts = names_of_parts(header.content, header.sealed)
        if len(salts) != len(opened) or not set(salts) <= {n for n, _, _ in parts}:
            self.faults.append(f"What is opened of {name} are not its parts.")
        fields: Json | None = None
        objects: list[Json] = []
        hidden = 0
        for n, part, wanted in parts:
            salt, what = salts.get(n, ("", part))
            if n == 0:
                if header.sealed and n not in salts:
                    hidden += 1
                    continue
                fields = dict(what if header.sealed else root["extensions"][EXTENSION][FIELDS])
                if digest_of([salt, fields]) != wanted:
                    self.faults.append(f"The fields of {name} are not what it was signed with.")
                continue
            there = [v for v in self.objects if what and v.get("id") == what]
            fits = next((v for v in there if digest_of([salt, v]) == wanted), None)
            if fits is not None:
                self.used.add(digest_of(fits))
                objects.append(fits)
            elif n in salts:
                self.faults.append(f"{what} is not what {name} was signed with.")
            else:
                hidden += 1
        return fields, tuple(objects), hidden

    def _order(self, messages: Sequence[Told]) -> None:
        """Hold the order of the journal against what each message says it follows."""
        digests = {(m.entry.sender, m.entry.number): m.digest for m in messages}
        ids, places = {m.header.id for m in messages if m.header}, set()
        whole, last = all(m.header for m in messages), 0
        for told in messages:
            key = told.entry.sender, told.entry.number
            name = f"message {key[1]} of {key[0]}"
            if told.entry.n <= last:
                self.faults.append(f"Entry {told.entry.n} stands after entry {last}.")
            last = told.entry.n
            if key in places:
                self.faults.append(f"There are two messages as {name}.")
            for party, number, digest in _followed(told):
                known = digests.get((party, number), digest)
                if known != digest or (
                    (party, number) in digests and (party, number) not in places
                ):
                    self.faults.append(f"What {name} follows, message {number} of {party}, is "
                                       "another here, or stands later.")  # fmt: skip
            places.add(key)
            regards = told.header.regards if told.header else ""
            if whole and regards and regards not in ids:
                self.faults.append(f"What {name} answers is not in the account.")

    def _rest(self) -> None:
        """Make all again that is not signed itself, and compare; what is left over is foreign."""
        ours = [value for value in self.objects if digest_of(value) in self.used]
        if set(self.proof["parties"]) != set(self.cards):
            return
        try:
            made = bundle_of(self.proof, ours, self.cards)
        except RefusedError:  # a text that is no message, which was said already
            return
        wanted = {digest_of(value): value for value in made["objects"]}
        there = {digest_of(value): value for value in self.objects}
        for digest in there.keys() - wanted.keys():
            value = there[digest]
            self.faults.append(f"{str(value.get('id'))[:80]} is in the file and belongs to no "
                               "message, or says another thing than the proof.")  # fmt: skip
        for digest in wanted.keys() - there.keys():
            self.faults.append(f"{wanted[digest]['id']} is missing from the file.")
        if len(there) != len(self.objects) or {**self.bundle, "objects": []} != {
            **made, "objects": [],
        }:  # fmt: skip
            self.faults.append("The file holds something twice, in another order, or under another "
                               "id.")  # fmt: skip


def _followed(told: Told) -> list[tuple[str, int, str]]:
    """Return the messages that a message says it follows: party, number, digest."""
    if told.header is None:
        return []
    found = [(s.party, s.number, s.digest) for s in told.header.seen]
    if told.entry.number > 1:
        found.append((told.entry.sender, told.entry.number - 1, told.header.previous))
    return found


def _proof(bundle: Json) -> tuple[dict[str, Any], list[Json]]:
    """Return the proof in a bundle and its objects. Raises RefusedError (malformed)."""
    objects = bundle.get("objects") if bundle.get("type") == "bundle" else None
    if not isinstance(objects, list) or not all(isinstance(v, Mapping) for v in objects):
        raise _none("it is no bundle of STIX objects")
    notes = [
        v for v in objects
        if v.get("type") == "note" and isinstance(v.get("extensions"), Mapping)
        and isinstance(v["extensions"].get(PROOF), Mapping)
    ]  # fmt: skip
    if len(notes) != 1:
        raise _none(f"it holds {len(notes)} notes with a proof, not one")
    proof = notes[0]["extensions"][PROOF].get("proof")
    if not isinstance(proof, dict) or proof.get("version") != 1:
        raise _none("its proof is of another version")
    return proof, objects


def _none(why: str) -> RefusedError:
    return RefusedError(
        f"This is no account of a thread: {why[:200]}. One is made with `comity exchange account "
        "THREAD --out FILE`.", Reason.MALFORMED,
    )  # fmt: skip


__all__ = [
    "FIELDS",
    "AccountVerdict",
    "SameAccount",
    "Signer",
    "Told",
    "read_account",
    "same_account",
    "verify_account",
]
