"""What links are judged by: nine comparisons of two records, each in levels, strongest first.

Dates are compared as intervals: what counts is whether they can be the same day, not whether they
are written alike. A comparison is left out (null) where a record has nothing to compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from splink.internals.comparison_creator import ComparisonCreator
    from splink.internals.comparison_level_creator import ComparisonLevelCreator

MONTH, YEAR = 31, 366  # days


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of the comparison: `levels` in plain words from the least to the most alike."""

    name: str
    title: str
    levels: tuple[str, ...]

    def said(self, level: int) -> str:
        """Return a level in plain words; -1 is that there was nothing to compare."""
        return "nothing to compare" if level < 0 else self.levels[level]


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "text",
        "words",
        (
            "no telling word in common",
            "a scarce word in common",
            "two scarce words or a rare one",
            "two rare words in common",
            "three or more rare words in common",
            "names share a scarce word, texts a rare one",
        ),
    ),
    Comparison("pages", "sources", ("no page in common", "a page in common", "two or more pages")),
    Comparison(
        "starts",
        "starts",
        (
            "starts more than three years apart",
            "starts up to three years apart",
            "starts up to a year apart",
            "starts that can be the same, told coarsely",
            "starts within a month, told to the month or better",
        ),
    ),
    Comparison(
        "public",
        "first public",
        (
            "became public more than a year apart",
            "became public up to a year apart",
            "became public within three months",
            "became public within two weeks",
        ),
    ),
    Comparison(
        "lag",
        "start and report",
        (
            "public before the other began",
            "public over three years after the other began",
            "public within three years of the other's start",
            "public within a year of the other's start",
        ),
    ),
    Comparison(
        "initiators",
        "initiator",
        ("other countries named", "a country in common", "the same countries"),
    ),
    Comparison(
        "receivers",
        "receiver",
        ("other countries named", "a country in common", "the same countries"),
    ),
    Comparison("actors", "group", ("other groups named", "a group in common")),
    Comparison(
        "effects",
        "effects",
        ("other kinds of effect", "a kind of effect in common", "the same kinds of effect"),
    ),
)  # fmt: skip


def _gap(first: str, last: str) -> str:
    """Return SQL for the days between two intervals, 0 where they share a day."""
    return f"greatest(0, {first}_l - {last}_r, {first}_r - {last}_l)"


def _lag() -> tuple[str, str]:
    """Return SQL for the least and the most days from one's start to the other being public."""
    least = (
        "case when start_from_l is null then public_from_l - start_to_r "
        "else public_from_r - start_to_l end"
    )
    most = (
        "case when start_from_l is null then public_to_l - start_from_r "
        "else public_to_r - start_from_l end"
    )
    return f"({least})", f"({most})"


def incident_comparisons() -> list[ComparisonCreator]:
    """Return the comparisons of `COMPARISONS` for Splink, in the same order."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    def level(sql: str) -> ComparisonLevelCreator:
        return cll.CustomLevel(sql)

    shared = cll.ArrayIntersectLevel
    least, most = _lag()
    starts, public = _gap("start_from", "start_to"), _gap("public_from", "public_to")
    narrow = f"start_to_l - start_from_l <= {MONTH} and start_to_r - start_from_r <= {MONTH}"
    built: Mapping[str, Sequence[ComparisonLevelCreator]] = {
        "text": (
            cll.And(shared("name_words", 1), shared("rare", 1)),
            shared("rare", 3),
            shared("rare", 2),
            cll.Or(shared("rare", 1), shared("scarce", 2)),
            shared("scarce", 1),
            cll.NullLevel("wordy"),
        ),
        "pages": (cll.NullLevel("pages"), shared("pages", 2), shared("pages", 1)),
        "starts": (
            cll.NullLevel("start_from"),
            level(f"{starts} <= {MONTH} and {narrow}"),
            level(f"{starts} = 0"),
            level(f"{starts} <= {YEAR}"),
            level(f"{starts} <= 3 * {YEAR}"),
        ),
        "public": (
            cll.NullLevel("public_from"),
            level(f"{public} <= 14"),
            level(f"{public} <= 3 * {MONTH}"),
            level(f"{public} <= {YEAR}"),
        ),
        "lag": (
            level(
                "(start_from_l is null) = (start_from_r is null) or "
                f"{least} is null or {most} is null"
            ),
            level(f"{least} <= {YEAR} and {most} >= 0"),
            level(f"{least} <= 3 * {YEAR} and {most} >= 0"),
            level(f"{most} >= 0"),
        ),
        "initiators": _sets("initiators"),
        "receivers": _sets("receivers"),
        "actors": (cll.NullLevel("actors"), shared("actors", 1)),
        "effects": _sets("effects"),
    }
    built["lag"][0].configure(is_null_level=True)
    return [
        cl.CustomComparison([*built[c.name], cll.ElseLevel()], output_column_name=c.name)
        for c in COMPARISONS
    ]


def _sets(column: str) -> Sequence[ComparisonLevelCreator]:
    """Return the levels of two sets of codes; lists are sorted, so equal sets are equal."""
    import splink.comparison_level_library as cll

    return (
        cll.NullLevel(column),
        cll.CustomLevel(f"{column}_l = {column}_r"),
        cll.ArrayIntersectLevel(column, 1),
    )
