"""Who acted and who was hit, read from a paragraph by rules, for lists that only tell it in prose.

What these rules return is **extracted**: it is Comity's reading of the list's words, never the
list's own coding, and who uses it says so. They are few and conservative, sentence by sentence:

- *initiator*: a word for a country before somebody who acts ("Chinese hackers", "Russia-linked
  group", "an Iranian disinformation campaign"); a country to which the act is attributed, linked or
  traced, that is blamed or accused, or is behind it; an actor of the actor table whose names all
  lead to one state sponsor. Where the sentence says "no link" or "not", nobody is.
- *receiver*: a country named in what is targeted, hacked, stolen from ("targeted Kenyan government
  ministries"), or in the subject of what is done to it ("Estonian networks were harassed"). A few
  institutions stand for their country ("NASA").
- "Pro-Russian" is nobody's country, "Russian-speaking" neither. A country that is an initiator is
  not also a receiver. Where no rule holds, nothing is returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from comity.incidents.actors import load_actors
from comity.incidents.sources.places import Place, find_places

INSTITUTIONS = {
    "GRU": "RU", "FSB": "RU", "SVR": "RU", "IRGC": "IR", "Unit 61398": "CN", "PLA": "CN",
    "NASA": "US", "NOAA": "US", "FBI": "US", "DOD": "US", "DoD": "US", "CENTCOM": "US", "DHS": "US",
    "IRS": "US", "OPM": "US", "NSA": "US", "CIA": "US", "White House": "US",
    "Department of Defense": "US", "Department of Commerce": "US",
    "Department of State": "US", "State Department": "US",
    "Joint Chiefs of Staff": "US", "Bundestag": "DE", "Bundeswehr": "DE", "Knesset": "IL",
    "House of Commons": "GB", "European Commission": "X-EU", "European Parliament": "X-EU",
    "European Medicines Agency": "X-EU",
}  # fmt: skip
LONGEST, LONGEST_SENTENCE, NEAR = 5_000, 800, 150  # characters that are looked at
STATE = re.compile(
    r"state|government|military|intelligence|sponsored|backed|GRU|FSB|SVR|IRGC|PLA|army|ministry",
    re.IGNORECASE,
)

_MODIFIER = (
    r"state|nation|government|govt|military|army|intelligence|security|foreign|federal|service|"
    r"services|forces|sponsored|backed|linked|affiliated|supported|aligned|based|connected|tied|"
    r"run|associated|nexus|cyber\w*|espionage|threat|advanced|persistent|criminal|ransomware|"
    r"hacktivist|hacking|hacker|hackers|suspected|phishing|spear\w*|disinformation|influence|"
    r"malware|GRU|FSB|SVR|MSS|PLA|IRGC|known|new|political|activist|underground"
)
_NOUN = (
    r"hackers?|groups?|gangs?|spies|actors?|hacktivists?|attackers?|operatives?|agents?|"
    r"cyber ?criminals?|cybercriminals?|criminals?|APTs?|collective|adversar(?:y|ies)|intruders?|"
    r"campaigns?|operations?|botnets?|malware|spyware|cyberspies|trolls?|attacks?|cyberattacks?|"
    r"intrusions?"
)
_AGENT = re.compile(
    rf"(?:[’']s?)?(?:[- ](?:{_MODIFIER})(?:[’']s)?,?)*[- ](?P<noun>{_NOUN})(?![\w-])"
    r"(?!\s+(?:on|against|of|were|was|that (?:was|were) targeted))"
)
_ACTIVE = (
    r"targeted|targets|hacked|breached|infiltrated|compromised|penetrated|stole|launched|launches|"
    r"exploited|conducted|carried out|disrupted|defaced|spied|attempted to hack|hacks|attacked"
)
_ACTS = re.compile(
    r"(?:[’']s?)?(?: (?!(?:was|were|had|been|that)\b)[\w’'-]+){0,3}"
    rf" (?:had |\w+ly )?(?:{_ACTIVE})\b"
    r"(?! (?:by|in a|during))"
)
_MILD = (
    r"(?:(?:the|a|an|suspected|alleged|unnamed|individual|many|multiple|two|three|four|several|"
    r"some) )*"
)
_CLAIM = re.compile(
    r"(?:(?:attribut|link|tie|trac|connect|point|affiliat)\w*|ties|links|associated|loyal|"
    r"allegiance)(?: \w+){0,3}? (?:to|with|by|at)"
    r"(?: (?:the|a|one|some|government|state|computers|servers|hackers|groups?|members|an?"
    r"|IP|address(?:es)?|of|in|within|suspected))* $"
    r"|attribut\w* [^,;]{0,80} to (?:the )?$"
    r"|(?:blam(?:ed|es|ing)|accus(?:ed|es|ing)|suspects?|suspected)(?: the| on)? $"
    r"|(?:at the behest of|on behalf of|the work of|sponsored by|orchestrated by|directed by|"
    r"carried out by|conducted by|launched by|operation by|attacks? by|attacks? from|came from|"
    r"originat(?:ed|es|ing)(?: primarily)? (?:in|from)|hackers (?:from|in)|groups? (?:from|in)|"
    r"attackers (?:from|in)|individuals in|hacked by|targeted by) (?:the )?$"
)
_BEHIND = re.compile(
    r"(?:[’']s [\w ]{0,30}?)? (?:government )?(?:was|is|were|as|being|to be)"
    r"(?: \w+ly)? (?:behind|responsible)|(?: \w+)? denied"
)
_NOT = re.compile(r"\b(?:no|not|denied|without|unconfirmed)\b")
_AS_OBJECT = re.compile(
    r"(?:against|target(?:ed|ing|s)?|hacked|infiltrated|arrested|compromised|breached|into|hit|"
    rf"attacked|blocked|on|between|members of|users? of|networks of) {_MILD}$"
)
_STOP = re.compile(
    r"\b(?:by|using|through|via|after|following|as part|amid|ahead|during|while|which|who|that|"
    r"because|posing|masquerading|disguised|claim\w+|according|alleg\w+|used|since|"
    r"in (?:an? )?(?:order|effort|attempt|response|retaliation|conjunction|espionage|cyber)|"
    r"to (?:steal|gain|obtain|extract|collect|gather|deploy|spread|install|access|undermine|track|"
    r"exfiltrate|disrupt|deliver|get|identify|monitor|force|hack|send|extort|generate))\b|[;]"
)
_TARGET = re.compile(
    r"\b(?:target(?:ed|ing|s)?|hack(?:ed|s|ing)? (?:into )?|breach(?:ed|es|ing)?|"
    r"compromis(?:ed?|es|ing)|encrypt(?:ed|ing)?|attack(?:ed|s|ing)?(?: on| against)?|"
    r"cyberattacks? (?:on|against)|infiltrat(?:ed?|es|ing)|penetrat(?:ed?|es|ing)|"
    r"infect(?:ed|ing)?|malware onto|defac(?:ed|ing)|disrupt(?:ed|ing)?|against|undermin\w+|"
    r"spied on|spying on|interfered with|took down|"
    r"takes down|bring down|knocked offline|intrusions? (?:on|into)|gain(?:ed|ing)? access to|"
    r"access(?:ed|ing)? (?!to)|(?:stole|stolen|steal|stealing|exfiltrat\w+|theft|obtained|leaked|"
    r"extracted|siphon\w*)\b[^;.]*? (?:from|of)|victims? in|attempts? on|shut(?:ting)? down|"
    r"malware to|emails to|hit|conspiring to hack|breach of|hack of|attack in)\b"
)
_PASSIVE = re.compile(
    r"\b(?:was|were|been|being|is|are|be|had been)(?: \w+ly| also| first| then)? (?:targeted|"
    r"hacked|breached|compromised|attacked|infiltrated|penetrated|hit|infected|defaced|disrupted|knocked|"
    r"taken (?:offline|down)|stolen|harassed|shut|accessed|probed|subjected|the (?:target|victim)|"
    r"a victim|victims?|under attack|struck|affected|exposed|forced offline)\b"
    r"|\b(?:suffered|fell victim|fall victim|(?:come|came) under (?:cyber ?)?attack|"
    r"experienced|went offline|sustained|were victims|had to take|took [^.;]{0,40} offline)\b"
    r"|\bhad [^;]{0,40} stolen\b"
)
_TOLD = re.compile(
    r"\b(?:that|announced|announces|reported|reports|revealed|reveals|stated|said|says|claimed|"
    r"found|warned|confirmed|alleged|disclosed|when|after|while)\b"
)
_OWN = re.compile(
    r"\b(?:announced|claimed|said|reported|revealed|disclosed|confirmed|stated)(?: that)? "
    r"(?:it|its|they|their)\b[^.;]*?\b(?:prevented|thwarted|defended|suffered|neutrali[sz]ed|repelled|blocked|"
    r"foiled|was|were|been|had)\b"
)


@dataclass(frozen=True, slots=True)
class Extract:
    """One country read from prose: its code, the words it was read from, and for an initiator
    whether the words say it acts for a state."""

    code: str
    words: str
    of_state: bool = False


@dataclass(frozen=True, slots=True)
class Roles:
    """What was read from a text: initiators and receivers, each country once, in order."""

    initiators: tuple[Extract, ...]
    receivers: tuple[Extract, ...]


def read_roles(text: str) -> Roles:
    """Return who acted and who was hit, as far as the rules of this module can tell.

    >>> found = read_roles("Suspected Iranian hackers targeted Kenyan ministries to steal plans.")
    >>> [e.code for e in found.initiators], [e.code for e in found.receivers]
    (['IR'], ['KE'])
    """
    acted: dict[str, Extract] = {}
    hit: dict[str, Extract] = {}
    for sentence in _sentences(text):
        places = _places(sentence)
        agents = [p for p in places if _acts(sentence, p) or _is_blamed(sentence, p)]
        for place in agents:
            words = _phrase(sentence, place)
            old = acted.get(place.code)
            of_state = bool(STATE.search(words)) or bool(old and old.of_state)
            acted[place.code] = Extract(place.code, old.words if old else words, of_state)
        for code, name in _named_actors(sentence):
            acted[code] = Extract(code, name, of_state=True)
        taken = {p.start for p in agents}
        for place in _receivers(sentence, [p for p in places if p.start not in taken]):
            hit.setdefault(place.code, Extract(place.code, _phrase(sentence, place)))
    initiators = [e for e in acted.values() if not e.code.startswith("X-")]
    codes = {e.code for e in initiators}
    return Roles(tuple(initiators), tuple(e for e in hit.values() if e.code not in codes))


_BEGINS = r"(?:The|In|A|An|This|They|These|Hackers|Some|It|According|Researchers|Attackers|Targets)"


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, abbreviations of countries without their full stops."""
    plain = " ".join(text[:LONGEST].split())
    plain = re.sub(rf"\bU\.S\.(?= {_BEGINS}\b|$)", "US.", plain)
    plain = re.sub(r"\bU\.(S|K|N)\.(?:A\.)?", r"U\1", plain)
    parted = re.split(r"(?<=[\w\)\"”’%])[.!?][\"”]? (?=[A-Z“\"(\d])", plain)
    return [sentence[:LONGEST_SENTENCE] for sentence in parted]


