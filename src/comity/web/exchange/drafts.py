"""Drafts at hand; and releasing one: exactly what will be sent is shown, signed for, and sent."""

from __future__ import annotations

import json

from comity.errors import ExchangeError, RefusedError
from comity.exchange.messages import TITLES
from comity.exchange.model import Draft, Message, Role
from comity.exchange.sending import body_digest, body_of, check_draft
from comity.exchange.templates import completeness
from comity.exchange.views import find_message
from comity.exchange.wording import said
from comity.web.exchange.compose import draft_record, open_draft
from comity.web.exchange.room import Place, Visit
from comity.web.exchange.shown import object_row, short, thread_path, when
from comity.web.page import Page
from comity.web.parameters import address

LIST = "/exchange/drafts"
WRITERS = frozenset({Role.DRAFT, Role.RELEASE})
MOST_TEXT = 100_000  # characters of a draft's exact text on its page; its JSON has all


def show_list(visit: Visit) -> Page:
    """Return the drafts at hand, with how complete each is and who released it so far."""
    found = visit.desk.drafts()
    rows = [
        {"id": d.id, "title": TITLES[d.kind], "line": d.line, "author": d.author,
         "saved": when(d.saved), "approvals": d.approvals,
         "complete": completeness(d.kind, d.fields, d.objects)}
        for d in found
    ]  # fmt: skip
    texts = visit.room.world.texts
    context = {"drafts": rows, "two": visit.desk.config.two_persons}
    data = [draft_record(d) for d in found]
    return Page("exchange_drafts.html.j2", texts("exchange.drafts"), context, data,
                command="comity exchange drafts")  # fmt: skip


def show(visit: Visit) -> Page:
    """Return exactly what will be sent, to whom, and who released it so far."""
    return _page(visit, open_draft(visit, visit.named("draft")))


def _page(visit: Visit, draft: Draft, message: str = "", status: int = 200) -> Page:
    desk, name = visit.desk, visit.account.person.name
    line = desk.line(draft.line)
    exact = json.dumps(body_of(draft), ensure_ascii=False, indent=1, sort_keys=True)
    problem = ""
    try:
        check_draft(desk, line, draft)
    except RefusedError as error:
        problem = str(error)
    context = {
        "draft": draft, "line": line, "title": TITLES[draft.kind], "digest": body_digest(draft),
        "others": [p for p in line.parties if p != desk.party], "regards": short(draft.regards),
        "marking": f"TLP:{draft.marking.upper()}", "deadline": when(draft.deadline),
        "fields": said(draft.kind, draft.fields), "exact": exact[:MOST_TEXT],
        "cut": len(exact) > MOST_TEXT, "objects": [object_row(o) for o in draft.objects],
        "complete": completeness(draft.kind, draft.fields, draft.objects), "problem": problem,
        "two": desk.config.two_persons, "mine": name in draft.approvals, "message": message,
    }  # fmt: skip
    title = visit.room.world.texts("exchange.release_title", kind=TITLES[draft.kind])
    return Page("exchange_release.html.j2", title, context, data=draft_record(draft), status=status,
                command=f"comity exchange release {draft.id[:8]} --as {name}")  # fmt: skip


def release(visit: Visit) -> Page | str:
    """Release a draft as it was shown: sent, or waiting for a second person."""
    draft = open_draft(visit, visit.named("draft"))
    person = visit.account.person
    seen = visit.said("digest")
    try:
        if not seen:
            raise ExchangeError("The form does not say what was read; load the page again.")
        if visit.desk.config.two_persons and person.name in draft.approvals:
            raise ExchangeError("You released this draft already; a second person is needed.")
        found = visit.desk.release(draft.id, person, seen)
    except ExchangeError as error:
        now = open_draft(visit, draft.id)
        return _page(visit, now, message=str(error), status=409)
    if not isinstance(found, Message):
        return address(f"/exchange/release/{draft.id}", {"said": "first"})
    _mark_answered(visit, found)
    if visit.may(Role.READ):
        where = address(thread_path(found.header.thread), {"said": "sent"})
        return f"{where}#m-{short(found.header.id)}"
    return address(LIST, {"said": "sent"})


def _mark_answered(visit: Visit, sent: Message) -> None:
    """Note that what a message answers was read: who wrote the answer has read it."""
    if sent.header.regards:
        regarded = find_message(visit.desk, sent.header.regards)
        visit.desk.mark_read(sent.header.line, [regarded.message.digest])


def discard(visit: Visit) -> str:
    """Put a draft away."""
    draft = open_draft(visit, visit.named("draft"))
    visit.desk.discard(draft.id, visit.account.person)
    return address(LIST, {"said": "discarded"})


PLACES = (
    Place(LIST, WRITERS, show_list),
    Place("/exchange/drafts/{draft}/discard", frozenset({Role.DRAFT}), change=discard),
    Place("/exchange/release/{draft}", frozenset({Role.RELEASE}), show, release),
)
