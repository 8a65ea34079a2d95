"""Keys changed while messages are under way: what arrives, what is refused, what is signed anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import CN, LINE, UN, US, WHAT, Clock, bring, carried, joined, made, sent

from comity.exchange.cards import accept_card
from comity.exchange.desk import Desk
from comity.exchange.keys import signer
from comity.exchange.messages import TYP, resigned, signature_of
from comity.exchange.model import Kind, Reason, State
from comity.exchange.own import revoke, rotate
from comity.exchange.reading import Wanted


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def us(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    desk = made(tmp_path, US, clock)
    yield desk
    desk.close()


@pytest.fixture
def cn(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    desk = made(tmp_path, CN, clock)
    yield desk
    desk.close()


def tell(source: Desk, target: Desk) -> None:
    """Let one desk take the other's newest card, as its file would bring it."""
    token, card = source.book.own()
    known_token, known = target.book.known(source.party)
    accept_card(token, known, known_token, target.clock())
    target.book.put(token, card)


def states(found: tuple[object, ...]) -> list[object]:
    return [outcome.reason or outcome.state for outcome in found]


def test_a_message_by_a_key_the_other_does_not_know_waits_for_its_card(us, cn) -> None:
    joined(us, cn)
    rotate(us.book, us.ring, us.clock(), notice=0)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    assert states(bring(us, cn)) == [Reason.UNKNOWN_KEY]
    tell(us, cn)
    assert states(bring(us, cn)) == [State.ACCEPTED]
    assert cn.messages(LINE)[0].message.digest == message.digest


def test_after_a_rotation_with_notice_the_known_key_goes_on_signing(us, cn, clock) -> None:
    joined(us, cn)
    rotate(us.book, us.ring, us.clock())
    sent(us, Kind.NOTIFICATION, WHAT)
    assert states(bring(us, cn)) == [State.ACCEPTED]
    tell(us, cn)
    clock.move(days=8)
    sent(us, Kind.NOTIFICATION, WHAT)
    assert states(bring(us, cn)) == [State.ACCEPTED]
    kids = [signer(signature_of(r.message.root), TYP) for r in cn.messages(LINE)]
    assert kids[0] != kids[1]


def test_what_was_under_way_when_its_key_was_revoked_arrives_signed_anew(us, cn) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    stolen = us.ring.signing(us.clock()).public.kid
    revoke(us.book, us.ring, stolen, "stolen", us.clock())
    tell(us, cn)
    (outcome,) = cn.accept(LINE, carried(message), US)
    assert outcome.reason == Reason.REVOKED_KEY
    assert states(bring(us, cn)) == [State.ACCEPTED]
    (held,) = cn.messages(LINE)
    assert held.message.digest == message.digest
    assert signer(signature_of(held.message.root), TYP) != stolen


def test_what_was_under_way_for_two_years_arrives_signed_anew(us, cn, clock) -> None:
    joined(us, cn)
    sent(us, Kind.NOTIFICATION, WHAT)
    clock.move(days=720)
    rotate(us.book, us.ring, us.clock())
    tell(us, cn)
    clock.move(days=30)  # the first key ended 20 days ago
    assert states(bring(us, cn)) == [State.ACCEPTED]


def served(desk: Desk) -> list[dict[str, object]]:
    """Return what a party that only fetches is shown of the line."""
    return [json.loads(row.body) for row in desk.stored(LINE, Wanted(versions=("all",)), 100)]


def test_a_party_that_only_fetches_is_shown_the_new_signature(us, cn, clock) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    assert served(us)[-1] == message.root
    old = us.ring.signing(us.clock()).public.kid
    revoke(us.book, us.ring, old, "lost", us.clock())
    tell(us, cn)
    assert states(cn.accept(LINE, carried(message), US)) == [Reason.REVOKED_KEY]
    shown = served(us)
    assert signer(signature_of(shown[-1]), TYP) != old
    assert states(cn.accept(LINE, shown, US)) == [State.ACCEPTED]
    assert cn.messages(LINE)[0].message.digest == message.digest
    assert served(cn) == shown  # what is another's is shown as it came


def test_what_is_only_read_is_shown_though_no_key_of_ours_holds(us, cn, clock) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    clock.move(days=1000)
    assert served(us)[-1] == message.root


def test_a_thief_with_a_stolen_key_is_refused_once_the_revocation_is_known(us, cn, clock) -> None:
    joined(us, cn)
    stolen = us.ring.signing(us.clock())
    revoke(us.book, us.ring, stolen.public.kid, "stolen", us.clock())
    tell(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    (outcome,) = cn.accept(LINE, carried(resigned(message, stolen)), US)
    assert outcome.reason == Reason.REVOKED_KEY
    assert cn.messages(LINE) == ()


def test_what_another_brings_back_in_our_name_is_not_vouched_for_again(
    tmp_path: Path, clock: Clock
) -> None:
    us, cn, un = (made(tmp_path, party, clock) for party in (US, CN, UN))
    joined(us, cn, un)
    thief = made(tmp_path / "thief", US, clock)  # stands for whoever has the desk's key
    key = us.ring.signing(us.clock())
    thief.ring.add(key)
    for desk in (cn, un):
        thief.book.put(*desk.book.own())
    thief.open_line(LINE, [CN, UN])
    forged = resigned(sent(thief, Kind.NOTIFICATION, WHAT), key)
    assert states(us.accept(LINE, carried(forged), CN)) == [State.ACCEPTED]
    revoke(us.book, us.ring, key.public.kid, "stolen", us.clock())
    (due,) = us.due(CN, LINE, all=True)
    assert signer(signature_of(due.root), TYP) == key.public.kid
    for desk in (us, cn, un, thief):
        desk.close()
