"""An address says all that is asked, answers come in every form, and nothing else is let in."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from comity.errors import AddressError
from comity.web.answers import Answers, make_answer
from comity.web.parameters import Parameter, address, read_values
from comity.web.security import host_name

STATE = Parameter("state", "which state")
YEAR = Parameter("year", "which year", "whole", least=1998, most=2030)
SIDE = Parameter("side", "which side", "choice", ("left", "right"), "left")
DAY = Parameter("day", "which day", "day")


def test_values_stand_in_the_order_of_the_parameters_without_what_is_usual() -> None:
    given = [("side", "left"), ("year", "2018"), ("state", " CN ")]
    assert read_values((STATE, YEAR, SIDE), given) == {"state": "CN", "year": "2018"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("stat", "CN"), "It has: state, year, side, day"),
        (("year", "1997"), "from 1998 to 2030"),
        (("year", "²018"), "from 1998 to 2030"),
        (("year", "9" * 40), "from 1998 to 2030"),
        (("side", "up"), "there is left, right"),
        (("day", "2015-02-30"), "a day that exists"),
        (("state", "x" * 201), "200 characters"),
        (("state", "a\x00b"), "control character"),
    ],
)
def test_a_wrong_parameter_is_told_what_would_be_right(given: tuple[str, str], says: str) -> None:
    with pytest.raises(AddressError, match=says):
        read_values((STATE, YEAR, SIDE, DAY), [given])


def test_a_parameter_given_twice_must_say_the_same() -> None:
    assert read_values((STATE,), [("state", "CN"), ("state", "CN")]) == {"state": "CN"}
    with pytest.raises(AddressError, match="twice"):
        read_values((STATE,), [("state", "CN"), ("state", "US")])


def test_an_address_holds_only_what_is_asked() -> None:
    assert address("/votes", {}) == "/votes"
    assert address("/votes", {"state": "a&b"}) == "/votes?state=a%26b"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"), ("127.0.0.1:80", "127.0.0.1"), ("[::1]:8015", "::1"),
        ("evil.example", "evil.example"), ("localhost@evil.example", ""), ("a/b", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_name_in_a_host_header_is_read_strictly(host: str, name: str) -> None:
    assert host_name(host) == name


def test_answers_used_least_recently_go_first() -> None:
    small = make_answer(200, "text/plain", b"x" * 400)
    held = Answers(most=1000)
    held.put(("a",), small)
    held.put(("b",), small)
    assert held.get(("a",)) is small
    held.put(("c",), small)
    assert held.get(("b",)) is None
    assert held.get(("a",)) is small


def test_a_page_is_html_and_its_data_are_at_the_same_address(client: TestClient) -> None:
    page = client.get("/method")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    data = client.get("/method.json").json()
    assert data["terms"][0] == {"word": "almost no chance", "from": "0 %", "to": "5 %"}
    assert client.get("/method.csv").text.splitlines()[1] == "almost no chance,0 %,5 %"


def test_what_a_view_does_not_have_is_not_found_with_what_it_has(client: TestClient) -> None:
    answer = client.get("/method.svg")
    assert answer.status_code == 404
    assert "It has: json, csv" in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/static/../app.py", "/static/%2e%2e%2fapp.py",
                                  "/static/comity.css/x", "/.env", "/method/x"])  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404


def test_a_wrong_address_says_why_in_the_form_that_was_asked_for(client: TestClient) -> None:
    assert "This page has no parameter" in client.get("/method?x=1").text
    assert client.get("/method.json?x=1").json()["status"] == 400


def test_every_answer_carries_the_strict_policy(client: TestClient) -> None:
    for path in ("/method", "/nothing", "/method.json", "/static/comity.js", "/openapi.json"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:x@evil", ""])
def test_only_the_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    answer = client.get("/method", headers={"Host": host})
    assert answer.status_code == 421
    assert "Comity" not in answer.text


def test_nothing_is_changed_by_other_methods_or_from_other_pages(client: TestClient) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST", "MADE-UP"):
        answer = client.request(method, "/method")
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
        assert answer.headers["x-frame-options"] == "DENY"
    change, own = "/links/decide", {"Origin": "http://127.0.0.1:8015"}
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, change, headers=own)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert client.post(change).status_code == 403
    assert client.post(change, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post(change, headers=own | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    large = own | {"Content-Length": "99999999"}
    assert client.post(change, headers=large).status_code == 413


def test_an_answer_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/method")
    again = client.get("/method", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_the_description_names_every_view_and_parses(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    assert {"/", "/method", "/method.json", "/verdicts.csv"} <= set(described["paths"])
    json.dumps(described, allow_nan=False)
