"""The people of a desk in a terminal: who may read, draft, release, and keep the keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_exchange_options import Home, open_desk
from comity.cli_output import print_json, print_lines, say

if TYPE_CHECKING:
    from comity.exchange.accounts import Account

people_app = typer.Typer(
    help="The people of this desk, and what each may do: read, draft, release, keys.",
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="How the person signs in: small letters and digits.")]
Roles = Annotated[str, typer.Option(help="What it may do, with commas: read,draft,release,keys.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="A file whose first line is the password; else asked."),
]
OpenId = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--openid", metavar="ISSUER SUBJECT",
        help="Sign in by OpenID Connect: the issuer's address and the subject, or mailto:ADDRESS "
        "for an address that the issuer has verified.",
    ),
]  # fmt: skip


def add_people(app: typer.Typer) -> None:
    """Add the commands to `comity exchange`."""
    app.add_typer(people_app, name="people")


@people_app.callback(invoke_without_command=True)
def people(
    context: typer.Context,
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
) -> None:
    """Who is at this desk, how each signs in, what each may do."""
    if context.invoked_subcommand is not None:
        return
    from comity.exchange.accounts import all_people
    from comity.report.lines import columns

    with open_desk(home) as desk:
        found = all_people(desk)
    if as_json:
        print_json([_record(one) for one in found])
    elif not found:
        say("Nobody is added here yet: `comity exchange people add NAME --roles read,draft`.")
    else:
        rows = [("name", "roles", "signs in by"), *(_row(one) for one in found)]
        print_lines(columns(rows, 80))


@people_app.command()
def add(
    name: Name,
    roles: Roles = "read",
    password_file: PasswordFile = None,
    openid: OpenId = None,
    home: Home = None,
) -> None:
    """Let a person in, by a password, by OpenID Connect, or by either."""
    from comity.exchange.accounts import add_person, check_name, read_roles

    check_name(name)
    wanted = read_roles(roles)
    issuer, subject = openid or ("", "")
    password = "" if openid and password_file is None else _password(password_file, name)
    with open_desk(home) as desk:
        account = add_person(desk, name, wanted, password, issuer, subject)
    say(f"{name} may sign in and {_roles(account) or 'do nothing'}.")


@people_app.command()
def roles(
    name: Name,
    wanted: Annotated[str, typer.Argument(help="All it may do from now on: read,draft,release.")],
    home: Home = None,
) -> None:
    """Say what a person may do from now on; it holds from the next thing it does."""
    from comity.exchange.accounts import read_roles, set_roles

    with open_desk(home) as desk:
        account = set_roles(desk, name, read_roles(wanted))
    say(f"{name} may {_roles(account)}.")


@people_app.command()
def password(name: Name, password_file: PasswordFile = None, home: Home = None) -> None:
    """Give a person another password; whoever is signed in by the old one is signed out."""
    from comity.exchange.accounts import set_password

    with open_desk(home) as desk:
        set_password(desk, name, _password(password_file, name))
    say(f"{name} has a new password.")


@people_app.command()
def openid(name: Name, issuer: str, subject: str, home: Home = None) -> None:
    """Say by which OpenID identity a person signs in."""
    from comity.exchange.accounts import set_openid

    with open_desk(home) as desk:
        set_openid(desk, name, issuer, subject)
    say(f"{name} signs in as {subject} of {issuer}.")


@people_app.command()
def provider(
    issuer: Annotated[str, typer.Argument(help="The OpenID provider's issuer: https://...")],
    client_id: Annotated[str, typer.Argument(help="As what this desk is registered there.")],
    secret_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the client's secret.")
    ] = None,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--host", help="Another host its endpoints may be at; may be repeated."),
    ] = None,
    home: Home = None,
) -> None:
    """Name the OpenID provider through which people sign in to the workbench."""
    from comity.web.exchange.openid_config import OpenIdConfig, save_openid

    secret = "" if secret_file is None else _first_line(secret_file)
    with open_desk(home) as desk:
        save_openid(desk.home, OpenIdConfig(issuer, client_id, secret, tuple(hosts or ())))
    say(
        "People that were added with --openid may sign in there. Register at the provider that it "
        "leads back to /exchange/openid/back of the workbench."
    )


@people_app.command()
def remove(name: Name, home: Home = None) -> None:
    """Close a person's account; what it released stays under its name."""
    from comity.exchange.accounts import remove_person

    with open_desk(home) as desk:
        remove_person(desk, name)
    say(f"{name} may no longer sign in.")


def _password(path: Path | None, name: str) -> str:
    """Return a password from the first line of a file, or asked for twice."""
    if path is None:
        return str(
            typer.prompt(
                f"Password of {name}", hide_input=True, confirmation_prompt="Once more", err=True
            )
        )
    return _first_line(path)


def _first_line(path: Path) -> str:
    """Return the first line of a file. Raises ExchangeError."""
    from comity.errors import ExchangeError

    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(5000).rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        raise ExchangeError(f"{path} cannot be read: {error}. Nobody was changed.") from error


def _roles(account: Account) -> str:
    return ", ".join(sorted(account.person.roles))


def _row(one: Account) -> tuple[str, str, str]:
    ways = ["password"] if one.password else []
    ways += [f"{one.subject} of {one.issuer}"] if one.subject else []
    return one.person.name, _roles(one), " or ".join(ways) if one.active else "closed"


def _record(one: Account) -> dict[str, object]:
    return {
        "name": one.person.name, "roles": sorted(one.person.roles), "active": one.active,
        "password": one.password, "issuer": one.issuer, "subject": one.subject,
    }  # fmt: skip
