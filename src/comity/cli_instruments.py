"""The commands `comity instruments` and `comity check`: what was agreed, and is it sound?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_output import WIDTH, print_csv, print_json

if TYPE_CHECKING:
    from comity.instruments.model import Instrument, Register

REGISTER_TABLES = tuple(
    f"{name}.tsv" for name in ("instruments", "norms", "provisions", "parties", "links")
)
MOST_NAMED, FIRST_NAMED = 10, 4  # parties in a list; a card and --csv name all


def instruments(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="One id shows all that is known of it; several, side by side."),
    ] = None,
    norm: Annotated[str, typer.Option(help="Only those that state this norm, by its id.")] = "",
    party: Annotated[str, typer.Option(help="Only those of this country or grouping.")] = "",
    forum: Annotated[
        str, typer.Option(help="Only bilateral, plurilateral, regional or global ones.")
    ] = "",
    standing: Annotated[
        str, typer.Option(help="Only those of this standing; its first word will do.")
    ] = "",
    since: Annotated[str, typer.Option("--from", help="Only from this date on: 2015-09.")] = "",
    until: Annotated[str, typer.Option("--to", help="Only up to this date, inclusive.")] = "",
    text: Annotated[str, typer.Option(help="Only those with this in title, norm or terms.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
) -> None:
    """What was agreed: a table of instruments, everything on one, or several side by side."""
    from comity.errors import RegisterError
    from comity.instruments.queries import find_instruments, get_instrument
    from comity.instruments.register import load_register

    if as_json and as_csv:
        raise RegisterError("Give one of --json and --csv, not both.")
    if ids and any((norm, party, forum, standing, since, until, text)):
        raise RegisterError("Give ids or conditions such as --norm and --party, not both.")
    register = load_register()
    if ids and len(dict.fromkeys(ids)) > 1:
        _side_by_side(register, ids, as_json, as_csv)
        return
    found = find_instruments(
        register, norm=norm, party=party, forum=forum, standing=standing, since=since,
        until=until, text=text,
    )  # fmt: skip
    if ids:
        chosen = {get_instrument(register, i).id for i in ids}
        found = tuple(i for i in found if i.id in chosen)
    if as_json:
        _print_cards(register, found)
    elif as_csv:
        from comity.instruments.card import LIST_COLUMNS, list_rows

        print_csv((LIST_COLUMNS, *list_rows(register, found)))
    elif not found:
        typer.echo("No instrument of the register meets these conditions.")
    elif ids and len(ids) == 1:
        from comity.instruments.card import card_lines

        typer.echo("\n".join(card_lines(register, found[0].id, WIDTH)))
    else:
        _print_table(register, found)


def norms(
    norm: Annotated[
        str, typer.Argument(help="One id shows which instruments carry it, and how strongly.")
    ] = "",
    family: Annotated[str, typer.Option(help="Only those of this set: GGE, OSCE, GCSC.")] = "",
    category: Annotated[
        str, typer.Option(help="Only those under this heading of the index of norms.")
    ] = "",
    text: Annotated[str, typer.Option(help="Only those with this in id, title or words.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
) -> None:
    """What is asked of states: the norms, or who carries one of them and how strongly."""
    from comity.errors import RegisterError
    from comity.instruments.norms import (
        find_norms,
        get_norm,
        norm_lines,
        norm_record,
        taxonomy_lines,
    )
    from comity.instruments.register import load_register

    if as_json and as_csv:
        raise RegisterError("Give one of --json and --csv, not both.")
    register = load_register()
    found = (get_norm(register, norm),) if norm else find_norms(
        register, family=family, category=category, text=text
    )  # fmt: skip
    if as_json:
        print_json([norm_record(register, n) for n in found])
    elif as_csv:
        rows = [
            (n.id, n.family, n.kind, n.category, n.title, n.gloss, n.status, " ".join(n.sources))
            for n in found
        ]
        head = ("id", "family", "kind", "category", "title", "gloss", "status", "sources")
        print_csv((head, *rows))
    else:
        lines = norm_lines(register, norm, WIDTH) if norm else taxonomy_lines(register, found)
        typer.echo("\n".join(lines))


def check() -> None:
    """Check every table and question that ships; list each problem with file and line."""
    problems = tuple(_all_problems())
    for problem in problems:
        typer.echo(problem)
    if problems:
        typer.echo(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}.", err=True)
        if any(p.startswith(REGISTER_TABLES) for p in problems):
            typer.echo(
                "What names an instrument or a norm (questions, wordings, take-ups, claims) is "
                "checked against the register once that has no problem.", err=True,
            )  # fmt: skip
        raise typer.Exit(1)
    typer.echo(_sound())


def _all_problems() -> Iterator[str]:
    from comity.definitions.register import check_definitions
    from comity.diffusion.votes import check_roll_calls
    from comity.exchange.terms import check_terms
    from comity.history.replies import check_replies
    from comity.instruments.claims import check_claims
    from comity.instruments.register import check_register
    from comity.parallels.register import check_parallels
    from comity.process.register import check_talks
    from comity.verification.question import check_questions

    register = check_register()
    yield from register
    for checker in (
        check_claims,
        check_talks,
        check_parallels,
        check_questions,
        check_replies,
        check_roll_calls,
        check_definitions,
        check_terms,
        _grouping_problems,
        _evidence_problems,
    ):
        yield from checker()
    if not register:
        yield from _reference_problems()


def _evidence_problems() -> Iterator[str]:
    """Yield lists that ship and cannot be read, or whose rows do not add up to their file's."""
    from comity.errors import SourceError
    from comity.incidents.reports import report_conflicts
    from comity.incidents.shipped import (
        SHIPPED,
        load_reports,
        shipped_problems,
        shipped_release,
        shipped_table,
    )

    for name, file in SHIPPED.items():
        try:
            release, facts, table = shipped_release(name), load_reports(name), shipped_table(name)
            read, aside = table.height, len(shipped_problems(name))
        except (SourceError, OSError, ValueError) as error:
            yield f"{file}: {error}"
            continue
        yield from (f"{file}.reports.tsv: {found}" for found in report_conflicts(facts, table))
        strange = len(set(facts) - set(table["id"]))
        if strange > aside:
            yield (
                f"{file}.reports.tsv: {strange} incidents are not in the list, and only {aside} of "
                "its rows were set aside"
            )
        if aside != release.rows_aside or read + aside != release.rows_in_file:
            yield (
                f"{file}.toml: {read} rows read and {aside} set aside; by this file there must be "
                f"{release.rows_in_file} in all, {release.rows_aside} of them set aside"
            )


