"""The words of the pages stand in one catalogue: all that are asked for, and none elsewhere."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from comity.errors import AddressError
from comity.web.texts import load_texts

WEB = Path(str(resources.files("comity.web")))
TEMPLATES = sorted((WEB / "templates").glob("*.j2"))
SOURCES = [*TEMPLATES, *sorted(WEB.rglob("*.py"))]
WHOLE = re.compile(r"""\b(?:t|texts)\(\s*["']([a-z]+\.[a-z0-9_]+)["']\s*[,)]""")
BEGUN = re.compile(r"""\b(?:t|texts)\(\s*f?["']([a-z]+\.[a-z0-9_]*)(?:["']\s*~|\{)""")
NAMES = {"Comity", "HTML", "PDF", "Word", "CSV", "JSON", "Parquet", "SHA", "SVG", "PNG"}


def asked(path: Path) -> set[str]:
    return set(WHOLE.findall(path.read_text("utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_every_text_that_is_asked_for_is_in_the_catalogue(path: Path) -> None:
    keys = load_texts().by_key
    assert asked(path) <= set(keys), asked(path) - set(keys)
    for begin in BEGUN.findall(path.read_text("utf-8")):
        assert any(key.startswith(begin) for key in keys), begin


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_a_template_holds_no_words_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    for pattern in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<[^>]*>"):
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z]{3,}", text)) <= NAMES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_a_template_has_no_script_or_style_in_it_and_trusts_no_text(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|<[^>{%]*\son[a-z]+=|javascript:|\|\s*safe\b", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert script in [f'<script src="/static/{n}.js" defer>' for n in ("comity", "exchange")]


def test_no_text_of_the_catalogue_is_left_over() -> None:
    every = "\n".join(p.read_text("utf-8") for p in SOURCES)
    whole = set().union(*(asked(p) for p in SOURCES))
    begun = tuple(b for p in SOURCES for b in BEGUN.findall(p.read_text("utf-8")))
    unused = [
        key
        for key in load_texts().by_key
        if key not in whole and not key.startswith(begun) and f'"{key}"' not in every
    ]
    assert not unused, unused


def test_a_language_without_a_catalogue_is_told_which_there_are() -> None:
    with pytest.raises(AddressError, match="there is one for en"):
        load_texts("tlh")
