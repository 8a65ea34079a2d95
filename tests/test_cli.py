"""The command line, as a user meets it: what it prints, and how it fails."""

import json
from importlib import resources

import jsonschema
import pytest

import comity
from comity import cli
from comity.verification.question import TEMPLATE


@pytest.fixture(autouse=True)
def _empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")


def run(capsys, monkeypatch, *words):
    """Return exit code, what was printed, and what was said on the error stream."""
    monkeypatch.setattr("sys.argv", ["comity", *words])
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_verify_prints_three_answers_within_80_columns(capsys, monkeypatch):
    code, out, _ = run(capsys, monkeypatch, "verify", "us-china-2015")
    assert code == 0
    for start in ("Changed?", "Kept?", "Because?", "Confidence", "Mirror", "Caveats"):
        assert any(line.startswith(start) for line in out.splitlines()), start
    assert max(map(len, out.splitlines())) <= 80
    assert len(out.splitlines()) <= 80


def test_the_json_of_every_question_fits_the_published_schema():
    folder = resources.files("comity").joinpath("data/schema/verdict-1.0.schema.json")
    schema = json.loads(folder.read_text(encoding="utf-8"))
    for name in ("us-china-2015", "us-russia-2021", "uk-china-2015"):
        jsonschema.validate(json.loads(comity.verify(name).to_json()), schema)


def test_verify_json_is_data_and_nothing_else(capsys, monkeypatch):
    _, out, _ = run(capsys, monkeypatch, "verify", "us-russia-2021", "--json")
    found = json.loads(out)
    assert found["verdict"]["changed"]["term"] == "not identified"
    assert "before the agreement (2021-06-16)" in found["verdict"]["changed"]["sentence"]


def test_a_report_is_written_and_opens_nothing_from_outside(capsys, monkeypatch, tmp_path):
    path = tmp_path / "verdict.html"
    code, out, _ = run(capsys, monkeypatch, "verify", "us-china-2015", "--report", str(path))
    assert code == 0
    assert f"Report written to {path}" in out.replace("\n", "")
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert 'src="http' not in page


def test_a_question_of_ones_own_works_the_same(capsys, monkeypatch, tmp_path):
    path = tmp_path / "mine.toml"
    assert run(capsys, monkeypatch, "question", "new", str(path))[0] == 0
    code, out, _ = run(capsys, monkeypatch, "verify", str(path))
    assert code == 0
    assert out.startswith("What I ask, in one line")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "no-such-question"], "There is no question"),
        (["verify", "us-china-2015", "--list", "nobody"], "no list 'nobody'"),
        (["verify", "us-china-2015", "--as-of", "soon"], "is not a date"),
        (["verify", "us-china-2015", "--as-of", "2015/.."], "--as-of needs a date with an end"),
        (["process", "us-china", "--as-of", "2999"], "is still to come, so nothing is known of it"),
        (["spread", "commercial-theft", "--as-of", "2999-01-01"], "is still to come"),
        (["verify", "us-china-2015", "--first-of-year", "maybe"], "exact or year"),
        (["verify", "us-china-2015", "--report", "/nowhere/at/all.html"], "no folder"),
        (["instruments", "no-such-instrument"], "no-such-instrument"),
        (["evidence", "show", "dcid:99999"], "99999"),
        (["evidence", "remove", "dcid"], "dcid"),
    ],
)
def test_what_cannot_be_done_is_said_in_plain_words_without_a_traceback(
    capsys, monkeypatch, words, said
):
    code, _, err = run(capsys, monkeypatch, *words)
    assert code == 1
    assert said in err.replace("\n", " ")
    assert "Traceback" not in err


def test_the_as_of_date_and_the_reading_of_dates_change_what_is_printed(capsys, monkeypatch):
    early = run(capsys, monkeypatch, "verify", "us-china-2015", "--as-of", "2017", "--json")[1]
    exact = run(
        capsys, monkeypatch, "verify", "us-china-2015", "--first-of-year", "exact",
        "--first-of-month", "exact", "--json",
    )[1]  # fmt: skip
    assert json.loads(early)["as_of"] == "2017-12-31"
    assert json.loads(exact)["choices"]["first_of_year"] == "exact"
    assert json.loads(exact)["lists"][0]["year_only"] == 0


def test_check_finds_no_problem_in_what_ships(capsys, monkeypatch):
    code, out, _ = run(capsys, monkeypatch, "check")
    assert code == 0
    assert out.startswith("No problem")


def test_the_version_is_printed(capsys, monkeypatch):
    assert run(capsys, monkeypatch, "--version")[1] == f"comity {comity.__version__}\n"


def test_an_instrument_the_register_does_not_have_is_refused(capsys, monkeypatch, tmp_path):
    path = tmp_path / "mine.toml"
    text = TEMPLATE.replace('instrument = "us-china-2015"', 'instrument = "us-mars-2030"')
    path.write_text(text, encoding="utf-8")
    code, _, err = run(capsys, monkeypatch, "verify", str(path))
    assert code == 1
    assert "us-mars-2030" in err
