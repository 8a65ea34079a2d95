"""`comity evidence find`: incidents of the lists at hand, by words and facets."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.cli_output import WIDTH, print_json, print_lines, say


def find(
    words: Annotated[
        str, typer.Argument(help="Words in name, description, key, campaign, actor or claimant.")
    ] = "",
    list_: Annotated[str, typer.Option("--list", help="Only of this list.")] = "",
    initiator: Annotated[str, typer.Option(help="A country's code: who acted.")] = "",
    receiver: Annotated[str, typer.Option(help="A country's code: against whom.")] = "",
    objective: Annotated[str, typer.Option(help="What for, such as espionage.")] = "",
    target: Annotated[str, typer.Option(help="Against what kind of target: private.")] = "",
    from_: Annotated[int | None, typer.Option("--from", help="May have begun in or after.")] = None,
    to: Annotated[int | None, typer.Option(help="May have begun in or before.")] = None,
    imprecise: Annotated[
        str, typer.Option(help="Start known to a day, month, quarter, half-year, year, or worse.")
    ] = "",
    claimed: Annotated[
        str, typer.Option(help="A kind of claimant (media, private-company), or nobody.")
    ] = "",
    order: Annotated[str, typer.Option(help="newest, oldest, least-exact or name.")] = "newest",
    json_: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
) -> None:
    """Find incidents in the lists at hand, with the days each start is read as."""
    from comity.incidents.load import load_evidence
    from comity.incidents.model import incident_from_row
    from comity.incidents.search import Wanted, search
    from comity.incidents.summary import incident_to_record
    from comity.report.lines import hanging
    from comity.report.text import clean, countries

    wanted = Wanted(
        words, list_, initiator.upper(), receiver.upper(), objective, target, from_, to, imprecise,
        claimed, order,
    )  # fmt: skip
    evidence = load_evidence()
    found = search(evidence, wanted)
    if json_:
        rows = found.drop("days").iter_rows(named=True)
        print_json([incident_to_record(incident_from_row(row)) for row in rows])
        return
    for row in found.iter_rows(named=True):
        who = f"{countries(row['initiators'])} to {countries(row['receivers'])}"
        text = f"{clean(row['name'])[:160]} ({clean(row['list'])}:{clean(row['id'])[:60]}), {who}"
        print_lines(hanging(f"{clean(row['start']) or 'undated':<12}", text, WIDTH))
    say(
        f"{found.height:,} of {len(evidence):,} incidents. One of them: `comity evidence show KEY`."
    )
