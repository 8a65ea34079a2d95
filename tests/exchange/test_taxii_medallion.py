"""Two desks with OASIS's own TAXII server, medallion, between them: read and written there."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import CN, LINE, US, WHAT, Clock, joined, made, sent

from comity.errors import RemoteError
from comity.exchange.desk import Desk
from comity.exchange.listening import listening_socket
from comity.exchange.model import Kind, Relay
from comity.exchange.taxii import deliver
from comity.exchange.taxii.client import Remote
from comity.exchange.taxii.deliver import connect, push, sync

pytestmark = pytest.mark.taxii
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
USER, PASSWORD = "line", "a password"


@pytest.fixture(scope="session")
def medallion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment of its own that has medallion."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not on the path: it makes the environment for medallion")
    folder = tmp_path_factory.mktemp("medallion") / "env"
    install = ["pip", "install", "-q", "--python", str(folder), "medallion>=3,<4"]
    for words in (["venv", "-q", str(folder)], install):
        done = subprocess.run([uv, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"medallion cannot be installed here: {done.stderr.strip()[-300:]}")
    return next(p for p in (folder / "bin/python", folder / "Scripts/python.exe") if p.exists())


@pytest.fixture
def url(medallion: Path, tmp_path: Path) -> Iterator[str]:
    """The address of an empty collection on a medallion that keeps it in memory."""
    with listening_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    here = f"http://127.0.0.1:{port}/group/"
    data = {
        "/discovery": {"title": "A server", "default": here, "api_roots": [here]},
        "group": {
            "information": {
                "title": "A group", "versions": ["application/taxii+json;version=2.1"],
                "max_content_length": 10_000_000,
            },
            "status": [],
            "collections": [{
                "id": COLLECTION, "title": "The line", "can_read": True, "can_write": True,
                "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": [],
            }],
        },
    }  # fmt: skip
    (tmp_path / "data.json").write_text(json.dumps(data))
    config = {
        "backend": {
            "module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
            "filename": str(tmp_path / "data.json"),
        },
        "users": {USER: PASSWORD},
        "taxii": {"max_page_size": 5},
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config))
    words = [str(medallion), "-m", "medallion.scripts.run", "--port", str(port)]
    server = subprocess.Popen(
        [*words, str(tmp_path / "config.json")], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port, server)
        yield f"{here}collections/{COLLECTION}/"
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return once the server answers; fail where it ends instead."""
    while True:
        assert server.poll() is None, "medallion ended"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/taxii2/", timeout=5)
        except urllib.error.HTTPError:
            return
        except (TimeoutError, urllib.error.URLError):
            continue


@pytest.fixture
def desks(tmp_path: Path, url: str) -> Iterator[tuple[Desk, Desk]]:
    us, cn = made(tmp_path, US, Clock()), made(tmp_path, CN, Clock())
    joined(us, cn)
    for desk in (us, cn):
        desk.set_relay(LINE, Relay(url, "", USER, PASSWORD))
    yield us, cn
    us.close()
    cn.close()


def journal(desk: Desk) -> list[tuple[str, int]]:
    return [(r.message.header.sender, r.message.header.number) for r in desk.messages(LINE)]


def test_two_desks_talk_through_a_server_that_knows_neither(desks: tuple[Desk, Desk]) -> None:
    us, cn = desks
    sent(us, Kind.NOTIFICATION, WHAT)
    for _ in range(7):
        sent(us, Kind.CHECK)
    (report,) = sync(us)
    assert (report.sent, report.text) == (8, "")
    (report,) = sync(cn)
    assert (report.fetched, report.text) == (8, "")
    assert journal(cn) == [(US, n) for n in range(1, 9)]
    sent(cn, Kind.CHECK)
    assert sync(cn)[0].sent == 1
    (report,) = sync(us)
    assert (report.fetched, report.text) == (1, "")
    assert journal(us) == journal(cn)
    assert [r.fetched for r in (*sync(us), *sync(cn))] == [0, 0]


def test_what_that_server_fails_since_it_holds_it_counts_as_delivered(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, _ = desks
    sent(us, Kind.CHECK)
    line = us.line(LINE)
    plain = Remote.add

    def lost(self: Remote, collection: str, objects: object) -> object:
        plain(self, collection, objects)  # type: ignore[arg-type]
        raise RemoteError("The answer was lost.", True)

    with connect(us, line, CN) as remote:
        monkeypatch.setattr(Remote, "add", lost)
        assert push(us, line, CN, remote).postponed == 1
        monkeypatch.setattr(Remote, "add", plain)
        again = deliver.travelling(us.due(CN, LINE, all=True), by_relay=True)
        assert remote.add(remote.collection(), again).failures
        report = push(us, line, CN, remote, all=True)
    assert (report.sent, report.text) == (1, "")
    assert us.deliveries() == ()


def test_a_wrong_password_is_a_state_in_words(desks: tuple[Desk, Desk], url: str) -> None:
    us, _ = desks
    us.set_relay(LINE, Relay(url, "", USER, "wrong"))
    sent(us, Kind.CHECK)
    (report,) = sync(us)
    assert "refuses (401)" in report.text
    assert (report.postponed, report.reached) == (1, True)


def test_our_client_reads_its_discovery_and_collections(desks: tuple[Desk, Desk], url: str) -> None:
    us, _ = desks
    sent(us, Kind.CHECK)
    sync(us)
    with Remote(
        url.partition("/group/")[0] + "/taxii2/", authorize=lambda: _basic(USER, PASSWORD)
    ) as remote:
        assert [c["id"] for c in remote.collections()] == [COLLECTION]
        (page,) = remote.pages(remote.collection(COLLECTION), match={"type": "grouping"})
    assert [o["type"] for o in page.objects] == ["grouping"]


def _basic(user: str, password: str) -> str:
    import base64

    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
