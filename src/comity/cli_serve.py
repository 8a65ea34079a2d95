"""The command `comity serve`: the workbench in a browser, from this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Language = Annotated[
    str, typer.Option(help="Language of the pages: en, or a file such as drafts/de.toml.")
]


def serve(
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 is any that is free.", min=0, max=65535)
    ] = 8015,
    host: Annotated[
        str, typer.Option(help="Address to listen on. The usual one is reached from here only.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another name under which it may be asked for; may be given again."),
    ] = None,
    language: Language = "en",
    browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the pages in the usual browser.")
    ] = False,
    exchange: Annotated[
        Path | None,
        typer.Option(
            metavar="HOME", help="A desk's folder: adds its exchange, for people who sign in."
        ),
    ] = None,
) -> None:
    """The rooms in a browser: read, move an assumption, see whether the verdict moves."""
    from comity.web.serve import is_loopback
    from comity.web.serve import serve as run

    if not is_loopback(host):
        typer.echo(
            f"comity: {host} can be reached from other machines. The workbench has no passwords: "
            "whoever reaches it can read all lists added here, and add or remove some. Put "
            "something that signs people in before it, or listen on 127.0.0.1.",
            err=True,
        )
        if exchange is not None:
            typer.echo(
                "comity: names and passwords of the exchange would cross the network as they are "
                "typed. Put a server that speaks HTTPS before it, on this machine.", err=True,
            )  # fmt: skip

    def ready(address: str) -> None:
        typer.echo(f"Comity is at {address} (stop it with Ctrl+C)")
        if browser:
            import webbrowser

            webbrowser.open(address)

    home = None if exchange is None else exchange.expanduser()
    run(host, port, tuple(allow_host or ()), language, ready, home)


def site(
    folder: Annotated[Path, typer.Argument(help="The folder to write; it is replaced whole.")],
    language: Language = "en",
) -> None:
    """The workbench as files that anyone can host: to read, not to recompute."""
    from comity.cli_output import telling
    from comity.web.serve import write_whole_site

    with telling("Writing the site") as tell:
        count = write_whole_site(folder, language, tell)
    typer.echo(f"{count:,} files written to {folder}. Open {folder / 'index.html'}.")


def texts(
    language: Annotated[
        str, typer.Argument(help="A language's code, or a catalogue's file: drafts/de.toml.")
    ] = "en",
) -> None:
    """What a translation lacks or has wrong, a line each; it fails where there is anything."""
    from comity.saying import english, faults, read_catalogue

    found = faults(read_catalogue(language))
    for line in found:
        typer.echo(line)
    done = len(english()) - sum(line.startswith("not translated") for line in found)
    typer.echo(f"{done:,} of {len(english()):,} texts have words in {language}.", err=True)
    if found:
        raise typer.Exit(1)
