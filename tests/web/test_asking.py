"""What may be asked next is answered in advance: one at a time, and never before who waits."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

from comity.incidents.load import load_evidence
from comity.verification.question import load_question
from comity.web.asking import Asker, Asking
from comity.web.controls import asking_of, controls_of, next_values

STATE = "state"


class ByHand(Asker):
    """An asker whose answers are given by the test."""

    def __init__(self) -> None:
        super().__init__(workers=True)
        self.begun: dict[str, Future[Any]] = {}

    def _future(self, kind: str, task: Any, asking: Any, state: str) -> Future[Any]:
        return self.begun.setdefault(asking.question, Future())


def test_what_is_foreseen_is_computed_one_at_a_time() -> None:
    asker = ByHand()
    asker.foresee([Asking("a"), Asking("b"), Asking("c")], STATE)
    assert list(asker.begun) == ["a"]
    asker.begun["a"].set_result("A")
    assert list(asker.begun) == ["a", "b"]
    asker.foresee([Asking("d")], STATE)
    asker.begun["b"].set_result("B")
    assert list(asker.begun) == ["a", "b", "d"]


def test_nothing_is_foreseen_while_somebody_waits() -> None:
    asker = ByHand()
    begun = asker.begun.setdefault("asked", Future())
    waiter = threading.Thread(target=asker.glance, args=(Asking("asked"), STATE))
    waiter.start()
    while not asker._waiting:
        pass
    asker.foresee([Asking("next")], STATE)
    assert "next" not in asker.begun
    begun.set_result("here")
    waiter.join()
    assert "next" in asker.begun


def test_without_workers_or_after_the_end_nothing_is_foreseen() -> None:
    asker = ByHand()
    asker._workers = False
    asker.foresee([Asking("a")], STATE)
    asker._workers = True
    asker.close()
    asker.foresee([Asking("a")], STATE)
    assert not asker.begun


def test_the_next_stops_of_a_slider_come_first_and_every_move_can_be_asked() -> None:
    question, evidence = load_question("us-china-2015"), load_evidence()
    values = {"as_of": "2018-06-30"}
    controls = controls_of(question, evidence, values)
    moves = list(next_values(controls, values))
    assert {"as_of": "2018-03-31"} in moves[:6]
    assert {"as_of": "2018-09-30"} in moves[:6]
    assert {"as_of": "2018-06-30", "comparison": "target-alone"} in moves
    for move in moves:
        controls_of(question, evidence, move)
        assert asking_of(question, move) != asking_of(question, values)
