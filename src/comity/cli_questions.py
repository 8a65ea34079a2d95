"""Questions in a terminal: `comity question new`, `list`, `add` and `remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from comity.cli_output import print_json, telling

Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]


def question_new(
    path: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Write a commented question file to start from."""
    from comity.verification.question import new_question

    new_question(path)
    typer.echo(f"Wrote {path}. Edit it, then: comity verify {path}")


def question_list(
    own: Annotated[bool, typer.Option("--own", help="Only those of your own.")] = False,
    json_: Json = False,
) -> None:
    """List the questions that ship, then those of your own that were opened."""
    from dataclasses import asdict

    from comity.api_questions import Kept, kept_questions
    from comity.report.text import clean
    from comity.verification.implementation import load_any_question
    from comity.verification.question import CONDUCT, IMPLEMENTATION, shipped_questions

    kinds = () if own else (CONDUCT, IMPLEMENTATION)
    loaded = [(kind, load_any_question(n)) for kind in kinds for n in shipped_questions(kind)]
    ship = [Kept(q.id, q.title, k, q.agreed.isoformat(), q.instrument) for k, q in loaded]
    kept = kept_questions()
    if json_:
        print_json([asdict(one) for one in (*ship, *kept)])
        return
    for one in (*ship, *kept):
        mark = "  (your own)" if one in kept and not own else ""
        typer.echo(f"{one.id:30} {clean(one.title or one.problem)}{mark}")
    if own and not kept:
        typer.echo("None was opened yet: `comity question add FILE` opens one.")


def question_add(
    path: Annotated[Path, typer.Argument(help="The question's .toml file.")],
) -> None:
    """Check a question as `verify` would and keep it in your folder, to be asked by its id."""
    from comity.api_questions import open_question
    from comity.errors import QuestionError
    from comity.incidents.load import load_evidence

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"Cannot read the question file {path}: {error}.") from error
    with telling("Checking the question"):
        opened = open_question(text, str(path), load_evidence())
    older = ", in place of the older one" if opened.replaced else ""
    typer.echo(f"{opened.id} is kept{older}. Ask it: comity verify {opened.id}")


def question_remove(
    question: Annotated[str, typer.Argument(help="The id of a question that was opened.")],
) -> None:
    """Remove a question of your own from your folder; its registration stays."""
    from comity.verification.kept import remove

    remove(question)
    typer.echo(f"{question} is removed; a registration of it, where there is one, stays.")
