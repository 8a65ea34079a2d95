"""Ten thousand messages between two desks, whose processes are killed and whose link is cut.

    python benchmarks/exchange_faults.py [--messages 10000] [--kills 200] [--seed 1126]

Two desks in network namespaces of their own, joined by a virtual cable (on loopback, without cuts,
where this machine lets nobody make namespaces). Each side is one process: its server over HTTPS,
its delivery, and a writer that sends its share of messages in some forty threads, of most kinds
that a thread allows. Meanwhile either process is killed with SIGKILL at random moments and started
again, with its clock off by up to four minutes, anew each time; and the cable is cut and joined.
At the end nothing is killed any more until nothing moves; then every message, number and entry is
counted from the two databases, not by the program's own comparison alone.

What is sent, when a process is killed and how clocks are off come from the seed; how far it has
come by then does not, so a run repeats in what it does and not in its timing.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

PARTIES = ("china.example", "us.example")
LINE, THREADS, PORT = "faults", 40, 8443
SKEW_SECONDS, CUT_SECONDS = 240.0, (0.3, 3.0)
ADDRESSES = ("10.77.0.1", "10.77.0.2")
SPACES = ("comity-a", "comity-b")
FIELDS = {
    "notification": {"happened": "Something was seen.", "when": "2026-02"},
    "request": {"asked": "Is this known to you?"},
    "acknowledgement": {},
    "reply": {"answer": "It is not.", "final": "yes"},
    "opinion": {"attribution": "As published.", "opinion": "neutral", "grounds": "None."},
    "correction": {"wrong": "The month.", "right": "2026-01"},
}


def make(folder: Path, addresses: tuple[str, str], ports: tuple[int, int]) -> None:
    """Make two desks that know each other's keys, servers and certificates."""
    from comity.exchange.cards import accept_card, fingerprint
    from comity.exchange.desk import Desk, utc_now
    from comity.exchange.desk_config import DeskConfig
    from comity.exchange.making import make_desk
    from comity.exchange.model import Endpoint
    from comity.exchange.taxii.certs import keep_certificate, make_certificate

    opened = []
    for party, address, port in zip(PARTIES, addresses, ports, strict=True):
        home = folder / party
        home.mkdir()
        certificate, key = make_certificate([address], utc_now() - dt.timedelta(days=1))
        keep_certificate(home, certificate, key)
        endpoint = Endpoint(f"https://{address}:{port}/taxii2/line/", certificate)
        config = DeskConfig(party, party[:2].upper(), party)
        make_desk(home, config, utc_now() - dt.timedelta(hours=1), endpoint)
        opened.append(Desk.open(home))
    for desk, other in (opened, opened[::-1]):
        token, card = other.book.own()
        accept_card(token, None, None, utc_now(), fingerprint(card))
        desk.book.put(token, card)
        desk.open_line(LINE, [other.party])
    for desk in opened:
        desk.close()


def side(home: Path, address: str, port: int, skew: float, count: int, seed: int) -> None:
    """Be one side until killed: serve, deliver, and write until `count` messages are sent."""
    from comity.exchange.desk import Desk, utc_now
    from comity.exchange.taxii.certs import CERTIFICATE, KEY
    from comity.exchange.taxii.deliver import connect, sync
    from comity.exchange.taxii.listening import running
    from comity.exchange.taxii.server import build_app

    desk = Desk.open(home, lambda: utc_now() + dt.timedelta(seconds=skew))

    def deliver() -> None:
        while True:
            sync(desk, all=True, connect=lambda d, line, peer: connect(d, line, peer, tries=1))
            time.sleep(0.1)

    with running(build_app(desk), home / CERTIFICATE, home / KEY, address, port):
        print("ready", flush=True)
        threading.Thread(target=deliver, daemon=True).start()
        tries = 0
        while (done := sent(home)) < count:
            write(desk, random.Random(f"{seed} {desk.party} {done} {tries}"))
            tries += 1
        while True:
            time.sleep(1)


def sent(home: Path) -> int:
    """Return how many messages a desk has sent, from its database."""
    with contextlib.closing(sqlite3.connect(home / "exchange.sqlite", timeout=60)) as link:
        query = "SELECT count(*) FROM messages WHERE sender = ?"
        return int(link.execute(query, (home.name,)).fetchone()[0])


