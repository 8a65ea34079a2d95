"""Texts stand in one catalogue: all that are asked for, none left over, none in a template."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from comity.instruments.model import Forum, Standing
from comity.process.model import ActKind, TrackKind
from comity.process.queries import STANDINGS
from comity.saying import load_texts

HOUSE = Path(str(resources.files("comity")))
TEMPLATES = sorted((HOUSE / "web" / "templates").glob("*.j2"))
REPORTS = sorted((HOUSE / "report" / "templates").glob("*.j2"))
SOURCES = [*TEMPLATES, *REPORTS, *sorted(HOUSE.rglob("*.py"))]
KEY = r"[a-z_]+\.[A-Za-z0-9_\-]"
WHOLE = re.compile(rf"""\b(?:t|texts|say)\(\s*["']({KEY}+)["']\s*[,)]""")
BEGUN = re.compile(rf"""\b(?:t|texts|say)\(\s*f?["']({KEY}*)(?:["']\s*[~+]|\{{)""")
CODED = re.compile(r"""coded['"]?[,(][^\n]*?["']([a-z_]+)["']\)""")
EXAMPLES = HOUSE / "saying.py"  # its docstrings name keys for example
NAMES = {"Comity", "HTML", "PDF", "Word", "CSV", "JSON", "Parquet", "SHA", "SVG", "PNG"}


def asked(path: Path) -> set[str]:
    return set(WHOLE.findall(path.read_text("utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_every_text_that_is_asked_for_is_in_the_catalogue(path: Path) -> None:
    keys = load_texts().by_key
    there = {*keys, *(key.removesuffix(".other") for key in keys)}
    assert asked(path) <= there, asked(path) - there
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
        assert script in [
            f'<script src="/static/{n}.js" defer>' for n in ("comity", "exchange", "find")
        ]


def test_no_text_of_the_catalogue_is_left_over() -> None:
    every = "\n".join(p.read_text("utf-8") for p in SOURCES if p != EXAMPLES)
    whole = set().union(*(asked(p) for p in SOURCES))
    begun = tuple(b for p in SOURCES for b in BEGUN.findall(p.read_text("utf-8")))
    begun += tuple(f"{kind}." for p in SOURCES for kind in CODED.findall(p.read_text("utf-8")))
    keys = load_texts().by_key
    stems = {k: k.rpartition(".")[0] if k.count(".") > 1 else k for k in keys}
    unused = [
        key
        for key, stem in stems.items()
        if stem not in whole and not key.startswith(begun) and f'"{stem}"' not in every
    ]
    assert not unused, unused


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("standing", tuple(Standing)), ("forum", tuple(Forum)), ("track", tuple(TrackKind)),
        ("act", tuple(ActKind)), ("stands", STANDINGS),
    ],
)  # fmt: skip
def test_every_code_that_a_page_shows_has_its_word(kind: str, codes: tuple[str, ...]) -> None:
    texts = load_texts()
    for code in codes:
        assert f"{kind}.{code.replace(' ', '-').lower()}" in texts.by_key
        assert texts.coded(code, kind) == code.replace("-", " ") or kind == "standing"
    assert texts.coded("a code of one's own", kind) == "a code of one's own"
