"""What one may ask the register, and the card that answers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from comity import cli_instruments
from comity.errors import DateError, RegisterError
from comity.instruments.card import card_lines, card_record, plain
from comity.instruments.model import Standing, Status
from comity.instruments.queries import (
    cited_sources,
    find_instruments,
    get_instrument,
    standing_in_plain_words,
)
from comity.instruments.register import load_register

REGISTER = load_register()


def found(**conditions: str) -> set[str]:
    return {i.id for i in find_instruments(REGISTER, **conditions)}


def run(*arguments: str) -> str:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(cli_instruments.instruments)
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_no_condition_finds_all_in_order_of_date() -> None:
    every = find_instruments(REGISTER)
    assert len(every) == len(REGISTER.instruments)
    days = [i.date.earliest for i in every]
    assert days == sorted(days, key=str)


def test_a_norm_finds_those_that_state_it() -> None:
    stated = found(norm="critical-infrastructure")
    assert {"un-gge-2015", "us-russia-2021", "eu-sanctions-2019"} <= stated
    assert "us-china-2015" not in stated


@pytest.mark.parametrize("party", ["GB", "gb", "United Kingdom", "UK", "GBR"])
def test_a_party_may_be_spelt_in_many_ways(party: str) -> None:
    assert {"uk-china-2015", "g20-antalya-2015", "osce-1202"} <= found(party=party)
    assert "us-china-2015" not in found(party=party)


def test_a_grouping_is_a_party_under_its_own_name() -> None:
    assert found(party="g20") == {"g20-antalya-2015"}
    assert "australia-china-2017" in found(party="AU"), "AU is Australia"
    assert found(party="grouping:AU") == {"au-position-2024"}, "the African Union has its prefix"


def test_dates_are_inclusive_and_one_known_to_the_month_may_lie_anywhere_in_it() -> None:
    assert found(since="2015-09-25", until="2015-09-25") == {"us-china-2015"}
    assert "un-gge-2013" in found(since="2013-06-05", until="2013-06-07")
    assert "un-gge-2013" not in found(since="2013-07")
    assert "unga-70-237" not in found(until="2015-11-30")


def test_standing_and_forum_take_the_beginning_of_a_word() -> None:
    reports = found(standing="consensus")
    assert {"un-gge-2013", "un-gge-2015", "un-gge-2021", "oewg-2021", "oewg-apr-2024"} <= reports
    assert "unga-70-237" not in reports
    assert {"g20-antalya-2015", "g7-lucca-2017"} <= found(forum="pluri")


def test_text_is_found_in_titles_norms_and_provisions_whatever_the_case() -> None:
    assert "us-russia-2013" in found(text="NUCLEAR RISK")
    assert found(text="no such words") == set()


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ({"norm": "theft"}, "commercial-theft"),
        ({"party": "Atlantis"}, "G20"),
        ({"forum": "secret"}, "bilateral, plurilateral, regional, global"),
        ({"standing": "holy"}, "binding treaty"),
    ],
)
def test_an_unknown_condition_is_told_what_there_is(conditions: dict[str, str], told: str) -> None:
    with pytest.raises(RegisterError, match=told):
        find_instruments(REGISTER, **conditions)


def test_a_bound_that_is_no_date_is_refused() -> None:
    with pytest.raises(DateError):
        find_instruments(REGISTER, since="long ago")
    with pytest.raises(DateError, match="no first and last day"):
        find_instruments(REGISTER, until="2015/..")


def test_an_unknown_id_is_told_the_ids_there_are() -> None:
    with pytest.raises(RegisterError, match="us-china-2015"):
        get_instrument(REGISTER, "us-china-2016")


def test_every_standing_has_plain_words() -> None:
    assert {standing_in_plain_words(s) for s in Standing} == {
        standing_in_plain_words(s) for s in Standing if standing_in_plain_words(s).endswith(".")
    }
    assert len({standing_in_plain_words(s) for s in Standing}) == len(Standing)


@pytest.mark.parametrize("instrument_id", sorted(REGISTER.instruments))
def test_a_card_fits_80_columns_but_for_addresses(instrument_id: str) -> None:
    lines = card_lines(REGISTER, instrument_id)
    assert not [line for line in lines if len(line) > 80 and "http" not in line]
    assert all(line.isprintable() for line in lines)


def test_a_card_says_what_was_agreed_by_whom_in_what_standing_and_how_we_know() -> None:
    card = "\n".join(card_lines(REGISTER, "us-china-2015"))
    for part in (
        "2015-09-25", "United States, from", "China, from", "not in law", "commercial-theft",
        "Chinese list, item 48", "what knowingly leaves out", "High-Level Joint Dialogue",
        "[1] seen: https://",
    ):  # fmt: skip
        assert part in card, part


def test_a_card_of_a_report_says_that_it_binds_nobody() -> None:
    card = "\n".join(card_lines(REGISTER, "un-gge-2015"))
    assert "None: it binds nobody to anybody." in card


@pytest.mark.parametrize("instrument_id", ["osce-1106", "osce-1202", "us-russia-2013"])
def test_a_card_of_measures_says_that_they_prohibit_nothing(instrument_id: str) -> None:
    assert "prohibits nothing" in "\n".join(card_lines(REGISTER, instrument_id))
    for other in ("us-china-2015", "un-gge-2013", "un-gge-2021"):
        assert "prohibits nothing" not in "\n".join(card_lines(REGISTER, other)), other
    record = card_record(REGISTER, instrument_id)
    assert not any(p["prohibits"] for p in record["provisions"])  # type: ignore[attr-defined]


def test_a_disputed_promise_is_called_so() -> None:
    card = " ".join("\n".join(card_lines(REGISTER, "us-russia-2021")).split())
    assert "Whether this was promised is disputed." in card


def test_each_number_on_a_card_leads_to_one_source_and_back() -> None:
    for instrument_id in REGISTER.instruments:
        sources = cited_sources(REGISTER, instrument_id)
        assert [s.number for s in sources] == list(range(1, len(sources) + 1))
        card = "\n".join(card_lines(REGISTER, instrument_id))
        assert all(card.count(f"[{s.number}]") >= 2 for s in sources), instrument_id


def test_a_source_has_the_best_status_of_the_rows_that_rest_on_it() -> None:
    by_address = {s.address: s.status for s in cited_sources(REGISTER, "g20-antalya-2015")}
    assert (
        by_address[
            "http://www.foxnews.com/politics/2015/11/17/g20-leaders-get-tough-on-cyber-espionage.html"
        ]
        is Status.SEEN
    )
    assert Status.SECONDARY in by_address.values()


def test_the_card_as_data_is_the_card() -> None:
    record = card_record(REGISTER, "uk-china-2015")
    assert json.loads(json.dumps(record)) == record
    assert [p["party"] for p in record["parties"]] == ["GB", "CN"]  # type: ignore[attr-defined]
    assert {p["norm"] for p in record["provisions"]} == {"cyber-dialogue", "commercial-theft"}  # type: ignore[attr-defined]


def test_untrusted_text_loses_what_a_terminal_obeys() -> None:
    assert plain("a\x1b]0;title\x07\u202eb\r\n") == "a ]0;title  b  "


def test_the_command_lists_shows_and_exports() -> None:
    assert "18 instruments" in run() or f"{len(REGISTER.instruments)} instruments" in run()
    assert max(len(line) for line in run().splitlines()) <= 80
    assert "Told differently" in run("us-russia-2013")
    assert "No instrument" in run("--party", "Bhutan")
    assert [r["id"] for r in json.loads(run("us-china-2015", "--json"))] == ["us-china-2015"]
    rows = list(csv.DictReader(io.StringIO(run("--csv", "--norm", "commercial-theft"))))
    assert {"us-china-2015", "g20-antalya-2015"} <= {row["id"] for row in rows}
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_two_formats_at_once_are_refused() -> None:
    with pytest.raises(RegisterError, match="one of --json and --csv"):
        run("--json", "--csv")


def test_check_tells_how_much_it_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    cli_instruments.check()
    assert f"No problem: {len(REGISTER.instruments)} instruments" in capsys.readouterr().out


def test_check_finds_evidence_whose_rows_do_not_add_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.incidents.shipped.shipped_problems", lambda name: ())
    with pytest.raises(typer.Exit):
        cli_instruments.check()
    told = capsys.readouterr().out
    assert "dcid-2.0.toml: 423 rows read and 0 set aside" in told
    assert "429 in all, 6 of them set aside" in told


def test_check_lists_every_problem_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path | None = None) -> tuple[str, ...]:
        return ("norms.tsv:2: a", "norms.tsv:3: b")

    monkeypatch.setattr("comity.instruments.register.check_register", broken)
    with pytest.raises(typer.Exit) as caught:
        cli_instruments.check()
    assert caught.value.exit_code == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines()[:2] == ["norms.tsv:2: a", "norms.tsv:3: b"]
    assert "2 problems." in shown.err


def test_a_reversed_span_of_dates_is_an_error_and_not_an_empty_list() -> None:
    with pytest.raises(DateError, match="From 2020 to 2010 is no time"):
        found(since="2020", until="2010")
    assert found(since="2015-09-25", until="2015-09-25") == {"us-china-2015"}


def test_ids_and_conditions_do_not_go_together() -> None:
    with pytest.raises(RegisterError, match="ids or conditions"):
        run("us-china-2015", "--norm", "law-applies")


def test_a_mistyped_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(RegisterError, match=r"Nearest: g20-antalya-2015"):
        get_instrument(REGISTER, "g20-antalia-2015")


def test_a_list_names_a_few_of_many_parties_and_a_table_all() -> None:
    listed = " ".join(run("--norm", "commercial-theft").split())
    assert "France, United" in listed
    assert len(listed) < 5000
    assert "and 67 more" not in run("--norm", "commercial-theft", "--csv")
    rows = list(csv.DictReader(io.StringIO(run("--norm", "commercial-theft", "--csv"))))
    assert any(" UZ " in r["parties"] for r in rows)
