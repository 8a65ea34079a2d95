"""Many pieces of work on several processors: in order, with progress, stoppable, reproducible.

Workers are this same Python started afresh with one thread for linear algebra; they take pickled
pieces from a pipe and send the answers back. What a piece gives depends on the piece alone, so that
the number of workers changes nothing but the time (even one works in a process of its own).
Stopping (Ctrl-C) ends the workers and raises.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any, TypeVar

from comity.errors import ComityError

T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[int, int], None]

FEW = 24  # pieces below which starting workers costs more than it saves: done here
CHUNK = 8  # pieces sent at once


def default_workers() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    work: Callable[[T], R],
    pieces: Sequence[T],
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[R]:
    """Return the answer to every piece, in order.

    `work` is a function of a module, so that a worker can find it by name; `workers` None takes
    every processor; `progress` is told (done, of). Raises what `work` raises, ComityError where
    a worker dies.
    """
    wanted = default_workers() if workers is None else max(workers, 1)
    if len(pieces) < FEW:
        return _run_here(work, pieces, progress)
    return _Team(work, pieces, min(wanted, len(pieces)), progress).run()


def _run_here(work: Callable[[T], R], pieces: Sequence[T], progress: Progress | None) -> list[R]:
    """Run every piece in this process."""
    done = []
    for number, piece in enumerate(pieces):
        done.append(work(piece))
        if progress is not None:
            progress(number + 1, len(pieces))
    return done


class _Team:
    """Workers that share one list of pieces."""

    def __init__(
        self, work: Callable[[Any], Any], pieces: Sequence[Any], size: int,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self.work, self.pieces, self.progress = work, pieces, progress
        self.results: list[Any] = [None] * len(pieces)
        self.next, self.done = 0, 0
        self.failure: BaseException | None = None
        self.change = threading.Condition()
        self.processes = [_start() for _ in range(size)]

    def run(self) -> list[Any]:
        """Feed the workers until all is done, one fails, or the user stops."""
        threads = [
            threading.Thread(target=self._feed, args=(p,), daemon=True) for p in self.processes
        ]
        try:
            for thread in threads:
                thread.start()
            told = -1
            while self.failure is None and self.done < len(self.pieces):
                with self.change:
                    self.change.wait(timeout=0.2)
                    done = self.done
                if self.progress is not None and done != told:
                    self.progress(done, len(self.pieces))
                    told = done
        finally:
            for process in self.processes:
                process.kill()
            for process in self.processes:
                process.wait()
            for thread in threads:
                thread.join()
            for process in self.processes:
                for pipe in (process.stdin, process.stdout):
                    if pipe is not None:
                        _close(pipe)
        if self.failure is not None:
            raise self.failure
        return self.results

    def _take(self) -> range:
        """Return the next pieces to do."""
        with self.change:
            first = self.next
            self.next = min(first + CHUNK, len(self.pieces))
            return range(first, self.next)

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        """Send pieces to one worker until there are none left."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            while self.failure is None and (mine := self._take()):
                message = (self.work, [self.pieces[k] for k in mine])
                pickle.dump(message, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
                answers = pickle.load(process.stdout)
                if isinstance(answers, BaseException):
                    raise answers
                with self.change:
                    for k, answer in zip(mine, answers, strict=True):
                        self.results[k] = answer
                    self.done += len(mine)
                    self.change.notify()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self._fail(ComityError(f"A worker process ended before its work was done: {error}"))
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Keep the first failure and wake the one who waits."""
        with self.change:
            self.failure = self.failure or error
            self.change.notify()


def _close(pipe: IO[bytes]) -> None:
    """Close a pipe whose other end may be gone."""
    with contextlib.suppress(OSError):
        pipe.close()


def _start() -> subprocess.Popen[bytes]:
    """Start one worker: this interpreter, the same import path, one thread."""
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(p for p in sys.path if p)
    return subprocess.Popen(
        [sys.executable, "-m", "comity.verification.examine.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, **one, "PYTHONPATH": path},
    )  # fmt: skip
