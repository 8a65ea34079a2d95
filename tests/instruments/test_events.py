"""The table of dated events: sound, and every question's rivals beside it."""

import datetime as dt

import pytest

import comity
from comity.instruments.events import COLUMNS, check_events, load_events

HEADER = "\t".join(COLUMNS) + "\n"
GOOD = "2015-04-01\tCN\tan order\thttps://example.org/a\tseen\n"


def test_what_ships_is_sound_and_by_date():
    assert check_events() == ()
    events = load_events({"CN"})
    assert [e.date for e in events] == sorted(e.date for e in events)
    assert {e.about for e in events} == {"CN"}
    assert dt.date(2014, 5, 19) in {e.date for e in events}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2015\tCN\tan order\thttps://example.org/a\tseen\n", "not a full day"),
        ("2015-04-01\tChina\tan order\thttps://example.org/a\tseen\n", "about"),
        ("2015-04-01\tCN\t\thttps://example.org/a\tseen\n", "0 characters"),
        ("2015-04-01\tCN\tother\tftp://example.org/a\tseen\n", "not an http(s) address"),
        ("2015-04-01\tCN\tother\thttps://example.org/a\tsure\n", "status"),
        ("2015-04-01\tCN\tan order\n", "3 columns"),
        (GOOD, "twice"),
    ],
)
def test_every_problem_is_told_with_its_line(tmp_path, row, said):
    table = tmp_path / "events.tsv"
    table.write_text(HEADER + GOOD + row)
    (problem,) = check_events(table)
    assert problem.startswith("events.tsv:3: ")
    assert said in problem


def test_a_verdicts_onset_takes_the_tables_events_and_none_twice():
    verdict = comity.verify("us-china-2015", mirror=False, examine=("onset",))
    labels = [a.label for a in verdict.examination.onset.accounts]
    assert len(labels) == len(set(labels))
    assert any("ties a unit of China's army" in label for label in labels)
    declared = {r.what for r in verdict.question.rivals}
    assert declared <= set(labels)
