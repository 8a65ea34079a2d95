"""The command `comity exchange watch`: a bell, or a program run, when messages come."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli_exchange_options import Home, open_desk


def add_watch(app: typer.Typer) -> None:
    """Add the command to `comity exchange`."""
    app.command("watch")(watch)


def watch(
    run: Annotated[
        str,
        typer.Option(
            help="A program to run when messages come, with its arguments; no shell reads it, and "
            "it is told their number alone, in COMITY_UNREAD."
        ),
    ] = "",
    every: Annotated[
        float, typer.Option(help="Seconds between two looks.", min=1.0, max=3600.0)
    ] = 10.0,
    once: Annotated[bool, typer.Option("--once", help="Say what is unread now, and end.")] = False,
    home: Home = None,
) -> None:
    """Wait for messages: a bell and a line for each, until Ctrl+C."""
    import time

    from comity.exchange.watch import arrivals, read_command, run_command, told

    words = read_command(run) if run else []
    with open_desk(home) as desk:

        def tell(count: int, lines: list[str]) -> None:
            for line in lines:
                typer.echo(f"\a{line}")
            if words and (wrong := run_command(words, count)):
                typer.echo(f"comity: {wrong}", err=True)

        if once:
            unread = desk.unread()
            if unread:
                tell(len(unread), [told(one) for one in unread])
            raise typer.Exit(0 if not unread else 3)
        typer.echo(f"Watching the desk of {desk.party} (stop with Ctrl+C)", err=True)
        for new in arrivals(desk, time.sleep, every):
            tell(len(new), [told(one) for one in new])
