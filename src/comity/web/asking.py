"""Verdicts asked from the pages: computed in other processes, each once, kept while they last.

A fit keeps a processor busy; the server's own process stays free to answer. Glances (what changes
while a person drags a control) have workers of their own, so that they never wait for a verdict.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import multiprocessing.connection
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.dates import DateReading

if TYPE_CHECKING:
    from comity.api import Verdict
    from comity.api_all import ImplementationVerdict, Overview
    from comity.incidents.model import Evidence
    from comity.verification.behind import Behind
    from comity.verification.glance import Glance
    from comity.verification.model import Otherwise

MOST_HELD = 400
USUAL = DateReading()
MALLOC = {  # a fit takes and gives back arrays of megabytes: what is given back is kept at hand
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(2 << 30),
    "MALLOC_TOP_PAD_": str(1 << 28),
}
WORKERS = {"glance": 2, "verdict": 1, "examine": 1}  # processes, by kind of work
NICE = {"glance": 0, "verdict": 5, "examine": 10}  # who gives way to whom


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything a verdict is asked with; an empty field is as the question declares."""

    question: str
    lists: tuple[str, ...] = ()
    as_of: dt.date | None = None
    reading: DateReading = USUAL
    definition: str = ""
    scope: str = ""
    comparison: str = ""
    window_from: dt.date | None = None
    window_to: dt.date | None = None
    months: int = 3
    examine: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A bar or a number of a verdict: its cell, and a period or a side of the agreement."""

    asking: Asking
    cell: str = "A"
    period: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """A question as a browser sent it: its text, and what errors call it."""

    text: str
    name: str = ""


class Asker:
    """Answers askings, each once for each state of the user's folder.

    With `workers` False everything is computed in this process (for a static site and in tests).
    """

    def __init__(self, home: Path | None = None, workers: bool = True) -> None:
        self.home = home
        self._workers = workers
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._pools: dict[str, ProcessPoolExecutor] = {}
        self._waiting = 0  # glances that somebody waits for
        self._foreseen: deque[tuple[Asking, str]] = deque()
        self._ahead: Future[Any] | None = None  # the one foreseen glance under way
        self._closed = False

    def verdict(self, asking: Asking, state: str) -> Verdict | ImplementationVerdict:
        """Return the whole verdict. Raises what `comity.verify` raises."""
        found: Verdict | ImplementationVerdict = self._once("verdict", _verdict, asking, state)
        return found

    def glance(self, asking: Asking, state: str) -> Glance:
        """Return what of a verdict can follow a person's hand. Raises as `verdict`."""
        with self._lock:
            self._waiting += 1
        try:
            found: Glance = self._once("glance", _glance, replace(asking, examine=()), state)
        finally:
            with self._lock:
                self._waiting -= 1
            self._foresee_next()
        return found

    def foresee(self, askings: Iterable[Asking], state: str) -> None:
        """Answer in advance what may be asked next, one at a time, while nobody waits; what was
        foreseen before and not yet begun is forgotten."""
        if self._workers:
            with self._lock:
                self._foreseen = deque((asking, state) for asking in askings)
            self._foresee_next()

    def _foresee_next(self, _: object = None) -> None:
        """Begin one glance that was foreseen, where nobody waits for another."""
        with self._lock:
            free = self._ahead is None or self._ahead.done()
            if self._waiting or not free or not self._foreseen or self._closed:
                return
            asking, state = self._foreseen.popleft()
        try:
            future = self._future("glance", _glance, asking, state)
        except RuntimeError:  # the pool is broken or closed: who asks next makes another
            return
        with self._lock:
            self._ahead = future
        if future.done():
            self._foresee_next()
        else:
            future.add_done_callback(self._foresee_next)

    def overview(self, state: str) -> Overview:
        """Return every question in one table."""
        found: Overview = self._once("examine", _overview, Asking(""), state)
        return found

    def overview_if_ready(self, state: str) -> Overview | None:
        """Return the table of every question if it is computed, and see to it that it will be."""
        future = self._future("examine", _overview, Asking(""), state)
        return future.result() if future.done() else None

    def examined_if_ready(self, asking: Asking, state: str) -> Verdict | None:
        """Return an examined verdict if it is computed, and see to it that it will be."""
        future = self._future("examine", _verdict, asking, state)
        return future.result() if future.done() else None

    def behind(self, number: Number, state: str) -> tuple[Behind, Evidence | None]:
        """Return the incidents behind a number, and the union of lists where they are of it.

        Raises what `comity.api_behind.behind` raises.
        """
        found: tuple[Behind, Evidence | None] = self._once("glance", _behind, number, state)
        return found

    def check(self, sent: SentQuestion, state: str) -> str:
        """Return the id of the question a text asks, checked as one to be kept. Raises what
        `comity.api_questions.check_question` raises."""
        found: str = self._submit("glance", _check, sent, state).result()
        return found

    def link(self, state: str) -> None:
        """Make the links between the lists at hand anew, and keep them. Raises SourceError,
        StoreError."""
        self._submit("verdict", _link, Asking(""), state).result()

    def warm(self) -> None:
        """Start the workers, so that the first person to ask does not wait for that."""
        if self._workers:
            for kind in ("glance", "verdict"):
                for _ in range(WORKERS[kind]):
                    self._pool(kind).submit(_warmed, kind, self.home)

    def close(self) -> None:
        """End the workers; what they were computing is not waited for."""
        with self._lock:
            self._closed = True
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            workers = dict(getattr(pool, "_processes", None) or {})
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers.values():  # else whoever stops the program waits for their work
                worker.terminate()

    def _once(self, kind: str, task: _Task, asking: Asking | Number, state: str) -> Any:
        future = self._future(kind, task, asking, state)
        try:
            return future.result()
        except BrokenProcessPool:  # a worker was killed: once more, with new ones
            self._forget(task, asking, state, kind)
            return self._future(kind, task, asking, state).result()

    def _future(self, kind: str, task: _Task, asking: Asking | Number, state: str) -> Future[Any]:
        key = (task.__name__, asking, state)
        with self._lock:
            found = self._held.get(key)
            if found is not None and not (found.done() and found.exception() is not None):
                self._held.move_to_end(key)
                return found
        made = self._submit(kind, task, asking, state)
        with self._lock:
            self._held[key] = made
            while len(self._held) > MOST_HELD:
                self._held.popitem(last=False)
        return made

    def _submit(
        self, kind: str, task: _Task, asking: Asking | Number | SentQuestion, state: str
    ) -> Future[Any]:
        if self._workers:
            return self._pool(kind).submit(task, asking, state, self.home)
        future: Future[Any] = Future()
        try:
            future.set_result(task(asking, state, self.home))
        except Exception as error:
            future.set_exception(error)
        return future

    def _forget(self, task: _Task, asking: Asking | Number, state: str, kind: str) -> None:
        with self._lock:
            self._held.pop((task.__name__, asking, state), None)
            gone = self._pools.pop(kind, None)
        if gone is not None:
            gone.shutdown(wait=False, cancel_futures=True)

    def _pool(self, kind: str) -> ProcessPoolExecutor:
        with self._lock:
            if kind not in self._pools:
                self._pools[kind] = ProcessPoolExecutor(
                    WORKERS[kind], multiprocessing.get_context("spawn"), _begin, (kind,)
                )
            return self._pools[kind]


