"""`comity exchange init`, `contacts` and `keys`, as two parties use them."""

from __future__ import annotations

import datetime as dt
import json
import re
from zoneinfo import available_timezones

import pytest

from test_cli import run as run_words

ADDED = ("contacts", "add", "--role", "technical", "--name", "Duty officer", "--channel",
         "email:cert@us.example", "--channel", "telephone:+1 202 555 0100", "--language", "en",
         "--language", "zh", "--hours", "24/7", "--time-zone", "America/New_York")  # fmt: skip


pytestmark = pytest.mark.usefixtures("clean_folder")


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs `comity exchange` for a party: exit code, output, errors."""

    def run_for(party, *words):
        monkeypatch.setenv("COMITY_EXCHANGE", party)
        return run_words(capsys, monkeypatch, "exchange", *words)

    return run_for


@pytest.fixture
def two(run):
    """Make desks of us.example and china.example."""
    for party, country in (("us.example", "US"), ("china.example", "China")):
        code, _, err = run(party, "init", "--party", party, "--country", country, "--name",
                           f"CERT of {party}")  # fmt: skip
        assert (code, err) == (0, "")
    return run


def flat(text):
    return " ".join(text.split())


def card_of(run, at, party):
    found = json.loads(run(at, "contacts", "--json")[1])
    return next((card for card in found if card["party"] == party), None)


def test_a_desk_is_made_once_and_says_what_to_do_next(run, tmp_path):
    words = ("init", "--party", "us.example", "--country", "US", "--name", "CERT")
    code, out, _ = run("us.example", *words)
    assert code == 0
    assert re.search(r"Fingerprint: ([A-Z2-7]{4} ){7}[A-Z2-7]{4}\n", out)
    assert "The private keys are not locked" in out
    assert "comity exchange contacts add" in flat(out)
    before = (tmp_path / "us.example" / "desk.json").read_bytes()
    code, _, err = run("us.example", *words)
    assert code == 1
    assert "; nothing was changed" in err
    assert (tmp_path / "us.example" / "desk.json").read_bytes() == before


def test_a_desk_with_a_passphrase_says_nothing_of_open_keys(run, monkeypatch):
    monkeypatch.setenv("COMITY_EXCHANGE_PASSPHRASE", "five words drawn at random")
    code, out, _ = run("us.example", "init", "--party", "us.example", "--country", "US", "--name",
                       "CERT")  # fmt: skip
    assert code == 0
    assert "not locked" not in out
    assert "not locked" not in run("us.example", "keys")[1]
    monkeypatch.delenv("COMITY_EXCHANGE_PASSPHRASE")
    code, _, err = run("us.example", *ADDED)
    assert code == 1
    assert "locked with a passphrase: set COMITY_EXCHANGE_PASSPHRASE" in err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--party", "US", "--country", "US"), "like a domain"),
        (("--party", "us.example", "--country", "Atlantis Isles"), "no ISO code"),
        (("--party", "us.example", "--country", "US", "--url", "http://us.example/"), "https://"),
        (("--party", "us.example", "--country", "US", "--certificate", "x.pem"), "give --url"),
        (("--party", "us.example", "--country", "US", "--url", "https://us.example/t/",
          "--certificate", "none.pem"), "No such file"),
        (("--party", "us.example", "--country", "US", "--database", "oracle://x"), "postgresql"),
    ],
)  # fmt: skip
def test_a_desk_that_cannot_be_says_why(run, tmp_path, words, why):
    code, _, err = run("us.example", "init", *words, "--name", "CERT")
    assert code == 1
    assert why in err
    assert not (tmp_path / "us.example" / "desk.json").exists()


def test_a_certificate_is_put_on_the_card_and_a_private_key_never(run, tmp_path):
    pem, key = certificate()
    (tmp_path / "us.pem").write_text(pem)
    (tmp_path / "both.pem").write_text(pem + key)
    words = ("init", "--party", "us.example", "--country", "US", "--name", "CERT", "--url",
             "https://cert.us.example:8443/taxii2/", "--certificate")  # fmt: skip
    code, _, err = run("us.example", *words, "both.pem")
    assert (code, "private key" in err) == (1, True)
    assert run("us.example", *words, "us.pem")[0] == 0
    endpoint = card_of(run, "us.example", "us.example")["endpoint"]
    assert endpoint == {"url": "https://cert.us.example:8443/taxii2/", "certificate": pem.strip()}
    run("us.example", "contacts", "renew", "--url", "https://other.us.example/taxii2/")
    endpoint = card_of(run, "us.example", "us.example")["endpoint"]
    assert endpoint == {"url": "https://other.us.example/taxii2/", "certificate": pem.strip()}
    assert (
        "server      https://other.us.example/taxii2/ (with its certificate)"
        in (run("us.example", "contacts")[1])
    )


def certificate():
    """Return a certificate for a server and its key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cert.us.example")])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1).not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=900)).sign(key, None)
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM).decode(), secret.decode()


