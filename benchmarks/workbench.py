"""How fast the workbench answers: a control moved, twenty people at once, pages already made.

    python benchmarks/workbench.py [--users 20] [--moves 40] [--pause 2]

Starts `comity serve` on a free port over an empty folder and asks it over HTTP; the time of a move
runs from the request to the last byte of the part that shows the answer and the chart. *Somebody
who reads* begins at `us-china-2015` as declared, moves one control by one value (a slider's next
stop, another comparison, scope, period or reading of dates; drawn with a fixed seed), looks for so
many seconds, and goes on from there: what may come next is computed meanwhile. *Unforeseen* is a
value on no control's list (a day within a quarter), from 2018 on, so that something is fitted.
Cached pages are best measured with a load generator beside it, for example
`wrk -t2 -c20 -d10 ADDRESS/agreements`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

PAGES = ("/", "/agreements", "/verdict/us-china-2015", "/definitions", "/talks", "/incidents")
FIRST = dt.date(2018, 1, 7)  # from then on there is enough after the agreement to fit


def fetch(address: str) -> tuple[float, int]:
    """Return the seconds a request took and the bytes of its answer, unzipped."""
    start = time.perf_counter()
    with urllib.request.urlopen(address, timeout=120) as answer:
        size = len(answer.read())
    return time.perf_counter() - start, size


def moves(count: int, offset: int) -> list[str]:
    """Return queries that were not asked before: another day, another comparison or scope."""
    others = ("", "&comparison=receiver-otherwise", "&scope=whole-dyad", "&period=half-year")
    days = (FIRST + dt.timedelta(days=7 * (offset + k)) for k in range(count))
    return [f"as_of={day.isoformat()}{others[k % len(others)]}" for k, day in enumerate(days)]


def walk(address: str, count: int, pause: float) -> list[float]:
    """Return the seconds each move took of somebody who reads before moving on."""
    from comity.incidents.load import load_evidence
    from comity.verification.question import load_question
    from comity.web.controls import controls_of, next_values

    question, evidence, chance = load_question("us-china-2015"), load_evidence(), random.Random(5)
    values: dict[str, str] = {"as_of": "2020-06-30"}
    took = []
    for k in range(count + 1):
        query = urllib.parse.urlencode(values)
        seconds, _ = fetch(f"{address}/verdict/us-china-2015?part=glance&{query}")
        if k:
            took.append(seconds)
        time.sleep(pause)
        controls = controls_of(question, evidence, values)
        moves = [dict(m) for m in next_values(controls, values) if "list" not in m]
        values = dict(chance.choice([m for m in moves if m.get("as_of", "9") > "2018"]))
    return sorted(took)


def measure(address: str, users: int, count: int, pause: float) -> None:
    """Print what was measured."""
    verdict = f"{address}/verdict/us-china-2015?part=glance&"
    for _ in range(4):
        fetch(verdict.rstrip("&"))
    fetch(f"{address}/verdict/us-china-2015")
    read = walk(address, count, pause)
    print(f"somebody who reads {pause:g} s between {count} moves: median "
          f"{statistics.median(read):.3f} s, 90 % under {read[int(0.9 * count)]:.3f}")  # fmt: skip
    alone = sorted(fetch(verdict + query)[0] for query in moves(count, 0))
    print(f"unforeseen, {count} moves: median {statistics.median(alone):.3f} s, "
          f"90 % under {alone[int(0.9 * count)]:.3f} s")  # fmt: skip
    rounds = []
    for k in range(5):
        queries = moves(users, 60 + k * users)
        with ThreadPoolExecutor(users) as pool:
            rounds += list(pool.map(lambda q: fetch(verdict + q)[0], queries))
    rounds.sort()
    print(f"{users} people at once, 5 rounds: median {statistics.median(rounds):.3f} s, "
          f"slowest {rounds[-1]:.3f} s")  # fmt: skip
    for page in PAGES:
        fetch(address + page)
        again = [fetch(address + page) for _ in range(20)]
        seconds = statistics.median(s for s, _ in again)
        print(f"{page}: {again[0][1] / 1000:.0f} kB, again {1000 * seconds:.1f} ms")


def main() -> None:
    """Serve, measure, stop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--pause", type=float, default=2.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "COMITY_HOME": home, "PYTHONUNBUFFERED": "1"}
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "comity", "serve", "--port", "0"],
            stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        try:
            line = process.stdout.readline() if process.stdout else ""
            address = line.split()[3].rstrip("/")
            up = time.perf_counter() - start
            first = fetch(f"{address}/")[0]
            print(f"address printed after {up:.2f} s; first page {first:.2f} s after that")
            for _ in range(120):  # the table of every question is computed meanwhile
                with urllib.request.urlopen(f"{address}/verdicts") as answer:
                    if answer.headers.get("X-Comity-Settled") is None:
                        break
                time.sleep(0.5)
            measure(address, asked.users, asked.moves, asked.pause)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
