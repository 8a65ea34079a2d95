"""Drafts and sent messages, said in a terminal: how far one is, what fills what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.cli_output import say

if TYPE_CHECKING:
    from comity.exchange.model import Draft, Kind, Message


def say_draft(draft: Draft) -> None:
    """Say how far a draft is, and what to type for what it lacks."""
    from comity.exchange.templates import completeness

    found = completeness(draft.kind, draft.fields, draft.objects)
    share = f"{100 * found.share:.0f} % complete"
    say(f"Draft {draft.id[:8]}: {draft.kind!s} on {draft.line}, {share}.")
    how = _how_to_fill(draft.kind)
    for label in found.missing_required:
        say(f"  missing: {label} ({how[label]})")
    if found.missing_wanted:
        wanted = "; ".join(f"{label} ({how[label]})" for label in found.missing_wanted)
        say(f"  wanted, may be left out: {wanted}", indent=4)
    for text in _added(draft):
        say(f"  added: {text}", indent=4)
    for problem in found.problems:
        say(f"  problem: {problem}", indent=4)
    if not found.ready:
        edit = f"comity exchange draft {draft.line} {draft.kind!s} --edit {draft.id[:8]}"
        say(f"  to go on: {edit} --set NAME=VALUE --send", indent=4)
    if draft.approvals:
        say(f"  released by {', '.join(draft.approvals)}; a second person is needed")


def _how_to_fill(kind: Kind) -> dict[str, str]:
    """Return for each label of a kind's template what fills it on the command line."""
    from comity.exchange.templates import template

    return {
        one.label: "--attach" if one.kind == "objects" else f"--set {one.name}="
        for one in template(kind).fields
    }


def _added(draft: Draft) -> list[str]:
    """Return a line for each field that the kind does not ask for: perhaps it was mistyped."""
    from difflib import get_close_matches

    from comity.exchange.templates import template

    names = [one.name for one in template(draft.kind).fields]
    lines = []
    for name in (name for name in draft.fields if name not in names):
        near = get_close_matches(name, names, 1)
        meant = f"; was {near[0]} meant?" if near else f". It asks for: {', '.join(names)}."
        lines.append(f"{name!r}, which a {draft.kind!s} does not ask for{meant}")
    return lines


def say_released(found: Message | Draft) -> None:
    """Say that a message is signed, or how far a draft is that a second person must release."""
    from comity.exchange.model import Draft

    if isinstance(found, Draft):
        say_draft(found)
        return
    header = found.header
    say(
        f"Signed as {header.sender}'s message {header.number} on {header.line}: {header.kind!s} "
        f"{header.id.removeprefix('grouping--')[:8]} in thread {header.thread[:8]}. "
        "`comity exchange serve` delivers it where it runs; else `comity exchange sync` does."
    )
