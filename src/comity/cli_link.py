"""Which records of different lists are one incident: `comity link` and its commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_output import WIDTH, print_json, print_lines, say, working, write_picture

if TYPE_CHECKING:
    from comity.incidents.linkage.decisions import Decision

link_app = typer.Typer(
    help="Links between lists: which records are one incident, with the evidence for it.",
    rich_markup_mode=None,
    invoke_without_command=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]
First = Annotated[str, typer.Argument(help="A record, as LIST:ID: dcid:43.")]
Second = Annotated[str, typer.Argument(help="The other record.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the decision.")]
By = Annotated[str, typer.Option("--by", help="Who decides; kept with the decision.")]
From = Annotated[float, typer.Option("--from", min=0.0, max=1.0, help="Least probable.")]
To = Annotated[float, typer.Option("--to", min=0.0, max=1.0, help="Most probable.")]


@link_app.callback()
def _link(
    context: typer.Context,
    lists: Annotated[
        list[str] | None, typer.Option("--list", help="Link these lists only; repeat it.")
    ] = None,
    json_: Json = False,
) -> None:
    """Link the lists at hand. Nothing is merged; decisions stay."""
    if context.invoked_subcommand is not None:
        return
    from comity.api_link import link_lists, linked
    from comity.report.link_page import linkage_lines, linkage_record

    with working("Comparing records"):
        link_lists(tuple(lists or ()))
        found = linked()
    if json_:
        print_json(linkage_record(found))
    else:
        print_lines(linkage_lines(found, WIDTH))


@link_app.command("list")
def list_links(
    lowest: From = 0.5,
    highest: To = 1.0,
    of: Annotated[list[str] | None, typer.Option("--of", help="Links of this record.")] = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Only those nobody decided on.")
    ] = False,
    json_: Json = False,
) -> None:
    """List links, most probable first."""
    from comity.api_link import linked
    from comity.report.link_page import links_lines
    from comity.report.plain import plain

    found = linked()
    links = found.linkage.links(lowest, highest, tuple(of or ()))
    if undecided:
        links = tuple(x for x in links if tuple(sorted((x.first, x.second))) not in found.decisions)
    if json_:
        print_json(plain(links))
    else:
        print_lines(links_lines(links, found, WIDTH))


@link_app.command("show")
def show(
    first: First,
    second: Second,
    svg: Annotated[
        Path | None, typer.Option("--svg", "--png", help="Also draw the evidence: .svg or .png.")
    ] = None,
    json_: Json = False,
) -> None:
    """Show two records side by side and what speaks for their being one incident."""
    from comity.api_link import linked
    from comity.incidents.summary import find_incident, incident_to_record
    from comity.report.link_page import side_by_side
    from comity.report.plain import plain

    found = linked()
    one, other = find_incident(first), find_incident(second)
    link = found.linkage.link(first, second)
    if svg is not None:
        from comity.report.link_chart import waterfall_svg

        write_picture(svg, waterfall_svg(link, first, second))
    if json_:
        print_json(
            {"link": plain(link)}
            | {"first": incident_to_record(one), "second": incident_to_record(other)}
        )
    else:
        print_lines(side_by_side(one, other, link, found, WIDTH))
        if svg is not None:
            say(f"Chart written to {svg}")


@link_app.command("review")
def review(
    lowest: From = 0.2,
    highest: To = 0.95,
    by: By = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 50,
) -> None:
    """Go through doubtful links one by one: accept, reject, skip or stop."""
    from comity.api_link import linked
    from comity.incidents.summary import find_incident
    from comity.report.link_page import side_by_side

    if lowest > highest:
        raise typer.BadParameter(f"--from {lowest:g} is above --to {highest:g}; turn them round.")
    found = linked()
    open_ = [
        x
        for x in found.linkage.links(lowest, highest)
        if tuple(sorted((x.first, x.second))) not in found.decisions
    ]
    shown = sorted(open_, key=lambda x: (abs(x.probability - 0.5), x.first, x.second))[:limit]
    if not shown:
        span = f"{100 * lowest:.0f} to {100 * highest:.0f} %"
        say(f"No undecided link from {span}. Others: --from, --to.")
        return
    say(f"{len(open_):,} links to look at; the most doubtful {len(shown)} first.")
    done = 0
    for number, one in enumerate(shown, start=1):
        pair = (find_incident(one.first), find_incident(one.second))
        typer.echo("")
        print_lines(side_by_side(*pair, one, found, WIDTH))
        try:
            answer = typer.prompt(f"{number}/{len(shown)}  [a]ccept, [r]eject, [s]kip, [q]uit",
                                  default="s").strip().lower()[:1]  # fmt: skip
            note = ""
            if answer in ("a", "r"):
                note = typer.prompt("Why (may be empty)", default="", show_default=False)
        except typer.Abort:  # the end of the input, or Ctrl-C: what was decided before stays
            typer.echo("")
            break
        if answer == "q":
            break
        if answer in ("a", "r"):
            _decide(one.first, one.second, "same" if answer == "a" else "different", note, by)
            done += 1
    say(f"{done} decided. They win over the model: `comity link list`.")


@link_app.command("accept")
def accept(first: First, second: Second, note: Note = "", by: By = "") -> None:
    """Decide that two records are one incident."""
    _said(_decide(first, second, "same", note, by))


@link_app.command("reject")
def reject(first: First, second: Second, note: Note = "", by: By = "") -> None:
    """Decide that two records are not one incident."""
    _said(_decide(first, second, "different", note, by))


@link_app.command("withdraw")
def withdraw(first: First, second: Second, note: Note = "", by: By = "") -> None:
    """Take a decision back; the model's probability counts again."""
    _said(_decide(first, second, "withdrawn", note, by))


