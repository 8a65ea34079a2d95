"""The reading rooms say what the register says, at addresses that hold and name what there is."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from html import unescape

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from comity.cli import app
from comity.definitions.camps import find_camps
from comity.definitions.compare import definitions_of, latest_of_each
from comity.definitions.register import load_definitions
from comity.instruments.claims import load_claims
from comity.instruments.model import Standing, independent_parties
from comity.instruments.queries import standing_in_plain_words
from comity.instruments.register import load_register
from comity.parallels.nearest import get_regime, nearest
from comity.parallels.register import load_parallels
from comity.process.register import load_talks

PAGES = (
    "/agreements", "/agreement/us-china-2015", "/agreement/un-gge-2015",
    "/agreements/compare?a=us-china-2015&b=uk-china-2015", "/norms", "/norms/commercial-theft",
    "/definitions", "/definitions/compare?who=US,China", "/definitions/RU",
    "/talks?as_of=2017-06-30", "/talks/us-china", "/talks/us-russia?as_of=2022-12-31",
    "/talks/us-china/ladder", "/talks/implementation", "/talks/enforcement", "/spread",
    "/spread/commercial-theft", "/spread/commercial-theft/network", "/votes", "/votes?state=BR",
    "/parallels", "/parallels/us-china-2015", "/parallels/incidents-at-sea",
)  # fmt: skip
LATER_ROOMS = ("/incidents", "/data", "/verdict/")  # pages of others, with tests of their own


def text_of(client: TestClient, address: str) -> str:
    """Return the words of a page, one space between them."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.text[:400])
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    whole = re.sub(r'<span class="nb">([^<]*)</span>', r"\1", main.partition(">")[2])
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", whole)).split())