def test_a_point_of_contact_is_shown_with_all_ways_to_reach_it(two):
    assert two("us.example", *ADDED)[0] == 0
    out = two("us.example", "contacts")[1]
    assert "us.example (this desk)  CERT of us.example, US" in out
    assert "  technical   Duty officer; en, zh; 24/7 America/New_York\n" in out
    assert "              email cert@us.example\n" in out
    assert "              telephone +1 202 555 0100\n" in out
    assert re.search(r"fingerprint ([A-Z2-7]{4} ?){8}\n", out)
    assert max(map(len, out.splitlines())) <= 80
    assert len(re.findall(r"\n  \S{43} (signs|opens), ", out)) == 2


def test_the_contacts_as_data_hold_what_is_shown_and_nothing_private(two):
    two("us.example", *ADDED)
    card = card_of(two, "us.example", "us.example")
    assert (card["own"], card["version"], card["points"][0]["languages"]) == (True, 2, ["en", "zh"])
    assert {"kty", "crv", "x"} == set(card["keys"][0]["jwk"])


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--channel", "cert@us.example", "KIND:ADDRESS"),
        ("--channel", "pigeon:home", "pigeon"),
        ("--time-zone", "Europe/Geneva", "no time zone"),
        ("--time-zone", "zurich", "is it Europe/Zurich?"),
        ("--role", "spy", "role: 'spy'"),
        ("--language", "plain English", "plain English"),
        ("--language", "english", "'english' is no code such as en, zh or pt-BR"),
    ],
)
def test_a_point_of_contact_that_is_none_is_not_added(two, option, value, why):
    if option == "--time-zone" and not available_timezones():
        pytest.skip("this machine has no table of time zones")
    words = list(ADDED)
    words[words.index(option) + 1] = value
    code, _, err = two("us.example", *words)
    assert code == 1
    assert why in err
    assert card_of(two, "us.example", "us.example")["version"] == 1


def test_a_point_of_contact_is_removed_in_a_new_version(two):
    two("us.example", *ADDED)
    code, out, _ = two("us.example", "contacts", "remove", "Duty officer")
    assert code == 0
    assert "Version 3 of the card of us.example" in out
    assert "no point of contact" in two("us.example", "contacts")[1]
    code, _, err = two("us.example", "contacts", "remove", "Duty officer")
    assert (code, "No point of contact" in err) == (1, True)


def test_two_parties_come_to_know_each_other_by_telephone(two, tmp_path):
    two("us.example", *ADDED)
    code, out, _ = two("us.example", "contacts", "export", "us.cards")
    assert code == 0
    spoken = out.strip().splitlines()[-1]
    code, out, _ = two("china.example", "contacts", "import", "us.cards")
    assert code == 1
    assert f"Its fingerprint: {spoken}" in out
    assert "Nothing was taken in" in out
    assert '--fingerprint "..."' in out
    assert card_of(two, "china.example", "us.example") is None

    wrong = ("A" if spoken[0] != "A" else "B") + spoken[1:]
    code, _, err = two("china.example", "contacts", "import", "us.cards", "--fingerprint", wrong)
    assert (code, "nothing is taken" in err) == (1, True)
    assert card_of(two, "china.example", "us.example") is None

    words = ("contacts", "import", "us.cards", "--fingerprint", spoken.lower())
    assert two("china.example", *words)[0] == 0
    assert card_of(two, "china.example", "us.example")["points"][0]["name"] == "Duty officer"
    code, out, _ = two("china.example", "contacts", "import", "us.cards")
    assert (code, "held already" in out) == (0, True)


def acquainted(run):
    """Let china.example have the card of us.example."""
    spoken = run("us.example", "contacts", "export", "us.cards")[1].strip().splitlines()[-1]
    run("china.example", "contacts", "import", "us.cards", "--fingerprint", spoken)


def test_later_cards_need_no_telephone_even_where_some_were_missed(two):
    acquainted(two)
    two("us.example", *ADDED)
    two("us.example", "keys", "rotate")
    two("us.example", "contacts", "export", "us.cards")
    code, out, _ = two("china.example", "contacts", "import", "us.cards")
    assert (code, "Taken in: version 3" in out) == (0, True)
    assert len(card_of(two, "china.example", "us.example")["keys"]) == 4


