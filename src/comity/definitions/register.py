"""Loads the definitions, or says everything that is wrong with their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from comity.countries import country_name, resolve_country
from comity.dates import parse_date
from comity.definitions.agreement import second_reading
from comity.definitions.model import (
    AGAINST,
    ANSWERS,
    ORIENTATIONS,
    PROPERTIES,
    PROTECTS,
    SILENT,
    Definer,
    DefinerKind,
    Definition,
    Definitions,
    Term,
)
from comity.errors import CountryError, RegisterError
from comity.tables import (
    Row,
    addresses,
    allowed_problems,
    date_problems,
    id_problems,
    read_table,
    source_problems,
    text_problems,
)

FOLDER = "data/definitions"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "terms.tsv": ("id", "title", "gloss"),
    "definers.tsv": ("id", "name", "kind", "region", "note"),
    "definitions.tsv": (
        "id", "term", "definer", "document", "date", "place", "language", "protects",
        "properties", "against", "content", "orientation", "gloss", "sources", "status", "second",
    ),
}  # fmt: skip
REGIONS = ("Africa", "Americas", "Asia", "Europe", "Oceania", "global")
SETS: Mapping[str, tuple[str, ...]] = {
    "protects": PROTECTS, "properties": PROPERTIES, "against": AGAINST,
}  # fmt: skip
ALLOWED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "terms.tsv": {},
    "definers.tsv": {"kind": tuple(DefinerKind), "region": REGIONS},
    "definitions.tsv": {"content": ANSWERS, "orientation": ORIENTATIONS},
}
MAY_BE_EMPTY = frozenset({"note"})
Tables = Mapping[str, list[Row]]

ARTICLED = ("United ", "Netherlands", "Philippines", "European ", "African ", "SCO", "ITU")


def load_definitions(path: Path | None = None) -> Definitions:
    """Return the definitions of a folder of tables; without `path`, those that ship.

    Raises RegisterError listing every problem of every table.
    """
    return _shipped() if path is None else _load(path)


def check_definitions(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem as "file:line: message; what would be right"; none where sound."""
    return _read(path)[1]


@lru_cache(maxsize=1)
def _shipped() -> Definitions:
    return _load(None)


def _load(path: Path | None) -> Definitions:
    tables, problems = _read(path)
    if problems:
        raise RegisterError(
            f"The tables of definitions have {len(problems)} problems:\n" + "\n".join(problems),
            problems,
        )
    rows = {name: [r.cells for r in found] for name, found in tables.items()}
    return Definitions(
        {c["id"]: Term(c["id"], c["title"], c["gloss"]) for c in rows["terms.tsv"]},
        {
            c["id"]: Definer(c["id"], c["name"], DefinerKind(c["kind"]), c["region"], c["note"])
            for c in rows["definers.tsv"]
        },
        tuple(_definition(c) for c in rows["definitions.tsv"]),
    )


def _definition(c: Mapping[str, str]) -> Definition:
    sets = [frozenset(_words(c[column])) - set(SILENT) for column in SETS]
    return Definition(
        c["id"], c["term"], c["definer"], c["document"], parse_date(c["date"]), c["place"],
        c["language"], sets[0], sets[1], sets[2], c["content"], c["orientation"], c["gloss"],
        addresses(c["sources"]), c["status"], c["second"],
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(";")]


def _read(path: Path | None) -> tuple[Tables, tuple[str, ...]]:
    """Return the rows of each table and every problem."""
    folder: Path | Traversable = path or resources.files("comity").joinpath(FOLDER)
    tables: dict[str, list[Row]] = {}
    problems: list[str] = []
    for name, columns in COLUMNS.items():
        file = folder / name
        if not file.is_file():
            tables[name] = []
            problems.append(f"{name}:1: there is no such file; every table must be there")
            continue
        tables[name], wrong = read_table(file.read_bytes(), columns)
        problems += [f"{name}:{line}: {message}" for line, message in wrong]
    for name, rows in tables.items():
        first: dict[str, int] = {}
        for row in rows:
            messages = list(_row_problems(name, row.cells, tables))
            earlier = first.setdefault(row.cells["id"], row.line)
            if earlier != row.line:
                messages.append(f"same id as line {earlier}; each may occur once")
            problems += [f"{name}:{row.line}: {message}" for message in messages]
    return tables, tuple(problems)


