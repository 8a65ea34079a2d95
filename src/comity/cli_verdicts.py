"""What stands on record: `comity verdicts`, and `comity question lock` and `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from comity.cli_output import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.api import Verdict
    from comity.incidents.model import Evidence

MOST_LISTED = 30


class _ListFirst(TyperGroup):
    """A group whose `list` may be left out: `comity verdicts us-china-2015`."""

    usual = "list"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


verdicts_app = typer.Typer(
    help="Verdicts: your history of them, what sets two apart, replies and corrections.",
    cls=_ListFirst,
    rich_markup_mode=None,
)
NoHistory = Annotated[
    bool, typer.Option("--no-history", help="Do not record the verdict in your history.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]
Asked = Annotated[str, typer.Argument(help="A question's id, or a path to a .toml file.")]
Party = Annotated[str, typer.Option(help="Who says it.")]
Text = Annotated[str, typer.Option(help="What is said: up to 2,000 characters.")]
Source = Annotated[str, typer.Option(help="The http(s) address where it can be read.")]
Day = Annotated[str, typer.Option(help="When it was said, such as 2026-11-20; today without.")]


@verdicts_app.command("list")
def list_(
    question: Annotated[str, typer.Argument(help="Only those on this question.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All, not only the latest 30.")] = False,
    json_: Json = False,
) -> None:
    """List the verdicts of your history, the latest last; `list` may be left out."""
    from comity.history.entries import read_history
    from comity.history.records import to_record
    from comity.report.verdicts import list_lines

    history = read_history(question=_id_of(question))
    _warn(history.problems)
    if json_:
        print_json([to_record(entry) for entry in history.entries])
        return
    if not history.entries:
        typer.echo("No verdict is on record" + (f" on {question}." if question else "."))
        return
    shown = history.entries if every else history.entries[-MOST_LISTED:]
    _print(list_lines(shown))
    if len(shown) < len(history.entries):
        typer.echo(f"The latest {len(shown)} of {len(history.entries)}: --all lists every one.")


@verdicts_app.command("show")
def show(
    number: Annotated[int, typer.Argument(help="The verdict's number in your history.")],
    json_: Json = False,
) -> None:
    """Show what was recorded of one verdict: question, evidence, choices, answers, numbers."""
    from comity.history.entries import entry_numbered
    from comity.history.records import to_record
    from comity.history.replies import replies_on
    from comity.report.verdicts import entry_lines

    entry = entry_numbered(number)
    replies = replies_on(entry.question_id, entry.question_sha256)
    if json_:
        print_json({**to_record(entry), "replies": [to_record(one) for one in replies]})
        return
    _print(entry_lines(entry, replies))


@verdicts_app.command("diff")
def diff(
    before: Annotated[int, typer.Argument(help="A verdict's number in your history.")],
    after: Annotated[int, typer.Argument(help="Another's.")],
    json_: Json = False,
) -> None:
    """Show what changed between two verdicts, and why: question, evidence, choices or program."""
    from comity.history.compare import compare
    from comity.history.entries import entry_numbered
    from comity.history.records import to_record
    from comity.report.verdicts import compared_lines

    compared = compare(entry_numbered(before), entry_numbered(after))
    if json_:
        print_json(to_record(compared))
        return
    _print(compared_lines(compared))


@verdicts_app.command("reply")
def reply(
    question: Asked, party: Party, text: Text, source: Source, date: Day = "", json_: Json = False
) -> None:
    """Attach a party's reply to the verdict on a question: printed with it from then on."""
    _attach("reply", question, (party, date, text, source), json_)


@verdicts_app.command("correct")
def correct(
    question: Asked, party: Party, text: Text, source: Source, date: Day = "", json_: Json = False
) -> None:
    """Attach a correction to the verdict on a question: printed with it from then on."""
    _attach("correction", question, (party, date, text, source), json_)


@verdicts_app.command("replies")
def replies(
    question: Annotated[str, typer.Argument(help="Only those on this question.")] = "",
    json_: Json = False,
) -> None:
    """List the replies and corrections that you attached, with their numbers."""
    from comity.history.records import to_record
    from comity.history.replies import standing_notes
    from comity.report.verdicts import note_lines

    wanted = _id_of(question)
    notes = [n for n in standing_notes() if not wanted or n.question == wanted]
    if json_:
        print_json([to_record(note) for note in notes])
    elif notes:
        _print(note_lines(notes))
    else:
        typer.echo("No reply or correction of your own is on record.")


