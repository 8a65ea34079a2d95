"""Agreements: which there are, all that is known of one, and two side by side."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING

from comity.diffusion.wording import clause_names, load_clause
from comity.instruments.card import LIST_COLUMNS, card_record, list_rows, party_names
from comity.instruments.claims import load_claims
from comity.instruments.model import (
    Claim,
    Commits,
    Forum,
    Instrument,
    Register,
    Standing,
    independent_parties,
)
from comity.instruments.queries import find_instruments, get_instrument, standing_in_plain_words
from comity.instruments.register import load_register
from comity.instruments.side_by_side import (
    WORDS,
    compare_instruments,
    comparison_record,
    comparison_rows,
)
from comity.parallels.register import load_parallels
from comity.process.queries import talks_on
from comity.process.register import load_talks
from comity.verification.implementation import NOT_ASKED
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import AS_OF, day_of, named_parties, or_missing, questions_of
from comity.web.pages.talks import since_words
from comity.web.parameters import Parameter

if TYPE_CHECKING:
    from comity.diffusion.model import Descent, Lineage

FILTERS = (
    Parameter("norm", "only those that state this norm, by its id"),
    Parameter("party", "only those of this country or grouping"),
    Parameter("forum", "only those of this forum", "choice", tuple(Forum)),
    Parameter("standing", "only those of this standing", "choice", tuple(Standing)),
    Parameter("from", "only from this date on: 2015-09"),
    Parameter("to", "only up to this date, inclusive"),
    Parameter("text", "only those with this in title, norm or terms"),
)
SAID = ("breach", "no-breach", "decline")  # what a claim may say outright
PAIR = (Parameter("a", "one agreement, by its id"), Parameter("b", "the other one"))


def agreements(asked: Asked) -> Page:
    """Return the agreements that meet every condition, in a table."""
    register, v = load_register(), asked.values
    found = find_instruments(
        register, norm=v.get("norm", ""), party=v.get("party", ""), forum=v.get("forum", ""),
        standing=v.get("standing", ""), since=v.get("from", ""), until=v.get("to", ""),
        text=v.get("text", ""),
    )  # fmt: skip
    rows = [(i, *named_parties(register, i.id), questions_of(i.id)) for i in found]
    answers, ready = _answers(asked, [q for *_, questions in rows for q, _ in questions])
    norms = dict.fromkeys(p.norm for p in register.provisions)
    options = [(n, register.norms[n].title) for n in norms]
    said = " ".join(f"--{name} {shlex.quote(text)}" for name, text in v.items())
    given = ", ".join(f"{_ARGUMENT.get(k, k)}={text!r}" for k, text in v.items())
    return Page(
        "agreements.html.j2", asked.world.texts("agreements.title"),
        {
            "rows": rows, "answers": {q: _word(said) for q, said in answers.items()},
            "total": len(register.instruments), "sought": partial(_sought, register),
            "norms": sorted(options, key=lambda n: n[1].casefold()),
            "forums": _coded(asked, Forum, "forum"),
            "standings": _coded(asked, Standing, "standing"),
            "plain": standing_in_plain_words, "every": _choices(register),
        },
        data=[card_record(register, i.id) for i in found],
        sheet=Sheet(LIST_COLUMNS, tuple(list_rows(register, found))),
        command=f"comity instruments {said}".strip(),
        python="from comity.instruments.queries import find_instruments\n"
               f"find_instruments(comity.load_register(){', ' if given else ''}{given})",
        settled=ready,
    )  # fmt: skip


def _coded(asked: Asked, codes: Iterable[str], kind: str) -> list[tuple[str, str]]:
    """Return codes with their words, for a select."""
    return [(code, asked.world.texts.coded(code, kind)) for code in codes]


_ARGUMENT = {"from": "since", "to": "until"}


def _choices(register: Register) -> list[tuple[str, str]]:
    """Return every agreement for a select, by date."""
    rows = find_instruments(register)
    return [(i.id, f"{i.date.text} {i.title}") for i in rows]


def agreement(asked: Asked) -> Page:
    """Return all that is known of one agreement."""
    register, name = load_register(), asked.names["agreement"]
    i = or_missing(partial(get_instrument, register, name))
    questions = questions_of(i.id)
    answers, ready = _answers(asked, [q for q, _ in questions])
    traced = [(lineage, _descent(lineage, i.id)) for lineage in _lineages(i.id)]
    day = day_of(asked)
    talks = load_talks()
    tracks = [t.id for t in talks.tracks.values() if t.instrument == i.id]
    claims = load_claims(i.id)
    parallels = load_parallels().regimes
    return Page(
        "agreement.html.j2", i.title,
        {
            "i": i, "standing_words": standing_in_plain_words(i.standing), "register": register,
            "parties": [p for p in register.parties if p.instrument == i.id],
            "provisions": [p for p in register.provisions if p.instrument == i.id],
            "builds_confidence": register.only_builds_confidence(i.id),
            "words": WORDS, "questions": questions, "answers": answers, "ready": ready,
            "links": [k for k in register.links if i.id in (k.source, k.target)],
            "accounts": _accounts(register, i.id), "claims": _by_conduct(register, i, claims),
            "talks": [c for t in tracks for c in _standing(t, asked)], "day": day,
            "lineages": traced, "parallel": i.id in parallels, "every": _choices(register),
        },
        data=[card_record(register, i.id)],
        sheet=Sheet(LIST_COLUMNS, tuple(list_rows(register, (i,)))),
        charts={f"lineage-{lineage.clause.name}": partial(_drawn, lineage.clause.name)
                for lineage, _ in traced},
        command="\n".join((
            f"comity instruments {i.id}",
            *(f"comity process {t}{since_words(asked.values)}" for t in tracks),
        )),
        python="from comity.instruments.card import card_record\n"
               f"card_record(comity.load_register(), {i.id!r})",
        settled=ready,
    )  # fmt: skip


def _standing(track: str, asked: Asked) -> list[tuple[object, object]]:
    """Return a track with how it stands on the day, nothing where it was not founded by then."""
    found = talks_on(load_talks(), track, day_of(asked))
    return list(zip(found.tracks, found.continuity, strict=True))


def _answers(asked: Asked, questions: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Return the words of each question's three answers and the confidence, and whether they are
    computed yet."""
    if not questions:
        return {}, True
    found = asked.world.asker.overview_if_ready(asked.world.state)
    if found is None:
        return {}, False
    rows = {r.question: r for r in found.rows}
    return {
        q: (rows[q].changed, rows[q].kept, rows[q].because, rows[q].confidence)
        for q in questions
        if q in rows
    }, True


