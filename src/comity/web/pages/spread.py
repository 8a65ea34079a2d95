"""Spread: which norms there are, how one spread and where it stopped, who follows whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING

from comity.countries import country_name
from comity.dates import ImpreciseDate
from comity.diffusion.adoption import (
    Adoption,
    Way,
    adoptions_of,
    first_adoptions,
    load_takeups,
)
from comity.diffusion.reach import Reached, reached_by
from comity.diffusion.spread import Spread, spread_of
from comity.diffusion.votes import VoteMap, load_roll_calls, map_votes
from comity.instruments.model import Forum, Standing, Status
from comity.instruments.norms import HOW, get_norm
from comity.instruments.register import load_register
from comity.report.plain import plain
from comity.report.spread_page import CSV_COLUMNS, adoption_rows, way_counts
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import AS_OF, day_of, or_missing
from comity.web.pages.talks import since_words
from comity.web.parameters import Parameter

if TYPE_CHECKING:
    from comity.diffusion.hazards import Hazards
    from comity.diffusion.network import Network

NORMS = tuple(f.name for f in fields(Reached))
EDGES = ("follows", "whom", "cascades", "gain", "median_delay", "support")
FEWEST = 5  # cascades in which a party must come after another before that is told, as usual
DRAWS = 500
MODEL = Parameter("model", "also what goes with taking norms up earlier (takes seconds)", "flag")


@lru_cache(maxsize=1)
def vote_map() -> VoteMap:
    """Return every state on the axis of votes, computed once."""
    return map_votes(load_roll_calls())


@lru_cache(maxsize=512)
def _spread(norm: str, day: dt.date) -> Spread:
    return spread_of(load_register(), norm, day, load_roll_calls(), load_takeups(), vote_map())


@lru_cache(maxsize=64)
def _drawn(norm: str, day: dt.date) -> str:
    from comity.report.spread_chart import spread_svg

    found = _spread(norm, day)
    return spread_svg(found) if found.adoptions else ""


def norms(asked: Asked) -> Page:
    """Return every norm that some text carries, with how far it came."""
    day = day_of(asked)
    rows = _reached(day)
    return Page(
        "spreads.html.j2", asked.world.texts("spread.title"),
        {"rows": rows, "day": day},
        data=plain(rows), sheet=Sheet(NORMS, tuple(astuple(row) for row in rows)),
        command=f"comity spread norms{since_words(asked.values)}",
        python="import datetime\nfrom comity.diffusion.adoption import load_takeups\n"
               "from comity.diffusion.reach import reached_by\n"
               "from comity.diffusion.votes import load_roll_calls\n"
               f"reached_by(comity.load_register(), datetime.date.fromisoformat('{day}'), "
               "load_roll_calls(), load_takeups())",
    )  # fmt: skip


@lru_cache(maxsize=16)
def _reached(day: dt.date) -> tuple[Reached, ...]:
    return reached_by(load_register(), day, load_roll_calls(), load_takeups())


def spread(asked: Asked) -> Page:
    """Return how one norm spread: its path, who took it up through what, where it stopped."""
    norm = or_missing(partial(get_norm, load_register(), asked.names["norm"]))
    day = day_of(asked)
    found = _spread(norm.id, day)
    return Page(
        "spread.html.j2", asked.world.texts("spread.of", norm=norm.title),
        {
            "norm": norm, "found": found, "day": day, "how": {str(k): v for k, v in HOW.items()},
            "ways": _by_way(found), "resolution": Standing.RESOLUTION, "who": country_name,
            "own": [a for a in found.adoptions if not a.instrument],
            "counts": way_counts(found), "instruments": load_register().instruments,
            "missing": [f for f in Forum if f not in {s.forum for s in found.path}],
        },
        data={**plain(found), "states_by_way": way_counts(found)},
        sheet=Sheet(CSV_COLUMNS, tuple(adoption_rows(found))),
        charts={"path": partial(_drawn, norm.id, day)} if found.adoptions else {},
        command=f"comity spread {norm.id}{since_words(asked.values)}",
        python="import datetime\nfrom comity.diffusion.adoption import load_takeups\n"
               "from comity.diffusion.spread import spread_of\n"
               "from comity.diffusion.votes import load_roll_calls, map_votes\n"
               "calls = load_roll_calls()\n"
               f"spread_of(comity.load_register(), {norm.id!r}, datetime.date.fromisoformat"
               f"('{day}'), calls, load_takeups(), map_votes(calls))",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Occasion:
    """One day on which states took a norm up through one text: their names, all sources, and the
    weakest status of them."""

    date: ImpreciseDate
    instrument: str
    by_reference: bool
    names: tuple[str, ...]
    sources: tuple[str, ...]
    status: str


def _by_way(found: Spread) -> list[tuple[Way, int, list[Occasion]]]:
    """Return each way of taking up through a text with how many states, and its occasions."""
    table = []
    for way in Way:
        mine = [a for a in found.adoptions if a.way is way and a.instrument]
        mine.sort(key=lambda a: (a.day, a.instrument, a.date.text))
        parts = groupby(mine, key=lambda a: (a.day, a.instrument, a.date.text))
        occasions = [_occasion(list(rows)) for _, rows in parts]
        if occasions:
            table.append((way, len({a.country for a in mine}), occasions))
    return table


def _occasion(rows: Sequence[Adoption]) -> Occasion:
    first, ranks = rows[0], tuple(str(s) for s in Status)
    return Occasion(
        first.date, first.instrument, first.by_reference,
        tuple(sorted(country_name(a.country) for a in rows)),
        tuple(dict.fromkeys(s for a in rows for s in a.sources)),
        max((a.status for a in rows), key=ranks.index),
    )  # fmt: skip


@lru_cache(maxsize=16)
def _adoptions(day: dt.date) -> dict[str, dict[str, Adoption]]:
    """Return, of every prohibition that somebody took up by a day, the first time by country."""
    register, calls, alone = load_register(), load_roll_calls(), load_takeups()
    found = {
        n.id: first_adoptions(adoptions_of(register, n.id, calls, alone))
        for n in register.norms.values() if n.prohibits
    }  # fmt: skip
    early = {n: {c: a for c, a in first.items() if a.day <= day} for n, first in found.items()}
    return {n: first for n, first in early.items() if first}


@lru_cache(maxsize=16)
def _network(day: dt.date) -> Network:
    from comity.diffusion.network import Cascade, infer_network

    cascades = []
    for name, first in _adoptions(day).items():
        events = sorted((a.day.toordinal() / 365.25, a.country) for a in first.values())
        cascades.append(Cascade(name, tuple(events)))
    return infer_network(cascades, None, None, fewest=FEWEST, draws=DRAWS, calendar=True)


@lru_cache(maxsize=16)
def _model(day: dt.date) -> Hazards:
    from comity.diffusion.hazards import fit_hazards

    rows = {name: tuple(first.values()) for name, first in _adoptions(day).items()}
    return fit_hazards(rows, vote_map(), day)


def network(asked: Asked) -> Page:
    """Return who follows whom in taking up prohibitions, and where one norm agrees with that."""
    norm = or_missing(partial(get_norm, load_register(), asked.names["norm"]))
    day = day_of(asked)
    found, wanted = _network(day), "model" in asked.values
    first = _adoptions(day).get(norm.id, {})
    agrees = {
        (e.source, e.target) for e in found.edges
        if e.source in first and e.target in first and first[e.source].day < first[e.target].day
    }  # fmt: skip
    model = _model(day) if wanted else None
    return Page(
        "spread_network.html.j2", asked.world.texts("spread.network_of", norm=norm.title),
        {"norm": norm, "day": day, "found": found, "agrees": agrees, "who": country_name,
         "model": model, "norms": list(_adoptions(day)), "among": norm.id in _adoptions(day)},
        data={"network": plain(found), "model": plain(model)},
        sheet=Sheet(EDGES, tuple(
            (e.target, e.source, e.cascades, e.gain, e.median_delay, e.support)
            for e in found.edges
        )),
        command="comity spread " + ("model" if wanted else "follows") + since_words(asked.values),
    )  # fmt: skip


VIEWS = (
    View("spreads", "/spread", "The norms and how far each came", norms, (AS_OF,)),
    View("spread-network", "/spread/{norm}/network", "Who follows whom", network, (AS_OF, MODEL)),
    View("spread", "/spread/{norm}", "How one norm spread", spread, (AS_OF,)),
)
