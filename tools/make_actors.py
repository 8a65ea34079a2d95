"""Make the actor table that ships, from three published files.

    python tools/make_actors.py ATTACK_GROUPS.csv MISP_THREAT_ACTOR.json APT_GROUPS.xlsx [--check]

Names, identifiers and suspected countries are taken; no description is. ATT&CK says which state a
group acts for only in the first sentences of its description: the country is read there where it
is said in so many words (`said`). MISP's `country` and the sheet's tabs name an origin; MISP's
`cfr-suspected-state-sponsor` a sponsor. The same files give the same bytes. `--check` writes
nothing and fails where what ships differs.

An entry joins one of an earlier source (ATT&CK, MISP, the sheet, in this order) where it gives its
ATT&CK identifier and shares a name with it; where their first names agree; or where it shares two
names or more with it, and more than with any other. Everything else stays apart: a name that two
then share is ambiguous on purpose.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.countries import country_name, resolve_country
from comity.errors import CountryError
from comity.incidents.actors import COLUMNS, name_key
from comity.incidents.sources.places import find_places

OUT = Path(__file__).resolve().parents[1] / "src" / "comity" / "data" / "actors"
ATTACK = "https://attack.mitre.org/groups/{}/"
MISP = "https://github.com/MISP/misp-galaxy/blob/main/clusters/threat-actor.json"
SHEET = "https://apt.threattracking.com"
SHARED = 2  # names that two entries share before they are taken for one actor
LONGEST = 60  # characters of a name; what is longer is a remark
TABS = {
    "China": "CN", "Russia": "RU", "North Korea": "KP", "Iran": "IR", "Israel": "IL", "NATO": "",
    "Middle East": "", "Others": "", "Unknown": "",
}  # fmt: skip
NO_NAMES = {"mitreattck", "mitreatck"}
GENERIC = {
    "unknown", "apt", "none", "na", "various", "china", "russia", "iran", "tba", "tbd", "group",
}  # fmt: skip
SPONSORED = re.compile(
    r"(?:nation-state|state-sponsored|state-backed|government|military|intelligence"
    r"|People|Ministry|Islamic Revolutionary|Federal Security|Foreign Intelligence|General Staff"
    r"|Main Intelligence|Reconnaissance General)"
)
KINDS = r"(?:threat|cyber|espionage|APT|hacking|adversary|advanced|ransomware|criminal|group|actor)"


@dataclass
class Entry:
    """One entry of one source, or several that are one actor."""

    name: str
    attack: str = ""
    misp: str = ""
    aliases: dict[tuple[str, str], None] = field(default_factory=dict)  # (name, source)
    claims: dict[tuple[str, ...], None] = field(default_factory=dict)  # rows without the actor

    def keys(self) -> set[str]:
        """Return what its names are compared by."""
        return {name_key(alias) for alias, _ in self.aliases}

    def join(self, other: Entry) -> None:
        """Take over what another source says of the same actor."""
        self.misp = self.misp or other.misp
        self.aliases |= other.aliases
        self.claims |= other.claims


def clean(text: object) -> str:
    """Return text without control and format characters, blanks made one."""
    normal = unicodedata.normalize("NFC", str(text or ""))
    kept = "".join(
        " " if c.isspace() else c
        for c in normal
        if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    return " ".join(kept.split()).strip(" .,;?\"'“”")


def names_in(cell: object) -> Iterator[str]:
    """Yield the names of a cell, remarks and what is no name left out."""
    for piece in re.split(r"[,;\n]| / ", str(cell or "")):
        name = clean(re.sub(r"\s*\((?:aka )?([^)]*)\)\s*$", "", piece))
        key = name_key(name)
        short = len(key) < 3 or key.isdigit() or key in GENERIC or re.fullmatch(r"[gs]\d{4}", key)
        if not short and len(name) <= LONGEST and not name.lower().startswith("http"):
            yield name


def attack_entries(path: Path) -> Iterator[Entry]:
    """Yield the groups of ATT&CK that are not revoked."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["revoked"] == "True":
                continue
            entry = Entry(clean(row["name"]), attack=row["id"])
            for name in [row["name"], *row["aliases"].split("|")]:
                entry.aliases |= {(one, "attack"): None for one in names_in(name)}
            if found := said(row["description"]):
                code, says = found
                address = ATTACK.format(row["id"])
                entry.claims["attack", says, code, "description", address] = None
            yield entry


def said(description: str) -> tuple[str, str] | None:
    """Return (country, "sponsor" or "origin") where the first sentences of a description say it."""
    plain = re.sub(r"\(Citation:[^)]*\)", " ", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", description))
    sentences = re.split(r"(?<=[a-z)])\. +", " ".join(plain.split()))[:2]
    found: dict[str, str] = {}
    for sentence in sentences:
        for place in find_places(sentence):
            before, after = sentence[: place.start], sentence[place.end :]
            told = re.search(
                r"(?:attributed to|sponsored by|on behalf of|nexus to|ties to|linked to"
                r"|associated with|suspected to be|part of|by)"
                r"(?: the| a)?(?: government of| state of)?(?: an?)?\s*$",
                before,
            ) and re.match(r"[’']s? |[- ](?:government|based|state|Ministry|intelligence)", after)
            of_kind = re.search(
                r"(?:\bis|\bare|as) (?:an? |the )?(?:\w+ly |alleged |suspected |likely )*$", before
            ) and re.match(
                rf"(?:[- ](?:based|nexus|linked))?(?: [\w-]+){{0,3}}? {KINDS}|[- ]based", after
            )
            if told or of_kind:
                near = sentence[place.start : place.end + 60]
                found.setdefault(place.code, "sponsor" if SPONSORED.search(near) else "origin")
    return next(iter(found.items())) if len(found) == 1 else None


def misp_entries(path: Path) -> Iterator[Entry]:
    """Yield the threat actors of MISP's galaxy."""
    for value in json.loads(path.read_text("utf-8"))["values"]:
        meta: Mapping[str, Any] = value.get("meta", {})
        text = " ".join([*meta.get("refs", []), *meta.get("synonyms", [])])
        ids = set(re.findall(r"\bG\d{4}\b", text))
        entry = Entry(
            clean(value["value"]), next(iter(ids)) if len(ids) == 1 else "", value["uuid"]
        )
        for name in [value["value"], *meta.get("synonyms", [])]:
            entry.aliases |= {(one, "misp"): None for one in names_in(name)}
        for basis, says in (("country", "origin"), ("cfr-suspected-state-sponsor", "sponsor")):
            if (code := code_of(meta.get(basis))) and not code.startswith("X-"):
                entry.claims["misp", says, code, basis, MISP] = None
        yield entry


def code_of(text: object) -> str:
    """Return the code of a country or a code; empty where it is none."""
    given = clean(text)
    try:
        country_name(given)
    except CountryError:
        return resolve_country(given) or ""
    return given


def sheet_entries(path: Path) -> Iterator[Entry]:
    """Yield the rows of the sheet's tabs of countries and regions."""
    import fastexcel
    import polars as pl

    book = fastexcel.read_excel(path)
    for tab, code in TABS.items():
        rows = pl.DataFrame(book.load_sheet(tab, header_row=None, dtypes="string")).rows()
        at = next(n for n, row in enumerate(rows) if row[0] == "Common Name")
        header = [clean(cell) for cell in rows[at]]
        last = header.index("Operation 1")
        for row in rows[at + 1 :]:
            yield from sheet_entry(tab, code, dict(zip(header, row, strict=True)), header[:last])


def sheet_entry(
    tab: str, code: str, row: Mapping[str, object], columns: Iterable[str]
) -> Iterator[Entry]:
    """Yield the entry of a row, unless it has no name."""
    given = [name for c in columns if name_key(c) not in NO_NAMES for name in names_in(row[c])]
    if not given:
        return
    cells = " ".join(str(row[c] or "") for c in columns)
    ids = set(re.findall(r"\bG\d{4}\b", cells))
    entry = Entry(given[0], next(iter(ids)) if len(ids) == 1 else "")
    entry.aliases |= {(name, "aptgroups"): None for name in given}
    country = code or code_of(row.get("Origin"))
    if country:
        entry.claims["aptgroups", "origin", country, f"tab {tab}", SHEET] = None
    yield entry


def joined(*sources: Iterable[Entry]) -> list[Entry]:
    """Return the entries of all sources, those that are of one actor joined."""
    actors: list[Entry] = []
    for entries in sources:
        before = list(actors)
        own: dict[str, Entry] = {}
        for entry in entries:
            same = same_actor(entry, before) or own.get(name_key(entry.name))
            if same is not None:
                same.join(entry)
            else:
                own[name_key(entry.name)] = entry
                actors.append(entry)
    known = {id(a) for a in actors if any(source == "attack" for _, source in a.aliases)}
    for actor in actors:
        actor.attack = actor.attack if id(actor) in known else ""
    return actors


def same_actor(entry: Entry, actors: list[Entry]) -> Entry | None:
    """Return the actor that an entry of another source is of, or None."""
    keys = entry.keys()
    for actor in actors:
        if entry.attack and entry.attack == actor.attack and actor.keys() & keys:
            return actor
    first = [a for a in actors if name_key(a.name) == name_key(entry.name)]
    if len(first) == 1:
        return first[0]
    shared = sorted(((len(a.keys() & keys), n) for n, a in enumerate(actors)), reverse=True)
    if shared and shared[0][0] >= SHARED and (len(shared) == 1 or shared[1][0] < shared[0][0]):
        return actors[shared[0][1]]
    return None


def tables_of(actors: list[Entry]) -> dict[str, str]:
    """Return the name and text of each table that ships."""
    taken: dict[str, int] = {}
    rows: dict[str, list[tuple[str, ...]]] = {name: [] for name in COLUMNS}
    for actor in sorted(actors, key=lambda a: (name_key(a.name), a.attack, a.misp)):
        slug = actor.attack or re.sub(r"[^a-z0-9]+", "-", actor.name.lower()).strip("-") or "actor"
        taken[slug] = taken.get(slug, 0) + 1
        one = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        rows["actors.tsv"].append((one, actor.name, actor.attack, actor.misp))
        rows["aliases.tsv"] += [(one, *alias) for alias in sorted(distinct(actor))]
        rows["claims.tsv"] += [(one, *claim) for claim in sorted(actor.claims)]
    return {
        name: "\n".join("\t".join(cells) for cells in [COLUMNS[name], *rows[name]]) + "\n"
        for name in COLUMNS
    }


def distinct(actor: Entry) -> Iterator[tuple[str, str]]:
    """Yield an actor's aliases, spellings that differ in case or punctuation alone being one."""
    spelt: dict[str, str] = {name_key(actor.name): actor.name}
    seen = set()
    for alias, source in actor.aliases:
        pair = (spelt.setdefault(name_key(alias), alias), source)
        if pair not in seen:
            seen.add(pair)
            yield pair


def main(arguments: list[str] | None = None) -> int:
    """Write the tables, or with `--check` compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("attack", type=Path, help="ATT&CK's groups, as CSV")
    parser.add_argument("misp", type=Path, help="MISP galaxy's clusters/threat-actor.json")
    parser.add_argument("sheet", type=Path, help="the sheet of APT groups, as .xlsx")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    given = parser.parse_args(arguments)
    actors = joined(
        attack_entries(given.attack), misp_entries(given.misp), sheet_entries(given.sheet)
    )
    tables = tables_of(actors)
    if given.check:
        differing = [
            name
            for name, text in tables.items()
            if not (OUT / name).is_file() or (OUT / name).read_text("utf-8") != text
        ]
        if differing:
            print(f"Out of date: {', '.join(differing)}. Run tools/make_actors.py.")
            return 1
    else:
        OUT.mkdir(parents=True, exist_ok=True)
        for name, text in tables.items():
            (OUT / name).write_text(text, "utf-8", newline="\n")
    print(", ".join(f"{name}: {text.count(chr(10)) - 1} rows" for name, text in tables.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