def _reference_problems() -> Iterator[str]:
    """Yield questions, claims and wordings on an instrument the register does not have."""
    from comity.api_all import verify_implementation
    from comity.diffusion.adoption import check_takeups
    from comity.diffusion.wording import check_wording
    from comity.errors import QuestionError
    from comity.instruments.register import load_register
    from comity.verification.question import IMPLEMENTATION, load_question, shipped_questions

    register = load_register()
    yield from check_wording(register.instruments)
    yield from check_takeups(register.norms)
    for name in shipped_questions():
        try:
            question = load_question(name)
        except QuestionError:
            continue  # already listed
        for what, value, known in (
            ("instrument", question.instrument, register.instruments),
            ("norm", question.norm, register.norms),
        ):
            if value and value not in known:
                yield f"questions/{name}.toml: {what} {value!r} is not in the register"
    for name in shipped_questions(IMPLEMENTATION):
        try:
            verify_implementation(name, register)
        except QuestionError as error:
            yield f"questions/{name}.toml: {error}"
    for line, value in _claimed():
        if value not in register.instruments:
            yield f"claims.tsv:{line}: instrument {value!r} is not in instruments.tsv"


def _claimed() -> Iterator[tuple[int, str]]:
    """Yield line and instrument of each claim on whether a promise was kept."""
    from importlib import resources

    from comity.instruments.claims import TABLE

    lines = resources.files("comity").joinpath(TABLE).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[1:], start=2):
        yield number, line.partition("\t")[0]


def _grouping_problems() -> Iterator[str]:
    """Yield memberships of no known country, or that end before they begin."""
    from comity.countries import country_name, memberships
    from comity.errors import CountryError, DateError

    try:
        rows = memberships()
    except DateError as error:
        yield f"groupings.tsv: {error}"
        return
    for line, row in enumerate(rows, start=2):
        try:
            country_name(row.code)
        except CountryError as error:
            yield f"groupings.tsv:{line}: {error}"
        since, until = row.since.earliest, row.until.latest if row.until else None
        if since and until and until < since:
            yield f"groupings.tsv:{line}: {row.code} left {row.grouping} before it joined"


def _sound() -> str:
    """Return what a check without a finding has looked at."""
    from comity.instruments.queries import count_statuses
    from comity.instruments.register import load_register
    from comity.verification.question import IMPLEMENTATION, shipped_questions

    register = load_register()
    rows = sum(sum(counts.values()) for counts in count_statuses(register).values())
    questions = len(shipped_questions()) + len(shipped_questions(IMPLEMENTATION))
    return (
        f"No problem: {len(register.instruments)} instruments in {rows} rows, "
        f"{questions} questions, the claims, definitions, talks, votes, regimes, groupings and the "
        "evidence."
    )


def _print_table(register: Register, found: Iterable[Instrument]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from comity.instruments.card import party_names, plain

    table = Table(box=None, pad_edge=False, expand=False)
    for title in ("id", "date", "parties", "standing"):
        table.add_column(title, overflow="fold", no_wrap=title in ("id", "date"))
    rows = list(found)
    for i in rows:
        parties = _shortened(party_names(register, i.id)) or "none bound"
        table.add_row(*(Text(plain(v)) for v in (i.id, str(i.date), parties, i.standing)))
    Console(width=WIDTH, highlight=False, markup=False, emoji=False).print(table)
    count = "1 instrument" if len(rows) == 1 else f"{len(rows)} instruments"
    typer.echo(f"\n{count}. All on one: `comity instruments {plain(rows[0].id)}`.")


def _shortened(names: Sequence[str]) -> str:
    """Return names with commas between; of more than MOST_NAMED the first, and how many more."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:FIRST_NAMED])} and {len(names) - FIRST_NAMED} more"


def _print_cards(register: Register, found: Iterable[Instrument]) -> None:
    from comity.instruments.card import card_record

    print_json([card_record(register, i.id) for i in found])


def _side_by_side(register: Register, ids: list[str], as_json: bool, as_csv: bool) -> None:
    from comity.instruments.side_by_side import (
        comparison_lines,
        comparison_record,
        comparison_rows,
    )

    if as_json:
        print_json(comparison_record(register, ids))
    elif as_csv:
        print_csv(comparison_rows(register, ids))
    else:
        typer.echo("\n".join(comparison_lines(register, ids, WIDTH)))
