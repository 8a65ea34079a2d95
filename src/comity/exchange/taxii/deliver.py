"""Brings messages over and fetches them: in order, again until they are there, never half.

A message counts as delivered when the other server says it holds it. Whatever goes wrong on the
way is a state with words, kept beside the message, and tried again; what is sent twice is there
once.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from comity.errors import ExchangeError, RemoteError
from comity.exchange.messages import EXTENSION, extension_object
from comity.exchange.model import Json, Line, Message, Outcome, Reason, State
from comity.exchange.taxii.auth import make_bearer
from comity.exchange.taxii.client import Page, Remote, Status
from comity.exchange.taxii.desk_like import DeliveringDesk
from comity.exchange.taxii.resources import collection_id

MOST_MESSAGES, MOST_BYTES = 100, 1024 * 1024  # of one request
MOST_PAGES, MOST_ROUNDS = 1000, 200
OVERLAP = 300.0  # seconds that are read again at a relay
FOR_GOOD = frozenset(
    {
        Reason.MALFORMED, Reason.TOO_LARGE, Reason.FORGED, Reason.ALTERED, Reason.WRONG_PARTY,
        Reason.CONTRADICTION, Reason.MARKING,
    }
)  # fmt: skip
"""Refusals that another try cannot change; after any other the message is tried again."""

IN_JOURNAL = (State.ACCEPTED, State.IRREGULAR)
Connect = Callable[[DeliveringDesk, Line, str], Remote]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of bringing and fetching on one line with one party. `text` says what is not as it
    should be, empty where all is; `reached` is False where the server did not answer."""

    line: str
    peer: str
    sent: int = 0
    refused: int = 0
    postponed: int = 0
    fetched: int = 0
    text: str = ""
    reached: bool = True

    def and_(self, other: Report) -> Report:
        """Return both together: counts added, the later state; a refusal stays in words."""
        return replace(
            other, sent=self.sent + other.sent, fetched=self.fetched + other.fetched,
            refused=self.refused + other.refused,
            text=other.text or (self.text if self.refused else ""),
        )  # fmt: skip


def connect(desk: DeliveringDesk, line: Line, peer: str, tries: int = 3) -> Remote:
    """Return the server through which a line reaches a party: a relay, or the party's own.

    Raises ExchangeError where the party's card names none, or is not here.
    """
    relay = desk.relay(line.id)
    if relay is not None:
        given = base64.b64encode(f"{relay.user}:{relay.password}".encode()).decode()
        header = f"Basic {given}" if relay.user else ""
        return Remote(relay.url, relay.certificate, lambda: header, tries=tries)
    endpoint = desk.card_of(peer).endpoint
    if endpoint is None:
        raise RemoteError(
            f"The card of {peer} names no server. Its messages come when it brings them, or ask "
            "for a card that names one.", True,
        )  # fmt: skip
    return Remote(endpoint.url, endpoint.certificate, _bearer(desk, peer), tries=tries)


def _bearer(desk: DeliveringDesk, peer: str) -> Callable[[], str]:
    """Return what gives a token for a peer, made anew every two minutes."""
    kept: list[tuple[dt.datetime, str]] = []

    def header() -> str:
        now = desk.clock()
        if not kept or not dt.timedelta(0) <= now - kept[0][0] < dt.timedelta(minutes=2):
            token = make_bearer(desk.signing_key(), desk.party, peer, now)
            kept[:] = [(now, f"Bearer {token}")]
        return kept[0][1]

    return header


def push(desk: DeliveringDesk, line: Line, peer: str, remote: Remote, all: bool = False) -> Report:
    """Bring the messages that are due to a party, in order, until none is or one is not taken."""
    report = Report(line.id, peer)
    while due := desk.due(peer, line.id, MOST_MESSAGES, all):
        batch = _batch(due)
        found = _bring(desk, line, peer, remote, batch)
        report = report.and_(found)
        if found.sent + found.refused < len(batch):
            break
    return report


def _batch(due: Sequence[Message]) -> Sequence[Message]:
    """Return the first of some messages that go into one request: at least one."""
    size = 0
    for n, message in enumerate(due):
        size += sum(len(json.dumps(o)) for o in travelling([message]))
        if n and size > MOST_BYTES:
            return due[:n]
    return due


