"""What the workbench answers, described for programs: OpenAPI 3.1, at `/openapi.json`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from comity import __version__
from comity.web.forms import TYPES
from comity.web.page import View
from comity.web.parameters import Parameter

EXAMPLES = {  # of what stands in a path: something that is there
    "agreement": "us-china-2015", "definer": "RU", "key": "dcid:117", "list": "dcid",
    "norm": "commercial-theft", "question": "us-china-2015", "regime": "incidents-at-sea",
    "table": "instruments", "whose": "us-china",
}  # fmt: skip
_NAME = re.compile(r"\{(\w+)(?::\w+)?\}")


def description_of(views: Sequence[View]) -> dict[str, object]:
    """Return every view as an OpenAPI document: its path, parameters and forms."""
    paths: dict[str, object] = {}
    for view in views:
        base = "/index" if view.path == "/" else view.path
        if view.file:
            paths[_NAME.sub(r"{\1}", view.path)] = {"get": _operation(view, "html")}
            continue
        for form in ("html", "json", "csv", "svg", "png"):
            path = view.path if form == "html" else f"{base}.{form}"
            paths[_NAME.sub(r"{\1}", path)] = {"get": _operation(view, form)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Comity workbench",
            "version": __version__,
            "description": "Each view in each of its forms. A view without a form answers 404.",
        },
        "paths": paths,
    }


def _operation(view: View, form: str) -> dict[str, object]:
    parameters = [p.described() for p in view.parameters]
    if form == "html" and view.parts:
        parameters.append(
            Parameter("part", "a part of the page alone", "choice", view.parts).described()
        )
    if form in ("svg", "png"):
        parameters.append(Parameter("chart", "which of the view's charts").described())
    parameters += [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "example": EXAMPLES[name],
        }
        for name in _NAME.findall(view.path)
    ]
    media = "*/*" if view.file else TYPES[form].partition(";")[0]
    error = (
        "application/json" if form == "json" else "text/html" if form == "html" else "text/plain"
    )
    refused = {"description": "why it cannot be answered", "content": {error: {}}}
    return {
        "operationId": f"{view.name}_{form}",
        "summary": view.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": view.summary, "content": {media: {}}},
            "400": refused,
            "404": refused,
            "503": refused,
        },
    }


def description_route(views: Sequence[View]) -> Route:
    """Return the route that answers with the description."""
    data = description_of(views)

    async def describe(_: Request) -> JSONResponse:
        return JSONResponse(data)

    return Route("/openapi.json", describe, methods=["GET"])
