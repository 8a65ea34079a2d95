"""The records of parallels: regimes of other fields and cyber instruments by the same features.

A cell says how one of them stands on one feature: a `code` that can be compared, our short
`value`, a `limit` where the reading is doubtful. `status` says how far it was checked:
`judgement` marks a rating of ours that no source states, `absent` that nothing of the kind was
found in what was read of it (for an instrument: among its provisions in this register).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        Feature("legal_standing", "What kind of word is it?", LEGAL, DESIGN, ordered=False),
        Feature("year", "When was it signed or adopted?", NUMBER, FACT),
        Feature("parties_count_date", "How many parties has it?", NUMBER, FACT),
        Feature("state_only_or_multistakeholder", "Who takes part?",
                ("states", "states-and-others", "others"), DESIGN, ordered=False),
        Feature("object_regulated", "What does it bind: a capability, conduct, openness, talk?",
                ("capability", "conduct", "transparency", "communication", "mixed"), DESIGN,
                ordered=False),
        Feature("national_technical_means", "Are the parties' own means of watching accepted?",
                DEGREE, DESIGN),
        Feature("on_site_inspection", "Are there inspections on site?", DEGREE, DESIGN),
        Feature("continuous_monitoring", "Is anything watched all the time?", DEGREE, DESIGN),
        Feature("third_party_data", "Do data of others than the parties count?", DEGREE, DESIGN),
        Feature("declarations", "Do parties declare what they have or do?", DEGREE, DESIGN),
        Feature("consultative_commission", "Is there a body in which parties consult?", DEGREE,
                DESIGN),
        Feature("crisis_channel", "Is there a line for a crisis?", DEGREE, DESIGN),
        Feature("notification_duty", "Must parties give notice?", DEGREE, DESIGN),
        Feature("dispute_settlement", "Is there a way to settle disputes?", DEGREE, DESIGN),
        Feature("enforcement_sanctions", "Does a breach have a consequence laid down?", DEGREE,
                DESIGN),
        Feature("withdrawal_clause", "Does it say how to leave?", DEGREE, DESIGN),
        Feature("nonstate_actors_covered", "Does it cover what others than states do?", DEGREE,
                SUBJECT),
        Feature("attribution_difficulty", "How hard is it to say who did it?", LEVEL, SUBJECT),
        Feature("capability_secrecy", "How secret is the capability?", LEVEL, SUBJECT),
        Feature("dual_use", "How far does the same thing serve civil ends?", LEVEL, SUBJECT),
        Feature("suspension_withdrawal_known", "Has a party left or suspended it?", ("no", "yes"),
                FACT),
        Feature("current_state", "How does it stand?", STATE, FACT, ordered=False),
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
