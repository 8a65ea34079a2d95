"""Norms: the taxonomy, and for one of them which instruments carry it and how strongly."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from comity.errors import RegisterError
from comity.instruments.card import party_names, plain
from comity.instruments.model import Commits, Norm, Provision, Register
from comity.instruments.queries import standing_in_plain_words
from comity.provenance import numbered
from comity.saying import say

HOW = {
    Commits.YES: say("carried.yes"),
    Commits.NO: say("carried.no"),
    Commits.DISPUTED: say("carried.disputed"),
}


def find_norms(
    register: Register, *, family: str = "", category: str = "", text: str = ""
) -> tuple[Norm, ...]:
    """Return the norms that meet every condition, in the order of their table.

    `family` and `category` (a heading of the index of norms) may be the beginning of one. Raises
    RegisterError for one that is not known.
    """
    norms = tuple(register.norms.values())
    wanted = _known(family, dict.fromkeys(n.family for n in norms), "family of norms")
    heading = _known(category, dict.fromkeys(n.category for n in norms), "category of norms")
    return tuple(
        n for n in norms
        if n.family in (wanted or (n.family,)) and n.category in (heading or (n.category,))
        and text.casefold() in f"{n.id}\n{n.title}\n{n.gloss}".casefold()
    )  # fmt: skip


def get_norm(register: Register, norm_id: str) -> Norm:
    """Return one norm. Raises RegisterError naming those whose id is like it."""
    if norm_id not in register.norms:
        near = [n for n in register.norms if norm_id.casefold() in n] or list(register.norms)
        raise RegisterError(
            f"There is no norm {norm_id!r}. There are: {', '.join(near)}. "
            "`comity norms` lists all with their titles."
        )
    return register.norms[norm_id]


def carried_by(register: Register, norm_id: str) -> tuple[Provision, ...]:
    """Return every provision that states a norm, by its instrument's date."""
    stated = [p for p in register.provisions if p.norm == get_norm(register, norm_id).id]
    return tuple(sorted(stated, key=lambda p: _when(register, p)))


def norm_lines(register: Register, norm_id: str, width: int = 80) -> list[str]:
    """Return one norm as lines: what it asks, what would show a breach, who carries it how."""
    norm, stated = get_norm(register, norm_id), carried_by(register, norm_id)
    cited = numbered([norm.sources, *(p.sources for p in stated)])
    lines = [*_wrap(f"{norm.title} ({norm.id})", width, "")]
    lines += _wrap(f"{norm.family}; {norm.kind}; index heading: {norm.category}", width, "")
    lines += _wrap(f"{norm.gloss} {_marks(norm.sources, cited)}", width, "")
    for heading, words in (("A breach", norm.breach), ("Keeping it", norm.keeping)):
        if words:
            lines += _wrap(f"{heading} would show in: {words}", width, "")
    lines += [
        "",
        f"Carried by {len({p.instrument for p in stated})} in this register, oldest first",
    ]
    explained: set[str] = set()
    for name, said in groupby(stated, key=lambda p: p.instrument):
        i = register.instruments[name]
        parties = ", ".join(party_names(register, name)) or "none bound"
        lines += ["", *_wrap(f"{i.date}  {name}: {i.title}", width, "  ")]
        means = "" if i.standing in explained else f". {standing_in_plain_words(i.standing)}"
        explained.add(i.standing)
        lines += _wrap(f"{i.standing}{means}", width, "    ")
        lines += _wrap(f"{i.forum}: {parties}", width, "    ")
        for p in said:
            words = f"{p.strength}; {HOW[p.commits]} ({p.place}): {p.gloss}"
            lines += _wrap(f"{words} {_marks(p.sources, cited)} {p.status}", width, "    ")
        for link in register.links:
            if link.source == name and any(q.instrument == link.target for q in stated):
                lines += _wrap(
                    f"{link.kind} {link.target}: {link.note or 'no note'}", width, "    "
                )
    return [*lines, "", "Sources", *(f"  [{n}] {plain(a)}" for a, n in cited.items())]


def norm_record(register: Register, norm: Norm) -> dict[str, object]:
    """Return one norm and what carries it as data of strings and lists only."""
    return {
        "id": norm.id, "family": norm.family, "kind": norm.kind, "category": norm.category,
        "title": norm.title, "gloss": norm.gloss, "breach": norm.breach, "keeping": norm.keeping,
        "sources": list(norm.sources), "status": str(norm.status),
        "carried_by": [
            {
                "instrument": p.instrument,
                "date": register.instruments[p.instrument].date.text,
                "standing": str(register.instruments[p.instrument].standing),
                "place": p.place, "strength": p.strength, "commits": str(p.commits),
                "gloss": p.gloss, "sources": list(p.sources), "status": str(p.status),
            }
            for p in carried_by(register, norm.id)
        ],
    }  # fmt: skip


def taxonomy_lines(register: Register, norms: tuple[Norm, ...], width: int = 80) -> Iterator[str]:
    """Yield norms by family: id, title, kind, and how many instruments state each."""
    for family, members in groupby(sorted(norms, key=lambda n: n.family), lambda n: n.family):
        yield plain(family)
        for n in members:
            count = len({p.instrument for p in register.provisions if p.norm == n.id})
            yield from _wrap(f"{n.id}  {n.title} [{n.category}; in {count}]", width, "  ")
        yield ""
    yield f"{len(norms)} norms. All on one: `comity norms commercial-theft`."


def _known(value: str, there: dict[str, None], what: str) -> tuple[str, ...]:
    """Return those that `value` begins, whatever the case; () where none is asked for."""
    if not value:
        return ()
    fits = tuple(t for t in there if t.casefold().startswith(value.casefold()))
    if not fits:
        raise RegisterError(f"There is no {what} {value!r}. There are: {', '.join(there)}.")
    return fits


def _when(register: Register, row: Provision) -> tuple[str, str]:
    return str(register.instruments[row.instrument].date.earliest), row.instrument


def _marks(sources: tuple[str, ...], cited: dict[str, int]) -> str:
    return "".join(f"[{n}]" for n in sorted(cited[a] for a in sources))


def _wrap(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        plain(text), width, initial_indent=indent, subsequent_indent=indent + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
