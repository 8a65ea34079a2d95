"""Home: the six questions, and every agreement with its standing and the word of its verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from comity.instruments.model import Register
from comity.instruments.register import load_register
from comity.report.text import countries
from comity.verification.implementation import load_any_question
from comity.verification.overview import Overview
from comity.verification.question import IMPLEMENTATION, shipped_questions
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
        "finding": found.finding if found else "",
        "pooled": found.pooled if found else (),
        "ready": found is not None,
    }
    return Page(
        template, title, context,
        data=[
            {"question": r.question, "title": r.title, "agreed": r.agreed, "standing": r.standing,
             "answers": dict(zip(COLUMNS[5:], r.answers, strict=True)) if r.answers else None}
            for r in rows
        ],
        sheet=Sheet(
            ("question", "title", "agreed", "standing", *COLUMNS[5:]),
            tuple((r.question, r.title, r.agreed, r.standing, *(r.answers or ("",) * 4))
                  for r in rows),
        ),
        command="comity verify --all", python="comity.verify_all()",
        settled=found is not None,
    )  # fmt: skip


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
            )
        )  # fmt: skip
    return sorted(rows, key=lambda r: (r.agreed, r.question))


VIEWS = (
    View("home", "/", "The six questions and the table of agreements", home,
         parts=("answers",), lasting=True),
    View("verdicts", "/verdicts", "Every question with its answers", verdicts, parts=("answers",)),
)  # fmt: skip
