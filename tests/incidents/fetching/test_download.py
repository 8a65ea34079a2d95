"""A download over a bad line: goes on where it can, begins again where it must, ends clearly."""

from __future__ import annotations

import errno
import json
import shutil
import socket
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from comity.errors import FetchError, StoreError
from comity.incidents.fetching import asking
from comity.incidents.fetching import download as module
from comity.incidents.fetching.asking import Patience
from comity.incidents.fetching.download import Download, Limits, download

from .conftest import CONTENT, ETAG, Publisher, Request, dropped, moved, ranged, whole

Usage = namedtuple("Usage", "total used free")


class Waits(list[float]):
    """The waits that were asked for; nobody waits."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def limits(waits: Waits) -> Limits:
    return Limits(patience=Patience(5, 0.2), sleep=waits)


def bring(publisher: Publisher, folder: Path, limits: Limits, **more: Any) -> Download:
    return download(publisher.address(), folder / "list.csv", limits, **more)


def part_of(folder: Path) -> Path:
    return folder / "list.csv.part"


def test_a_whole_file(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    seen: list[tuple[int, int | None]] = []
    got = bring(
        publisher, tmp_path, limits, progress=lambda done, total: seen.append((done, total))
    )
    assert got == Download(part_of(tmp_path), len(CONTENT), ETAG, 0)
    assert got.part.read_bytes() == CONTENT
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert "range" not in publisher.asked[0]
    assert publisher.asked[0]["accept-encoding"] == "identity"


def test_an_empty_file(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    publisher.answers = [lambda r: r.send(200)]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == b""


def test_a_file_of_unsaid_length(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    publisher.answers = [lambda r: r.send(200, CONTENT, Content_Length="")]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT


@pytest.mark.parametrize("drops", [1, 4, 9])
def test_a_line_that_drops_is_gone_on_with(
    publisher: Publisher, tmp_path: Path, limits: Limits, drops: int
) -> None:
    publisher.answers = [*[dropped(1000)] * drops, ranged]
    got = bring(publisher, tmp_path, limits)
    assert got.part.read_bytes() == CONTENT
    assert got.resumed == 1000 * drops
    assert publisher.asked[-1]["range"] == f"bytes={1000 * drops}-"
    assert publisher.asked[-1]["if-range"] == ETAG


def test_a_later_run_goes_on_where_the_earlier_stopped(
    publisher: Publisher, tmp_path: Path, limits: Limits, waits: Waits
) -> None:
    publisher.answers = [dropped(1000), dropped(0)]
    with pytest.raises(FetchError, match=r"1,000 bytes are kept"):
        bring(publisher, tmp_path, limits)
    assert waits == [1, 1, 2, 4, 8]
    publisher.answers = [ranged]
    got = bring(publisher, tmp_path, limits)
    assert got.resumed == 1000
    assert got.part.read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ["", 'W/"weak"', "bare"])
def test_without_an_exact_version_it_begins_again(
    publisher: Publisher, tmp_path: Path, limits: Limits, etag: str
) -> None:
    publisher.answers = [dropped(1000, etag), whole]
    got = bring(publisher, tmp_path, limits)
    assert got.part.read_bytes() == CONTENT
    assert "range" not in publisher.asked[1]


def test_a_server_that_knows_no_ranges_begins_again(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    publisher.answers = [dropped(1000), whole]
    got = bring(publisher, tmp_path, limits)
    assert got.part.read_bytes() == CONTENT
    assert got.resumed == 0
    assert publisher.asked[1]["range"] == "bytes=1000-"


def test_a_new_version_begins_again(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    publisher.answers = [dropped(1000, '"before"'), ranged]
    got = bring(publisher, tmp_path, limits)
    assert got.part.read_bytes() == CONTENT
    assert got.etag == ETAG
    assert publisher.asked[1]["if-range"] == '"before"'


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"other"', "Content_Range": "bytes 1000-10239/10240"},
        {"ETag": ETAG, "Content_Range": "bytes 900-10239/10240"},
        {"ETag": ETAG, "Content_Range": "bytes 1000-10239/99999"},
        {"ETag": ETAG, "Content_Range": "bytes 1000-10299/10300"},
        {"ETag": ETAG, "Content_Range": "bytes 1000-10239/*"},
        {"ETag": ETAG},
    ],
)
def test_a_part_that_does_not_fit_is_never_joined(
    publisher: Publisher, tmp_path: Path, limits: Limits, headers: dict[str, str]
) -> None:
    publisher.answers = [dropped(1000), lambda r: r.send(206, b"x" * 9240, **headers), whole]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT


def test_a_range_that_is_out_of_reach_begins_again(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    publisher.answers = [dropped(1000), lambda r: r.send(416), whole]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT
    assert "range" not in publisher.asked[2]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"address": 1}', "{}"])
def test_a_part_of_unknown_origin_is_not_gone_on_with(
    publisher: Publisher, tmp_path: Path, limits: Limits, damage: str
) -> None:
    part_of(tmp_path).write_bytes(b"x" * 50)
    (tmp_path / "list.csv.part.json").write_text(damage)
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT


def test_a_part_of_another_address_is_not_gone_on_with(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    part_of(tmp_path).write_bytes(b"x" * 50)
    version = {"address": publisher.address("/other"), "etag": ETAG, "total": 10240}
    (tmp_path / "list.csv.part.json").write_text(json.dumps(version))
    publisher.answers = [ranged]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT


def test_a_part_that_is_whole_is_not_asked_for_again(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    first = bring(publisher, tmp_path, limits)
    again = bring(publisher, tmp_path, limits)
    assert again.size == first.size
    assert len(publisher.asked) == 1


def test_a_copy_that_is_current_is_not_brought(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    publisher.answers = [lambda r: r.send(304)]
    got = bring(publisher, tmp_path, limits, etag=ETAG)
    assert got.unchanged
    assert publisher.asked[0]["if-none-match"] == ETAG
    assert not part_of(tmp_path).exists()


def test_a_line_that_stalls_is_given_up(
    publisher: Publisher, tmp_path: Path, limits: Limits, waits: Waits
) -> None:
    def stalls(request: Request) -> None:
        dropped(0 if "Range" in request.headers else 500)(request)
        request.wfile.flush()
        publisher.let_go.wait(20)

    publisher.answers = [stalls]
    slow = Limits(patience=Patience(5, 0.05), waits=(1, 2), sleep=waits)
    with pytest.raises(FetchError, match="nothing came for too long"):
        bring(publisher, tmp_path, slow)
    assert part_of(tmp_path).read_bytes() == CONTENT[:500]
    publisher.let_go.set()
    publisher.answers = [ranged]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT


def test_a_line_that_trickles_is_given_up(
    publisher: Publisher, tmp_path: Path, waits: Waits
) -> None:
    ticks = iter(range(0, 10**9, 100))
    slow = Limits(sleep=waits, waits=(), clock=lambda: next(ticks))
    publisher.answers = [dropped(100, "")]
    with pytest.raises(FetchError, match="too slow"):
        bring(publisher, tmp_path, slow)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_tried_again(
    publisher: Publisher, tmp_path: Path, limits: Limits, waits: Waits, status: int
) -> None:
    publisher.answers = [lambda r: r.send(status), lambda r: r.send(status), whole]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT
    assert waits == [1, 2]


def test_tries_are_bounded(
    publisher: Publisher, tmp_path: Path, limits: Limits, waits: Waits
) -> None:
    publisher.answers = [lambda r: r.send(500)]
    with pytest.raises(FetchError, match="500 Internal Server Error"):
        bring(publisher, tmp_path, limits)
    assert waits == [1, 2, 4, 8]
    assert len(publisher.asked) == 5


@pytest.mark.parametrize(
    ("asked", "waited"), [("7", 7), ("9999", 60), ("soon", 1), ("-5", 1), ("²", 1)]
)
def test_a_server_says_how_long_to_wait(
    publisher: Publisher, tmp_path: Path, limits: Limits, waits: Waits, asked: str, waited: float
) -> None:
    publisher.answers = [lambda r: r.send(429, Retry_After=asked), whole]
    bring(publisher, tmp_path, limits)
    assert waits == [waited]


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "moved or withdrew"), (410, "moved or withdrew"), (403, "browser"), (204, "no file")],
)
def test_an_answer_without_a_file_is_final(
    publisher: Publisher, tmp_path: Path, limits: Limits, status: int, said: str
) -> None:
    publisher.answers = [lambda r: r.send(status)]
    with pytest.raises(FetchError, match=said):
        bring(publisher, tmp_path, limits)
    assert len(publisher.asked) == 1
    assert not part_of(tmp_path).exists()


def test_a_redirect_is_followed(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    publisher.answers = [moved("/next"), moved("other?x=1", 307), whole]
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT
    assert publisher.paths == ["/list.csv", "/next", "/other?x=1"]


def test_redirects_in_a_circle_end(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    publisher.answers = [moved("/list.csv")]
    with pytest.raises(FetchError, match="more than 5 times"):
        bring(publisher, tmp_path, limits)
    assert len(publisher.asked) == 6


@pytest.mark.parametrize(
    "target",
    ["ftp://127.0.0.1/x", "file:///x/y", "https://127.0.0.1/x", "javascript:alert(1)", "data:,x"],
)
def test_a_redirect_keeps_its_scheme(
    publisher: Publisher, tmp_path: Path, limits: Limits, target: str
) -> None:
    publisher.answers = [moved(target)]
    with pytest.raises(FetchError, match="of another kind"):
        bring(publisher, tmp_path, limits)
    assert list(tmp_path.iterdir()) == []


def test_a_redirect_to_nowhere(publisher: Publisher, tmp_path: Path, limits: Limits) -> None:
    publisher.answers = [moved("")]
    with pytest.raises(FetchError, match="not where"):
        bring(publisher, tmp_path, limits)


def test_a_redirect_from_outside_never_leads_to_this_machine(
    publisher: Publisher, tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first connection is taken for one to a public address, as a name's would be."""
    usual, told = asking.place_of, []

    def place_of(host: str) -> Any:
        told.append(host)
        return "public" if told.count("127.0.0.1") == 2 and host == "127.0.0.1" else usual(host)

    monkeypatch.setattr(asking, "place_of", place_of)
    publisher.answers = [moved(publisher.address("/inside", "localhost")), whole]
    with pytest.raises(FetchError, match="on this machine"):
        bring(publisher, tmp_path, limits)
    assert publisher.paths == ["/list.csv"]


