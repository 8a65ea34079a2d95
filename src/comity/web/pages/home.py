"""Home: the six questions, and every agreement with its standing and the word of its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.instruments.model import Register
from comity.instruments.register import load_register
from comity.report.overview import overview_to_dict
from comity.report.text import countries
from comity.verification.implementation import NOT_ASKED, load_any_question
from comity.verification.overview import Overview
from comity.verification.question import IMPLEMENTATION, shipped_questions
from comity.verification.words import NOT_IDENTIFIED
from comity.web.news import changelog, latest
from comity.web.page import Asked, Page, Sheet, View

ROOMS = ("agreements", "definitions", "incidents", "verdicts", "spread", "talks")
COLUMNS = ("question", "title", "direction", "agreed", "standing", "changed", "kept", "because",
           "confidence")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One question of the table: what stands in the register, and its answers once computed."""

    question: str
    title: str
    instrument: str
    agreed: str
    standing: str
    parties: str
    answers: tuple[str, str, str, str] | None  # changed, kept, because, confidence
    named: str = ""  # the agreement's title


@dataclass(frozen=True, slots=True)
class Finding:
    """How many questions about conduct can be answered at all: each answer with its questions, how
    many have none, and how many questions are about implementation."""

    conduct: int
    known: tuple[tuple[str, tuple[Row, ...]], ...]
    lost: int
    others: int


def home(asked: Asked) -> Page:
    """Return the first page; the answers are there as soon as they are computed."""
    state = asked.world.state
    found = asked.world.asker.overview_if_ready(state)
    page = _page(asked, found, "home.html.j2", asked.world.texts("home.title"))
    title, news = latest(changelog())
    return replace(page, context={**page.context, "news_title": title, "news": news})


def verdicts(asked: Asked) -> Page:
    """Return every question with its answers, each a link to its verdict."""
    found = asked.world.asker.overview_if_ready(asked.world.state)
    return _page(asked, found, "verdicts.html.j2", asked.world.texts("verdicts.title"))


def _page(asked: Asked, found: Overview | None, template: str, title: str) -> Page:
    rows = _rows(load_register(), found)
    context = {
        "rooms": ROOMS,
        "rows": rows,
        "weak": (NOT_IDENTIFIED, NOT_ASKED),
        "grouped": _by_agreement(rows),
        "finding": _finding(rows, found) if found else None,
        "ready": found is not None,
    }
    return Page(
        template, title, context,
        data=lambda: overview_to_dict(asked.world.asker.overview(asked.world.state)),
        sheet=lambda: _sheet(asked.world.asker.overview(asked.world.state)),
        command="comity verify --all", python="comity.verify_all()",
        settled=found is not None,
    )  # fmt: skip


def _sheet(found: Overview) -> Sheet:
    """Return every question with its answers as plain values."""
    rows = _rows(load_register(), found)
    return Sheet(
        ("question", "title", "agreed", "standing", *COLUMNS[5:]),
        tuple((r.question, r.title, r.agreed, r.standing, *(r.answers or ())) for r in rows),
    )


def _rows(register: Register, found: Overview | None) -> list[Row]:
    """Return a row a question that ships, in the order of the overview."""
    answers = {r.question: r for r in found.rows} if found else {}
    names = [*shipped_questions(), *shipped_questions(IMPLEMENTATION)]
    rows = []
    for name in names:
        question = load_any_question(name)
        instrument = register.instruments.get(question.instrument)
        row = answers.get(name)
        if found is not None and row is None:
            continue
        parties = tuple(p.party for p in register.parties if p.instrument == question.instrument)
        rows.append(
            Row(
                name, question.title, question.instrument,
                instrument.date.text if instrument else "",
                str(instrument.standing) if instrument else "",
                countries(parties) if 0 < len(parties) <= 4 else f"{len(parties)} parties",
                (row.changed, row.kept, row.because, row.confidence) if row else None,
                instrument.title if instrument else "",
            )
        )  # fmt: skip
    return sorted(rows, key=lambda r: (r.agreed, r.question))


def _by_agreement(rows: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    """Return rows by agreement: the first of each, for what stands of the agreement, and all."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.agreed, row.instrument or row.question), []).append(row)
    return [(group[0], group) for group in groups.values()]


def _finding(rows: Sequence[Row], found: Overview) -> Finding:
    """Return in how many questions conduct can be judged, and what is found there."""
    conduct = {r.question for r in found.conduct}
    known: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        if row.question in conduct and row.answers and row.answers[0] != NOT_IDENTIFIED:
            known[row.answers[0]] = (*known.get(row.answers[0], ()), row)
    answered = sum(map(len, known.values()))
    said = sorted(known.items(), key=lambda of: len(of[1]))  # the rarest first
    return Finding(len(conduct), tuple(said), len(conduct) - answered,
                   len(found.rows) - len(conduct))  # fmt: skip


VIEWS = (
    View("home", "/", "The six questions and the table of agreements", home,
         parts=("answers",), lasting=True),
    View("verdicts", "/verdicts", "Every question with its answers", verdicts, parts=("answers",)),
)  # fmt: skip
