"""What a message may carry: STIX 2.1 as the standard has it, of bounded size, nothing custom."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from comity.errors import RefusedError
from comity.exchange.marking import TLP_EXTENSION
from comity.exchange.model import TLP_IDS, Json, Reason

TYPES = frozenset({
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident",
    "indicator", "infrastructure", "intrusion-set", "location", "malware", "malware-analysis",
    "note", "observed-data", "opinion", "report", "threat-actor", "tool", "vulnerability",
    "relationship", "sighting", "marking-definition", "extension-definition",
    "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message",
    "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software",
    "url", "user-account", "windows-registry-key", "x509-certificate",
})  # fmt: skip
EXTENSIONS = frozenset({TLP_EXTENSION})
"""Extensions a content object may have besides those of the standard."""
MOST_OBJECTS = 200
MOST_DEPTH = 20
MOST_STRING = 64 * 1024  # characters
MOST_PATTERN = 4096  # of an indicator: reading one takes time in proportion
MOST_TEXT = 4 * 1024 * 1024  # characters of all strings together
MOST_VALUES = 50_000
MOST_KEPT = 4096  # characters of an object whose judgement is remembered
SEALED_TYPE = "application/jose+json"
_ID = re.compile(r"([a-z0-9-]{3,40})--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINK = re.compile(r"https?://[^\s\x00-\x20]+", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?|ftps?)://\S+", re.IGNORECASE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
_DATED = ("created", "modified")


def check_objects(objects: Sequence[Any]) -> None:
    """Raise RefusedError where objects may not travel in a message, coming or going.

    Reasons: `too-large` for more, deeper or longer than is allowed; `malformed` for what is no
    STIX 2.1, is of a type or has a property that is not allowed, or has the id of another.
    """
    if len(objects) > MOST_OBJECTS:
        raise RefusedError(
            f"The message carries {len(objects):,} objects; it may carry {MOST_OBJECTS}. Split it, "
            "or send what matters and say where the rest is.",
            Reason.TOO_LARGE,
        )
    seen: set[str] = set()
    room = [MOST_TEXT, MOST_VALUES]
    for place, one in enumerate(objects, start=1):
        if not isinstance(one, Mapping):
            raise _bad({}, f"is {type(one).__name__}, no object", place)
        _measure(one, place, room)
        _name(one, place, seen)
        _extensions(one)
        text = json.dumps(one, sort_keys=True)
        if problem := _problem(text) if len(text) > MOST_KEPT else _problem_once(text):
            raise _bad(one, problem)


def _bad(one: Json, what: str, place: int = 0, reason: Reason = Reason.MALFORMED) -> RefusedError:
    """Return the error for an object: its type and id, or its place where it has none."""
    kind, name = str(one.get("type", ""))[:40], str(one.get("id", ""))[:80]
    called = name or f"{kind or 'object'} number {place}"
    return RefusedError(f"The message's content cannot be taken: {called} {what}.", reason)


def _measure(one: Json, place: int, room: list[int]) -> None:
    """Raise RefusedError where an object is deeper, longer or more than allowed; `room` is how many
    characters and values the objects still have together."""
    sealed = one.get("type") == "artifact" and one.get("mime_type") == SEALED_TYPE
    stack: list[tuple[Any, int, str]] = [(one, 1, "")]
    while stack:
        value, depth, where = stack.pop()
        room[1] -= 1
        if isinstance(value, str):
            room[0] -= len(value)
            long = len(value) > MOST_STRING and not (sealed and where == "payload_bin")
            if long or room[0] < 0:
                most = f"{MOST_STRING:,}" if long else f"{MOST_TEXT:,} together"
                what = f"has {len(value):,} characters in {where[:60]}; allowed are {most}"
                raise _bad(one, what, place, Reason.TOO_LARGE)
            if _CONTROL.search(value):
                raise _bad(one, f"has characters that do not print in {where[:60]}", place)
        elif isinstance(value, Mapping | list):
            if depth > MOST_DEPTH:
                what = f"is nested more than {MOST_DEPTH} deep at {where[:60]}"
                raise _bad(one, what, place, Reason.TOO_LARGE)
            stack.extend(_inner(one, value, depth + 1, where, place))
        elif not (value is None or isinstance(value, bool | int | float)):
            raise _bad(one, f"has no JSON in {where[:60]}", place)
        if room[1] < 0:
            what = f"makes the content more than {MOST_VALUES:,} values"
            raise _bad(one, what, place, Reason.TOO_LARGE)


def _inner(
    one: Json, value: Any, depth: int, where: str, place: int
) -> Iterator[tuple[Any, int, str]]:
    if isinstance(value, list):
        yield from ((inner, depth, where) for inner in value)
        return
    for name, inner in value.items():
        if not isinstance(name, str) or len(name) > 250 or _CONTROL.search(name):
            raise _bad(one, f"has a property {str(name)[:40]!r}, which is no name", place)
        yield inner, depth, f"{where}.{name}" if where else name


def _name(one: Json, place: int, seen: set[str]) -> None:
    """Raise RefusedError for a type that may not travel, an id that is none or is taken."""
    kind, name = one.get("type"), one.get("id")
    if not isinstance(kind, str) or kind not in TYPES:
        raise _bad(one, f"is of type {str(kind)[:40]!r}, which no message carries", place)
    match = _ID.fullmatch(name) if isinstance(name, str) else None
    if not isinstance(name, str) or match is None or match.group(1) != kind:
        raise _bad(one, f"has no id such as {kind}--1f0c...: a type and a UUID", place)
    if name in seen:
        raise _bad(one, "is there twice")
    seen.add(name)
    if one.get("spec_version") != "2.1":
        raise _bad(one, f"has spec_version {str(one.get('spec_version'))[:20]!r}; it must be '2.1'")


def _extensions(one: Json) -> None:
    """Raise RefusedError for an extension that is neither the standard's nor known here."""
    given = one.get("extensions")
    if given is None:
        return
    if not isinstance(given, Mapping) or not given:
        raise _bad(one, "has extensions that are no object")
    for name, inside in given.items():
        if name.startswith("extension-definition--") and name not in EXTENSIONS:
            raise _bad(one, f"has the extension {name[:80]}, which is not known here")
        if not isinstance(inside, Mapping):
            raise _bad(one, f"has the extension {name[:80]}, which is no object")
        if inside.get("extension_type", "property-extension") != "property-extension":
            raise _bad(one, f"has in {name[:80]} properties of its own at the top")


