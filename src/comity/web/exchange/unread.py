"""How many messages nobody here has read: what a page that is not in front asks again and again.

A session that was left alone may still ask this, and nothing else: an alarm that falls silent
after half an hour is none. It says a number, and no word of any message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from comity.exchange.model import Role
from comity.exchange.reading import count_unread
from comity.web.exchange.room import NO_STORE, Room, refusal, signed_in

PATH = "/exchange/unread.json"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="6" fill="#8a3b12"/><text x="16" y="23" font-family="sans-serif" font-size="{size}" '
    'font-weight="700" text-anchor="middle" fill="#fff">{text}</text></svg>\n'
)


def unread_routes(room: Room) -> list[Route]:
    """Return the routes of the alarm: the number, and an icon with a number on it."""
    return [Route(PATH, _asked(room), methods=["GET"]),
            Route("/exchange/icon/{n}.svg", _icon, methods=["GET"])]  # fmt: skip


def _asked(room: Room) -> Callable[[Request], Awaitable[Response]]:
    def answer(request: Request) -> Response:
        found = signed_in(room, request, late=True)
        if found is None:
            return refusal(room, request, room.world.texts("exchange.signed_out"), 401, "json")
        account, session = found
        if Role.READ not in account.person.roles:
            text = room.world.texts("exchange.needs_role", roles="read", has="",
                                    name=account.person.name)  # fmt: skip
            return refusal(room, request, text, 403, "json")
        with room.desk.database.reading() as link:
            count, latest = count_unread(link)
        idle = room.sessions.idle(session)  # asking is no sign of a person: nothing is touched
        return JSONResponse({"unread": count, "latest": latest, "signed_in": not idle},
                            headers=NO_STORE)  # fmt: skip

    async def get(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return get


async def _icon(request: Request) -> Response:
    """Return the icon of a tab with a number up to 99 on it."""
    text = request.path_params["n"]
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 2):
        return Response("There is no such icon.\n", 404, media_type="text/plain")
    svg = ICON.format(text=int(text), size=20 if len(text) == 1 else 17)
    return Response(svg, 200, {"Cache-Control": "max-age=86400"}, "image/svg+xml")
