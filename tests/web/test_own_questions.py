"""A question of a person's own: opened from a file, asked by its id, never found by a path."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted import SCRIPT, Strict
from starlette.testclient import TestClient

import comity
from comity.api_questions import kept_questions
from comity.errors import QuestionError
from comity.history.locks import lock_question, registration_of
from comity.incidents.load import load_evidence
from comity.verification import kept
from comity.verification.question import TEMPLATE, load_question
from comity.web.app import build_app
from comity.web.controls import NAMES
from comity.web.pages import VIEWS, routes_of
from comity.web.serve import open_world
from comity.web.world import World

HERE = "http://127.0.0.1:8015"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    with open_world(tmp_path / "home", workers=False) as made:
        yield made


@pytest.fixture
def browser(own: World) -> Iterator[TestClient]:
    app = build_app(own, VIEWS, routes_of(own))
    with TestClient(
        app, base_url=HERE, headers={"Origin": HERE}, follow_redirects=False
    ) as made:  # fmt: skip
        yield made


def send(browser: TestClient, own: World, text: str | bytes, name: str = "q.toml") -> object:
    content = text.encode() if isinstance(text, str) else text
    return browser.post(
        "/questions/add", data={"token": own.token}, files=[("question", (name, content))]
    )


def files_in(own: World) -> set[str]:
    """Return the names of all that is kept of questions, locks of writers aside."""
    assert own.home is not None
    folder = own.home / "questions"
    return {p.name for p in folder.iterdir()} - {".lock"} if folder.exists() else set()


def test_a_question_is_opened_asked_by_its_id_and_removed(own: World, browser: TestClient) -> None:
    answer = send(browser, own, TEMPLATE, "C:\\x\\../mine.toml")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/verdict/my-question?said=opened"
    page = browser.get("/verdict/my-question?said=opened").text
    assert "The question was opened" in page
    assert "What I ask, in one line" in page
    for name in NAMES:
        assert f'<select id="c-{name}" name="{name}"' in page
    assert "comity verify my-question" in page
    assert 'href="/verdict/my-question"' in browser.get("/questions").text
    assert browser.get("/questions/my-question.toml").text == TEMPLATE
    gone = browser.post("/questions/remove", data={"token": own.token, "name": "my-question"})
    assert gone.headers["location"] == "/questions?said=question_removed"
    assert browser.get("/verdict/my-question").status_code == 404
    assert files_in(own) == set()


def test_the_answer_is_that_of_the_file_and_moves_with_the_controls(
    own: World, browser: TestClient, tmp_path: Path
) -> None:
    send(browser, own, TEMPLATE)
    file = tmp_path / "my-question.toml"
    file.write_text(TEMPLATE, "utf-8")
    by_file, by_id = comity.verify(file), comity.verify("my-question")
    assert (by_file.changed, by_file.change) == (by_id.changed, by_id.change)
    shown = browser.get("/verdict/my-question.json").json()
    assert shown["verdict"]["changed"]["sentence"] == by_file.changed.sentence
    moved = browser.get("/verdict/my-question?comparison=target-alone&period=half-year")
    assert "--comparison target-alone --period half-year" in moved.text
    behind = browser.get("/incidents.json?question=my-question&cell=A&when=before").json()
    assert behind["question"] == "my-question"
    assert behind["incidents"] > 0


def test_one_of_the_same_id_is_replaced_and_a_registration_tells(
    own: World, browser: TestClient
) -> None:
    send(browser, own, TEMPLATE)
    lock_question(load_question("my-question"), load_evidence())
    later = TEMPLATE.replace('to = "2020"', 'to = "2018"')
    answer = send(browser, own, later)
    assert answer.headers["location"] == "/verdict/my-question?said=reopened"
    found = registration_of(load_question("my-question"))
    assert found is not None
    assert (found.state, [c.field for c in found.changes]) == ("changed", ["window.to"])
    assert files_in(own) == {"my-question.toml", "my-question.lock"}


def test_one_on_implementation_is_opened_too(own: World, browser: TestClient) -> None:
    text = (
        'id = "my-lines"\ntitle = "What was done?"\nkind = "implementation"\n'
        'instrument = "us-russia-2013"\nagreed = "2013-06-17"\n'
    )
    answer = send(browser, own, text)
    assert answer.headers["location"] == "/verdict/my-lines?said=opened", answer.text
    assert "not asked" in browser.get("/verdict/my-lines").text


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('agreed = "2015-09-25"', 'agreed = "2015-02-31"', "agreed"),
        ('agreed = "2015-09-25"', 'agreed = "2031-09-25"', "widen [window]"),
        ('initiator = ["CN"]', 'initiator = ["XX"]', "scope.initiator"),
        ('target = ["private"]', 'target = ["banks"]', "scope.target"),
        ('id = "my-question"', 'id = "../x"', "id"),
        ('id = "my-question"', 'id = "us-china-2015"', "a question that ships"),
        ('id = "my-question"', f'id = "{"x" * 65}"', "id: at most 64"),
        ('id = "my-question"', 'id = "my-question"\nmirror = "/etc/passwd"', "mirror"),
        ('id = "my-question"', 'id = "my-question"\nmirror = "./q.toml"', "mirror"),
        ('title = "What I ask, in one line"', f'title = "{"x" * 201}"', "title: at most 200"),
        ('instrument = "us-china-2015"', 'instrument = "nothing"', "instrument: there is no"),
        ('instrument = "us-china-2015"', 'instrument = "osce-1106"', "builds confidence"),
        ('from = "2006"', 'from = "0001"', "window.from: a year from 1980"),
        ('to = "2020"', 'to = "2090"', "window.to: at most 40 years"),
        ("[[rival]]", '[evidence]\nlists = ["nowhere"]\n[[rival]]', "evidence.lists: there is no"),
        ("[[rival]]", '[[definition]]\nid = "d"\nby = "CN"\nuses = "none-such"\n[[rival]]',
         "none-such"),
        ("[[rival]]", '[[rival]]\ndate = 2014-05-19\nwhat = "x"\n' * 101 + "[[rival]]", "rival"),
        ("[[rival]]", "".join(f'[[variant]]\nid = "v{n}"\n' for n in range(30)) + "[[rival]]",
         "at most 30 scopes"),
        ("[scope]", "[scope", "not TOML"),
        ("[scope]", f"a = {'9' * 5000}\n[scope]", "not TOML"),
        ("[scope]", f"a = {'[' * 20000}\n[scope]", "nested too deeply"),
        ("[scope]", f"# {'x' * 60000}\n[scope]", "too large"),
    ],
    ids=lambda text: str(text)[:24],
)  # fmt: skip
def test_one_that_cannot_be_asked_names_the_field_and_is_not_kept(
    own: World, browser: TestClient, old: str, new: str, field: str
) -> None:
    assert old in TEMPLATE
    answer = send(browser, own, TEMPLATE.replace(old, new, 1))
    assert answer.status_code == 400
    assert field.replace("'", "&#39;") in answer.text
    assert "root:" not in answer.text
    assert files_in(own) == set()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"PK\x03\x04", b"\x00" * 100, b"id = 'x'"]
)
def test_a_file_that_is_no_question_is_refused(
    own: World, browser: TestClient, content: bytes
) -> None:
    answer = send(browser, own, content)
    assert answer.status_code == 400
    assert files_in(own) == set()
    none = browser.post("/questions/add", data={"token": own.token, "question": "text"})
    assert none.status_code == 400
    assert "Choose one question file" in none.text


def test_what_a_question_says_is_never_run(own: World, browser: TestClient) -> None:
    evil = TEMPLATE.replace("What I ask, in one line", f"{SCRIPT}=1+1 {{{{ 7*7 }}}}")
    evil = evil.replace("what must hold for this comparison to be fair", f"'{SCRIPT}")
    evil = evil.replace("what else happened", f"<img src=x onerror=alert(1)>{SCRIPT}")
    assert send(browser, own, evil, f"{SCRIPT}.toml").status_code == 303
    pages = [
        "/questions", "/verdict/my-question", "/verdict/my-question/briefing.html",
        "/incidents?question=my-question&cell=A&when=before", "/verdict/my-question/examined",
    ]  # fmt: skip
    for path in pages:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert SCRIPT not in answer.text
        assert "<img src=x" not in answer.text
        assert "49 " not in answer.text.partition("<h1>")[2].partition("</h1>")[0]
        Strict().feed(answer.text)
    sheet = browser.get("/questions.csv").text
    assert SCRIPT in sheet  # text in a cell, and no formula
    refused = send(browser, own, evil.replace('"CN"', f'"{SCRIPT}"'), f"{SCRIPT}.toml")
    assert refused.status_code == 400
    assert SCRIPT not in refused.text


def test_an_address_names_an_id_and_no_file(own: World, browser: TestClient) -> None:
    assert own.home is not None
    outside = own.home.parent / "secret.toml"
    outside.write_text(TEMPLATE, "utf-8")
    send(browser, own, TEMPLATE)
    for name in ("..%2fsecret", "../secret", str(outside).replace("/", "%2F"), ".lock", "secret",
                 "my-question.toml", "my-question%00", "..%2f..%2fsecret.toml"):  # fmt: skip
        for path in (f"/verdict/{name}", f"/questions/{name}.toml",
                     f"/incidents?question={name}&cell=A"):  # fmt: skip
            answer = browser.get(path)
            assert answer.status_code in (400, 404), (path, answer.text[:200])
    for name in ("../secret", ".lock", "", "us-china-2015"):
        answer = browser.post("/questions/remove", data={"token": own.token, "name": name})
        assert answer.status_code == 400
    assert outside.exists()


def test_a_kept_file_that_somebody_broke_says_so_on_its_page(
    own: World, browser: TestClient
) -> None:
    send(browser, own, TEMPLATE)
    assert own.home is not None
    folder = own.home / "questions"
    (folder / "broken.toml").write_text("id = [", "utf-8")
    (folder / "other.toml").write_text(TEMPLATE, "utf-8")
    (folder / "Not an id.toml").write_text(TEMPLATE, "utf-8")
    rows = {one.id: one.problem for one in kept_questions(own.home)}
    assert rows["my-question"] == ""
    assert "not TOML" in rows["broken"]
    assert "not the file's name" in rows["other"]
    assert set(rows) == {"my-question", "broken", "other"}
    page = browser.get("/questions")
    assert page.status_code == 200
    assert "not the file" in page.text
    assert browser.get("/verdict/other").status_code == 400


def test_files_to_begin_from_can_be_asked(browser: TestClient) -> None:
    begun = browser.get("/questions/new/my-question.toml")
    assert begun.headers["content-disposition"] == 'attachment; filename="my-question.toml"'
    assert tomllib.loads(begun.text)["id"] == "my-question"
    shipped = tomllib.loads(browser.get("/questions/us-china-2015.toml").text)
    assert shipped["id"] == "us-china-2015"


def test_no_more_are_kept_than_can_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    assert [kept.keep(name, "x", tmp_path) for name in ("a", "b", "a")] == [False, False, True]
    with pytest.raises(QuestionError, match="Remove one"):
        kept.keep("c", "x", tmp_path)
    assert kept.kept_ids(tmp_path) == ("a", "b")


def test_no_question_is_opened_from_elsewhere_or_where_nothing_may_change(
    own: World, browser: TestClient, tmp_path: Path
) -> None:
    sent = [("question", ("q.toml", TEMPLATE.encode()))]
    assert browser.post("/questions/add", files=sent).status_code == 403
    elsewhere = {"Origin": "http://evil.example"}
    answer = browser.post(
        "/questions/add", data={"token": own.token}, files=sent, headers=elsewhere
    )
    assert answer.status_code == 403
    large = [("question", ("q.toml", b"#" * 100_000))]
    assert browser.post("/questions/add", data={"token": own.token}, files=large).status_code == 413
    assert files_in(own) == set()
    with (
        open_world(tmp_path / "closed", workers=False, editable=False) as closed,
        TestClient(build_app(closed, VIEWS), base_url=HERE, headers={"Origin": HERE}) as read,
    ):
        assert read.post("/questions/add", data={"token": ""}, files=sent).status_code == 404
        assert 'method="post"' not in read.get("/questions").text
        assert 'href="/questions"' not in read.get("/verdicts").text
