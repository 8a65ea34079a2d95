"""Norms, who carries them, and instruments side by side."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import RegisterError
from comity.instruments.norms import carried_by, find_norms, norm_lines
from comity.instruments.register import load_register
from comity.instruments.side_by_side import compare_instruments, comparison_lines

runner = CliRunner()
IDS = ["us-china-2015", "uk-china-2015", "un-gge-2015"]


def test_a_norm_says_who_carries_it_how_strongly_and_from_whom() -> None:
    register = load_register()
    text = " ".join("\n".join(norm_lines(register, "commercial-theft")).split())
    assert "canada-china-2017" in text
    assert "follows model of us-china-2015" in text
    assert "its parties promise it to each other" in text
    dates = [
        register.instruments[p.instrument].date.earliest
        for p in carried_by(register, "commercial-theft")
    ]
    assert dates == sorted(dates)
    assert len(dates) >= 9


def test_a_norm_nobody_promised_is_said_to_be_stated_only() -> None:
    text = "\n".join(norm_lines(load_register(), "gge-2015-13b"))
    assert "promised by nobody" in " ".join(text.split())


def test_norms_are_found_by_family_heading_and_words() -> None:
    register = load_register()
    osce = find_norms(register, family="osce")
    assert {n.family for n in osce} == {"OSCE"}
    assert len(osce) == 16
    assert {n.category for n in find_norms(register, category="confid")} == {"confidence building"}
    assert [n.id for n in find_norms(register, text="13(k)")] == ["gge-2015-13k"]
    with pytest.raises(RegisterError, match="There is no family of norms 'nato'"):
        find_norms(register, family="nato")
    with pytest.raises(RegisterError, match=r"There is no norm 'theft'.*commercial-theft"):
        carried_by(register, "theft")


def test_instruments_stand_side_by_side_with_their_silences() -> None:
    found = compare_instruments(load_register(), IDS)
    theft = next(r for r in found.rows if r.norm.id == "commercial-theft")
    assert [bool(said) for said in theft.said] == [True, True, False]
    assert not theft.shared
    counts = [sum(map(bool, r.said)) for r in found.rows]
    assert counts == sorted(counts, reverse=True)
    for width in (60, 80, 100):
        lines = comparison_lines(load_register(), IDS, width)
        cut = lines.index("Sources")
        assert max(map(len, lines[:cut])) <= width


def test_an_unknown_instrument_beside_a_known_one_is_an_error() -> None:
    with pytest.raises(RegisterError, match="There is no instrument 'nowhere'"):
        compare_instruments(load_register(), ["us-china-2015", "nowhere"])


def test_both_come_as_data_and_as_a_table() -> None:
    record = json.loads(runner.invoke(app, ["instruments", *IDS, "--json"]).output)
    assert [i["id"] for i in record["instruments"]] == IDS
    rows = list(
        csv.DictReader(io.StringIO(runner.invoke(app, ["instruments", *IDS, "--csv"]).output))
    )
    silent = [r for r in rows if r["norm"] == "commercial-theft" and r["instrument"] == IDS[2]]
    assert len(silent) == 1
    assert silent[0]["gloss"] == ""
    norms = json.loads(runner.invoke(app, ["norms", "--json"]).output)
    assert len(norms) == len(load_register().norms)
    table = list(csv.DictReader(io.StringIO(runner.invoke(app, ["norms", "--csv"]).output)))
    assert {r["category"] for r in table} >= {"norms", "international law", "process"}
    assert runner.invoke(app, ["norms", "--json", "--csv"]).exit_code == 1
