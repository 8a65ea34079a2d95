"""Files that are not what they claim to be, each told in words that say what to do."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from comity.errors import SourceError
from comity.incidents.sources.addresses import split_addresses
from comity.incidents.sources.sheets import choose_sheet, open_sheets


def test_a_csv_cut_inside_a_quoted_cell_is_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('a,b\n1,"cut sho')
    with pytest.raises(SourceError, match="quotes do not match"):
        open_sheets(path)


def test_bytes_that_are_no_parquet_are_told(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    path.write_bytes(b"PAR2 no")
    with pytest.raises(SourceError, match="not a Parquet file"):
        open_sheets(path)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_of_a_csv_is_found_from_its_header(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(separator.join("abc") + "\n" + separator.join("123") + "\n")
    (sheet,) = open_sheets(path)
    assert sheet.records() == [{"a": "1", "b": "2", "c": "3"}]


def test_rows_keep_their_numbers_past_empty_ones(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n,\n3\n")
    (sheet,) = open_sheets(path)
    assert sheet.numbers == (2, 4)
    assert sheet.rows == (("1", "2"), ("3", ""))


def test_of_two_columns_with_one_name_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b,a\n1,2,3\n")
    assert open_sheets(path)[0].records() == [{"a": "1", "b": "2"}]


def test_a_windows_text_file_is_read_with_its_accents(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("a\nMünchen’s\n".encode("cp1252"))
    assert open_sheets(path)[0].rows == (("München’s",),)


def test_lists_in_a_parquet_file_are_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pl.DataFrame({"who": [["China", "Iran"]], "n": [1]}).write_parquet(path)
    assert open_sheets(path)[0].records() == [{"who": "China;Iran", "n": "1"}]


def test_a_file_of_no_known_list_gets_the_way_to_map_it(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match=r"found: a, b.*--mapping"):
        choose_sheet(path, ("Name",), "a list")


@pytest.mark.parametrize(
    ("cell", "addresses", "rest"),
    [
        ("", (), ""),
        (" https://a.example/x ", ("https://a.example/x",), ""),
        ("https://a.example; http://b.example", ("https://a.example", "http://b.example"), ""),
        ("https://a.example :https://b.example", ("https://a.example", "https://b.example"), ""),
        ("javascript:alert(1)", (), "javascript:alert(1)"),
        ('https://a.example/"onclick', (), 'https://a.example/"onclick'),
        ("https://a.example/x|y", ("https://a.example/x%7Cy",), ""),
    ],
)
def test_only_web_addresses_are_taken_from_a_cell(
    cell: str, addresses: tuple[str, ...], rest: str
) -> None:
    assert split_addresses(cell) == (addresses, rest)
