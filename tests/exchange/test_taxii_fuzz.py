"""Whatever a caller sends, the server answers it or says why not: it never fails."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from wire import OBJECTS, PaperDesk, bearer, message

from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import ROOT
from comity.exchange.taxii.server import build_app

pytestmark = pytest.mark.slow
KNOWN = {o["id"] for n in (1, 2) for o in message(n)}
FUZZ = settings(max_examples=400, suppress_health_check=list(HealthCheck))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=15,
)
IDS = st.sampled_from(sorted(KNOWN)) | st.text(max_size=60)
LIKE_STIX = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS | JSON, "type": st.sampled_from(["grouping", "note"]) | JSON,
        "object_refs": st.lists(IDS | JSON, max_size=4) | JSON, "modified": JSON, "created": JSON,
        "spec_version": JSON, "extensions": JSON, "object_marking_refs": JSON,
    },
)  # fmt: skip
ENVELOPE = st.fixed_dictionaries({"objects": st.lists(LIKE_STIX | JSON, max_size=5)}) | JSON
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
VALUES = TEXT | st.sampled_from(
    ["0", "-1", "1", "9" * 30, "all", "last,first", ",", "note", "2.1", "2026-11-26T16:00:00Z",
     "9999-12-31T23:59:59.999999999Z", "0000-00-00T00:00:00Z", *sorted(KNOWN)]
)  # fmt: skip
QUERY = st.dictionaries(
    st.sampled_from(["limit", "next", "added_after", "match[id]", "match[type]", "match[version]",
                     "match[spec_version]", "match[]", "match"]) | TEXT, VALUES, max_size=5,
)  # fmt: skip
PATHS = st.sampled_from(
    ["/taxii2/", ROOT, f"{ROOT}collections/", OBJECTS, f"{OBJECTS}../", f"{ROOT}status/",
     OBJECTS.replace("objects/", "manifest/")]
    + [f"{OBJECTS}{i}/" for i in sorted(KNOWN)] + [f"{OBJECTS}{i}/versions/" for i in sorted(KNOWN)]
)  # fmt: skip
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


class WithRoots(PaperDesk):
    """A paper desk that survives what no real one is handed: it checks before it keeps."""

    def accept(self, line: str, objects: Any, carrier: str) -> Any:
        sound = [o for o in objects if all(isinstance(r, str) for r in o.get("object_refs") or [])
                 and isinstance(o.get("object_refs"), list)]  # fmt: skip
        return super().accept(line, sound, carrier)


@pytest.fixture(scope="module")
def client() -> TestClient:
    made = TestClient(build_app(WithRoots()), headers=bearer())
    made.post(OBJECTS, content=json.dumps({"objects": [*message(1), *message(2)]}))
    return made


def sound(answer: Any) -> None:
    """Assert that an answer is one of TAXII, and no failure of the server."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    if answer.request.method != "HEAD":
        body = answer.json()
        if answer.status_code >= 400:
            assert body["http_status"] == str(answer.status_code)
            assert body["title"]
            assert body["description"]


@FUZZ
@given(body=ENVELOPE)
def test_any_envelope_is_taken_or_refused(client: TestClient, body: Any) -> None:
    answer = client.post(OBJECTS, content=json.dumps(body))
    sound(answer)
    if answer.status_code == 202:
        said = answer.json()
        assert said["total_count"] == len(body["objects"])
        assert said["total_count"] == sum(
            len(said.get(many, [])) for many in ("successes", "failures", "pendings")
        )


@FUZZ
@given(body=st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(client: TestClient, body: bytes) -> None:
    sound(client.post(OBJECTS, content=body))


@FUZZ
@given(path=PATHS, query=QUERY)
def test_any_query_is_answered_or_refused(
    client: TestClient, path: str, query: dict[str, str]
) -> None:
    sound(client.get(path, params=query))


@FUZZ
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]),
    path=PATHS | st.text(max_size=40).map(lambda t: "/taxii2/" + quote(t, errors="replace")),
    headers=st.dictionaries(
        st.sampled_from(["Accept", "Content-Type", "Authorization", "Content-Encoding", "Expect"]),
        HEADER,
        max_size=4,
    ),
)
def test_any_method_path_and_headers_are_answered_or_refused(
    client: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    sound(client.request(method, path, headers=headers))
