"""Facts beside a shipped list: read whole, every problem told, joined without altering a row."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli_evidence import evidence_app
from comity.dates import DateReading
from comity.errors import SourceError
from comity.incidents import shipped
from comity.incidents.model import incident_from_row, incident_schema, read_dates
from comity.incidents.reports import (
    COLUMNS,
    Claimant,
    join_reports,
    read_reports,
    report_conflicts,
)
from comity.incidents.shipped import (
    load_reports,
    publishers_table,
    shipped_release,
    shipped_table,
)

# Incidents of the shipped list: 80 Titan Rain (2003-09-01), 86 (2006-12-01, no campaign), 3 (its
# own campaign "Duke Series"), 43 SUNBURST.
ROWS = (
    "80\t2005-08-24\thttps://a.example/1\texcerpt\t2005-08\thttps://a.example/2\t"
    "Washington Post | media | US; McAfee | private-company | US\tclaimed\tMcAfee\t"
    "https://a.example/3\ttitan-rain\tseen\tagrees\t\t",
    "86\t2006-01-01\thttps://b.example/1\turl-date\t\t\t\tunknown\t\t\t\tsecondary\t\t"
    "The first report names a day before the start.\thttps://b.example/2",
    "3\t2015-09-17\thttps://c.example/1\texcerpt\t2015-09-17\thttps://c.example/1\t"
    "F-Secure | private-company | FI\tunknown\t\t\tdukes\tseen\t\t\t",
)
CACHED = (load_reports, shipped_release, publishers_table, shipped_table)


def write(folder: Path, *rows: str, header: str = "\t".join(COLUMNS)) -> Path:
    path = folder / "dcid-2.0.reports.tsv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8", newline="\n")
    return path


def cells(row: str, **changed: str) -> str:
    values = dict(zip(COLUMNS, row.split("\t"), strict=True))
    return "\t".join((values | changed).values())


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with what ships and ROWS beside it, in place of the one that ships."""
    for path in shipped.folder().glob("dcid-2.0*"):
        shutil.copy(path, tmp_path)
    write(tmp_path, *ROWS)
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    for cached in CACHED:
        cached.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for cached in CACHED:
        cached.cache_clear()


def test_a_fact_holds_what_its_row_says(tmp_path: Path) -> None:
    fact = read_reports(write(tmp_path, *ROWS))["80"]
    assert (fact.reported.text, fact.attributed.text) == ("2005-08-24", "2005-08")
    assert fact.claimants == (
        Claimant("Washington Post", "media", "US"),
        Claimant("McAfee", "private-company", "US"),
    )
    assert (fact.commercial_use, fact.commercial_by) == ("claimed", ("McAfee",))
    assert fact.sources == ("https://a.example/1", "https://a.example/2", "https://a.example/3")
    assert json.loads(json.dumps(fact.to_record()))["claimants"][0]["name"] == "Washington Post"


def test_the_join_fills_what_the_list_leaves_empty_and_nothing_else(beside: Path) -> None:
    own, joined = publishers_table("dcid"), shipped_table("dcid")
    assert joined.schema == incident_schema()
    filled = [
        "reported", "reported_earliest", "reported_latest", "attributions", "commercial_use",
        "campaign", "sources",
    ]  # fmt: skip
    assert joined.drop(filled).equals(own.drop(filled), null_equal=True)
    untouched = ~own["id"].is_in(["80", "86", "3"])
    assert joined.filter(untouched).equals(own.filter(untouched), null_equal=True)
    row = incident_from_row(joined.filter(joined["id"] == "80").row(0, named=True))
    assert row.reported.earliest == dt.date(2005, 8, 24)
    said = [(a.claimant, a.claimant_kind, a.claimant_country, a.code) for a in row.attributions]
    assert said == [
        ("Washington Post", "media", "US", "CN"),
        ("McAfee", "private-company", "US", "CN"),
    ]
    assert [a.when.text for a in row.attributions] == ["2005-08", ""]
    assert row.attributions[0].source
    assert not row.attributions[1].source
    assert (row.commercial_use, row.campaign) == ("claimed", "titan-rain")
    published = own.filter(own["id"] == "80")["sources"].to_list()[0]
    assert row.sources == (*published, *load_reports("dcid")["80"].sources)
    dukes = joined.filter(joined["id"] == "3")
    assert dukes["campaign"].to_list() == ["Duke Series"]
    same = "https://www.f-secure.com/documents/996508/1030745/dukes_whitepaper.pdf"
    again = join_reports(own, read_reports(write(beside, cells(ROWS[2], reported_source=same))))
    assert again.filter(again["id"] == "3")["sources"].to_list()[0].count(same) == 1


