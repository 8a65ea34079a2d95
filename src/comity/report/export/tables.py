"""Every table there is to take away, by name: what a page of tables lists, and an export writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

from comity.errors import ExportError
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence
from comity.report.export.evidence_tables import evidence_tables
from comity.report.export.link_tables import link_tables
from comity.report.export.model import GROUPS, Table
from comity.report.export.register_tables import instrument_tables, process_tables
from comity.report.export.room_tables import (
    definition_tables,
    diffusion_tables,
    name_tables,
    parallel_tables,
)
from comity.report.export.verdict_tables import Answer, verdict_tables


@lru_cache(maxsize=1)
def register_tables() -> tuple[Table, ...]:
    """Return the tables of the register that ships."""
    return (
        *instrument_tables(),
        *process_tables(),
        *definition_tables(),
        *diffusion_tables(),
        *parallel_tables(),
        *name_tables(),
    )


def tables(
    evidence: Evidence | None = None,
    verdicts: Sequence[Answer] = (),
    home: Path | None = None,
    only: Collection[str] = GROUPS,
) -> tuple[Table, ...]:
    """Return every table that may be passed on: register, evidence, verdicts, links, in this order.

    `evidence` is what ships and what the user added, unless given; of `verdicts`, where there are
    none, there is no table; `home` is the user's own folder; `only` keeps some of `GROUPS`. A
    table is read when its `frame()` is asked for. Raises SourceError or StoreError.

    >>> [t.name for t in tables(only=["register"])][:3]
    ['instruments', 'norms', 'provisions']
    """
    found: list[Table] = []
    if "register" in only:
        found += register_tables()
    if "evidence" in only or "links" in only:
        held = evidence if evidence is not None else load_evidence(None, home)
        if "evidence" in only:
            found += evidence_tables(held)
    if "verdicts" in only:
        found += verdict_tables(verdicts)
    if "links" in only:
        found += link_tables(held.releases, home)
    return tuple(found)


def table_named(found: Sequence[Table], name: str) -> Table:
    """Return one of some tables by name. Raises ExportError naming all."""
    for table in found:
        if table.name == name:
            return table
    raise ExportError(f"There is no table {name!r}. There are: {', '.join(t.name for t in found)}.")
