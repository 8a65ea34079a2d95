"""The server on a port: what attackers send is refused or cut off, and who is honest is served."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from wire import NOW, OBJECTS, PASSWORD, PEER, PaperDesk, bearer, message

from comity.errors import ExchangeError
from comity.exchange.listening import listening_socket
from comity.exchange.taxii.certs import keep_certificate, make_certificate
from comity.exchange.taxii.listening import (
    PatientProtocol,
    make_server,
    running,
)
from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import MOST_BODY, ROOT
from comity.exchange.taxii.server import build_app
from comity.storage import write_whole

HEAD = "".join(f"{k}: {v}\r\n" for k, v in bearer().items()) + "Host: localhost\r\n"


LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # TLS goes by the machine's own clock


class Hasty(PatientProtocol):
    """The server's protocol with little patience, for tests."""

    head_seconds = 0.3


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = make_certificate(["localhost", "127.0.0.1"], LONG_AGO, days=36500)
    return keep_certificate(tmp_path_factory.mktemp("tls"), *made)


@pytest.fixture(scope="module")
def desk() -> PaperDesk:
    return PaperDesk()


@pytest.fixture(scope="module")
def port(files: tuple[Path, Path], desk: PaperDesk) -> Iterator[int]:
    with running(build_app(desk), *files, protocol=Hasty) as address:
        yield int(address.rsplit(":", 1)[1].strip("/"))


class Wire:
    """A connection on which a test says what it likes."""

    def __init__(self, port: int, certificate: Path) -> None:
        trusted = ssl.create_default_context(cafile=str(certificate))
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket = trusted.wrap_socket(plain, server_hostname="localhost")

    def say(self, content: bytes | str) -> None:
        self.socket.sendall(content.encode("latin-1") if isinstance(content, str) else content)

    def hear(self) -> bytes:
        """Return all that comes until the server closes."""
        heard = b""
        try:
            while more := self.socket.recv(65536):
                heard += more
        except (ConnectionError, ssl.SSLEOFError):
            pass
        return heard

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def wire(port: int, files: tuple[Path, Path]) -> Iterator[Wire]:
    made = Wire(port, files[0])
    yield made
    made.close()


def status(heard: bytes) -> int:
    return int(heard.split(b" ", 2)[1])


def error(heard: bytes) -> str:
    found = json.loads(heard.split(b"\r\n\r\n", 1)[1])
    return f"{found['title']} {found['description']}"


def get(path: str, extra: str = "", version: str = "1.1") -> str:
    return f"GET {path} HTTP/{version}\r\n{HEAD}{extra}Connection: close\r\n\r\n"


def test_an_honest_request_is_answered(wire: Wire) -> None:
    wire.say(get(ROOT))
    heard = wire.hear()
    assert status(heard) == 200
    assert MEDIA_TYPE.encode() in heard
    assert b"server:" not in heard.lower()


@pytest.mark.parametrize(
    "path",
    [
        "/taxii2/../etc/passwd", "/taxii2/%2e%2e/", "/taxii2/line/collections/%2f/",
        "/taxii2/line/collections/x%5cy/", "/taxii2//line/", "//example.com/taxii2/",
        "/taxii2/line/collections/a%00b/", "/taxii2/./", "/taxii2/%252e%252e/", "\\taxii2\\",
        "http://example.com/taxii2/", "*", "/taxii2/\x7f/",
    ],
)  # fmt: skip
def test_a_path_that_is_written_around_is_refused(wire: Wire, path: str) -> None:
    wire.say(get(path))
    assert status(wire.hear()) == 400


