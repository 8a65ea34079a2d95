"""Cells of CSV output that a spreadsheet program would run as a formula are written as text."""

from __future__ import annotations

RISKY = ("=", "+", "-", "@", "\t", "\r")


def guard_cell(text: str) -> str:
    """Return a cell's text, an apostrophe before it where a spreadsheet would read a formula.

    Applies to cells that begin with = + - @ a tab or a carriage return (OWASP, CSV injection).

    >>> guard_cell("=HYPERLINK(1)"), guard_cell("Titan Rain")
    ("'=HYPERLINK(1)", 'Titan Rain')
    """
    return f"'{text}" if text.startswith(RISKY) else text
