"""EuRepoC's labels (codebook 1.0 to 1.3) in this project's codes; each table is a choice, stated.

- **Initiators.** *State* is "state", *state affiliated actor* "state-affiliated"; a non-state
  group with "state-affiliation suggested" is "proxy", one of criminals "criminal"; hacktivists,
  terrorists and persons are "other". The code is the country given, whatever the kind.
- **Targets.** State institutions are "government", the military "military", political parties
  "civil-society". The codebook codes a firm as *corporate target* only where it is not critical
  infrastructure, so sectors that are firms in most countries (`PRIVATE_SECTORS`) count as "private"
  too; health, water and the rest do not. Media, schools, science and end users are "private"
  (private or non-state).
- **Objectives** are not coded by the list. Data theft is read as espionage, unless all initiators
  are criminals or it came with ransomware; theft with publication (doxing) as influence; disruption
  and ransomware as disruption, or degradation where data, disks or firmware were destroyed
  (`mitre_impact`). Hijacking alone leaves the objective unknown.
- **Effects.** Theft and hijacking touch confidentiality; defacement, manipulation and destruction
  integrity; disruption and ransomware availability; doxing content as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from comity.incidents.model import EFFECTS, OBJECTIVES, TARGETS

MISSING = ("", "Not available", "#N/A", "none")
NAMELESS = (*MISSING, "Unknown", "Not attributed")

INITIATOR_KINDS: Mapping[str, str] = {
    "State": "state",
    "State affiliated actor": "state-affiliated",
    "Non-state-group": "other",
    "Individual hacker(s)": "other",
    "Other": "other",
}
PRIVATE_SECTORS = frozenset({
    "Chemicals", "Critical Manufacturing", "Defence industry", "Digital Provider", "Energy",
    "Finance", "Food", "Space", "Telecommunications", "Transportation",
})  # fmt: skip
CATEGORIES: Mapping[str, str] = {
    "State institutions / political system": "government",
    "International / supranational organization": "international-body",
    "Critical infrastructure": "critical-infrastructure",
    "Corporate Targets": "private",
    "Media": "private",
    "Education": "private",
    "Science": "private",
    "End user(s) / specially protected groups": "private",
    "Social groups": "civil-society",
}
CLAIMANTS: Mapping[str, str] = {
    "Attacker confirms": "actor-itself",
    "IT-security community attributes attacker": "private-company",
    "Attribution by receiver government / state entity": "receiver-government",
    "Media-based attribution": "media",
    "Attribution by EU institution/agency": "international-body",
    "Attribution by international organization": "international-body",
    "Attribution by third-party": "other",
    "Receiver attributes attacker": "other",
    "Contested attribution": "other",
}
OFFICIAL = ("Political statement", "Domestic legal action")
DESTRUCTION = frozenset({"Data Destruction", "Disk Wipe", "Firmware Corruption"})
TAMPERING = DESTRUCTION | {"Defacement", "Data Manipulation"}
THEFT, DOXING, RANSOMWARE = "Data theft", "Data theft & Doxing", "Ransomware"

REGIONS = frozenset({
    "Africa", "Asia", "Caucasus", "Eastern Europe", "Europe", "North America", "Northern Europe",
    "Oceania", "South America", "Southern Europe", "Western Europe", "ISIS",
})  # fmt: skip


def is_region(text: str) -> bool:
    """Say whether a country cell holds something EuRepoC uses that is no country."""
    return text.endswith("(region)") or text in REGIONS


def initiator_kind(category: str, subcategory: str) -> str:
    """Return the kind of an initiator from its category and subcategory."""
    if "state-affiliation suggested" in category + subcategory:
        return "proxy"
    if subcategory.startswith("Criminal"):
        return "criminal"
    return INITIATOR_KINDS.get(category, "unknown")


def target_kinds(category: str, subcategory: str) -> tuple[str, ...]:
    """Return the target kinds of one receiver; an unknown category is "unknown"."""
    kind = CATEGORIES.get(category.partition(" (corporate")[0], "unknown")
    if kind == "government" and subcategory == "Military":
        return ("military",)
    if kind == "government" and subcategory == "Political parties":
        return ("civil-society",)
    if kind == "critical-infrastructure" and subcategory in PRIVATE_SECTORS:
        return ("private", kind)
    return (kind,)


def sorted_targets(kinds: Collection[str]) -> tuple[str, ...]:
    """Return target kinds in the schema's order; "unknown" only where nothing else is known."""
    known = [kind for kind in TARGETS if kind in kinds and kind != "unknown"]
    return tuple(known) or ("unknown",)


def objectives_of(
    types: Collection[str], impacts: Collection[str], kinds: Collection[str]
) -> tuple[str, ...]:
    """Return the objectives read from incident types, impacts and initiator kinds."""
    found = set()
    if THEFT in types and RANSOMWARE not in types and set(kinds) != {"criminal"}:
        found.add("espionage")
    if DOXING in types:
        found.add("influence")
    if "Disruption" in types or RANSOMWARE in types:
        destroyed = bool(DESTRUCTION & set(impacts)) and RANSOMWARE not in types
        found.add("degradation" if destroyed else "disruption")
    return tuple(o for o in OBJECTIVES if o in found) or ("unknown",)


def effects_of(types: Collection[str], impacts: Collection[str]) -> tuple[str, ...]:
    """Return the effects on information read from incident types and impacts."""
    found = set()
    if any(t in (THEFT, DOXING) or t.startswith("Hijacking") for t in types):
        found.add("confidentiality")
    if TAMPERING & set(impacts):
        found.add("integrity")
    if "Disruption" in types or RANSOMWARE in types:
        found.add("availability")
    if DOXING in types:
        found.add("content")
    return tuple(e for e in EFFECTS if e in found)


def claimant_kind(basis: str, kind_of_statement: str, country: str) -> str:
    """Return the kind of a claimant; a third party that speaks for a state is its government."""
    kind = CLAIMANTS.get(basis, "unknown")
    official = any(word in kind_of_statement for word in (*OFFICIAL, "indictment"))
    if basis == "Attribution by third-party" and official and country:
        return "third-government"
    return kind
