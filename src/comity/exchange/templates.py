"""What each side should say: the fields of each kind of message, and how complete a draft is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from comity.dates import parse_date
from comity.errors import DateError, RefusedError
from comity.exchange.canonical import read_stamp
from comity.exchange.model import Json, Kind, Reason

KINDS = ("text", "long", "date", "instant", "choice", "choices", "yes/no", "objects")
YES, NO = "yes", "no"
MOST_FIELDS = 60
MOST_EXTRA = 20
MOST_CHOICES = 300
MOST = {"long": 20_000}  # characters; of any other kind:
MOST_OF_A_LINE = 500
MOST_OF_AN_EXTRA = 4_000
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `options` are the values a choice allows, `types` the STIX types that fill one of
    kind objects. A value is text (choices: a list of texts; yes/no: "yes" or "no")."""

    name: str
    label: str
    help: str
    kind: str
    required: bool
    options: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """What a kind of message asks for, in the order in which it is asked."""

    kind: Kind
    title: str
    says: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return a field by its name, None for one that was added by who wrote."""
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a draft says what its kind asks: labels of what is there and what is not, and what
    is wrong with what is there."""

    filled: tuple[str, ...]
    missing_required: tuple[str, ...]
    missing_wanted: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of the fields asked for that are filled; 1 where none is asked for."""
        asked = len(self.filled) + len(self.missing_required) + len(self.missing_wanted)
        return len(self.filled) / asked if asked else 1.0

    @property
    def ready(self) -> bool:
        """Whether it may be sent: what is required is there and nothing is wrong."""
        return not self.missing_required and not self.problems


@cache
def templates() -> Mapping[Kind, Template]:
    """Return the template of every kind of message, as they ship."""
    text = files("comity").joinpath("data/exchange/templates.toml").read_text(encoding="utf-8")
    return read_templates(text)


def read_templates(text: str) -> Mapping[Kind, Template]:
    """Return the templates a TOML text defines. Raises KeyError, ValueError where it does not."""
    data = tomllib.loads(text)
    found = {}
    for kind in Kind:
        given = data["message"][kind.value]
        missing = set(given["required"]) - set(given["fields"])
        if missing:
            raise ValueError(f"{kind}: required, but none of its fields: {sorted(missing)}")
        fields = tuple(
            _field(name, data["field"][name], name in given["required"]) for name in given["fields"]
        )
        found[kind] = Template(kind, given["title"], given["says"], fields)
    return found


def _field(name: str, given: Mapping[str, Any], required: bool) -> Field:
    options = tuple(given.get("options", ()))
    if given.get("options_of") == "countries":
        from comity.countries import country_codes

        options = country_codes()
    if given["kind"] not in KINDS or not NAME.fullmatch(name):
        raise ValueError(f"field {name!r} of kind {given['kind']!r}: the kinds are {KINDS}")
    return Field(
        name, given["label"], given["help"], given["kind"], required, options,
        tuple(given.get("types", ())),
    )  # fmt: skip


def template(kind: Kind) -> Template:
    """Return what a kind of message asks for."""
    return templates()[kind]


def completeness(kind: Kind, fields: Json, objects: Sequence[Json] = ()) -> Completeness:
    """Return what of a kind's template is filled, what is missing, and what is wrong.

    A field of kind objects is filled by any object of its types. Further fields are allowed and
    count for nothing but their problems.
    """
    asked = template(kind).fields
    types = {str(one.get("type")) for one in objects}
    filled: list[str] = []
    required: list[str] = []
    wanted: list[str] = []
    for one in asked:
        there = types & set(one.types) if one.kind == "objects" else not _empty(fields, one.name)
        (filled if there else required if one.required else wanted).append(one.label)
    problems = [*_shape_problems(fields), *_value_problems(kind, fields)]
    return Completeness(tuple(filled), tuple(required), tuple(wanted), tuple(problems))


def _empty(fields: Json, name: str) -> bool:
    value = fields.get(name)
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def check_fields(fields: Json) -> None:
    """Raise RefusedError (malformed, too-large) for fields that no template could hold: what any
    party may be sent. What a field says is for people to judge."""
    for problem in _shape_problems(fields):
        large = "at most" in problem
        raise RefusedError(
            f"The fields of this message cannot be taken: {problem}.",
            Reason.TOO_LARGE if large else Reason.MALFORMED,
        )


def _shape_problems(fields: Json) -> Iterator[str]:
    """Yield names that are none, values that are no text, and more than is allowed of either."""
    if len(fields) > MOST_FIELDS:
        yield f"there are {len(fields)} fields; there may be at most {MOST_FIELDS}"
        return
    known = {one.name: one.kind for each in templates().values() for one in each.fields}
    if sum(1 for name in fields if name not in known) > MOST_EXTRA:
        yield f"at most {MOST_EXTRA} fields may be added to those of the template"
    for name, value in fields.items():
        if not NAME.fullmatch(name):
            yield (
                f"{name[:60]!r} is no name for a field: 1 to 40 small letters, digits, - and _, a "
                "letter first"
            )
        yield from _text_problems(name[:60], value, known.get(name))


def _text_problems(name: str, value: Any, kind: str | None) -> Iterator[str]:
    most = MOST_OF_AN_EXTRA if kind is None else MOST.get(kind, MOST_OF_A_LINE)
    listed = isinstance(value, list)
    values: Iterable[Any] = value if listed else (value,)
    if listed and kind is not None and kind != "choices":
        yield f"{name} is a list; it must be one text"
    elif listed and len(value) > MOST_CHOICES:
        yield f"{name} has {len(value)} entries; it may have at most {MOST_CHOICES}"
    elif not all(isinstance(one, str) for one in values):
        yield f"{name} must be text" + (" or a list of texts" if kind in (None, "choices") else "")
    else:
        long = max((len(one) for one in values), default=0)
        if long > most:
            yield f"{name} has {long:,} characters; it may have at most {most:,}"
        if any(not (c.isprintable() or c in "\n\t") for one in values for c in one):
            yield f"{name} has characters that do not print; remove them"


def _value_problems(kind: Kind, fields: Json) -> Iterator[str]:
    """Yield values that are not what their field asks for."""
    for one in template(kind).fields:
        value = fields.get(one.name)
        if _empty(fields, one.name) or not isinstance(value, str | list):
            continue
        given = [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)]
        allowed = (YES, NO) if one.kind == "yes/no" else one.options
        if one.kind in ("choice", "choices", "yes/no"):
            for v in (v for v in given if v not in allowed):
                few = f"one of {', '.join(allowed)}" if len(allowed) < 40 else "a code such as CN"
                yield f"{one.label} cannot be {v[:60]!r}; it must be {few}"
        elif one.kind == "date":
            yield from _date_problem(one.label, given[0])
        elif one.kind == "instant":
            yield from _instant_problem(one.label, given[0])
        elif one.kind == "objects":
            yield f"{one.label} are STIX objects: attach them, they are no text"


def _date_problem(label: str, text: str) -> Iterator[str]:
    try:
        parse_date(text)
    except DateError as error:
        yield f"{label}: {str(error).rstrip('.')}"


def _instant_problem(label: str, text: str) -> Iterator[str]:
    try:
        read_stamp(text)
    except RefusedError as error:
        yield f"{label}: {str(error).rstrip('.')}"


def is_partial(kind: Kind, fields: Json) -> bool:
    """Say whether a reply says of itself that more is to follow."""
    return kind is Kind.REPLY and fields.get("final") == NO
