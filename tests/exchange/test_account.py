"""A thread with its proof: it verifies by itself, any change is found, parts can be left out."""

from __future__ import annotations

import copy
import datetime as dt
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_world import CHINA, LINE, START, THREAD, US, Party, clue, consultation, pass_on, two

from comity.errors import ExchangeError, RefusedError
from comity.exchange.account import PROOF, make_account, signed_part_of, write_account
from comity.exchange.account_check import (
    read_account,
    same_account,
    verify_account,
)
from comity.exchange.cards import fingerprint
from comity.exchange.keys import sign
from comity.exchange.messages import EXTENSION
from comity.exchange.model import Kind, Level
from comity.report.exchange_page import render_account
from comity.report.exchange_proof import account_lines

MADE = START + dt.timedelta(days=1)


def account(party: Party, *others: Party, audience: Level = Level.RED) -> dict[str, Any]:
    cards = {p.name: p.cards for p in (party, *others)}
    return make_account(LINE, THREAD, party.name, MADE, party.parts(), party.bodies(), cards,
                        party.signing, audience)  # fmt: skip


def proof_in(bundle: dict[str, Any]) -> dict[str, Any]:
    notes = [v for v in bundle["objects"] if PROOF in v.get("extensions", {})]
    return notes[0]["extensions"][PROOF]["proof"]  # type: ignore[no-any-return]


CHINA_SIDE, US_SIDE = two()
SAID = consultation(CHINA_SIDE, US_SIDE)
BUNDLE = account(CHINA_SIDE, US_SIDE)


def test_an_account_verifies_by_itself_and_says_what_was_said() -> None:
    found = read_account(write_account(BUNDLE))
    assert found.faults == ()
    assert (found.line, found.thread, found.party, found.size) == (LINE.id, THREAD, CHINA, 6)
    assert [m.digest for m in found.messages] == [m.digest for m in SAID]
    assert [m.header.kind for m in found.messages if m.header] == [m.header.kind for m in SAID]
    sealed = found.messages[1]
    assert sealed.fields == {"asked": "Who rents the host?"}
    assert [o["content"] for o in sealed.objects] == ["192.0.2.7", "For your eyes."]
    assert sealed.hidden == 0
    assert US_SIDE.card is not None
    assert found.signers[1].fingerprint == fingerprint(US_SIDE.card)
    assert found.messages[0].kid == US_SIDE.signing.public.kid


def test_both_parties_accounts_of_a_thread_are_the_same() -> None:
    first, second = verify_account(BUNDLE), verify_account(account(US_SIDE, CHINA_SIDE))
    assert second.sound
    same = same_account(first, second)
    assert same.same
    assert same.sentences == (f"{CHINA} and {US} give the same 4 messages, digest by digest.",)


def test_accounts_that_differ_say_in_what() -> None:
    china, us = two()
    consultation(china, us)
    first = verify_account(account(china, us))
    del us.held[-1]
    lacking = verify_account(account(us, china))
    assert same_account(first, lacking).sentences == (f"{US} does not give message 3 of {CHINA}.",)
    other = verify_account(BUNDLE)
    told = same_account(first, other)
    assert not told.same
    assert "They give two messages as message 2 of china.example" in told.sentences[0]


def test_the_oasis_validator_finds_no_error_in_an_account(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from stix2validator import ValidationOptions, validate_file

        for audience in (Level.RED, Level.GREEN, Level.CLEAR):
            path = tmp_path / f"{audience.value}.json"
            bundle = account(CHINA_SIDE, US_SIDE, audience=audience)
            path.write_text(write_account(bundle), encoding="utf-8")
            result = validate_file(str(path), ValidationOptions(version="2.1"))
            errors = [str(e) for one in result.object_results for e in one.errors]
            assert result.is_valid, errors[:10]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in JSON where something stands, the whole aside."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from leaves(inner, (*path, n))


PLACES = list(leaves(BUNDLE))


def wrong(bundle: dict[str, Any]) -> bool:
    """Say whether a bundle is refused, or found not to be sound."""
    try:
        return not verify_account(bundle).sound
    except RefusedError:
        return True


def changed(value: Any, how: int) -> Any:
    """Another value in place of one, as little different as can be."""
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int):
        return value + (1 if how % 2 else -1)
    if isinstance(value, str):
        at = how % len(value) if value else 0
        return f"{value[:at]}{chr(ord(value[at]) ^ 1)}{value[at + 1 :]}" if value else "x"
    return {} if value else {"x": 1}


def test_no_place_in_an_account_can_be_changed_unnoticed() -> None:
    for place in PLACES:
        bundle = copy.deepcopy(BUNDLE)
        inside: Any = bundle
        for step in place[:-1]:
            inside = inside[step]
        inside[place[-1]] = changed(inside[place[-1]], 7)
        assert wrong(bundle), place


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(["change", "remove", "double"]), st.integers(0, 99))
def test_what_is_changed_removed_or_doubled_in_an_account_is_found(
    place: tuple[Any, ...], how: str, seed: int
) -> None:
    bundle = copy.deepcopy(BUNDLE)
    inside: Any = bundle
    for step in place[:-1]:
        inside = inside[step]
    if how == "change":
        inside[place[-1]] = changed(inside[place[-1]], seed)
    elif how == "remove":
        del inside[place[-1]]
    elif isinstance(inside, list):
        inside.insert(place[-1], copy.deepcopy(inside[place[-1]]))
    else:
        inside[f"{place[-1]}x"] = inside[place[-1]]
    assert wrong(bundle)


