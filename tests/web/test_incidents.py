"""Incidents in the browser: found, behind a number, one by one, whatever their key holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from comity.web.keys import MARK, MOST_KEY, digest_of, incident_path, key_of

NUMBER = "/incidents?question=us-china-2015&cell=A&quarter=2014-Q2"


def test_every_incident_is_there_a_hundred_a_page(client: TestClient) -> None:
    page = client.get("/incidents").text
    assert page.count('<th scope="row">') == 100
    assert "423 of 423 incidents" in page
    assert 'href="/incidents?page=2"' in page
    rows = client.get("/incidents.json").json()["rows"]
    assert len(rows) == 423
    assert len(client.get("/incidents.csv").text.splitlines()) == 424
    last = client.get("/incidents?page=5").text
    assert last.count('<th scope="row">') == 23
    assert client.get("/incidents?page=6").status_code == 404


def test_words_and_facets_stand_in_the_address_and_in_the_form(client: TestClient) -> None:
    address = "/incidents?q=opm&initiator=CN&imprecise=day&from=2014&to=2015"
    page = client.get(address).text
    assert "OPM Hack" in page
    assert 'value="opm"' in page
    assert '<option value="CN" selected>China</option>' in page
    assert "comity evidence find opm --initiator CN --from 2014 --to 2015 --imprecise day" in page
    rows = client.get(address.replace("?", ".json?")).json()["rows"]
    assert {"dcid:117"} <= {r["key"] for r in rows}
    assert all(r["start_earliest"] == r["start_latest"] for r in rows)


def test_a_start_that_is_read_as_a_year_says_so_beside_what_was_published(
    client: TestClient,
) -> None:
    page = client.get("/incidents?q=cloudhopper").text
    assert "2014-01-01" in page
    assert "read as 2014-01-01 to 2014-12-31" in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("list=nothing", "There are: dcid"),
        ("initiator=CN&question=us-china-2015", "does not go with a question"),
        ("cell=A", "goes with a question"),
        ("from=2015&to=2012", "reversed"),
        ("imprecise=week", "there is day, month"),
        ("question=us-china-2015&quarter=1999-Q1", "There is no period"),
        ("question=us-china-2015&cell=E", "there is A, B, C, D"),
    ],
)
def test_what_cannot_be_asked_says_what_can(client: TestClient, query: str, says: str) -> None:
    answer = client.get(f"/incidents?{query}")
    assert answer.status_code == 400
    assert says in answer.text


def test_no_question_names_a_file(client: TestClient) -> None:
    for name in ("nothing", "../questions/us-china-2015.toml", "/etc/passwd"):
        answer = client.get("/incidents", params={"question": name})
        assert answer.status_code == 404
        assert "There are:" in answer.text


def test_behind_a_bar_stand_its_incidents_with_their_shares_and_the_way_back(
    client: TestClient,
) -> None:
    page = client.get(NUMBER).text
    assert "China to the United States, 2014-Q2. The bar is 1.2 high" in page
    assert "Premera Blue Cross Breach" in page
    assert "of 4 periods" in page  # CloudHopper: 2014-01-01, read as the year
    assert 'href="/verdict/us-china-2015"' in page
    found = client.get(NUMBER.replace("?", ".json?")).json()
    assert found["total"] == pytest.approx(sum(r["share"] for r in found["rows"]), abs=1e-5)


def test_the_way_back_keeps_the_controls_and_they_are_said(client: TestClient) -> None:
    page = client.get(f"{NUMBER}&year_dates=exact").text
    assert 'href="/verdict/us-china-2015?year_dates=exact"' in page
    assert "that very day" in page
    assert "CloudHopper" not in page  # a day now: it stands in 2014-Q1 alone


def test_a_number_of_a_union_shows_the_union(client: TestClient) -> None:
    answer = client.get("/incidents?question=us-china-2015&when=after")
    assert answer.status_code == 200
    assert "began after 2015-09-25" in answer.text


def test_one_incident_shows_its_fields_claims_and_what_was_added(client: TestClient) -> None:
    page = client.get("/incidents/dcid:117").text
    for words in ("OPM Hack", "2014-03-15", "US Director of National Intelligence", "CC0-1.0",
                  "What we added beside the list", "have not been linked"):  # fmt: skip
        assert words in page
    data = client.get("/incidents/dcid:117.json").json()
    assert data["key"] == "dcid:117"
    assert data["may_be_passed_on"] is True
    assert data["known_beside"]["status"] == "seen"


def test_an_incident_that_is_not_there_is_not_found_with_what_ids_look_like(
    client: TestClient,
) -> None:
    answer = client.get("/incidents/dcid:nothing")
    assert answer.status_code == 404
    assert "Ids of dcid look like" in answer.text
    assert client.get("/incidents/no-colon").status_code == 404
    assert client.get("/incidents/theirs:1").status_code == 404


def test_every_link_of_a_page_of_incidents_answers(client: TestClient) -> None:
    page = client.get("/incidents?q=opm").text
    for link in set(re.findall(r'href="(/incidents[^"]*)"', page)):
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


@settings(deadline=None)
@given(
    st.text(min_size=1, max_size=30), st.sampled_from(["", ".json", ".csv", ".svg", "~", "?x#y"])
)
def test_a_key_comes_back_from_its_address(ident: str, ending: str) -> None:
    from urllib.parse import unquote

    key = f"mine:{ident}{ending}"
    path = incident_path(key)
    assert re.fullmatch(r"/incidents/mine:[A-Za-z0-9%@!$'()*,;~._:-]+", path)
    assert path.rpartition(".")[2] not in ("json", "csv", "svg", "png", "html")
    read, digest = key_of(unquote(path.removeprefix("/incidents/")))
    assert read == key or digest == digest_of(key)


def test_a_long_key_stands_as_its_digest() -> None:
    key = "mine:" + "x" * MOST_KEY
    assert incident_path(key) == f"/incidents/mine:{MARK}{digest_of(key)}"
