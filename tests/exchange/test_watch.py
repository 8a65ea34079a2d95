"""Watching for messages: told once of each, by a program that no shell reads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from desks import LINE, WHAT, bring, sent
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import ExchangeError
from comity.exchange.desk import Desk
from comity.exchange.model import Kind
from comity.exchange.watch import arrivals, read_command, run_command, told


def notify(us: Desk, cn: Desk) -> None:
    sent(cn, Kind.NOTIFICATION, WHAT)
    bring(cn, us)


def test_each_message_is_told_once_in_the_order_it_came(desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    notify(us, cn)
    todo = [lambda: None, lambda: notify(us, cn), lambda: us.mark_read(LINE, ["x"]),
            lambda: notify(us, cn)]  # fmt: skip
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        todo.pop(0)()

    seen = arrivals(us, sleep, 0.1)
    numbers = [[one.message.header.number for one in next(seen)] for _ in range(3)]
    assert numbers == [[1], [2], [3]]
    assert set(waited) == {1.0}  # never more often than once a second


def test_what_is_told_has_no_word_of_the_message(desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    notify(us, cn)
    line = told(us.unread()[0])
    assert line.startswith("Notification from china.example on us-cn-hotline, thread ")
    assert "grid" not in line


def test_a_program_is_run_without_a_shell_and_told_the_number_alone(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    said = "os.environ['COMITY_UNREAD'] + str(sys.argv[1:])"
    code = f"import os, sys; open({str(kept)!r}, 'w').write({said})"
    words = [*read_command(f"{sys.executable} -c"), code, "$(id); `id`"]
    assert run_command(words, 2) == ""
    assert kept.read_text(encoding="utf-8") == "2['$(id); `id`']"
    assert "ended with 3" in run_command([sys.executable, "-c", "raise SystemExit(3)"], 1)
    assert "cannot be run" in run_command([str(tmp_path / "none")], 1)


@pytest.mark.parametrize("text", ["", "  ", 'say "unread'])
def test_a_command_that_is_none_is_said(text: str) -> None:
    with pytest.raises(ExchangeError):
        read_command(text)


def test_in_a_terminal_a_bell_and_a_line_for_each(desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    command = ["exchange", "watch", "--once", "--home", str(us.home)]
    assert CliRunner().invoke(app, command).exit_code == 0
    notify(us, cn)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 3
    assert done.output.startswith("\aNotification from china.example")
