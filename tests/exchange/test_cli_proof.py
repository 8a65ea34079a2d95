"""Proofs in a terminal and on a page: what a person types, reads and hands on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from desks import CN, LINE, US, WHAT, Clock, bring, joined, made, sent
from sqlalchemy import text

from comity.cli import main
from comity.exchange.account_check import read_account
from comity.exchange.desk import Desk
from comity.exchange.model import Kind

NASTY = '<script>alert(1)</script> "quoted" & red'
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, Desk]]:
    """Two desks with one consultation, in the folders a person names with --home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    first = sent(us, Kind.NOTIFICATION, WHAT | {"happened": NASTY}, seal=True)
    bring(us, cn)
    sent(cn, Kind.ACKNOWLEDGEMENT, thread=first.header.thread, regards=first.header.id)
    bring(cn, us)
    yield us, cn
    us.close()
    cn.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `comity exchange ...`: exit code, output in one line of words, error stream."""

    def typed(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["comity", "exchange", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        told = capsys.readouterr()
        return int(stop.value.code or 0), " ".join(told.out.split()), " ".join(told.err.split())

    return typed


def thread_of(desk: Desk) -> str:
    return desk.messages(LINE)[0].message.header.thread


def test_a_sound_journal_is_said_to_be_so_and_a_changed_one_exits_with_one(
    run: Run, desks: tuple[Desk, Desk]
) -> None:
    us, _ = desks
    code, out, _ = run("verify", "--home", US)
    assert code == 0
    assert out.startswith(f"{LINE}: sound: 2 entries (hashes, order, messages, signatures).")
    with us.database.writing() as link:
        link.execute(text("update journal set body = replace(body, 'received', 'rejected')"))
    code, out, _ = run("verify", "--home", US, "--line", LINE, "--no-signatures")
    assert code == 1
    assert out.startswith(f"{LINE}: not sound, at entry 2 (changed). Entry 2 was changed")
    assert out.endswith("The 1 entries before it are sound.")
    code, out, _ = run("verify", "--home", US, "--json")
    assert code == 1
    (found,) = json.loads(out)
    assert (found["sound"], found["fault"]["kind"], found["fault"]["n"]) == (False, "changed", 2)


def test_a_desk_without_a_line_has_no_journal_to_verify(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made(tmp_path, US, Clock()).close()
    assert run("verify", "--home", US)[:2] == (
        0, "No line is open here: there is no journal to verify.",
    )  # fmt: skip


def test_a_journal_is_shown_exported_and_compared(run: Run, desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    code, out, _ = run("journal", "show", LINE, "--home", US)
    assert code == 0
    assert out.startswith("n recorded what sender number digest 1 2026-03-02T09:00:")
    assert run("journal", LINE, "--home", US)[:2] == (0, out)
    assert "export" in run("journal")[1]  # what there is, where nothing is asked
    assert (
        len(json.loads(run("journal", "show", LINE, "--last", "1", "--home", US, "--json")[1])) == 1
    )
    for desk in (US, CN):
        code, out, _ = run("journal", "export", LINE, f"{desk}.json", "--home", desk)
        assert code == 0
        assert f"comity exchange compare {desk}.json" in out
    code, out, _ = run("compare", f"{CN}.json", "--home", US)
    assert code == 0
    assert out.startswith(f"{LINE}: same. The journals of {US} and {CN} hold the same messages.")
    code, out, _ = run("compare", f"{CN}.json", f"{US}.json")
    assert code == 0
    assert out.count("compare it by telephone") == 2
    assert run("verify", "--against", f"{CN}.json", "--home", US)[0] == 0
    sent(us, Kind.CHECK)
    code, out, _ = run("compare", f"{CN}.json", "--home", US, "--json")
    assert (code, json.loads(out)["standing"]) == (0, "behind")
    assert cn.party == CN


def test_a_contradiction_is_shown_with_both_signed_messages(
    run: Run, desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    """The United States' desk is put back whole, with its file of numbers, and signs one anew."""
    us, cn = desks
    shutil.copytree(us.home, tmp_path / "copy")
    sent(us, Kind.CHECK)
    bring(us, cn)
    old = Desk.open(tmp_path / "copy", us.clock)
    sent(old, Kind.NOTIFICATION, WHAT)
    old.close()
    asked = ("--message", f"{US}:2")
    assert run("journal", "export", LINE, "old.json", *asked, "--home", "copy")[0] == 0
    code, out, _ = run("compare", "old.json", "--home", CN)
    assert code == 1
    assert f"Of {US}, the journals contradict from message 2 on" in out
    assert f"Both are signed by {US}: that is the proof that it signed two." in out
    assert out.count(" digest ") == 2
    assert len(re.findall(r"signed [\w-]+\.\.[\w-]+", out)) == 2
    (chain,) = [
        c for c in json.loads(run("compare", "old.json", "--home", CN, "--json")[1])["chains"]
        if c["contradiction"]
    ]  # fmt: skip
    assert chain["contradiction"]["proven"] is True
    code, out, err = run("journal", "export", LINE, "x.json", "--message", "us", "--home", CN)
    assert code != 0
    assert "--message takes PARTY:NUMBER" in out + err


