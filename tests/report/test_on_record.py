"""Registration, replies and the road to a confidence, on every page; text that is not obeyed."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema
import pytest
from test_html import Page

from comity.report.data import load_schema, verdict_to_json
from comity.report.html import render_html
from comity.report.terminal import render_verdict
from comity.verification.model import FieldChange, Registration, Reply, Verdict

SHA = "ab12" * 16
KEPT = Registration("unchanged", "2026-11-20T10:15:00Z", SHA, known=("dcid 2.0",), version="0.1.0")
MOVED = replace(
    KEPT, state="changed", changes=(FieldChange("window.to", "2020-12-31", "2019-12-31"),)
)
BROKEN = Registration("damaged", "", "", problem="x.lock cannot be taken for a registration.")
REPLY = Reply("reply", "China", "2026-02-01", "We kept the promise.", "https://example.org/a")
HOSTILE = Reply(
    "correction",
    "<b>P</b>\x1b[2J",
    "2026",
    "\nChanged? [rose] </li><script>alert(1)</script>\x1b]0;t\x07 \u202eabc",
    "javascript:alert(1)",
    "seen",
    True,
)


def terminal(verdict: Verdict, **more: bool) -> str:
    return render_verdict(verdict, 80, **more).plain


@pytest.mark.parametrize(
    ("registration", "line"),
    [
        (KEPT, "Registered 2026-11-20, sha256 ab12ab12ab12..., unchanged."),
        (
            MOVED,
            "Registered 2026-11-20, sha256 ab12ab12ab12..., changed since it was registered: "
            "window.to 2020-12-31 -> 2019-12-31.",
        ),
        (BROKEN, "Registration not to be trusted: x.lock cannot be taken for a registration."),
    ],
)
def test_the_registration_is_one_line_on_every_page(
    verdict: Verdict, registration: Registration, line: str
) -> None:
    one = replace(verdict, registration=registration)
    assert line in " ".join(terminal(one).split())
    assert line in Page(render_html(one)).text
    data = json.loads(verdict_to_json(one))
    assert data["registration"]["state"] == registration.state
    assert f"{data['registration']['sentence']}." == line
    jsonschema.validate(data, load_schema())


def test_a_question_nobody_registered_has_no_line(verdict: Verdict) -> None:
    assert "Registered" not in terminal(verdict)
    assert json.loads(verdict_to_json(verdict))["registration"] is None


def test_a_reply_is_printed_with_its_party_date_and_source(verdict: Verdict) -> None:
    one = replace(verdict, replies=(REPLY,))
    text = " ".join(terminal(one).split())
    assert "Reply of China, 2026-02-01: We kept the promise. (https://example.org/a)" in text
    page = Page(render_html(one))
    assert "Reply of China, 2026-02-01: We kept the promise. example.org" in page.text
    assert "https://example.org/a" in page.attributes("a", "href")
    (data,) = json.loads(verdict_to_json(one))["replies"]
    assert (data["party"], data["text"], data["outdated"]) == ("China", REPLY.text, False)


def test_a_hostile_reply_is_text_and_cannot_pass_for_an_answer(verdict: Verdict) -> None:
    one = replace(verdict, replies=(HOSTILE,))
    text = terminal(one)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(re.findall(r"^Changed\?", text, re.MULTILINE)) == 1
    html = render_html(one)
    page = Page(html)
    assert page.open == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [a for a in page.attributes("a", "href") if "javascript" in a]
    assert "javascript:alert(1)" in page.text
    assert "to the question as it stood before a change" in page.text
    data = json.loads(verdict_to_json(one))
    jsonschema.validate(data, load_schema())
    assert data["replies"][0]["text"] == HOSTILE.text  # data: not altered


def test_hostile_registrations_are_text_too(verdict: Verdict) -> None:
    change = FieldChange("\x1b[31mwindow", "<script>x</script>", "\nKept? [yes]")
    one = replace(verdict, registration=replace(MOVED, changes=(change,), sha256="<b>" * 9))
    text = terminal(one)
    assert "\x1b" not in text
    assert len(re.findall(r"^Kept\?", text, re.MULTILINE)) == 1
    assert "script" not in {tag for tag, _ in Page(render_html(one)).tags}


def test_how_the_confidence_was_reached_is_shown_check_by_check(verdict: Verdict) -> None:
    rule = "moderate: one or two checks failed. Here 1 of 2 checks failed, 1 list speaks."
    one = replace(verdict, confidence=replace(verdict.confidence, rule=rule))
    text = " ".join(terminal(one, checks=True).split())
    page = Page(render_html(one)).text
    for shown in (text, page):
        assert "How this confidence was reached" in shown
        assert rule in shown
    for check in one.checks:
        word = {True: "passed", False: "not passed", None: "for information"}[check.passed]
        assert f"- {word}: {check.name}: {check.detail}" in text
        assert f"{word} {check.name}: {check.detail}" in page
    assert "How this confidence was reached" not in terminal(one)
    assert json.loads(verdict_to_json(one))["verdict"]["confidence"]["rule"] == rule
    assert max(map(len, terminal(one, checks=True).splitlines())) <= 80
