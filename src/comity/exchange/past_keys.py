"""Which keys of a party held at a past time, as far as all versions of its card tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from comity.exchange.cards import SKEW
from comity.exchange.model import Card, PublicKey


@dataclass(frozen=True, slots=True)
class PastKeys:
    """The keys on every version of a party's card, oldest version first."""

    cards: tuple[Card, ...]

    def at(self, when: dt.datetime) -> tuple[PublicKey, ...]:
        """Return the keys as the versions issued up to `when` tell of them.

        A key only known from a later version is as its first version tells: a desk may take a card
        in after the messages signed with it. So a key that was revoked later counts for what was
        recorded before that was known.
        """
        found: dict[str, PublicKey] = {}
        for card in self.cards:
            for key in card.keys:
                if card.issued <= when + SKEW or key.kid not in found:
                    found[key.kid] = key
        return tuple(found.values())

    def doubted(self, kid: str, when: dt.datetime) -> dt.datetime | None:
        """Return when a key was revoked, where that was at or before `when` and became known only
        later; None otherwise."""
        for key in self.cards[-1].keys if self.cards else ():
            if key.kid == kid and key.revoked is not None and key.revoked <= when:
                return key.revoked
        return None


def past_keys(cards: Sequence[Card]) -> PastKeys:
    """Return the keys on all versions of a party's card, oldest version first."""
    return PastKeys(tuple(cards))
