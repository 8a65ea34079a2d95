"""What each kind of message asks for, and what is said of a draft that lacks it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import RefusedError
from comity.exchange.model import Kind, Reason
from comity.exchange.templates import (
    KINDS,
    check_fields,
    completeness,
    is_partial,
    read_templates,
    template,
    templates,
)

INDICATOR = {"type": "domain-name", "id": "domain-name--1", "value": "a.example"}


def test_every_kind_of_message_has_a_template_whose_fields_say_what_to_write() -> None:
    assert set(templates()) == set(Kind)
    for one in templates().values():
        assert one.title
        assert one.says.endswith(".")
        names = [f.name for f in one.fields]
        assert len(names) == len(set(names))
        for asked in one.fields:
            assert asked.kind in KINDS
            assert asked.label
            assert asked.help.endswith((".", "?")) or ":" in asked.help
            assert bool(asked.options) is (asked.kind in ("choice", "choices"))
            assert bool(asked.types) is (asked.kind == "objects")


def test_sectors_and_opinions_are_those_of_stix() -> None:
    from stix2.v21.vocab import INDUSTRY_SECTOR, OPINION

    sectors = template(Kind.NOTIFICATION).field("sectors")
    opinion = template(Kind.OPINION).field("opinion")
    assert sectors is not None
    assert opinion is not None
    assert set(sectors.options) == set(INDUSTRY_SECTOR)
    assert list(opinion.options) == OPINION


def test_an_empty_notification_says_what_it_lacks_by_label() -> None:
    found = completeness(Kind.NOTIFICATION, {"happened": "  "})
    assert found.missing_required == ("What happened", "When")
    assert len(found.missing_wanted) == 10
    assert (found.share, found.ready, found.problems) == (0.0, False, ())


def test_the_share_is_of_what_is_asked_for_and_added_fields_do_not_count() -> None:
    fields = {"happened": "A theft.", "when": "2026-11", "our-file": "12/2026"}
    found = completeness(Kind.NOTIFICATION, fields, [INDICATOR])
    assert found.filled == ("What happened", "When", "Technical indicators")
    assert found.share == 3 / 12
    assert found.ready


def test_a_check_needs_nothing_to_be_sent() -> None:
    assert completeness(Kind.CHECK, {}).ready
    assert completeness(Kind.ACKNOWLEDGEMENT, {}).ready
    assert completeness(Kind.CLOSURE, {}).ready


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (Kind.NOTIFICATION, {"when": "in May"}, "When: "),
        (Kind.NOTIFICATION, {"when": "2026-02-30"}, "When: "),
        (Kind.NOTIFICATION, {"countries": ["US", "Atlantis"]}, "cannot be 'Atlantis'"),
        (Kind.NOTIFICATION, {"integrity": "bad"}, "none, minor, serious, grave, unknown"),
        (Kind.REQUEST, {"by_when": "tomorrow"}, "no timestamp such as"),
        (Kind.REPLY, {"final": "maybe"}, "must be one of yes, no"),
        (Kind.OPINION, {"opinion": "certain"}, "strongly-disagree"),
        (Kind.REQUEST, {"indicators": "1.2.3.4"}, "attach them"),
        (Kind.CHECK, {"On Duty": "x"}, "no name for a field"),
        (Kind.CHECK, {"": "x"}, "no name for a field"),
        (Kind.CHECK, {"on_duty": 7}, "on_duty must be text"),
        (Kind.CHECK, {"on_duty": ["x"]}, "it must be one text"),
        (Kind.CHECK, {"extra": {"deep": 1}}, "must be text or a list of texts"),
        (Kind.CHECK, {"on_duty": "x" * 501}, "at most 500"),
        (Kind.CHECK, {"on_duty": "\x1b[2J"}, "do not print"),
        (Kind.CHECK, {f"extra-{n}": "x" for n in range(21)}, "at most 20 fields may be added"),
        (Kind.CHECK, {f"extra-{n}": "x" for n in range(61)}, "at most 60"),
    ],
)
def test_a_problem_names_the_field_and_what_is_allowed(
    kind: Kind, fields: dict[str, Any], said: str
) -> None:
    found = completeness(kind, fields)
    assert any(said in problem for problem in found.problems), found.problems
    assert not found.ready


def test_what_comes_in_is_refused_for_its_shape_and_never_for_what_it_says() -> None:
    check_fields({"when": "last week", "opinion": "certain", "happened": "x" * 20_000})
    with pytest.raises(RefusedError) as caught:
        check_fields({"happened": "x" * 20_001})
    assert caught.value.reason == Reason.TOO_LARGE
    with pytest.raises(RefusedError) as caught:
        check_fields({"happened": None})
    assert caught.value.reason == Reason.MALFORMED


def test_a_reply_is_partial_only_where_it_says_so() -> None:
    assert is_partial(Kind.REPLY, {"final": "no"})
    assert not is_partial(Kind.REPLY, {"final": "yes"})
    assert not is_partial(Kind.REPLY, {})
    assert not is_partial(Kind.REQUEST, {"final": "no"})


def test_a_template_that_requires_what_it_does_not_ask_is_no_template() -> None:
    text = "".join(
        f'[message.{kind}]\ntitle = "t"\nsays = "s."\nfields = []\nrequired = ["x"]\n'
        for kind in Kind
    )
    with pytest.raises(ValueError, match="none of its fields"):
        read_templates(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(list(Kind)), st.dictionaries(st.text(max_size=10), json_values, max_size=5))
def test_any_json_is_either_taken_or_refused_with_a_sentence(
    kind: Kind, fields: dict[str, Any]
) -> None:
    found = completeness(kind, json.loads(json.dumps(fields)))
    assert 0 <= found.share <= 1
    refused = ""
    try:
        check_fields(fields)
    except RefusedError as error:
        refused = str(error)
    if refused:
        assert refused.endswith(".")
        assert found.problems
    else:
        assert all(isinstance(value, str | list) for value in fields.values())
