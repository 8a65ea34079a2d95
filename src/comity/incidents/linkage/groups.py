"""The groups that a text names, by the table of actors: what "APT 10" and "menuPass" share."""

from __future__ import annotations

import re
from collections.abc import Callable

from comity.incidents.actors import ActorTable, name_key
from comity.incidents.linkage.words import fold

LONGEST_ALIAS = 5  # words
SHORTEST = 4  # letters and digits of an alias that is looked for in texts
# names of groups that are also ordinary words, and are not looked for in texts
_WORDS = """
group winter wizard bronze iron lead axiom dragon elderwood cobalt leaf barium platinum
silence anonymous cleaver careto mask equation lamberts callisto flying pirate sphinx
nemesis carbon copper zinc nickel strontium lurk rocket winged cloud beijing shanghai europe
hacking tick operation china russia iran korea israel titan dark golden black energy hammer
ghost dust storm blizzard typhoon sleet sandstorm tempest rain flood tsunami hail
"""
ORDINARY = frozenset(_WORDS.split())
_TOKEN = re.compile(r"[^\W_]+")


def finder_of_groups(table: ActorTable) -> Callable[[str], tuple[str, ...]]:
    """Return what finds the groups in a text, each by its id in the table, sorted.

    A name counts where it begins with a capital or a digit and stands for one group only; an alias
    that two groups share, and one that is an ordinary word, are passed over.
    """
    groups: dict[str, str] = {}
    for alias in dict.fromkeys(table.names()):
        key = name_key(alias)
        found = table.find(alias).actors
        if len(found) == 1 and len(key) >= SHORTEST and not key.isdigit() and key not in ORDINARY:
            groups["".join(_TOKEN.findall(fold(alias)))] = found[0].id

    def groups_in(text: str) -> tuple[str, ...]:
        tokens = _TOKEN.findall(text)
        named = set()
        for i, token in enumerate(tokens):
            if token.islower():  # a name begins with a capital or a digit
                continue
            key = ""
            for piece in tokens[i : i + LONGEST_ALIAS]:
                key += fold(piece)
                if key in groups:
                    named.add(groups[key])
        return tuple(sorted(named))

    return groups_in