def travelling(messages: Iterable[Message], by_relay: bool = False) -> list[Json]:
    """Return the objects of messages, each version once, what a message refers to before it.

    By a relay the definition of our extension stays at home: every desk has it, and there are
    servers (medallion 3) that break over the member `version` which STIX gives it.
    """
    found: dict[tuple[str, str], Json] = {}
    for message in messages:
        for value in (*message.objects, message.root):
            if not (by_relay and value["id"] == EXTENSION):
                found.setdefault((value["id"], str(value.get("modified", ""))), value)
    return list(found.values())


def _bring(
    desk: DeliveringDesk, line: Line, peer: str, remote: Remote, batch: Sequence[Message]
) -> Report:
    """Hand in one batch and note what became of each message of it."""
    report, digests = Report(line.id, peer), [m.digest for m in batch]
    try:
        collection = remote.collection(collection_id(line.id))
        status = remote.add(collection, travelling(batch, desk.relay(line.id) is not None))
        doubtful = [m for m in batch if _doubtful(m, status)]
        there = _there(remote, collection, doubtful) if doubtful else frozenset()
    except RemoteError as error:
        if error.status == 413 and len(batch) > 1:
            half = len(batch) // 2
            first = _bring(desk, line, peer, remote, batch[:half])
            if first.sent + first.refused < half:
                return first
            return first.and_(_bring(desk, line, peer, remote, batch[half:]))
        if error.status == 413:
            desk.not_taken(line.id, digests, peer, f"too-large: {error}")
            return replace(report, refused=1, text=str(error))
        desk.postponed(line.id, digests, peer, str(error), random.random() / 2)
        reached = bool(error.status)
        return replace(report, postponed=len(batch), text=str(error), reached=reached)
    return _settle(desk, report, batch, status, there)


def _said(message: Message, words: Mapping[str, str]) -> str | None:
    """Return what a status says of a message or of an object it refers to; None for nothing."""
    ids = [message.root["id"], *(o["id"] for o in message.objects)]
    return next((words[i] for i in ids if i in words), None)


def _doubtful(message: Message, status: Status) -> bool:
    """Say whether a server failed a message without a reason that a desk would give."""
    failed = _said(message, status.failures)
    return failed is not None and failed.partition(":")[0] not in list(Reason)


def _there(remote: Remote, collection: str, messages: Sequence[Message]) -> frozenset[str]:
    """Return the digests of messages that a server holds as they are, though it failed them: some
    servers fail what they hold already."""
    ids = sorted({o["id"] for o in travelling(messages, True)})
    held: list[Json] = []
    for start in range(0, len(ids), 50):
        match = {"id": ",".join(ids[start : start + 50])}
        for page in remote.pages(collection, match=match):
            held += page.objects
    return frozenset(m.digest for m in messages if all(o in held for o in travelling([m], True)))


def _settle(
    desk: DeliveringDesk, report: Report, batch: Sequence[Message], status: Status,
    held: frozenset[str],
) -> Report:  # fmt: skip
    """Note for each message of a batch whether it is there, refused for good, or to come again."""
    there: list[str] = []
    refused: dict[str, list[str]] = {}
    again: dict[str, list[str]] = {}
    for message in batch:
        failed, waits = _said(message, status.failures), _said(message, status.pendings)
        if message.digest in held or (failed is None and waits is None):
            there.append(message.digest)
        elif failed is not None and failed.partition(":")[0] in FOR_GOOD:
            refused.setdefault(failed, []).append(message.digest)
        else:
            words = failed or waits or "The server has not yet said what became of it."
            again.setdefault(words, []).append(message.digest)
    if there:
        desk.delivered(report.line, there, report.peer)
    for words, digests in refused.items():
        desk.not_taken(report.line, digests, report.peer, words)
    for words, digests in again.items():
        desk.postponed(report.line, digests, report.peer, words, random.random() / 2)
    text = next(iter([*refused, *again]), "")
    return replace(report, sent=len(there), refused=sum(map(len, refused.values())),
                   postponed=sum(map(len, again.values())), text=text)  # fmt: skip


