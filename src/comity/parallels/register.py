"""Loads regimes and their features, or says everything that is wrong with the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

from comity.errors import RegisterError
from comity.parallels.model import FEATURES, STATUSES, UNKNOWN, Cell, Parallels, Regime
from comity.provenance import is_web_address
from comity.tables import SEPARATOR, Row, addresses, id_problems, read_table, text_problems

FOLDER = "data/parallels"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "regimes.tsv": ("id", "name", "field", "breaks"),
    "features.tsv": ("regime", "feature", "code", "value", "limit", "sources", "status"),
}
MAY_BE_EMPTY = frozenset({"limit", "sources"})
WITHOUT_SOURCE = ("judgement", "absent", "unverified")
LONGEST = 160
FEWEST_CELLS = 12
Tables = Mapping[str, list[Row]]


def load_parallels(path: Path | None = None) -> Parallels:
    """Return the regimes that ship, or of a folder. Raises RegisterError with every problem."""
    return _shipped() if path is None else _load(path)


def check_parallels(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem as "file:line: message"; none where the tables are sound."""
    return _read(path)[1]


@lru_cache(maxsize=1)
def _shipped() -> Parallels:
    return _load(None)


def _load(path: Path | None) -> Parallels:
    tables, problems = _read(path)
    if problems:
        raise RegisterError(
            f"The tables of parallels have {len(problems)} problems:\n" + "\n".join(problems),
            problems,
        )
    cells: dict[str, dict[str, Cell]] = {}
    for row in tables["features.tsv"]:
        c = row.cells
        cells.setdefault(c["regime"], {})[c["feature"]] = Cell(
            c["regime"], c["feature"], c["code"], c["value"], c["limit"],
            addresses(c["sources"]) if c["sources"] else (), c["status"],
        )  # fmt: skip
    found = {}
    for row in tables["regimes.tsv"]:
        c = row.cells
        mine = cells.get(c["id"], {})
        ordered = {f: mine[f] for f in FEATURES if f in mine}
        found[c["id"]] = Regime(c["id"], c["name"], c["field"], c["breaks"], ordered)
    return Parallels(found)


def _read(path: Path | None) -> tuple[Tables, tuple[str, ...]]:
    tables: dict[str, list[Row]] = {}
    problems: list[str] = []
    for name, columns in COLUMNS.items():
        file = (path or resources.files("comity").joinpath(FOLDER)).joinpath(name)
        tables[name] = []
        if not file.is_file():
            problems.append(f"{name}:1: there is no such file; every table must be there")
            continue
        tables[name], wrong = read_table(file.read_bytes(), columns)
        problems += [f"{name}:{line}: {message}" for line, message in wrong]
    first: dict[str, int] = {}
    for row in tables["regimes.tsv"]:
        messages = [*text_problems(row.cells, MAY_BE_EMPTY), *id_problems(row.cells["id"])]
        if first.setdefault(row.cells["id"], row.line) != row.line:
            messages.append(f"same id as line {first[row.cells['id']]}; each may occur once")
        problems += [f"regimes.tsv:{row.line}: {m}" for m in messages]
    problems += _cell_problems(tables["features.tsv"], first)
    return tables, tuple(problems)


def _cell_problems(rows: list[Row], known: Mapping[str, int]) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        c = row.cells
        messages = list(text_problems(c, MAY_BE_EMPTY))
        if c["regime"] not in known:
            messages.append(f"regime {c['regime']!r} is not in regimes.tsv; add it there first")
        if c["feature"] not in FEATURES:
            messages.append(f"feature {c['feature']!r} is not one of {', '.join(FEATURES)}")
        else:
            messages += _code_problems(c)
        if len(c["value"]) > LONGEST:
            messages.append(f"value has {len(c['value'])} characters; at most {LONGEST}")
        if c["status"] not in STATUSES:
            messages.append(f"status {c['status']!r} is not one of {', '.join(STATUSES)}")
        wrong = [a for a in c["sources"].split(SEPARATOR) if a and not is_web_address(a)]
        messages += [f"source {a!r} is no http(s) address" for a in wrong]
        if not c["sources"] and c["status"] not in WITHOUT_SOURCE:
            messages.append(f"status is {c['status']!r} without an address; give where it was read")
        key = (c["regime"], c["feature"])
        if seen.setdefault(key, row.line) != row.line:
            messages.append(f"same regime and feature as line {seen[key]}")
        yield from (f"features.tsv:{row.line}: {m}" for m in messages)
    for regime, line in known.items():
        count = sum(r == regime for r, _ in seen)
        if count < FEWEST_CELLS:
            yield (
                f"regimes.tsv:{line}: {regime} has {count} features; at least {FEWEST_CELLS} are "
                "needed to compare it with others"
            )


def _code_problems(c: Mapping[str, str]) -> Iterator[str]:
    feature = FEATURES[c["feature"]]
    if c["code"] == UNKNOWN:
        return
    if not feature.codes and not c["code"].isdigit():
        yield f"code {c['code']!r} must be a whole number or {UNKNOWN}"
    elif feature.codes and c["code"] not in feature.codes:
        yield f"code {c['code']!r} is not one of {', '.join(feature.codes)}, {UNKNOWN}"
