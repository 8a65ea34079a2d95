"""Reads a list that was handed in, in a process of its own that may be stopped at any time.

    python -m comity.web.reading FOLDER

`FOLDER/asked.json` names the list, its files and its mapping, all in FOLDER. What was read is left
there as `table.parquet` and `read.json`, or the reason it was not as `refused.txt`. A file can be
made to unfold to a thousand times its size: this process may hold MOST_MEMORY, write MOST_WRITTEN,
and run for SECONDS; members of an archive are unfolded and counted before a reader sees them.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from comity.errors import ComityError, SourceError

MOST_MEMORY = 2 << 30  # bytes
MOST_WRITTEN = 1 << 29  # bytes of any one file that is written
MOST_UNFOLDED = 400 << 20  # bytes of all members of an archive together
MOST_MEMBERS = 2000
MOST_TABLE = 256 << 20  # bytes of the table that was read, in memory
SECONDS = 60
ZIPPED = b"PK\x03\x04"
GZIPPED = b"\x1f\x8b"


def limit_itself() -> None:
    """Bound what this process may use, where the system can: memory, time, size of files."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (ceiling, ceiling))


def check_folded(path: Path) -> None:
    """Refuse a compressed file that unfolds to too much. Raises SourceError.

    What an archive declares of its members is not believed: each is unfolded and counted.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head[:2] == GZIPPED:
        raise SourceError(
            f"Cannot read {path.name}: it is compressed with gzip. Unpack it first, then add it."
        )
    if head != ZIPPED:
        return
    too_much = SourceError(
        f"Cannot read {path.name}: it unfolds to more than {MOST_UNFOLDED >> 20} MB, or holds more "
        f"than {MOST_MEMBERS:,} parts. A list of incidents does not. Nothing was changed."
    )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNFOLDED:
                raise too_much
            unfolded = 0
            for member in members:
                with archive.open(member) as inner:
                    while piece := inner.read(1 << 20):
                        unfolded += len(piece)
                        if unfolded > MOST_UNFOLDED:
                            raise too_much
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise SourceError(
            f"Cannot read {path.name}: its archive is damaged or locked ({error})."
        ) from error


def read_into(folder: Path) -> None:
    """Read what `asked.json` names and leave the result in the folder. Raises ComityError."""
    asked: dict[str, Any] = json.loads((folder / "asked.json").read_text("utf-8"))
    name, mapping = str(asked["name"]), asked["mapping"]
    paths = [folder / "files" / Path(str(file)).name for file in asked["files"]]
    for path in paths:
        check_folded(path)
    if mapping is None and name in asked["reports"]:
        record = _reports(name, paths)
    else:
        record = _incidents(name, paths, folder / "files" / str(mapping) if mapping else None,
                            folder)  # fmt: skip
    text = json.dumps(record, ensure_ascii=False)
    (folder / "read.json").write_text(text, "utf-8")


def _incidents(
    name: str, paths: list[Path], mapping: Path | None, folder: Path
) -> dict[str, object]:
    from comity.incidents.add import read_list
    from comity.incidents.releases import release_to_record

    result = read_list(name, paths, mapping)
    size = int(result.table.estimated_size())
    if size > MOST_TABLE:
        raise SourceError(
            f"{name} has {size >> 20} MB of text, more than is taken from "
            "a browser. Add it with `comity evidence add`."
        )
    result.table.write_parquet(folder / "table.parquet", compression="zstd")
    return {
        "release": release_to_record(result.release),
        "rows_in_file": result.rows_in_file,
        "aside": [asdict(p) for p in result.aside],
        "flagged": [asdict(p) for p in result.flagged],
    }


def _reports(name: str, paths: list[Path]) -> dict[str, object]:
    from comity.incidents.add import read_reports_list
    from comity.incidents.report_lists import report_list_to_record

    return report_list_to_record(read_reports_list(name, paths))


def main(arguments: list[str]) -> int:
    """Read one list; 0 where it was read, 1 where it was refused with a reason."""
    folder = Path(arguments[0])
    limit_itself()
    try:
        read_into(folder)
    except ComityError as error:
        (folder / "refused.txt").write_text(str(error)[:4000], "utf-8")
        return 1
    return 0


if __name__ == "__main__":
    os.environ["POLARS_MAX_THREADS"] = "1"
    sys.exit(main(sys.argv[1:]))
