"""The options that commands of `comity exchange` share, and the desk they speak for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from comity.exchange.cardbook import CardBook
    from comity.exchange.desk import Desk
    from comity.exchange.keys import KeyRing

Home = Annotated[
    Path | None, typer.Option("--home", help="The desk's folder; COMITY_EXCHANGE without.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]


class ListFirst(TyperGroup):
    """A group whose `list` may be left out: `comity exchange contacts`."""

    usual = "list"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


class ShowFirst(ListFirst):
    """A group whose `show` may be left out: `comity exchange journal LINE`."""

    usual = "show"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])


@contextmanager
def open_desk(home: Path | None) -> Iterator[Desk]:
    """Open the desk in a folder for as long as it is used. Raises ExchangeError without one."""
    from comity.exchange.desk import Desk as Opened
    from comity.exchange.desk_config import exchange_home

    desk = Opened.open(exchange_home(home))
    try:
        yield desk
    finally:
        desk.close()


def desk_at(home: Path | None) -> tuple[CardBook, KeyRing]:
    """Return the cards and keys of the desk in a folder; its database is not needed for them.

    Raises ExchangeError without a desk."""
    from comity.exchange.desk_config import exchange_home, load
    from comity.exchange.own import card_book, key_ring

    folder = exchange_home(home)
    return card_book(folder, load(folder)), key_ring(folder)
