"""Our client before servers that are not honest, not well, or not ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from wire import message

from comity.errors import ExchangeError, RemoteError
from comity.exchange.taxii import client
from comity.exchange.taxii.client import Remote
from comity.exchange.taxii.media import MEDIA_TYPE

ROOT = "https://line.example/taxii2/line/"
HERE = f"{ROOT}collections/c/"
Handler = Callable[[httpx2.Request], httpx2.Response]


class Server:
    """Answers that a test scripts, and the requests that came for them."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, httpx2.Response):
            answer = httpx2.Response(200, json=answer)
        parts = (part for part in answer.stream)  # as it would come over a wire: not yet read
        return httpx2.Response(answer.status_code, headers=answer.headers, content=parts)

    def remote(self, url: str = HERE, **given: Any) -> Remote:
        return Remote(
            url, transport=httpx2.MockTransport(self), sleep=self.slept.append,
            chance=lambda: 1.0, **given,
        )  # fmt: skip


def said(server: Server, url: str = HERE) -> str:
    """Return the words with which a page is not read."""
    with server.remote(url, tries=1) as remote, pytest.raises(RemoteError) as caught:
        remote.page(remote.collection())
    return str(caught.value)


def test_a_page_is_asked_for_with_every_version_and_read() -> None:
    headers = {"X-TAXII-Date-Added-Last": "2026-11-26T16:00:00.000001Z"}
    body = {"more": True, "next": "n", "objects": message(1)}
    server = Server(httpx2.Response(200, json=body, headers=headers))
    with server.remote(authorize=lambda: "Bearer x") as remote:
        page = remote.page(remote.collection(), "2026-11-26T15:00:00.000000Z", "m", 7, {"id": "a"})
    assert (page.objects, page.more, page.next) == (tuple(message(1)), True, "n")
    assert page.last == "2026-11-26T16:00:00.000001Z"
    (asked,) = server.asked
    assert dict(asked.url.params) == {
        "limit": "7", "match[version]": "all", "match[id]": "a", "next": "m",
        "added_after": "2026-11-26T15:00:00.000000Z",
    }  # fmt: skip
    assert asked.headers["accept"] == MEDIA_TYPE
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["authorization"] == "Bearer x"


def test_the_root_is_found_by_discovery_or_is_the_address_itself() -> None:
    found = {"title": "x", "api_roots": ["/other/", "/taxii2/line/"], "default": "/taxii2/line/"}
    with Server(found).remote("https://line.example/taxii2/") as remote:
        assert remote.root() == ROOT
        assert remote.collection("c") == HERE
    with Server({"title": "x", "versions": [MEDIA_TYPE]}).remote(ROOT) as remote:
        assert remote.root() == ROOT


@pytest.mark.parametrize(
    "where", ["https://evil.example/x/", "//evil.example/", "http://line.example/"]
)
def test_a_server_does_not_lead_to_another(where: str) -> None:
    server = Server({"title": "x", "default": where, "api_roots": [where]})
    assert "leads to another server" in said(server, "https://line.example/taxii2/")
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed() -> None:
    server = Server(httpx2.Response(302, headers={"Location": "https://evil.example/"}))
    assert "refuses (302)" in said(server)
    assert len(server.asked) == 1


def test_an_answer_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_ANSWER", 1000)
    given: list[int] = []

    def endless() -> Any:
        while True:
            given.append(1)
            yield b" " * 100

    assert "more than" in said(Server(httpx2.Response(200, content=endless())))
    assert len(given) < 20


