"""A desk made whole or not at all; one's own card changed, keys rotated and revoked."""

from __future__ import annotations

import datetime as dt
import json
import re
import stat
from pathlib import Path

import pytest

from comity.errors import ExchangeError
from comity.exchange.cardbook import CardBook
from comity.exchange.cards import accept_card, accept_chain, fingerprint
from comity.exchange.desk_config import DeskConfig, exchange_home, load, save
from comity.exchange.keyring import KeyRing, holds
from comity.exchange.keys import make_keys, sign, verify
from comity.exchange.making import make_desk
from comity.exchange.model import Channel, Endpoint, Point
from comity.exchange.own import (
    add_point,
    card_book,
    key_ring,
    publish,
    remove_point,
    revoke,
    rotate,
)

NOW = dt.datetime(2026, 11, 26, 16, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CONFIG = DeskConfig("us.example", "US", "CERT of the United States")
POINT = Point("technical", "Duty officer", (Channel("email", "cert@us.example"),), ("en",), "24/7")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "desk"
    make_desk(made, CONFIG, NOW, passphrase="")
    return made


@pytest.fixture
def book(folder: Path) -> CardBook:
    return card_book(folder, CONFIG)


@pytest.fixture
def ring(folder: Path) -> KeyRing:
    return key_ring(folder, "")


# The desk


def test_a_new_desk_has_its_keys_its_card_and_says_whose_it_is(
    folder: Path, book: CardBook, ring: KeyRing
) -> None:
    assert load(folder) == CONFIG
    token, card = book.own()
    assert (card.party, card.country, card.name, card.version) == ("us.example", "US",
                                                                   CONFIG.name, 1)  # fmt: skip
    assert card.keys == ring.public()
    assert accept_card(token, None, "", NOW, fingerprint(card)) == card
    assert not list(folder.glob(".desk-*"))
    assert stat.S_IMODE((folder / "desk.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["desk.json", "keys", "cards", "exchange.sqlite"])
def test_a_desk_is_never_replaced(folder: Path, name: str) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    for other in ("desk.json", "keys", "cards", "exchange.sqlite"):
        if other != name:
            (folder / other).rename(folder / f"away-{other}")
    with pytest.raises(ExchangeError, match=rf"holds a desk already \({re.escape(name)}\)"):
        make_desk(folder, CONFIG, NOW)
    for other in ("desk.json", "keys", "cards", "exchange.sqlite"):
        if other != name:
            (folder / f"away-{other}").rename(folder / other)
    assert before == {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"party": "US Example"}, "like a domain"),
        ({"name": ""}, "needs a name"),
        ({"name": "a\nb"}, "U\\+000A"),
        ({"country": "Atlantis!"}, "ISO code"),
        ({"database": "mysql://x"}, "postgresql"),
        ({"two_persons": "yes"}, "true or false"),
    ],
)
def test_a_desk_that_cannot_be_leaves_nothing_behind(
    tmp_path: Path, change: dict[str, object], why: str
) -> None:
    members = {"party": "us.example", "country": "US", "name": "CERT", **change}
    with pytest.raises(ExchangeError, match=why):
        make_desk(tmp_path / "new", DeskConfig(**members), NOW)  # type: ignore[arg-type]
    assert list((tmp_path / "new").iterdir()) == []


def test_a_desk_with_an_endpoint_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="endpoint"):
        make_desk(tmp_path / "new", CONFIG, NOW, Endpoint("http://us.example/"))
    assert list((tmp_path / "new").iterdir()) == []


def test_a_desk_cannot_be_made_inside_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExchangeError, match="Cannot write to"):
        make_desk(tmp_path / "file" / "desk", CONFIG, NOW)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be read"),
        ("[]", "no object"),
        ('{"party": "us.example"}', "lacks country, name"),
        ('{"party": "us.example", "country": "US", "name": "x", "color": 1}', "holds color"),
        ('{"party": "us.example", "country": "US", "name": 7}', "all else is text"),
        ('{"party": "us", "country": "US", "name": "x"}', "like a domain"),
    ],
)
def test_a_damaged_desk_file_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "desk.json").write_text(text)
    with pytest.raises(ExchangeError, match=why):
        load(tmp_path)


def test_a_folder_without_a_desk_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"comity exchange init.*--home"):
        load(tmp_path)


def test_a_desks_members_come_back_as_written(tmp_path: Path) -> None:
    config = DeskConfig("us.example", "US", "CERT", "postgresql+psycopg://desk@/comity", True)
    save(tmp_path / "new", config)
    assert load(tmp_path / "new") == config
    assert json.loads((tmp_path / "new" / "desk.json").read_text())["two_persons"] is True


def test_a_desk_is_looked_for_where_it_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    monkeypatch.delenv("COMITY_EXCHANGE", raising=False)
    assert exchange_home() == tmp_path / "exchange"
    monkeypatch.setenv("COMITY_EXCHANGE", str(tmp_path / "other"))
    assert exchange_home() == tmp_path / "other"
    assert exchange_home(tmp_path / "given") == tmp_path / "given"


# The card


def test_a_point_added_and_removed_makes_two_versions_that_follow(
    book: CardBook, ring: KeyRing
) -> None:
    first_token, first = book.own()
    added = add_point(book, ring, POINT, NOW + DAY)
    removed = remove_point(book, ring, "Duty officer", "", NOW + 2 * DAY)
    assert (added.card.points, removed.card.points) == ((POINT,), ())
    tokens = [token for token, _ in book.history("us.example")]
    taken = accept_chain(tokens, first, first_token, NOW + 2 * DAY)
    assert [card.version for _, card in taken] == [2, 3]


