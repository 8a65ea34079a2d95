"""What a journal, a comparison of two and an account of a thread prove, as lines and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from comity.exchange.account_check import AccountVerdict, SameAccount, Told
from comity.exchange.canonical import stamp
from comity.exchange.compare import Comparison
from comity.exchange.journal import JournalVerdict
from comity.exchange.messages import TITLES
from comity.exchange.wording import said
from comity.report.lines import Line, columns, hanging, labelled, wrap
from comity.report.text import clean

WIDTH = 80
SAYS = ("name", "content", "pattern", "value", "abstract", "relationship_type", "opinion")


def journal_lines(verdict: JournalVerdict, signatures: bool, width: int = WIDTH) -> list[Line]:
    """Return what was found of one line's journal."""
    label = f"{verdict.line}:"
    if verdict.fault is not None:
        before = f" The {verdict.entries} entries before it are sound." if verdict.entries else ""
        return labelled(label, f"not sound, at entry {verdict.fault.n} ({verdict.fault.kind}). "
                        f"{clean(verdict.fault.text)}{before}", width)  # fmt: skip
    checked = "hashes, order, messages, signatures" if signatures else "hashes, order, messages"
    told = [f"sound: {verdict.entries} entries ({checked}).", f"Root {verdict.root}."]
    if verdict.witnesses:
        told.append(f"It fits what {verdict.witnesses} commitments held elsewhere say of it.")
    if verdict.returned:
        told.append(f"{_count(verdict.returned, 'message')} of {verdict.party} had been lost here "
                    "and came back from another party.")  # fmt: skip
    if verdict.backwards:
        told.append(f"{_count(verdict.backwards, 'entry', 'entries')} recorded by a clock that had "
                    "been set back.")  # fmt: skip
    return labelled(label, " ".join(told), width)


def journal_record(verdict: JournalVerdict) -> dict[str, Any]:
    """Return what was found of one line's journal, as data."""
    found = asdict(verdict) | {"sound": verdict.sound}
    if verdict.fault is not None:
        found["fault"] = {"kind": str(verdict.fault.kind), "n": verdict.fault.n,
                          "text": verdict.fault.text}  # fmt: skip
    return found


def comparison_lines(found: Comparison, width: int = WIDTH) -> list[Line]:
    """Return how two journals stand to each other; of a contradiction both signed messages."""
    first, *rest = found.sentences
    lines = labelled(f"{found.line}: {found.standing!s}.", clean(first), width)
    for sentence in rest:
        lines += hanging("  - ", clean(sentence), width)
    for chain in found.chains:
        if chain.contradiction is None or not chain.contradiction.proven:
            continue
        for version in chain.contradiction.versions:
            root = version.root or {}
            lines += [("", ""), (f"As {version.holder} holds it", "")]
            lines += [("", f"digest {version.digest}"), ("", f"signed {_signature(root)}")]
            for name in ("name", "description"):
                if root.get(name):
                    lines += _said(clean(str(root[name])), width)
    return lines


def comparison_record(found: Comparison) -> dict[str, Any]:
    """Return how two journals stand to each other, as data, the signed messages with it."""
    record = asdict(found) | {"standing": str(found.standing)}
    for chain, written in zip(found.chains, record["chains"], strict=True):
        written["standing"] = str(chain.standing)
        if chain.contradiction is not None:
            written["contradiction"]["proven"] = chain.contradiction.proven
    return record


def account_lines(found: AccountVerdict, width: int = WIDTH) -> list[Line]:
    """Return an account: whether it holds, who signed, and every message in order."""
    lines: list[Line] = [(f"Account of thread {found.thread}", "")]
    lines += _said(account_sentence(found), width)
    lines += [line for text in fault_sentences(found) for line in hanging("  - ", text, width)]
    lines += [("", ""), ("Whose keys: compare by telephone", "")]
    for one in found.signers:
        lines += hanging("  - ", f"{one.party} ({clean(one.name)}), card {one.versions}: "
                         f"{one.fingerprint}", width)  # fmt: skip
    for told in found.messages:
        lines += [("", ""), (clean(message_title(told)), "")]
        if regards := message_regards(found, told):
            lines += _said(f"regards: {clean(regards)}", width)
        lines += _said(message_facts(told), width)
        for label, text in message_fields(told):
            lines += hanging("  ", f"{clean(label)}: {clean(text)}", width)
        for value in told.objects:
            lines += hanging("  + ", object_text(value), width)
        lines += _said(f"digest {told.digest}", width)
    return lines


