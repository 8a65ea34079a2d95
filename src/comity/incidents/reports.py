"""What is known of a shipped list's incidents that the list itself does not say.

A table of ours beside a list that ships (`NAME.reports.tsv`, tab-separated, one row an incident):
when it was first reported and first attributed to a state, by whom, whether commercial use is
claimed, its campaign, each with the address it was read at. `status` says how well the dates are
known: *seen* (read at the source), *secondary* (told by another text), *unverified*. `account` is
a sentence of ours where a source conflicts with the list; neither is corrected.

Joined to the list's table, these facts fill what the list leaves empty. `row_hash` stays that of
the publisher's row, which is never altered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.countries import country_name
from comity.dates import UNKNOWN, ImpreciseDate, parse_date
from comity.errors import CountryError, DateError, SourceError
from comity.incidents.model import (
    CLAIMANT_KINDS,
    COMMERCIAL_USE,
    Attribution,
    write_attributions,
)
from comity.provenance import is_web_address

if TYPE_CHECKING:
    import polars as pl

COLUMNS = (
    "id", "reported", "reported_source", "reported_basis", "attributed", "attributed_source",
    "claimants", "commercial_use", "commercial_by", "commercial_source", "campaign", "status",
    "second", "account", "account_source",
)  # fmt: skip
BASES = ("excerpt", "url-date", "table-date", "inferred")
STATUSES = ("seen", "secondary", "unverified")
SECOND = ("agrees", "differs", "")
LONGEST_ACCOUNT = 240
BETWEEN, WITHIN = ";", "|"  # claimants in a cell, and the parts of one


@dataclass(frozen=True, slots=True)
class Claimant:
    """One party that attributed an incident: its kind (`CLAIMANT_KINDS`), its country's code (empty
    where it has none) and the day it did, where that is not the first attribution's."""

    name: str
    kind: str
    country: str = ""
    when: ImpreciseDate = UNKNOWN


@dataclass(frozen=True, slots=True)
class ReportFact:
    """What is known of one incident beside its list; empty text and `UNKNOWN` are not known.

    `second` is what a second reader found of `reported`, to the month; empty where there was none.
    """

    id: str
    reported: ImpreciseDate = UNKNOWN
    reported_source: str = ""
    reported_basis: str = ""
    attributed: ImpreciseDate = UNKNOWN
    attributed_source: str = ""
    claimants: tuple[Claimant, ...] = ()
    commercial_use: str = "unknown"
    commercial_by: tuple[str, ...] = ()
    commercial_source: str = ""
    campaign: str = ""
    status: str = "unverified"
    second: str = ""
    account: str = ""
    account_source: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Every address this fact was read at, distinct, in the order of the columns."""
        given = (
            self.reported_source, self.attributed_source, self.commercial_source,
            self.account_source,
        )  # fmt: skip
        return tuple(dict.fromkeys(source for source in given if source))

    def to_record(self) -> dict[str, Any]:
        """Return the fact as JSON-ready fields; dates are EDTF text."""
        record = {f.name: getattr(self, f.name) for f in fields(self)}
        claimants = [
            {"name": c.name, "kind": c.kind, "country": c.country, "when": c.when.text}
            for c in self.claimants
        ]
        return record | {
            "reported": self.reported.text,
            "attributed": self.attributed.text,
            "claimants": claimants,
            "commercial_by": list(self.commercial_by),
        }


def read_reports(path: Path) -> dict[str, ReportFact]:
    """Return the facts of a table by incident id. Raises SourceError listing every problem."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"Cannot read {path.name}: {error}.") from error
    facts, problems = _parse(text)
    if problems:
        listed = "\n".join(f"{path.name}:{line}: {message}" for line, message in sorted(problems))
        raise SourceError(f"{path.name} has problems:\n{listed}")
    return facts


