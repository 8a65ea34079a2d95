"""A question asked otherwise than it declares: what turns, what is said, what is refused."""

import datetime as dt
import json
import random
from dataclasses import replace

import jsonschema
import pytest
from made import evidence, incident, question
from typer.testing import CliRunner

import comity
from comity.cli import app
from comity.errors import QuestionError
from comity.history.canonical import question_sha256
from comity.history.entries import entry_of
from comity.history.locks import lock_question, registration_of
from comity.incidents.load import load_evidence
from comity.report.data import load_schema
from comity.report.html import python_lines, render_html
from comity.report.terminal import render_verdict
from comity.report.text import command_line
from comity.verification.model import Choices, Scope
from comity.verification.otherwise import Otherwise, asked_otherwise, departures
from comity.verification.question import load_question
from comity.verification.verdict import judge

WIDE = Scope("wide", "espionage", "variant", ("CN",), ("US",), ("espionage",))
UNCOVERED = Scope(
    "uncovered", "espionage against government", "control", ("CN",), ("US",), ("espionage",),
    ("government",),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def shipped():
    return load_evidence(("dcid",))


def asked(**more):
    return question(variants=(WIDE,), controls=(UNCOVERED,), **more)


def made():
    """Thirteen of government: 10 before the agreement (25 September 2015), 3 after; private 6, 6;
    and one in each other cell a year."""
    rows = [incident(n, "A", f"{2006 + n % 9}-0{1 + n % 6}-10", target="government")
            for n in range(10)]  # fmt: skip
    rows += [incident(20 + n, "A", f"{2016 + n}-05-10", target="government") for n in range(3)]
    rows += [incident(30 + n, "A", f"{2009 + n}-05-10") for n in range(6)]
    rows += [incident(40 + n, "A", f"{2015 + n}-11-10") for n in range(6)]
    dice = random.Random(1)
    for k, cell in enumerate("BCD"):
        for year in range(2006, 2021):
            kind = dice.choice(("government", "private"))
            rows.append(incident(100 * (k + 1) + year, cell, f"{year}-03-05", target=kind))
    return evidence(rows)


def test_another_scope_becomes_the_narrow_one_and_the_old_one_a_variant():
    turned = asked_otherwise(asked(), Otherwise(scope="uncovered"))
    assert [(s.id, s.role) for s in turned.scopes] == [
        ("uncovered", "narrow"), ("narrow", "variant"), ("wide", "variant"),
    ]  # fmt: skip
    assert turned.declared == asked()
    assert turned.declared_scope.id == "narrow"


def test_what_is_asked_as_declared_changes_nothing():
    same = Otherwise("narrow", "four-cells", dt.date(2006, 1, 1), dt.date(2020, 12, 31), 3)
    assert asked_otherwise(asked(), same) == asked()
    assert asked_otherwise(asked(), same).declared is None
    assert departures(asked(), 3) == ()


def test_a_question_is_turned_anew_from_what_it_declared():
    once = asked_otherwise(asked(), Otherwise(scope="wide", comparison="target-alone"))
    again = asked_otherwise(once, Otherwise(scope="uncovered"))
    assert again == asked_otherwise(asked(), Otherwise(scope="uncovered"))
    assert asked_otherwise(once, Otherwise()) == asked()


def test_a_control_is_counted_as_the_headline_and_never_called_promised():
    turned = asked_otherwise(asked(norm="commercial-theft"), Otherwise(scope="uncovered"))
    verdict = judge(turned, made(), choices=Choices(otherwise=Otherwise(scope="uncovered")))
    headline = verdict.change_of("uncovered")
    assert (headline.before, headline.after) == (10, 3)  # as made() says
    assert verdict.changed.sentence.count("espionage against government (China to") == 1
    assert verdict.kept.term == "not what was promised"
    assert "which it does not cover: 3 records of it" in verdict.kept.sentence
    assert verdict.because.term == "cannot be separated"
    assert "which the promise does not cover" in verdict.because.sentence
    assert verdict.caveats[0] == (
        "Asked otherwise than declared: scope espionage against government, which the promise does "
        "not cover (declared: espionage against private targets)."
    )
    page = render_verdict(verdict).plain
    assert "asked: not covered" in page
    assert "narrow scope" in page  # the declared one, now beside it


def test_of_a_wider_reading_kept_says_what_was_promised():
    turned = asked_otherwise(asked(), Otherwise(scope="wide"))
    verdict = judge(turned, made(), choices=Choices(otherwise=Otherwise(scope="wide")))
    assert verdict.kept.sentence.startswith(
        "9 incidents of espionage (a wider reading than what was promised; promised: espionage "
        "against private targets) began after"
    )


def test_a_wider_reading_is_never_consistent_with_the_agreement():
    asked_of = asked_otherwise(asked(), Otherwise(scope="wide"))
    verdict = judge(asked_of, made())
    assert "it is asked of espionage, a wider reading" in verdict.because.sentence


def test_another_comparison_is_the_headlines_and_what_was_assumed_is_of_the_declared_one():
    asked_of = asked_otherwise(
        asked(assumes="a thing"), Otherwise(comparison="initiator-elsewhere")
    )
    verdict = judge(asked_of, made())
    assert verdict.change_of("narrow").comparison == "initiator-elsewhere"
    assert verdict.caveats[0].endswith("comparison initiator elsewhere (declared: four cells).")
    assert "Assumed of the declared comparison: a thing." in verdict.caveats
    assert "declared comparison" not in verdict.changed.sentence


def test_another_window_counts_only_what_began_in_it():
    first, last = dt.date(2011, 1, 1), dt.date(2018, 12, 31)
    asked_of = asked_otherwise(asked(), Otherwise(window_from=first, window_to=last))
    headline = judge(asked_of, made()).change_of("narrow")
    # private: May of 2011 to 2014 before; November of 2015 to 2018 after
    assert (headline.before, headline.after) == (4, 4)
    assert headline.years == (4.75, 3.25)


def test_half_years_are_periods_and_every_page_says_so():
    otherwise = Otherwise(months=6)
    verdict = judge(asked(), made(), choices=Choices(otherwise=otherwise))
    assert verdict.activity[0].periods[:3] == ("2006-H1", "2006-H2", "2007-H1")
    assert len(verdict.activity[0].periods) == 30
    assert verdict.caveats[0] == (
        "Asked otherwise than declared: period half-year (declared: quarter)."
    )
    page = comity.Verdict(**{f: getattr(verdict, f) for f in verdict.__dataclass_fields__})
    assert "Reported incidents by half-year" in render_html(page)
    assert "dated to a half-year" in render_verdict(verdict).plain


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        (Otherwise(scope="nope"), "has no scope 'nope'. It has: narrow, wide, uncovered"),
        (Otherwise(comparison="none"), "no comparison 'none'. There are: four-cells, init"),
        (Otherwise(months=1), "1 months is not offered: choose 3 .quarter. or 6 .half-year."),
        (Otherwise(months=12), "half a year"),
        (Otherwise(window_from=dt.date(2015, 9, 25)), "leaves out the agreement of 2015-09-25"),
        (Otherwise(window_to=dt.date(2015, 9, 24)), "end on that day or later"),
        (Otherwise(window_from=dt.date(1, 1, 1)), "too long: at most 40 years"),
        (Otherwise(window_to=dt.date(9999, 1, 1)), "too long: at most 40 years"),
    ],
)
def test_what_cannot_be_asked_is_named_with_what_can(otherwise, said):
    with pytest.raises(QuestionError, match=said):
        asked_otherwise(asked(), otherwise)


