"""ATT&CK's campaigns: months, groups as organs, countries from the actor table and marked so."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from comity.errors import SourceError
from comity.incidents.actors import load_actors
from comity.incidents.add import read_list
from comity.incidents.model import Incident, incident_from_row
from comity.incidents.sources.attack import read_attack, without_links
from comity.incidents.sources.result import ReadResult

ROW: Mapping[str, str] = {
    "id": "C9001", "name": "Paper Lantern", "first_seen": "2019-09-01T04:00:00.000Z",
    "last_seen": "2020-08-01T04:00:00.000Z", "attributed_to": "Lazarus Group",
    "created": "2023-03-17T13:37:42.596Z", "revoked": "False",
    "description": "[Paper Lantern](https://attack.mitre.org/campaigns/C9001) was.(Citation: A 1)",
}  # fmt: skip
Campaigns = Callable[..., Path]


@pytest.fixture
def campaigns(tmp_path: Path) -> Campaigns:
    def write(*changes: Mapping[str, str]) -> Path:
        path = tmp_path / "campaigns.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(ROW))
            writer.writeheader()
            writer.writerows(
                {**ROW, "id": f"C900{n}", **change} for n, change in enumerate(changes or ({},), 1)
            )
        return path

    return write


def first(result: ReadResult) -> Incident:
    return incident_from_row(result.table.row(0, named=True))


def test_moments_are_months_of_the_nearest_midnight(campaigns: Campaigns) -> None:
    incident = first(read_attack(campaigns({})))
    assert (incident.start.text, incident.end.text) == ("2019-09", "2020-08")
    assert incident.reported.text == ""
    west = {"first_seen": "2023-01-31T23:00:00.000Z", "last_seen": "2024-06-30T22:00:00.000Z"}
    incident = first(read_attack(campaigns(west)))
    assert (incident.start.text, incident.end.text) == ("2023-02", "2024-07")


def test_countries_are_the_actor_tables_and_marked_so(campaigns: Campaigns) -> None:
    result = read_attack(campaigns({"attributed_to": "APT5|Lazarus Group"}))
    initiators = first(result).initiators
    assert [(i.code, i.organ) for i in initiators] == [("CN", "APT5"), ("KP", "Lazarus Group")]
    assert len(result.flagged) == 2
    assert all("not the list's own coding" in p.reason for p in result.flagged)
    assert result.release.extracted == "initiators"


def test_a_group_that_is_tied_to_no_country_or_several_stays_unknown(campaigns: Campaigns) -> None:
    result = read_attack(campaigns({"attributed_to": "No Such Heron"}))
    assert [(i.code, i.organ) for i in first(result).initiators] == [("X-UNKNOWN", "No Such Heron")]
    (name, *_) = [a.name for a in load_actors().actors if a.conflict]
    result = read_attack(campaigns({"attributed_to": name}))
    assert first(result).initiators[0].code == "X-UNKNOWN"
    assert "claims name" in result.flagged[0].reason
    assert first(read_attack(campaigns({"attributed_to": ""}))).initiators[0].organ == ""


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"id": ""}, "id"),
        ({"revoked": "True"}, "revoked"),
        ({"first_seen": "September"}, "first_seen"),
        ({"last_seen": "9999-12-31T23:00:00Z"}, "last_seen"),
        ({"last_seen": "2018-01-01T04:00:00Z"}, "last_seen"),
    ],
)
def test_what_cannot_be_read_is_set_aside(
    campaigns: Campaigns, change: dict[str, str], column: str
) -> None:
    result = read_attack(campaigns({}, change))
    assert result.table.height + len(result.aside) == result.rows_in_file == 2
    assert [(p.row, p.column) for p in result.aside] == [(3, column)]


def test_links_and_citations_are_taken_out() -> None:
    assert without_links(ROW["description"]) == "Paper Lantern was."


def test_another_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1,x\n")
    with pytest.raises(SourceError, match="columns of MITRE ATT&CK campaigns are missing"):
        read_list("attack", [path])


def test_the_published_campaigns_are_read(shared_data: Path) -> None:
    result = read_list("attack", [shared_data / "attack" / "campaigns.csv"])
    assert (result.rows_in_file, len(result.aside)) == (52, 0)
    starts = result.table["start"].to_list()
    assert all(len(start) == 7 for start in starts)
    by_id = dict(zip(result.table["id"], starts, strict=True))
    assert by_id["C0040"] == "2023-02"
    known = [i for i in result.table["initiators"].to_list() if i != ["X-UNKNOWN"]]
    assert len(known) >= 20
