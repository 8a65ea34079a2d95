"""Whatever is asked of a view, its foot names a command, and the command gives the same."""

from __future__ import annotations

import csv
import io
import re
import shlex
from html import unescape

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from comity.cli import app
from comity.web.page import View
from comity.web.pages import VIEWS
from comity.web.parameters import Parameter, address

NAMES = {
    "question": "us-china-2015", "agreement": "us-china-2015", "norm": "commercial-theft",
    "whose": "us-china", "definer": "RU", "key": "dcid:117", "list": "dcid",
    "table": "instruments", "name": "us-china-2015",
}  # fmt: skip
VALUES = {
    "as_of": "2017-06-30", "party": "CN", "text": "theft", "q": "opm", "term": "cyberspace",
    "who": "US,China", "state": "BR", "promise": "us-china-2015", "initiator": "CN",
    "receiver": "US", "question": "us-china-2015", "list": "dcid", "from": "2012", "to": "2019",
    "norm": "commercial-theft", "family": "GGE", "definition": "x-sco-2009-information-war",
    "scope": "whole-dyad",
    "quarter": "2014-Q2", "a": "us-china-2015", "b": "uk-china-2015", "page": "1",
    "beside": "incidents-at-sea",
}  # fmt: skip
WORDS = ("method", "examined")  # pages of words: what a verdict is, what may be objected to it
NOT_ALONE = {"verdict", "examined"}  # controls are tried with the verdict's own tests


def value_of(view: View, one: Parameter) -> str:
    """Return a value of a parameter that asks for something."""
    if view.name == "definitions-compare" and one.name in "abc":
        return {"a": "US", "b": "CN", "c": "RU"}[one.name]
    if one.kind == "choice":
        return next(v for v in one.allowed if v != one.default)
    return "1" if one.kind == "flag" else VALUES.get(one.name, "")


def addresses() -> list[str]:
    """Return every view alone and with each of its parameters."""
    found = []
    for view in VIEWS:
        if view.file or view.name in WORDS:
            continue
        path = re.sub(r"\{(\w+)(:path)?\}", lambda m: NAMES.get(m[1], "us-china-2015"), view.path)
        found.append(path)
        for one in () if view.name in NOT_ALONE else view.parameters:
            drill = {"question": "us-china-2015"} if one.name in DRILLS else {}
            if view.name == "incidents" and one.name == "claimed":
                drill = {}
            if value := value_of(view, one):
                found.append(address(path, drill, **{one.name: value}))
    return found


DRILLS = ("cell", "quarter", "when", "scope", "definition", "comparison", "period", "year_dates",
          "month_dates")  # fmt: skip


def command_of(client: TestClient, where: str) -> list[str]:
    """Return the lines of the command a page names."""
    answer = client.get(where)
    assert answer.status_code == 200, (where, answer.text[-600:])
    found = re.search(r"<code>(comity [^<]*)</code>", answer.text)
    assert found is not None, where
    return unescape(found[1]).splitlines()


@pytest.mark.parametrize("where", [a for a in addresses() if a != "/incidents?as_of=2017-06-30"])
def test_every_view_names_a_command_that_the_program_has(client: TestClient, where: str) -> None:
    for line in command_of(client, where):
        words = shlex.split(line)[1:]
        if words[0] == "process" and (len(words) == 1 or words[1].startswith("-")):
            words.insert(1, "tracks")  # may be left out
        asked = [w for w in words if not w.startswith("-")]
        first = next(k for k in range(len(words) + 1) if k == len(words) or words[k][0] == "-")
        helped = CliRunner().invoke(app, [*words[:first], "--help"])
        assert helped.exit_code == 0, (line, helped.output)
        assert asked
        for option in (w for w in words if w.startswith("--")):
            assert option in helped.output, line


@pytest.mark.parametrize(
    "where",
    [
        "/talks/implementation?kind=contact-point", "/talks/enforcement?promise=us-china-2015",
        "/votes?side=right", "/votes?side=left&state=BR,US", "/spread?as_of=2016-12-31",
        "/agreements?standing=binding%20treaty", "/norms?category=norms",
        "/incidents?question=us-china-2015&cell=A&quarter=2014-Q2",
        "/incidents?question=us-china-2015&cell=A&when=after&period=half-year",
    ],
)  # fmt: skip
def test_the_command_prints_the_table_of_the_page(client: TestClient, where: str) -> None:
    path, _, query = where.partition("?")
    shown = client.get(f"{path}.csv?{query}").content.decode("utf-8-sig")
    line = command_of(client, where)[0]
    printed = CliRunner().invoke(app, [*shlex.split(line)[1:], "--csv"])
    assert printed.exit_code == 0, printed.output
    rows = [list(csv.reader(io.StringIO(text))) for text in (shown, printed.stdout)]
    assert len(rows[0]) > 1
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("process", "--standing", "asleep"), "open, silent, suspended, ended"),
        (("process", "implementation", "--kind", "x"), "contact-point"),
        (("process", "enforcement", "--promise", "x"), "us-china-2015"),
        (("votes", "--side", "up"), "left, between, right"),
        (("evidence", "behind", "us-china-2015", "--cell", "E"), "A, B, C, D"),
        (("evidence", "behind", "us-china-2015", "--quarter", "1901-Q1"), "There is no period"),
    ],
)
def test_an_option_that_means_nothing_is_told_what_there_is(
    words: tuple[str, ...], says: str
) -> None:
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code != 0
    assert says in str(refused.exception)


def test_what_is_printed_as_lines_is_what_was_asked() -> None:
    def said(*words: str) -> str:
        return " ".join(CliRunner().invoke(app, words).output.split())

    assert "1 track of talks" in said(
        "process", "us-china", "--as-of", "2015-01-01", "--standing", "suspended"
    )
    assert "None of these states stands right" in said("votes", "US", "--side", "right")
    behind = said("evidence", "behind", "us-china-2015", "--quarter", "2014-Q2")
    assert "us-china-2015, narrow, cell A 2014-Q2:" in behind
    assert "As of 2014-12-31" in said("spread", "norms", "--as-of", "2014")
