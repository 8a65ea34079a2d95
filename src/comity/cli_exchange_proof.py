"""What a journal proves, in a terminal: verify, journal, compare, account, verify-account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_exchange_options import Home, Json, ShowFirst, open_desk
from comity.cli_output import print_json, print_lines, say, working, write_text

if TYPE_CHECKING:
    from comity.exchange.account_check import AccountVerdict
    from comity.exchange.model import Level
    from comity.exchange.statement import Statement

journal_app = typer.Typer(
    help="The journal of a line: show it, export a signed statement of what it holds.",
    cls=ShowFirst,
    no_args_is_help=True,
    rich_markup_mode=None,
)
Track = Annotated[str, typer.Argument(help="A line, by the id of its track.")]


def add_proof(app: typer.Typer) -> None:
    """Put the commands of proof on the group of `comity exchange`."""
    for name, command in (
        ("verify", verify), ("compare", compare), ("account", account),
        ("verify-account", verify_account),
    ):  # fmt: skip
        app.command(name)(command)
    app.add_typer(journal_app, name="journal")


def verify(
    line: Annotated[str, typer.Option(help="Only this line; all without.")] = "",
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A statement of another party, or an older one of ours; repeat it."),
    ] = None,
    signatures: Annotated[
        bool, typer.Option("--signatures/--no-signatures", help="Check every signature again.")
    ] = True,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Verify the journals of this desk; name the first entry that is not as it was."""
    from comity.errors import ExchangeError
    from comity.exchange.proofs import lines_of, take_statement, verify_line
    from comity.report.exchange_proof import journal_lines, journal_record

    with open_desk(home) as desk:
        given = [take_statement(desk, _read(path)) for path in against or ()]
        lines = lines_of(desk, line)
        if foreign := [s for s in given if s.line not in {x.id for x in lines}]:
            raise ExchangeError(f"The statement of {foreign[0].party} is of the line "
                                f"{foreign[0].line}, which is not verified here.")  # fmt: skip
        found = []
        for one in lines:
            with working(f"Verifying the journal of {one.id}"):
                known = [s for s in given if s.line == one.id]
                found.append(verify_line(desk, one.id, known, signatures))
    if as_json:
        print_json([journal_record(verdict) for verdict in found])
    else:
        for verdict in found:
            print_lines(journal_lines(verdict, signatures))
        if not found:
            say("No line is open here: there is no journal to verify.")
    if not all(verdict.sound for verdict in found):
        raise typer.Exit(1)


