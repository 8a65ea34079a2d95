"""The command `comity exchange quota`: how much a line takes of another party in a day."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli_exchange_options import Home, Json, open_desk
from comity.cli_output import print_json, print_lines, say


def add_quota(app: typer.Typer) -> None:
    """Add the command to `comity exchange`."""
    app.command("quota")(quota)


def quota(
    track: Annotated[str, typer.Argument(help="A line, by the id of its track.")],
    messages: Annotated[
        int | None, typer.Option(help="From now on, messages of each other party a day.", min=1)
    ] = None,
    megabytes: Annotated[
        int | None, typer.Option(help="From now on, megabytes of each other party a day.", min=1)
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """How much a line takes of each other party in a day (in UTC), and what came today."""
    from dataclasses import asdict, replace

    from comity.exchange.quota import MB
    from comity.report.lines import columns

    with open_desk(home) as desk:
        if messages is not None or megabytes is not None:
            now, _ = desk.quota(track)
            desk.set_quota(track, replace(
                now, messages=messages or now.messages,
                bytes=megabytes * MB if megabytes else now.bytes,
            ))  # fmt: skip
        allowed, used = desk.quota(track)
    if as_json:
        print_json({"line": track, "a_day": asdict(allowed),
                    "today": {party: asdict(one) for party, one in used.items()}})  # fmt: skip
        return
    say(
        f"{track} takes {allowed.messages:,} messages and {allowed.bytes / MB:,.0f} MB of each "
        "other party in a day. What is over it waits at its sender's desk."
    )
    rows = [("party", "messages today", "MB today", "last refused")]
    rows += [(party, f"{one.messages:,}", f"{one.bytes / MB:.1f}", one.refused or "never")
             for party, one in sorted(used.items())]  # fmt: skip
    print_lines(columns(rows, 80, right=(1, 2)) if used else [])
