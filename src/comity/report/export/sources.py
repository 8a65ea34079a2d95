"""Every source that some tables cite, each once, as BibTeX and as RIS.

What is known of a source is its address, who publishes there (the host), sometimes the day it was
published, and how far it was checked. Titles are not in the tables: the words of the address stand
for one, and the entry says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from comity.dates import Precision, parse_date
from comity.incidents.model import ListRelease
from comity.instruments.card import plain
from comity.provenance import is_web_address
from comity.report.export.addresses import host_of, key_of, uri_of
from comity.report.export.model import Kind, Table
from comity.tables import STATUSES

AS_LISTED = "as its list cites it, not checked by Comity"
NOTES = {
    "seen": "cited by a row that was read at a source it gives (seen)",
    "secondary": "cited by a row that was told by another text (secondary)",
    "unverified": "cited by a row that was not checked (unverified)",
}
ADDRESS_COLUMNS = {
    "source": "status", "address": "", "reported_source": "status", "attributed_source": "status",
    "commercial_source": "", "account_source": "",
}  # fmt: skip
DATED = {"reported_source": "reported"}
FEWEST_WORDS = 3
LONGEST_TITLE = 160
LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


@dataclass(slots=True)
class Citation:
    """One source: its address, in which tables it is cited, how far checked, when published."""

    address: str
    tables: dict[str, None] = field(default_factory=dict)
    status: str = ""
    day: str = ""
    title: str = ""
    publisher: str = ""
    cite_as: str = ""

    @property
    def key(self) -> str:
        """Its key: the same in every export."""
        return key_of(self.address)

    @property
    def note(self) -> str:
        """How far it was checked, where it is cited, and whose words the title is."""
        said = [NOTES.get(self.status, AS_LISTED), f"cited in {', '.join(self.tables)}"]
        if self.cite_as:
            said.append(f"please cite: {self.cite_as}")
        elif not self.title:
            said.append("title made from the address")
        return "; ".join(said)

    @property
    def shown_title(self) -> str:
        """Its title, or words of the address."""
        return self.title or title_from(self.address)


def title_from(address: str) -> str:
    """Return words for a page that is known by its address alone.

    >>> title_from("https://a.example/2015/09/joint-statement-by_two.html")
    'joint statement by two'
    >>> title_from("https://a.example/?p=12")
    'a.example/?p=12'
    """
    parts = urlsplit(address)
    for segment in reversed(unquote(parts.path).split("/")):
        words = re.sub(r"\.\w{2,5}$", "", segment).replace("-", " ").replace("_", " ").split()
        if sum(any(c.isalpha() for c in w) for w in words) >= FEWEST_WORDS:
            return plain(" ".join(words))[:LONGEST_TITLE]
    query = f"?{parts.query}" if parts.query else ""
    return plain(f"{host_of(address)}{parts.path.rstrip('/') or '/'}{query}")[:LONGEST_TITLE]


def citations(found: Sequence[Table], releases: Iterable[ListRelease] = ()) -> list[Citation]:
    """Return each http(s) address that some tables or lists give, once, in order of key."""
    cited: dict[str, Citation] = {}
    for release in releases:
        if uri_of(release.address):
            one = cited.setdefault(release.address, Citation(release.address))
            one.tables["lists"] = None
            one.title, one.publisher = release.title, release.publisher
            one.cite_as = release.citation
    for table in found:
        for address, status, day in _given(table):
            if not uri_of(address):
                continue
            one = cited.setdefault(address, Citation(address))
            one.tables[table.name] = None
            one.status = _better(one.status, status)
            one.day = one.day or day
    return sorted(cited.values(), key=lambda c: c.key)


def _given(table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield (address, status, day) for every address in a table's rows."""
    names = {f.name: f.kind for f in table.fields}
    several = "sources" if names.get("sources") is Kind.LIST else ""
    single = [n for n in ADDRESS_COLUMNS if n in names]
    if not several and not single:
        return
    for row in table.frame().iter_rows(named=True):
        for address in row[several] if several else ():
            yield address, row.get("status") or "", ""
        for name in single:
            if is_web_address(row[name] or ""):
                yield row[name], row.get(ADDRESS_COLUMNS[name]) or "", _day(row, name)


def _day(row: Mapping[str, Any], column: str) -> str:
    """Return the day a source was published, where that is known to the day."""
    text = row.get(DATED.get(column, "")) or ""
    date = parse_date(text)
    exact = date.precision is Precision.DAY and not (date.uncertain or date.approximate)
    return text if exact else ""


def _better(one: str, other: str) -> str:
    """Return the better checked of two; none is worst."""
    return min(one, other, key=lambda s: STATUSES.index(s) if s in STATUSES else len(STATUSES))


def latex(text: str) -> str:
    """Return text that LaTeX prints as it is: one line, its special characters escaped.

    >>> latex("R&D 100% {a_b}")
    'R\\\\&D 100\\\\% \\\\{a\\\\_b\\\\}'
    """
    return "".join(LATEX.get(c, c) for c in plain(text))


def bibtex(cited: Sequence[Citation]) -> str:
    """Return sources as BibTeX (UTF-8), an @misc each."""
    return "\n".join(_bibtex_entry(c) for c in cited)


def _bibtex_entry(one: Citation) -> str:
    fields = {
        "title": f"{{{latex(one.shown_title)}}}",
        "publisher": latex(one.publisher or host_of(one.address)),
        "url": uri_of(one.address),
        "note": latex(one.note),
    }
    if one.day:
        fields |= {"year": one.day[:4], "date": one.day}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{one.key},\n{lines}}}\n"


def ris(cited: Sequence[Citation]) -> str:
    """Return sources as RIS, an electronic source each."""
    return "".join(_ris_entry(c) for c in cited)


def _ris_entry(one: Citation) -> str:
    lines = [
        ("TY", "ELEC"), ("ID", one.key), ("TI", plain(one.shown_title)),
        ("PB", plain(one.publisher or host_of(one.address))), ("UR", uri_of(one.address)),
    ]  # fmt: skip
    if one.day:
        lines += [("PY", one.day[:4]), ("DA", one.day.replace("-", "/"))]
    lines += [("N1", plain(one.note)), ("ER", "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines) + "\r\n"
