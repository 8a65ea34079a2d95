"""Two verdicts of the history side by side: what was declared otherwise, what came out otherwise.

A reason is a declared difference, not a proof: where several differ, which of them moved the answer
is found by changing one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comity.history.canonical import differences
from comity.history.model import Compared, Entry, EvidenceUsed, Number, Reason
from comity.verification.model import FieldChange

SENTENCES = {"changed": "Changed?", "kept": "Kept?", "because": "Because?"}


def compare(before: Entry, after: Entry) -> Compared:
    """Return what differs between two verdicts, and why as far as it was declared."""
    reasons = tuple(_reasons(before, after))
    answers = tuple(_answers(before, after))
    numbers = _numbers(before, after)
    return Compared(
        before, after, reasons, answers, numbers,
        _sentence(reasons, bool(answers or numbers)),
    )  # fmt: skip


def _reasons(before: Entry, after: Entry) -> Iterator[Reason]:
    """Yield every declared difference, weightiest first."""
    if before.question_sha256 != after.question_sha256:
        changes = differences(before.question, after.question)
        yield Reason("question", "the question was changed", changes)
    if before.mirror.get("sha256", "") != after.mirror.get("sha256", ""):
        what = "the question in the other direction was changed, added or left out"
        yield Reason("question", what)
    yield from _evidence(before.evidence, after.evidence)
    choices = differences(_given(before.choices), _given(after.choices))
    if choices:
        yield Reason("choices", "other choices were made", choices)
    old, new = before.setting, after.setting
    if old.version != new.version:
        changed = (FieldChange("version", old.version, new.version),)
        yield Reason("code", "another version of Comity", changed)
    elif old.code != new.code:
        changed = (FieldChange("code", old.code, new.code),)
        yield Reason("code", f"the code was altered within version {new.version}", changed)
    if old.register != new.register:
        changed = (FieldChange("register", old.register, new.register),)
        what = "the register (parties, claims, countries) was changed"
        yield Reason("register", what, changed)
    libraries = differences(old.libraries, new.libraries)
    if libraries:
        yield Reason("libraries", "other libraries, or another machine", libraries)


def _given(choices: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in choices.items() if v not in ("", [])}


def _evidence(
    before: tuple[EvidenceUsed, ...], after: tuple[EvidenceUsed, ...]
) -> Iterator[Reason]:
    """Yield every list that was added, removed, released anew, or altered within its release."""
    old, new = {e.list: e for e in before}, {e.list: e for e in after}
    for name in sorted({*old, *new}):
        a, b = old.get(name), new.get(name)
        if a is None or b is None:
            here = FieldChange(name, _release(a), _release(b))
            yield Reason("evidence", f"{name} was {'added' if a is None else 'left out'}", (here,))
        elif a.release != b.release:
            yield Reason(
                "evidence", f"another release of {name}", (FieldChange(name, a.release, b.release),)
            )
        elif (a.sha256, a.content) != (b.sha256, b.content):
            file = "another file of the publisher's" if a.sha256 != b.sha256 else "the same file"
            counts = FieldChange("incidents", str(a.incidents), str(b.incidents))
            what = f"{name} holds other facts under the same release ({file})"
            changed = FieldChange("content", a.content, b.content)
            yield Reason("evidence", what, (counts, changed) if counts.before != counts.after
                         else (changed,))  # fmt: skip


def _release(used: EvidenceUsed | None) -> str:
    return "" if used is None else used.release


def _answers(before: Entry, after: Entry) -> Iterator[FieldChange]:
    """Yield the words and sentences that differ: a word first, then its sentence."""
    for name, title in SENTENCES.items():
        a, b = getattr(before, name), getattr(after, name)
        if a.term != b.term:
            yield FieldChange(title, a.term, b.term)
        if a.sentence != b.sentence:
            yield FieldChange(f"{title} in full", a.sentence, b.sentence)
    if before.confidence.term != after.confidence.term:
        yield FieldChange("Confidence", before.confidence.term, after.confidence.term)
    if before.confidence.sentence != after.confidence.sentence:
        yield FieldChange("Confidence, why", before.confidence.sentence, after.confidence.sentence)
    for name, title in SENTENCES.items():
        a, b = before.mirror.get(name, ""), after.mirror.get(name, "")
        if a != b:
            yield FieldChange(f"{title} in the other direction", a, b)
    if before.as_of != after.as_of:
        yield FieldChange("as known on", before.as_of, after.as_of)


def _numbers(before: Entry, after: Entry) -> tuple[tuple[Number | None, Number | None], ...]:
    """Return the headline numbers that differ, in the order of the later verdict."""
    old, new = {n.key: n for n in before.numbers}, {n.key: n for n in after.numbers}
    pairs = ((old.get(key), new.get(key)) for key in {**new, **old})
    return tuple((a, b) for a, b in pairs if a != b)


def _sentence(reasons: tuple[Reason, ...], differs: bool) -> str:
    """Return what the comparison comes to, in one sentence or two."""
    kinds = list(dict.fromkeys(r.kind for r in reasons))
    if not differs:
        if not reasons:
            return "Nothing declared differs, and the answer is the same."
        return "The answer is the same although something differs."
    if not reasons:
        return (
            "Everything declared is the same (question, evidence, choices, code, register, "
            "libraries), and yet the answer differs: that is a fault, or a machine that computes "
            "otherwise. Please report it."
        )
    if kinds == ["libraries"]:
        return (
            "Everything declared is the same (question, evidence, choices, code, register), and "
            "yet the answer differs: only the libraries or the machine are others."
        )
    if len(reasons) == 1:
        return f"One thing differs ({kinds[0]}): it is why the answer differs."
    if len(kinds) == 1:
        return f"Only the {kinds[0]} differs, in several ways: that is why the answer differs."
    listed = f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    return (
        f"Several things differ ({listed}): each may be why. To tell them apart, change one at a "
        "time."
    )
