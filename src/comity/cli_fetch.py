"""The command `comity evidence fetch`: a publisher's release, downloaded when it is asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_evidence import evidence_app
from comity.cli_output import say

if TYPE_CHECKING:
    from comity.incidents.fetching.fetch import Fetched
    from comity.incidents.fetching.releases import ReleaseFile

QUIET = 1.0  # seconds before progress is shown


@evidence_app.command("fetch")
def fetch(
    name: Annotated[
        str, typer.Argument(help="A list; without it, the releases that are known.")
    ] = "",
    release: Annotated[
        str, typer.Option("--release", help="This release of it, not the newest known.")
    ] = "",
    sha256: Annotated[
        str, typer.Option("--sha256", help="The SHA-256 that the file must have.")
    ] = "",
    address: Annotated[
        str, typer.Option("--from", help="Fetch from this https address, not the known one.")
    ] = "",
    add: Annotated[
        bool, typer.Option("--add", help="Then add it, as `comity evidence add` does.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before fetching.")] = False,
    max_size: Annotated[
        int, typer.Option("--max-size", min=1, help="The most a file may have, in megabytes.")
    ] = 500,
) -> None:
    """Download a publisher's release by name, checked; nothing is sent unless you ask for this."""
    from comity.incidents.fetching.download import MEGABYTE, Limits
    from comity.incidents.fetching.fetch import fetch as fetch_files
    from comity.incidents.fetching.releases import check_reader, choose, known_files

    if not name:
        _show_known(known_files())
        return
    files = choose(name, release, address, sha256)
    if add:
        check_reader(files)
    _show_plan(files)
    if not yes:
        _ask()
    try:
        with _progress() as progress:
            found = fetch_files(files, limits=Limits(size=max_size * MEGABYTE), progress=progress)
    except KeyboardInterrupt:
        say("Stopped. What came is kept: the same command goes on from there where it can.")
        raise typer.Exit(130) from None
    for one, got in zip(files, found, strict=True):
        _show_fetched(one, got)
    if add:
        from comity.cli_evidence import add as add_list

        add_list(files[0].reader, [got.path for got in found])


def _show_known(files: tuple[ReleaseFile, ...]) -> None:
    """Print the releases that are known, one paragraph each."""
    say("Releases that are known; the first of a list is meant unless --release says another.")
    shown = set()
    for one in files:
        if (one.list, one.release) in shown:
            continue
        shown.add((one.list, one.release))
        how = "by hand" if not one.address else f"address {one.status}"
        check = "SHA-256 known" if one.sha256 else "no checksum known"
        say(f"{one.list} ({one.release}): licence {one.licence}; {how}; {check}. {one.page}", 4)


def _show_plan(files: tuple[ReleaseFile, ...]) -> None:
    """Print what is about to be fetched, and what its licence allows."""
    from comity.incidents.fetching.fetch import download_folder

    one = files[0]
    say(f"{one.list} ({one.release}). Licence: {one.licence}: {one.allows}.", 2)
    for each in files:
        say(f"From {each.address}", 2)
        if each.sha256:
            say(f"It must have the SHA-256 {each.sha256}", 2)
    if one.status != "seen":
        say(f"How well the address is known: {one.status}. The publisher's page: {one.page}", 2)
    if one.note:
        say(f"Note: {one.note}.", 2)
    say(f"Into {download_folder(one)}", 2)


def _ask() -> None:
    """Ask whether to go on. Raises FetchError where there is nobody to ask."""
    from comity.errors import FetchError

    if not sys.stdin.isatty():
        raise FetchError("Nothing was fetched: there is no terminal to ask on. Add --yes.")
    typer.confirm("Fetch it?", abort=True, default=True)


def _show_fetched(one: ReleaseFile, got: Fetched) -> None:
    """Print one file that is at hand, and how far it was checked."""
    how = "was here already" if got.cached else "fetched"
    if got.resumed:
        how += f", going on from byte {got.resumed:,}"
    say(f"{one.file}: {how}, {got.size:,} bytes.", 2)
    if got.checked:
        say(f"SHA-256 as expected: {got.sha256}", 2)
    else:
        say(f"No checksum was known to compare with. Its SHA-256 is {got.sha256}", 2)
    say(f"At {got.path}", 2)


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None], None] | None]:
    """Show bytes on a terminal once a download takes over a second; else say nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    began = time.monotonic()
    bar = Progress(
        TextColumn("Fetching"), DownloadColumn(), TransferSpeedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = bar.add_task("", total=None)

    def show(done: int, total: int | None) -> None:
        if not bar.live.is_started and time.monotonic() - began > QUIET:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield show
    finally:
        bar.stop()