def rows_of(client: TestClient, address: str) -> list[list[str]]:
    """Return the rows of a view's CSV, its header first."""
    return list(csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole_below_half_a_megabyte_and_has_one_heading(
    client: TestClient, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert len(answer.content) < 500_000
    assert answer.text.count("<h1>") == 1
    assert "style=" not in answer.text.partition("<main")[2]
    assert " at 0x" not in answer.text, "an object is shown instead of its words"
    ids = re.findall(r'\bid="([^"]*)"', answer.text)
    assert len(ids) == len(set(ids))
    for name in re.findall(r'aria-labelledby="([^"]*)"|href="#([^"]*)"', answer.text):
        assert "".join(name) in ids


@pytest.mark.parametrize("address", PAGES)
def test_every_link_to_a_reading_room_answers(client: TestClient, address: str) -> None:
    links = set(re.findall(r'href="(/[^"#]*)"', client.get(address).text))
    for link in sorted(unescape(x) for x in links if not x.startswith(LATER_ROOMS))[:80]:
        if not re.search(r"\.(svg|png|css)\b", link):
            assert client.get(link).status_code == 200, link


EARLY = tuple(
    f"{path}?as_of=1990-01-01" for path in ("/talks", "/talks/us-china", "/talks/us-china/ladder",
                                            "/spread/commercial-theft")
)  # fmt: skip


@pytest.mark.parametrize(
    "address", [*PAGES, *EARLY, "/verdict/canada-china-2017", "/verdict/us-china-2015"]
)
def test_every_picture_of_a_page_and_every_form_it_offers_is_there(
    client: TestClient, address: str
) -> None:
    page = client.get(address).text
    shown = re.findall(r'<img src="([^"]+)"', page)
    shown += re.findall(r'<a href="([^"]+)" data-form="(?:json|csv|svg)"', page)
    assert shown
    for link in shown:
        assert client.get(unescape(link)).status_code == 200, link


def test_the_2015_agreement_says_whom_it_binds_and_how_firmly(client: TestClient) -> None:
    said = text_of(client, "/agreement/us-china-2015")
    assert standing_in_plain_words(Standing.COMMITMENT) in said
    assert "United States" in said
    assert "breach claimed by 2 independent parties" in said
    for account in load_register().accounts:
        if account.instrument == "us-china-2015":
            assert " ".join(account.says.split()) in said
    page = client.get("/agreement/us-china-2015").text
    for link in ("/verdict/us-china-2015", "/parallels/us-china-2015", "/norms/commercial-theft"):
        assert f'href="{link}"' in page


def test_claims_of_breach_are_counted_apart_for_each_side(client: TestClient) -> None:
    said = text_of(client, "/agreement/us-china-2015")
    on_china = said.partition("Conduct in question: China")[2]
    for state in ("CN", "US"):
        parties = independent_parties(load_claims("us-china-2015", (state,)))
        counted = f"counted as independent: {', '.join(parties)}"
        assert (counted in on_china) is (state == "CN")
        assert f"Breach is claimed by {len(parties)}, {counted}" in said


def test_agreements_are_found_by_every_condition(client: TestClient) -> None:
    found = rows_of(client, "/agreements.csv?party=China&forum=bilateral&from=2015&to=2015")
    names = {row[0] for row in found[1:]}
    assert names >= {"us-china-2015", "uk-china-2015", "russia-china-2015"}
    for name in names:
        i = load_register().instruments[name]
        assert (i.forum, i.date.text[:4]) == ("bilateral", "2015")
        assert "CN" in {p.party for p in load_register().parties if p.instrument == name}
    assert "No agreement of the register meets" in text_of(client, "/agreements?text=nosuchword")


def test_the_table_of_agreements_holds_the_word_of_each_verdict(client: TestClient) -> None:
    words = text_of(client, "/agreements?party=China")
    said = {row[0]: row for row in rows_of(client, "/verdicts.csv")[1:]}
    changed, kept = said["us-china-2015"][4], said["osce-cbm-2013"][5]
    assert f"theft: China towards the United States : {changed}" in words
    measures = text_of(client, "/agreements?forum=regional")
    assert f"put into practice? : {kept}" in measures, "not asked whether conduct changed"


def test_two_agreements_stand_side_by_side(client: TestClient) -> None:
    record = client.get("/agreements/compare.json?a=us-china-2015&b=uk-china-2015").json()
    shared = sum(row["shared"] for row in record["norms"])
    said = text_of(client, "/agreements/compare?a=us-china-2015&b=uk-china-2015")
    assert f"{shared} of {len(record['norms'])} norms are in both" in said


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/agreement/nothing-2015", "us-china-2015"), ("/norms/nothing", "commercial-theft"),
        ("/definitions/nobody", "x-sco"), ("/talks/nothing", "us-cn-hotline"),
        ("/talks/nothing/ladder", "us-china"), ("/spread/nothing", "commercial-theft"),
        ("/spread/nothing/network", "commercial-theft"), ("/parallels/nothing", "incidents-at-sea"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_what_there_is(
    client: TestClient, address: str, names: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert names in answer.text


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/agreements?party=Atlantis", "No country or grouping"),
        ("/agreements?norm=nothing", "There is no norm"),
        ("/agreements?from=then", "then"),
        ("/agreements/compare?a=us-china-2015&b=nothing", "There is no instrument"),
        ("/definitions?term=nothing", "There is no term"),
        ("/definitions/compare?who=US,nobody", "nobody"),
        ("/votes?state=Atlantis", "is no country"),
        ("/talks/implementation?party=Atlantis", "is no country"),
        ("/talks/enforcement?promise=nothing", "us-china-2015"),
        ("/talks?as_of=2015-02-30", "a day that exists"),
        ("/talks?as_of=2999-01-01", "is still to come"),
        ("/spread/commercial-theft?as_of=2999-01-01", "is still to come"),
        ("/talks/us-china/ladder?page=99", "pages"),
        ("/parallels/us-china-2015?beside=us-china-2015", "choose another"),
    ],
)
def test_a_wrong_value_is_told_what_would_be_right(
    client: TestClient, address: str, says: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert says in unescape(answer.text)


def test_definitions_say_honestly_whether_there_are_two_camps(client: TestClient) -> None:
    rows = latest_of_each(definitions_of(load_definitions(), "cybersecurity"))
    camps = find_camps(rows)
    said = text_of(client, "/definitions")
    assert ("No clear split" in said) is not camps.clear
    assert f"strength {camps.strength:.2f}" in said
    page = client.get("/definitions").text
    assert page.count('title="networks"') == sum("networks" in d.protects for d in rows)
    assert f'href="/verdict/us-china-2015?definition={rows[0].id}"' in page


def test_definers_side_by_side_share_what_both_name(client: TestClient) -> None:
    record = client.get("/definitions/compare.json?who=US,China").json()
    assert [d["definer"] for d in record["definitions"]] == ["US", "CN"]
    assert client.get("/definitions/compare.json?a=US&b=China").json() == record


def test_talks_stand_as_they_stood_on_the_day(client: TestClient) -> None:
    def standing(day: str) -> str:
        rows = rows_of(client, f"/talks.csv?as_of={day}")
        return next(row[4] for row in rows if row[0] == "us-cn-cwg")

    assert standing("2014-05-01") == "open"
    assert standing("2014-06-01") == "suspended"
    everything = text_of(client, "/talks?as_of=2014-06-01&standing=suspended")
    assert "Cyber Working Group" in everything


def test_each_account_of_a_contested_act_is_told(client: TestClient) -> None:
    said = text_of(client, "/talks/us-russia")
    told = [a for a in load_talks().acts if a.account_of and a.track == "us-ru-2021"]
    assert len(told) == 2
    for act in told:
        assert " ".join(act.what.split()) in said


def test_the_ladder_counts_its_answers(client: TestClient) -> None:
    found = client.get("/talks/us-china/ladder.json").json()["ladder"]
    said = text_of(client, "/talks/us-china/ladder")
    assert f"{len(found['acts'])} acts are on record" in said
    for share in found["shares"]:
        neither = share["acts"] - share["answered"] - share["denied_only"]
        numbers = (share["acts"], share["answered"], share["further_up"], share["denied_only"],
                   neither, share["eased"])  # fmt: skip
        assert f"{share['within']} days {' '.join(map(str, numbers))}" in said


def test_two_states_without_talks_have_a_page_and_their_acts(client: TestClient) -> None:
    assert "No line of talks between them is on record" in text_of(client, "/talks/us-iran")
    assert client.get("/talks/us-iran/ladder").status_code == 200


def test_a_norm_spread_no_further_than_the_register_shows(client: TestClient) -> None:
    found = client.get("/spread/commercial-theft.json").json()
    said = text_of(client, "/spread/commercial-theft")
    for sentence in found["state"]:
        assert " ".join(sentence.split()) in said
    early = client.get("/spread/commercial-theft.json?as_of=2015-10-01").json()
    assert {a["country"] for a in early["adoptions"]} == {"CN", "US"}


def test_who_follows_whom_is_not_told_from_too_little(client: TestClient) -> None:
    found = client.get("/spread/commercial-theft/network.json").json()["network"]
    said = text_of(client, "/spread/commercial-theft/network")
    assert bool(found["edges"]) is not bool(found["reason"])
    assert (found["reason"] or "Median delay") in said


def test_votes_of_the_states_asked_for_are_shown(client: TestClient) -> None:
    rows = rows_of(client, "/votes.csv?state=Brazil,IN")
    assert [row[0] for row in rows[1:]] in (["BR", "IN"], ["IN", "BR"])
    sides = {row[6] for row in rows_of(client, "/votes.csv?side=between")[1:]}
    assert sides == {"between"}


def test_parallels_say_where_each_analogy_breaks(client: TestClient) -> None:
    every = load_parallels()
    said = text_of(client, "/parallels/us-china-2015")
    for near in nearest(every, get_regime(every, "us-china-2015"))[:5]:
        assert " ".join(near.regime.breaks.split()) in said
    both = text_of(client, "/parallels/us-china-2015?beside=incidents-at-sea")
    assert "Likeness" in both


@pytest.mark.parametrize(
    "address",
    [
        "/agreement/us-china-2015.svg?chart=lineage-commercial-theft", "/definitions.svg",
        "/talks.svg", "/talks/us-russia.svg?chart=tracks", "/talks/us-china/ladder.svg",
        "/spread/commercial-theft.svg", "/votes.svg?state=BR",
    ],
)  # fmt: skip
def test_charts_are_pictures_with_a_name_and_a_description(
    client: TestClient, address: str
) -> None:
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "<title" in answer.text
    assert "<desc" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/agreements?party=China&from=2015&to=2015-10", "/agreement/us-china-2015",
        "/agreements/compare?a=us-china-2015&b=uk-china-2015", "/norms?category=norms",
        "/norms/commercial-theft", "/definitions?term=cyberspace&kin=1",
        "/definitions/compare?who=US,China", "/talks?as_of=2015-01-01",
        "/talks?standing=suspended&as_of=2015-01-01", "/talks?standing=ended",
        "/talks/us-russia?as_of=2022-12-31", "/talks/us-china/ladder?as_of=2018-01-01",
        "/talks/implementation?party=DE", "/talks/implementation?kind=contact-point",
        "/talks/implementation?party=DE&kind=position", "/talks/enforcement",
        "/talks/enforcement?promise=us-china-2015", "/spread", "/spread?as_of=2014-12-31",
        "/agreement/us-china-2015?as_of=2017-06-30", "/votes?side=between&state=BR,US",
        "/incidents?question=us-china-2015&cell=A&quarter=2014-Q2",
        "/incidents?question=us-china-2015&cell=B&when=after&scope=whole-dyad&as_of=2018-06-30",
        "/incidents?question=us-china-2015&period=half-year&year_dates=exact&from=2008",
        "/questions",
        "/spread/commercial-theft?as_of=2017-12-31", "/votes", "/parallels",
        "/parallels?feature=crisis_channel", "/parallels/us-china-2015",
        "/parallels/incidents-at-sea", "/parallels/us-china-2015?beside=incidents-at-sea",
    ],
)  # fmt: skip
def test_the_command_a_page_names_prints_the_same_data(client: TestClient, address: str) -> None:
    command = re.search(r"<code>(comity [^<]*)</code>", client.get(address).text)
    assert command is not None
    path, _, query = address.partition("?")
    shown = client.get(f"{path}.json{'?' if query else ''}{query}").json()
    first = unescape(command[1]).splitlines()[0]
    printed = CliRunner().invoke(app, [*shlex.split(first)[1:], "--json"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout) == shown
