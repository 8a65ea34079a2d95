"""Talks and acts as pictures: tracks on an axis of time with their shocks, the ladder of acts."""

from __future__ import annotations

import datetime as dt
import textwrap

from comity.process.continuity import SILENT_DAYS, STAND_READY, Continuity, middle
from comity.process.ladder import TALK, Ladder
from comity.process.model import CONTACT, RUNGS, Act, ActKind, Talks, Track
from comity.process.queries import TalksOnDay, party_name
from comity.report.chart_data import Row
from comity.report.svg import INK, LINE, MIDDLE, PALE, SOFT, WIDTH, finished
from comity.report.text import clean
from comity.report.vega import Chart, Spec, beside, channel, layer, shades, table

STANDINGS = {"open": LINE, "silent": "#b7c8dd", "suspended": "#b5483a"}
PLOT = WIDTH - 280
NAME_LETTERS = 44  # of a line of a name: what fits beside the plot
ROW, NAME_LINE = 30, 13  # pixels
NAME_AXIS: Spec = {
    "title": None, "labelLimit": 300, "grid": False, "ticks": False,
    "labelExpr": "split(datum.label, '|')", "labelLineHeight": NAME_LINE,
    "labelOffset": -NAME_LINE * 0.6,
}  # fmt: skip
SHOCKS_SAID = (
    "Above and as pale lines: shocks, acts of one party towards another from an attribution on "
    "(rung 4 of 10)"
)
MOST_YEARS = 14  # up to which every year has a tick
RUNG_NAMES = {
    0: "eased", 1: "statement", 2: "disclosure", 3: "accusation", 4: "attribution",
    5: "charges public", 6: "sanction authority", 7: "sanction, expulsion",
    8: "suspension", 9: "counter-measure", 10: "use of force",
}  # fmt: skip
PROMISES = (ActKind.AGREEMENT, ActKind.COMMITMENT)


def talks_svg(talks: Talks, found: TalksOnDay) -> str:
    """Return tracks as bars of time, cut where suspended, contacts as dots, shocks above.

    Lines that stand ready are drawn from a year before the first talks; older ones are cut there.
    """
    start = _first_year(found)
    bars: list[Row] = []
    dots: list[Row] = []
    for track, c in zip(found.tracks, found.continuity, strict=True):
        name = _label(track)
        ready = track.kind in STAND_READY
        met = [at for a in talks.of(track.id) if a.kind in CONTACT and (at := middle(a.date))]
        bars += _bars(name, track, c, found.day, None if ready else met, dt.date(start, 1, 1))
        dots += [
            {"day": at.isoformat(), "name": name} for a in talks.of(track.id)
            if a.kind in CONTACT and not a.account_of and (at := middle(a.date))
            and dt.date(start, 1, 1) <= at <= found.day
        ]  # fmt: skip
    order = list(dict.fromkeys(str(b["name"]) for b in bars))
    scale, axis = _time(start, found.day.year)
    y = channel("name:N", sort=order, axis=NAME_AXIS)
    x = {"scale": scale, "axis": axis}
    spans = (
        table(bars)
        .mark("bar", height=11)
        .encode(x=channel("since:T", **x), x2="until:T", y=y, color=_shade(bars))
    )
    points = (
        table(dots or [{"day": None, "name": None}])
        .mark("point", filled=True, size=26, color=INK, opacity=1)
        .encode(x=channel("day:T", **x), y=y)
    )
    shocks = {s.act.id: s for c in found.continuity for s in c.shocks}
    rows: list[Row] = [
        {"day": at.isoformat(), "rung": s.act.rung} for s in shocks.values()
        if (at := middle(s.act.date)) is not None
    ]  # fmt: skip
    height = _row_height(order) * max(len(order), 1)
    rules = (
        table(rows or [{"day": None}])
        .mark("rule", color=PALE, strokeWidth=1)
        .encode(x=channel("day:T", **x))
    )
    lower = layer(rules, spans, points).sized(width=PLOT, height=height)
    standing = ", ".join(
        f"{t.id} {c.status.standing}" for t, c in zip(found.tracks, found.continuity, strict=True)
    )
    panels = [_shock_row(rows, scale), lower] if rows else [lower]
    whole = beside("vconcat", panels, 6).resolve(x="independent")
    cut = any((at := middle(t.founded)) is not None and at.year < start for t in found.tracks)
    older = f"; lines older than {start} are cut there" if cut else ""
    return finished(
        whole, f"Lines of talks{': ' + clean(found.asked) if found.asked else ''}",
        [f"As of {found.day}. Dots: contacts on record; silent: none on record for two years"
         f"{older}",
         *([SHOCKS_SAID] if rows else [])],
        f"{len(found.tracks)} tracks as of {found.day}: {standing}. {len(shocks)} shocks.",
    )  # fmt: skip


def _shade(bars: list[Row]) -> Spec:
    """Return the colours of the standings that are there, with their legend."""
    shown = {k: v for k, v in STANDINGS.items() if any(b["standing"] == k for b in bars)}
    return shades("standing:N", shown)


def _label(track: Track) -> str:
    """Return a track's name, whole, and its id below: lines parted by a bar."""
    lines = textwrap.wrap(clean(track.name).replace("|", "/"), NAME_LETTERS, break_on_hyphens=False)
    return "|".join([*lines, track.id])


def _row_height(names: list[str]) -> int:
    """Return the height of a row: names on more lines take more."""
    lines = max((name.count("|") + 1 for name in names), default=2)
    return ROW + NAME_LINE * max(0, lines - 2)


