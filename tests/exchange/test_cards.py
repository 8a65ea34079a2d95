"""Cards: what a party says of itself, when it is believed, and every trick with one refused."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ExchangeError, RefusedError
from comity.exchange.canonical import canonical
from comity.exchange.cards import (
    LARGEST,
    accept_card,
    accept_chain,
    fingerprint,
    make_card,
    read_card,
    read_cards,
    sealing_key,
    token_digest,
)
from comity.exchange.cardtext import card_data, card_from
from comity.exchange.keys import make_keys, sign_whole
from comity.exchange.model import Card, Channel, Endpoint, Point, PrivateKey, Reason

NOW = dt.datetime(2026, 11, 26, 16, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
K1, SEAL = make_keys(NOW)
K2, _ = make_keys(NOW)
THIEF, _ = make_keys(NOW)
POINT = Point(
    "technical", "值班员 Duty officer", (Channel("email", "cert@us.example"),), ("en", "zh-Hans"),
    "24/7", "America/New_York",
)  # fmt: skip
CARD = Card(
    "us.example", "CERT of the United States", "US", 1, "", NOW, NOW + 365 * DAY, (POINT,),
    (K1.public, SEAL.public), Endpoint("https://cert.us.example:8443/taxii2/"),
)  # fmt: skip
TOKEN = make_card(CARD, K1)


def following(card: Card, token: str, **changes: Any) -> Card:
    """Return the version that follows a card, issued a day later."""
    at = card.issued + DAY
    return replace(
        card, version=card.version + 1, previous=token_digest(token), issued=at,
        until=at + 365 * DAY, **changes,
    )  # fmt: skip


BOTH = following(CARD, TOKEN, keys=(K1.public, K2.public, SEAL.public))
BOTH_TOKEN = make_card(BOTH, K1)
LATER = BOTH.issued


def refused(token: str, known: Card | None = CARD, held: str = TOKEN, now: dt.datetime = LATER,
            heard: str = "") -> str:  # fmt: skip
    """Return the reason for which a card is refused; fail where it is not."""
    with pytest.raises(RefusedError) as caught:
        accept_card(token, known, held, now, heard)
    return caught.value.reason


def signed(data: object, key: PrivateKey = K1) -> str:
    """Return anything signed as a card, as an attacker with a key would."""
    return sign_whole(canonical(data), key, "comity-card")


def changed(**members: Any) -> str:
    """Return the card with members replaced by JSON, signed; those given as ... are left out."""
    data = {**card_data(CARD), **members}
    return signed({k: v for k, v in data.items() if v is not ...})


# What is right


def test_a_card_comes_back_as_it_was_signed() -> None:
    assert read_card(TOKEN) == CARD


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), min_size=1, max_size=60
).map(str.strip).filter(bool)  # fmt: skip
points = st.builds(
    Point,
    role=st.sampled_from(["technical", "diplomatic", "policy"]),
    name=texts,
    channels=st.lists(
        st.builds(Channel, st.sampled_from(["email", "telephone", "matrix", "radio"]), texts),
        min_size=1, max_size=3,
    ).map(tuple),
    languages=st.lists(st.sampled_from(["en", "zh", "ru", "fr-CA"]), min_size=1).map(
        lambda found: tuple(found[:32])
    ),
    hours=texts | st.just(""),
    time_zone=st.sampled_from(["", "UTC", "Asia/Shanghai"]),
)  # fmt: skip


@given(st.lists(points, max_size=4).map(tuple), texts, st.integers(1, 10**6))
def test_any_card_comes_back_as_it_was_signed(
    found: tuple[Point, ...], name: str, version: int
) -> None:
    before = "" if version == 1 else "0" * 64
    card = replace(CARD, points=found, name=name, version=version, previous=before)
    assert read_card(make_card(card, K1)) == card


def test_the_first_card_is_taken_by_the_fingerprint_that_was_heard() -> None:
    spoken = fingerprint(CARD).lower().replace(" ", "-")
    for heard in (fingerprint(CARD), spoken, spoken.replace("-", "")):
        assert accept_card(TOKEN, None, "", NOW, heard) == CARD


def test_a_fingerprint_is_eight_groups_of_four_letters_without_those_easily_misheard() -> None:
    groups = fingerprint(CARD).split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert not set("".join(groups)) & set("0189")


def test_the_next_card_is_taken_because_a_key_of_the_one_before_signed_it() -> None:
    assert accept_card(BOTH_TOKEN, CARD, TOKEN, LATER) == BOTH


def test_a_new_key_signs_the_next_card_once_it_is_known() -> None:
    third = following(BOTH, BOTH_TOKEN, keys=(K2.public, SEAL.public))
    assert accept_card(make_card(third, K2), BOTH, BOTH_TOKEN, third.issued) == third


def test_a_key_may_sign_the_card_that_revokes_it() -> None:
    gone = replace(K1.public, revoked=LATER, why="laptop lost")
    card = following(CARD, TOKEN, keys=(gone, K2.public, SEAL.public))
    assert accept_card(make_card(card, K1), CARD, TOKEN, LATER) == card


def test_one_seals_for_the_newest_key_that_holds() -> None:
    newer = make_keys(NOW + 10 * DAY)[1].public
    card = replace(CARD, keys=(K1.public, newer, SEAL.public))
    assert sealing_key(card, NOW + 9 * DAY) == SEAL.public
    assert sealing_key(card, NOW + 10 * DAY) == newer
    lost = replace(card, keys=(K1.public, replace(newer, revoked=NOW), SEAL.public))
    assert sealing_key(lost, NOW + 10 * DAY) == SEAL.public
    with pytest.raises(ExchangeError, match="holds no sealing key"):
        sealing_key(replace(card, keys=(K1.public,)), NOW)


# Who is believed


def test_nothing_is_taken_of_a_stranger_without_a_fingerprint_and_it_is_told() -> None:
    with pytest.raises(RefusedError, match=fingerprint(CARD)) as caught:
        accept_card(TOKEN, None, "", NOW)
    assert caught.value.reason == Reason.KEY_SUBSTITUTION


def test_a_first_card_with_another_fingerprint_is_refused() -> None:
    forged = make_card(replace(CARD, keys=(THIEF.public, SEAL.public)), THIEF)
    assert refused(forged, None, "", NOW, fingerprint(CARD)) == Reason.KEY_SUBSTITUTION


def test_a_fingerprint_cut_short_is_not_enough() -> None:
    assert refused(TOKEN, None, "", NOW, fingerprint(CARD)[:-1]) == Reason.KEY_SUBSTITUTION
    assert refused(TOKEN, None, "", NOW, " - ") == Reason.KEY_SUBSTITUTION


def test_a_card_with_a_stranger_key_beside_the_right_ones_has_another_fingerprint() -> None:
    assert fingerprint(replace(CARD, keys=(*CARD.keys, THIEF.public))) != fingerprint(CARD)


def test_a_card_in_which_a_revoked_key_is_none_has_another_fingerprint() -> None:
    gone = replace(K1.public, revoked=NOW)
    honest = replace(CARD, keys=(gone, K2.public, SEAL.public))
    forged = replace(honest, keys=(K1.public, K2.public, SEAL.public))
    assert fingerprint(forged) != fingerprint(honest)


def test_the_fingerprint_is_of_the_party_too() -> None:
    assert fingerprint(replace(CARD, party="uk.example")) != fingerprint(CARD)


def test_a_card_signed_by_a_key_that_is_not_in_it_is_refused() -> None:
    assert refused(make_card(CARD, THIEF), None, "", NOW, fingerprint(CARD)) == Reason.UNKNOWN_KEY


def test_a_first_card_signed_by_a_key_it_revokes_is_refused() -> None:
    card = replace(CARD, keys=(replace(K1.public, revoked=NOW), K2.public))
    token = make_card(card, K1)
    assert refused(token, None, "", NOW, fingerprint(card)) == Reason.REVOKED_KEY


@pytest.mark.parametrize("key", [THIEF, K2], ids=["stranger", "the key it brings"])
def test_a_next_card_signed_by_a_key_that_was_not_known_is_key_substitution(
    key: PrivateKey,
) -> None:
    card = following(CARD, TOKEN, keys=(key.public, SEAL.public))
    assert refused(make_card(card, key)) == Reason.KEY_SUBSTITUTION


def test_a_card_under_a_known_id_with_another_signature_is_forged() -> None:
    head, content, _ = make_card(BOTH, K1).split(".")
    other = sign_whole(b"x", K1, "comity-card").split(".")[2]
    assert refused(f"{head}.{content}.{other}") == Reason.FORGED


def test_a_card_altered_after_signing_is_forged() -> None:
    head, _, signature = BOTH_TOKEN.split(".")
    other = card_data(replace(BOTH, name="CERT of Elsewhere"))
    content = base64.urlsafe_b64encode(canonical(other)).decode().rstrip("=")
    assert refused(f"{head}.{content}.{signature}") == Reason.FORGED


def test_a_revoked_key_signs_no_further_card() -> None:
    gone = replace(K1.public, revoked=LATER, why="stolen")
    known = following(CARD, TOKEN, keys=(gone, K2.public, SEAL.public))
    held = make_card(known, K1)
    thiefs = following(known, held, keys=(K1.public, THIEF.public, SEAL.public))
    assert refused(make_card(thiefs, K1), known, held, thiefs.issued) == Reason.REVOKED_KEY


@pytest.mark.parametrize("put_off", [None, LATER + DAY])
def test_a_revocation_is_neither_taken_back_nor_put_off(put_off: dt.datetime | None) -> None:
    gone = replace(K1.public, revoked=LATER, why="stolen")
    known = following(CARD, TOKEN, keys=(gone, K2.public, SEAL.public))
    held = make_card(known, K1)
    card = following(known, held, keys=(replace(gone, revoked=put_off), K2.public))
    if put_off is None:
        card = replace(card, keys=(K1.public, K2.public))
    assert refused(make_card(card, K2), known, held, card.issued) == Reason.REVOKED_KEY


def test_a_revoked_key_may_be_left_out_of_a_later_card() -> None:
    gone = replace(K1.public, revoked=LATER)
    known = following(CARD, TOKEN, keys=(gone, K2.public, SEAL.public))
    held = make_card(known, K1)
    card = following(known, held, keys=(K2.public, SEAL.public))
    assert accept_card(make_card(card, K2), known, held, card.issued) == card


def test_an_expired_key_signs_no_further_card_though_it_is_dated_back() -> None:
    short, seal = make_keys(NOW, days=10)
    known = replace(CARD, keys=(short.public, seal.public))
    held = make_card(known, short)
    card = following(known, held)
    assert accept_card(make_card(card, short), known, held, NOW + 17 * DAY) == card
    assert refused(make_card(card, short), known, held, NOW + 18 * DAY) == Reason.EXPIRED_KEY


def test_a_message_is_no_card() -> None:
    token = sign_whole(canonical(card_data(BOTH)), K1, "comity-message")
    assert refused(token) == Reason.MALFORMED


def test_a_card_that_brings_its_own_key_in_the_header_is_refused() -> None:
    from joserfc import jws
    from joserfc.jwk import OKPKey

    header = {"alg": "Ed25519", "kid": K1.public.kid, "typ": "comity-card",
              "jwk": dict(THIEF.public.jwk)}  # fmt: skip
    token = jws.serialize_compact(header, canonical(card_data(BOTH)),
                                  OKPKey.import_key(dict(THIEF.jwk)), ["Ed25519"])  # fmt: skip
    assert refused(token) == Reason.MALFORMED


# In what order


def test_the_card_held_and_an_older_one_are_rollbacks() -> None:
    assert refused(TOKEN) == Reason.ROLLBACK
    assert refused(TOKEN, BOTH, BOTH_TOKEN) == Reason.ROLLBACK


def test_a_card_that_commits_to_another_before_it_is_refused() -> None:
    card = replace(BOTH, previous=token_digest(TOKEN + "x"))
    assert refused(make_card(card, K1)) == Reason.KEY_SUBSTITUTION


def test_a_card_that_skips_a_version_is_refused() -> None:
    assert refused(make_card(replace(BOTH, version=3), K1)) == Reason.KEY_SUBSTITUTION


def test_a_card_of_another_party_is_refused() -> None:
    assert refused(make_card(replace(BOTH, party="uk.example"), K1)) == Reason.WRONG_PARTY


def test_an_expired_card_is_refused() -> None:
    short = replace(CARD, until=NOW + DAY)
    token = make_card(short, K1)
    assert accept_card(token, None, "", NOW + DAY, fingerprint(short)) == short
    late = NOW + DAY + dt.timedelta(milliseconds=1)
    assert refused(token, None, "", late, fingerprint(short)) == Reason.EXPIRED_CARD


def test_a_card_from_the_future_is_refused_beyond_what_clocks_may_differ() -> None:
    assert accept_card(BOTH_TOKEN, CARD, TOKEN, LATER - dt.timedelta(minutes=15)) == BOTH
    assert refused(BOTH_TOKEN, now=LATER - dt.timedelta(minutes=16)) == Reason.CLOCK


def test_a_card_older_than_the_one_it_follows_is_refused() -> None:
    later, seal = make_keys(NOW - 5 * DAY)
    known = replace(CARD, keys=(later.public, seal.public))
    held = make_card(known, later)
    card = replace(following(known, held), issued=NOW - DAY)
    assert refused(make_card(card, later), known, held, NOW) == Reason.CLOCK


# Chains of versions


def chain() -> tuple[list[str], list[Card]]:
    third = following(BOTH, BOTH_TOKEN, keys=(K2.public, SEAL.public))
    return [TOKEN, BOTH_TOKEN, make_card(third, K2)], [CARD, BOTH, third]


def test_versions_that_were_missed_are_taken_one_after_the_other() -> None:
    tokens, cards = chain()
    taken = accept_chain(tokens, CARD, TOKEN, cards[2].issued)
    assert [card for _, card in taken] == cards[1:]
    assert [token for token, _ in taken] == tokens[1:]


def test_a_stranger_is_known_by_its_newest_card_alone() -> None:
    tokens, cards = chain()
    heard = fingerprint(cards[2])
    assert accept_chain(tokens, None, "", cards[2].issued, heard) == ((tokens[2], cards[2]),)
    with pytest.raises(RefusedError) as caught:
        accept_chain(tokens, None, "", cards[2].issued, fingerprint(cards[0]))
    assert caught.value.reason == Reason.KEY_SUBSTITUTION


def test_a_chain_that_ends_with_what_is_held_brings_nothing() -> None:
    tokens, cards = chain()
    assert accept_chain(tokens, cards[2], tokens[2], cards[2].issued) == ()


def test_a_version_in_between_may_have_expired_the_last_may_not() -> None:
    middle = replace(BOTH, until=BOTH.issued + DAY)
    held = make_card(middle, K1)
    third = following(middle, held)
    tokens = [TOKEN, held, make_card(third, K2)]
    assert len(accept_chain(tokens, CARD, TOKEN, third.issued + 30 * DAY)) == 2
    with pytest.raises(RefusedError) as caught:
        accept_chain(tokens[:2], CARD, TOKEN, third.issued + 30 * DAY)
    assert caught.value.reason == Reason.EXPIRED_CARD


@pytest.mark.parametrize(
    ("tokens", "known", "reason"),
    [
        ([], 0, Reason.MALFORMED),
        ([0], 1, Reason.ROLLBACK),
        ([0, 2], 0, Reason.KEY_SUBSTITUTION),
        ([2, 1], 0, Reason.KEY_SUBSTITUTION),
    ],
    ids=["empty", "older", "with a gap", "reversed"],
)
def test_a_chain_out_of_order_is_refused(tokens: list[int], known: int, reason: str) -> None:
    texts_, cards = chain()
    with pytest.raises(RefusedError) as caught:
        accept_chain([texts_[n] for n in tokens], cards[known], texts_[known], cards[2].issued)
    assert caught.value.reason == reason


def test_two_cards_of_one_version_are_a_contradiction() -> None:
    other = make_card(replace(BOTH, name="CERT of Elsewhere"), K1)
    with pytest.raises(RefusedError) as caught:
        accept_chain([TOKEN, other], BOTH, BOTH_TOKEN, LATER)
    assert caught.value.reason == Reason.CONTRADICTION


# What is no card


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"party": "US.example"}, "like a domain"),
        ({"party": "../../etc"}, "like a domain"),
        ({"party": "us"}, "like a domain"),
        ({"party": "us.example\n"}, "like a domain"),
        ({"name": ""}, "name"),
        ({"name": "CERT \x1b[2J"}, "U\\+001B"),
        ({"name": "CERT \u202egro"}, "U\\+202E"),
        ({"name": "x" * 201}, "200"),
        ({"country": "usa!"}, "country"),
        ({"version": 0}, "version"),
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"version": 2}, "none before it"),
        ({"previous": "0" * 64}, "none before it"),
        ({"previous": "x"}, "previous"),
        ({"issued": "2026-11-26"}, "timestamp"),
        ({"until": "2026-11-26T16:00:00.000Z"}, "ends before it begins"),
        ({"keys": []}, "keys"),
        ({"points": ...}, "points"),
        ({"more": 1}, "more"),
        ({"endpoint": {"url": "http://us.example/taxii2/", "certificate": ""}}, "https"),
        ({"endpoint": {"url": "https://a@us.example/t/", "certificate": ""}}, "https"),
        ({"endpoint": {"url": "https://us.example:99999/t/", "certificate": ""}}, "endpoint"),
        ({"endpoint": {"url": "https://us.example/t/", "certificate": "x"}}, "certificate"),
    ],
)
def test_a_member_that_is_not_as_it_must_be_is_named(members: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why) as caught:
        read_card(changed(**members))
    assert caught.value.reason == Reason.MALFORMED


@pytest.mark.parametrize(
    ("point", "why"),
    [
        ({"role": "spy"}, "role"),
        ({"channels": []}, "channels"),
        ({"channels": [{"kind": "pigeon", "address": "x"}]}, "kind"),
        ({"channels": [{"kind": "email", "address": "a\nb"}]}, "U\\+000A"),
        ({"languages": ["English!"]}, "languages"),
        ({"time_zone": "../x"}, "time_zone"),
        ({"hours": " 24/7"}, "blank"),
        ({"more": 1}, "more"),
    ],
)
def test_a_point_of_contact_that_is_none_is_named(point: dict[str, Any], why: str) -> None:
    found = {**card_data(CARD)["points"][0], **point}
    with pytest.raises(RefusedError, match=why) as caught:
        read_card(changed(points=[found]))
    assert caught.value.reason == Reason.MALFORMED


def test_a_card_with_one_key_twice_is_refused() -> None:
    key = card_data(CARD)["keys"][0]
    with pytest.raises(RefusedError, match="two of its keys have one id"):
        read_card(changed(keys=[key, {**key, "until": "2029-01-01T00:00:00.000Z"}]))


def test_a_card_whose_key_has_another_keys_id_is_refused() -> None:
    key = card_data(CARD)["keys"][0]
    with pytest.raises(RefusedError, match="thumbprint"):
        read_card(changed(keys=[{**key, "jwk": dict(THIEF.public.jwk)}]))


def test_a_card_that_holds_a_private_key_is_refused_and_none_is_made() -> None:
    key = {**card_data(CARD)["keys"][0], "jwk": dict(K1.jwk)}
    with pytest.raises(RefusedError, match="private part"):
        read_card(changed(keys=[key]))
    with pytest.raises(RefusedError, match="private part"):
        make_card(replace(CARD, keys=(replace(K1.public, jwk=K1.jwk),)), K1)


def test_a_certificate_with_its_private_key_is_refused() -> None:
    both = "-----BEGIN CERTIFICATE-----\nMII=\n-----BEGIN PRIVATE KEY-----\nMII=\n"
    with pytest.raises(RefusedError, match="private key"):
        read_card(changed(endpoint={"url": "https://us.example/t/", "certificate": both}))


def test_an_oversized_card_is_refused_before_it_is_read() -> None:
    with pytest.raises(RefusedError) as caught:
        read_card("x" * (LARGEST + 1))
    assert caught.value.reason == Reason.TOO_LARGE


def test_an_oversized_card_is_not_made() -> None:
    many = tuple(
        replace(POINT, name=f"{n} " + "x" * 190, hours="h" * 200, languages=("en",) * 32,
                channels=(Channel("other", "y" * 200),) * 16)
        for n in range(64)
    )  # fmt: skip
    with pytest.raises(ExchangeError, match="most are"):
        make_card(replace(CARD, points=many), K1)


@pytest.mark.parametrize("deep", [b"[" * 150_000, b'{"a":' * 30_000, b"[" * 900 + b"]" * 900])
def test_a_deeply_nested_card_is_refused(deep: bytes) -> None:
    content = base64.urlsafe_b64encode(deep).decode().rstrip("=")
    head, _, signature = TOKEN.split(".")
    with pytest.raises(RefusedError) as caught:
        read_card(f"{head}.{content}.{signature}")
    assert caught.value.reason == Reason.MALFORMED


def test_a_card_in_other_than_canonical_form_is_refused() -> None:
    for text in (
        json.dumps(card_data(CARD)).encode(),  # blanks and another order
        canonical(card_data(CARD)).replace(b'"version":1', b'"version":1,"version":1'),
        canonical(card_data(CARD)).replace(b'"version":1', b'"version":1.0'),
        b"\xef\xbb\xbf" + canonical(card_data(CARD)),
    ):
        with pytest.raises(RefusedError) as caught:
            card_from(text)
        assert caught.value.reason == Reason.MALFORMED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(st.sampled_from(sorted(card_data(CARD))), json_values)
def test_no_json_in_place_of_a_member_does_more_than_be_refused(name: str, value: object) -> None:
    token = changed(**{name: value})
    reason = None
    try:
        assert card_data(read_card(token))[name] == value
    except RefusedError as error:
        reason = error.reason
    assert reason in (None, Reason.MALFORMED)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: f"a.{b.hex()}.c"))
def test_no_text_given_as_card_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_card(text)
    assert caught.value.reason == Reason.MALFORMED


# Files


def test_a_file_of_cards_has_one_a_line(tmp_path: Any) -> None:
    path = tmp_path / "us.cards"
    path.write_text(f"{TOKEN}\n{BOTH_TOKEN}\n", encoding="ascii")
    assert read_cards(path) == (TOKEN, BOTH_TOKEN)


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"\n \n", "empty"), ("ä".encode(), "cannot be read")]
)
def test_a_file_without_cards_says_so(tmp_path: Any, content: bytes, why: str) -> None:
    path = tmp_path / "us.cards"
    path.write_bytes(content)
    with pytest.raises(ExchangeError, match=why):
        read_cards(path)


def test_a_file_that_is_not_there_or_too_large_is_not_read(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ExchangeError, match="cannot be read"):
        read_cards(tmp_path / "none")
    monkeypatch.setattr("comity.exchange.cards.LARGEST_FILE", 10)
    (tmp_path / "large").write_text("x" * 11, encoding="ascii")
    with pytest.raises(ExchangeError, match="larger"):
        read_cards(tmp_path / "large")
