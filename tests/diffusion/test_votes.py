"""Votes: positions recover a known truth, absences say nothing, tables are checked."""

from __future__ import annotations

import csv
import io
import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from typer.testing import CliRunner

from comity.cli import app
from comity.diffusion.ideal_points import (
    ABSENT,
    _loss,
    _lowest,
    _most_divided,
    _start,
    as_matrix,
    fit_items,
    positions,
    vote_chances,
)
from comity.diffusion.votes import check_roll_calls, load_roll_calls, map_votes
from comity.errors import VotesError
from comity.report.votes_chart import votes_svg
from comity.report.votes_page import vote_lines

runner = CliRunner()


def simulate(seed: int, states: int = 190, texts: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and votes drawn from the model's own prior, a tenth of them absent."""
    random = np.random.default_rng(seed)
    place = random.standard_normal(states)
    slope, lower = random.normal(0, 2, texts), random.normal(0, 1.5, texts)
    upper = lower + np.exp(random.normal(-0.5, 1, texts))
    z = slope * place[:, None] + random.standard_normal((states, texts))
    votes = (z > lower).astype(np.int64) + (z > upper)
    votes[random.random(votes.shape) < 0.1] = ABSENT
    sign = np.sign(slope[_most_divided(votes)])
    return sign * place, votes


def held(seed: int) -> float:
    """Return the share of 90 % intervals that hold the truth in one simulated world."""
    place, votes = simulate(seed)
    found = positions(fit_items(votes, seed), votes)
    return float(np.mean((found.lower <= place) & (place <= found.upper)))


@pytest.mark.slow
def test_intervals_hold_a_simulated_truth() -> None:
    assert 0.83 <= np.mean([held(seed) for seed in range(12)]) <= 0.97


@pytest.mark.slow
def test_intervals_hold_a_simulated_truth_over_many_worlds() -> None:
    assert 0.85 <= np.mean([held(seed) for seed in range(500)]) <= 0.95


def test_the_gradient_is_that_of_the_loss() -> None:
    _, votes = simulate(1, 40, 4)
    patterns, times = np.unique(votes, axis=0, return_counts=True)
    at = np.random.default_rng(2).normal(0, 0.5, 12)
    _, gradient = _loss(at, patterns, times)
    step = 1e-5
    for k in range(12):
        shift = np.eye(12)[k] * step
        ahead, behind = _loss(at + shift, patterns, times)[0], _loss(at - shift, patterns, times)[0]
        assert gradient[k] == pytest.approx((ahead - behind) / (2 * step), abs=1e-3)


def test_a_state_that_never_voted_has_the_prior_and_chances_add_to_one() -> None:
    _, votes = simulate(3)
    votes[0] = ABSENT
    items = fit_items(votes)
    found = positions(items, votes)
    assert found.mean[0] == pytest.approx(0, abs=0.01)
    assert found.upper[0] - found.lower[0] == pytest.approx(2 * 1.645, abs=0.1)
    assert vote_chances(items, np.array([-1.0, 1.0])).sum(2) == pytest.approx(1)


def test_an_abstention_is_not_an_absence() -> None:
    cast = {("r", "FR"): "abstain"}
    assert as_matrix(cast, ["FR", "DE"], ["r"]).tolist() == [[1], [ABSENT]]
    _, votes = simulate(4)
    other = votes.copy()
    item = _most_divided(votes)
    other[0, item], votes[0, item] = 1, ABSENT
    one, two = (positions(fit_items(v), v).mean[0] for v in (votes, other))
    assert abs(one - two) > 0.02


def test_too_few_votes_place_nobody() -> None:
    with pytest.raises(VotesError, match="too few to place anybody"):
        fit_items(np.full((5, 4), 2))
    with pytest.raises(VotesError, match="table of states by resolutions"):
        fit_items(np.full((20, 4), 7))


def test_the_shipped_votes_part_the_two_camps_and_leave_some_between() -> None:
    found = map_votes(load_roll_calls())
    for code in ("US", "GB", "FR", "JP", "AU"):
        assert found.of(code).side == "left", code
    for code in ("RU", "CN", "IR", "CU", "SY"):
        assert found.of(code).side == "right", code
    assert 10 <= sum(s.side == "between" for s in found.states) <= 60
    assert found.of("TR").side == "between"
    tallies = {r.id: (r.yes, r.no, r.abstain) for r in found.resolutions}
    assert tallies["unga-73-27"] == (119, 46, 14)
    assert tallies["unga-74-247"] == (79, 60, 33)
    assert any(
        s.country == "BR" and (s.before, s.after) == ("yes", "abstain") for s in found.switches
    )
    with pytest.raises(VotesError, match="Kosovo cast no vote"):
        found.of("XK")


def test_it_is_drawn_and_printed_within_its_width() -> None:
    found = map_votes(load_roll_calls())
    svg = votes_svg(found)
    assert svg.count("<svg") == 1
    assert "United States" in svg
    for width in (80, 100):
        lines = [a + b for a, b in vote_lines(found, (), width)]
        assert max(len(line) for line in lines if "http" not in line) <= width


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the tables that ship."""
    for name in ("resolutions.tsv", "votes.tsv"):
        with resources.as_file(resources.files("comity").joinpath("data/diffusion", name)) as path:
            shutil.copy(path, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("votes.tsv", "unga-73-27\tUS\tno", "US votes twice on unga-73-27"),
        ("votes.tsv", "unga-9-9\tUS\tno", "'unga-9-9' is not in resolutions.tsv"),
        ("votes.tsv", "unga-73-27\tXX\tno", "country: 'XX' is not a country's code"),
        ("votes.tsv", "unga-73-27\tXK\tpresent", "vote 'present' is not one of yes, abstain, no"),
        ("resolutions.tsv", "unga-1-1\t2020\ts\tt\thttps://a.org\tseen", "is not a full day"),
        ("resolutions.tsv", "unga-1-1\t2020-01-01\ts\tt\tthere\tseen", "is not an http(s) address"),
        ("resolutions.tsv", "only one", "1 cells, not 6"),
    ],
)
def test_a_spoiled_table_is_said_with_its_line(
    folder: Path, table: str, row: str, message: str
) -> None:
    assert check_roll_calls(folder) == ()
    path = folder / table
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    (problem,) = check_roll_calls(folder)
    assert problem.startswith(f"{table}:{len(path.read_text(encoding='utf-8').splitlines())}: ")
    assert message in problem
    with pytest.raises(VotesError, match="roll calls have problems"):
        load_roll_calls(folder)


def test_the_command_draws_a_png_and_writes_a_page(tmp_path: Path) -> None:
    picture, page = tmp_path / "v.png", tmp_path / "v.html"
    shown = runner.invoke(app, ["votes", "--svg", str(picture), "--report", str(page)])
    assert shown.exit_code == 0, shown.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "data:image/svg+xml" in text
    assert runner.invoke(app, ["votes", "--svg", str(tmp_path / "v.gif")]).exit_code != 0


def test_the_lowest_point_is_that_of_scipy() -> None:
    calls = load_roll_calls()
    votes = as_matrix(calls.cast, calls.countries, [r.id for r in calls.resolutions])
    patterns, times = np.unique(votes, axis=0, return_counts=True)

    def objective(raw: np.ndarray) -> tuple[float, np.ndarray]:
        return _loss(raw, patterns, times)

    ours = _lowest(objective, _start(votes))
    theirs = minimize(objective, _start(votes), jac=True, method="L-BFGS-B")
    assert objective(ours)[0] <= theirs.fun + 1e-6
    assert ours == pytest.approx(theirs.x, abs=0.01)


def test_the_command_gives_text_data_and_a_table(tmp_path: Path) -> None:
    shown = runner.invoke(app, ["votes", "Mexico", "us", "--svg", str(tmp_path / "v.svg")])
    assert shown.exit_code == 0
    assert "Mexico" in shown.output
    assert (tmp_path / "v.svg").read_text(encoding="utf-8").startswith("<svg")
    data = json.loads(runner.invoke(app, ["votes", "--json"]).output)
    assert {"states", "resolutions", "dividing", "switches"} <= set(data)
    rows = list(csv.DictReader(io.StringIO(runner.invoke(app, ["votes", "--csv"]).output)))
    assert {r["side"] for r in rows} == {"left", "between", "right"}
    assert runner.invoke(app, ["votes", "Atlantis"]).exit_code == 1


def test_the_page_cites_its_sources_and_names_the_few_who_changed() -> None:
    found = map_votes(load_roll_calls())
    said = "\n".join(line for _, line in vote_lines(found, width=300))
    for text in found.resolutions:
        assert all(address in said for address in text.sources)
        assert f"{text.id} ({text.status})" in said or len(text.sources) == 1
    assert "every text (secondary)" in said
    assert "abstain to no 3: Cape Verde, Colombia, Paraguay" in said
    assert "yes to no 44\n" in said
