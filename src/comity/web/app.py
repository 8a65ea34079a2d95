"""The workbench as an application: every view at its address, in every form, safely."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Collection, Sequence
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

from comity.errors import AddressError, ComityError, StoreError
from comity.web.answers import Answer, Answers, make_answer
from comity.web.forms import TYPES, formats_of, formed
from comity.web.page import Asked, Download, Page, View
from comity.web.parameters import Parameter, read_values
from comity.web.render import render
from comity.web.security import MOST_UPLOAD, PICTURE_POLICY, Guard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from comity.web.world import World

LOG = logging.getLogger("comity.web")
STATIC_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
                "svg": "image/svg+xml"}  # fmt: skip
LARGER = {"upload": MOST_UPLOAD, "compose": 8 * 1024 * 1024}
"""Bytes of a form with files, by the name of its route."""
_CHART = Parameter("chart", "which of the view's charts")
SAID = ("accepted", "rejected", "cleared", "linked", "added", "removed", "opened",
        "reopened", "question_removed")  # fmt: skip
_SAID = Parameter("said", "what a change that led here did", "choice", SAID)


def build_app(
    world: World, views: Sequence[View], routes: Sequence[Route] = (), hosts: Collection[str] = ()
) -> Starlette:
    """Return the application: `views` for reading, `routes` for what changes the user's folder."""
    answers = Answers()
    made: list[Route] = [Route("/static/{name}", static_file, methods=["GET"])]
    for view in views:
        handler = _handler(world, view, answers)
        for form in () if view.file else ("json", "csv", "svg", "png"):
            path = "/index" if view.path == "/" else view.path
            made.append(Route(f"{path}.{form}", _as(handler, form), methods=["GET"]))
        made.append(Route(view.path, _as(handler, "html"), methods=["GET"]))
    from comity.web.description import description_route

    made += [description_route(views), *routes]
    app = Starlette(
        routes=made,
        exception_handlers={404: _not_found(world), 405: _not_found(world)},
    )
    limits = {r.path: most for r in routes if (most := LARGER.get(r.name))}
    changes = [compile_path(route.path)[0] for route in routes]
    app.add_middleware(Guard, hosts=hosts, limits=limits, changes=changes)
    return app


if TYPE_CHECKING:
    Handler = Callable[[Request, str], Awaitable[Response]]


