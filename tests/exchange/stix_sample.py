"""STIX objects by hand, as a party would send them."""

from __future__ import annotations

import uuid
from typing import Any

AT = "2026-11-26T16:00:00.000Z"
SPACE = uuid.UUID("00000000-0000-4000-8000-00000000abcd")


def sid(kind: str, name: str) -> str:
    return f"{kind}--{uuid.uuid5(SPACE, name)}"


CN, US, RU = (sid("identity", name) for name in ("china", "america", "russia"))


def sdo(kind: str, key: str, /, by: str = "", **more: Any) -> dict[str, Any]:
    """A domain or relationship object."""
    made = {"created_by_ref": by} if by else {}
    base = {"type": kind, "spec_version": "2.1", "id": sid(kind, key), "created": AT}
    return {**base, "modified": AT, **made, **more}


def sco(kind: str, key: str, /, **more: Any) -> dict[str, Any]:
    """An observable."""
    return {"type": kind, "spec_version": "2.1", "id": sid(kind, key), **more}


def indicator(name: str = "i", **more: Any) -> dict[str, Any]:
    given = {"pattern": "[domain-name:value = 'a.example']", "pattern_type": "stix"} | more
    return sdo("indicator", name, valid_from=AT, **given)


def incident(name: str = "a theft", **more: Any) -> dict[str, Any]:
    return sdo("incident", name, name=name, **more)


def domain(value: str = "a.example", **more: Any) -> dict[str, Any]:
    return sco("domain-name", value, value=value, **more)


def samples() -> list[dict[str, Any]]:
    """One object of many types, all as the standard has them."""
    one, two = incident(), indicator()
    malware = sdo("malware", "m", name="m", is_family=False, malware_types=["trojan"])
    refs = [one["id"], two["id"]]
    return [
        one,
        two,
        malware,
        domain(),
        sco("ipv4-addr", "ip", value="192.0.2.1"),
        sco("ipv6-addr", "ip6", value="2001:db8::1"),
        sco("url", "u", value="https://a.example/x"),
        sco("email-addr", "e", value="a@a.example"),
        sco("autonomous-system", "as", number=64500, name="Example"),
        sco("file", "f", name="x.exe", size=12, hashes={"SHA-256": "a" * 64}),
        sdo("identity", "who", name="A ministry", identity_class="organization"),
        sdo("campaign", "c", name="c", first_seen=AT),
        sdo("intrusion-set", "s", name="s", aliases=["t"]),
        sdo("tool", "t", name="t"),
        sdo("attack-pattern", "p", name="p", external_references=[
            {"source_name": "mitre-attack", "external_id": "T1566"}]),
        sdo("report", "r", name="r", published=AT, object_refs=refs),
        sdo("note", "n", content="n", object_refs=refs),
        sdo("opinion", "o", opinion="agree", explanation="e", object_refs=refs),
        sdo("grouping", "g", context="suspicious-activity", object_refs=refs),
        sdo("observed-data", "od", first_observed=AT, last_observed=AT, number_observed=1,
            object_refs=[sid("domain-name", "a.example")]),
        sdo("relationship", "re", relationship_type="indicates", source_ref=two["id"],
            target_ref=malware["id"]),
        sdo("sighting", "si", sighting_of_ref=malware["id"], count=2),
        sdo("location", "l", country="US"),
        sdo("vulnerability", "v", name="CVE-2026-0001"),
        {"type": "marking-definition", "spec_version": "2.1", "created": AT,
         "id": sid("marking-definition", "st"), "definition_type": "statement",
         "definition": {"statement": "CC BY 4.0"}},
    ]  # fmt: skip
