"""Countries: every spelling of the lists has its code, and nothing is guessed."""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import sys
from importlib import resources
from pathlib import Path

import fastexcel
import polars as pl
import pycountry
import pytest

from comity.countries import (
    SPECIAL_CODES,
    UNATTRIBUTED,
    UNKNOWN,
    country_name,
    from_cow,
    groupings,
    member_since,
    members,
    memberships,
    resolve_all,
    resolve_country,
)
from comity.errors import CountryError

REGIONS = (
    "Africa", "Caucasus", "Eastern Europe", "Europe (region)", "Global (region)", "North America",
    "South America", "Western Europe", "Northern Europe", "EU (region)", "NATO (region)",
    "Balkans (region)", "Southeast Asia (region)", "South China Sea (region)",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("China", "CN"), ("US ", "US"), ("Iran ", "IR"), ("N Korea", "KP"), ("S Korea", "KR"),
        ("UK", "GB"), ("Lithuania ", "LT"), ("united states", "US"), ("USA", "US"), ("NAM", "NA"),
        ("NA", "NA"), ("Namibia", "NA"), ("Korea, Republic of", "KR"),
        ("Korea (Democratic People's Republic of)", "KP"), ("Syrian Arab Republic", "SY"),
        ("Palestine, State of", "PS"), ("The Philippines", "PH"), ("and South Korea", "KR"),
        ("the United Kingdom", "GB"), ("Uzbekistan.", "UZ"), ("Turkey", "TR"), ("Türkiye", "TR"),
        ("Kosovo", "XK"), ("XKX", "XK"), ("Congo, the Democratic Republic of the", "CD"),
        ("Republic of the Congo", "CG"), ("Côte d’Ivoire", "CI"), ("Taiwan", "TW"),
        ("EU (institutions)", "X-EU"), ("NATO (institutions)", "X-INTL"), ("ISIS", "X-NONSTATE"),
        ("Not available", UNKNOWN), ("Not attributed", UNATTRIBUTED), ("African Union", "X-AFU"),
        ("X-NONSTATE", "X-NONSTATE"),
    ],
)  # fmt: skip
def test_a_spelling_of_a_list_has_its_code(text: str, code: str) -> None:
    assert resolve_country(text) == code


@pytest.mark.parametrize(
    "text",
    ["Korea", "Congo", "Virgin Islands", "Yugoslavia", "", " ", "in", "Atlantis", "ZZ", "Middle",
     "Chinese", "the", *REGIONS],
)  # fmt: skip
def test_a_region_or_a_shared_or_unknown_name_is_not_guessed(text: str) -> None:
    assert resolve_country(text) is None


def test_two_letters_are_a_code_in_capitals_only() -> None:
    assert resolve_country("IN") == "IN"
    assert resolve_country("in") is None


def test_correlates_of_war_numbers_have_codes_and_vanished_states_none() -> None:
    dcid = {2: "US", 365: "RU", 369: "UA", 372: "GE", 630: "IR", 640: "TR", 652: "SY", 666: "IL",
            710: "CN", 713: "TW", 731: "KP", 732: "KR", 740: "JP", 750: "IN", 770: "PK",
            816: "VN"}  # fmt: skip
    assert {number: from_cow(number) for number in dcid} == dcid
    assert from_cow(347) == "XK"
    assert [from_cow(number) for number in (260, 265, 315, 730, 817, 9999, -1)] == [None] * 7


def test_every_number_and_alpha_3_code_is_one_country_only() -> None:
    path = resources.files("comity") / "data" / "countries" / "countries.tsv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    for column in ("code", "alpha3", "cow", "name"):
        values = [row[column] for row in rows if row[column]]
        assert len(values) == len(set(values)), column
    assert len([row for row in rows if row["cow"]]) == 195
    assert {row["code"] for row in rows if row["code"].startswith("X-")} == set(SPECIAL_CODES)