def test_one_point_is_on_the_card_once_and_removed_by_a_name_that_is_there(
    book: CardBook, ring: KeyRing
) -> None:
    add_point(book, ring, POINT, NOW)
    with pytest.raises(ExchangeError, match="on the card already"):
        add_point(book, ring, POINT, NOW)
    with pytest.raises(ExchangeError, match=r"No point.*Duty officer \(technical\)"):
        remove_point(book, ring, "Minister", "", NOW)
    with pytest.raises(ExchangeError, match="No point"):
        remove_point(book, ring, "Duty officer", "policy", NOW)


def test_of_two_points_with_one_name_the_role_says_which(book: CardBook, ring: KeyRing) -> None:
    add_point(book, ring, POINT, NOW)
    other = Point("policy", POINT.name, POINT.channels, POINT.languages)
    add_point(book, ring, other, NOW)
    with pytest.raises(ExchangeError, match="Several points"):
        remove_point(book, ring, POINT.name, "", NOW)
    assert remove_point(book, ring, POINT.name, "technical", NOW).card.points == (other,)


def test_a_new_address_is_published_and_an_old_one_kept(book: CardBook, ring: KeyRing) -> None:
    place = Endpoint("https://cert.us.example/taxii2/")
    assert publish(book, ring, NOW, endpoint=place).card.endpoint == place
    assert publish(book, ring, NOW).card.endpoint == place


def test_nothing_is_published_while_the_clock_is_behind(book: CardBook, ring: KeyRing) -> None:
    with pytest.raises(ExchangeError, match="Set the clock right"):
        publish(book, ring, NOW - DAY)
    assert book.own()[1].version == 1


# Keys


def test_rotated_keys_are_used_once_the_others_had_a_week_to_learn_of_them(
    book: CardBook, ring: KeyRing
) -> None:
    token, card = book.own()
    old = ring.signing(NOW)
    published, (signing, sealing) = rotate(book, ring, NOW + DAY)
    assert published.follows
    assert accept_card(published.token, card, token, NOW + DAY) == published.card
    assert {signing.kid, sealing.kid} < {k.kid for k in published.card.keys}
    assert ring.signing(NOW + 7 * DAY) == old
    assert ring.signing(NOW + 8 * DAY).public == signing
    message = sign(b"x", ring.signing(NOW + 8 * DAY), "t")
    at = NOW + 8 * DAY
    assert verify(b"x", message, published.card.keys, "t", at, at) == signing


def test_rotated_keys_are_used_at_once_where_no_old_one_lasts(tmp_path: Path) -> None:
    config = DeskConfig("us.example", "US", "CERT")
    make_desk(tmp_path, config, NOW - 726 * DAY, passphrase="")
    book, ring = card_book(tmp_path, config), key_ring(tmp_path, "")
    _, (signing, _) = rotate(book, ring, NOW)
    assert ring.signing(NOW).public == signing


def test_a_revoked_key_is_replaced_at_once_and_the_others_follow(
    book: CardBook, ring: KeyRing
) -> None:
    token, card = book.own()
    stolen = ring.signing(NOW)
    published = revoke(book, ring, stolen.public.kid, "stolen", NOW + DAY, since=NOW)
    assert published.follows
    taken = accept_card(published.token, card, token, NOW + DAY)
    gone = next(k for k in taken.keys if k.kid == stolen.public.kid)
    assert (gone.revoked, gone.why) == (NOW, "stolen")
    new = ring.signing(NOW + DAY)
    assert new.public.kid != stolen.public.kid
    assert new.public in taken.keys
    assert sum(k.use == "enc" for k in taken.keys) == 1


def test_a_key_that_holds_signs_the_card_rather_than_the_one_revoked(
    book: CardBook, ring: KeyRing
) -> None:
    old = ring.signing(NOW)
    rotate(book, ring, NOW, notice=0)
    token, card = book.own()
    published = revoke(book, ring, old.public.kid, "stolen", NOW + DAY)
    only_new = tuple(k for k in card.keys if k.kid != old.public.kid)
    assert accept_card(published.token, card, token, NOW + DAY) == published.card
    at = published.card.issued
    from comity.exchange.keys import verify_whole

    assert verify_whole(published.token, only_new, "comity-card", at, at).kid != old.public.kid


def test_a_revoked_sealing_key_is_replaced_too(book: CardBook, ring: KeyRing) -> None:
    sealing = ring.sealing()[0].public
    card = revoke(book, ring, sealing.kid, "copied", NOW + DAY).card
    assert [holds(k, NOW + DAY) for k in card.keys if k.use == "enc"] == [False, True]


def test_after_years_away_the_new_card_says_that_nobody_will_take_it_by_itself(
    book: CardBook, ring: KeyRing
) -> None:
    token, card = book.own()
    late = NOW + 800 * DAY
    with pytest.raises(ExchangeError, match="keys rotate"):
        publish(book, ring, late)
    published, _ = rotate(book, ring, late)
    assert not published.follows
    with pytest.raises(ExchangeError, match="anybody could have made it"):
        accept_card(published.token, card, token, late)
    heard = fingerprint(published.card)
    assert accept_card(published.token, None, "", late, heard) == published.card


def test_a_card_names_a_key_for_a_year_after_its_end(book: CardBook, ring: KeyRing) -> None:
    ring.add(make_keys(NOW - 900 * DAY, days=530)[0])  # ended 370 days ago
    recent = make_keys(NOW - 900 * DAY, days=540)[0]  # 360 days ago
    ring.add(recent)
    card = publish(book, ring, NOW).card
    assert [k.kid for k in card.keys if k.until < NOW] == [recent.public.kid]
