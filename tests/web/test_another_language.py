"""Every sentence of a finished page comes from the catalogue, so that others can translate it.

The pages are asked for in a language that nobody speaks: each text of the catalogue in ⟦brackets⟧.
What then stands outside them is data of the register and of the lists (titles, names, accounts of
facts), or is one of the few EXCEPTIONS below.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from comity.countries import country_name
from comity.saying import Texts, english
from comity.web.app import build_app
from comity.web.news import changelog, latest
from comity.web.pages import VIEWS, routes_of
from comity.web.world import World

DATA = Path(str(resources.files("comity") / "data"))
HERE = "http://127.0.0.1:8015"
EXCEPTIONS = {
    "Comity": "the program's name",
    "norms": "the family of a norm: the set of texts it was written in",
    "target-alone initiator-elsewhere receiver-otherwise four-cells": "names that are typed",
    "jump level redirection displacement": "names that are typed",
    "PDF Word HTML JSON CSV SVG PNG": "names of formats",
}
CODED = {
    "answer",
    "commits",
    "commercial_use",
    "content",
    "course",
    "against",
    "effects",
    "forum",
    "kind",
    "objectives",
    "orientation",
    "party_kind",
    "properties",
    "protects",
    "responses",
    "role",
    "says",
    "standing",
    "status",
    "strength",
    "targets",
    "vote",
    "way",
}  # columns of codes: a page says their words from the catalogue
SILENT = ("script", "style", "pre", "code")  # commands and addresses are the same in any language
READ_OUT = ("alt", "aria-label", "title", "placeholder")
BRACKETS = Texts("qps", {key: f"⟦{text}⟧" for key, text in english().items()})
FINISHED = (
    "/verdict/us-china-2015",
    "/verdict/us-china-2015?comparison=target-alone&from=2010",
    "/verdict/osce-cbm-2013",
    "/agreement/us-china-2015",
    "/agreements",
    "/agreements/compare?a=us-china-2015&b=uk-china-2015",
    "/norms/commercial-theft",
    "/",
    "/verdicts",
    "/questions",
    "/talks",
    "/talks/us-china",
    "/talks/us-china/ladder",
    "/talks/enforcement",
    "/talks/implementation",
    "/spread",
    "/spread/commercial-theft",
    "/spread/commercial-theft/network",
    "/parallels",
    "/parallels/us-china-2015",
    "/definitions",
    "/definitions/compare?who=CN,US",
    "/norms",
    "/votes",
    "/method",
)


class Outside(HTMLParser):
    """What a page says outside all brackets, a piece for each stretch between two tags."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.depth = self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        for name, value in attrs:
            if name in READ_OUT and value:
                held, self.depth = self.depth, 0
                self._say(value)
                self.depth = held

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._say(data)

    def _say(self, text: str) -> None:
        piece = ""
        for letter in text:
            self.depth += (letter == "⟦") - (letter == "⟧")
            if letter in "⟦⟧":
                self.pieces.append(piece)
                piece = ""
            elif self.depth == 0:
                piece += letter
        self.pieces.append(piece)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@lru_cache(maxsize=1)
def register() -> frozenset[str]:
    """Return every cell of the shipped tables and every text of the shipped questions."""
    found: set[str] = set()
    for path in DATA.rglob("*.tsv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                for cell in (
                    str(row[name]) for name in row if path.stem == "accounts" or name not in CODED
                ):
                    found |= {cell, *re.split(r" ?[;|] ?", cell)}
    for path in DATA.rglob("*.toml"):
        if path.parent.name != "texts":
            found |= set(strings(tomllib.loads(path.read_text("utf-8"))))
    found |= {country_name(c) for c in found if re.fullmatch(r"[A-Z]{2}", c) and _known(c)}
    found |= {point for _, points in latest(changelog())[1] for point in points}
    names = {word for name in EXCEPTIONS for word in (name, *name.split())}
    return frozenset(
        {" ".join(text.split()).strip(" .:,;()").casefold() for text in {*found, *names}}
    )


def _known(code: str) -> bool:
    try:
        return bool(country_name(code))
    except Exception:
        return False


ADDRESS = re.compile(r"[\w.-]+\.[a-z]{2,}|/[\w/.?&=%-]*|[a-z0-9-]*\d[a-z0-9-]*")
BETWEEN = re.compile(r"(?<=^\d{4}) |(?<=[\dx]{2}-\d\d) |: | · |; |, | \(|\) | – | to |$")


def is_data(text: str) -> bool:
    """Say whether a piece is data, or several joined by marks of punctuation."""
    text = " ".join(text.split()).strip(" ·:;,.()–…").casefold()
    if not re.search(r"[^\W\d_]{2}", text) or text in register() or ADDRESS.fullmatch(text):
        return True
    for mark in BETWEEN.finditer(text):
        first, rest = text[: mark.start()], text[mark.end() :]
        if rest and is_data(rest) and is_data(first):
            return True
    return False


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    foreign = World(world.asker, BRACKETS, world.home, world.editable, world.token)
    app = build_app(foreign, VIEWS, routes_of(foreign))
    with TestClient(app, base_url=HERE) as made:
        yield made


@pytest.mark.parametrize("address", FINISHED)
def test_every_sentence_of_a_finished_page_can_be_translated(
    client: TestClient, address: str
) -> None:
    check(client, address)


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/?part=answers", "/verdicts", "/agreement/us-china-2015"])
def test_every_answer_of_every_question_can_be_translated(
    client: TestClient, world: World, address: str
) -> None:
    world.asker.overview(world.state)
    check(client, address)


def check(client: TestClient, address: str) -> None:
    """Fail where a page says what is neither of the catalogue nor data."""
    answer = client.get(address)
    assert answer.status_code == 200
    page = Outside()
    page.feed(answer.text)
    assert page.depth == 0, "a text of the catalogue is cut in the middle"
    left = [" ".join(p.split()) for p in dict.fromkeys(page.pieces) if not is_data(p)]
    assert not left, "\n".join(left)


def test_a_sentence_that_is_not_in_the_catalogue_is_noticed() -> None:
    page = Outside()
    page.feed('<p title="Read this">⟦One ⟦two⟧⟧ and three</p><pre>comity</pre><b>⟦four⟧ CN</b>')
    assert [p.strip() for p in page.pieces if p.strip()] == ["Read this", "and three", "CN"]
    assert is_data("CN")
    assert is_data("China: United States, 2015-09-25")
    assert not is_data("and three")
    assert not is_data("The change is consistent with the agreement.")
