"""A briefing as a Word document: real headings, lists, table heads, bookmarks, and alt text."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from comity.provenance import is_web_address
from comity.report.briefing.model import (
    Answer,
    Block,
    Briefing,
    Bullets,
    Line,
    Pairs,
    Paragraph,
    Picture,
    References,
    Run,
    Section,
    Subheading,
    Table,
    marks,
    tied,
)
from comity.report.svg import as_png

INK, SOFT, BLUE = RGBColor(0x1A, 0x1A, 0x1A), RGBColor(0x4F, 0x55, 0x5D), RGBColor(0x1B, 0x4F, 0x8A)
WIDTH, CHART = Cm(16.8), Cm(15.6)
FONT, MONO = "Times New Roman", "Consolas"
_DATE = re.compile(r"(\b\d{4}-\d{2}(?:-\d{2})?\b)")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def docx(briefing: Briefing) -> bytes:
    """Return the document; see `comity.report.briefing.briefing_docx`."""
    made = _Writer(briefing)
    made.title()
    for section in briefing.main:
        made.section(section)
    if briefing.main and briefing.annex:
        made.annex()
    for section in briefing.annex:
        made.section(section)
    out = io.BytesIO()
    made.document.save(out)
    return out.getvalue()


def xml_text(text: str) -> str:
    """Return text without the characters XML cannot hold."""
    return _NOT_XML.sub("", text)


class _Writer:
    """Sets one briefing block by block into one document."""

    def __init__(self, briefing: Briefing) -> None:
        self.briefing = briefing
        self.numbers: Mapping[str, int] = briefing.numbers()
        self.linked = any(s.name == "sources" for s in briefing.annex)
        self.document: Any = Document()
        _styles(self.document)
        _page(self.document, briefing)

    def title(self) -> None:
        """Set the title, and what stands around it."""
        self._paragraph(f"Briefing · {self.briefing.id}", "Note")
        self._paragraph(self.briefing.title, "Title")
        self._paragraph(" · ".join(self.briefing.facts), "Note")

    def annex(self) -> None:
        """Begin the annex on a page of its own."""
        self._paragraph("Annex", "Annex").paragraph_format.page_break_before = True

    def section(self, section: Section) -> None:
        """Set a section under its heading."""
        self.document.add_heading(xml_text(section.title), level=1)
        for block in section.blocks:
            self._block(block)

    def _paragraph(self, text: str, style: str) -> Any:
        return self.document.add_paragraph(xml_text(text), style=style)

    def _block(self, block: Block) -> None:
        match block:
            case Subheading():
                self.document.add_heading(xml_text(block.text), level=2)
            case Paragraph():
                style = {"note": "Note", "code": "Code"}.get(block.look, "Normal")
                self._line(self.document.add_paragraph(style=style), block.line)
            case Bullets():
                for item in block.items:
                    self._line(self.document.add_paragraph(style="List Bullet"), item)
                if block.more:
                    self._paragraph(block.more, "Note")
            case Answer():
                self.document.add_heading(xml_text(block.question), level=2)
                self._paragraph(block.term, "Term")
                self._line(self.document.add_paragraph(style="Answer"), block.line)
            case Pairs():
                for name, line in block.rows:
                    paragraph = self.document.add_paragraph(style="Fact")
                    paragraph.add_run(xml_text(name)).font.color.rgb = SOFT
                    paragraph.add_run("\t")
                    self._line(paragraph, line)
            case Table():
                self._table(block)
            case Picture():
                self._picture(block)
            case References():
                self._references()

    def _line(self, paragraph: Any, line: Line) -> None:
        for run in line:
            self._run(paragraph, run)

    def _run(self, paragraph: Any, run: Run) -> None:
        made = _written(paragraph.add_run(), xml_text(tied(run.text)))
        if run.look == "strong":
            made.bold = True
        elif run.look == "soft":
            made.font.color.rgb = SOFT
        elif run.look == "code":
            made.font.name = MONO
        for k, n in enumerate(marks(run, self.numbers)):
            lead = "\u00a0" if k == 0 else ""
            if self.linked:
                _link(paragraph, f"{lead}[{n}]", anchor=f"source_{n}")
            else:
                paragraph.add_run(f"{lead}[{n}]").font.color.rgb = BLUE

    def _table(self, block: Table) -> None:
        """Set a table: its caption above it, a head that is repeated on every page."""
        if block.caption:
            self._paragraph(block.caption, "Caption").paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=1, cols=len(block.head))
        table.style = "Briefing Table"
        table.autofit = False
        whole = sum(block.widths)
        widths = [int(WIDTH * w / whole) for w in block.widths]
        for cell, text in zip(table.rows[0].cells, block.head, strict=True):
            cell.paragraphs[0].style = "Cell"
            cell.paragraphs[0].add_run(xml_text(text)).bold = True
        head = table.rows[0]._tr.get_or_add_trPr()
        head.append(_element("w:tblHeader", val="true"))
        for row in block.rows:
            made = table.add_row()
            made._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))
            for cell, line in zip(made.cells, row, strict=True):
                cell.paragraphs[0].style = "Cell"
                self._line(cell.paragraphs[0], line)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
        self.document.add_paragraph(style="Note")

    def _picture(self, block: Picture) -> None:
        """Set a picture with its description for those who do not see it."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(
            io.BytesIO(as_png(block.svg)), width=CHART if block.wide else int(CHART * 0.8)
        )
        shape._inline.docPr.set("descr", xml_text(block.alt))
        shape._inline.docPr.set("name", block.name)
        if block.caption:
            self._line(self.document.add_paragraph(style="Caption"), block.caption)

    def _references(self) -> None:
        """Set the numbered sources, each a bookmark that its marks lead to."""
        for n, source in enumerate(self.briefing.sources, start=1):
            paragraph = self.document.add_paragraph(style="Source")
            start = _element("w:bookmarkStart", id=str(n), name=f"source_{n}")
            paragraph._p.append(start)
            paragraph.add_run(xml_text(f"[{n}]\t{source.label}"))
            paragraph._p.append(_element("w:bookmarkEnd", id=str(n)))
            if is_web_address(source.address):
                paragraph.add_run(". ")
                _link(paragraph, xml_text(source.address), address=source.address)


