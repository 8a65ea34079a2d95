"""Work on several processors: the same answers, errors that arrive, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.errors import ComityError
from comity.verification.examine import pool
from comity.verification.examine.pool import run_all

PIECES = list(range(60))


def square(number):
    return number * number


def talk(number):
    print("a line that is no answer", number)
    return number


def refuse(number):
    if number == 41:
        raise ValueError("not forty-one")
    return number


def die(number):
    if number == 17:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Let a worker find this module by name."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def children():
    """Return the workers of this process that still run."""
    found = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True
    ).stdout
    return [line for line in found.splitlines() if "examine.worker" in line]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_answers_are_in_order_for_any_number_of_workers(workers):
    assert run_all(square, PIECES, workers) == [square(p) for p in PIECES]


def test_what_the_work_prints_is_no_answer(capfd):
    assert run_all(talk, PIECES, 2) == PIECES


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_the_work_arrives(workers):
    with pytest.raises(ValueError, match="not forty-one"):
        run_all(refuse, PIECES, workers)
    assert children() == []


def test_a_worker_that_dies_is_an_error_with_words():
    with pytest.raises(ComityError, match="worker process ended"):
        run_all(die, PIECES, 2)
    assert children() == []


def test_stopping_leaves_no_worker_behind():
    def stop(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(square, PIECES, 2, stop)
    time.sleep(0.1)
    assert children() == []


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_goes_up_to_all(workers):
    told = []
    run_all(square, PIECES, workers, lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1] == (len(PIECES), len(PIECES))


def test_few_pieces_are_done_here(monkeypatch):
    monkeypatch.setattr(pool, "_Team", None)
    assert run_all(square, PIECES[: pool.FEW - 1], 2) == [p * p for p in PIECES[: pool.FEW - 1]]


def test_a_plain_script_without_a_guard_may_use_it(tmp_path):
    script = tmp_path / "plain.py"
    script.write_text(
        "from math import sqrt\n"
        "from comity.verification.examine.pool import run_all\n"
        "print(sum(run_all(sqrt, [4.0] * 40, 2)))\n"
    )
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.stdout.strip() == "80.0", done.stderr
