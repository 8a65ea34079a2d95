"""What changes the user's folder from a page: decisions on links, links made, lists, questions.

Each is a POST with the form's token, answered by the address of a page that shows what became of
it (303): loading that page again changes nothing. None of these routes exists where the workbench
may not be changed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from comity.errors import AddressError, ComityError, QuestionError, SourceError
from comity.incidents.linkage.decisions import LONGEST_NOTE, decide
from comity.incidents.report_lists import remove_reports, report_lists
from comity.incidents.store import remove_list
from comity.verification import kept
from comity.web.app import refusal_response
from comity.web.asking import SentQuestion
from comity.web.keys import find_row, incident_path
from comity.web.parameters import address
from comity.web.security import MOST_FORM, same_token
from comity.web.upload import MOST_FILES, Sent, add_sent, safe_name

if TYPE_CHECKING:
    from comity.web.world import World

LOG = logging.getLogger("comity.web")
SAID = {"same": "accepted", "different": "rejected", "withdrawn": "cleared"}
Change = Callable[["World", FormData], Awaitable[str]]


def change_routes(world: World) -> tuple[Route, ...]:
    """Return the routes that change the user's folder; none where it may not be changed."""
    if not world.editable:
        return ()
    changes: Mapping[str, tuple[str, Change]] = {
        "/links/decide": ("decide", _decide),
        "/links/make": ("link", _link),
        "/lists/add": ("upload", _add),
        "/lists/remove": ("remove", _remove),
        "/questions/add": ("open", _open),
        "/questions/remove": ("close", _close),
    }
    return tuple(
        Route(path, _endpoint(world, change), methods=["POST"], name=name)
        for path, (name, change) in changes.items()
    )


def _endpoint(world: World, change: Change) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            async with request.form(
                max_files=MOST_FILES + 1, max_fields=20, max_part_size=MOST_FORM
            ) as form:
                if not same_token(_text(form, "token"), world.token):
                    return PlainTextResponse(
                        "This form is of another run of the workbench. Go back, load its page "
                        "again, and send it from there. Nothing was changed.\n",
                        403,
                    )
                where = await change(world, form)
        except HTTPException as error:
            text = f"The form cannot be read: {error.detail}. Nothing was changed.\n"
            return PlainTextResponse(text, 400)
        except ComityError as error:
            return await run_in_threadpool(refusal_response, world, request, error)
        return RedirectResponse(where, 303)

    return endpoint


def _text(form: FormData, name: str, most: int = 400) -> str:
    """Return a field of a form, empty where it is none. Raises AddressError for one too long."""
    value = form.get(name)
    text = value if isinstance(value, str) else ""
    if len(text) > most:
        raise AddressError(f"{name} may have {most} characters, not {len(text):,}.")
    return text.strip()


async def _decide(world: World, form: FormData) -> str:
    """Keep a decision on a link."""
    verdict, note = _text(form, "verdict"), _text(form, "note", LONGEST_NOTE)
    first, second, by = _text(form, "first", 2000), _text(form, "second", 2000), _text(form, "by")

    def keep() -> str:
        evidence = world.evidence()
        one, other = _key(world, first), _key(world, second)
        decide(evidence, one, other, verdict, note, " ".join(by.split()), world.home)
        return one

    key = await run_in_threadpool(keep)
    return address(incident_path(key), {"said": SAID[verdict]}) + "#h-linked"


def _key(world: World, named: str) -> str:
    """Return the key that a form names. Raises AddressError for one that is not at hand."""
    name, ident = find_row(world.evidence(), unquote(named)).select("list", "id").row(0)
    return f"{name}:{ident}"


async def _link(world: World, form: FormData) -> str:
    """Make the links between the lists at hand anew; decisions stay."""
    back = _text(form, "back", 2000)
    await run_in_threadpool(world.asker.link, world.state)
    if not back:
        return address("/data", {"said": "linked"})
    key = await run_in_threadpool(_key, world, back)
    return address(incident_path(key), {"said": "linked"}) + "#h-linked"


async def _add(world: World, form: FormData) -> str:
    """Add a list from the files sent."""
    name = _text(form, "name")
    files = [await _sent(f) for f in form.getlist("files") if _is_file(f)]
    mappings = [await _sent(f) for f in form.getlist("mapping") if _is_file(f)]
    if len(mappings) > 1:
        raise SourceError("A list has one mapping file. Nothing was changed.")
    mapping = mappings[0] if mappings else None
    added = await run_in_threadpool(add_sent, name, files, mapping, world.home)
    return address(f"/data/list/{added.name}", {"said": "added"})


def _is_file(value: object) -> bool:
    """Say whether a field holds a file that was chosen: an empty file field has no name."""
    return isinstance(value, UploadFile) and bool(value.filename)


async def _sent(value: UploadFile | str) -> Sent:
    if isinstance(value, str):
        return Sent("", b"")
    return Sent(value.filename or "list", await value.read())


async def _remove(world: World, form: FormData) -> str:
    """Remove a list that was added."""
    name = _text(form, "name")

    def remove() -> None:
        if name in report_lists(world.home):
            remove_reports(name, world.home)
        else:
            remove_list(name, world.home)

    await run_in_threadpool(remove)
    return address("/data", {"said": "removed"})


async def _open(world: World, form: FormData) -> str:
    """Keep a question that was sent, where it can be asked."""
    files = [await _sent(f) for f in form.getlist("question") if _is_file(f)]
    if len(files) != 1:
        raise QuestionError("Choose one question file, then open it. Nothing was changed.")
    name = safe_name(files[0].name)
    try:
        text = files[0].content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionError(f"{name} is no text in UTF-8. Nothing was changed.") from error

    def checked() -> tuple[str, bool]:
        ident = world.asker.check(SentQuestion(text, name), world.state)
        return ident, kept.keep(ident, text, world.home)

    ident, replaced = await run_in_threadpool(checked)
    return address(f"/verdict/{ident}", {"said": "reopened" if replaced else "opened"})


async def _close(world: World, form: FormData) -> str:
    """Remove a question that was opened."""
    await run_in_threadpool(kept.remove, _text(form, "name"), world.home)
    return address("/questions", {"said": "question_removed"})
