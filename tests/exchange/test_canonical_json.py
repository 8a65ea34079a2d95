"""Canonical JSON is what RFC 8785 says, and an instant has one way to be written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, read_stamp, stamp

SCALARS = (
    st.none() | st.booleans() | st.text() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES)
def test_it_is_what_the_library_writes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800", {1: 2}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(RefusedError) as error:
        canonical(value)
    assert error.value.reason == "malformed"


@given(st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(2999, 1, 1)))
def test_an_instant_is_read_as_it_was_written(at: dt.datetime) -> None:
    text = stamp(at.replace(tzinfo=dt.UTC))
    assert stamp(read_stamp(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000", "2026-01-01T00:00:00.0000Z",
     "2026-02-30T00:00:00.000Z", "2026-1-1T00:00:00.000Z", "２026-01-01T00:00:00.000Z", None, 5],
)  # fmt: skip
def test_another_form_of_an_instant_is_refused(text: Any) -> None:
    with pytest.raises(RefusedError):
        read_stamp(text)
