"""What did other regimes do? `comity parallels`, in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from comity.cli_output import print_csv, print_json, print_lines, say, write_room


def parallels(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="An instrument: what is near it. A regime: all of it. Two: beside."),
    ] = None,
    feature: Annotated[str, typer.Option(help="Who has this feature, by its id.")] = "",
    most: Annotated[int, typer.Option(help="How many of the nearest to spell out.", min=1)] = 5,
    report: Annotated[Path | None, typer.Option(help="Also write it as an HTML page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the cells as a table.")] = False,
) -> None:
    """Other regimes beside cyber instruments: what they have, and where the analogy breaks."""
    from comity.errors import RegisterError
    from comity.parallels.nearest import get_regime, nearest, with_feature
    from comity.parallels.register import load_parallels
    from comity.report import parallels_page as page
    from comity.report.plain import plain

    if as_json and as_csv:
        raise RegisterError("Give one of --json and --csv, not both.")
    every = load_parallels()
    chosen = [get_regime(every, name) for name in names or ()]
    if len(chosen) > 2 or (chosen and feature):
        raise RegisterError("Name one or two regimes or instruments, or a --feature alone.")
    wide = 96 if report is not None else 80
    data: object = every.regimes
    if feature:
        cells = with_feature(every, feature)
        lines, data = page.feature_lines(feature, cells, wide), cells
    elif len(chosen) == 2:
        lines, data = page.pair_lines(chosen[0], chosen[1], wide), chosen
    elif chosen and chosen[0].cyber:
        found = nearest(every, chosen[0])
        lines, data = page.nearest_lines(chosen[0], found, most, wide), found
    elif chosen:
        lines, data = page.regime_lines(chosen[0], wide), chosen[0]
    else:
        lines = page.overview_lines(every, wide)
    if report is not None:
        title = " beside ".join(r.name for r in chosen) or "What other regimes have"
        command = " ".join(["comity parallels", *(names or ())])
        write_room(report, title, lines, (), command, "parallels")
    if as_json:
        print_json(plain(data))
    elif as_csv:
        print_csv([page.CSV_COLUMNS, *page.cell_rows(chosen or every.regimes.values())])
    else:
        print_lines(lines)
        if report is not None:
            say(f"Written to {report}")
