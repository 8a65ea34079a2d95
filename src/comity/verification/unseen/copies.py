"""Lists that draw on one another: known from the pages their records cite."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from comity.incidents.model import Evidence

COPIED = 0.05  # share of a list's records that cite another list, from which it draws on it


def cited_by(
    parts: Evidence, own: Collection[str] | None = None
) -> Mapping[tuple[str, str], float]:
    """Return, for each list and another, the share of its records that cite the other's own pages:
    what is known of who copies whom, and only where it is COPIED or more. `own` are the keys of the
    records looked at; None is all."""
    homes = {r.list: _place(r.address) for r in parts.releases if r.address}
    cited: Counter[tuple[str, str]] = Counter()
    held: Counter[str] = Counter()
    for name, ident, sources in parts.table.select("list", "id", "sources").iter_rows():
        if own is not None and f"{name}:{ident}" not in own:
            continue
        held[name] += 1
        pages = [_place(address) for address in sources]
        for other, home in homes.items():
            if other != name and home and any(p.startswith(home) for p in pages):
                cited[name, other] += 1
    return {pair: n / held[pair[0]] for pair, n in cited.items() if n / held[pair[0]] >= COPIED}


def _place(address: str) -> str:
    """Return an address without scheme, `www.` and closing slash, in small letters."""
    return re.sub(r"^https?://(www\.)?", "", address.strip().lower()).rstrip("/")


def cited_pairs(
    names: Sequence[str], copied: Mapping[tuple[str, str], float]
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of lists, by number, of which one is known to draw on the other."""
    found = {tuple(sorted((names.index(a), names.index(b)))) for a, b in copied
             if a in names and b in names}  # fmt: skip
    return tuple((i, j) for i, j in sorted(found))


def drawn_on(copied: Mapping[tuple[str, str], float]) -> str:
    """Return which lists draw on which, in words; nothing where none does."""
    said = "; ".join(f"{a} cites {b} in {100 * n:.0f} %" for (a, b), n in sorted(copied.items()))
    return f" Lists that draw on one another ({said}) are left free to." if said else ""
