"""A definition as a reading of the evidence: which incidents concern what it defines.

A rule, the same for every definition, from its elements to the incident schema's objectives and
targets:

- An act takes part if it is against a property named: confidentiality takes espionage, integrity
  takes degradation and disruption, availability takes disruption and degradation; authenticity,
  non-repudiation, reliability and accountability go with integrity. Where no property is named,
  every act against systems takes part: espionage, disruption, degradation, and acts whose objective
  no list knows.
- Content covered adds influence. Where that is unclear it is not added, and said to be unclear.
- A definition that guards against espionage alone takes espionage alone.
- Targets are narrowed only where all that is protected is a state's own (state, sovereignty:
  government and military) or critical infrastructure alone; else any target counts.

Orientation does not narrow: every incident of a question is between states.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.definitions.model import Definition

OBJECTIVES_OF = {
    "confidentiality": ("espionage",),
    "integrity": ("disruption", "degradation"),
    "availability": ("disruption", "degradation"),
    "authenticity": ("disruption", "degradation"),
    "non-repudiation": ("disruption", "degradation"),
    "reliability": ("disruption", "degradation"),
    "accountability": ("disruption", "degradation"),
}
AGAINST_SYSTEMS = ("espionage", "disruption", "degradation", "unknown")
BY_CONTENT = "influence"
OF_THE_STATE = frozenset({"state", "sovereignty"})
INFRASTRUCTURE = frozenset({"critical-infrastructure"})


@dataclass(frozen=True, slots=True)
class Reading:
    """Objectives and targets that a definition takes; () is any target. `notes` say what it could
    not decide."""

    objectives: tuple[str, ...]
    targets: tuple[str, ...]
    notes: tuple[str, ...]


def reading_of(definition: Definition) -> Reading:
    """Return which incidents a definition takes, by the rule above."""
    notes = []
    if definition.against == frozenset({"espionage"}) or definition.term == "cyber-espionage":
        taken = {"espionage"}
    elif definition.properties:
        taken = {o for p in definition.properties for o in OBJECTIVES_OF[p]}
    else:
        taken = set(AGAINST_SYSTEMS)
    if definition.content == "yes":
        taken.add(BY_CONTENT)
    elif definition.content == "unclear":
        notes.append("Whether it covers content is unclear: acts by content are left out.")
    order = ("espionage", "disruption", "degradation", BY_CONTENT, "unknown")
    return Reading(tuple(o for o in order if o in taken), _targets(definition), tuple(notes))


def _targets(definition: Definition) -> tuple[str, ...]:
    if definition.protects and definition.protects <= OF_THE_STATE:
        return ("government", "military")
    if definition.protects and definition.protects <= INFRASTRUCTURE:
        return ("critical-infrastructure",)
    return ()
