"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on no port, stopped after."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"  # who runs the server where the tests are run by root, whom it refuses


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def cluster(programs: Path, lasting: bool = False) -> Iterator[str]:
    """Start a server and give the address of its databases but for the name, then stop it.

    Without `lasting` it does not wait for the disk: tests end with it.
    """
    folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
    root = os.getuid() == 0
    if root:
        shutil.chown(folder, USER, USER)

    def run(*command: str) -> None:
        before = ["runuser", "-u", USER, "--"] if root else []
        subprocess.run([*before, *command], check=True, capture_output=True, cwd="/", timeout=120)

    data = folder / "data"
    try:
        run(str(programs / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync={'on' if lasting else 'off'}"
        start = ["-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start"]
        run(str(programs / "pg_ctl"), *start)
        try:
            yield f"postgresql+psycopg://{USER}@/NAME?host={folder}"
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str) -> str:
    """Make an empty database and return its address."""
    from sqlalchemy import create_engine, text

    name = f"desk_{uuid.uuid4().hex}"
    engine = create_engine(address.replace("NAME", USER), isolation_level="AUTOCOMMIT")
    with engine.connect() as link:
        link.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.replace("NAME", name)
