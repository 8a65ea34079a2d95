"""The public functions that need more than one room: where evidence, register and question meet."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from comity.dates import DateReading
from comity.definitions.mapping import reading_of
from comity.definitions.model import Definition, Definitions
from comity.definitions.register import definer_name, find_definition, load_definitions
from comity.errors import QuestionError, RegisterError, StoreError
from comity.history.entries import record_verdict
from comity.history.locks import registration_of
from comity.history.replies import replies_to
from comity.incidents.load import load_evidence
from comity.incidents.model import UNION, Evidence
from comity.instruments.claims import load_claims
from comity.instruments.model import Instrument, Register
from comity.instruments.register import load_register
from comity.process.queries import bearing_on
from comity.process.register import load_talks
from comity.verification import model
from comity.verification.examine.asked import Examine
from comity.verification.findings import by_list_finding
from comity.verification.glance import Glance, look
from comity.verification.implementation import ImplementationQuestion
from comity.verification.model import (
    Choices,
    Finding,
    InstrumentFacts,
    Otherwise,
    Question,
    Rival,
)
from comity.verification.otherwise import asked_otherwise, departing, scope_ids
from comity.verification.prepare import prepare
from comity.verification.question import load_question
from comity.verification.verdict import judge


@dataclass(frozen=True, slots=True)
class Verdict(model.Verdict):
    """A verdict that can be printed, saved as JSON and written as a report.

    All fields are those of `comity.verification.model.Verdict`.
    """

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding with its sentence: change, displacement, persistence, by list, by
        claimant, date reading."""
        persistence = " ".join(p.sentence for p in self.persistence)
        return (
            Finding("change", "Did reported conduct change?", self.changed.sentence, self.change),
            self.displacement,
            Finding("persistence", "Does it last?", persistence),
            self.by_list,
            self.by_claimant,
            self.date_reading,
        )

    def to_json(self) -> str:
        """Return the verdict as JSON text, of the schema docs/json.md describes."""
        from comity.report.data import verdict_to_json

        return verdict_to_json(self)

    def report(self, path: str | Path) -> None:
        """Write one self-contained HTML report. Raises StoreError where it cannot be written."""
        from comity.report.html import write_html

        write_html(self, Path(path))


def verify(
    question: str | Path | Question,
    evidence: Evidence | None = None,
    *,
    lists: Sequence[str] = (),
    as_of: dt.date | None = None,
    reading: DateReading | None = None,
    seed: int | None = None,
    level: float = 0.90,
    progress: Callable[[str], None] | None = None,
    mirror: bool = True,
    examine: Sequence[str] | Examine = (),
    definition: str = "",
    record: bool = False,
    otherwise: Otherwise | None = None,
) -> Verdict:
    """Return the verdict on a question: an id that ships, a path to a TOML file, or a Question.

    `evidence` is what ships and what the user added, unless given; `lists` keeps some of its
    lists; `as_of` keeps what was public by that day (INCLUSIVE); `reading` says how a list's
    first-of-a-period days are read; `level` is that of every interval. `examine` names findings of
    a cross-examination (`comity.FINDINGS`) that come with it, in `Verdict.examination`;
    `definition` is the id of a definition (or its beginning: sco-2009) by which the evidence is
    read again, beside the question's own readings; `record` adds the verdict to the user's history
    and warns where that cannot be written. `lists` ("all",) is the union of linked lists.
    `otherwise` asks of another scope, comparison, window or period than the question declares; the
    first caveat then says so. The same arguments give the same verdict. Raises QuestionError,
    SourceError or StoreError.

    >>> verdict = verify("us-russia-2021", mirror=False)
    >>> verdict.changed.term
    'not identified'
    """
    asked = question if isinstance(question, Question) else load_question(question)
    register = load_register()
    choices = choices_of(lists, as_of, reading, seed, level, otherwise)
    held, parts = _asked_of(evidence, choices)
    also = (scope_by_definition(asked, definition),) if definition else ()
    found = verdict_on(
        asked, held, register, choices, progress,
        examine=_examine(examine, asked, register), also=also,
    )  # fmt: skip
    other = None
    if mirror and asked.mirror:
        other, unlike = _mirrored(load_question(asked.mirror), held, register, choices, progress)
        found = replace(found, caveats=(*found.caveats[:1], *unlike, *found.caveats[1:]))
    if parts is not None:
        found = replace(found, by_list=_by_part(asked, parts, register, choices))
    values = {f.name: getattr(found, f.name) for f in fields(model.Verdict)}
    verdict = Verdict(**values | {"mirror": other})
    if record:
        try:
            record_verdict(verdict, held)
        except StoreError as error:
            warnings.warn(f"The verdict was not recorded. {error}", stacklevel=2)
    return verdict