def account_title(found: AccountVerdict) -> str:
    """Return what an account is of, by the first message in it that is shown: a name for people."""
    first = next((one.header for one in found.messages if one.header is not None), None)
    if first is None:
        return f"Account of thread {found.thread}"
    return f"Account of the {TITLES[first.kind].lower()} of {first.sender}, {first.sent:%Y-%m-%d}"


def account_sentence(found: AccountVerdict) -> str:
    """Return whether an account holds, in a sentence."""
    what = (
        f"{_count(len(found.messages), 'message')} on the line {found.line}, given by "
        f"{found.party} on {stamp(found.made)} from a journal of {found.size} entries"
    )
    if not found.sound:
        return f"This account does NOT hold. It claims {what}."
    left = found.left_out
    out = f" {_count(left, 'message')} left out for the audience; the digests are there." * (
        left > 0
    )
    return (
        f"This account holds: {what}. Every signature, digest, place in the journal and order was "
        f"verified from the file alone.{out}"
    )


def fault_sentences(found: AccountVerdict) -> list[str]:
    """Return what is wrong with an account."""
    return [clean(text) for text in found.faults]


def message_title(told: Told) -> str:
    """Return the heading of a message of an account."""
    who = f"message {told.entry.number} of {told.entry.sender}"
    if told.header is None:
        return f"{who}: left out"
    return f"{TITLES[told.header.kind]}, {who}"


def message_facts(told: Told) -> str:
    """Return when a message was sent and recorded, how it is marked, what is not shown of it."""
    facts = [f"entry {told.entry.n}, recorded {stamp(told.entry.recorded)}"]
    if told.header is not None:
        facts.insert(0, f"sent {stamp(told.header.sent)}, TLP:{told.header.marking.upper()}")
        facts.append(f"key {told.kid}" if told.kid else "no valid signature")
    if told.entry.what == "irregular":
        facts.append("without effect, since it broke the order of the thread")
    if told.doubted is not None:
        facts.append(f"its key was later said to be revoked from {stamp(told.doubted)} on")
    if told.hidden:
        facts.append(f"{_count(told.hidden, 'part')} not shown")
    return "; ".join(facts)


def message_regards(found: AccountVerdict, told: Told) -> str:
    """Return which message of an account one regards, by its heading; its id where that message is
    not shown, empty where it regards none."""
    if told.header is None or not told.header.regards:
        return ""
    id = told.header.regards
    other = (m for m in found.messages if m.header is not None and m.header.id == id)
    return next((message_title(one) for one in other), id)


def message_fields(told: Told) -> tuple[tuple[str, str], ...]:
    """Return what a message says, label and text."""
    if told.header is None or told.fields is None:
        return ()
    return said(told.header.kind, told.fields)


def object_text(value: Any) -> str:
    """Return a STIX object in a line: its type, and what it says where it says something."""
    text = next((str(value[name]) for name in SAYS if value.get(name)), "")
    return clean(f"{value.get('type')}{': ' if text else ''}{text}"[:400])


def account_record(found: AccountVerdict) -> dict[str, Any]:
    """Return an account as data."""
    return {
        "sound": found.sound, "faults": list(found.faults), "line": found.line,
        "thread": found.thread, "party": found.party, "made": stamp(found.made),
        "audience": found.audience, "journal": {"size": found.size, "root": found.root},
        "parties": [asdict(one) for one in found.signers],
        "messages": [
            {"n": m.entry.n, "sender": m.entry.sender, "number": m.entry.number,
             "recorded": stamp(m.entry.recorded), "what": m.entry.what, "digest": m.digest,
             "kind": str(m.header.kind) if m.header else None,
             "sent": stamp(m.header.sent) if m.header else None, "hidden": m.hidden,
             "fields": m.fields, "objects": list(m.objects)}
            for m in found.messages
        ],
    }  # fmt: skip


def same_lines(found: SameAccount, width: int = WIDTH) -> list[Line]:
    """Return whether two accounts hold the same messages."""
    lines = labelled("Same:" if found.same else "Not the same:", clean(found.sentences[0]), width)
    return lines + [x for text in found.sentences[1:] for x in hanging("  - ", clean(text), width)]


def entry_lines(rows: Sequence[tuple[int, str, str, str, int, str]], width: int = WIDTH
                ) -> list[Line]:  # fmt: skip
    """Return the entries of a journal as columns: number, when, what, sender, number, digest."""
    head = ("n", "recorded", "what", "sender", "number", "digest")
    cells = [(str(n), at, what, sender, str(number), digest[:16])
             for n, at, what, sender, number, digest in rows]  # fmt: skip
    return columns([head, *cells], width, right=(0, 4))


def _signature(root: Any) -> str:
    (carried,) = list(root.get("extensions", {}).values())[:1] or [{}]
    return str(carried.get("signature", ""))


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
