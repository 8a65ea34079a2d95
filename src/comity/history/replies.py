"""What parties reply to a verdict, and corrections of it: printed with it, attributed, no finding.

Those that ship are `data/replies.tsv`; a user's own are in the history, which only grows: one that
was entered by mistake is withdrawn, not removed. The text is somebody else's: nothing of it is
obeyed, and only an http(s) address becomes a link.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib import resources
from pathlib import Path

from comity.dates import parse_date
from comity.errors import DateError, QuestionError, RegisterError, StoreError
from comity.history.canonical import question_sha256
from comity.history.entries import folder
from comity.history.log import append, read_log
from comity.history.model import Note
from comity.history.records import from_record, to_record, utc_now
from comity.provenance import is_web_address
from comity.verification.model import Question, Reply

REPLIES = "replies.jsonl"
TABLE = "data/replies.tsv"
COLUMNS = ("question", "kind", "date", "party", "text", "source", "status")
KINDS = ("reply", "correction")
STATUSES = ("seen", "secondary", "unverified")
LONGEST_PARTY, LONGEST_TEXT = 120, 2_000


def add_note(question: Question, reply: Reply, home: Path | None = None) -> Note:
    """Attach a reply or correction to a question in the user's history and return it.

    An empty date is today's (UTC). Raises QuestionError for what cannot be attached, StoreError
    where the history cannot be written.
    """
    date = reply.date or dt.datetime.now(dt.UTC).date().isoformat()
    problems = list(_problems(Reply(reply.kind, reply.party, date, reply.text, reply.source)))
    if problems:
        raise QuestionError(f"This cannot be attached to {question.id}: {'; '.join(problems)}.")
    made = Note(
        0, "", utc_now(), reply.kind, question.id, question_sha256(question),
        reply.party.strip(), date, reply.text.strip(), reply.source,
    )  # fmt: skip
    return _append(made, home)


def withdraw_note(number: int, why: str, home: Path | None = None) -> Note:
    """Withdraw an entry of the user's own: it stays on record and is printed no more.

    Raises StoreError where there is no such entry or the history cannot be written.
    """
    there = {n.number: n for n in standing_notes(home)}
    if number not in there:
        known = ", ".join(map(str, there)) or "none"
        raise StoreError(
            f"There is no reply or correction {number} to withdraw. There are: {known}."
        )
    of = there[number]
    made = Note(0, "", utc_now(), "withdrawal", of.question, of.question_sha256, "", "",
                why[:LONGEST_TEXT], "", number)  # fmt: skip
    return _append(made, home)


def _append(made: Note, home: Path | None) -> Note:
    def numbered(number: int, previous: str) -> Note:
        return replace(made, number=number, previous=previous)

    record = append(folder(home) / REPLIES, lambda n, before: to_record(numbered(n, before)))
    return numbered(record["number"], record["previous"])


def standing_notes(home: Path | None = None) -> tuple[Note, ...]:
    """Return the user's replies and corrections that were not withdrawn. Raises StoreError."""
    notes = []
    for record in read_log(folder(home) / REPLIES).records:
        try:
            notes.append(from_record(Note, record))
        except ValueError as error:
            raise StoreError(f"{REPLIES}: number {record['number']}: {error}.") from error
    withdrawn = {n.withdraws for n in notes if n.kind == "withdrawal"}
    return tuple(n for n in notes if n.kind in KINDS and n.number not in withdrawn)


def replies_to(question: Question, home: Path | None = None) -> tuple[Reply, ...]:
    """Return what is attached to a question. Raises StoreError, RegisterError."""
    return replies_on(question.id, question_sha256(question), home)


def replies_on(question: str, sha256: str, home: Path | None = None) -> tuple[Reply, ...]:
    """Return what is attached to a question of an id and hash, shipped and the user's, by date.

    One that was given on the question as it stood before a change says so. Raises StoreError,
    RegisterError.
    """
    found = [reply for name, reply in shipped_replies() if name == question]
    found += [
        Reply(n.kind, n.party, n.date, n.text, n.source, "", n.question_sha256 != sha256)
        for n in standing_notes(home)
        if n.question == question
    ]
    return tuple(sorted(found, key=lambda r: (_first_day(r.date), r.party)))


def shipped_replies() -> tuple[tuple[str, Reply], ...]:
    """Return (question, reply) of every row that ships. Raises RegisterError with every problem."""
    problems = check_replies()
    if problems:
        raise RegisterError("The table of replies has problems:\n" + "\n".join(problems), problems)
    return tuple(_reply(line) for line in _shipped_text().splitlines()[1:])


def check_replies(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem of the table of replies as "file:line: message"; none where it is sound.

    `path` is another table of the same columns; without it, the one that ships.
    """
    name = path.name if path else TABLE.rsplit("/", 1)[-1]
    lines = (path.read_text(encoding="utf-8") if path else _shipped_text()).splitlines()
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        return (f"{name}:1: the header must be {', '.join(COLUMNS)}, tab separated",)
    problems = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            problems.append(f"{name}:{number}: {len(cells)} columns, not {len(COLUMNS)}")
            continue
        question, reply = _reply(line)
        found = list(_problems(reply))
        if not question:
            found.append("no question")
        if reply.status not in STATUSES:
            found.append(f"status is {reply.status!r}, not one of {', '.join(STATUSES)}")
        problems += [f"{name}:{number}: {message}" for message in found]
    return tuple(problems)


def _shipped_text() -> str:
    return resources.files("comity").joinpath(TABLE).read_text(encoding="utf-8")


def _reply(line: str) -> tuple[str, Reply]:
    question, kind, date, party, text, source, status = line.split("\t")
    return question, Reply(kind, party, date, text, source, status)


def _problems(reply: Reply) -> list[str]:
    """Return what is wrong with a reply or correction."""
    found = []
    if reply.kind not in KINDS:
        found.append(f"kind is {reply.kind!r}, not one of {', '.join(KINDS)}")
    for name, text, longest in (
        ("party", reply.party, LONGEST_PARTY),
        ("text", reply.text, LONGEST_TEXT),
    ):
        if not text.strip():
            found.append(f"no {name}")
        if len(text) > longest:
            found.append(f"{name} has {len(text)} characters, more than {longest}")
    if not is_web_address(reply.source):
        found.append(f"source {reply.source[:200]!r} is not an http(s) address")
    try:
        if parse_date(reply.date).earliest is None:
            found.append(f"date {reply.date!r} has no first day")
    except DateError as error:
        found.append(str(error))
    return found


def _first_day(text: str) -> dt.date:
    try:
        return parse_date(text).earliest or dt.date.min
    except DateError:
        return dt.date.min
