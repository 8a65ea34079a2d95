"""Two fresh installations, from the exchange of contacts to an account that both can prove.

What docs/exchange.md tells in commands, run as a user runs them: each party's commands in its own
folder, its server in a process of its own, one of them killed and started again in between.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from comity.cli import app

pytestmark = pytest.mark.slow
LINE, INCIDENT = "us-cn-hotline", "dcid:43"


class Party:
    """One installation: its folder, its commands, its server."""

    def __init__(self, folder: Path, name: str, country: str) -> None:
        self.home, self.name, self.country = folder / name, name, country
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server: subprocess.Popen[str] | None = None

    def do(self, *words: str) -> str:
        """Run a command of `comity exchange` for this desk and return what it prints."""
        return run("exchange", *words, "--home", str(self.home))

    def ask(self, *words: str) -> Any:
        """Run a command and return what it prints as data."""
        return json.loads(self.do(*words, "--json"))

    def serve(self) -> None:
        """Start the server and wait until it says where it is."""
        self.server = subprocess.Popen(
            [sys.executable, "-m", "comity", "exchange", "serve", "--home", str(self.home),
             "--listen", f"127.0.0.1:{self.port}", "--every", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.server.stdout is not None
        assert self.name in self.server.stdout.readline()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.communicate()
            self.server = None

    def send(self, kind: str, *words: str) -> str:
        """Write and release a message; return its id."""
        self.do("draft", LINE, kind, *words, "--send")
        return str(self.last(kind)["id"])

    def messages(self) -> list[dict[str, Any]]:
        """Return every message of every thread here."""
        threads = [t["id"] for t in self.ask("inbox")["threads"]]
        return [m for t in threads for m in self.ask("thread", t, "--keep-unread")["messages"]]

    def last(self, kind: str) -> dict[str, Any]:
        """Return the latest message of a kind."""
        return max((m for m in self.messages() if m["kind"] == kind), key=lambda m: m["sent"])


def run(*words: str, env: dict[str, str] | None = None) -> str:
    """Run `comity` and return what it prints."""
    found = CliRunner().invoke(app, list(words), env=env)
    assert found.exit_code == 0, f"{words}: {found.output}\n{found.exception}"
    return found.output


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so; a test that waits for ever fails."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.3)


@pytest.fixture
def parties(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    both = Party(tmp_path, "us.example", "US"), Party(tmp_path, "china.example", "CN")
    yield both
    for party in both:
        party.stop()


def introduce(us: Party, cn: Party, folder: Path) -> None:
    """Make both desks and let each take in the other's card, its fingerprint read out."""
    cards = {}
    for party in (us, cn):
        url = f"https://127.0.0.1:{party.port}/taxii2/line/"
        party.do("init", "--party", party.name, "--country", party.country, "--name",
                 f"Desk of {party.name}", "--url", url)  # fmt: skip
        party.do("contacts", "add", "--role", "technical", "--name", "Duty officer", "--channel",
                 f"email:cert@{party.name}", "--language", "en", "--hours", "24/7")  # fmt: skip
        card = folder / f"{party.name}.card"
        said = party.do("contacts", "export", str(card))
        spoken = re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}", said)
        assert spoken
        cards[party.name] = str(card), spoken.group()
    for party, other in ((us, cn), (cn, us)):
        path, fingerprint = cards[other.name]
        party.do("contacts", "import", path, "--fingerprint", fingerprint)
        party.do("open", LINE, "--with", other.name)
    assert f"cert@{cn.name}" in us.do("contacts")


def test_two_parties_consult_and_both_can_prove_it(
    parties: tuple[Party, Party], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # else it would be believed before ours
        monkeypatch.delenv(name, raising=False)
    introduce(us, cn, tmp_path)
    us.serve()
    cn.serve()

    us.do("check", LINE)
    until(lambda: bool(cn.ask("inbox")["unread"]), "the check did not arrive")
    cn.do("check", "--answer")
    until(lambda: any(m["kind"] == "check-answer" for m in us.messages()), "no answer arrived")

    evidence = tmp_path / "evidence.json"
    run("evidence", "show", INCIDENT, "--stix", str(evidence))
    cn.stop(signal.SIGKILL)
    noted = us.send(
        "notification", "--set", "happened=An intrusion that is on the public record.", "--set",
        "when=2020-12", "--set", "confidentiality=serious", "--set",
        "asked=What is known of it on your side.", "--attach", str(evidence), "--marking", "clear",
    )  # fmt: skip
    us.do("inbox")
    cn.serve()
    until(lambda: any(m["id"] == noted for m in cn.messages()), "it did not come after the kill")
    taken = next(m for m in cn.messages() if m["id"] == noted)
    sent = next(m for m in us.messages() if m["id"] == noted)
    assert taken["objects"] == sent["objects"]
    assert any(o["type"] == "incident" for o in taken["objects"])

    cn.send("acknowledgement", "--regards", noted)
    asked = cn.send("request", "--regards", noted, "--set", "asked=Which servers took part?")
    until(lambda: any(m["id"] == asked for m in us.messages()), "the request did not arrive")
    answered = us.send("reply", "--regards", asked, "--set", "answer=Those in the annex.", "--set",
                       "final=yes")  # fmt: skip
    until(lambda: any(m["id"] == answered for m in cn.messages()), "the reply did not arrive")
    cn.send("opinion", "--regards", noted, "--set", "attribution=As published.", "--set",
            "opinion=disagree", "--set", "grounds=The servers were rented by others.")  # fmt: skip
    thread = taken["thread"]
    cn.do("draft", LINE, "closure", "--thread", thread, "--send")
    until(lambda: any(m["kind"] == "closure" for m in us.messages()), "no closure arrived")
    us.do("draft", LINE, "closure", "--thread", thread, "--send")
    until(lambda: cn.ask("thread", thread)["places"] == {p.name: "closed" for p in parties},
          "the thread did not close")  # fmt: skip

    accounts = []
    for party in parties:
        assert "sound" in party.do("verify") or "nothing" in party.do("verify").lower()
        accounts.append(tmp_path / f"{party.name}.account.json")
        party.do("account", thread, "--out", str(accounts[-1]))
    assert "same" in run("exchange", "verify-account", *map(str, accounts))
    told = {tuple(m["digest"] for m in p.ask("thread", thread)["messages"]) for p in parties}
    assert len({frozenset(t) for t in told}) == 1

    read_by_oasis(us, taken["id"])
    record = run("process", LINE, env={"COMITY_EXCHANGE": str(us.home)})
    assert "between china.example and us.example: open" in record
    assert "requests answered" in record


def read_by_oasis(us: Party, message: str) -> None:
    """Read the line with OASIS's own client, by a password made for it."""
    from taxii2client.v21 import Server

    said = us.do("token", "add", "reader", "--for", us.name, "--read-only")
    password = re.search(r"Password: (\S+)", said)
    assert password
    certificate = us.home / "tls" / "certificate.pem"
    server = Server(f"https://127.0.0.1:{us.port}/taxii2/", user="reader",
                    password=password.group(1), verify=str(certificate))  # fmt: skip
    (collection,) = server.default.collections
    ids = {o["id"] for o in collection.get_objects()["objects"]}
    assert message in ids
