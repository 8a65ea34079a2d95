"""Who is let in: peers by signed tokens, programs by passwords; the rest learns nothing."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from wire import HERE, KEYS, NOW, OBJECTS, PASSWORD, PEER, THIRD, PaperDesk, bearer, message

from comity.exchange.keys import make_keys, sign_whole
from comity.exchange.taxii import auth
from comity.exchange.taxii.auth import TYP, Doorkeeper, make_bearer
from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import ROOT, AnswerError
from comity.exchange.taxii.server import build_app

ACCEPT = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}


class Counted:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(header: str, desk: PaperDesk | None = None) -> tuple[int, str]:
    """Return the status and words that a caller gets."""
    with TestClient(build_app(desk or PaperDesk())) as client:
        given = {"Authorization": header} if header else {}
        found = client.get(ROOT, headers=ACCEPT | given)
    return found.status_code, found.json().get("description", "")


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def token(claims: dict[str, Any], typ: str = TYP, party: str = PEER) -> str:
    return "Bearer " + sign_whole(json.dumps(claims).encode(), KEYS[party], typ)


def claims(**other: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    return {"iss": PEER, "aud": HERE, "iat": at, "exp": at + 300, **other}


NOBODY = "The credentials are not accepted."


def test_who_says_nothing_is_asked_to_sign_in() -> None:
    with TestClient(build_app(PaperDesk())) as client:
        for address in ("/taxii2/", ROOT, OBJECTS, "/nothing/", f"{ROOT}status/x/"):
            refused = client.get(address, headers=ACCEPT)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == auth.CHALLENGE
            assert refused.headers["content-type"] == MEDIA_TYPE


def test_a_token_lets_its_party_in() -> None:
    assert asked(f"Bearer {make_bearer(KEYS[PEER], PEER, HERE, NOW)}")[0] == 200


def test_a_token_signed_by_another_key_is_refused() -> None:
    other = make_keys(NOW)[0]
    assert asked(f"Bearer {make_bearer(other, PEER, HERE, NOW)}") == (401, NOBODY)
    assert asked(f"Bearer {make_bearer(KEYS[THIRD], PEER, HERE, NOW)}") == (401, NOBODY)


def test_an_unknown_party_an_unknown_name_and_a_wrong_password_answer_alike() -> None:
    stranger = f"Bearer {make_bearer(KEYS[PEER], 'stranger.example', HERE, NOW)}"
    answers = {asked(stranger), asked(basic("nobody", "x")), asked(basic("tool", "wrong"))}
    assert answers == {(401, NOBODY)}


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer x", "Bearer a.b.c", "Bearer ..", "Basic", "Basic !!!", "Basic Og==",
        "Digest x", "bearer\tx", "Basic " + base64.b64encode(b"tool").decode(),
        "Basic " + base64.b64encode(b"\xff:\xfe").decode(), basic("tool", "a\0b"),
        basic("../../x", "y"), basic("tool\n", PASSWORD), "Bearer " + "a." * 3000,
        token(claims(), typ="comity-message"), token(claims(iat="now")), token(claims(iat=True)),
        token(claims(exp=None)), token(claims(iat=1e400)), token(claims(iss=7)),
        token(claims(iat=10**18, exp=10**18 + 1)), token(claims(iat=-(10**18))),
        "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJ1cy5leGFtcGxlIiwiYXVkIjoiY2hpbmEuZXhhbXBsZSIs"
        "ImlhdCI6MTc5NTcwODgwMCwiZXhwIjoxNzk1NzA5MTAwfQ.",
    ],
)  # fmt: skip
def test_credentials_that_are_none_are_refused_and_break_nothing(header: str) -> None:
    assert asked(header)[0] == 401


def test_a_token_for_another_party_is_refused() -> None:
    assert asked(token(claims(aud=THIRD))) == (401, "The token was made for another party.")


def test_a_token_lasts_five_minutes_at_most() -> None:
    at = int(NOW.timestamp())
    for until in (at, at - 1, at + 301):
        assert asked(token(claims(exp=until))) == (401, "A token lasts at most five minutes.")


@pytest.mark.parametrize(
    ("minutes", "status"), [(-19, 200), (-21, 401), (0, 200), (14, 200), (16, 401)]
)
def test_clocks_may_be_apart_as_far_as_the_terms_of_the_line_say(minutes: int, status: int) -> None:
    made = NOW + dt.timedelta(minutes=minutes)
    got, text = asked(f"Bearer {make_bearer(KEYS[PEER], PEER, HERE, made)}")
    assert got == status
    assert status == 200 or text.startswith("clock: ")


def test_a_revoked_key_lets_nobody_in() -> None:
    got, text = asked(
        f"Bearer {make_bearer(KEYS[PEER], PEER, HERE, NOW)}", PaperDesk(revoked={PEER})
    )
    assert got == 401
    assert text.startswith("revoked-key: ")


def test_an_expired_key_lets_nobody_in() -> None:
    late = NOW + dt.timedelta(days=40)
    got, text = asked(
        f"Bearer {make_bearer(KEYS[PEER], PEER, HERE, late)}", PaperDesk(clock=lambda: late)
    )
    assert got == 401
    assert text.startswith("expired-key: ")


def test_a_program_gets_in_by_name_and_password() -> None:
    assert asked(basic("tool", PASSWORD))[0] == 200
    assert asked(basic("reader", PASSWORD))[0] == 200


def test_a_program_that_may_only_read_sends_nothing() -> None:
    desk = PaperDesk()
    with TestClient(build_app(desk), headers=ACCEPT) as client:
        reader = {"Authorization": basic("reader", PASSWORD)}
        (one,) = client.get(f"{ROOT}collections/", headers=reader).json()["collections"]
        assert (one["can_read"], one["can_write"]) == (True, False)
        body = json.dumps({"objects": message(1)})
        assert client.post(OBJECTS, content=body, headers=reader).status_code == 403
        assert desk.accepted == []
        tool = {"Authorization": basic("tool", PASSWORD)}
        assert client.post(OBJECTS, content=body, headers=tool).status_code == 202


def test_a_password_that_was_right_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import argon2

    hashed: list[str] = []
    plain = argon2.PasswordHasher.verify

    def counted(self: Any, hash: str, password: str) -> Any:
        hashed.append(password)
        return plain(self, hash, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    clock, desk = Counted(), PaperDesk()
    door = Doorkeeper(desk, clock)
    for _ in range(5):
        door.caller(basic("tool", PASSWORD), "192.0.2.1")
    assert len(hashed) == 1
    clock.now += auth.REMEMBERED + 1
    door.caller(basic("tool", PASSWORD), "192.0.2.1")
    assert len(hashed) == 2


def test_a_token_taken_away_or_made_anew_no_longer_lets_in() -> None:
    desk = PaperDesk()
    door = Doorkeeper(desk)
    door.caller(basic("tool", PASSWORD), "192.0.2.1")
    desk.secrets["tool"] = auth.hash_secret("another password")  # as the command makes it
    assert desk.secrets["tool"].startswith("$argon2id$")
    with pytest.raises(AnswerError, match="not accepted"):
        door.caller(basic("tool", PASSWORD), "192.0.2.1")
    del desk.secrets["tool"]
    with pytest.raises(AnswerError, match="not accepted"):
        door.caller(basic("tool", "another password"), "192.0.2.1")


def test_wrong_passwords_are_limited_and_do_not_keep_out_who_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auth, "MOST_FAILURES", 2)
    clock = Counted()
    door = Doorkeeper(PaperDesk(), clock)
    door.caller(basic("tool", PASSWORD), "192.0.2.1")
    for _ in range(2):
        with pytest.raises(AnswerError, match="not accepted"):
            door.caller(basic("tool", "wrong"), "192.0.2.1")
    with pytest.raises(AnswerError, match="Try again") as caught:
        door.caller(basic("reader", PASSWORD), "192.0.2.1")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "61")
    assert door.caller(basic("tool", PASSWORD), "192.0.2.1").party == PEER
    assert door.caller(bearer()["Authorization"], "192.0.2.1").party == PEER
    assert door.caller(basic("reader", PASSWORD), "192.0.2.2").party == PEER
    clock.now += auth.WINDOW + 1
    assert not door.caller(basic("reader", PASSWORD), "192.0.2.1").can_write
