"""`comity exchange keys`: the keys of the desk, made, rotated and revoked."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from comity.cli_exchange_contacts import tell
from comity.cli_exchange_options import Home, Json, ListFirst, desk_at
from comity.cli_output import print_json, say

keys_app = typer.Typer(
    help="The keys of this desk: those that sign and those that open what is sealed.",
    cls=ListFirst,
    rich_markup_mode=None,
)


def add_keys(app: typer.Typer) -> None:
    """Put the group `keys` on the group of `comity exchange`."""
    app.add_typer(keys_app, name="keys")


@keys_app.command("list")
def list_(home: Home = None, as_json: Json = False) -> None:
    """The keys of this desk: what for, from when to when, revoked or not, locked or not."""
    from comity.exchange.cardtext import key_data
    from comity.report.contacts_page import key_line

    _, ring = desk_at(home)
    now = dt.datetime.now(dt.UTC)
    rows = [(key, ring.locked_with_passphrase(key.kid)) for key in ring.public()]
    if as_json:
        print_json([{**key_data(key), "locked": locked} for key, locked in rows])
        return
    for key, locked in rows:
        typer.echo(f"{key_line(key, now)}{'' if locked else ', not locked with a passphrase'}")


@keys_app.command("rotate")
def rotate(
    days: Annotated[int, typer.Option(help="For how many days they hold.", min=1, max=3650)] = 730,
    notice: Annotated[
        int, typer.Option(help="After how many days they are first used.", min=0, max=365)
    ] = 7,
    home: Home = None,
) -> None:
    """Make new keys and sign a new version of the own card; the old keys hold to their end."""
    from comity.exchange.own import rotate as make
    from comity.report.contacts_page import key_line

    book, ring = desk_at(home)
    now = dt.datetime.now(dt.UTC)
    published, made = make(book, ring, now, days, notice)
    for key in made:
        say(f"New: {key_line(key, now)}")
    tell(published)
    say(
        "Send the others the new card before the new keys are used: `comity exchange contacts "
        "export FILE`."
    )


@keys_app.command("lock")
def lock(home: Home = None) -> None:
    """Lock the private keys with another passphrase, asked for here; an empty one unlocks them."""
    _, ring = desk_at(home)
    passphrase = typer.prompt(
        "New passphrase", default="", show_default=False, hide_input=True,
        confirmation_prompt=True,
    )  # fmt: skip
    count = ring.relock(passphrase)
    done = "locked with the new passphrase" if passphrase else "no longer locked"
    say(f"{count} keys are {done}.")
    if passphrase:
        say("Set COMITY_EXCHANGE_PASSPHRASE to it; nothing is signed or opened without it.")


@keys_app.command("revoke")
def revoke(
    kid: Annotated[str, typer.Argument(help="The key's id, as `comity exchange keys` shows it.")],
    why: Annotated[str, typer.Option(help="What happened, for the others to judge by.")],
    since: Annotated[
        str, typer.Option(help="When it was lost: 2026-11-20 or 2026-11-20T14:00:00Z; now without.")
    ] = "",
    home: Home = None,
) -> None:
    """Revoke a key, for good: what it signed is refused from then on, whenever it was signed."""
    from comity.exchange.own import revoke as take_back

    book, ring = desk_at(home)
    now = dt.datetime.now(dt.UTC)
    tell(take_back(book, ring, kid, why, now, _instant(since, now)))
    say("Send the others the new card at once: `comity exchange contacts export FILE`.")


def _instant(text: str, now: dt.datetime) -> dt.datetime | None:
    """Return the instant of --since, None where it is not given. Raises ExchangeError."""
    from comity.errors import ExchangeError

    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ExchangeError(f"--since {text!r} is no instant such as 2026-11-20 or "
                            "2026-11-20T14:00:00Z.") from error  # fmt: skip
    found = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    if found > now:
        raise ExchangeError(f"--since {text!r} is not past yet: leave it out to revoke now.")
    return found
