"""What every page says alike: text made safe, numbers, the names of estimates and comparisons."""

from __future__ import annotations

import math
import re
import shlex
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.countries import country_name
from comity.errors import CountryError
from comity.instruments.model import GROUPING_PREFIX
from comity.saying import Said, joined, said_with, say
from comity.verification.model import (
    PERIODS,
    Change,
    Choices,
    ListUse,
    Otherwise,
    Question,
    RatioInterval,
    Reply,
    Scope,
    Statement,
    Verdict,
)
from comity.verification.otherwise import declared_role, definition_given
from comity.verification.sentences import HEADLINE, NOTHING_FITTED, least_favourable, parties, side
from comity.verification.words import NOT_IDENTIFIED, percent, term

if TYPE_CHECKING:
    from comity.verification.glance import Glance

ESTIMANDS: dict[str, str] = {
    "jump": say("estimand.jump"),
    "net-1": say("estimand.net_1"),
    "net-3": say("estimand.net_3"),
    "net-5": say("estimand.net_5"),
    "level": say("estimand.level"),
    "redirection": say("estimand.redirection"),
    "displacement": say("estimand.displacement"),
}
OUTCOMES: dict[str, str] = {
    "starts": say("outcome.starts"),
    "active": say("outcome.active"),
    "severity": say("outcome.severity"),
}
COMPARISONS: dict[str, str] = {
    name: say(f"comparison.{name}")
    for name in ("four-cells", "initiator-elsewhere", "receiver-otherwise", "target-alone")
}
PASSED = {True: say("check.passed"), False: say("check.not_passed"), None: say("check.information")}
REPLIES_TITLE = say("verdict.replies")
ROLES: dict[str, str] = {
    "narrow": say("role.narrow"),
    "variant": say("role.variant"),
    "control": say("role.control"),
    "definition": say("role.definition"),
}

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_JOINERS = "\u200c\u200d"  # some scripts need them


def bare(text: str) -> str:
    """Return text without terminal escapes, control or direction-changing characters; any run of
    white space is one space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text
    if isinstance(text, Said):
        return said_with(text, bare)
    without = re.sub(r"\s+", " ", _ESCAPES.sub("", text))
    return "".join(
        c
        for c in without
        if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def clean(text: str) -> str:
    """Return bare text on one line, without white space around it.

    >>> clean("a\\x1b[31m red\\n name\\u202e")
    'a red name'
    """
    found = bare(text)
    return found if found == found.strip() else found.strip()


def number(value: float) -> str:
    """Return a count or a share of one, without decimals it does not need.

    >>> number(14.0), number(14.5), number(1234.2)
    ('14', '14.5', '1,234')
    """
    if abs(value) >= 1000 or abs(value - round(value)) < 0.05:
        return f"{value:,.0f}"
    return f"{value:.1f}"


def ratio_number(value: float) -> str:
    """Return a rate ratio: two decimals, fewer where it is large.

    >>> ratio_number(0.312), ratio_number(12.34), ratio_number(250)
    ('0.31', '12.3', '250')
    """
    if not math.isfinite(value):
        return "?"
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def ratio_text(ratio: RatioInterval | None, dash: str = "-") -> str:
    """Return "0.31 (0.12-0.82)", or "not identified" where there is no ratio."""
    if ratio is None:
        return NOT_IDENTIFIED
    ends = f"{ratio_number(ratio.lower)}{dash}{ratio_number(ratio.upper)}"
    return f"{ratio_number(ratio.median)} ({ends})"


def change_ratio(change: Change | None, dash: str = "-") -> str:
    """Return an estimate's ratio; by rule none is shown where it is not identified."""
    if change is None:
        return ""
    return ratio_text(change.ratio if change.identified else None, dash)


def change_fell(change: Change | None) -> str:
    """Return an estimate's probability of a fall as a percentage, empty where there is none."""
    if change is None or not change.identified or change.fell is None:
        return ""
    return percent(change.fell)


def country(code: str) -> str:
    """Return a country's name, a grouping's own; a code of a user's own list stays as it is."""
    code = code.removeprefix(GROUPING_PREFIX)
    try:
        return country_name(code)
    except CountryError:
        return clean(code)


def countries(codes: Iterable[str]) -> str:
    """Return the names of some countries, "any" for none."""
    return joined(country(c) for c in codes) or say("country.any")


def direction(scope: Scope) -> str:
    """Return "China to the United States" for a scope."""
    return clean(parties(scope))


def role_words(question: Question, scope: Scope) -> str:
    """Return what a scope is to its question: "narrow scope", or as declared where it is asked of
    in the narrow scope's place: "asked: not covered"."""
    role = declared_role(question, scope)
    words = ROLES.get(role, role)
    if scope.role == role or scope != question.scope:
        return words
    return say("role.asked", role=words)


