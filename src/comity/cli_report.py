"""The command `comity report`: a briefing to carry, as HTML, PDF or Word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_options import (
    Analyses,
    AsOf,
    ByDefinition,
    Compared,
    Examined,
    FirstOfMonth,
    FirstOfYear,
    From,
    Full,
    Lists,
    Period,
    Scoped,
    Seed,
    To,
    Workers,
    given_of,
)
from comity.cli_output import working

if TYPE_CHECKING:
    from comity.dates import DateReading
    from comity.report.briefing import Briefing

FORMATS = ("pdf", "html", "docx")
Named = Annotated[str, typer.Argument(help="A question's id, or a path to a .toml file.")]
Format = Annotated[
    str, typer.Option("--format", help="pdf, html or docx; without it, what FILE ends in, or pdf.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file to write; QUESTION-briefing.pdf.")
]
Sections = Annotated[
    str,
    typer.Option(help="Sections with commas between, such as agreement,answers; all without it."),
]


def report(
    question: Named,
    format_: Format = "",
    output: Output = None,
    sections: Sections = "",
    as_of: AsOf = None,
    list_: Lists = None,
    first_of_year: FirstOfYear = "year",
    first_of_month: FirstOfMonth = "month",
    definition: ByDefinition = "",
    scope: Scoped = "",
    comparison: Compared = "",
    from_: From = "",
    to: To = "",
    period: Period = "",
    full: Full = False,
    examine: Examined = None,
    analyses: Analyses = 1200,
    workers: Workers = None,
    seed: Seed = None,
) -> None:
    """Write a briefing: two pages a minister can read, and an annex with method and sources.

    Naming the section robustness cross-examines the verdict, as --full does.
    """
    from comity.report.briefing import compose
    from comity.report.briefing.whole import wanted

    kind = _format(format_, output)
    named = [s.strip() for s in sections.split(",") if s.strip()] if sections.strip() else None
    if named is not None:
        wanted(named)
    place = _place(output, f"{Path(question).stem}-briefing.{kind}")
    given = given_of(
        list_, as_of, (first_of_year, first_of_month), definition,
        (scope, comparison, from_, to, period),
    )  # fmt: skip
    from comity.verification.examine.asked import FINDINGS

    everything = full or "robustness" in (named or ())
    asked = FINDINGS if everything else tuple(examine or ())
    with working(f"Asking {question}"):
        if _on_implementation(question):
            chosen = list_ or as_of or given.departs or full or examine or seed is not None
            _refuse_choices(question, bool(chosen), given.reading)
            from comity.api_all import verify_implementation

            briefing = compose(verify_implementation(question), sections=named)
        else:
            from comity.api import verify
            from comity.verification.examine.asked import Examine

            verdict = verify(
                question, lists=given.lists, as_of=given.as_of, reading=given.reading, seed=seed,
                definition=definition, otherwise=given.otherwise,
                examine=Examine(tuple(asked), analyses, workers=workers),
            )  # fmt: skip
            briefing = compose(verdict, sections=named)
        _write(place, kind, briefing)
    typer.echo(f"Briefing written to {place}")


def _format(given: str, output: Path | None) -> str:
    """Return the format asked for, by name or by the file's ending. Raises StoreError."""
    from comity.errors import StoreError

    ending = output.suffix.casefold().lstrip(".") if output is not None else ""
    kind = given.casefold() or ending or FORMATS[0]
    if kind not in FORMATS:
        raise StoreError(f"A briefing is written as {', '.join(FORMATS)}, not {kind!r}.")
    if ending in FORMATS and ending != kind:
        raise StoreError(f"--format is {kind}, but {output} ends in .{ending}: leave one out.")
    return kind


def _place(output: Path | None, usual: str) -> Path:
    """Return the file to write. Raises StoreError where its folder is not there."""
    from comity.errors import StoreError

    place = output or Path(usual)
    if not place.parent.is_dir():
        raise StoreError(f"Cannot write {place}: there is no folder {place.parent}.")
    return place


def _on_implementation(question: str) -> bool:
    from comity.verification.question import IMPLEMENTATION, kind_of, question_text

    return kind_of(question_text(question)[0]) == IMPLEMENTATION


def _refuse_choices(question: str, given: bool, reading: DateReading) -> None:
    """Raise QuestionError where options on evidence are given that do not apply."""
    from comity.dates import DateReading
    from comity.errors import QuestionError

    if given or reading != DateReading():
        raise QuestionError(
            f"{question} asks about implementation: the register answers it as it stands today. "
            "Only --format, --output and --sections apply."
        )


def _write(place: Path, kind: str, briefing: Briefing) -> None:
    """Write a briefing to a file, whole or not at all. Raises StoreError."""
    from comity.errors import StoreError
    from comity.report.briefing import briefing_docx, briefing_html, briefing_pdf
    from comity.storage import write_whole

    if kind == "html":
        content = briefing_html(briefing).encode()
    else:
        content = briefing_pdf(briefing) if kind == "pdf" else briefing_docx(briefing)
    try:
        write_whole(place, content, private=False)
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(f"Cannot write {place}: {why}. Nothing was changed there.") from error
