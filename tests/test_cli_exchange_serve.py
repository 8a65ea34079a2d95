"""`comity exchange serve`, `send`, `sync`, `token` and `relay`, as a person types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from comity.exchange.listening import listening_socket
from test_cli import run as run_words

US, CN, TRACK = "us.example", "china.example", "us-china-cyber-working-group"


pytestmark = pytest.mark.usefixtures("clean_folder")


@pytest.fixture
def run(capsys, monkeypatch):
    def run_for(party, *words):
        monkeypatch.setenv("COMITY_EXCHANGE", party)
        code, out, err = run_words(capsys, monkeypatch, "exchange", *words)
        return code, " ".join(out.split()), " ".join(err.split())

    return run_for


@pytest.fixture
def two(run):
    """Two desks with a line between them, each with an address on a port of its own."""
    for party, country in ((US, "US"), (CN, "China")):
        with listening_socket("127.0.0.1", 0) as free:
            port = free.getsockname()[1]
        url = f"https://127.0.0.1:{port}/taxii2/"
        words = ("--party", party, "--country", country, "--name", f"CERT of {party}")
        assert run(party, "init", *words, "--url", url)[0] == 0
    for party, other in ((US, CN), (CN, US)):
        code, out, _ = run(other, "contacts", "export", f"{other}.cards")
        assert code == 0
        spoken = out.rpartition(": ")[2]
        took = run(party, "contacts", "import", f"{other}.cards", "--fingerprint", spoken)
        assert took[0] == 0, took
        assert run(party, "open", TRACK, "--with", other, "--title", "The line")[0] == 0
    return run


def card(run, party: str) -> dict:
    (own,) = [c for c in json.loads(run(party, "contacts", "list", "--json")[1]) if c["own"]]
    return own


def test_a_desk_with_an_address_gets_a_certificate_that_is_on_its_card(two, tmp_path) -> None:
    made = tmp_path / US / "tls" / "certificate.pem"
    assert card(two, US)["endpoint"]["certificate"].strip() == made.read_text().strip()
    assert (tmp_path / US / "tls" / "key.pem").stat().st_mode & 0o077 == 0


def test_a_certificate_that_is_there_is_not_replaced(two, tmp_path) -> None:
    before = (tmp_path / US / "tls" / "certificate.pem").read_text()
    code, _, err = two(US, "init", "--party", US, "--country", "US", "--name", "Again", "--url",
                       "https://127.0.0.1:1/taxii2/")  # fmt: skip
    assert code == 1, err
    assert (tmp_path / US / "tls" / "certificate.pem").read_text() == before


def test_a_program_gets_a_password_once_and_loses_it_again(two) -> None:
    code, out, _ = two(US, "token", "add", "siem", "--for", CN, "--read-only")
    assert code == 0
    assert "reads on the lines of china.example" in out
    secret = out.split("Password: ")[1].split()[0]
    assert len(secret) >= 40
    found = json.loads(two(US, "token", "list", "--json")[1])
    assert [(t["name"], t["party"], t["read_only"]) for t in found] == [("siem", CN, True)]
    assert secret not in two(US, "token")[1]
    code, _, err = two(US, "token", "add", "siem", "--for", CN)
    assert (code, "already" in err) == (1, True)
    assert two(US, "token", "remove", "siem")[0] == 0
    assert "No program has a password" in two(US, "token", "list")[1]
    code, _, err = two(US, "token", "remove", "siem")
    assert (code, "no token 'siem'" in err) == (1, True)


def test_a_password_is_for_a_party_of_a_line_and_a_name_that_can_be_typed(two) -> None:
    code, _, err = two(US, "token", "add", "siem", "--for", "russia.example")
    assert (code, "On its lines are: china.example, us.example" in err) == (1, True)
    code, _, err = two(US, "token", "add", "a:b", "--for", CN)
    assert (code, "no name of a program" in err) == (1, True)


def test_what_does_not_arrive_is_kept_and_said(two) -> None:
    assert two(US, "check", TRACK)[0] == 0
    code, out, _ = two(US, "send")
    assert code == 1
    assert f"{TRACK} with {CN}: 1 kept to be sent again." in out
    assert "cannot be reached" in out
    code, out, _ = two(US, "sync", CN, "--json")
    (report,) = json.loads(out)
    assert (code, report["reached"], report["postponed"]) == (1, False, 1)


def test_what_waits_is_counted_where_the_server_was_not_tried_again(two) -> None:
    assert two(US, "open", "a-line-before", "--with", CN)[0] == 0
    assert two(US, "check", TRACK)[0] == 0
    code, out, _ = two(US, "sync")
    assert code == 1
    assert f"a-line-before with {CN}: not reached." in out
    assert f"{TRACK} with {CN}: 1 kept to be sent again." in out
    assert out.count("cannot be reached: ") == 2
    assert "[Errno" not in out
    assert f"message 1 on {TRACK} to {CN}: not tried yet" in two(US, "inbox")[1]


def test_delivery_to_somebody_unknown_is_refused(two, run) -> None:
    code, _, err = two(US, "sync", "russia.example")
    assert (code, "Open with: china.example" in err) == (1, True)


@pytest.mark.parametrize("listen", ["here", "127.0.0.1", "127.0.0.1:99999", "a b:1", "::1:8443"])
def test_an_address_to_listen_on_is_host_and_port(run, listen: str) -> None:
    code, _, err = run(US, "serve", "--listen", listen)
    assert (code, "HOST:PORT" in err) == (1, True)
    code, _, err = run(US, "serve", "--certificate", "x.pem")
    assert (code, "belong together" in err) == (1, True)


def test_a_relay_is_set_and_taken_away(two, tmp_path) -> None:
    (tmp_path / "secret").write_text("a password\n")
    code, out, _ = two(US, "relay", TRACK, "--url", "https://hub.example/root/", "--user", "us",
                       "--password-file", "secret")  # fmt: skip
    assert (code, "goes by https://hub.example/root/" in out) == (0, True)
    assert two(US, "relay", TRACK, "--remove")[0] == 0
    code, _, err = two(US, "relay", TRACK, "--url", "http://hub.example/")
    assert (code, "no address of a TAXII server" in err) == (1, True)


@pytest.mark.slow
def test_two_processes_bring_a_check_over_and_stop_when_told(two, tmp_path) -> None:
    port = card(two, CN)["endpoint"]["url"].split(":")[2].split("/")[0]
    environment = {**os.environ, "COMITY_EXCHANGE": str(tmp_path / CN)}
    server = subprocess.Popen(
        [sys.executable, "-m", "comity", "exchange", "serve", "--listen", f"127.0.0.1:{port}"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        first = server.stdout.readline()
        assert f"{CN} is at https://127.0.0.1:{port}/taxii2/" in first
        assert two(US, "check", TRACK)[0] == 0
        code, out, err = two(US, "send")
        assert (code, out, err) == (0, f"{TRACK} with {CN}: 1 sent.", "")
        assert two(US, "sync")[1] == f"{TRACK} with {CN}: nothing new."
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    assert "Traceback" not in said
    assert json.loads(two(CN, "lines", "--json")[1])