@pytest.mark.parametrize(
    "extra",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n", "Content-Length: -1\r\n", "Content-Length: 0x5\r\n",
        "Content-Length : 5\r\n", "Content-Length: 5\r\n X: folded\r\n",
        "Transfer-Encoding:\x0bchunked\r\n", "X: a\x00b\r\n", "Host: other\r\n",
        "Authorization: Bearer x\r\n", "no colon\r\n", ": nameless\r\n",
    ],
)  # fmt: skip
def test_a_head_that_can_be_read_two_ways_is_refused_and_the_connection_closed(
    wire: Wire, desk: PaperDesk, extra: str
) -> None:
    before = len(desk.accepted)
    smuggled = f"0\r\n\r\nGET /taxii2/ HTTP/1.1\r\n{HEAD}\r\n"
    wire.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}{extra}\r\n{smuggled}")
    heard = wire.hear()
    assert status(heard) in (400, 501)
    assert heard.count(b"HTTP/1.1 ") == 1
    assert len(desk.accepted) == before


def test_what_is_no_http_is_refused_as_taxii_refuses(wire: Wire) -> None:
    wire.say(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
    heard = wire.hear()
    assert status(heard) == 400
    assert "no HTTP" in error(heard)


def test_too_long_a_head_is_refused(wire: Wire) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        wire.say(f"GET {ROOT} HTTP/1.1\r\n{HEAD}X: " + "a" * 70_000 + "\r\n\r\n")
    heard = wire.hear()
    assert heard == b"" or status(heard) in (400, 431)  # it may be lost where we still send


def test_too_many_headers_are_refused(wire: Wire) -> None:
    wire.say(get(ROOT, "".join(f"X{n}: 1\r\n" for n in range(80))))
    assert status(wire.hear()) == 431


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"]
)
def test_a_packed_body_is_refused_unread(wire: Wire, coding: str) -> None:
    coded = f"Content-Encoding: {coding}\r\nContent-Length: 1000\r\n\r\n"
    wire.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}{coded}")
    heard = wire.hear()
    assert status(heard) == 415
    assert "Content-Encoding" in error(heard)


def test_a_body_that_says_it_is_too_large_is_refused_unread(wire: Wire) -> None:
    wire.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}Content-Length: {MOST_BODY + 1}\r\n\r\n")
    heard = wire.hear()
    assert status(heard) == 413
    assert "10 MB" in error(heard)


def test_a_body_that_turns_out_too_large_is_refused_while_it_comes(
    wire: Wire, desk: PaperDesk
) -> None:
    before = len(desk.accepted)
    wire.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n")
    part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    try:
        for _ in range(12):
            wire.say(part)
    except (ConnectionError, ssl.SSLError):
        pass
    heard = wire.hear()
    assert heard == b"" or status(heard) == 413  # the answer may be lost where we still send
    assert len(desk.accepted) == before


def test_a_deeply_nested_bundle_is_refused(wire: Wire) -> None:
    body = b'{"objects":' + b"[" * 100_000
    wire.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}Content-Length: {len(body)}\r\n"
             "Connection: close\r\n\r\n")  # fmt: skip
    wire.say(body)
    heard = wire.hear()
    assert status(heard) == 413
    assert "nested" in error(heard)


@pytest.mark.parametrize("part", ["", "GET /taxii2/ HTTP/1.1\r\nHost: localhost\r\n", "G"])
def test_a_head_that_does_not_come_is_cut_off(wire: Wire, part: str) -> None:
    wire.say(part)
    assert wire.hear() == b""


def test_a_second_head_that_does_not_come_is_cut_off(wire: Wire) -> None:
    wire.say(f"GET {ROOT} HTTP/1.1\r\n{HEAD}\r\nGET {ROOT} HT")
    assert wire.hear().count(b"HTTP/1.1 200") == 1


