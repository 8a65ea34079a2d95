"""Schemathesis asks a started workbench everything its description allows, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import served

pytestmark = [pytest.mark.schema]

SEED = "20150925"
# A view may refuse what its description allows (a code that no country has), and answers text where
# a whole number was described, where it is one: those two checks say nothing about it.
USUAL = ("--seed", SEED, "--workers", "2", "--generation-database", "none", "--no-color",
         "--continue-on-failure", "--request-timeout", "150",
         "--exclude-checks", "negative_data_rejection,positive_data_acceptance")  # fmt: skip
FITTED = "^/(verdict/|verdicts|index)"  # every other control is another fit
RUNS = {
    "read": ("--exclude-path-regex", FITTED, "--phases", "examples,coverage,fuzzing",
             "--max-examples", "3", "--max-time", "70"),
    "fitted": ("--include-path-regex", FITTED, "--phases", "examples,fuzzing",
               "--max-examples", "2", "--max-time", "40"),
}  # fmt: skip
LONGEST = 400  # seconds until a run is stopped, and fails


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("home")) as found:
        with urllib.request.urlopen(f"{found}/verdict/us-china-2015", timeout=150) as answer:
            assert answer.status == 200  # its workers are up: what follows is asked of them warm
        yield found


@pytest.mark.parametrize("run", RUNS)
def test_every_address_is_answered_as_described(address: str, run: str, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="uv run --group schema pytest -m schema")
    report = tmp_path / "junit.xml"
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", *USUAL,
         *RUNS[run], "--report-junit-path", str(report)],
        capture_output=True, text=True, timeout=LONGEST, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    # On a busy machine the time is spent before every address was asked: never before ten were.
    assert report.read_text("utf-8").count("<testcase ") > 10
