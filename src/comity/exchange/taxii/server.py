"""A TAXII 2.1 server of a desk: a collection for each line, for its parties alone, append-only.

Sections are those of TAXII 2.1 (OASIS Standard, 10 June 2021). What is not for a caller does not
exist for it: a line between others answers like one that nobody ever opened.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from comity.errors import ExchangeError, RefusedError
from comity.exchange.model import Json, Line
from comity.exchange.reading import StoredObject, Wanted
from comity.exchange.taxii import resources
from comity.exchange.taxii.auth import Caller, Doorkeeper
from comity.exchange.taxii.bounded import BoundsError, read_json
from comity.exchange.taxii.desk_like import ServedDesk
from comity.exchange.taxii.filters import Asked, is_id, read_query
from comity.exchange.taxii.limits import BODY_SECONDS, Guard
from comity.exchange.taxii.media import MEDIA_TYPE, STIX, accepts, is_taxii
from comity.exchange.taxii.resources import AnswerError, as_json

PAGE_BYTES = 4 * 1024 * 1024  # of objects, after which a page ends
CHUNK = 50  # objects read from the desk at a time
MOST_STATUSES, MOST_ENTRIES = 500, 20_000  # of one party, and the objects they list
FIRST, LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"

Handler = Callable[[Request, Caller], Awaitable[Response]]


@dataclass(slots=True)
class _Status:
    """What became of a request to add objects, kept for who made it."""

    party: str
    line: str
    resource: dict[str, Any]


@dataclass(slots=True)
class Server:
    """The endpoints. All that a desk does is done in threads."""

    desk: ServedDesk
    door: Doorkeeper
    statuses: OrderedDict[str, _Status] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def routes(self) -> list[Route]:
        """Return every address of the server."""
        root = resources.ROOT
        one = f"{root}collections/{{collection}}/"
        table: Sequence[tuple[str, dict[str, Handler]]] = (
            ("/taxii2/", {"GET": self.discovery}),
            (root, {"GET": self.api_root}),
            (f"{root}status/{{status}}/", {"GET": self.status}),
            (f"{root}collections/", {"GET": self.collections}),
            (one, {"GET": self.collection}),
            (f"{one}manifest/", {"GET": self.manifest}),
            (f"{one}objects/", {"GET": self.objects, "POST": self.add}),
            (f"{one}objects/{{object}}/", {"GET": self.object, "DELETE": self.delete}),
            (f"{one}objects/{{object}}/versions/", {"GET": self.versions}),
        )
        return [Route(path, self._endpoint(handlers)) for path, handlers in table]

    def _endpoint(self, handlers: dict[str, Handler]) -> Any:
        """Return what answers an address: who calls first, then method and media type."""
        allowed = ", ".join(sorted({*handlers, "HEAD"}))

        async def endpoint(request: Request) -> Response:
            caller = await self._caller(request)
            method = "GET" if request.method == "HEAD" else request.method
            if method not in handlers:
                raise AnswerError(405, "This cannot be done here",
                                  f"{request.method} is not one of: {allowed}.",
                                  {"Allow": allowed})  # fmt: skip
            if not accepts(",".join(request.headers.getlist("accept"))):
                raise AnswerError(406, "Only TAXII 2.1 is spoken here",
                                  f"Ask with Accept: {MEDIA_TYPE}.")  # fmt: skip
            return await handlers[method](request, caller)

        return _Endpoint(endpoint)

    async def _caller(self, request: Request) -> Caller:
        address = request.client.host if request.client else ""
        header = request.headers.get("authorization", "")
        recent = self.door.recent(header)
        if recent is not None:
            return recent
        return await run_in_threadpool(self.door.caller, header, address)

    async def discovery(self, request: Request, caller: Caller) -> Response:
        """Section 4.1."""
        return _answer(resources.discovery(self.desk.party))

    async def api_root(self, request: Request, caller: Caller) -> Response:
        """Section 4.2."""
        return _answer(resources.api_root(self.desk.party))

    async def collections(self, request: Request, caller: Caller) -> Response:
        """Section 5.1: the lines of the caller, no other."""
        found = [resources.collection(line, caller.can_write) for line in caller.lines]
        return _answer({"collections": found} if found else {})

    async def collection(self, request: Request, caller: Caller) -> Response:
        """Section 5.2."""
        return _answer(resources.collection(_line(request, caller), caller.can_write))

    async def manifest(self, request: Request, caller: Caller) -> Response:
        """Section 5.3."""
        line, asked = _line(request, caller), read_query(request.scope["query_string"])
        rows, more = await run_in_threadpool(self._page, line, asked, False)
        records = [
            {"id": r.id, "date_added": r.added, "version": r.version, "media_type": STIX}
            for r in rows
        ]
        body: dict[str, Any] = {"objects": records} if records else {}
        return _answer(body | ({"more": True} if more else {}), 200, _dates(rows))

    async def objects(self, request: Request, caller: Caller) -> Response:
        """Section 5.4."""
        line, asked = _line(request, caller), read_query(request.scope["query_string"])
        return _envelope(*await run_in_threadpool(self._page, line, asked, True))

    async def object(self, request: Request, caller: Caller) -> Response:
        """Section 5.6."""
        line, asked = await self._one(request, caller)
        return _envelope(*await run_in_threadpool(self._page, line, asked, True))

    async def versions(self, request: Request, caller: Caller) -> Response:
        """Section 5.8."""
        line, asked = await self._one(request, caller)
        every = Asked(replace(asked.wanted, versions=("all",)), asked.limit)
        rows, more = await run_in_threadpool(self._page, line, every, False)
        body: dict[str, Any] = {"versions": [r.version for r in rows]} if rows else {}
        return _answer(body | ({"more": True} if more else {}), 200, _dates(rows))

    async def delete(self, request: Request, caller: Caller) -> Response:
        """Section 5.7: who may read an object learns that nobody may delete one."""
        await self._one(request, caller)
        raise AnswerError(403, "Nothing is deleted here",
                          "A line is append-only: both parties can show what was said. Send a "
                          "correction instead.")  # fmt: skip

    async def add(self, request: Request, caller: Caller) -> Response:
        """Section 5.5: take messages in; the answer says what became of each object."""
        line = _line(request, caller)
        if not caller.can_write:
            raise AnswerError(403, "This account may only read",
                              "Another is made by `comity exchange token add NAME`.")  # fmt: skip
        if not is_taxii(request.headers.get("content-type", "")):
            raise AnswerError(415, "Only TAXII 2.1 is read here",
                              f"Send it with Content-Type: {MEDIA_TYPE}.")  # fmt: skip
        try:
            body = await request.body()
        except ClientDisconnect as error:
            raise AnswerError(400, "The request was cut off", "Nothing was taken in.") from error
        return await run_in_threadpool(self._taken, line, body, caller.party)

    def _taken(self, line: Line, body: bytes, party: str) -> Response:
        try:
            value = read_json(body)
        except BoundsError as error:
            number, code = (413, "too-large") if error.too_large else (400, "malformed")
            raise AnswerError(number, "The body is not read", f"{error} Nothing was taken in.",
                              code=code) from error  # fmt: skip
        objects = resources.envelope_objects(value)
        at = f"{self.desk.clock():%Y-%m-%dT%H:%M:%S.%fZ}"
        outcomes = self.desk.accept(line.id, objects, party)
        status = resources.status_of(str(uuid.uuid4()), at, objects, outcomes)
        with self.lock:
            self.statuses[status["id"]] = _Status(party, line.id, status)
            self._let_go(party)
        return _answer(status, 202)

    def _let_go(self, party: str) -> None:
        """Let go of a party's oldest statuses beyond the most, in number and in what they list."""
        mine = [id for id, kept in self.statuses.items() if kept.party == party]
        entries = sum(self.statuses[id].resource["total_count"] for id in mine)
        while len(mine) > MOST_STATUSES or (entries > MOST_ENTRIES and len(mine) > 1):
            entries -= self.statuses.pop(mine.pop(0)).resource["total_count"]

    async def status(self, request: Request, caller: Caller) -> Response:
        """Section 4.3: what was pending is looked for again."""
        with self.lock:
            kept = self.statuses.get(request.path_params["status"])
        if kept is None or kept.party != caller.party:
            raise AnswerError(404, "There is no such status",
                              "It is not yours, is too old, or the server began anew. Ask for the "
                              "objects themselves: what is there was taken in. Or send them again: "
                              "what is held already changes nothing.")  # fmt: skip
        return _answer(await run_in_threadpool(self._again, kept))

    def _again(self, kept: _Status) -> dict[str, Any]:
        pending = kept.resource.get("pendings", [])
        if not pending:
            return kept.resource
        ids = tuple({entry["id"] for entry in pending})[:500]
        known = {
            row.id
            for row in self.desk.stored(kept.line, Wanted(ids=ids, versions=("all",)), 5000, False)
        }
        done = [{k: v for k, v in e.items() if k != "message"} for e in pending if e["id"] in known]
        kept.resource = resources.counted(
            kept.resource["id"], kept.resource["request_timestamp"],
            {"success": [*kept.resource.get("successes", []), *done],
             "failure": kept.resource.get("failures", []),
             "pending": [e for e in pending if e["id"] not in known]},
        )  # fmt: skip
        return kept.resource

    async def _one(self, request: Request, caller: Caller) -> tuple[Line, Asked]:
        """Return the line and what is asked of one object. Raises AnswerError (404)."""
        line, name = _line(request, caller), request.path_params["object"]
        asked = read_query(request.scope["query_string"], ids=(name,))
        every = Wanted(ids=(name,), versions=("all",))
        if not is_id(name) or not await run_in_threadpool(
            self.desk.stored, line.id, every, 1, False
        ):
            raise AnswerError(404, "There is no such object", f"{name[:100]!r} is not here.")
        return line, asked

    def _page(self, line: Line, asked: Asked, bodies: bool) -> tuple[list[StoredObject], bool]:
        """Return a page of objects, and whether there are more after it."""
        rows: list[StoredObject] = []
        wanted, size = asked.wanted, 0
        while True:
            want = min(CHUNK if bodies else asked.limit, asked.limit - len(rows)) + 1
            found = self.desk.stored(line.id, wanted, want, bodies)
            for row in found[: want - 1]:
                if size and size + len(row.body) > PAGE_BYTES:
                    return rows, True
                rows.append(row)
                size += len(row.body)
            if len(found) < want:
                return rows, False
            if len(rows) >= asked.limit:
                return rows, True
            wanted = replace(wanted, added_after=rows[-1].added)


