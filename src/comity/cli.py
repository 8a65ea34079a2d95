"""The rooms in a terminal: what a user types, and nothing the rooms do not do themselves."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_actors import actors
from comity.cli_behind import behind
from comity.cli_definitions import definitions_app
from comity.cli_diffusion import votes
from comity.cli_evidence import evidence_app
from comity.cli_exchange import exchange_app
from comity.cli_export import export
from comity.cli_fetch import fetch as _fetch  # noqa: F401 (registers on evidence_app)
from comity.cli_find import find
from comity.cli_instruments import check, instruments, norms
from comity.cli_lineage import lineage
from comity.cli_link import coverage, link_app
from comity.cli_options import (
    Analyses,
    AsJson,
    AsOf,
    ByDefinition,
    Checks,
    Compared,
    Every,
    Examined,
    FirstOfMonth,
    FirstOfYear,
    From,
    Full,
    Hidden,
    Lists,
    Named,
    Period,
    Placebo,
    Replay,
    Report,
    Robustness,
    Scoped,
    Seed,
    To,
    Workers,
    given_of,
)
from comity.cli_output import telling
from comity.cli_parallels import parallels
from comity.cli_process import process_app
from comity.cli_questions import question_add, question_list, question_new, question_remove
from comity.cli_report import report as _report
from comity.cli_serve import serve, site, texts
from comity.cli_spread import spread_app
from comity.cli_verdicts import NoHistory, question_check, question_lock, remember, verdicts_app
from comity.errors import ComityError

if TYPE_CHECKING:
    from comity.api import Verdict
    from comity.cli_all import Asked
    from comity.incidents.model import Evidence
    from comity.verification.examine.asked import Examine
    from comity.verification.model import Otherwise

GARBAGE = 50_000  # objects made, beyond those let go, before the next collection
READING = "Reading the evidence"

app = typer.Typer(
    help="What states agreed about cyberspace, and whether they keep it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
question_app = typer.Typer(
    help="Questions: what would count, written down first.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(question_app, name="question")
app.add_typer(evidence_app, name="evidence")
app.add_typer(verdicts_app, name="verdicts")
app.add_typer(definitions_app, name="definitions")
app.add_typer(spread_app, name="spread")
app.add_typer(process_app, name="process")
app.add_typer(link_app, name="link")
app.add_typer(exchange_app, name="exchange")
evidence_app.command()(actors)
evidence_app.command()(find)
evidence_app.command()(behind)
evidence_app.command()(coverage)
question_app.command("new")(question_new)
question_app.command("list")(question_list)
question_app.command("add")(question_add)
question_app.command("remove")(question_remove)
question_app.command("lock")(question_lock)
question_app.command("check")(question_check)
app.command()(instruments)
app.command()(norms)
app.command()(votes)
app.command()(parallels)
app.command()(check)
app.command()(lineage)
app.command()(export)
app.command()(serve)
app.command()(site)
app.command()(texts)
app.command("report")(_report)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)
    ] = False,
) -> None:
    """What states agreed about cyberspace, and whether they keep it."""
    if version:
        from comity import __version__

        typer.echo(f"comity {__version__}")
        raise typer.Exit


@app.command()
def verify(
    question: Named = "",
    every: Every = False,
    as_of: AsOf = None,
    list_: Lists = None,
    first_of_year: FirstOfYear = "year",
    first_of_month: FirstOfMonth = "month",
    as_json: AsJson = False,
    report: Report = None,
    seed: Seed = None,
    full: Full = False,
    examine: Examined = None,
    robustness: Robustness = False,
    placebo: Placebo = False,
    replay: Replay = False,
    unseen: Hidden = False,
    analyses: Analyses = 1200,
    workers: Workers = None,
    definition: ByDefinition = "",
    scope: Scoped = "",
    comparison: Compared = "",
    from_: From = "",
    to: To = "",
    period: Period = "",
    checks: Checks = False,
    no_history: NoHistory = False,
) -> None:
    """Did conduct change, was the promise kept, was it because of the promise?"""
    from comity.cli_all import Asked, answered_otherwise
    from comity.verification.examine.asked import FINDINGS, Examine

    flags = {"robustness": robustness, "placebo": placebo, "replay": replay, "unseen": unseen}
    wanted = FINDINGS if full else (*(examine or ()), *(n for n, on in flags.items() if on))
    given = given_of(
        list_, as_of, (first_of_year, first_of_month), definition,
        (scope, comparison, from_, to, period),
    )  # fmt: skip
    if report is not None and not report.parent.is_dir():
        raise ComityError(f"Cannot write {report}: there is no folder {report.parent}.")
    asked = Asked(
        question, every, given.lists, given.as_of, given.reading, seed, as_json, report,
        bool(wanted) or given.departs,
    )  # fmt: skip
    if answered_otherwise(asked, telling(READING)):
        return
    examination = Examine(tuple(wanted), analyses, workers=workers)
    verdict, evidence = _ask(asked, examination, definition, given.otherwise)
    if not no_history:
        remember(verdict, evidence)
    if as_json:
        typer.echo(verdict.to_json())
        return
    from comity.report.terminal import print_verdict

    print_verdict(verdict, checks=checks)
    if report is not None:
        typer.echo(f"Report written to {report}")


def _ask(
    asked: Asked, examine: Examine, definition: str, otherwise: Otherwise
) -> tuple[Verdict, Evidence]:
    """Return the verdict on what was asked and the evidence at hand; the report is written."""
    from comity.api import verify as ask
    from comity.incidents.load import load_evidence
    from comity.incidents.model import UNION

    with telling(READING) as progress:
        evidence = load_evidence(None if UNION in asked.lists else asked.lists or None)
        verdict = ask(
            asked.question, evidence, lists=asked.lists, as_of=asked.as_of, reading=asked.reading,
            seed=asked.seed, progress=progress, examine=examine, definition=definition,
            otherwise=otherwise,
        )  # fmt: skip
        if asked.report is not None:
            progress("writing the report")
            verdict.report(asked.report)
    return verdict, evidence


def main() -> None:
    """Run the command line; an error meant for people is printed without a traceback.

    Linear algebra keeps to one thread: the matrices are small, and threads only get in the way.
    Garbage is collected seldom: loading makes none, and a command soon ends.
    """
    gc.set_threshold(GARBAGE)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except ComityError as error:
        typer.echo(f"comity: {error}", err=True)
        raise SystemExit(1) from error
