"""People of a desk: who may sign in, how often it may be guessed, and what each may do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from desks import US, Clock, made
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import ExchangeError
from comity.exchange import accounts
from comity.exchange.desk import Desk
from comity.exchange.model import Role
from comity.exchange.throttle import FREE, FREE_ANYWHERE, MEMORY, MOST, Throttle

WORDS = "four plain words here"
ISSUER = "https://login.mfa.example"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost a test nothing."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: hasher)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = made(tmp_path, US, Clock())
    yield found
    found.close()


class Hand:
    """A clock set by hand, in seconds."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def add(desk: Desk, name: str = "ana", *roles: Role) -> accounts.Account:
    return accounts.add_person(desk, name, roles or (Role.READ,), WORDS)


def test_a_person_signs_in_with_the_password_and_has_the_roles_given(desk: Desk) -> None:
    add(desk, "ana", Role.READ, Role.RELEASE)
    person = accounts.sign_in(desk, "ana", WORDS, Throttle())
    assert (person.name, person.roles) == ("ana", {Role.READ, Role.RELEASE})


def test_what_is_stored_is_an_argon2_hash_and_not_the_password(desk: Desk) -> None:
    add(desk)
    with desk.database.reading() as link:
        row = accounts._row(link, "ana")
    assert row.secret.startswith("$argon2id$")
    assert WORDS not in row.secret


@pytest.mark.parametrize(
    ("name", "password"),
    [("ana", "another set of words"), ("ana", ""), ("nobody", WORDS), ("ANA", WORDS), ("", WORDS),
     ("ana' OR 1=1 --", WORDS), ("ana", WORDS * 1000), ("\x00", WORDS), ("operator", WORDS)],
)  # fmt: skip
def test_a_wrong_name_and_a_wrong_password_are_told_the_same(
    desk: Desk, name: str, password: str
) -> None:
    add(desk)
    with pytest.raises(ExchangeError) as error:
        accounts.sign_in(desk, name, password, Throttle())
    assert str(error.value) == accounts.WRONG


def test_a_name_there_is_not_costs_one_hash_as_a_wrong_password_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(desk)
    accounts.add_person(desk, "oda", [Role.READ], issuer=ISSUER, subject="7")
    tried: list[str] = []
    matches = accounts._matches

    def counted(stored: str, password: str) -> bool:
        tried.append(stored.split("$")[3])
        return matches(stored, password)

    monkeypatch.setattr(accounts, "_matches", counted)
    for name in ("ana", "nobody", "oda", "not a name"):
        with pytest.raises(ExchangeError):
            accounts.sign_in(desk, name, "wrong words altogether", Throttle())
    assert len(tried) == 4
    assert len(set(tried)) == 1  # and with the same parameters


def test_a_hash_with_old_parameters_is_made_anew_at_the_next_sign_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(desk)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: stronger)
    found = accounts.signed_in(desk, "ana", WORDS, Throttle())
    with desk.database.reading() as link:
        assert "m=16,t=2,p=1" in accounts._row(link, "ana").secret
    now = accounts.account_of(desk, "ana")
    assert now is not None
    assert found.mark == now.mark  # the session that begins with it goes on


def test_two_ways_to_type_one_letter_are_one_password(desk: Desk) -> None:
    accounts.add_person(desk, "ana", [Role.READ], "cafe\u0301 au lait chaud")
    assert accounts.sign_in(desk, "ana", "caf\u00e9 au lait chaud", Throttle()).name == "ana"


@pytest.mark.parametrize("password", ["short", "a" * 1001, "ana-ana-ana1"])
def test_a_password_that_will_not_do_is_refused(desk: Desk, password: str) -> None:
    with pytest.raises(ExchangeError):
        accounts.add_person(desk, "ana", [Role.READ], password)
    assert not accounts.all_people(desk)


@pytest.mark.parametrize("name", ["", "Ana", "a b", "operator", "system", "-a", "a" * 65, "á"])
def test_what_cannot_be_a_name_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(ExchangeError, match="cannot be the name"):
        accounts.add_person(desk, name, [Role.READ], WORDS)


def test_a_closed_account_signs_nobody_in_and_keeps_its_name(desk: Desk) -> None:
    add(desk)
    accounts.remove_person(desk, "ana")
    with pytest.raises(ExchangeError, match="do not belong together"):
        accounts.sign_in(desk, "ana", WORDS, Throttle())
    assert [(p.person.name, p.active) for p in accounts.all_people(desk)] == [("ana", False)]
    assert accounts.account_of(desk, "ana") is None
    add(desk, "ana", Role.READ)
    assert accounts.sign_in(desk, "ana", WORDS, Throttle()).name == "ana"


def test_every_change_of_how_one_signs_in_changes_the_mark_and_roles_do_not(desk: Desk) -> None:
    marks = [add(desk).mark]
    assert accounts.set_roles(desk, "ana", [Role.DRAFT]).mark == marks[0]
    marks.append(accounts.set_password(desk, "ana", "other four plain words").mark)
    marks.append(accounts.set_openid(desk, "ana", ISSUER, "42").mark)
    marks.append(accounts.remove_person(desk, "ana").mark)
    assert len(set(marks)) == 4


