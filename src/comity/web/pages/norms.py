"""Norms: what is asked of states, and for one of them who carries it and how strongly."""

from __future__ import annotations

import shlex
from functools import partial
from itertools import groupby

from comity.instruments.model import CATEGORIES, Commits
from comity.instruments.norms import HOW, carried_by, find_norms, get_norm, norm_record
from comity.instruments.queries import standing_in_plain_words
from comity.instruments.register import load_register
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import named_parties, or_missing
from comity.web.parameters import Parameter

COLUMNS = ("id", "family", "kind", "category", "title", "gloss", "status", "sources")
CARRIED = ("norm", "instrument", "date", "standing", "place", "strength", "commits", "gloss",
           "status", "sources")  # fmt: skip
FILTERS = (
    Parameter("family", "only those of this set"),
    Parameter("category", "only those under this heading", "choice",
              tuple(dict.fromkeys(CATEGORIES.values()))),
    Parameter("text", "only those with this in id, title or words"),
)  # fmt: skip


def norms(asked: Asked) -> Page:
    """Return the norms, each with how many texts state it and how many promise it."""
    register, v, coded = load_register(), asked.values, asked.world.texts.coded
    found = find_norms(
        register, family=v.get("family", ""), category=v.get("category", ""),
        text=v.get("text", ""),
    )  # fmt: skip
    stated: dict[str, set[str]] = {}
    promised: dict[str, set[str]] = {}
    for p in register.provisions:
        stated.setdefault(p.norm, set()).add(p.instrument)
        if p.commits is Commits.YES:
            promised.setdefault(p.norm, set()).add(p.instrument)
    families = dict.fromkeys(n.family for n in register.norms.values())
    by_family = groupby(sorted(found, key=lambda n: n.family), key=lambda n: n.family)
    return Page(
        "norms.html.j2", asked.world.texts("norms.title"),
        {
            "groups": [(family, list(some)) for family, some in by_family], "count": len(found),
            "total": len(register.norms), "stated": stated, "promised": promised,
            "families": [(f, f) for f in sorted(families)],
            "categories": [(c, coded(c, "norm_kind")) for c in dict.fromkeys(CATEGORIES.values())],
        },
        data=[norm_record(register, n) for n in found],
        sheet=Sheet(COLUMNS, tuple(
            (n.id, n.family, n.kind, n.category, n.title, n.gloss, n.status, " ".join(n.sources))
            for n in found
        )),
        command=" ".join(["comity norms", *(f"--{k} {shlex.quote(v[k])}" for k in v)]),
        python="from comity.instruments.norms import find_norms\n"
               "find_norms(comity.load_register())",
    )  # fmt: skip


def norm(asked: Asked) -> Page:
    """Return one norm: what it asks, and every text that carries it."""
    register = load_register()
    n = or_missing(partial(get_norm, register, asked.names["norm"]))
    stated = carried_by(register, n.id)
    rows = [
        (register.instruments[p.instrument], *named_parties(register, p.instrument), p)
        for p in stated
    ]
    return Page(
        "norm.html.j2", n.title,
        {
            "n": n, "rows": rows, "how": HOW, "plain": standing_in_plain_words,
            "texts": len({p.instrument for p in stated}),
            "promised": len({p.instrument for p in stated if p.commits is Commits.YES}),
        },
        data=[norm_record(register, n)],
        sheet=Sheet(CARRIED, tuple(
            (n.id, p.instrument, i.date.text, i.standing, p.place, p.strength, p.commits, p.gloss,
             p.status, " ".join(p.sources))
            for i, _, _, p in rows
        )),
        command=f"comity norms {n.id}",
        python="from comity.instruments.norms import carried_by\n"
               f"carried_by(comity.load_register(), {n.id!r})",
    )  # fmt: skip


VIEWS = (
    View("norms", "/norms", "What is asked of states", norms, FILTERS),
    View("norm", "/norms/{norm}", "One norm and who carries it", norm),
)
