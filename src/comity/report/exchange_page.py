"""The account of a thread as one page that opens offline: what was said, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity import __version__
from comity.exchange.account_check import AccountVerdict, Told
from comity.exchange.canonical import stamp
from comity.report.exchange_proof import (
    account_sentence,
    account_title,
    fault_sentences,
    message_facts,
    message_fields,
    message_regards,
    message_title,
    object_text,
)
from comity.report.html import _environment, write_whole


@dataclass(frozen=True, slots=True)
class _Version:
    version: str


def render_account(found: AccountVerdict, command: str) -> str:
    """Return an account as one self-contained HTML page; everything in it is escaped.

    `command` makes the page again, from the bundle that it is a page of.
    """
    return (
        _environment()
        .get_template("exchange.html.j2")
        .render(
            v=_Version(__version__), command=command, found=found, made=stamp(found.made),
            title=account_title(found), sentence=account_sentence(found),
            faults=fault_sentences(found),
            messages=[_message(found, told) for told in found.messages],
        )
    )  # fmt: skip


def write_account_page(found: AccountVerdict, path: Path, command: str) -> None:
    """Write the page of an account, whole or not at all. Raises StoreError."""
    write_whole(path, render_account(found, command))


def _message(found: AccountVerdict, told: Told) -> dict[str, Any]:
    return {
        "title": message_title(told),
        "facts": message_facts(told),
        "regards": message_regards(found, told),
        "fields": [(label, text.splitlines()) for label, text in message_fields(told)],
        "objects": [object_text(value) for value in told.objects],
        "told": told,
    }
