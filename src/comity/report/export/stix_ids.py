"""Identifiers and the time of STIX objects: the same thing has the same id in every export.

An id is a UUID of version 5 in Comity's own name space, from the object's type and a name that does
not change (an incident's `list:id`). STIX objects need a moment at which they were created: that
is the day to which the evidence is known, never the clock of the machine that wrote the file.
"""

from __future__ import annotations

import datetime as dt
import uuid

NAMESPACE = uuid.UUID("a950596b-9b49-5d82-89f3-332377b8e1bf")
"""Comity's name space (of the address urn:comity:stix). Every id would change with it."""


def stix_id(kind: str, name: str) -> str:
    """Return the id of one object.

    >>> stix_id("incident", "dcid:43") == stix_id("incident", "dcid:43")
    True
    """
    return f"{kind}--{uuid.uuid5(NAMESPACE, f'{kind}:{name}')}"


def moment(day: dt.date) -> str:
    """Return the first moment of a day in UTC, as STIX writes it."""
    return f"{day.isoformat()}T00:00:00.000Z"
