"""`comity exchange init` and `contacts`: one's own desk, and whom to reach at the others."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_exchange_options import Home, Json, ListFirst, desk_at
from comity.cli_output import print_json, print_lines, say

if TYPE_CHECKING:
    from comity.exchange.model import Channel, Endpoint, Point
    from comity.exchange.own import Published

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as far as people use it

contacts_app = typer.Typer(
    help="Points of contact: every party's signed card, one's own changed, others' taken in.",
    cls=ListFirst,
    rich_markup_mode=None,
)
RoleOption = Annotated[str, typer.Option(help="technical, diplomatic or policy.")]
Url = Annotated[
    str, typer.Option(help="Where other parties reach this desk: https://HOST:PORT/taxii2/.")
]
Certificate = Annotated[
    Path | None,
    typer.Option(
        help="The server's certificate as PEM, for others to check it by; else one is made."
    ),
]


def add_contacts(app: typer.Typer) -> None:
    """Put `init` and the group `contacts` on the group of `comity exchange`."""
    app.command()(init)
    app.add_typer(contacts_app, name="contacts")


def init(
    party: Annotated[str, typer.Option(help="The party's name, like a domain: us.example.")],
    country: Annotated[str, typer.Option(help="Its ISO code, such as US, or the id of a body.")],
    name: Annotated[str, typer.Option(help="Its name for people: CERT of ...")],
    home: Home = None,
    url: Url = "",
    certificate: Certificate = None,
    database: Annotated[
        str, typer.Option(help="postgresql+psycopg://... for several desks; a file without.")
    ] = "",
    two_persons: Annotated[
        bool, typer.Option("--two-persons", help="A message needs two persons' release.")
    ] = False,
) -> None:
    """Make a desk: its folder, its keys and its first card. An existing one is never replaced."""
    from comity.countries import resolve_country
    from comity.exchange.cards import fingerprint
    from comity.exchange.desk_config import DeskConfig, exchange_home
    from comity.exchange.making import make_desk

    folder = exchange_home(home)
    code = resolve_country(country) or country
    config = DeskConfig(party, code, name, database, two_persons)
    if url and certificate is None:
        certificate = _made_certificate(folder, url)
    card = make_desk(folder, config, _now(), _endpoint(url, certificate))
    say(f"Desk of {party} made in {folder}.")
    say(f"Fingerprint: {fingerprint(card)}")
    key = card.keys[0]
    say(f"The keys hold until {key.until:%Y-%m-%d}, this card until {card.until:%Y-%m-%d}.")
    _, ring = desk_at(folder)
    if not ring.locked_with_passphrase(key.kid):
        say(
            "The private keys are not locked: whoever reads this account's files has them. To lock "
            "keys with a passphrase, set COMITY_EXCHANGE_PASSPHRASE before they are made."
        )
    say("Next: `comity exchange contacts add`, then `comity exchange contacts export FILE`.")


@contacts_app.command("list")
def list_(home: Home = None, as_json: Json = False) -> None:
    """The cards of all parties: whom to reach, in which language and when, keys, validity."""
    from comity.exchange.cards import fingerprint
    from comity.exchange.cardtext import card_data
    from comity.report.contacts_page import card_lines

    book, _ = desk_at(home)
    cards = [card for _, card in book.all()]
    if as_json:
        print_json(
            [
                {**card_data(c), "own": c.party == book.party,
                 "fingerprint": fingerprint(c)}
                for c in cards
            ]
        )  # fmt: skip
        return
    for card in cards:
        print_lines(card_lines(card, fingerprint(card), card.party == book.party, _now()))
        typer.echo("")


@contacts_app.command("add")
def add(
    role: RoleOption,
    name: Annotated[str, typer.Option(help="A person or an office: Duty officer.")],
    channel: Annotated[
        list[str], typer.Option(help="email:, telephone:, matrix:, radio: or other:ADDRESS; more.")
    ],
    language: Annotated[list[str], typer.Option(help="A language by its code: en, zh, ru; more.")],
    home: Home = None,
    hours: Annotated[str, typer.Option(help='"24/7" or "Mon-Fri 09:00-17:00".')] = "",
    time_zone: Annotated[str, typer.Option(help="Europe/Zurich, Asia/Shanghai, UTC.")] = "",
) -> None:
    """Put a point of contact on the own card: a new signed version."""
    from comity.exchange.model import Point
    from comity.exchange.own import add_point

    book, ring = desk_at(home)
    _check_zone(time_zone)
    point = Point(role, name, tuple(_channel(c) for c in channel), tuple(language), hours,
                  time_zone)  # fmt: skip
    _check_point(point)
    tell(add_point(book, ring, point, _now()))


@contacts_app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The name of the point of contact.")],
    role: Annotated[str, typer.Option(help="Its role, where one name has several.")] = "",
    home: Home = None,
) -> None:
    """Take a point of contact off the own card: a new signed version."""
    from comity.exchange.own import remove_point

    tell(remove_point(*desk_at(home), name, role, _now()))


@contacts_app.command("renew")
def renew(home: Home = None, url: Url = "", certificate: Certificate = None) -> None:
    """Sign the own card anew, for another year; with a new address or certificate if given."""
    from comity.exchange.own import publish

    book, ring = desk_at(home)
    held = book.own()[1].endpoint
    tell(publish(book, ring, _now(), endpoint=_endpoint(url, certificate, held)))


@contacts_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The file to write; - for the terminal.")],
    party: Annotated[str, typer.Option(help="Another party's card in place of one's own.")] = "",
    home: Home = None,
) -> None:
    """Write a card as a file for another party: every signed version, one a line."""
    from comity.cli_output import write_text
    from comity.errors import ExchangeError
    from comity.exchange.cards import fingerprint

    book, _ = desk_at(home)
    history = book.history(party or book.party)
    if not history:
        raise ExchangeError(f"No card of {party} is held. See `comity exchange contacts`.")
    text = "".join(f"{token}\n" for token, _ in history)
    if str(file) == "-":
        typer.echo(text, nl=False)
        return
    write_text(file, text)
    say(
        f"Written to {file}: the card of {history[-1][1].party}, versions "
        f"{history[0][1].version} to {history[-1][1].version}."
    )
    say("Its fingerprint, to be read out by telephone:")
    typer.echo(fingerprint(history[-1][1]))


@contacts_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A file that a party exported.")],
    fingerprint: Annotated[
        str, typer.Option(help="What the party's point of contact read to you by telephone.")
    ] = "",
    home: Home = None,
) -> None:
    """Take in another party's card: the first by its fingerprint, later ones by their signature."""
    from comity.errors import ExchangeError
    from comity.exchange.cards import accept_chain, read_card, read_cards
    from comity.exchange.cards import fingerprint as print_of

    book, _ = desk_at(home)
    tokens = read_cards(file)
    newest = read_card(tokens[-1])
    if newest.party == book.party:
        raise ExchangeError(f"{file} holds this desk's own card, {newest.party}. Nothing to do.")
    held = book.known(newest.party)
    if held is None and not fingerprint:
        say(f"{file} holds version {newest.version} of the card of {newest.party}, {newest.name}.")
        say(f"Its fingerprint: {print_of(newest)}")
        say(
            "Nothing was taken in: nothing is known of this party yet. Telephone it, at a number "
            "you do not have from this file, have it read out the fingerprint that `comity "
            "exchange contacts` shows it for its own card, and give what you hear:"
        )
        at = f" --home {home}" if home else ""
        typer.echo(f'comity exchange contacts import{at} {file} --fingerprint "..."')
        raise typer.Exit(1)
    token, card = held or ("", None)
    taken = accept_chain(tokens, card, token, _now(), fingerprint)
    for new_token, new_card in taken:
        book.put(new_token, new_card)
    if not taken:
        say(f"Version {newest.version} of the card of {newest.party} is held already.")
        return
    say(f"Taken in: version {taken[-1][1].version} of the card of {newest.party}.")


