"""The public function that says which incidents stand behind a number of a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from comity.api import others_under_promise, scope_by_definition, turned_by
from comity.dates import DateReading
from comity.incidents.load import load_evidence
from comity.incidents.model import UNION, Evidence
from comity.instruments.register import load_register
from comity.verification.behind import Behind, incidents_behind
from comity.verification.model import Choices, Otherwise, Question
from comity.verification.prepare import prepare
from comity.verification.question import load_question


def behind(
    question: str | Path | Question,
    evidence: Evidence | None = None,
    *,
    cell: str = "A",
    period: str = "",
    side: str = "",
    lists: Sequence[str] = (),
    as_of: dt.date | None = None,
    reading: DateReading | None = None,
    definition: str = "",
    otherwise: Otherwise | None = None,
    home: Path | None = None,
) -> tuple[Behind, Evidence]:
    """Return the incidents behind a bar or a number of the verdict that `comity.verify` gives with
    the same arguments, and the evidence they are in (of ("all",), the union of the lists).

    `cell` is one of the four cells of the scope asked of, `period` a period of its chart (2014-Q3),
    `side` "before" or "after" the agreement. Nothing is fitted. Raises QuestionError, SourceError
    or StoreError.

    >>> found, _ = behind("us-china-2015", period="2014-Q2")
    >>> found.cell, found.period
    ('A', '2014-Q2')
    """
    asked = question if isinstance(question, Question) else load_question(question)
    register, default = load_register(), Choices()
    choices = Choices(
        lists=tuple(lists), as_of=as_of, reading=reading or default.reading,
        otherwise=otherwise or default.otherwise,
    )  # fmt: skip
    held = evidence if evidence is not None else load_evidence(home=home)
    if UNION in choices.lists:
        from comity.api_link import union_of_lists

        held = union_of_lists(held, choices.reading, home=home, drawings=0).evidence
    also = (scope_by_definition(asked, definition),) if definition else ()
    turned, choices = turned_by(asked, choices, also)
    prepared = prepare(turned, held, others_under_promise(register, turned), choices)
    return incidents_behind(prepared, cell, period, side), held
