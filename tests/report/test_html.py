"""The report: one file that opens offline, whose text is text whatever a list says."""

from __future__ import annotations

import base64
import errno
import itertools
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from comity.errors import StoreError
from comity.report.html import render_html, short_address, unbroken, write_html
from comity.verification.model import Verdict

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What a page holds: its tags with attributes, its text, and whether each tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def attributes(self, tag: str, name: str) -> list[str]:
        return [attrs[name] for t, attrs in self.tags if t == tag and name in attrs]


@pytest.fixture(scope="module")
def page() -> Page:
    from sample import two_lists

    return Page(render_html(two_lists()))


def test_the_page_is_well_formed_and_says_its_language(page: Page) -> None:
    assert page.open == []
    assert page.attributes("html", "lang") == ["en"]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    labels = [attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs]
    assert set(labels) <= set(ids)


def test_the_page_holds_no_script_and_nothing_that_is_fetched(page: Page) -> None:
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "video", "base"}
    assert not [k for _, attrs in page.tags for k in attrs if k.startswith("on")]
    assert all(
        src.startswith("data:image/svg+xml;base64,") for src in page.attributes("img", "src")
    )
    assert not [attrs for _, attrs in page.tags if "style" in attrs or "srcset" in attrs]


def test_the_policy_forbids_everything_but_style_and_images_inside(page: Page) -> None:
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script-src" not in policy


