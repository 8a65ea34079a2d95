"""The steps by which parties carried out what they promised, from both tables that hold some."""

from __future__ import annotations

from comity.diffusion.adoption import Way, load_takeups
from comity.process.model import Measure, MeasureKind
from comity.process.register import load_talks


def carried_out() -> tuple[Measure, ...]:
    """Return every step on record by which a party carried a norm or a measure out: those of the
    table of steps, then what was put into law or doctrine, whose table is that of norms taken up.
    """
    laws = (t for t in load_takeups() if t.way is Way.LAW)
    return (
        *load_talks().measures,
        *(Measure(t.party, t.norm, MeasureKind.LAW, t.what, t.date, t.sources, t.status)
          for t in laws),
    )  # fmt: skip
