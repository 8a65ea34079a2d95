"""Keys of a party: made, checked, and what is signed, verified, sealed and opened with them.

Signatures are Ed25519 (RFC 8037, named `Ed25519` as in RFC 9864) as JWS with a detached payload
(RFC 7515, appendix F); what is sealed is a JWE for several recipients (ECDH-ES+A256KW over X25519,
A256GCM). A key's id is its RFC 7638 thumbprint, so that one id cannot stand for two keys. Nothing
in a token's header is followed but `kid`: a header that holds more than `alg`, `kid` and `typ` is
refused, and with it keys and addresses of keys that a token brings along, and `crit`.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OKPKey

from comity.errors import ExchangeError, RefusedError
from comity.exchange.canonical import stamp, whole
from comity.exchange.keyring import KeyRing
from comity.exchange.model import PrivateKey, PublicKey, Reason

__all__ = [
    "KeyRing",
    "check_public",
    "from_base64url",
    "make_keys",
    "seal",
    "sign",
    "sign_whole",
    "signer",
    "unseal",
    "verify",
    "verify_whole",
]

DAYS = 730  # for which a new key holds
GRACE = dt.timedelta(days=7)  # for messages that were on their way when their key expired
LONGEST_SIGNATURE = 1024
LONGEST_SEALED = 16 * 1024 * 1024  # characters of a JWE
CURVES = {"sig": "Ed25519", "enc": "X25519"}
HEADER = {"alg", "kid", "typ"}
SEALED = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}

# Points of small order and their other encodings: with such a key one signature fits many texts.
# The sign bit (the highest of the last byte) is taken off before looking here.
SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


class _Signatures(jws.JWSRegistry):
    max_header_length = LONGEST_SIGNATURE
    max_payload_length = 4 * 1024 * 1024


class _Sealing(jwe.JWERegistry):
    max_ciphertext_length = LONGEST_SEALED


_SIGNATURES = _Signatures(algorithms=["Ed25519"])
_SEALING = _Sealing(algorithms=list(SEALED.values()))


def make_keys(now: dt.datetime, days: int = DAYS) -> tuple[PrivateKey, PrivateKey]:
    """Return a new signing key and a new sealing key that hold from `now` for `days` days."""
    since = whole(now)
    until = since + dt.timedelta(days=days)
    signing, sealing = (_new(use, since, until) for use in ("sig", "enc"))
    return signing, sealing


def _new(use: str, since: dt.datetime, until: dt.datetime) -> PrivateKey:
    made = OKPKey.generate_key(CURVES[use])  # type: ignore[arg-type]
    while made.thumbprint().startswith("-"):  # a command line would take its name for an option
        made = OKPKey.generate_key(CURVES[use])  # type: ignore[arg-type]
    public = {k: str(v) for k, v in made.as_dict(private=False).items() if k in ("kty", "crv", "x")}
    jwk = {**public, "d": str(made.as_dict(private=True)["d"])}
    return PrivateKey(PublicKey(made.thumbprint(), use, public, since, until), jwk)


def check_public(key: PublicKey) -> None:
    """Raise RefusedError (malformed) unless a public key is one: its curve fits its use, its id is
    its thumbprint, nothing private is in it, and it is no point of small order."""
    jwk = dict(key.jwk)
    if "d" in jwk:
        raise _malformed(f"key {key.kid} holds its private part: it is to be revoked, not sent")
    if key.use not in CURVES or jwk.keys() != {"kty", "crv", "x"}:
        raise _malformed(f"key {key.kid} is no public key for signing (sig) or sealing (enc)")
    if jwk["kty"] != "OKP" or jwk["crv"] != CURVES[key.use]:
        raise _malformed(f"key {key.kid} is not on the curve {CURVES[key.use]} that {key.use} has")
    point = bytearray(from_base64url(jwk["x"]))
    if len(point) != 32:
        raise _malformed(f"key {key.kid} does not have 32 bytes")
    point[31] &= 0x7F
    if bytes(point) in SMALL_ORDER:
        raise _malformed(f"key {key.kid} is a point of small order, which signs any text")
    if _key(jwk["crv"], jwk["x"]).thumbprint() != key.kid:
        raise _malformed(f"key {key.kid} is named by another id than its thumbprint")
    if key.since >= key.until:
        raise _malformed(f"key {key.kid} ends before it begins")


def signer(signature: str, typ: str) -> str:
    """Return the id of the key that a signature names, unchecked. Raises RefusedError."""
    return _kid(signature.partition(".")[0], typ)


def sign(payload: bytes, key: PrivateKey, typ: str) -> str:
    """Return the detached signature of a payload: `header..signature`, compact JWS."""
    return jws.detach_content(sign_whole(payload, key, typ))


def sign_whole(payload: bytes, key: PrivateKey, typ: str) -> str:
    """Return the compact JWS of a payload, the payload in it. Raises ExchangeError for a key that
    does not sign."""
    if key.public.use != "sig":
        raise ExchangeError(f"Key {key.public.kid} is for sealing; it does not sign.")
    header = {"alg": "Ed25519", "kid": key.public.kid, "typ": typ}
    return jws.serialize_compact(header, payload, OKPKey.import_key(dict(key.jwk)), None,
                                 _SIGNATURES)  # fmt: skip


def verify(
    payload: bytes, signature: str, keys: Sequence[PublicKey], typ: str, sent: dt.datetime,
    now: dt.datetime, grace: dt.timedelta = GRACE,
) -> PublicKey:  # fmt: skip
    """Return the key among `keys` that signed a payload, by its detached signature.

    Raises RefusedError: malformed (another algorithm or type, or a header that holds more than
    these), unknown-key, forged, revoked-key (revoked at or before `now`), expired-key (`sent`
    after the key's last day, which is INCLUSIVE, or `now` later than that by over `grace`; both
    `sent` and `now` before its first: a newer key may vouch for what an older one signed).
    """
    parts = signature.split(".")
    if len(parts) != 3 or parts[1]:
        raise _malformed("the signature is not header..signature with the content left out")
    return _verified(signature, payload, keys, typ, sent, now, grace)


def verify_whole(
    token: str, keys: Sequence[PublicKey], typ: str, sent: dt.datetime, now: dt.datetime,
    grace: dt.timedelta = GRACE,
) -> PublicKey:  # fmt: skip
    """Return the key that signed a compact JWS whose payload is in it. Raises as `verify`."""
    if len(token.split(".")) != 3 or ".." in token:
        raise _malformed("the signed text is not header.content.signature")
    return _verified(token, None, keys, typ, sent, now, grace)


def _verified(
    token: str, payload: bytes | None, keys: Sequence[PublicKey], typ: str, sent: dt.datetime,
    now: dt.datetime, grace: dt.timedelta,
) -> PublicKey:  # fmt: skip
    kid = _kid(token.partition(".")[0], typ)
    key = next((k for k in keys if k.kid == kid and k.use == "sig"), None)
    if key is None:
        raise RefusedError(
            f"Key {kid} is not one of the sender's signing keys as its card holds them. Ask for "
            "its newest card and import that first.", Reason.UNKNOWN_KEY,
        )  # fmt: skip
    try:
        jws.deserialize_compact(token, _key(key.jwk["crv"], key.jwk["x"]), None, _SIGNATURES,
                                payload)  # fmt: skip
    except BadSignatureError as error:
        raise RefusedError(
            f"The signature is not of key {kid} over this text: one of the two was altered.",
            Reason.FORGED,
        ) from error
    except (JoseError, ValueError) as error:
        raise _malformed(f"the signature cannot be read ({error})") from error
    _check_days(key, sent, now, grace)
    return key


def _check_days(
    key: PublicKey, sent: dt.datetime, now: dt.datetime, grace: dt.timedelta
) -> None:  # fmt: skip
    """Raise RefusedError where a key did not hold: revoked by `now`, or outside its days."""
    if key.revoked is not None and key.revoked <= now:
        raise RefusedError(
            f"Key {key.kid} was revoked on {stamp(key.revoked)}"
            f"{': ' + key.why if key.why else ''}. What it signed is to be signed anew.",
            Reason.REVOKED_KEY,
        )
    if max(sent, now) < key.since or sent > key.until or now > key.until + grace:
        raise RefusedError(
            f"Key {key.kid} holds from {stamp(key.since)} to {stamp(key.until)}; this was sent "
            f"{stamp(sent)} and met {stamp(now)}. It is to be signed with a key that holds.",
            Reason.EXPIRED_KEY,
        )


@lru_cache(maxsize=256)
def _kid(header: str, typ: str) -> str:
    """Return the id in a protected header that says Ed25519 and `typ` and nothing more."""
    if len(header) > LONGEST_SIGNATURE:
        raise _malformed("the header of the signature is too long")
    try:
        found = json.loads(from_base64url(header), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _malformed("the header of the signature is no JSON object") from error
    if not isinstance(found, dict) or found.keys() != HEADER:
        raise _malformed("the header of the signature holds other than alg, kid and typ")
    if found["alg"] != "Ed25519":
        raise _malformed(f"the algorithm is {str(found['alg'])[:20]!r}; only Ed25519 is taken")
    if found["typ"] != typ:
        raise _malformed(f"it was signed as {str(found['typ'])[:40]!r}, not as {typ}")
    if not isinstance(found["kid"], str) or len(found["kid"]) != 43:
        raise _malformed("the key is not named by its thumbprint of 43 characters")
    return found["kid"]


def seal(plaintext: bytes, recipients: Sequence[PublicKey]) -> str:
    """Return a JWE (general JSON) that each of the recipients' sealing keys opens. Raises
    ExchangeError where there is no recipient or a key that is not for sealing."""
    keys = {key.kid: key for key in recipients}
    if not keys or any(key.use != "enc" for key in keys.values()):
        raise ExchangeError("To seal a message, every recipient's card must hold a sealing key.")
    made = jwe.GeneralJSONEncryption(dict(SEALED), plaintext)
    for kid, key in sorted(keys.items()):
        made.add_recipient({"kid": kid}, _key(key.jwk["crv"], key.jwk["x"]))
    token = json.dumps(jwe.encrypt_json(made, None, None, _SEALING), separators=(",", ":"))
    if len(token) > LONGEST_SEALED:
        raise ExchangeError(f"Sealed, this has {len(token)} characters; most are {LONGEST_SEALED}.")
    return token


def unseal(token: str, keys: Iterable[PrivateKey]) -> bytes:
    """Return what a JWE holds, opened with whichever of our keys it was sealed for.

    Raises RefusedError: unknown-key (sealed for others only), altered (truncated or changed),
    too-large, malformed (another algorithm, compression, or members that do not belong there).
    """
    if len(token) > LONGEST_SEALED:
        raise RefusedError(
            f"What is sealed has {len(token)} characters; most are {LONGEST_SEALED}.",
            Reason.TOO_LARGE,
        )
    data = _sealed_parts(token)
    ours = {key.public.kid: key for key in keys if key.public.use == "enc"}
    for recipient in data["recipients"]:
        if (key := ours.get(recipient["header"]["kid"])) is not None:
            return _opened({**data, "recipients": [recipient]}, key)
    raise RefusedError(
        "This is sealed for other keys than ours. Ask its sender to seal it for the keys of our "
        "newest card.", Reason.UNKNOWN_KEY,
    )  # fmt: skip


def _sealed_parts(token: str) -> dict[str, Any]:
    """Return a JWE's members, each of the type and name it must have. Raises RefusedError."""
    try:
        data = json.loads(token, object_pairs_hook=_once)
        protected = json.loads(from_base64url(data["protected"]), object_pairs_hook=_once)
        texts = [data[name] for name in ("protected", "iv", "ciphertext", "tag")]
        texts += [part["encrypted_key"] for part in data["recipients"]]
        texts += [part["header"]["kid"] for part in data["recipients"]]
        points = [part["header"]["epk"] for part in data["recipients"]]
    except (ValueError, RecursionError, KeyError, TypeError, RefusedError) as error:
        raise _malformed("what is sealed is no JWE for several recipients") from error
    members = {"protected", "iv", "ciphertext", "tag", "recipients"}
    heads = [part["header"].keys() for part in data["recipients"]]
    if (
        data.keys() != members or not all(isinstance(text, str) for text in texts)
        or any(head != {"kid", "epk"} for head in heads)
        or any(not isinstance(p, dict) or p.keys() != {"kty", "crv", "x"} for p in points)
    ):  # fmt: skip
        raise _malformed("what is sealed holds members that do not belong there, or lacks some")
    if protected != SEALED:
        raise _malformed(f"what is sealed uses other than {' and '.join(SEALED.values())}")
    found: dict[str, Any] = data
    return found