_Task = Callable[[Any, str, "Path | None"], Any]
_EVIDENCE: dict[str, Any] = {}


def _begin(kind: str) -> None:
    """Set up a worker: one thread of algebra; whole verdicts give way to glances; it ends with the
    server, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if hasattr(os, "nice"):
        os.nice(NICE[kind])


def _end_with(sentinel: int) -> None:
    """End this process when the one that began it is gone: a kill leaves it no time to say so."""
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _warmed(kind: str, home: Path | None) -> None:
    """Load in a worker what every asking needs, by answering one."""
    from comity.web.world import state_of

    (_glance if kind == "glance" else _verdict)(Asking("us-china-2015"), state_of(home), home)


def _evidence(state: str, home: Path | None) -> Any:
    """Return the lists at hand, read once in a worker for each state of the user's folder."""
    from comity.incidents.load import load_evidence

    if state not in _EVIDENCE:
        _EVIDENCE.clear()
        _EVIDENCE[state] = load_evidence(home=home)
    return _EVIDENCE[state]


def _verdict(asking: Asking, state: str, home: Path | None) -> Any:
    from comity.api import verify
    from comity.api_all import verify_implementation
    from comity.verification.examine.asked import Examine
    from comity.verification.implementation import ImplementationQuestion, load_any_question

    question = load_any_question(asking.question, home)
    if isinstance(question, ImplementationQuestion):
        return verify_implementation(question)
    return verify(
        question, _evidence(state, home), lists=asking.lists, as_of=asking.as_of,
        reading=asking.reading, definition=asking.definition, otherwise=otherwise_of(asking),
        examine=Examine(asking.examine, workers=1) if asking.examine else (),
    )  # fmt: skip


def _glance(asking: Asking, state: str, home: Path | None) -> Any:
    from comity.api import glance
    from comity.verification.question import load_question

    question = load_question(asking.question, home)
    return glance(
        question, _evidence(state, home), lists=asking.lists, as_of=asking.as_of,
        reading=asking.reading, definition=asking.definition, otherwise=otherwise_of(asking),
    )  # fmt: skip


def otherwise_of(asking: Asking) -> Otherwise:
    """Return what an asking asks otherwise than its question declares."""
    from comity.verification.model import Otherwise

    return Otherwise(
        asking.scope, asking.comparison, asking.window_from, asking.window_to, asking.months
    )


def _behind(number: Number, state: str, home: Path | None) -> Any:
    from comity.api_behind import behind
    from comity.verification.question import load_question

    asking = number.asking
    found, evidence = behind(
        load_question(asking.question, home), _evidence(state, home), cell=number.cell,
        period=number.period, side=number.side, lists=asking.lists, as_of=asking.as_of,
        reading=asking.reading, definition=asking.definition, otherwise=otherwise_of(asking),
        home=home,
    )  # fmt: skip
    return found, evidence if evidence.parts is not None else None


def _check(sent: SentQuestion, state: str, home: Path | None) -> str:
    from comity.api_questions import check_question

    return check_question(sent.text, sent.name, _evidence(state, home), home).id


def _link(_: Asking, state: str, home: Path | None) -> None:
    from comity.api_link import link_lists

    link_lists(evidence=_evidence(state, home), home=home)


def _overview(_: Asking, state: str, home: Path | None) -> Any:
    from comity.api_all import verify_all

    return verify_all(_evidence(state, home))
