"""Writes an export: a folder of tables, verdicts and descriptions, whole or not at all.

Everything is written to a folder beside the one asked for, which takes its name at the end. A kill
at any point leaves the old folder; where it falls between the two renamings, the old folder stands
beside under a hidden name and the next export puts it back. The same input gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from comity import __version__
from comity.errors import ExportError
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence
from comity.incidents.reports import ReportFact
from comity.incidents.shipped import SHIPPED, load_reports, shipped_release
from comity.report.export.croissant import croissant
from comity.report.export.evidence_tables import lists_left_out, may_be_exported, public_by
from comity.report.export.files import FORMATS, WRITERS
from comity.report.export.link_tables import NO_LINKS
from comity.report.export.model import CC_BY, GROUPS, LeftOut, Licence, Table, licence_of
from comity.report.export.package import File, as_text, data_package, media_type
from comity.report.export.readme import licences_page, readme
from comity.report.export.replacing import new_folder, write_file
from comity.report.export.sources import bibtex, citations, ris
from comity.report.export.stix import stix_bundle
from comity.report.export.tables import tables
from comity.report.export.verdict_tables import Answer, verdict_json


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: where, each file, rows by table, and what was left out."""

    folder: Path
    files: tuple[File, ...]
    rows: dict[str, int]
    left_out: tuple[LeftOut, ...]


def write_export(
    folder: Path,
    evidence: Evidence | None = None,
    verdicts: Sequence[Answer] = (),
    *,
    home: Path | None = None,
    only: Collection[str] = GROUPS,
    formats: Collection[str] = FORMATS,
    as_of: dt.date | None = None,
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Exported:
    """Write a folder with everything that may be passed on, and return what it holds.

    `evidence` is what ships and what the user added, unless given; `verdicts` are those to write;
    `only` keeps some of the groups of tables, `formats` csv, parquet or both; `as_of` leaves out
    incidents that were not public by that day (INCLUSIVE), and is the day of the descriptions.
    `force` replaces an export that is there; nothing but an export is ever replaced. Raises
    ExportError for what is none, StoreError where it cannot be written, SourceError.
    """
    check_choice("part", only, GROUPS)
    check_choice("format", formats, FORMATS)
    tell = progress or (lambda _: None)
    with new_folder(folder, force) as fresh:
        made = _Writer(fresh)
        tell("reading the evidence")
        held = public_by(evidence if evidence is not None else load_evidence(None, home), as_of)
        day = as_of or known_on(held)
        found = tables(held, verdicts, home, only)
        left_out = _left_out(held, found, only)
        for table in found:
            tell(table.title)
            made.table(table, formats)
        _more(made, held, verdicts if "verdicts" in only else (), found, only, day, tell)
        _descriptions(made, found, left_out, day)
    return Exported(folder, tuple(made.files), made.rows, left_out)


def check_choice(what: str, given: Collection[str], known: Collection[str]) -> None:
    """Raise ExportError where something is asked for that there is not, or nothing is."""
    for one in given:
        if one not in known:
            raise ExportError(f"{one!r} is no {what} of an export: {', '.join(known)}.")
    if not given:
        raise ExportError(f"Name at least one {what} to export: {', '.join(known)}.")


def known_on(evidence: Evidence) -> dt.date:
    """Return the last day on which a report could still enter a list, of all lists together.

    Where no list says, the last day any incident's dates name; without one, the first of 1970.
    """
    days = [r.closed_on.latest for r in evidence.releases if r.closed_on.latest is not None]
    if days:
        return max(days)
    dated = [evidence.table[f"{column}_latest"].max() for column in ("start", "end", "reported")]
    return max([d for d in dated if isinstance(d, dt.date)], default=dt.date(1970, 1, 1))


class _Writer:
    """Writes files into a folder and keeps a record of each, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[File] = []
        self.rows: dict[str, int] = {}

    def write(self, path: str, title: str, content: bytes, table: Table | None = None,
              licences: tuple[Licence, ...] = (CC_BY,)) -> None:  # fmt: skip
        """Write one file of the export."""
        write_file(self.folder / path, content)
        self.files.append(File(
            path, title, media_type(path), len(content), hashlib.sha256(content).hexdigest(),
            table, licences,
        ))  # fmt: skip

    def table(self, table: Table, formats: Collection[str]) -> None:
        """Write one table in each format, reading it once."""
        frame = table.frame()
        read = replace(table, load=lambda: frame)
        self.rows[table.name] = frame.height
        for form in FORMATS:
            if form in formats:
                self.write(f"data/{table.name}.{form}", table.title, WRITERS[form](read), table,
                           table.licences)  # fmt: skip


def _more(
    made: _Writer, held: Evidence, verdicts: Sequence[Answer], found: Sequence[Table],
    only: Collection[str], day: dt.date, tell: Callable[[str], None],
) -> None:  # fmt: skip
    """Write what is no table: verdicts as JSON, the STIX bundle, the sources."""
    passed_on = may_be_exported(held) if "evidence" in only else Evidence((), held.table.clear())
    names = [r.list for r in held.releases if r.redistributable]
    for verdict in verdicts:
        path = f"verdicts/{verdict.question.id}.json"
        made.write(path, f"Verdict: {verdict.question.title}",
                   verdict_json(verdict, names).encode())  # fmt: skip
    tell("STIX")
    stated = [licence_of(r.licence, r.address) for r in passed_on.releases]
    licences = tuple(dict.fromkeys((CC_BY, *stated)))
    bundle = stix_bundle(passed_on, verdicts, _facts(passed_on), day)
    if bundle is not None:
        made.write("stix.json", "Incidents, attributions and verdicts as STIX 2.1", bundle, None,
                   licences)  # fmt: skip
    tell("sources")
    cited = citations(found, passed_on.releases)
    if cited:
        made.write("sources.bib", "Every source cited, as BibTeX", bibtex(cited).encode())
        made.write("sources.ris", "Every source cited, as RIS", ris(cited).encode())


def _facts(evidence: Evidence) -> dict[str, dict[str, ReportFact]]:
    """Return what Comity knows beside the lists of some evidence, by list and incident's id."""
    return {
        r.list: dict(load_reports(r.list))
        for r in evidence.releases
        if r.list in SHIPPED and shipped_release(r.list) == r
    }


def _left_out(held: Evidence, found: Sequence[Table], only: Collection[str]) -> tuple[LeftOut, ...]:
    """Return what is at hand, or was asked for, and is not in the export."""
    left = [*lists_left_out(held)] if {"evidence", "verdicts"} & set(only) else []
    if "links" in only and not any(t.group == "links" for t in found):
        left.append(NO_LINKS)
    return tuple(left)


def _descriptions(
    made: _Writer, found: Sequence[Table], left_out: Sequence[LeftOut], day: dt.date
) -> None:
    """Write the pages for people, then the descriptions for tools, of all that was written."""
    tabled = [f for f in made.files if f.table is not None]
    made.write(
        "LICENCES.md", "The licence of every table", licences_page(made.files, left_out).encode()
    )
    page = readme(made.files, made.rows, left_out, __version__, day.isoformat())
    made.write("README.md", "What is in this export", page.encode())
    described = list(made.files)
    if tabled:
        made.write("croissant.json", "These files described as Croissant 1.0",
                   as_text(croissant(described, __version__, day.isoformat())))  # fmt: skip
    package = data_package(made.files, __version__, left_out, day.isoformat())
    write_file(made.folder / "datapackage.json", as_text(package))
