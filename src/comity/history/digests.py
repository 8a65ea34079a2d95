"""What a verdict was computed with: the evidence, code, register and libraries, as hashes.

Two states with the same hash are the same; a version number alone does not say so.
"""

from __future__ import annotations

import hashlib
import io
import platform
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING

from comity.history.model import EvidenceUsed, Setting
from comity.incidents.model import DATED, Evidence

if TYPE_CHECKING:
    import polars as pl

PIECE = 50_000  # incidents hashed at a time: memory stays flat
DERIVED = {"list", "release", *(f"{c}_{end}" for c in DATED for end in ("earliest", "latest"))}
BETWEEN = "\x1f"  # between several values of one cell
LIBRARIES = ("numpy", "scipy", "polars")


def evidence_used(evidence: Evidence, lists: Sequence[str] = ()) -> tuple[EvidenceUsed, ...]:
    """Return each release of a body of evidence, by list; `lists` keeps some of them.

    `sha256` is of the publisher's file as it was read, `content` of the incidents as they are held,
    dates as published: a better reader or an added fact changes only the second.
    """
    import polars as pl

    kept = [r for r in evidence.releases if not lists or r.list in lists]
    return tuple(
        EvidenceUsed(
            release.list,
            release.release,
            release.closed_on.text,
            release.sha256,
            table_sha256(table),
            table.height,
        )
        for release in sorted(kept, key=lambda r: r.list)
        for table in [evidence.table.filter(pl.col("list") == release.list)]
    )


def table_sha256(table: pl.DataFrame) -> str:
    """Return the SHA-256 of an incident table, row by row in its own order, without what follows
    from the rest: its list and release, and the first and last day of each date.

    Descriptions count only where there are any, so that a table without them keeps the hash it had
    before incidents had descriptions."""
    import polars as pl

    names = [n for n in table.columns if n not in DERIVED]
    if "description" in names and (table["description"] == "").all():
        names.remove("description")
    several = [n for n in names if isinstance(table.schema[n], pl.List)]
    digest = hashlib.sha256("\t".join(names).encode())
    for piece in table.select(names).iter_slices(PIECE):
        flat = piece.with_columns(pl.col(name).list.join(BETWEEN) for name in several)
        buffer = io.BytesIO()
        flat.write_csv(buffer, include_header=False)
        digest.update(buffer.getbuffer())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def this_setting() -> Setting:
    """Return the code, register and libraries in use, as hashes and versions."""
    from comity import __version__

    package = Path(str(resources.files("comity")))
    libraries = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            libraries[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            libraries[name] = ""
    register = (package / "data" / room for room in ("instruments", "countries"))
    return Setting(
        __version__,
        _sha256_of_files(package, package.rglob("*.py")),
        _sha256_of_files(package, (f for room in register for f in room.glob("*.tsv"))),
        libraries,
    )


def _sha256_of_files(root: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 over names and contents of some files, in the order of their names."""
    digest = hashlib.sha256()
    for name, path in sorted((f.relative_to(root).as_posix(), f) for f in files):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