def test_a_message_put_in_the_place_of_another_is_found_and_named() -> None:
    """The sender itself signs another text under the same number; the journal holds the first."""
    china, us = two()
    before = (us.tree.to_json(), dict(us.last))
    consultation(china, us)
    bundle = account(china, us)
    us.last, us.tree = before[1], type(us.tree).from_json(before[0])
    forged = us.compose(Kind.NOTIFICATION, 0, fields={"what": "nothing"}, objects=[clue("Other.")])
    root = next(v for v in bundle["objects"] if v["id"] == china.held[0][0].header.id)
    root.clear()
    root.update({**forged.root, "id": china.held[0][0].header.id})
    found = verify_account(bundle)
    assert any("text of message 1 of us.example is none" in f for f in found.faults)
    root.clear()
    root.update(forged.root)
    proof_in(bundle)["messages"][0]["message"] = forged.root["id"]
    faults = verify_account(bundle).faults
    assert "The text of message 1 of us.example is not the one the journal holds." in faults


def test_an_exporter_who_signs_a_false_account_anew_cannot_make_it_fit() -> None:
    """China, with its own key, tries to change what the thread holds."""
    for change in (
        lambda p: p["messages"].pop(1),  # leaving one out unseen: what follows commits to it
        lambda p: p["messages"].reverse(),
        lambda p: p["messages"][0].update(inclusion=p["messages"][1]["inclusion"]),
        lambda p: p["head"].__setitem__(0, 7),
        lambda p: p["messages"][1]["opened"].pop(0),
        lambda p: p["cards"].update({US: p["cards"][CHINA]}),
    ):
        bundle = copy.deepcopy(BUNDLE)
        proof = proof_in(bundle)
        change(proof)
        proof["signature"] = sign(signed_part_of(proof), CHINA_SIDE.signing, "comity-account")
        assert wrong(bundle)


def test_what_an_audience_may_not_see_is_left_out_and_its_digest_stays() -> None:
    amber = verify_account(account(CHINA_SIDE, US_SIDE, audience=Level.AMBER))
    assert amber.sound
    assert amber.messages[1].hidden == 1  # the note marked RED
    assert [o["content"] for o in amber.messages[1].objects] == ["192.0.2.7"]
    bundle = account(CHINA_SIDE, US_SIDE, audience=Level.GREEN)
    green = verify_account(bundle)
    assert green.sound
    assert green.left_out == 3
    assert [m.header is None for m in green.messages] == [True, True, True, False]
    assert "Who rents the host?" not in json.dumps(bundle)
    assert "192.0.2.7" not in json.dumps(bundle)
    assert "Rented by a firm." in json.dumps(bundle)
    assert [m.digest for m in green.messages] == [m.digest for m in SAID]
    assert same_account(green, verify_account(BUNDLE)).same


def test_what_was_left_out_cannot_be_filled_with_something_else() -> None:
    bundle = account(CHINA_SIDE, US_SIDE, audience=Level.AMBER)
    bundle["objects"].insert(-1, clue("Something else."))
    assert any("belongs to no message" in f for f in verify_account(bundle).faults)


def test_a_sealed_message_that_nobody_here_opens_is_in_the_account_closed() -> None:
    china, us = two()
    pass_on(us.compose(Kind.NOTIFICATION, 0, seal=[us.sealing.public]), us, china)
    found = verify_account(account(china, us))
    assert found.sound
    assert found.messages[0].fields is None
    assert found.messages[0].hidden == 1


def test_a_signature_of_a_key_that_did_not_hold_when_it_came_is_found() -> None:
    china, us = two()
    message = us.compose(Kind.NOTIFICATION, 0)
    us.take(message)
    china.take(message, at=24 * 800)
    faults = verify_account(account(china, us)).faults
    assert len(faults) == 1
    assert faults[0].startswith("The signature of message 1 of us.example does not hold")


def test_an_account_needs_a_message_and_every_partys_card() -> None:
    china, us = two()
    with pytest.raises(ExchangeError, match="no message"):
        account(china, us)
    consultation(china, us)
    us.cards = []
    with pytest.raises(ExchangeError, match=r"no card of us\.example"):
        account(china, us)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"type": "bundle", "objects": [7]}', '{"type": "bundle", "objects": []}',
     '{"type": "bundle", "objects": ' + "[" * 100_000,
     json.dumps({"type": "bundle", "objects": [
         {"type": "note", "extensions": {PROOF: {"proof": {"version": 1, "made": 3}}}}]})],
)  # fmt: skip
def test_a_file_that_is_no_account_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="no account"):
        read_account(text)


def test_the_messages_in_the_bundle_are_as_their_senders_signed_them() -> None:
    roots = [v for v in BUNDLE["objects"] if EXTENSION in v.get("extensions", {})]
    assert [r["id"] for r in roots] == [m.header.id for m in SAID]
    assert all(r in [m.root for m in SAID] for r in roots)


def test_what_a_stranger_writes_is_shown_escaped_and_without_controls() -> None:
    china, us = two()
    bad = "<img src=x onerror=alert(1)> \x1b[31mred\u202e"
    pass_on(us.compose(Kind.NOTIFICATION, 0, fields={bad: bad, "what": [bad, 7]},
                       objects=[clue(bad)]), us, china)  # fmt: skip
    found = verify_account(account(china, us))
    assert found.sound
    page = render_account(found, "comity exchange verify-account a.json")
    lines = "\n".join(a + b for a, b in account_lines(found))
    assert "<img" not in page
    assert "&lt;img src=x" in page
    for text in (page, lines):
        assert "\x1b" not in text
        assert "\u202e" not in text
