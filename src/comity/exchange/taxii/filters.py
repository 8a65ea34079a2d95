"""What the query of an address asks for: filters and pages of TAXII 2.1, sections 3.4 and 3.5."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from comity.exchange.reading import Wanted
from comity.exchange.taxii.resources import AnswerError

MOST_PARAMETERS = 20
MOST_CHOICES = 200  # values of one match
MOST_OBJECTS = 500  # of one page
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
_ID = re.compile(r"[a-z][a-z0-9-]{0,249}--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,249}")
_SPEC = re.compile(r"\d{1,2}\.\d{1,2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as read: the objects wanted, and how many of them at most."""

    wanted: Wanted
    limit: int = MOST_OBJECTS


def read_query(query: bytes, **fixed: tuple[str, ...]) -> Asked:
    """Return what a query asks for; `fixed` are filters that the path gives.

    Raises AnswerError (400) for a parameter that is given twice or is malformed. Fields of
    `match` that TAXII does not define are not looked at, as it allows.
    """
    given = _parameters(query)
    limit = given.get("limit", str(MOST_OBJECTS))
    if not re.fullmatch(r"[0-9]{1,9}", limit) or int(limit) < 1:
        raise bad("limit", limit, "a whole number above 0")
    added_after = read_instant("added_after", given.get("added_after"))
    after_page = read_instant("next", given.get("next"))
    wanted = Wanted(
        ids=fixed.get("ids") or _choices(given, "match[id]", _ID, "ids such as note--UUID"),
        types=_choices(given, "match[type]", _TYPE, "types such as note"),
        versions=_versions(given.get("match[version]")),
        spec_versions=_choices(given, "match[spec_version]", _SPEC, "versions such as 2.1"),
        added_after=max(added_after, after_page),
    )
    return Asked(wanted, min(int(limit), MOST_OBJECTS))


def is_id(text: str) -> bool:
    """Say whether a text has the form of a STIX id."""
    return _ID.fullmatch(text) is not None


def read_instant(name: str, text: str | None) -> str:
    """Return a timestamp with microseconds, "" where none is given. Raises AnswerError (400).

    >>> read_instant("added_after", "2026-11-26T16:00:00.12Z")
    '2026-11-26T16:00:00.120000Z'
    """
    if text is None:
        return ""
    found = _INSTANT.fullmatch(text)
    if found:
        try:
            dt.datetime.fromisoformat(found[1])
        except ValueError:
            found = None
    if not found:
        raise bad(name, text, "a timestamp such as 2026-11-26T16:00:00.000000Z")
    return f"{found[1]}.{(found[2] or '')[:6]:0<6}Z"


def bad(name: str, given: str, allowed: str) -> AnswerError:
    """Return the refusal of a parameter."""
    return AnswerError(400, "A parameter cannot be read",
                       f"{name} is {given[:80]!r}; it must be {allowed}.")  # fmt: skip


def _parameters(query: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )  # fmt: skip
    except ValueError as error:
        raise AnswerError(400, "A parameter cannot be read",
                          f"The query is no list of at most {MOST_PARAMETERS} parameters in "
                          "UTF-8.") from error  # fmt: skip
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise AnswerError(400, "A parameter is given twice",
                              f"{name[:80]!r} may be given once; put commas between values of a "
                              "match.")  # fmt: skip
        given[name] = value
    return given


def _choices(
    given: dict[str, str], name: str, form: re.Pattern[str], allowed: str
) -> tuple[str, ...]:
    text = given.get(name)
    if text is None:
        return ()
    values = text.split(",")
    if len(values) > MOST_CHOICES or not all(form.fullmatch(v) for v in values):
        raise bad(name, text, f"up to {MOST_CHOICES} {allowed}, with commas between them")
    return tuple(dict.fromkeys(values))


def _versions(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    values = text.split(",")
    known = all(v in ("first", "last", "all") or _INSTANT.fullmatch(v) for v in values)
    twice = len(set(values)) != len(values) or ("all" in values and len(values) > 1)
    if not known or twice or len(values) > MOST_CHOICES:
        raise bad("match[version]", text,
                  "first, last, timestamps with commas between, each once; or all")  # fmt: skip
    return tuple(values)
