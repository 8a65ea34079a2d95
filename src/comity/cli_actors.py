"""`comity evidence actors`: under which names an actor is known, and whom it is said to act for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli_output import print_json, say

if TYPE_CHECKING:
    from comity.incidents.actors import Actor, ActorMatch, ActorTable


def actors(
    name: Annotated[
        str, typer.Argument(help="A name, in any spelling: apt28. Without it, the table in short.")
    ] = "",
    json_: Annotated[bool, typer.Option("--json", help="Print the same as data.")] = False,
) -> None:
    """Show an actor's names and, by source, the country it is said to act for."""
    from comity.incidents.actors import load_actors

    table = load_actors()
    if not name:
        if json_:
            print_json([_record(actor) for actor in table.actors])
        else:
            _show_table(table)
        return
    found = table.find(name)
    if not found.actors:
        raise _nobody(name, table)
    if json_:
        print_json(
            {
                "asked": found.asked, "ambiguous": found.ambiguous, "country": found.country,
                "countries": found.countries, "actors": [_record(a) for a in found.actors],
            }
        )  # fmt: skip
    else:
        _show_match(found)


def _nobody(name: str, table: ActorTable) -> Exception:
    from difflib import get_close_matches

    from comity.errors import SourceError

    near = get_close_matches(name, list(dict.fromkeys(table.names())), 3)
    more = f" Did you mean {', '.join(near)}?" if near else ""
    return SourceError(f"No actor in the table is called {name!r}.{more}")


def _record(actor: Actor) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(actor) | {"countries": actor.countries, "conflict": actor.conflict}


def _show_table(table: ActorTable) -> None:
    from comity.incidents.actors import SOURCES

    tied = sum(bool(actor.claims) for actor in table.actors)
    names = sum(len(actor.aliases) for actor in table.actors)
    say(f"{len(table.actors):,} actors under {names:,} names; {tied:,} tied to a country.")
    for source, title in SOURCES.items():
        count = sum(any(c.source == source for c in a.claims) for a in table.actors)
        say(f"  {source:<12}{title}: a country for {count:,}", indent=14)
    conflicts = [actor.name for actor in table.actors if actor.conflict]
    say(f"Sources name several countries for {len(conflicts)}: {', '.join(conflicts) or 'nobody'}.")
    say("One of them: `comity evidence actors apt28`. Claims are the sources', not Comity's.")


def _show_match(found: ActorMatch) -> None:
    from comity.countries import country_name

    if len(found.actors) > 1:
        say(f"{found.asked!r} is a name of {len(found.actors)} actors: it is ambiguous.")
    for actor in found.actors:
        say(f"{actor.name}  ({actor.id})")
        others = [a.name for a in actor.aliases if a.name != actor.name]
        say(f"  {'also':<10}{', '.join(others) or 'no other name'}", indent=12)
        for claim in actor.claims:
            where = f"{country_name(claim.country)} ({claim.country})"
            say(f"  {claim.says:<10}{where}: {claim.source}, {claim.basis}", indent=12)
            typer.echo(f"            {claim.address}")
        if not actor.claims:
            say(f"  {'sponsor':<10}no source says")
        if actor.conflict:
            say(f"  {'conflict':<10}the sources name {', '.join(actor.countries)}", indent=12)
    if len(found.countries) > 1:
        say(f"Countries named: {', '.join(found.countries)}; which, the table does not say.")
