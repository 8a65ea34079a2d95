"""STIX, MISP and VERIS files written by hand, and JSON that is anything but."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import SourceError
from comity.incidents.add import add_files, read_list
from comity.incidents.load import load_evidence
from comity.incidents.model import Incident, incident_from_row
from comity.incidents.sources import jsonfile
from comity.incidents.sources.jsonfile import country_code, depth_of, read_json
from comity.incidents.sources.result import ReadResult

Write = Callable[..., Path]

LISTS = ("stix", "misp", "vcdb")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(data: Any, name: str = "a.json") -> Path:
        path = tmp_path / name
        path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
        return path

    return to


def incidents(result: ReadResult) -> list[Incident]:
    assert result.table.height + len(result.aside) == result.rows_in_file
    return [incident_from_row(row) for row in result.table.iter_rows(named=True)]


# STIX


def stix_id(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


CAMPAIGN, SET, ACTOR = (
    stix_id(k, n) for n, k in enumerate(("campaign", "intrusion-set", "threat-actor"))
)
HERE, THERE, FIRM = stix_id("location", 3), stix_id("location", 4), stix_id("identity", 5)
RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"


def link(number: int, source: str, kind: str, target: str) -> dict[str, Any]:
    return {"type": "relationship", "id": stix_id("relationship", number), "source_ref": source,
            "relationship_type": kind, "target_ref": target}  # fmt: skip


def bundle(*more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    objects = [
        {"type": "campaign", "id": CAMPAIGN, "name": "Paper Lantern", "modified": "2021-01-02",
         "description": "What **happened**.", "first_seen": "2019-09-03T04:00:00Z",
         "last_seen": "2020-08-01T04:00:00Z", "external_references": [
             {"source_name": "a", "url": "https://news.example/a"},
             {"source_name": "b", "url": "javascript:alert(1)"}], **changes},
        {"type": "intrusion-set", "id": SET, "name": "Heron", "resource_level": "government"},
        {"type": "threat-actor", "id": ACTOR, "name": "Unit 1"},
        {"type": "location", "id": HERE, "country": "cn"},
        {"type": "location", "id": THERE, "country": "JP"},
        {"type": "identity", "id": FIRM, "name": "A firm", "sectors": ["energy"]},
        link(10, CAMPAIGN, "attributed-to", SET), link(11, SET, "attributed-to", ACTOR),
        link(12, ACTOR, "located-at", HERE), link(13, CAMPAIGN, "targets", FIRM),
        link(14, FIRM, "located-at", THERE), link(15, CAMPAIGN, "targets", stix_id("x", 99)),
        {"type": "report", "id": stix_id("report", 20), "object_refs": [CAMPAIGN],
         "published": "2020-10-05T00:00:00Z",
         "external_references": [{"url": "https://firm.example/report"}]},
        {"type": "report", "id": stix_id("report", 21), "object_refs": [CAMPAIGN],
         "published": "2020-10-01T00:00:00Z"},
    ]  # fmt: skip
    return {"type": "bundle", "id": stix_id("bundle", 1), "objects": [*objects, *more]}


def test_stix_relationships_say_who_did_it_to_whom(write: Write) -> None:
    result = read_list("stix", [write(bundle())])
    (one,) = incidents(result)
    assert [(i.code, i.kind, i.organ) for i in one.initiators] == [("CN", "unknown", "Unit 1")]
    assert (one.receivers, one.targets) == (("JP",), ("critical-infrastructure",))
    assert (one.start.text, one.end.text, one.reported.text) == (
        "2019-09-03", "2020-08-01", "2020-10-01",
    )  # fmt: skip
    assert one.sources == ("https://news.example/a", "https://firm.example/report")
    assert one.description == "What **happened**."
    assert (result.release.extracted, result.release.redistributable) == ("", False)


def test_stix_without_a_location_asks_the_actor_table_and_says_so(write: Write) -> None:
    data = bundle()
    data["objects"] = [o for o in data["objects"] if o["type"] != "location"]
    data["objects"][1] |= {"name": "No Heron", "aliases": ["APT28"]}
    result = read_list("stix", [write(data)])
    (one,) = incidents(result)
    assert [(i.code, i.organ) for i in one.initiators] == [("RU", "No Heron")]
    assert result.release.extracted == "initiators"
    assert any("not the list's own coding" in p.reason for p in result.flagged)
    assert [p.value for p in result.flagged if p.column == "targets"] == ["A firm"]


def test_a_stix_incident_has_the_dates_of_its_events(write: Write) -> None:
    incident, event = stix_id("incident", 30), stix_id("event", 31)
    data = {"type": "bundle", "objects": [
        {"type": "incident", "id": incident, "name": "Lantern", "extensions": {
            "extension-definition--ef765651-680c-498d-9894-99799f2fa126": {
                "extension_type": "property-extension", "events": [{"event_ref": event}]}}},
        {"type": "event", "id": event, "start_time": "2023-02-03T00:00:00Z",
         "end_time": "2023-02-05T00:00:00Z"},
        {"type": "location", "id": HERE, "country": "FR"},
        link(1, incident, "located-at", HERE),
    ]}  # fmt: skip
    (one,) = incidents(read_list("stix", [write(data)]))
    assert (one.start.text, one.end.text, one.receivers) == ("2023-02-03", "2023-02-05", ("FR",))


def test_a_stix_sighting_dates_what_has_no_dates(write: Write) -> None:
    seen = {"type": "sighting", "id": stix_id("sighting", 40), "sighting_of_ref": CAMPAIGN,
            "first_seen": "2018-01-05T00:00:00Z",
            "external_references": [{"url": "https://seen.example/"}]}  # fmt: skip
    (one,) = incidents(read_list("stix", [write(bundle(seen, first_seen=None, last_seen=None))]))
    assert (one.start.text, one.end.text) == ("2018-01-05", "")
    assert "https://seen.example/" in one.sources


def test_the_newest_version_of_a_stix_object_counts_across_files(write: Write) -> None:
    newer = {"type": "campaign", "id": CAMPAIGN, "name": "Renamed", "modified": "2022-01-01"}
    result = read_list("stix", [write(bundle(), "1.json"), write([newer], "2.json")])
    assert [i.name for i in incidents(result)] == ["Renamed"]
    assert [p.reason for p in result.aside] == ["another version of it counts"]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"id": ""}, "id"),
        ({"id": stix_id("campaign", 50), "revoked": True}, "revoked"),
        ({"id": stix_id("campaign", 50), "first_seen": "yesterday"}, "first_seen"),
        ({"id": stix_id("campaign", 50), "first_seen": "2020-02-31T00:00:00Z"}, "first_seen"),
        ({"id": stix_id("campaign", 50), "first_seen": "2021-01-01T00:00:00Z",
          "last_seen": "2020-01-01T00:00:00Z"}, "last_seen"),
        ({"id": CAMPAIGN}, "modified"),
    ],
)  # fmt: skip
def test_stix_objects_that_cannot_be_read_are_set_aside(
    write: Write, change: dict[str, Any], column: str
) -> None:
    result = read_list("stix", [write(bundle({"type": "campaign", "name": "x", **change}))])
    assert [i.id for i in incidents(result)] == [CAMPAIGN]
    assert [p.column for p in result.aside] == [column]


@pytest.mark.parametrize(
    "marking",
    [
        {"type": "marking-definition", "id": RED},
        {"type": "marking-definition", "id": "marking-definition--1", "definition": {"tlp": "RED"}},
        {"type": "marking-definition", "id": "marking-definition--2",
         "extensions": {"e": {"tlp_2_0": "amber"}}},
    ],
)  # fmt: skip
def test_stix_marked_red_or_amber_is_told(write: Write, marking: dict[str, Any]) -> None:
    result = read_list("stix", [write(bundle(marking, object_marking_refs=[marking["id"]]))])
    assert [p.column for p in result.flagged] == ["object_marking_refs"]
    assert "not to be passed on" in result.release.note


# MISP


def event(**changes: Any) -> dict[str, Any]:
    return {"Event": {
        "uuid": "11111111-1111-4111-8111-111111111111", "info": "Paper Lantern", "id": "1",
        "date": "2019-07-31", "timestamp": "1564531200", "Orgc": {"name": "A CERT"},
        "Tag": [{"name": "tlp:white"}, {"name": 'misp-galaxy:target-information="Ukraine"'},
                {"name": 'misp-galaxy:sector="Government, Administration"'}],
        "Galaxy": [{"type": "threat-actor", "GalaxyCluster": [
            {"value": "Heron", "meta": {"country": ["RU"]}}]}],
        "Attribute": [{"type": "link", "value": "https://cert.example/1"},
                      {"type": "link", "value": "javascript:alert(1)"},
                      {"type": "link", "value": "https://cert.example/gone", "deleted": True},
                      {"type": "ip-dst", "value": "192.0.2.1"}],
        "Object": [{"Attribute": [{"type": "link", "value": "https://cert.example/2"}]}],
        **changes,
    }}  # fmt: skip


@pytest.mark.parametrize("shape", ["one", "list", "response", "bare"])
def test_misp_events_are_read_in_every_shape(write: Write, shape: str) -> None:
    shapes = {"one": event(), "list": [event()], "response": {"response": [event()]},
              "bare": event()["Event"]}  # fmt: skip
    result = read_list("misp", [write(shapes[shape])])
    (one,) = incidents(result)
    assert [(i.code, i.organ) for i in one.initiators] == [("RU", "Heron")]
    assert (one.receivers, one.targets) == (("UA",), ("government",))
    assert (one.reported.text, one.start.text) == ("2019-07-31", "../2019-07-31")
    assert one.sources == ("https://cert.example/1", "https://cert.example/2")
    assert (one.name, one.description) == ("Paper Lantern", "Paper Lantern")
    assert (result.release.redistributable, result.release.publisher) == (True, "A CERT")
    assert result.release.extracted == ""


def test_a_misp_actor_that_only_a_tag_names_is_looked_up_and_marked(write: Write) -> None:
    tags = [{"name": 'misp-galaxy:threat-actor="APT28"'}]
    result = read_list("misp", [write(event(Tag=tags, Galaxy=[]))])
    (one,) = incidents(result)
    assert [(i.code, i.organ) for i in one.initiators] == [("RU", "APT28")]
    assert result.release.extracted == "initiators"
    assert result.release.redistributable is False


@pytest.mark.parametrize("tag", ["tlp:red", "TLP:AMBER", "tlp:amber+strict"])
def test_misp_events_that_are_closed_close_the_release(write: Write, tag: str) -> None:
    other = event(uuid="2", Tag=[{"name": tag}, {"name": "tlp:white"}])
    result = read_list("misp", [write([event(), other])])
    assert result.release.redistributable is False
    assert "1 of 2 are marked" in result.release.note
    assert [p.value for p in result.flagged] == [tag.lower()]


def test_misp_events_that_cannot_be_read_are_set_aside(write: Write) -> None:
    later = event(timestamp="1664531200", info="Renamed")
    wrong = event(uuid="3", date="2019-02-31")
    result = read_list("misp", [write([event(), later, event(uuid=""), wrong])])
    assert [i.name for i in incidents(result)] == ["Renamed"]
    assert [p.column for p in result.aside] == ["uuid", "uuid", "date"]


# VERIS


def veris(**changes: Any) -> dict[str, Any]:
    return {
        "incident_id": "AA-1", "security_incident": "Confirmed", "summary": "What happened.",
        "action": {"hacking": {"variety": ["Unknown"]}}, "attribute": {"confidentiality": {}},
        "actor": {"external": {"country": ["CN", "Unknown"], "motive": ["Espionage"],
                               "variety": ["Unknown", "State-affiliated"], "name": ["Heron"]}},
        "victim": {"victim_id": "A ministry", "country": ["US"], "industry": "92"},
        "timeline": {"incident": {"year": 2015, "month": 6}},
        "plus": {"modified": "2016-10-25T01:10:00Z",
                 "timeline": {"notification": {"year": 2015, "month": 7, "day": 9}}},
        "reference": "https://news.example/a; seen there; https://news.example/b",
        **changes,
    }  # fmt: skip


def test_veris_is_read_by_its_own_codes(write: Write) -> None:
    result = read_list("vcdb", [write(veris())])
    (one,) = incidents(result)
    (who,) = one.initiators
    assert (who.code, who.kind, who.organ) == ("CN", "state-affiliated", "Heron")
    assert (one.receivers, one.targets) == (("US",), ("government",))
    assert (one.effects, one.objectives) == (("confidentiality",), ("espionage",))
    assert (one.start.text, one.reported.text) == ("2015-06", "2015-07-09")
    assert one.sources == ("https://news.example/a", "https://news.example/b")
    assert (one.name, one.description) == ("A ministry", "What happened.")
    assert result.release.closed_on.text == "2016-10-25"


def test_veris_of_older_files_and_inner_actors(write: Write) -> None:
    older = veris(actor={"internal": {"variety": ["End-user"]}}, victim=[{"country": "GB"}])
    (one,) = incidents(read_list("vcdb", [write([older])]))
    assert (one.initiators[0].code, one.receivers) == ("X-UNKNOWN", ("GB",))
    assert one.name == "What happened."


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"incident_id": ""}, "incident_id"),
        ({"incident_id": "AA-1"}, "id"),
        ({"security_incident": "False positive"}, "security_incident"),
        ({"action": {"error": {}}}, "action"),
        ({"timeline": {"incident": {"year": 2015, "month": 13}}}, "timeline.incident"),
        ({"timeline": {"incident": {"year": "soon"}}}, "timeline.incident"),
    ],
)
def test_veris_that_is_no_operation_or_wrong_is_set_aside(
    write: Write, change: dict[str, Any], column: str
) -> None:
    result = read_list("vcdb", [write([veris(), veris(**{"incident_id": "B", **change})])])
    assert [i.id for i in incidents(result)] == ["AA-1"]
    assert [p.column for p in result.aside] == [column]


def test_a_folder_of_veris_files_is_one_list(tmp_path: Path) -> None:
    folder = tmp_path / "validated"
    (folder / "in").mkdir(parents=True)
    for name in ("b.JSON", "in/a.json"):
        (folder / name).write_text(json.dumps(veris(incident_id=name)), "utf-8")
    (folder / "c.json").write_text(json.dumps(veris(incident_id="")), "utf-8")
    result = add_files("vcdb", [folder], home=tmp_path / "home")
    assert sorted(i.id for i in incidents(result)) == ["b.JSON", "in/a.json"]
    assert "c.json" in result.aside[0].value
    assert len(load_evidence(["vcdb"], tmp_path / "home")) == 2
    (folder / "in" / "empty").mkdir()
    with pytest.raises(SourceError, match="no JSON file in"):
        read_list("vcdb", [folder / "in" / "empty"])


def test_a_country_nobody_knows_is_left_out_and_flagged(write: Write) -> None:
    result = read_list("vcdb", [write(veris(victim={"country": ["ZZ", "JP"]}))])
    assert incidents(result)[0].receivers == ("JP",)
    assert [p.value for p in result.flagged] == ["ZZ"]


# JSON that is anything


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("{", "it is not JSON"),
        ("\x00\x01", "it is not JSON"),
        ('{"a": NaN}', "it is not JSON"),
        ("[" * 100_000, "nested more than|it is not JSON"),
        ("[" * 70 + "]" * 70, "nested more than"),
        ("1" * 5_000, "it is not JSON"),
        ("[]", r"Cannot read|no campaign|none of"),
        ("7", r"Cannot read"),
        ('"text"', r"Cannot read"),
        ('{"type": "bundle", "objects": {}}', "Cannot read"),
        ('[{"type": "malware", "id": "x"}]', "no campaign or incident|Cannot read"),
    ],
)
def test_files_that_are_no_list_are_told(write: Write, name: str, text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read_list(name, [write(text)])


@pytest.mark.parametrize("name", LISTS)
def test_a_file_that_is_missing_too_large_or_not_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        read_list(name, [tmp_path / "none.json"])
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(SourceError, match="it is not JSON"):
        read_list(name, [path])
    monkeypatch.setattr(jsonfile, "MOST_BYTES", 4)
    with pytest.raises(SourceError, match="more than 0"):
        read_list(name, [path])


def test_what_a_value_is_deep() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep, deep]  # counted level by level this would have 2 to the 500 leaves
    assert depth_of([1, {"a": []}]) == 3


def test_half_characters_become_question_marks(write: Write) -> None:
    text = json.dumps(veris(incident_id="\ud800x", summary="\udfff"))
    (one,) = incidents(read_list("vcdb", [write(text)]))
    assert (one.id, one.description) == ("?x", "?")


def test_codes_in_either_case_and_names() -> None:
    assert [country_code(t) for t in ("us", "GBR", "Viet Nam", "Unknown place", "")] == [
        "US", "GB", "VN", "", "",
    ]  # fmt: skip


KEYS = st.sampled_from(
    ["type", "id", "objects", "campaign", "incident", "bundle", "relationship", "source_ref",
     "target_ref", "first_seen", "name", "country", "extensions", "events", "Event", "info",
     "uuid", "date", "Tag", "Galaxy", "GalaxyCluster", "meta", "Attribute", "Object", "response",
     "incident_id", "actor", "external", "action", "hacking", "victim", "timeline", "plus", "year",
     "external_references", "url", "object_refs", "published", "value", "revoked", "modified"]
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | KEYS | st.text(max_size=12)
    | st.sampled_from(["2019-09-01", "2019-02-31", "9999-12-31T23:59:59Z", "CN", "tlp:red"])
)  # fmt: skip
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


def survives(name: str, path: Path, data: Any) -> None:
    path.write_text(json.dumps(data), "utf-8")
    try:
        result = read_list(name, [path])
    except SourceError:
        return
    assert result.table.height + len(result.aside) == result.rows_in_file
    for one in result.table.iter_rows(named=True):
        incident_from_row(one)


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=60)
@given(data=ANY)
def test_no_json_makes_a_reader_fail(
    name: str, data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    survives(name, tmp_path_factory.getbasetemp() / "any.json", data)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) within a value."""
    found = []
    for key in value if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], dict | list):
            found += places_in(value[key])
    return found


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_right_file_with_anything_in_one_place_is_read_or_refused(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = {"stix": bundle(), "misp": [event(), event(uuid="2")], "vcdb": [veris()]}[name]
    container, key = data.draw(st.sampled_from(places_in(whole)))
    container[key] = data.draw(ANY)
    survives(name, tmp_path_factory.getbasetemp() / "nearly.json", whole)


def test_read_json_returns_what_is_there(write: Write) -> None:
    assert read_json(write({"a": [1]})) == {"a": [1]}
