"""Two parties' journals of a line held side by side: the same, one behind, or contradicting.

Each sender numbers its own messages and signs each with the one before, so the journals are
compared chain by chain: the first number under which they hold different messages is where they
contradict, and the two signed messages are the proof of who signed both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from comity.errors import ExchangeError, RefusedError
from comity.exchange.canonical import sha256
from comity.exchange.keys import signer, verify
from comity.exchange.messages import TYP, read_root, signature_of
from comity.exchange.model import Json, PublicKey, Seen
from comity.exchange.statement import Commitment, Statement, growth


class Standing(StrEnum):
    """How two journals stand to each other."""

    SAME = "same"
    BEHIND = "behind"
    CONTRADICTING = "contradicting"


@dataclass(frozen=True, slots=True)
class Version:
    """One of two messages under one number: who holds it, its signed text where it is at hand.

    `signed` says whether the text is signed by its sender: None where the text is not at hand.
    """

    digest: str
    holder: str
    root: Json | None = None
    signed: bool | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One sender, one number, two messages. `proven` where both are at hand and signed."""

    sender: str
    number: int
    versions: tuple[Version, Version]

    @property
    def proven(self) -> bool:
        """Say whether both messages are at hand, signed by their sender."""
        return all(v.signed for v in self.versions)


@dataclass(frozen=True, slots=True)
class Lack:
    """Messages `first` to `last` of a sender that `who` lacks."""

    who: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Chain:
    """The messages of one sender in two journals, the same up to number `common`."""

    sender: str
    standing: Standing
    common: int
    lack: Lack | None = None
    contradiction: Contradiction | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """What became of `party`'s journal since the commitment in its message that `holder` holds."""

    party: str
    holder: str
    of: Commitment
    found: str  # see `statement.growth`


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two journals side by side, and in sentences what to make of it."""

    line: str
    parties: tuple[str, str]
    standing: Standing
    chains: tuple[Chain, ...]
    growths: tuple[Growth, ...]
    sentences: tuple[str, ...]


Keys = Callable[[str], Sequence[PublicKey]]


def compare(
    first: Statement, second: Statement, keys: Keys | None = None, messages: Iterable[Json] = ()
) -> Comparison:
    """Return how two statements of a line stand to each other.

    `messages` are signed roots at hand beside those in the statements, `keys` gives the keys of a
    party by which they are checked. Raises ExchangeError where the two are of different lines.
    """
    if first.line != second.line:
        raise ExchangeError(
            f"These are journals of two lines, {first.line} and {second.line}; give two of one."
        )
    at_hand = _by_digest([*first.messages, *second.messages, *messages])
    senders = sorted({*first.chains, *second.chains})
    chains = tuple(_chain(s, first, second, at_hand, keys) for s in senders)
    growths = tuple(g for pair in ((first, second), (second, first)) if (g := _growth(*pair)))
    standing = _worst(chains, growths)
    told = [_of_chain(chain, first, second) for chain in chains]
    told += [text for one in growths if (text := _of_growth(one))]
    parties = (first.party, second.party)
    return Comparison(first.line, parties, standing, chains, growths,
                      (_in_one(standing, parties), *told))  # fmt: skip


def commitments_against(
    roots: Iterable[Json], statement: Statement
) -> tuple[tuple[Json, Seen, str], ...]:
    """Return the messages that commit to another message than a statement holds: each with what it
    commits to and the digest that the statement holds under that number."""
    found = []
    for root in roots:
        header, _ = read_root(root)
        seen = list(header.seen)
        if header.number > 1:
            seen.append(Seen(header.sender, header.number - 1, header.previous))
        for one in seen:
            chain = statement.chains.get(one.party, ())
            if one.number <= len(chain) and chain[one.number - 1] != one.digest:
                found.append((root, one, chain[one.number - 1]))
    return tuple(found)


def _by_digest(roots: Iterable[Json]) -> dict[str, Json]:
    found = {}
    for root in roots:
        try:
            found[sha256(read_root(root)[1])] = root
        except (RefusedError, KeyError, TypeError, AttributeError):
            continue  # a text that is no message proves nothing
    return found


def _chain(
    sender: str, first: Statement, second: Statement, at_hand: Mapping[str, Json],
    keys: Keys | None,
) -> Chain:  # fmt: skip
    a, b = first.chains.get(sender, ()), second.chains.get(sender, ())
    shorter = min(len(a), len(b))
    common = next((n for n in range(shorter) if a[n] != b[n]), shorter)
    if common < shorter:
        versions = (
            _version(sender, common + 1, a[common], first.party, at_hand, keys),
            _version(sender, common + 1, b[common], second.party, at_hand, keys),
        )
        return Chain(sender, Standing.CONTRADICTING, common,
                     contradiction=Contradiction(sender, common + 1, versions))  # fmt: skip
    if len(a) == len(b):
        return Chain(sender, Standing.SAME, common)
    behind = first if len(a) < len(b) else second
    return Chain(sender, Standing.BEHIND, common,
                 Lack(behind.party, shorter + 1, max(len(a), len(b))))  # fmt: skip


def _version(
    sender: str, number: int, digest: str, holder: str, at_hand: Mapping[str, Json],
    keys: Keys | None,
) -> Version:  # fmt: skip
    root = at_hand.get(digest)
    if root is None:
        return Version(digest, holder)
    header, payload = read_root(root)
    signed = (header.sender, header.number) == (sender, number)
    if signed and keys is not None:
        signed = _is_signed(payload, signature_of(root), header.sent, keys(sender))
    return Version(digest, holder, root, signed if keys is not None else None)


def _is_signed(
    payload: bytes, signature: str, sent: dt.datetime, keys: Sequence[PublicKey]
) -> bool:
    """Say whether one of a party's keys signed a message: at the time it was sent or, where a newer
    key vouches for it again, as early as that key holds."""
    try:
        kid = signer(signature, TYP)
        since = next((key.since for key in keys if key.kid == kid), sent)
        verify(payload, signature, keys, TYP, sent, max(sent, since))
    except RefusedError:
        return False
    return True


def _growth(of: Statement, holder: Statement) -> Growth | None:
    held = holder.held.get(of.party)
    if held is None or of.party == holder.party:
        return None
    return Growth(of.party, holder.party, held, growth(of, held))


def _worst(chains: Sequence[Chain], growths: Sequence[Growth]) -> Standing:
    if any(g.found in ("rewritten", "rolled-back") for g in growths) or any(
        c.standing is Standing.CONTRADICTING for c in chains
    ):
        return Standing.CONTRADICTING
    behind = any(c.standing is Standing.BEHIND for c in chains)
    return Standing.BEHIND if behind else Standing.SAME


def _in_one(standing: Standing, parties: tuple[str, str]) -> str:
    a, b = parties
    if standing is Standing.SAME:
        return f"The journals of {a} and {b} hold the same messages."
    if standing is Standing.BEHIND:
        return f"The journals of {a} and {b} agree as far as both go; one of them is behind."
    return f"The journals of {a} and {b} contradict each other."


def _of_chain(chain: Chain, first: Statement, second: Statement) -> str:
    whose = f"Of {chain.sender}"
    if chain.standing is Standing.SAME:
        return f"{whose}, both hold messages 1 to {chain.common}, the same."
    if chain.lack is not None:
        lack = chain.lack
        which = f"message {lack.first}" if lack.first == lack.last else (
            f"messages {lack.first} to {lack.last}"
        )  # fmt: skip
        return (f"{whose}, {lack.who} lacks {which}; the {chain.common} before "
                "are the same.")  # fmt: skip
    found = chain.contradiction
    assert found is not None
    one, other = found.versions
    text = (f"{whose}, the journals contradict from message {found.number} on: {one.holder} holds "
            f"{one.digest[:16]}…, {other.holder} holds {other.digest[:16]}…. ")  # fmt: skip
    if found.proven:
        return text + f"Both are signed by {chain.sender}: that is the proof that it signed two."
    missing = [v.holder for v in found.versions if v.root is None]
    if missing:
        return text + (
            f"For proof, the signed message is wanted of {' and '.join(missing)}: `comity exchange "
            f"journal export {first.line} FILE --message {chain.sender}:{found.number}`."
        )
    unsigned = [v.holder for v in found.versions if v.signed is False]
    if unsigned:
        return text + f"What {' and '.join(unsigned)} holds is not signed by {chain.sender}."
    return text + "Both texts are at hand; give the sender's card to check their signatures."


def _of_growth(one: Growth) -> str:
    since = f"since its message {one.of.number}, which {one.holder} holds"
    return {
        "grown": f"The journal of {one.party} has only grown {since}.",
        "rewritten": f"The journal of {one.party} is not the one it signed for in its message "
        f"{one.of.number}, which {one.holder} holds: it was written anew.",
        "rolled-back": f"The journal of {one.party} is shorter than it was in its message "
        f"{one.of.number}, which {one.holder} holds: it was set back to an earlier state.",
        "lost": f"{one.party} lost a part of its journal {since}, and says so; what was lost was "
        "brought back from another party.",
        "not-shown": f"Whether the journal of {one.party} has only grown {since}, its statement "
        "does not show.",
    }[one.found]
