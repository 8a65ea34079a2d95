"""A line as a desk keeps it: checks sent and answered, an incident on its way, and the record that
`comity process` shows beside the public one."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from desks import CN, LINE, UN, US, WHAT, Clock, bring, joined, made, sent
from typer.testing import CliRunner

from comity.api_exchange import evidence_bundle, on_the_line
from comity.errors import ExchangeError, RefusedError, SourceError
from comity.exchange.checks import answer_checks, send_checks
from comity.exchange.content import read_objects, without_repeats
from comity.exchange.desk import OPERATOR, Desk
from comity.exchange.marking import level_of, may_pass
from comity.exchange.messages import identity_of
from comity.exchange.model import Draft, Kind, Level, Message, Reason


@pytest.fixture
def two(tmp_path: Path) -> tuple[Desk, Desk, Clock]:
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    return us, cn, clock


def run(app: Any, *arguments: str) -> Any:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def process(*arguments: str) -> Any:
    from comity.cli_process import process_app

    return run(process_app, *arguments)


def show(*arguments: str) -> Any:
    from comity.cli_evidence import evidence_app

    return run(evidence_app, "show", *arguments)


# checks


def test_a_check_is_sent_where_one_is_due_and_answered_once(two: tuple[Desk, Desk, Clock]) -> None:
    us, cn, clock = two
    (check,) = send_checks(us, us.lines(), OPERATOR, due_only=True)
    assert isinstance(check, Message)
    assert send_checks(us, us.lines(), OPERATOR, due_only=True) == ()
    bring(us, cn)
    assert send_checks(cn, cn.lines(), OPERATOR, due_only=True) == ()  # the other's counts
    clock.move(days=5)
    (answer,) = answer_checks(cn, cn.lines(), OPERATOR)
    assert isinstance(answer, Message)
    assert answer.header.regards == check.header.id
    assert answer_checks(cn, cn.lines(), OPERATOR) == ()
    assert answer_checks(us, us.lines(), OPERATOR) == ()
    clock.move(days=26)
    assert len(send_checks(cn, cn.lines(), OPERATOR, due_only=True)) == 1
    assert len(send_checks(cn, cn.lines(), OPERATOR)) == 1


def test_where_two_persons_release_a_check_waits_for_the_second(tmp_path: Path) -> None:
    clock = Clock()
    us, cn = made(tmp_path, US, clock, two_persons=True), made(tmp_path, CN, clock)
    joined(us, cn)
    (waiting,) = send_checks(us, us.lines(), OPERATOR)
    assert isinstance(waiting, Draft)
    assert us.threads() == ()


# an incident on its way


def test_an_incident_becomes_a_bundle_that_a_message_carries(
    two: tuple[Desk, Desk, Clock], tmp_path: Path
) -> None:
    us, cn, _ = two
    file = tmp_path / "evidence.json"
    shown = show("dcid:43", "--stix", str(file))
    assert shown.exit_code == 0
    assert "marked TLP:CLEAR" in shown.stderr
    objects = read_objects(file.read_text(encoding="utf-8"))
    assert {o["type"] for o in objects} >= {"incident", "note", "relationship", "identity"}
    assert {level_of(o) for o in objects if o["type"] == "incident"} == {Level.CLEAR}
    told = sent(us, Kind.NOTIFICATION, WHAT, objects=without_repeats([*objects, *objects]))
    bring(us, cn)
    (there,) = cn.thread(told.header.thread)
    incident = next(o for o in objects if o["type"] == "incident")
    assert incident in cn.opened(there.message).objects


def test_the_bundle_passes_the_validator_of_oasis(tmp_path: Path) -> None:
    from stix2validator import ValidationOptions, validate_string

    for marking in ("", "green"):
        bundle, _ = evidence_bundle("dcid:43", marking)
        result = validate_string(bundle.decode(), ValidationOptions(version="2.1"))
        assert result.is_valid, result.errors


def test_a_restricted_incident_is_the_partys_own_and_goes_where_it_sends_it(
    two: tuple[Desk, Desk, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, _, _ = two
    monkeypatch.setenv("COMITY_EXCHANGE", str(us.home))
    bundle, level = evidence_bundle("dcid:43", "amber")
    objects = read_objects(bundle.decode())
    assert level is Level.AMBER
    incident = next(o for o in objects if o["type"] == "incident")
    assert (incident["created_by_ref"], level_of(incident)) == (identity_of(US), Level.AMBER)
    may_pass(objects, identity_of(US), {identity_of(US), identity_of(CN)})
    with pytest.raises(RefusedError) as caught:
        may_pass(objects, identity_of(CN), {identity_of(CN), identity_of(UN)})
    assert caught.value.reason == Reason.MARKING
    told = sent(us, Kind.NOTIFICATION, WHAT, objects=objects)
    assert told.header.number == 1


def test_what_cannot_become_a_bundle_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_EXCHANGE", str(tmp_path / "none"))
    with pytest.raises(ExchangeError, match="There is: clear, green, amber"):
        evidence_bundle("dcid:43", "purple")
    with pytest.raises(ExchangeError, match="There is no desk in"):
        evidence_bundle("dcid:43", "red")
    with pytest.raises(SourceError):
        evidence_bundle("dcid:none")


def test_an_incident_that_may_not_be_passed_on_goes_only_at_the_users_own_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.incidents.add import add_files

    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    (tmp_path / "mine.csv").write_text("i,n,d\n1,Heron,2015-09-25\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(
        '[list]\nname = "mine"\nrelease = "1"\ntitle = "Mine"\n'
        '[columns]\nid = "i"\nname = "n"\nstart = "d"\n',
        encoding="utf-8",
    )
    add_files("mine", [tmp_path / "mine.csv"], tmp_path / "mine.toml")
    with pytest.raises(ExchangeError, match="on your own judgement"):
        evidence_bundle("mine:1")
    bundle, level = evidence_bundle("mine:1", "green")
    assert level is Level.GREEN
    assert "Heron" in bundle.decode()


# the record


def consulted(us: Desk, cn: Desk, clock: Clock) -> None:
    """A check answered after two hours; a request answered in part, then in full, next day."""
    send_checks(us, us.lines(), OPERATOR)
    bring(us, cn)
    clock.move(hours=2)
    answer_checks(cn, cn.lines(), OPERATOR)
    bring(cn, us)
    told = sent(us, Kind.REQUEST, WHAT, seal=True)
    bring(us, cn)
    said = {"thread": told.header.thread, "regards": told.header.id, "seal": True}
    clock.move(hours=3)
    sent(cn, Kind.REPLY, {"answer": "One of them.", "final": "no"}, **said)
    clock.move(hours=21)
    sent(cn, Kind.REPLY, {"answer": "The other too.", "final": "yes"}, **said)
    bring(cn, us)


def test_a_desk_shows_its_line_beside_the_public_record_and_not_in_it(
    two: tuple[Desk, Desk, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn, clock = two
    monkeypatch.setenv("COMITY_EXCHANGE", str(us.home / "none"))
    public = process(LINE, "--as-of", "2026-03-04").output
    data = json.loads(process(LINE, "--as-of", "2026-03-04", "--json").output)
    assert "journal" not in public
    consulted(us, cn, clock)
    monkeypatch.setenv("COMITY_EXCHANGE", str(us.home))
    shown = process(LINE, "--as-of", "2026-03-04").output
    pointer, _, rest = shown.partition("\n\n")
    assert pointer.replace("\n", " ").strip() == (
        f"{LINE} is open (on the line, by this desk's journal: at the end)."
    )
    assert rest.startswith(public)
    section = " ".join(rest[len(public) :].split())
    assert "On the line, by this desk's journal" in section
    assert "us-cn-hotline between china.example and us.example: open" in section
    assert "last contact 2026-03-03 (1 day before)" in section
    assert "1 communication check, 1 answered (100 %)" in section
    assert "china.example: 1 of 1 requests answered after 24 h - 2026" in section
    assert "china.example: 1 of 1 requests acknowledged after 3 h" in section
    assert "us.example: 0 of" not in section
    assert "2026-03-02 A communication check was answered (China)" in section
    assert "2026-03-02 A consultation was begun (United States)" in section
    assert "Credentials" not in section
    assert max(map(len, rest[len(public) :].splitlines())) <= 80
    with_desk = json.loads(process(LINE, "--as-of", "2026-03-04", "--json").output)
    (kept,) = with_desk.pop("on_the_line")
    assert with_desk == data
    assert (kept["record"]["checks"], kept["record"]["answered"]) == (1, 1)


def test_a_record_as_of_a_day_knows_nothing_sent_later(two: tuple[Desk, Desk, Clock]) -> None:
    us, cn, clock = two
    consulted(us, cn, clock)
    (early,) = on_the_line([LINE], dt.date(2026, 3, 2), us.home)
    times = {(t.owes, t.on): t for t in early.record.times}
    assert times[(Kind.REPLY, Kind.REQUEST)].given == 0
    assert times[(Kind.ACKNOWLEDGEMENT, Kind.REQUEST)].given == 1
    assert on_the_line([LINE], dt.date(2026, 3, 1), us.home)[0].record.messages == 0
    assert on_the_line(["us-cn-cwg"], None, us.home) == ()


def test_the_other_desk_tells_the_same(two: tuple[Desk, Desk, Clock]) -> None:
    us, cn, clock = two
    consulted(us, cn, clock)
    day = dt.date(2026, 3, 5)
    assert on_the_line([LINE], day, us.home) == on_the_line([LINE], day, cn.home)


def test_a_desk_that_cannot_be_read_does_not_hide_the_public_record(
    two: tuple[Desk, Desk, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, _, _ = two
    (us.home / "desk.json").write_text("{", encoding="utf-8")
    monkeypatch.setenv("COMITY_EXCHANGE", str(us.home))
    shown = process(LINE)
    assert shown.exit_code == 0
    assert "The desk here cannot be read" in shown.output
    assert "Cybercrime hotline" in shown.output
