"""How far things may be passed on, by TLP 2.0 on objects and on their properties."""

from __future__ import annotations

from typing import Any

import pytest
import stix_sample as sample
from stix_sample import CN, RU, US

from comity.errors import RefusedError
from comity.exchange.marking import LEVEL_OF, level_of, may_pass, tlp_object
from comity.exchange.model import TLP_IDS, Level, Reason

RESTRICTED = (Level.AMBER, Level.AMBER_STRICT, Level.RED)


def marked(one: dict[str, Any], level: Level, *selectors: str) -> dict[str, Any]:
    """The object with a level: on all of it, or on what these select."""
    if not selectors:
        return {**one, "object_marking_refs": [TLP_IDS[level]]}
    granular = [
        *one.get("granular_markings", []),
        {"marking_ref": TLP_IDS[level], "selectors": list(selectors)},
    ]
    return {**one, "granular_markings": granular}


def refused(objects: list[dict[str, Any]], own: str, *parties: str, **more: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        may_pass(objects, own, set(parties), **more)
    assert caught.value.reason == Reason.MARKING
    assert "Nothing was sent" in str(caught.value)
    return str(caught.value)


def test_the_markings_are_those_oasis_publishes() -> None:
    """Read in oasis-open/cti-stix-common-objects, tlp-2.0/marking-definition.json."""
    assert {level: name[20:28] for level, name in TLP_IDS.items()} == {
        Level.CLEAR: "94868c89", Level.GREEN: "bab4a63c", Level.AMBER: "55d920b0",
        Level.AMBER_STRICT: "939a9414", Level.RED: "e828b379",
    }  # fmt: skip
    assert tlp_object(Level.AMBER_STRICT)["name"] == "TLP:AMBER+STRICT"


def test_the_markings_of_tlp_1_are_read_as_their_successors() -> None:
    from stix2 import TLP_AMBER, TLP_GREEN, TLP_RED, TLP_WHITE

    read = [LEVEL_OF[one.id] for one in (TLP_WHITE, TLP_GREEN, TLP_AMBER, TLP_RED)]
    assert read == [Level.CLEAR, Level.GREEN, Level.AMBER, Level.RED]


def test_the_strictest_marking_counts_that_of_a_property_too() -> None:
    one = marked(sample.incident(description="d"), Level.GREEN)
    assert level_of(one) is Level.GREEN
    assert level_of(marked(one, Level.RED, "description")) is Level.RED
    assert level_of(sample.incident()) is None


@pytest.mark.parametrize("level", RESTRICTED)
def test_what_is_restricted_goes_out_only_by_who_made_it_or_back_to_it(level: Level) -> None:
    theirs = marked(sample.incident(by=CN), level)
    may_pass([theirs], CN, {CN, US})  # its own
    may_pass([theirs], US, {CN, US})  # back to China
    said = refused([theirs], US, US, RU)
    assert f"TLP:{level.upper()}" in said
    assert theirs["id"] in said
    refused([theirs], US, CN, US, RU)  # Russia has not had it
    may_pass([theirs], US, {CN, US, RU}, shared={theirs["id"]})  # it has
    refused([marked(sample.incident(), level)], US, CN, US)  # nobody says who made it


def test_what_is_clear_green_or_unmarked_may_go_on() -> None:
    for level in (Level.CLEAR, Level.GREEN):
        may_pass([marked(sample.incident(by=CN), level)], US, {US, RU})
    may_pass([sample.incident(by=CN), sample.domain()], US, {US, RU})


def test_one_restricted_property_keeps_the_object_back() -> None:
    one = marked(sample.incident(by=CN, description="d"), Level.RED, "description")
    refused([one], US, US, RU)


def test_an_observable_is_of_who_refers_to_it() -> None:
    seen = marked(sample.domain(), Level.AMBER)

    def report(by: str, name: str) -> dict[str, Any]:
        return sample.sdo("report", name, by, name="r", published=sample.AT,
                          object_refs=[seen["id"]])  # fmt: skip

    may_pass([seen, report(US, "r")], US, {US, CN})
    refused([seen, report(RU, "r")], US, US, CN)
    refused([seen, report(US, "r"), report(RU, "s")], US, US, CN)
    assert "nobody it names" in refused([seen], US, US, CN)


def test_a_marking_nobody_can_read_keeps_somebody_elses_object_back() -> None:
    statement = sample.samples()[-1]
    one = {**sample.incident(by=CN), "object_marking_refs": [statement["id"]]}
    assert "attach that marking" in refused([one], US, US, RU)
    may_pass([one, statement], US, {US, RU})
    may_pass([{**one, "created_by_ref": US}], US, {US, RU})