def _problem(text: str) -> str:
    """Return what is wrong with an object, given as JSON, by STIX 2.1; empty where nothing is."""
    one: dict[str, Any] = json.loads(text)
    for problem in _own_problems(one):
        return problem
    from stix2 import parse

    try:
        parse(one, allow_custom=False, version="2.1")
    except Exception as error:  # the library raises what it likes at odd input
        return _said(error)
    return ""


_problem_once = lru_cache(maxsize=2048)(_problem)  # the same identity and marking come often


def _own_problems(one: dict[str, Any]) -> Iterator[str]:
    """Yield what the library would mend or let pass: it makes text of numbers, dates of nothing,
    and lists of single values."""
    properties = _properties(one["type"])
    for name in _DATED:
        if name in properties and not (name == "modified" and one["type"] == "marking-definition"):
            value = one.get(name)
            if not isinstance(value, str) or not _STAMP.fullmatch(value):
                yield f"has no {name} such as 2026-11-26T16:00:00.000Z"
    for name, value in one.items():
        if name not in properties:
            yield f"has the property {name[:60]}, which STIX 2.1 does not give a {one['type']}"
            return
        yield from _typed(value, properties[name], name)
    yield from _links(one)
    if not 0 <= one.get("confidence", 0) <= 100:
        yield "must have a number from 0 to 100 in confidence"
    if not _is_base64(one.get("payload_bin", "")):
        yield "must have base64 in payload_bin"
    if TLP_EXTENSION in one.get("extensions", {}) and one["id"] not in TLP_IDS.values():
        yield "is a TLP marking of its own; TLP 2.0 has five, and their ids are published"
    if len(str(one.get("pattern", ""))) > MOST_PATTERN:
        yield f"has a pattern of more than {MOST_PATTERN:,} characters; make several of it"


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


@cache
def _properties(kind: str) -> Mapping[str, Any]:
    """Return the properties STIX 2.1 gives a type, as the library has them."""
    from stix2.registry import STIX2_OBJ_MAPS

    maps = STIX2_OBJ_MAPS["2.1"]
    known = maps["objects"].get(kind) or maps["observables"].get(kind)
    if kind == "marking-definition":
        from stix2.properties import DictionaryProperty

        return {**known._properties, "definition": DictionaryProperty(spec_version="2.1")}
    return dict(known._properties)


