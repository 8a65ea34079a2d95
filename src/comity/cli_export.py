"""`comity export`: a folder of everything that may be passed on, for other people and tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.cli_output import say, telling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from comity.incidents.model import Evidence
    from comity.report.export.export import Exported
    from comity.report.export.verdict_tables import Answer

Folder = Annotated[Path, typer.Argument(help="The folder to write; it must not exist yet.")]
Only = Annotated[
    str,
    typer.Option(help="Some parts only: register, evidence, verdicts, links; parted by commas."),
]
Asked = Annotated[
    list[str] | None,
    typer.Option("--question", help="Verdict on this question only: an id, or a path to a .toml "
                 "file; may be repeated. Without it, every question that ships."),
]  # fmt: skip
Lists = Annotated[
    list[str] | None, typer.Option("--list", help="Use this list only; may be repeated.")
]
Known = Annotated[str, typer.Option(help="Only what was public by this date, such as 2017-06-30.")]
Formats = Annotated[
    str, typer.Option("--format", help="Tables as csv, parquet, or both parted by a comma.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace an export that is there.")]


def export(
    folder: Folder,
    only: Only = "register,evidence,verdicts,links",
    question: Asked = None,
    list_: Lists = None,
    as_of: Known = "",
    format_: Formats = "csv,parquet",
    force: Force = False,
) -> None:
    """Write register, evidence, verdicts and links as a data package, with STIX and sources."""
    from comity.cli_options import last_day
    from comity.errors import ExportError
    from comity.incidents.load import load_evidence
    from comity.incidents.model import UNION
    from comity.report.export.export import check_choice, write_export
    from comity.report.export.files import FORMATS
    from comity.report.export.model import GROUPS
    from comity.report.export.replacing import check_folder

    parts, formats, lists = _words(only), _words(format_), tuple(list_ or ())
    check_choice("part", parts, GROUPS)
    check_choice("format", formats, FORMATS)
    if question and "verdicts" not in parts:
        raise ExportError("--question asks for a verdict: add verdicts to --only.")
    check_folder(folder, force)
    day = last_day(as_of) if as_of else None
    with telling("Reading the evidence") as tell:
        evidence = load_evidence(None if UNION in lists else lists or None)
        verdicts: Sequence[Answer] = ()
        if "verdicts" in parts:
            verdicts = _verdicts(question or (), evidence, lists, day, tell)
        done = write_export(
            folder, evidence, verdicts, only=parts, formats=formats, as_of=day, force=force,
            progress=tell,
        )  # fmt: skip
    _tell(done)


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w.strip() for w in text.split(",") if w.strip()))


def _verdicts(
    names: Sequence[str], evidence: Evidence, lists: tuple[str, ...], day: dt.date | None,
    tell: Callable[[str], None],
) -> list[Answer]:  # fmt: skip
    """Return the verdicts asked for, or those on every question that ships."""
    from comity.api import verify
    from comity.api_all import verify_implementation
    from comity.verification.implementation import ImplementationQuestion, load_any_question
    from comity.verification.question import IMPLEMENTATION, shipped_questions

    wanted = names or (*shipped_questions(), *shipped_questions(IMPLEMENTATION))
    found: dict[str, Answer] = {}
    for number, name in enumerate(wanted, start=1):
        asked = load_any_question(name)
        tell(f"{number} of {len(wanted)}: {asked.title}")
        if isinstance(asked, ImplementationQuestion):
            found[asked.id] = verify_implementation(asked)
        else:
            found[asked.id] = verify(asked, evidence, lists=lists, as_of=day)
    return list(found.values())


def _tell(done: Exported) -> None:
    """Print what was written, what was left out, and where to start."""
    from comity.instruments.card import plain

    verdicts = sum(f.path.startswith("verdicts/") for f in done.files)
    held = f"{len(done.rows)} tables ({sum(done.rows.values()):,} rows)"
    if verdicts:
        held += f", {verdicts} verdict{'' if verdicts == 1 else 's'}"
    more = {"stix.json": "STIX", "sources.bib": "BibTeX", "sources.ris": "RIS"}
    paths = {f.path for f in done.files}
    held += "".join(f", {name}" for path, name in more.items() if path in paths)
    say(f"Exported to {done.folder}: {held}.")
    for one in done.left_out:
        say(f"Left out: {plain(one.name)}: {plain(one.why)}.", indent=2)
    say(f"Start with {done.folder / 'README.md'}; every table's licence is in LICENCES.md.")
