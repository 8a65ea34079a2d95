"""What `comity verify` prints beside a single verdict: implementation, and every question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from comity.errors import QuestionError

if TYPE_CHECKING:
    from rich.text import Text

    from comity.api_all import ImplementationVerdict, Overview
    from comity.dates import DateReading

Progress = AbstractContextManager[Callable[[str], None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user typed after `comity verify`; `examined` is whether any examination was asked."""

    question: str
    every: bool
    lists: tuple[str, ...]
    as_of: dt.date | None
    reading: DateReading
    seed: int | None
    as_json: bool
    report: Path | None
    examined: bool


def answered_otherwise(asked: Asked, progress: Progress) -> bool:
    """Print the answer where it is not a single verdict on conduct; say whether that was so.

    Raises QuestionError where what was asked does not go together.
    """
    if asked.every:
        if asked.question or asked.examined:
            raise QuestionError("--all is every question in short: none is named or examined.")
        _show_all(asked, progress)
        return True
    if not asked.question:
        raise QuestionError("Which question? Give its id (`comity question list`) or --all.")
    from comity.verification.question import IMPLEMENTATION, kind_of, question_text

    if kind_of(question_text(asked.question)[0]) != IMPLEMENTATION:
        return False
    _show_implementation(asked)
    return True


def _show_implementation(asked: Asked) -> None:
    """Print what was done under a text that prohibits nothing; options on evidence do not apply."""
    from comity.api_all import verify_implementation
    from comity.dates import DateReading
    from comity.report.implementation import render_implementation

    given = asked.lists or asked.as_of or asked.examined or asked.seed is not None
    if given or asked.reading != DateReading():
        raise QuestionError(
            f"{asked.question} asks about implementation: the register answers it as it stands "
            "today. Only --json and --report apply."
        )
    verdict = verify_implementation(asked.question)
    _show(asked, verdict, lambda width: render_implementation(verdict, width))


def _show_all(asked: Asked, progress: Progress) -> None:
    """Print every question that ships in one table, and the promises of one kind pooled."""
    from comity.api_all import verify_all
    from comity.report.overview import render_overview

    with progress as tell:
        overview = verify_all(
            lists=asked.lists, as_of=asked.as_of, reading=asked.reading, seed=asked.seed,
            progress=tell,
        )  # fmt: skip
    _show(asked, overview, lambda width: render_overview(overview, width))


def _show(
    asked: Asked, answer: ImplementationVerdict | Overview, render: Callable[[int], Text]
) -> None:
    """Print an answer as text or JSON, and write its report."""
    from comity.report.terminal import print_page

    if asked.report is not None:
        answer.report(asked.report)
    if asked.as_json:
        typer.echo(answer.to_json())
        return
    print_page(render)
    if asked.report is not None:
        typer.echo(f"Report written to {asked.report}")