def test_a_password_is_changed_by_who_knows_the_old_one(desk: Desk) -> None:
    add(desk)
    throttle = Throttle()
    with pytest.raises(ExchangeError, match="belong together"):
        accounts.change_password(desk, "ana", "not the old words", "new words to keep", throttle)
    accounts.change_password(desk, "ana", WORDS, "new words to keep", throttle)
    assert accounts.sign_in(desk, "ana", "new words to keep", throttle).name == "ana"


def test_an_openid_identity_is_known_by_subject_or_by_a_verified_address(desk: Desk) -> None:
    accounts.add_person(desk, "ana", [Role.READ], issuer=ISSUER, subject="42")
    accounts.add_person(desk, "bo", [Role.READ], issuer=ISSUER, subject="mailto:Bo@MFA.example")

    def who(*asked: object) -> str:
        found = accounts.account_by_openid(desk, *asked)  # type: ignore[arg-type]
        return found.person.name if found else ""

    assert who(ISSUER, "42") == "ana"
    assert who("https://other.example", "42") == ""
    assert who(ISSUER, "43", "bo@mfa.example", True) == "bo"
    assert who(ISSUER, "43", "bo@mfa.example", False) == ""
    assert who(ISSUER, "mailto:x@mfa.example") == ""
    with pytest.raises(ExchangeError, match="one person each"):
        accounts.add_person(desk, "cy", [Role.READ], issuer=ISSUER, subject="42")


def test_after_five_failures_even_the_right_password_waits(desk: Desk) -> None:
    add(desk)
    hand = Hand()
    throttle = Throttle(hand)
    for _ in range(FREE):
        with pytest.raises(ExchangeError, match="belong together"):
            accounts.sign_in(desk, "ana", "wrong words altogether", throttle, "10.0.0.1")
    with pytest.raises(ExchangeError, match=r"Try again in \d seconds"):
        accounts.sign_in(desk, "ana", WORDS, throttle, "10.0.0.1")
    assert accounts.sign_in(desk, "ana", WORDS, throttle, "10.0.0.2").name == "ana"
    hand.at += 3
    assert accounts.sign_in(desk, "ana", WORDS, throttle, "10.0.0.1").name == "ana"
    for _ in range(FREE - 1):
        with pytest.raises(ExchangeError, match="belong together"):
            accounts.sign_in(desk, "ana", "wrong words altogether", throttle, "10.0.0.1")


def test_waits_grow_and_are_forgotten() -> None:
    hand = Hand()
    throttle = Throttle(hand)
    waits = []
    for _ in range(14):
        throttle.begin("ana", "a")
        waits.append(throttle._tries(("ana", "a", "both"), hand.at).until - hand.at)
        hand.at += max(waits[-1], 0)
    assert waits[FREE - 1 : FREE + 3] == [2, 4, 8, 16]
    assert waits[-1] == 900
    hand.at += MEMORY + 1
    throttle.begin("ana", "a")


def test_guessing_a_name_from_many_places_makes_it_wait_but_not_for_long() -> None:
    hand = Hand()
    throttle = Throttle(hand)
    for n in range(FREE_ANYWHERE):
        throttle.begin("ana", f"10.0.0.{n}")
    with pytest.raises(ExchangeError, match="Too many"):
        throttle.begin("ana", "192.168.0.1")
    throttle.begin("bo", "192.168.0.1")
    hand.at += 31
    throttle.begin("ana", "192.168.0.1")


def test_tries_at_one_time_do_not_slip_through() -> None:
    throttle, passed = Throttle(lambda: 0.0), []

    def attempt() -> None:
        try:
            throttle.begin("ana", "a")
        except ExchangeError:
            return
        passed.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(40)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(passed) == FREE


def test_the_memory_of_failures_does_not_grow_without_end() -> None:
    throttle = Throttle(lambda: 0.0)
    for n in range(MOST):
        throttle.begin(f"n{n}", f"{n}")
    assert len(throttle._held) == MOST


def test_people_are_kept_in_a_terminal(desk: Desk, tmp_path: Path) -> None:
    run = CliRunner()
    secret = tmp_path / "secret"
    secret.write_text(f"{WORDS}\nsecond line\n", encoding="utf-8")
    home = ["--home", str(desk.home)]

    def people(*words: str) -> str:
        done = run.invoke(app, ["exchange", "people", *words])
        assert done.exit_code == 0, done.output
        return done.output

    people("add", "ana", "--roles", "read,draft", "--password-file", str(secret), *home)
    people("add", "bo", "--roles", "read", "--openid", ISSUER, "42", *home)
    assert accounts.sign_in(desk, "ana", WORDS, Throttle()).roles == {Role.READ, Role.DRAFT}
    people("roles", "ana", "release", *home)
    people("remove", "bo", *home)
    said = people(*home)
    assert "ana" in said
    assert "release" in said
    assert "closed" in said
    wrong = run.invoke(app, ["exchange", "people", "roles", "ana", "king", *home])
    assert "There is: read, draft, release, keys" in str(wrong.exception)
