"""Do they keep talking? `comity process`, in a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from comity.cli_output import print_csv, print_json, print_lines, say, write_picture, write_room

if TYPE_CHECKING:
    import datetime as dt

    from comity.api_exchange import OnTheLine


class _TracksFirst(TyperGroup):
    """A group whose `tracks` may be left out: `comity process us-china`."""

    usual = "tracks"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


process_app = typer.Typer(
    help="Talks: tracks, silences and shocks, the ladder of acts, what was carried out.",
    cls=_TracksFirst,
    rich_markup_mode=None,
)
Svg = Annotated[Path | None, typer.Option(help="Also draw it: FILE.svg or FILE.png.")]
Page = Annotated[Path | None, typer.Option("--report", help="Also write it as an HTML page.")]
Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print a table for a spreadsheet.")]
Acts = Annotated[bool, typer.Option("--csv", help="Print the acts as a table.")]
AsOf = Annotated[str, typer.Option("--as-of", help="As things stood on this day; today without.")]


def _write(
    svg: Path | None, report: Path | None, picture: str, title: str, lines: list[tuple[str, str]],
    command: str,
) -> None:  # fmt: skip
    if svg is not None:
        write_picture(svg, picture)
    if report is not None:
        write_room(report, title, lines, (picture,), command, "talks and acts")


def _again(*words: str, **options: str) -> str:
    """Return the command that was asked, with the options that were given."""
    given = [w for name, v in options.items() if v for w in (f"--{name.replace('_', '-')}", v)]
    return " ".join([*filter(None, words), *map(shlex.quote, given)])


def _written(*paths: Path | None) -> None:
    for path in paths:
        if path is not None:
            say(f"Written to {path}")


@process_app.command("tracks")
def tracks(
    whose: Annotated[str, typer.Argument(help="A pair (us-china) or a track; all without.")] = "",
    as_of: AsOf = "",
    standing: Annotated[
        str, typer.Option(help="Only those that stood so: open, silent, suspended or ended.")
    ] = "",
    svg: Svg = None,
    report: Page = None,
    as_json: Json = False,
    as_csv: Acts = False,
) -> None:
    """Lines of talks as they stood on a day: meetings, silences, suspensions, shocks."""
    from comity.cli_options import last_day
    from comity.process.queries import talks_on
    from comity.process.register import load_talks
    from comity.report.process_page import ACT_COLUMNS, act_rows, talks_lines

    _one_form(as_json, as_csv)
    talks = load_talks()
    found = talks_on(talks, whose, last_day(as_of), standing)
    kept, unread = _on_the_line([track.id for track in found.tracks], found.day)
    if svg is not None or report is not None:
        from comity.report.process_chart import talks_svg

        title = f"Lines of talks: {whose}" if whose else "Lines of talks"
        command = _again("comity process", whose, as_of=as_of, standing=standing)
        _write(svg, report, talks_svg(talks, found), title, talks_lines(found, 96), command)
    if as_json:
        from comity.report.plain import plain

        print_json({**plain(found), "on_the_line": plain(kept)} if kept else plain(found))
    elif as_csv:
        print_csv([ACT_COLUMNS, *act_rows(a for c in found.continuity for a in c.acts)])
    else:
        if kept:
            from comity.report.exchange_record import pointer

            say(pointer([one.record for one in kept]))
            say("")
        print_lines(talks_lines(found))
        if kept:
            from comity.report.exchange_record import record_lines

            for one in kept:
                say("")
                print_lines(record_lines(one.record, one.acts))
        if unread:
            say(f"The desk here cannot be read, so its lines are left out: {unread}")
        _written(svg, report)


def _on_the_line(tracks: Sequence[str], day: dt.date) -> tuple[tuple[OnTheLine, ...], str]:
    """Return how lines were kept by a desk at hand, or why it cannot be read."""
    from comity.api_exchange import on_the_line
    from comity.errors import ExchangeError

    try:
        return on_the_line(tracks, day), ""
    except ExchangeError as error:
        return (), str(error)


@process_app.command("ladder")
def ladder(
    pair: Annotated[str, typer.Argument(help="Two states: us-china.")],
    as_of: AsOf = "",
    svg: Svg = None,
    report: Page = None,
    as_json: Json = False,
    as_csv: Acts = False,
) -> None:
    """Acts between two states by how far they go, what answered what, what preceded promises."""
    from comity.cli_options import last_day
    from comity.errors import RegisterError
    from comity.process.continuity import middle
    from comity.process.excitation import fit_excitation
    from comity.process.ladder import ladder_of
    from comity.process.queries import pair_of
    from comity.process.register import load_talks

    _one_form(as_json, as_csv)
    two = pair_of(pair)
    if two is None:
        raise RegisterError(f"{pair!r} names no two states; write us-china.")
    day = last_day(as_of)
    found = ladder_of(load_talks().acts, *two, day)
    steps = [(a, at) for a in found.acts if a.rung and not a.account_of and (at := middle(a.date))]
    fitted = None
    if steps:
        first = min(at for _, at in steps)
        sides = [[float((at - first).days) for a, at in steps if side in a.actor] for side in two]
        fitted = fit_excitation(sides[0], sides[1], float((day - first).days + 1))
    from comity.report.process_page import ACT_COLUMNS, act_rows, ladder_lines

    if svg is not None or report is not None:
        from comity.report.process_chart import ladder_svg

        lines = ladder_lines(found, fitted, 96)
        command = _again("comity process ladder", pair, as_of=as_of)
        _write(svg, report, ladder_svg(found), f"Acts: {pair}", lines, command)
    if as_json:
        from comity.report.plain import plain

        print_json({"ladder": plain(found), "excitation": plain(fitted)})
    elif as_csv:
        print_csv([ACT_COLUMNS, *act_rows(found.acts)])
    else:
        print_lines(ladder_lines(found, fitted))
        _written(svg, report)


@process_app.command("implementation")
def implementation(
    party: Annotated[str, typer.Argument(help="A country; all without.")] = "",
    kind: Annotated[str, typer.Option(help="Only steps of this kind, such as contact-point.")] = "",
    report: Page = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """What a party did to carry out norms and confidence-building measures."""
    from comity.api_steps import carried_out
    from comity.countries import resolve_country
    from comity.errors import CountryError, RegisterError
    from comity.process.model import MeasureKind
    from comity.report import carried_out_page as page

    if kind and kind not in tuple(MeasureKind):
        raise RegisterError(f"--kind is {', '.join(MeasureKind)}; not {kind!r}.")
    code = (resolve_country(party) or resolve_country(party.upper())) if party else ""
    if code is None:
        raise CountryError(f"{party!r} is no country. Give a name or an ISO code such as CN.")
    found = [m for m in carried_out() if m.party == (code or m.party)]
    found = [m for m in found if m.kind == (kind or m.kind)]
    if not found and not (as_json or as_csv):
        typer.echo("Nothing is on record: that is silence of this table, not of the party.")
        return
    rows = [page.MEASURE_COLUMNS, *page.measure_rows(found)]
    title = "What was carried out"
    command = _again("comity process implementation", party, kind=kind)
    _lists(
        found, rows, page.measure_lines(found, 96 if report else 80), (title, command), report,
        as_json, as_csv,
    )  # fmt: skip


@process_app.command("enforcement")
def enforcement(
    promise: Annotated[
        str, typer.Option(help="Only of this agreement, by its id; none for no promise.")
    ] = "",
    report: Page = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Each promise thought broken, what was done about it, and what followed."""
    from comity.errors import RegisterError
    from comity.process.register import load_talks
    from comity.report import carried_out_page as page

    every = load_talks().enforcement
    promises = dict.fromkeys(r.promise for r in every)
    if promise and promise not in promises:
        raise RegisterError(f"--promise is {', '.join(promises)}; not {promise!r}.")
    found = tuple(r for r in every if r.promise == (promise or r.promise))
    rows = [page.ENFORCEMENT_COLUMNS, *page.enforcement_rows(found)]
    title = "What was done about promises thought broken"
    _lists(
        found, rows, page.enforcement_lines(found, 96 if report else 80),
        (title, _again("comity process enforcement", promise=promise)), report, as_json, as_csv,
    )  # fmt: skip


def _one_form(as_json: bool, as_csv: bool) -> None:
    from comity.errors import RegisterError

    if as_json and as_csv:
        raise RegisterError("Give one of --json and --csv, not both.")


def _lists(
    found: Sequence[object], rows: list[tuple[object, ...]], lines: list[tuple[str, str]],
    named: tuple[str, str], report: Path | None, as_json: bool, as_csv: bool,
) -> None:  # fmt: skip
    """Print a list as lines, data or a table, and write its page, `named` by title and command."""
    from comity.report.plain import plain

    _one_form(as_json, as_csv)
    if report is not None:
        write_room(report, named[0], lines, (), named[1], "talks and acts")
    if as_json:
        print_json(plain(found))
    elif as_csv:
        print_csv(rows)
    else:
        print_lines(lines)
        _written(report)
