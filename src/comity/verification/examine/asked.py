"""What may be asked of a verdict, and all that was found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comity.incidents.model import Evidence
from comity.verification.examine.model import (
    Claimants,
    Detectability,
    NextEvidence,
    OnsetAccounts,
    Persistence,
    Placebo,
    Record,
    Replay,
    Robustness,
    Tipping,
)
from comity.verification.examine.sight import Sight
from comity.verification.model import Rival, Scope


@dataclass(frozen=True, slots=True)
class Examination:
    """The findings of a cross-examination; None is not asked for."""

    robustness: Robustness | None = None
    placebo: Placebo | None = None
    detectability: Detectability | None = None
    replay: Replay | None = None
    onset: OnsetAccounts | None = None
    persistence: Persistence | None = None
    claimants: Claimants | None = None
    tipping: Tipping | None = None
    next_evidence: NextEvidence | None = None
    record: Record | None = None
    unseen: Sight | None = None


FINDINGS = (
    "robustness",
    "placebo",
    "detectability",
    "replay",
    "onset",
    "persistence",
    "claimants",
    "tipping",
    "next_evidence",
    "record",
    "unseen",
)


@dataclass(frozen=True, slots=True)
class Examine:
    """What to ask of a verdict: names of findings, and how much work each may take.

    `promised` are (initiator, receiver) pairs under the same promise, no placebos; `rivals` are
    dated events beside those the question declares; `releases` are a list's own earlier states by
    day of release, for the replay; `definitions` are the question's own, each read into a scope.
    `workers` None takes every processor; it never changes a result.
    """

    wanted: tuple[str, ...] = FINDINGS
    analyses: int = 1200
    runs: int = 200
    workers: int | None = None
    promised: frozenset[tuple[str, str]] = frozenset()
    rivals: tuple[Rival, ...] = ()
    releases: tuple[tuple[dt.date, Evidence], ...] = ()
    definitions: tuple[Scope, ...] = ()
