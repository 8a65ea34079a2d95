"""The pages, a module a room: each builds views from the rooms' public functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.web.page import View
from comity.web.pages import examined, home, incident, incidents, method, verdict

if TYPE_CHECKING:
    from starlette.routing import Route

    from comity.web.world import World

VIEWS: tuple[View, ...] = (
    *home.VIEWS, *method.VIEWS, *examined.VIEWS, *verdict.VIEWS, *incidents.VIEWS, *incident.VIEWS,
)  # fmt: skip


def routes_of(world: World) -> tuple[Route, ...]:
    """Return what changes the user's folder: none of it is a view."""
    from comity.web.changes import change_routes

    return change_routes(world)
