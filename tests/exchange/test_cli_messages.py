"""Messages in a terminal: what a person mistypes is said, with what to type instead."""

from __future__ import annotations

import datetime as dt
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from desks import CN, LINE, US, WHAT, bring, sent

from comity.cli import main
from comity.exchange.desk import Desk
from comity.exchange.model import Kind, Level, Terms

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def desks(
    desks: tuple[Desk, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Desk, Desk]:
    """Two desks with a line, in the folders a person names with --home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return desks


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `comity exchange ...`: exit code, and what is printed and said as one line of words."""

    def typed(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["comity", "exchange", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        told = capsys.readouterr()
        return int(stop.value.code or 0), " ".join((told.out + told.err).split())

    return typed


def test_a_draft_says_how_to_give_what_is_missing(run: Run, desks: tuple[Desk, Desk]) -> None:
    code, told = run("draft", LINE, "notification", "--home", US, "--set", "happened=Theft")
    assert code == 0
    assert "8 % complete" in told
    assert "missing: When (--set when=)" in told
    assert "Evidence (--attach)" in told
    (draft,) = desks[0].drafts()
    again = f"comity exchange draft {LINE} notification --edit {draft.id[:8]} --set NAME=VALUE"
    assert again in told
    code, told = run("draft", LINE, "notification", "--home", US, "--edit", draft.id[:8],
                     "--set", "when=2020", "--set", "asked=Who?")  # fmt: skip
    assert code == 0
    assert "--edit" not in told
    assert desks[0].drafts()[0].fields == {"happened": "Theft", "when": "2020", "asked": "Who?"}


def test_a_field_that_was_mistyped_is_named(run: Run, desks: tuple[Desk, Desk]) -> None:
    words = ("draft", LINE, "notification", "--home", US, "--set", "hapened=x", "--set", "zz=y")
    code, told = run(*words)
    assert code == 0
    assert "added: 'hapened', which a notification does not ask for; was happened meant?" in told
    assert "added: 'zz', which a notification does not ask for. It asks for: happened," in told


def test_a_changed_draft_keeps_its_marking(run: Run, desks: tuple[Desk, Desk]) -> None:
    us, _ = desks
    assert run("draft", LINE, "notification", "--home", US, "--marking", "red")[0] == 0
    (draft,) = us.drafts()
    edit = ("draft", LINE, "notification", "--home", US, "--edit", draft.id[:8])
    assert run(*edit, "--set", "when=2020")[0] == 0
    assert us.drafts()[0].marking is Level.RED
    assert run(*edit, "--marking", "green")[0] == 0
    assert us.drafts()[0].marking is Level.GREEN
    assert run("draft", LINE, "notification", "--home", US)[0] == 0
    assert {d.marking for d in us.drafts()} == {Level.GREEN, Level.AMBER}


@pytest.mark.parametrize(
    "words", [("--deadline", "2026-12-01T12:00Z"), ("--set", "by_when=2026-12-01T13:00+01:00")]
)
def test_by_when_is_the_deadline_however_it_is_given(
    run: Run, desks: tuple[Desk, Desk], words: tuple[str, str]
) -> None:
    us, _ = desks
    code, _ = run("draft", LINE, "request", "--home", US, "--set", "asked=Who?", *words, "--send")
    assert code == 0
    (found,) = us.messages(LINE)
    noon = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
    assert found.message.header.deadline == noon
    assert us.opened(found.message).fields["by_when"] == "2026-12-01T12:00:00.000Z"
    code, told = run("draft", LINE, "request", "--home", US, "--set", "by_when=tomorrow")
    assert (code, "'tomorrow' is no time. Write 2026-12-01T12:00Z" in told) == (1, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("acknowledgement",), "Acknowledgement: of what? Say --regards MESSAGE"),
        (("reply", "--set", "answer=Yes"), "Reply: of what? Say --regards MESSAGE"),
        (("closure",), "Closure: a whole thread is closed, no message. Say --thread THREAD."),
        (("acknowledgement", "--regards", "abc"), "Give at least 4 characters of its id"),
        (("aknowledgement",), "'aknowledgement' is no kind of message. There is: "),
        (("notification", "--attach", "none.json"),
         "Cannot read none.json: No such file or directory."),
    ],
)  # fmt: skip
def test_a_message_without_its_place_is_no_draft(
    run: Run, desks: tuple[Desk, Desk], words: tuple[str, ...], why: str
) -> None:
    code, told = run("draft", LINE, words[0], "--home", US, *words[1:])
    assert code == 1
    assert why in told
    assert desks[0].drafts() == ()


def test_a_closure_is_of_a_thread(run: Run, desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    first = sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    of = first.header.id.removeprefix("grouping--")[:8]
    code, told = run("draft", LINE, "closure", "--home", CN, "--regards", of)
    assert code == 1
    assert "Say --thread THREAD" in told
    thread = first.header.thread[:8]
    code, told = run("draft", LINE, "closure", "--home", CN, "--thread", thread, "--send")
    assert code == 0
    assert f"closure {cn.messages(LINE)[-1].message.header.id.removeprefix('grouping--')[:8]}" in (
        told
    )


def test_other_terms_are_an_alarm_until_both_have_the_same(
    run: Run, desks: tuple[Desk, Desk]
) -> None:
    us, cn = desks
    cn.open_line(LINE, [US], terms=Terms(acknowledge_hours=12))
    sent(us, Kind.CHECK)
    bring(us, cn)
    _, told = run("inbox", "--home", CN)
    assert f"Alarm: {US} wrote on {LINE} under other terms or parties than are set here." in told
    assert f"`comity exchange open {LINE}` the same at both desks" in told
    code, told = run("open", LINE, "--home", CN, "--with", US, "--acknowledge", "12")
    assert code == 0
    assert "within 12 hours, as set here; the other parties must set the same" in told
    cn.open_line(LINE, [US], terms=Terms())
    sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    assert "Alarm" not in run("inbox", "--home", CN)[1]
    assert not cn.alarms()


def test_a_line_by_a_name_nobody_knows_is_said_to_be_one(
    run: Run, desks: tuple[Desk, Desk]
) -> None:
    code, told = run("open", "us-cn-hotlin", "--home", US, "--with", CN)
    assert code == 0
    assert "No track of the register is called us-cn-hotlin: `comity process` lists them." in told
    assert re.search(r"Was us-cn-hotline( or [\w-]+)* meant\?", told)
    assert "No track" not in run("open", LINE, "--home", US, "--with", CN)[1]


def test_nobody_else_of_the_machine_reads_a_desk(run: Run, tmp_path: Path) -> None:
    made_here = tmp_path / "new"
    url = "https://127.0.0.1:8443/taxii2/line/"
    words = ("--party", US, "--country", "US", "--name", "United States", "--url", url)
    assert run("init", "--home", str(made_here), *words)[0] == 0
    for path in (made_here, made_here / "exchange.sqlite", made_here / "keys"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_half_a_fingerprint_is_said_to_be_half(
    run: Run, desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    assert run("contacts", "export", "--home", US, "us.card")[0] == 0
    assert run("contacts", "forget", "--home", CN, US)[0] == 0
    code, told = run("contacts", "import", "--home", CN, "us.card")
    assert code == 1
    assert f"comity exchange contacts import --home {CN} us.card --fingerprint" in told
    words = ("contacts", "import", "--home", CN, "us.card", "--fingerprint")
    code, told = run(*words, "ACDQ UDNI")
    assert code == 1
    assert "A fingerprint has 32 letters; 8 were given: 'ACDQ UDNI'." in told
    code, told = run(*words, "ACDQ " * 8)
    assert code == 1
    assert "somebody put other keys into the card" in told


def test_the_quota_of_a_line_is_shown_and_set(run: Run, desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    code, told = run("quota", LINE, "--home", US)
    assert code == 0
    assert "10,000 messages and 200 MB" in told
    code, told = run("quota", LINE, "--home", US, "--messages", "1", "--megabytes", "5")
    assert "1 messages and 5 MB" in told
    for _ in range(2):
        sent(cn, Kind.NOTIFICATION, WHAT)
    bring(cn, us)
    told = run("quota", LINE, "--home", US)[1]
    assert told.endswith(f"{CN} 0 0.0 {us.clock():%Y-%m-%d}")  # this desk's own clock is in March
