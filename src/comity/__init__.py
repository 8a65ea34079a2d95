"""What states agreed about cyberspace, and whether they keep it.

The names below are the whole public API; each is loaded when first used, so that importing the
package costs nothing.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOMES = {
    "Choices": "comity.verification.model",
    "ComityError": "comity.errors",
    "DateReading": "comity.dates",
    "Evidence": "comity.incidents.model",
    "Examine": "comity.verification.examine.asked",
    "FINDINGS": "comity.verification.examine.asked",
    "ImpreciseDate": "comity.dates",
    "Incident": "comity.incidents.model",
    "Question": "comity.verification.model",
    "Register": "comity.instruments.model",
    "Verdict": "comity.api",
    "fit_panel": "comity.verification.fit",
    "load_evidence": "comity.incidents.load",
    "load_question": "comity.verification.question",
    "load_register": "comity.instruments.register",
    "members": "comity.countries",
    "parse_date": "comity.dates",
    "read_cfr": "comity.incidents.sources.cfr",
    "read_dcid": "comity.incidents.sources.dcid",
    "read_eurepoc": "comity.incidents.sources.eurepoc",
    "read_mapped": "comity.incidents.sources.mapped",
    "read_question": "comity.verification.question",
    "resolve_country": "comity.countries",
    "verify": "comity.api",
    "verify_all": "comity.api_all",
}

__all__ = sorted(_HOMES)

if TYPE_CHECKING:
    from comity.api import Verdict as Verdict
    from comity.api import verify as verify
    from comity.api_all import verify_all as verify_all
    from comity.countries import members as members
    from comity.countries import resolve_country as resolve_country
    from comity.dates import DateReading as DateReading
    from comity.dates import ImpreciseDate as ImpreciseDate
    from comity.dates import parse_date as parse_date
    from comity.errors import ComityError as ComityError
    from comity.incidents.load import load_evidence as load_evidence
    from comity.incidents.model import Evidence as Evidence
    from comity.incidents.model import Incident as Incident
    from comity.incidents.sources.cfr import read_cfr as read_cfr
    from comity.incidents.sources.dcid import read_dcid as read_dcid
    from comity.incidents.sources.eurepoc import read_eurepoc as read_eurepoc
    from comity.incidents.sources.mapped import read_mapped as read_mapped
    from comity.instruments.model import Register as Register
    from comity.instruments.register import load_register as load_register
    from comity.verification.examine.asked import FINDINGS as FINDINGS
    from comity.verification.examine.asked import Examine as Examine
    from comity.verification.fit import fit_panel as fit_panel
    from comity.verification.model import Choices as Choices
    from comity.verification.model import Question as Question
    from comity.verification.question import load_question as load_question
    from comity.verification.question import read_question as read_question


def __getattr__(name: str) -> object:
    """Load a public name from its home the first time it is asked for."""
    if name in _HOMES:
        return getattr(_import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'comity' has no attribute {name!r}")
