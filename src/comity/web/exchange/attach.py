"""Evidence for a message: incidents of the lists at hand by their ids, files of STIX objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comity.errors import AddressError, ComityError, ExchangeError
from comity.exchange.content import MOST_OBJECTS, check_objects, read_objects
from comity.exchange.model import Level
from comity.incidents.model import incident_from_row
from comity.incidents.summary import find_report
from comity.web.keys import find_row

if TYPE_CHECKING:
    from comity.web.world import World

MOST_FILE = 4 * 1024 * 1024
MOST_KEYS = 50


def incident_objects(world: World, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return incidents of the lists at hand as STIX objects, marked TLP:CLEAR: each was published.

    Raises ExchangeError naming the one that is not at hand, or may not be passed on.
    """
    from comity.report.export.stix import incident_bundle

    if len(keys) > MOST_KEYS:
        raise ExchangeError(f"At most {MOST_KEYS} incidents are attached at once.")
    found: list[dict[str, Any]] = []
    day = dt.datetime.now(dt.UTC).date()
    for key in keys:
        try:
            evidence = world.evidence()
            incident = incident_from_row(find_row(evidence, key).row(0, named=True))
        except AddressError as error:
            raise ExchangeError(f"It was not attached: {error}") from error
        release = evidence.release_of(incident.list)
        if release is None or not release.redistributable:
            raise ExchangeError(
                f"{key[:80]} was not attached: the licence of the list {incident.list} does not "
                "let its records be passed on. Name the incident in words, and cite its sources."
            )
        fact = find_report(incident.key, world.home)
        bundle = incident_bundle(incident, release, fact, day, Level.CLEAR)
        found += read_objects(bundle.decode())
    return found


def file_objects(name: str, content: bytes) -> list[dict[str, Any]]:
    """Return the STIX objects of a file. Raises ExchangeError naming the file and what is wrong."""
    if len(content) > MOST_FILE:
        raise ExchangeError(f"{name[:80]} was not attached: it has more than 4 MB.")
    try:
        return list(read_objects(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{name[:80]} was not attached: it is not text in UTF-8.") from error
    except ComityError as error:
        raise ExchangeError(f"{name[:80]} was not attached: {error}") from error


def joined(
    held: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    """Return objects with others added, one of each id: the one that was there.

    Raises ExchangeError where together they are more than a message may carry.
    """
    known = {str(one["id"]) for one in held}
    new = {str(one["id"]): one for one in more if str(one["id"]) not in known}
    together = (*held, *new.values())
    if len(together) > MOST_OBJECTS:
        raise ExchangeError(
            f"Nothing was attached: a message carries at most {MOST_OBJECTS} objects, and there "
            f"would be {len(together)}. Send a second message, or fewer of them."
        )
    check_objects(together)
    return together
