"""A verdict's page: what it says is the verdict's, what is moved is said, every number opens."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

import comity
from comity.incidents.load import load_evidence
from comity.verification.question import load_question
from comity.web.controls import NAMES, asking_of, controls_of, usual_values

QUESTION = "/verdict/us-china-2015"


def text_of(html: str) -> str:
    """Return the words of a page, tags and white space folded."""
    inside = re.sub(r"</?(?:span|strong|a)\b[^>]*>", "", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", inside)))


@pytest.fixture(scope="module")
def page(client: TestClient) -> str:
    answer = client.get(QUESTION)
    assert answer.status_code == 200
    return answer.text


def test_the_page_says_what_the_verdict_says(client: TestClient, page: str) -> None:
    verdict = comity.verify("us-china-2015")
    words = text_of(page)
    for answer in (verdict.changed, verdict.kept, verdict.because):
        assert answer.sentence in words
    for caveat in verdict.caveats:
        assert re.sub(r"\s+", " ", caveat) in words
    for claim in verdict.claims:
        assert claim.what in words
    assert client.get(f"{QUESTION}.json").json()["verdict"]["changed"]["term"] == (
        verdict.changed.term
    )


def test_as_declared_nothing_is_moved(page: str) -> None:
    assert "As declared: no change established" in page
    assert 'class="field moved"' not in page


def test_what_is_moved_is_said_beside_what_was_declared(client: TestClient) -> None:
    words = text_of(client.get(f"{QUESTION}?comparison=target-alone").text)
    alone = comity.verify("us-china-2015").change_of("narrow", "target-alone")
    assert alone is not None
    assert "The answer stays: no change established" in words
    assert "As declared: no change established, net change 0.44" in words
    assert "Compared with: target alone (declared: four cells)" in words
    assert "Asked otherwise than declared" in words


def test_asking_for_what_is_declared_anyway_moves_nothing() -> None:
    question = load_question("us-china-2015")
    said = {"comparison": "four-cells", "from": "2006", "to": "2020", "scope": "narrow"}
    assert usual_values(question, said) == {}
    assert asking_of(question, {}) == asking_of(question, usual_values(question, said))


def test_a_question_has_every_control_an_address_knows() -> None:
    controls = controls_of(load_question("us-china-2015"), load_evidence(), {})
    assert tuple(c.name for c in controls) == NAMES
    days = next(c for c in controls if c.name == "as_of")
    values = [o.value for o in days.options]
    assert values == [*sorted(values[:-1]), ""]
    assert values[0] == "2015-09-30"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("scope=narrowest", "scope"),
        ("comparison=everyone", "there is four-cells"),
        ("from=1066", "from 1980 to 2100"),
        ("from=2015", "from="),
        ("as_of=2015-13-01", "a day that exists"),
        ("list=none", "list="),
        ("definition=nobody", "definition="),
        ("period=century", "quarter"),
    ],
)
def test_a_control_set_to_nonsense_is_refused_with_what_there_is(
    client: TestClient, query: str, says: str
) -> None:
    answer = client.get(f"{QUESTION}?{query}")
    assert answer.status_code == 400
    assert says in text_of(answer.text)


def test_a_link_that_names_the_only_list_there_is_is_answered(client: TestClient) -> None:
    named = client.get(f"{QUESTION}.json?list=dcid").json()
    assert named["change"] == client.get(f"{QUESTION}.json").json()["change"]


def test_a_question_that_does_not_ship_is_not_found(client: TestClient) -> None:
    answer = client.get("/verdict/..%2f..%2fetc%2fpasswd")
    assert answer.status_code == 404
    assert client.get("/verdict/mine.toml").status_code == 404
    assert "us-china-2015" in client.get("/verdict/nothing").text


def test_every_bar_opens_as_many_incidents_as_it_counts(client: TestClient, page: str) -> None:
    bars = re.findall(r'<a href="([^"]*cell=A[^"]*)" aria-label="([^"]*)"', page)
    assert len(bars) >= 10
    for address, words in bars[:4]:
        shown = client.get(unescape(address))
        assert shown.status_code == 200
        assert "http" in shown.text
        counted = re.search(r": ([\d.]+) incident", words)
        assert counted is not None
        assert text_of(shown.text).count("dcid:") >= max(1, round(float(counted.group(1)) - 0.5))


def test_no_period_is_drawn_higher_than_its_panel(page: str) -> None:
    for top, height in re.findall(r'class="sharp"[^>]*y="([\d.-]+)"[^>]*height="([\d.-]+)"', page):
        assert float(top) >= 0
        assert float(height) >= 0


def test_a_part_of_the_page_is_what_stands_in_the_page(client: TestClient, page: str) -> None:
    for part in ("glance", "rest"):
        fragment = client.get(f"{QUESTION}?part={part}").text
        assert "<html" not in fragment
        assert fragment.strip()[:400] in page


def test_a_question_on_implementation_has_no_controls(client: TestClient) -> None:
    page = client.get("/verdict/osce-cbm-2013")
    assert page.status_code == 200
    assert "form" not in re.findall(r"<(\w+)", page.text)
    refused = client.get("/verdict/osce-cbm-2013?comparison=target-alone")
    assert refused.status_code == 400
    assert "it has no comparison to move" in unescape(refused.text)
    assert client.get("/verdict/osce-cbm-2013.json").json()["kind"] == "implementation"


def test_any_view_can_be_carried_as_a_briefing(client: TestClient) -> None:
    answer = client.get(f"{QUESTION}/briefing.pdf?comparison=target-alone")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith('"comity-us-china-2015.pdf"')
    words = re.sub(r"\s+", " ", PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())
    assert "target alone" in words
    page = client.get(f"{QUESTION}/briefing.html")
    assert "script" not in page.headers["content-security-policy"]
    assert client.get(f"{QUESTION}/briefing.docx").content[:2] == b"PK"
    assert client.get(f"{QUESTION}/briefing.pdf?sections=nonsense").status_code == 400
    few = client.get(f"{QUESTION}/briefing.html?sections=answers&sections=sources").text
    assert few == client.get(f"{QUESTION}/briefing.html?sections=answers,sources").text
    assert len(few) < len(page.text)


def test_the_foot_names_the_command_and_the_python_that_give_the_view(client: TestClient) -> None:
    words = text_of(client.get(f"{QUESTION}?comparison=target-alone&as_of=2018-06-30").text)
    assert "comity verify us-china-2015 --as-of 2018-06-30 --comparison target-alone" in words
    assert "comity.verify('us-china-2015'" in words


def test_each_form_of_a_verdict_has_its_kind(client: TestClient) -> None:
    rows = client.get(f"{QUESTION}.csv").text.lstrip("\ufeff").splitlines()
    assert rows[0].startswith("scope,comparison,estimand")
    assert client.get(f"{QUESTION}.svg?chart=forest").text.lstrip().startswith("<svg")
    assert client.get(f"{QUESTION}.png").content[:4] == b"\x89PNG"
    assert "There is: activity, forest, onset" in client.get(f"{QUESTION}.svg?chart=x").text


def test_home_lists_every_question_with_its_answers(client: TestClient) -> None:
    words = text_of(client.get("/").text)
    assert "breach claimed by 2 independent parties" in words
    assert "What changed since the last release" in words


def test_home_counts_the_answers_and_names_their_questions(client: TestClient) -> None:
    page = client.get("/").text
    record = client.get("/index.json").json()
    assert record == client.get("/verdicts.json").json()
    asked = [row["changed"] for row in record["rows"] if row["changed"] != "not asked"]
    known = [word for word in asked if word != "not identified"]
    assert f"{len(known)} of {len(asked)} questions about conduct can be answered" in page
    assert f"for the other {len(asked) - len(known)}, this evidence cannot say" in page
    part = page[page.index("can be answered") : page.index("<table")]
    assert len(re.findall(r'href="/verdict/', part)) == len(known)
    groups = re.findall(r'scope="rowgroup".*?href="/agreement/([^"]+)"', page)
    assert len(groups) == len(set(groups)), "an agreement stands once"
    assert "us-china-2015" in groups
