"""The private keys of a desk: who can read them, what opens them, what happens when one is lost."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from pathlib import Path

import pytest

from comity.errors import ExchangeError
from comity.exchange.keyring import PASSPHRASE, KeyRing, holds
from comity.exchange.keys import make_keys, seal, sign, unseal
from comity.exchange.model import PrivateKey

NOW = dt.datetime(2026, 11, 26, 16, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SIGNING, SEALING = make_keys(NOW, days=100)
WORDS = "five words drawn at random"


@pytest.fixture(autouse=True)
def _no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSPHRASE, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "keys"


def ring_of(folder: Path, *keys: PrivateKey, passphrase: str = "") -> KeyRing:
    ring = KeyRing(folder, passphrase)
    for key in keys:
        ring.add(key)
    return ring


def path_of(folder: Path, key: PrivateKey) -> Path:
    return folder / f"{key.public.kid}.json"


def test_keys_come_back_as_they_were_kept(folder: Path) -> None:
    ring_of(folder, SEALING, SIGNING)
    again = KeyRing(folder)
    assert again.public() == (SIGNING.public, SEALING.public)
    assert again.signing(NOW) == SIGNING
    assert again.sealing() == (SEALING,)


def test_only_their_owner_reads_the_files(folder: Path) -> None:
    ring_of(folder, SIGNING)
    assert stat.S_IMODE(path_of(folder, SIGNING).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_not_used_and_it_is_said_how_to_go_on(
    folder: Path, mode: int
) -> None:
    ring = ring_of(folder, SIGNING)
    path_of(folder, SIGNING).chmod(mode)
    for attempt in (lambda: ring.signing(NOW), ring.public, ring.sealing):
        with pytest.raises(ExchangeError, match=f"mode {mode:04o}.*chmod 600.*revoke"):
            attempt()


def test_with_a_passphrase_nothing_private_is_on_disk(folder: Path) -> None:
    ring_of(folder, SIGNING, passphrase=WORDS)
    assert SIGNING.jwk["d"] not in path_of(folder, SIGNING).read_text()
    assert KeyRing(folder).locked_with_passphrase(SIGNING.public.kid)
    assert KeyRing(folder, WORDS).signing(NOW) == SIGNING


def test_the_passphrase_is_taken_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSPHRASE, WORDS)
    KeyRing(folder).add(SIGNING)
    assert KeyRing(folder).signing(NOW) == SIGNING
    with pytest.raises(ExchangeError, match="is locked"):
        KeyRing(folder, "").signing(NOW)


@pytest.mark.parametrize("wrong", ["another five words at random", "short"])
def test_a_wrong_passphrase_opens_nothing(folder: Path, wrong: str) -> None:
    ring_of(folder, SIGNING, passphrase=WORDS)
    with pytest.raises(ExchangeError, match="does not open key"):
        KeyRing(folder, wrong).signing(NOW)


def test_a_locked_key_without_a_passphrase_says_how_to_give_it(folder: Path) -> None:
    ring_of(folder, SIGNING, passphrase=WORDS)
    with pytest.raises(ExchangeError, match=f"locked with a passphrase: set {PASSPHRASE}"):
        KeyRing(folder).signing(NOW)


def test_a_short_passphrase_is_not_taken(folder: Path) -> None:
    with pytest.raises(ExchangeError, match="too short: take 14"):
        ring_of(folder, SIGNING, passphrase="thirteen char")
    assert KeyRing(folder).public() == ()


def test_keys_are_locked_with_another_passphrase_all_or_none(folder: Path) -> None:
    ring_of(folder, SIGNING, passphrase=WORDS)
    ring_of(folder, SEALING)
    before = {p: p.read_bytes() for p in folder.glob("*.json")}
    for ring, new in ((KeyRing(folder), "another five words"), (KeyRing(folder, WORDS), "short")):
        with pytest.raises(ExchangeError):
            ring.relock(new)
        assert before == {p: p.read_bytes() for p in folder.glob("*.json")}
    ring = KeyRing(folder, WORDS)
    assert ring.relock("another five words") == 2
    assert ring.sealing() == (SEALING,)
    assert KeyRing(folder, "another five words").signing(NOW) == SIGNING
    assert KeyRing(folder, "another five words").relock("") == 2
    assert KeyRing(folder).signing(NOW) == SIGNING
    modes = {stat.S_IMODE(p.stat().st_mode) for p in folder.glob("*.json")}
    assert modes == {0o600}


def test_a_disk_that_fails_while_keys_are_locked_leaves_all_as_they_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import comity.exchange.keyring as keyring

    ring = ring_of(folder, SIGNING, SEALING)
    before = {p: p.read_bytes() for p in folder.glob("*.json")}
    write, written = keyring.write_whole, []

    def full_after_one(path: Path, content: bytes) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)
        write(path, content)

    monkeypatch.setattr(keyring, "write_whole", full_after_one)
    with pytest.raises(ExchangeError, match=r"No space left.*unchanged"):
        ring.relock(WORDS)
    assert before == {p: p.read_bytes() for p in folder.iterdir() if p.name != ".lock"}


def test_locked_and_open_keys_stand_side_by_side(folder: Path) -> None:
    ring_of(folder, SIGNING)
    ring_of(folder, SEALING, passphrase=WORDS)
    ring = KeyRing(folder, WORDS)
    assert (ring.signing(NOW), ring.sealing()) == (SIGNING, (SEALING,))


def test_a_key_is_listed_and_revoked_without_its_passphrase(folder: Path) -> None:
    ring_of(folder, SIGNING, passphrase=WORDS)
    key = KeyRing(folder).revoke(SIGNING.public.kid, NOW, "stolen")
    assert KeyRing(folder).public() == (key,)
    assert KeyRing(folder, WORDS).private(key.kid).jwk == SIGNING.jwk


def test_the_newest_key_that_holds_signs(folder: Path) -> None:
    newer, _ = make_keys(NOW + 10 * DAY, days=10)
    ring = ring_of(folder, newer, SIGNING)
    assert ring.signing(NOW + 9 * DAY) == SIGNING
    assert ring.signing(NOW + 10 * DAY) == newer
    assert ring.signing(NOW + 20 * DAY) == newer
    assert ring.signing(NOW + 21 * DAY) == SIGNING


@pytest.mark.parametrize("day", [-1, 101])
def test_without_a_key_that_holds_nothing_is_signed(folder: Path, day: int) -> None:
    ring = ring_of(folder, SIGNING, SEALING)
    with pytest.raises(ExchangeError, match="keys rotate"):
        ring.signing(NOW + day * DAY)


def test_a_revoked_key_signs_no_more_and_still_opens_what_was_sealed_for_it(folder: Path) -> None:
    ring = ring_of(folder, SIGNING, SEALING)
    token = seal(b"said before", (SEALING.public,))
    for key in (SIGNING, SEALING):
        ring.revoke(key.public.kid, NOW, "laptop lost")
    with pytest.raises(ExchangeError, match="No signing key"):
        ring.signing(NOW)
    assert unseal(token, ring.sealing()) == b"said before"


def test_of_two_revocations_the_earlier_counts(folder: Path) -> None:
    ring = ring_of(folder, SIGNING)
    kid = SIGNING.public.kid
    ring.revoke(kid, NOW, "first")
    assert ring.revoke(kid, NOW + DAY, "later").why == "first"
    found = ring.revoke(kid, NOW - DAY, "it was lost a day before")
    assert (found.revoked, found.why) == (NOW - DAY, "it was lost a day before")
    assert not holds(found, NOW)


def test_a_revocation_needs_a_reason_and_a_key(folder: Path) -> None:
    ring = ring_of(folder, SIGNING)
    with pytest.raises(ExchangeError, match="Say why"):
        ring.revoke(SIGNING.public.kid, NOW, "  ")
    with pytest.raises(ExchangeError, match=f"no key 'x'.*Held are: {SIGNING.public.kid}"):
        ring.revoke("x", NOW, "lost")


def test_a_key_is_kept_once(folder: Path) -> None:
    ring = ring_of(folder, SIGNING)
    with pytest.raises(ExchangeError, match="held already"):
        ring.add(SIGNING)


def test_a_folder_that_is_not_there_holds_no_keys(folder: Path) -> None:
    assert KeyRing(folder).public() == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: "{",
        lambda data: "[]",
        lambda data: json.dumps({k: v for k, v in data.items() if k != "private"}),
        lambda data: json.dumps({k: v for k, v in data.items() if k != "since"}),
        lambda data: json.dumps({**data, "since": "yesterday"}),
        lambda data: json.dumps({**data, "kid": SEALING.public.kid}),
        lambda data: json.dumps({**data, "private": SEALING.jwk}),
        lambda data: "[" * 100_000,
    ],
)
def test_a_damaged_key_file_is_named(folder: Path, change: object) -> None:
    ring = ring_of(folder, SIGNING)
    path = path_of(folder, SIGNING)
    path.write_text(change(json.loads(path.read_text())))  # type: ignore[operator]
    with pytest.raises(ExchangeError, match=f"key file {path} cannot be read"):
        ring.signing(NOW)


def test_a_locked_key_that_was_altered_opens_nothing(folder: Path) -> None:
    ring_of(folder, SIGNING, passphrase=WORDS)
    path = path_of(folder, SIGNING)
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "locked": data["locked"][:-4] + "AAAA"}))
    with pytest.raises(ExchangeError, match="was altered"):
        KeyRing(folder, WORDS).signing(NOW)


def test_a_locked_file_that_asks_for_endless_work_is_refused(folder: Path) -> None:
    import base64

    ring_of(folder, SIGNING, passphrase=WORDS)
    path = path_of(folder, SIGNING)
    data = json.loads(path.read_text())
    head, _, rest = data["locked"].partition(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    header["p2c"] = 10**12
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    path.write_text(json.dumps({**data, "locked": f"{head}.{rest}"}))
    with pytest.raises(ExchangeError, match="does not open"):
        KeyRing(folder, WORDS).signing(NOW)


def test_where_nothing_can_be_written_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExchangeError, match="Cannot write keys"):
        KeyRing(tmp_path / "file" / "keys").add(SIGNING)


def test_what_the_ring_gives_signs(folder: Path) -> None:
    ring = ring_of(folder, SIGNING)
    assert sign(b"x", ring.signing(NOW), "t") == sign(b"x", SIGNING, "t")