def test_the_iso_tables_of_another_project_agree() -> None:
    wrong = []
    for country in pycountry.countries:
        assert resolve_country(country.alpha_3) == country.alpha_2
        for field in ("name", "common_name", "official_name"):
            found = resolve_country(getattr(country, field, country.alpha_2))
            if found not in (None, country.alpha_2):
                wrong.append((country.name, found))
        assert country_name(country.alpha_2)
    assert wrong == []


def test_names_resolve_to_the_code_they_name() -> None:
    codes = {row.code for row in memberships()} | {"US", "CN", "CG", "CD", "NA", "XK"}
    assert {code: resolve_country(country_name(code)) for code in codes} == {c: c for c in codes}
    names = [country_name(code) for code in ("CN", "US", "RU", "KR", "KP", "TW", "GB")]
    assert names == [
        "China", "United States", "Russia", "South Korea", "North Korea", "Taiwan",
        "United Kingdom",
    ]  # fmt: skip


def test_several_countries_are_each_resolved_or_listed() -> None:
    found = resolve_all("China; Europe (region) ;; Korea, Republic of;China", ";")
    assert found.codes == ("CN", "KR")
    assert found.unresolved == ("Europe (region)",)


def test_a_name_with_a_comma_stays_whole_where_commas_part() -> None:
    found = resolve_all("Korea, Republic of, United States, Congo, Asia (region)", ",")
    assert found.codes == ("KR", "US")
    assert found.unresolved == ("Congo", "Asia (region)")
    assert resolve_all("", ",").codes == ()
    assert resolve_all("Korea, Republic of", "").codes == ("KR",)
    assert resolve_all(",, and the Korea, Republic of ,", ",").codes == ("KR",)


def test_a_cell_as_long_as_a_spreadsheet_allows_is_read_piece_by_piece() -> None:
    cell = ("Nowhere, " * 3_600 + "Korea, Republic of")[-32_767:]
    found = resolve_all(cell, ",")
    assert found.codes == ("KR",)
    assert found.unresolved[-1] == "Nowhere"
    assert len(found.unresolved) == 3_600


def test_the_united_kingdom_was_in_the_union_through_its_last_day() -> None:
    last = dt.date(2020, 1, 31)
    assert "GB" in members("EU", last)
    assert "GB" not in members("EU", last + dt.timedelta(days=1))
    assert len(members("EU", last)) == 28
    assert len(members("EU", dt.date(2024, 1, 1))) == 27


def test_well_known_accessions_are_dated() -> None:
    assert len(members("NATO", dt.date(2024, 6, 1))) == 32
    assert len(members("NATO", dt.date(2015, 9, 25))) == 28
    assert len(members("ASEAN", dt.date(2020, 1, 1))) == 10
    assert members("Five Eyes", dt.date(2015, 1, 1)) == {"US", "GB", "CA", "AU", "NZ"}
    assert len(members("OSCE", dt.date(2016, 3, 10))) == 57
    assert "IN" not in members("SCO", dt.date(2017, 6, 8))
    assert "IN" in members("SCO", dt.date(2017, 6, 9))
    assert "MK" not in members("NATO", dt.date(2020, 3, 26))
    assert str(member_since("NATO", "SE")) == "2024-03-07"
    assert str(member_since("OSCE", "UA")) == "1992-01-30"
    assert members("BRICS", dt.date(2015, 1, 1)) == {"BR", "RU", "IN", "CN", "ZA"}
    assert "RU" not in members("G7", dt.date(2010, 1, 1))


def test_the_african_union_joined_the_twenty_in_september_2023() -> None:
    assert str(member_since("G20", "X-AFU")) == "2023-09-09"
    assert "X-AFU" not in members("G20", dt.date(2023, 9, 8))
    assert "X-AFU" in members("G20", dt.date(2023, 9, 9))


def test_a_member_of_a_union_is_no_member_of_the_twenty_through_it() -> None:
    antalya = members("G20", dt.date(2015, 11, 16))
    assert antalya & members("EU", dt.date(2015, 11, 16)) == {"DE", "FR", "GB", "IT"}
    assert "X-EU" in antalya
    assert len(antalya) == 20
    assert members("G20", dt.date(2024, 1, 1)) & members("AU", dt.date(2024, 1, 1)) == {"ZA"}


