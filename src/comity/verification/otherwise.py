"""Asking a question otherwise than it declares: another scope, comparison, window or period.

What is promised in words stays as the register has it: another scope is asked of, not promised.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from comity.errors import QuestionError
from comity.saying import Said, joined, say
from comity.verification.model import COMPARISONS, PERIODS, FieldChange, Question, Scope
from comity.verification.model import Otherwise as Otherwise

MOST_YEARS = 40  # of a window, before the agreement and after it
BY_DEFINITION = "by-"  # an id of a reading by a definition of the register begins with it
NOT_PROMISED = {
    "variant": say("not_promised.variant"),
    "control": say("not_promised.control"),
    "definition": say("not_promised.definition"),
}


def asked_otherwise(question: Question, otherwise: Otherwise) -> Question:
    """Return a question turned by what is asked otherwise; itself where nothing is.

    Another scope becomes the narrow one, and the narrow one of old a variant; `declared` keeps the
    question as it was. A question turned before is turned anew from what it declared. Raises
    QuestionError naming the value that cannot be asked and those that can.
    """
    declared = question.declared or question
    wanted = departing(declared, otherwise)
    if wanted == Otherwise():
        return declared
    _check_window(declared, wanted)
    turned = _with_scope(declared, wanted.scope) if wanted.scope else declared
    return replace(
        turned,
        comparison=wanted.comparison or declared.comparison,
        window_from=wanted.window_from or declared.window_from,
        window_to=wanted.window_to or declared.window_to,
        declared=declared,
    )


def departing(question: Question, otherwise: Otherwise) -> Otherwise:
    """Return what is really asked otherwise: a value that the question declares itself is dropped.

    Raises QuestionError for a scope, a comparison or a period that there is not.
    """
    if otherwise.scope and otherwise.scope not in scope_ids(question):
        raise QuestionError(
            f"{question.id} has no scope {otherwise.scope!r}. It has: "
            f"{', '.join(scope_ids(question))}. A definition of the register can be asked by too: "
            f"name it as definition, and {BY_DEFINITION}ID as the scope."
        )
    if otherwise.comparison and otherwise.comparison not in COMPARISONS:
        raise QuestionError(
            f"There is no comparison {otherwise.comparison!r}. There are: {', '.join(COMPARISONS)}."
        )
    if otherwise.months not in PERIODS:
        known = " or ".join(f"{months} ({name})" for months, name in PERIODS.items())
        raise QuestionError(
            f"A period of {otherwise.months} months is not offered: choose {known}. Dates are too "
            "coarse for months, and a year would misplace an agreement by up to half a year."
        )
    first, last = otherwise.window_from, otherwise.window_to
    return Otherwise(
        "" if otherwise.scope == question.scope.id else otherwise.scope,
        "" if otherwise.comparison == question.comparison else otherwise.comparison,
        None if first == question.window_from else first,
        None if last == question.window_to else last,
        otherwise.months,
    )


def scope_ids(question: Question) -> tuple[str, ...]:
    """Return the ids of the scopes that can be asked of: the narrow one, variants, controls, each
    side's definitions."""
    declared = question.declared or question
    return tuple(s.id for s in (*declared.scopes, *declared.definitions))


def _check_window(question: Question, otherwise: Otherwise) -> None:
    """Raise QuestionError for a window that leaves out the agreement or is longer than allowed."""
    first = otherwise.window_from or question.window_from
    last = otherwise.window_to or question.window_to
    agreed = question.agreed
    if not first < agreed <= last:
        raise QuestionError(
            f"{question.id}: the window {first} to {last} leaves out the agreement of {agreed}: "
            f"begin before {agreed} and end on that day or later."
        )
    if max(agreed.year - first.year, last.year - agreed.year) > MOST_YEARS:
        raise QuestionError(
            f"{question.id}: the window {first} to {last} is too long: at most {MOST_YEARS} years "
            f"on either side of the agreement of {agreed}."
        )


def _with_scope(question: Question, name: str) -> Question:
    """Return the question with another of its scopes as the narrow one."""
    found = next(s for s in (*question.scopes, *question.definitions) if s.id == name)
    if found.uses:
        raise QuestionError(
            f"{question.id}: scope {name!r} uses definition {found.uses!r} of the register, which "
            "is not read into it yet: ask through comity.verify."
        )

    def others(scopes: Sequence[Scope]) -> tuple[Scope, ...]:
        return tuple(s for s in scopes if s.id != name)

    return replace(
        question,
        scope=replace(found, role="narrow"),
        variants=(replace(question.scope, role="variant"), *others(question.variants)),
        controls=others(question.controls),
        definitions=others(question.definitions),
    )


def declared_role(question: Question, scope: Scope) -> str:
    """Return the role a scope has in the question as declared: narrow, variant, control or
    definition."""
    declared = question.declared or question
    known = (*declared.scopes, *declared.definitions)
    return next((s.role for s in known if s.id == scope.id), scope.role)


def not_promised(question: Question) -> str:
    """Return in words how the scope asked of differs from what was promised; empty where it is
    the narrow scope as declared."""
    role = declared_role(question, question.scope)
    return NOT_PROMISED.get("definition" if role == "variant" and question.scope.by else role, "")


def chosen_words(question: Question) -> Said:
    """Return how the comparison came about: "declared", or "chosen" where it is another."""
    return say(f"chosen.{question.chosen}")


def departures(question: Question, months: int) -> tuple[FieldChange, ...]:
    """Return in what a question is asked otherwise than declared, as (declared, asked) in words."""
    declared = question.declared
    if declared is None and months == Otherwise().months:
        return ()
    declared = declared or question
    why = not_promised(question)
    pairs = (
        (
            say("otherwise.scope"),
            declared.scope.title,
            joined([question.scope.title, why] if why else [question.scope.title]),
        ),
        (say("otherwise.comparison"), _words(declared.comparison), _words(question.comparison)),
        (say("otherwise.from"), _day(declared.window_from), _day(question.window_from)),
        (say("otherwise.to"), _day(declared.window_to), _day(question.window_to)),
        (say("otherwise.period"), PERIODS[Otherwise().months], PERIODS[months]),
    )
    changes = [FieldChange(*pair) for pair in pairs if pair[1] != pair[2]]
    if question.scope.id == declared.scope.id:
        changes = [c for c in changes if c.field != "scope"]
    return tuple(changes)


def departure_caveat(question: Question, months: int) -> str:
    """Return "Asked otherwise than declared: comparison target alone (declared: four cells)." """
    changes = departures(question, months)
    said = joined(
        [say("otherwise.change", field=c.field, after=c.after, before=c.before) for c in changes],
        "; ",
    )
    return say("otherwise.caveat", changes=said) if said else ""


def definition_given(question: Question) -> str:
    """Return the id of the definition of the register that a question is read by as well."""
    declared = question.declared or question
    given = (s.id for s in declared.variants if s.by and s.id.startswith(BY_DEFINITION))
    return next((name.removeprefix(BY_DEFINITION) for name in given), "")


def _words(name: str) -> str:
    return say(f"comparison.{name}")


def _day(day: dt.date) -> str:
    return day.isoformat()
