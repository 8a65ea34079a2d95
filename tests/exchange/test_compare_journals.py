"""Two journals side by side: the same, one behind, or contradicting, with the proof."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_world import CHINA, LINE, START, US, Party, consultation, pass_on, two

from comity.errors import ExchangeError, RefusedError
from comity.exchange.canonical import sha256
from comity.exchange.compare import Standing, commitments_against, compare
from comity.exchange.journal import verify_journal
from comity.exchange.keys import make_keys, sign
from comity.exchange.merkle import Frontier
from comity.exchange.messages import TYP, read_root, with_signature
from comity.exchange.model import Kind
from comity.exchange.statement import (
    Commitment,
    Grown,
    Statement,
    growth,
    make_statement,
    read_statement,
    witnesses_in,
    write_statement,
)

MADE = START + dt.timedelta(days=1)


def statement(party: Party, *asked: tuple[str, int]) -> Statement:
    return make_statement(LINE.id, party.name, MADE, party.rows(), party.cards, asked)


def checks(china: Party, us: Party, count: int) -> None:
    """Some more messages in turn, that reach the other at once."""
    for k in range(count):
        sender, other = (china, us) if k % 2 else (us, china)
        pass_on(sender.compose(Kind.CHECK, 10 + k), sender, other)


def test_a_statement_is_read_as_it_was_written_and_signed() -> None:
    china, us = two()
    consultation(china, us)
    made = statement(china, (US, 2), (CHINA, 1))
    text = write_statement(made, china.signing)
    assert read_statement(text) == made
    assert read_statement(text, lambda *_: china.keys) == made
    assert [len(made.chains[p]) for p in (CHINA, US)] == [3, 3]
    assert [read_root(root)[0].number for root in made.messages] == [1, 2]
    assert read_statement(write_statement(made, china.signing)).root == china.tree.root()
    with pytest.raises(RefusedError) as refusal:
        read_statement(text, lambda *_: us.keys)
    assert refusal.value.reason == "unknown-key"


@given(st.integers(0, 10**6), st.integers(0, 6))
def test_a_statement_with_one_bit_turned_is_refused(place: int, bit: int) -> None:
    at = place % (len(TEXT) - 1)
    turned = f"{TEXT[:at]}{chr(ord(TEXT[at]) ^ 1 << bit)}{TEXT[at + 1 :]}"
    with pytest.raises(RefusedError):
        read_statement(turned, lambda *_: SIDE.keys)


SIDE, OTHER = two()
consultation(SIDE, OTHER)
TEXT = write_statement(statement(SIDE), SIDE.signing)


def test_ten_thousand_messages_fit_in_a_megabyte() -> None:
    chains = {
        p: tuple(sha256(f"{p}{n}".encode()) for n in range(5000)) for p in (CHINA, US)
    }  # fmt: skip
    proof = tuple("0" * 64 for _ in range(14))
    grown = tuple(Grown(Commitment(n, n, "0" * 64), proof) for n in range(1, 21))
    made = Statement(LINE.id, CHINA, MADE, 10_000, "0" * 64, chains,
                     {US: Commitment(5000, 9999, "0" * 64)}, grown, (),
                     tuple(SIDE.cards))  # fmt: skip
    text = write_statement(made, SIDE.signing)
    assert len(text) < 1_000_000
    assert read_statement(text) == made


def test_two_journals_of_one_line_are_the_same() -> None:
    china, us = two()
    consultation(china, us)
    found = compare(statement(china), statement(us))
    assert found.standing is Standing.SAME
    assert [c.common for c in found.chains] == [3, 3]
    assert [g.found for g in found.growths] == ["grown", "grown"]
    assert found.sentences == (
        f"The journals of {CHINA} and {US} hold the same messages.",
        f"Of {CHINA}, both hold messages 1 to 3, the same.",
        f"Of {US}, both hold messages 1 to 3, the same.",
        f"The journal of {CHINA} has only grown since its message 3, which {US} holds.",
        f"The journal of {US} has only grown since its message 3, which {CHINA} holds.",
    )


def test_who_is_behind_and_what_it_lacks_is_said() -> None:
    china, us = two()
    consultation(china, us)
    for k in range(2):
        us.take(us.compose(Kind.CHECK, 10 + k))
    found = compare(statement(china), statement(us))
    assert found.standing is Standing.BEHIND
    assert f"Of {US}, {CHINA} lacks messages 4 to 5; the 3 before are the same." in found.sentences
    assert found.chains[1].lack is not None
    assert (found.chains[1].lack.who, found.chains[1].lack.first) == (CHINA, 4)


def forked() -> tuple[Party, Party]:
    """The United States sign two messages as their fourth; each side holds another."""
    china, us = two()
    consultation(china, us)
    state, last, held = us.tree.to_json(), dict(us.last), list(us.held)
    china.take(us.compose(Kind.CHECK, 10, fields={"note": "one"}))
    us.tree, us.last, us.held = Frontier.from_json(state), last, held
    us.take(us.compose(Kind.CHECK, 10, fields={"note": "two"}))
    return china, us


def test_two_messages_under_one_number_are_a_contradiction_with_both_as_proof() -> None:
    china, us = forked()
    keys = {CHINA: china.keys, US: us.keys}
    bare = compare(statement(china), statement(us), keys.__getitem__)
    assert bare.standing is Standing.CONTRADICTING
    assert any(f"`comity exchange journal export {LINE.id} FILE --message {US}:4`" in s
               for s in bare.sentences)  # fmt: skip
    asked = [statement(p, (US, 4)) for p in (china, us)]
    found = compare(asked[0], asked[1], keys.__getitem__)
    contradiction = found.chains[1].contradiction
    assert contradiction is not None
    assert (contradiction.sender, contradiction.number) == (US, 4)
    assert contradiction.proven
    assert any(s.endswith(f"Both are signed by {US}: that is the proof that it signed two.")
               for s in found.sentences)  # fmt: skip
    roots = [v.root for v in contradiction.versions]
    assert all(root is not None for root in roots)
    assert [sha256(read_root(root or {})[1]) for root in roots] == [
        v.digest for v in contradiction.versions
    ]
    unread = compare(asked[0], asked[1])  # without keys nothing is said of who signed
    assert any("give the sender's card" in s for s in unread.sentences)


def test_a_version_that_was_signed_anew_is_signed() -> None:
    china, us = forked()
    key = make_keys(MADE)[0]  # it holds only from long after the message was sent
    again = []
    for party in (china, us):
        (root,) = statement(party, (US, 4)).messages
        again.append(with_signature(payload := read_root(root)[1], sign(payload, key, TYP)))
    keys = {CHINA: china.keys, US: (*us.keys, key.public)}
    found = compare(statement(china), statement(us), keys.__getitem__, again)
    contradiction = found.chains[1].contradiction
    assert contradiction is not None
    assert contradiction.proven
    gone = dataclasses.replace(key.public, revoked=key.public.since)
    keys[US] = (*us.keys, gone)
    found = compare(statement(china), statement(us), keys.__getitem__, again)
    assert found.chains[1].contradiction is not None
    assert not found.chains[1].contradiction.proven


def test_a_text_that_its_sender_did_not_sign_proves_nothing_against_it() -> None:
    china, us = forked()
    false = json.loads(json.dumps(statement(china, (US, 4)).messages))
    (extension,) = false[0]["extensions"].values()
    extension["signature"] = extension["signature"][:-4] + "AAAA"
    first = dataclasses.replace(statement(china), messages=tuple(false))
    found = compare(first, statement(us, (US, 4)), {CHINA: china.keys, US: us.keys}.__getitem__)
    contradiction = found.chains[1].contradiction
    assert contradiction is not None
    assert not contradiction.proven
    assert any(f"What {CHINA} holds is not signed by {US}." in s for s in found.sentences)


def test_a_message_that_commits_to_another_than_a_statement_holds_is_found() -> None:
    china, us = forked()
    mine = china.compose(Kind.CHECK_ANSWER, 11)
    found = commitments_against([mine.root], statement(us))
    assert [(seen.party, seen.number, digest) for _, seen, digest in found] == [
        (US, 4, us.held[-1][0].digest)
    ]
    assert commitments_against([m.root for m, _ in china.held[:6]], statement(us)) == ()


def test_a_journal_written_anew_no_longer_begins_with_what_was_signed_for() -> None:
    china, us = two()
    consultation(china, us)
    checks(china, us, 4)
    held = statement(us).held[CHINA]
    assert growth(statement(china), held) == "grown"
    made = statement(china)
    assert growth(dataclasses.replace(made, root="0" * 64), held) == "rewritten"
    assert growth(made, dataclasses.replace(held, root="0" * 64)) == "rewritten"
    assert growth(made, Commitment(9, 40, "0" * 64)) == "rolled-back"
    assert growth(dataclasses.replace(made, grown=()), held) == "not-shown"
    rewritten = dataclasses.replace(made, root="0" * 64)
    found = compare(rewritten, statement(us))
    assert found.standing is Standing.CONTRADICTING
    assert any("it was written anew" in s for s in found.sentences)


def test_a_desk_that_was_set_back_is_behind_what_the_other_holds_of_it() -> None:
    china, us = two()
    consultation(china, us)
    whole = statement(us)
    witnesses, sent = witnesses_in(whole, CHINA)
    rows = china.rows()
    assert verify_journal(rows, LINE.id, CHINA, china.head(), witnesses, sent).sound
    del china.held[-1]
    fault = verify_journal(china.rows(), LINE.id, CHINA, None, witnesses, sent).fault
    assert fault is not None
    assert fault.kind == "rolled-back"
    found = compare(statement(china), whole)
    assert found.standing is Standing.CONTRADICTING
    assert any("set back to an earlier state" in s for s in found.sentences)


def test_an_older_statement_of_ones_own_is_a_witness() -> None:
    china, us = two()
    consultation(china, us)
    witnesses, sent = witnesses_in(statement(china), CHINA)
    checks(china, us, 3)
    assert verify_journal(china.rows(), LINE.id, CHINA, china.head(), witnesses, sent).sound
    assert witnesses[0].who == "your statement"
    short = verify_journal(china.rows()[:3], LINE.id, CHINA, None, witnesses, sent).fault
    assert short is not None
    assert short.kind == "rolled-back"


def test_what_was_lost_and_brought_back_is_said_and_is_no_contradiction() -> None:
    china, us = two()
    consultation(china, us)
    held = list(china.held)
    china.held, china.tree, china.last = [], Frontier(), {}
    for message, _ in us.held:
        own = message.header.sender == CHINA
        china.take(message, at=30 + len(china.held), what="returned" if own else "received")
    assert len(china.held) == len(held)
    found = compare(statement(china), statement(us))
    assert found.standing is Standing.SAME
    assert any(f"{CHINA} lost a part of its journal" in s for s in found.sentences)


def test_journals_of_two_lines_are_not_compared() -> None:
    made = statement(SIDE)
    with pytest.raises(ExchangeError, match="two lines"):
        compare(made, dataclasses.replace(made, line="other"))


@pytest.mark.parametrize(
    "change",
    [{"size": 99}, {"chains": {"x": []}}, {"chains": []}, {"made": "now"}, {"line": "../x"},
     {"held": {US: [1, 2]}}, {"grown": [[1, 2, "0" * 64, ["zz"]]]}, {"cards": 4}, {"version": 2},
     {"root": 5}, {"size": True}, {"messages": [1]}],
)  # fmt: skip
def test_a_file_that_is_no_statement_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(RefusedError, match="no statement"):
        read_statement(json.dumps({**json.loads(TEXT), **change}))
    with pytest.raises(RefusedError, match="no statement"):
        read_statement("{}")


def test_a_statement_without_a_card_needs_keys_and_one_with_anothers_is_refused() -> None:
    bare = write_statement(dataclasses.replace(statement(SIDE), cards=()), SIDE.signing)
    assert read_statement(bare, lambda *_: SIDE.keys).party == CHINA
    with pytest.raises(RefusedError, match="no card"):
        read_statement(bare)
    false = dataclasses.replace(statement(SIDE), cards=tuple(OTHER.cards))
    with pytest.raises(RefusedError, match="of another party"):
        read_statement(write_statement(false, OTHER.signing))
