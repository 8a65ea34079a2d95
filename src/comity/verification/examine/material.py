"""What a cross-examination works on."""

from __future__ import annotations

from dataclasses import dataclass

from comity.incidents.model import Evidence
from comity.verification.change import Analysis
from comity.verification.model import Verdict
from comity.verification.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Material:
    """What a cross-examination works on: the question laid out, all the evidence, the declared
    analysis, and the verdict as it stands."""

    prepared: Prepared
    evidence: Evidence
    primary: Analysis
    verdict: Verdict