@link_app.command("decisions")
def decisions(json_: Json = False) -> None:
    """List what was decided, what contradicts itself, and what a new release touched."""
    from comity.incidents.linkage.decisions import (
        contradictions,
        current,
        read_decisions,
        stale,
    )
    from comity.incidents.load import load_evidence
    from comity.report.link_page import decisions_lines
    from comity.report.plain import plain

    made = read_decisions()
    held = current(made)
    against, touched = contradictions(held), stale(held, load_evidence())
    if json_:
        print_json(plain({"decisions": made, "contradictions": against, "stale": touched}))
    else:
        print_lines(decisions_lines(made, held, against, touched, WIDTH))


def _decide(first: str, second: str, verdict: str, note: str, by: str) -> Decision:
    from comity.incidents.linkage.decisions import decide
    from comity.incidents.load import load_evidence

    return decide(load_evidence(), first, second, verdict, note, by)


def _said(made: Decision) -> None:
    from comity.incidents.linkage.decisions import contradictions, current, read_decisions

    words = {"same": "are one incident", "different": "are not one incident"}
    say(f"Decided: {made.first} and {made.second} "
        f"{words.get(made.verdict, 'are as the model has them')}.")  # fmt: skip
    for one in contradictions(current(read_decisions())):
        say(f"This contradicts: {' = '.join(one.chain)}, but the ends were parted.")


def coverage(
    question: Annotated[
        str, typer.Argument(help="Of one question's scope, before and after; else of all.")
    ] = "",
    json_: Json = False,
) -> None:
    """How much the lists hold in common, and what none of them holds."""
    from comity.report.plain import plain

    if question:
        from comity.api_link import sight_of
        from comity.report.link_page import sight_lines

        with working("Linking, and bounding what no list holds"):
            found = sight_of(question)
        if json_:
            print_json(plain(found))
        else:
            print_lines(sight_lines(found, WIDTH))
        return
    from comity.api_link import coverage_of_lists
    from comity.report.link_page import coverage_lines

    with working("Linking, and bounding what no list holds"):
        whole = coverage_of_lists()
    if json_:
        print_json(plain(whole))
    else:
        print_lines(coverage_lines(whole, WIDTH))
