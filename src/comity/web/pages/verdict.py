"""A verdict: the three answers, the chart, and the controls a person may move."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from comity.api import Verdict
from comity.api_all import ImplementationVerdict
from comity.api_questions import load_kept
from comity.errors import AddressError, QuestionError
from comity.report.briefing import briefing_docx, briefing_html, briefing_pdf, compose
from comity.report.briefing.model import SECTIONS
from comity.report.chart_data import (
    Shown,
    activity_alt,
    activity_rows,
    forest_alt,
    forest_rows,
    in_scope,
    onset_alt,
    onset_rows,
)
from comity.report.data import verdict_to_dict
from comity.report.html import (
    SAYS,
    WHEN,
    claimed_words,
    estimates_of,
    marks_said,
    python_lines,
    side_by_side,
)
from comity.report.implementation import ANSWERS, INDIRECT, implementation_to_dict
from comity.report.text import (
    COMPARISONS,
    ESTIMANDS,
    PASSED,
    ROLES,
    cell_titles,
    change_fell,
    change_ratio,
    clean,
    command_line,
    least_of,
    number,
    reaches_past,
)
from comity.verification.implementation import ImplementationQuestion
from comity.verification.kept import kept_ids
from comity.verification.model import COMPARISONS as COMPARISON_WORDS
from comity.verification.model import Change, Question
from comity.verification.question import IMPLEMENTATION, shipped_questions
from comity.verification.sentences import HEADLINE
from comity.web.activity import Drawing, draw
from comity.web.asking import Asking
from comity.web.controls import (
    NAMES,
    PARAMETERS,
    Control,
    asking_of,
    controls_of,
    next_values,
    usual_values,
)
from comity.web.forms import TYPES
from comity.web.keys import incident_path
from comity.web.page import Asked, Download, Page, Sheet, View
from comity.web.parameters import Parameter, Values, address

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BRIEFING_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

SECTIONS_ASKED = Parameter("sections", "sections of the briefing, with commas between", many=True)


def question_of(asked: Asked, name: str) -> Question | ImplementationQuestion:
    """Return a question that ships or was opened. Raises AddressError naming those there are.

    An address never names a file: what a user wrote is opened first, then asked by its id.
    """
    known = (*shipped_questions(), *shipped_questions(IMPLEMENTATION), *kept_ids(asked.world.home))
    if name not in known:
        raise AddressError(
            f"There is no question {name[:60]!r}. There are: {', '.join(known)}.", missing=True
        )
    return load_kept(name, asked.world.home)


def conduct_question(asked: Asked, name: str) -> Question:
    """Return a question about conduct that ships or was opened. Raises AddressError for any
    other."""
    question = question_of(asked, name)
    if isinstance(question, ImplementationQuestion):
        raise AddressError(f"{name} asks about implementation: it counts no incidents.", True)
    return question


def verdict(asked: Asked) -> Page:
    """Return the verdict on a question, as the address sets its controls."""
    question = question_of(asked, asked.names["question"])
    if isinstance(question, ImplementationQuestion):
        return _implementation(asked, question)
    values = usual_values(question, asked.values)
    controls = controls_of(question, asked.world.evidence(), values)
    asking = asking_of(question, values)
    state = asked.world.state
    context: dict[str, Any] = {"q": question, "controls": controls, "asking": asking}
    context |= {"moved": [c for c in controls if c.moved], "path": asked.path, "values": values}
    context["sections"] = SECTIONS
    if asked.part == "glance":
        glance = asked.world.asker.glance(asking, state)
        context |= _glanced(asked, question, glance, values, controls)
        _foresee(asked, question, controls, values)
        return Page("verdict.html.j2", question.title, context)
    found = asked.world.asker.verdict(asking, state)
    if not isinstance(found, Verdict):
        raise QuestionError(f"{question.id} has no verdict.")
    context |= _whole(found, question, values)
    if asked.part != "rest":
        context |= _glanced(asked, question, found, values, controls)
        _foresee(asked, question, controls, values)
    return Page(
        "verdict.html.j2", question.title, context,
        data=verdict_to_dict(found), sheet=_changes(found),
        charts={name: partial(_chart, name, found) for name in _drawable(found)},
        command=command_line(found), python=python_lines(found).partition(".report(")[0],
    )  # fmt: skip


def _foresee(asked: Asked, question: Question, controls: Sequence[Control], values: Values) -> None:
    """Let what one move may lead to be computed while a person reads."""
    after = (asking_of(question, moved) for moved in next_values(controls, values))
    asked.world.asker.foresee(list(dict.fromkeys(after)), asked.world.state)


def _drawable(found: Verdict) -> list[str]:
    """Return which of a verdict's charts have anything to show."""
    there = {
        "activity": bool(activity_rows(found)),
        "forest": any(row["median"] is not None for row in forest_rows(found)),
        "onset": bool(onset_rows(found)),
    }
    return [name for name, some in there.items() if some]


