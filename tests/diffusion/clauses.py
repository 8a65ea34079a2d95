"""Small hand-made clauses whose tree can be worked out on paper."""

from __future__ import annotations

from comity.dates import parse_date
from comity.diffusion.model import Clause, Variant

FEATURES = ("knowingly", "means", "secrets", "beneficiary", "advantage")


def variant(name: str, date: str, values: str, sources: tuple[str, ...] = ()) -> Variant:
    """Return a variant from one letter a feature; a dot is a feature nobody could read."""
    known = {f: v for f, v in zip(FEATURES, values, strict=True) if v != "."}
    return Variant(name, parse_date(date), known, "", sources or (f"https://e.org/{name}",), "seen")


def clause(*variants: Variant) -> Clause:
    """Return a clause of these variants, all features counted."""
    return Clause("made", "A made clause", "n", dict.fromkeys(FEATURES, ""), {}, {}, variants)
