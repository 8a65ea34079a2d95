"""What `comity verify` prints beside a single verdict: implementation, and every question."""

from __future__ import annotations

from pathlib import Path

import typer


def asks_implementation(question: str) -> bool:
    """Say whether a question, by id or path, asks about implementation. Raises QuestionError."""
    from comity.verification.question import IMPLEMENTATION, kind_of, question_text

    return kind_of(question_text(question)[0]) == IMPLEMENTATION


def show_implementation(question: str, as_json: bool, report: Path | None, given: bool) -> None:
    """Print what was done under a text that prohibits nothing.

    `given` is whether options about evidence were: none applies, which is an error to say.
    """
    from comity.api_all import verify_implementation
    from comity.errors import QuestionError
    from comity.report.implementation import render_implementation
    from comity.report.terminal import print_page

    if given:
        raise QuestionError(
            f"{question} asks about implementation: the register answers it as it stands today. "
            "Leave out --as-of, --list, --seed and how dates are read."
        )
    verdict = verify_implementation(question)
    if report is not None:
        verdict.report(report)
    if as_json:
        typer.echo(verdict.to_json())
        return
    print_page(lambda width: render_implementation(verdict, width))
    if report is not None:
        typer.echo(f"Report written to {report}")
