"""The resources of TAXII 2.1 as a line is shown in them, and errors as it answers them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from comity.exchange.model import Json, Line, Outcome, State
from comity.exchange.taxii.media import MEDIA_TYPE, STIX

ROOT = "/taxii2/line/"
MOST_BODY = 10 * 1024 * 1024  # bytes of a request
_LINES = uuid.UUID("0f0e6b5a-6d0c-5c0e-9c0b-3a5b7f6a1d21")


class AnswerError(Exception):
    """A request that is answered with an error: an HTTP status, a title, and words for people."""

    def __init__(
        self, status: int, title: str, text: str, headers: Mapping[str, str] | None = None,
        code: str = "",
    ) -> None:  # fmt: skip
        super().__init__(text)
        self.status, self.title, self.text, self.code = status, title, text, code
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """Return the error message of TAXII, section 3.6.1."""
        said = {"title": self.title, "description": self.text, "http_status": str(self.status)}
        return as_json(said | ({"error_code": self.code} if self.code else {}))


def as_json(value: Any) -> bytes:
    """Return a resource as JSON in ASCII."""
    return json.dumps(value, separators=(",", ":")).encode()


def collection_id(line: str) -> str:
    """Return the id of a line's collection: the same at every party.

    >>> collection_id("us-china-2015-dialogue") == collection_id("us-china-2015-dialogue")
    True
    """
    return str(uuid.uuid5(_LINES, line))


def discovery(party: str) -> dict[str, Any]:
    """Return the discovery resource: section 4.1.1."""
    return {
        "title": f"{party}: lines for consultations",
        "description": "One collection a line. It takes signed messages and is append-only.",
        "default": ROOT,
        "api_roots": [ROOT],
    }


def api_root(party: str) -> dict[str, Any]:
    """Return the API root resource: section 4.2.1."""
    return {
        "title": f"Lines that {party} holds open",
        "versions": [MEDIA_TYPE],
        "max_content_length": MOST_BODY,
    }


def collection(line: Line, can_write: bool) -> dict[str, Any]:
    """Return the collection resource of a line: section 5.2.1."""
    return {
        "id": collection_id(line.id),
        "title": line.title or line.id,
        "description": f"The line between {' and '.join(line.parties)}.",
        "alias": line.id,
        "can_read": True,
        "can_write": can_write,
        "media_types": [STIX],
    }


def version_of(value: Json) -> str:
    """Return what stands as the version of a STIX object: modified, or created, or neither."""
    found = value.get("modified") or value.get("created") or "1970-01-01T00:00:00.000Z"
    return found[:40] if isinstance(found, str) else "1970-01-01T00:00:00.000Z"


def status_of(
    id: str, at: str, objects: Sequence[Json], outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    """Return the status resource of a request to add objects: section 4.3.1.

    A message fails with its reason first, then words (`forged: ...`). What belongs to a message
    fares as that does; what belongs to none fails.
    """
    by_id: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_id.setdefault(outcome.id, []).append(outcome)
    carried = _carried(objects, by_id)
    taken = {key: list(found) for key, found in by_id.items()}
    sorted_out: dict[str, list[dict[str, str]]] = {"success": [], "failure": [], "pending": []}
    for value in objects:
        own = taken.get(value["id"])
        if own:
            outcome = own.pop(0) if len(own) > 1 else own[0]
            kind, text = _said(outcome)
        else:
            kind, text = carried.get(value["id"], ("failure", _LOOSE))
        entry = {"id": value["id"], "version": version_of(value)}
        sorted_out[kind].append(entry | ({"message": text} if text else {}))
    return counted(id, at, sorted_out)


def counted(id: str, at: str, sorted_out: Mapping[str, Sequence[Json]]) -> dict[str, Any]:
    """Return a status resource of entries by how they fared."""
    said: dict[str, Any] = {
        "id": id,
        "status": "pending" if sorted_out["pending"] else "complete",
        "request_timestamp": at,
        "total_count": sum(map(len, sorted_out.values())),
    }
    for name, many in (("success", "successes"), ("failure", "failures"), ("pending", "pendings")):
        said[f"{name}_count"] = len(sorted_out[name])
        if sorted_out[name]:
            said[many] = list(sorted_out[name])
    return said


_LOOSE = (
    "malformed: no message in this request refers to it. A line takes signed messages, each "
    "together with the objects it refers to."
)


def _said(outcome: Outcome) -> tuple[str, str]:
    if outcome.state is State.REFUSED:
        return "failure", f"{outcome.reason or 'malformed'}: {outcome.text}"
    if outcome.state is State.WAITING:
        return "pending", outcome.text
    if outcome.state is State.IRREGULAR:
        return "success", f"{outcome.reason or 'order'}: {outcome.text}"
    return "success", ""


def _carried(
    objects: Sequence[Json], by_id: Mapping[str, Sequence[Outcome]]
) -> dict[str, tuple[str, str]]:
    """Return how objects fare that belong to messages: as the best of those does."""
    rank = {"failure": 0, "pending": 1, "success": 2}
    best = {id: max((_said(o)[0] for o in many), key=rank.__getitem__)
            for id, many in by_id.items() if many}  # fmt: skip
    found: dict[str, tuple[str, str]] = {}
    for value in objects:
        refs = value.get("object_refs")
        kind = best.get(value["id"])
        if kind is None or not isinstance(refs, list):
            continue
        text = "" if kind == "success" else f"It belongs to {value['id']}."
        for ref in refs:
            if isinstance(ref, str) and rank[kind] >= rank[found.get(ref, (kind, ""))[0]]:
                found[ref] = (kind, text)
    return found


def envelope_objects(value: Any, most: int = 5000) -> list[dict[str, Any]]:
    """Return the STIX objects of an envelope. Raises AnswerError: 422, or 413 for too many."""
    objects = value.get("objects") if isinstance(value, dict) else None
    if not isinstance(objects, list) or not objects:
        raise AnswerError(422, "This is no envelope",
                          'Send {"objects": [...]} with at least one STIX object.')  # fmt: skip
    if len(objects) > most:
        raise AnswerError(413, "Too many objects",
                          f"{len(objects):,} objects; at most {most:,} go into one request. "
                          "Nothing was taken in.")  # fmt: skip
    for n, one in enumerate(objects, 1):
        if not isinstance(one, dict) or not all(
            isinstance(one.get(name), str) and 0 < len(one[name]) <= 400 for name in ("id", "type")
        ):
            raise AnswerError(422, "This is no STIX object",
                              f"Object {n} of {len(objects)} has no id and type. Nothing was taken "
                              "in.")  # fmt: skip
    return objects