def _places(sentence: str) -> tuple[Place, ...]:
    """Return the countries named in a sentence, institutions standing for theirs."""
    found = {p.start: p for p in find_places(sentence)}
    for match in _institutions().finditer(sentence):
        at = match.start()
        place = Place(at, match.end(), match.group(), INSTITUTIONS[match.group()], True)
        found.setdefault(at, place)
    kept = (p for p in found.values() if sentence[: p.start][-4:].lower() != "pro-")
    return tuple(sorted(kept, key=lambda p: p.start))


@lru_cache(maxsize=1)
def _institutions() -> re.Pattern[str]:
    names = sorted(INSTITUTIONS, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})(?!\w)")


def _around(sentence: str, place: Place) -> tuple[str, str]:
    """Return what stands before and after a country, as far as the rules look."""
    return sentence[max(0, place.start - NEAR) : place.start], sentence[place.end :][:NEAR]


def _acts(sentence: str, place: Place) -> bool:
    """Say whether a country is named as that of somebody who acts."""
    before, after = _around(sentence, place)
    if _AS_OBJECT.search(before):
        return False
    agent = _AGENT.match(after)
    if agent is not None:
        return not re.match(r"\s+(?:was|were|had been) (?:hacked|targeted)", after[agent.end() :])
    if re.search(r"\b(?:of|in|by|from|at|on|against|for|with) (?:the )?$", before):
        return False
    acts = _ACTS.match(after)
    return acts is not None and not _PASSIVE.search(acts.group())


