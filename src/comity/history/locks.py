"""Registration of a question in advance: its lock, and whether it is still what was registered.

The lock of a file of the user's own is FILE.lock beside it; that of a question that ships, or is
kept in the user's folder, is HOME/questions/ID.lock. It is JSON, and holds every registration, the
latest last:

    {"comity": "question lock", "version": "1", "registered": [{"on": ..., "sha256": ...}]}
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from comity.dates import parse_date
from comity.errors import DateError, QuestionError, StoreError
from comity.history.canonical import canonical, differences, question_sha256, sha256_of_data
from comity.history.digests import evidence_used, this_setting
from comity.history.entries import plain_choices
from comity.history.model import Stamp
from comity.history.records import from_record, to_record, utc_now
from comity.incidents.model import Evidence, ListRelease
from comity.storage import home as usual_home
from comity.storage import locked, refused, write_whole
from comity.verification.model import Choices, FieldChange, Question, Registration

KIND, VERSION = "question lock", "1"
LARGEST = 20_000_000  # bytes of a lock that is read
LONGEST_NOTE = 2_000


def lock_path(question: Question, home: Path | None = None) -> Path:
    """Return where the lock of a question is, or would be."""
    if question.path:
        return Path(f"{question.path}.lock")
    return (home or usual_home()) / "questions" / f"{question.id}.lock"


def lock_question(
    question: Question,
    evidence: Evidence,
    *,
    note: str = "",
    again: bool = False,
    home: Path | None = None,
) -> Stamp:
    """Register a question as it is now, with the evidence at hand, and return the stamp.

    Raises QuestionError where it is registered already and `again` is not given: an earlier
    registration is never replaced, a later one is added to it. Raises StoreError where the lock
    cannot be read or written.
    """
    if len(note) > LONGEST_NOTE:
        raise QuestionError(f"The note has {len(note)} characters, more than {LONGEST_NOTE}.")
    path = lock_path(question, home)
    stamp = Stamp(
        on=utc_now(),
        sha256=question_sha256(question),
        question=canonical(question),
        choices=plain_choices(Choices()),
        evidence=evidence_used(evidence),
        setting=this_setting(),
        note=note,
    )
    try:
        with _one_at_a_time(question, path):
            earlier = read_lock(path)
            if earlier and not again:
                raise _registered_already(question, path, earlier[-1])
            data = {"comity": KIND, "version": VERSION,
                    "registered": [to_record(one) for one in (*earlier, stamp)]}  # fmt: skip
            text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
            write_whole(path, text.encode("ascii"), private=False)
    except OSError as error:
        raise refused(str(path), error) from error
    return stamp


def _one_at_a_time(question: Question, path: Path) -> AbstractContextManager[None]:
    """Return what one writer holds: the user's own file, or a lock of the store; no litter beside
    a file of the user's. Raises OSError."""
    if not question.path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return locked(path.parent / ".lock")
    return locked(Path(question.path)) if os.access(question.path, os.W_OK) else nullcontext()


def _registered_already(question: Question, path: Path, last: Stamp) -> QuestionError:
    same = last.sha256 == question_sha256(question)
    state = "is unchanged since" if same else "was changed since: `comity question check` says how"
    return QuestionError(
        f"{question.id} is registered already, on {last.on[:10]} ({path}), and {state}. An earlier "
        "registration is never replaced; `--again` adds one to it, and both are shown."
    )


def read_lock(path: Path) -> tuple[Stamp, ...]:
    """Return the registrations of a lock, oldest first; none where there is no lock.

    Raises StoreError where the file is no lock, or does not fit the hashes it holds.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("it is too large")
        data = json.loads(path.read_text("utf-8"))
        if not isinstance(data, Mapping) or data.get("comity") != KIND:
            raise ValueError("it is no lock of a question")
        if data.get("version") != VERSION:
            raise ValueError(f"version {data.get('version')!r}, this Comity reads {VERSION!r}")
        stamps = tuple(from_record(Stamp, one) for one in _list(data.get("registered")))
        if not stamps:
            raise ValueError("it holds no registration")
        for stamp in stamps:
            if sha256_of_data(stamp.question) != stamp.sha256:
                raise ValueError(f"the question registered on {stamp.on} does not fit its hash")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(
            f"{path} cannot be taken for a registration: {error}. Bring back the file as it was "
            "made; `comity question lock` makes a new one where there is none."
        ) from error
    return stamps


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("it holds no list of registrations")
    return value


def registration_of(
    question: Question,
    choices: Choices | None = None,
    releases: Sequence[ListRelease] = (),
    home: Path | None = None,
) -> Registration | None:
    """Return how a question stands to its registration, None where it has none.

    `choices` and `releases` are those of the verdict asked for. A lock that cannot be trusted gives
    a damaged registration, never an error.
    """
    path = lock_path(question, home)
    try:
        stamps = read_lock(path)
    except StoreError as error:
        return Registration("damaged", "", "", problem=str(error))
    if not stamps:
        return None
    last = stamps[-1]
    changes = differences(last.question, canonical(question))
    same = last.sha256 == question_sha256(question)
    asked = () if choices is None else _other_choices(last.choices, plain_choices(choices))
    return Registration(
        state="unchanged" if same else "changed",
        on=last.on,
        sha256=last.sha256,
        changes=changes,
        asked=asked,
        known=tuple(f"{r.list} {r.release}" for r in releases if _known_then(r, last)),
        earlier=tuple(stamp.on for stamp in stamps[:-1]),
        version=last.setting.version,
        note=last.note,
    )


def _other_choices(
    registered: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[FieldChange, ...]:
    """Return the choices that are not the registered ones; one unknown then is not compared, but
    for what is asked otherwise than the question declares."""
    return differences(
        {k: v for k, v in registered.items() if v not in ("", [])},
        {
            k: v
            for k, v in now.items()
            if (k in registered or k == "otherwise") and v not in ("", [])
        },
    )


def _known_then(release: ListRelease, stamp: Stamp) -> bool:
    """Say whether a release was at hand at a registration, or closed before its day."""
    if any((e.list, e.release) == (release.list, release.release) for e in stamp.evidence):
        return True
    try:
        registered = parse_date(stamp.on[:10]).earliest
    except DateError:
        return False
    closed = release.closed_on.latest
    return closed is not None and registered is not None and closed < registered