def test_a_definition_of_the_register_can_be_the_scope(shipped):
    name = "by-x-sco-2009-information-security"
    verdict = comity.verify(
        "us-china-2015", shipped, definition="sco-2009", otherwise=Otherwise(scope=name),
        mirror=False,
    )  # fmt: skip
    beside = comity.verify("us-china-2015", shipped, definition="sco-2009", mirror=False)
    ours, theirs = verdict.change_of(name), beside.change_of(name)
    assert (ours.before, ours.after) == (theirs.before, theirs.after)
    assert "as one side defines the subject; promised: espionage against" in verdict.kept.sentence
    assert command_line(verdict) == (
        f"comity verify us-china-2015 --scope {name} --definition {name[3:]}"
    )
    own = comity.verify(
        "us-china-2015", shipped, otherwise=Otherwise(scope="as-china-defines-it"), mirror=False
    )
    assert own.question.scope.objective == verdict.question.scope.objective
    assert [d.id for d in own.question.definitions] == ["as-the-united-states-define-it"]


def test_the_mirror_turns_alike_and_says_where_it_cannot(shipped):
    otherwise = Otherwise(scope="as-china-defines-it", comparison="target-alone")
    verdict = comity.verify("us-china-2015", shipped, otherwise=otherwise)
    assert verdict.mirror.question.comparison == "target-alone"
    assert verdict.mirror.question.scope.id == "narrow"
    assert "in the other direction has no scope 'as-china-defines-it'" in verdict.caveats[1]
    both = comity.verify("us-china-2015", shipped, otherwise=Otherwise(scope="whole-dyad"))
    assert both.mirror.question.scope.id == "whole-dyad"
    assert both.mirror.caveats[0].startswith("Asked otherwise than declared: scope everything")


