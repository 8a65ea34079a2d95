"""The register that ships is sound, and every fault of a register is named by file and line."""

from __future__ import annotations

import datetime as dt
import shutil
from importlib import resources
from pathlib import Path

import pytest

from comity.errors import RegisterError
from comity.instruments.model import Commits, Standing, Status
from comity.instruments.queries import count_statuses
from comity.instruments.register import check_register, load_register
from comity.instruments.tables import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
FIRST = {
    "us-china-2015", "uk-china-2015", "g20-antalya-2015", "australia-china-2017",
    "canada-china-2017", "us-russia-2013", "us-russia-2021", "un-gge-2015", "osce-1106",
    "osce-1202",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped tables that a test may spoil."""
    for name in COLUMNS:
        source = resources.files("comity").joinpath("data", "instruments", name)
        (tmp_path / name).write_bytes(source.read_bytes())
    return tmp_path


def spoil(folder: Path, table: str, line: int, column: str, value: str) -> None:
    """Put a value into one cell; line 1 is the header."""
    path = folder / table
    lines = path.read_text(encoding="utf-8").split("\n")
    cells = lines[line - 1].split("\t")
    cells[COLUMNS[table].index(column)] = value
    lines[line - 1] = "\t".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")


def append(folder: Path, table: str, *cells: str) -> int:
    """Add a row and return its line."""
    path = folder / table
    with path.open("a", encoding="utf-8") as file:
        file.write("\t".join(cells) + "\n")
    return path.read_text(encoding="utf-8").count("\n")


def test_the_register_that_ships_is_sound_and_has_its_first_rows() -> None:
    assert check_register() == ()
    register = load_register()
    assert set(register.instruments) >= FIRST
    for instrument in FIRST:
        assert any(p.instrument == instrument for p in register.provisions), instrument


def test_every_instrument_but_reports_and_resolutions_has_parties() -> None:
    register = load_register()
    without = {i for i in register.instruments if i not in {p.instrument for p in register.parties}}
    unknown = {i for i in without if nobody_is_known_to_be_bound(i)}
    kinds = {register.instruments[i].standing for i in without - unknown}
    assert Standing.COMMITMENT not in kinds
    assert Standing.TREATY not in kinds


def nobody_is_known_to_be_bound(instrument: str) -> bool:
    """Say whether the reason says that no party is in the register, or that it is not in force."""
    reason = load_register().instruments[instrument].standing_reason
    return "not in this register" in reason or "not in force" in reason


def test_nothing_that_is_no_promise_has_parties_or_commits() -> None:
    register = load_register()
    bound = {p.instrument for p in register.parties}
    promised = {p.instrument for p in register.provisions if p.commits is Commits.YES}
    assert all(nobody_is_known_to_be_bound(i) for i in promised - bound)


def test_who_only_signed_a_treaty_owes_nothing_of_what_it_says() -> None:
    register = load_register()
    signed = {p.party for p in register.not_bound if p.instrument == "un-cybercrime-2024"}
    assert {"CN", "RU", "FR", "X-EU"} <= signed
    assert "US" not in signed
    under = {c.instrument_id for c in register.parties_under_norm("crime-evidence")}
    assert "un-cybercrime-2024" not in under
    assert "budapest-protocol-2022" not in under, "ratified by three, not in force"


def test_a_treaty_binds_each_state_from_the_day_it_entered_into_force_for_it() -> None:
    owed = load_register().parties_under_norm("crime-evidence")
    since = {c.party: str(c.since) for c in owed if c.instrument_id == "budapest-2001"}
    assert (since["AL"], since["FR"], since["BJ"]) == ("2004-07-01", "2006-05-01", "2024-10-01")
    assert (since["US"], since["SL"]) == ("2007-01-01", "2024-08-01"), "not when it signed"
    assert since["NO"] == "2004-07-01/2008-08-01", "known from lists of two dates only"
    assert {"RU", "CN", "ZA"}.isdisjoint(since)


def test_a_promise_is_owed_by_each_party_from_the_day_it_was_made() -> None:
    owed = load_register().parties_under_norm("commercial-theft")
    by_instrument: dict[str, set[str]] = {}
    for commitment in owed:
        by_instrument.setdefault(commitment.instrument_id, set()).add(commitment.party)
    assert by_instrument["us-china-2015"] == {"US", "CN"}
    assert by_instrument["uk-china-2015"] == {"GB", "CN"}
    (day,) = {c.since.latest for c in owed if c.instrument_id == "g20-antalya-2015"}
    assert day == dt.date(2015, 11, 16)


@pytest.mark.parametrize(
    ("code", "day"),
    [("US", "2015-09-25"), ("GB", "2015-10-22"), ("JP", "2015-11-16"), ("AU", "2015-11-16")],
)
def test_a_country_owes_the_promise_on_theft_from_its_first_instrument(code: str, day: str) -> None:
    owed = load_register().parties_under_norm("commercial-theft")
    assert min(str(c.since) for c in owed if c.party == code) == day


def test_a_country_outside_every_instrument_never_owes_the_promise() -> None:
    parties = {c.party for c in load_register().parties_under_norm("commercial-theft")}
    assert parties.isdisjoint({"TW", "IR", "KP", "X-AFU"})


def test_confidence_building_texts_prohibit_nothing_and_promises_on_theft_do() -> None:
    register = load_register()
    forbids = {p.instrument for p in register.provisions if register.norms[p.norm].prohibits}
    assert forbids.isdisjoint({"osce-1106", "osce-1202", "us-russia-2013"})
    assert {p.instrument for p in register.provisions if p.norm == "commercial-theft"} <= forbids


def test_a_grouping_stands_for_its_members_on_the_day_and_not_for_later_ones() -> None:
    owed = load_register().parties_under_norm("commercial-theft")
    twenty = {c.party for c in owed if c.instrument_id == "g20-antalya-2015"}
    assert {"US", "CN", "GB", "IN", "X-EU"} <= twenty
    assert len(twenty) == 20
    assert "X-AFU" not in twenty, "the African Union joined in 2023"


def test_a_norm_that_is_only_stated_or_whose_promise_is_disputed_commits_nobody() -> None:
    register = load_register()
    stated = {p.instrument for p in register.provisions if p.norm == "critical-infrastructure"}
    assert {"un-gge-2015", "us-russia-2021"} <= stated
    assert register.parties_under_norm("critical-infrastructure") == ()
    assert register.parties_under_norm("no-such-norm") == ()


def test_what_one_side_says_of_geneva_stands_beside_what_the_other_says() -> None:
    told = [a for a in load_register().accounts if a.instrument == "us-russia-2021"]
    agreed = {a.party.split(" (")[0] for a in told if a.topic == "whether anything was agreed"}
    assert agreed == {"United States", "Russia"}


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("instruments.tsv", "date", "2015-02-31", "it must be EDTF"),
        ("instruments.tsv", "date", "2015/..", "it must have a first and a last day"),
        ("instruments.tsv", "standing", "treaty", "standing is 'treaty'; it must be one of"),
        ("instruments.tsv", "forum", "", "forum is empty; it must be filled"),
        ("instruments.tsv", "id", "US China", "must be small letters, digits and hyphens"),
        ("instruments.tsv", "title", "bad\x1b[31m", "characters that do not print"),
        ("instruments.tsv", "status", "sure", "it must be one of seen, secondary, unverified"),
        ("instruments.tsv", "sources", "javascript:alert(1)", "is no http(s) address"),
        ("provisions.tsv", "norm", "no-such", "norm 'no-such' is not in norms.tsv"),
        ("provisions.tsv", "instrument", "no-such", "'no-such' is not in instruments.tsv"),
        ("provisions.tsv", "commits", "perhaps", "it must be one of yes, no, disputed"),
        ("parties.tsv", "party", "XX", "'XX' is no known code; it must be ISO 3166-1"),
        ("parties.tsv", "party", "grouping:G77", "is no known grouping; known are G7"),
        ("parties.tsv", "role", "friend", "it must be one of party, ratified, signatory"),
        ("parties.tsv", "until", "2014", "until 2014 is before since 2015-09-25"),
        ("parties.tsv", "until", "soon", "until: "),
        ("links.tsv", "target", "us-china-hljd-2016", "is linked to itself"),
        ("tracks.tsv", "until", "1950", "must not be earlier"),
        ("accounts.tsv", "date", "yesterday", "it must be EDTF"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(
    folder: Path, table: str, column: str, value: str, message: str
) -> None:
    spoil(folder, table, 2, column, value)
    problems = [p for p in check_register(folder) if p.startswith(f"{table}:2: ")]
    assert any(message in p for p in problems), problems


def test_a_row_called_seen_needs_an_address(folder: Path) -> None:
    spoil(folder, "norms.tsv", 2, "sources", "")
    problems = check_register(folder)
    assert "norms.tsv:2: sources is empty; it must be filled" in problems
    assert any(
        p.startswith("norms.tsv:2: status is 'seen' without an http(s) address") for p in problems
    )


def test_the_same_id_twice_is_found(folder: Path) -> None:
    path = folder / "norms.tsv"
    row = path.read_text(encoding="utf-8").split("\n")[1]
    line = append(folder, "norms.tsv", *row.split("\t"))
    assert check_register(folder) == (f"norms.tsv:{line}: same id as line 2; each may occur once",)


def test_missing_columns_cells_and_files_are_found(folder: Path) -> None:
    path = folder / "links.tsv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("source\tkind\t", "source\t", 1), encoding="utf-8")
    line = append(folder, "norms.tsv", "lonely")
    (folder / "tracks.tsv").unlink()
    problems = check_register(folder)
    assert f"norms.tsv:{line}: 1 cells; there must be 9, with a tab between" in problems
    assert any(
        p.startswith("links.tsv:1: missing columns kind; the header must be") for p in problems
    )
    assert any(p.startswith("tracks.tsv:1: there is no such file") for p in problems)


def test_a_table_that_is_not_utf8_is_found(folder: Path) -> None:
    (folder / "accounts.tsv").write_bytes("a\nb\nz\u00fc".encode("latin-1"))
    assert check_register(folder) == ("accounts.tsv:3: not UTF-8; save the table as UTF-8 text",)


def test_all_problems_are_told_at_once(folder: Path) -> None:
    spoil(folder, "instruments.tsv", 2, "standing", "law")
    spoil(folder, "accounts.tsv", 3, "status", "so they say")
    with pytest.raises(RegisterError, match="has 2 problems") as caught:
        load_register(folder)
    assert [p.split(" ")[0] for p in caught.value.problems] == [
        "instruments.tsv:2:",
        "accounts.tsv:3:",
    ]


def test_a_register_saved_by_a_windows_program_reads_the_same(folder: Path) -> None:
    for name in COLUMNS:
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_register(folder) == load_register()


def test_notes_in_a_table_are_no_rows_and_keep_the_count_of_lines(folder: Path) -> None:
    for name in COLUMNS:
        path = folder / name
        path.write_text("\ufeff# who keeps it\n" + path.read_text("utf-8"), encoding="utf-8")
    assert load_register(folder) == load_register()
    spoil(folder, "norms.tsv", 3, "kind", "wish")
    (problem,) = check_register(folder)
    assert problem.startswith("norms.tsv:3: kind is 'wish'; it must be one of restraint")


def test_a_register_of_one_row_each_written_by_hand_is_read(tmp_path: Path) -> None:
    rows = {
        "instruments.tsv": "a-b-2020|A and B|2020-05|bilateral|both|voluntary political commitment"
        "|a joint text|https://example.org/a|seen",
        "norms.tsv": "peace|general|restraint|Peace|Keep it.|||https://example.org/n|secondary",
        "provisions.tsv": "a-b-2020|line 1|peace|should|yes|Both keep it."
        "|https://example.org/a|seen",
        "parties.tsv": "a-b-2020|JP|party|2020-05|2021|https://example.org/a|unverified",
    }
    for name, columns in COLUMNS.items():
        lines = ["\t".join(columns), *[r.replace("|", "\t") for n, r in rows.items() if n == name]]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (owed,) = load_register(tmp_path).parties_under_norm("peace")
    assert (owed.instrument_id, owed.party, str(owed.since)) == ("a-b-2020", "JP", "2020-05")
    assert owed.until is not None
    assert owed.until.latest == dt.date(2021, 12, 31)


def test_a_register_in_another_folder_reads_the_same(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "copy"
    shutil.copytree(folder, other)
    assert load_register(other) == load_register()


def test_the_page_on_the_register_gives_its_columns_and_the_counts_of_its_statuses() -> None:
    page = (ROOT / "docs" / "register.md").read_text(encoding="utf-8")
    for table, counts in count_statuses(load_register()).items():
        numbers = " | ".join(str(counts[status]) for status in Status)
        assert f"| `{table}.tsv` | {sum(counts.values())} | {numbers} |" in page
    for table, columns in COLUMNS.items():
        section = page.partition(f"### `{table}`")[2].partition("###")[0]
        for column in columns:
            assert f"| `{column}` |" in section, f"{table}: {column}"
