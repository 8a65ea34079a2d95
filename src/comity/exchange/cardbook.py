"""The cards at hand: one's own and those of other parties, every version kept as it was signed.

Files `PARTY/VERSION.jws` in one folder, each written whole or not at all; a folder that several
desks of one party share serves them all. What is put here was accepted before, by `accept_card`.
"""

from __future__ import annotations

from pathlib import Path

from comity.errors import ExchangeError, RefusedError
from comity.exchange.cards import read_card
from comity.exchange.headers import PARTY
from comity.exchange.model import Card, Reason
from comity.storage import locked, write_whole

ENDING = ".jws"
FORGOTTEN = "forgotten"


class CardBook:
    """The cards in a folder, which need not exist; `party` is whose book it is."""

    def __init__(self, folder: Path, party: str) -> None:
        self.folder = folder
        self.party = party

    def own(self) -> tuple[str, Card]:
        """Return the newest card of the party itself and its signed text. Raises ExchangeError."""
        found = self.known(self.party)
        if found is None:
            raise ExchangeError(
                f"There is no card of {self.party} in {self.folder}. Make a desk with `comity "
                "exchange init`, or put the folder back from a copy."
            )
        return found

    def put_own(self, token: str) -> None:
        """Keep a new version of the party's own card. Raises as `put`."""
        self.put(token, read_card(token))

    def known(self, party: str) -> tuple[str, Card] | None:
        """Return the newest card held of a party and its signed text; None where there is none.

        Raises ExchangeError where it is damaged.
        """
        numbers = self._versions(party)
        return self._read(party, numbers[-1]) if numbers else None

    def history(self, party: str) -> tuple[tuple[str, Card], ...]:
        """Return every version held of a party's card, oldest first. Raises ExchangeError."""
        return tuple(self._read(party, number) for number in self._versions(party))

    def all(self) -> tuple[tuple[str, Card], ...]:
        """Return the newest card of every party: one's own first, then in order of name."""
        if not self.folder.is_dir():
            return ()
        parties = [p.name for p in self.folder.iterdir() if p.is_dir() and PARTY.fullmatch(p.name)]
        found = [self.known(p) for p in sorted(parties, key=lambda p: (p != self.party, p))]
        return tuple(pair for pair in found if pair is not None)

    def put(self, token: str, card: Card) -> None:
        """Keep a card. Putting the same again changes nothing.

        Raises RefusedError: rollback (a newer one is held), contradiction (another of the same
        version is); ExchangeError where it cannot be written: then nothing has changed.
        """
        folder = self.folder / _named(card.party)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(self.folder / ".lock"):
                numbers = self._versions(card.party)
                if numbers and card.version <= numbers[-1]:
                    self._same(token, card, numbers)
                    return
                write_whole(folder / f"{card.version:06d}{ENDING}", token.encode())
        except OSError as error:
            raise self._unwritable(error) from error

    def forget(self, party: str) -> int:
        """Believe nothing of a party any more: the next card of it is a first one again.

        Its cards are kept in PARTY/forgotten, as they may be proof. Returns how many there were.
        Raises ExchangeError: the party itself, one of whom nothing is held.
        """
        if party == self.party:
            raise ExchangeError("The desk's own card cannot be forgotten.")
        numbers = self._versions(party)
        if not numbers:
            raise ExchangeError(f"No card of {party} is held in {self.folder}.")
        try:
            with locked(self.folder / ".lock"):
                attic = self.folder / party / FORGOTTEN
                attic.mkdir(mode=0o700, exist_ok=True)
                taken = sum(1 for _ in attic.iterdir())
                for n in numbers:
                    source = self._path(party, n)
                    source.rename(attic / f"{taken + 1:04d}-{source.name}")
                    taken += 1
        except OSError as error:
            raise self._unwritable(error) from error
        return len(numbers)

    def _same(self, token: str, card: Card, numbers: list[int]) -> None:
        """Raise RefusedError unless a card that is not new is one of those held."""
        if card.version in numbers and self._read(card.party, card.version)[0] == token:
            return
        if card.version == numbers[-1]:
            raise RefusedError(
                f"Another version {card.version} of the card of {card.party} is held. Two that "
                "differ are proof that one is not its own doing: ask by telephone.",
                Reason.CONTRADICTION,
            )
        raise RefusedError(
            f"Version {numbers[-1]} of the card of {card.party} is held; version {card.version} "
            "is older and not taken.", Reason.ROLLBACK,
        )  # fmt: skip

    def _versions(self, party: str) -> list[int]:
        folder = self.folder / _named(party)
        if not folder.is_dir():
            return []
        stems = [p.stem for p in folder.iterdir() if p.suffix == ENDING and p.stem.isdecimal()]
        return sorted(int(stem) for stem in stems)

    def _path(self, party: str, version: int) -> Path:
        return self.folder / party / f"{version:06d}{ENDING}"

    def _read(self, party: str, version: int) -> tuple[str, Card]:
        path = self._path(party, version)
        try:
            token = path.read_text(encoding="ascii")
            card = read_card(token)
        except (OSError, ValueError, RefusedError) as error:
            raise ExchangeError(f"The card in {path} cannot be read: {error} Put it back from a "
                                "copy.") from error  # fmt: skip
        if (card.party, card.version) != (party, version):
            raise ExchangeError(
                f"The card in {path} is version {card.version} of {card.party}. Put the right one "
                "back from a copy."
            )
        return token, card

    def _unwritable(self, error: OSError) -> ExchangeError:
        return ExchangeError(
            f"Cannot write cards to {self.folder}: {error.strerror or error}. What was there "
            "before is unchanged."
        )


def _named(party: str) -> str:
    """Return a party's name where it may name a folder. Raises RefusedError (malformed)."""
    if not PARTY.fullmatch(party):
        raise RefusedError(f"{party[:60]!r} is no name such as us.example.", Reason.MALFORMED)
    return party
