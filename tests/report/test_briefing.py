"""A briefing as a record: what it says, what it cites, what goes to the annex first."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from comity.api import verify
from comity.api_all import verify_implementation
from comity.errors import QuestionError
from comity.instruments.register import load_register
from comity.report.briefing import SECTIONS, Briefing, compose
from comity.report.briefing.model import (
    ON_TWO_PAGES,
    Answer,
    Bullets,
    Paragraph,
    Picture,
    Run,
    Section,
    Source,
    Subheading,
    lines_of,
)
from comity.report.briefing.pdf import main_pages
from comity.report.briefing.said import day_words, short, sources_of
from comity.report.briefing.talks import account_items, accounts_of, voices
from comity.report.briefing.whole import FURTHER, fitted
from comity.report.examination_tables import ATTACKS
from comity.verification.examine.asked import Examine
from comity.verification.model import Claim, Reply, Verdict
from comity.verification.question import IMPLEMENTATION, shipped_questions

DAY = dt.date(2026, 1, 1)


def words(section: Section) -> str:
    said = (run.text for b in section.blocks for line in lines_of(b) for run in line)
    return " ".join(" ".join(said).split())


def of(briefing: Briefing, name: str) -> Section:
    return next(s for s in (*briefing.main, *briefing.annex) if s.name == name)


@pytest.mark.parametrize("name", shipped_questions())
def test_the_two_pages_of_every_question_that_ships_are_two_pages(name: str) -> None:
    briefing = compose(verify(name), day=DAY)
    assert main_pages(briefing) <= 2
    assert [s.name for s in briefing.main] == [n for n in SECTIONS if n in ON_TWO_PAGES]


@pytest.mark.parametrize("name", shipped_questions(IMPLEMENTATION))
def test_so_are_those_of_every_question_on_implementation(name: str) -> None:
    briefing = compose(verify_implementation(name), day=DAY)
    assert main_pages(briefing) <= 2
    terms = [b.term for b in of(briefing, "answers").blocks if isinstance(b, Answer)]
    assert terms[0] == terms[2] == "Not asked"


def test_the_three_answers_are_the_verdicts_own_sentences(verdict: Verdict) -> None:
    answers = of(compose(verdict, day=DAY), "answers")
    told = [b for b in answers.blocks if isinstance(b, Answer)]
    said = [s.sentence for s in (verdict.changed, verdict.kept, verdict.because)]
    assert [b.line[0].text for b in told] == said


def test_likelihood_and_confidence_stand_apart(verdict: Verdict, unidentified: Verdict) -> None:
    section = of(compose(verdict, day=DAY), "confidence")
    likely, sure = (b for b in section.blocks if isinstance(b, Paragraph) and not b.look)
    assert likely.line[0].text == "Likelihood: "
    assert "97 %" in likely.line[1].text
    assert sure.line[1].text.startswith(f"{verdict.confidence.word}: ")
    assert all(reason in sure.line[1].text for reason in verdict.confidence.reasons)
    assert "none is given" in words(of(compose(unidentified, day=DAY), "confidence"))


def test_sources_are_numbered_in_order_of_first_citation_each_once(verdict: Verdict) -> None:
    briefing = compose(verdict, day=DAY)
    cited = [s.key for run in briefing.runs() for s in run.cites]
    assert [s.key for s in briefing.sources] == list(dict.fromkeys(cited))
    assert set(briefing.numbers().values()) == set(range(1, len(briefing.sources) + 1))


def test_each_answer_and_each_claim_on_the_two_pages_points_to_a_source() -> None:
    briefing = compose(verify("us-china-2015"), day=DAY)
    numbers = briefing.numbers()
    for block in of(briefing, "answers").blocks:
        if isinstance(block, Answer):
            assert all(numbers[s.key] for s in block.line[-1].cites)
            assert block.line[-1].cites
    lists = [b for b in of(briefing, "points").blocks if isinstance(b, Bullets)]
    assert len(lists) == 3
    assert all(any(run.cites for run in item) for found in lists for item in found.items)


def test_an_imprecise_date_is_shown_as_one(verdict: Verdict) -> None:
    card = replace(
        verdict.incidents[0], start="2016", start_earliest=dt.date(2016, 1, 1),
        start_latest=dt.date(2016, 12, 31),
    )  # fmt: skip
    briefing = compose(replace(verdict, incidents=(card,)), day=DAY)
    assert "2016 2016-01-01 to 2016-12-31" in words(of(briefing, "incidents"))


def test_sections_come_in_the_briefings_order_with_the_sources_they_cite(verdict: Verdict) -> None:
    briefing = compose(verdict, sections=["caveats", "answers"], day=DAY)
    assert [s.name for s in briefing.main] == ["answers"]
    assert [s.name for s in briefing.annex] == ["caveats", "sources"]


def test_a_section_asked_for_that_does_not_apply_says_so(verdict: Verdict) -> None:
    assert "does not apply" in words(of(compose(verdict, sections=["measures"]), "measures"))


@pytest.mark.parametrize("sections", [["answer"], []])
def test_a_section_that_is_not_there_is_answered_with_those_there_are(
    verdict: Verdict, sections: list[str]
) -> None:
    with pytest.raises(QuestionError) as refused:
        compose(verdict, sections=sections)
    assert all(name in str(refused.value) for name in SECTIONS)


def test_talks_stand_as_of_the_day_asked_for() -> None:
    verdict = verify("us-china-2015", as_of=dt.date(2016, 6, 30), mirror=False)
    briefing = compose(verdict)
    assert "High-Level Joint Dialogue on Cybercrime: open" in words(of(briefing, "points"))
    assert "2017" not in words(of(briefing, "points")) + words(of(briefing, "record"))


def long(verdict: Verdict, replies: int) -> Verdict:
    """Return a verdict to which parties replied at length."""
    text = "We see this otherwise, and say why at some length. " * 6
    given = [Reply("reply", f"Party {n}", "2026", text, "https://a.org") for n in range(replies)]
    return replace(verdict, replies=tuple(given))


def test_what_two_pages_cannot_hold_goes_to_the_annex_and_nothing_is_lost(verdict: Verdict) -> None:
    briefing = compose(long(verdict, 30), day=DAY)
    assert main_pages(briefing) <= 2
    lists = [b for b in of(briefing, "points").blocks if isinstance(b, Bullets)]
    cut = next(b for b in lists if b.left)
    shown = [i for i in cut.items if i[0].text.startswith("Reply of Party")]
    assert 0 < len(shown) < 30
    assert f"{cut.left} more in the annex: {SECTIONS['record']}." == cut.more
    assert all(f"Reply of Party {n}" in words(of(briefing, "record")) for n in range(30))


def test_where_the_full_record_is_not_asked_for_the_rest_still_has_a_place(
    verdict: Verdict,
) -> None:
    names = [n for n in SECTIONS if n in ON_TWO_PAGES]
    briefing = compose(long(verdict, 30), sections=names, day=DAY)
    both = words(of(briefing, "points")) + words(of(briefing, FURTHER))
    assert all(f"Reply of Party {n}," in both for n in range(30))


def test_the_longest_list_gives_first_and_notes_last() -> None:
    def points(word: str, many: int) -> Bullets:
        text = f"{word} " * 120
        return Bullets(tuple((Run(f"{n} {text}"),) for n in range(many)), keep=1)

    note = Paragraph((Run("note " * 600),), "note", movable=True)
    short_list, long_list = points("short", 3), points("long", 20)
    section = Section("open", "Open", (short_list, long_list, note))
    briefing = Briefing("q", "T", (), "about", "2026-01-01", "0", (section,), ())
    assert main_pages(briefing) > 2
    done = fitted(briefing)
    assert main_pages(done) <= 2
    kept = [b for b in done.main[0].blocks if isinstance(b, Bullets)]
    assert len(kept[0].items) == 3
    assert 1 < len(kept[1].items) < 20
    assert any(isinstance(b, Paragraph) for b in done.main[0].blocks)
    moved = done.annex[0].blocks[0]
    assert isinstance(moved, Bullets)
    assert (*kept[1].items, *moved.items) == long_list.items


def test_where_that_is_not_enough_a_list_keeps_one_point() -> None:
    points = Bullets(tuple((Run(f"{n} " + "word " * 500),) for n in range(4)), keep=4)
    section = Section("open", "Open", (points,))
    done = fitted(Briefing("q", "T", (), "about", "2026-01-01", "0", (section,), ()))
    assert main_pages(done) <= 2
    kept = done.main[0].blocks[0]
    assert isinstance(kept, Bullets)
    assert 1 <= len(kept.items) < 4


def test_what_cannot_be_moved_is_left_as_it_is() -> None:
    section = Section("open", "Open", (Paragraph((Run("word " * 6000),)),))
    briefing = Briefing("q", "T", (), "about", "2026-01-01", "0", (section,), ())
    assert fitted(briefing) is briefing


def test_a_party_speaks_once_and_by_the_claim_that_names_the_promise() -> None:
    claims = (
        Claim("2016", "Firm", "private-company", "breach", "Conduct only: a", "https://a.org",
              "seen"),
        Claim("2017", "Firm", "private-company", "breach", "Names the promise: b",
              "https://b.org", "seen"),
        Claim("2018", "Paper", "media", "breach", "Conduct only: c", "https://c.org", "seen",
              "Firm"),
        Claim("2019", "State", "initiator-government", "no-breach", "Conduct only: d",
              "https://d.org", "seen"),
        Claim("2020", "Court", "other", "unclear", "Conduct only: e", "https://e.org", "seen"),
    )  # fmt: skip
    assert [c.date for c in voices(claims)] == ["2017", "2019"]


def test_no_account_of_a_contested_point_is_shown_without_the_others() -> None:
    accounts = accounts_of(load_register(), "us-russia-2021", None)
    items = account_items(accounts)
    assert len(items) == len({a.topic for a in accounts})
    for item, topic in zip(items, dict.fromkeys(a.topic for a in accounts), strict=True):
        text = " ".join(run.text for run in item)
        assert all(a.party in text for a in accounts if a.topic == topic)


def test_a_source_that_is_no_web_address_is_text_and_one_of_another_scheme_is_dropped() -> None:
    given = ("https://a.org/x", "javascript:alert(1)", "A report on paper", "data:text/html,x")
    assert sources_of("On it", given) == (
        Source("On it", "https://a.org/x"), Source("On it: A report on paper"),
    )  # fmt: skip


def test_long_text_ends_at_a_word() -> None:
    assert short("one two three", 9) == "one two…"
    assert short("onetwothreefour", 9) == "onetwoth…"


@pytest.mark.parametrize(
    ("edtf", "said"),
    [
        ("2015-09-25", "2015-09-25"),
        ("2014-03~", "about 2014-03"),
        ("2017-04-07?", "2017-04-07 (uncertain)"),
        ("2012%", "about 2012 (uncertain)"),
        ("2022-03/2022-04-07", "2022-03 to 2022-04-07"),
        ("2013/..", "2013 to no end seen"),
        ("", "unknown"),
    ],
)
def test_imprecise_dates_are_said_in_words(edtf: str, said: str) -> None:
    assert day_words(edtf) == said


def test_what_lies_outside_the_years_drawn_is_said_below_the_chart() -> None:
    text = words(of(compose(verify("us-russia-2021", mirror=False), day=DAY), "chart"))
    assert "outside the years drawn" in text
    assert "the agreement, 2021-06-16" in text
    assert "Solid line" not in text


def test_the_cross_examination_stands_in_the_annex_and_in_what_is_not_known() -> None:
    asked = Examine(("tipping", "next_evidence"), workers=1)
    briefing = compose(verify("us-china-2015", examine=asked, mirror=False), day=DAY)
    assert main_pages(briefing) <= 2
    stands = of(briefing, "robustness").blocks
    heads = [b.text for b in stands if isinstance(b, Subheading)]
    assert heads[:2] == [ATTACKS["tipping"], ATTACKS["next_evidence"]]
    assert [b.name for b in stands if isinstance(b, Picture)] == ["tipping"]
    assert "Next evidence." in words(of(briefing, "open"))
    again = words(of(briefing, "reproduce"))
    assert "--examine tipping --examine next_evidence" in again
    assert "was not computed" not in words(of(briefing, "robustness"))


def test_an_empty_chart_is_not_drawn_but_said() -> None:
    section = of(compose(verify("germany-china-2016", mirror=False), day=DAY), "chart")
    assert not [b for b in section.blocks if isinstance(b, Picture)]
    assert "no incident in scope is counted" in words(section)
    assert "the agreement, 2016-06-13" in words(section)


def test_a_text_without_parties_is_not_said_to_bind_any() -> None:
    section = of(compose(verify("gge-2015-russia-ukraine", mirror=False), day=DAY), "agreement")
    assert "no parties are on record" in words(section)
