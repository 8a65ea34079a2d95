"""Votes: every state on one axis by its votes at the General Assembly, and who changed its vote."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache, partial

from comity.countries import country_name, resolve_country
from comity.diffusion.votes import SIDES, Standpoint, switches_of
from comity.errors import CountryError
from comity.report.plain import plain
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.spread import vote_map
from comity.web.parameters import Parameter

COLUMNS = ("country", "name", "position", "lower", "upper", "right", "side")
FILTERS = (
    Parameter("state", "only these states, with commas between: a name or a code"),
    Parameter("side", "only those that stand there", "choice", SIDES),
)


def _codes(text: str) -> tuple[str, ...]:
    """Return the codes of some states in any spelling. Raises CountryError for one that is none."""
    found = []
    for part in (p.strip() for p in text.split(",")):
        code = (resolve_country(part) or resolve_country(part.upper())) if part else ""
        if code is None:
            raise CountryError(f"{part!r} is no country. Give a name or an ISO code such as CN.")
        found += [code] if code else []
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _drawn(wanted: tuple[str, ...]) -> str:
    from comity.report.votes_chart import votes_svg

    return votes_svg(vote_map(), wanted)


def votes(asked: Asked) -> Page:
    """Return the axis, the texts voted on, every state with its interval, and who swings."""
    found, wanted = vote_map(), _codes(asked.values.get("state", ""))
    side = asked.values.get("side", "")
    shown = [found.of(code) for code in wanted] if wanted else list(found.states)
    shown = [s for s in shown if s.side == (side or s.side)]
    switched = switches_of(found, wanted)
    swings = Counter((s.series, s.earlier, s.later, s.before, s.after) for s in switched)
    by_swing = {
        key: sorted(country_name(s.country) for s in switched
                    if (s.series, s.earlier, s.later, s.before, s.after) == key)
        for key in sorted(swings)
    }  # fmt: skip
    return Page(
        "votes.html.j2", asked.world.texts("votes.title"),
        {
            "found": found, "rows": shown, "swings": by_swing, "who": country_name,
            "sides": [(s, asked.world.texts.coded(s, "group")) for s in SIDES],
            "counts": Counter(s.side for s in found.states),
            "texts": list(zip(found.resolutions, found.slopes, strict=True)),
            "between": [s for s in found.states if s.side == "between"], "wanted": wanted,
        },
        data=plain(found),
        sheet=Sheet((*COLUMNS, *(r.id for r in found.resolutions)), tuple(map(_row, shown))),
        charts={"axis": partial(_drawn, wanted)},
        command=" ".join(["comity votes", *wanted, *(("--side", side) if side else ())]),
        python="from comity.diffusion.votes import load_roll_calls, map_votes\n"
               "map_votes(load_roll_calls())",
    )  # fmt: skip


def _row(s: Standpoint) -> tuple[object, ...]:
    return (
        s.country, country_name(s.country), round(s.position, 4), round(s.lower, 4),
        round(s.upper, 4), round(s.right, 4), s.side, *s.votes,
    )  # fmt: skip


VIEWS = (View("votes", "/votes", "Every state on one axis by its votes", votes, FILTERS),)