def test_the_style_asks_for_nothing(verdict: Verdict) -> None:
    style = re.search(r"<style>(.*?)</style>", render_html(verdict), re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "@media print" in style[1]


def test_the_three_answers_come_first(page: Page) -> None:
    order = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert order == [
        *("answers", "agreement", "evidence", "change", "kept", "mirror"),
        *("caveats", "estimates", "incidents", "again"),
    ]
    for said in (
        "almost certain, 97 % that it fell",
        "breach claimed by 2 independent parties",
        "cannot be separated",
        "Confidence: moderate.",
        "voluntary political commitment",
    ):
        assert said in page.text


def test_every_chart_has_words_for_those_who_do_not_see_it(page: Page) -> None:
    alts = page.attributes("img", "alt")
    assert len(alts) == 3
    assert all(len(alt) > 80 for alt in alts)
    for src in page.attributes("img", "src"):
        svg = base64.b64decode(src.partition(",")[2]).decode()
        assert svg.startswith("<svg role=")


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_every_estimate_incident_caveat_check_and_claim_is_there(
    page: Page, with_two_lists: Verdict
) -> None:
    for said in (*with_two_lists.caveats, *(c.name for c in with_two_lists.checks)):
        assert said in page.text
    for card in with_two_lists.incidents:
        assert card.name in page.text
    assert "0.36 (0.14–0.97)" in page.text
    assert "not identified: the evidence says too little" in page.text
    assert "a senior official said" in page.text
    assert "my-list: four cells" in page.text
    assert "Public claims, 2 in all: 1 breach, 1 short of these." in page.text


def test_only_incidents_after_the_agreement_or_perhaps_after_are_listed_as_kept(
    verdict: Verdict,
) -> None:
    text = render_html(verdict)
    section = text.partition('<section id="kept"')[2].partition("</section>")[0]
    names = re.findall(r"Operation Sample (\d+)<", section)
    assert [int(n) for n in names] == list(range(15, 24))


def test_how_to_get_it_again_names_command_python_seed_and_releases(page: Page) -> None:
    assert "comity verify us-china-2015 --list dcid --report us-china-2015.html" in page.text
    assert "comity.verify('us-china-2015', lists=('dcid',), seed=20150925)" in page.text
    assert "Comity 0.1.0, seed 20150925, 4000 draws, 90 % intervals" in page.text
    assert "Releases: dcid 2.0, my-list 1." in page.text
    assert "doi:10.7910/DVN/CQOMYV Licence: CC0 1.0." in page.text


NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}\x1b[2J\u202e"


def test_markup_in_any_text_of_a_verdict_is_shown_as_text(verdict: Verdict) -> None:
    card = replace(
        verdict.incidents[-1],
        key=f"dcid:{NASTY}", name=NASTY, start=NASTY, campaign=NASTY, targets=(NASTY,),
        objectives=(NASTY,), claimants=(NASTY,), commercial_use=NASTY, sources=(NASTY,),
    )  # fmt: skip
    facts = verdict.instrument
    assert facts is not None
    nasty = replace(
        verdict,
        version=NASTY,
        question=replace(
            verdict.question, id=NASTY, title=NASTY, assumes=NASTY, path=NASTY,
            scope=replace(verdict.question.scope, title=NASTY, objective=(NASTY,)),
        ),
        instrument=replace(
            facts, title=NASTY, gloss=NASTY, standing=NASTY, parties=(NASTY,), sources=(NASTY,)
        ),
        changed=replace(verdict.changed, sentence=NASTY, term=NASTY),
        caveats=(NASTY,),
        checks=tuple(replace(c, name=NASTY, detail=NASTY) for c in verdict.checks),
        claims=tuple(
            replace(c, party=NASTY, what=NASTY, source=NASTY, date=NASTY) for c in verdict.claims
        ),
        lists=tuple(
            replace(u, name=NASTY, title=NASTY, citation=NASTY, excluded={NASTY: 1})
            for u in verdict.lists
        ),
        by_list=replace(verdict.by_list, sentence=NASTY, title=NASTY),
        incidents=(card,),
    )  # fmt: skip
    text = render_html(nasty)
    seen = Page(text)
    assert seen.open == []
    assert "script" not in {tag for tag, _ in seen.tags}
    assert not [k for _, attrs in seen.tags for k in attrs if k.startswith("on")]
    assert "<script>alert(1)</script>" in seen.text
    assert "{{ 7*7 }}" in seen.text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(seen.attributes("img", "src")) == 3


def test_what_is_no_web_address_is_text_and_no_link(verdict: Verdict) -> None:
    addresses = (
        *("javascript:alert(1)", "data:text/html,x", "file:/" + "//etc/passwd", "https://a b"),
        *('http://a"b', "//example.org", "ftp://example.org", "JaVaScRiPt:https://example.org"),
    )
    cards = tuple(replace(verdict.incidents[-1], sources=(a,)) for a in addresses)
    seen = Page(render_html(replace(verdict, incidents=cards, claims=())))
    assert not set(addresses) & set(seen.attributes("a", "href"))
    assert all(address in seen.text for address in addresses)


def test_links_lead_only_to_the_web_and_tell_nobody_where_from(page: Page) -> None:
    links = [attrs for tag, attrs in page.tags if tag == "a" and not attrs["href"].startswith("#")]
    assert links
    assert all(a["href"].startswith(("https://", "http://")) for a in links)
    assert {a["rel"] for a in links} == {"noopener noreferrer"}


def test_an_address_is_shown_by_its_site() -> None:
    assert short_address("https://www.example.org/a?b=c") == "example.org"
    assert short_address("http://[broken/") == "http://[broken/"
    assert short_address("not an address") == "not an address"


def test_no_line_breaks_inside_dates_intervals_and_percentages() -> None:
    assert str(unbroken("a <b> 2015-09-25, 0.31 (0.12-0.82); 97 %")) == (
        'a &lt;b&gt; <span class="nb">2015-09-25</span>, <span class="nb">0.31 (0.12-0.82)</span>; '
        '<span class="nb">97 %</span>'
    )


def test_a_verdict_without_fit_instrument_or_incident_is_a_whole_page(
    unidentified: Verdict,
) -> None:
    for one in (unidentified, replace(unidentified, activity=(), change=(), lists=(), caveats=())):
        seen = Page(render_html(one))
        assert seen.open == []
        assert "not identified" in seen.text
        assert "nan" not in seen.text.lower().split()
        assert "None" not in seen.text
        assert "outside the years drawn" in seen.text or not one.activity


def test_the_words_that_are_never_used_are_not_used(page: Page) -> None:
    assert "complied" not in page.text
    assert page.text.count("certain") == page.text.count("almost certain")


def test_very_many_incidents_are_cut_and_counted(
    verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.report.html.MOST_INCIDENTS", 5)
    seen = Page(render_html(verdict))
    assert "18 more: in the JSON." in seen.text


def test_the_report_is_written_whole_and_leaves_nothing_beside_it(
    verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    write_html(verdict, path)
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.report.html.render_html", lambda verdict: "<p>page</p>")


@pytest.mark.usefixtures("quick")
def test_a_folder_that_is_not_there_is_named(verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "report.html"
    with pytest.raises(StoreError, match=r"nowhere.*No such file or directory.*--report FILE"):
        write_html(verdict, path)


@pytest.mark.usefixtures("quick")
def test_a_folder_in_place_of_a_file_is_an_error_and_stays(
    verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(StoreError, match="Cannot write the report"):
        write_html(verdict, path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "No space left"), (errno.EACCES, "Permission denied")]
)
def test_a_full_disk_or_a_refusal_leaves_the_old_report(
    verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError, match=said):
        write_html(verdict, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