def _chart(name: str, found: Verdict) -> str:
    """Return one of the report's charts of a verdict as SVG."""
    from comity.report import charts

    draw = {"activity": charts.activity_svg, "forest": charts.forest_svg, "onset": charts.onset_svg}
    return draw[name](found)


def _glanced(
    asked: Asked, question: Question, shown: Shown, values: Values,
    controls: Sequence[Control],
) -> dict[str, Any]:  # fmt: skip
    """Return what the first part of a page shows: the answer as set here, beside as declared."""
    declared = asked.world.asker.glance(Asking(question.id), asked.world.state)
    moved = [c for c in controls if c.moved]
    return {
        "g": shown,
        "headline": _headline(shown),
        "least": least_of(shown, shown.question.scope.id),
        "declared": declared,
        "declared_headline": _headline(declared),
        "declared_least": least_of(declared, declared.question.scope.id),
        "moved_words": [_moved_words(asked, c) for c in moved],
        "line": _line(asked, shown, declared, bool(moved)),
        "drawing": _drawing(question, shown, values),
        "alt": activity_alt(shown),
        "marks": marks_said(shown),
        "bars": _bars(question, shown, values),
        "cell_titles": cell_titles(shown.question.scope),
        "comparisons": COMPARISONS,
        "behind": lambda **more: drill(question, values, **more),
    }


def _headline(shown: Shown) -> Change | None:
    """Return the net change of the narrow scope under the comparison that is asked."""
    wanted = (shown.question.scope.id, shown.question.comparison, HEADLINE, "starts")
    found = (c for c in shown.change if (c.scope, c.comparison, c.estimand, c.outcome) == wanted)
    return next(found, None)


def _moved_words(asked: Asked, control: Control) -> tuple[str, str, str]:
    """Return a moved control: its name, how it stands, how it is declared."""
    words = {o.value: o.words for o in control.options}
    name = asked.world.texts(f"verdict.control_{control.name}")
    return name, words[control.chosen], words.get("", "")


def _line(asked: Asked, shown: Shown, declared: Shown, moved: bool) -> str:
    """Return the one line that says whether the answer moved, for eyes and for ears."""
    t = asked.world.texts
    if not moved:
        return t("verdict.as_declared", answer=_short(asked, declared))
    same = shown.changed.term == declared.changed.term
    key = "verdict.stays" if same else "verdict.moves"
    return t(key, now=_short(asked, shown), before=_short(asked, declared))


def _short(asked: Asked, shown: Shown) -> str:
    """Return an answer in a few words: its term, the ratio and the probability of a fall."""
    headline = _headline(shown)
    if headline is None or not headline.identified:
        return clean(shown.changed.term)
    t = asked.world.texts
    return t(
        "verdict.short", term=clean(shown.changed.term), ratio=change_ratio(headline, "–"),
        fell=change_fell(headline),
    )  # fmt: skip


def drill(question: Question, values: Values, **more: str) -> str:
    """Return the address of the incidents behind a number, under the same controls."""
    kept = {name: values[name] for name in NAMES if name in values}
    return address("/incidents", {"question": question.id, **kept, **more})


def _drawing(question: Question, shown: Shown, values: Values) -> Drawing | None:
    begun = drill(question, values)

    def behind(cell: str, period: str) -> str:
        return f"{begun}&cell={cell}&quarter={period}"

    return draw(shown, behind, incident_path)


def _bars(question: Question, shown: Shown, values: Values) -> list[tuple[Any, ...]]:
    """Return the chart's numbers: a row a period in which anything may have begun."""
    series = {s.cell: s for s in shown.activity if s.scope == shown.question.scope.id}
    if "A" not in series:
        return []
    rows, begun = [], drill(question, values)
    for k, period in enumerate(series["A"].periods):
        cells = [
            (number(s.count[k]), f"{begun}&cell={cell}&quarter={period}")
            for cell, s in sorted(series.items())
        ]
        if any(text != "0" for text, _ in cells):
            rows.append((period, cells))
    return rows


