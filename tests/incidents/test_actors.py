"""The actor table: names in any spelling, claims by source, and what it will not decide."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import ComityError, SourceError
from comity.incidents import actors
from comity.incidents.actors import (
    ActorTable,
    actor_table,
    check_actors,
    load_actors,
    name_key,
)

FIELDS = ("actor", "source", "says", "country", "basis", "address")
AT = "https://a.example"


def made(
    names: dict[str, list[str]], claims: list[tuple[str, str, str, str]] | None = None
) -> ActorTable:
    """Return a table of actors (id: names), and claims (actor, source, says, country)."""
    return actor_table(
        {
            "actors.tsv": [
                {"id": i, "name": n[0], "attack": "", "misp": ""} for i, n in names.items()
            ],
            "aliases.tsv": [
                {"actor": i, "alias": n, "source": "misp"}
                for i, all_ in names.items()
                for n in all_
            ],
            "claims.tsv": [
                dict(zip(FIELDS, (*claim, "here", AT), strict=True)) for claim in claims or ()
            ],
        }
    )


def test_the_table_that_ships_has_no_problems() -> None:
    assert check_actors() == ()
    table = load_actors()
    assert len(table.actors) > 1_000
    assert all(a.name in {alias.name for alias in a.aliases} for a in table.actors)


@pytest.mark.parametrize("spelling", ["APT28", "apt-28", "Apt 28", "fancy_bear", "G0007"])
def test_a_name_is_found_in_any_spelling(spelling: str) -> None:
    found = load_actors().find(spelling)
    assert [a.attack for a in found.actors] == ["G0007"]
    assert (found.country, found.sponsored) == ("RU", True)


def test_group_and_team_may_be_left_out() -> None:
    table = made({"heron": ["Heron Group"], "crane": ["Crane Team"], "ibis": ["Ibis", "Ibis Team"]})
    assert [table.find(n).actors[0].id for n in ("HERON", "crane", "Ibis")] == [
        "heron", "crane", "ibis",
    ]  # fmt: skip


def test_a_name_of_two_actors_is_ambiguous() -> None:
    claims = [("a", "misp", "origin", "CN"), ("b", "misp", "origin", "CN")]
    found = made({"a": ["Heron"], "b": ["Crane", "heron"]}, claims).find("Heron")
    assert found.ambiguous
    assert [a.id for a in found.actors] == ["a", "b"]
    assert found.country == "CN"  # whoever it is, all sources say so


def test_a_name_of_two_actors_of_which_one_is_tied_to_nobody_has_no_country() -> None:
    found = made({"a": ["Heron"], "b": ["heron"]}, [("a", "misp", "origin", "CN")]).find("heron")
    assert (found.country, found.countries) == ("", ("CN",))


def test_sources_that_differ_stay_side_by_side() -> None:
    claims = [("a", "misp", "sponsor", "CN"), ("a", "aptgroups", "origin", "RU")]
    found = made({"a": ["Heron"]}, claims).find("heron")
    (actor,) = found.actors
    assert actor.conflict
    assert [(c.source, c.country) for c in actor.claims] == [("misp", "CN"), ("aptgroups", "RU")]
    assert (found.ambiguous, found.country) == (True, "")


@pytest.mark.parametrize("name", ["", " - ", "no such heron"])
def test_a_name_that_nobody_has_is_nobodys(name: str) -> None:
    found = load_actors().find(name)
    assert (found.actors, found.country, found.ambiguous, found.sponsored) == ((), "", False, False)


def test_names_of_other_scripts_are_names() -> None:
    assert name_key("Турла") == "турла"
    assert name_key("ＡＰＴ２８") == "apt28"


@pytest.mark.parametrize(
    ("file", "row", "told"),
    [
        ("aliases.tsv", "nobody\tHeron\tmisp", "there is no actor 'nobody'"),
        ("aliases.tsv", "a\tHeron\tmine", "source is 'mine'; allowed are attack"),
        ("aliases.tsv", "a\t--\tmisp", "neither letter nor digit"),
        ("aliases.tsv", "a\tHer\x1bon\tmisp", "do not print"),
        ("aliases.tsv", "a\tHeron\tmisp", "there twice"),
        ("claims.tsv", f"a\tmisp\tguess\tCN\tx\t{AT}", "says is 'guess'"),
        ("claims.tsv", f"a\tmisp\torigin\tChina\tx\t{AT}", "'China' is not a country's code"),
        ("claims.tsv", "a\tmisp\torigin\tCN\tx\tjavascript:alert(1)", "not an http"),
        ("claims.tsv", "a\tmisp", "2 cells; there must be 6"),
        ("actors.tsv", "a\tHeron\t\t", "there twice"),
        ("actors.tsv", "b\tCrane\t\t", "b has no alias row"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, row: str, told: str
) -> None:
    folder = tmp_path / "data" / "actors"
    folder.mkdir(parents=True)
    right = {"actors.tsv": "a\tHeron\t\t", "aliases.tsv": "a\tHeron\tmisp", "claims.tsv": ""}
    for name, columns in actors.COLUMNS.items():
        rows = ["\t".join(columns), right[name], *([row] if name == file else [])]
        (folder / name).write_text("\n".join(filter(None, rows)) + "\n", "utf-8")
    monkeypatch.setattr(actors.resources, "files", lambda _: tmp_path)
    problems = check_actors()
    assert len(problems) == 1
    assert told in problems[0]
    assert problems[0].startswith(file)
    load_actors.cache_clear()
    with pytest.raises(SourceError, match="actor table is damaged"):
        load_actors()
    load_actors.cache_clear()


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["evidence", "actors", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_command_says_who_says_what() -> None:
    shown = run("fancy bear")
    for text in ("APT28", "Sofacy", "Russia (RU)", "attack", "misp", "aptgroups", "https://"):
        assert text in shown
    assert max(map(len, shown.splitlines())) <= 80 or "https://" in shown
    assert "ambiguous" not in shown
    assert "it is ambiguous" in run("Charming Kitten")
    assert "actors under" in run()


def test_the_command_says_where_sources_conflict() -> None:
    (name, *_) = [a.name for a in load_actors().actors if a.conflict]
    shown = run(name)
    assert "conflict" in shown
    assert "the table does not say" in shown


def test_the_same_is_there_as_data() -> None:
    data = json.loads(run("apt28", "--json"))
    assert (data["country"], data["ambiguous"]) == ("RU", False)
    (actor,) = data["actors"]
    assert {c["source"] for c in actor["claims"]} == {"attack", "misp", "aptgroups"}
    assert len(json.loads(run("--json"))) == len(load_actors().actors)


def test_a_name_that_is_nearly_one_is_helped() -> None:
    with pytest.raises(ComityError, match=r"called 'Sandwurm'. Did you mean Sandworm"):
        run("Sandwurm")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    import importlib.util
    import sys

    path = Path(__file__).resolve().parents[2] / "tools" / "make_actors.py"
    spec = importlib.util.spec_from_file_location("make_actors", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_actors"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("X is a Chinese threat group that targets Japan.", ("CN", "origin")),
        ("X is a suspected Iranian state-sponsored group.", ("IR", "sponsor")),
        ("X is a group that has been attributed to Russia's Federal Security Service.",
         ("RU", "sponsor")),
        ("X is a Russian-speaking cyber espionage group.", None),
        ("X has heavily targeted Turkish victims.", None),
        ("X is a group that attacks the Chinese government.", None),
    ],
)  # fmt: skip
def test_a_country_is_read_only_where_it_is_said(
    maker: ModuleType, text: str, told: tuple[str, str] | None
) -> None:
    assert maker.said(text) == told


def test_names_are_cleaned_and_remarks_left_out(maker: ModuleType) -> None:
    cell = "Heron\x1b[31m, Grey\u202eHeron;APT 0 (see below), 77, ?, https://a.example, " + "x" * 70
    assert list(maker.names_in(cell)) == ["Heron[31m", "GreyHeron", "APT 0"]


def test_entries_are_joined_only_for_a_reason(maker: ModuleType) -> None:
    def entry(name: str, source: str, *more: str, attack: str = "") -> object:
        aliases = {(n, source): None for n in (name, *more)}
        return maker.Entry(name, attack=attack, aliases=aliases)

    found = maker.joined(
        [entry("Heron", "attack", "Grey", attack="G1"), entry("Ibis", "attack", attack="G2")],
        [
            entry("heron", "misp"),  # the first names agree
            entry("Other", "misp", "Grey", attack="G1"),  # the identifier and a name
            entry("Stork", "misp", "Ibis"),  # one name only: apart
            entry("Crane", "misp", attack="G2"),  # the identifier only: apart
        ],
        [entry("Big", "aptgroups", "Stork", "Ibis")],  # two names of one, one of another
    )
    assert [sorted({n for n, _ in a.aliases}) for a in found] == [
        ["Grey", "Heron", "Other", "heron"], ["Ibis"], ["Big", "Ibis", "Stork"], ["Crane"],
    ]  # fmt: skip
    assert [a.attack for a in found] == ["G1", "G2", "", ""]


def test_what_ships_is_made_from_the_published_files(
    maker: ModuleType, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = next((shared_data / "aptgroups").glob("*.xlsx"))
    files = [shared_data / "attack" / "groups.csv", shared_data / "misp" / "threat-actor.json"]
    assert maker.main([*map(str, files), str(sheet), "--check"]) == 0, capsys.readouterr().out
