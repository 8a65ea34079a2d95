"""Every finding of a cross-examination that is asked for, one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from comity.errors import QuestionError
from comity.verification.examine.accounts import onset_accounts
from comity.verification.examine.asked import FINDINGS, Examination, Examine
from comity.verification.examine.claimants import claimants
from comity.verification.examine.detect import detectability
from comity.verification.examine.lasting import persistence
from comity.verification.examine.material import Material
from comity.verification.examine.next_evidence import next_evidence
from comity.verification.examine.placebo import placebo
from comity.verification.examine.pool import Progress
from comity.verification.examine.record import record
from comity.verification.examine.replay import replay
from comity.verification.examine.robustness import robustness
from comity.verification.examine.tipping import tipping
from comity.verification.examine.unseen import unseen
from comity.verification.sentences import headline_of

TITLES = {
    "robustness": "every defensible analysis",
    "placebo": "placebo dates and pairs",
    "detectability": "detectability",
    "replay": "replay",
    "onset": "onset against its rivals",
    "persistence": "persistence",
    "claimants": "claimant by claimant",
    "tipping": "tipping point",
    "next_evidence": "next evidence",
    "record": "the record, incident by incident",
    "unseen": "what no list holds",
}


def cross_examine(
    material: Material, asked: Examine, tell: Callable[[str], None] = lambda _: None
) -> Examination:
    """Return the findings asked for. Raises QuestionError for a name that is no finding."""
    if unknown := [name for name in asked.wanted if name not in FINDINGS]:
        raise QuestionError(
            f"There is no finding {unknown[0]!r}. There are: {', '.join(FINDINGS)}."
        )
    found: dict[str, Any] = {}
    for name in FINDINGS:
        if name not in asked.wanted:
            continue
        title = TITLES[name]
        tell(title)
        found[name] = _FINDERS[name](material, asked, _counter(title, tell))
    return Examination(**found)


def _counter(title: str, tell: Callable[[str], None]) -> Progress:
    """Return a progress that tells how far a finding is."""

    def progress(done: int, of: int) -> None:
        tell(f"{title}: {done} of {of}")

    return progress


def _fell(material: Material) -> float | None:
    """Return the declared analysis's probability of a fall, None where not identified."""
    own = headline_of(material.verdict.change, material.verdict.question)
    return own.fell if own is not None and own.identified else None


def _robustness(m: Material, asked: Examine, progress: Progress) -> object:
    prepared = m.prepared
    if asked.definitions:
        question = replace(prepared.question, definitions=asked.definitions)
        prepared = replace(prepared, question=question)
    return robustness(
        prepared, m.evidence, analyses=asked.analyses, workers=asked.workers, progress=progress
    )


def _placebo(m: Material, asked: Examine, progress: Progress) -> object:
    return placebo(m.prepared, m.evidence, asked.promised, workers=asked.workers, progress=progress)


def _detectability(m: Material, asked: Examine, progress: Progress) -> object:
    return detectability(
        m.prepared, m.primary, runs=asked.runs, workers=asked.workers, progress=progress
    )


def _replay(m: Material, asked: Examine, progress: Progress) -> object:
    return replay(
        m.prepared, m.evidence, m.verdict.claims, releases=dict(asked.releases),
        workers=asked.workers, progress=progress,
    )  # fmt: skip


def _claimants(m: Material, asked: Examine, progress: Progress) -> object:
    return claimants(m.prepared, _fell(m), workers=asked.workers, progress=progress)


def _identified(m: Material) -> bool:
    """Say whether the declared change is identified: what rests on its draws needs it."""
    return _fell(m) is not None


_FINDERS: dict[str, Callable[[Material, Examine, Progress], object]] = {
    "robustness": _robustness,
    "placebo": _placebo,
    "detectability": _detectability,
    "replay": _replay,
    "onset": lambda m, asked, _: onset_accounts(m.prepared, m.primary, asked.rivals),
    "persistence": lambda m, _, __: persistence(m.prepared, m.primary) if _identified(m) else None,
    "claimants": _claimants,
    "tipping": lambda m, _, __: tipping(m.prepared, m.primary) if _identified(m) else None,
    "next_evidence": lambda m, _, __: (
        next_evidence(m.prepared, m.primary) if _identified(m) else None
    ),
    "record": lambda m, _, __: record(m.prepared, m.verdict.incidents),
    "unseen": lambda m, _, __: unseen(m.prepared, m.evidence),
}