def pull(
    desk: DeliveringDesk, line: Line, peer: str, remote: Remote, overlap: float = 0.0
) -> Report:
    """Fetch what is new at a party's server, or a relay, and take it in.

    What is refused for a reason that may pass is fetched again the next time: the place up to
    which was read moves on only behind what is settled, and not into the midst of what was added
    at one instant. `overlap` is how many seconds before that place to begin, for a server that
    may add what came earlier later.
    """
    report = Report(line.id, peer)
    try:
        collection = remote.collection(collection_id(line.id))
        place, settled = desk.cursor(peer, line.id), ""
        late: list[Json] = []
        for n, page in enumerate(remote.pages(collection, earlier(place, overlap)), 1):
            if settled and page.first > settled:
                desk.set_cursor(peer, line.id, settled)
            outcomes = _taken(desk, line, peer, remote, collection, page)
            report = _counted(report, outcomes)
            late += _waiting(page, outcomes)
            if any(map(_passing, outcomes)):
                return report
            settled = page.last
            if n == MOST_PAGES:
                return report
        if settled and settled != place:
            desk.set_cursor(peer, line.id, settled)
        if late:  # those that waited for what came after them are in the journal by now
            held = sum(o.state is State.HELD for o in desk.accept(line.id, late, peer))
            report = replace(report, fetched=report.fetched + held)
    except RemoteError as error:
        return replace(report, text=str(error), reached=bool(error.status))
    return report


def earlier(place: str, seconds: float) -> str:
    """Return a timestamp so many seconds before another; that one where it cannot be read.

    >>> earlier("2026-11-26T16:00:00.000001Z", 60)
    '2026-11-26T15:59:00.000001Z'
    """
    try:
        at = dt.datetime.fromisoformat(place) - dt.timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return place
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if seconds else place


def _taken(
    desk: DeliveringDesk, line: Line, peer: str, remote: Remote, collection: str, page: Page
) -> tuple[Outcome, ...]:
    """Take in a page; what its messages refer to and does not hold is asked for by id."""
    if not page.objects:
        return ()
    outcomes = desk.accept(line.id, page.objects, peer)
    altered = {o.id for o in outcomes if o.reason is Reason.ALTERED}
    lacking = altered | {o.id for o in outcomes if o.reason is Reason.INCOMPLETE}
    if not lacking:
        return outcomes
    roots = [o for o in page.objects if o["id"] in lacking]
    here = {o["id"] for o in page.objects}
    wanted = {r for root in roots for r in root.get("object_refs", ()) if isinstance(r, str)}
    found: list[Json] = [o for o in page.objects if o["id"] in wanted]
    if EXTENSION in wanted - here:
        found.append(extension_object())
    other = {r for root in roots if root["id"] in altered for r in root.get("object_refs", ())}
    missing = sorted(wanted - (here - other) - {EXTENSION})  # of what is here another version too
    for start in range(0, min(len(missing), 2000), 100):
        match = {"id": ",".join(missing[start : start + 100])}
        for more in remote.pages(collection, match=match):
            found += more.objects
    again = desk.accept(line.id, [*found, *roots], peer)
    return (*(o for o in outcomes if o.id not in lacking), *again)


def _waiting(page: Page, outcomes: Sequence[Outcome]) -> list[Json]:
    """Return the messages of a page that wait for others, each after what it refers to."""
    ids = {o.id for o in outcomes if o.state is State.WAITING}
    roots: list[Json] = [o for o in page.objects if o["id"] in ids]
    refs = {str(ref) for root in roots for ref in root.get("object_refs", ())}
    return [o for o in page.objects if o["id"] in refs] + roots


def _passing(outcome: Outcome) -> bool:
    """Say whether a message was refused for a reason that may pass."""
    return outcome.state is State.REFUSED and outcome.reason not in FOR_GOOD


def _counted(report: Report, outcomes: Sequence[Outcome]) -> Report:
    refused = [o for o in outcomes if o.state is State.REFUSED]
    text = f"{refused[0].reason}: {refused[0].text}" if refused else report.text
    taken = sum(o.state in IN_JOURNAL for o in outcomes)
    return replace(report, fetched=report.fetched + taken, text=text,
                   refused=report.refused + len(refused))  # fmt: skip


