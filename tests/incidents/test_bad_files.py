"""Files that are not what they were given as: each is refused with its reason and what to try."""

from pathlib import Path

import openpyxl
import pytest

from comity.errors import ComityError, SourceError
from comity.incidents.add import read_list
from comity.incidents.sources.cfr import read_cfr
from comity.incidents.sources.dcid import read_dcid
from comity.incidents.sources.eurepoc import read_eurepoc

from .published import CFR_COLUMNS, DCID_COLUMNS, cfr, csv_file, dcid, eurepoc, workbook


def read_global(path: Path) -> object:
    return read_eurepoc([path])


READERS = [(read_dcid, dcid), (read_global, eurepoc), (read_cfr, cfr)]
EXCEL = [(read_dcid, dcid), (read_global, eurepoc)]


def refusal(read, path: Path) -> str:
    """Return the message with which a file is refused."""
    with pytest.raises(SourceError) as caught:
        read(path)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("read", "write"), READERS)
def test_a_file_that_is_not_there_is_refused(tmp_path, read, write):
    path = write(tmp_path)
    path.unlink()
    assert "there is no such file" in refusal(read, path)


@pytest.mark.parametrize(("read", "write"), READERS)
def test_an_empty_file_is_refused(tmp_path, read, write):
    path = write(tmp_path)
    path.write_bytes(b"")
    assert "the file is empty" in refusal(read, path)


@pytest.mark.parametrize(("read", "write"), EXCEL)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_workbook_cut_short_is_refused(tmp_path, read, write, share):
    path = write(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "cut short" in refusal(read, path)


@pytest.mark.parametrize(("read", "write"), EXCEL)
def test_text_named_as_a_workbook_is_refused(tmp_path, read, write):
    path = write(tmp_path)
    path.write_text("<html>Not found</html>", "utf-8")
    assert "not a spreadsheet" in refusal(read, path)


def test_a_workbook_named_as_text_is_refused(tmp_path):
    path = tmp_path / "list.csv"
    dcid(tmp_path).rename(path)
    assert "it is a spreadsheet" in refusal(read_cfr, path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(bytes(range(256)) * 8)
    assert "it is not text" in refusal(read_cfr, path)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_header_without_rows_is_refused(tmp_path, name):
    write = workbook if name.endswith("xlsx") else csv_file
    columns, read = (DCID_COLUMNS, read_dcid) if write is workbook else (CFR_COLUMNS, read_cfr)
    assert "no rows" in refusal(read, write(tmp_path / name, columns, []))


def test_a_missing_column_is_named(tmp_path):
    columns = [c for c in DCID_COLUMNS if c not in ("initiator", "Name")]
    path = workbook(tmp_path / "a.xlsx", columns, [{"StateA": "US"}])
    message = refusal(read_dcid, path)
    assert "missing: Name, initiator" in message


@pytest.mark.parametrize(
    ("read", "write", "name"),
    [
        (read_dcid, eurepoc, "eurepoc"),
        (read_dcid, cfr, "cfr"),
        (read_cfr, dcid, "dcid"),
        (read_cfr, eurepoc, "eurepoc"),
    ],
)
def test_the_file_of_another_list_is_recognised(tmp_path, read, write, name):
    assert f"comity evidence add {name} FILE" in refusal(read, write(tmp_path))


def test_eurepoc_without_its_global_table_says_which_one_to_give(tmp_path):
    assert "global" in refusal(read_global, dcid(tmp_path))


def test_a_file_in_which_no_row_can_be_read_is_refused_with_the_first_reason(tmp_path):
    path = dcid(tmp_path, {"StateB": "Atlantis"}, {"StateB": "Lemuria"})
    with pytest.raises(SourceError, match=r"none of the 2 rows could be read\. The first: row 2"):
        read_dcid(path)


def test_a_name_without_reader_or_mapping_is_refused(tmp_path):
    with pytest.raises(SourceError, match="--mapping"):
        read_list("my-list", [cfr(tmp_path)])


def test_a_folder_is_refused(tmp_path):
    folder = tmp_path / "a.xlsx"
    folder.mkdir()
    assert "no such file" in refusal(read_dcid, folder)


def test_a_workbook_with_an_empty_sheet_first_is_read_by_its_columns(tmp_path):
    path = dcid(tmp_path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("notes", 0)
    book.save(path)
    assert read_dcid(path).table.height == 1


def test_formula_and_html_in_a_name_survive_as_data(tmp_path):
    name = "=HYPERLINK(\"http://x\") <script>alert('1')</script>"
    result = read_cfr(cfr(tmp_path, {"Title": name}))
    assert result.table["name"].to_list() == [name]


def test_every_refusal_is_an_error_for_people():
    assert issubclass(SourceError, ComityError)