def _is_blamed(sentence: str, place: Place) -> bool:
    """Say whether an act is attributed to a country."""
    before, after = _around(sentence, place)
    claim = _CLAIM.search(before)
    if claim is not None:
        near = before[max(0, claim.start() - 25) :]
        return not _NOT.search(near) and not re.search(r"\bno (?:link|evidence|proof)", after)
    return bool(_BEHIND.match(after))


_NAMED = re.compile(
    r"\bAPT[- ]?\d+\b"
    r"|\b(?:[A-Z][\w-]+ ){0,2}[A-Z][\w-]+(?= (?:hack|group|APT|gang|team)|[\"”,. ])"
)
_AS_ACTOR = re.compile(r"[\"”]?,? (?:hack|espionage|[Gg]roup|APT)")


def _named_actors(sentence: str) -> list[tuple[str, str]]:
    """Return (country, name) of actors named in a sentence that all sources tie to one sponsor.

    A name of one word without a number ("Snake") counts only before a word such as "hackers".
    """
    found = []
    for match in _NAMED.finditer(sentence):
        name = match.group()
        known = load_actors().find(name)
        if not known.sponsored or not known.country or find_places(name):
            continue
        plain = " " not in name and not any(c.isdigit() for c in name)
        told = not plain or _AS_ACTOR.match(sentence, match.end())
        if told and not _AS_OBJECT.search(sentence[: match.start()][-NEAR:]):
            found.append((known.country, name))
    return found


def _receivers(sentence: str, places: list[Place]) -> list[Place]:
    """Return the countries named in what is attacked, actively or passively."""
    spans = []
    for trigger in _TARGET.finditer(sentence):
        stop = _STOP.search(sentence, trigger.end())
        spans.append((trigger.end(), stop.start() if stop else len(sentence)))
    for trigger in _PASSIVE.finditer(sentence):
        told = list(_TOLD.finditer(sentence, 0, trigger.start()))
        start = told[-1].end() if told else 0
        if told and re.match(r"\s+(?:that )?(?:its|it|their|they)\b", sentence[start:]):
            start = 0
        spans.append((start, trigger.start()))
    if own := _OWN.search(sentence):
        spans.append((0, own.start()))
    return [p for p in places if any(a <= p.start < b for a, b in spans)]


def _phrase(sentence: str, place: Place) -> str:
    """Return the words around a country that it was read from, 60 characters of them at most."""
    return sentence[max(0, place.start - 20) : place.end + 40].strip()