@contacts_app.command("forget")
def forget(
    party: Annotated[str, typer.Argument(help="The party whose card no longer counts.")],
    home: Home = None,
) -> None:
    """Believe nothing of a party any more: its next card needs its fingerprint again."""
    book, _ = desk_at(home)
    count = book.forget(party)
    say(
        f"{count} version{'s' * (count != 1)} of the card of {party} no longer count; they are "
        "kept aside as proof. Import its card anew with the fingerprint that it reads to you."
    )


def tell(made: Published) -> None:
    """Say what a new version of the own card is, and what it asks of the others."""
    from comity.exchange.cards import fingerprint

    card = made.card
    say(f"Version {card.version} of the card of {card.party}, until {card.until:%Y-%m-%d}.")
    say(f"Fingerprint: {fingerprint(card)}")
    if not made.follows:
        say(
            "No key of the version before could sign it, so no other party takes it by itself: "
            "each has to `comity exchange contacts forget` the old one and compare this "
            "fingerprint by telephone."
        )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _made_certificate(folder: Path, url: str) -> Path:
    """Return the desk's own certificate for an address, made where there is none yet."""
    from urllib.parse import urlsplit

    from comity.errors import ExchangeError
    from comity.exchange.cardtext import check_address
    from comity.exchange.taxii.certs import FOLDER, certificate_files

    try:
        host = urlsplit(check_address(url)).hostname or ""
    except ValueError as error:
        raise ExchangeError(f"--url {url}: {error}.") from error
    return certificate_files(folder / FOLDER, [host], _now())[0]


