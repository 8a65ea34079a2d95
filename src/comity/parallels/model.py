"""The records of parallels: regimes of other fields and cyber instruments by the same features.

A cell says how one of them stands on one feature: a `code` that can be compared, our short
`value`, a `limit` where the reading is doubtful. `status` says how far it was checked:
`judgement` marks a rating of ours that no source states, `absent` that nothing of the kind was
found in what was read of it (for an instrument: among its provisions in this register).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.saying import say

UNKNOWN = "unknown"
DEGREE = ("no", "partial", "yes")
LEVEL = ("low", "medium", "high")
LEGAL = (
    "voluntary", "politically-binding", "executive-agreement", "treaty-not-in-force",
    "treaty-ended", "treaty-in-force",
)  # fmt: skip
STATE = ("in-force", "in-force-contested", "running", "suspended", "ended", "not-in-force")
NUMBER = ()  # any whole number
DESIGN, SUBJECT, FACT = "design", "subject", "fact"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its question, the codes it may have, and what it is used for.

    `design` features make two regimes alike; `subject` features say how hard the matter itself is,
    which is where an analogy breaks; `fact` ones are shown only. `ordered` codes have distances.
    """

    id: str
    question: str
    codes: tuple[str, ...]
    use: str
    ordered: bool = True


FEATURES: Mapping[str, Feature] = {
    f.id: f for f in (
        Feature("legal_standing", say("feature.legal_standing"), LEGAL, DESIGN, ordered=False),
        Feature("year", say("feature.year"), NUMBER, FACT),
        Feature("parties_count_date", say("feature.parties_count_date"), NUMBER, FACT),
        Feature("state_only_or_multistakeholder", say("feature.state_only_or_multistakeholder"),
                ("states", "states-and-others", "others"), DESIGN, ordered=False),
        Feature("object_regulated", say("feature.object_regulated"),
                ("capability", "conduct", "transparency", "communication", "mixed"), DESIGN,
                ordered=False),
        Feature("national_technical_means", say("feature.national_technical_means"),
                DEGREE, DESIGN),
        Feature("on_site_inspection", say("feature.on_site_inspection"), DEGREE, DESIGN),
        Feature("continuous_monitoring", say("feature.continuous_monitoring"), DEGREE, DESIGN),
        Feature("third_party_data", say("feature.third_party_data"), DEGREE, DESIGN),
        Feature("declarations", say("feature.declarations"), DEGREE, DESIGN),
        Feature("consultative_commission", say("feature.consultative_commission"), DEGREE,
                DESIGN),
        Feature("crisis_channel", say("feature.crisis_channel"), DEGREE, DESIGN),
        Feature("notification_duty", say("feature.notification_duty"), DEGREE, DESIGN),
        Feature("dispute_settlement", say("feature.dispute_settlement"), DEGREE, DESIGN),
        Feature("enforcement_sanctions", say("feature.enforcement_sanctions"), DEGREE,
                DESIGN),
        Feature("withdrawal_clause", say("feature.withdrawal_clause"), DEGREE, DESIGN),
        Feature("nonstate_actors_covered", say("feature.nonstate_actors_covered"), DEGREE,
                SUBJECT),
        Feature("attribution_difficulty", say("feature.attribution_difficulty"), LEVEL, SUBJECT),
        Feature("capability_secrecy", say("feature.capability_secrecy"), LEVEL, SUBJECT),
        Feature("dual_use", say("feature.dual_use"), LEVEL, SUBJECT),
        Feature("suspension_withdrawal_known", say("feature.suspension_withdrawal_known"),
                ("no", "yes"), FACT),
        Feature("current_state", say("feature.current_state"), STATE, FACT, ordered=False),
    )
}  # fmt: skip
STATUSES = ("seen", "secondary", "unverified", "judgement", "absent")


@dataclass(frozen=True, slots=True)
class Cell:
    """How a regime or instrument stands on one feature."""

    of: str
    feature: str
    code: str
    value: str
    limit: str
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Regime:
    """One regime or cyber instrument with its cells by feature.

    `field` is where it comes from; `breaks` our sentence on where an analogy with it breaks.
    """

    id: str
    name: str
    field: str
    breaks: str
    cells: Mapping[str, Cell]

    @property
    def cyber(self) -> bool:
        """Whether it is an instrument of this register, not a regime of another field."""
        return self.field == "cyberspace"


@dataclass(frozen=True, slots=True)
class Parallels:
    """All of the room, regimes by id in the order of their table."""

    regimes: Mapping[str, Regime]

    @property
    def others(self) -> tuple[Regime, ...]:
        """Regimes of other fields."""
        return tuple(r for r in self.regimes.values() if not r.cyber)

    @property
    def instruments(self) -> tuple[Regime, ...]:
        """Cyber instruments."""
        return tuple(r for r in self.regimes.values() if r.cyber)
