"""What a busy server does not read anew for every request, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest
from desks import LINE, US, Clock, joined, made
from wire import HERE, KEYS, NOW, PEER, PaperDesk

from comity.errors import ExchangeError
from comity.exchange.kept import KEPT_SECONDS, KeptLines
from comity.exchange.model import Line, PublicKey
from comity.exchange.taxii.auth import LATELY, Doorkeeper, make_bearer
from comity.exchange.taxii.resources import AnswerError

ONE = (Line("one", "One", (HERE, PEER)),)


class Moments:
    """A clock of seconds that is set by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_lines_are_read_once_a_second_and_after_a_change() -> None:
    reads: list[int] = []
    moments = Moments()

    def read() -> tuple[Line, ...]:
        reads.append(1)
        return ONE

    kept = KeptLines(read, moments)
    assert kept.fresh() is None
    assert kept.lines() == kept.lines() == kept.fresh() == ONE
    assert len(reads) == 1
    moments.at = KEPT_SECONDS
    assert kept.fresh() is None
    assert kept.lines() == ONE
    assert len(reads) == 2
    kept.forget()
    assert kept.fresh() is None


def test_lines_that_were_changed_while_they_were_read_are_not_kept() -> None:
    def read() -> tuple[Line, ...]:
        kept.forget()
        return ONE

    kept = KeptLines(read, Moments())
    assert kept.lines() == ONE
    assert kept.fresh() is None


def test_a_line_is_there_at_once_here_and_after_a_second_for_another_process(
    tmp_path: Path,
) -> None:
    clock, moments = Clock(), Moments()
    us, cn = made(tmp_path, US, clock), made(tmp_path, "china.example", clock)
    joined(us, cn)
    other = type(us).open(us.home, clock)
    other.kept.monotonic = moments
    assert [one.id for one in other.lines_lately() or ()] == [LINE]
    us.open_line("another-line", [cn.party])
    assert len(us.lines_lately() or ()) == 2
    assert len(other.lines_lately() or ()) == 1
    moments.at = KEPT_SECONDS
    assert len(other.lines_lately() or ()) == 2
    us.drop_line("another-line")
    with pytest.raises(ExchangeError, match="not open here now"):
        other.accept("another-line", [], cn.party)  # whatever was kept, the journal is asked
    for desk in (us, cn, other):
        desk.close()


class SteadyDesk(PaperDesk):
    """A desk that gives the same keys until its cards change, as a desk does."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[PublicKey, ...] = (KEYS[PEER].public,)

    def keys_of(self, party: str) -> tuple[PublicKey, ...]:
        return self.keys


def test_a_token_is_known_for_a_second_and_not_after_its_card_changed() -> None:
    desk, moments = SteadyDesk(), Moments()
    door = Doorkeeper(desk, moments)
    header = f"Bearer {make_bearer(KEYS[PEER], PEER, HERE, NOW)}"
    assert door.recent(header) is None
    caller = door.caller(header, "")
    assert door.recent(header) == caller
    moments.at = LATELY
    assert door.recent(header) is None
    door.caller(header, "")
    assert door.recent(header) == caller
    key = KEYS[PEER].public
    desk.keys = (PublicKey(key.kid, key.use, key.jwk, key.since, key.until, NOW, "lost"),)
    assert door.recent(header) is None
    with pytest.raises(AnswerError, match="revoked"):
        door.caller(header, "")


def test_a_token_that_is_known_ends_when_it_says() -> None:
    import datetime as dt

    desk = SteadyDesk()
    door = Doorkeeper(desk, Moments())
    header = f"Bearer {make_bearer(KEYS[PEER], PEER, HERE, NOW)}"
    door.caller(header, "")
    desk.clock = lambda: NOW + dt.timedelta(hours=2)
    with pytest.raises(AnswerError, match="clock"):
        door.recent(header)
