"""One rule says what the name of a party is: on a card, in a message and on a line."""

from __future__ import annotations

import pytest

from comity.errors import ExchangeError
from comity.exchange.cardtext import check_party
from comity.exchange.headers import PARTY
from comity.exchange.lines import make_line
from comity.exchange.model import Terms

LABEL = "a" * 63
WIDEST = ".".join([LABEL, LABEL, LABEL, "a" * 61])  # 253 characters


@pytest.mark.parametrize("name", ["us.example", "a.bc", "x-1.y-2.zz", WIDEST])
def test_what_is_a_name_is_one_everywhere(name: str) -> None:
    assert PARTY.fullmatch(name)
    assert check_party(name) == name
    assert name in make_line("line", "", (name, "other.example"), Terms()).parties


@pytest.mark.parametrize(
    "name",
    [WIDEST + "a", "a.b", "example", "us.example.", "us.exam-", "us.-example", "Us.example",
     "us..example", LABEL + "a.example", "us.example\n", ""],
)  # fmt: skip
def test_what_is_none_is_none_anywhere(name: str) -> None:
    assert not PARTY.fullmatch(name)
    with pytest.raises(ValueError, match="no name such as"):
        check_party(name)
    with pytest.raises(ExchangeError):
        make_line("line", "", (name, "other.example"), Terms())
