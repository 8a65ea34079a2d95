"""The history of verdicts as plain text: a list, one verdict, two side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.history.model import Compared, Entry, EvidenceUsed, Note, Number
from comity.report.lines import Line, hanging, labelled, wrap
from comity.report.text import COMPARISONS, ESTIMANDS, clean, number, ratio_text, reply_head
from comity.verification.model import FieldChange, RatioInterval, Reply
from comity.verification.registered import SHOWN
from comity.verification.words import NOT_IDENTIFIED, percent

TITLES = (("Changed?", "changed"), ("Kept?", "kept"), ("Because?", "because"))
LABEL, COLUMN = 34, 23
ROW = 58  # columns before the answer in the list


def text_of(lines: Sequence[Line]) -> str:
    """Return lines as one text."""
    return "\n".join(f"{head}{rest}".rstrip() for head, rest in lines)


def list_lines(entries: Sequence[Entry], width: int = 80) -> list[Line]:
    """Return one row for each verdict: number, time, question, as known on, the first answer."""
    lines: list[Line] = [("  no  recorded (UTC)    question              known       changed?", "")]
    for one in entries:
        question = clean(one.question_id)[:20]
        head = f"{one.number:>4}  {_time(one.recorded)}  {question:<20}  {clean(one.as_of)[:10]}  "
        lines += hanging(f"{head:<{ROW}}", clean(one.changed.term), width)
    return lines


def entry_lines(entry: Entry, replies: Sequence[Reply] = (), width: int = 80) -> list[Line]:
    """Return everything that was recorded of one verdict, and what is attached to its question."""
    title = clean(str(entry.question.get("title", "")))
    lines: list[Line] = [
        (f"Verdict {entry.number}", f" on {clean(entry.question_id)}, {_time(entry.recorded)} UTC")
    ]
    lines += [("", line) for line in wrap(title, width)]
    state = clean(entry.registered) or "not registered in advance"
    where = f", {clean(entry.path)}" if entry.path else ""
    lines += labelled("Question:", f"sha256 {entry.question_sha256}{where}; {state}.", width)
    for used in entry.evidence:
        lines += labelled("Evidence:", _used(used), width)
    given = {k: v for k, v in entry.choices.items() if v not in ("", [])}
    said = ", ".join(f"{clean(k)} {clean(_value(v))}" for k, v in given.items())
    lines += labelled("Choices:", f"{said}.", width)
    setting = entry.setting
    libraries = ", ".join(f"{clean(k)} {clean(v)}" for k, v in setting.libraries.items())
    program = (
        f"comity {clean(setting.version)}, code {clean(setting.code)[:SHOWN]}, register "
        f"{clean(setting.register)[:SHOWN]}; {libraries}."
    )
    lines += [*labelled("Program:", program, width), *labelled("As known on", entry.as_of, width)]
    lines.append(("", ""))
    for name, field in TITLES:
        answer = getattr(entry, field)
        lines += labelled(name, f"[{clean(answer.term)}] {clean(answer.sentence)}", width)
    confidence = f"{clean(entry.confidence.term)}: {clean(entry.confidence.sentence)}."
    lines += labelled("Confidence", confidence, width)
    if entry.mirror:
        other = ", ".join(clean(entry.mirror.get(field, "")) for _, field in TITLES)
        lines += labelled("Mirror:", f"{other}.", width)
    lines += [("", ""), *(("", _row(_name(n), _estimate(n))) for n in entry.numbers)]
    for reply in replies:
        text = f"{reply_head(reply)} {clean(reply.text)} ({clean(reply.source)})"
        lines += hanging("- ", text, width)
    return lines


def compared_lines(compared: Compared, width: int = 80) -> list[Line]:
    """Return two verdicts side by side: what was declared otherwise, then what came out."""
    before, after = compared.before, compared.after
    heads = [f"{e.number} ({clean(e.question_id)}, {_time(e.recorded)})" for e in (before, after)]
    lines = labelled("Verdicts", " and ".join(heads), width)
    lines += [("", ""), *hanging("", compared.sentence, width)]
    lines += [("", ""), ("What was declared otherwise", "")]
    for reason in compared.reasons:
        lines += hanging("- ", f"{reason.kind}: {clean(reason.what)}", width)
        for change in reason.changes:
            lines += _change(change, width)
    if not compared.reasons:
        lines.append(("", "- nothing"))
    lines += [("", ""), ("What is answered otherwise", "")]
    for change in compared.answers:
        lines += hanging("- ", clean(change.field), width)
        lines += hanging(f"  {before.number:>4}: ", clean(change.before) or "nothing", width)
        lines += hanging(f"  {after.number:>4}: ", clean(change.after) or "nothing", width)
    if not compared.answers:
        lines.append(("", "- nothing in words"))
    if compared.numbers:
        lines += [("", ""), ("", _row("", f"verdict {before.number}", f"verdict {after.number}"))]
        lines += [("", line) for pair in compared.numbers for line in _pair(*pair)]
    return lines


def note_lines(notes: Sequence[Note], width: int = 80) -> list[Line]:
    """Return the user's replies and corrections, each with its number and question."""
    lines: list[Line] = []
    for one in notes:
        reply = Reply(one.kind, one.party, one.date, one.text, one.source)
        text = f"{clean(one.question)}: {reply_head(reply)} {clean(one.text)} ({clean(one.source)})"
        lines += hanging(f"{one.number:>4}  ", text, width)
    return lines