def write(desk: Any, chance: random.Random) -> None:
    """Send one message: in a thread there is, of a kind it allows, or in a new one."""
    from comity.exchange.model import Kind
    from comity.exchange.rules import allowed, state_of
    from comity.exchange.sending import new_draft
    from comity.exchange.threads import load_headers

    threads, line = desk.threads(LINE), desk.line(LINE)
    kind, regards, thread = Kind.NOTIFICATION, "", ""
    if len(threads) >= THREADS or (threads and chance.random() < 0.7):
        thread = chance.choice(threads[:THREADS]).id
        with desk.database.reading() as link:
            headers = load_headers(link, LINE, thread)
        state = state_of(headers, line.parties, line.terms, desk.clock())
        may = [(k, ids) for k, ids in allowed(state, desk.party) if str(k) in FIELDS]
        kind, ids = chance.choice(may) if may else (Kind.NOTIFICATION, ())
        regards = chance.choice(ids) if ids else ""
    draft = new_draft(LINE, kind, "writer", desk.clock(), thread=thread, regards=regards,
                      fields=FIELDS[str(kind)])  # fmt: skip
    with contextlib.suppress(Exception):  # what the thread does not allow by now is not sent
        desk.send(draft)


class Runner:
    """Starts one side again and again, killed at moments that the seed gives."""

    def __init__(self, number: int, given: argparse.Namespace, folder: Path, spaces: bool) -> None:
        self.home = folder / PARTIES[number]
        self.spaces, self.number, self.given = spaces, number, given
        self.chance = random.Random(f"{given.seed} kills {number}")
        self.kills, self.skews = 0, []
        self.log = (folder / f"{PARTIES[number]}.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, its clock off anew, and wait until it serves."""
        skew = self.chance.uniform(-SKEW_SECONDS, SKEW_SECONDS)
        self.skews.append(skew)
        address = ADDRESSES[self.number] if self.spaces else "127.0.0.1"
        port = PORT if self.spaces else PORT + self.number
        before = ["ip", "netns", "exec", SPACES[self.number]] if self.spaces else []
        self.process = subprocess.Popen(
            [*before, sys.executable, __file__, "--side", str(self.home), "--at", address,
             "--port", str(port), "--skew", str(skew), "--seed", str(self.given.seed),
             "--messages", str(self.given.messages // 2)],
            stdout=subprocess.PIPE, stderr=self.log,
        )  # fmt: skip
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != b"ready":
            raise SystemExit(f"{self.home.name} did not start; see {self.log.name}")

    def kill(self) -> None:
        """Kill it, whatever it is doing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills += 1

    def run(self, kills: int) -> None:
        """Start, wait a moment, kill; so many times. Then start and leave it."""
        while self.kills < kills:
            self.start()
            time.sleep(self.chance.uniform(0.05, 5.0))
            self.kill()
        self.start()


def namespaces() -> bool:
    """Join two network namespaces by a virtual cable; say whether this machine allows it."""
    if os.name != "posix" or os.getuid() != 0 or not shutil.which("ip"):
        return False
    tear_down()
    commands = [f"ip netns add {name}" for name in SPACES]
    commands.append(f"ip link add ca netns {SPACES[0]} type veth peer name cb netns {SPACES[1]}")
    for name, end, address in zip(SPACES, ("ca", "cb"), ADDRESSES, strict=True):
        commands.append(f"ip -n {name} addr add {address}/24 dev {end}")
        commands += [f"ip -n {name} link set {one} up" for one in ("lo", end)]
    for command in commands:
        if subprocess.run(command.split(), capture_output=True, check=False).returncode:
            tear_down()
            return False
    return True


def tear_down() -> None:
    """Take the namespaces away, and the cable with them."""
    for name in SPACES:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def cut(chance: random.Random, until: threading.Event, count: Counter[str]) -> None:
    """Cut the cable and join it, at random moments."""
    while not until.wait(chance.uniform(1.0, 5.0)):
        subprocess.run(["ip", "-n", SPACES[0], "link", "set", "ca", "down"], check=True)
        count["cuts"] += 1
        until.wait(chance.uniform(*CUT_SECONDS))
        subprocess.run(["ip", "-n", SPACES[0], "link", "set", "ca", "up"], check=True)


def rows(home: Path) -> list[tuple[Any, ...]]:
    """Return what a desk's journal holds, in its order."""
    with contextlib.closing(sqlite3.connect(home / "exchange.sqlite", timeout=60)) as link:
        return link.execute(
            "SELECT sender, number, digest, thread, regular, id FROM messages ORDER BY n"
        ).fetchall()


def counted(folder: Path) -> dict[str, Any]:
    """Return what was lost, doubled, out of order, from the two databases."""
    held = [rows(folder / party) for party in PARTIES]
    digests = [[row[2] for row in side] for side in held]
    order = 0
    for one in held:
        last: dict[tuple[str, str], int] = {}
        for sender, number, _, thread, _, _ in one:
            order += number <= last.get((sender, thread), 0)
            last[sender, thread] = number
    gaps = sum(
        [row[1] for row in one if row[0] == party] != list(range(1, 1 + sum(
            row[0] == party for row in one)))
        for one in held for party in PARTIES
    )  # fmt: skip
    return {
        "messages": [len(side) for side in held],
        "lost": len(set(digests[0]) ^ set(digests[1])),
        "doubled": sum(len(d) - len(set(d)) for d in digests),
        "ids doubled": sum(len(side) - len({row[5] for row in side}) for side in held),
        "out of order in a thread": order,
        "gaps in a sender's numbers": gaps,
        "irregular": [sum(not row[4] for row in side) for side in held],
    }


def checked(folder: Path) -> dict[str, str]:
    """Return what the program itself says of both journals, and of the two together."""
    from comity.exchange.compare import compare
    from comity.exchange.desk import Desk
    from comity.exchange.proofs import statement_of, verify_line

    opened = [Desk.open(folder / party) for party in PARTIES]
    found = {
        f"{d.party} verified": "sound"
        if (v := verify_line(d, LINE)).fault is None
        else v.fault.text
        for d in opened
    }
    compared = compare(*(statement_of(d, LINE) for d in opened))
    for desk in opened:
        desk.close()
    return {**found, "compared": str(compared.standing)}


def main() -> None:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1126)
    parser.add_argument("--minutes", type=float, default=60, help="give up after so long")
    parser.add_argument("--loopback", action="store_true", help="do without namespaces")
    for name, kind in (("--side", Path), ("--at", str), ("--port", int), ("--skew", float)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        side(given.side, given.at, given.port, given.skew, given.messages, given.seed)
        return
    spaces = not given.loopback and namespaces()
    folder, start = Path(tempfile.mkdtemp(prefix="comity-faults-")), time.monotonic()
    addresses = ADDRESSES if spaces else ("127.0.0.1", "127.0.0.1")
    make(folder, addresses, (PORT, PORT) if spaces else (PORT, PORT + 1))
    runners = [Runner(number, given, folder, spaces) for number in (0, 1)]
    count: Counter[str] = Counter()
    quiet = threading.Event()
    jobs = [threading.Thread(target=r.run, args=(given.kills // 2,)) for r in runners]
    if spaces:
        chance = random.Random(f"{given.seed} cuts")
        jobs.append(threading.Thread(target=cut, args=(chance, quiet, count), daemon=True))
    try:
        for job in jobs:
            job.start()
        for job in jobs[:2]:
            job.join()
        half, until = given.messages // 2, start + given.minutes * 60
        while time.monotonic() < until:
            time.sleep(1)
            if min(sent(r.home) for r in runners) >= half:
                quiet.set()
                found = counted(folder)
                if not found["lost"] and sum(found["messages"]) == 4 * half:
                    break
        for runner in runners:
            runner.process.terminate()  # type: ignore[union-attr]
            runner.process.wait()  # type: ignore[union-attr]
        skews = [s for r in runners for s in r.skews]
        table = {
            "seed": given.seed, "namespaces": spaces, **counted(folder), **checked(folder),
            "killed with SIGKILL": sum(r.kills for r in runners), "cable cut": count["cuts"],
            "clocks off by (s)": f"{min(skews):.0f} to {max(skews):.0f}",
            "minutes": round((time.monotonic() - start) / 60, 1),
        }  # fmt: skip
        print("\n".join(f"{name}: {json.dumps(value)}" for name, value in table.items()))
    finally:
        quiet.set()
        if spaces:
            tear_down()


if __name__ == "__main__":
    main()