def test_a_verdict_asked_otherwise_is_given_again_by_its_own_command_python_and_json(shipped):
    otherwise = Otherwise("espionage", "target-alone", dt.date(2008, 1, 1), None, 6)
    verdict = comity.verify("us-china-2015", shipped, otherwise=otherwise, mirror=False)
    given = command_line(verdict).removeprefix("comity ")
    assert given == (
        "verify us-china-2015 --scope espionage --comparison target-alone --from 2008-01-01 "
        "--period half-year"
    )
    data = json.loads(verdict.to_json())
    jsonschema.validate(data, load_schema())
    printed = CliRunner().invoke(app, [*given.split(), "--list", "dcid", "--json", "--no-history"])
    again = json.loads(printed.stdout)
    assert again["change"] == data["change"]
    assert again["choices"]["otherwise"] == data["choices"]["otherwise"]
    assert data["choices"]["otherwise"]["changes"][1] == {
        "field": "comparison", "before": "four cells", "after": "target alone",
    }  # fmt: skip
    code = python_lines(verdict).partition(".report(")[0]
    once = eval(code, {"comity": comity, "datetime": dt})  # what a reader would paste
    assert once.change == verdict.change


def test_the_history_keeps_the_question_as_declared_and_the_choice(shipped):
    declared = load_question("us-china-2015")
    verdict = comity.verify(
        declared, shipped, otherwise=Otherwise(comparison="target-alone"), mirror=False
    )
    entry = entry_of(verdict, shipped)
    assert entry.question_sha256 == question_sha256(declared)
    assert entry.choices["otherwise"] == {"comparison": "target-alone"}


def test_a_registered_question_names_what_is_asked_otherwise(tmp_path, shipped):
    declared = replace(load_question("us-china-2015"), path="")
    lock_question(declared, shipped, home=tmp_path)
    choices = Choices(otherwise=Otherwise(comparison="target-alone"))
    found = registration_of(declared, choices, home=tmp_path)
    assert found.state == "unchanged"
    assert [(c.field, c.after) for c in found.asked] == [("otherwise.comparison", "target-alone")]


def test_options_that_say_nothing_are_refused():
    for options, said in (
        (["--from", "nonsense"], "nonsense"),
        (["--period", "year"], "--period is quarter or half-year, not 'year'"),
        (["--scope", "nope"], "has no scope 'nope'"),
    ):
        result = CliRunner().invoke(app, ["verify", "us-china-2015", *options])
        assert result.exit_code != 0
        assert said in str(result.exception)