def report_conflicts(facts: Mapping[str, ReportFact], table: pl.DataFrame) -> Iterator[str]:
    """Yield dates that contradict the list's start or each other without an account that says
    so. An id that the table has not (a row that was set aside) is passed over."""
    starts = dict(zip(table["id"], table["start_earliest"], strict=True))
    for fact in facts.values():
        if fact.id not in starts or fact.account:
            continue
        start, reported = starts[fact.id], fact.reported
        if start is not None and reported.latest is not None and reported.latest < start:
            yield (
                f"incident {fact.id}: reported {reported.text}, before the list's start ({start}), "
                "and no account says so"
            )
        first, claimed = reported.earliest, fact.attributed.latest
        if first is not None and claimed is not None and claimed < first:
            yield (
                f"incident {fact.id}: attributed {fact.attributed.text}, before it was reported "
                f"({reported.text}), and no account says so"
            )


def join_reports(table: pl.DataFrame, facts: Mapping[str, ReportFact]) -> pl.DataFrame:
    """Return an incident table with the facts filled in where the list says nothing; sources are
    added. Rows, their order and `row_hash` stay."""
    import polars as pl

    rows = [
        (fact, row)
        for row in table.select("id", "initiators", "sources").iter_rows(named=True)
        if (fact := facts.get(row["id"])) is not None
    ]
    days = {"reported_earliest": "earliest", "reported_latest": "latest"}
    found = pl.DataFrame(
        {
            "id": [f.id for f, _ in rows],
            "reported": [f.reported.text for f, _ in rows],
            "attributions": [
                write_attributions(tuple(_attributions(f, row["initiators"]))) for f, row in rows
            ],
            "commercial_use": [f.commercial_use for f, _ in rows],
            "campaign": [f.campaign for f, _ in rows],
            "sources": [list(dict.fromkeys((*row["sources"], *f.sources))) for f, row in rows],
            **{name: [getattr(f.reported, end) for f, _ in rows] for name, end in days.items()},
        },
        schema={name: table.schema[name] for name in ("id", *FILLED, *days)},
    )
    joined = table.join(found, on="id", how="left", suffix="_known", maintain_order="left")
    undated = pl.col("reported") == ""
    return joined.with_columns(
        _filled("attributions", ""), _filled("commercial_use", "unknown"), _filled("campaign", ""),
        _filled("reported", ""), pl.coalesce("sources_known", "sources").alias("sources"),
        *(
            pl.when(undated).then(f"{name}_known").otherwise(name).alias(name) for name in days
        ),
    ).select(table.columns)  # fmt: skip


FILLED = ("reported", "attributions", "commercial_use", "campaign", "sources")


def _filled(name: str, nothing: str) -> pl.Expr:
    """Return a text column, with what is known where the list's own says `nothing`."""
    import polars as pl

    known = pl.col(f"{name}_known").fill_null(nothing)
    return pl.when(pl.col(name) == nothing).then(known).otherwise(name).alias(name)


def _attributions(fact: ReportFact, initiators: Sequence[str]) -> Iterator[Attribution]:
    """Yield what each claimant said of each initiator that the list names.

    The first claimant is the one whose attribution is dated and has its address; another's day is
    known only where the table gives it, and its address is not.
    """
    for number, claimant in enumerate(fact.claimants):
        first = number == 0
        when = fact.attributed if first and not claimant.when.text else claimant.when
        for code in initiators or ("",):
            yield Attribution(
                claimant.name, claimant.kind, claimant.country, code, when,
                source=fact.attributed_source if first else "",
            )  # fmt: skip


