"""What a view is, in every form its address gives: HTML, JSON, CSV, SVG and PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from comity.web.parameters import Parameter, Values

if TYPE_CHECKING:
    from comity.web.world import World

_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_CHARTS: Mapping[str, Callable[[], str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as plain values: the page's `.csv`, and what stands behind a chart."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One view. `data` is its `.json`, `sheet` its `.csv`; `charts` makes SVG by name, the first
    being the view's `.svg` and `.png`; `command` and `python` give the same elsewhere. `status` is
    the HTTP status; `settled` is false for a page that is not yet whole."""

    template: str
    title: str
    context: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    data: object = None  # or what makes it, called where it is asked for
    sheet: Sheet | Callable[[], Sheet] | None = None
    charts: Mapping[str, Callable[[], str]] = field(default_factory=lambda: _NO_CHARTS)
    command: str = ""
    python: str = ""
    status: int = 200
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Download:
    """A file instead of a page: its bytes, what they are, and the name to save them under (empty
    where a browser shows them). `policy` replaces the pages' content policy: a document that brings
    its own style needs another, and never one that allows script."""

    body: bytes
    media_type: str
    name: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks: the world it is asked of, the path's parts, the query's values."""

    world: World
    path: str  # "/verdict/us-china-2015", without a format
    names: Mapping[str, str]
    values: Values
    part: str = ""  # a fragment of the page, empty for the whole
    said: str = ""  # what a change that led here did, by its text's key; empty for none


@dataclass(frozen=True, slots=True)
class View:
    """A page of a room: where it is, what its address may say, and what builds it. A view whose
    `build` gives a Download is a `file`: it has the one form its path names."""

    name: str
    path: str  # "/verdict/{question}"
    summary: str
    build: Callable[[Asked], Page | Download]
    parameters: tuple[Parameter, ...] = ()
    parts: tuple[str, ...] = ()  # fragments that can be asked for alone, as `part`
    site: bool = True  # whether a static site holds it
    file: bool = False
    lasting: bool = True  # whether what it answers depends only on the evidence and the address
