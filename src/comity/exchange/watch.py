"""Waiting for messages without a page: told once of each that comes, in a terminal or a program."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from comity.errors import ExchangeError
from comity.exchange.messages import TITLES
from comity.exchange.model import Received
from comity.exchange.reading import count_unread

if TYPE_CHECKING:
    from comity.exchange.desk import Desk

LEAST_EVERY = 1.0  # seconds between two looks
RUNS = 60.0  # seconds a command may take


def arrivals(desk: Desk, sleep: Callable[[float], None], every: float) -> Iterator[list[Received]]:
    """Yield what is unread now, then, whenever something more came, what did; for ever.

    `sleep` waits that many seconds between two looks. A look that fails since the database is
    busy is tried again.
    """
    told: set[tuple[str, str]] = set()
    before = (0, "")
    while True:
        unread: tuple[Received, ...] = ()
        try:
            with desk.database.reading() as link:
                count, latest = count_unread(link)
            if count > before[0] or latest > before[1]:  # else nothing came: no message is read
                unread = desk.unread()
            before = count, max(latest, before[1])
        except ExchangeError:
            before = (0, "")
        new = [one for one in unread if (one.entry.line, one.message.digest) not in told]
        told = {(one.entry.line, one.message.digest) for one in unread} | told
        if new:
            yield new
        sleep(max(every, LEAST_EVERY))


def told(one: Received) -> str:
    """Return a line that says what came, from whom and where; no word of what it says."""
    header = one.message.header
    return (
        f"{TITLES[header.kind]} from {header.sender} on {header.line}, thread {header.thread[:8]}"
    )


def read_command(text: str) -> list[str]:
    """Return a command as its words, as a shell would part them. Raises ExchangeError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ExchangeError(f"The command {text[:80]!r} has a quote without its end.") from error
    if not words:
        raise ExchangeError("The command is empty; name a program, with its arguments.")
    return words


def run_command(words: list[str], count: int) -> str:
    """Run a command, without a shell; return what went wrong, empty where nothing did.

    It is told the number of messages in COMITY_UNREAD and nothing else: what another party wrote
    is never an argument of a program here.
    """
    environment = {**os.environ, "COMITY_UNREAD": str(count)}
    try:
        done = subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, timeout=RUNS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{words[0]} took more than {RUNS:.0f} seconds and was stopped."
    except OSError as error:
        return f"{words[0]} cannot be run: {error.strerror or error}."
    return f"{words[0]} ended with {done.returncode}." if done.returncode else ""
