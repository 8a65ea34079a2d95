"""Verdicts made by hand, for every test of the report."""

from __future__ import annotations

import pytest
from sample import not_identified, sample_verdict, two_lists

from comity.verification.model import Verdict


@pytest.fixture
def verdict() -> Verdict:
    return sample_verdict()


@pytest.fixture
def unidentified() -> Verdict:
    return not_identified()


@pytest.fixture
def with_two_lists() -> Verdict:
    return two_lists()
