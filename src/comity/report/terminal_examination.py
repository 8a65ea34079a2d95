"""A cross-examination on a terminal: each attack, its answer in a sentence, and a short table."""

from __future__ import annotations

from collections.abc import Sequence

from comity.report.examination_tables import ATTACKS, TABLES, notes_of, spoken
from comity.report.lines import Line, columns, hanging, labelled
from comity.report.text import clean
from comity.verification.examine.asked import FINDINGS, Examination
from comity.verification.examine.model import Replay
from comity.verification.model import Check


def examination_lines(found: Examination | None, width: int) -> list[Line]:
    """Return the findings asked for, each with its attack, sentence, table and failed checks."""
    if found is None:
        return []
    lines: list[Line] = [("", ""), ("Cross-examination", "")]
    for name in FINDINGS:
        finding = getattr(found, name)
        if finding is None:
            continue
        lines += [("", "")]
        lines += labelled(f"{ATTACKS[name]}:", clean(finding.sentence), width)
        rows, right = TABLES[name](finding)
        lines += columns(rows, width, right) if len(rows) > 1 else []
        for note in notes_of(finding):
            lines += hanging("  - ", note, width)
        lines += _beside(finding, width)
        lines += _failed(finding.checks, width)
    return [*lines, ("", "")]


def _failed(checks: Sequence[Check], width: int) -> list[Line]:
    """Return the checks that failed."""
    lines: list[Line] = []
    for check in checks:
        if check.passed is False:
            lines += hanging("  ! ", f"{clean(check.name)}: {clean(check.detail)}", width)
    return lines


def _beside(finding: object, width: int) -> list[Line]:
    """Return what was claimed in public, with what this method could have said that day."""
    if not isinstance(finding, Replay):
        return []
    lines: list[Line] = []
    for claim in spoken(finding):
        text = f"{clean(claim.says)}, {clean(claim.party)}. This method then: {clean(claim.method)}"
        lines += hanging(f"  {clean(claim.date)[:10]:10} ", text, width)
    return lines