def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", -1.0)
    assert "too slowly" in said(Server({}))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx2.Response(200, content=b"x", headers={"Content-Encoding": "gzip"}), "packs"),
        (httpx2.Response(200, content=b"<html>"), "not JSON"),
        (httpx2.Response(200, content=b"[" * 100_000), "nested deeper"),
        (httpx2.Response(200, content=b"[]"), "no resource"),
        ({"objects": {}}, "no envelope"), ({"objects": [1]}, "no envelope"),
        ({"objects": [{"id": 1, "type": "note"}]}, "no envelope"),
        (httpx2.ConnectError("no\x1b[31mroute"), "cannot be reached: no [31mroute"),
        (httpx2.ReadTimeout("timed out"), "timed out"),
        (httpx2.Response(403, json={"description": "No\x1b[2J\n entry"}), "(403): No [2J entry"),
        (httpx2.Response(401, content=b"nope"), "(401): no reason given"),
        (httpx2.Response(404, json=[]), "(404): no reason given"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_taxii_is_said_in_words(answer: Any, words: str) -> None:
    assert words in said(Server(answer))


def test_pages_that_do_not_move_on_end() -> None:
    again = {"more": True, "next": "n", "objects": message(1)}
    with Server(again).remote(tries=1) as remote, pytest.raises(RemoteError, match="same again"):
        list(remote.pages(HERE))
    silent = {"more": True, "objects": message(1)}
    with Server(silent).remote(tries=1) as remote, pytest.raises(RemoteError, match="same again"):
        list(remote.pages(HERE))


def test_pages_go_on_where_a_server_keeps_by_one_token_where_it_is() -> None:
    server = Server(*({"more": n < 3, "next": "n", "objects": message(n)} for n in (1, 2, 3)))
    with server.remote() as remote:
        assert [page.objects[0]["id"] for page in remote.pages(HERE)] == [
            message(n)[0]["id"] for n in (1, 2, 3)
        ]


def test_pages_go_on_by_the_last_date_where_the_server_names_no_next() -> None:
    first = httpx2.Response(
        200, json={"more": True, "objects": message(1)}, headers={"X-TAXII-Date-Added-Last": "t1"}
    )
    server = Server(first, {"objects": message(2)})
    with server.remote() as remote:
        assert len(list(remote.pages(HERE, "t0"))) == 2
    assert [r.url.params["added_after"] for r in server.asked] == ["t0", "t1"]


def test_another_try_is_made_where_it_may_help_each_later_than_the_last() -> None:
    busy = httpx2.Response(503, json={"title": "busy"})
    server = Server(busy, httpx2.ConnectError("refused"), {"objects": message(1)})
    with server.remote() as remote:
        assert remote.page(HERE).objects
    assert server.slept == [0.5, 1.0]


def test_how_long_a_server_asks_to_wait_is_waited_but_not_forever() -> None:
    for asked, waited in (("3", 3.0), ("99999", 20.0), ("soon", 0.5), ("-1", 0.5)):
        late = httpx2.Response(429, headers={"Retry-After": asked})
        server = Server(late, {"objects": []})
        with server.remote() as remote:
            remote.page(HERE)
        assert server.slept == [waited]


def test_no_other_try_is_made_where_it_cannot_help() -> None:
    server = Server(httpx2.Response(403, json={"title": "no"}))
    with server.remote() as remote, pytest.raises(RemoteError) as caught:
        remote.page(HERE)
    assert (len(server.asked), caught.value.status, caught.value.passing) == (1, 403, False)


def test_what_became_of_objects_is_read_from_the_status() -> None:
    status = {
        "id": "s", "status": "pending", "total_count": 3, "success_count": 1, "failure_count": 1,
        "pending_count": 1, "failures": [{"id": "a", "version": "v", "message": "forged:\n no"}, 7],
        "pendings": [{"id": "b", "version": "v"}], "successes": "x",
    }  # fmt: skip
    server = Server(status)
    with server.remote() as remote:
        found = remote.add(HERE, message(1))
    assert (found.complete, found.failures, found.pendings) == (
        False,
        {"a": "forged: no"},
        {"b": ""},
    )
    assert json.loads(server.asked[0].content) == {"objects": message(1)}
    assert server.asked[0].headers["content-type"] == MEDIA_TYPE
    for wrong in ({}, {"id": "s", "status": "done"}, {"id": 1, "status": "complete"}):
        with Server(wrong).remote(tries=1) as remote, pytest.raises(RemoteError, match="no status"):
            remote.add(HERE, message(1))


@pytest.mark.parametrize(
    "url",
    [
        "http://line.example/taxii2/", "ftp://line.example/", "line.example", "", "https://",
        "https://user:pass@line.example/", "https://line.example/?q=1", "https://x:port/",
        "https://[::1/", "file:///etc/passwd", "https://line.example/#x",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(RemoteError, match="address of a TAXII server"):
        Remote(url)


def test_a_certificate_that_is_none_is_told() -> None:
    for wrong in ("nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(ExchangeError, match="certificate"):
            Remote(ROOT, wrong)