def test_an_old_file_does_not_bring_a_revoked_key_back(two, tmp_path):
    acquainted(two)
    (tmp_path / "us.cards").rename(tmp_path / "old.cards")
    kid = card_of(two, "us.example", "us.example")["keys"][0]["kid"]
    code, out, _ = two("us.example", "keys", "revoke", kid, "--why", "laptop stolen")
    assert code == 0
    assert "at once" in out
    two("us.example", "contacts", "export", "us.cards")
    assert two("china.example", "contacts", "import", "us.cards")[0] == 0
    assert "laptop stolen" in two("china.example", "contacts")[1]
    code, _, err = two("china.example", "contacts", "import", "old.cards")
    assert (code, "never taken again" in err) == (1, True)


def test_a_forgotten_party_has_to_be_telephoned_again(two):
    acquainted(two)
    code, out, _ = two("china.example", "contacts", "forget", "us.example")
    assert (code, "1 version of the card" in out) == (0, True)
    assert card_of(two, "china.example", "us.example") is None
    code, out, _ = two("china.example", "contacts", "import", "us.cards")
    assert (code, "Nothing was taken in" in out) == (1, True)


def test_a_card_goes_to_the_terminal_and_anothers_can_be_passed_on(two, tmp_path):
    acquainted(two)
    code, out, _ = two("china.example", "contacts", "export", "-", "--party", "us.example")
    assert (code, out) == (0, (tmp_path / "us.cards").read_text())
    code, _, err = two("china.example", "contacts", "export", "-", "--party", "uk.example")
    assert (code, "No card of uk.example" in err) == (1, True)


def test_ones_own_card_is_not_taken_in(two):
    two("us.example", "contacts", "export", "us.cards")
    code, _, err = two("us.example", "contacts", "import", "us.cards")
    assert (code, "own card" in err) == (1, True)


def test_a_file_that_holds_no_card_says_so(two, tmp_path):
    (tmp_path / "x.cards").write_text("not a card\n")
    code, _, err = two("us.example", "contacts", "import", "x.cards")
    assert (code, "no signed card" in err) == (1, True)


def test_keys_are_listed_rotated_and_revoked(two):
    out = two("us.example", "keys")[1]
    assert len(out.splitlines()) == 2
    assert "not locked with a passphrase" in out
    code, out, _ = two("us.example", "keys", "rotate", "--days", "100", "--notice", "3")
    assert code == 0
    assert len(re.findall(r"New: \S{43} (signs|opens),", out)) == 2
    found = json.loads(two("us.example", "keys", "--json")[1])
    assert [key["use"] for key in found] == ["sig", "sig", "enc", "enc"]
    since, until = (dt.datetime.fromisoformat(found[1][n]) for n in ("since", "until"))
    assert (until - since).days == 100
    words = ("keys", "revoke", found[0]["kid"], "--why", "copied", "--since", "2020-01-01")
    assert two("us.example", *words)[0] == 0
    out = two("us.example", "keys")[1]
    assert "revoked 2020-01-01: copied" in out
    assert "to come" in out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("x", "--why", "lost"), "no key 'x'"),
        (("KID", "--why", " "), "Say why"),
        (("KID", "--why", "lost", "--since", "yesterday"), "is no instant"),
        (("KID", "--why", "lost", "--since", "2999-01-01"), "not past yet"),
    ],
)
def test_a_revocation_that_cannot_be_changes_nothing(two, words, why):
    kid = json.loads(two("us.example", "keys", "--json")[1])[0]["kid"]
    code, _, err = two("us.example", "keys", "revoke", *(w.replace("KID", kid) for w in words))
    assert (code, why in err) == (1, True)
    assert card_of(two, "us.example", "us.example")["version"] == 1


def test_keys_are_locked_later_and_unlocked_again(two, monkeypatch):
    said = "five words drawn at random"
    monkeypatch.setattr("typer.prompt", lambda *_, **__: said)
    assert "2 keys are locked" in two("us.example", "keys", "lock")[1]
    assert "not locked" not in two("us.example", "keys")[1]
    code, _, err = two("us.example", *ADDED)
    assert (code, "is locked with a passphrase" in err) == (1, True)
    code, _, err = two("us.example", "keys", "lock")
    assert (code, "is locked with a passphrase" in err) == (1, True)
    monkeypatch.setenv("COMITY_EXCHANGE_PASSPHRASE", said)
    assert two("us.example", *ADDED)[0] == 0
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "")
    assert "no longer locked" in two("us.example", "keys", "lock")[1]
    monkeypatch.delenv("COMITY_EXCHANGE_PASSPHRASE")
    assert two("us.example", "contacts", "renew")[0] == 0


@pytest.mark.parametrize("words", [("contacts",), ("keys",), ("contacts", "export", "x")])
def test_without_a_desk_every_command_says_how_to_make_one(run, words):
    code, _, err = run("nowhere", *words)
    assert code == 1
    assert "comity exchange init" in err


def test_the_folder_can_be_given_in_place_of_the_environment(two):
    code, out, _ = two("us.example", "contacts", "--home", "china.example")
    assert (code, "china.example (this desk)" in out) == (0, True)