def period_word(verdict: Verdict | Glance) -> str:
    """Return what a period of a verdict is: "quarter" or "half-year"."""
    return PERIODS[verdict.choices.otherwise.months]


def cell_titles(scope: Scope) -> dict[str, str]:
    """Return what each of the four cells holds, in the names of the countries.

    Without an initiator or a receiver the word "anyone" stands in its place.
    """
    anyone = say("cell.anyone")
    by, on = (clean(side(codes)) or anyone for codes in (scope.initiator, scope.receiver))
    return {
        "A": say("cell.pair", by=by, on=on),
        "B": say("cell.elsewhere", by=by),
        "C": say("cell.otherwise", on=on),
        "D": say("cell.D"),
    }


def comparison_name(change: Change) -> str:
    """Return the name of what an estimate compares with: "four cells"."""
    return COMPARISONS.get(change.comparison, clean(change.comparison))


def least_of(verdict: Verdict | Glance, scope: str) -> Change | None:
    """Return the net change under the comparison least favourable to a fall."""
    return least_favourable(verdict.change, scope)


def headline_of(verdict: Verdict) -> Change | None:
    """Return the net change of the narrow scope under the declared comparison."""
    return verdict.change_of(verdict.question.scope.id, estimand=HEADLINE)


def mirror_net(verdict: Verdict) -> str:
    """Return the net change of a verdict in one phrase, or why there is none."""
    headline = headline_of(verdict)
    if headline is None or not headline.identified or headline.ratio is None:
        reason = headline.reason if headline is not None else NOTHING_FITTED
        return joined([NOT_IDENTIFIED, clean(reason)], ": ")
    return say("mirror.net", ratio=ratio_text(headline.ratio), fell=change_fell(headline))


def reaches_past(verdict: Verdict) -> bool:
    """Say whether any list covers starts after the agreement: else nothing after it was counted."""
    question = verdict.question
    last = max((use.covers_to for use in verdict.lists), default="")
    return min(last, question.window_to.isoformat()) > question.agreed.isoformat()


def list_counts(use: ListUse) -> str:
    """Return a list's incidents by cell: "A 23, B 10, C 32, D 41"."""
    return ", ".join(f"{cell} {number(use.cells[cell])}" for cell in sorted(use.cells))


def choice_words(choices: Choices) -> list[str]:
    """Return the options of a command that ask for these choices, none where all are usual."""
    words: list[str] = []
    for name in choices.lists:
        words += ["--list", name]
    if choices.as_of is not None:
        words += ["--as-of", choices.as_of.isoformat()]
    if choices.reading.first_of_year != "year":
        words += ["--first-of-year", choices.reading.first_of_year]
    if choices.reading.first_of_month != "month":
        words += ["--first-of-month", choices.reading.first_of_month]
    if choices.seed != Choices().seed:
        words += ["--seed", str(choices.seed)]
    return words + otherwise_words(choices.otherwise)


def otherwise_words(otherwise: Otherwise) -> list[str]:
    """Return the options of a command that ask a question otherwise than it declares."""
    given = {
        "--scope": otherwise.scope,
        "--comparison": otherwise.comparison,
        "--from": "" if otherwise.window_from is None else otherwise.window_from.isoformat(),
        "--to": "" if otherwise.window_to is None else otherwise.window_to.isoformat(),
        "--period": "" if otherwise.months == Otherwise().months else PERIODS[otherwise.months],
    }
    return [word for option, value in given.items() if value for word in (option, value)]


def command_line(verdict: Verdict) -> str:
    """Return the command that gives this verdict again, safe to paste in a shell."""
    question = verdict.question
    name = clean(question.path) or question.id
    words = ["comity", "verify", name, *choice_words(verdict.choices)]
    definition = definition_given(question)
    if definition:
        words += ["--definition", definition]
    return shlex.join(words)


def tag(statement: Statement) -> str:
    """Return an answer's term with its probability, and of what: "likely, 64 % that it fell"."""
    p, word = statement.probability, clean(statement.term)
    if p is None:
        return word
    if word == term(1 - p) and word != term(p):
        return say("answer.rose_by", word=word, chance=percent(1 - p))
    return say("answer.fell_by", word=word, chance=percent(p))


def reply_head(reply: Reply) -> str:
    """Return who says it, when and how far it was checked: "Reply of X, 2026-01-05:"."""
    kind = "reply.correction" if reply.kind == "correction" else "reply.reply"
    head: str = say(kind, party=clean(reply.party), date=clean(reply.date))
    more = [clean(reply.status)] if reply.status else []
    more += [say("reply.outdated")] if reply.outdated else []
    if more:
        head = joined([head, " (", joined(more, "; "), ")"], "")
    return joined([head, ":"], "")
