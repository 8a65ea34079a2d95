"""Cross-examination: what a critic would say of a verdict, and what is found when one looks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from comity.api import Verdict
from comity.report.data import verdict_to_dict
from comity.report.examination_tables import ATTACKS, TABLES, notes_of, spoken
from comity.report.html import SAYS, WHEN
from comity.report.text import PASSED, command_line
from comity.verification.examine.asked import FINDINGS
from comity.verification.examine.model import Robustness
from comity.web.controls import PARAMETERS, asking_of, usual_values
from comity.web.curve import beyond_controls, controls_for, declared_of, draw_curve, titles
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.verdict import conduct_question
from comity.web.parameters import Parameter, address

EXAMINED = (
    *PARAMETERS,
    Parameter("finding", "what to look into", "choice", FINDINGS),
    Parameter("point", "one analysis of the robustness curve, by its number", "whole"),
)


def examined(asked: Asked) -> Page:
    """Return what can be looked into, or one finding; a finding takes seconds, so the page says
    that it is under way and is asked again."""
    question = conduct_question(asked, asked.names["question"])
    values = usual_values(question, asked.values)
    finding = values.get("finding", "")
    controls = {n: v for n, v in values.items() if n not in ("finding", "point")}
    back = address(f"/verdict/{question.id}", controls)
    context: dict[str, Any] = {
        "q": question, "attacks": ATTACKS, "finding": finding, "back": back, "found": None,
        "examine_address": lambda name: address(asked.path, controls, finding=name),
        "part_address": address(asked.path, values, part="finding"),
    }  # fmt: skip
    title = f"{ATTACKS[finding]}" if finding else asked.world.texts("examined.title")
    if not finding:
        attacks = tuple((name, words) for name, words in ATTACKS.items())
        return Page("examined.html.j2", title, context, data=dict(ATTACKS),
                    sheet=Sheet(("finding", "objection"), attacks))  # fmt: skip
    asking = replace(asking_of(question, values), examine=(finding,))
    verdict = asked.world.asker.examined_if_ready(asking, asked.world.state)
    if verdict is None:
        return Page("examined.html.j2", title, context, settled=False)
    from comity.report.examination_charts import CHARTS

    found = getattr(verdict.examination, finding)
    context |= _found(asked, verdict, finding, values)
    rows = TABLES[finding](found)[0]
    draw = CHARTS.get(finding)
    return Page(
        "examined.html.j2", title, context,
        data=verdict_to_dict(verdict)["examination"],
        sheet=Sheet(tuple(rows[0]), tuple(tuple(r) for r in rows[1:])),
        charts={finding: partial(draw, found)} if draw else {},
        command=f"{command_line(verdict)} --examine {finding}",
        python=f'comity.verify("{question.id}", examine=("{finding}",)).examination.{finding}',
    )  # fmt: skip


def _found(asked: Asked, verdict: Verdict, name: str, values: Any) -> dict[str, Any]:
    """Return what the page shows of a finding."""
    from comity.report.examination_charts import CHARTS

    found = getattr(verdict.examination, name)
    shown: dict[str, Any] = {
        "v": verdict, "found": found, "rows": TABLES[name](found)[0], "notes": notes_of(found),
        "claims": spoken(found) if name == "replay" else (),
        "facts": found.items if name == "next_evidence" else (),
        "record": found.incidents if name == "record" else (),
        "passed": PASSED, "says": SAYS, "when": WHEN, "curve": None, "point": None,
        "has_chart": name in CHARTS and name != "robustness",
    }  # fmt: skip
    if isinstance(found, Robustness):
        shown |= _curve(asked, verdict, found, values)
    return shown


def _curve(asked: Asked, verdict: Verdict, found: Robustness, values: Any) -> dict[str, Any]:
    """Return the curve and, where one is asked for, the analysis behind a point."""
    question = conduct_question(asked, verdict.question.id)

    def opened(number: int) -> str:
        return address(asked.path, values, point=str(number)) + "#point"

    shown: dict[str, Any] = {"curve": draw_curve(found, opened)}
    number = values.get("point")
    one = next((s for s in found.specifications if str(s.number) == number), None)
    if one is not None:
        own, named = declared_of(found), titles(found)
        choices = [
            (named.get(a, (a, {}))[0], named.get(a, (a, {}))[1].get(o, o), own.get(a) != o)
            for a, o in one.options
        ]
        lists = len(asked.world.evidence().releases)
        shown |= {
            "point": one, "choices": choices, "beyond": beyond_controls(one, found),
            "opens": address(f"/verdict/{question.id}", controls_for(one, question, lists)),
        }  # fmt: skip
    return shown


VIEWS = (
    View("examined", "/verdict/{question}/examined", "A verdict cross-examined", examined,
         EXAMINED, parts=("finding",), site=False),
)  # fmt: skip
