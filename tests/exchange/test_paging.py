"""An inbox of many threads: counted in the database, shown a page at a time."""

from __future__ import annotations

import pytest
from desks import LINE, US, WHAT, Clock, bring, joined, sent

from comity.errors import ExchangeError
from comity.exchange.desk import Desk
from comity.exchange.model import Kind
from comity.exchange.views import find_thread, inbox
from comity.report.exchange_lines import inbox_lines


@pytest.fixture
def told(us: Desk, cn: Desk, clock: Clock) -> list[str]:
    """Five threads that China has not read, the first first."""
    joined(us, cn)
    threads = []
    for _ in range(5):
        threads.append(sent(us, Kind.NOTIFICATION, WHAT).header.thread)
        bring(us, cn)
        clock.move(minutes=1)
    return threads


def test_each_page_has_its_part_and_all_are_counted(cn: Desk, told: list[str]) -> None:
    pages = [inbox(cn, n, 2) for n in (1, 2, 3)]
    assert [t.id for page in pages for t in page.threads] == told[::-1]
    assert [one.message.header.thread for page in pages for one in page.unread] == told[::-1]
    for page in pages:
        assert (page.unread_count, page.threads_count, page.pages) == (5, 5, 3)
        assert len(page.owed_by_us) == 5  # what is due is never left out
        assert set(page.lines.values()) == {LINE}
    text = " ".join("".join(pair) for pair in inbox_lines(pages[0], cn.clock()))
    assert "Unread (5)" in text
    assert "Page 1 of 3; --page 2 shows earlier ones." in text
    for wrong in (0, 4):
        with pytest.raises(ExchangeError, match="the inbox has 3"):
            inbox(cn, wrong, 2)


def test_what_was_read_leaves_the_count_and_not_the_threads(cn: Desk, told: list[str]) -> None:
    cn.mark_read(LINE, [one.message.digest for one in cn.thread(told[0])])
    found = inbox(cn)
    assert (found.unread_count, found.threads_count, found.pages) == (4, 5, 1)
    assert [t.unread for t in cn.threads(LINE, 2, 3)] == [1, 0]


def test_a_thread_is_found_by_how_its_id_begins(cn: Desk, told: list[str]) -> None:
    assert find_thread(cn, told[2][:8]) == told[2]
    for prefix in ("zzzz", told[2][:3], "%%%%"):
        with pytest.raises(ExchangeError, match="No thread begins with"):
            find_thread(cn, prefix)
    assert US in {t.opened_by for t in cn.threads()}
