"""A list of the user's own: the worked example of the docs, and mappings that are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from comity.errors import SourceError
from comity.incidents.load import load_evidence
from comity.incidents.model import incident_from_row
from comity.incidents.sources.mapped import read_mapped
from comity.incidents.sources.mapping import Mapping, read_mapping
from comity.incidents.sources.result import ReadResult
from comity.incidents.summary import list_problems

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your-own-list.md"
HEAD = '[list]\nname = "mine"\nrelease = "1"\ntitle = "Mine"\n'
Read = Callable[..., ReadResult]


def blocks(language: str) -> list[str]:
    """Return the blocks of the docs page in one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads CSV text by mapping text."""

    def run(table: str, mapping: str) -> ReadResult:
        (tmp_path / "mine.csv").write_text(table, "utf-8")
        (tmp_path / "mine.toml").write_text(HEAD + mapping, "utf-8")
        return read_mapped(tmp_path / "mine.csv", tmp_path / "mine.toml")

    return run


def test_the_docs_example_does_what_the_docs_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from comity.cli_evidence import evidence_app

    (tmp_path / "ministry.csv").write_text(blocks("csv")[0], "utf-8")
    (tmp_path / "ministry.toml").write_text(blocks("toml")[0], "utf-8")
    console = blocks("console")[0].splitlines()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    arguments = console[0].removeprefix("$ comity evidence ").split()
    shown = CliRunner().invoke(evidence_app, arguments)
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[0] == console[1]

    evidence = load_evidence(["ministry"])
    heron, kite = evidence.incidents()
    assert (heron.start.text, heron.targets, heron.objectives) == (
        "2019-03-14", ("private",), ("espionage",),
    )  # fmt: skip
    assert [(i.code, i.kind) for i in kite.initiators] == [("KP", "state")]
    assert (kite.receivers, kite.sources) == (("JP",), ())
    assert evidence.releases[0].dates_typed_as_days
    found = list_problems("ministry")
    assert [(p.row, p.column, p.value) for p in found.aside] == [(3, "Began", "31.02.2020")]
    assert [(p.row, p.value) for p in found.flagged] == [(4, "not public")]


def test_the_docs_list_every_field_of_a_mapping() -> None:
    page = PAGE.read_text("utf-8")
    for part in ("list", "read", "columns", "constants"):
        kind = Mapping.model_fields[part].annotation
        assert kind is not None
        row = next(line for line in page.splitlines() if line.startswith(f"| `[{part}]`"))
        assert set(re.findall(r"`([a-z_]+)`", row.split("|")[2])) >= set(kind.model_fields)


def test_csis_is_mapped_by_the_month_of_its_report(tmp_path: Path, shared_data: Path) -> None:
    (path,) = (shared_data / "csis").glob("*.csv")
    (tmp_path / "csis.toml").write_text(blocks("toml")[1], "utf-8")
    result = read_mapped(path, tmp_path / "csis.toml")
    assert result.rows_in_file == 1207
    assert result.table.height + len(result.aside) == 1207
    first = incident_from_row(result.table.row(0, named=True))
    assert (first.id, first.reported.text, first.start.text) == ("row-2", "2025-12", "")
    assert (first.initiators[0].code, first.receivers) == ("X-UNKNOWN", ("X-UNKNOWN",))
    assert not result.release.dates_typed_as_days


def test_what_the_mapping_does_not_say_stays_unknown(read: Read) -> None:
    result = read("title\nGrey Heron\n", '[columns]\nname = "title"\n')
    incident = incident_from_row(result.table.row(0, named=True))
    assert (incident.id, incident.name) == ("row-2", "Grey Heron")
    assert (incident.targets, incident.objectives, incident.effects) == (
        ("unknown",), ("unknown",), (),
    )  # fmt: skip
    assert not incident.start.known


@pytest.mark.parametrize(
    ("form", "cell", "edtf"),
    [
        ("edtf", "2015?", "2015?"),
        ("edtf", "2014/2015-06", "2014/2015-06"),
        ("%d.%m.%Y", "14.03.2019", "2019-03-14"),
        ("%m/%d/%Y", "3/4/2019", "2019-03-04"),
        ("%B %Y", "March 2019", "2019-03"),
        ("%Y", "2019", "2019"),
    ],
)
def test_a_date_is_as_fine_as_its_format(read: Read, form: str, cell: str, edtf: str) -> None:
    mapping = f'[read]\ndate_format = "{form}"\n[columns]\nstart = "began"\n'
    assert read(f"began\n{cell}\n", mapping).table["start"].to_list() == [edtf]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2016-02-31,2017,China", "began"),
        ("2016,2015,China", "ended"),
        ("2016,2017,Atlantis", "by"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(read: Read, row: str, column: str) -> None:
    mapping = '[columns]\nstart = "began"\nend = "ended"\ninitiators = "by"\n'
    result = read(f"began,ended,by\n2015,2016,Iran\n{row}\n", mapping)
    assert result.table.height + len(result.aside) == result.rows_in_file == 2
    assert [(p.row, p.column) for p in result.aside] == [(3, column)]


def test_an_unknown_country_may_be_left_out_instead(read: Read) -> None:
    mapping = '[read]\nunknown_country = "leave-out"\n[columns]\nreceivers = "on"\n'
    result = read("on\nAtlantis;Chile\n", mapping)
    assert result.table["receivers"].to_list() == [["CL"]]
    assert [p.value for p in result.flagged] == ["Atlantis"]


def test_a_country_may_be_given_the_lists_own_spelling(read: Read) -> None:
    mapping = '[columns]\nreceivers = "on"\n[values.receivers]\nZhongguo = "China"\n'
    assert read("on\nZhongguo\n", mapping).table["receivers"].to_list() == [["CN"]]


def test_a_name_with_a_comma_stays_whole_where_commas_part(read: Read) -> None:
    mapping = '[read]\nseparator = ","\n[columns]\nreceivers = "on"\n'
    result = read("on;x\nKorea, Republic of, Chile;1\n", mapping)
    assert result.table["receivers"].to_list() == [["KR", "CL"]]


def test_a_word_without_a_meaning_is_left_out_and_flagged(read: Read) -> None:
    mapping = '[columns]\ntargets = "t"\nseverity = "s"\n[values.targets]\nfirm = "private"\n'
    result = read("t,s\nfirm;moon base,high\n", mapping)
    assert result.table["targets"].to_list() == [["private"]]
    assert [(p.column, p.value) for p in result.flagged] == [("t", "moon base"), ("s", "high")]


def test_excel_and_parquet_are_read_like_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame({"title": ["Grey Heron"], "began": ["2015-09"]})
    mapping = tmp_path / "m.toml"
    mapping.write_text(HEAD + '[columns]\nname = "title"\nstart = "began"\n')
    frame.write_parquet(tmp_path / "mine.parquet")
    frame.write_csv(tmp_path / "mine.csv")
    tables = [read_mapped(tmp_path / n, mapping).table for n in ("mine.parquet", "mine.csv")]
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("[columns]\nbegan = 1\n", r"columns.began is not a field; allowed are id, name, start"),
        ("[colums]\n", r"colums is not a field; allowed are list, columns"),
        ('[columns]\n[values.targets]\nx = "firm"\n', r"'x' = 'firm': allowed are government"),
        ('[columns]\n[constants]\nobjectives = ["fun"]\n', r"'fun': allowed are espionage"),
        ('[columns]\n[read]\ndate_format = "%d"\n', r"four-digit year"),
        ("[columns\n", r"Cannot read the mapping mine\.toml"),
    ],
)
def test_a_wrong_mapping_is_told_with_what_is_allowed(read: Read, mapping: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read("a\n1\n", mapping)


def test_every_problem_of_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('[list]\nname = "My List"\ncovers_to = "2015-13"\n[columns]\n')
    with pytest.raises(SourceError) as caught:
        read_mapping(path)
    for part in ("list.name", "list.release", "list.title", "list.covers_to"):
        assert part in str(caught.value)


def test_a_column_the_file_does_not_have_is_named_with_those_it_has(read: Read) -> None:
    with pytest.raises(SourceError, match=r"no column began, which the mapping names.*: a, b"):
        read("a,b\n1,2\n", '[columns]\nstart = "began"\n')
