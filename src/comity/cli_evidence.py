"""The commands of `comity evidence`: what there is, what was left out, add and remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_output import WIDTH, print_json, print_lines, say, write_text

if TYPE_CHECKING:
    import datetime as dt

    from comity.incidents.model import Incident
    from comity.incidents.reports import ReportFact
    from comity.incidents.summary import ListProblems, ListSummary

evidence_app = typer.Typer(
    help="Evidence: which lists of incidents there are, and adding your own.",
    rich_markup_mode=None,
    invoke_without_command=True,
)

NAMES = (
    "A list Comity has a reader for (dcid, eurepoc, cfr, csis, attack, cissm, vcdb, stix, misp), "
    "aptnotes, or the name of your own list."
)
Json = Annotated[bool, typer.Option("--json", help="Print the same as data.")]


@evidence_app.callback()
def _evidence(context: typer.Context, json_: Json = False) -> None:
    """Show the lists at hand: release, incidents, coverage, how dates are typed, licence."""
    if context.invoked_subcommand is not None:
        return
    from comity.incidents.report_lists import report_lists
    from comity.incidents.summary import summarise

    found = summarise()
    if json_:
        print_json([summary.to_record() for summary in found])
        return
    _show_lists(found)
    for one in report_lists().values():
        release = one.release
        say(
            _plain(
                f"{release.list}: {release.title}, {release.release}; added {release.added[:10]}. "
                f"{len(one.reports):,} reports, no incidents; licence: {release.licence}."
            )
        )


@evidence_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help=NAMES)],
    files: Annotated[
        list[Path], typer.Argument(help="The publisher's files, or your own; never altered.")
    ],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="For your own list: its mapping file (TOML).")
    ] = None,
) -> None:
    """Add a list, in place of an older release of it."""
    from comity.incidents.add import add_files, add_report_files, holds_reports

    if mapping is None and holds_reports(name):
        found = add_report_files(name, files)
        say(
            f"{name}: {len(found.reports):,} of {found.rows_in_file:,} rows read, "
            f"{len(found.aside):,} set aside."
        )
        say(
            "They are reports, not incidents: they link the incidents of other lists by their "
            "addresses and are in no count."
        )
        if found.aside:
            say(f"Each with its reason: `comity evidence problems {name}`.")
        return
    result = add_files(name, files, mapping)
    kept, aside = result.table.height, len(result.aside)
    say(f"{name}: {kept:,} of {result.rows_in_file:,} rows read, {aside:,} set aside.")
    if result.release.extracted:
        say(
            f"The list does not code {result.release.extracted}: they are read from its words, or "
            f"looked up by an actor's name. {len(result.flagged):,} pieces are flagged with what "
            "they rest on."
        )
    elif result.flagged:
        say(f"From rows that were read, {len(result.flagged):,} pieces were left out.")
    if aside or result.flagged:
        say(f"Each with its reason: `comity evidence problems {name}`.")


@evidence_app.command("problems")
def problems(
    name: Annotated[str, typer.Argument(help="The name of a list at hand.")],
    every: Annotated[
        bool, typer.Option("--all", help="Also what was left out of rows that were read.")
    ] = False,
    json_: Json = False,
) -> None:
    """List the rows of a list that were set aside, each with its reason."""
    from comity.incidents.summary import list_problems

    found = list_problems(name)
    if json_:
        from dataclasses import asdict

        print_json(asdict(found))
    else:
        _show_problems(found, every)


@evidence_app.command("show")
def show(
    key: Annotated[str, typer.Argument(help="An incident, as LIST:ID: dcid:43.")],
    stix: Annotated[
        Path | None, typer.Option(help="Also write it as a STIX bundle, to attach to a message.")
    ] = None,
    marking: Annotated[
        str, typer.Option(help="How far that bundle may be passed on: clear, green, amber, red.")
    ] = "",
    json_: Json = False,
) -> None:
    """Show one incident with its dates, claims and sources."""
    if stix is not None:
        _write_bundle(stix, key, marking)
    from comity.incidents.summary import (
        extracted_in,
        find_incident,
        find_report,
        incident_to_record,
    )

    incident, known, extracted = find_incident(key), find_report(key), extracted_in(key)
    if json_:
        beside = {} if known is None else {"known_beside": known.to_record()}
        by_rule = {"extracted": extracted} if extracted else {}
        print_json(incident_to_record(incident) | by_rule | beside)
    else:
        _show_incident(incident)
        if extracted:
            say(
                f"{extracted.capitalize()}: read from the list's words by rule, or looked up by an "
                "actor's name; not its coding."
            )
        if known is not None:
            _show_known(known)


def _write_bundle(path: Path, key: str, marking: str) -> None:
    """Write an incident as a STIX bundle; say so on the other stream."""
    from comity.api_exchange import evidence_bundle

    bundle, level = evidence_bundle(key, marking)
    write_text(path, bundle.decode())
    typer.echo(f"Written to {path}, marked TLP:{level.upper()}.", err=True)


@evidence_app.command("delay")
def delay(
    name: Annotated[str, typer.Argument(help="The name of a list at hand.")],
    question: Annotated[
        str, typer.Option(help="Also by cell, before and after the agreement of this question.")
    ] = "",
    scope: Annotated[str, typer.Option(help="Cells of this scope, not of the narrow one.")] = "",
    svg: Annotated[Path | None, typer.Option(help="Also draw the chart to this file.")] = None,
    json_: Json = False,
) -> None:
    """How late a list's reports come: by epoch and by cell, with intervals."""
    from comity.errors import QuestionError
    from comity.incidents.load import load_evidence
    from comity.verification.delay_report import delay_report
    from comity.verification.question import load_question

    if scope and not question:
        raise QuestionError("--scope names a scope of a question: give --question too.")
    asked = load_question(question) if question else None
    found = delay_report(load_evidence([name]), name, asked, scope=scope)
    if svg is not None:
        from comity.report.delay_chart import delay_svg

        _write(svg, delay_svg(found), name)
    if json_:
        from comity.report.plain import plain

        print_json(plain(found))
    else:
        from comity.report.delay_page import delay_lines

        print_lines(delay_lines(found, WIDTH))
        if svg is not None:
            say(f"Chart written to {svg}")


