"""A briefing to carry: two pages a minister can read and an annex, as HTML, PDF or Word.

`compose` makes one record from a verdict; three writers set it. Each is loaded when first called.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from comity.report.briefing.model import SECTIONS as SECTIONS
from comity.report.briefing.model import Briefing as Briefing

if TYPE_CHECKING:
    from comity.instruments.model import Register
    from comity.process.model import Talks
    from comity.verification.implementation import ImplementationVerdict
    from comity.verification.model import Verdict


def compose(
    verdict: Verdict | ImplementationVerdict,
    *,
    sections: Sequence[str] | None = None,
    register: Register | None = None,
    talks: Talks | None = None,
    day: dt.date | None = None,
) -> Briefing:
    """Return the briefing on a verdict: the sections named (`SECTIONS`), or all that apply.

    Without `register` and `talks`, those that ship. Talks stand as on `day`: without one the
    verdict's as-of date, or else today. The main part fits two pages of A4: what does not is in
    the annex. Raises QuestionError for a section that is not known.
    """
    from comity.report.briefing.whole import whole

    return whole(verdict, sections=sections, register=register, talks=talks, day=day)


def briefing_html(briefing: Briefing, *, stylesheet: str = "", chart: str = "") -> str:
    """Return a briefing as one HTML page without script or style attribute.

    `stylesheet` and `chart` are addresses to serve `briefing_css()` and the chart's SVG from;
    without them both are in the page.
    """
    from comity.report.briefing.html import page

    return page(briefing, stylesheet=stylesheet, chart=chart)


def briefing_css() -> str:
    """Return the stylesheet of a briefing's page."""
    from comity.report.briefing.html import css

    return css()


def briefing_pdf(briefing: Briefing) -> bytes:
    """Return a briefing as a tagged PDF on A4, fonts embedded; the same briefing, the same bytes.

    Raises StoreError where a text cannot be set.
    """
    from comity.report.briefing.pdf import pdf

    return pdf(briefing)


def briefing_docx(briefing: Briefing) -> bytes:
    """Return a briefing as a Word document with real headings, lists, tables and notes."""
    from comity.report.briefing.docx import docx

    return docx(briefing)
