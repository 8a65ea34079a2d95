"""Groups in texts, by the table of actors."""

from __future__ import annotations

from comity.incidents.actors import Actor, ActorTable, Alias, load_actors, name_key
from comity.incidents.linkage.groups import finder_of_groups


def table(*actors: tuple[str, tuple[str, ...]]) -> ActorTable:
    """Return a table of made-up actors."""
    built = tuple(
        Actor(ident, names[0], "", "", tuple(Alias(n, ("misp",)) for n in names), ())
        for ident, names in actors
    )
    index: dict[str, tuple[int, ...]] = {}
    for at, actor in enumerate(built):
        for name in {name_key(a.name) for a in actor.aliases}:
            index[name] = (*index.get(name, ()), at)
    return ActorTable(built, index)


def test_an_alias_that_two_groups_share_names_neither() -> None:
    find = finder_of_groups(table(("a", ("Quartz Fox", "Shared Name")), ("b", ("Shared Name",))))
    assert find("Work of Quartz Fox") == ("a",)
    assert find("Work of Shared Name") == ()


def test_spelling_does_not_matter_and_ordinary_words_are_passed_over() -> None:
    find = finder_of_groups(table(("a", ("APT-99", "Dragon"))))
    assert find("by apt 99") == ()
    assert find("by APT 99 and (Apt99)") == ("a",)
    assert find("The Dragon awoke") == ()


def test_the_shipped_table_knows_the_well_known() -> None:
    find = finder_of_groups(load_actors())
    assert find("APT28, also Fancy Bear") == find("Sofacy")
    assert len(find("APT28, also Fancy Bear")) == 1