@evidence_app.command("compare")
def compare(
    name: Annotated[str, typer.Argument(help=NAMES)],
    old: Annotated[Path, typer.Argument(help="The older release: a file, or a folder of files.")],
    new: Annotated[
        Path | None, typer.Argument(help="The newer one; without it, the list at hand.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="For your own list: its mapping file (TOML).")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Name every incident.")] = False,
    json_: Json = False,
) -> None:
    """Compare two releases of a list: incidents added, removed and changed, field by field."""
    from comity.incidents.compare import compare_files
    from comity.report.compare_page import comparison_lines
    from comity.report.plain import plain

    found = compare_files(name, old, new, mapping)
    if json_:
        print_json(plain(found))
    else:
        print_lines(comparison_lines(found, every, WIDTH))


def _write(path: Path, chart: str, name: str) -> None:
    """Write a chart. Raises StoreError where there is none or the file cannot be written."""
    from comity.errors import StoreError

    if not chart:
        raise StoreError(f"There is no chart to write: too few dates of report in {name}.")
    write_text(path, chart)


@evidence_app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The name of a list that you added.")],
) -> None:
    """Remove a list that you added; what ships with Comity stays."""
    from comity.incidents.report_lists import remove_reports, report_lists
    from comity.incidents.store import remove_list

    held = name in report_lists()
    gone = remove_reports(name).release if held else remove_list(name).release
    say(f"{name} ({gone.release}) was removed. The publisher's files are untouched.")


