"""Question files: what would count, written down in TOML before the data are looked at.

The fields are documented in docs/questions.md, and `comity question new` writes a commented file.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from comity.countries import resolve_country
from comity.dates import parse_date
from comity.errors import DateError, QuestionError
from comity.incidents.model import OBJECTIVES, TARGETS
from comity.provenance import is_web_address
from comity.verification.kept import kept_ids, kept_text
from comity.verification.model import COMPARISONS, Question, Rival, Scope, usual_title

SHIPPED = "data/questions"
CONDUCT, IMPLEMENTATION = "conduct", "implementation"


def _as_tuple(value: Any) -> Any:
    """Read "*" as anything (the empty tuple) and a list as a tuple."""
    if value == "*":
        return ()
    return tuple(value) if isinstance(value, list) else value


def _country(code: str) -> str:
    """Check a country code by resolving it to itself."""
    if resolve_country(code) != code:
        raise ValueError(f"{code!r} is not a country code: use ISO 3166-1 alpha-2, such as CN")
    return code


def _one_of(allowed: tuple[str, ...]) -> Any:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
        return value

    return check


def _day(value: Any) -> dt.date:
    """Read a full day, quoted or not."""
    if isinstance(value, dt.date):
        return value
    date = parse_date(str(value))
    if date.earliest is None or date.earliest != date.latest:
        raise ValueError(f"{value!r} must be a full day, such as 2015-09-25")
    return date.earliest


def _address(value: str) -> str:
    if value and not is_web_address(value):
        raise ValueError(f"{value!r} is not an http(s) address")
    return value


Country = Annotated[str, BeforeValidator(_country)]
Objective = Annotated[str, BeforeValidator(_one_of(OBJECTIVES))]
Target = Annotated[str, BeforeValidator(_one_of(TARGETS))]
Countries = Annotated[tuple[Country, ...], BeforeValidator(_as_tuple)]
Objectives = Annotated[tuple[Objective, ...], BeforeValidator(_as_tuple)]
Targets = Annotated[tuple[Target, ...], BeforeValidator(_as_tuple)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Address = Annotated[str, BeforeValidator(_address)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ScopeFile(_Strict):
    title: str = ""
    initiator: Annotated[Countries, Field(min_length=1)]
    receiver: Annotated[Countries, Field(min_length=1)]
    objective: Objectives = ()
    target: Targets = ()


class _OtherScopeFile(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str = ""
    initiator: Annotated[Countries, Field(min_length=1)] | None = None
    receiver: Annotated[Countries, Field(min_length=1)] | None = None
    objective: Objectives | None = None
    target: Targets | None = None


class _DefinitionFile(_OtherScopeFile):
    by: Country
    source: Address = ""
    uses: str = ""

    @model_validator(mode="after")
    def _one_reading(self) -> Self:
        if self.uses and (self.objective is not None or self.target is not None):
            raise ValueError("uses names a definition that decides objective and target: drop them")
        return self


class _ComparisonFile(_Strict):
    primary: Annotated[str, BeforeValidator(_one_of(tuple(COMPARISONS)))] = "four-cells"
    receiver_not_party: bool = True
    assumes: str = ""


class _WindowFile(_Strict):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    first: str | int | dt.date = Field(alias="from")
    last: str | int | dt.date = Field(alias="to")


class _RivalFile(_Strict):
    date: Day
    what: str
    source: Address = ""


class _EvidenceFile(_Strict):
    lists: tuple[str, ...] = ()


class _QuestionFile(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Annotated[str, Field(min_length=1)]
    instrument: str = ""
    provision: str = ""
    norm: str = ""
    agreed: Day
    mirror: str = ""
    kind: Literal["conduct"] = "conduct"
    scope: _ScopeFile
    variant: tuple[_OtherScopeFile, ...] = ()
    control: tuple[_OtherScopeFile, ...] = ()
    definition: tuple[_DefinitionFile, ...] = ()
    comparison: _ComparisonFile = _ComparisonFile()
    window: _WindowFile
    evidence: _EvidenceFile = _EvidenceFile()
    rival: tuple[_RivalFile, ...] = ()


def _scope_of(narrow: _ScopeFile, other: _OtherScopeFile, role: str) -> Scope:
    """Return a variant or control: what it does not say is as in the narrow scope."""

    def pick(value: tuple[str, ...] | None, default: tuple[str, ...]) -> tuple[str, ...]:
        return default if value is None else value

    initiator = pick(other.initiator, narrow.initiator)
    receiver = pick(other.receiver, narrow.receiver)
    target = pick(other.target, narrow.target)
    title = other.title or usual_title(initiator, receiver, target)
    objective = pick(other.objective, narrow.objective)
    return Scope(other.id, title, role, initiator, receiver, objective, target)


def _by_definition(narrow: _ScopeFile, other: _DefinitionFile) -> Scope:
    """Return one side's definition as a reading; one that `uses` the register's is read later, and
    has no objectives or targets of its own until then."""
    scope = replace(_scope_of(narrow, other, "definition"), by=other.by, source=other.source)
    if not other.uses:
        return scope
    title = other.title or f"as the definition {other.uses} reads it"
    return replace(scope, title=title, objective=(), target=(), uses=other.uses)


def _window_day(value: str | int | dt.date, last: bool) -> dt.date:
    """Return a window's end from a year, month or day: its first or last day, INCLUSIVE."""
    date = parse_date(str(value))
    end = date.latest if last else date.earliest
    if end is None:
        raise QuestionError(f"The window's end {value!r} has no {'last' if last else 'first'} day.")
    return end