def test_a_membership_known_to_a_year_counts_for_all_of_it() -> None:
    since = member_since("GGE-2014", "US")
    assert since is not None
    assert str(since) == "2014"
    assert "US" in members("GGE-2014", dt.date(2014, 1, 1))
    assert "US" in members("GGE-2014", dt.date(2015, 12, 31))
    assert "US" not in members("GGE-2014", dt.date(2016, 1, 1))


def test_every_row_of_the_groupings_has_a_country_a_source_and_a_status() -> None:
    assert {"EU", "NATO", "G20", "SCO", "OSCE", "ASEAN", "Five Eyes"} <= set(groupings())
    for row in memberships():
        assert country_name(row.code)
        assert row.source.startswith("http")
        assert row.status in {"seen", "secondary", "unverified"}
    assert member_since("NATO", "CN") is None


def test_an_unknown_grouping_or_code_names_what_is_known() -> None:
    with pytest.raises(CountryError, match=r"'Nato'.*Known are .*NATO"):
        members("Nato", dt.date(2020, 1, 1))
    with pytest.raises(CountryError, match=r"'UK' is not a country's code.*alpha-2"):
        country_name("UK")
    with pytest.raises(CountryError, match="'USA'"):
        member_since("NATO", "USA")


def test_importing_the_module_reads_no_table() -> None:
    script = (
        "import comity.countries as c; "
        "raise SystemExit(c._rows.cache_info().currsize + c._spellings.cache_info().currsize)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def cells_of(path: Path, *columns: str) -> set[str]:
    """Return what stands in some columns of a CSV file or of a workbook's first sheet."""
    if path.suffix == ".csv":
        read = pl.read_csv(path, columns=columns, infer_schema_length=0)
        return {cell for column in columns for cell in read[column] if cell}
    sheet = fastexcel.read_excel(path).load_sheet(0, use_columns=list(columns), dtypes="string")
    table = pl.DataFrame(sheet)
    return {cell for column in columns for cell in table[column] if cell}


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("eurepoc_receiver_dataset_1.3.csv", ["country"]),
        ("eurepoc_attribution_dataset_1.3.csv", ["attributing_country", "initiator_country"]),
        ("eurepoc_dyadic_dataset_0_1.xlsx", ["receiver_country", "initiator_country"]),
        ("eurepoc_global_dataset_1_3.xlsx", ["receiver_country", "initiator_country"]),
    ],
)
def test_every_spelling_of_eurepoc_has_a_code_or_is_a_region(
    shared_data: Path, file: str, columns: list[str]
) -> None:
    cells = cells_of(shared_data / "eurepoc" / file, *columns)
    assert len(cells) > 60
    left = {piece for cell in cells for piece in resolve_all(cell, ";,").unresolved}
    plain = {"Africa", "Caucasus"}
    others = {t for t in left if not t.endswith(("(region)", "Europe", "America"))} - plain
    assert others == set()


@pytest.mark.parametrize(
    ("release", "shifted"),
    [
        ("2021-04", set()),
        ("2023-04", {"Espionage", "Government", "Military", "Defacement", 'United Kingdom"'}),
    ],
)
def test_every_sponsor_of_cfr_is_resolved_but_for_shifted_cells(
    shared_data: Path, release: str, shifted: set[str]
) -> None:
    path = shared_data / "cfr" / f"cyber-operations-incidents_{release}.csv"
    cells = cells_of(path, "Sponsor")
    assert {piece for cell in cells for piece in resolve_all(cell, ",").unresolved} == shifted


def test_every_name_and_number_of_dcid_is_a_country(shared_data: Path) -> None:
    path = shared_data / "dcid" / "DCID_2.0_Release_update_February_2023.xlsx"
    names, numbers = cells_of(path, "StateA", "StateB"), cells_of(path, "initiator")
    assert len(names) > 30
    assert [name for name in names if resolve_country(name) is None] == []
    assert len(numbers) == 16
    assert [number for number in numbers if from_cow(int(number)) is None] == []
