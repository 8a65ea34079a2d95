"""What is published of a track's terms, what is assumed, and when a line is due a check."""

from __future__ import annotations

import datetime as dt

from order_world import START, header

from comity.exchange.checks import checks_due, last_check
from comity.exchange.model import Kind, Line, Terms
from comity.exchange.terms import (
    COLUMNS,
    TERMS,
    check_terms,
    published_terms,
    read_terms,
    terms_of,
)

HEAD = "\t".join(COLUMNS)


def test_the_table_that_ships_is_in_order_and_every_row_has_a_source() -> None:
    assert check_terms() == ()
    rows = published_terms()
    assert len(rows) == len({(r.track, r.term, r.value, r.what) for r in rows})
    assert all(row.sources for row in rows)
    assert {row.term for row in rows} <= set(TERMS)
    assert [r.value for r in rows if r.status == "seen" and r.value is not None] == []


def test_what_no_number_is_published_for_is_said_to_be_assumed() -> None:
    found = terms_of("us-cn-hljd")
    assert found.title == "High-Level Joint Dialogue on Cybercrime"
    assert found.terms == Terms()
    acknowledge, answer, check = found.lines()
    assert acknowledge == (
        "A message is acknowledged within 24 hours, assumed, since no number is published."
    )
    assert answer.startswith("A request is answered within 72 hours, assumed")
    assert "[seen: https://defensedaily.com/" in answer
    assert "every 30 days, assumed" in check


def test_a_published_number_is_the_default_and_its_status_is_said() -> None:
    found = terms_of("un-poc")
    assert found.terms.check_days == 183
    assert "every 183 days, which nobody checked" in found.lines()[2]
    assert "every 30 days, as set here; the other" in found.lines(Terms(check_days=30))[2]
    table = f"{HEAD}\nun-poc\tcheck\t90\tSo they say\thttps://a.example/\tseen\n"
    ((row,), problems) = read_terms(table.encode())
    assert problems == ()
    assert (row.value, row.status) == (90.0, "seen")


def test_a_track_nobody_knows_has_the_assumed_terms_and_no_title() -> None:
    found = terms_of("us-mars")
    assert (found.title, found.terms, found.published) == ("", Terms(), ())


def test_every_problem_of_a_table_is_told_by_line() -> None:
    rows = [
        "un-poc\tcheck\t0\tw\thttps://a.example/\tseen",
        "un-poc\tcheck\tx\tw\thttps://a.example/\tseen",
        "nowhere\tcheck\t1\tw\thttps://a.example/\tseen",
        "un-poc\tspeed\t1\tw\thttps://a.example/\tseen",
        "un-poc\tcheck\t1\t\tftp://a.example/\tsure",
    ]
    found, problems = read_terms("\n".join([HEAD, *rows, ""]).encode())
    assert found == ()
    said = "\n".join(problems)
    assert "terms.tsv:2: value '0' must be a number above 0" in said
    assert "terms.tsv:3: value 'x'" in said
    assert "terms.tsv:4: there is no track 'nowhere'" in said
    assert "terms.tsv:5: term is 'speed'" in said
    assert "terms.tsv:6: what is empty" in said
    assert "no http(s) address" in said
    assert "status is 'sure'" in said


def test_a_line_is_due_a_check_when_its_days_are_over_and_at_once_where_it_never_had_one() -> None:
    lines = [
        Line(name, name, ("a.example", "b.example"), Terms(check_days=days))
        for name, days in (("old", 30.0), ("new", 30.0), ("never", 30.0), ("slow", 183.0))
    ]
    day = dt.timedelta(days=1)
    last = {"old": START - 31 * day, "new": START - 29 * day, "slow": START - 31 * day}
    found = checks_due(lines, last, START)
    assert [(one.line, one.last, one.due) for one in found] == [
        ("old", START - 31 * day, START - day),
        ("never", None, START),
    ]
    assert [one.line for one in checks_due(lines[1:2], last, START + day)] == ["new"]


def test_the_last_check_of_any_party_counts() -> None:
    sent = [
        header("a.example", 1, Kind.CHECK, hours=1),
        header("b.example", 1, Kind.CHECK, hours=5),
        header("a.example", 2, Kind.NOTIFICATION, hours=9),
    ]
    assert last_check(sent) == START + dt.timedelta(hours=5)
    assert last_check(sent[2:]) is None
