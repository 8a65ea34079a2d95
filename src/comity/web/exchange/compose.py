"""Writing a message: the form of its kind, saved as a draft whenever it is sent, never lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from comity.api_exchange import provision_of
from comity.errors import AddressError, ComityError, ExchangeError
from comity.exchange.messages import TITLES
from comity.exchange.model import Draft, Json, Kind, Level, Role
from comity.exchange.sending import body_digest, new_draft
from comity.exchange.templates import completeness, template
from comity.exchange.views import find_message
from comity.web.exchange.attach import file_objects, incident_objects, joined
from comity.web.exchange.room import NO_STORE, Place, Visit
from comity.web.exchange.shown import BESIDE, object_row, short, thread_path
from comity.web.exchange.written import (
    SPARE,
    TYPED_CHOICES,
    Written,
    extras_of,
    read_kind,
    read_written,
    shown_value,
)
from comity.web.page import Asked, Page
from comity.web.parameters import address
from comity.web.render import render

PATH = "/exchange/compose"


def show(visit: Visit) -> Page:
    """Return the form: of a draft, of a new message, or the choice of what to write."""
    if id := visit.asked("draft"):
        return form_page(visit, open_draft(visit, id))
    line, kind = visit.asked("line"), visit.asked("kind")
    if not line or not kind:
        lines = visit.desk.lines()
        texts = visit.room.world.texts
        first = [Kind.NOTIFICATION, Kind.REQUEST, Kind.CHECK]
        kinds = [(str(k), TITLES[k], template(k).says) for k in first]
        context = {"lines": [(x.id, x.title) for x in lines], "kinds": kinds, "line": line}
        return Page("exchange_choose.html.j2", texts("exchange.compose"), context)
    draft = new_draft(
        visit.desk.line(line).id, read_kind(kind), visit.account.person.name, visit.desk.clock(),
        thread=visit.asked("thread"), regards=visit.asked("regards"),
        provision=visit.asked("provision"),
    )  # fmt: skip
    return form_page(visit, draft, new=True)


def open_draft(visit: Visit, id: str) -> Draft:
    """Return a draft that is still one. Raises AddressError: there is no such page."""
    try:
        draft = visit.desk.find_draft(id[:40])
    except ExchangeError as error:
        raise AddressError(str(error), missing=True) from error
    if draft.state != "draft":
        text = visit.room.world.texts(f"exchange.was_{draft.state}", path=thread_path(draft.thread))
        raise AddressError(text, missing=True)
    return draft


def form_page(
    visit: Visit, draft: Draft, new: bool = False, message: str = "", status: int = 200
) -> Page:
    """Return the form of a draft, with how complete it is and what is attached."""
    texts, asked = visit.room.world.texts, template(draft.kind)
    objects = [o for o in draft.objects if o.get("type") not in BESIDE]
    regarded = _regarded(visit, draft.regards)
    context = {
        "draft": draft, "new": new, "base": "" if new else body_digest(draft), "template": asked,
        "message": message, "values": {f.name: shown_value(f, draft.fields) for f in asked.fields},
        "typed": TYPED_CHOICES, "extras": [*extras_of(draft), *[("", "")] * SPARE],
        "objects": [(str(o["id"]), object_row(o)) for o in objects],
        "levels": [(str(x), f"TLP:{x.upper()}") for x in Level], "regarded": regarded,
        "complete": completeness(draft.kind, draft.fields, draft.objects),
        "line": visit.desk.line(draft.line), "two": visit.desk.config.two_persons,
    }  # fmt: skip
    data = None if new else draft_record(draft)
    title = texts("exchange.compose_title", kind=TITLES[draft.kind])
    return Page("exchange_compose.html.j2", title, context, data=data, status=status)


def draft_record(draft: Draft) -> dict[str, Any]:
    """Return a draft as data, with what it lacks."""
    from comity.exchange.sending import body_of

    found = completeness(draft.kind, draft.fields, draft.objects)
    return {
        "id": draft.id, "state": draft.state, "author": draft.author, "digest": body_digest(draft),
        "saved": draft.saved.isoformat(), "approvals": list(draft.approvals),
        "complete": {"ready": found.ready, "share": found.share,
                     "missing": list(found.missing_required),
                     "wanted": list(found.missing_wanted), "problems": list(found.problems)},
        "body": body_of(draft),
    }  # fmt: skip


def _regarded(visit: Visit, id: str) -> dict[str, str]:
    """Return what a draft answers, where this person may read it."""
    if not id or not visit.may(Role.READ):
        return {"title": short(id), "path": ""} if id else {}
    try:
        header = find_message(visit.desk, id).message.header
    except ExchangeError:
        return {"title": short(id), "path": ""}
    return {"title": f"{TITLES[header.kind]} {header.number} of {header.sender}",
            "path": f"{thread_path(header.thread)}#m-{short(id)}"}  # fmt: skip


def save(visit: Visit) -> Page | str:
    """Keep what the form says as a draft, attach what it names, and go where it leads."""
    written, said = read_written(visit), "saved"
    draft, apart = _drafted(visit, written)
    dropped = {str(v) for v in visit.form.getlist("drop")}
    kept = tuple(o for o in draft.objects if str(o.get("id")) not in dropped)
    draft = visit.desk.keep(replace(draft, objects=kept), visit.account.person)
    try:
        more = _attached(visit)
        if more:
            draft = visit.desk.keep(
                replace(draft, objects=joined(draft.objects, more)), visit.account.person
            )
            said = "attached"
    except ComityError as error:
        return form_page(visit, draft, message=str(error), status=400)
    if apart:
        return form_page(visit, draft, message=visit.room.world.texts("exchange.apart"), status=409)
    if visit.said("do") == "release" and visit.may(Role.RELEASE):
        return f"/exchange/release/{draft.id}"
    return address(PATH, {"draft": draft.id, "said": said})


def _drafted(visit: Visit, written: Written) -> tuple[Draft, bool]:
    """Return the draft a form was of with what it says now, and whether it is one apart: where
    somebody else changed or sent the draft since the form was shown, nothing of either is lost."""
    desk, person = visit.desk, visit.account.person
    said: dict[str, Any] = {
        "provision": provision_of(written.provision) if written.provision else "",
        "fields": written.fields, "marking": written.marking,
        "seal": written.seal, "deadline": written.deadline,
    }  # fmt: skip
    id = visit.said("draft")
    if id:
        before = desk.find_draft(id)
        same = before.state == "draft" and visit.said("base") == body_digest(before)
        if same and before.kind == written.kind:
            return replace(before, **said), False
        said["objects"] = before.objects
    made = new_draft(desk.line(written.line).id, written.kind, person.name, desk.clock(),
                     thread=written.thread, regards=written.regards, **said)  # fmt: skip
    return made, bool(id)


def _attached(visit: Visit) -> list[Json]:
    """Return the objects that the form names or brings. Raises ExchangeError."""
    keys = [k for k in visit.said("incidents", 4000).replace(",", " ").split() if k]
    more: list[Json] = [*incident_objects(visit.room.world, keys)] if keys else []
    for value in visit.form.getlist("stix"):
        if isinstance(value, UploadFile) and value.filename:
            content = value.file.read()
            more += file_objects(value.filename, content)
    return more


def check(visit: Visit) -> Response:
    """Return how complete the form is as it stands, as a part of a page; nothing is kept."""
    written = read_written(visit)
    objects: tuple[Json, ...] = ()
    if id := visit.said("draft"):
        dropped = {str(v) for v in visit.form.getlist("drop")}
        held = visit.desk.find_draft(id).objects
        objects = tuple(o for o in held if str(o.get("id")) not in dropped)
    found = completeness(written.kind, written.fields, objects)
    page = Page("exchange_compose.html.j2", "", {"complete": found})
    asked = Asked(visit.room.world, PATH, {}, {}, part="complete")
    return Response(render(page, asked, ()), 200, NO_STORE, "text/html; charset=utf-8")


_MOST = 200 * 1024
PLACES = (
    Place(f"{PATH}/check", frozenset({Role.DRAFT}), change=check, most=_MOST),
    Place(PATH, frozenset({Role.DRAFT}), show, save, most=_MOST, late=True, name="compose"),
)