def _as(handler: Handler, form: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await handler(request, form)

    return endpoint


def _handler(world: World, view: View, answers: Answers) -> Handler:
    """Return what answers the requests of one view, in every form."""
    fragment = Parameter("part", "a part of the page alone", "choice", view.parts)
    more = ((fragment,) if view.parts else ()) + ((_SAID,) if world.editable else ())

    async def handle(request: Request, form: str) -> Response:
        given, whole = request.query_params.multi_items(), _path_of(request)
        try:
            values = dict(read_values((*view.parameters, *more, _CHART), given))
        except AddressError as error:
            return _send(request, _refusal(world, whole, error, form))
        part, chart, said = (values.pop(name, "") for name in ("part", "chart", "said"))
        at = (world.state, dt.date.today(), whole)
        key = (*at, tuple(values.items()), part, chart, said, form)
        found = answers.get(key) if view.lasting else None
        if found is None:
            path = whole.removesuffix(f".{form}") if form != "html" else whole
            path = "/" if view.path == "/" else path
            names = {str(k): str(v) for k, v in request.path_params.items()}
            asked = Asked(world, path, names, values, part, said)
            found = await run_in_threadpool(_answer, view, asked, form, chart)
            if view.lasting and found.status == 200 and found.settled:
                answers.put(key, found)
        return _send(request, found)

    return handle


def _answer(view: View, asked: Asked, form: str, chart: str) -> Answer:
    """Return a view in one form; what cannot be answered is a page that says why."""
    try:
        page = view.build(asked)
        if isinstance(page, Download):
            return make_answer(200, page.media_type, page.body, name=page.name, policy=page.policy)
        if form == "html":
            body = render(page, asked, _offered(page, asked)).encode()
        else:
            body = formed(page, form, chart)
        return make_answer(page.status, TYPES[form], body, page.settled)
    except ComityError as error:
        return _refusal(asked.world, asked.path, error, form)
    except Exception:
        LOG.exception("a page could not be made: %s", asked.path)
        broken = ComityError(asked.world.texts("error.broken"))
        return _refusal(asked.world, asked.path, broken, form, status=500)


def _offered(page: Page, asked: Asked) -> tuple[str, ...]:
    """Return the forms a page leads to: a static site does without PNG, which is SVG once more."""
    return tuple(f for f in formats_of(page) if asked.world.editable or f != "png")


def _refusal(world: World, path: str, error: ComityError, form: str, status: int = 0) -> Answer:
    """Return an error for a person, in the form that was asked for."""
    if not status:
        missing = isinstance(error, AddressError) and error.missing
        status = 404 if missing else 503 if isinstance(error, StoreError) else 400
    if form == "json":
        page = Page("", "", data={"error": str(error), "status": status})
        return make_answer(status, TYPES["json"], formed(page, "json"))
    if form != "html":
        return make_answer(status, "text/plain; charset=utf-8", f"{error}\n".encode())
    texts = world.texts
    title = texts("error.missing") if status == 404 else texts("error.title")
    page = Page("error.html.j2", title, {"message": str(error)}, status=status)
    asked = Asked(world, path, {}, {})
    return make_answer(status, TYPES["html"], render(page, asked, ()).encode())


def _send(request: Request, answer: Answer) -> Response:
    """Return an answer as a response: zipped where that is understood, empty where unchanged."""
    headers = {"ETag": answer.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if not answer.settled:
        headers |= {"Cache-Control": "no-store", "X-Comity-Settled": "no"}
    if answer.media_type.startswith("image/"):
        headers["Content-Security-Policy"] = PICTURE_POLICY
    elif answer.policy:
        headers["Content-Security-Policy"] = answer.policy
    if answer.name:
        headers["Content-Disposition"] = f'attachment; filename="{_safe_name(answer.name)}"'
    if answer.status == 200 and answer.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = answer.body
    if answer.zipped and re.search(r"\bgzip\b", request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = answer.zipped, "gzip"
    return Response(body, answer.status, headers, answer.media_type)


def _safe_name(name: str) -> str:
    """Return a file name of letters, digits, dots, hyphens and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "comity"


def _not_found(world: World) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        missing = AddressError(world.texts("error.nothing"), missing=True)
        answer = await run_in_threadpool(
            _refusal, world, _path_of(request), missing, _form_of(_path_of(request)), status
        )
        response = _send(request, answer)
        if allow := (getattr(error, "headers", None) or {}).get("Allow"):
            response.headers["Allow"] = allow
        return response

    return handle


def _path_of(request: Request) -> str:
    """Return the whole of a request's path, encoded as a link to it is: a `?` or `#` that stands
    encoded in it is part of it."""
    return quote(request.scope["path"], safe="/:@!$'()*,;~._-")


def refusal_response(world: World, request: Request, error: ComityError) -> Response:
    """Return why a change was not made, as a page."""
    return _send(request, _refusal(world, _path_of(request), error, "html"))


def _form_of(path: str) -> str:
    """Return the form a path asks for by its ending."""
    ending = path.rpartition(".")[2]
    return ending if ending in TYPES else "html"


async def static_file(request: Request) -> Response:
    """Return one of the workbench's own files: style, script, icon."""
    name = request.path_params["name"]
    kind = name.rpartition(".")[2]
    if name == "briefing.css":
        from comity.report.briefing import briefing_css

        return _send(request, make_answer(200, STATIC_TYPES["css"], briefing_css().encode()))
    folder = resources.files("comity.web").joinpath("static")
    there = {f.name for f in folder.iterdir() if f.is_file()}
    if name not in there or kind not in STATIC_TYPES:
        return Response("There is no such file.\n", 404, media_type="text/plain")
    answer = make_answer(200, STATIC_TYPES[kind], folder.joinpath(name).read_bytes())
    return _send(request, answer)
