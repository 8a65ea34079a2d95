"""The incident table as tab-separated text, the form in which evidence ships and can be reviewed.

The columns are those of `incident_schema` without `list` and `release` (they are the release's),
without the `*_earliest` and `*_latest` days (derived from the EDTF text beside them) and without
`description`: a list's own words do not ship. Several values in a cell are separated by `|`; there
is no quoting, so no cell holds a tab or line break.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from comity.dates import parse_date
from comity.errors import SourceError
from comity.incidents.model import ListRelease, incident_schema

DATED = ("start", "end", "reported")
SEPARATOR = "|"
PARALLEL = ("initiator_kinds", "organs")  # one value for each initiator, each may be empty


def text_columns() -> tuple[str, ...]:
    """Return the columns of the text form, in order."""
    derived = {f"{c}_{side}" for c in DATED for side in ("earliest", "latest")}
    left_out = derived | {"list", "release", "description"}
    return tuple(c for c in incident_schema() if c not in left_out)


def write_text(table: pl.DataFrame) -> str:
    """Return a table as tab-separated text. Raises SourceError where a cell cannot be written."""
    lines = ["\t".join(text_columns())]
    for row in table.select(text_columns()).iter_rows():
        cells = []
        for value in row:
            if isinstance(value, list):
                if any(SEPARATOR in v for v in value):
                    raise SourceError(f"A value holds the separator {SEPARATOR!r}: {value}.")
                cells.append(SEPARATOR.join(value))
            else:
                cells.append("" if value is None else f"{value:g}" if value == value
                             and isinstance(value, float) else str(value))  # fmt: skip
        if any(c in cell for cell in cells for c in "\t\r\n"):
            raise SourceError(f"A cell of incident {row[0]} holds a tab or a line break.")
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def read_text(path: Path, release: ListRelease) -> pl.DataFrame:
    """Return the table of a file that `write_text` wrote. Raises SourceError."""
    schema = incident_schema()
    try:
        raw = pl.read_csv(path, separator="\t", quote_char=None, infer_schema=False)
        raw = raw.with_columns(pl.all().fill_null(""))
        if tuple(raw.columns) != text_columns():
            raise SourceError(f"{path.name} has other columns than {', '.join(text_columns())}.")
        table = raw.with_columns(
            pl.lit(release.list).alias("list"), pl.lit(release.release).alias("release"),
            pl.lit("").alias("description"),
            *_bounds(raw),
            *(_cast(name, kind) for name, kind in schema.items() if name in raw.columns),
        )  # fmt: skip
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"Cannot read {path.name}: {error}") from error
    return table.select(*schema)


def _cast(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.List):
        empty = pl.lit([], dtype=pl.List(pl.String))
        given = pl.col("initiators") if name in PARALLEL else column
        return pl.when(given == "").then(empty).otherwise(column.str.split(SEPARATOR)).alias(name)
    if kind == pl.Float64:
        return pl.when(column == "").then(None).otherwise(column).cast(pl.Float64).alias(name)
    return column


def _bounds(raw: pl.DataFrame) -> list[pl.Expr]:
    """Return the earliest and latest day of each dated column, each distinct text parsed once."""
    found = []
    for name in DATED:
        texts = raw[name].unique().to_list()
        dates = [parse_date(text) for text in texts]
        for side, days in (
            ("earliest", [d.earliest for d in dates]),
            ("latest", [d.latest for d in dates]),
        ):
            mapped = pl.col(name).replace_strict(texts, pl.Series(days, dtype=pl.Date))
            found.append(mapped.alias(f"{name}_{side}"))
    return found