def _plain(value: object) -> str:
    """Return text of a list without control characters, which a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in str(value))


def _month(day: dt.date | None) -> str:
    return day.isoformat()[:7] if day else "unknown"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _show_lists(found: tuple[ListSummary, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, expand=False)
    columns = ("list", "incidents", "from", "to", "by", "1 Jan", "1st", "aside", "licence")
    for column in columns:
        numeric = column in ("incidents", "1 Jan", "1st", "aside")
        table.add_column(
            column,
            justify="right" if numeric else "left",
            no_wrap=column not in ("list", "licence"),
            overflow="fold",
        )
    for one in found:
        cells = (
            one.release.list, f"{one.incidents:,}", _month(one.first), _month(one.last),
            one.dated_by, _share(one.first_of_year), _share(one.first_of_month),
            f"{one.aside:,}", one.release.licence,
        )  # fmt: skip
        table.add_row(*(Text(_plain(cell)) for cell in cells))
    console = Console(width=WIDTH, highlight=False)
    console.print(table)
    console.print()
    for one in found:
        release = one.release
        origin = "ships with Comity" if one.shipped else f"added {release.added[:10]}"
        say(
            _plain(
                f"{release.list}: {release.title}, {release.release}; {origin}. Covers to "
                f"{release.covers_to.text or 'unknown'}, closed on "
                f"{release.closed_on.text or 'unknown'}; {one.undated} undated. {_reports(one)}"
            )
        )
    say(
        "1 Jan and 1st: share of dates on the 1st of January or of a month. By chance it is "
        "0.3 % and 3 %; what is above stands for a year or month that was typed as a day."
    )


def _reports(one: ListSummary) -> str:
    """Return how many dates of report there are, and how well those beside a list are known."""
    if not one.reported:
        return "No dates of report."
    said = f"{one.reported:,} dates of report"
    if one.known_beside:
        shares = ", ".join(f"{n} {status}" for status, n in one.known_beside.items())
        said += f", from {one.release.report_dates_from} ({shares})"
    return f"{said}."


def _flagged(found: ListProblems) -> str:
    """Return what the pieces flagged in rows that were read are."""
    if found.extracted:
        return f"Read or looked up by rule, not the list's coding ({found.extracted})"
    return "Left out of rows that were read"


def _show_problems(found: ListProblems, every: bool) -> None:
    read = found.rows_in_file - len(found.aside)
    say(f"{found.list}: {read:,} of {found.rows_in_file:,} rows read, {len(found.aside):,} aside.")
    for problem in found.aside:
        where = f"row {problem.row}, {problem.column}"
        say(_plain(f"{where}: {problem.value!r}: {problem.reason}"), indent=4)
    if every:
        say(f"{_flagged(found)}: {len(found.flagged):,}.")
        for problem in found.flagged:
            where = f"row {problem.row}, {problem.column}"
            say(_plain(f"{where}: {problem.value!r}: {problem.reason}"), indent=4)
    elif found.flagged:
        n = len(found.flagged)
        what = (
            f"{n:,} readings of the list's words are flagged"
            if found.extracted
            else (f"{n:,} pieces were left out")
        )
        say(f"From rows that were read, {what}: add --all.")


def _show_incident(incident: Incident) -> None:
    from comity.countries import country_name

    say(_plain(f"{incident.key}  {incident.name}"))
    who = ", ".join(
        " ".join(filter(None, (country_name(i.code), f"({i.kind})", i.organ)))
        for i in incident.initiators
    )
    lines = {
        "start": incident.start.text,
        "end": incident.end.text,
        "reported": incident.reported.text,
        "initiator": who,
        "receiver": ", ".join(country_name(code) for code in incident.receivers),
        "targets": ", ".join(incident.targets),
        "objective": ", ".join(incident.objectives),
        "effects": ", ".join(incident.effects),
        "severity": "" if incident.severity is None else f"{incident.severity:g}",
        "campaign": incident.campaign,
        "commercial use": incident.commercial_use,
    }
    for label, value in lines.items():
        say(f"  {label:<15}{_plain(value) or 'unknown'}", indent=17)
    if incident.description:
        say(f"  {'the list says':<15}{_plain(incident.description)}", indent=17)
    for claim in incident.attributions:
        when = claim.when.text or "date unknown"
        say(_plain(f"  claim          {claim.claimant or claim.claimant_kind}: "
                    f"{claim.code or 'nobody named'}, {when}"), indent=17)  # fmt: skip
    for source in incident.sources:
        typer.echo(f"  source         {_plain(source)}")


def _show_known(known: ReportFact) -> None:
    """Print where the facts that are not the list's own come from, and what conflicts with it."""
    say("Known beside the list, from a table of Comity's:")
    rows = (
        ("reported", known.reported.text, known.reported_source),
        ("attributed", known.attributed.text, known.attributed_source),
        ("commercial use", known.commercial_use, known.commercial_source),
    )
    for label, value, source in rows:
        if source:
            by = ", ".join(known.commercial_by) if label == "commercial use" else ""
            say(f"  {label:<15}{_plain(' '.join(filter(None, (value, by, source))))}", indent=17)
    basis = known.reported_basis or "none"
    second = f"; a second reader {known.second}" if known.second else ""
    say(f"  {'status':<15}{known.status} (basis: {basis}{second})", indent=17)
    if known.campaign:
        say(_plain(f"  {'campaign':<15}{known.campaign}"))
    if known.account:
        say(_plain(f"  {'account':<15}{known.account} {known.account_source}"), indent=17)
