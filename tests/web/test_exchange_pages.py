"""The pages of the exchange: what they show, who may see and do what, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from exchange_world import HERE, LINE, US, WHAT, WORDS, Kind, Message, Role, Site, bring, sent, site
from exchange_world import two_desks as make_desks

from comity.exchange import accounts
from comity.exchange.account_check import verify_account
from comity.exchange.desk import Desk
from comity.web.exchange.room import Place
from comity.web.exchange.routes import PLACES
from comity.web.exchange.sessions import IDLE, WHOLE

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3)"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost a test nothing, and no memory of failed sign-ins."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: hasher)
    accounts.SIGN_INS._held.clear()


class Two:
    """Two desks and the workbench of the first; `notified` is what the other told it."""

    def __init__(self, us: Desk, cn: Desk, site: Site, clock: Any) -> None:
        self.us, self.cn, self.site, self.clock = us, cn, site, clock

    def notified(self, fields: dict[str, Any] | None = None, **said: Any) -> Message:
        message = sent(self.cn, Kind.NOTIFICATION, fields or WHAT, **said)
        assert not [o for o in bring(self.cn, self.us) if o.reason]
        return message


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    us, cn, clock = make_desks(tmp_path)
    with site(tmp_path, us) as found:
        yield Two(us, cn, found, clock)
    us.close()
    cn.close()


def state(desk: Desk) -> tuple[Any, ...]:
    """Return what a change would change."""
    return desk.drafts(), desk.size(LINE), desk.unread(), accounts.all_people(desk)


# the roles


def test_every_route_of_the_exchange_asks_for_a_sign_in(two: Two) -> None:
    browser = two.site.browser()
    paths = [r.path for r in two.site.app.routes if r.path.startswith("/exchange")]  # type: ignore[attr-defined]
    assert len(paths) > 20
    for path in paths:
        address = re.sub(r"\{[a-z]+\}", LINE, path)
        if path in ("/exchange/sign-in", "/exchange/icon/{n}.svg", "/exchange/sign-out"):
            continue
        answer = browser.get(address)
        if path.endswith(".json"):
            assert answer.status_code == 401, path
        elif answer.status_code != 405:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/exchange/sign-in?next=")
    for place in PLACES:
        if place.change:
            address = re.sub(r"\{[a-z]+\}", LINE, place.path)
            answer = browser.post(address, two.site.world.token)
            assert answer.status_code == 401, address


@pytest.mark.parametrize("name", ["ana", "rita", "dora", "rolf", "kai", "nil", "del"])
def test_a_person_sees_and_does_what_its_roles_allow_and_nothing_else(two: Two, name: str) -> None:
    message = two.notified()
    draft = two.us.draft(LINE, Kind.REQUEST, fields={"asked": "What was taken?"})
    browser = two.site.signed_in(name)
    token, roles = browser.token(), two_roles(name)
    before = state(two.us)
    for place in PLACES:
        address = place.path.replace("{line}", LINE).replace("{thread}", message.header.thread)
        address = address.replace("{draft}", draft.id)
        allowed = not place.roles or bool(place.roles & roles)
        if place.show:
            for form in ("", ".json") if place.json else ("",):
                answer = browser.get(address + form)
                expected = (200, 404) if form else (200,)  # a page of no data has no JSON
                assert answer.status_code in (expected if allowed else (403,)), (address, form)
                assert answer.headers["cache-control"] == "no-store"
                if not allowed:
                    assert "needs the role" in answer.text
                    assert "grid operator" not in answer.text
        if place.change and not allowed:
            answer = browser.post(address, token)
            assert answer.status_code == 403, address
            assert "Nothing was changed" in answer.text
    if not roles & {Role.READ, Role.DRAFT, Role.RELEASE}:
        assert state(two.us) == before
    answer = browser.get("/exchange/unread.json")
    assert answer.status_code == (200 if Role.READ in roles else 403)


def two_roles(name: str) -> frozenset[Role]:
    from exchange_world import PEOPLE

    return frozenset(PEOPLE[name])


def test_roles_hold_from_the_next_request_on(two: Two) -> None:
    browser = two.site.signed_in("dora")
    assert browser.get("/exchange/compose").status_code == 200
    accounts.set_roles(two.us, "dora", [Role.READ])
    assert browser.get("/exchange/compose").status_code == 403
    accounts.remove_person(two.us, "dora")
    assert browser.get("/exchange").status_code == 303


# CSRF


@pytest.mark.parametrize("place", [p for p in PLACES if p.change], ids=lambda p: p.path)
def test_no_form_is_taken_without_the_token_of_its_session(two: Two, place: Place) -> None:
    message = two.notified()
    draft = two.us.draft(LINE, Kind.REQUEST, fields={"asked": "What was taken?"})
    address = place.path.replace("{line}", LINE).replace("{thread}", message.header.thread)
    address = address.replace("{draft}", draft.id)
    one, other = two.site.signed_in("ana"), two.site.signed_in("ana")
    before = state(two.us)
    for token in ("", "x", two.site.world.token, other.token()):
        answer = one.post(address, token, data={"digest": "x", "line": LINE, "kind": "request"})
        assert answer.status_code == 403
        assert "another session" in answer.text
    elsewhere = one.post(address, headers={"Origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    assert state(two.us) == before


# signing in


def test_a_sign_in_makes_a_new_session_whatever_the_browser_brought(two: Two) -> None:
    browser = two.site.browser()
    name = "comity_exchange_8015"
    data = {"token": two.site.world.token, "name": "ana", "password": WORDS}
    answer = browser.client.post(
        "/exchange/sign-in", data=data,
        headers={"Origin": HERE, "Cookie": f"{name}=planted-by-somebody-else"},
    )  # fmt: skip
    cookie = answer.headers["set-cookie"]
    assert "planted" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    attacker = two.site.browser()
    attacker.client.cookies.set(name, "planted-by-somebody-else")
    assert attacker.get("/exchange").status_code == 303
    form = {"name": "ana", "password": WORDS}  # the session before ends with a new sign-in
    again = browser.client.post(
        "/exchange/sign-in", data={**form, "token": two.site.world.token},
        headers={"Origin": HERE, "Cookie": f"{name}={secret}"},
    )  # fmt: skip
    assert again.status_code == 303
    attacker.client.cookies.set(name, secret)
    assert attacker.get("/exchange").status_code == 303


def test_signing_out_ends_the_session_itself(two: Two) -> None:
    browser = two.site.signed_in("ana")
    secret = browser.client.cookies["comity_exchange_8015"]
    assert browser.post("/exchange/sign-out", "wrong").status_code == 403
    assert browser.get("/exchange").status_code == 200
    assert browser.post("/exchange/sign-out").status_code == 303
    browser.client.cookies.set("comity_exchange_8015", secret)
    assert browser.get("/exchange").status_code == 303


def test_under_https_the_cookie_is_secure_and_of_this_host_alone(two: Two) -> None:
    browser = two.site.browser()
    browser.client.base_url = "https://127.0.0.1:8443"  # type: ignore[assignment]
    token = browser.token("/exchange/sign-in")
    data = {"token": token, "name": "ana", "password": WORDS, "next": ""}
    answer = browser.client.post("/exchange/sign-in", data=data,
                                 headers={"Origin": "https://127.0.0.1:8443"})  # fmt: skip
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-comity_exchange_8443=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/exchange//evil.example",
     "/exchange/../data", "javascript:alert(1)", "/exchange\r\nSet-Cookie: a=b", "/exchangeevil",
     "/exchange/@evil.example\t", "/data", "/exchange/sign-in?next=x", "\x00", "/exchange/%0d%0aX"],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_but_to_the_exchange(two: Two, back: str) -> None:
    answer = two.site.browser().sign_in("ana", back=back)
    where = answer.headers["location"]
    assert where == "/exchange" or where.startswith("/exchange/%0d"), where
    page = two.site.browser().get("/exchange/sign-in", params={"next": back}).text
    assert "evil.example" not in page


def test_the_way_back_is_kept_through_a_sign_in(two: Two) -> None:
    asked = two.site.browser().get(f"/exchange/line/{LINE}?x=1").headers["location"]
    assert asked == f"/exchange/sign-in?next=/exchange/line/{LINE}%3Fx%3D1"
    answer = two.site.browser().sign_in("ana", back=f"/exchange/line/{LINE}?x=1")
    assert answer.headers["location"] == f"/exchange/line/{LINE}?x=1"


def test_guessing_has_to_wait_and_a_wrong_name_is_told_as_a_wrong_password(two: Two) -> None:
    browser = two.site.browser()
    said = {browser.sign_in(name, "wrong words here").text.count("do not belong together")
            for name in ("ana", "nobody", HOSTILE)}  # fmt: skip
    assert said == {1}
    for _ in range(5):
        answer = browser.sign_in("ana", "wrong words here")
    assert answer.status_code == 403
    assert "Too many sign-ins failed" in answer.text
    assert "Too many" in browser.sign_in("ana").text


def test_a_session_left_alone_shows_only_the_number_and_loses_no_draft(two: Two) -> None:
    two.notified()
    browser = two.site.signed_in("ana")
    token = browser.token()
    two.site.seconds.at += IDLE + 1
    assert browser.get("/exchange").status_code == 303
    found = browser.get("/exchange/unread.json").json()
    assert (found["unread"], found["signed_in"]) == (1, False)
    form = {"line": LINE, "kind": "request", "f-asked": "Written for an hour."}
    assert browser.post("/exchange/compose", token, data=form).status_code == 303
    assert [d.fields["asked"] for d in two.us.drafts()] == ["Written for an hour."]
    draft = two.us.drafts()[0].id
    assert browser.post(f"/exchange/release/{draft}", token).status_code == 401
    assert browser.get("/exchange").status_code == 303  # saving was no sign-in
    two.site.seconds.at += WHOLE
    assert browser.get("/exchange/unread.json").status_code == 401


def test_asking_for_the_number_does_not_keep_a_session_alive(two: Two) -> None:
    browser = two.site.signed_in("ana")
    for _ in range(10):
        two.site.seconds.at += IDLE / 5
        assert browser.get("/exchange/unread.json").status_code == 200
    assert browser.get("/exchange").status_code == 303


def test_a_new_password_ends_every_other_session(two: Two) -> None:
    one, other = two.site.signed_in("ana"), two.site.signed_in("ana")
    form = {"old": WORDS, "new": "other words to keep", "again": "other words to keep"}
    wrong = one.post("/exchange/password", data={**form, "old": "not the old words"})
    assert "do not belong together" in wrong.text
    assert "typed in two ways" in one.post("/exchange/password", data={**form, "again": "x"}).text
    assert one.post("/exchange/password", data=form).status_code == 303
    assert one.get("/exchange").status_code == 200
    assert other.get("/exchange").status_code == 303


# what the pages show


def test_the_inbox_shows_what_is_unread_due_and_overdue(two: Two) -> None:
    message = two.notified()
    browser = two.site.signed_in("rita")
    page = browser.get("/exchange").text
    assert "Notification</a> <span>from china.example on us-cn-hotline" in page
    assert "us.example: Acknowledgement" in page
    assert "24 h left" in page
    two.clock.move(hours=30)
    page = browser.get("/exchange").text
    assert "state-overdue" in page
    assert "by 6 h" in page
    data = browser.get("/exchange.json").json()
    assert data["unread"][0]["id"] == message.header.id
    assert data["owed_by_us"][0]["state"] == "overdue"
    assert "drafts" not in data  # rita may only read


def test_what_could_not_be_delivered_is_shown_with_its_last_error(two: Two) -> None:
    message = sent(two.us, Kind.NOTIFICATION, WHAT)
    two.us.postponed(LINE, [message.digest], "china.example", f"connection refused {HOSTILE}")
    page = two.site.signed_in("rita").get("/exchange").text
    assert "tried 1 ×" in page
    assert "connection refused &lt;script&gt;" in page


def test_an_alarm_says_what_is_wrong_and_what_to_do(two: Two) -> None:
    two.us.open_line(LINE, ["china.example"], "Other terms")
    from dataclasses import replace

    line = two.us.line(LINE)
    two.us.open_line(LINE, ["china.example"], terms=replace(line.terms, answer_hours=5))
    two.notified()
    page = two.site.signed_in("rita").get("/exchange").text
    assert "The terms of a line differ" in page
    assert "both must hold the same" in page


def test_a_thread_shows_fields_evidence_signatures_and_what_may_be_sent(two: Two) -> None:
    message = two.notified()
    browser = two.site.signed_in("ana")
    page = browser.get(f"/exchange/thread/{message.header.thread}").text
    assert "Credentials of a grid operator were stolen." in page
    assert "Holds, by the key" in page
    assert page.count("<circle") == 1
    assert page.count('class="bar bar-due"') == 1  # the acknowledgement that we owe
    assert f"regards={message.header.id}" in page
    for kind in ("acknowledgement", "request", "closure"):
        assert f"kind={kind}" in page
    data = browser.get(f"/exchange/thread/{message.header.thread}.json").json()
    assert data["messages"][0]["fields"]["when"] == "2026-02"
    assert browser.get("/exchange/thread/no-such").status_code == 404


def test_reading_is_said_and_not_assumed(two: Two) -> None:
    message = two.notified()
    browser = two.site.signed_in("rita")
    path = f"/exchange/thread/{message.header.thread}"
    browser.get(path)
    assert len(two.us.unread()) == 1  # looking changes nothing
    browser.post(f"{path}/read", data={"digest": "0" * 64})
    assert len(two.us.unread()) == 1
    browser.post(f"{path}/read", data={"digest": message.digest})
    assert not two.us.unread()


def test_hostile_text_is_text_on_every_page(two: Two) -> None:
    note = {
        "type": "note", "spec_version": "2.1", "id": "note--0f8fad5b-d9cb-469f-a165-70867728950e",
        "created": "2026-03-01T00:00:00.000Z", "modified": "2026-03-01T00:00:00.000Z",
        "abstract": HOSTILE, "content": HOSTILE,
        "object_refs": ["note--0f8fad5b-d9cb-469f-a165-70867728950e"],
    }  # fmt: skip
    fields = {**WHAT, "happened": HOSTILE, "asked": f"one\ntwo {HOSTILE}", "extra": HOSTILE}
    message = two.notified(fields, objects=[note])
    browser = two.site.signed_in("ana")
    two.us.draft(LINE, Kind.NOTIFICATION, fields=fields, objects=[note], provision=HOSTILE)
    draft = two.us.drafts()[0].id
    for path in ("/exchange", f"/exchange/thread/{message.header.thread}",
                 f"/exchange/line/{LINE}", f"/exchange/journal/{LINE}", "/exchange/drafts",
                 f"/exchange/compose?draft={draft}", f"/exchange/release/{draft}"):  # fmt: skip
        page = browser.get(path).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert not re.search(r'href="(?!/|#|https?:)', page), path
        assert "style=" not in page
    page = browser.get(f"/exchange/thread/{message.header.thread}").text
    assert "one<br>two &lt;script&gt;" in page


def test_a_line_shows_contacts_terms_times_and_its_journal(two: Two) -> None:
    two.notified()
    browser = two.site.signed_in("rita")
    page = browser.get(f"/exchange/line/{LINE}").text
    for text in ("The china.example team", "Acknowledge within", "Fingerprint", "Answer times"):
        assert text in page
    assert "never from this page" in page
    answer = browser.post(f"/exchange/journal/{LINE}/verify")
    assert answer.headers["location"].endswith("said=verified")
    page = browser.get(f"/exchange/journal/{LINE}").text
    assert "sound" in page
    assert "1 entries" in page
    data = browser.get(f"/exchange/journal/{LINE}.json").json()
    assert data["journal"]["last"]["by"] == "rita"
    assert data["entries"][0]["what"] == "received"
    assert browser.get("/exchange/line/no-such").status_code == 404
    assert browser.get(f"/exchange/journal/{LINE}?page=2").status_code == 400


def test_a_changed_journal_is_shown_as_not_sound(two: Two) -> None:
    from sqlalchemy import text

    two.notified()
    with two.us.database.writing() as link:
        link.execute(text("UPDATE messages SET root = replace(root, 'grid', 'gird')"))
    browser = two.site.signed_in("rita")
    browser.post(f"/exchange/journal/{LINE}/verify")
    assert (
        "The journal is not sound from entry 1 on." in browser.get(f"/exchange/journal/{LINE}").text
    )


def test_the_alarm_counts_and_its_icon_carries_a_number_only(two: Two) -> None:
    browser = two.site.signed_in("rita")
    assert browser.get("/exchange/unread.json").json()["unread"] == 0
    two.notified()
    found = browser.get("/exchange/unread.json")
    assert found.json()["unread"] == 1
    assert found.json()["latest"]
    assert "grid" not in found.text
    assert ">7</text>" in browser.get("/exchange/icon/7.svg").text
    for odd in ("100", "-1", "%3Cscript%3E", "٣", "0x1"):
        assert browser.get(f"/exchange/icon/{odd}.svg").status_code == 404


def test_pages_of_the_exchange_are_in_no_cache_and_no_description(two: Two) -> None:
    browser = two.site.signed_in("ana")
    for path in ("/exchange", "/exchange.json", f"/exchange/line/{LINE}", "/exchange/compose"):
        answer = browser.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
    assert not [p for p in browser.get("/openapi.json").json()["paths"] if "exchange" in p]
    assert json.dumps(US) not in browser.get("/openapi.json").text


def test_without_a_desk_there_is_no_exchange(client: Any) -> None:
    assert client.get("/exchange").status_code == 404
    page = client.get("/").text
    assert 'href="/exchange' not in page
    assert "exchange.js" not in page


def test_a_thread_leads_to_its_account_and_the_file_that_proves_it(two: Two) -> None:
    message = two.notified({**WHAT, "happened": HOSTILE})
    sent(two.us, Kind.ACKNOWLEDGEMENT, thread=message.header.thread, regards=message.header.id)
    browser = two.site.signed_in("rita")
    path = f"/exchange/thread/{message.header.thread}"
    page = browser.get(path).text
    assert f'href="{path}/account"' in page
    shown = browser.get(f"{path}/account")
    assert "This account holds: 2 messages" in shown.text
    assert "Regards: Notification, message 1 of china.example" in shown.text
    assert "<script" not in shown.text
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    bundle = browser.get(f"{path}/account?as=bundle")
    assert "attachment" in bundle.headers["content-disposition"]
    assert verify_account(bundle.json()).sound
    assert browser.get(f"{path}/account?as=else").status_code == 400


def test_tables_become_notes_on_a_telephone(two: Two) -> None:
    message = two.notified()
    two.us.draft(LINE, Kind.REQUEST, fields={"asked": "What was taken?"})
    sent(two.us, Kind.CHECK)
    browser = two.site.signed_in("ana")
    for path in ("/exchange", "/exchange/drafts", f"/exchange/line/{LINE}",
                 f"/exchange/thread/{message.header.thread}"):  # fmt: skip
        tables = re.findall(r"<table([^>]*)>(.*?)</table>", browser.get(path).text, re.DOTALL)
        assert tables, path
        for attributes, text in tables:
            assert "stack" in attributes, path
            heads = set(re.findall(r'<th scope="col">([^<]*)</th>', text))
            for cell, inside in re.findall(r"<td([^>]*)>(.*?)</td>", text, re.DOTALL):
                label = re.search(r'data-label="([^"]*)"', cell)
                assert (label and label[1] in heads) or "<a " in inside or not inside.strip(), (
                    inside
                )


def test_the_inbox_and_a_line_are_turned_over_page_by_page(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.web.exchange.inbox.MOST", 2)
    monkeypatch.setattr("comity.web.exchange.line.MOST", 2)
    threads = [two.notified().header.thread for _ in range(5)]
    browser = two.site.signed_in("rita")
    for path in ("/exchange", f"/exchange/line/{LINE}"):
        pages = [browser.get(f"{path}?page={n}").text for n in (1, 2, 3)]
        found = [set(re.findall(r'<th scope="row"><a href="/exchange/thread/([^"#]+)"', page))
                 for page in pages]  # fmt: skip
        assert found == [set(threads[3:]), set(threads[1:3]), set(threads[:1])]
        assert f'href="{path}?page=2"' in pages[0]
        for wrong in ("4", "x", "0"):
            assert browser.get(f"{path}?page={wrong}").status_code == 400
    assert browser.get("/exchange.json?page=2").json()["unread_count"] == 5
