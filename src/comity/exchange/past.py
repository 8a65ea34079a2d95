"""What a message knew: its causal past, and one order of messages that all parties agree on.

A message knows its sender's own messages before it and, of each other party, those up to the one
it names in `seen`. A party takes a message only after all that this one knew, so `seen` is a full
account of what its sender held and never goes back; `knows_less` finds one that does.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from comity.errors import RefusedError
from comity.exchange.model import Header, Reason


def clock_of(header: Header) -> dict[str, int]:
    """Return the number of the last message of each party that a message knew, itself left out."""
    clock = {one.party: one.number for one in header.seen if one.party != header.sender}
    clock[header.sender] = header.number - 1
    return clock


def knew(clock: Mapping[str, int], header: Header) -> bool:
    """Say whether who held the messages up to `clock` held this one."""
    return header.number <= clock.get(header.sender, 0)


def knows_less(later: Header, earlier: Header) -> str:
    """Return the party of which a later message claims to know less than an earlier one that it
    knew; empty where there is none, as there must not be."""
    clock = clock_of(later)
    held = clock_of(earlier) | {earlier.sender: earlier.number}
    return next((party for party, n in sorted(held.items()) if clock.get(party, 0) < n), "")


def past_of(header: Header, headers: Iterable[Header]) -> tuple[Header, ...]:
    """Return those of `headers` that a message's sender held when it wrote, in their order."""
    clock = clock_of(header)
    return tuple(one for one in headers if knew(clock, one))


def in_order(headers: Iterable[Header]) -> tuple[Header, ...]:
    """Return messages of a line (or of one thread of it) so that each comes after all it knew.

    Of those that knew nothing of each other, the one sent earlier comes first, then the smaller id:
    the same order whatever the order in which they came. Raises RefusedError (order) where two
    messages claim to know each other.
    """
    given = {one.id: one for one in headers}
    numbers, ids = _by_party(given.values())
    waits: dict[str, int] = {}
    after: dict[str, list[str]] = defaultdict(list)
    for one in given.values():
        before = _just_before(one, numbers, ids)
        waits[one.id] = len(before)
        for other in before:
            after[other].append(one.id)
    ready = [(given[i].sent, i) for i, n in waits.items() if not n]
    heapq.heapify(ready)
    found: list[Header] = []
    while ready:
        _, done = heapq.heappop(ready)
        found.append(given[done])
        for other in after[done]:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (given[other].sent, other))
    if len(found) < len(given):
        stuck = min(i for i, n in waits.items() if n)
        raise RefusedError(
            f"Message {stuck} claims to know a message that claims to know it: one of them is not "
            "what was sent. Compare the two journals.",
            Reason.ORDER,
        )
    return tuple(found)


def _by_party(headers: Iterable[Header]) -> tuple[dict[str, list[int]], dict[str, list[str]]]:
    """Return each party's numbers, ascending, and the ids of its messages in that order."""
    rows: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in headers:
        rows[one.sender].append((one.number, one.id))
    for row in rows.values():
        row.sort()
    return (
        {party: [number for number, _ in row] for party, row in rows.items()},
        {party: [name for _, name in row] for party, row in rows.items()},
    )


def _just_before(
    header: Header, numbers: Mapping[str, Sequence[int]], ids: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the id of the last message of each party that a message knew."""
    found = []
    for party, number in clock_of(header).items():
        place = bisect_right(numbers.get(party, ()), number)
        if place:
            found.append(ids[party][place - 1])
    return found
