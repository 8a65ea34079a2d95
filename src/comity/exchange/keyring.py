"""The private keys of a desk: files only their owner reads, locked where there is a passphrase.

One file a key, `HOME/keys/KID.json`: what everybody may know of the key in clear (so that keys are
listed and revoked without the passphrase), and its private part, either in clear or as a JWE
(PBES2-HS512+A256KW, A256GCM). A file is replaced whole or not at all.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity.errors import ExchangeError
from comity.exchange.canonical import read_stamp, stamp, whole
from comity.exchange.model import PrivateKey, PublicKey
from comity.storage import locked, write_whole

PASSPHRASE = "COMITY_EXCHANGE_PASSPHRASE"
SHORTEST = 14  # bytes of a passphrase: 112 bits
ROUNDS = 250_000  # of PBKDF2 with SHA-512; OWASP asks for 210,000
LOCK = {"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": ROUNDS}


class KeyRing:
    """The keys in a folder. Nothing is read before it is asked for; a passphrase is taken from
    `COMITY_EXCHANGE_PASSPHRASE` where none is given, and an empty one means none."""

    def __init__(self, folder: Path, passphrase: str | None = None) -> None:
        self.folder = folder
        self._passphrase = os.environ.get(PASSPHRASE, "") if passphrase is None else passphrase
        self._opened: dict[str, dict[str, str]] = {}

    def public(self) -> tuple[PublicKey, ...]:
        """Return every key's public part, signing keys first, oldest first. Needs no passphrase.

        Raises ExchangeError where a file is damaged or others can read it.
        """
        keys = [_public(found, path) for path, found in self._files()]
        return tuple(sorted(keys, key=lambda k: (k.use != "sig", k.since, k.kid)))

    def signing(self, now: dt.datetime) -> PrivateKey:
        """Return the newest signing key that holds at `now`. Raises ExchangeError without one."""
        held = [k for k in self.public() if k.use == "sig" and holds(k, now)]
        if not held:
            raise ExchangeError(
                f"No signing key in {self.folder} holds on {now:%Y-%m-%d}. Make one with "
                "`comity exchange keys rotate`."
            )
        return self.private(held[-1].kid)

    def sealing(self) -> tuple[PrivateKey, ...]:
        """Return all sealing keys, old and revoked ones too: they open what was sealed for them."""
        return tuple(self.private(k.kid) for k in self.public() if k.use == "enc")

    def private(self, kid: str) -> PrivateKey:
        """Return one key with its private part. Raises ExchangeError: no such key, a wrong or
        missing passphrase, a damaged file."""
        path, found = self._one(kid)
        public = _public(found, path)
        if kid not in self._opened:
            jwk = self._open(path, found)
            if {k: v for k, v in jwk.items() if k != "d"} != dict(public.jwk) or "d" not in jwk:
                raise _damaged(path, "its private part belongs to another key")
            self._opened[kid] = jwk
        return PrivateKey(public, self._opened[kid])

    def locked_with_passphrase(self, kid: str) -> bool:
        """Return whether a key's private part is locked. Raises ExchangeError: no such key."""
        return "locked" in self._one(kid)[1]

    def add(self, key: PrivateKey) -> None:
        """Keep a key, locked where there is a passphrase.

        Raises ExchangeError where it is held already, or the passphrase is shorter than 14 bytes.
        """
        self._check_passphrase()
        with self._writing():
            path = self._path(key.public.kid)
            if path.exists():
                raise ExchangeError(f"Key {key.public.kid} is held already, in {path}.")
            self._keep(key, path)

    def relock(self, passphrase: str) -> int:
        """Lock every key with another passphrase, or with none where it is empty; return how many.

        All are opened first: with one that does not open, none is changed. Raises ExchangeError.
        """
        new = KeyRing(self.folder, passphrase)
        new._check_passphrase()
        with self._writing():
            keys = [self.private(key.kid) for key in self.public()]
            fresh = [self.folder / f".{key.public.kid}.new" for key in keys]
            try:
                for key, path in zip(keys, fresh, strict=True):
                    new._keep(key, path)
                for key, path in zip(keys, fresh, strict=True):
                    path.replace(self._path(key.public.kid))
            finally:
                for path in fresh:
                    path.unlink(missing_ok=True)
        self._passphrase = passphrase
        return len(keys)

    def revoke(self, kid: str, when: dt.datetime, why: str) -> PublicKey:
        """Say that a key no longer holds from `when` on; of two such instants the earlier counts.

        The private part stays: a sealing key opens what was sealed before. Raises ExchangeError.
        """
        if not why.strip():
            raise ExchangeError("Say why the key is revoked: its readers have to judge what it "
                                "signed before.")  # fmt: skip
        with self._writing():
            path, found = self._one(kid)
            key = _public(found, path)
            if key.revoked is None or whole(when) < key.revoked:
                key = replace(key, revoked=whole(when), why=why.strip())
                secret = "locked" if "locked" in found else "private"
                _write(path, {**_record(key), secret: found[secret]})
        return key

    def _check_passphrase(self) -> None:
        """Raise ExchangeError where keys must not be locked with the passphrase at hand."""
        if 0 < len(self._passphrase.encode()) < SHORTEST:
            raise ExchangeError(
                f"The passphrase is too short: take {SHORTEST} characters or more, such as five "
                f"words drawn at random, and set {PASSPHRASE} to them."
            )

    def _keep(self, key: PrivateKey, path: Path) -> None:
        record = _record(key.public)
        if self._passphrase:
            record["locked"] = self._lock(dict(key.jwk))
        else:
            record["private"] = dict(key.jwk)
        _write(path, record)

    def _path(self, kid: str) -> Path:
        return self.folder / f"{kid}.json"

    def _one(self, kid: str) -> tuple[Path, dict[str, Any]]:
        for path, found in self._files():
            if path.stem == kid:
                return path, found
        held = ", ".join(k.kid for k in self.public()) or "none"
        raise ExchangeError(f"There is no key {kid!r} in {self.folder}. Held are: {held}.")

    def _files(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*.json")):
            yield path, _read(path)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(self.folder / ".lock"):
                yield
        except OSError as error:
            raise ExchangeError(
                f"Cannot write keys to {self.folder}: {error.strerror or error}. The keys there "
                "are unchanged."
            ) from error

    def _lock(self, jwk: dict[str, str]) -> str:
        from joserfc import jwe
        from joserfc.jwk import OctKey

        secret = OctKey.import_key(self._passphrase)
        names = [str(LOCK["alg"]), str(LOCK["enc"])]
        return jwe.encrypt_compact(dict(LOCK), json.dumps(jwk), secret, names)

    def _open(self, path: Path, found: dict[str, Any]) -> dict[str, str]:
        """Return the private JWK of a file. Raises ExchangeError."""
        if "private" in found:
            return dict(found["private"])
        if not self._passphrase:
            raise ExchangeError(f"Key {path.stem} is locked with a passphrase: set {PASSPHRASE} "
                                "to it.")  # fmt: skip
        from joserfc import jwe
        from joserfc.errors import JoseError
        from joserfc.jwk import OctKey

        wrong = (
            f"The passphrase in {PASSPHRASE} does not open key {path.stem}, or its file {path} was "
            "altered. Nothing was signed or opened."
        )
        if len(self._passphrase.encode()) < SHORTEST:  # none is kept under such a one
            raise ExchangeError(wrong)
        try:
            secret = OctKey.import_key(self._passphrase)
            names = [str(LOCK["alg"]), str(LOCK["enc"])]
            opened = jwe.decrypt_compact(found["locked"], secret, names).plaintext or b""
            return dict(json.loads(opened))
        except (JoseError, ValueError, TypeError) as error:
            raise ExchangeError(wrong) from error


def holds(key: PublicKey, now: dt.datetime) -> bool:
    """Return whether a key holds at an instant, both its ends INCLUSIVE: begun, neither ended nor
    revoked."""
    return key.since <= now <= key.until and (key.revoked is None or key.revoked > now)


def _record(key: PublicKey) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kid": key.kid, "use": key.use, "jwk": dict(key.jwk),
        "since": stamp(key.since), "until": stamp(key.until),
    }  # fmt: skip
    if key.revoked is not None:
        found |= {"revoked": stamp(key.revoked), "why": key.why}
    return found


