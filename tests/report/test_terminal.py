"""A verdict on the terminal: one screen and a half, readable without colour."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from comity.report.terminal import print_verdict, render_verdict, wrap
from comity.verification.model import Verdict


def page(verdict: Verdict, width: int = 80) -> str:
    return render_verdict(verdict, width).plain


def test_the_page_is_one_screen_and_a_half_at_80_columns(
    verdict: Verdict, unidentified: Verdict
) -> None:
    for one, most in ((verdict, 76), (unidentified, 55)):
        lines = page(one).splitlines()
        assert max(map(cell_len, lines)) <= 80
        assert len(lines) <= most


@pytest.mark.parametrize("width", [20, 60, 72, 100, 132])
def test_no_line_is_wider_than_asked(verdict: Verdict, width: int) -> None:
    lines = page(verdict, width).splitlines()
    assert max(map(cell_len, lines)) <= max(width, 60)


def test_the_page_holds_the_three_answers_with_term_and_probability(verdict: Verdict) -> None:
    text = " ".join(page(verdict).split())
    assert "Changed? [almost certain, 97 % that it fell] Reported espionage" in text
    assert "Kept? [breach claimed by 2 independent parties] 8 incidents" in text
    assert "Because? [cannot be separated] Whether it was" in text
    assert "Confidence moderate: the least favourable comparison" in text


def test_narrow_scope_whole_dyad_and_uncovered_targets_stand_side_by_side(
    verdict: Verdict,
) -> None:
    lines = page(verdict).splitlines()
    head = next(line for line in lines if "narrow scope" in line and "not covered" in line)
    assert head.split("  ")[-1].strip() == "not covered"
    net = next(line for line in lines if line.startswith("net change"))
    assert net.split("  ", 1)[1].split() == [
        *("0.31", "(0.12-0.82)", "97", "%"),
        *("0.28", "(0.14-0.58)", ">99", "%"),
        *("0.27", "(0.10-0.70)", "99", "%"),
    ]
    counts = next(line for line in lines if line.startswith("counts"))
    assert "14.5 before, 8.5 after" in counts
    assert any(line.startswith("least ") and "0.83 (0.31-1.94)  64 %" in line for line in lines)
    assert any(line.startswith("also espionage against any target") for line in lines)


def test_agreement_evidence_onset_displacement_persistence_and_mirror_are_there(
    verdict: Verdict,
) -> None:
    text = " ".join(page(verdict).split())
    for said in (
        "Agreed: 2015-09-25, United States and China commitments",
        "Standing: voluntary political commitment",
        "starts to 2020-12-31, closed not stated, no report dates",
        "as known on 2020-12-31",
        "most likely began in 2015-Q4",
        "rose at the agreement is likely (78 %",
        "year 1 97 %, year 2 95 %, year 3 91 %; year 5 is beyond the evidence",
        "Mirror: the United States to China: not identified: only 2 incidents",
        "--report us-china-2015.html",
        "--json",
    ):
        assert said in text


def test_every_caveat_is_printed(verdict: Verdict) -> None:
    text = " ".join(page(verdict).split())
    assert all(caveat in text for caveat in verdict.caveats)


def test_the_chart_counts_by_year_and_marks_the_agreement(verdict: Verdict) -> None:
    lines = page(verdict).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Starts a year"))
    bars, axis = lines[start + 1 : start + 6], lines[start + 6]
    assert axis.split() == [f"{year:02}" for year in range(6, 21)]
    place = {line.index("|") for line in bars}
    assert len(place) == 1
    assert axis.index("15") < place.pop() < axis.index("16")


def test_the_words_that_are_never_used_are_not_used(
    verdict: Verdict, unidentified: Verdict
) -> None:
    for text in (page(verdict), page(unidentified)):
        flat = " ".join(text.split())
        assert "complied" not in flat
        assert flat.count("certain") == flat.count("almost certain")


def test_a_verdict_without_any_fit_prints_why(unidentified: Verdict) -> None:
    text = " ".join(page(unidentified).split())
    assert "[not identified] Whether reported disruption changed cannot be known yet" in text
    assert "the evidence ends (2020-12-31) before the agreement (2021-06-16)" in text
    assert "nan" not in text.lower().split()
    bare = replace(unidentified, activity=(), lists=(), caveats=(), change=())
    assert "Evidence: no list." in page(bare)


def test_where_the_evidence_ends_before_the_agreement_there_is_no_zero_after(
    unidentified: Verdict,
) -> None:
    counts = next(line for line in page(unidentified).splitlines() if line.startswith("counts"))
    assert "14.5 before" in counts
    assert "after" not in counts


def test_markup_and_escapes_in_a_name_are_text(verdict: Verdict) -> None:
    nasty = replace(
        verdict,
        question=replace(verdict.question, title="[bold red]x[/bold red] \x1b[2Jgone :smile:"),
        caveats=("[link=https://evil.example]click\x1b]0;t\x07[/link]",),
    )
    stream = io.StringIO()
    print_verdict(nasty, Console(file=stream, width=80, force_terminal=False))
    text = stream.getvalue()
    assert "[bold red]x[/bold red] gone :smile:" in text
    assert "[link=https://evil.example]click[/link]" in text
    assert "\x1b" not in text


def test_what_is_piped_has_no_escapes_and_breaks_at_80(verdict: Verdict) -> None:
    stream = io.StringIO()
    print_verdict(verdict, Console(file=stream, width=200, force_terminal=False))
    assert stream.getvalue().rstrip("\n") == page(verdict, 80)


def test_bold_is_all_the_styling_there_is(verdict: Verdict) -> None:
    assert {str(span.style) for span in render_verdict(verdict).spans} == {"bold"}


def test_wide_characters_and_long_words_are_broken_to_the_width() -> None:
    lines = wrap("行动" * 30 + " word " + "x" * 50, 20)
    assert max(map(cell_len, lines)) <= 20
    assert "".join(lines).replace(" ", "") == "行动" * 30 + "word" + "x" * 50