def glance(
    question: str | Path | Question,
    evidence: Evidence | None = None,
    *,
    lists: Sequence[str] = (),
    as_of: dt.date | None = None,
    reading: DateReading | None = None,
    seed: int | None = None,
    level: float = 0.90,
    definition: str = "",
    otherwise: Otherwise | None = None,
) -> Glance:
    """Return the part of a verdict that can be computed anew while a person moves an assumption.

    Arguments are those of `verify`; every field equals that of the verdict they give, but that
    `change` holds only the narrow scope counted by starts. Raises as `verify`.

    >>> glance("us-russia-2021").changed.term
    'not identified'
    """
    asked = question if isinstance(question, Question) else load_question(question)
    register = load_register()
    choices = choices_of(lists, as_of, reading, seed, level, otherwise)
    held, _ = _asked_of(evidence, choices)
    _instrument_on_conduct(asked, register)
    also = (scope_by_definition(asked, definition),) if definition else ()
    turned, choices = turned_by(asked, choices, also)
    owed = others_under_promise(register, turned)
    return look(turned, held, choices, owed, _claims_on(turned)).glance


def choices_of(
    lists: Sequence[str],
    as_of: dt.date | None,
    reading: DateReading | None,
    seed: int | None,
    level: float,
    otherwise: Otherwise | None = None,
) -> Choices:
    """Return the choices of an analysis; what is not given is usual. Raises QuestionError."""
    check_level(level)
    usual = Choices()
    return Choices(
        lists=tuple(lists),
        as_of=as_of,
        reading=reading or usual.reading,
        seed=usual.seed if seed is None else seed,
        level=level,
        otherwise=otherwise or usual.otherwise,
    )


def _asked_of(evidence: Evidence | None, choices: Choices) -> tuple[Evidence, Evidence | None]:
    """Return the evidence a question is asked of and, where that is a union, the lists it is of."""
    if UNION not in choices.lists:
        held = evidence if evidence is not None else load_evidence(choices.lists or None)
        return held, None
    from comity.api_link import union_of_lists

    parts = evidence if evidence is not None else load_evidence()
    return union_of_lists(parts, choices.reading, seed=choices.seed).evidence, parts


def _mirrored(
    question: Question,
    evidence: Evidence,
    register: Register,
    choices: Choices,
    progress: Callable[[str], None] | None,
) -> tuple[model.Verdict, tuple[str, ...]]:
    """Return the verdict in the other direction, asked otherwise alike, and a caveat where its
    question has not the scope that was asked for: it then has its own."""
    wanted = choices.otherwise.scope
    if not wanted or wanted in scope_ids(question):
        return verdict_on(question, evidence, register, choices, progress, brief=True), ()
    choices = replace(choices, otherwise=replace(choices.otherwise, scope=""))
    found = verdict_on(question, evidence, register, choices, progress, brief=True)
    return found, (
        f"The question in the other direction has no scope {wanted!r}: it is asked of "
        f"{question.scope.title}, as declared.",
    )


def _by_part(
    question: Question, parts: Evidence, register: Register, choices: Choices
) -> model.Finding:
    """Return what each list of a union says alone."""
    alone = replace(choices, lists=tuple(r.list for r in parts.releases))
    return by_list_finding(
        prepare(question, parts, others_under_promise(register, question), alone)
    )


