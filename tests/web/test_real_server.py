"""The workbench as it is started: a real server on loopback, and killed without warning."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from planted import MAPPING as EVIL_MAPPING
from planted import planted_file
from test_changes import MAPPING, ROWS, digest_of

from comity.incidents.store import read_manifest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal Windows has not"),
]
BOUNDARY = "x7f3a"


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    home: Path

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        own = {"Origin": f"http://127.0.0.1:{self.port}"} if method == "POST" else {}
        line.request(method, path, body, own | {k.replace("_", "-"): v for k, v in headers.items()})
        answer = line.getresponse()
        text = answer.read().decode("utf-8", "replace")
        line.close()
        return answer.status, {k.casefold(): v for k, v in answer.getheaders()}, text

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def token(self) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.ask("/data")[2])
        assert found is not None
        return found.group(1)


def started(home: Path) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "comity", "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"COMITY_HOME": str(home), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
            return Server(process, int(found.group(1)), home)
    raise AssertionError("the server did not start")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = started(tmp_path / "home")
    try:
        yield made
    finally:
        made.end()


def form(token: str, rows: bytes, mapping: bytes) -> bytes:
    parts = [
        b'Content-Disposition: form-data; name="token"\r\n\r\n' + token.encode(),
        b'Content-Disposition: form-data; name="files"; filename="rows.csv"\r\n\r\n' + rows,
        b'Content-Disposition: form-data; name="mapping"; filename="m.toml"\r\n\r\n' + mapping,
    ]
    mark = f"--{BOUNDARY}".encode()
    return b"".join(mark + b"\r\n" + p + b"\r\n" for p in parts) + mark + b"--\r\n"


KIND = {"Content_Type": f"multipart/form-data; boundary={BOUNDARY}"}


def test_a_kill_in_the_middle_of_an_upload_leaves_the_old_state(server: Server) -> None:
    status, headers, _ = server.ask(
        "/lists/add", "POST", form(server.token(), ROWS, MAPPING), **KIND
    )
    assert (status, headers["location"]) == (303, "/data/list/desk?said=added")
    before = digest_of(server.home)
    # Another release: its body is sent but for the end, then the server is killed.
    body = form(server.token(), ROWS.replace(b"OPM", b"Other") * 200, MAPPING)
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    line.putrequest("POST", "/lists/add")
    for name, value in (("Origin", f"http://127.0.0.1:{server.port}"),
                        ("Content-Type", KIND["Content_Type"]),
                        ("Content-Length", str(len(body)))):  # fmt: skip
        line.putheader(name, value)
    line.endheaders()
    line.send(body[:-40])
    server.ask("/method")  # the server goes on answering meanwhile
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    line.close()
    assert digest_of(server.home) == before
    assert read_manifest(server.home)["desk"].rows == 2


def test_a_kill_while_a_list_is_read_leaves_the_old_state_and_the_next_start_works(
    server: Server, tmp_path: Path
) -> None:
    assert server.ask("/lists/add", "POST", form(server.token(), ROWS, MAPPING), **KIND)[0] == 303
    before = digest_of(server.home)
    many = b"".join(
        b"%d,What,2014-03-15,CN,US,espionage\n" % n for n in range(60_000)
    )  # seconds of reading
    body = form(server.token(), ROWS.split(b"\n")[0] + b"\n" + many, MAPPING)
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    line.request("POST", "/lists/add", body, {
        "Origin": f"http://127.0.0.1:{server.port}", "Content-Type": KIND["Content_Type"],
    })  # fmt: skip
    server.ask("/method")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    line.close()
    assert digest_of(server.home) == before
    again = started(server.home)
    try:
        assert "2 of 3 rows read" in again.ask("/data/list/desk")[2]
    finally:
        again.end()


def test_paths_as_a_socket_sends_them_find_nothing_of_the_machines(server: Server) -> None:
    for path in (
        "//evil.example/", "/../../etc/passwd", "/static/../../app.py", "/static/%2e%2e/app.py",
        "/incidents/dcid:117/../../../etc/passwd", "/incidents/x%00", "/%", "/%zz",
        "http://evil.example/", "/incidents/dcid:" + "x" * 20_000, "*", "/data/%2e%2e%2f%2e%2e",
    ):  # fmt: skip
        status, headers, text = server.ask(path)
        assert status in (400, 404, 414, 421), path  # 421: another host is named
        assert "root:" not in text
        assert "location" not in headers
    assert server.ask("/", Host="evil.example")[0] == 421
    assert server.ask("/", Host="127.0.0.1.evil.example")[0] == 421


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes as Linux lets it")
def test_a_killed_server_leaves_no_worker_behind(server: Server) -> None:
    assert server.ask("/verdict/us-china-2015?part=glance")[0] == 200
    listed = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    watched = select.poll()
    workers = [os.pidfd_open(int(pid)) for pid in listed.split()]
    assert len(workers) >= 2
    for one in workers:
        watched.register(one, select.POLLIN)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    while workers:
        ended = watched.poll(60_000)
        assert ended, "a worker outlived its server by a minute"
        for one, _ in ended:
            watched.unregister(one)
            os.close(one)
            workers.remove(one)


def test_a_server_that_is_told_to_end_ends_with_its_workers_and_says_nothing(
    server: Server,
) -> None:
    assert server.ask("/verdict/us-china-2015?part=glance")[0] == 200  # every question still runs
    server.process.terminate()
    assert server.process.wait() == 128 + signal.SIGTERM
    assert server.process.stdout is not None
    assert server.process.stdout.read() == ""


def test_a_key_with_percent_signs_is_decoded_once(server: Server) -> None:
    body = form(server.token(), planted_file(), EVIL_MAPPING)
    assert server.ask("/lists/add", "POST", body, **KIND)[0] == 303
    status, _, text = server.ask("/incidents/evil:..%252f..%252f.json")
    assert status == 200
    assert json.loads(text)["id"] == "..%2f..%2f"


def test_too_long_a_body_is_refused_before_it_is_sent(server: Server) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    line.putrequest("POST", "/lists/add")
    line.putheader("Origin", f"http://127.0.0.1:{server.port}")
    line.putheader("Content-Length", str(1 << 31))
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()