def _row_problems(name: str, cells: Mapping[str, str], tables: Tables) -> Iterator[str]:
    yield from text_problems(cells, MAY_BE_EMPTY)
    yield from allowed_problems(cells, ALLOWED[name])
    yield from id_problems(cells["id"])
    if name == "definitions.tsv":
        yield from source_problems(cells)
        yield from _coding_problems(cells)
        yield from date_problems("date", cells["date"])
        terms = {row.cells["id"] for row in tables["terms.tsv"]}
        if cells["term"] not in terms:
            yield f"term {cells['term']!r} is not in terms.tsv; add it there first"
        definers = {row.cells["id"] for row in tables["definers.tsv"]}
        if cells["definer"] not in definers and not _is_state(cells["definer"]):
            yield (
                f"definer {cells['definer']!r} is neither an ISO 3166-1 alpha-2 code nor in "
                "definers.tsv; add it there first"
            )
    elif name == "definers.tsv" and not cells["id"].startswith("x-"):
        yield f"id {cells['id']!r} must begin with x-; a state needs no row"


def _coding_problems(cells: Mapping[str, str]) -> Iterator[str]:
    """Yield elements that no codebook has, silence beside an element, and a strange `second`."""
    for column, allowed in SETS.items():
        words = _words(cells[column])
        for word in words:
            if word not in (*allowed, *SILENT):
                yield f"{column} has {word!r}; it must be of {', '.join(allowed)} or {SILENT[0]}"
        if len(words) > 1 and set(words) & set(SILENT):
            yield f"{column} has {SILENT[0]} beside an element; it must be one or the other"
        if len(set(words)) != len(words):
            yield f"{column} names an element twice"
    try:
        second_reading(cells["second"])
    except ValueError as error:
        yield str(error)


def _is_state(code: str) -> bool:
    try:
        return resolve_country(code) == code
    except CountryError:
        return False


def definer_name(definitions: Definitions, code: str, in_sentence: bool = False) -> str:
    """Return a definer's name in words; in a sentence with the article it needs."""
    known = definitions.definers.get(code)
    name = known.name if known else country_name(code)
    return f"the {name}" if in_sentence and name.startswith(ARTICLED) else name


def find_definer(definitions: Definitions, text: str) -> str:
    """Return a definer's id from what a person types: US, Russia, ISO, x-sco.

    Raises RegisterError naming those there are.
    """
    wanted = text.casefold().strip()
    there = {d.definer for d in definitions.rows}
    code = resolve_country(text) or resolve_country(text.upper())
    if code in there and len(wanted) == 2:
        return str(code)  # AU is Australia, though x-au is there too
    for definer in definitions.definers.values():
        if wanted in (definer.id, definer.id.removeprefix("x-"), definer.name.casefold()):
            return definer.id
    if code in there:
        return str(code)
    near = [
        d.id for d in definitions.definers.values()
        if wanted in d.name.casefold() or wanted in d.id
    ]  # fmt: skip
    if len(near) == 1:
        return near[0]
    raise RegisterError(
        f"Nobody called {text!r} defines a term here. There are: {', '.join(sorted(there))}."
    )


def find_term(definitions: Definitions, text: str) -> str:
    """Return a term's id from its id, title or beginning. Raises RegisterError naming all."""
    wanted = "-".join(text.casefold().split())
    ids = list(definitions.terms)
    if wanted in ids:
        return wanted
    near = [t for t in ids if t.startswith(wanted)]
    if len(near) == 1:
        return near[0]
    raise RegisterError(f"There is no term {text!r}. There are: {', '.join(ids)}.")


def find_definition(definitions: Definitions, text: str) -> Definition:
    """Return a definition by its id, or by the beginning of one that fits no other subject.

    A beginning such as sco-2009 that fits several takes the one of the subject itself, in the
    order of `SUBJECT`. Raises RegisterError naming those that fit.
    """
    from comity.definitions.model import SUBJECT

    wanted = text.casefold().strip()
    fits = [d for d in definitions.rows if d.id == wanted] or [
        d for d in definitions.rows if d.id.removeprefix("x-").startswith(wanted)
    ]
    first = next((t for t in SUBJECT if any(d.term == t for d in fits)), "")
    chosen = fits if len(fits) == 1 else [d for d in fits if d.term == first]
    if len(chosen) == 1:
        return chosen[0]
    if not fits:
        raise RegisterError(
            f"There is no definition {text!r}. `comity definitions` lists terms, and "
            "`comity definitions TERM` the definitions of one with their ids."
        )
    named = ", ".join(d.id for d in (chosen or fits))
    raise RegisterError(f"{text!r} fits several definitions: {named}. Give one id in full.")
