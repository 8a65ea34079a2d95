"""Definitions written by hand for the tests."""

from __future__ import annotations

from pathlib import Path

from comity.definitions.register import COLUMNS

TERMS = (
    "cybersecurity|Cybersecurity|Safety of systems.\n"
    "information-security|Information security|Safety of information.\n"
    "international-information-security|International information security|Safety of states.\n"
    "network-and-information-security|Network and information security|Ability to resist."
)
DEFINERS = "x-one|Organisation One|organisation|global|\nx-two|Body Two|standards body|Europe|note"
NARROW = "networks;systems|confidentiality;integrity;availability|attack|no|inward"
WIDE = "society;state;content|none|foreign-interference;content|yes|both"


def row(
    name: str, definer: str, coded: str, term: str = "cybersecurity", date: str = "2015"
) -> str:
    """Return a row of definitions.tsv."""
    protects, properties, against, content, orientation = coded.split("|")
    return "\t".join(
        (
            name, term, definer, "A document", date, "page 1", "en", protects, properties, against,
            content, orientation, "A gloss of ours.", "https://example.org/a", "seen", "agreed",
        )
    )  # fmt: skip


def write(folder: Path, rows: list[str]) -> Path:
    """Write the three tables."""
    for name, text in (("terms.tsv", TERMS), ("definers.tsv", DEFINERS)):
        body = text.replace("|", "\t")
        (folder / name).write_text("\t".join(COLUMNS[name]) + "\n" + body + "\n", encoding="utf-8")
    head = "\t".join(COLUMNS["definitions.tsv"])
    (folder / "definitions.tsv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder
