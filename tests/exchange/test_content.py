"""What a message may carry: STIX 2.1, bounded, and errors that name the object and the property."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stix_sample as sample
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import RefusedError
from comity.exchange.content import MOST_STRING, TYPES, check_objects, read_objects
from comity.exchange.marking import TLP_EXTENSION, tlp_object
from comity.exchange.model import Level, Reason

MARKING = sample.sid("marking-definition", "s")


def refused(objects: Any, reason: Reason = Reason.MALFORMED) -> str:
    with pytest.raises(RefusedError) as caught:
        check_objects(objects)
    assert caught.value.reason == reason
    return str(caught.value)


def test_what_the_standard_has_is_taken() -> None:
    objects = sample.samples()
    check_objects(objects)
    check_objects([tlp_object(level) for level in Level])
    check_objects([])
    assert {one["type"] for one in objects} <= TYPES


def test_the_samples_are_stix_by_the_validator_of_oasis() -> None:
    from stix2validator import ValidationOptions, validate_instance

    for one in [*sample.samples(), *(tlp_object(level) for level in Level)]:
        result = validate_instance(one, ValidationOptions(version="2.1"))
        assert result.is_valid, (one["type"], result.errors)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "x-weapon"}, "is of type 'x-weapon', which no message carries"),
        ({"type": "bundle"}, "is of type 'bundle'"),
        ({"type": ["incident"]}, "which no message carries"),
        ({"id": "incident--1"}, "a type and a UUID"),
        ({"id": sample.sid("campaign", "x")}, "a type and a UUID"),
        ({"id": 5}, "a type and a UUID"),
        ({"spec_version": "2.0"}, "spec_version '2.0'"),
        ({"name": 5}, "must have text in name"),
        ({"name": None}, "must have text in name"),
        ({"labels": "theft"}, "must have a list in labels"),
        ({"labels": []}, "empty list in labels"),
        ({"labels": [1]}, "must have text in labels[0]"),
        ({"confidence": True}, "must have a whole number in confidence"),
        ({"confidence": 101}, "confidence"),
        ({"revoked": "false"}, "must have true or false in revoked"),
        ({"created": "yesterday"}, "has no created such as"),
        ({"modified": None}, "has no modified such as"),
        ({"x_secret": "1"}, "has the property x_secret, which STIX 2.1 does not give a incident"),
        ({"external_references": [{"source_name": "s", "url": "javascript:alert(1)"}]},
         "external_references[0].url no address that begins with http"),
        ({"external_references": [{"source_name": "s", "url": "file:///etc/passwd"}]}, "http"),
        ({"external_references": [{"source_name": 1}]}, "text in external_references[0].source_n"),
        ({"external_references": ["s"]}, "must have an object in external_references[0]"),
        ({"external_references": [{"url": "https://a.example"}]}, "source_name"),
        ({"external_references": [{"source_name": "s", "x": "y"}]}, "external_references"),
        ({"object_marking_refs": ["incident--1"]}, "object_marking_refs"),
        ({"created_by_ref": sample.sid("malware", "m")}, "created_by_ref"),
        ({"granular_markings": [{"selectors": ["nowhere"], "marking_ref": MARKING}]}, "nowhere"),
        ({"extensions": {f"extension-definition--{'0' * 8}-0000-4000-8000-{'0' * 12}":
                         {"extension_type": "property-extension", "a": 1}}}, "not known here"),
        ({"extensions": {TLP_EXTENSION: {"extension_type": "toplevel-property-extension"}}},
         "properties of its own at the top"),
        ({"extensions": {"weapon-ext": {"a": 1}}}, "weapon-ext"),
        ({"extensions": {}}, "extensions that are no object"),
        ({"description": "a\x1b[2Jb"}, "characters that do not print in description"),
        ({"description": "\ud800"}, "characters that do not print"),
    ],
)  # fmt: skip
def test_an_error_names_the_object_and_the_property(change: dict[str, Any], said: str) -> None:
    message = refused([sample.domain(), {**sample.incident(), **change}])
    assert said in message
    assert message.startswith("The message's content cannot be taken: ")


def test_what_is_required_is_missed() -> None:
    one = sample.incident()
    del one["name"]
    assert f"{one['id']} lacks name" in refused([one])
    bare = {k: v for k, v in sample.incident().items() if k != "created"}
    assert "has no created such as" in refused([bare])
    assert "object number 2 is of type 'None'" in refused([sample.domain(), {}])
    assert "is list, no object" in refused([[]])


def test_an_id_that_is_there_twice_is_refused() -> None:
    assert "is there twice" in refused([sample.domain(), sample.domain()])


def test_a_pattern_is_read_and_bounded() -> None:
    assert "pattern" in refused([sample.indicator(pattern="[broken")])
    assert "more than 4,096" in refused([sample.indicator(pattern="(" * 4097)])
    check_objects([sample.indicator(pattern="rule x {}", pattern_type="yara")])


def test_an_address_observed_may_be_of_ftp_but_is_one() -> None:
    check_objects([sample.sco("url", "u", value="ftp://a.example/x")])
    assert "no address of http" in refused([sample.sco("url", "u", value="javascript:x")])


def test_a_tlp_marking_has_a_published_id() -> None:
    own = {**tlp_object(Level.CLEAR), "id": sample.sid("marking-definition", "own")}
    assert "TLP marking of its own" in refused([own])


def test_size_is_bounded_in_every_direction() -> None:
    many = [sample.domain(f"{n}.example") for n in range(201)]
    assert "carries 201 objects; it may carry 200" in refused(many, Reason.TOO_LARGE)
    check_objects(many[:200])
    check_objects([sample.incident(description="x" * MOST_STRING)])
    long = [sample.incident(description="x" * (MOST_STRING + 1))]
    assert "65,537 characters in description" in refused(long, Reason.TOO_LARGE)
    deep: Any = "x"
    for _ in range(20):
        deep = [deep]
    assert "nested more than 20 deep" in refused([sample.incident(labels=deep)], Reason.TOO_LARGE)
    deeper: Any = {}
    for _ in range(100_000):
        deeper = {"a": deeper}
    assert "nested" in refused([sample.incident(labels=deeper)], Reason.TOO_LARGE)
    full = [sample.incident(f"n{n}", description="x" * MOST_STRING) for n in range(70)]
    assert "4,194,304 together" in refused(full, Reason.TOO_LARGE)
    wide = [sample.incident(labels=["x"] * 50_001)]
    assert "50,000 values" in refused(wide, Reason.TOO_LARGE)


def test_a_sealed_part_may_be_longer_than_a_text() -> None:
    sealed = sample.sco(
        "artifact", "a", mime_type="application/jose+json", payload_bin="QUFB" * 20_000
    )
    check_objects([sealed])
    refused([{**sealed, "mime_type": "text/plain"}], Reason.TOO_LARGE)
    assert "payload_bin" in refused([{**sealed, "payload_bin": "?"}])


def test_a_file_of_objects_is_a_bundle_a_list_or_one_object() -> None:
    one = sample.domain()
    bundle = {"type": "bundle", "id": "bundle--x", "objects": [tlp_object(Level.AMBER), one]}
    for data in (bundle, [one], one):
        assert read_objects(json.dumps(data)) == (one,)
    for text in ("", "{", "[]", "5", "[" * 100_000):
        with pytest.raises(RefusedError):
            read_objects(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
base = st.sampled_from(sample.samples())


@given(base, st.data())
@settings(max_examples=300, deadline=None)
def test_any_change_of_an_object_is_taken_or_refused_with_a_sentence(
    one: dict[str, Any], data: st.DataObject
) -> None:
    """No input makes another error than ours."""
    names = st.sampled_from([*one, "labels", "extensions", "granular_markings", "x"])
    changed = {**one, data.draw(names): data.draw(json_values)}
    problem = ""
    try:
        check_objects([changed])
    except RefusedError as error:
        problem = str(error)
    assert problem == "" or problem.endswith(".")