@journal_app.command("show")
def show(
    line: Track,
    last: Annotated[int, typer.Option(help="How many entries, from the end.")] = 20,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show the latest entries of a line's journal."""
    from dataclasses import asdict

    from comity.exchange.canonical import stamp
    from comity.exchange.proofs import last_entries
    from comity.report.exchange_proof import entry_lines

    with open_desk(home) as desk:
        found = last_entries(desk, line, last)
    if as_json:
        print_json([asdict(e) | {"recorded": stamp(e.recorded)} for e in found])
    else:
        print_lines(entry_lines([
            (e.n, stamp(e.recorded), e.what, e.sender, e.number, e.digest) for e in found
        ]))  # fmt: skip


@journal_app.command("export")
def export(
    line: Track,
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    messages: Annotated[
        list[str] | None,
        typer.Option("--message", help="Bring a signed message along as proof: PARTY:NUMBER."),
    ] = None,
    home: Home = None,
) -> None:
    """Write a signed statement of what a line's journal holds, for another party to compare."""
    from comity.exchange.proofs import export_statement

    with open_desk(home) as desk:
        write_text(file, export_statement(desk, line, [_asked(text) for text in messages or ()]))
    say(f"{file} states the journal of {line}; the other party runs `comity exchange compare "
        f"{file.name}` at its desk.")  # fmt: skip


def compare(
    file: Annotated[Path, typer.Argument(help="A statement of another party's journal.")],
    other: Annotated[
        Path | None, typer.Argument(help="A second statement; this desk's journal without.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Compare two journals of a line: the same, one behind, or contradicting, with the proof."""
    from comity.exchange.compare import Standing
    from comity.exchange.proofs import compare_with, take_statement
    from comity.report.exchange_proof import comparison_lines, comparison_record

    if other is None:
        with open_desk(home) as desk:
            found = compare_with(desk, take_statement(desk, _read(file)))
        cards: list[Statement] = []
    else:
        from comity.exchange.compare import compare as compared
        from comity.exchange.statement import keys_in, read_statement

        cards = [read_statement(_read(path)) for path in (file, other)]
        found = compared(cards[0], cards[1], keys_in(cards))
    if as_json:
        print_json(comparison_record(found))
    else:
        print_lines(comparison_lines(found))
        _say_fingerprints(cards)
    if found.standing is Standing.CONTRADICTING:
        raise typer.Exit(1)


def account(
    thread: Annotated[str, typer.Argument(help="A thread, by the beginning of its id.")],
    out: Annotated[Path | None, typer.Option(help="Write the STIX bundle here.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write a readable page here.")] = None,
    audience: Annotated[
        str, typer.Option(help="Who may read it, by TLP: clear, green, amber, amber+strict, red.")
    ] = "red",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Give account of one thread with its proof: what was said, signed, and when it came."""
    from comity.exchange.account import write_account
    from comity.exchange.account_check import verify_account as verified
    from comity.exchange.proofs import account_of
    from comity.exchange.views import find_thread
    from comity.report.exchange_page import write_account_page

    level = _level(audience)
    with open_desk(home) as desk:
        bundle = account_of(desk, find_thread(desk, thread), level)
    found = verified(bundle)
    if out is not None:
        write_text(out, write_account(bundle))
    if page is not None:
        name = out.name if out is not None else "FILE.json"
        write_account_page(found, page, f"comity exchange verify-account {name} --page {page.name}")
    if out is None and page is None:
        _show_account(found, as_json)
        return
    for path in (out, page):
        if path is not None:
            say(f"{path} is written.")
    if out is not None:
        say(f"Anybody verifies it with `comity exchange verify-account {out.name}`.")


def verify_account(
    file: Annotated[Path, typer.Argument(help="An account of a thread.")],
    other: Annotated[
        Path | None, typer.Argument(help="Another party's account of it, to compare.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write a readable page here.")] = None,
    as_json: Json = False,
) -> None:
    """Verify an account with nothing but the file; with two, say whether they are the same."""
    from comity.exchange.account_check import read_account, same_account
    from comity.report.exchange_page import write_account_page
    from comity.report.exchange_proof import account_sentence, same_lines

    found = [read_account(_read(path)) for path in (file, other) if path is not None]
    if page is not None:
        again = f"comity exchange verify-account {file.name} --page {page.name}"
        write_account_page(found[0], page, again)
    same = same_account(*found) if len(found) > 1 else None
    if same is not None and not as_json:
        for one in found:
            if not one.sound:
                say(f"{one.party}: {account_sentence(one)}")
        print_lines([*same_lines(same), ("", "")])
    for n, one in enumerate(found):
        print_lines([("", "")] if n and not as_json else [])
        _show_account(one, as_json)
    if not all(one.sound for one in found) or (same is not None and not same.same):
        raise typer.Exit(1)


def _show_account(found: AccountVerdict, as_json: bool) -> None:
    from comity.report.exchange_proof import account_lines, account_record

    if as_json:
        print_json(account_record(found))
    else:
        print_lines(account_lines(found))


def _say_fingerprints(statements: list[Statement]) -> None:
    from comity.exchange.cards import fingerprint, read_card

    for one in statements:
        card = read_card(one.cards[-1])
        say(f"The keys of {one.party} are those of the card {fingerprint(card)}: compare it by "
            "telephone.")  # fmt: skip


def _asked(text: str) -> tuple[str, int]:
    from comity.errors import ExchangeError

    party, colon, number = text.rpartition(":")
    if not colon or not number.isdecimal():
        raise ExchangeError(f"--message takes PARTY:NUMBER, such as us.example:7; given {text!r}.")
    return party, int(number)


def _level(text: str) -> Level:
    from comity.errors import ExchangeError
    from comity.exchange.model import Level as Levels

    try:
        return Levels(text.lower())
    except ValueError:
        known = ", ".join(level.value for level in Levels)
        raise ExchangeError(f"{text[:40]!r} is no TLP level. There are: {known}.") from None


def _read(path: Path) -> str:
    from comity.errors import ExchangeError

    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ExchangeError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise ExchangeError(f"{path} is no text: a JSON file is expected.") from error