def toml_of(text: str, path: str = "") -> dict[str, Any]:
    """Return what a TOML text holds. Raises QuestionError for one that is not TOML, is nested too
    deeply or holds a number too long to read."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise QuestionError(f"{path or 'The question'} is nested too deeply.") from error
    except ValueError as error:  # a TOMLDecodeError, or a number of thousands of digits
        raise QuestionError(f"{path or 'The question'} is not TOML: {error}.") from error


@lru_cache(maxsize=32)
def read_question(text: str, path: str = "") -> Question:
    """Return the question in a TOML text, read once while it stays the same. Raises QuestionError
    listing every problem at once."""
    if kind_of(text) == IMPLEMENTATION:
        raise QuestionError(
            f"{path or 'The question'} asks about implementation: the register answers it, and no "
            "incident is counted. `comity verify` prints that answer."
        )
    try:
        file = _QuestionFile.model_validate(toml_of(text, path))
        first = _window_day(file.window.first, last=False)
        last = _window_day(file.window.last, last=True)
    except DateError as error:
        raise QuestionError(f"{path or 'The question'}: {error}") from error
    except ValidationError as error:
        raise refusal(error, path) from error
    if first > last:
        raise QuestionError(f"{path or 'The question'}: the window ends before it begins.")
    narrow = file.scope
    title = narrow.title or usual_title(narrow.initiator, narrow.receiver, narrow.target)
    scope = Scope(
        "narrow", title, "narrow",
        narrow.initiator, narrow.receiver, narrow.objective, narrow.target,
    )  # fmt: skip
    variants = tuple(_scope_of(narrow, v, "variant") for v in file.variant)
    controls = tuple(_scope_of(narrow, c, "control") for c in file.control)
    definitions = tuple(_by_definition(narrow, d) for d in file.definition)
    for one in (scope, *variants, *controls, *definitions):
        if set(one.initiator) & set(one.receiver):
            raise QuestionError(
                f"{path or 'The question'}: scope {one.id!r} has the same country as initiator and "
                "receiver."
            )
    ids = [s.id for s in (scope, *variants, *controls, *definitions)]
    if len(set(ids)) != len(ids):
        raise QuestionError(f"{path or 'The question'}: two scopes share an id among {ids}.")
    return Question(
        id=file.id, title=file.title, instrument=file.instrument, provision=file.provision,
        norm=file.norm, agreed=file.agreed, scope=scope, variants=variants, controls=controls,
        comparison=file.comparison.primary,
        receiver_not_party=file.comparison.receiver_not_party,
        assumes=file.comparison.assumes, window_from=first, window_to=last,
        lists=file.evidence.lists, mirror=file.mirror, path=path,
        rivals=tuple(Rival(r.date, r.what, r.source) for r in file.rival),
        definitions=definitions,
    )  # fmt: skip


def refusal(error: ValidationError, path: str) -> QuestionError:
    """Return the error that lists every problem of a question file, each with its place."""
    lines = [
        f"  {'.'.join(str(part) for part in e['loc']) or 'question'}: "
        f"{e['msg'].removeprefix('Value error, ')}"
        for e in error.errors()
    ]
    return QuestionError(
        f"{path or 'The question'} cannot be asked as written:\n" + "\n".join(lines) + "\n"
        "`comity question new FILE` writes a commented one to start from."
    )


@lru_cache(maxsize=32)
def kind_of(text: str) -> str:
    """Return what a question's text asks about: "conduct", unless it says "implementation"."""
    try:
        kind = toml_of(text).get("kind", CONDUCT)
    except QuestionError:
        return CONDUCT  # reading it says what is wrong
    return IMPLEMENTATION if kind == IMPLEMENTATION else CONDUCT


