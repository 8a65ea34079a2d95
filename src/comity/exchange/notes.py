"""Small facts a desk keeps by name: alarms for people, when something was last done."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select

from comity.exchange.tables import notes


def put_note(link: Connection, name: str, value: str) -> None:
    """Keep `value` under `name`, in place of what was there."""
    link.execute(delete(notes).where(notes.c.name == name))
    link.execute(notes.insert().values(name=name, value=value))


_DROP = delete(notes).where(notes.c.name == bindparam("of"))


def put_notes(link: Connection, values: Mapping[str, str]) -> None:
    """Keep several values under their names, in place of what was there."""
    if values:
        link.execute(_DROP, [{"of": name} for name in values])
        link.execute(notes.insert(), [{"name": n, "value": v} for n, v in values.items()])


def get_note(link: Connection, name: str) -> str:
    """Return what is kept under `name`, or ""."""
    return link.execute(select(notes.c.value).where(notes.c.name == name)).scalar() or ""


def drop_note(link: Connection, name: str) -> None:
    """Forget what is kept under `name`."""
    link.execute(delete(notes).where(notes.c.name == name))


def notes_under(link: Connection, prefix: str) -> dict[str, str]:
    """Return the notes whose names begin with `prefix`, without it."""
    rows = link.execute(select(notes).where(notes.c.name.startswith(prefix, autoescape=True)))
    return {row.name.removeprefix(prefix): row.value for row in rows}