def check_level(level: float) -> None:
    """Raise QuestionError where a number is not the level of an interval."""
    if not 0.5 <= level < 1.0:
        raise QuestionError(f"An interval's level must be at least 0.5 and below 1, not {level}.")


def verdict_on(
    question: Question,
    evidence: Evidence,
    register: Register,
    choices: Choices,
    progress: Callable[[str], None] | None = None,
    brief: bool = False,
    examine: Examine | None = None,
    also: tuple[model.Scope, ...] = (),
) -> model.Verdict:
    """Return the verdict in one direction, with what the register knows of the instrument.

    `also` are readings shown beside the question's own. What the choices ask otherwise than the
    question declares is asked so.
    """
    from comity import __version__

    instrument = _instrument_on_conduct(question, register)
    wanted = choices.lists or question.lists
    used = [r for r in evidence.releases if not wanted or r.list in wanted]
    asked, choices = turned_by(question, choices, also)
    found = judge(
        asked,
        evidence,
        choices=choices,
        instrument=None if instrument is None else facts_of(instrument, register, (question.norm,)),
        under_promise=others_under_promise(register, asked),
        claims=_claims_on(asked),
        version=__version__,
        progress=progress or (lambda _: None),
        brief=brief,
        examine=examine,
        registration=registration_of(question, choices, used),
    )
    try:
        return replace(found, replies=replies_to(question))
    except StoreError as error:
        unread = f"Replies and corrections of your own could not be read: {error}"
        return replace(found, caveats=(*found.caveats, unread))


def _instrument_on_conduct(question: Question, register: Register) -> Instrument | None:
    """Return the instrument a question names. Raises QuestionError where it prohibits nothing."""
    instrument = instrument_of(question, register) if question.instrument else None
    if instrument is not None and register.only_builds_confidence(instrument.id):
        raise QuestionError(
            f"{question.id}: {instrument.id} builds confidence and prohibits nothing, so incident "
            'counts do not speak to it. Ask about implementation: kind = "implementation".'
        )
    return instrument


def _claims_on(question: Question) -> tuple[model.Claim, ...]:
    """Return the claims of record about what a question's initiators did."""
    if not question.instrument:
        return ()
    return load_claims(question.instrument, about=question.scope.initiator)


def turned_by(
    question: Question, choices: Choices, also: tuple[model.Scope, ...] = ()
) -> tuple[Question, Choices]:
    """Return a question as it is asked, with readings beside its own, and the choices without what
    they ask as declared. Raises QuestionError for what cannot be asked."""
    read = replace(question, variants=(*question.variants, *also))
    if any(s.id == choices.otherwise.scope for s in question.definitions):
        read = replace(read, definitions=definitions_read(question))
    departs = departing(read, choices.otherwise)
    return asked_otherwise(read, departs), replace(choices, otherwise=departs)


def scope_by_definition(question: Question, name: str) -> model.Scope:
    """Return a question's reading by a definition of the register, given by id or its beginning.

    Raises RegisterError for a definition that is not known.
    """
    definitions = load_definitions()
    return _scope_of(question, find_definition(definitions, name), definitions)


def definitions_read(question: Question) -> tuple[model.Scope, ...]:
    """Return a question's definitions of the subject, those it names read by the register's rule.

    Raises QuestionError for one that uses a definition the register does not have.
    """
    if not any(d.uses for d in question.definitions):
        return question.definitions
    definitions = load_definitions()
    read = []
    for one in question.definitions:
        if not one.uses:
            read.append(one)
            continue
        try:
            found = find_definition(definitions, one.uses)
        except RegisterError as error:
            raise QuestionError(f"{question.id}: definition {one.id!r}: {error}") from error
        scope = _scope_of(question, found, definitions)
        read.append(replace(scope, id=one.id, role="definition", by=one.by))
    return tuple(read)


