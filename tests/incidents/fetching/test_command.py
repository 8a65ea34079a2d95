"""`comity evidence fetch`: what is said before and after, and that nothing goes out unasked."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from comity import cli_fetch
from comity.cli import app
from comity.errors import ComityError, FetchError
from comity.incidents.fetching import fetch as module

from .conftest import Publisher

LIST = (
    b"Title,Date,Affiliations,Description,Response,Victims,Sponsor,Type,Category,Sources_1,"
    b"Sources_2,Sources_3\nHeron,5/3/2016,,prose,,Japan,China,Espionage,Government,,,\n"
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def tracker(publisher: Publisher) -> str:
    publisher.answers = [lambda r: r.send(200, LIST)]
    return publisher.address("/operations_2021-04.csv")


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["evidence", "fetch", *words], catch_exceptions=False)


def joined(shown: Any) -> str:
    return " ".join(shown.output.split())


def test_the_known_releases_are_listed_without_asking_anybody(own_home: Path) -> None:
    shown = run()
    assert shown.exit_code == 0
    assert "eurepoc (1.3): licence CC-BY-NC-4.0" in joined(shown)
    assert "cfr (by hand)" in joined(shown)
    assert not own_home.exists()


def test_licence_and_address_are_said_before_and_the_checksum_after(
    publisher: Publisher, tracker: str, own_home: Path
) -> None:
    shown = joined(run("cfr", "--from", tracker, "--yes"))
    digest = hashlib.sha256(LIST).hexdigest()
    assert "Licence: none found: no licence was found" in shown
    assert tracker in shown
    assert f"No checksum was known to compare with. Its SHA-256 is {digest}" in shown
    assert shown.index("Licence") < shown.index(digest)
    (path,) = own_home.rglob("operations_2021-04.csv")
    assert path.read_bytes() == LIST


def test_a_checksum_that_was_given_is_said_to_hold(publisher: Publisher, tracker: str) -> None:
    digest = hashlib.sha256(LIST).hexdigest()
    shown = joined(run("cfr", "--from", tracker, "--yes", "--sha256", digest))
    assert f"SHA-256 as expected: {digest}" in shown


def test_fetching_and_adding(publisher: Publisher, tracker: str) -> None:
    shown = joined(run("cfr", "--from", tracker, "--yes", "--add"))
    assert "cfr: 1 of 1 rows read, 0 set aside." in shown
    again = joined(run("cfr", "--from", tracker, "--yes", "--add"))
    assert "was here already" in again
    assert len(publisher.asked) == 1


def test_without_yes_and_without_a_terminal_nothing_goes_out(
    publisher: Publisher, tracker: str, own_home: Path
) -> None:
    with pytest.raises(FetchError, match="Add --yes"):
        run("cfr", "--from", tracker)
    assert publisher.asked == []
    assert not own_home.exists()


def test_what_cannot_be_added_is_said_before_anything_goes_out(
    publisher: Publisher, tracker: str
) -> None:
    with pytest.raises(FetchError, match="Nothing was fetched"):
        run("my-own", "--from", tracker, "--yes", "--add")
    assert publisher.asked == []


def test_the_limit_is_in_megabytes(publisher: Publisher) -> None:
    publisher.answers = [lambda r: r.send(200, b"x", Content_Length="3000000")]
    with pytest.raises(FetchError, match=r"the limit is 2,000,000"):
        run("cfr", "--from", publisher.address(), "--yes", "--max-size", "2")
    assert run("cfr", "--max-size", "0").exit_code == 2


def test_a_stop_says_that_what_came_is_kept(
    publisher: Publisher, tracker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "download", stopped)
    shown = run("cfr", "--from", tracker, "--yes")
    assert shown.exit_code == 130
    assert "What came is kept" in joined(shown)


def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    with cli_fetch._progress() as silent:
        assert silent is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(cli_fetch, "QUIET", -1.0)
    with cli_fetch._progress() as shown:
        assert shown is not None
        shown(1, None)
        shown(5, 10)


def test_every_error_is_for_people() -> None:
    assert issubclass(FetchError, ComityError)
