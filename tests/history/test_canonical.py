"""The canonical form of a question: what changes its hash, and what does not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

import pytest

from comity.history.canonical import (
    canonical,
    canonical_text,
    differences,
    plain,
    question_sha256,
)
from comity.verification.model import FieldChange, Question, Scope
from comity.verification.question import TEMPLATE, load_question, read_question, shipped_questions

WRITTEN = """
id = "theft"
title = "Theft after the promise"
instrument = "us-china-2015"
norm = "commercial-theft"
agreed = "2015-09-25"
[scope]
initiator = ["CN"]
receiver = ["US"]
objective = ["espionage"]
target = ["private", "government"]
[[variant]]
id = "dyad"
objective = "*"
target = "*"
[[control]]
id = "military"
target = ["military"]
[window]
from = "2006"
to = "2020"
[[rival]]
date = "2014-05-19"
what = "an indictment"
[[rival]]
date = "2015-04-01"
what = "an order"
"""
OTHERWISE = """
# The same question: comments, order, quoting, defaults and spacing are others.
[scope]
target = ["government",
          "private"]
objective = ['espionage']
receiver = ["US"]      # the United States
initiator = ["CN"]
title = "China to United States, government and private targets"
[window]
to = 2020-12-31
from = "2006-01"
[[rival]]
date = 2015-04-01
what = "an   order"
source = ""
[[rival]]
date = 2014-05-19
what = '''
an indictment'''
[[control]]
target = ["military"]
id = "military"
initiator = ["CN"]
objective = ["espionage"]
[comparison]
primary = "four-cells"
receiver_not_party = true
[[variant]]
id = "dyad"
initiator = ["CN"]
receiver = ["US"]
target = []
objective = []
"""


def asked(text: str = WRITTEN) -> Question:
    return read_question(text)


def test_another_way_of_writing_the_same_question_has_the_same_hash() -> None:
    lines = WRITTEN.strip().splitlines()[:5]
    other = asked("\n".join(reversed(lines)) + OTHERWISE)
    assert canonical(other) == canonical(asked())
    assert question_sha256(other) == question_sha256(asked())


def test_where_the_file_lies_is_no_part_of_its_meaning() -> None:
    assert question_sha256(replace(asked(), path="a/b.toml")) == question_sha256(asked())


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ('to = "2020"', 'to = "2019"', ("window.to", "2020-12-31", "2019-12-31")),
        ('"espionage"]', '"disruption"]', None),
        ('agreed = "2015-09-25"', 'agreed = "2015-09-26"', ("agreed", "2015-09-25", "2015-09-26")),
        ('norm = "commercial-theft"\n', "", ("norm", "commercial-theft", "")),
        ("an order", "an edict", ("rival.2015-04-01.what", "an order", "an edict")),
        ('["military"]', '["civil-society"]',
         ("control.military.target", "military", "civil-society")),
        ("Theft after", "No theft after",
         ("title", "Theft after the promise", "No theft after the promise")),
        ("[window]", '[comparison]\nprimary = "target-alone"\n[window]',
         ("comparison.primary", "four-cells", "target-alone")),
        ("[window]", '[evidence]\nlists = ["dcid"]\n[window]', ("evidence.lists", "", "dcid")),
        ("[window]", '[comparison]\nreceiver_not_party = false\n[window]',
         ("comparison.receiver_not_party", "true", "false")),
    ],
)  # fmt: skip
def test_every_change_of_meaning_changes_the_hash_and_is_named(
    old: str, new: str, change: tuple[str, str, str] | None
) -> None:
    assert old in WRITTEN
    other = asked(WRITTEN.replace(old, new, 1))
    assert question_sha256(other) != question_sha256(asked())
    found = differences(canonical(asked()), canonical(other))
    if change is None:  # the scope, and what a reading takes from it
        assert {f.field for f in found} == {"scope.objective", "control.military.objective"}
    else:
        assert found == (FieldChange(*change),)


def test_a_reading_added_or_removed_is_named() -> None:
    text = WRITTEN + '[[variant]]\nid = "new"\nreceiver = ["GB"]\n'
    found = differences(canonical(asked()), canonical(asked(text)))
    assert {f.field for f in found if not f.before} == {
        "variant.new.initiator", "variant.new.receiver", "variant.new.objective",
        "variant.new.target",
    }  # fmt: skip
    assert differences(canonical(asked(text)), canonical(asked()))[0].after == ""


def test_two_rivals_of_one_day_are_told_apart() -> None:
    text = WRITTEN + '[[rival]]\ndate = "2015-04-01"\nwhat = "a second"\n'
    found = differences(canonical(asked()), canonical(asked(text)))
    assert found == (
        FieldChange("rival.2015-04-01 (2).date", "", "2015-04-01"),
        FieldChange("rival.2015-04-01 (2).what", "", "an order"),
        FieldChange("rival.2015-04-01.what", "an order", "a second"),
    )


def test_the_hash_of_a_question_is_pinned() -> None:
    """A changed form would make every registration look changed: it needs a new CANONICAL."""
    text = canonical_text(canonical(asked()))
    assert text.startswith('{"agreed":"2015-09-25","canonical":"1","comparison":{"primary":')
    assert question_sha256(asked()) == hashlib.sha256(text.encode()).hexdigest()
    assert question_sha256(asked()) == (
        "14a12536625b525bb9deb961324c091c47400237df6eaac31978b864b2418b29"
    )


def test_the_form_is_ascii_and_reads_back_as_it_was() -> None:
    question = replace(asked(), title="Vol de secrets: 商业秘密 e\u0301")
    text = canonical_text(canonical(question))
    assert text.isascii()
    assert json.loads(text) == canonical(question)
    assert canonical(question)["title"].endswith("\u00e9")  # composed: NFC


def test_a_field_learnt_later_changes_no_hash_until_it_is_used() -> None:
    @dataclass(frozen=True)
    class Later(Question):
        ramp: int = 0

    old = asked()
    values = {name: getattr(old, name) for name in Question.__dataclass_fields__}
    assert question_sha256(Later(**values)) == question_sha256(old)
    used = Later(**values, ramp=4)
    assert differences(canonical(old), canonical(used)) == (FieldChange("ramp", "", "4"),)


def test_values_with_commas_are_not_mistaken_for_several() -> None:
    one, two = {"lists": ["a, b"]}, {"lists": ["a", "b"]}
    assert differences(one, two) == (FieldChange("lists", '["a, b"]', "a, b"),)


def test_a_code_without_a_name_is_no_error() -> None:
    scope = Scope("narrow", "odd", "narrow", ("group:X",), ("US",))
    assert plain((scope,)) == {
        "narrow": {"title": "odd", "initiator": ["group:X"], "receiver": ["US"]}
    }


def test_every_question_that_ships_has_a_hash_of_its_own() -> None:
    names = shipped_questions()
    assert len({question_sha256(load_question(name)) for name in names}) == len(names)


def test_the_commented_template_and_its_bare_form_are_one_question() -> None:
    bare = "\n".join(line.partition(" #")[0] for line in TEMPLATE.splitlines())
    assert question_sha256(read_question(bare)) == question_sha256(read_question(TEMPLATE))
