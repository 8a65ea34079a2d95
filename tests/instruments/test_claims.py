"""Public claims on whether a promise was kept: who counts as independent, and the shipped table."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.instruments.claims import (
    COLUMNS,
    check_claims,
    load_claims,
)
from comity.instruments.model import Claim, independent_parties


def claim(party: str, says: str = "breach", independent_of: str = "") -> Claim:
    return Claim(
        "2018-12-20", party, "other", says, "Conduct only: x", "https://example.org/a", "seen",
        independent_of,
    )  # fmt: skip


def test_a_party_that_cites_another_is_not_a_second_party() -> None:
    # Alpha Corp and Beta Land speak for themselves; Gazette only cites Alpha Corp: two, not three.
    claims = [
        claim("Alpha Corp"),
        claim("Gazette", independent_of="Alpha Corp"),
        claim("Beta Land"),
    ]
    assert independent_parties(claims) == ("Alpha Corp", "Beta Land")


def test_bodies_of_one_government_are_one_party() -> None:
    # A ministry and an agency of Beta Land, and Beta Land itself: one.
    claims = [
        claim("Beta Land (ministry)", independent_of="Beta Land"),
        claim("Beta Land (agency)", independent_of="Beta Land"),
        claim("Beta Land"),
    ]
    assert independent_parties(claims) == ("Beta Land",)


def test_a_chain_of_citations_counts_as_its_last_link() -> None:
    # Gazette cites the agency, the agency belongs to Beta Land: one.
    claims = [
        claim("Gazette", independent_of="Beta Land (agency)"),
        claim("Beta Land (agency)", independent_of="Beta Land"),
    ]
    assert independent_parties(claims) == ("Beta Land",)


def test_two_parties_that_cite_each_other_do_not_hang_the_count() -> None:
    claims = [claim("A", independent_of="B"), claim("B", independent_of="A")]
    assert len(independent_parties(claims)) == 2


def test_only_what_was_asked_is_counted() -> None:
    # One breach, one decline, one denial.
    claims = [claim("A"), claim("B", says="decline"), claim("C", says="no-breach")]
    assert independent_parties(claims) == ("A",)
    assert independent_parties(claims, says="decline") == ("B",)
    assert independent_parties(claims, says="unclear") == ()


def test_the_shipped_table_has_no_problem() -> None:
    assert check_claims() == ()


@pytest.mark.parametrize(
    "instrument", ["us-china-2015", "uk-china-2015", "australia-china-2017", "us-russia-2021"]
)
def test_shipped_claims_come_by_date_and_none_is_seen_without_an_address(instrument: str) -> None:
    claims = load_claims(instrument)
    assert claims
    assert [c.date[:4] for c in claims] == sorted(c.date[:4] for c in claims)
    assert all(c.source.startswith("http") for c in claims if c.status == "seen")


def test_charges_alone_are_never_a_claim_of_breach() -> None:
    for c in load_claims("us-china-2015"):
        if c.what.startswith("Conduct only: charged"):
            assert c.says == "unclear", c.what


def test_each_direction_of_a_promise_has_its_own_claims() -> None:
    # What China says of American conduct is no claim that China broke its word.
    by_china = load_claims("us-china-2015", about=("CN",))
    by_america = load_claims("us-china-2015", about=("US",))
    assert set(by_china).isdisjoint(by_america)
    assert len(by_china) + len(by_america) == len(load_claims("us-china-2015"))
    assert independent_parties(by_china) == ("United States", "CrowdStrike")
    assert independent_parties(by_america) == ("China",)


def test_an_instrument_nobody_spoke_of_has_no_claims() -> None:
    assert load_claims("no-such-instrument") == ()


# ten cells, the last one empty
GOOD = "i\tCN\t2018-12-20\tA\tother\tbreach\tConduct only: x\thttps://example.org\tseen\t"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2018-12-20", "2018-02-30", "2018-02-30"),
        ("2018-12-20", "../2018", "first day"),
        ("other", "rival", "party_kind is 'rival'"),
        ("breach", "guilty", "says is 'guilty'"),
        ("seen", "read", "status is 'read'"),
        ("https://example.org", "", "no source"),
        ("https://example.org", "a book", "not an http(s) address"),
        ("CN", "China", "alpha-2"),
        ("Conduct only: x", "x", "what must begin"),
        ("Conduct only: x", "Conduct only: " + "x" * 160, "174 characters"),
        ("\tseen\t", "\tseen\tA", "cites itself"),
        ("\tseen\t", "\tseen", "9 columns"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("\n".join(["\t".join(COLUMNS), GOOD.replace(old, new)]), encoding="utf-8")
    problems = check_claims(path)
    assert len(problems) == 1
    assert problems[0].startswith("mine.tsv:2: ")
    assert message in problems[0]


def test_a_table_with_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("a\tb\n", encoding="utf-8")
    assert check_claims(path) == (
        f"mine.tsv:1: the header must be {', '.join(COLUMNS)}, tab separated",
    )


def test_a_citation_two_readers_could_count_differently_is_a_problem(tmp_path: Path) -> None:
    # G cites A, A cites B: whoever looks one step counts A, whoever looks two counts B.
    rows = [
        GOOD.replace("\tA\t", "\tG\t") + "A",
        GOOD + "B",
        GOOD.replace("2018-12-20", "2019-01-01"),
    ]
    path = tmp_path / "mine.tsv"
    path.write_text("\n".join(["\t".join(COLUMNS), *rows]), encoding="utf-8")
    first, second = check_claims(path)
    assert first == "mine.tsv:2: G cites A, which cites B: name the last one"
    assert second == "mine.tsv:4: A has independent_of '' here and 'B' on line 3"


def test_a_claim_entered_twice_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text("\n".join(["\t".join(COLUMNS), GOOD, GOOD]), encoding="utf-8")
    assert check_claims(path) == ("mine.tsv:3: the same claim is on line 2",)
