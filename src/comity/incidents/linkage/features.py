"""What linking compares: every record of every list as one row of words, days, parties, pages.

A feature that a record does not have is null or an empty list, and then says nothing for or
against a link. Nothing is written back: the records stay as their lists have them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import polars as pl

from comity.countries import NON_STATE, UNATTRIBUTED, UNKNOWN
from comity.dates import DateReading
from comity.incidents.linkage.words import pages_of, words_of
from comity.incidents.model import Evidence, read_attributions, read_dates

if TYPE_CHECKING:
    import datetime as dt

RARE = 5  # a word in at most so many records tells nearly one incident from all others
SCARCE = 30  # a word in at most so many still narrows it down
SHORT = 6  # a record with fewer words than this is not held to share any

MAY_LACK = ("initiators", "receivers", "actors", "pages", "effects")  # null where there is none
NOBODY = (NON_STATE, UNATTRIBUTED, UNKNOWN)  # codes that name no party

ActorsOf = Callable[[str], Iterable[str]]


def no_actors(text: str) -> tuple[str, ...]:
    """Return no actor: what `features` uses where it is given no table of actors."""
    return ()


def features(
    evidence: Evidence, reading: DateReading | None = None, actors_of: ActorsOf = no_actors
) -> pl.DataFrame:
    """Return one row a record, in table order.

    Columns: `unique_id` (`list:id`), `source_dataset` (the list), `row` (in the evidence's table);
    days as proleptic ordinals, INCLUSIVE, null where unbounded: `start_from`, `start_to` (both or
    neither), `last_to`, `public_from`, `public_to` (first report, or else first dated claim);
    `initiators`, `receivers` (countries only), `actors` (from names, organs and descriptions by
    `actors_of`), `name_words`, `rare`, `scarce` (words by how many records have them), `words` (how
    many a record has) and `wordy` (the same, null where few), `pages`, `objectives`, `effects`.
    """
    table = read_dates(evidence.table, evidence.releases, reading or DateReading())
    texts = [
        " ".join(filter(None, (name, *organs, described)))
        for name, organs, described in zip(
            table["name"], table["organs"], _described(table), strict=True
        )
    ]
    return _dated(table).with_columns(
        *_worded(table, texts),
        _countries(table, "initiators"),
        _countries(table, "receivers"),
        pl.Series(
            "actors", [sorted(set(actors_of(text))) for text in texts], dtype=pl.List(pl.String)
        ),
        pl.Series("pages", [pages_of(s) for s in table["sources"]], dtype=pl.List(pl.String)),
        _known(table, "objectives"),
        _known(table, "effects"),
    ).with_columns(
        pl.when(pl.col("words") >= SHORT).then("words").alias("wordy"),
        *(pl.when(pl.col(c).list.len() > 0).then(c).alias(c) for c in MAY_LACK),
    )  # fmt: skip


def _described(table: pl.DataFrame) -> Iterable[str]:
    return table["description"] if "description" in table.columns else [""] * table.height


def _dated(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows' identity and days."""

    def day(column: str) -> pl.Expr:
        return pl.col(column).to_physical().cast(pl.Int64) + 719_163

    bounded = pl.col("start_earliest").is_not_null() & pl.col("start_latest").is_not_null()
    claims = pl.Series(
        "claims", [_first_claim(cell) for cell in table["attributions"]], pl.List(pl.Date)
    )
    reported = pl.col("reported_latest").is_not_null()
    first, last = claims.list.get(0, null_on_oob=True), claims.list.get(1, null_on_oob=True)
    return table.with_columns(first.alias("claim_from"), last.alias("claim_to")).select(
        pl.concat_str("list", pl.lit(":"), "id").alias("unique_id"),
        pl.col("list").alias("source_dataset"),
        pl.int_range(pl.len()).alias("row"),
        pl.when(bounded).then(day("start_earliest")).alias("start_from"),
        pl.when(bounded).then(day("start_latest")).alias("start_to"),
        pl.coalesce(day("end_latest"), day("start_latest")).alias("last_to"),
        pl.when(reported)
        .then(pl.coalesce(day("reported_earliest"), day("reported_latest")))
        .otherwise(day("claim_from"))
        .alias("public_from"),
        pl.when(reported)
        .then(day("reported_latest"))
        .otherwise(day("claim_to"))
        .alias("public_to"),
    )


def _first_claim(cell: str) -> list[dt.date]:
    """Return the first and last possible day of the earliest dated claim, or no days."""
    days = [
        (claim.when.earliest, claim.when.latest)
        for claim in read_attributions(cell)
        if claim.when.earliest is not None and claim.when.latest is not None
    ]
    if not days:
        return []
    first, last = min(days, key=lambda d: (d[1], d[0]))
    return [first, last]


def _worded(table: pl.DataFrame, texts: list[str]) -> tuple[pl.Series, ...]:
    """Return the word columns; how rare a word is, is counted over all records at hand."""
    sets = [set(words_of(text)) for text in texts]
    names = [set(words_of(name)) for name in table["name"]]
    seen = Counter(word for words in sets for word in words)
    kept, listed = pl.List(pl.String), sorted
    return (
        pl.Series("rare", [listed(w for w in s if 1 < seen[w] <= RARE) for s in sets], dtype=kept),
        pl.Series(
            "scarce", [listed(w for w in s if 1 < seen[w] <= SCARCE) for s in sets], dtype=kept
        ),
        pl.Series(
            "name_words", [listed(w for w in s if 1 < seen[w] <= SCARCE) for s in names], dtype=kept
        ),
        pl.Series("words", [len(s) for s in sets], dtype=pl.Int64),
    )


def _known(table: pl.DataFrame, column: str) -> pl.Series:
    return table[column].list.eval(pl.element().filter(pl.element() != "unknown").unique().sort())


def _countries(table: pl.DataFrame, column: str) -> pl.Series:
    return table[column].list.eval(pl.element().filter(~pl.element().is_in(NOBODY)).unique().sort())