@cache
def _json_type(property_class: Any) -> tuple[type, ...]:
    """Return the JSON types a property of a class may have, before the library converts it."""
    from stix2 import properties as p

    for base, types in (
        (p.BooleanProperty, (bool,)),
        (p.IntegerProperty, (int,)),
        (p.FloatProperty, (float, int)),
        (p.ListProperty, (list,)),
        (p.DictionaryProperty, (dict,)),
        (p.ObservableProperty, (dict,)),
        (p.EmbeddedObjectProperty, (dict,)),
    ):
        if issubclass(property_class, base):
            return types
    return (str,)


_CALLED = {
    str: "text", bool: "true or false", int: "a whole number", float: "a number", list: "a list",
    dict: "an object",
}  # fmt: skip


def _typed(value: Any, expected: Any, where: str) -> Iterator[str]:
    """Yield where a value is of another JSON type than its property, or a list is empty."""
    kind: Any = type(expected)
    types = _json_type(kind)
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield f"must have {_CALLED[types[0]]} in {where[:80]}"
    elif isinstance(value, list):
        if not value:
            yield f"has an empty list in {where[:80]}; leave it out"
        for n, inner in enumerate(value):
            yield from _member(inner, expected.contained, f"{where}[{n}]")
    elif isinstance(value, dict) and isinstance(getattr(expected, "type", None), type):
        yield from _member(value, expected.type, where)


def _member(value: Any, expected: Any, where: str) -> Iterator[str]:
    """Yield the same for a member of a list: a plain value, or an object of a class."""
    if not isinstance(expected, type):
        yield from _typed(value, expected, where)
    elif not isinstance(value, dict):
        yield f"must have an object in {where[:80]}"
    else:
        inside: Mapping[str, Any] = getattr(expected, "_properties", {})
        for name, inner in value.items():
            if name in inside:  # the others the library refuses
                yield from _typed(inner, inside[name], f"{where}.{name}")


def _links(one: dict[str, Any]) -> Iterator[str]:
    """Yield links that lead elsewhere than to the web."""
    links = [("url", one["url"])] if "url" in one else []
    for n, reference in enumerate(one.get("external_references", ())):
        if isinstance(reference, dict) and "url" in reference:
            links.append((f"external_references[{n}].url", reference["url"]))
    for where, link in links:
        if not isinstance(link, str) or not _LINK.fullmatch(link):
            yield f"has in {where} no address that begins with http:// or https://"
    if one["type"] == "url" and not _ADDRESS.fullmatch(str(one.get("value"))):
        yield "has a value that is no address of http, https or ftp"


def _said(error: Exception) -> str:
    """Return what the library found, in a few words of ours."""
    names: Iterable[str] = getattr(error, "properties", ())
    called = type(error).__name__
    if called == "MissingPropertiesError":
        return f"lacks {', '.join(sorted(names))}"
    if called == "ExtraPropertiesError":
        return f"has properties STIX 2.1 does not know: {', '.join(sorted(names))[:200]}"
    name, reason = getattr(error, "prop_name", ""), getattr(error, "reason", "")
    if name:
        return f"has in {name} what STIX 2.1 does not allow: {str(reason).rstrip('.')[:300]}"
    return f"is not STIX 2.1: {' '.join(str(error).split()).rstrip('.')[:300]}"


def read_objects(text: str) -> tuple[dict[str, Any], ...]:
    """Return the STIX objects of a text: a bundle, a list, or one object. Raises RefusedError.

    Markings of TLP that STIX or OASIS define are left out: every desk knows them.
    """
    from comity.exchange.marking import LEVEL_OF

    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"This is no JSON: {str(error)[:200]}.", Reason.MALFORMED) from error
    if isinstance(data, dict) and data.get("type") == "bundle":
        data = data.get("objects", [])
    found = data if isinstance(data, list) else [data]
    found = [o for o in found if not (isinstance(o, dict) and o.get("id") in LEVEL_OF)]
    if not found:
        raise RefusedError("There is no STIX object in this.", Reason.MALFORMED)
    check_objects(found)
    return tuple(found)


def without_repeats(objects: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return objects of several files, each that is there more than once in the same words once."""
    found: list[dict[str, Any]] = []
    for one in objects:
        if one not in found:
            found.append(one)
    return tuple(found)
