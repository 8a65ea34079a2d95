"""What kind of target an industry is, by its code in the North American classification (NAICS).

Two lists code victims by it. Public administration (92) is government, the military among it;
utilities (22) are critical infrastructure; schools, hospitals and associations (61, 62, 81) may be
public or private, so the kind is unknown; every other industry is private.
"""

from __future__ import annotations

UNTOLD = ("61", "62", "81")


def target_of_industry(code: str) -> str:
    """Return the kind of target of an industry, by the first two digits of its code.

    >>> [target_of_industry(code) for code in ("92", "221", "62", "3254", "")]
    ['government', 'critical-infrastructure', 'unknown', 'private', 'unknown']
    """
    sector = code.strip().removesuffix(".0")[:2]
    if not sector.isdigit() or sector in UNTOLD or sector == "00":
        return "unknown"
    return {"92": "government", "22": "critical-infrastructure"}.get(sector, "private")
