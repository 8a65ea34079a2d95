"""JSON from strangers is measured before it is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exchange.taxii.bounded import MOST_DEPTH, BoundsError, check_bounds, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)  # fmt: skip


@given(VALUES, st.booleans())
def test_what_json_says_is_read(value: object, ascii: bool) -> None:
    content = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    assert read_json(content) == value


@given(VALUES)
def test_depth_is_counted_as_the_value_has_it(value: object) -> None:
    def depth(one: object) -> int:
        if isinstance(one, dict):
            return 1 + max((depth(v) for v in one.values()), default=0)
        return 1 + max(map(depth, one), default=0) if isinstance(one, list) else 0

    content, deep = json.dumps(value).encode(), depth(value)
    check_bounds(content, depth=deep)
    if deep:
        with pytest.raises(BoundsError, match="nested deeper"):
            check_bounds(content, depth=deep - 1)


def test_brackets_and_commas_inside_texts_do_not_count() -> None:
    text = json.dumps({'a"[\\': '[[[{{{,,,:::\\" ]' * 100})
    check_bounds(text.encode(), depth=1, values=100)


@pytest.mark.parametrize("open_", [b"[", b'{"a":', b'[{"a":'])
def test_ten_megabytes_of_nesting_are_refused_before_they_are_read(open_: bytes) -> None:
    with pytest.raises(BoundsError, match=r"nested deeper|more than") as caught:
        read_json(open_ * (10 * 1024 * 1024 // len(open_)))
    assert caught.value.too_large


def test_ten_megabytes_of_small_values_are_refused_before_they_are_read() -> None:
    for item in (b"0,", b'"",', b"[],", b'{"":0},'):
        with pytest.raises(BoundsError, match="more than") as caught:
            read_json(b"[" + item * (10 * 1024 * 1024 // len(item)) + b"0]")
        assert caught.value.too_large


def test_ten_megabytes_of_escapes_are_measured_without_a_way_back() -> None:
    check_bounds(b'["' + b"\\n" * (5 * 1024 * 1024) + b'"]', values=2)
    with pytest.raises(BoundsError):
        read_json(b'["' + b"\\n" * (5 * 1024 * 1024))


@pytest.mark.parametrize(
    "content",
    [
        b"", b" ", b"nul", b"[1,]", b"{'a':1}", b"[NaN]", b"[-Infinity]", b'["\\ud800"]',
        b'{"\\udc00":1}', b"\xff", b'"\x00"', b"\xef\xbb\xbf{}", b"[1]]", b"9" * 5000,
        b"\xff\xfe[\x00]\x00",
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(BoundsError, match="It is not JSON") as caught:
        read_json(content)
    assert not caught.value.too_large


def test_a_whole_surrogate_pair_is_text() -> None:
    assert read_json(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_what_is_as_deep_as_allowed_is_read() -> None:
    assert read_json(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH)
