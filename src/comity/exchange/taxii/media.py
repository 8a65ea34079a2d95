"""Media types of TAXII 2.1: what a client accepts, and what it sends."""

from __future__ import annotations

TAXII = "application/taxii+json"
VERSION = "2.1"
MEDIA_TYPE = f"{TAXII};version={VERSION}"
STIX = "application/stix+json;version=2.1"


def accepts(header: str) -> bool:
    """Say whether an Accept header takes TAXII 2.1. A range without version takes the newest.

    >>> accepts("application/taxii+json;version=2.1"), accepts("text/html, */*;q=0.1")
    (True, True)
    >>> accepts("application/taxii+json; version=2.0"), accepts("application/taxii+json;q=0")
    (False, False)
    """
    return any(_accepts(part) for part in header.split(","))


def _accepts(part: str) -> bool:
    name, parameters = _split(part)
    if parameters.get("q", "1").rstrip("0").rstrip(".") in ("0", ""):
        return False
    if name in ("*/*", "application/*"):
        return True
    return name == TAXII and parameters.get("version", VERSION) == VERSION


def is_taxii(header: str) -> bool:
    """Say whether a Content-Type is that of TAXII 2.1.

    >>> is_taxii('application/taxii+json; version="2.1"'), is_taxii("application/json")
    (True, False)
    """
    name, parameters = _split(header)
    return name == TAXII and parameters.get("version", VERSION) == VERSION


def _split(part: str) -> tuple[str, dict[str, str]]:
    name, *rest = part.split(";")
    pairs = (p.partition("=") for p in rest)
    parameters = {k.strip().lower(): v.strip().strip('"') for k, _, v in pairs}
    return name.strip().lower(), parameters
