"""Passwords of programs that speak TAXII with HTTP Basic on behalf of a party, as they are kept."""

from __future__ import annotations

from sqlalchemy import Connection, select

from comity.errors import ExchangeError
from comity.exchange.canonical import read_stamp, stamp
from comity.exchange.model import Token
from comity.exchange.tables import tokens


def all_tokens(link: Connection) -> tuple[Token, ...]:
    """Return the passwords, by name."""
    return tuple(
        Token(row.name, row.party, row.secret, row.read_only, read_stamp(row.created))
        for row in link.execute(select(tokens).order_by(tokens.c.name))
    )


def add_token(link: Connection, token: Token) -> None:
    """Keep a password. Raises ExchangeError for a name that is taken."""
    if any(known.name == token.name for known in all_tokens(link)):
        raise ExchangeError(f"There is a token {token.name!r} already; remove it first.")
    link.execute(
        tokens.insert().values(
            name=token.name, party=token.party, secret=token.secret, read_only=token.read_only,
            created=stamp(token.created),
        )
    )  # fmt: skip


def remove_token(link: Connection, name: str) -> None:
    """Take a password away. Raises ExchangeError for a name there is not."""
    if not link.execute(tokens.delete().where(tokens.c.name == name)).rowcount:
        there = ", ".join(t.name for t in all_tokens(link)) or "none"
        raise ExchangeError(f"There is no token {name[:60]!r}. There is: {there}.")
