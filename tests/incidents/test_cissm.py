"""CISSM's events: one row a victim, kinds and effects by its codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from comity.incidents.add import read_list
from comity.incidents.model import Incident, incident_from_row
from comity.incidents.sources.cissm import read_cissm
from comity.incidents.sources.result import ReadResult

from .published import csv_file

COLUMNS = (
    "evtDate", "actor", "actor_type", "organization", "industry_code", "industry", "motive",
    "event_type", "event_subtype", "description", "source_url", "country", "actor_country",
)  # fmt: skip
ROW: Mapping[str, str] = {
    "evtDate": "2020-05-06", "actor": "Heron", "actor_type": "Nation-State",
    "organization": "A ministry", "industry_code": "92", "industry": "Public Administration",
    "motive": "Political-Espionage", "event_type": "Mixed",
    "event_subtype": "Data Attack,Exploitation of Application Server",
    "description": "What the press said.", "source_url": "https://news.example/a",
    "country": "Korea (the Republic of)", "actor_country": "China",
}  # fmt: skip
Events = Callable[..., Path]


@pytest.fixture
def events(tmp_path: Path) -> Events:
    def write(*changes: Mapping[str, str]) -> Path:
        return csv_file(tmp_path / "e.csv", COLUMNS, [{**ROW, **c} for c in changes or ({},)])

    return write


def first(result: ReadResult) -> Incident:
    return incident_from_row(result.table.row(0, named=True))


def test_a_row_is_read_by_the_lists_own_codes(events: Events) -> None:
    incident = first(read_cissm(events()))
    (who,) = incident.initiators
    assert (who.code, who.kind, who.organ) == ("CN", "state", "Heron")
    assert (incident.receivers, incident.targets) == (("KR",), ("government",))
    assert incident.effects == ("confidentiality", "integrity", "availability")
    assert incident.objectives == ("espionage", "disruption")
    assert (incident.start.text, incident.reported.text) == ("2020-05-06", "")
    assert incident.description == "What the press said."
    assert incident.name == "A ministry / Heron"


def test_what_is_not_told_is_unknown(events: Events) -> None:
    untold = dict.fromkeys(("actor", "actor_type", "country", "actor_country"), "Undetermined")
    incident = first(read_cissm(events({**untold, "motive": "Protest", "event_type": "",
                                        "event_subtype": "Undetermined"})))  # fmt: skip
    assert (incident.initiators[0].code, incident.initiators[0].kind) == ("X-UNKNOWN", "unknown")
    assert incident.receivers == ("X-UNKNOWN",)
    assert (incident.effects, incident.objectives) == ((), ("unknown",))


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"evtDate": "2020-02-31"}, "evtDate"),
        ({"evtDate": "2020"}, "evtDate"),
        ({"country": "https://news.example/b"}, "country"),
        ({"actor_country": "Atlantis"}, "actor_country"),
        ({}, "id"),
    ],
)
def test_a_row_that_is_shifted_wrong_or_there_twice_is_set_aside(
    events: Events, change: dict[str, str], column: str
) -> None:
    result = read_cissm(events({}, change))
    assert result.table.height + len(result.aside) == result.rows_in_file == 2
    assert [(p.row, p.column) for p in result.aside] == [(3, column)]


def test_a_copy_that_ends_within_a_row_loses_that_row_alone(events: Events) -> None:
    path = events({}, {"evtDate": "2020-05-07"}, {"evtDate": "2020-05-08", "description": "a, b"})
    path.write_text(path.read_text("utf-8").partition("a, b")[0], "utf-8")
    result = read_cissm(path)
    assert result.table["start"].to_list() == ["2020-05-06", "2020-05-07"]
    assert [(p.row, p.reason) for p in result.aside] == [(4, "the file ends within this row")]


def test_what_is_no_address_is_left_out_and_flagged(events: Events) -> None:
    result = read_cissm(events({"source_url": "t.me/heron/1"}))
    assert first(result).sources == ()
    assert [p.column for p in result.flagged] == ["source_url"]


def test_the_copy_at_hand_is_read(shared_data: Path) -> None:
    (path,) = (shared_data / "umd").glob("*.csv")
    result = read_list("cissm", [path])
    assert result.rows_in_file == 3_988
    reasons = [p.column for p in result.aside]
    assert (reasons.count("id"), reasons.count("country")) == (41, 1)
    assert [p.reason for p in result.aside if p.column == "description"] == [
        "the file ends within this row"
    ]
    assert result.table.height == 3_988 - 43