def _scope_of(question: Question, definition: Definition, definitions: Definitions) -> model.Scope:
    """Return the pair's incidents that concern what a definition defines."""
    reading, narrow = reading_of(definition), question.scope
    who = definer_name(definitions, definition.definer, in_sentence=True)
    word = definitions.terms[definition.term].title.lower()
    unread = "" if definition.status == "seen" else f", {definition.status}"
    return model.Scope(
        f"by-{definition.id}", f"{word} as {who} defined it ({definition.date}{unread})",
        "variant",
        narrow.initiator, narrow.receiver, reading.objectives, reading.targets,
        definition.definer, definition.sources[0],
    )  # fmt: skip


def _examine(
    wanted: Sequence[str] | Examine, question: Question, register: Register
) -> Examine | None:
    """Return what to examine, with the pairs the register knows to be under the same promise."""
    asked = wanted if isinstance(wanted, Examine) else Examine(tuple(wanted))
    if not asked.wanted:
        return None
    return replace(
        asked,
        promised=asked.promised | promised_pairs(register, question.norm),
        rivals=(*asked.rivals, *_other_rivals(question, asked.rivals)),
        definitions=asked.definitions or definitions_read(question),
    )


def _other_rivals(question: Question, given: Sequence[Rival]) -> tuple[Rival, ...]:
    """Return the events that bear on the initiators' conduct, other than those declared and those
    on the agreement's own day."""
    known = {r.date for r in (*question.rivals, *given)} | {question.agreed}
    inside = (
        (day, act) for day, act in bearing_on(load_talks(), question.scope.initiator)
        if question.window_from <= day <= question.window_to and day not in known
    )  # fmt: skip
    return tuple(Rival(day, act.what, act.sources[0]) for day, act in inside)


def promised_pairs(register: Register, norm: str) -> frozenset[tuple[str, str]]:
    """Return the ordered pairs of states that promise each other a norm under any instrument."""
    parties: dict[str, set[str]] = {}
    for commitment in register.parties_under_norm(norm) if norm else ():
        parties.setdefault(commitment.instrument_id, set()).add(commitment.party)
    return frozenset(
        (one, other) for group in parties.values() for one in group for other in group - {one}
    )


def instrument_of(question: Question | ImplementationQuestion, register: Register) -> Instrument:
    """Return the instrument a question names. Raises QuestionError where the register has none."""
    if question.instrument not in register.instruments:
        known = ", ".join(sorted(register.instruments))
        raise QuestionError(
            f"{question.id}: there is no instrument {question.instrument!r} in the register. "
            f"There are: {known}."
        )
    return register.instruments[question.instrument]


def others_under_promise(register: Register, question: Question) -> Mapping[str, dt.date]:
    """Return the receivers, other than the question's, to which one of its initiators owes the
    same promise under any instrument, with the day (INCLUSIVE) from which it does."""
    if not question.norm:
        return {}
    owed: dict[str, dict[str, dt.date]] = {}
    for commitment in register.parties_under_norm(question.norm):
        since = commitment.since.latest
        if since is not None:
            owed.setdefault(commitment.instrument_id, {})[commitment.party] = since
    others: dict[str, dt.date] = {}
    for parties in owed.values():
        bound = [parties[i] for i in question.scope.initiator if i in parties]
        if not bound:
            continue
        for party, since in parties.items():
            if party in question.scope.receiver or party in question.scope.initiator:
                continue
            day = max(since, min(bound))
            others[party] = min(day, others.get(party, day))
    return others


def facts_of(instrument: Instrument, register: Register, norms: Sequence[str]) -> InstrumentFacts:
    """Return what a verdict quotes of an instrument, of the provisions that state these norms."""
    provisions = [p for p in register.provisions if p.instrument == instrument.id]
    wanted = [p for p in provisions if p.norm in norms] or provisions
    sources = dict.fromkeys([*instrument.sources, *[s for p in wanted for s in p.sources]])
    return InstrumentFacts(
        id=instrument.id,
        title=instrument.title,
        date=instrument.date.text,
        parties=tuple(p.party for p in register.parties if p.instrument == instrument.id),
        standing=str(instrument.standing),
        standing_reason=instrument.standing_reason,
        gloss=" ".join(p.gloss for p in wanted[:2]),
        sources=tuple(sources),
    )
