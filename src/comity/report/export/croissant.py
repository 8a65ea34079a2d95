"""The same files described for machine learning tools: Croissant 1.0 (JSON-LD on schema.org)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comity.report.export.model import Field, Kind, Table
from comity.report.export.package import ABOUT, KEYWORDS, NAME, TITLE, File
from comity.tables import SEPARATOR

Data = dict[str, Any]
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CITE_AS = (
    "@misc{comity, title = {Comity: what states agreed about cyberspace, and whether they keep "
    "it}, author = {{The Comity contributors}}, note = {version VERSION; cite the lists too}}"
)
TYPES = {
    Kind.TEXT: "sc:Text", Kind.EDTF: "sc:Text", Kind.DAY: "sc:Date", Kind.NUMBER: "sc:Float",
    Kind.WHOLE: "sc:Integer", Kind.FLAG: "sc:Boolean", Kind.LIST: "sc:Text",
}  # fmt: skip
CONTEXT: Data = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(files: Sequence[File], version: str, as_of: str) -> Data:
    """Return the description of some files; `as_of` is the day to which the evidence is known.

    Each table is a record set, read from its CSV or, where there is none, from its Parquet.
    """
    described = [f for f in files if f.table is not None]
    formats = {f.format for f in described}
    chosen = "csv" if "csv" in formats else "parquet"
    sets = [f for f in described if f.format == chosen]
    licences = {one.address or one.title: None for f in files for one in f.licences}
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": NAME,
        "alternateName": TITLE,
        "description": ABOUT,
        "version": version if version.count(".") == 2 else f"{version}.0",
        "datePublished": as_of,
        "isLiveDataset": False,
        "keywords": list(KEYWORDS),
        "license": list(licences),
        "creator": {"@type": "Organization", "name": "The Comity contributors"},
        "citeAs": CITE_AS.replace("VERSION", version),
        "url": "datapackage.json",
        "distribution": [_file(f) for f in files],
        "recordSet": [_record_set(f.table, f) for f in sets if f.table is not None],
    }


def _file(file: File) -> Data:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "description": file.title,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
        "license": [one.address or one.title for one in file.licences],
    }


def _record_set(table: Table, file: File) -> Data:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{table.title}. {table.description}.",
        **({"key": [{"@id": f"{table.name}/{k}"} for k in table.key]} if table.key else {}),
        "field": [_field(table, field, file) for field in table.fields],
    }


def _field(table: Table, field: Field, file: File) -> Data:
    source: Data = {"fileObject": {"@id": file.path}, "extract": {"column": field.name}}
    found: Data = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{field.name}",
        "name": field.name,
        "description": field.description,
        "dataType": TYPES[field.kind],
        "source": source,
    }
    if field.kind is Kind.LIST:
        found["repeated"] = True
        if file.format == "csv":
            source["transform"] = {"separator": SEPARATOR}
    return found
