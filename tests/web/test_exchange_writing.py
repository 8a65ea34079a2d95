"""Writing and releasing in the exchange: nothing typed is lost, nothing sent that was not read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from exchange_world import CN, LINE, WHAT, Browser, Kind, Site, bring, sent, site
from exchange_world import two_desks as make_desks

from comity.exchange import accounts
from comity.exchange.desk import Desk
from comity.exchange.model import Draft, Level

REQUEST = {"line": LINE, "kind": "request"}
NOTE = {
    "type": "note", "spec_version": "2.1", "id": "note--0f8fad5b-d9cb-469f-a165-70867728950e",
    "created": "2026-03-01T00:00:00.000Z", "modified": "2026-03-01T00:00:00.000Z",
    "content": "Seen twice.", "object_refs": ["note--0f8fad5b-d9cb-469f-a165-70867728950e"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost a test nothing, and no memory of failed sign-ins."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: hasher)
    accounts.SIGN_INS._held.clear()


class Office:
    """The desk whose people write, the other party's, and the workbench."""

    def __init__(self, us: Desk, cn: Desk, site: Site) -> None:
        self.us, self.cn, self.site = us, cn, site

    def only(self) -> Draft:
        """Return the one draft there is."""
        (found,) = self.us.drafts()
        return found


@pytest.fixture(params=[False])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    us, cn, _ = make_desks(tmp_path, two_persons=request.param)
    with site(tmp_path, us) as found:
        yield Office(us, cn, found)
    us.close()
    cn.close()


