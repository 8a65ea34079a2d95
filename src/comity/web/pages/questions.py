"""Questions of one's own: those opened, the form that opens one, files to begin from."""

from __future__ import annotations

from dataclasses import asdict, astuple, fields

from comity.api_questions import Kept, kept_questions
from comity.errors import AddressError
from comity.verification.implementation import load_any_question
from comity.verification.kept import MOST_BYTES, kept_ids
from comity.verification.question import IMPLEMENTATION, TEMPLATE, question_text, shipped_questions
from comity.web.page import Asked, Download, Page, Sheet, View

TOML = "application/toml"
COLUMNS = tuple(f.name for f in fields(Kept))


def questions(asked: Asked) -> Page:
    """Return the questions that were opened, and how to open one."""
    kept = kept_questions(asked.world.home)
    shipped = (*shipped_questions(), *shipped_questions(IMPLEMENTATION))
    return Page(
        "questions.html.j2", asked.world.texts("questions.title"),
        {"kept": kept, "shipped": [(n, load_any_question(n).title) for n in shipped],
         "most": f"{MOST_BYTES // 1000} kB"},
        data=[asdict(one) for one in kept],
        sheet=Sheet(COLUMNS, tuple(astuple(one) for one in kept)),
        command="comity question list --own",
        python="from comity.api_questions import kept_questions\nkept_questions()",
    )  # fmt: skip


def template(_: Asked) -> Download:
    """Return a commented question to start from, as `comity question new` writes it."""
    return Download(TEMPLATE.encode(), TOML, "my-question.toml")


def file(asked: Asked) -> Download:
    """Return the file of a question that ships or was opened, as it was written."""
    name = asked.names["question"]
    known = (*shipped_questions(), *shipped_questions(IMPLEMENTATION), *kept_ids(asked.world.home))
    if name not in known:
        raise AddressError(
            f"There is no question {name[:64]!r}. There are: {', '.join(known)}.", missing=True
        )
    return Download(question_text(name, asked.world.home)[0].encode(), TOML, f"{name}.toml")


VIEWS = (
    View("questions", "/questions", "Questions of your own: opened here, kept under their ids",
         questions, site=False),
    View("question_template", "/questions/new/my-question.toml",
         "A commented question to begin from", template, site=False, file=True),
    View("question_file", "/questions/{question}.toml", "The file of a question, as it was written",
         file, site=False, file=True),
)  # fmt: skip
