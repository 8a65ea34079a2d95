"""How far every norm came by a day: its texts, its widest forum, the states that took it up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comity.diffusion.adoption import (
    NOT_TAKEN_UP,
    TakeUp,
    Way,
    adoptions_of,
    first_adoptions,
    stands_for,
)
from comity.diffusion.spread import FORUMS
from comity.diffusion.votes import RollCalls
from comity.instruments.model import Register


@dataclass(frozen=True, slots=True)
class Reached:
    """One norm by a day: texts that carry it, the widest forum among them, states that took it up,
    of them those that promised it, the first day and the last on which one did (ISO, empty where
    none did)."""

    norm: str
    title: str
    kind: str
    texts: int
    furthest: str
    states: int
    promised: int
    first: str
    last: str


def reached_by(
    register: Register, day: dt.date, calls: RollCalls, alone: tuple[TakeUp, ...]
) -> tuple[Reached, ...]:
    """Return every norm that a text carries by a day (INCLUSIVE), the most states first."""
    rows = []
    for norm in dict.fromkeys(p.norm for p in register.provisions):
        names = stands_for(register, norm)
        texts = {p.instrument for p in register.provisions if p.norm in names}
        by_then = [register.instruments[t] for t in texts]
        by_then = [i for i in by_then if (i.date.latest or dt.date.max) <= day]
        if not by_then:
            continue
        taken = tuple(a for a in adoptions_of(register, norm, calls, alone) if a.day <= day)
        days = [a.day.isoformat() for a in taken if a.way not in NOT_TAKEN_UP]
        named = register.norms[norm]
        rows.append(
            Reached(
                norm=named.id, title=named.title, kind=named.kind, texts=len(by_then),
                furthest=str(max((i.forum for i in by_then), key=FORUMS.index)),
                states=len(first_adoptions(taken)),
                promised=len({a.country for a in taken if a.way is Way.PROMISED}),
                first=min(days, default=""), last=max(days, default=""),
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.states, row.title.casefold())))
