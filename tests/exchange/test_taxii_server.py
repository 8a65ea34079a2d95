"""The TAXII server answers as sections 3 to 5 of TAXII 2.1 say, to the parties of a line alone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from wire import HERE, LINE, NOW, OBJECTS, OTHER, PEER, THIRD, PaperDesk, bearer, message

from comity.exchange.model import Reason
from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import MOST_BODY, ROOT, collection_id
from comity.exchange.taxii.server import build_app

ONE = OBJECTS.removesuffix("objects/")


@pytest.fixture
def desk() -> PaperDesk:
    return PaperDesk()


@pytest.fixture
def client(desk: PaperDesk) -> Iterator[TestClient]:
    with TestClient(build_app(desk), headers=bearer()) as made:
        yield made


def send(client: TestClient, *objects: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(OBJECTS, content=json.dumps({"objects": objects}))
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_discovery_leads_to_the_collections_of_the_caller(client: TestClient) -> None:
    found = client.get("/taxii2/")
    assert found.headers["content-type"] == MEDIA_TYPE
    assert found.json()["api_roots"] == [ROOT] == [found.json()["default"]]
    root = client.get(ROOT).json()
    assert root["versions"] == [MEDIA_TYPE]
    assert root["max_content_length"] == MOST_BODY
    (one,) = client.get(f"{ROOT}collections/").json()["collections"]
    assert one["id"] == collection_id(LINE.id)
    assert (one["alias"], one["can_read"], one["can_write"]) == (LINE.id, True, True)
    assert client.get(f"{ROOT}collections/{LINE.id}/").json() == one


def test_a_line_between_others_answers_like_one_that_does_not_exist(client: TestClient) -> None:
    for rest in ("", "objects/", "manifest/", f"objects/{message(1)[0]['id']}/"):
        others = client.get(f"{ROOT}collections/{collection_id(OTHER.id)}/{rest}")
        none = client.get(f"{ROOT}collections/{uuid.UUID(int=7)}/{rest}")
        assert others.status_code == none.status_code == 404
        assert others.json() == none.json()
    posted = client.post(
        f"{ROOT}collections/{OTHER.id}/objects/", content=json.dumps({"objects": message(1)})
    )
    assert posted.status_code == 404


def test_the_other_party_of_another_line_sees_that_line_and_not_this_one(
    desk: PaperDesk, client: TestClient
) -> None:
    send(client, *message(1))
    theirs = bearer(THIRD)
    found = client.get(f"{ROOT}collections/", headers=theirs).json()["collections"]
    assert [one["alias"] for one in found] == [OTHER.id]
    assert client.get(OBJECTS, headers=theirs).status_code == 404


def test_messages_are_taken_in_and_come_back_in_the_order_they_were_added(
    client: TestClient, desk: PaperDesk
) -> None:
    said = send(client, *message(1), *message(2))
    assert (said["status"], said["total_count"], said["success_count"]) == ("complete", 4, 4)
    assert desk.accepted[0][2] == PEER
    found = client.get(OBJECTS)
    assert [o["id"] for o in found.json()["objects"]] == [
        o["id"] for n in (1, 2) for o in message(n)
    ]
    assert "more" not in found.json()
    assert found.headers["x-taxii-date-added-first"] == "2026-11-26T16:00:00.000001Z"
    assert found.headers["x-taxii-date-added-last"] == "2026-11-26T16:00:00.000004Z"


def test_sending_the_same_again_succeeds_and_adds_nothing(client: TestClient) -> None:
    send(client, *message(1))
    assert send(client, *message(1))["success_count"] == 2
    assert len(client.get(OBJECTS).json()["objects"]) == 2


def test_a_refused_message_fails_with_its_reason_and_what_belongs_to_it_fails_with_it(
    client: TestClient, desk: PaperDesk
) -> None:
    good, bad = message(1), message(2)
    desk.refuse[bad[1]["id"]] = Reason.FORGED
    said = send(client, *good, *bad)
    assert (said["success_count"], said["failure_count"], said["pending_count"]) == (2, 2, 0)
    by_id = {one["id"]: one["message"] for one in said["failures"]}
    assert by_id[bad[1]["id"]] == "forged: It was refused."
    assert by_id[bad[0]["id"]] == f"It belongs to {bad[1]['id']}."


def test_an_object_that_belongs_to_no_message_fails(client: TestClient) -> None:
    said = send(client, message(1)[0])
    assert said["failures"][0]["message"].startswith("malformed: no message")
    assert said["failure_count"] == said["total_count"] == 1


def test_what_waits_is_pending_until_it_is_there(client: TestClient, desk: PaperDesk) -> None:
    late = message(2)
    desk.wait.add(late[1]["id"])
    said = send(client, *late)
    assert (said["status"], said["pending_count"]) == ("pending", 2)
    address = f"{ROOT}status/{said['id']}/"
    assert client.get(address).json()["status"] == "pending"
    desk.wait.clear()
    send(client, *late)
    done = client.get(address).json()
    assert (done["status"], done["success_count"], done["pending_count"]) == ("complete", 2, 0)


def test_a_status_is_for_who_made_it(client: TestClient) -> None:
    said = send(client, *message(1))
    address = f"{ROOT}status/{said['id']}/"
    assert client.get(address).json() == said
    assert client.get(address, headers=bearer(THIRD)).status_code == 404
    gone = client.get(f"{ROOT}status/{uuid.UUID(int=1)}/")  # as after a restart
    assert gone.status_code == 404
    assert "send them again" in gone.json()["description"]


def test_pages_hold_every_object_once(client: TestClient) -> None:
    for number in range(40):
        send(client, *message(number))
    seen, after, pages = [], "", 0
    while True:
        found = client.get(OBJECTS, params={"limit": "7"} | ({"next": after} if after else {}))
        body = found.json()
        assert len(body["objects"]) <= 7
        seen += [o["id"] for o in body["objects"]]
        pages += 1
        if not body.get("more"):
            break
        after = body["next"]
    assert seen == [o["id"] for n in range(40) for o in message(n)]
    assert pages == 12


def test_what_is_asked_after_the_last_date_added_is_what_came_later(client: TestClient) -> None:
    send(client, *message(1))
    last = client.get(OBJECTS).headers["x-taxii-date-added-last"]
    empty = client.get(OBJECTS, params={"added_after": last})
    assert (empty.status_code, empty.json()) == (200, {})
    send(client, *message(2))
    later = client.get(OBJECTS, params={"added_after": last}).json()
    assert [o["id"] for o in later["objects"]] == [o["id"] for o in message(2)]


def test_filters_are_joined_by_and_their_values_by_or(client: TestClient) -> None:
    send(client, *message(1), *message(2))
    notes = client.get(OBJECTS, params={"match[type]": "note,indicator"}).json()["objects"]
    assert [o["type"] for o in notes] == ["note", "note"]
    one = client.get(
        OBJECTS, params={"match[type]": "note", "match[id]": message(2)[0]["id"]}
    ).json()["objects"]
    assert [o["id"] for o in one] == [message(2)[0]["id"]]
    assert client.get(OBJECTS, params={"match[spec_version]": "2.0"}).json() == {}
    assert client.get(OBJECTS, params={"match[unheard]": "x"}).json()["objects"]


def test_the_last_version_is_given_unless_another_is_asked_for(client: TestClient) -> None:
    older = message(1, "2026-11-26T15:00:00.000Z")
    newer = message(1, "2026-11-26T15:30:00.000Z")
    send(client, *older)
    send(client, *newer)
    address = f"{OBJECTS}{older[0]['id']}/"

    def versions(**query: str) -> list[str]:
        found = client.get(address, params={f"match[{k}]": v for k, v in query.items()}).json()
        return [o["modified"] for o in found.get("objects", [])]

    old, new = older[0]["modified"], newer[0]["modified"]
    assert versions() == versions(version="last") == [new]
    assert versions(version="first") == versions(version=old) == [old]
    assert versions(version="all") == versions(version="first,last") == [old, new]
    assert versions(version="2020-01-01T00:00:00.000Z") == []
    assert client.get(f"{address}versions/").json() == {"versions": [old, new]}


def test_the_manifest_says_of_each_object_when_it_was_added(client: TestClient) -> None:
    send(client, *message(1))
    found = client.get(f"{ONE}manifest/", params={"match[type]": "note"}).json()
    assert found == {
        "objects": [
            {
                "id": message(1)[0]["id"], "date_added": "2026-11-26T16:00:00.000001Z",
                "version": "2026-11-26T15:00:00.000Z",
                "media_type": "application/stix+json;version=2.1",
            }
        ]
    }  # fmt: skip
    limited = client.get(f"{ONE}manifest/", params={"limit": "1"}).json()
    assert limited["more"] is True


def test_nothing_is_deleted(client: TestClient, desk: PaperDesk) -> None:
    send(client, *message(1))
    refused = client.delete(f"{OBJECTS}{message(1)[0]['id']}/")
    assert refused.status_code == 403
    assert "append-only" in refused.json()["description"]
    assert client.delete(f"{OBJECTS}{message(9)[0]['id']}/").status_code == 404
    assert len(desk.held[LINE.id]) == 2


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"), ("added_after=yesterday", "added_after"),
        ("added_after=2026-02-31T00:00:00Z", "added_after"), ("next=17", "next"),
        ("match[id]=note", "match[id]"), ("match[type]=Note!", "match[type]"),
        ("match[version]=all,last", "match[version]"), ("match[version]=last,last", "match"),
        ("match[version]=new", "match[version]"), ("match[spec_version]=two", "spec_version"),
        ("match[type]=note&match[type]=report", "twice"), ("match[id]=%ff", "query"),
        ("&".join(f"a{n}=1" for n in range(40)), "query"),
    ],
)  # fmt: skip
def test_a_query_that_is_malformed_is_refused_in_words(
    client: TestClient, query: str, word: str
) -> None:
    refused = client.get(f"{OBJECTS}?{query}")
    assert refused.status_code == 400
    assert word in refused.json()["title"] + refused.json()["description"]
    assert refused.json()["http_status"] == "400"


@pytest.mark.parametrize(
    "accept", ["text/html", "application/taxii+json;version=2.0", "application/json", "*/*;q=0"]
)
def test_who_does_not_accept_taxii_gets_406(client: TestClient, accept: str) -> None:
    assert client.get(ROOT, headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize("accept", ["application/taxii+json", "text/html, */*;q=0.8"])
def test_who_accepts_taxii_in_any_version_is_answered(client: TestClient, accept: str) -> None:
    assert client.get(ROOT, headers={"Accept": accept}).headers["content-type"] == MEDIA_TYPE


def test_what_is_not_sent_as_taxii_gets_415(client: TestClient, desk: PaperDesk) -> None:
    for kind in ("application/json", "application/taxii+json;version=2.0", ""):
        refused = client.post(OBJECTS, content="{}", headers={"Content-Type": kind})
        assert refused.status_code == 415
    assert desk.accepted == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b'{"objects": [NaN]}', 400),
        (b'{"objects": ["\\ud800"]}', 400), (b"1" * 5000, 400), (b"[]", 422), (b"{}", 422),
        (b"null", 422), (b'{"objects": []}', 422), (b'{"objects": {}}', 422),
        (b'{"objects": [1]}', 422), (b'{"objects": [{"id": "x"}]}', 422),
        (b'{"objects": [{"id": 1, "type": "note"}]}', 422),
    ],
)  # fmt: skip
def test_a_body_that_is_no_envelope_is_refused_whole(
    client: TestClient, desk: PaperDesk, body: bytes, status: int
) -> None:
    refused = client.post(OBJECTS, content=body)
    assert refused.status_code == status
    assert refused.json()["description"]
    assert desk.accepted == []


def test_what_a_desk_cannot_write_is_tried_again_later(client: TestClient, desk: PaperDesk) -> None:
    desk.broken = True
    refused = client.post(OBJECTS, content=json.dumps({"objects": message(1)}))
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "5"
    assert "the disk is full" in refused.json()["description"]


def test_a_method_that_is_none_here_is_refused_with_those_there_are(client: TestClient) -> None:
    for method, address, allow in (
        ("PUT", OBJECTS, "GET, HEAD, POST"), ("POST", ROOT, "GET, HEAD"),
        ("PATCH", "/taxii2/", "GET, HEAD"),
    ):  # fmt: skip
        refused = client.request(method, address)
        assert refused.status_code == 405
        assert refused.headers["allow"] == allow
    assert client.head(ROOT).status_code == 200


def test_an_address_without_its_slash_is_told_so(client: TestClient) -> None:
    refused = client.get("/taxii2")
    assert refused.status_code == 404
    assert "slash" in refused.json()["description"]


def test_answers_are_not_kept_on_the_way(client: TestClient) -> None:
    found = client.get(ROOT)
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["x-content-type-options"] == "nosniff"


def test_the_party_itself_reads_its_own_lines(desk: PaperDesk) -> None:
    with TestClient(build_app(desk), headers=bearer(HERE, NOW)) as own:
        found = own.get(f"{ROOT}collections/").json()["collections"]
        assert [one["alias"] for one in found] == [OTHER.id, LINE.id]
