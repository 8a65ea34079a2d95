"""A line's journal as it stands: its size and root, and when it was last verified, with what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from comity.exchange.canonical import stamp
from comity.exchange.heads import take_head
from comity.exchange.model import Line
from comity.exchange.notes import get_note, put_note
from comity.exchange.proofs import verify_line

if TYPE_CHECKING:
    from comity.exchange.desk import Desk


def journal_state(desk: Desk, line: Line) -> dict[str, Any]:
    """Return a journal's size and root, and its last verification (None where there was none).

    `grown` is how many entries came after it.
    """
    with desk.database.reading() as link:
        head = take_head(link, line, lock=False)
        text = get_note(link, f"verified:{line.id}")
    last = json.loads(text) if text else None
    grown = max(0, head.size - last["entries"]) if last and last["sound"] else 0
    return {"size": head.size, "root": head.root, "last": last, "grown": grown}


def verify(desk: Desk, line: Line, by: str) -> None:
    """Verify the journal of a line, and note what was found, when and for whom."""
    found = verify_line(desk, line.id)
    fault = found.fault
    note = {
        "at": stamp(desk.clock()), "by": by, "sound": found.sound, "entries": found.entries,
        "root": found.root, "fault": str(fault.kind) if fault else "",
        "entry": fault.n if fault else 0, "text": fault.text if fault else "",
        "witnesses": found.witnesses, "returned": found.returned, "backwards": found.backwards,
    }  # fmt: skip
    with desk.database.writing() as link:
        put_note(link, f"verified:{line.id}", json.dumps(note))
