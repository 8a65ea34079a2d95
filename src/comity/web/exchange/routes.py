"""All addresses of the exchange: what each needs, and that each is answered by `room`."""

from __future__ import annotations

from starlette.routing import Route

from comity.web.exchange import account, compose, drafts, inbox, journal, line, signin, thread
from comity.web.exchange.room import Place, Room, routes_of_place
from comity.web.exchange.unread import unread_routes

PLACES: tuple[Place, ...] = (
    *inbox.PLACES, *line.PLACES, *thread.PLACES, *account.PLACES, *journal.PLACES,
    *compose.PLACES, *drafts.PLACES, *signin.PLACES,
)  # fmt: skip


def exchange_routes(room: Room) -> tuple[Route, ...]:
    """Return the routes of the exchange of one desk."""
    made = [*signin.sign_in_routes(room), *unread_routes(room)]
    if room.openid is not None:
        from comity.web.exchange.openid import openid_routes

        made += openid_routes(room)
    for place in PLACES:
        made += routes_of_place(room, place)
    return tuple(made)
