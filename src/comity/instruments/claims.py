"""Who said in public whether a promise was kept: dated claims, each with its source and status.

What a claim `says`, by rule:

- *breach*: the party says that the promise was broken, or that the state did after it what it
  forbids (its own hand or its agents', the acts it names).
- *decline*: the party says that the conduct became less. Doing less of it is not keeping to it.
- *no-breach*: the party says that the promise is kept, or denies the conduct.
- *unclear*: anything short of these. Criminal charges that do not name the promise are here: an
  indictment charges, it does not prove, and most do not say for whom a secret was meant.

`what` begins "Names the promise:" or "Conduct only:", so that a reader sees which it is.
`party_kind` is by the direction of the claim: where China speaks of American conduct, China is
the receiver. The table's column `about` is the state whose conduct is spoken of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from comity.dates import parse_date
from comity.errors import DateError, RegisterError
from comity.instruments.model import Claim
from comity.provenance import is_web_address

TABLE = "data/instruments/claims.tsv"
COLUMNS = (
    "instrument", "about", "date", "party", "party_kind", "says", "what", "source", "status",
    "independent_of",
)  # fmt: skip
PARTY_KINDS = (
    "receiver-government", "third-government", "private-company", "media", "international-body",
    "initiator-government", "other",
)  # fmt: skip
SAYS = ("breach", "no-breach", "decline", "unclear")
STATUSES = ("seen", "secondary", "unverified")
KINDS_OF_WHAT = ("Names the promise: ", "Conduct only: ")
LONGEST_WHAT = 160


class _Row(NamedTuple):
    line: int
    instrument: str
    about: str
    claim: Claim


def load_claims(instrument_id: str, about: Collection[str] = ()) -> tuple[Claim, ...]:
    """Return the claims on one instrument, by date (earliest possible day first).

    `about` keeps claims on the conduct of these states (ISO 3166-1 alpha-2, such as a question's
    initiators); without it both directions of a promise come together. An instrument nobody
    has spoken of has none. Raises RegisterError listing every problem of the table.
    """
    rows = (r for r in _shipped() if r.instrument == instrument_id)
    found = (r.claim for r in rows if not about or r.about in about)
    return tuple(sorted(found, key=lambda c: (_first_day(c.date), c.date)))


def check_claims(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem of the claims table as "file:line: message"; none where it is sound.

    `path` is another table of the same columns; without it, the one that ships.
    """
    name = path.name if path else TABLE.rsplit("/", 1)[-1]
    text = path.read_text(encoding="utf-8") if path else _shipped_text()
    rows, problems = _parse(text)
    for row in rows:
        problems.extend((row.line, message) for message in _row_problems(row))
    problems.extend(_citation_problems(rows))
    problems.extend(_repeat_problems(rows))
    return tuple(f"{name}:{line}: {message}" for line, message in sorted(problems))


def _first_day(text: str) -> dt.date:
    return parse_date(text).earliest or dt.date.min


def _shipped_text() -> str:
    return resources.files("comity").joinpath(TABLE).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _shipped() -> tuple[_Row, ...]:
    """Return the table that ships, checked as a whole."""
    problems = check_claims()
    if problems:
        raise RegisterError("The table of claims has problems:\n" + "\n".join(problems), problems)
    return tuple(_parse(_shipped_text())[0])


def _parse(text: str) -> tuple[list[_Row], list[tuple[int, str]]]:
    """Return the rows that have every column, and (line, message) for those that do not."""
    lines = text.splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        return [], [(1, f"the header must be {', '.join(COLUMNS)}, tab separated")]
    rows, problems = [], []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            problems.append((number, f"{len(cells)} columns, not {len(COLUMNS)}"))
            continue
        rows.append(_Row(number, cells[0], cells[1], Claim(*cells[2:])))
    return rows, problems


def _row_problems(row: _Row) -> Iterator[str]:
    """Yield what is wrong with one row taken alone."""
    claim = row.claim
    if not row.instrument:
        yield "no instrument"
    if not (len(row.about) == 2 and row.about.isascii() and row.about.isupper()):
        yield f"about is {row.about!r}, not an ISO 3166-1 alpha-2 code such as CN"
    try:
        if parse_date(claim.date).earliest is None:
            yield f"date {claim.date!r} has no first day: a claim needs one"
    except DateError as error:
        yield str(error)
    if not claim.party:
        yield "no party"
    for column, value, allowed in (
        ("party_kind", claim.party_kind, PARTY_KINDS),
        ("says", claim.says, SAYS),
        ("status", claim.status, STATUSES),
    ):
        if value not in allowed:
            yield f"{column} is {value!r}, not one of {', '.join(allowed)}"
    if not claim.what.startswith(KINDS_OF_WHAT):
        yield f"what must begin with one of {KINDS_OF_WHAT}"
    if len(claim.what) > LONGEST_WHAT:
        yield f"what has {len(claim.what)} characters, more than {LONGEST_WHAT}"
    if claim.source and not is_web_address(claim.source):
        yield f"source {claim.source!r} is not an http(s) address"
    if not claim.source:
        yield f"no source: {claim.status!r} needs the address where the claim is or can be checked"


def _citation_problems(rows: list[_Row]) -> Iterator[tuple[int, str]]:
    """Yield the citations that two readers of the table could count differently."""
    first: dict[tuple[str, str], _Row] = {}
    for row in rows:
        claim, key = row.claim, (row.instrument, row.claim.party)
        if claim.independent_of == claim.party and claim.party:
            yield row.line, f"{claim.party} cites itself: leave independent_of empty"
        known = first.setdefault(key, row)
        if known.claim.independent_of != claim.independent_of:
            here, there = claim.independent_of, known.claim.independent_of
            message = f"has independent_of {here!r} here and {there!r} on line {known.line}"
            yield row.line, f"{claim.party} {message}"
    for row in rows:
        party, cites = row.claim.party, row.claim.independent_of
        cited = first.get((row.instrument, cites))
        if cites and cites != party and cited and cited.claim.independent_of:
            last = cited.claim.independent_of
            yield row.line, f"{party} cites {cites}, which cites {last}: name the last one"


def _repeat_problems(rows: list[_Row]) -> Iterator[tuple[int, str]]:
    """Yield the rows that say of one instrument what an earlier row says."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        claim = row.claim
        key = (row.instrument, row.about, claim.date, claim.party, claim.what)
        earlier = seen.setdefault(key, row.line)
        if earlier != row.line:
            yield row.line, f"the same claim is on line {earlier}"