@verdicts_app.command("withdraw")
def withdraw(
    number: Annotated[int, typer.Argument(help="The number of a reply or correction of yours.")],
    why: Annotated[str, typer.Option(help="Why it is withdrawn; stays on record.")] = "",
) -> None:
    """Withdraw a reply or correction that you attached: it stays on record, printed no more."""
    from comity.history.replies import withdraw_note

    note = withdraw_note(number, why)
    typer.echo(f"{number} is withdrawn: it is printed no more with {note.question}.")


def _attach(kind: str, name: str, said: tuple[str, str, str, str], as_json: bool) -> None:
    """Attach a reply or correction and say so."""
    from comity.history.records import to_record
    from comity.history.replies import add_note
    from comity.verification.model import Reply
    from comity.verification.question import load_question

    note = add_note(load_question(name), Reply(kind, *said))
    if as_json:
        print_json(to_record(note))
        return
    typer.echo(
        f"Number {note.number}: attached to {note.question}. `comity verify {name}` prints it; "
        f"`comity verdicts withdraw {note.number}` takes it back."
    )


def question_lock(
    question: Asked,
    note: Annotated[str, typer.Option(help="Anything to keep beside it.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Add a registration to one made earlier.")
    ] = False,
    json_: Json = False,
) -> None:
    """Register a question in advance: its hash, the day, the evidence and code known then."""
    from comity.history.locks import lock_path, lock_question
    from comity.history.records import to_record
    from comity.incidents.load import load_evidence
    from comity.verification.question import load_question

    asked = load_question(question)
    stamp = lock_question(asked, load_evidence(), note=note, again=again)
    if json_:
        print_json({**to_record(stamp), "lock": str(lock_path(asked))})
        return
    typer.echo(f"Registered {asked.id}, {stamp.on}, sha256 {stamp.sha256}")
    typer.echo(f"Lock: {lock_path(asked)}")
    typer.echo(
        "The date is this computer's. Publish, send or time-stamp the lock to have one that others "
        "can check: docs/registered.md."
    )


def question_check(question: Asked, json_: Json = False) -> None:
    """Say whether a question is as it was registered, and what was changed; exit 1 where it was."""
    from comity.errors import QuestionError
    from comity.history.locks import registration_of
    from comity.history.records import to_record
    from comity.report.text import clean
    from comity.verification.question import load_question
    from comity.verification.registered import registration_line

    asked = load_question(question)
    found = registration_of(asked)
    if found is None:
        raise QuestionError(
            f"{asked.id} is not registered: `comity question lock {question}` registers it."
        )
    if json_:
        print_json(to_record(found))
    else:
        typer.echo(clean(registration_line(found)))
        if found.note:
            typer.echo(f"  note: {clean(found.note)}")
        for change in found.changes:
            typer.echo(f"  {clean(change.field)}")
            typer.echo(f"    registered: {clean(change.before) or 'nothing'}")
            typer.echo(f"    now:        {clean(change.after) or 'nothing'}")
    if found.state != "unchanged":
        raise typer.Exit(1)


def remember(verdict: Verdict, evidence: Evidence) -> None:
    """Record a verdict in the user's history; where that fails, say so in one line and go on."""
    from comity.errors import StoreError
    from comity.history.entries import record_verdict, wanted

    if not wanted():
        return
    try:
        record_verdict(verdict, evidence)
    except StoreError as error:
        said = " ".join(str(error).split())
        typer.echo(f"comity: the verdict was not recorded. {said}", err=True)


def _id_of(name: str) -> str:
    """Return the id of a question given by path, or the id given: it need not exist any more."""
    from comity.verification.question import load_question

    return load_question(name).id if Path(name).suffix == ".toml" else name


def _warn(problems: Sequence[str]) -> None:
    for problem in problems:
        typer.echo(f"comity: {problem}", err=True)


def _print(lines: Sequence[tuple[str, str]]) -> None:
    from comity.report.verdicts import text_of

    typer.echo(text_of(lines))
