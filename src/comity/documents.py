"""Documents a person gives: text, HTML, PDF and Word files as plain text with places.

A document is data from outside: nothing in it is run, no address in it is followed, and what would
take too much memory is refused before it is read. Sizes are of the file and of the text in it.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

from comity.errors import DocumentError

MOST_BYTES = 64 * 1024 * 1024
MOST_TEXT = 32 * 1024 * 1024
MOST_PAGES = 5_000
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
UNSHOWN = frozenset({"script", "style", "template", "noscript", "head"})
BLANKS = str.maketrans({"\u00a0": " ", "\u00ad": "", "\u200b": "", "\ufeff": "", "\x00": ""})
CYRILLIC = re.compile("[\u0400-\u04ff]")


@dataclass(frozen=True, slots=True)
class Document:
    """One file as text in Unicode form NFC. `starts` are the offsets where pages (PDF) or lines
    begin; `unit` says which."""

    name: str
    format: str
    text: str
    unit: str
    starts: tuple[int, ...]

    def place(self, offset: int) -> str:
        """Return where an offset of the text lies, such as "page 3" or "line 41"."""
        return f"{self.unit} {bisect_right(self.starts, offset)}"


def read_document(path: Path) -> Document:
    """Return a file's text, by its content rather than its name.

    Raises DocumentError where there is none, it is too large, or it holds no text.
    """
    raw = _bytes(path)
    readers: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes, str], Document]], ...] = (
        (lambda b: b[:1024].lstrip().startswith(b"%PDF-"), "pdf", _pdf),
        (lambda b: b.startswith(b"PK\x03\x04"), "docx", _docx),
        (_is_html, "html", _html),
        (lambda _: True, "txt", _plain),
    )
    reader = next(read for fits, _, read in readers if fits(raw))
    document = reader(raw, path.name)
    if not document.text.strip():
        raise DocumentError(f"{path.name} holds no text: it may be a scan, pictures of pages only.")
    return document


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise DocumentError(
                f"{path.name} has {size / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} are read. "
                "Split it, or save its text alone."
            )
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not raw:
        raise DocumentError(f"{path.name} is empty.")
    return raw


def _document(name: str, kind: str, parts: list[str], unit: str) -> Document:
    """Return parts (pages or one text) as a document. Raises DocumentError where too long."""
    cleaned = [unicodedata.normalize("NFC", p.translate(BLANKS)) for p in parts]
    if sum(map(len, cleaned)) > MOST_TEXT:
        raise DocumentError(f"{name} holds over {MOST_TEXT / 1e6:.0f} million characters of text.")
    if unit == "page":
        starts, at = [], 0
        for part in cleaned:
            starts.append(at)
            at += len(part) + 1
        return Document(name, kind, "\n".join(cleaned), unit, tuple(starts))
    text = "\n".join(cleaned).replace("\r\n", "\n").replace("\r", "\n")
    lines = [0, *(m.end() for m in re.finditer("\n", text))]
    return Document(name, kind, text, unit, tuple(lines))


def _plain(raw: bytes, name: str) -> Document:
    return _document(name, "txt", [_decoded(raw, name)], "line")


def _decoded(raw: bytes, name: str, declared: str = "") -> str:
    """Return text by its mark, as UTF-8, as declared, or by its letters. Raises DocumentError for
    bytes that are no text, or that mix encodings."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                           (b"\xfe\xff", "utf-16")):  # fmt: skip
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                raise DocumentError(
                    f"{name} begins as {encoding} and goes on otherwise."
                ) from error
    if raw[:4096].count(0) > 8:
        raise DocumentError(f"{name} is no text, HTML, PDF or Word file that can be read.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        _refuse_mixture(raw, name)
    for encoding in (declared, "cp1251", "cp1252"):
        try:
            text = raw.decode(encoding) if encoding else ""
        except (UnicodeDecodeError, LookupError):
            continue
        letters = sum(c.isalpha() and not c.isascii() for c in text[:200_000])
        russian = len(CYRILLIC.findall(text[:200_000]))
        if text and (encoding != "cp1251" or russian > 0.2 * _letters(text)) and letters:
            return text
    return raw.decode("latin-1")


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text[:200_000])


def _refuse_mixture(raw: bytes, name: str) -> None:
    """Raise DocumentError where some lines are UTF-8 beyond ASCII and others are not UTF-8."""
    wide, broken = 0, 0
    for number, line in enumerate(raw.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
            wide += not line.isascii()
        except UnicodeDecodeError:
            broken = broken or number
    if wide >= 3 and broken:
        raise DocumentError(
            f"{name} mixes encodings: line {broken} is not UTF-8, though {wide} others are. Save it "
            "as UTF-8."
        )


def _is_html(raw: bytes) -> bool:
    head = raw[:2048].lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html", b"\xef\xbb\xbf<!doctype html")) or (
        b"<html" in head or b"<body" in head
    )


class _Shown(HTMLParser):
    """Collects the text a browser would show, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block; begin to leave out what is not shown."""
        if tag in UNSHOWN:
            self._hidden += 1
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a block, or what is not shown."""
        if tag in UNSHOWN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep shown text, its white space as one blank."""
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def _html(raw: bytes, name: str) -> Document:
    declared = re.search(rb"charset=[\"']?([A-Za-z0-9_-]+)", raw[:4096])
    shown = _Shown()
    shown.feed(_decoded(raw, name, declared.group(1).decode("ascii") if declared else ""))
    shown.close()
    lines = [line.strip() for line in "".join(shown.parts).split("\n")]
    return _document(name, "html", [re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()], "line")


def _docx(raw: bytes, name: str) -> Document:
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            info = archive.getinfo("word/document.xml")
            if info.file_size > MOST_TEXT:
                raise DocumentError(f"{name} unpacks to over {MOST_TEXT / 1e6:.0f} MB of text.")
            xml = archive.read(info)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DocumentError(f"{name} is a packed file, but no Word document in it.") from error
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise DocumentError(f"{name} declares entities, which no Word document does.")
    try:
        root = ET.fromstring(xml)
    except ET.ParseError as error:
        raise DocumentError(f"{name} is a damaged Word document: {error}.") from error
    paragraphs = []
    for paragraph in root.iter(f"{WORD}p"):
        pieces = []
        for node in paragraph.iter():
            if node.tag == f"{WORD}t":
                pieces.append(node.text or "")
            elif node.tag in (f"{WORD}tab", f"{WORD}br", f"{WORD}cr"):
                pieces.append(" ")
        paragraphs.append("".join(pieces))
    return _document(name, "docx", ["\n".join(paragraphs)], "line")


def _pdf(raw: bytes, name: str) -> Document:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(f"{name} is locked with a password.")
        if len(reader.pages) > MOST_PAGES:
            raise DocumentError(f"{name} has over {MOST_PAGES} pages.")
        pages = [page.extract_text() or "" for page in reader.pages]
    except DocumentError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError,
            RecursionError, OverflowError, NotImplementedError) as error:  # fmt: skip
        raise DocumentError(f"{name} is a damaged PDF: {type(error).__name__}.") from error
    return _document(name, "pdf", pages, "page")
