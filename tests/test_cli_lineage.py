"""`comity lineage` as a user meets it: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from comity import cli

PLEDGE = (
    "The two harbour towns agree that neither shall tow away, or knowingly help to tow away, the "
    "boats of the other's fishermen by night, in order to give its own fleet an advantage."
)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "20150925_old.txt").write_text(PLEDGE, encoding="utf-8")
    (tmp_path / "new.txt").write_text(PLEDGE.replace("knowingly ", ""), encoding="utf-8")
    (tmp_path / "other.txt").write_text("Nothing of the kind.", encoding="utf-8")
    return tmp_path


def run(capsys, monkeypatch, *words):
    """Return exit code, what was printed, and what was said on the error stream."""
    monkeypatch.setattr("sys.argv", ["comity", "lineage", *map(str, words)])
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_documents_are_compared_and_dated_by_name_and_by_option(capsys, monkeypatch, documents):
    code, out, err = run(capsys, monkeypatch, documents, "--date", "new.txt=2017")
    assert (code, err) == (0, "")
    assert "20150925_old.txt > new.txt" in out
    assert "[-knowingly-]" in out
    assert "line 1; line 1" in out


def test_the_same_as_data_as_a_table_and_as_pages(capsys, monkeypatch, documents):
    files = sorted(documents.glob("*.txt"))
    html, svg = documents / "out.html", documents / "out.svg"
    code, out, err = run(capsys, monkeypatch, *files, "--json", "--html", html, "--svg", svg)
    assert code == 0
    assert len(json.loads(out)["finds"]) == 1
    assert "Written to" in err
    assert "<del>knowingly </del>" in html.read_text(encoding="utf-8")
    assert svg.read_text(encoding="utf-8").startswith("<svg")
    _, out, _ = run(capsys, monkeypatch, *files, "--csv")
    assert [row["direction"] for row in csv.DictReader(out.splitlines())] == ["direction unknown"]


def _large(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)


BAD = {
    "absent.txt": (lambda _: None, "cannot be read"),
    "empty.txt": (lambda p: p.write_bytes(b""), "is empty"),
    "large.txt": (_large, "210 MB; at most"),
    "mixed.txt": (
        lambda p: p.write_bytes("é\né\né\n".encode() + "caf\xe9\n".encode("latin-1")),
        "mixes encodings: line 4",
    ),
    "broken.pdf": (lambda p: p.write_bytes(b"%PDF-1.7\nnothing of a PDF"), "damaged PDF"),
    "word.docx": (lambda p: p.write_bytes(b"PK\x03\x04nothing"), "no Word document"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_document_that_cannot_be_read_is_told_and_stops_no_other(
    capsys, monkeypatch, documents, name
):
    make, said = BAD[name]
    make(documents / name)
    files = [documents / n for n in ("20150925_old.txt", name, "new.txt")]
    code, out, err = run(capsys, monkeypatch, *files, "--json")
    assert code == 1
    assert name in err
    assert said in err
    assert "Traceback" not in err
    data = json.loads(out)
    assert len(data["finds"]) == 1
    assert len(data["problems"]) == 1


def test_two_files_of_one_name_keep_their_folders(capsys, monkeypatch, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "text.txt").write_text(PLEDGE, encoding="utf-8")
    _, out, _ = run(capsys, monkeypatch, tmp_path / "a", tmp_path / "b", "--json")
    names = [d["name"] for d in json.loads(out)["documents"]]
    assert names == [str(tmp_path / f / "text.txt") for f in ("a", "b")]


def test_a_page_is_compared_with_plain_text_by_its_shown_words(capsys, monkeypatch, documents):
    page = documents / "page.html"
    page.write_text(
        f"<html><body><script>var x = 1;</script><p>Preface.</p><p>{PLEDGE}</p></body></html>",
        encoding="utf-8",
    )
    _, out, _ = run(capsys, monkeypatch, documents / "20150925_old.txt", page, "--json")
    (find,) = json.loads(out)["finds"]
    assert find["second"]["document"] == "page.html"
    assert find["shared"] == find["words"][0]


def test_a_clause_is_drawn_printed_and_given_as_data(capsys, monkeypatch, tmp_path):
    code, out, _ = run(capsys, monkeypatch, "--clause", "commercial-theft")
    assert code == 0
    assert "not proof of borrowing" in " ".join(out.split())
    svg = tmp_path / "tree.svg"
    code, out, _ = run(capsys, monkeypatch, "--clause", "commercial-theft", "--json", "--svg", svg)
    assert code == 0
    assert json.loads(out)["clause"] == "commercial-theft"
    assert "us-china-2015" in svg.read_text(encoding="utf-8")
    _, out, _ = run(capsys, monkeypatch, "--clause", "commercial-theft", "--csv")
    assert any(r["instrument"] == "us-china-2015" for r in csv.DictReader(out.splitlines()))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name two or more documents, or --clause with one of: commercial-theft."),
        (("--clause", "theft"), "No clause 'theft' is on record; known are: commercial-theft."),
        (("--clause", "commercial-theft", "a.txt"), "--clause goes without files"),
        (("--clause", "commercial-theft", "--json", "--csv"), "one of --json and --csv"),
        (("a.txt", "--svg", "no/such/folder/x.svg"), "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(capsys, monkeypatch, words, said):
    code, out, err = run(capsys, monkeypatch, *words)
    assert (code, out) == (1, "")
    assert said in err
    assert "Traceback" not in err


def test_one_document_is_too_few(capsys, monkeypatch, documents):
    code, _, err = run(capsys, monkeypatch, documents / "new.txt")
    assert code == 1
    assert "1 of 1 documents could be read" in err
