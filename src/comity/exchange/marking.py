"""How far something may be passed on: the Traffic Light Protocol 2.0 on STIX objects.

TLP 2.0 has no marking in STIX 2.1 itself; OASIS publishes five markings with an extension
(cti-stix-common-objects, tlp-2.0). The four of TLP 1.0 that STIX 2.1 has are read as their
successors. A marking of one property counts for the object as long as the property is in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from comity.errors import RefusedError
from comity.exchange.model import TLP_IDS, Json, Level, Reason

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_OLD = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Level.CLEAR,  # TLP:WHITE
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Level.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Level.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Level.RED,
}
LEVEL_OF: Mapping[str, Level] = {name: level for level, name in TLP_IDS.items()} | _OLD
ORDER = tuple(Level)
"""From what anybody may see to what only those spoken to may."""
_RESTRICTED = frozenset({Level.AMBER, Level.AMBER_STRICT, Level.RED})


def tlp_object(level: Level) -> dict[str, Any]:
    """Return the marking-definition of a level as OASIS publishes it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_IDS[level],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{level.upper()}",
        "extensions": {
            TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level.value}
        },
    }


def strictest(levels: Iterable[Level]) -> Level | None:
    """Return the strictest of some levels, None of none."""
    return max(levels, key=ORDER.index, default=None)


def level_of(item: Json) -> Level | None:
    """Return the strictest TLP level an object or a part of it is marked with, None where it has
    none: it is then marked as the message it came in."""
    return strictest(LEVEL_OF[ref] for ref in _marks(item) if ref in LEVEL_OF)


def _marks(item: Json) -> Iterator[str]:
    """Yield the id of each marking of an object and of its properties."""
    yield from (str(ref) for ref in item.get("object_marking_refs") or ())
    for one in item.get("granular_markings") or ():
        if "marking_ref" in one:
            yield str(one["marking_ref"])


def may_pass(
    objects: Sequence[Json], own: str, parties: Collection[str], shared: Collection[str] = ()
) -> None:
    """Raise RefusedError (marking) where objects hold what this party may not send on a line.

    `own` is this party's identity, `parties` those of all parties of the line, `shared` the ids of
    objects that all of them have by an earlier message. What is marked AMBER, AMBER+STRICT or RED
    may go out where it is our own, or back to the one party it came from. Who made a thing is its
    `created_by_ref`; of an observable, which has none, whoever made what refers to it.
    """
    others = frozenset(parties) - {own}
    known = {str(one.get("id")) for one in objects} | set(LEVEL_OF)
    makers = _makers(objects)
    for one in objects:
        if one.get("type") == "marking-definition" or one.get("id") in shared:
            continue
        by = makers.get(str(one.get("id")), frozenset())
        if by == {own}:
            continue
        unknown = next((ref for ref in _marks(one) if ref not in known), "")
        if unknown:
            why = (
                f"is marked with {unknown[:80]}, which is not among the objects, so that nobody "
                "can say how far it may go; attach that marking"
            )
            _refuse(one, by, why)
        level = level_of(one)
        if level in _RESTRICTED and not (by and by >= others and by <= {own, *others}):
            name = str(level).upper()
            _refuse(
                one, by, f"is marked TLP:{name}: ask whoever made it to send it or mark it anew"
            )


def _refuse(item: Json, by: Collection[str], why: str) -> None:
    maker = ", ".join(sorted(by)) if by else "nobody it names"
    raise RefusedError(
        f"{str(item.get('type'))[:40]} {str(item.get('id'))[:80]} may not be passed on: made by "
        f"{maker}, it {why}. Nothing was sent.",
        Reason.MARKING,
    )


def _makers(objects: Sequence[Json]) -> dict[str, frozenset[str]]:
    """Return who made each object, by its id."""
    found: dict[str, frozenset[str]] = {}
    referring: dict[str, set[str]] = {}
    for one in objects:
        maker = one.get("created_by_ref")
        if maker is None and one.get("type") == "identity":
            maker = one.get("id")
        if maker is not None:
            found[str(one.get("id"))] = frozenset({str(maker)})
            for ref in references(one):
                referring.setdefault(ref, set()).add(str(maker))
    for one in objects:
        name = str(one.get("id"))
        found.setdefault(name, frozenset(referring.get(name, ())))
    return found


def references(item: Json) -> Iterator[str]:
    """Yield the ids of the objects an object is about: not of who made it or of its markings."""
    for name, value in item.items():
        if name in ("created_by_ref", "object_marking_refs"):
            continue
        if name.endswith("_ref") and isinstance(value, str):
            yield value
        elif name.endswith("_refs") and isinstance(value, list):
            yield from (ref for ref in value if isinstance(ref, str))
