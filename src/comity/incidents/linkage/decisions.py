"""A person's decisions on links: kept apart from the model's, winning over it, never lost.

    HOME/links/decisions.jsonl      a decision a line, oldest first; lines are only added

A decision names two records and says that they are one incident, or are not, and why. The latest on
a pair holds; a withdrawal is a line of its own. A new release of a list leaves decisions as they
are: `stale` names those whose rows are gone or read otherwise now.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from comity.errors import SourceError, StoreError
from comity.storage import home as usual_home
from comity.storage import locked, refused, write_whole

if TYPE_CHECKING:
    from comity.incidents.model import Evidence

VERDICTS = ("same", "different", "withdrawn")
LONGEST_NOTE = 1000
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `first` and `second` are keys `list:id` in order; the hashes are those of the
    publisher's rows when it was made; `when` is a moment in UTC (ISO 8601)."""

    first: str
    second: str
    verdict: str
    note: str
    by: str
    when: str
    first_hash: str = ""
    second_hash: str = ""

    @property
    def pair(self) -> Pair:
        """The two keys, in order."""
        return (self.first, self.second)


@dataclass(frozen=True, slots=True)
class Stale:
    """A decision whose record is gone, or whose row is not the one decided on."""

    decision: Decision
    key: str
    why: str


def decide(
    evidence: Evidence,
    first: str,
    second: str,
    verdict: str,
    note: str = "",
    by: str = "",
    home: Path | None = None,
    now: dt.datetime | None = None,
) -> Decision:
    """Add a decision on two records at hand and return it.

    Raises SourceError for a verdict that is none, a record that is not there (with the nearest that
    are), or a record and itself; StoreError where it cannot be written.
    """
    if verdict not in VERDICTS:
        raise SourceError(f"A decision is one of {', '.join(VERDICTS)}, not {verdict!r}.")
    if first == second:
        raise SourceError(f"{first} is one record: a link needs two.")
    if len(note) > LONGEST_NOTE:
        raise SourceError(f"A note has at most {LONGEST_NOTE} characters; this has {len(note)}.")
    one, other = sorted((first, second))
    hashes = _hashes(evidence)
    for key in (one, other):
        if key not in hashes and verdict != "withdrawn":
            raise _unknown(key, hashes)
    stamp = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0).isoformat()
    made = Decision(
        one, other, verdict, " ".join(note.split()), by, stamp,
        hashes.get(one, ""), hashes.get(other, ""),
    )  # fmt: skip
    path = _path(home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent / ".lock"):
            if verdict == "withdrawn" and (one, other) not in current(read_decisions(home)):
                raise SourceError(f"There is no decision on {one} and {other} to withdraw.")
            held = path.read_bytes() if path.exists() else b""
            if held and not held.endswith(b"\n"):
                raise StoreError(_broken(path, held.count(b"\n") + 1, "the line is cut off"))
            write_whole(path, held + json.dumps(asdict(made)).encode() + b"\n")
    except OSError as error:
        raise refused(f"The decisions at {path}", error) from error
    return made


def read_decisions(home: Path | None = None) -> tuple[Decision, ...]:
    """Return every decision ever made, oldest first. Raises StoreError naming a damaged line."""
    path = _path(home)
    try:
        lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"Cannot read the decisions at {path}: {error}.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            one = Decision(**json.loads(line))
            if one.verdict not in VERDICTS or not one.first < one.second:
                raise ValueError("a verdict that is none, or keys out of order")
            if not all(isinstance(v, str) for v in asdict(one).values()):
                raise ValueError("a field that is not text")
        except (ValueError, TypeError) as error:
            raise StoreError(_broken(path, number, str(error))) from error
        found.append(one)
    return tuple(found)


def current(decisions: Sequence[Decision]) -> Mapping[Pair, Decision]:
    """Return the decision that holds for each pair; withdrawn ones are left out."""
    latest = {one.pair: one for one in decisions}
    return {pair: one for pair, one in sorted(latest.items()) if one.verdict != "withdrawn"}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Decisions that cannot all hold: `chain` of records joined one by one, and the two ends that
    were parted."""

    chain: tuple[str, ...]
    parted: Decision


def contradictions(decisions: Mapping[Pair, Decision]) -> tuple[Contradiction, ...]:
    """Return every pair that was parted and is joined by way of other decisions, with the way."""
    joined: dict[str, list[str]] = {}
    for (a, b), one in decisions.items():
        if one.verdict == "same":
            joined.setdefault(a, []).append(b)
            joined.setdefault(b, []).append(a)
    found = []
    for pair, one in decisions.items():
        if one.verdict == "different":
            chain = _way(joined, *pair)
            if chain:
                found.append(Contradiction(chain, one))
    return tuple(found)


def _way(joined: Mapping[str, Sequence[str]], start: str, goal: str) -> tuple[str, ...]:
    """Return the shortest chain of joined records between two, or nothing."""
    came: dict[str, str] = {start: ""}
    line = [start]
    while line:
        here = line.pop(0)
        if here == goal:
            chain = [here]
            while came[chain[-1]]:
                chain.append(came[chain[-1]])
            return tuple(reversed(chain))
        for there in sorted(joined.get(here, ())):
            if there not in came:
                came[there] = here
                line.append(there)
    return ()


def stale(decisions: Mapping[Pair, Decision], evidence: Evidence) -> tuple[Stale, ...]:
    """Return decisions on records of the lists at hand that are gone or are read otherwise now."""
    hashes = _hashes(evidence)
    lists = {r.list for r in evidence.releases}
    found = []
    for one in decisions.values():
        for key, was in ((one.first, one.first_hash), (one.second, one.second_hash)):
            if key.split(":", 1)[0] not in lists:
                continue
            if key not in hashes:
                found.append(Stale(one, key, "is not in this release of its list"))
            elif was and hashes[key] != was:
                found.append(Stale(one, key, "has changed since: look at it again"))
    return tuple(found)


def _hashes(evidence: Evidence) -> dict[str, str]:
    rows = evidence.table.select("list", "id", "row_hash").rows()
    return {f"{name}:{ident}": row for name, ident, row in rows}


def _path(home: Path | None) -> Path:
    return (home or usual_home()) / "links" / "decisions.jsonl"


def _unknown(key: str, known: Mapping[str, str]) -> SourceError:
    near = get_close_matches(key, known, n=3, cutoff=0.5)
    advice = f" Near it: {', '.join(near)}." if near else " A record is named LIST:ID, as dcid:43."
    return SourceError(f"There is no record {key!r} in the lists at hand.{advice}")


def _broken(path: Path, line: int, why: str) -> str:
    return (
        f"{path}:{line}: this decision cannot be read ({why}). Nothing was changed. Mend the line, "
        "or move it to another file; the other lines are decisions that count."
    )