def _sought(register: Register, instrument: str) -> str:
    """Return what a row of the table is found by beside its words: every party, every norm."""
    norms = (register.norms[p.norm].title for p in register.provisions
             if p.instrument == instrument)  # fmt: skip
    return ", ".join((*party_names(register, instrument), *norms))


def _word(said: Sequence[str]) -> str:
    """Return the answer that stands for all: whether conduct changed, or, where that is not asked,
    whether it was kept."""
    return said[1] if said[0] == NOT_ASKED else said[0]


def _accounts(register: Register, instrument: str) -> list[tuple[str, list[object]]]:
    """Return contested points, each with what every party says of it."""
    mine = [a for a in register.accounts if a.instrument == instrument]
    return [(topic, list(told)) for topic, told in groupby(mine, key=lambda a: a.topic)]


def _by_conduct(
    register: Register, instrument: Instrument, claims: Sequence[Claim]
) -> list[tuple[str, Sequence[Claim], dict[str, tuple[str, ...]]]]:
    """Return claims by the state whose conduct they speak of (an empty code where it is no
    party's), each with the independent parties that say what of it."""
    codes = dict.fromkeys(
        code for p in register.parties if p.instrument == instrument.id for code in p.codes
    )
    found: list[tuple[str, Sequence[Claim]]]
    found = [(code, load_claims(instrument.id, (code,))) for code in codes]
    told = {id(claim) for _, some in found for claim in some}
    found.append(("", [c for c in claims if id(c) not in told]))
    return [
        (code, some, {says: independent_parties(some, says) for says in SAID})
        for code, some in found
        if some
    ]


@lru_cache(maxsize=64)
def _lineages(instrument: str) -> tuple[Lineage, ...]:
    """Return the family tree of each clause whose wording in an instrument is on record."""
    return tuple(
        lineage for lineage in map(_traced, clause_names())
        if any(d.instrument == instrument for d in lineage.descents)
    )  # fmt: skip


@lru_cache(maxsize=8)
def _traced(clause: str) -> Lineage:
    from comity.diffusion.descent import trace_clause
    from comity.instruments.queries import links_of_each

    bound: dict[str, frozenset[str]] = {}
    for row in load_register().parties:
        bound[row.instrument] = bound.get(row.instrument, frozenset()) | set(row.codes)
    return trace_clause(load_clause(clause), bound, links_of_each(load_register()))


def _descent(lineage: Lineage, instrument: str) -> tuple[Descent, list[str]]:
    """Return where an instrument stands in a tree, and that in sentences."""
    from comity.report.wording import facts_of

    own = next(d for d in lineage.descents if d.instrument == instrument)
    return own, list(facts_of(own))


def _drawn(clause: str) -> str:
    from comity.report.wording import lineage_svg

    return lineage_svg(_traced(clause))


def compare(asked: Asked) -> Page:
    """Return two agreements side by side, norm by norm."""
    register, texts = load_register(), asked.world.texts
    ids = [asked.values[k] for k in ("a", "b") if k in asked.values]
    found = compare_instruments(register, ids) if len(set(ids)) == 2 else None
    title = texts("agreements.compare")
    if found is None:
        return Page("agreements_compare.html.j2", title,
                    {"found": None, "every": _choices(register)},
                    command="comity instruments")  # fmt: skip
    head, *rows = comparison_rows(register, ids)
    return Page(
        "agreements_compare.html.j2", title,
        {"found": found, "every": _choices(register), "words": WORDS, "commits": Commits,
         "shared": sum(r.shared for r in found.rows),
         "parties": [named_parties(register, i) for i in ids]},
        data=comparison_record(register, ids), sheet=Sheet(head, tuple(rows)),
        command=f"comity instruments {' '.join(ids)}",
        python="from comity.instruments.side_by_side import compare_instruments\n"
               f"compare_instruments(comity.load_register(), {ids!r})",
    )  # fmt: skip


VIEWS = (
    View("agreements", "/agreements", "The agreements of the register", agreements, FILTERS),
    View("agreements-compare", "/agreements/compare", "Two agreements side by side", compare, PAIR),
    View("agreement", "/agreement/{agreement}", "All that is known of one agreement", agreement,
         (AS_OF,), parts=("answers",)),
)  # fmt: skip
