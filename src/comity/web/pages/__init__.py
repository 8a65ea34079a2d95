"""The pages, a module a room: each builds views from the rooms' public functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.web.page import View
from comity.web.pages import (
    agreements,
    data,
    definitions,
    examined,
    home,
    incident,
    incidents,
    ladder,
    method,
    norms,
    parallels,
    questions,
    spread,
    talks,
    verdict,
    votes,
)

if TYPE_CHECKING:
    from starlette.routing import Route

    from comity.web.world import World

VIEWS: tuple[View, ...] = (
    *home.VIEWS, *agreements.VIEWS, *norms.VIEWS, *definitions.VIEWS, *ladder.VIEWS, *talks.VIEWS,
    *spread.VIEWS, *votes.VIEWS, *parallels.VIEWS, *method.VIEWS, *examined.VIEWS, *verdict.VIEWS,
    *questions.VIEWS, *incidents.VIEWS, *incident.VIEWS, *data.VIEWS,
)  # fmt: skip


def routes_of(world: World) -> tuple[Route, ...]:
    """Return what changes the user's folder: none of it is a view."""
    from comity.web.changes import change_routes

    return change_routes(world)
