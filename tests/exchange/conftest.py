"""Databases for desks: every test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clusters import binaries, cluster, new_database
from desks import CN, US, Clock, joined, made

from comity.exchange.desk import Desk


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of our own, but for the database's name."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here (Debian: apt-get install postgresql)")
    with cluster(programs) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Give the address of a new, empty database each time it is called; empty for SQLite's file."""
    if request.param == "sqlite":
        return lambda: ""
    address = request.getfixturevalue("postgres")
    return lambda: new_database(address)


@pytest.fixture
def clock() -> Clock:
    """A clock that both desks of a test go by."""
    return Clock()


@pytest.fixture
def us(tmp_path: Path, clock: Clock, database: Callable[[], str]) -> Iterator[Desk]:
    """A desk of the United States."""
    desk = made(tmp_path, US, clock, database())
    yield desk
    desk.close()


@pytest.fixture
def cn(tmp_path: Path, clock: Clock, database: Callable[[], str]) -> Iterator[Desk]:
    """A desk of China."""
    desk = made(tmp_path, CN, clock, database())
    yield desk
    desk.close()


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Both desks with a line between them, each on the file in its folder."""
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    yield us, cn
    us.close()
    cn.close()
