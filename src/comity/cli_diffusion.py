"""How norms spread, in a terminal: `comity votes`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_output import print_csv, print_json, print_lines, say, write_picture, write_room

if TYPE_CHECKING:
    from comity.diffusion.votes import VoteMap

CSV_COLUMNS = ("country", "name", "position", "lower", "upper", "right", "side")


def votes(
    countries: Annotated[
        list[str] | None, typer.Argument(help="States to show; without one, those between.")
    ] = None,
    side: Annotated[
        str, typer.Option(help="Only states that stand there: left, between or right.")
    ] = "",
    svg: Annotated[Path | None, typer.Option(help="Also draw it: FILE.svg or FILE.png.")] = None,
    report: Annotated[Path | None, typer.Option(help="Also write it as an HTML page.")] = None,
    level: Annotated[float, typer.Option(help="Level of the intervals.", min=0.5, max=0.99)] = 0.9,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
) -> None:
    """Who votes with whom on information security: every state on one axis."""
    from comity.countries import country_name, resolve_country
    from comity.diffusion.votes import SIDES, load_roll_calls, map_votes
    from comity.errors import CountryError, VotesError

    if as_json and as_csv:
        raise VotesError("Give one of --json and --csv, not both.")
    wanted = []
    for text in countries or ():
        code = resolve_country(text) or resolve_country(text.upper())
        if code is None:
            raise CountryError(f"{text!r} is no country. Give a name or an ISO code such as CN.")
        wanted.append(code)
    found = map_votes(load_roll_calls(), level)
    if side and side not in SIDES:
        raise VotesError(f"--side is {', '.join(SIDES)}; not {side!r}.")
    shown = [found.of(code) for code in wanted] if wanted else list(found.states)
    shown = [s for s in shown if s.side == (side or s.side)]
    listed = [s.country for s in shown] if side else wanted
    if side and not shown and not (as_json or as_csv):
        say(f"None of these states stands {side}.")
        return
    if svg is not None or report is not None:
        words = [*(countries or ()), *(("--side", side) if side else ())]
        _draw(found, wanted, listed, (svg, report), shlex.join(["comity", "votes", *words]))
    if as_json:
        from comity.report.plain import plain

        print_json(plain(found))
    elif as_csv:
        texts = tuple(r.id for r in found.resolutions)
        rows = [
            (
                s.country, country_name(s.country), round(s.position, 4), round(s.lower, 4),
                round(s.upper, 4), round(s.right, 4), s.side, *s.votes,
            )
            for s in shown
        ]  # fmt: skip
        print_csv([(*CSV_COLUMNS, *texts), *rows])
    else:
        from comity.report.votes_page import vote_lines

        print_lines(vote_lines(found, listed))
        for path in (svg, report):
            if path is not None:
                say(f"Written to {path}")


def _draw(
    found: VoteMap, wanted: Sequence[str], listed: Sequence[str],
    to: tuple[Path | None, Path | None], command: str,
) -> None:  # fmt: skip
    """Write the axis as a picture, a page, or both; `wanted` are marked, `listed` told of."""
    from comity.report.votes_chart import votes_svg
    from comity.report.votes_page import vote_lines

    svg, report = to
    picture = votes_svg(found, tuple(wanted))
    if svg is not None:
        write_picture(svg, picture)
    if report is not None:
        title = "Who votes with whom on information security"
        write_room(report, title, vote_lines(found, listed, 96), (picture,), command, "votes")
