"""A briefing as HTML, PDF and Word: whole, accessible, and inert whatever a list says."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from test_html import Page

from comity.report.briefing import (
    SECTIONS,
    Briefing,
    briefing_css,
    briefing_docx,
    briefing_html,
    briefing_pdf,
    compose,
)
from comity.verification.model import Verdict

DAY = dt.date(2026, 1, 1)
NASTY = (
    '<script>alert(1)</script> #panic("typst") $x$ `code` @ref *b* _i_ ]#[ \\ ]]> &amp; '
    '<w:p/> =HYPERLINK("https://evil.example") \x1b[31m\x00\u202e {{ 7*7 }} </style>'
)
SHOWN = '#panic("typst") $x$ `code` @ref *b* _i_'


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def addresses_of(pdf: bytes) -> set[str]:
    """Return every address a PDF links to."""
    found = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for note in page.get("/Annots") or ():
            action = note.get_object().get("/A")
            if action is not None and "/URI" in action:
                found.add(str(action["/URI"]))
    return found


def parts(docx: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return {
            n: archive.read(n).decode() for n in archive.namelist() if n.endswith((".xml", ".rels"))
        }


@pytest.fixture
def briefing(verdict: Verdict) -> Briefing:
    return compose(verdict, day=DAY)


@pytest.fixture
def nasty(verdict: Verdict) -> Briefing:
    """A briefing in which everything a user or a list may write tries something."""
    card = replace(
        verdict.incidents[0], name=NASTY, key=NASTY, claimants=(NASTY,), objectives=(NASTY,),
        sources=("javascript:alert(1)", "https://a.org/\"><script>", "https://good.example/a"),
    )  # fmt: skip
    claim = replace(verdict.claims[0], party=NASTY, what=NASTY, source="javascript:alert(2)")
    question = replace(verdict.question, title=NASTY)
    return compose(
        replace(
            verdict, question=question, incidents=(card,), claims=(claim,), caveats=(NASTY,)
        ), day=DAY,
    )  # fmt: skip


def test_the_page_has_every_section_and_no_script_or_style_attribute(briefing: Briefing) -> None:
    html = briefing_html(briefing)
    page = Page(html)
    assert not page.open
    for section in (*briefing.main, *briefing.annex):
        assert f'<h2 id="h-{section.name}">' in html
    assert "<script" not in html
    assert not re.search(r"<[^>]*\sstyle=", html)
    assert not re.search(r"<[^>]*\son[a-z]+=", html)


def test_every_mark_of_the_page_leads_to_a_source(briefing: Briefing) -> None:
    html = briefing_html(briefing)
    marks = set(re.findall(r'href="#(source-\d+)"', html))
    places = re.findall(r'<li id="(source-\d+)"', html)
    assert marks == set(places)
    assert len(places) == len(set(places)) == len(briefing.sources)


def test_stylesheet_and_chart_can_be_served_from_elsewhere(briefing: Briefing) -> None:
    html = briefing_html(briefing, stylesheet="/briefing.css", chart="/q.svg?a=1&b=2")
    assert '<link rel="stylesheet" href="/briefing.css">' in html
    assert 'src="/q.svg?a=1&amp;b=2"' in html
    assert "<style" not in html
    assert "data:" not in html
    assert "@media print" in briefing_css()


def test_the_pdf_is_tagged_named_and_holds_its_fonts(briefing: Briefing) -> None:
    reader = PdfReader(io.BytesIO(briefing_pdf(briefing)))
    root: Any = reader.trailer["/Root"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == briefing.title
    fonts = [f.get_object() for f in reader.pages[0]["/Resources"]["/Font"].values()]
    below = [f["/DescendantFonts"][0].get_object()["/FontDescriptor"] for f in fonts]
    assert all({"/FontFile2", "/FontFile3"} & set(d.get_object()) for d in below)


def test_the_pdf_says_what_the_briefing_says_and_the_annex_begins_a_page(
    briefing: Briefing,
) -> None:
    pdf = briefing_pdf(briefing)
    text = text_of(pdf)
    assert all(s.title in text for s in (*briefing.main, *briefing.annex))
    starts = [
        k for k, page in enumerate(PdfReader(io.BytesIO(pdf)).pages)
        if page.extract_text().lstrip().startswith("Annex")
    ]  # fmt: skip
    assert len(starts) == 1
    assert 1 <= starts[0] <= 2


def test_a_chart_of_the_pdf_is_told_in_words_too(briefing: Briefing) -> None:
    reader = PdfReader(io.BytesIO(briefing_pdf(briefing)))
    told = [
        str(o["/Alt"]) for n in range(1, len(reader.xref_objStm) + len(reader.xref[0]) + 1)
        if isinstance(o := reader.get_object(n), dict) and "/Alt" in o
    ]  # fmt: skip
    assert any("Reported incidents a quarter" in alt for alt in told)


def test_the_same_briefing_gives_the_same_pdf(briefing: Briefing) -> None:
    assert briefing_pdf(briefing) == briefing_pdf(briefing)


def test_a_pdf_of_a_few_sections_without_sources_still_shows_its_marks(verdict: Verdict) -> None:
    few = compose(verdict, sections=["answers"], day=DAY)
    assert "[1]" in text_of(briefing_pdf(replace(few, annex=())))


def test_text_of_a_script_the_fonts_do_not_hold_does_not_stop_the_pdf(verdict: Verdict) -> None:
    for title in ("承诺 Зобов'язання التزام", "\U00010380 Зобов'язання"):
        question = replace(verdict.question, title=title)
        text = text_of(briefing_pdf(compose(replace(verdict, question=question), day=DAY)))
        assert "Зобов'язання" in text


def test_the_word_file_has_real_headings_lists_table_heads_and_alt_text(
    briefing: Briefing,
) -> None:
    document = Document(io.BytesIO(briefing_docx(briefing)))
    styled = {p.style.name for p in document.paragraphs if p.style is not None}
    assert {"Title", "Heading 1", "Heading 2", "List Bullet", "Caption", "Answer"} <= styled
    heads = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert heads == [s.title for s in (*briefing.main, *briefing.annex)]
    xml = parts(briefing_docx(briefing))["word/document.xml"]
    assert xml.count("<w:tblHeader") == len(document.tables) > 0
    assert 'descr="Reported incidents a quarter' in xml
    assert document.core_properties.title == briefing.title
    assert document.core_properties.language == "en"


def test_no_line_of_the_word_file_breaks_inside_a_date(briefing: Briefing) -> None:
    docx = briefing_docx(briefing)
    xml = parts(docx)["word/document.xml"]
    assert "<w:t>12</w:t><w:noBreakHyphen/><w:t>31</w:t>" in xml
    told = " ".join(p.text for p in Document(io.BytesIO(docx)).paragraphs)
    assert "Agreed 2015-09-25" in told
    assert "2015-12-31" in told


def test_every_mark_of_the_word_file_leads_to_a_bookmark(briefing: Briefing) -> None:
    xml = parts(briefing_docx(briefing))["word/document.xml"]
    marks = set(re.findall(r'w:anchor="(\w+)"', xml))
    assert marks == set(re.findall(r'<w:bookmarkStart [^>]*w:name="(\w+)"', xml))


def test_text_stays_text_in_the_page(nasty: Briefing) -> None:
    html = briefing_html(nasty)
    page = Page(html)
    assert "<script" not in html
    assert SHOWN in page.text
    assert "{{ 7*7 }}" in page.text
    assert not re.search("[\x00\x1b\u202e]", html)
    links = page.attributes("a", "href")
    assert all(a.startswith(("https://", "http://", "#")) for a in links)
    assert "javascript:" not in html
    assert "https://good.example/a" in links


def test_text_stays_text_in_the_pdf(nasty: Briefing) -> None:
    pdf = briefing_pdf(nasty)
    text = text_of(pdf)
    assert "<script>alert(1)</script>" in text
    assert '#panic("typst")' in text
    assert "https://good.example/a" in addresses_of(pdf)
    assert all(a.startswith(("https://", "http://")) for a in addresses_of(pdf))
    assert "javascript" not in text


def test_text_stays_text_in_the_word_file(nasty: Briefing) -> None:
    docx = briefing_docx(nasty)
    document = Document(io.BytesIO(docx))
    assert any(SHOWN in p.text for p in document.paragraphs)
    found = parts(docx)
    rels = re.findall(r'Target="([^"]*)" TargetMode="External"', "".join(found.values()))
    assert "https://good.example/a" in rels
    assert all(a.startswith(("https://", "http://")) for a in rels)
    assert "javascript" not in "".join(found.values())
    assert "HYPERLINK &quot;" not in found["word/document.xml"]


def test_every_section_alone_can_be_written_in_every_format(verdict: Verdict) -> None:
    for name in SECTIONS:
        one = compose(verdict, sections=[name], day=DAY)
        assert SECTIONS[name] in briefing_html(one).replace("&#39;", "'")
        assert briefing_pdf(one).startswith(b"%PDF")
        assert Document(io.BytesIO(briefing_docx(one))).paragraphs