def _endpoint(url: str, certificate: Path | None, held: Endpoint | None = None) -> Endpoint | None:
    """Return where this desk is reached: what is given in place of what it had. Raises
    ExchangeError for an address or certificate that is none."""
    from comity.errors import ExchangeError
    from comity.exchange.cardtext import check_address, check_certificate
    from comity.exchange.model import Endpoint as Made

    address = url or (held.url if held else "")
    if not address:
        if certificate is not None:
            raise ExchangeError("A certificate belongs to an address: give --url too.")
        return None
    try:
        pem = certificate.read_text(encoding="ascii").strip() if certificate else ""
        pem = check_certificate(pem) or (held.certificate if held else "")
        return Made(check_address(address), pem)
    except (OSError, ValueError) as error:
        raise ExchangeError(f"--url {address}, --certificate {certificate}: {error}.") from error


def _channel(text: str) -> Channel:
    from comity.errors import ExchangeError
    from comity.exchange.model import Channel as Made

    kind, colon, address = text.partition(":")
    if not colon or not address:
        raise ExchangeError(f"--channel {text!r} is not KIND:ADDRESS, such as email:cert@x.example "
                            "or telephone:+41 22 000 00 00.")  # fmt: skip
    return Made(kind, address.strip())


def _check_zone(name: str) -> None:
    """Raise ExchangeError where this machine's table of time zones does not have one."""
    from zoneinfo import available_timezones

    from comity.errors import ExchangeError

    zones = available_timezones()
    if name and zones and name not in zones:
        last = name.rpartition("/")[2].casefold()
        near = sorted(z for z in zones if last in z.casefold())[:3]
        raise ExchangeError(f"--time-zone {name!r} is no time zone"
                            f"{'; is it ' + ' or '.join(near) + '?' if near else '.'}")  # fmt: skip


def _check_point(point: Point) -> None:
    """Raise ExchangeError where a point of contact would make the card one that nobody takes."""
    from pydantic import ValidationError

    from comity.errors import ExchangeError
    from comity.exchange.cardtext import PointForm, point_data

    if strange := [one for one in point.languages if not LANGUAGE.fullmatch(one)]:
        raise ExchangeError(f"--language {strange[0][:60]!r} is no code such as en, zh or pt-BR.")
    try:
        PointForm.model_validate(point_data(point))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ExchangeError(
            f"{first['loc'][0]}: {str(first['input'])[:60]!r} {first['msg']}."
        ) from error
