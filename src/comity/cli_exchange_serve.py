"""`comity exchange serve`, `send`, `sync`, `token` and `relay`: messages over the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_exchange_options import Home, Json, ListFirst, open_desk
from comity.cli_output import print_json, print_lines, say

if TYPE_CHECKING:
    from comity.exchange.desk import Desk
    from comity.exchange.taxii.deliver import Report

CHECK_SECONDS = 600.0  # between looks at whether a check is due

token_app = typer.Typer(
    help="Passwords for programs that speak TAXII with HTTP Basic, on behalf of a party.",
    cls=ListFirst,
    rich_markup_mode=None,
)
Parties = Annotated[
    list[str] | None, typer.Argument(help="Only with these parties; with all without.")
]


def add_serve(app: typer.Typer) -> None:
    """Add the commands to `comity exchange`."""
    for name, command in (("serve", serve), ("send", send), ("sync", sync), ("relay", relay)):
        app.command(name)(command)
    app.add_typer(token_app, name="token")


def serve(
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:8443",
    every: Annotated[
        float, typer.Option(help="Seconds between looks at the other parties' servers.", min=1)
    ] = 30.0,
    certificate: Annotated[
        Path | None, typer.Option(help="The server's certificate as PEM, in place of the desk's.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key as PEM.")] = None,
    checks: Annotated[
        bool, typer.Option("--checks", help="Send communication checks too when they are due.")
    ] = False,
    home: Home = None,
) -> None:
    """The TAXII server of this desk, and delivery to the others as long as it runs."""
    from comity.errors import ExchangeError
    from comity.exchange.checks import checking
    from comity.exchange.desk import OPERATOR
    from comity.exchange.listening import listening_socket
    from comity.exchange.taxii.deliver import delivering
    from comity.exchange.taxii.listening import address_of, make_server
    from comity.exchange.taxii.server import build_app

    host, port = _listen(listen)
    if (certificate is None) != (key is None):
        raise ExchangeError("A certificate and its key belong together: give both, or neither.")
    with open_desk(home) as desk:
        files = (certificate, key) if certificate and key else _files(desk, host)
        server = make_server(build_app(desk), *files)
        with listening_socket(host, port) as listening:
            typer.echo(f"{desk.party} is at {address_of(listening)}taxii2/ (stop it with Ctrl+C)")
            _warn(desk, files[0])
            with delivering(desk, every, _tell), ExitStack() as stack:
                if checks:
                    stack.enter_context(checking(desk, CHECK_SECONDS, OPERATOR, say))
                server.run(sockets=[listening])


def send(parties: Parties = None, home: Home = None, as_json: Json = False) -> None:
    """Bring what is on its way to the other parties now; what does not arrive is kept."""
    _deliver(home, parties or (), as_json, fetch=False)


def sync(parties: Parties = None, home: Home = None, as_json: Json = False) -> None:
    """Bring and fetch messages now, until both sides hold the same."""
    _deliver(home, parties or (), as_json, fetch=True)


def relay(
    track: Annotated[str, typer.Argument(help="A line, by the id of its track.")],
    url: Annotated[
        str, typer.Option(help="The third server: https://HOST/ROOT/, or its collection's address.")
    ] = "",
    certificate: Annotated[
        Path | None, typer.Option(help="Its certificate as PEM; else one an authority signed.")
    ] = None,
    user: Annotated[str, typer.Option(help="The name to sign in with there.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the password; else asked.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Use the parties' own again.")] = False,
    home: Home = None,
) -> None:
    """Use a TAXII server between the parties of a line, where both bring and fetch."""
    from comity.errors import ExchangeError
    from comity.exchange.model import Relay
    from comity.exchange.taxii.client import check_url
    from comity.exchange.taxii.pinned import pinned_context

    with open_desk(home) as desk:
        line = desk.line(track)
        if remove:
            desk.set_relay(line.id, None)
            say(f"{line.id} goes by the parties' own servers.")
            return
        check_url(url)
        try:
            pem = certificate.read_text(encoding="ascii") if certificate else ""
            words = password_file.read_text(encoding="utf-8") if password_file else ""
        except (OSError, ValueError) as error:
            raise ExchangeError(f"The file cannot be read: {error}.") from error
        if pem:
            pinned_context(pem)
        password = words.partition("\n")[0].rstrip("\r")
        if user and not password_file:
            password = typer.prompt(f"Password of {user}", hide_input=True)
        desk.set_relay(line.id, Relay(url, pem, user, password))
        say(f"{line.id} goes by {url}. Its password is kept in the desk's database.")


@token_app.command("list")
def list_(home: Home = None, as_json: Json = False) -> None:
    """The programs that may sign in here: name, party, whether they only read."""
    from comity.report.lines import columns

    with open_desk(home) as desk:
        found = desk.tokens()
    if as_json:
        print_json([
            {"name": t.name, "party": t.party, "read_only": t.read_only,
             "created": t.created.isoformat()}
            for t in found
        ])  # fmt: skip
    elif not found:
        say("No program has a password here: `comity exchange token add NAME --for PARTY`.")
    else:
        rows = [("name", "party", "may", "since")]
        rows += [(t.name, t.party, "read" if t.read_only else "read, send", f"{t.created:%Y-%m-%d}")
                 for t in found]  # fmt: skip
        print_lines(columns(rows, 80))


@token_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="How the program signs in.")],
    party: Annotated[str, typer.Option("--for", help="The party on whose behalf it speaks.")],
    read_only: Annotated[
        bool, typer.Option("--read-only", help="It may read, and send nothing.")
    ] = False,
    home: Home = None,
) -> None:
    """Make a password for a program. It is shown once: only its hash is kept."""
    import secrets

    from comity.errors import ExchangeError
    from comity.exchange.model import Token
    from comity.exchange.taxii.auth import NAME, hash_secret

    if not NAME.fullmatch(name):
        raise ExchangeError(
            f"{name[:60]!r} is no name of a program: letters, digits and . _ @ -, a letter or "
            "digit first."
        )
    with open_desk(home) as desk:
        if not any(party in line.parties for line in desk.lines()):
            known = sorted({p for line in desk.lines() for p in line.parties})
            raise ExchangeError(
                f"{party[:100]!r} is on no line of this desk. On its lines are: "
                f"{', '.join(known) or 'nobody yet'}."
            )
        secret = secrets.token_urlsafe(32)
        desk.put_token(Token(name, party, hash_secret(secret), read_only, desk.clock()))
    say(f"Name: {name}")
    typer.echo(f"Password: {secret}")
    what = "reads" if read_only else "reads and sends"
    say(f"With them a program {what} on the lines of {party}. The password is not shown again.")


@token_app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The program's name.")], home: Home = None
) -> None:
    """Take a program's password away; it no longer gets in from now on."""
    with open_desk(home) as desk:
        desk.drop_token(name)
    say(f"{name} no longer gets in.")


