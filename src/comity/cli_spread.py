"""How did the norm spread? `comity spread`, in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from comity.cli_output import print_csv, print_json, print_lines, say, write_picture, write_room


class _NormFirst(TyperGroup):
    """A group whose `norm` may be left out: `comity spread commercial-theft`."""

    usual = "norm"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


spread_app = typer.Typer(
    help="How a norm spread: who took it up, through what, who follows whom.",
    cls=_NormFirst,
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]
AsOf = Annotated[str, typer.Option("--as-of", help="As things stood on this day; today without.")]
Norms = Annotated[
    list[str] | None, typer.Argument(help="Norms by id; every prohibition without one.")
]


@spread_app.command("norm")
def norm(
    name: Annotated[str, typer.Argument(metavar="NORM", help="The id of a norm.")],
    as_of: AsOf = "",
    svg: Annotated[Path | None, typer.Option(help="Also draw it: FILE.svg or FILE.png.")] = None,
    report: Annotated[Path | None, typer.Option(help="Also write it as an HTML page.")] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print who took it up as a table.")] = False,
) -> None:
    """Who took up a norm, when, through what and how strongly; where it stopped."""
    from comity.cli_options import last_day
    from comity.diffusion.adoption import load_takeups
    from comity.diffusion.spread import spread_of
    from comity.diffusion.votes import load_roll_calls, map_votes
    from comity.errors import AdoptionError
    from comity.instruments.register import load_register
    from comity.report.spread_page import CSV_COLUMNS, adoption_rows, spread_lines, way_counts

    if as_json and as_csv:
        raise AdoptionError("Give one of --json and --csv, not both.")
    calls = load_roll_calls()
    found = spread_of(
        load_register(), name, last_day(as_of), calls, load_takeups(), map_votes(calls)
    )
    if svg is not None or report is not None:
        from comity.report.spread_chart import spread_svg

        picture = spread_svg(found)
        if svg is not None:
            write_picture(svg, picture)
        if report is not None:
            write_room(
                report, f"How it spread: {found.title}", spread_lines(found, 96), (picture,),
                f"comity spread {name}",
            )  # fmt: skip
    if as_json:
        from comity.report.plain import plain

        print_json({**plain(found), "states_by_way": way_counts(found)})
    elif as_csv:
        print_csv([CSV_COLUMNS, *adoption_rows(found)])
    else:
        print_lines(spread_lines(found))
        for path in (svg, report):
            if path is not None:
                say(f"Written to {path}")


@spread_app.command("norms")
def norms(
    as_of: AsOf = "",
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")] = False,
) -> None:
    """Every norm that some text carries, and how far it came: texts, forum, states, days."""
    from dataclasses import astuple, fields

    from comity.cli_options import last_day
    from comity.diffusion.adoption import load_takeups
    from comity.diffusion.reach import Reached, reached_by
    from comity.diffusion.votes import load_roll_calls
    from comity.errors import AdoptionError
    from comity.instruments.register import load_register
    from comity.report.plain import plain
    from comity.report.spread_page import reach_lines

    if as_json and as_csv:
        raise AdoptionError("Give one of --json and --csv, not both.")
    day = last_day(as_of)
    found = reached_by(load_register(), day, load_roll_calls(), load_takeups())
    if as_json:
        print_json(plain(found))
    elif as_csv:
        print_csv([tuple(f.name for f in fields(Reached)), *map(astuple, found)])
    else:
        print_lines(reach_lines(found, day))


@spread_app.command("follows")
def follows(
    names: Norms = None,
    file: Annotated[
        Path | None, typer.Option(help="Own cascades: a CSV of cascade, node, time.")
    ] = None,
    edges: Annotated[int | None, typer.Option(help="At most so many edges.", min=1)] = None,
    rate: Annotated[float | None, typer.Option(help="Of the delay, per unit of time.")] = None,
    fewest: Annotated[
        int, typer.Option(help="Tell an edge only where it could be in so many.", min=1)
    ] = 5,
    draws: Annotated[int, typer.Option(help="Redrawn sets of cascades.", min=0)] = 500,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """Who follows whom: the network that best explains in what order norms were taken up."""
    from comity.cli_options import last_day
    from comity.diffusion.network import Cascade, infer_network, read_cascades
    from comity.errors import AdoptionError
    from comity.report.spread_page import network_lines

    if file is not None and names:
        raise AdoptionError("Give norms or --file, not both.")
    if file is not None:
        cascades, what = read_cascades(file), str(file)
    else:
        day = last_day(as_of)
        adoptions = _adoptions(names)
        made = []
        for name, rows in adoptions.items():
            events = sorted(
                (a.day.toordinal() / 365.25, a.country) for a in rows.values() if a.day <= day
            )
            made.append(Cascade(name, tuple(events)))
        cascades, what = tuple(made), f"{len(made)} norms, states by first taking up, in years"
    found = infer_network(cascades, edges, rate, fewest=fewest, draws=draws, calendar=file is None)
    if as_json:
        from comity.report.plain import plain

        print_json(plain(found))
    else:
        print_lines(network_lines(found, what))


@spread_app.command("model")
def model(names: Norms = None, as_of: AsOf = "", as_json: Json = False) -> None:
    """What goes with taking norms up earlier: an event-history model with intervals."""
    from comity.cli_options import last_day
    from comity.diffusion.hazards import fit_hazards
    from comity.diffusion.votes import load_roll_calls, map_votes
    from comity.report.spread_page import hazard_lines

    rows = {name: tuple(first.values()) for name, first in _adoptions(names).items()}
    found = fit_hazards(rows, map_votes(load_roll_calls()), last_day(as_of))
    if as_json:
        from comity.report.plain import plain

        print_json(plain(found))
    else:
        print_lines(hazard_lines(found))


def _adoptions(names: list[str] | None) -> dict[str, Any]:
    """Return each norm's first adoptions by country; without names, of every prohibition."""
    from comity.diffusion.adoption import adoptions_of, first_adoptions, load_takeups
    from comity.diffusion.votes import load_roll_calls
    from comity.instruments.register import load_register

    register, calls, alone = load_register(), load_roll_calls(), load_takeups()
    wanted = names or [n.id for n in register.norms.values() if n.prohibits]
    found = {n: first_adoptions(adoptions_of(register, n, calls, alone)) for n in wanted}
    return {n: first for n, first in found.items() if first or names}
