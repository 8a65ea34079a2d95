"""The controls of a verdict: what may be moved, how an address says it, what it is usually."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from comity.dates import DateReading
from comity.definitions.register import definer_name, load_definitions
from comity.errors import AddressError
from comity.incidents.model import UNION, Evidence
from comity.report.text import COMPARISONS, ROLES, clean
from comity.saying import joined, say
from comity.verification.model import COMPARISONS as COMPARISON_WORDS
from comity.verification.model import Question
from comity.web.asking import Asking
from comity.web.parameters import Parameter, Values

MOST_FORESEEN = 8  # values of a control up to which each of them is computed in advance
PERIODS = {"quarter": 3, "half-year": 6}

PARAMETERS = (
    Parameter("list", "which list of incidents, or `all` for the union of linked lists"),
    Parameter("scope", "which of the question's readings counts, by its id"),
    Parameter("definition", "a definition of the register to read the evidence by, by its id"),
    Parameter("comparison", "what the pair is compared with", "choice", tuple(COMPARISON_WORDS)),
    Parameter("from", "first year of the window", "whole", least=1980, most=2100),
    Parameter("to", "last year of the window", "whole", least=1980, most=2100),
    Parameter("period", "length of a period", "choice", tuple(PERIODS), "quarter"),
    Parameter("year_dates", "how a 1 January is read", "choice", ("year", "exact"), "year"),
    Parameter("month_dates", "how the first of a month is read", "choice", ("month", "exact"),
              "month"),
    Parameter("as_of", "only what was public on this day (INCLUSIVE)", "day"),
)  # fmt: skip
NAMES = tuple(p.name for p in PARAMETERS)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a control: as an address says it (empty is as declared) and in words."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Control:
    """One thing a person can move; `slider` is where its values are an order to drag along."""

    name: str
    options: tuple[Option, ...]
    chosen: str
    slider: bool = False

    @property
    def moved(self) -> bool:
        """Whether it stands otherwise than declared."""
        return bool(self.chosen)


def asking_of(question: Question, values: Values) -> Asking:
    """Return what an address asks of a question."""
    chosen = values.get("definition", "")
    scope = values.get("scope", "") or (f"by-{chosen}" if chosen else "")
    reading = DateReading(
        "exact" if values.get("year_dates") == "exact" else "year",
        "exact" if values.get("month_dates") == "exact" else "month",
    )
    first, last = values.get("from"), values.get("to")
    return Asking(
        question=question.id,
        lists=(values["list"],) if values.get("list") else (),
        as_of=dt.date.fromisoformat(values["as_of"]) if values.get("as_of") else None,
        reading=reading,
        definition=chosen,
        scope=scope,
        comparison=values.get("comparison", ""),
        window_from=dt.date(int(first), 1, 1) if first else None,
        window_to=dt.date(int(last), 12, 31) if last else None,
        months=PERIODS[values.get("period", "quarter")],
    )


def usual_values(question: Question, values: Values) -> Values:
    """Return values without those that say what the question declares anyway."""
    declared = {
        "comparison": question.comparison,
        "from": str(question.window_from.year),
        "to": str(question.window_to.year),
        "scope": question.scope.id,
        "list": question.lists[0] if len(question.lists) == 1 else "",
    }
    return {name: value for name, value in values.items() if value != declared.get(name)}


def controls_of(question: Question, evidence: Evidence, values: Values) -> tuple[Control, ...]:
    """Return the controls of a question over the lists at hand, as an address sets them.

    Raises AddressError for a value that is none of a control's.
    """
    options = {
        "list": tuple(_lists(question, evidence)),
        "scope": tuple(_scopes(question)),
        "definition": (Option("", say("control.no_definition")), *_definitions()),
        "comparison": tuple(
            Option("" if name == question.comparison else name, words)
            for name, words in COMPARISONS.items()
        ),
        "from": tuple(
            _years(question.window_from.year, question.agreed.year - 2, "from", question)
        ),
        "to": tuple(_years(question.agreed.year + 2, question.window_to.year, "to", question)),
        "period": tuple(Option("" if n == "quarter" else n, say(f"control.{n}")) for n in PERIODS),
        "year_dates": (Option("", say("control.year")), Option("exact", say("control.day"))),
        "month_dates": (Option("", say("control.month")), Option("exact", say("control.day"))),
        "as_of": tuple(_days(question, evidence)),
    }
    made = []
    for name, there in options.items():
        chosen = values.get(name, "")
        if chosen not in {o.value for o in there}:
            if name != "as_of":
                allowed = ", ".join(o.value for o in there if o.value)
                raise AddressError(f"{name}={chosen[:40]!r}: there is {allowed}.")
            there = tuple(sorted((*there[1:], Option(chosen, chosen)), key=lambda o: o.value))
            there = (*there, Option("", say("control.all_known")))
        made.append(Control(name, there, chosen, slider=name in ("from", "to", "as_of")))
    return tuple(made)


def _lists(question: Question, evidence: Evidence) -> Iterator[Option]:
    names = [r.list for r in evidence.releases]
    yield Option("", say("control.own_lists") if question.lists else say("control.each_list"))
    yield from (Option(r.list, clean(r.title or r.list)) for r in evidence.releases)
    if len(names) > 1:
        yield Option(UNION, say("control.union"))


def _scopes(question: Question) -> Iterator[Option]:
    yield Option("", joined([ROLES["narrow"], clean(question.scope.title)], ": "))
    for scope in (*question.variants, *question.controls):
        yield Option(
            scope.id, joined([ROLES.get(scope.role, scope.role), clean(scope.title)], ": ")
        )
    for scope in question.definitions:
        yield Option(scope.id, say("control.definition_of", title=clean(scope.title)))


@lru_cache(maxsize=1)
def _definitions() -> tuple[Option, ...]:
    held = load_definitions()
    rows = sorted(
        held.rows,
        key=lambda d: (definer_name(held, d.definer), d.term, d.date.text),
    )
    return tuple(
        Option(
            d.id,
            f"{definer_name(held, d.definer)}: {held.terms[d.term].title.lower()} ({d.date.text})",
        )
        for d in rows
    )


def _years(first: int, last: int, which: str, question: Question) -> Iterator[Option]:
    declared = (question.window_from if which == "from" else question.window_to).year
    for year in sorted({declared, *range(first, max(last, declared) + 1)}):
        yield Option("" if year == declared else str(year), str(year))


def _days(question: Question, evidence: Evidence) -> Iterator[Option]:
    """Yield the ends of quarters from the agreement to the last list's closing, oldest first."""
    closed = [r.closed_on.latest for r in evidence.releases if r.closed_on.latest]
    last = max(closed, default=question.window_to)
    year, quarter = question.agreed.year, (question.agreed.month - 1) // 3 + 1
    days: list[dt.date] = []
    while not days or days[-1] < last:
        month = 3 * quarter
        first_after = dt.date(year + month // 12, month % 12 + 1, 1)
        days.append(first_after - dt.timedelta(days=1))
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)
    yield from (Option(d.isoformat(), d.isoformat()) for d in days if question.agreed < d < last)
    yield Option("", say("control.all_known"))


def next_values(controls: Sequence[Control], values: Values) -> Iterator[Values]:
    """Yield what one move from a view may lead to, the likeliest first: a slider's next stops on
    either side, then every other value of a short control; last, back to as declared."""
    for reach in (1, 2, 3):
        for control in (c for c in controls if c.slider):
            there = [o.value for o in control.options]
            at = there.index(control.chosen)
            for k in (at - reach, at + reach):
                if 0 <= k < len(there):
                    yield _with(values, control.name, there[k])
    for control in controls:
        if not control.slider and len(control.options) <= MOST_FORESEEN:
            for option in control.options:
                if option.value != control.chosen:
                    yield _with(values, control.name, option.value)


def _with(values: Values, name: str, value: str) -> Values:
    """Return values with one of them set, or taken away where it is empty."""
    return {n: v for n, v in {**values, name: value}.items() if v}
