"""How many messages one server takes in a second, signatures checked and journal on disk.

    python benchmarks/exchange_speed.py [--messages 4000] [--lines 8] [--database URL]

Two desks; one has signed the messages beforehand, the other's server runs in a process of its own,
as `comity exchange serve` starts it, over HTTPS. One connection for each line brings that line's
messages in order: first one message a request, then fifty. Every answer says that the message is
in the journal, on disk. In the same run: bare commits of one row a second in SQLite with the same
settings, which is what the disk allows where nothing is checked or shared; the processor time that
the server used for each message; and its memory at its highest. The client shares the two
processors with the server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import resource
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PARTIES = ("us.example", "china.example")
FIELDS = {"happened": "Credentials of a grid operator were stolen.", "when": "2026-02"}


def desks(folder: Path, lines: int, database: str) -> None:
    """Make two desks that know each other and share so many lines."""
    from comity.exchange.cards import accept_card, fingerprint
    from comity.exchange.desk import Desk, utc_now
    from comity.exchange.desk_config import DeskConfig
    from comity.exchange.making import make_desk

    opened = []
    for party in PARTIES:
        used = database if party == PARTIES[1] else ""
        make_desk(folder / party, DeskConfig(party, party[:2].upper(), party, used), utc_now())
        opened.append(Desk.open(folder / party))
    for desk, other in (opened, opened[::-1]):
        token, card = other.book.own()
        accept_card(token, None, None, utc_now(), fingerprint(card))
        desk.book.put(token, card)
        for number in range(lines):
            desk.open_line(f"line-{number}", [other.party])
        desk.close()


def signed(folder: Path, lines: int, count: int) -> dict[str, list[bytes]]:
    """Return so many messages of the first party, by line, as they travel."""
    from comity.exchange.desk import Desk, utc_now
    from comity.exchange.model import Kind
    from comity.exchange.sending import new_draft

    desk, found = Desk.open(folder / PARTIES[0]), {}
    for number in range(lines):
        line, texts = f"line-{number}", []
        for _ in range(count // lines):
            draft = new_draft(line, Kind.NOTIFICATION, "bench", utc_now(), fields=FIELDS)
            message = desk.send(draft)
            parts = [json.dumps(part) for part in (*message.objects, message.root)]
            texts.append(",".join(parts).encode())
        found[line] = texts
    desk.close()
    return found


def serve(folder: Path) -> None:
    """Serve the second party's desk until standard input closes; say the port, then the memory."""
    from comity.exchange.desk import Desk, utc_now
    from comity.exchange.taxii.certs import keep_certificate, make_certificate
    from comity.exchange.taxii.listening import running
    from comity.exchange.taxii.server import build_app

    desk = Desk.open(folder / PARTIES[1])
    paths = keep_certificate(folder, *make_certificate(["127.0.0.1", "localhost"], utc_now()))
    with running(build_app(desk), *paths) as address:
        print(address.rstrip("/").rpartition(":")[2].partition("/")[0], flush=True)
        for _ in sys.stdin:
            print(time.process_time(), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)


def bring(folder: Path, port: int, line: str, texts: list[bytes], together: int) -> int:
    """Post messages in order over one connection; return how many the server says it holds."""
    from comity.exchange.desk import Desk, utc_now
    from comity.exchange.taxii.auth import make_bearer
    from comity.exchange.taxii.resources import collection_id

    desk = Desk.open(folder / PARTIES[0])
    bearer = make_bearer(desk.signing_key(), PARTIES[0], PARTIES[1], utc_now())
    desk.close()
    context = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    link = http.client.HTTPSConnection("127.0.0.1", port, context=context)
    path, taken = f"/taxii2/line/collections/{collection_id(line)}/objects/", 0
    for start in range(0, len(texts), together):
        body = b'{"objects":[' + b",".join(texts[start : start + together]) + b"]}"
        link.request("POST", path, body, {
            "Authorization": f"Bearer {bearer}", "Accept": "application/taxii+json;version=2.1",
            "Content-Type": "application/taxii+json;version=2.1",
        })  # fmt: skip
        answer = json.loads(link.getresponse().read())
        if answer.get("failure_count", 1) or answer.get("pending_count", 1):
            raise SystemExit(f"not taken: {json.dumps(answer)[:600]}")
        taken += len(texts[start : start + together])
    link.close()
    return taken


def bare_commits(folder: Path, seconds: float = 3.0) -> float:
    """Return how many commits of one row a second SQLite makes here, each on disk."""
    link = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        link.execute(f"PRAGMA {pragma}")
    link.execute("CREATE TABLE rows (body TEXT)")
    start, count, body = time.perf_counter(), 0, "x" * 1500
    while time.perf_counter() - start < seconds:
        link.execute("BEGIN IMMEDIATE")
        link.execute("INSERT INTO rows VALUES (?)", (body,))
        link.execute("COMMIT")
        count += 1
    return count / (time.perf_counter() - start)


def spent(server: subprocess.Popen[str]) -> float:
    """Return how many seconds of processor time the server has used: what does not depend on what
    else the machine does."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("\n")
    server.stdin.flush()
    return float(server.stdout.readline())


def main() -> None:
    """Measure, and print one line a number."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--lines", type=int, default=8)
    parser.add_argument("--database", default="", help="of the server; SQLite in a file without")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        desks(folder, given.lines, given.database)
        texts = signed(folder, given.lines, given.messages)
        print(f"bare SQLite commits a second: {bare_commits(folder):.0f}")
        command = [sys.executable, __file__, "--serve", name]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        port = int(server.stdout.readline())
        halves = {line: len(some) // 2 for line, some in texts.items()}
        for together, part in ((1, slice(0, None)), (50, slice(1, None))):
            work = {
                line: some[: halves[line]] if part.start == 0 else some[halves[line] :]
                for line, some in texts.items()
            }
            start, used = time.perf_counter(), spent(server)
            with ThreadPoolExecutor(given.lines) as pool:
                jobs = [pool.submit(bring, folder, port, line, some, together)
                        for line, some in work.items()]  # fmt: skip
                taken = sum(job.result() for job in jobs)
            took = time.perf_counter() - start
            each = 1000 * (spent(server) - used) / taken
            speed = f"{taken} messages in {took:.1f} s, {taken / took:.0f} a second"
            speed += f", {each:.2f} ms of the server's processor time each"
            print(f"{together} a request: {speed}")
        out, _ = server.communicate()
        print(f"the server's memory at its highest: {out.strip()} MB")


if __name__ == "__main__":
    main()