def test_an_account_is_written_verified_alone_and_compared(
    run: Run, desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    us, _ = desks
    thread = thread_of(us)
    for desk in (US, CN):
        words = ("account", thread[:8], "--out", f"{desk}.json", "--page", f"{desk}.html")
        code, out, _ = run(*words, "--home", desk)
        assert code == 0
        assert f"comity exchange verify-account {desk}.json" in out
    code, out, _ = run("verify-account", f"{US}.json", f"{CN}.json", "--page", "again.html")
    assert code == 0
    assert out.startswith(f"Same: {US} and {CN} give the same 2 messages, digest by digest.")
    assert "Happened" in out or "happened" in out
    assert "\x1b" not in out
    bundle = (tmp_path / f"{US}.json").read_text("utf-8")
    (tmp_path / "false.json").write_text(bundle.replace("2026-02", "2026-01"), encoding="utf-8")
    code, out, _ = run("verify-account", f"{CN}.json", "false.json")
    assert code == 1
    assert out.startswith(f"{US}: This account does NOT hold.")
    code, out, _ = run("verify-account", "false.json")
    assert code == 1
    assert "does NOT hold" in out
    found = json.loads(run("verify-account", f"{US}.json", "--json")[1])
    assert found["sound"] is True
    assert [m["kind"] for m in found["messages"]] == ["notification", "acknowledgement"]
    shown = json.loads(run("account", thread, "--home", US, "--json")[1])
    assert [m["digest"] for m in shown["messages"]] == [m["digest"] for m in found["messages"]]


def test_what_the_audience_may_not_read_is_not_in_the_file(
    run: Run, desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    thread = thread_of(desks[0])
    words = ("account", thread, "--out", "green.json", "--audience", "green", "--home", US)
    assert run(*words)[0] == 0
    assert "alert(1)" not in (tmp_path / "green.json").read_text("utf-8")
    code, out, _ = run("verify-account", "green.json")
    assert code == 0
    assert "2 messages left out for the audience; the digests are there." in out
    code, out, err = run("account", thread, "--audience", "purple", "--home", US)
    assert code != 0
    assert "There are: clear, green, amber, amber+strict, red." in out + err


class Tags(HTMLParser):
    """The tags of a page and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_of_an_account_holds_what_was_said_escaped_and_asks_for_nothing(
    run: Run, desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    us, _ = desks
    run("account", thread_of(us), "--out", "a.json", "--page", "a.html", "--home", US)
    page = (tmp_path / "a.html").read_text("utf-8")
    found = read_account((tmp_path / "a.json").read_text("utf-8"))
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags
    assert "<script>alert(1)</script>" in tags.text
    assert "\x1b" not in page
    assert "src=" not in page
    assert f"Account of the notification of {US}, 2026-03-02" in tags.text
    assert f"Thread {found.thread}" in tags.text
    for wanted in (found.root, *(m.digest for m in found.messages),
                   *(s.fingerprint for s in found.signers), "It holds"):  # fmt: skip
        assert wanted in tags.text
    false = (tmp_path / "a.json").read_text("utf-8").replace("2026-02", "2026-01")
    (tmp_path / "b.json").write_text(false, encoding="utf-8")
    assert run("verify-account", "b.json", "--page", "b.html")[0] == 1
    assert "It does not hold" in (tmp_path / "b.html").read_text("utf-8")


def test_files_that_cannot_be_read_are_named(run: Run, tmp_path: Path) -> None:
    for words in (("verify-account", str(tmp_path)), ("compare", "none.json", "none.json")):
        code, out, err = run(*words)
        assert code != 0
        assert "Cannot read" in out + err
    (tmp_path / "x").write_bytes(b"\xff\xfe")
    code, out, err = run("verify-account", str(tmp_path / "x"))
    assert code != 0
    assert "is no text" in out + err