def _written(run: Any, text: str) -> Any:
    """Return a run with text in which no line breaks inside a date."""
    for piece in _DATE.split(text):
        first, *rest = piece.split("-") if _DATE.fullmatch(piece) else [piece]
        run.add_text(first)
        for part in rest:
            run._r.append(OxmlElement("w:noBreakHyphen"))
            run.add_text(part)
    return run


def _element(tag: str, **values: str) -> Any:
    """Return an element of WordprocessingML with attributes of the same name space."""
    made = OxmlElement(tag)
    for name, value in values.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _link(paragraph: Any, text: str, *, anchor: str = "", address: str = "") -> None:
    """Add a link to a bookmark or to an address to a paragraph."""
    link = _element("w:hyperlink", **({"anchor": anchor} if anchor else {}))
    if address:
        known = paragraph.part.relate_to(xml_text(address), RELATIONSHIP_TYPE.HYPERLINK, True)
        link.set(qn("r:id"), known)
    run = paragraph.add_run(text)
    run.font.color.rgb = BLUE
    link.append(run._r)
    paragraph._p.append(link)


def _page(document: Any, briefing: Briefing) -> None:
    """Set the page, its foot with a number, and the file's properties."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.1)
    section.top_margin = section.bottom_margin = Cm(1.9)
    foot = section.footer.paragraphs[0]
    foot.style = "Note"
    foot.add_run(xml_text(f"{briefing.id} · {briefing.about} · page "))
    foot._p.append(_field("PAGE"))
    properties = document.core_properties
    properties.title = xml_text(briefing.title)[:255]
    properties.author = "Comity"
    properties.subject = f"Briefing on {briefing.id}"
    properties.comments = xml_text(briefing.about)[:255]
    properties.language = "en"
    moment = dt.datetime.fromisoformat(briefing.known)
    properties.created = properties.modified = moment


def _field(code: str) -> Any:
    field = _element("w:fldSimple", instr=code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    return field


def _styles(document: Any) -> None:
    """Set the styles of the house on Word's own, and add those it has no name for."""
    styles = document.styles

    def look(
        name: str, size: float, *, bold: bool | None = None, colour: RGBColor = INK,
        before: float = 0, after: float = 4, font: str = FONT, base: str = "",
    ) -> Any:  # fmt: skip
        if base:
            styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles[base]
        style = styles[name]
        style.font.name, style.font.size, style.font.bold = font, Pt(size), bold
        style.font.color.rgb = colour
        style.font.italic = False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for which in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{which}"), None)
        spacing = style.paragraph_format
        spacing.space_before, spacing.space_after = Pt(before), Pt(after)
        spacing.line_spacing = 1.0
        return style

    look("Normal", 10, after=3)
    title = look("Title", 17, bold=True, after=3)
    border = title.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    look("Annex", 17, bold=True, base="Normal", after=3)
    look("Heading 1", 12, bold=True, before=9, after=3)
    look("Heading 2", 10, bold=True, before=4, after=1)
    look("List Bullet", 10, after=1.5)
    look("Caption", 8.5, bold=False, colour=SOFT, before=4, after=3)
    look("Note", 8.5, colour=SOFT, base="Normal", after=3)
    look("Code", 8, font=MONO, base="Normal")
    look(
        "Term", 11, bold=True, colour=BLUE, base="Normal", after=1
    ).paragraph_format.left_indent = Cm(0.4)
    look("Answer", 10, base="Normal", after=3).paragraph_format.left_indent = Cm(0.4)
    look("Cell", 8.5, base="Normal", after=1)
    for name, stop in (("Fact", 3.0), ("Source", 0.9)):
        form = look(name, 10 if name == "Fact" else 8.5, base="Normal", after=2).paragraph_format
        form.left_indent, form.first_line_indent = Cm(stop), Cm(-stop)
        form.tab_stops.add_tab_stop(Cm(stop))
    _table_style(styles)


def _table_style(styles: Any) -> None:
    """Add the table's style: a line under every row, none upright."""
    style = styles.add_style("Briefing Table", WD_STYLE_TYPE.TABLE)
    style.base_style = styles["Normal Table"]
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="C3C7CD"))
    properties = OxmlElement("w:tblPr")
    properties.append(borders)
    style.element.append(properties)