def sync(
    desk: DeliveringDesk, parties: Sequence[str] = (), all: bool = True,
    connect: Connect = connect, fetch: bool = True,
) -> tuple[Report, ...]:  # fmt: skip
    """Bring and fetch on every line with the other parties, or some, until nothing moves.

    With `all` also what is to be tried only later. Never raises for what a server does: that is in
    the reports, one for each line and party, in that order.
    """
    pairs = [
        (line, peer)
        for line in desk.lines()
        for peer in line.parties
        if peer != desk.party and (not parties or peer in parties)
    ]
    reports = {(line.id, peer): Report(line.id, peer) for line, peer in pairs}
    silent: set[str] = set()
    with ExitStack() as stack:
        remotes: dict[tuple[str, str], Remote] = {}
        for n in range(MOST_ROUNDS):
            moved = False
            for line, peer in pairs:
                key = line.id, peer
                if peer in silent:
                    continue
                found = _both(desk, line, peer, remotes, stack, connect, all and n == 0, fetch)
                reports[key] = reports[key].and_(found)
                moved = moved or bool(found.sent + found.fetched)
                if not found.reached and desk.relay(line.id) is None:
                    silent.add(peer)
            if not moved:
                break
    return tuple(
        replace(r, reached=False, text=r.text or _silence(reports, r.peer))
        if r.peer in silent and r.reached else r
        for r in reports.values()
    )  # fmt: skip


def _both(
    desk: DeliveringDesk, line: Line, peer: str, remotes: dict[tuple[str, str], Remote],
    stack: ExitStack, connect: Connect, all: bool, fetch: bool,
) -> Report:  # fmt: skip
    """Bring and fetch once on a line with a party; every failure is a state."""
    key = line.id, peer
    report = Report(line.id, peer)
    if not fetch and not desk.due(peer, line.id, 1, all):
        return report
    try:
        if key not in remotes:
            remotes[key] = stack.enter_context(connect(desk, line, peer))
        report = push(desk, line, peer, remotes[key], all)
        if fetch and report.reached:
            overlap = OVERLAP if desk.relay(line.id) else 0.0
            found = pull(desk, line, peer, remotes[key], overlap)
            report = replace(report.and_(found), text=found.text or report.text,
                             postponed=report.postponed)  # fmt: skip
    except RemoteError as error:
        return replace(report, text=str(error), reached=bool(error.status))
    except ExchangeError as error:
        return replace(report, text=str(error))
    return report


def _silence(reports: dict[tuple[str, str], Report], peer: str) -> str:
    return next((r.text for r in reports.values() if r.peer == peer and r.text), "")


@contextmanager
def delivering(
    desk: DeliveringDesk, every: float, tell: Callable[[Report], None] = lambda _: None
) -> Iterator[None]:
    """Bring and fetch in a thread while this lasts: what is new here within two seconds, what is
    new elsewhere every `every` seconds. `tell` hears when the state of a line changes."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_deliver, args=(desk, every, tell, stop), name="delivery", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _deliver(
    desk: DeliveringDesk, every: float, tell: Callable[[Report], None], stop: threading.Event
) -> None:
    told: dict[tuple[str, str], str] = {}
    fetch_at = 0.0
    while not stop.is_set():
        fetch = time.monotonic() >= fetch_at
        try:
            reports = sync(desk, all=False, connect=_hasty, fetch=fetch)
        except ExchangeError as error:  # the desk's own database, or its keys
            reports = (Report("", desk.party, text=str(error), reached=False),)
        if fetch:
            fetch_at = time.monotonic() + every
        for report in reports:
            key = report.line, report.peer
            news = fetch or report.text
            if (news and report.text != told.get(key, "")) or report.sent or report.fetched:
                told[key] = report.text
                tell(report)
        stop.wait(min(every, 2.0))


def _hasty(desk: DeliveringDesk, line: Line, peer: str) -> Remote:
    return connect(desk, line, peer, tries=1)