two_persons = pytest.mark.parametrize("office", [True], indirect=True)


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the form of a draft, as a browser sends them back."""
    form = page.partition('id="compose"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', form))


def written(browser: Browser, office: Office, **said: Any) -> Any:
    """Open the draft, change what is said, and send the form."""
    page = browser.get(f"/exchange/compose?draft={office.only().id}").text
    return browser.post("/exchange/compose", data={**fields_of(page), **said})


def test_a_draft_is_saved_whenever_its_form_is_sent(office: Office) -> None:
    browser = office.site.signed_in("dora")
    text = "First line\r\n\r\n  indented é 电网 " + "x" * 9000
    form = {**REQUEST, "f-asked": text, "f-by_when": "2026-03-05 12:00",
            "f-countries": "us, cn", "f-sectors": ["energy", "water"], "marking": "green",
            "seal": "yes", "x-name": ["Case No. 7", "Case No. 7"],
            "x-value": ["A-1", "B-2"]}  # fmt: skip
    answer = browser.post("/exchange/compose", data=form)
    assert answer.headers["location"] == f"/exchange/compose?draft={office.only().id}&said=saved"
    draft = office.only()
    assert draft.author == "dora"
    assert draft.fields["asked"] == text.replace("\r\n", "\n")
    assert draft.fields["countries"] == ["US", "CN"]
    assert draft.fields["sectors"] == ["energy", "water"]
    assert draft.fields["case-no"] == "A-1"
    assert draft.fields["case-no-2"] == "B-2"
    assert (draft.marking, draft.seal) == (Level.GREEN, True)
    assert draft.deadline is not None
    assert draft.deadline.isoformat() == "2026-03-05T12:00:00+00:00"
    page = browser.get(f"/exchange/compose?draft={draft.id}").text
    typed = re.search(r'name="f-asked"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert typed is not None
    assert typed.group(1) == draft.fields["asked"]  # whole, with its lines: nothing is cut
    assert office.us.size(LINE) == 0


def test_what_was_shown_and_sent_back_unchanged_is_the_same_draft(office: Office) -> None:
    browser = office.site.signed_in("dora")
    browser.post("/exchange/compose", data={**REQUEST, "f-asked": "a\n\nb", "f-by_when": "soon"})
    before = office.only()
    again = {"f-asked": before.fields["asked"], "f-by_when": "soon", "marking": "amber"}
    written(browser, office, **again)
    assert office.only().fields == before.fields
    assert before.deadline is None  # "soon" is no time; the form says so
    assert "soon" in browser.get(f"/exchange/compose?draft={before.id}").text


def test_how_complete_it_is_is_told_while_it_is_written_and_nothing_kept(office: Office) -> None:
    browser = office.site.signed_in("dora")
    empty = browser.post("/exchange/compose/check", data=REQUEST)
    assert "What is asked" in empty.text.partition("Needed, missing")[2]
    full = browser.post("/exchange/compose/check", data={**REQUEST, "f-asked": "Who?"})
    assert "Needed, missing" not in full.text
    assert "Ready to be released" in full.text
    wrong = browser.post("/exchange/compose/check", data={**REQUEST, "f-when": "31 February"})
    assert "To put right" in wrong.text
    assert "<html" not in full.text
    assert not office.us.drafts()


def test_two_who_write_in_one_draft_lose_nothing(office: Office) -> None:
    one, other = office.site.signed_in("dora"), office.site.signed_in("ana")
    one.post("/exchange/compose", data={**REQUEST, "f-asked": "first"})
    page = one.get(f"/exchange/compose?draft={office.only().id}").text
    written(other, office, **{"f-asked": "theirs"})
    answer = one.post("/exchange/compose", data={**fields_of(page), "f-asked": "mine"})
    assert answer.status_code == 409
    assert "Somebody changed or sent this draft" in answer.text
    assert {d.fields["asked"] for d in office.us.drafts()} == {"theirs", "mine"}


def test_incidents_of_the_lists_at_hand_are_attached_by_their_ids(office: Office) -> None:
    browser = office.site.signed_in("dora")
    form = {**REQUEST, "f-asked": "Is this known?", "incidents": "dcid:43"}
    answer = browser.post("/exchange/compose", data=form)
    assert answer.headers["location"].endswith("said=attached")
    types = [o["type"] for o in office.only().objects]
    assert "incident" in types
    page = browser.get(f"/exchange/compose?draft={office.only().id}").text
    assert "<summary>incident: " in page
    dropped = [o["id"] for o in office.only().objects if o["type"] not in ("identity",)]
    written(browser, office, **{"f-asked": "Is this known?", "drop": dropped})
    assert "incident" not in [o["type"] for o in office.only().objects]


def test_a_file_of_stix_objects_is_attached_or_said_why_not_and_the_draft_kept(
    office: Office,
) -> None:
    browser = office.site.signed_in("dora")
    good = ("note.json", json.dumps(NOTE).encode(), "application/json")
    browser.post("/exchange/compose", data={**REQUEST, "f-asked": "a"}, files={"stix": good})
    assert [o["id"] for o in office.only().objects] == [NOTE["id"]]
    office.us.discard(office.only().id)
    for name, content in (("<b>.json", b"{"), ("x.json", b"\xff\xfe"), ("y", b'{"type":"x"}'),
                          ("deep.json", b"[" * 100_000)):  # fmt: skip
        bad = (name, content, "application/json")
        answer = browser.post("/exchange/compose", data={**REQUEST, "f-asked": "kept"},
                              files={"stix": bad})  # fmt: skip
        assert answer.status_code == 400
        assert "was not attached" in answer.text
        assert "kept as a draft" in answer.text
        assert "<b>.json" not in answer.text
        assert office.only().fields["asked"] == "kept"
        office.us.discard(office.only().id)
    answer = browser.post("/exchange/compose", data={**REQUEST, "incidents": "dcid:nothing"})
    assert "There is no incident" in answer.text


def test_what_no_form_of_ours_sends_is_refused(office: Office) -> None:
    browser = office.site.signed_in("dora")
    for odd in ({"kind": "decree"}, {"marking": "beige"}, {"thread": "../x"}, {"regards": "x"},
                {"line": "no-such"}, {"draft": "no-such"}, {"f-asked": "x" * 50_000}):  # fmt: skip
        answer = browser.post("/exchange/compose", data={**REQUEST, **odd})
        assert answer.status_code == 400, odd
        assert 'role="alert"' in answer.text
    too_large = browser.post("/exchange/compose", data={**REQUEST, "f-asked": "x" * 9_000_000})
    assert too_large.status_code == 413
    assert not office.us.drafts()


def test_a_release_shows_exactly_what_is_sent_and_sends_that(office: Office) -> None:
    office.site.signed_in("dora").post("/exchange/compose", data={**REQUEST, "f-asked": "Who?"})
    draft = office.only()
    browser = office.site.signed_in("rolf")
    page = browser.get(f"/exchange/release/{draft.id}").text
    shown = browser.get(f"/exchange/release/{draft.id}.json").json()
    assert shown["digest"] in page
    assert shown["body"]["fields"] == {"asked": "Who?"}
    assert "Who?" in page
    answer = browser.post(f"/exchange/release/{draft.id}", data={"digest": shown["digest"]})
    assert answer.status_code == 303
    (message,) = office.us.messages(LINE)
    assert answer.headers["location"].startswith(
        f"/exchange/thread/{message.message.header.thread}"
    )
    assert office.us.opened(message.message).fields == {"asked": "Who?"}
    gone = browser.get(f"/exchange/release/{draft.id}")
    assert gone.status_code == 404
    assert "was sent" in gone.text
    again = browser.post(f"/exchange/release/{draft.id}", data={"digest": shown["digest"]})
    assert again.status_code == 404
    assert office.us.size(LINE) == 1


def test_a_draft_changed_since_it_was_read_is_not_sent(office: Office) -> None:
    dora = office.site.signed_in("dora")
    dora.post("/exchange/compose", data={**REQUEST, "f-asked": "Who?"})
    browser, draft = office.site.signed_in("rolf"), office.only()
    digest = browser.get(f"/exchange/release/{draft.id}.json").json()["digest"]
    written(dora, office, **{"f-asked": "Something else"})
    for read in (digest, "", "0" * 64):
        answer = browser.post(f"/exchange/release/{draft.id}", data={"digest": read})
        assert answer.status_code == 409
    assert "Something else" in answer.text
    assert office.us.size(LINE) == 0


def test_an_incomplete_draft_has_no_button_and_is_not_sent(office: Office) -> None:
    office.site.signed_in("dora").post("/exchange/compose", data={**REQUEST, "f-why": "So."})
    browser, draft = office.site.signed_in("rolf"), office.only()
    page = browser.get(f"/exchange/release/{draft.id}").text
    assert "“What is asked” is missing" in page
    assert 'name="digest"' not in page
    digest = browser.get(f"/exchange/release/{draft.id}.json").json()["digest"]
    answer = browser.post(f"/exchange/release/{draft.id}", data={"digest": digest})
    assert answer.status_code == 409
    assert office.us.size(LINE) == 0


def test_what_breaks_the_order_of_a_thread_is_refused_and_kept_as_a_draft(office: Office) -> None:
    message = sent(office.cn, Kind.CHECK)
    bring(office.cn, office.us)
    header = message.header
    form = {"line": LINE, "kind": "closure", "thread": header.thread}
    browser = office.site.signed_in("ana")
    browser.post("/exchange/compose", data=form)
    draft = office.only()
    digest = browser.get(f"/exchange/release/{draft.id}.json").json()["digest"]
    answer = browser.post(f"/exchange/release/{draft.id}", data={"digest": digest})
    assert answer.status_code == 409
    assert office.only().id == draft.id


@two_persons
def test_two_different_persons_release_and_a_change_between_voids_the_first(office: Office) -> None:
    dora, ana, rolf = (office.site.signed_in(n) for n in ("dora", "ana", "rolf"))
    dora.post("/exchange/compose", data={**REQUEST, "f-asked": "Who?"})
    path = f"/exchange/release/{office.only().id}"

    def digest() -> str:
        return str(ana.get(f"{path}.json").json()["digest"])

    assert "Release as the first of two" in ana.get(path).text
    assert ana.post(path, data={"digest": digest()}).headers["location"].endswith("said=first")
    page = ana.get(path).text
    assert "You have released it." in page
    assert 'name="digest"' not in page
    assert ana.post(path, data={"digest": digest()}).status_code == 409  # not twice by one
    assert "<dd>ana" in rolf.get(path).text
    assert (
        "ana released this draft already"
        in dora.get(f"/exchange/compose?draft={office.only().id}").text
    )
    written(dora, office, **{"f-asked": "Who else?"})
    assert office.only().approvals == ()
    assert rolf.post(path, data={"digest": digest()}).headers["location"].endswith("said=first")
    assert office.us.size(LINE) == 0
    assert ana.post(path, data={"digest": digest()}).status_code == 303
    assert office.us.size(LINE) == 1


def test_answering_a_message_is_having_read_it(office: Office) -> None:
    message = sent(office.cn, Kind.NOTIFICATION, WHAT)
    bring(office.cn, office.us)
    browser = office.site.signed_in("ana")
    thread = browser.get(f"/exchange/thread/{message.header.thread}").text
    link = re.search(r'href="(/exchange/compose\?[^"]*kind=acknowledgement[^"]*)"', thread)
    assert link is not None
    form = fields_of(browser.get(link.group(1).replace("&amp;", "&")).text)
    answer = browser.post("/exchange/compose", data={**form, "do": "release"})
    path = answer.headers["location"]
    assert path == f"/exchange/release/{office.only().id}"
    digest = browser.get(f"{path}.json").json()["digest"]
    browser.post(path, data={"digest": digest})
    assert not office.us.unread()
    bring(office.us, office.cn)
    assert office.cn.thread(message.header.thread)[-1].message.header.regards == message.header.id
    page = browser.get(f"/exchange/thread/{message.header.thread}").text
    assert "state-met" in page


def test_a_draft_is_discarded_by_those_who_may_write(office: Office) -> None:
    browser = office.site.signed_in("dora")
    browser.post("/exchange/compose", data=REQUEST)
    draft = office.only().id
    assert browser.post(f"/exchange/drafts/{draft}/discard").status_code == 303
    assert not office.us.drafts()
    assert browser.get(f"/exchange/compose?draft={draft}").status_code == 404


def test_a_new_message_begins_with_a_choice_and_a_form_of_its_kind(office: Office) -> None:
    browser = office.site.signed_in("dora")
    page = browser.get("/exchange/compose").text
    assert 'value="notification"' in page
    page = browser.get(f"/exchange/compose?line={LINE}&kind=opinion").text
    assert "strongly-disagree" in page
    assert browser.get(f"/exchange/compose?line={LINE}&kind=x").status_code == 400
    assert browser.get("/exchange/compose?line=x&kind=request").status_code == 400
    assert CN in browser.get("/exchange").text