def _whole(found: Verdict, question: Question, values: Values) -> dict[str, Any]:
    """Return what the rest of the page shows."""
    level = round(100 * found.choices.level)
    return {
        "v": found,
        "level": level,
        "comparison_words": COMPARISON_WORDS[found.question.comparison],
        "side_by_side": side_by_side(found),
        "table": estimates_of(found),
        "past": reaches_past(found),
        "claimed": claimed_words(found),
        "mirror_count": len(in_scope(found.mirror)) if found.mirror else 0,
        "alts": {"forest": forest_alt(found), "onset": onset_alt(found)},
        "later": [c for c in in_scope(found) if c.when != "before"],
        "roles": ROLES, "passed": PASSED, "when": WHEN, "says": SAYS,
        "estimands": ESTIMANDS, "cell_titles": cell_titles(found.question.scope),
        "behind": lambda **more: drill(question, values, **more),
    }  # fmt: skip


def _changes(found: Verdict) -> Sheet:
    """Return every estimate as a table."""
    columns = ("scope", "comparison", "estimand", "outcome", "lists", "before", "after", "ratio",
               "lower", "upper", "level", "fell", "identified", "reason")  # fmt: skip

    def row(c: Change) -> tuple[object, ...]:
        ratio = c.ratio if c.identified else None
        ends = (ratio.median, ratio.lower, ratio.upper, ratio.level) if ratio else (None,) * 4
        fell = c.fell if c.identified else None
        return (c.scope, c.comparison, c.estimand, c.outcome, "+".join(c.lists), c.before, c.after,
                *ends, fell, c.identified, c.reason)  # fmt: skip

    return Sheet(columns, tuple(row(c) for c in found.change))


def _implementation(asked: Asked, question: ImplementationQuestion) -> Page:
    """Return the answer to a question about implementation: it has no controls."""
    _refuse_controls(question, asked.values)
    if asked.part:
        raise AddressError(f"{question.id} has no part {asked.part}.", missing=True)
    found = asked.world.asker.verdict(Asking(question.id), asked.world.state)
    if not isinstance(found, ImplementationVerdict):
        raise QuestionError(f"{question.id} has no answer on implementation.")
    answers = [(name, getattr(found, name)) for _, name in ANSWERS]
    rows = tuple(
        (t.name, t.kind, t.since.text, t.until.text if t.until else "", t.state,
         "; ".join(t.sources), str(t.status))
        for t in found.tracks
    )  # fmt: skip
    return Page(
        "implementation.html.j2", question.title,
        {"v": found, "q": question, "answers": answers, "indirect": INDIRECT},
        data=json.loads(json.dumps(implementation_to_dict(found))),
        sheet=Sheet(("what", "kind", "from", "to", "state", "sources", "status"), rows),
        command=f"comity verify {question.id}",
        python=f'comity.api_all.verify_implementation("{question.id}")',
    )  # fmt: skip


def briefing(asked: Asked) -> Download:
    """Return the verdict of an address as a briefing, in the form its path names."""
    question = question_of(asked, asked.names["question"])
    form = asked.path.rpartition(".")[2]
    given = {n: v for n, v in asked.values.items() if n != "sections"}
    sections = [s for s in asked.values.get("sections", "").split(",") if s] or None
    if isinstance(question, ImplementationQuestion):
        _refuse_controls(question, given)
        asking = Asking(question.id)
    else:
        values = usual_values(question, given)
        controls_of(question, asked.world.evidence(), values)
        asking = asking_of(question, values)
    made = compose(asked.world.asker.verdict(asking, asked.world.state), sections=sections)
    name = f"comity-{question.id}.{form}"
    if form == "html":
        page = briefing_html(made, stylesheet="/static/briefing.css")
        return Download(page.encode(), TYPES["html"], policy=BRIEFING_POLICY)
    if form == "pdf":
        return Download(briefing_pdf(made), "application/pdf", name)
    return Download(briefing_docx(made), DOCX, name)


def _refuse_controls(question: ImplementationQuestion, values: Values) -> None:
    """Raise AddressError where an address moves what a question on implementation does not have."""
    if values:
        names = ", ".join(values)
        raise AddressError(f"{question.id} is about implementation: it has no {names} to move.")


VIEWS = (
    *(
        View(f"briefing_{form}", f"/verdict/{{question}}/briefing.{form}",
             f"The verdict as a briefing ({form})", briefing,
             (*PARAMETERS, SECTIONS_ASKED),
             file=True)
        for form in ("html", "pdf", "docx")
    ),
    View("verdict", "/verdict/{question}", "The verdict on one question, with its controls",
         verdict, PARAMETERS, parts=("glance", "rest")),
)  # fmt: skip