@lru_cache(maxsize=1)
def _shipped_kinds() -> tuple[tuple[str, str], ...]:
    """Return id and kind of every question that ships, sorted by id."""
    files = resources.files("comity").joinpath(SHIPPED).iterdir()
    named = [(p.name[:-5], p) for p in files if p.name.endswith(".toml")]
    return tuple(sorted((name, kind_of(p.read_text(encoding="utf-8"))) for name, p in named))


def shipped_questions(kind: str = CONDUCT) -> tuple[str, ...]:
    """Return the ids of the questions that ship and ask about conduct (or `kind`), sorted."""
    return tuple(name for name, asks in _shipped_kinds() if asks == kind)


def load_question(name: str | Path, home: Path | None = None) -> Question:
    """Return a question about conduct that ships, by id, or the user's own, by id or path.

    Raises QuestionError naming the questions there are where neither exists.
    """
    return read_question(*question_text(name, home))


def question_text(name: str | Path, home: Path | None = None) -> tuple[str, str]:
    """Return the text and path of a question of any kind; one that ships, or was opened and is kept
    in the user's folder, has the empty path: its id is enough to find it again.

    Raises QuestionError naming the questions there are where it is neither an id nor a file.
    """
    path = Path(name)
    ids = [shipped for shipped, _ in _shipped_kinds()]
    if str(name) in ids:
        file = resources.files("comity").joinpath(SHIPPED, f"{name}.toml")
        return file.read_text(encoding="utf-8"), ""
    kept = kept_text(str(name), home)
    if kept is not None:
        return kept, ""
    if path.suffix == ".toml" or path.exists():
        try:
            return path.read_text(encoding="utf-8"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise QuestionError(f"Cannot read the question file {path}: {error}.") from error
    own = ", ".join(kept_ids(home))
    raise QuestionError(
        f"There is no question {str(name)!r}. Those that ship: {', '.join(ids)}."
        + (f" Your own: {own}." if own else "")
        + " A path to a .toml file of your own works the same."
    )


def check_questions() -> tuple[str, ...]:
    """Return every problem of the questions that ship, each as one line of text."""
    problems = []
    for name in shipped_questions():
        try:
            question = load_question(name)
        except QuestionError as error:
            problems.append(f"questions/{name}.toml: {error}")
            continue
        if question.id != name:
            problems.append(
                f"questions/{name}.toml: its id is {question.id!r}, not the file's name"
            )
        if question.mirror and question.mirror not in shipped_questions():
            problems.append(f"questions/{name}.toml: mirror {question.mirror!r} does not exist")
    return tuple(problems)


TEMPLATE = """# A question for `comity verify FILE`: write it down before you look at the data.
id = "my-question"                 # lower-case letters, digits and hyphens
title = "What I ask, in one line"
instrument = "us-china-2015"       # id in the register (`comity instruments`), or leave it out
norm = "commercial-theft"          # the norm in that instrument; others under it leave cell B
agreed = "2015-09-25"              # the day the promise was made

[scope]                            # what the promise covers, read narrowly
initiator = ["CN"]                 # ISO 3166-1 alpha-2
receiver = ["US"]
objective = ["espionage"]          # espionage, disruption, degradation, influence, unknown; or "*"
target = ["private"]               # government, military, private, critical-infrastructure,
                                   # civil-society, international-body, unknown; or "*"

[[variant]]                        # a wider reading; what it does not say is as in [scope]
id = "whole-dyad"
objective = "*"
target = "*"

[[control]]                        # where the promise does not reach
id = "uncovered-targets"
target = ["government", "military"]

# [[definition]]                   # how one side defines the subject itself: for --robustness
# id = "as-china-defines-it"
# by = "CN"
# uses = "sco-2009-information-security"   # a definition of the register; or say it yourself:
# title = "information security, content included"
# objective = "*"
# target = "*"
# source = "https://example.org/text"

[comparison]
primary = "four-cells"             # or initiator-elsewhere, receiver-otherwise, target-alone
receiver_not_party = true          # receivers under the same promise leave the comparison
assumes = "what must hold for this comparison to be fair"

[window]                           # years, months or days, both ends included
from = "2006"
to = "2020"

# [evidence]
# lists = ["dcid"]                 # without this, every list you have

[[rival]]                          # another dated explanation, as many as you like
date = "2014-05-19"
what = "what else happened"
source = "https://example.org/page"
"""


def new_question(path: Path) -> None:
    """Write a commented question file to start from. Raises QuestionError where one is there."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError as error:
        raise QuestionError(f"{path} is there already; nothing was written.") from error
    except OSError as error:
        raise QuestionError(f"Cannot write {path}: {error}.") from error