def test_the_release_says_that_the_dates_are_not_the_publishers(beside: Path) -> None:
    release = shipped_release("dcid")
    assert release.has_report_dates
    assert "China or the United States" in release.report_dates_from
    (beside / "dcid-2.0.reports.tsv").unlink()
    for cached in CACHED:
        cached.cache_clear()
    assert not shipped_release("dcid").has_report_dates
    assert shipped_table("dcid").equals(publishers_table("dcid"), null_equal=True)


def test_a_day_of_ours_is_a_day_though_the_lists_own_first_of_year_is_a_year(beside: Path) -> None:
    table = shipped_table("dcid")
    read = read_dates(table, [shipped_release("dcid")], DateReading())
    row = read.filter(read["id"] == "86").row(0, named=True)
    assert row["reported_latest"] == dt.date(2006, 1, 1)
    assert row["start_latest"] == dt.date(2006, 12, 31)


def test_a_conflict_needs_an_account(beside: Path) -> None:
    own = publishers_table("dcid")
    assert not list(report_conflicts(load_reports("dcid"), own))
    silent = cells(ROWS[1], account="", account_source="")
    backwards = cells(ROWS[0], attributed="2004")
    found = list(report_conflicts(read_reports(write(beside, silent, backwards)), own))
    assert found[0].startswith("incident 86: reported 2006-01-01, before the list's start")
    assert found[1].startswith("incident 80: attributed 2004, before it was reported")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"reported": "2005-02-31"}, "reported: '2005-02-31'"),
        ({"reported_source": "ftp://a"}, "is not an http(s) address"),
        ({"reported_source": ""}, "reported has no reported_source"),
        ({"reported_basis": "guess"}, "reported_basis is 'guess', not one of excerpt"),
        ({"claimants": "McAfee"}, "'McAfee' is not NAME | KIND | COUNTRY"),
        ({"claimants": "McAfee | firm | US"}, "'firm' is not one of"),
        ({"claimants": "McAfee | media | U"}, "claimants: "),
        ({"claimants": "A | media | ; A | media | "}, "a claimant is named twice"),
        ({"commercial_use": "perhaps"}, "commercial_use is 'perhaps'"),
        ({"commercial_by": ""}, "commercial_by names who says so"),
        ({"commercial_source": ""}, "commercial_use has no commercial_source"),
        ({"status": ""}, "status is ''"),
        ({"second": "yes"}, "second is 'yes'"),
        ({"account": "x" * 241, "account_source": "https://a.example"}, "241 characters"),
        ({"account": "x"}, "account has no account_source"),
        ({"campaign": "a\x1bb"}, "campaign holds a character that cannot be printed"),
    ],
)
def test_each_wrong_cell_is_told_with_its_line(
    tmp_path: Path, changed: dict[str, str], problem: str
) -> None:
    path = write(tmp_path, ROWS[1], cells(ROWS[0], **changed))
    with pytest.raises(SourceError) as caught:
        read_reports(path)
    told = str(caught.value).splitlines()[1:]
    assert all(line.startswith("dcid-2.0.reports.tsv:3: ") for line in told)
    assert any(problem in line for line in told)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    other = cells(ROWS[2], claimants="MCAFEE | private-company | US")
    path = write(tmp_path, ROWS[0], ROWS[0], "only\tthree\tcells", other)
    with pytest.raises(SourceError) as caught:
        read_reports(path)
    told = str(caught.value).splitlines()[1:]
    assert [line.split(":")[1] for line in told] == ["3", "4", "5"]
    assert "is there twice" in told[0]
    assert "3 columns" in told[1]
    assert "'MCAFEE' is written 'McAfee'" in told[2]
    with pytest.raises(SourceError, match="the header must be id, reported"):
        read_reports(write(tmp_path, header="id\tdate"))


def test_an_incident_is_shown_with_where_its_facts_come_from(beside: Path) -> None:
    run = CliRunner()
    shown = run.invoke(evidence_app, ["show", "dcid:80"], catch_exceptions=False).output
    assert "claim          Washington Post: CN, 2005-08" in shown
    assert "claimed McAfee https://a.example/3" in " ".join(shown.split())
    assert "seen (basis: excerpt; a second reader agrees)" in " ".join(shown.split())
    account = run.invoke(evidence_app, ["show", "dcid:86"], catch_exceptions=False).output
    assert "names a day before the start. https://b.example/2" in " ".join(account.split())
    data = json.loads(run.invoke(evidence_app, ["show", "dcid:80", "--json"]).output)
    assert data["known_beside"]["status"] == "seen"
    lists = " ".join(run.invoke(evidence_app, [], catch_exceptions=False).output.split())
    assert "3 dates of report, from a table of Comity's" in lists
    assert "(2 seen, 1 secondary, 0 unverified)" in lists


def test_what_ships_beside_a_list_is_sound() -> None:
    facts = load_reports("dcid")
    if not facts:
        pytest.skip("no table beside dcid ships yet")
    own = publishers_table("dcid")
    assert not list(report_conflicts(facts, own))
    assert len(set(facts) - set(own["id"])) <= shipped_release("dcid").rows_aside