class _Endpoint:
    """Answers a request whatever its method, which a plain function would not be asked for."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self.answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self.answer(request)
        except RefusedError as error:
            raise AnswerError(422, "This is refused", str(error), code=error.reason) from error
        except ExchangeError as error:
            raise AnswerError(503, "The desk cannot do this now", str(error),
                              {"Retry-After": "5"}) from error  # fmt: skip
        await response(scope, receive, send)


def build_app(
    desk: ServedDesk, door: Doorkeeper | None = None, body_seconds: float = BODY_SECONDS
) -> ASGIApp:
    """Return the TAXII server of a desk as an ASGI application."""
    server = Server(desk, door or Doorkeeper(desk))

    async def missing(scope: Any, receive: Any, send: Any) -> None:
        await server._caller(Request(scope))
        raise AnswerError(404, "There is nothing here",
                          "Begin at /taxii2/. An address of TAXII ends with a slash.")  # fmt: skip

    return Guard(Router(server.routes(), redirect_slashes=False, default=missing), body_seconds)


def _line(request: Request, caller: Caller) -> Line:
    """Return the line of a collection, by id or alias. Raises AnswerError (404)."""
    wanted = request.path_params["collection"]
    for line in caller.lines:
        if wanted in (resources.collection_id(line.id), line.id):
            return line
    raise AnswerError(404, "There is no such collection",
                      "No such line is open here with you.")  # fmt: skip


def _answer(value: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(as_json(value), status, headers, MEDIA_TYPE)


def _envelope(rows: Sequence[StoredObject], more: bool) -> Response:
    """Return objects as they are stored: they are JSON already."""
    parts: list[str] = []
    if more:
        parts += ['"more":true', f'"next":"{rows[-1].added}"']
    if rows:
        parts.append(f'"objects":[{",".join(row.body for row in rows)}]')
    body = "{" + ",".join(parts) + "}"
    return Response(body.encode(), 200, _dates(rows), MEDIA_TYPE)


def _dates(rows: Iterable[StoredObject]) -> dict[str, str]:
    """Return the headers that say when the first and last object were added: section 3.2."""
    added = [row.added for row in rows]
    return {FIRST: added[0], LAST: added[-1]} if added else {}
