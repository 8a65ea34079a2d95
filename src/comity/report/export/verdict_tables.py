"""The tables of verdicts: the three answers, every estimate of change; and a verdict to pass on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from comity.report.data import verdict_to_json
from comity.report.export.columns import several, text, typed
from comity.report.export.model import CC_BY, Field, Kind, Table
from comity.report.export.passing import reduced
from comity.report.export.shipped import REGISTER, to
from comity.report.implementation import implementation_to_json
from comity.report.plain import number
from comity.verification.implementation import ImplementationVerdict
from comity.verification.model import COMPARISONS, OUTCOMES, Change, Verdict
from comity.verification.overview import row_of, row_of_implementation
from comity.verification.question import CONDUCT, IMPLEMENTATION

Answer = Verdict | ImplementationVerdict
RATIO = (
    Field("rate_ratio", Kind.NUMBER, "Rate after over before (1: no change), the median; empty: "
          "not identified", lowest=0),
    Field("rate_ratio_lower", Kind.NUMBER, "Lower end of its interval", lowest=0),
    Field("rate_ratio_upper", Kind.NUMBER, "Upper end of its interval", lowest=0),
    Field("level", Kind.NUMBER, "Probability that the interval holds", lowest=0, highest=1),
    Field("probability_fell", Kind.NUMBER, "Probability that the ratio is below 1", lowest=0,
          highest=1),
)  # fmt: skip
COUNTS = (
    Field("before", Kind.NUMBER, "Incidents before; an imprecise date is shared out", lowest=0),
    Field("after", Kind.NUMBER, "Incidents after; empty: the evidence does not reach", lowest=0),
)
ANSWER_FIELDS = (
    text("question", "The question's id", unique=True),
    text("title", "The question in words"),
    text("kind", "What it asks about", values=(CONDUCT, IMPLEMENTATION)),
    text("instrument", "The instrument, if it asks of one", may_be_empty=True),
    Field("agreed", Kind.DAY, "The day it was agreed", True),
    Field("as_of", Kind.DAY, "As known on this day; empty: of the register, whole"),
    text("version", "The version of Comity that answered"),
    text("changed", "Did reported conduct change? The word, by written rules"),
    text("changed_sentence", "The same as a sentence"),
    Field("changed_probability", Kind.NUMBER, "The probability behind the word", lowest=0,
          highest=1),
    text("kept", "Was the promise kept? What is claimed, by whom"),
    text("kept_sentence", "The same as a sentence"),
    text("because", "Was it because of the promise?"),
    text("because_sentence", "The same as a sentence"),
    text("confidence", "Confidence in the whole", values=("low", "moderate", "high")),
    several("confidence_reasons", "Why", may_be_empty=True),
    *COUNTS,
    *RATIO,
    text("reason", "Why nothing is identified, where it is not", may_be_empty=True),
    several("lists", "The lists used, each at its release", may_be_empty=True),
)  # fmt: skip
CHANGE_FIELDS = (
    text("question", "The question's id"),
    text("scope", "What is counted: the id of the question's scope"),
    text("scope_title", "The scope in words"),
    text("role", "What the scope is to the question", values=("narrow", "variant", "control",
                                                             "definition")),
    text("comparison", "What it is compared with", values=tuple(COMPARISONS)),
    Field("declared", Kind.FLAG, "Whether this is the comparison the question declared", True),
    text("estimand", "Which change"),
    text("outcome", "What is counted of an incident", values=OUTCOMES),
    Field("identified", Kind.FLAG, "Whether it can be known from this evidence", True),
    text("reason", "Why it is not, where it is not", may_be_empty=True),
    *COUNTS,
    *RATIO,
    *(
        Field(f"cell_{cell.lower()}", Kind.NUMBER, f"Incidents in cell {cell} of the comparison",
              lowest=0)
        for cell in "ABCD"
    ),
    Field("years_before", Kind.NUMBER, "Years observed before the agreement", lowest=0),
    Field("years_after", Kind.NUMBER, "Years observed after it", lowest=0),
    several("lists", "The lists used"),
)  # fmt: skip


def verdict_tables(verdicts: Sequence[Answer]) -> tuple[Table, ...]:
    """Return the answers and the estimates of some verdicts; none of no verdicts."""
    if not verdicts:
        return ()
    conduct = [v for v in verdicts if isinstance(v, Verdict)]
    found = [Table(
        "answers", "verdicts", "The three answers",
        "Did reported conduct change, was the promise kept, was it because of it: a row a question",
        ANSWER_FIELDS, (CC_BY,), (REGISTER,), partial(_answers, tuple(verdicts)), ("question",),
        (to("instruments", "instrument"),),
    )]  # fmt: skip
    if conduct:
        found.append(Table(
            "changes", "verdicts", "Every estimate of change",
            "A row a question, scope, comparison, kind of change and outcome",
            CHANGE_FIELDS, (CC_BY,), (REGISTER,), partial(_changes, tuple(conduct)),
            ("question", "scope", "comparison", "estimand", "outcome"),
            (to("answers", "question", key=("question",)),),
        ))  # fmt: skip
    return tuple(found)


def _answers(verdicts: Sequence[Answer]) -> Any:
    return typed(ANSWER_FIELDS, map(_answer, verdicts))


def _answer(verdict: Answer) -> Mapping[str, Any]:
    conduct = isinstance(verdict, Verdict)
    row = row_of(verdict) if isinstance(verdict, Verdict) else row_of_implementation(verdict)
    used = [f"{u.name} {u.release}" for u in verdict.lists] if isinstance(verdict, Verdict) else []
    return {
        "question": row.question,
        "title": row.title,
        "kind": row.kind,
        "instrument": row.instrument,
        "agreed": row.agreed,
        "as_of": verdict.as_of if isinstance(verdict, Verdict) else None,
        "version": verdict.version,
        "changed": row.changed,
        "changed_sentence": verdict.changed.sentence,
        "changed_probability": number(verdict.changed.probability) if conduct else None,
        "kept": row.kept,
        "kept_sentence": verdict.kept.sentence,
        "because": row.because,
        "because_sentence": verdict.because.sentence,
        "confidence": row.confidence,
        "confidence_reasons": list(verdict.confidence.reasons),
        "before": number(row.before),
        "after": number(row.after),
        **_ratio(row),
        "reason": row.reason,
        "lists": used,
    }


def _ratio(row: Any) -> Mapping[str, Any]:
    """Return the columns of a ratio of a row that has `ratio` and `fell`."""
    ratio = row.ratio
    return {
        "rate_ratio": number(ratio.median) if ratio else None,
        "rate_ratio_lower": number(ratio.lower) if ratio else None,
        "rate_ratio_upper": number(ratio.upper) if ratio else None,
        "level": number(ratio.level) if ratio else None,
        "probability_fell": number(row.fell),
    }


def _changes(verdicts: Sequence[Verdict]) -> Any:
    return typed(CHANGE_FIELDS, (_change(v, change) for v in verdicts for change in v.change))


def _change(verdict: Verdict, change: Change) -> Mapping[str, Any]:
    """Return one estimate; by rule it has no ratio where it is not identified."""
    question = verdict.question
    scope = next(s for s in (*question.scopes, *question.definitions) if s.id == change.scope)
    shown = change if change.identified else replace(change, ratio=None, fell=None)
    before, after = change.years
    return {
        "question": question.id,
        "scope": scope.id,
        "scope_title": scope.title,
        "role": scope.role,
        "comparison": change.comparison,
        "declared": change.comparison == question.comparison,
        "estimand": change.estimand,
        "outcome": change.outcome,
        "identified": change.identified,
        "reason": change.reason,
        "before": number(change.before),
        "after": number(change.after) if after > 0 else None,
        **_ratio(shown),
        **{f"cell_{cell.lower()}": number(change.cells.get(cell, 0.0)) for cell in "ABCD"},
        "years_before": number(before),
        "years_after": number(after),
        "lists": list(change.lists),
    }


def verdict_json(verdict: Answer, passed_on: Collection[str]) -> str:
    """Return a verdict as JSON of its published schema, a line break at the end.

    Incidents of lists that are not among `passed_on` are left out of it, and a caveat says so.
    """
    if isinstance(verdict, ImplementationVerdict):
        return implementation_to_json(verdict) + "\n"
    mirror = None if verdict.mirror is None else reduced(verdict.mirror, passed_on)
    return verdict_to_json(replace(reduced(verdict, passed_on), mirror=mirror)) + "\n"
