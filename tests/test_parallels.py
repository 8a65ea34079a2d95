"""Parallels: likeness without joint absence, what a regime has, tables checked, the command."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import RegisterError
from comity.instruments.register import load_register
from comity.parallels.model import FEATURES, Cell, Regime
from comity.parallels.nearest import (
    FEWEST_SHARED,
    get_regime,
    likeness,
    nearest,
    parallel,
    with_feature,
)
from comity.parallels.register import COLUMNS, check_parallels, load_parallels

PAGE = Path(__file__).parents[1] / "docs" / "parallels.md"
DEGREES = [f.id for f in FEATURES.values() if f.codes == ("no", "partial", "yes")]


def made(name: str, **codes: str) -> Regime:
    cells = {f: Cell(name, f, code, "so", "", (), "judgement") for f, code in codes.items()}
    return Regime(name, name, "made", "It is made.", cells)


def test_what_ships_is_sound_and_wide_enough() -> None:
    assert check_parallels() == ()
    found = load_parallels()
    assert len(found.others) >= 18
    assert len(FEATURES) >= 20
    instruments = load_register().instruments
    assert {r.id for r in found.instruments} <= set(instruments)
    for regime in found.regimes.values():
        assert regime.breaks


def test_no_cell_rests_on_memory_alone() -> None:
    cells = [c for r in load_parallels().regimes.values() for c in r.cells.values()]
    for cell in cells:
        if cell.status in ("seen", "secondary"):
            assert cell.sources, cell


def test_the_same_is_fully_alike_and_the_opposite_not_at_all() -> None:
    names = DEGREES[:8]
    one = made("one", **dict.fromkeys(names, "yes"))
    other = made("other", **dict.fromkeys(names, "no"))
    half = made("half", **dict.fromkeys(names, "partial"))
    assert likeness(one, one).score == 1
    assert likeness(one, other).score == 0
    assert likeness(one, half).score == 0.5
    assert likeness(one, other).score == likeness(other, one).score


def test_what_both_lack_makes_nothing_alike() -> None:
    names = DEGREES[:8]
    nothing = made("nothing", **dict.fromkeys(names, "no"))
    found = likeness(nothing, nothing)
    assert found.score is None
    assert found.compared == 0


def test_with_too_few_features_there_is_no_likeness() -> None:
    few = made("few", **dict.fromkeys(DEGREES[: FEWEST_SHARED - 1], "yes"))
    assert likeness(few, few).score is None
    unknown = made("unknown", **dict.fromkeys(DEGREES[:8], "unknown"))
    assert likeness(unknown, few).compared == 0


def test_what_a_regime_has_and_lacks() -> None:
    regime = made("regime", on_site_inspection="yes", crisis_channel="no", dual_use="low")
    text = made("text", on_site_inspection="no", crisis_channel="yes", dual_use="high")
    found = parallel(text, regime)
    assert [its.feature for its, _ in found.has] == ["on_site_inspection"]
    assert [its.feature for its, _ in found.lacks] == ["crisis_channel"]
    assert [its.feature for its, _ in found.breaks] == ["dual_use"]


def test_a_nuclear_measure_has_what_the_agreement_of_2015_lacks() -> None:
    every = load_parallels()
    agreement = get_regime(every, "us-china-2015")
    found = {p.regime.id: p for p in nearest(every, agreement)}
    inspected = {its.feature for its, _ in found["new-start"].has}
    assert {"on_site_inspection", "declarations", "national_technical_means"} <= inspected
    scores = [p.likeness.score for p in nearest(every, agreement) if p.likeness.score is not None]
    assert scores == sorted(scores, reverse=True)


def test_a_name_may_be_part_of_one_and_must_be_one() -> None:
    every = load_parallels()
    assert get_regime(every, "INCIDENTS").id == "incidents-at-sea"
    with pytest.raises(RegisterError, match="no regime"):
        get_regime(every, "nothing of the kind")
    with pytest.raises(RegisterError, match="no feature"):
        with_feature(every, "colour")


def folder(tmp_path: Path, **change: str) -> Path:
    cells = [
        {
            "regime": "one", "feature": f, "code": "yes", "value": "so", "limit": "",
            "sources": "https://example.org/", "status": "seen",
        }
        for f in DEGREES
    ]  # fmt: skip
    cells[0] |= change
    rows = {
        "regimes.tsv": [{"id": "one", "name": "One", "field": "made", "breaks": "It is made."}],
        "features.tsv": cells,
    }
    for name, columns in COLUMNS.items():
        lines = ["\t".join(columns), *("\t".join(r[c] for c in columns) for r in rows[name])]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_a_sound_folder_has_no_problem(tmp_path: Path) -> None:
    assert check_parallels(folder(tmp_path)) == ()
    assert len(load_parallels(tmp_path).regimes["one"].cells) == len(DEGREES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"regime": "two"}, "regime 'two' is not in regimes.tsv"),
        ({"feature": "colour"}, "feature 'colour' is not one of"),
        ({"code": "perhaps"}, "code 'perhaps' is not one of no, partial, yes, unknown"),
        ({"feature": "year", "code": "soon"}, "must be a whole number"),
        ({"value": "x" * 161}, "161 characters"),
        ({"value": ""}, "value"),
        ({"status": "sure"}, "status 'sure' is not one of"),
        ({"sources": ""}, "without an address"),
        ({"sources": "ftp://example.org"}, "no http(s) address"),
        ({"feature": DEGREES[1]}, "same regime and feature"),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    problems = check_parallels(folder(tmp_path, **change))
    assert any(message in p and p.startswith("features.tsv:") for p in problems), problems
    with pytest.raises(RegisterError):
        load_parallels(tmp_path)


def test_a_regime_with_hardly_a_feature_cannot_be_compared(tmp_path: Path) -> None:
    folder(tmp_path)
    text = (tmp_path / "features.tsv").read_text().splitlines()
    (tmp_path / "features.tsv").write_text("\n".join(text[:5]) + "\n")
    assert any("has 4 features" in p for p in check_parallels(tmp_path))


def test_a_missing_table_is_said(tmp_path: Path) -> None:
    assert len(check_parallels(tmp_path)) == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "20 regimes of other fields"),
        (["us-china-2015"], "The analogy breaks:"),
        (["incidents-at-sea"], "Where the analogy breaks"),
        (["us-china-2015", "nrrc"], "beside"),
        (["--feature", "crisis_channel"], "Is there a line for a crisis?"),
        (["us-china-2015", "--json"], '"likeness"'),
        (["hotline", "--csv"], "regime,name,field"),
    ],
)
def test_the_command(args: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["parallels", *args])
    assert result.exit_code == 0, result.output
    assert words in result.output


def test_the_page(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    result = CliRunner().invoke(app, ["parallels", "us-china-2015", "--report", str(page)])
    assert result.exit_code == 0, result.output
    assert "<script" not in page.read_text()


def test_the_docs_count_the_cells_that_ship() -> None:
    statuses = [c.status for r in load_parallels().regimes.values() for c in r.cells.values()]
    seen, absent, ours, summed = map(statuses.count, ("seen", "absent", "judgement", "secondary"))
    words = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert (
        f"{len(statuses)} cells: {seen} seen, {absent} absent, {ours} judgements, "
        f"{summed} from a summary." in words
    )


@pytest.mark.parametrize(
    "args", [["us-china-2015", "nrrc", "hotline"], ["us-china-2015", "--feature", "dual_use"],
             ["--json", "--csv"]]
)  # fmt: skip
def test_what_does_not_go_together_is_refused(args: list[str]) -> None:
    assert CliRunner().invoke(app, ["parallels", *args]).exit_code != 0


def test_the_list_of_likest_says_how_loose_a_likeness_of_few_features_is() -> None:
    said = " ".join(CliRunner().invoke(app, ["parallels", "us-china-2015"]).output.split())
    assert "of 5 features, one that were otherwise moves it by 0.20" in said
