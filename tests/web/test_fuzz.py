"""Whatever an address asks, the workbench answers it or says why not: it never breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from comity.web.world import World

pytestmark = pytest.mark.slow
KNOWN: Mapping[str, tuple[str, ...]] = {
    "list": ("dcid", "all", "nothing"), "question": ("us-china-2015", "us-russia-2021", "x"),
    "scope": ("narrow", "whole-dyad", "x"), "definition": ("sco-2009", "x"),
    "key": ("dcid:117", "dcid:43", "dcid:", ":", "x"), "table": ("instruments", "votes", "x"),
    "initiator": ("CN", "US", "X-UNKNOWN"), "quarter": ("2014-Q2", "2014-H1", "2014"),
    "q": ("opm", "(", "\\", "%"), "chart": ("activity", "x"), "name": ("us-china-2015", "x"),
}  # fmt: skip
SLOW = ("/verdicts", "/index", "/examined", "/verdict/{question}")  # a fit, or many, at each


def values_of(parameter: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """Return values of one parameter of the description: those it declares, and any others."""
    schema = parameter["schema"]
    odd = st.text(max_size=12) | st.sampled_from(["", " ", "..", "\x00", "é\u202e", "1e9", "-1"])
    found = st.sampled_from(KNOWN[parameter["name"]]) if parameter["name"] in KNOWN else odd
    if "enum" in schema:
        found = st.sampled_from(schema["enum"])
    elif schema["type"] == "integer":
        low, high = schema["minimum"], min(schema["maximum"], schema["minimum"] + 60)
        found = st.integers(low, high).map(str)
    elif schema.get("format") == "date":
        found = st.dates().map(str)
    return st.one_of(found, found, found, odd)


@st.composite
def requests(draw: st.DrawFn, paths: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Draw an address of the description: its path and its query."""
    path = draw(st.sampled_from(sorted(paths)))
    parameters = paths[path]["get"]["parameters"]
    query: dict[str, str] = {}
    for one in parameters:
        if one["in"] == "path":
            value = draw(values_of(one))
            safe = "".join(c if c.isascii() and c.isalnum() else f"%{b:02X}"
                           for c in value for b in c.encode("utf-8", "replace")[:1])  # fmt: skip
            path = path.replace(f"{{{one['name']}}}", safe or "x")
        elif draw(st.integers(0, 3)) == 0:
            query[one["name"]] = draw(values_of(one))
    if draw(st.integers(0, 12)) == 0:
        query[draw(st.text(min_size=1, max_size=8))] = draw(st.text(max_size=8))
    return path, query


def test_no_address_of_the_description_breaks_it(client: TestClient, world: World) -> None:
    described = client.get("/openapi.json").json()["paths"]
    paths = {
        path: operations
        for path, operations in described.items()
        if not path.startswith(SLOW) and path != "/"
    }
    assert len(paths) > 40
    seen: set[tuple[str, int]] = set()

    @settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests(paths))
    def ask(request: tuple[str, dict[str, str]]) -> None:
        path, query = request
        answer = client.get(path, params=query)
        seen.add((path, answer.status_code))
        assert answer.status_code in (200, 400, 404), (path, query, answer.text[-600:])
        kind = answer.headers["content-type"]
        if kind.startswith("application/json"):
            json.loads(answer.text)
        if re.search(r"\.json$", path) and answer.status_code != 404:
            assert kind.startswith("application/json")

    ask()
    assert {status for _, status in seen} == {200, 400, 404}


@pytest.mark.parametrize("form", ["", ".json", ".csv"])
def test_controls_of_a_verdict_in_any_combination_are_answered(
    client: TestClient, form: str
) -> None:
    described = client.get("/openapi.json").json()["paths"]
    path = f"/verdict/us-russia-2021{form}"
    parameters = described[f"/verdict/{{question}}{form}"]["get"]["parameters"]
    named = [p for p in parameters if p["in"] == "query" and p["name"] != "part"]

    queries = st.lists(st.sampled_from(named), max_size=3, unique_by=lambda p: p["name"]).flatmap(
        lambda chosen: st.fixed_dictionaries({p["name"]: values_of(p) for p in chosen})
    )

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(queries)
    def ask(query: dict[str, str]) -> None:
        answer = client.get(path, params=query)
        assert answer.status_code in (200, 400, 404), (query, answer.text[-600:])

    ask()
