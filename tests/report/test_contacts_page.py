"""How a card and its keys read to people: above all, what no longer holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from comity.exchange.model import Card, Point, PublicKey
from comity.report.contacts_page import card_lines, key_line, validity

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KEY = PublicKey("k" * 43, "sig", {}, NOW - DAY, NOW + 100 * DAY)
CARD = Card("us.example", "CERT", "US", 3, "", NOW - DAY, NOW + 100 * DAY, (), (KEY,))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "signs, 2026-11-25 to 2027-03-06"),
        ({"use": "enc"}, "opens, 2026-11-25 to 2027-03-06"),
        ({"until": NOW + DAY}, "2026-11-27, ends soon"),
        ({"until": NOW}, "2026-11-26, ends soon"),
        ({"until": NOW - DAY / 2}, "2026-11-25, expired"),
        ({"since": NOW + DAY}, "2027-03-06, to come"),
        ({"revoked": NOW, "why": "lost"}, "revoked 2026-11-26: lost"),
        ({"revoked": NOW}, "revoked 2026-11-26"),
    ],
)
def test_a_key_says_what_keeps_it_from_holding(change: dict[str, object], told: str) -> None:
    assert key_line(replace(KEY, **change), NOW).endswith(told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("until", "told"),
    [(NOW + 100 * DAY, "2027-03-06"), (NOW + DAY, "2026-11-27: ends soon"),
     (NOW - DAY / 2, "2026-11-25: expired")],
)  # fmt: skip
def test_a_card_says_whether_it_still_holds(until: dt.datetime, told: str) -> None:
    assert validity(replace(CARD, until=until), NOW) == f"2026-11-25 to {told}"


def test_points_are_in_order_of_role_whatever_the_cards_order() -> None:
    points = tuple(Point(role, role.title(), (), ("en",)) for role in ("policy", "technical"))
    lines = [text for _, text in card_lines(replace(CARD, points=points), "ABCD", False, NOW)]
    assert lines[2:4] == ["  technical   Technical; en", "  policy      Policy; en"]
    assert lines[4] == "  fingerprint ABCD"
