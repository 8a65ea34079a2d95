"""How long does it take to verify a journal of a million entries, and in how much memory?

    uv run python benchmarks/exchange_journal.py --entries 1000000

Makes a desk's database in SQLite in a temporary folder: two parties whose messages (some 1.9 kB
each) cross, entries and messages in the tables of a desk. Then verifies it as `comity exchange
verify --no-signatures` does, in one pass and a process of its own: hashes, order, every message's
digest, the commitments of the party's own messages, and a witness every thousand entries. Prints
entries a CPU second and the peak of memory; then how many signatures are checked a second.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import random
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

from comity.exchange.canonical import sha256
from comity.exchange.database import sqlite_url
from comity.exchange.journal import Witness, verify_journal
from comity.exchange.keys import make_keys, sign
from comity.exchange.keys import verify as check
from comity.exchange.merkle import Frontier
from comity.exchange.messages import EXTENSION, TYP
from comity.exchange.proofs import stored_head, stored_rows
from comity.exchange.tables import META, heads, journal, messages

LINE, PARTY, OTHER = "us-china-hotline", "china.example", "us.example"
FILLING = "The operator of the ministry's mail relay saw connections from these addresses. " * 18


def make(path: Path, entries: int, seed: int) -> list[Witness]:
    """Write a journal; return witnesses of it."""
    engine, chance = create_engine(sqlite_url(path)), random.Random(seed)
    META.create_all(engine)
    link = engine.connect()
    link.exec_driver_sql("pragma synchronous=off")
    tree, last, previous = Frontier(), {}, ""
    held: list[Witness] = []
    start = 1_764_172_800
    for first in range(1, entries + 1, 5000):
        rows: list[dict[str, Any]] = []
        texts: list[dict[str, Any]] = []
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
            rows.append({"line": LINE, "n": n, "hash": previous, "body": body})
            texts.append({
                "line": LINE, "digest": digest, "n": n, "id": f"grouping--{n}", "thread": "t",
                "kind": "notification", "sender": sender, "number": number + 1, "sent": "s",
                "received": "r", "regular": True, "unread": False, "root": text, "signature": "-",
                "objects": "[]",
            })  # fmt: skip
        link.execute(journal.insert(), rows)
        link.execute(messages.insert(), texts)
        link.commit()
    link.execute(heads.insert().values(
        line=LINE, size=entries, hash=previous, frontier=json.dumps(tree.to_json()),
        last=json.dumps({p: [*pair, "s"] for p, pair in last.items()}), added="a", waiting=0,
    ))  # fmt: skip
    link.commit()
    link.close()
    engine.dispose()
    return held


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


def verify(path: Path, witnesses: list[Witness]) -> None:
    """Verify the journal and print what it took; runs in a process of its own."""
    with create_engine(sqlite_url(path)).connect() as link:
        head = stored_head(link, LINE)
        idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start, cpu = time.perf_counter(), time.process_time()
        verdict = verify_journal(stored_rows(link, LINE), LINE, PARTY, head, witnesses)
        took, used = time.perf_counter() - start, time.process_time() - cpu
    assert verdict.sound, verdict.fault
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {verdict.entries:,} | {path.stat().st_size / 1e6:,.0f} MB | {took:.1f} s | "
          f"{used:.1f} s | {verdict.entries / used:,.0f} | {idle:.0f} MB | {peak:.0f} MB |",
          flush=True)  # fmt: skip


def signatures(count: int) -> float:
    """Return how many signatures over a message's text are checked in a CPU second."""
    now = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    key, _ = make_keys(now)
    texts = [message(PARTY, n, "", {}, Frontier()).encode() for n in range(1, count + 1)]
    signed = [sign(text, key, TYP) for text in texts]
    cpu = time.process_time()
    for text, signature in zip(texts, signed, strict=True):
        check(text, signature, [key.public], TYP, now, now)
    return count / (time.process_time() - cpu)


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
            witnesses = make(path, entries, given.seed)
            context = multiprocessing.get_context("spawn")
            process = context.Process(target=verify, args=(path, witnesses))
            process.start()
            process.join()
            path.unlink()
    print(f"\nSignatures checked a CPU second: {signatures(5000):,.0f}")


if __name__ == "__main__":
    main()
