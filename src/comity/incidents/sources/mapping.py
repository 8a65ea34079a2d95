"""A mapping file: which column of a user's own list is what, and what its words mean."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from comity.dates import parse_date
from comity.errors import DateError, SourceError
from comity.incidents.model import (
    COMMERCIAL_USE,
    EFFECTS,
    INITIATOR_KINDS,
    OBJECTIVES,
    TARGETS,
    ListRelease,
)

CODES = {
    "targets": TARGETS,
    "objectives": OBJECTIVES,
    "effects": EFFECTS,
    "initiator_kinds": INITIATOR_KINDS,
    "commercial_use": COMMERCIAL_USE,
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ListPart(_Part):
    """The facts of the list and its release; dates are EDTF."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    release: str = Field(min_length=1)
    title: str = Field(min_length=1)
    publisher: str = ""
    licence: str = "none stated"
    redistributable: bool = False
    address: str = ""
    citation: str = ""
    covers_from: str = ""
    covers_to: str = ""
    closed_on: str = ""
    severity_scale: str = ""
    note: str = ""

    @field_validator("covers_from", "covers_to", "closed_on")
    @classmethod
    def _is_date(cls, text: str) -> str:
        try:
            parse_date(text)
        except DateError as error:
            raise ValueError(str(error)) from error
        return text


class ReadPart(_Part):
    """How cells are read. `date_format` is `edtf` or directives such as `%d.%m.%Y`."""

    sheet: str = ""
    date_format: str = "edtf"
    separator: str = Field(default=";", min_length=1, max_length=4)
    missing: tuple[str, ...] = ("", "NA", "N/A", "Not available")
    unknown_country: Literal["set-aside", "leave-out"] = "set-aside"
    dates_typed_as_days: bool | None = None

    @field_validator("date_format")
    @classmethod
    def _has_year(cls, text: str) -> str:
        if text != "edtf" and "%Y" not in text:
            raise ValueError("write `edtf`, or directives with a four-digit year such as %d.%m.%Y")
        return text


class ColumnsPart(_Part):
    """Names of columns; a date may be given as a list of its year, month and day columns."""

    id: str = ""
    name: str = ""
    start: str | tuple[str, ...] = ""
    end: str | tuple[str, ...] = ""
    reported: str | tuple[str, ...] = ""
    initiators: str = ""
    initiator_kinds: str = ""
    organs: str = ""
    receivers: str = ""
    targets: str = ""
    objectives: str = ""
    effects: str = ""
    commercial_use: str = ""
    severity: str = ""
    campaign: str = ""
    sources: str = ""
    description: str = ""

    def named(self) -> tuple[str, ...]:
        """Return every column that the mapping names."""
        found: list[str] = []
        for value in self.model_dump().values():
            found += [value] if isinstance(value, str) else list(value)
        return tuple(dict.fromkeys(name for name in found if name))


class ValuesPart(_Part):
    """What the list's words mean in our codes; countries may be given another spelling."""

    targets: dict[str, str] = {}
    objectives: dict[str, str] = {}
    effects: dict[str, str] = {}
    initiator_kinds: dict[str, str] = {}
    commercial_use: dict[str, str] = {}
    initiators: dict[str, str] = {}
    receivers: dict[str, str] = {}

    @field_validator(*CODES)
    @classmethod
    def _are_codes(cls, table: dict[str, str], info: object) -> dict[str, str]:
        field = str(getattr(info, "field_name", ""))
        for word, code in table.items():
            if code not in CODES[field]:
                raise ValueError(f"{word!r} = {code!r}: allowed are {', '.join(CODES[field])}")
        return table


class ConstantsPart(_Part):
    """Values that hold for every row where no column gives one."""

    initiators: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    initiator_kind: str = "unknown"
    targets: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()

    @field_validator("targets", "objectives", "effects")
    @classmethod
    def _are_codes(cls, values: tuple[str, ...], info: object) -> tuple[str, ...]:
        allowed = CODES[str(getattr(info, "field_name", ""))]
        if wrong := [v for v in values if v not in allowed]:
            raise ValueError(f"{wrong[0]!r}: allowed are {', '.join(allowed)}")
        return values

    @field_validator("initiator_kind")
    @classmethod
    def _is_kind(cls, value: str) -> str:
        if value not in INITIATOR_KINDS:
            raise ValueError(f"{value!r}: allowed are {', '.join(INITIATOR_KINDS)}")
        return value


class Mapping(_Part):
    """One mapping file as a whole."""

    list: ListPart
    columns: ColumnsPart
    read: ReadPart = ReadPart()
    values: ValuesPart = ValuesPart()
    constants: ConstantsPart = ConstantsPart()

    def release(self) -> ListRelease:
        """Return the release that the mapping describes."""
        facts = self.list
        days = self.read.dates_typed_as_days
        return ListRelease(
            list=facts.name,
            release=facts.release,
            title=facts.title,
            publisher=facts.publisher,
            licence=facts.licence,
            redistributable=facts.redistributable,
            address=facts.address,
            citation=facts.citation,
            covers_from=parse_date(facts.covers_from),
            covers_to=parse_date(facts.covers_to),
            closed_on=parse_date(facts.closed_on),
            has_report_dates=bool(self.columns.reported),
            dates_typed_as_days="%d" in self.read.date_format if days is None else days,
            severity_scale=facts.severity_scale,
            note=facts.note,
        )


def read_mapping(path: Path) -> Mapping:
    """Return a mapping file's contents. Raises SourceError listing every problem in it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"Cannot read the mapping {path.name}: {error}.") from error
    try:
        return Mapping.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(_problem(e["loc"], e["type"], e["msg"]) for e in error.errors())
        raise SourceError(f"The mapping {path.name} has problems: {problems}.") from error


def _problem(place: tuple[int | str, ...], kind: str, message: str) -> str:
    """Return one problem of a mapping, with the fields allowed where one is unknown."""
    where = ".".join(str(p) for p in place)
    if kind != "extra_forbidden":
        return f"{where}: {message.removeprefix('Value error, ')}"
    part: type[BaseModel] = Mapping
    for step in place[:-1]:
        inner = part.model_fields[str(step)].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            part = inner
    return f"{where} is not a field; allowed are {', '.join(part.model_fields)}"
