"""What an address may ask for: the parameters of a view, read, checked, put in one order.

One declaration serves the page's form, the checking of an address and the description that
`/openapi.json` gives, so that the three cannot differ.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from comity.errors import AddressError

Kind = Literal["text", "choice", "day", "whole", "flag"]
Values = Mapping[str, str]

MOST_TEXT = 200  # characters of a text parameter
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing an address may say. `allowed` are the values of a choice; an empty text means that
    nothing was asked, as does the `default`. `least` and `most` bound a whole number (INCLUSIVE).
    """

    name: str
    help: str
    kind: Kind = "text"
    allowed: tuple[str, ...] = ()
    default: str = ""
    least: int = 0
    most: int = 10_000
    many: bool = False  # given several times, it is all of them, with commas between

    def read(self, text: str) -> str:
        """Return the value as it stands in an address, empty where it is the default.

        Raises AddressError for a value that is not allowed; it says which are.
        """
        text = text.strip()
        if text in ("", self.default):
            return ""
        problem = self._problem(text)
        if problem:
            raise AddressError(f"{self.name}={_shown(text)}: {problem}")
        return str(int(text)) if self.kind == "whole" else text

    def _problem(self, text: str) -> str:
        """Return what is wrong with a value, empty where nothing is."""
        if self.kind == "choice" and text not in self.allowed:
            return f"there is {', '.join(self.allowed)}."
        if self.kind == "flag" and text != "1":
            return "it is 1, or left out."
        if self.kind == "day" and not _is_day(text):
            return "it must be a day that exists, such as 2017-06-30."
        if self.kind == "whole" and not (
            text.isascii() and text.isdigit() and len(text) < 9
            and self.least <= int(text) <= self.most
        ):  # fmt: skip
            return f"it must be a whole number from {self.least} to {self.most}."
        if len(text) > MOST_TEXT:
            return f"it may have {MOST_TEXT} characters, not {len(text)}."
        if any(ord(c) < 32 for c in text):
            return "it holds a control character."
        return ""

    def described(self) -> dict[str, object]:
        """Return the parameter as an OpenAPI parameter object."""
        schema: dict[str, object] = {"type": "string", "maxLength": MOST_TEXT}
        if self.kind == "choice":
            schema = {"type": "string", "enum": list(self.allowed)}
        elif self.kind == "flag":
            schema = {"type": "string", "enum": ["1"]}
        elif self.kind == "day":
            schema = {"type": "string", "format": "date"}
        elif self.kind == "whole":
            schema = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {
            "name": self.name, "in": "query", "required": False, "description": self.help,
            "schema": schema,
        }  # fmt: skip


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    """Return a value short enough for a message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def read_values(parameters: Sequence[Parameter], given: Sequence[tuple[str, str]]) -> Values:
    """Return what an address asks, in the order of the parameters, without what is usual.

    Raises AddressError for a parameter that is not known or is given twice with two values.
    """
    known = {p.name: p for p in parameters}
    found: dict[str, str] = {}
    for name, text in given:
        if name not in known:
            there = ", ".join(known) or "none"
            raise AddressError(f"This page has no parameter {_shown(name)}. It has: {there}.")
        value = known[name].read(text)
        if known[name].many and found.get(name):
            value = known[name].read(f"{found[name]},{value}")
        elif found.get(name, value) != value:
            raise AddressError(f"{name} is given twice, with two values. Give it once.")
        found[name] = value
    return {name: found[name] for name in known if found.get(name)}


def address(path: str, values: Values, **other: str) -> str:
    """Return a path with its query: `other` replaces values, an empty one takes it away.

    >>> address("/votes", {"state": "CN"}, state="", year="2018")
    '/votes?year=2018'
    """
    asked = {name: value for name, value in {**values, **other}.items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path
