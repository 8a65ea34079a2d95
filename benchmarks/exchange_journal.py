"""How long does it take to verify a journal of a million entries, and in how much memory?

    uv run python benchmarks/exchange_journal.py --entries 1000000

Makes a journal in SQLite in a temporary folder: two parties whose messages (2 KB with their
fields) cross in bursts, entries and messages as a desk stores them. Then verifies it in one pass,
in a process of its own: hashes, order, every message's digest, the commitments of the party's own
messages, and a witness every thousand entries. Prints entries a second, CPU seconds and the peak of
memory. Signatures are left out here: they are checked on request, at some 10,000 a second.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comity.exchange.canonical import sha256
from comity.exchange.journal import Head, Row, Witness, verify_journal
from comity.exchange.merkle import Frontier
from comity.exchange.messages import EXTENSION

LINE, PARTY, OTHER = "us-china-hotline", "china.example", "us.example"
FILLING = "The operator of the ministry's mail relay saw connections from these addresses. " * 18
SCHEMA = """
create table journal (line text, n integer, hash text, body text, primary key (line, n));
create table messages (line text, digest text, n integer, sender text, number integer, root text,
    signature text, primary key (line, digest), unique (line, n));
"""
QUERY = """
select j.n, j.hash, j.body, m.digest, m.sender, m.number, m.root from journal j
left join messages m on m.line = j.line and m.n = j.n where j.line = ? order by j.n
"""


def make(path: Path, entries: int, seed: int) -> tuple[Head, list[Witness]]:
    """Write a journal; return its head and the witnesses of it."""
    link, chance = sqlite3.connect(path), random.Random(seed)
    link.executescript(SCHEMA)
    link.execute("pragma synchronous=off")
    tree, last, previous = Frontier(), {}, ""
    held: list[Witness] = []
    start = 1_764_172_800
    for first in range(1, entries + 1, 5000):
        rows: list[tuple[Any, ...]] = []
        texts: list[tuple[Any, ...]] = []
        for n in range(first, min(entries, first + 4999) + 1):
            sender = PARTY if chance.random() < 0.5 else OTHER
            number, before = last.get(sender, (0, ""))
            text = message(sender, number + 1, before, last, tree)
            digest, when = sha256(text.encode()), time.gmtime(start + n)
            what = "sent" if sender == PARTY else "received"
            body = json.dumps(
                {"digest": digest, "line": LINE, "n": n, "number": number + 1,
                 "previous": previous, "recorded": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", when),
                 "sender": sender, "what": what}, separators=(",", ":"),
            )  # fmt: skip
            if n % 1000 == 0:
                held.append(Witness(n - 1, tree.root(), OTHER, "2026-11-26"))
            previous = sha256(body.encode())
            tree.append(body.encode())
            last[sender] = (number + 1, digest)
            rows.append((LINE, n, previous, body))
            texts.append((LINE, digest, n, sender, number + 1, text, "-"))
        link.executemany("insert into journal values (?, ?, ?, ?)", rows)
        link.executemany("insert into messages values (?, ?, ?, ?, ?, ?, ?)", texts)
        link.commit()
    link.close()
    return Head(entries, previous, tree.root(), last), held


def message(
    sender: str, number: int, before: str, last: dict[str, tuple[int, str]], tree: Frontier
) -> str:
    """Return the text of a message, of the size of a short notification."""
    header = {
        "journal": [tree.size, tree.root()] if sender == PARTY else [0, "0" * 64], "line": LINE,
        "number": number, "previous": before, "sender": sender,
        "seen": sorted([p, *pair] for p, pair in last.items() if p != sender),
        "thread": "11111111-1111-4111-8111-111111111111", "kind": "notification",
    }  # fmt: skip
    root = {"type": "grouping", "context": "consultation",
            "extensions": {EXTENSION: {"fields": {"what": FILLING}, "header": header}}}  # fmt: skip
    return json.dumps(root, separators=(",", ":"))


def rows(path: Path) -> Iterator[Row]:
    """Read the journal from the disk, a few hundred rows at a time."""
    link = sqlite3.connect(path)
    cursor = link.execute(QUERY, (LINE,))
    while some := cursor.fetchmany(500):
        yield from (Row(*one) for one in some)
    link.close()


def verify(path: Path, head: Head, witnesses: list[Witness]) -> None:
    """Verify the journal and print what it took; runs in a process of its own."""
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start, cpu = time.perf_counter(), time.process_time()
    verdict = verify_journal(rows(path), LINE, PARTY, head, witnesses)
    took, used = time.perf_counter() - start, time.process_time() - cpu
    assert verdict.sound, verdict.fault
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {verdict.entries:,} | {path.stat().st_size / 1e6:,.0f} MB | {took:.1f} s | "
          f"{used:.1f} s | {verdict.entries / used:,.0f} | {idle:.0f} MB | {peak:.0f} MB |",
          flush=True)  # fmt: skip


def main() -> None:
    """Make, verify, print one line of a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("| entries | database | wall | CPU | entries a CPU second | memory before | peak |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for entries in given.entries:
            path = Path(folder) / f"{entries}.sqlite"
            head, witnesses = make(path, entries, given.seed)
            context = multiprocessing.get_context("spawn")
            process = context.Process(target=verify, args=(path, head, witnesses))
            process.start()
            process.join()
            path.unlink()


if __name__ == "__main__":
    main()
