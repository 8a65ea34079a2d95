"""The files of a clause: read, or every problem by file and line; and the ones that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.diffusion.descent import trace_clause
from comity.diffusion.wording import check_wording, clause_names, load_clause
from comity.errors import LineageError, RegisterError
from comity.instruments.register import load_register

ABOUT = """
title = "A made clause"
norm = "n"
[counted]
knowingly = "whether support counts only where it is given knowingly"
verb = "what is promised"
[uncounted]
subject = "follows from who was there"
[codes.verb]
"conduct or knowingly support" = "conduct or support"
"""
HEADER = "instrument\tdate\tknowingly\tverb\tsubject\tnote\tsources\tstatus"
ROW = "a-2015\t2015-09-25\tyes\tconduct or knowingly support\tboth\t\thttps://e.org/a\tseen"
SECOND = (
    "b-2016\t2016\tno\tconduct or support\tunknown\tx\thttps://e.org/b ; https://e.org/c\tsecondary"
)


@pytest.fixture
def write(tmp_path: Path):
    def write_files(*rows: str, about: str = ABOUT, header: str = HEADER) -> Path:
        (tmp_path / "made.toml").write_text(about, encoding="utf-8")
        (tmp_path / "made.tsv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return tmp_path

    return write_files


def test_a_clause_is_read_by_date_with_what_is_unknown_left_out(write) -> None:
    clause = load_clause("made", write(SECOND, ROW))
    assert [v.instrument for v in clause.variants] == ["a-2015", "b-2016"]
    assert clause.variants[1].features == {"knowingly": "no", "verb": "conduct or support"}
    assert clause.variants[1].sources == ("https://e.org/b", "https://e.org/c")


def test_only_counted_features_count_and_by_their_codes(write) -> None:
    clause = load_clause("made", write(ROW))
    assert clause.coded(clause.variants[0]) == {"knowingly": "yes", "verb": "conduct or support"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace("2015-09-25", "25.9.2015"), "made.tsv:2: date: "),
        (
            ROW.replace("https://e.org/a\tseen", "a book\tunverified"),
            "made.tsv:2: source 'a book' is no http",
        ),
        (ROW.replace("seen", "certain"), "made.tsv:2: status is 'certain'"),
        (ROW.replace("\tyes\t", "\t\t"), "made.tsv:2: knowingly is empty; it must be filled"),
        (ROW + "\tmore", "made.tsv:2: 9 cells; there must be 8"),
        (f"{ROW}\n{ROW}", "made.tsv:3: same instrument as line 2"),
        (ROW.replace("a-2015", "c-2015"), "made.tsv:2: instrument 'c-2015' is not in instr"),
    ],
)
def test_a_wrong_row_is_told_by_file_and_line(write, row: str, said: str) -> None:
    found = check_wording({"a-2015"}, write(row))
    assert len(found) == 1
    assert found[0].startswith(said)


def test_a_sound_clause_has_no_problem(write) -> None:
    assert check_wording({"a-2015", "b-2016"}, write("# a note", ROW, SECOND)) == ()


def test_a_column_nobody_explained_and_one_that_is_not_there_are_told(write) -> None:
    found = check_wording({"a-2015"}, write(ROW, header=HEADER.replace("subject", "tone")))
    assert found == (
        "made.tsv:1: feature 'tone' is not explained; put it in [counted] or [uncounted]",
        "made.tsv:1: no column 'subject', which the explanation names",
    )


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("title = ", "not TOML"),
        (ABOUT.replace("title", "titel"), "title is missing"),
        (ABOUT.replace("[uncounted]", "[other]"), r"[uncounted] must be a table"),
        (ABOUT.replace("codes.verb", "codes.vreb"), "[codes.vreb] is for no counted feature"),
    ],
)
def test_a_wrong_explanation_is_told(write, about: str, said: str) -> None:
    found = check_wording({"a-2015"}, write(ROW, about=about))
    assert len(found) == 1
    assert found[0].startswith("made.toml:1: ")
    assert said in found[0]


def test_a_table_without_its_explanation_is_told(write) -> None:
    folder = write(ROW)
    (folder / "made.toml").unlink()
    assert check_wording({"a-2015"}, folder) == (
        "made.toml:1: there is no such file; a clause needs both",
    )


def test_loading_lists_every_problem(write) -> None:
    with pytest.raises(RegisterError) as caught:
        load_clause("made", write(ROW.replace("seen", "x"), SECOND.replace("\t2016\t", "\tsoon\t")))
    assert len(caught.value.problems) == 2


def test_an_unknown_clause_is_told_with_those_on_record(write) -> None:
    with pytest.raises(LineageError, match="No clause 'x' is on record; known are: made"):
        load_clause("x", write(ROW))


def test_the_clauses_that_ship_are_sound_and_name_a_norm_of_the_register() -> None:
    register = load_register()
    assert check_wording(register.instruments) == ()
    for name in clause_names():
        assert load_clause(name).norm in register.norms


def test_commercial_theft_stands_as_its_wording_says() -> None:
    """The three places that are known beforehand; nothing in the code knows these names."""
    register = load_register()
    parties: dict[str, frozenset[str]] = {}
    for row in register.parties:
        parties[row.instrument] = parties.get(row.instrument, frozenset()) | set(row.codes)
    lineage = trace_clause(load_clause("commercial-theft"), parties)
    found = {d.instrument: d for d in lineage.descents}
    assert found["canada-china-2017"].parent == "us-china-2015"
    assert found["australia-china-2017"].parent == "uk-china-2015"
    mixed = found["g20-antalya-2015"].mixture
    assert mixed is not None
    pairs = {frozenset(p) for p in ((mixed.first, mixed.second), *mixed.ties)}
    assert frozenset({"us-china-2015", "uk-china-2015"}) in pairs
