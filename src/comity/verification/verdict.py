"""From a question and its evidence to a verdict: every finding, then the three sentences."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from comity.incidents.model import UNION, Evidence
from comity.verification.change import Analysis, changes_of, plan, run_plan
from comity.verification.checks import Looked, caveats_of, checks_of
from comity.verification.examine.material import Material
from comity.verification.findings import (
    by_claimant_finding,
    by_list_finding,
    date_reading_finding,
    displacement_finding,
    persistence_points,
)
from comity.verification.glance import look
from comity.verification.model import (
    Change,
    Choices,
    Claim,
    InstrumentFacts,
    Question,
    Registration,
    Verdict,
)
from comity.verification.onset import onset_finding
from comity.verification.prepare import Prepared, membership_of
from comity.verification.registered import registration_caveats, registration_check
from comity.verification.sentences import (
    because,
    headline_of,
    least_favourable,
    most_favourable,
)
from comity.verification.words import MIN_INFORMATIVE, confidence

if TYPE_CHECKING:
    from comity.verification.examine.asked import Examine

Progress = Callable[[str], None]


def _speaking(prepared: Prepared, primary: Analysis) -> int:
    """Return how many lists hold incidents enough in scope to speak; of a union, its parts."""
    joined = next((one for one in prepared.counting if one.release.list == UNION), None)
    if joined is None:
        return sum(sum(side) >= MIN_INFORMATIVE for side in primary.sides)
    frame = membership_of(joined, prepared.question.scope, prepared.under_promise).frame
    rows = [int(n) for n in frame.filter(frame["cell"] == "A")["row"]]
    held = Counter(name for cell in joined.table["release"][rows] for name in cell.split("+"))
    return sum(n >= MIN_INFORMATIVE for n in held.values())


def _silent(_: str) -> None:
    """Tell nobody."""


def judge(
    question: Question,
    evidence: Evidence,
    *,
    choices: Choices | None = None,
    instrument: InstrumentFacts | None = None,
    under_promise: Mapping[str, dt.date] | None = None,
    claims: Sequence[Claim] = (),
    version: str = "",
    progress: Progress = _silent,
    brief: bool = False,
    examine: Examine | None = None,
    registration: Registration | None = None,
) -> Verdict:
    """Return the verdict on a question from a body of evidence.

    `under_promise` gives the other receivers owed the same promise, with the day from which.
    `brief` leaves out onset, other outcomes and the other reading of dates: for the mirror.
    `examine` adds the findings of a cross-examination; `registration` is the question's. Raises
    QuestionError for one that cannot be asked of this evidence.
    """
    choices = choices or Choices()
    seen = look(question, evidence, choices, under_promise or {}, claims, progress, brief)
    prepared, primary, glance = seen.prepared, seen.primary, seen.glance
    analyses = run_plan(prepared, plan(prepared, brief), progress, seen.analyses)
    rest = (c for a in analyses[len(seen.analyses) :] for c in changes_of(a, choices.level))
    changes, cards, first = (*glance.change, *rest), glance.incidents, glance.changed
    progress("onset, persistence and the rest")
    onset = None if brief else onset_finding(primary, prepared)
    looked = _looked(prepared, analyses, primary, changes)
    checks = (*checks_of(looked), registration_check(registration))
    speaking = _speaking(prepared, primary)
    verdict = Verdict(
        question=question,
        instrument=instrument,
        choices=choices,
        as_of=prepared.as_of,
        version=version,
        lists=glance.lists,
        changed=first,
        kept=glance.kept,
        because=because(question, first, changes, onset),
        confidence=confidence(checks, first.probability is not None, speaking),
        change=changes,
        onset=onset,
        displacement=displacement_finding(changes, question),
        persistence=persistence_points(primary, prepared),
        by_list=by_list_finding(prepared),
        by_claimant=by_claimant_finding(prepared, cards),
        date_reading=date_reading_finding(prepared, None if brief else evidence, primary),
        claims=seen.claims,
        activity=glance.activity,
        incidents=cards,
        caveats=(*caveats_of(prepared, primary, cards), *registration_caveats(registration)),
        checks=checks,
        registration=registration,
    )
    return _examined(Material(prepared, evidence, primary, verdict), examine, progress)


def _looked(
    prepared: Prepared, analyses: Sequence[Analysis], primary: Analysis, changes: Sequence[Change]
) -> Looked:
    """Return what the checks look at."""
    question = prepared.question
    least = least_favourable(changes, question.scope.id)
    most = most_favourable(changes, question.scope.id)
    return Looked(prepared, analyses, primary, headline_of(changes, question), least, most)


def _examined(material: Material, examine: Examine | None, progress: Progress) -> Verdict:
    """Return the verdict with the findings asked for; what they need is read only where one is."""
    if examine is None:
        return material.verdict
    from comity.verification.examine.run import cross_examine

    return replace(material.verdict, examination=cross_examine(material, examine, progress))