def _deliver(home: Path | None, parties: Sequence[str], as_json: bool, fetch: bool) -> None:
    """Deliver, say what came of it, and exit with 1 where it is not all as it should be."""
    from dataclasses import asdict

    from comity.errors import ExchangeError
    from comity.exchange.taxii.deliver import sync as run

    with open_desk(home) as desk:
        others = {p for line in desk.lines() for p in line.parties} - {desk.party}
        if strange := [p for p in parties if p not in others]:
            raise ExchangeError(
                f"No line is open with {strange[0][:100]!r}. Open with: "
                f"{', '.join(sorted(others)) or 'nobody yet'}."
            )
        reports = tuple(_waiting(desk, one) for one in run(desk, parties, fetch=fetch))
    if as_json:
        print_json([asdict(report) for report in reports])
    elif not reports:
        say("No line is open here: `comity exchange open TRACK --with PARTY`.")
    for report in () if as_json else reports:
        say(in_words(report), 2)
    if any(report.text for report in reports):
        raise typer.Exit(1)


def _waiting(desk: Desk, report: Report) -> Report:
    """Return a report that counts what waits here for a server that was not reached, and so was
    not even tried on this line."""
    from dataclasses import replace

    if report.reached or report.postponed:
        return report
    ways = desk.deliveries(report.line)
    return replace(report, postponed=sum(w.peer == report.peer and w.state == "due" for w in ways))


def in_words(report: Report) -> str:
    """Return what came of bringing and fetching as a sentence or two."""
    counts = (
        (report.sent, "sent"), (report.fetched, "fetched"), (report.refused, "refused"),
        (report.postponed, "kept to be sent again"),
    )  # fmt: skip
    found = ", ".join(f"{n:,} {what}" for n, what in counts if n)
    found = found or ("nothing new" if report.reached else "not reached")
    where = f"{report.line} with {report.peer}" if report.line else report.peer
    return f"{where}: {found}. {report.text}".strip()


def _tell(report: Report) -> None:
    text = in_words(report)
    typer.echo(text if report.text or report.sent or report.fetched else f"{text} All is well.")


def _listen(text: str) -> tuple[str, int]:
    """Return host and port of `--listen`. Raises ExchangeError."""
    from comity.errors import ExchangeError

    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})", text)
    if not found or int(found[3]) > 65535:
        raise ExchangeError(
            f"{text[:80]!r} is no address to listen on: HOST:PORT, such as 127.0.0.1:8443, "
            "[::1]:8443 or 0.0.0.0:8443."
        )
    return found[1] or found[2], int(found[3])


def _files(desk: Desk, host: str) -> tuple[Path, Path]:
    """Return the desk's own certificate and key; made where there are none yet."""
    from urllib.parse import urlsplit

    from comity.exchange.taxii.certs import FOLDER, certificate_files

    endpoint = desk.card_of(desk.party).endpoint
    named = urlsplit(endpoint.url).hostname if endpoint else None
    return certificate_files(desk.home / FOLDER, [named or host], desk.clock())


def _warn(desk: Desk, certificate: Path) -> None:
    """Say where the card of this desk would not lead others here."""
    endpoint = desk.card_of(desk.party).endpoint
    shown = certificate.read_text(encoding="ascii").strip()
    if endpoint is not None and (not endpoint.certificate or shown in endpoint.certificate):
        return
    what = "names no server" if endpoint is None else "names another certificate"
    say(
        f"The card of {desk.party} {what}, so others do not find this one: `comity exchange "
        f"contacts renew --url https://HOST:PORT/taxii2/ --certificate {certificate}`, then give "
        "them the new card."
    )
