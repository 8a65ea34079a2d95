"""All the evidence at hand: what ships with the package and what the user added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from comity.errors import SourceError
from comity.incidents.model import Evidence
from comity.incidents.report_lists import report_lists
from comity.incidents.shipped import SHIPPED, shipped_release, shipped_table
from comity.incidents.store import read_manifest, stored_table


def known_lists(home: Path | None = None) -> tuple[str, ...]:
    """Return the names of the lists at hand, sorted. Raises StoreError."""
    return tuple(sorted(set(SHIPPED) | set(read_manifest(home))))


def load_evidence(lists: Sequence[str] | None = None, home: Path | None = None) -> Evidence:
    """Return the evidence at hand, of the lists named or, where none is, of all by name.

    A list the user added takes the place of one that ships under the same name. `home` is the
    user's evidence store (None is the usual one, see `store.home`). Raises SourceError for a list
    that is not at hand, StoreError for a damaged store.
    """
    import polars as pl

    added = read_manifest(home)
    known = sorted(set(SHIPPED) | set(added))
    wanted = list(dict.fromkeys(lists)) if lists else known
    for name in wanted:
        if name not in known and name in report_lists(home):
            raise SourceError(
                f"{name} holds reports, not incidents: they link the incidents of other lists and "
                f"are in no count. Lists of incidents at hand: {', '.join(known)}."
            )
        if name not in known:
            raise SourceError(
                f"There is no list {name!r} here. At hand: {', '.join(known)}. Add one with "
                f"`comity evidence add {name} FILE`."
            )
    releases, tables = [], []
    for name in wanted:
        if name in added:
            releases.append(added[name].release)
            tables.append(stored_table(added[name], home))
        else:
            releases.append(shipped_release(name))
            tables.append(shipped_table(name))
    return Evidence(tuple(releases), pl.concat(tables) if len(tables) != 1 else tables[0])
