"""CSIS's list: months of reports, and what is read from its prose, marked and measured."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import SourceError
from comity.incidents.add import add_files, read_list
from comity.incidents.model import Incident, incident_from_row
from comity.incidents.sources.csis import FOOT, clean_text, read_csis
from comity.incidents.sources.places import find_places
from comity.incidents.sources.prose import read_roles
from comity.incidents.sources.result import ReadResult
from comity.incidents.summary import extracted_in

TEXT = "Ruritanian papers say suspected Chinese state-backed hackers targeted Kenyan ministries."
Rows = Callable[..., Path]


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    def write(*cells: tuple[str, str, str], name: str = "csis_2026-03-06.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("report_year", "report_month", "text"))
            writer.writerows(cells or [("2019", "7", TEXT)])
        return path

    return write


def first(result: ReadResult) -> Incident:
    return incident_from_row(result.table.row(0, named=True))


def test_the_month_is_the_reports_and_the_start_only_not_later(rows: Rows) -> None:
    result = read_csis(rows())
    incident = first(result)
    assert (incident.reported.text, incident.start.text) == ("2019-07", "../2019-07")
    assert incident.start.earliest is None
    release = result.release
    assert (release.release, release.has_report_dates) == ("2026-03-06", True)
    assert (release.covers_to.text, release.redistributable) == ("2019-07", False)
    assert first(read_csis(rows(("2005", "", TEXT)))).reported.text == "2005"


def test_the_words_are_kept_and_name_the_incident(rows: Rows) -> None:
    incident = first(read_csis(rows()))
    assert incident.description == TEXT
    assert incident.name == TEXT.removesuffix(".") + "." or incident.name.endswith("…")
    assert incident.id.startswith("2019-07-")


def test_what_is_read_from_the_words_is_marked_as_that(rows: Rows, tmp_path: Path) -> None:
    path = rows()
    result = read_csis(path)
    incident = first(result)
    assert [(i.code, i.kind) for i in incident.initiators] == [("CN", "state-affiliated")]
    assert incident.receivers == ("KE",)
    assert [(p.row, p.reason.split(" read")[0]) for p in result.flagged] == [
        (2, "initiator CN"), (2, "receiver KE"),
    ]  # fmt: skip
    assert all("not the list's own coding" in p.reason for p in result.flagged)
    assert "Chinese" in result.flagged[0].value
    assert result.release.extracted == "initiators, receivers"
    add_files("csis", [path], home=tmp_path / "home")
    assert extracted_in(incident.key, tmp_path / "home") == "initiators, receivers"
    assert extracted_in("dcid:1", tmp_path / "home") == ""


def test_where_no_rule_holds_it_is_unknown(rows: Rows) -> None:
    result = read_csis(rows(("2019", "7", "A bank lost money.")))
    assert first(result).initiators[0].code == "X-UNKNOWN"
    assert first(result).receivers == ("X-UNKNOWN",)
    assert result.flagged == ()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("2019", "13", TEXT), "report_month"),
        (("2019", "July", TEXT), "report_month"),
        (("", "7", TEXT), "report_year"),
        (("2019", "7", ""), "text"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    rows: Rows, row: tuple[str, str, str], column: str
) -> None:
    result = read_csis(rows(("2019", "7", TEXT), row))
    assert result.table.height + len(result.aside) == result.rows_in_file == 2
    assert [(p.row, p.column) for p in result.aside] == [(3, column)]


def test_a_paragraph_told_twice_in_a_month_counts_once(rows: Rows) -> None:
    result = read_csis(rows(("2019", "7", TEXT), ("2019", "7", TEXT), ("2019", "8", TEXT)))
    assert (result.table.height, [p.row for p in result.aside]) == (2, [3])


def test_the_page_foot_is_taken_out_and_parted_words_joined() -> None:
    foot = FOOT.pattern.replace("\\", "")
    assert (
        clean_text(f"a broad {foot} state- sponsored act {foot}") == "a broad state-sponsored act"
    )


def test_another_list_is_told_apart(rows: Rows) -> None:
    with pytest.raises(SourceError, match="looks like csis"):
        read_list("cfr", [rows()])


@pytest.mark.parametrize(
    ("text", "acted", "hit"),
    [
        ("North Korean hackers stole designs from South Korean shipyards.", "KP", "KR"),
        ("A Russia-linked group infiltrated a Pakistani hacking group.", "RU", "PK"),
        ("Hackers with ties to Iran breached Israeli firms.", "IR", "IL"),
        ("The attack on Norwegian dams was attributed to Russia.", "RU", "NO"),
        ("Germany blamed Russia for a breach of its parliament.", "RU", ""),
        ("Estonian networks were harassed at the behest of the Russian government.", "RU", "EE"),
        ("The Latvian ministry said its site had been targeted by Chinese hackers.", "CN", "LV"),
        ("APT28 targeted the U.S. Senate. The U.S. said nothing.", "RU", "US"),
        ("Hackers hit NASA networks.", "", "US"),
        ("Pro-Russian hacktivists attacked Swiss sites.", "", "CH"),
        ("A Russian-speaking gang hit a bank.", "", ""),
        ("Hackers with ties to Iran hit a firm, though no link was confirmed.", "", ""),
        ("A gang, not linked to China, breached Thai banks.", "", "TH"),
        ("They told us that the US firm in New Mexico was safe.", "", ""),
        ("", "", ""),
    ],
)
def test_who_acted_and_who_was_hit(text: str, acted: str, hit: str) -> None:
    found = read_roles(text)
    assert ",".join(e.code for e in found.initiators) == acted
    assert ",".join(e.code for e in found.receivers) == hit


def test_names_of_countries_within_others_are_passed_over() -> None:
    text = "South Korean, Georgia Tech, China Lake, us, U.S., Indiana, Nigerian"
    assert [p.code for p in find_places(text)] == ["KR", "US", "NG"]


def test_text_made_to_take_long_does_not() -> None:
    read_roles("attributed to the " * 3_000 + "linked " * 3_000 + "Chinese " * 2_000)


LABELS = Path(__file__).with_name("csis_labels.tsv")


def test_reading_is_as_good_as_the_docs_say(shared_data: Path) -> None:
    (path,) = (shared_data / "csis").glob("*.csv")
    result = read_csis(path)
    assert (result.rows_in_file, len(result.aside)) == (1_207, 0)
    found = {i.id[-8:]: i for i in map(incident_from_row, result.table.iter_rows(named=True))}
    lines = [t for t in LABELS.read_text("utf-8").splitlines() if not t.startswith("#")]
    counts = {"initiators": [0, 0, 0], "receivers": [0, 0, 0]}
    for row in csv.DictReader(lines, delimiter="\t"):
        incident = found[row["hash"]]
        codes = {"initiators": [i.code for i in incident.initiators],
                 "receivers": list(incident.receivers)}  # fmt: skip
        for field, count in counts.items():
            given = set(filter(None, row[field].split(",")))
            wanted = {c for c in given if not c.startswith("?")}
            read = set(codes[field]) - {"X-UNKNOWN"} - {c[1:] for c in given - wanted}
            count[0] += len(read & wanted)
            count[1] += len(read)
            count[2] += len(wanted)
    assert counts == {"initiators": [53, 56, 59], "receivers": [79, 86, 98]}


@settings(max_examples=80)
@given(
    st.lists(
        st.sampled_from(
            ["Chinese", "Russia", "hackers", "targeted", "U.S.", "attributed to", "APT28",
             "no link", "was hacked", "by", "the", "government", "Pro-", "'s", ". The", ",",
             "\x00", "\ud800"]
        ) | st.text(max_size=6),
        max_size=30,
    ).map(" ".join)
)  # fmt: skip
def test_any_text_is_read_without_a_country_on_both_sides(text: str) -> None:
    found = read_roles(text)
    acted, hit = ([e.code for e in side] for side in (found.initiators, found.receivers))
    assert len(set(acted)) == len(acted)
    assert not set(acted) & set(hit)
    assert all(e.words for e in (*found.initiators, *found.receivers))
