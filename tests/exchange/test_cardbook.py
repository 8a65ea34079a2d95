"""The cards at hand: every version kept, none replaced, damage named."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from comity.errors import ExchangeError, RefusedError
from comity.exchange.cardbook import CardBook
from comity.exchange.cards import make_card, token_digest
from comity.exchange.keys import make_keys
from comity.exchange.model import Card, Reason

NOW = dt.datetime(2026, 11, 26, 16, tzinfo=dt.UTC)
KEY, _ = make_keys(NOW)


def card_of(party: str, version: int = 1, name: str = "CERT") -> tuple[str, Card]:
    card = Card(
        party, name, "US", version, "" if version == 1 else token_digest(f"{party}{version}"),
        NOW, NOW + dt.timedelta(days=9), (), (KEY.public,),
    )  # fmt: skip
    return make_card(card, KEY), card


@pytest.fixture
def book(tmp_path: Path) -> CardBook:
    return CardBook(tmp_path / "cards", "us.example")


def test_a_book_begins_empty(book: CardBook) -> None:
    assert book.all() == ()
    assert book.known("china.example") is None
    assert book.history("china.example") == ()
    with pytest.raises(ExchangeError, match="comity exchange init"):
        book.own()


def test_the_newest_version_of_each_party_is_given_ones_own_first(book: CardBook) -> None:
    for party in ("us.example", "china.example", "zz.example"):
        for version in (1, 2, 11):
            book.put(*card_of(party, version))
    assert [(c.party, c.version) for _, c in book.all()] == [
        ("us.example", 11), ("china.example", 11), ("zz.example", 11),
    ]  # fmt: skip
    assert book.own() == card_of("us.example", 11)
    assert [c.version for _, c in book.history("china.example")] == [1, 2, 11]


def test_ones_own_card_is_put_by_its_signed_text(book: CardBook) -> None:
    token, card = card_of("us.example")
    book.put_own(token)
    assert book.own() == (token, card)


def test_the_same_card_put_again_changes_nothing(book: CardBook) -> None:
    for version in (1, 2, 1, 2):
        book.put(*card_of("china.example", version))
    assert len(book.history("china.example")) == 2


def test_an_older_card_is_not_put(book: CardBook) -> None:
    book.put(*card_of("china.example", 2))
    with pytest.raises(RefusedError, match="older") as caught:
        book.put(*card_of("china.example", 1))
    assert caught.value.reason == Reason.ROLLBACK


def test_another_card_of_the_same_version_is_a_contradiction(book: CardBook) -> None:
    book.put(*card_of("china.example", 2))
    with pytest.raises(RefusedError, match="proof") as caught:
        book.put(*card_of("china.example", 2, "Other"))
    assert caught.value.reason == Reason.CONTRADICTION
    assert book.known("china.example") == card_of("china.example", 2)


def test_a_forgotten_party_is_unknown_and_its_cards_are_kept_aside(book: CardBook) -> None:
    for _ in range(2):
        for version in (1, 2):
            book.put(*card_of("china.example", version))
        assert book.forget("china.example") == 2
        assert book.known("china.example") is None
    kept = sorted(p.name for p in (book.folder / "china.example" / "forgotten").iterdir())
    assert kept == ["0001-000001.jws", "0002-000002.jws", "0003-000001.jws", "0004-000002.jws"]
    book.put(*card_of("china.example", 1))
    assert book.known("china.example") == card_of("china.example", 1)


def test_one_neither_forgets_oneself_nor_a_stranger(book: CardBook) -> None:
    book.put(*card_of("us.example"))
    with pytest.raises(ExchangeError, match="own card"):
        book.forget("us.example")
    with pytest.raises(ExchangeError, match="No card of"):
        book.forget("china.example")


@pytest.mark.parametrize("name", ["../china.example", "/etc", "", ".", "a/b.example", "A.example"])
def test_a_name_that_leads_elsewhere_is_no_party(book: CardBook, name: str) -> None:
    token, card = card_of("china.example")
    for attempt in (book.known, book.history, book.forget,
                    lambda party: book.put(token, replace(card, party=party))):  # fmt: skip
        with pytest.raises(RefusedError) as caught:
            attempt(name)
        assert caught.value.reason == Reason.MALFORMED


def test_a_damaged_or_misplaced_card_is_named(book: CardBook) -> None:
    book.put(*card_of("china.example"))
    path = book.folder / "china.example" / "000001.jws"
    path.write_text(card_of("uk.example")[0])
    with pytest.raises(ExchangeError, match=r"is version 1 of uk\.example"):
        book.known("china.example")
    path.write_text("ä", encoding="utf-8")
    with pytest.raises(ExchangeError, match=f"card in {path} cannot be read"):
        book.all()


def test_files_that_are_no_cards_do_not_count(book: CardBook) -> None:
    book.put(*card_of("china.example"))
    (book.folder / "china.example" / "note.txt").write_text("x")
    (book.folder / "china.example" / ".000002.jws.x.part").write_text("x")
    (book.folder / "README").write_text("x")
    assert [c.version for _, c in book.all()] == [1]


def test_where_nothing_can_be_written_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExchangeError, match="Cannot write cards"):
        CardBook(tmp_path / "file", "us.example").put(*card_of("china.example"))
