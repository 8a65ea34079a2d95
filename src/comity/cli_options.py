"""The options of `comity verify`: what each means, in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from comity.dates import DateReading
    from comity.verification.model import Otherwise

Named = Annotated[str, typer.Argument(help="A question's id, or a path to a .toml file.")]
Every = Annotated[bool, typer.Option("--all", help="Every question that ships, in one table.")]
AsOf = Annotated[
    str | None, typer.Option(help="Use only what was public by this date, such as 2017-06-30.")
]
Full = Annotated[bool, typer.Option("--full", help="Cross-examine it in every way.")]
Examined = Annotated[
    list[str] | None,
    typer.Option(help="Cross-examine it in one way (see docs/examination.md); may be repeated."),
]
ByDefinition = Annotated[
    str,
    typer.Option(
        "--definition",
        help="Read the evidence again by a definition of the register: its id, or sco-2009.",
    ),
]
Robustness = Annotated[bool, typer.Option("--robustness", help="Every defensible analysis.")]
Placebo = Annotated[bool, typer.Option("--placebo", help="Where nothing was promised.")]
Replay = Annotated[
    bool, typer.Option("--replay", help="What could have been said, quarter by quarter.")
]
Hidden = Annotated[bool, typer.Option("--unseen", help="What no list holds (with --list all).")]
Analyses = Annotated[int, typer.Option(help="Analyses that --robustness fits.", min=1, max=100_000)]
Workers = Annotated[
    int | None, typer.Option(help="Processes to use; never changes a result.", min=1)
]
Checks = Annotated[
    bool, typer.Option("--checks", help="Also print how the confidence was reached.")
]
Lists = Annotated[
    list[str] | None, typer.Option("--list", help="Use this list only; may be repeated.")
]
FirstOfYear = Annotated[
    str, typer.Option(help="Read a list's 1 January as the day or the year: exact or year.")
]
FirstOfMonth = Annotated[
    str, typer.Option(help="Read a list's 1st of a month as the day or month: exact or month.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")]
Report = Annotated[
    Path | None, typer.Option(help="Also write a self-contained HTML report to this file.")
]
Scoped = Annotated[
    str, typer.Option("--scope", help="Ask of another scope of the question, by its id.")
]
Compared = Annotated[str, typer.Option("--comparison", help="Compare with something else.")]
From = Annotated[
    str, typer.Option("--from", help="Count from this year, month or day, in place of its own.")
]
To = Annotated[
    str, typer.Option("--to", help="Count to this year, month or day, its last day included.")
]
Period = Annotated[str, typer.Option(help="Length of a period: quarter or half-year.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the posterior draws.")]


def otherwise_of(scope: str, comparison: str, first: str, last: str, period: str) -> Otherwise:
    """Return what the options ask otherwise than the question declares; empty ones are as declared.

    Raises DateError or QuestionError.
    """
    from comity.dates import parse_date
    from comity.errors import DateError, QuestionError
    from comity.verification.model import PERIODS, Otherwise

    begin = parse_date(first).earliest if first else None
    end = parse_date(last).latest if last else None
    for option, given, day in (("--from", first, begin), ("--to", last, end)):
        if given and day is None:
            raise DateError(f"{option} needs a year, month or day, such as 2008, not {given!r}.")
    lengths = {name: months for months, name in PERIODS.items()}
    if period and period not in lengths:
        raise QuestionError(f"--period is {' or '.join(lengths)}, not {period!r}.")
    return Otherwise(scope, comparison, begin, end, lengths.get(period, Otherwise().months))


@dataclass(frozen=True, slots=True)
class Given:
    """How a verdict is asked, read from the options that every command on a verdict shares.

    `departs` says that something is asked otherwise than the question declares, or by a definition.
    """

    lists: tuple[str, ...]
    as_of: dt.date | None
    reading: DateReading
    definition: str
    otherwise: Otherwise
    departs: bool


def given_of(
    lists: Sequence[str] | None, as_of: str | None, first_of: tuple[str, str], definition: str,
    otherwise: tuple[str, str, str, str, str],
) -> Given:  # fmt: skip
    """Return how a verdict is asked. `first_of` is how a 1 January and a first of a month are read;
    `otherwise` scope, comparison, first and last day, period. Raises DateError or QuestionError."""
    return Given(
        tuple(lists or ()), last_day(as_of) if as_of else None, reading_of(*first_of), definition,
        otherwise_of(*otherwise), any((definition, *otherwise)),
    )  # fmt: skip


def last_day(text: str) -> dt.date:
    """Return the day of an --as-of; a year or month means its last day, today at most and without
    one.

    Raises DateError, for a day still to come too: of it nothing is known.
    """
    from comity.dates import parse_date
    from comity.errors import DateError

    today = dt.date.today()
    if not text:
        return today
    date = parse_date(text)
    if date.latest is None:
        raise DateError(f"--as-of needs a date with an end, such as 2017-06-30, not {text!r}.")
    if (date.earliest or date.latest) > today:
        raise DateError(
            f"--as-of {text} is still to come, so nothing is known of it; today is {today}."
        )
    return min(date.latest, today)


def reading_of(first_of_year: str, first_of_month: str) -> DateReading:
    """Return the reading of first-of-a-period dates the options ask for. Raises DateError."""
    from comity.dates import DateReading
    from comity.errors import DateError

    if first_of_year not in ("exact", "year"):
        raise DateError(f"--first-of-year is exact or year, not {first_of_year!r}.")
    if first_of_month not in ("exact", "month"):
        raise DateError(f"--first-of-month is exact or month, not {first_of_month!r}.")
    return DateReading(first_of_year, first_of_month)  # type: ignore[arg-type]