def test_a_file_over_the_limit_is_refused_by_its_length(
    publisher: Publisher, tmp_path: Path, waits: Waits
) -> None:
    with pytest.raises(FetchError, match=r"10,240 bytes or more; the limit is 10,000"):
        bring(publisher, tmp_path, Limits(size=10_000, sleep=waits))
    assert list(tmp_path.iterdir()) == []


def test_a_file_over_the_limit_is_stopped_where_its_length_is_not_said(
    publisher: Publisher, tmp_path: Path, waits: Waits
) -> None:
    publisher.answers = [lambda r: r.send(200, CONTENT, Content_Length="")]
    with pytest.raises(FetchError, match="Nothing was kept"):
        bring(publisher, tmp_path, Limits(size=10_000, sleep=waits))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_packed_unasked_is_refused(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    publisher.answers = [lambda r: r.send(200, b"x", Content_Encoding="gzip")]
    with pytest.raises(FetchError, match="packed"):
        bring(publisher, tmp_path, limits)


def test_a_disk_without_room(
    publisher: Publisher, tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**6, 10**6, 10))
    with pytest.raises(StoreError, match=r"10,240 bytes more and the disk has 10 free"):
        bring(publisher, tmp_path, limits)


def test_a_disk_that_fills_up(
    publisher: Publisher, tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "write_whole", full)
    with pytest.raises(StoreError, match="the disk is full"):
        bring(publisher, tmp_path, limits)