def _first_year(found: TalksOnDay) -> int:
    """Return the year before the first talks; of the first line where there are only lines."""
    tracks = [t for t in found.tracks if t.kind not in STAND_READY] or found.tracks
    years = [at.year for t in tracks if (at := t.founded.earliest) is not None]
    return min([*years, found.day.year]) - 1


def _shock_row(rows: list[Row], scale: Spec) -> Chart:
    """Return the panel of shocks by rung."""
    return (
        table(rows or [{"day": None, "rung": None}])
        .mark("tick", thickness=1.5, color=SOFT, orient="vertical")
        .encode(
            x=channel("day:T", scale=scale, axis={"title": None, "labels": False, "grid": False}),
            y=channel(
                "rung:Q", scale={"domain": [0, 10]}, axis={"title": "rung", "values": [0, 5, 10]}
            ),
        )
        .sized(width=PLOT, height=46)
    )


def _time(first: int, last: int) -> tuple[Spec, Spec]:
    """Return the scale and the axis of some years."""
    few = last - first < MOST_YEARS
    return (
        {"domain": [f"{first}-01-01", f"{last + 1}-01-01"]},
        {
            "title": None,
            "format": "%Y",
            "tickCount": "year" if few else 10,
            "labelFlush": False,
            "labelOverlap": "greedy",
            "labelSeparation": 8,
        },
    )


def _bars(
    name: str, track: Track, c: Continuity, day: dt.date, met: list[dt.date] | None, cut: dt.date
) -> list[Row]:
    """Return the spans of a track: open, silent after a long time without contact, suspended.

    `met` are its contacts; without, it stands ready and is never silent. Nothing is drawn before
    `cut`.
    """
    founded = track.founded.earliest or middle(track.founded)
    if founded is None:
        return []
    start = max(founded, cut)
    until = min(middle(track.ended) or day, day) if track.ended else day
    rows, at = [], start
    for s in c.suspensions:
        began = middle(s.began)
        if began is None or began < at:
            continue
        back = (middle(s.resumed) if s.resumed else None) or until
        rows += _spoken(name, at, began, met)
        rows.append(_bar(name, began, max(back, began), "suspended"))
        at = max(back, began)
    return rows + _spoken(name, at, until, met) if at < until else rows


def _spoken(name: str, start: dt.date, end: dt.date, met: list[dt.date] | None) -> list[Row]:
    """Return a span without suspension, cut into open and silent."""
    if met is None:
        return [_bar(name, start, end, "open")]
    rows, at = [], start
    for touch in [*sorted(m for m in met if start < m < end), end]:
        quiet = at + dt.timedelta(days=SILENT_DAYS)
        rows.append(_bar(name, at, min(quiet, touch), "open"))
        if quiet < touch:
            rows.append(_bar(name, quiet, touch, "silent"))
        at = touch
    return rows


def _bar(name: str, since: dt.date, until: dt.date, standing: str) -> Row:
    return {
        "name": name, "since": since.isoformat(), "until": until.isoformat(), "standing": standing,
    }  # fmt: skip


def ladder_svg(found: Ladder) -> str:
    """Return each act as a dot on its rung, by who did it; below, acts by which a side eased."""
    names = {code: party_name(code) for code in (found.first, found.second)}
    both = " and ".join(names.values())

    def who(act: Act) -> str:
        mine = [names[c] for c in names if c in act.actor]
        return mine[0] if len(mine) == 1 else both

    rows: list[Row] = [
        {"day": at.isoformat(), "rung": a.rung, "who": who(a)} for a in found.acts
        if (a.rung or a.kind in TALK) and not a.account_of and (at := middle(a.date)) is not None
    ]  # fmt: skip
    marks: list[Row] = [
        {"day": at.isoformat()} for a in found.acts
        if a.kind in PROMISES and (at := middle(a.date)) is not None
    ]  # fmt: skip
    years = [int(str(r["day"])[:4]) for r in (*rows, *marks)] or [dt.date.today().year]
    scale, axis = _time(min(years), max(years))
    x = channel("day:T", scale=scale, axis=axis)
    named = " : ".join(f"datum.value == {k} ? {v!r}" for k, v in RUNG_NAMES.items())
    y = channel(
        "rung:Q",
        scale={"domain": [-0.5, max(RUNGS.values()) + 0.5], "nice": False},
        axis={
            "title": None,
            "values": list(RUNG_NAMES),
            "labelExpr": f"{named} : ''",
            "labelOverlap": False,
        },
    )
    present = {r["who"] for r in rows}
    used = {names[found.first]: LINE, names[found.second]: INK, both: MIDDLE}
    used = {k: v for k, v in used.items() if k in present or k != both}
    dots = (
        table(rows or [{"day": None, "rung": None, "who": None}])
        .mark("point", filled=True, size=55, opacity=0.8)
        .encode(
            x=x,
            y=y,
            color=shades("who:N", used),
        )
    )
    floor = table([{"rung": 0.5}]).mark("rule", color=MIDDLE).encode(y=y)
    rules = table(marks or [{"day": None}]).mark("rule", strokeDash=[3, 3], color=SOFT).encode(x=x)
    chart = layer(rules, floor, dots).sized(width=WIDTH - 150, height=286)
    steps = [r for r in rows if r["rung"]]
    counts = ", ".join(
        f"{name} {sum(r['who'] == name for r in steps)}" for name in dict.fromkeys(used)
    )
    return finished(
        chart, f"Acts between {clean(both)}",
        ["By how far they go; below the line: a side held back, both agreed, talks resumed",
         "Dashed: promises and agreements. A charge counts from the day it became public"],
        f"{len(steps)} acts on the ladder: {counts}; {len(marks)} promises and agreements; "
        f"{len(rows) - len(steps)} acts by which a side eased.",
    )  # fmt: skip
