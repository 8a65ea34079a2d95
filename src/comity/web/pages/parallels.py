"""Parallels: regimes of other fields beside cyber instruments, and where each analogy breaks."""

from __future__ import annotations

from functools import partial

from comity.errors import AddressError
from comity.parallels.model import DEGREE, FEATURES, Regime
from comity.parallels.nearest import FEWEST_SHARED, get_regime, likeness, nearest, with_feature
from comity.parallels.register import load_parallels
from comity.report.parallels_page import CSV_COLUMNS, cell_rows
from comity.report.plain import plain
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import or_missing
from comity.web.parameters import Parameter

SPELLED_OUT = 5
ASKED = tuple(f for f in FEATURES.values() if f.codes == DEGREE)
FEATURE = Parameter("feature", "how each regime stands on this feature", "choice", tuple(FEATURES))
BESIDE = Parameter("beside", "another regime or instrument, feature by feature")


def parallels(asked: Asked) -> Page:
    """Return all regimes by their features, and how like each instrument is to each of them."""
    every, feature = load_parallels(), asked.values.get("feature", "")
    cells = with_feature(every, feature) if feature else ()
    like = [(i, [likeness(i, r).score for r in every.others]) for i in every.instruments]
    return Page(
        "parallels.html.j2", asked.world.texts("parallels.title"),
        {
            "every": every, "asked_of": ASKED, "features": FEATURES, "cells": cells,
            "chosen": FEATURES.get(feature), "like": like, "fewest": FEWEST_SHARED,
        },
        data=plain(cells) if feature else plain(every.regimes),
        sheet=Sheet(CSV_COLUMNS, tuple(
            row for row in cell_rows(every.regimes.values()) if row[3] == (feature or row[3])
        )),
        command=f"comity parallels{f' --feature {feature}' if feature else ''}",
        python="from comity.parallels.register import load_parallels\nload_parallels()",
    )  # fmt: skip


def one(asked: Asked) -> Page:
    """Return one regime or instrument: its features, what is near it, where the analogy breaks."""
    every = load_parallels()
    regime = or_missing(partial(get_regime, every, asked.names["regime"]))
    if "beside" in asked.values:
        return _beside(asked, regime, get_regime(every, asked.values["beside"]))
    found = nearest(every, regime) if regime.cyber else ()
    like = [] if regime.cyber else sorted(
        ((i, likeness(i, regime)) for i in every.instruments),
        key=lambda pair: (pair[1].score is None, -(pair[1].score or 0.0), pair[0].id),
    )  # fmt: skip
    return Page(
        "parallel.html.j2", regime.name,
        {
            "regime": regime, "features": FEATURES, "found": found,
            "top": [p for p in found[:SPELLED_OUT] if p.likeness.score is not None],
            "like": like, "fewest": FEWEST_SHARED, "others": _others(regime), "beside": None,
        },
        data=plain(found) if regime.cyber else plain(regime),
        sheet=Sheet(CSV_COLUMNS, tuple(cell_rows((regime,)))),
        command=f"comity parallels {regime.id}", python=_python(regime),
    )  # fmt: skip


def _python(regime: Regime) -> str:
    return (
        "from comity.parallels.nearest import get_regime, nearest\n"
        "from comity.parallels.register import load_parallels\n"
        f"every = load_parallels()\nnearest(every, get_regime(every, {regime.id!r}))"
    )


def _others(regime: Regime) -> list[tuple[str, str]]:
    """Return the regimes and instruments to hold beside one, for a select."""
    return [(r.id, r.name) for r in load_parallels().regimes.values() if r.id != regime.id]


def _beside(asked: Asked, regime: Regime, other: Regime) -> Page:
    """Return two of them feature by feature."""
    if regime.id == other.id:
        raise AddressError(asked.world.texts("parallels.itself"))
    both = [f for f in FEATURES.values() if f.id in regime.cells or f.id in other.cells]
    return Page(
        "parallel_beside.html.j2",
        asked.world.texts("parallels.beside", one=regime.name, other=other.name),
        {"regime": regime, "other": other, "features": both, "others": _others(regime),
         "like": likeness(regime, other)},
        data=[plain(regime), plain(other)],
        sheet=Sheet(CSV_COLUMNS, tuple(cell_rows((regime, other)))),
        command=f"comity parallels {regime.id} {other.id}", python=_python(regime),
    )  # fmt: skip


VIEWS = (
    View("parallels", "/parallels", "Regimes of other fields by their features", parallels,
         (FEATURE,)),
    View("parallel", "/parallels/{regime}", "One regime or instrument beside others", one,
         (BESIDE,)),
)  # fmt: skip