def _parse(text: str) -> tuple[dict[str, ReportFact], list[tuple[int, str]]]:
    """Return the facts that could be read, and (line, message) of every problem."""
    lines = text.split("\n")
    if tuple(lines[0].split("\t")) != COLUMNS:
        return {}, [(1, f"the header must be {', '.join(COLUMNS)}, tab separated")]
    facts: dict[str, ReportFact] = {}
    problems: list[tuple[int, str]] = []
    spelt: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line and number == len(lines):
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            problems.append((number, f"{len(cells)} columns, not {len(COLUMNS)}"))
            continue
        row = dict(zip(COLUMNS, cells, strict=True))
        fact, wrong = _fact(row)
        wrong += list(_row_problems(row))
        if fact.id in facts:
            wrong.append(f"incident {fact.id} is there twice")
        for claimant in fact.claimants:
            known = spelt.setdefault(claimant.name.casefold(), claimant.name)
            if known != claimant.name:
                wrong.append(f"claimant {claimant.name!r} is written {known!r} on an earlier line")
        facts[fact.id] = fact
        problems += [(number, message) for message in wrong]
    return facts, problems


def _fact(row: Mapping[str, str]) -> tuple[ReportFact, list[str]]:
    """Return the fact of a row, what cannot be read left out, and why it cannot."""
    wrong: list[str] = []

    def read(column: str, reader: Callable[[str], Any], otherwise: Any) -> Any:
        try:
            return reader(row[column])
        except (DateError, CountryError, ValueError) as error:
            wrong.append(f"{column}: {error}")
            return otherwise

    by = tuple(name.strip() for name in row["commercial_by"].split(BETWEEN) if name.strip())
    read_cells: dict[str, Any] = dict(row)
    for column in ("reported", "attributed"):
        read_cells[column] = read(column, parse_date, UNKNOWN)
    read_cells |= {"claimants": read("claimants", _claimants, ()), "commercial_by": by}
    return ReportFact(**read_cells), wrong


def _claimants(cell: str) -> tuple[Claimant, ...]:
    """Return the claimants of a cell. Raises ValueError, CountryError or DateError for
    the first wrong one."""
    found = []
    for one in filter(None, (part.strip() for part in cell.split(BETWEEN))):
        parts = [part.strip() for part in one.split(WITHIN)]
        if len(parts) not in (3, 4) or not parts[0]:
            raise ValueError(f"{one!r} is not NAME {WITHIN} KIND {WITHIN} COUNTRY [{WITHIN} DATE]")
        if parts[1] not in CLAIMANT_KINDS:
            raise ValueError(f"{parts[1]!r} is not one of {', '.join(CLAIMANT_KINDS)}")
        if parts[2]:
            country_name(parts[2])
        when = parse_date(parts[3]) if len(parts) == 4 else UNKNOWN
        found.append(Claimant(parts[0], parts[1], parts[2], when))
    if len({c.name for c in found}) < len(found):
        raise ValueError("a claimant is named twice")
    return tuple(found)


def _row_problems(row: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with one row's plain cells."""
    if not row["id"]:
        yield "no id"
    for column, allowed in (
        ("reported_basis", (*BASES, "")),
        ("commercial_use", COMMERCIAL_USE),
        ("status", STATUSES),
        ("second", SECOND),
    ):
        if row[column] not in allowed:
            words = ", ".join(word or "(empty)" for word in allowed)
            yield f"{column} is {row[column]!r}, not one of {words}"
    for column in COLUMNS:
        if column.endswith("_source") and row[column] and not is_web_address(row[column]):
            yield f"{column} {row[column]!r} is not an http(s) address"
        if any(not c.isprintable() for c in row[column]):
            yield f"{column} holds a character that cannot be printed"
    for column in ("reported", "attributed", "account"):
        if row[column] and not row[f"{column}_source"]:
            yield f"{column} has no {column}_source"
    if (row["commercial_use"] == "unknown") != (not row["commercial_by"].strip()):
        yield "commercial_by names who says so where commercial_use is not unknown, and only there"
    if row["commercial_use"] != "unknown" and not row["commercial_source"]:
        yield "commercial_use has no commercial_source"
    if len(row["account"]) > LONGEST_ACCOUNT:
        yield f"account has {len(row['account'])} characters, more than {LONGEST_ACCOUNT}"