def _opened(data: dict[str, Any], key: PrivateKey) -> bytes:
    try:
        opened = jwe.decrypt_json(data, OKPKey.import_key(dict(key.jwk)), None, _SEALING)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError) as error:
        raise RefusedError(
            "What is sealed was altered on its way or cut short; nothing of it can be read. Ask "
            "for it again.", Reason.ALTERED,
        ) from error  # fmt: skip
    return opened.plaintext or b""


@lru_cache(maxsize=512)
def _key(curve: str, x: str) -> OKPKey:
    """Return the public key at a point. Raises RefusedError (malformed) where it is none."""
    try:
        return OKPKey.import_key({"kty": "OKP", "crv": curve, "x": x})
    except (JoseError, ValueError) as error:
        raise _malformed(f"a public key cannot be read ({error})") from error


def from_base64url(text: object) -> bytes:
    """Return the bytes of base64url as RFC 7515 writes it: one way for one value, no padding.

    Raises RefusedError (malformed) for any other text.
    """
    try:
        raw = base64.b64decode(str(text) + "=" * (-len(str(text)) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("a part is no base64url") from error
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise _malformed("a part is not base64url as RFC 7515 writes it")
    return raw


def _once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return a JSON object, each of its names once. Raises ValueError where one comes twice."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name comes twice")
    return dict(pairs)


def _malformed(why: str) -> RefusedError:
    return RefusedError(f"This is not signed or sealed as it must be: {why}.", Reason.MALFORMED)
