"""Signing and sealing: what a good key does, and every attack on it refused for its own reason."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ExchangeError, RefusedError
from comity.exchange.keys import (
    SMALL_ORDER,
    check_public,
    make_keys,
    seal,
    sign,
    sign_whole,
    unseal,
    verify,
    verify_whole,
)
from comity.exchange.model import PrivateKey, PublicKey, Reason

NOW = dt.datetime(2026, 11, 26, 16, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TYP = "comity-message"
TEXT = b'{"subject":"a check"}'
SIGNING, SEALING = make_keys(NOW, days=100)
OTHER_SIGNING, OTHER_SEALING = make_keys(NOW, days=100)

# RFC 8037, appendix A.1 (the key), A.3 (its thumbprint) and A.4 (a signature by it)
RFC_KEY = {
    "kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}  # fmt: skip
RFC_KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
RFC_INPUT = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
RFC_SIGNATURE = (
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def rfc_key() -> PrivateKey:
    public = {k: v for k, v in RFC_KEY.items() if k != "d"}
    return PrivateKey(PublicKey(RFC_KID, "sig", public, NOW, NOW + DAY), RFC_KEY)


def crafted(header: dict[str, Any], payload: bytes = TEXT, key: PrivateKey = SIGNING) -> str:
    """Sign as an attacker would who holds a key: any header, a signature that is good over it."""
    head = b64(json.dumps(header).encode())
    raw = Ed25519PrivateKey.from_private_bytes(unb64(key.jwk["d"]))
    return f"{head}..{b64(raw.sign(f'{head}.{b64(payload)}'.encode()))}"


def header(**more: Any) -> dict[str, Any]:
    return {"alg": "Ed25519", "kid": SIGNING.public.kid, "typ": TYP, **more}


def refused(
    signature: str, payload: bytes = TEXT, keys: tuple[PublicKey, ...] = (SIGNING.public,),
    sent: dt.datetime = NOW, now: dt.datetime = NOW, typ: str = TYP,
) -> str:  # fmt: skip
    """Return the reason for which a signature is refused; fail where it is not."""
    with pytest.raises(RefusedError) as caught:
        verify(payload, signature, keys, typ, sent, now)
    return caught.value.reason


# What is right


def test_a_signature_names_the_key_that_made_it() -> None:
    keys = (OTHER_SIGNING.public, SIGNING.public)
    assert verify(TEXT, sign(TEXT, SIGNING, TYP), keys, TYP, NOW, NOW) == SIGNING.public


def test_a_signature_is_detached_and_says_only_three_things_of_itself() -> None:
    head, content, _ = sign(TEXT, SIGNING, TYP).split(".")
    assert content == ""
    assert json.loads(unb64(head)) == header()


def test_an_attackers_tools_here_make_what_we_take_when_nothing_is_wrong() -> None:
    assert verify(TEXT, crafted(header()), (SIGNING.public,), TYP, NOW, NOW) == SIGNING.public


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_signed_and_verified(payload: bytes) -> None:
    assert verify(payload, sign(payload, SIGNING, TYP), (SIGNING.public,), TYP, NOW, NOW)
    token = sign_whole(payload, SIGNING, TYP)
    if payload:
        assert verify_whole(token, (SIGNING.public,), TYP, NOW, NOW) == SIGNING.public


def test_a_keys_id_is_the_thumbprint_that_rfc_8037_gives() -> None:
    check_public(rfc_key().public)
    with pytest.raises(RefusedError, match="another id than its thumbprint"):
        check_public(replace(rfc_key().public, kid=SIGNING.public.kid))


def test_the_primitive_signs_the_example_of_rfc_8037_as_published() -> None:
    raw = Ed25519PrivateKey.from_private_bytes(unb64(RFC_KEY["d"]))
    assert b64(raw.sign(RFC_INPUT)) == RFC_SIGNATURE


def test_our_signature_with_the_key_of_rfc_8037_is_the_primitives_over_our_header() -> None:
    head, _, signature = sign(b"Example of Ed25519 signing", rfc_key(), TYP).split(".")
    assert b64(b"Example of Ed25519 signing") == RFC_INPUT.partition(b".")[2].decode()
    raw = Ed25519PrivateKey.from_private_bytes(unb64(RFC_KEY["d"]))
    assert signature == b64(raw.sign(head.encode() + b"." + RFC_INPUT.partition(b".")[2]))


def test_new_keys_hold_from_now_for_their_days() -> None:
    for key, use in ((SIGNING, "sig"), (SEALING, "enc")):
        check_public(key.public)
        assert (key.public.use, key.public.since) == (use, NOW)
        assert key.public.until == NOW + 100 * DAY
        assert "d" not in key.public.jwk


def test_a_private_key_is_never_printed() -> None:
    assert SIGNING.jwk["d"] not in repr(SIGNING)


# What is forged


def test_a_signature_over_another_text_is_forged() -> None:
    assert refused(sign(TEXT, SIGNING, TYP), TEXT + b" ") == Reason.FORGED


@given(st.integers(0, 511))
def test_a_signature_with_any_bit_turned_is_forged(bit: int) -> None:
    head, _, signature = sign(TEXT, SIGNING, TYP).split(".")
    raw = bytearray(unb64(signature))
    raw[bit // 8] ^= 1 << bit % 8
    assert refused(f"{head}..{b64(bytes(raw))}") == Reason.FORGED


def test_a_signature_whose_content_came_along_is_not_taken_for_ours() -> None:
    other = sign_whole(b"other", SIGNING, TYP)
    assert refused(other) == Reason.MALFORMED


def test_a_signature_by_another_key_under_our_id_is_forged() -> None:
    assert refused(crafted(header(), key=OTHER_SIGNING)) == Reason.FORGED


def test_a_key_of_another_party_is_unknown() -> None:
    assert refused(sign(TEXT, OTHER_SIGNING, TYP)) == Reason.UNKNOWN_KEY


def test_a_sealing_key_does_not_verify_and_does_not_sign() -> None:
    assert refused(crafted(header(kid=SEALING.public.kid)), keys=(SEALING.public,)) == (
        Reason.UNKNOWN_KEY
    )
    with pytest.raises(ExchangeError, match="does not sign"):
        sign(TEXT, SEALING, TYP)


@pytest.mark.parametrize("name", ["none", "None", "NONE", "HS256", "EdDSA", "ES256", "", 5])
def test_only_one_algorithm_is_taken(name: str | int) -> None:
    assert refused(crafted(header(alg=name))) == Reason.MALFORMED


def test_a_token_that_needs_no_signature_is_refused() -> None:
    assert refused(f"{b64(json.dumps(header(alg='none')).encode())}..") == Reason.MALFORMED
    assert refused(f"{b64(json.dumps(header()).encode())}..") == Reason.FORGED


def test_the_public_key_does_not_serve_as_a_shared_secret() -> None:
    import hashlib
    import hmac

    head = b64(json.dumps(header(alg="HS256")).encode())
    mac = hmac.new(unb64(SIGNING.public.jwk["x"]), f"{head}.{b64(TEXT)}".encode(), hashlib.sha256)
    assert refused(f"{head}..{b64(mac.digest())}") == Reason.MALFORMED


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"jwk": OTHER_SIGNING.public.jwk},
        {"jku": "https://attacker.example/keys.json"},
        {"x5u": "https://attacker.example/cert.pem"},
        {"x5c": ["MII="]},
        {"cty": "text/plain"},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_header_that_brings_more_is_refused_though_its_signature_is_good(
    more: dict[str, Any],
) -> None:
    assert refused(crafted(header(**more))) == Reason.MALFORMED


def test_a_key_that_comes_with_the_token_is_not_used() -> None:
    token = crafted(
        {"alg": "Ed25519", "jwk": OTHER_SIGNING.public.jwk, "kid": OTHER_SIGNING.public.kid,
         "typ": TYP}, key=OTHER_SIGNING,
    )  # fmt: skip
    assert refused(token) == Reason.MALFORMED


@pytest.mark.parametrize("left_out", ["alg", "kid", "typ"])
def test_a_header_that_lacks_something_is_refused(left_out: str) -> None:
    head = {k: v for k, v in header().items() if k != left_out}
    assert refused(crafted(head)) == Reason.MALFORMED


def test_what_was_signed_as_a_card_is_no_message() -> None:
    assert refused(sign(TEXT, SIGNING, "comity-card")) == Reason.MALFORMED


def test_a_header_that_says_a_thing_twice_is_refused() -> None:
    text = json.dumps(header())[:-1] + ',"alg":"none"}'
    raw = Ed25519PrivateKey.from_private_bytes(unb64(SIGNING.jwk["d"]))
    head = b64(text.encode())
    signature = b64(raw.sign(f"{head}.{b64(TEXT)}".encode()))
    assert refused(f"{head}..{signature}") == Reason.MALFORMED


@pytest.mark.parametrize("kid", [None, 7, "", "short", ["a"]])
def test_an_id_that_is_no_thumbprint_is_refused(kid: object) -> None:
    assert refused(crafted(header(kid=kid))) == Reason.MALFORMED


def test_a_deeply_nested_header_is_refused() -> None:
    deep = b64(b"[" * 700)
    assert refused(f"{deep}..AAAA") == Reason.MALFORMED


def test_a_very_long_header_is_refused() -> None:
    assert refused(crafted(header(more="x" * 5000))) == Reason.MALFORMED


@given(st.text(max_size=300))
def test_no_text_given_as_signature_does_more_than_be_refused(text: str) -> None:
    assert refused(text) in (Reason.MALFORMED, Reason.FORGED)


@given(st.text(st.sampled_from("ABab01-_="), max_size=100))
def test_no_signature_part_does_more_than_be_refused(text: str) -> None:
    head = sign(TEXT, SIGNING, TYP).partition(".")[0]
    assert refused(f"{head}..{text}") in (Reason.MALFORMED, Reason.FORGED)


# What has ended


@pytest.mark.parametrize(
    ("sent", "met", "taken"),
    [
        (0, 0, True),
        (100, 100, True),  # the last instant counts
        (100, 107, True),  # on its way when the key expired
        (100, 107.01, False),
        (100.01, 100.01, False),
        (-0.01, -0.01, False),
        (-0.01, 0, True),  # signed by an older key then, by this one anew
        (50, 300, False),  # dated back with a key that expired long ago
    ],
)
def test_a_key_holds_for_its_days_and_a_week_of_grace_for_what_was_under_way(
    sent: float, met: float, taken: bool
) -> None:
    at, now = NOW + sent * DAY, NOW + met * DAY
    signature = sign(TEXT, SIGNING, TYP)
    if taken:
        assert verify(TEXT, signature, (SIGNING.public,), TYP, at, now) == SIGNING.public
    else:
        assert refused(signature, sent=at, now=now) == Reason.EXPIRED_KEY


@pytest.mark.parametrize(
    ("revoked", "refusal"),
    [
        (NOW + 10 * DAY, Reason.REVOKED_KEY),  # the moment of revocation
        (NOW + 1 * DAY, Reason.REVOKED_KEY),  # before it was sent
        (NOW + 9 * DAY, Reason.REVOKED_KEY),  # after it was sent: the date may be a lie
        (NOW - 900 * DAY, Reason.REVOKED_KEY),  # long past, before the key began
    ],
)
def test_a_revoked_key_is_refused_whenever_it_is_said_to_have_signed(
    revoked: dt.datetime, refusal: str
) -> None:
    key = replace(SIGNING.public, revoked=revoked, why="a stolen laptop")
    at = NOW + 5 * DAY
    assert refused(sign(TEXT, SIGNING, TYP), keys=(key,), sent=at, now=NOW + 10 * DAY) == refusal


def test_a_revocation_that_is_still_to_come_does_not_count_yet() -> None:
    key = replace(SIGNING.public, revoked=NOW + 2 * DAY)
    assert verify(TEXT, sign(TEXT, SIGNING, TYP), (key,), TYP, NOW, NOW + DAY) == key


def test_a_forgery_is_called_one_though_its_key_was_revoked_too() -> None:
    key = replace(SIGNING.public, revoked=NOW - DAY)
    assert refused(sign(TEXT, SIGNING, TYP), b"else", keys=(key,)) == Reason.FORGED


# Keys that are none


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"jwk": SIGNING.jwk}, "private part"),
        ({"jwk": {**SIGNING.public.jwk, "kid": "x"}}, "no public key"),
        ({"jwk": {**SIGNING.public.jwk, "kty": "EC"}}, "not on the curve"),
        ({"use": "enc"}, "not on the curve X25519"),
        ({"use": "both"}, "no public key"),
        ({"jwk": {**SIGNING.public.jwk, "x": "AAAA"}}, "32 bytes"),
        ({"jwk": {**SIGNING.public.jwk, "x": "not base64!"}}, "base64url"),
        ({"jwk": {**SIGNING.public.jwk, "x": SIGNING.public.jwk["x"] + "="}}, "base64url"),
        ({"jwk": OTHER_SIGNING.public.jwk}, "thumbprint"),
        ({"until": NOW}, "ends before it begins"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_public_key_is_what_it_says_or_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why) as caught:
        check_public(replace(SIGNING.public, **change))
    assert caught.value.reason == Reason.MALFORMED


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def doubled(point: tuple[int, int]) -> tuple[int, int]:
    """Add a point of edwards25519 to itself, by the formula of RFC 8032, 5.1.4, in the plain."""
    x, y = point
    k = D * x * x * y * y
    return (
        2 * x * y * pow(1 + k, -1, P) % P,
        (y * y + x * x) * pow(1 - k, -1, P) % P,
    )


def point_at(y: int) -> tuple[int, int]:
    """Return a point with this y (RFC 8032, 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    return x, y


@pytest.mark.parametrize("raw", sorted(SMALL_ORDER), ids=lambda raw: raw.hex()[:8])
def test_each_point_that_is_refused_as_of_small_order_is_of_small_order(raw: bytes) -> None:
    point = point_at(int.from_bytes(raw, "little") % P)
    for _ in range(3):
        point = doubled(point)
    assert point == (0, 1)


@pytest.mark.parametrize("sign_bit", [0, 0x80])
@pytest.mark.parametrize("raw", sorted(SMALL_ORDER), ids=lambda raw: raw.hex()[:8])
def test_a_key_with_which_one_signature_fits_many_texts_is_refused(
    raw: bytes, sign_bit: int
) -> None:
    x = b64(raw[:31] + bytes([raw[31] | sign_bit]))
    with pytest.raises(RefusedError, match="small order"):
        check_public(replace(SIGNING.public, jwk={**SIGNING.public.jwk, "x": x}))


# Sealing


@given(st.binary(max_size=3000))
def test_what_is_sealed_for_two_is_opened_by_both_and_nobody_else(plaintext: bytes) -> None:
    token = seal(plaintext, (SEALING.public, OTHER_SEALING.public))
    assert unseal(token, (SEALING,)) == plaintext
    assert unseal(token, (SIGNING, OTHER_SEALING)) == plaintext
    assert opening(token, make_keys(NOW)[1]) == Reason.UNKNOWN_KEY


def opening(token: str, *keys: PrivateKey) -> str:
    """Return the reason for which a sealed text is refused; fail where it is opened."""
    with pytest.raises(RefusedError) as caught:
        unseal(token, keys or (SEALING,))
    return caught.value.reason


def test_a_recipient_named_twice_is_one_recipient() -> None:
    token = seal(b"x", (SEALING.public, SEALING.public))
    assert len(json.loads(token)["recipients"]) == 1


def test_what_is_sealed_uses_the_algorithms_that_the_docs_name() -> None:
    token = json.loads(seal(b"x", (SEALING.public,)))
    assert json.loads(unb64(token["protected"])) == {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


@pytest.mark.parametrize("keys", [(), (SIGNING.public,), (SEALING.public, SIGNING.public)])
def test_nothing_is_sealed_for_nobody_or_for_a_key_that_signs(keys: tuple[PublicKey, ...]) -> None:
    with pytest.raises(ExchangeError, match="sealing key"):
        seal(b"x", keys)


@given(st.integers(0, 10**9))
def test_a_sealed_text_cut_anywhere_is_refused(where: int) -> None:
    token = seal(b"some words", (SEALING.public,))
    assert opening(token[: where % len(token)]) == Reason.MALFORMED


@pytest.mark.parametrize("part", ["iv", "ciphertext", "tag", "encrypted_key", "epk"])
@given(bit=st.integers(0, 10**9))
def test_a_sealed_text_with_any_bit_turned_is_altered(part: str, bit: int) -> None:
    data = json.loads(seal(b"some words", (SEALING.public,)))
    place = {"encrypted_key": data["recipients"][0],
             "epk": data["recipients"][0]["header"]["epk"]}.get(part, data)  # fmt: skip
    name = "x" if part == "epk" else part
    raw = bytearray(unb64(place[name]))
    at = bit % (len(raw) * 8)
    if part == "epk" and at == 255:
        at = 0  # RFC 7748, 5: the highest bit of an X25519 point is masked and means nothing
    raw[at // 8] ^= 1 << at % 8
    place[name] = b64(bytes(raw))
    assert opening(json.dumps(data)) == Reason.ALTERED


@pytest.mark.parametrize(
    "protected",
    [
        {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "zip": "DEF"},  # a decompression bomb
        {"alg": "ECDH-ES", "enc": "A256GCM"},
        {"alg": "dir", "enc": "A256GCM"},
        {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 10**9, "p2s": "AAAA"},
        {"alg": "ECDH-ES+A256KW", "enc": "A128GCM"},
        {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "crit": ["exp"], "exp": 1},
        {"enc": "A256GCM"},
        [],
    ],
)
def test_a_sealed_text_with_other_algorithms_is_refused(protected: object) -> None:
    data = json.loads(seal(b"some words", (SEALING.public,)))
    data["protected"] = b64(json.dumps(protected).encode())
    assert opening(json.dumps(data)) == Reason.MALFORMED


@pytest.mark.parametrize("more", [{"unprotected": {"alg": "dir"}}, {"aad": "AAAA"}, {"x": 1}])
def test_a_sealed_text_with_more_members_is_refused(more: dict[str, Any]) -> None:
    data = json.loads(seal(b"some words", (SEALING.public,)))
    assert opening(json.dumps({**data, **more})) == Reason.MALFORMED


def test_a_sealed_text_whose_recipient_brings_more_is_refused() -> None:
    data = json.loads(seal(b"some words", (SEALING.public,)))
    data["recipients"][0]["header"]["jku"] = "https://attacker.example/"
    assert opening(json.dumps(data)) == Reason.MALFORMED


def test_an_ephemeral_point_of_small_order_is_refused() -> None:
    data = json.loads(seal(b"some words", (SEALING.public,)))
    data["recipients"][0]["header"]["epk"]["x"] = b64(bytes(32))
    assert opening(json.dumps(data)) == Reason.ALTERED


def test_a_sealed_text_nested_deeply_is_refused() -> None:
    assert opening('{"a":' * 100_000) == Reason.MALFORMED


def test_a_sealed_text_that_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.exchange.keys.LONGEST_SEALED", 1000)
    with pytest.raises(ExchangeError, match="1000"):
        seal(b"x" * 900, (SEALING.public,))
    assert opening("{" * 1001) == Reason.TOO_LARGE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(
    st.sampled_from(["protected", "iv", "ciphertext", "tag", "recipients", "header", "epk", "kid"]),
    json_values,
)
def test_no_json_in_place_of_a_member_does_more_than_be_refused(name: str, value: object) -> None:
    data = json.loads(seal(b"some words", (SEALING.public,)))
    recipient = data["recipients"][0]
    if name == "header":
        recipient["header"] = value
    elif name in ("epk", "kid"):
        recipient["header"][name] = value
    else:
        data[name] = value
    assert opening(json.dumps(data)) in (Reason.MALFORMED, Reason.ALTERED, Reason.UNKNOWN_KEY)


@given(json_values)
def test_no_json_given_as_sealed_does_more_than_be_refused(value: object) -> None:
    assert opening(json.dumps(value)) == Reason.MALFORMED


def test_no_name_of_a_key_reads_as_an_option_of_a_command() -> None:
    made = [key.public.kid for _ in range(200) for key in make_keys(NOW)]
    assert not [kid for kid in made if kid.startswith("-")]
