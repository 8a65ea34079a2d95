"""What rooms say stands in one catalogue, and a page can say it again in another language."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest
import typer

from comity.errors import AddressError
from comity.saying import (
    Said,
    Texts,
    capital,
    english,
    faults,
    joined,
    languages,
    load_texts,
    names_in,
    plural,
    read_catalogue,
    said_with,
    say,
    uncapital,
)

BRACKETED = Texts("qps", {key: f"⟦{text}⟧" for key, text in english().items()})


def test_what_is_said_is_the_english_text_and_knows_its_key() -> None:
    said = say("kept.incidents", n=1)
    assert said == "1 incident"
    assert json.dumps({"a": said}) == '{"a": "1 incident"}'
    assert type(str(said)) is str
    assert (said.key, dict(said.values)) == ("kept.incidents", {"n": 1})


@pytest.mark.parametrize("again", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_copy_from_another_process_can_still_be_said_in_another_language(again) -> None:  # type: ignore[no-untyped-def]
    said = again(joined([say("kept.incidents", n=2), "CN"], "; "))
    assert said == "2 incidents; CN"
    assert BRACKETED.again(said) == "⟦2 incidents⟧; CN"


def test_values_that_were_said_are_said_again_too() -> None:
    inner = say("kept.incidents", n=3)
    said = say("kept.begun", count=inner)
    assert (
        BRACKETED.again(said) == "⟦⟦3 incidents⟧ in scope began after the agreement, as reported⟧"
    )
    assert BRACKETED("kept.begun", count=inner) == BRACKETED.again(said)


def test_letters_made_large_or_small_are_so_in_every_language() -> None:
    german = Texts("de", {**english(), "period.quarter": "das Quartal"})
    assert german.again(capital(say("period.quarter"))) == "Das Quartal"
    assert german.again(uncapital(capital(say("period.quarter")))) == "das Quartal"
    assert capital("a Bc") == "A bc"


def test_cleaning_a_text_cleans_the_values_in_it_and_keeps_its_key() -> None:
    said = joined([say("kept.begun", count="a\tb"), "c\td"])
    clean = said_with(said, lambda text: text.replace("\t", " "))
    assert "\t" not in clean
    assert BRACKETED.again(clean).startswith("⟦a b in scope")
    assert BRACKETED.again(clean).endswith("c d")


def test_in_english_nothing_is_said_anew() -> None:
    said = capital(say("period.quarter"))
    assert load_texts().again(said) is said
    assert load_texts().again(4) == 4


@pytest.mark.parametrize(
    ("language", "n", "form"),
    [
        ("en", 0, "other"), ("en", 1, "one"), ("de", 2, "other"), ("fr", 0, "one"),
        ("fr", 2, "other"), ("ru", 1, "one"), ("ru", 11, "many"), ("ru", 21, "one"),
        ("ru", 3, "few"), ("ru", 13, "many"), ("uk", 5, "many"), ("pl", 21, "many"),
        ("pl", 22, "few"), ("cs", 4, "few"), ("cs", 5, "other"), ("ar", 0, "zero"),
        ("ar", 2, "two"), ("ar", 103, "few"), ("ar", 111, "many"), ("ar", 100, "other"),
        ("zh", 1, "other"), ("pt-BR", 1, "one"),
    ],
)  # fmt: skip
def test_a_count_takes_the_form_its_language_has(language: str, n: int, form: str) -> None:
    assert plural(language, n) == form


def test_a_language_may_have_more_plural_forms_than_english() -> None:
    russian = {
        "kept.incidents.one": "{n} инцидент",
        "kept.incidents.few": "{n} инцидента",
        "kept.incidents.many": "{n} инцидентов",
        "kept.incidents.other": "{n} инцидента",
    }
    texts = Texts("ru", {**english(), **russian})
    said = [texts.again(say("kept.incidents", n=n)) for n in (1, 3, 5)]
    assert said == ["1 инцидент", "3 инцидента", "5 инцидентов"]
    assert not [f for f in faults(russian) if not f.startswith("not translated")]


def test_every_shipped_catalogue_can_be_used_and_names_what_english_names() -> None:
    for language in languages():
        assert [f for f in faults(read_catalogue(language)) if "not translated" not in f] == []


def test_every_english_text_has_whole_braces_and_plural_forms_agree() -> None:
    for key, text in english().items():
        assert names_in(text) is not None, key
    for key in (k for k in english() if k.endswith(".one") and f"{k[:-4]}.other" in english()):
        one, other = english()[key], english()[f"{key[:-4]}.other"]
        assert (names_in(one) or set()) | {"n"} == (names_in(other) or set()) | {"n"}, key


def test_a_catalogue_is_told_what_it_has_wrong_and_what_it_lacks() -> None:
    found = faults(
        {"nav.data": "Daten", "nav.dta": "?", "kept.begun": "{cuont}", "kept.perhaps": "{"}
    )
    assert found[0] == "nav.dta: English has no such text"
    assert "kept.begun: the names in braces must be {count}" in found
    assert "kept.perhaps: a brace is opened or closed alone" in found
    assert "not translated: nav.talks" in found
    assert "not translated: nav.data" not in found


def test_a_file_of_ones_own_is_a_language(tmp_path: Path) -> None:
    path = tmp_path / "de.toml"
    path.write_text('[nav]\ndata = "Daten"\n', "utf-8")
    texts = load_texts(str(path))
    assert (texts.language, texts("nav.data"), texts("nav.talks")) == ("de", "Daten", "Talks")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[kept]\nbegun = "{x}"\n', "must be {count}"),
        ("[kept\n", "is not TOML"),
        (None, "Cannot read the catalogue"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, text: str | None, said: str
) -> None:
    path = tmp_path / "de.toml"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(AddressError, match=said):
        load_texts(str(path))


def test_a_language_without_a_catalogue_is_told_which_there_are() -> None:
    with pytest.raises(AddressError, match="there is one for en"):
        load_texts("tlh")


def test_what_was_said_stays_said_through_a_cut_only_as_plain_text() -> None:
    assert type(say("kept.incidents", n=1)[:3]) is str
    assert isinstance(joined([]), Said)


def test_the_command_lists_what_a_translation_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from comity.cli_serve import texts

    texts("en")
    assert capsys.readouterr().out == ""
    path = tmp_path / "de.toml"
    path.write_text('[nav]\ndata = "Daten"\ndta = "?"\n', "utf-8")
    with pytest.raises(typer.Exit) as ended:
        texts(str(path))
    assert ended.value.exit_code == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "nav.dta: English has no such text"
    assert "not translated: nav.talks\n" in told.out
    assert told.err.startswith("1 of ")
