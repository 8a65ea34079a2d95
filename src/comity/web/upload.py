"""Adds a list from files that a browser sent: read apart, within limits, then stored or not at all.

The files lie in a private folder while they are read, and are gone afterwards whatever happened.
They are read by `comity.web.reading` in a process of its own; what it leaves is checked and put
into the store in one step, so that a kill at any moment leaves the old state.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.errors import SourceError
from comity.incidents.add import READERS, REPORT_READERS
from comity.incidents.model import incident_schema
from comity.incidents.releases import release_from_record
from comity.incidents.report_lists import add_report_list, report_list_from_record
from comity.incidents.sources.mapping import read_mapping
from comity.incidents.sources.result import ReadResult, RowProblem
from comity.incidents.store import LIST_NAME, add_list
from comity.web.reading import MOST_TABLE, SECONDS

MOST_FILES = 20
MOST_NAME = 100
MOST_MAPPING = 256 * 1024
_ODD = re.compile(r"[^\w .()+-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as a browser sent it: the name it gave, and where its bytes lie."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Added:
    """What came of an upload: the list's name and what its reading met."""

    name: str
    rows_in_file: int
    read: int
    aside: int


def safe_name(given: str, taken: Sequence[str] = ()) -> str:
    """Return the name under which a file is read and recorded: its last part, odd characters as
    hyphens, no leading full stop; another name where it is taken.

    >>> safe_name("../../etc/pass wd"), safe_name("a.csv", ["A.csv"])
    ('pass wd', '2-a.csv')
    """
    last = re.split(r"[/\\]", given)[-1]
    stem, dot, ending = _ODD.sub("-", last).strip(". ").rpartition(".")
    name = f"{stem[: MOST_NAME - 12]}{dot}{ending[:10]}".strip(". ") or "list"
    number = 2
    found = name
    while found.casefold() in {t.casefold() for t in taken}:
        found, number = f"{number}-{name}", number + 1
    return found


def add_sent(
    name: str, files: Sequence[Sent], mapping: Sent | None, home: Path | None = None,
    seconds: float = SECONDS,
) -> Added:  # fmt: skip
    """Read a list from the files sent and store it in place of an older release of it.

    Without a name it is the mapping's. Raises SourceError where it cannot be read within the
    limits, StoreError where it cannot be stored; the store is then as it was.
    """
    if not files:
        raise SourceError("No file was sent. Choose the list's file, then add it.")
    if len(files) > MOST_FILES:
        raise SourceError(f"At most {MOST_FILES} files are read at once; {len(files)} were sent.")
    if any(not f.content for f in files):
        raise SourceError("A file that was sent is empty. Nothing was changed.")
    with tempfile.TemporaryDirectory(prefix="comity-", ignore_cleanup_errors=True) as held:
        folder = Path(held)
        (folder / "files").mkdir()
        names: list[str] = []
        for file in (*files, *([mapping] if mapping else [])):
            names.append(safe_name(file.name, names))
            (folder / "files" / names[-1]).write_bytes(file.content)
        given = names.pop() if mapping else None
        if given is not None and len(mapping.content if mapping else b"") > MOST_MAPPING:
            raise SourceError("The mapping is too large: it is a short TOML file.")
        wanted = name or (read_mapping(folder / "files" / given).list.name if given else "")
        _check_name(wanted, given is not None)
        _read_apart(folder, wanted, names, given, seconds)
        return _stored(folder, wanted, names, given, home)


def _check_name(name: str, mapped: bool) -> None:
    """Raise SourceError for what cannot be the name of a list, or has no reader and no mapping."""
    if not LIST_NAME.fullmatch(name):
        raise SourceError(
            f"{name[:70]!r} cannot be the name of a list: use up to 64 lower-case letters, digits, "
            "full stops, hyphens and underscores, a letter or digit first."
        )
    if not mapped and name not in READERS and name not in REPORT_READERS:
        raise SourceError(
            f"There is no reader for {name!r}; there is one for "
            f"{', '.join((*READERS, *REPORT_READERS))}. A list of your own needs a mapping file."
        )


def _read_apart(
    folder: Path, name: str, files: Sequence[str], mapping: str | None, seconds: float
) -> None:
    """Have another process read the files. Raises SourceError with what it says, or why it was
    stopped."""
    asked = {"name": name, "files": list(files), "mapping": mapping,
             "reports": list(REPORT_READERS)}  # fmt: skip
    (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    environment = {k: os.environ[k] for k in kept if k in os.environ}
    environment |= {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TMPDIR": str(folder),
                    "COMITY_HOME": str(folder / "no-home"), "MALLOC_ARENA_MAX": "2"}  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-m", "comity.web.reading", str(folder)],
            timeout=seconds, env=environment, cwd=folder, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SourceError(
            f"{name} was not read within {seconds:.0f} seconds, and its reading was stopped. "
            "Nothing was changed. A list this long is added with `comity evidence add`."
        ) from error
    if done.returncode == 0:
        return
    refused = folder / "refused.txt"
    if refused.is_file():
        raise SourceError(refused.read_text("utf-8"))
    raise SourceError(
        f"{name} could not be read: its files need more memory or time than a list of incidents "
        "does, or are made to break a reader. Nothing was changed."
    )


def _stored(
    folder: Path, name: str, files: Sequence[str], mapping: str | None, home: Path | None
) -> Added:
    """Put what was read into the store. Raises SourceError, StoreError."""
    import polars as pl

    try:
        record: dict[str, Any] = json.loads((folder / "read.json").read_text("utf-8"))
        if mapping is None and name in REPORT_READERS:
            found = report_list_from_record(record)
            add_report_list(found, home)
            return Added(name, found.rows_in_file, len(found.reports), len(found.aside))
        result = ReadResult(
            release_from_record(record["release"]), pl.read_parquet(folder / "table.parquet"),
            tuple(RowProblem(**p) for p in record["aside"]), int(record["rows_in_file"]),
            tuple(RowProblem(**p) for p in record["flagged"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"What was read of {name} is no list. Nothing was changed.") from error
    whole = dict(result.table.schema) == incident_schema() and result.release.list == name
    if not whole or result.table.estimated_size() > MOST_TABLE:
        raise SourceError(f"What was read of {name} is no list. Nothing was changed.")
    paths = [folder / "files" / f for f in (*files, *([mapping] if mapping else []))]
    add_list(result, paths, home, kept=False)
    return Added(name, result.rows_in_file, result.table.height, len(result.aside))
