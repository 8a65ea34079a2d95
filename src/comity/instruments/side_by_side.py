"""Instruments side by side, norm by norm: what each says of it, how strongly, and who is silent."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.instruments.card import party_names, plain
from comity.instruments.model import Commits, Instrument, Norm, Provision, Register
from comity.instruments.queries import get_instrument
from comity.provenance import numbered
from comity.saying import say

WORDS = {
    Commits.YES: say("promised.yes"),
    Commits.NO: say("promised.no"),
    Commits.DISPUTED: say("promised.disputed"),
}


@dataclass(frozen=True, slots=True)
class NormRow:
    """One norm and what each instrument says of it, in the order asked; () is silence."""

    norm: Norm
    said: tuple[tuple[Provision, ...], ...]

    @property
    def shared(self) -> bool:
        """Whether every instrument states it."""
        return all(self.said)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Instruments and the norms that any of them states: those all share first."""

    instruments: tuple[Instrument, ...]
    rows: tuple[NormRow, ...]


def compare_instruments(register: Register, ids: Sequence[str]) -> SideBySide:
    """Return instruments side by side. Raises RegisterError for an id that is not known."""
    chosen = tuple(get_instrument(register, i) for i in dict.fromkeys(ids))
    stated = [[p for p in register.provisions if p.instrument == i.id] for i in chosen]
    norms = dict.fromkeys(p.norm for provisions in stated for p in provisions)
    rows = [
        NormRow(
            register.norms[norm],
            tuple(tuple(p for p in provisions if p.norm == norm) for provisions in stated),
        )
        for norm in norms
    ]
    return SideBySide(chosen, tuple(sorted(rows, key=lambda r: -sum(map(bool, r.said)))))


def comparison_lines(register: Register, ids: Sequence[str], width: int = 80) -> list[str]:
    """Return instruments side by side as lines; numbers in brackets are of the sources below."""
    found = compare_instruments(register, ids)
    cited = numbered(p.sources for row in found.rows for said in row.said for p in said)
    lines: list[str] = []
    for i in found.instruments:
        parties = ", ".join(party_names(register, i.id)) or "none bound"
        lines += _wrap(f"{i.id}: {i.title}", width, "")
        lines += _wrap(f"{i.date}, {i.forum}, {i.standing}; {parties}", width, "  ")
    name = max(len(i.id) for i in found.instruments)
    for row in found.rows:
        lines += ["", *_wrap(f"{row.norm.title} ({row.norm.id}, {row.norm.kind})", width, "")]
        for i, said in zip(found.instruments, row.said, strict=True):
            lines += _cell(i.id.ljust(name), said, cited, width)
    if not found.rows:
        return [*lines, "", "No provision of these is in the register."]
    lines += ["", _shared_words(found)]
    return [*lines, "", "Sources", *(f"  [{n}] {plain(a)}" for a, n in cited.items())]


def comparison_record(register: Register, ids: Sequence[str]) -> dict[str, object]:
    """Return instruments side by side as data of strings, lists and dictionaries only."""
    found = compare_instruments(register, ids)
    return {
        "instruments": [
            {
                "id": i.id, "title": i.title, "date": i.date.text, "forum": str(i.forum),
                "standing": str(i.standing), "parties": list(party_names(register, i.id)),
            }
            for i in found.instruments
        ],
        "norms": [
            {
                "norm": row.norm.id, "title": row.norm.title, "kind": row.norm.kind,
                "shared": row.shared,
                "said": {
                    i.id: [
                        {
                            "place": p.place, "strength": p.strength, "commits": str(p.commits),
                            "gloss": p.gloss, "sources": list(p.sources), "status": str(p.status),
                        }
                        for p in said
                    ]
                    for i, said in zip(found.instruments, row.said, strict=True)
                },
            }
            for row in found.rows
        ],
    }  # fmt: skip


def comparison_rows(register: Register, ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield a header and one row for each norm and instrument, for a spreadsheet."""
    yield (
        "norm", "norm_title", "instrument", "date", "standing", "place", "strength", "commits",
        "gloss", "status", "sources",
    )  # fmt: skip
    found = compare_instruments(register, ids)
    for row in found.rows:
        for i, said in zip(found.instruments, row.said, strict=True):
            head = (row.norm.id, row.norm.title, i.id, i.date.text, str(i.standing))
            for p in said:
                yield (
                    *head, p.place, p.strength, str(p.commits), p.gloss, str(p.status),
                    " ".join(p.sources),
                )  # fmt: skip
            if not said:
                yield (*head, "", "", "", "", "", "")


def _cell(name: str, said: Sequence[Provision], cited: dict[str, int], width: int) -> Iterator[str]:
    """Yield what one instrument says of a norm, beside its name."""
    indent = " " * (len(name) + 4)
    if not said:
        yield f"  {name}  -"
    for p in said:
        marks = "".join(f"[{n}]" for n in sorted(cited[a] for a in p.sources))
        words = f"{p.strength}, {WORDS[p.commits]} ({p.place}): {p.gloss} {marks}"
        yield from textwrap.wrap(
            plain(words), max(width, len(indent) + 24), initial_indent=f"  {name}  ",
            subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def _shared_words(found: SideBySide) -> str:
    """Return how many norms all of them state."""
    shared = sum(row.shared for row in found.rows)
    return f"{shared} of {len(found.rows)} norms are in all {len(found.instruments)}."


def _wrap(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        plain(text), width, initial_indent=indent, subsequent_indent=indent + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
