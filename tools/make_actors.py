"""Makes the table of actors from three published files: python tools/make_actors.py MISP ROTH ATTACK.

MISP is the galaxy's `threat-actor.json` (CC0 or BSD-2), ROTH the sheet "APT Groups and Operations"
(CC BY 4.0) as .xlsx, ATTACK a table of ATT&CK groups with the columns id, name, aliases (ATT&CK
terms of use). Only names, aliases and the country each source suspects are taken, no sentence.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

from comity.countries import resolve_all

TABLE = Path(__file__).parents[1] / "src/comity/data/actors/actors.tsv"
COLUMNS = ("source", "id", "name", "aliases", "sponsors", "confidence", "address")
MISP = "https://github.com/MISP/misp-galaxy/blob/main/clusters/threat-actor.json"
ROTH = "https://docs.google.com/spreadsheets/d/1H9_xaxQHpWaa4O_Son4Gx0YOIzlcBWMsdvePFX68EKU"
ATTACK = "https://attack.mitre.org/groups/"
SHEETS = {"China": "CN", "Russia": "RU", "North Korea": "KP", "Iran": "IR", "Israel": "IL",
          "NATO": "", "Middle East": "", "Others": "", "Unknown": ""}  # fmt: skip
NO_ALIAS = re.compile(r"operation|tool|target|modus|origin|comment|link|overlap|irl", re.IGNORECASE)


def clean(text: object) -> str:
    """Return a cell's text on one line, without what would break the table."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in str(text))).strip(" ;,.")


def names(values: list[object]) -> str:
    """Return names, each once, as one cell; a name may itself hold several after commas."""
    found = []
    for value in values:
        for piece in re.split(r"[,;/\n]| aka ", str(value or "")):
            name = clean(re.sub(r"\(.*?\)|\?", "", piece))
            if 2 < len(name) <= 60 and not set(name) & set("=\"<>") and not name.casefold().startswith(("http", "see ", "maybe")):
                found.append(name)
    return " ; ".join(dict.fromkeys(found))


def countries(text: object) -> str:
    """Return the codes of a cell's countries; what names none is left out."""
    return " ; ".join(c for c in resolve_all(clean(text or ""), ",/;").codes if len(c) == 2)


def from_misp(path: Path) -> list[tuple[str, ...]]:
    rows = []
    for one in json.loads(path.read_text("utf-8"))["values"]:
        meta = one.get("meta", {})
        rows.append(("misp", one["uuid"], clean(one["value"]), names(meta.get("synonyms", [])),
                     clean(meta.get("country", "")).upper(), clean(meta.get("attribution-confidence", "")),
                     MISP))  # fmt: skip
    return rows


def from_roth(path: Path) -> list[tuple[str, ...]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = []
    for sheet, code in SHEETS.items():
        cells = list(book[sheet].iter_rows(values_only=True))
        head = [clean(c or "") for c in cells[1]]
        used = [i for i, title in enumerate(head) if i and title and not NO_ALIAS.search(title)]
        origin = head.index("Origin") if "Origin" in head else None
        taken: dict[str, int] = {}
        for row in cells[2:]:
            name = clean(row[0] or "")
            if not name:
                continue
            key = f"{sheet}:{name}"
            taken[key] = taken.get(key, 0) + 1
            number = "" if taken[key] == 1 else f" {taken[key]}"
            said = code or (countries(row[origin]) if origin is not None else "")
            rows.append(("roth", key + number, name, names([row[i] for i in used]), said, "", ROTH))
    return rows


def from_attack(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8") as stream:
        return [("attack", r["id"], clean(r["name"]),
                 names([a for a in r["aliases"].split("|") if a != r["name"]]), "", "",
                 ATTACK + r["id"]) for r in csv.DictReader(stream) if r["revoked"] != "True"]  # fmt: skip


def main() -> None:
    """Write the table."""
    misp, roth, attack = (Path(a) for a in sys.argv[1:4])
    rows = [*from_misp(misp), *from_roth(roth), *from_attack(attack)]
    lines = ["\t".join(COLUMNS), *("\t".join(row) for row in sorted(rows))]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(rows)} entries written to {TABLE.name}")


if __name__ == "__main__":
    main()
