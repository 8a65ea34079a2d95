"""One verdict, computed once, and a home of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

import comity
from comity.history.entries import entry_of
from comity.history.model import Entry
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence

QUESTION = "us-russia-2021"  # nothing is fitted: quick


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return load_evidence(("dcid",))


@pytest.fixture(scope="session")
def verdict(evidence: Evidence) -> comity.Verdict:
    return comity.verify(QUESTION, evidence)


@pytest.fixture(scope="session")
def fitted(evidence: Evidence) -> comity.Verdict:
    return comity.verify("us-china-2015", evidence, mirror=False)


@pytest.fixture(scope="session")
def entry(fitted: comity.Verdict, evidence: Evidence) -> Entry:
    return entry_of(fitted, evidence)