def _change(change: FieldChange, width: int) -> list[Line]:
    before, after = clean(change.before) or "nothing", clean(change.after) or "nothing"
    if change.field in ("content", "code", "register"):
        before, after = before[:SHOWN], after[:SHOWN]
    return hanging("    ", f"{clean(change.field)}: {before} -> {after}", width)


def _pair(before: Number | None, after: Number | None) -> Iterator[str]:
    """Yield the lines of one number in both verdicts: counts where they differ, the estimate."""
    one = after or before
    assert one is not None
    counts = [_counts(n) for n in (before, after)]
    if counts[0] != counts[1]:
        yield _row(f"{clean(one.scope)[:24]} counts", *counts)
    estimates = [_estimate(n) for n in (before, after)]
    if estimates[0] != estimates[1] or counts[0] == counts[1]:
        yield _row(_name(one), *estimates)


def _name(one: Number) -> str:
    """Return what a number is of: "narrow net change, 5 years"; a comparison beside the scope."""
    comparison = COMPARISONS.get(one.comparison, clean(one.comparison))
    estimand = ESTIMANDS.get(one.estimand, clean(one.estimand)).replace(
        "net change, 5 years", "net"
    )
    return f"{clean(one.scope)[:16]} {estimand}, {comparison}"


def _row(label: str, *values: str) -> str:
    return f"{label[:LABEL]:<{LABEL}}{''.join(f'{v:>{COLUMN}}' for v in values)}".rstrip()


def _counts(one: Number | None) -> str:
    return "absent" if one is None else f"{number(one.before)} / {number(one.after)}"


def _estimate(one: Number | None) -> str:
    """Return "0.31 (0.12-0.82) 97 %" for a number."""
    if one is None:
        return "absent"
    if one.median is None or one.lower is None or one.upper is None or one.fell is None:
        return NOT_IDENTIFIED
    fell = percent(one.fell).replace("over ", ">").replace("under ", "<")
    return f"{ratio_text(RatioInterval(one.median, one.lower, one.upper, 0.0))} {fell}"


def _used(used: EvidenceUsed) -> str:
    return (
        f"{clean(used.list)} {clean(used.release)}, closed {clean(used.closed_on) or 'unknown'}, "
        f"{used.incidents:,} incidents; publisher's file sha256 {clean(used.sha256)[:SHOWN]}, "
        f"incidents as held {clean(used.content)[:SHOWN]}."
    )


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _time(text: str) -> str:
    """Return a time to the minute.

    >>> _time("2026-11-20T10:15:00Z")
    '2026-11-20 10:15'
    """
    return clean(text)[:16].replace("T", " ")
