"""The public functions that join the rooms."""

import datetime as dt
from dataclasses import FrozenInstanceError, replace

import pytest

import comity
from comity.errors import QuestionError
from comity.incidents.load import load_evidence
from comity.instruments.register import load_register
from comity.verification.question import load_question


@pytest.fixture(autouse=True)
def _empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def verdict():
    return comity.verify("us-china-2015", load_evidence(("dcid",)))


def test_the_shipped_evidence_gives_the_counts_its_readme_states(verdict):
    # China to the United States, private espionage: 14 before, 8 after; government and military
    # 21 before, 3 after (facts of DCID 2.0).
    narrow, control = (verdict.change_of(s) for s in ("narrow", "uncovered-targets"))
    assert (narrow.before, narrow.after) == (14, 8)
    assert (control.before, control.after) == (21, 3)


def test_the_verdict_is_where_the_prototypes_were(verdict):
    whole = verdict.change_of("whole-dyad", estimand="jump")
    assert 0.2 < whole.ratio.median < 0.45
    assert whole.fell > 0.95
    alone = verdict.change_of("narrow", "target-alone")
    assert 0.7 < alone.ratio.median < 1.2
    assert verdict.changed.term == "no change established"
    assert verdict.because.term == "cannot be separated"
    assert verdict.kept.term == "breach claimed by 2 independent parties"


def test_a_verdict_has_findings_a_mirror_and_cannot_be_changed(verdict):
    assert [f.name for f in verdict.findings] == [
        "change", "displacement", "persistence", "by-list", "by-claimant", "date-reading",
    ]  # fmt: skip
    assert verdict.mirror.question.id == "us-china-2015-mirror"
    with pytest.raises(FrozenInstanceError):
        verdict.version = "9"


def test_the_same_seed_gives_the_same_verdict_and_another_the_same_words(verdict):
    again = comity.verify("us-china-2015", load_evidence(("dcid",)))
    assert again.to_json() == verdict.to_json()
    other = comity.verify("us-china-2015", load_evidence(("dcid",)), seed=7)
    assert other.changed.term == verdict.changed.term
    assert other.changed.probability == pytest.approx(verdict.changed.probability, abs=0.03)


def test_others_are_owed_the_same_from_the_day_they_are_party():
    owed = comity.api.others_under_promise(load_register(), load_question("us-china-2015"))
    assert owed["GB"].isoformat() == "2015-10-22"
    assert owed["JP"].isoformat() == "2015-11-16"
    assert not {"CN", "US", "TW", "VN"} & set(owed)


def test_a_level_that_is_no_interval_is_refused():
    with pytest.raises(QuestionError, match="level"):
        comity.verify("us-russia-2021", level=1.5)


def test_a_window_that_ends_before_the_list_does_is_answered_in_numbers():
    # One draw of the delay once weighed a fit's draws by ratios whose largest met a weight of
    # nothing: every weight was 0/0, and nothing could be said.
    question = replace(load_question("us-china-2015"), window_to=dt.date(2019, 12, 31))
    verdict = comity.verify(question, load_evidence(("dcid",)), mirror=False)
    assert all(p.below is None or 0 <= p.below <= 1 for p in verdict.persistence)
    assert verdict.changed.probability is not None


def test_incidents_are_not_counted_against_a_text_that_prohibits_nothing():
    asked = replace(load_question("us-russia-2021"), instrument="us-russia-2013", norm="")
    with pytest.raises(QuestionError, match="prohibits nothing"):
        comity.verify(asked, mirror=False)
