"""The links on this machine: made anew whenever asked, apart from a person's decisions.

    HOME/links/links.json                what was linked, when, with which weights
    HOME/links/links.DIGEST.parquet      a row a link

A link table is a reading of the lists; it can be thrown away and made again. Decisions cannot, and
are in a file of their own (`linkage.decisions`).
"""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.errors import StoreError
from comity.incidents.linkage.comparisons import COMPARISONS
from comity.incidents.linkage.link import table_digest
from comity.incidents.linkage.model import Linkage
from comity.incidents.linkage.weights import Weights
from comity.storage import home as usual_home
from comity.storage import locked, refused, write_whole

if TYPE_CHECKING:
    from comity.incidents.model import Evidence

SCHEMA = "2"


def links_folder(home: Path | None = None) -> Path:
    """Return the folder of links and decisions; it need not exist."""
    return (home or usual_home()) / "links"


def save_linkage(linkage: Linkage, home: Path | None = None) -> Path:
    """Write the links in place of older ones and return the manifest's path. Raises StoreError."""
    folder = links_folder(home)
    buffer = io.BytesIO()
    linkage.table.write_parquet(buffer, compression="zstd")
    content = buffer.getvalue()
    name = f"links.{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    text = json.dumps({"schema": SCHEMA, "table": name} | _record(linkage), indent=1) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            write_whole(folder / name, content)
            write_whole(folder / "links.json", text.encode())
            for path in folder.glob("links.*.parquet"):
                if path.name != name:
                    with suppress(OSError):
                        path.unlink()
    except OSError as error:
        raise refused(f"The links at {folder}", error) from error
    return folder / "links.json"


def load_linkage(home: Path | None = None) -> Linkage | None:
    """Return the links last made, or None where there are none. Raises StoreError if damaged."""
    import polars as pl

    folder = links_folder(home)
    try:
        content = (folder / "links.json").read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(folder, error) from error
    try:
        data = json.loads(content)
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']!r}, this Comity reads {SCHEMA!r}")
        name = data["table"]
        if Path(name).name != name or not name.startswith("links."):
            raise ValueError(f"{name!r} is not the name of a table of links")
        table = pl.read_parquet(folder / name)
        wanted = {"first", "second", "probability", "alone", *(c.name for c in COMPARISONS)}
        if not wanted <= set(table.columns):
            raise ValueError("the table lacks columns")
        return Linkage(
            data["digests"], data["releases"], _weights(data["weights"]), int(data["compared"]),
            data["skipped"], table,
        )  # fmt: skip
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        pl.exceptions.PolarsError,
    ) as e:
        raise _damaged(folder, e) from e


def outdated(linkage: Linkage, evidence: Evidence) -> tuple[str, ...]:
    """Return the lists of the evidence whose rows are not those that were linked."""
    return tuple(
        r.list
        for r in evidence.releases
        if linkage.digests.get(r.list) != table_digest(evidence, r.list)
    )


def _damaged(folder: Path, error: Exception) -> StoreError:
    return StoreError(
        f"The links at {folder} are damaged ({type(error).__name__}: {error}). Make them again: "
        "`comity link`. Your decisions are in a file of their own and are not touched."
    )


def _record(linkage: Linkage) -> dict[str, Any]:
    weights = linkage.weights
    return {
        "digests": dict(linkage.digests),
        "releases": dict(linkage.releases),
        "compared": linkage.compared,
        "skipped": dict(linkage.skipped),
        "weights": {
            "m": {k: list(v) for k, v in weights.m.items()},
            "u": {k: list(v) for k, v in weights.u.items()},
            "between": [
                [a, b, weights.links[a, b], weights.possible[a, b]] for a, b in weights.links
            ],
        },
    }


def _weights(record: dict[str, Any]) -> Weights:
    return Weights(
        {k: tuple(map(float, v)) for k, v in record["m"].items()},
        {k: tuple(map(float, v)) for k, v in record["u"].items()},
        {(a, b): float(n) for a, b, n, _ in record["between"]},
        {(a, b): int(n) for a, b, _, n in record["between"]},
    )
