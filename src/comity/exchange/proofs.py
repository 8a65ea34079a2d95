"""What a desk can show for its journals: verified, stated, compared, accounted for."""

from __future__ import annotations

import json
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, text

from comity.errors import ExchangeError, RefusedError
from comity.exchange import tables
from comity.exchange.account import Part, make_account
from comity.exchange.canonical import read_stamp
from comity.exchange.compare import Comparison, compare
from comity.exchange.journal import (
    Check,
    Fault,
    FaultKind,
    Head,
    JournalVerdict,
    Row,
    Sent,
    Witness,
    read_entry,
    verify_journal,
)
from comity.exchange.keys import verify
from comity.exchange.merkle import Frontier
from comity.exchange.messages import TYP
from comity.exchange.model import JournalEntry, Json, Level, Line, Message, Opened, PublicKey
from comity.exchange.notes import notes_under
from comity.exchange.past_keys import PastKeys, past_keys
from comity.exchange.statement import (
    Statement,
    make_statement,
    read_statement,
    witnesses_in,
    write_statement,
)

if TYPE_CHECKING:
    from comity.exchange.desk import Desk

AT_ONCE = 500  # rows in memory


def verify_line(
    desk: Desk, line: str, against: Sequence[Statement] = (), signatures: bool = True
) -> JournalVerdict:
    """Return what is wrong first with the journal of a line, of all that this desk can know.

    Beside the journal itself, these are witnesses: the file of numbers this desk gave, what other
    parties' messages say they saw of ours, and the statements in `against`. Raises ExchangeError
    for a line there is not, or a statement of another.
    """
    held = desk.line(line)
    if foreign := next((s for s in against if s.line != held.id), None):
        raise ExchangeError(f"The statement of {foreign.party} is of the line {foreign.line}.")
    witnesses: list[Witness] = []
    mark = desk.water.level(held.id)  # before the database is read: it rises after
    sent = [Sent(mark.number, mark.digest, "sent.json of this desk")] if mark.number else []
    for statement in against:
        found, known = witnesses_in(statement, desk.party)
        witnesses += found
        sent += known
    check = _signature_check(desk) if signatures else None
    with _one_state(desk) as link:
        seen = notes_under(link, f"seen-by:{held.id}:")
        sent += [Sent(int(number), "", party) for party, number in seen.items()]
        head = stored_head(link, held.id)
        with closing(stored_rows(link, held.id)) as rows:
            verdict = verify_journal(rows, held.id, desk.party, head, witnesses, sent, check)
        if verdict.sound and (fault := _without_entry(link, held.id)):
            verdict = replace(verdict, fault=fault)
    return verdict


def stored_rows(link: Connection, line: str) -> Generator[Row, None, None]:
    """Give the entries of a journal with their messages, a few hundred at a time."""
    j, m = tables.journal.c, tables.messages.c
    query = (
        select(j.n, j.hash, j.body, m.digest, m.sender, m.number, m.root, m.signature)
        .join_from(tables.journal, tables.messages, (j.line == m.line) & (j.n == m.n), isouter=True)
        .where(j.line == line)
        .order_by(j.n)
    )
    with link.execute(query.execution_options(yield_per=AT_ONCE)) as found:
        for row in found:
            yield Row(*row)


def stored_head(link: Connection, line: str) -> Head:
    """Return the stored end of a journal. Raises ExchangeError where there is none."""
    row = link.execute(select(tables.heads).where(tables.heads.c.line == line)).first()
    try:
        if row is None:
            raise ValueError("it is missing")
        tree = Frontier.from_json(json.loads(row.frontier))
        last = {party: (int(n), str(d)) for party, (n, d, *_) in json.loads(row.last).items()}
        size = int(row.size)
        if tree.size != size:
            raise ValueError(f"its tree has {tree.size} entries and its size is {size}")
    except (ValueError, TypeError, AttributeError) as error:
        raise ExchangeError(
            f"The head of the journal of {line} is damaged: {error}. Put the database back from a "
            "copy, then run `comity exchange sync`."
        ) from error
    return Head(size, row.hash, tree.root(), last)


def statement_of(desk: Desk, line: str, asked: Collection[tuple[str, int]] = ()) -> Statement:
    """Return what the journal of a line holds, with the signed messages `asked` for.

    Raises ExchangeError where the journal is not sound: nothing false is stated.
    """
    verdict = verify_line(desk, line, signatures=False)
    if verdict.fault:
        raise ExchangeError(f"The journal of {line} is not sound: {verdict.fault.text} Nothing is "
                            "stated of it.")  # fmt: skip
    cards = [token for token, _ in desk.book.history(desk.party)]
    with _one_state(desk) as link, closing(stored_rows(link, line)) as rows:
        made = make_statement(line, desk.party, desk.clock(), rows, cards, asked)
    there = {(sender, n + 1) for sender, chain in made.chains.items() for n in range(len(chain))}
    if missing := sorted(set(asked) - there):
        sender, number = missing[0]
        raise ExchangeError(f"There is no message {number} of {sender} in this journal.")
    return made


def export_statement(desk: Desk, line: str, asked: Collection[tuple[str, int]] = ()) -> str:
    """Return the signed statement of a line's journal, as a file holds it."""
    return write_statement(statement_of(desk, line, asked), desk.signing_key())