def _public(found: dict[str, Any], path: Path) -> PublicKey:
    try:
        revoked = read_stamp(found["revoked"]) if "revoked" in found else None
        key = PublicKey(
            found["kid"], found["use"], dict(found["jwk"]), read_stamp(found["since"]),
            read_stamp(found["until"]), revoked, found.get("why", ""),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, ExchangeError) as error:
        raise _damaged(path, f"a member is missing or of another type ({error})") from error
    if key.kid != path.stem:
        raise _damaged(path, f"it holds key {key.kid}")
    return key


def _write(path: Path, found: dict[str, Any]) -> None:
    write_whole(path, json.dumps(found, indent=2).encode())


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a key file that only its owner can read. Raises ExchangeError."""
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise ExchangeError(
                f"Others can read the key file {path} (mode {stat.S_IMODE(mode):04o}). Nothing is "
                f"done with it until it is private: chmod 600 {path}. If anybody may have read "
                f"it, revoke it then: `comity exchange keys revoke {path.stem}`."
            )
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(found, dict) or not ("locked" in found or "private" in found):
        raise _damaged(path, "it holds no private part")
    return found


def _damaged(path: Path, why: str) -> ExchangeError:
    return ExchangeError(
        f"The key file {path} cannot be read: {why}. Put it back from a copy, or make new keys "
        "with `comity exchange keys rotate` once it is moved away."
    )
