"""What a message may be about: an instrument of the register, or one of its norms."""

from __future__ import annotations

import pytest

from comity.api_exchange import provision_of
from comity.errors import ExchangeError


@pytest.mark.parametrize("text", ["us-china-2015", "us-china-2015.commercial-theft"])
def test_what_the_register_has_may_be_named(text: str) -> None:
    assert provision_of(f" {text} ") == text


@pytest.mark.parametrize("text", ["us-china-2051", "us-china-2015.no-such-norm", "", "../x"])
def test_what_it_does_not_have_is_refused_with_what_it_has(text: str) -> None:
    with pytest.raises(ExchangeError, match="commercial-theft"):
        provision_of(text)