def test_a_stop_by_the_user_keeps_the_part(
    publisher: Publisher, tmp_path: Path, limits: Limits
) -> None:
    def stop(done: int, total: int | None) -> None:
        if done >= 1000:
            raise KeyboardInterrupt

    publisher.answers = [dropped(1000)]
    with pytest.raises(KeyboardInterrupt):
        bring(publisher, tmp_path, limits, progress=stop)
    assert part_of(tmp_path).read_bytes() == CONTENT[:1000]
    publisher.answers = [ranged]
    assert bring(publisher, tmp_path, limits).resumed == 1000


def test_nobody_listening(tmp_path: Path, limits: Limits) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(FetchError, match="connection failed"):
            download(f"http://127.0.0.1:{port}/x", tmp_path / "x", limits)


def test_offline(tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(FetchError, match="offline"):
        download("https://lists.example/x", tmp_path / "x", limits)


def test_the_loopback_is_asked_directly_whatever_the_environment_says(
    publisher: Publisher, tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert bring(publisher, tmp_path, limits).part.read_bytes() == CONTENT


def test_the_outside_is_asked_through_the_environments_proxy(
    publisher: Publisher, tmp_path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy gets the request to connect onwards; the name is not looked up here."""
    monkeypatch.setenv("https_proxy", publisher.address(""))
    with pytest.raises(FetchError, match=r"501|Unsupported"):
        download("https://lists.example/x", tmp_path / "x", Limits(waits=(), sleep=limits.sleep))
