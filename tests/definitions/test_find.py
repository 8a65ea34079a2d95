"""Defining sentences are found in four languages and four kinds of file; bad files are refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity import documents
from comity.cli import app
from comity.definitions.find.finder import find_definitions
from comity.documents import read_document
from comity.errors import DocumentError

runner = CliRunner()
ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = ROOT.parent / "shared/data/definitions/national_cyber_strategies"
FILLER = {
    "en": "The government and the agencies of the state are working on it for the good of all. ",
    "fr": "Le gouvernement et les services de la nation y travaillent pour le bien de tous. ",
    "es": "El gobierno y los servicios de la nación trabajan en ello para el bien de todos. ",
    "ru": "Правительство и службы государства работают над этим для блага всех людей. ",
}


def terms_in(tmp_path: Path, text: str, language: str = "en") -> list[tuple[str, str]]:
    path = tmp_path / "text.txt"
    path.write_text(FILLER[language] * 4 + "\n\n" + text + "\n", encoding="utf-8")
    return [(c.term, c.shape) for c in find_definitions(read_document(path))]


def test_the_last_line_of_a_title_is_no_entry_of_a_glossary(tmp_path: Path) -> None:
    title = "Whatever the country needs to reach all goals of\nCybersecurity\n"
    assert terms_in(tmp_path, title + "Raise the awareness of all who work with systems.") == []
    glossary = "Bandwidth: how much a line can carry at once.\nCybersecurity\n"
    found = terms_in(tmp_path, glossary + "The state of systems that are safe from attack.")
    assert found == [("cybersecurity", "entry")]


@pytest.mark.parametrize(
    ("language", "text", "term", "shape"),
    [
        ("en", "Cybersecurity is defined as the set of steps that keep\nsystems safe.",
         "cybersecurity", "sentence"),
        ("en", "For the purposes of this Act, a cyber incident means any event that\nharms data.",
         "cyber-incident", "sentence"),
        ("en", "By critical infrastructure is meant whatever a society cannot go without.",
         "critical-infrastructure", "sentence"),
        ("en", "3. Cyberspace – the space made of all connected networks and systems.",
         "cyberspace", "entry"),
        ("en", "Cyber Attack\nAn attempt to harm a network or a system from outside.",
         "cyber-attack", "entry"),
        ("fr", "On entend par cybersécurité l’ensemble des mesures qui protègent les réseaux.",
         "cybersecurity", "sentence"),
        ("fr", "Cyberespace : l’ensemble des réseaux et des données qui y circulent.",
         "cyberspace", "entry"),
        ("fr", "Le cyberespace est le domaine que forment les réseaux reliés entre eux.",
         "cyberspace", "sentence"),
        ("fr", "La cybercriminalité est un délit commis au moyen d’un système relié.",
         "cybercrime", "sentence"),
        ("es", "Se entiende por ciberseguridad el conjunto de medidas que protegen los sistemas.",
         "cybersecurity", "sentence"),
        ("es", "El ciberespacio es el entorno formado por redes y sistemas conectados.",
         "cyberspace", "sentence"),
        ("ru", "Под кибербезопасностью понимается состояние защищенности сетей и систем.",
         "cybersecurity", "sentence"),
        ("ru", "Киберпространство – совокупность связанных между собой сетей и систем.",
         "cyberspace", "entry"),
    ],
)  # fmt: skip
def test_a_defining_sentence_is_found(
    tmp_path: Path, language: str, text: str, term: str, shape: str
) -> None:
    assert (term, shape) in terms_in(tmp_path, text, language)


@pytest.mark.parametrize(
    "text",
    [
        "Cybersecurity is a priority of this government and of its partners.",
        "The National Cybersecurity Strategy was adopted in the spring of that year.",
        "There is no agreed definition of cyberspace.",
        "2.1 Cybersecurity ................................................ 14",
        "CERT\nComputer Emergency Response Team\nCII\nCritical Information Infrastructure",
        "We shall fight cybercrime with all the means of the law and of the state.",
    ],
)
def test_a_sentence_that_only_names_a_term_is_not(tmp_path: Path, text: str) -> None:
    assert terms_in(tmp_path, text) == []


def test_places_are_where_the_text_is(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One line.\n\nCyberspace means all networks and what they carry.\n")
    document = read_document(path)
    (found,) = find_definitions(document, language="en")
    assert document.text[found.start : found.end].startswith("Cyberspace means")
    assert found.place == "line 3"


def test_html_word_and_pdf_are_read(tmp_path: Path) -> None:
    said = "Cyberspace means all networks and what they carry."
    page = tmp_path / "a.html"
    page.write_text(
        f"<html><head><title>x</title><script>var Cyberspace='means';</script></head>"
        f"<body><p>One.</p><p>{said}</p><style>p{{}}</style></body></html>"
    )
    word = tmp_path / "a.docx"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>{said}</w:t></w:r></w:p>'
            "</w:body></w:document>",
        )
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(_pdf(said))
    for path, place in ((page, "line"), (word, "line 1"), (pdf, "page 1")):
        document = read_document(path)
        assert "var Cyberspace" not in document.text
        (found,) = find_definitions(document, language="en")
        assert found.place.startswith(place), path


def _pdf(text: str) -> bytes:
    """Return a PDF of one page, written by hand."""
    stream = f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\n" \
        b"startxref\n%d\n%%%%EOF\n" % (table, len(out))  # fmt: skip


def test_encodings_are_told_apart_and_mixtures_refused(tmp_path: Path) -> None:
    path = tmp_path / "ru.txt"
    text = FILLER["ru"] * 20
    path.write_bytes(text.encode("cp1251"))
    assert "Правительство" in read_document(path).text
    path.write_bytes((FILLER["fr"] + "sécurité ").encode("cp1252"))
    assert "sécurité" in read_document(path).text
    mixed = "\n".join([FILLER["ru"]] * 5).encode() + b"\nse" + "curité é".encode("cp1252")
    path.write_bytes(mixed)
    with pytest.raises(DocumentError, match="mixes encodings: line 6 is not UTF-8"):
        read_document(path)


def test_bad_documents_are_refused_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, scan, broken = (tmp_path / n for n in ("empty.txt", "scan.pdf", "broken.pdf"))
    empty.write_bytes(b"")
    scan.write_bytes(_pdf(""))
    broken.write_bytes(b"%PDF-1.4\nnothing that follows")
    packed = tmp_path / "a.docx"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("other.xml", "<a/>")
    entities = tmp_path / "b.docx"
    with zipfile.ZipFile(entities, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    binary = tmp_path / "c.bin"
    binary.write_bytes(bytes(4096))
    for path, why in (
        (empty, "is empty"), (scan, "holds no text"), (broken, "damaged PDF|holds no text"),
        (packed, "no Word document"), (entities, "declares entities"), (binary, "is no text"),
        (tmp_path / "missing.txt", "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(DocumentError, match=why):
            read_document(path)
    large = tmp_path / "large.txt"
    large.write_text("word " * 100)
    monkeypatch.setattr(documents, "MOST_BYTES", 100)
    with pytest.raises(DocumentError, match="at most"):
        read_document(large)


def test_one_bad_file_loses_no_other(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("Cyberspace means \x1b[31mall networks and what they carry in them.")
    bad.write_bytes(b"")
    shown = runner.invoke(app, ["definitions", "find", str(bad), str(good)])
    assert shown.exit_code == 1
    assert "bad.txt is empty" in shown.output
    assert "cyberspace" in shown.output
    assert "\x1b" not in shown.output
    data = json.loads(
        runner.invoke(app, ["definitions", "find", str(good), "--json", "--language", "en"]).output
    )
    assert data[0]["term"] == "cyberspace"


@pytest.mark.skipif(not STRATEGIES.is_dir(), reason="the national strategies are not at hand")
def test_what_is_found_in_labelled_documents_is_as_good_as_the_page_says() -> None:
    import sys

    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from find_definitions import score
    finally:
        sys.path.pop(0)
    totals = score(STRATEGIES)
    right, found, there = totals["all"]
    assert right / found >= 0.85
    assert totals["all recall"][0] / there >= 0.85
