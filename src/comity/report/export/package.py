"""The description of an export that data tools read: a Frictionless data package.

Every table's resource has a Table Schema of what stands in its file. CSV and schema agree because
only text is ever guarded against formulas: a number, day or truth value never is, and the schema
promises nothing about a text that an apostrophe before it could break.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from comity.report.export.addresses import uri_of
from comity.report.export.files import MEDIA_TYPES
from comity.report.export.model import CC_BY, Field, Kind, LeftOut, Licence, Table

Data = dict[str, Any]
NAME = "comity-export"
TITLE = "Comity: what states agreed about cyberspace, and whether they keep it"
ABOUT = (
    "The register of agreements, the evidence whose licence allows it, verdicts, and links between "
    "lists, as far as they were asked for. A claim in it is its claimant's; only what was publicly "
    "reported is counted; no table scores a state."
)
KEYWORDS = ("cyber norms", "verification", "arms control", "international security", "event data")
GUARD = (
    "CSV text that a spreadsheet would run as a formula begins with an apostrophe before = + - @; "
    "the plain text is in Parquet"
)
TYPES = {
    Kind.TEXT: "string", Kind.EDTF: "string", Kind.DAY: "date", Kind.NUMBER: "number",
    Kind.WHOLE: "integer", Kind.FLAG: "boolean", Kind.LIST: "string",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export: where in it, what, and the table it holds, if it holds one."""

    path: str
    title: str
    media_type: str
    size: int
    sha256: str
    table: Table | None = None
    licences: tuple[Licence, ...] = (CC_BY,)

    @property
    def format(self) -> str:
        """What its name ends in."""
        return self.path.rsplit(".", 1)[-1]


def data_package(
    files: Sequence[File], version: str, left_out: Sequence[LeftOut], as_of: str
) -> Data:
    """Return the descriptor of some files (Data Package 1.0), tables first as they are given."""
    names = {f.table.name for f in files if f.table is not None and f.format == "csv"}
    return {
        "profile": "data-package",
        "name": NAME,
        "title": TITLE,
        "description": ABOUT,
        "version": version,
        "keywords": list(KEYWORDS),
        "licenses": [_licence(CC_BY)],
        "contributors": [{"title": "The Comity contributors", "role": "author"}],
        "comity:licenceNote": "Each resource names its own licences, which go before this one.",
        "comity:asOf": as_of,
        "comity:leftOut": [{"name": one.name, "why": one.why} for one in left_out],
        "resources": [_resource(f, names) for f in files],
    }


def _resource(file: File, names: Collection[str]) -> Data:
    found: Data = {"name": _name_of(file), "path": file.path, "title": file.title}
    table = file.table
    if table is not None:
        found |= {"description": table.description, "comity:group": table.group}
        if table.terms:
            found["comity:terms"] = table.terms
        sources = [{"title": o.title, "path": uri_of(o.address)} for o in table.origins]
        found["sources"] = [{k: v for k, v in one.items() if v} for one in sources]
    if table is not None and file.format == "csv":
        found |= {
            "type": "table",
            "profile": "tabular-data-resource",
            "comity:guard": GUARD,
            "encoding": "utf-8",
            "schema": table_schema(table, names),
        }
    else:
        found["type"] = "file"
    return found | {
        "format": file.format,
        "mediatype": file.media_type,
        "licenses": [_licence(one) for one in file.licences],
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }


def _name_of(file: File) -> str:
    """Return a resource's name: the table's for its CSV, else the path without folders or dots."""
    if file.table is not None and file.format == "csv":
        return file.table.name
    return file.path.rsplit("/", 1)[-1].replace(".", "-").lower()


def table_schema(table: Table, names: Collection[str]) -> Data:
    """Return the Table Schema of a table's CSV; references only to tables among `names`."""
    schema: Data = {"fields": [_field(f) for f in table.fields], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    references = [
        {
            "fields": list(r.fields),
            "reference": {
                "resource": "" if r.table == table.name else r.table,
                "fields": list(r.to),
            },
        }
        for r in table.references
        if r.table in names
    ]
    if references:
        schema["foreignKeys"] = references
    return schema


def _field(field: Field) -> Data:
    description = field.description
    if field.kind is Kind.LIST:
        description += '; several are parted by " ; "'
    constraints: Data = {}
    if field.required:
        constraints["required"] = True
    if field.unique:
        constraints["unique"] = True
    if field.values:
        constraints["enum"] = list(field.values)
    if field.lowest is not None:
        constraints["minimum"] = field.lowest
    if field.highest is not None:
        constraints["maximum"] = field.highest
    found: Data = {"name": field.name, "type": TYPES[field.kind], "description": description}
    return found | ({"constraints": constraints} if constraints else {})


def _licence(licence: Licence) -> Data:
    found = {"name": licence.name, "title": licence.title, "path": uri_of(licence.address)}
    return {k: v for k, v in found.items() if v}


def as_text(data: Data) -> bytes:
    """Return a description as JSON text."""
    return (json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def media_type(path: str) -> str:
    """Return the media type of a file of an export, by its name."""
    more = {
        "md": "text/markdown", "bib": "application/x-bibtex",
        "ris": "application/x-research-info-systems",
    }  # fmt: skip
    return {**MEDIA_TYPES, **more}[path.rsplit(".", 1)[-1]]