def take_statement(desk: Desk, content: str) -> Statement:
    """Return the statement in a file, signed by a key of its party as its cards here hold it.

    Raises RefusedError: malformed, unknown-key where no card of the party is here, and what
    `keys.verify` raises.
    """
    return read_statement(content, lambda party, made: keys_of(desk, party).at(made))


def compare_with(desk: Desk, other: Statement) -> Comparison:
    """Return how the journal of a line here stands to another party's statement, with the signed
    messages at hand as proof of a contradiction."""
    own = statement_of(desk, other.line)
    found = compare(own, other)
    at_stake = {
        (c.contradiction.sender, c.contradiction.number) for c in found.chains if c.contradiction
    }
    if not at_stake:
        return found
    own = statement_of(desk, other.line, [k for k in at_stake if k[1] <= len(own.chains[k[0]])])

    def keys(party: str) -> tuple[PublicKey, ...]:
        return keys_of(desk, party).at(desk.clock())

    return compare(own, other, keys, _refused_roots(desk, other.line))


def account_of(desk: Desk, thread: str, audience: Level = Level.RED) -> dict[str, Any]:
    """Return the account of a thread as a bundle. Raises ExchangeError for one there is not, or
    where the journal it stands in is not sound."""
    received = desk.thread(thread)
    line = desk.line(received[0].entry.line)
    verdict = verify_line(desk, line.id, signatures=False)
    if verdict.fault:
        raise ExchangeError(f"The journal of {line.id} is not sound: {verdict.fault.text} No "
                            "account is given of it.")  # fmt: skip
    parts = [
        Part(r.message, r.entry, _read(desk, r.message))
        for r in received
        if r.entry.line == line.id
    ]
    cards = {p: [token for token, _ in desk.book.history(p)] for p in line.parties}
    with _one_state(desk) as link:
        j = tables.journal.c
        query = select(j.body).where(j.line == line.id).order_by(j.n)
        with link.execute(query.execution_options(yield_per=AT_ONCE)) as found:
            bodies = (body.encode() for (body,) in found)
            return make_account(line, thread, desk.party, desk.clock(), parts, bodies, cards,
                                desk.signing_key(), audience)  # fmt: skip


def _read(desk: Desk, message: Message) -> Opened:
    """Return what a message says; nothing where what was sealed is not in order, so that nobody can
    keep a thread from being told by what it seals."""
    try:
        return desk.opened(message)
    except RefusedError:
        return Opened({}, (), (), readable=False)


def last_entries(desk: Desk, line: str, most: int) -> tuple[JournalEntry, ...]:
    """Return the latest entries of a line's journal, oldest first. Raises ExchangeError."""
    j = tables.journal.c
    query = select(j.body, j.hash).where(j.line == desk.line(line).id).order_by(j.n.desc())
    with desk.database.reading() as link:
        rows = link.execute(query.limit(max(0, most))).all()
    return tuple(read_entry(row.body, row.hash) for row in reversed(rows))


def keys_of(desk: Desk, party: str) -> PastKeys:
    """Return the keys on every card held of a party."""
    return past_keys([card for _, card in desk.book.history(party)])


def lines_of(desk: Desk, line: str = "") -> tuple[Line, ...]:
    """Return a line, or all there are. Raises ExchangeError for one there is not."""
    return (desk.line(line),) if line else desk.lines()


def _signature_check(desk: Desk) -> Check:
    """Return what checks that each message is signed by a key that held when it was recorded."""
    known: dict[str, PastKeys] = {}

    def check(row: Row, body: dict[str, Any], header: dict[str, Any]) -> str:
        if row.sender not in known:
            known[row.sender] = keys_of(desk, row.sender)
        try:
            recorded, sent = read_stamp(body["recorded"]), read_stamp(header.get("sent"))
            keys = known[row.sender].at(recorded)
            verify((row.text or "").encode(), row.signature, keys, TYP, sent, recorded)
        except RefusedError as error:
            return str(error)
        return ""

    return check


def _without_entry(link: Connection, line: str) -> Fault | None:
    """Return a fault where a message is stored that no entry of the journal is for."""
    j, m = tables.journal.c, tables.messages.c
    query = (
        select(m.sender, m.number, m.n)
        .join_from(tables.messages, tables.journal, (j.line == m.line) & (j.n == m.n), isouter=True)
        .where(m.line == line, j.n.is_(None))
        .order_by(m.n)
        .limit(1)
    )
    row = link.execute(query).first()
    if row is None:
        return None
    size = link.execute(select(func.count()).where(j.line == line)).scalar_one()
    said = (
        f"Message {row.number} of {row.sender} is stored and has no entry in the journal: it was "
        f"put in, or entry {row.n} is missing."
    )
    return Fault(FaultKind.GAP, size + 1, said)


def _refused_roots(desk: Desk, line: str) -> list[Json]:
    """Return the messages that were refused as contradictions, with their signatures."""
    t = tables.refusals.c
    with desk.database.reading() as link:
        rows = link.execute(select(t.root).where(t.line == line, t.root != ""))
        return [json.loads(root) for (root,) in rows]


@contextmanager
def _one_state(desk: Desk) -> Iterator[Connection]:
    """Hold one state of the database, whatever is written meanwhile."""
    with desk.database.reading() as link:
        if desk.database.postgres:
            link.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield link