def test_a_body_that_does_not_come_is_cut_off(files: tuple[Path, Path]) -> None:
    desk = PaperDesk()
    app = build_app(desk, body_seconds=0.3)
    with running(app, *files) as address:
        slow = Wire(int(address.rsplit(":", 1)[1].strip("/")), files[0])
        slow.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}Content-Length: 100\r\n\r\n{{")
        heard = slow.hear()
        slow.close()
    assert status(heard) == 408
    assert "too long" in error(heard)
    assert desk.accepted == []


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(
    port: int, files: tuple[Path, Path], desk: PaperDesk
) -> None:
    before = len(desk.accepted)
    for _ in range(5):
        gone = Wire(port, files[0])
        body = json.dumps({"objects": message(1)}).encode()
        gone.say(f"POST {OBJECTS} HTTP/1.1\r\n{HEAD}Content-Length: {len(body)}\r\n\r\n")
        gone.say(body[:-5])
        gone.close()
    after = Wire(port, files[0])
    after.say(get(ROOT))
    assert status(after.hear()) == 200
    after.close()
    assert len(desk.accepted) == before


def test_one_network_holds_only_so_many_connections(files: tuple[Path, Path]) -> None:
    class Few(PatientProtocol):
        most_of_one = 2

    with running(build_app(PaperDesk()), *files, protocol=Few) as address:
        port = int(address.rsplit(":", 1)[1].strip("/"))
        two = [Wire(port, files[0]) for _ in range(2)]
        third = Wire(port, files[0])
        third_heard = _heard_of(third)
        two[0].say(get(ROOT))
        assert status(two[0].hear()) == 200
        for one in (*two, third):
            one.close()
    assert third_heard == b""


def _heard_of(wire: Wire) -> bytes:
    try:
        wire.say(get(ROOT))
    except (ConnectionError, ssl.SSLError):
        return b""
    return wire.hear()


def test_plain_http_is_not_spoken(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        plain.sendall(get(ROOT).encode())
        try:
            heard = plain.recv(1000)
        except ConnectionError:
            heard = b""
    assert b"HTTP/1.1 200" not in heard


def test_a_port_that_is_taken_and_a_bad_certificate_are_told(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    with (
        listening_socket("127.0.0.1", 0) as taken,
        pytest.raises(ExchangeError, match="choose another with --listen"),
    ):
        listening_socket("127.0.0.1", taken.getsockname()[1])
    write_whole(tmp_path / "bad.pem", b"nothing")
    with pytest.raises(ExchangeError, match="cannot be used"):
        make_server(build_app(PaperDesk()), tmp_path / "bad.pem", files[1])


def test_a_certificate_needs_names_of_a_server(files: tuple[Path, Path]) -> None:
    for wrong in ([], ["a b"], ["https://x/"], ["\u0441hina.example"], [""]):
        with pytest.raises(ExchangeError):
            make_certificate(wrong, NOW)
    assert files[1].stat().st_mode & 0o077 == 0


def test_an_oasis_client_reads_and_writes_the_server(
    port: int, files: tuple[Path, Path], desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taxii2client.v21 import Server, as_pages

    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # requests prefers them to what is said
        monkeypatch.delenv(name, raising=False)
    server = Server(
        f"https://127.0.0.1:{port}/taxii2/", user="tool", password=PASSWORD, verify=str(files[0])
    )
    (collection,) = server.default.collections
    assert (collection.can_read, collection.can_write) == (True, True)
    sent = [*message(71), *message(72)]
    done = collection.add_objects({"objects": sent})
    assert (done.status, done.success_count, done.failure_count) == ("complete", 4, 0)
    assert desk.accepted[-1][2] == PEER
    pages = list(as_pages(collection.get_objects, per_request=3, id=[o["id"] for o in sent]))
    assert [len(page["objects"]) for page in pages] == [3, 1]
    assert [o for page in pages for o in page["objects"]] == sent
    found = collection.get_object(sent[0]["id"])
    assert found["objects"] == sent[:1]
    assert collection.object_versions(sent[0]["id"])["versions"] == [sent[0]["modified"]]
    entries = collection.get_manifest(type="note", id=[o["id"] for o in sent])["objects"]
    assert [e["id"] for e in entries] == [sent[0]["id"], sent[2]["id"]]
    server.close()
