"""How far something may be passed on: the Traffic Light Protocol 2.0 on STIX objects.

TLP 2.0 has no marking in STIX 2.1 itself; OASIS publishes five markings with an extension
(cti-stix-common-objects, tlp-2.0). The four of TLP 1.0 that STIX 2.1 has are read as their
successors. A marking of one property counts for the object as long as the property is in it.
"""

from __future__ import annotations

import copy
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
_MADE_OF = {"relationship": ("source_ref", "target_ref"), "sighting": ("sighting_of_ref",)}


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


def for_audience(
    objects: Sequence[Json], audience: Level, unmarked: Level
) -> tuple[dict[str, Any], ...]:
    """Return what of some objects may be shown to an audience that may see up to a level.

    `unmarked` is the level of the message they came in. A property marked more strictly is left
    out (of a list, the whole list, since its other members would be selected by other numbers); an
    object goes whole where it is marked so, where it cannot be without that property, or where it
    is made of objects that went. References to what went are taken out too.
    """
    kept = [shown for one in objects if (shown := _shown(one, audience, unmarked)) is not None]
    gone = {str(one.get("id")) for one in objects} - {str(one.get("id")) for one in kept}
    while gone:
        again, gone_now = [], set()
        for one in kept:
            if (left := _without(one, gone)) is None:
                gone_now.add(str(one.get("id")))
            else:
                again.append(left)
        kept, gone = again, gone_now
    return tuple(kept)


def _shown(item: Json, audience: Level, unmarked: Level) -> dict[str, Any] | None:
    """Return a copy of an object without the properties an audience may not see, or None."""
    limit = ORDER.index(audience)
    whole = strictest(LEVEL_OF[r] for r in item.get("object_marking_refs") or () if r in LEVEL_OF)
    marking = item.get("type") in ("marking-definition", "extension-definition")
    if not marking and ORDER.index(whole or unmarked) > limit:
        return None
    shown: dict[str, Any] = copy.deepcopy(dict(item))
    granular = shown.get("granular_markings") or []
    hidden = [
        selector
        for one in granular
        if ORDER.index(LEVEL_OF.get(str(one.get("marking_ref")), Level.CLEAR)) > limit
        for selector in one.get("selectors", ())
    ]
    if not hidden:
        return shown
    for selector in hidden:
        _remove(shown, selector.split("."))
    if (set(item) - set(shown)) & _needed(str(item.get("type"))):
        return None
    _clear_selectors(shown, hidden)
    return shown


def _remove(target: Any, path: list[str]) -> None:
    """Take out what a selector selects; where it is a member of a list, the list."""
    for depth, name in enumerate(path):
        last = depth + 1 == len(path) or path[depth + 1].startswith("[")
        if not isinstance(target, dict) or name not in target:
            return
        if last:
            del target[name]
            return
        target = target[name]


def _clear_selectors(shown: dict[str, Any], hidden: Sequence[str]) -> None:
    """Leave the granular markings of what is still there."""
    roots = [_root_of(selector) for selector in hidden]
    left = []
    for one in shown.get("granular_markings", ()):
        selectors = [
            s for s in one.get("selectors", ())
            if not any(s == r or s.startswith(f"{r}.") for r in roots)
        ]  # fmt: skip
        if selectors:
            left.append({**one, "selectors": selectors})
    shown.pop("granular_markings", None)
    if left:
        shown["granular_markings"] = left


def _root_of(selector: str) -> str:
    """Return the path that goes with a selector: up to the list it selects a member of."""
    parts = selector.split(".")
    cut = next((n for n, part in enumerate(parts) if part.startswith("[")), len(parts))
    return ".".join(parts[:cut])


def _without(item: dict[str, Any], gone: Collection[str]) -> dict[str, Any] | None:
    """Return an object without its references to what went, None where it is made of it."""
    if not any(ref in gone for ref in references(item)):
        return item
    kind = str(item.get("type"))
    needed = {*_needed(kind), *_MADE_OF.get(kind, ())}
    found = dict(item)
    for name, value in item.items():
        if name.endswith("_ref") and name != "created_by_ref" and value in gone:
            del found[name]
        elif name.endswith("_refs") and name != "object_marking_refs" and isinstance(value, list):
            left = [ref for ref in value if ref not in gone]
            found[name] = left
            if not left:
                del found[name]
    return None if needed & (set(item) - set(found)) else found


_ALWAYS = frozenset({"type", "spec_version", "id", "created", "modified"})
_LISTS = frozenset({"report", "grouping", "note", "opinion", "observed-data"})


def _needed(kind: str) -> frozenset[str]:
    """Return the properties without which there is no object of a type."""
    from stix2.registry import STIX2_OBJ_MAPS

    maps = STIX2_OBJ_MAPS["2.1"]
    known = maps["objects"].get(kind) or maps["observables"].get(kind)
    properties = {} if known is None else known._properties
    needed = {name for name, one in properties.items() if one.required}
    return _ALWAYS | needed | ({"object_refs"} if kind in _LISTS else set())
