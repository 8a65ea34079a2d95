"""Cards, keys and certificates that end are told thirty days before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from desks import CN, US, Clock, joined, made

from comity.exchange.cards import CARD_DAYS, accept_card
from comity.exchange.endings import endings
from comity.exchange.keys import DAYS
from comity.exchange.model import Endpoint
from comity.exchange.own import publish, rotate
from comity.exchange.taxii.certs import FOLDER, keep_certificate, make_certificate
from comity.exchange.views import inbox
from comity.report.exchange_lines import inbox_lines


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_told_before_its_time_and_all_of_it_thirty_days_before(
    tmp_path: Path, clock: Clock
) -> None:
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    start = clock.at
    assert endings(us, start + dt.timedelta(days=min(CARD_DAYS, DAYS) - 31)) == ()
    late = endings(us, start + dt.timedelta(days=max(CARD_DAYS, DAYS) - 29))
    assert {(one.party, one.what) for one in late} == {
        (party, what) for party in (US, CN) for what in ("card", "signing-key", "sealing-key")
    }
    us.close()
    cn.close()


def test_a_key_that_is_replaced_in_time_is_told_no_more(tmp_path: Path, clock: Clock) -> None:
    us = made(tmp_path, US, clock)
    clock.move(days=DAYS - 20)
    assert "signing-key" in {one.what for one in endings(us, clock.at)}
    rotate(us.book, us.ring, clock())
    assert endings(us, clock.at) == ()
    us.close()


def test_a_certificate_is_told_for_ones_own_server_and_on_a_peers_card(
    tmp_path: Path, clock: Clock
) -> None:
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    pem, key = make_certificate(["127.0.0.1"], clock(), days=20)
    keep_certificate(us.home / FOLDER, pem, key)
    assert [(e.party, e.what) for e in endings(us, clock.at)] == [(US, "certificate")]
    found = publish(us.book, us.ring, clock(), endpoint=Endpoint("https://127.0.0.1:1/a/", pem))
    held = cn.book.known(US)
    assert held is not None
    cn.book.put(found.token, accept_card(found.token, held[1], held[0], clock()))
    ((name, until),) = cn.alarms().items()
    assert name == f"ends:certificate:{US}"
    assert until[:10] == f"{clock.at + dt.timedelta(days=20):%Y-%m-%d}"
    told = " ".join(b for _, b in inbox_lines(inbox(cn), clock.at))
    assert f"The certificate of {US} ends {until[:10]}" in told
    us.close()
    cn.close()
