"""How documents write the terms, in four languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

LANGUAGES = ("en", "fr", "es", "ru")

# by term, then language: a regular expression for the bare term, without article, whatever its case
WRITTEN: Mapping[str, Mapping[str, str]] = {
    "cybersecurity": {
        "en": r"cyber[ -]?security",
        "fr": r"cyber[ -]?sécurité",
        "es": r"ciberseguridad|seguridad cibernética",
        "ru": r"кибер[ -]?безопасност\w+",
    },
    "information-security": {
        "en": r"(?<!network and )information security(?! incident)",
        "fr": r"sécurité (?:de l[’']information|des (?:systèmes d[’']information|informations))",
        "es": r"seguridad de la información",
        "ru": r"информационн\w+ безопасност\w+|безопасност\w+ информации",
    },
    "network-and-information-security": {
        "en": r"network and information (?:systems? )?security|security of network and "
        r"information systems",
        "fr": r"sécurité des réseaux et (?:de l[’']information|des systèmes d[’']information)",
        "es": r"seguridad de las redes y (?:sistemas de )?(?:de )?(?:la )?información",
        "ru": r"сетев\w+ и информационн\w+ безопасност\w+",
    },
    "cyberspace": {
        "en": r"cyber[ -]?space",
        "fr": r"cyber[ -]?espace",
        "es": r"ciber[ -]?espacio",
        "ru": r"кибер[ -]?пространств\w+",
    },
    "information-space": {
        "en": r"information (?:space|sphere|environment)",
        "fr": r"(?:espace|sphère) informationnel\w*",
        "es": r"espacio (?:de la información|informativo)",
        "ru": r"информационн\w+ (?:пространств|сфер)\w+",
    },
    "cyber-attack": {
        "en": r"cyber[ -]?attacks?",
        "fr": r"cyber[ -]?attaques?|attaques? informatiques?",
        "es": r"ciber[ -]?ataques?|ataques? (?:cibernéticos?|informáticos?)",
        "ru": r"кибер[ -]?атак\w*|компьютерн\w+ атак\w*",
    },
    "cyber-incident": {
        "en": r"(?:cyber(?:[ -]?security)?|computer security|information security|significant "
        r"cyber) incidents?",
        "fr": r"cyber[ -]?incidents?|incidents? (?:de (?:cyber)?sécurité(?: informatique)?|cyber)",
        "es": r"ciber[ -]?incidentes?|incidentes? (?:de (?:ciber)?seguridad(?: de la información| "
        r"informática)?|cibernéticos?|informáticos?)",
        "ru": r"кибер[ -]?инцидент\w*|(?:компьютерн\w+ )?инцидент\w* (?:информационной "
        r"безопасности|кибербезопасности)",
    },
    "critical-infrastructure": {
        "en": r"critical (?:national )?infrastructures?",
        "fr": r"infrastructures? (?:nationales? )?(?:critiques?|d[’']importance vitale|vitales?)",
        "es": r"infraestructuras? críticas?(?! de (?:la )?información)",
        "ru": r"критическ\w+ инфраструктур\w*",
    },
    "critical-information-infrastructure": {
        "en": r"critical (?:national )?information infrastructures?",
        "fr": r"infrastructures? (?:d[’']information critiques?|critiques? (?:de l[’']|d[’'])"
        r"information)",
        "es": r"infraestructuras? críticas? de (?:la )?información",
        "ru": r"критическ\w+ информационн\w+ инфраструктур\w*|критически важн\w+ объект\w+ "
        r"информационн\w+\s*-?\s*коммуникационн\w+ инфраструктур\w*",
    },
    "cybercrime": {
        "en": r"cyber[ -]?crimes?|computer crimes?",
        "fr": r"cyber[ -]?(?:criminalité|crimes?)|criminalité informatique",
        "es": r"ciber[ -]?(?:delitos?|crimen|delincuencia)|delitos? informáticos?",
        "ru": r"кибер[ -]?преступ\w+|компьютерн\w+ преступ\w+",
    },
    "cyber-espionage": {
        "en": r"cyber[ -]?espionage",
        "fr": r"cyber[ -]?espionnage",
        "es": r"ciber[ -]?espionaje",
        "ru": r"кибер[ -]?шпион\w+",
    },
    "cyber-warfare": {
        "en": r"cyber[ -]?war(?:fare)?",
        "fr": r"cyber[ -]?guerre|cyberwar(?:fare)?",
        "es": r"ciber[ -]?guerra",
        "ru": r"кибер[ -]?войн\w+",
    },
    "information-war": {
        "en": r"information war(?:fare)?",
        "fr": r"guerre (?:de l[’']information|informationnelle)",
        "es": r"guerra (?:de (?:la )?información|informativa)",
        "ru": r"информационн\w+ войн\w+",
    },
    "cyber-weapon": {
        "en": r"cyber[ -]?weapons?",
        "fr": r"cyber[ -]?armes?",
        "es": r"ciber[ -]?armas?",
        "ru": r"кибер[ -]?оружи\w+",
    },
    "information-weapon": {
        "en": r"information weapons?",
        "fr": r"armes? (?:de l[’']information|informationnelles?)",
        "es": r"armas? (?:de (?:la )?información|informativas?)",
        "ru": r"информационн\w+ оружи\w+",
    },
}
COMMON = {
    "en": "the of and to in is are for by with that this",
    "fr": "le la les des et en est une dans pour par sur que",
    "es": "el la los las y en es una para por con del que",
    "ru": "и в на с по для не что к от или",
}


def language_of(text: str) -> str:
    """Return the language whose commonest words a text has most of."""
    words = re.findall(r"[^\W\d_]+", text[:200_000].lower())
    counts = {k: sum(words.count(w) for w in v.split()) for k, v in COMMON.items()}
    return max(LANGUAGES, key=lambda k: counts[k])


@lru_cache(maxsize=8)
def term_pattern(language: str) -> re.Pattern[str]:
    """Return the expression that finds any term of a language, each as a group of its name."""
    groups = (
        f"(?P<{term.replace('-', '_')}>{written[language]})" for term, written in _longest_first()
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(groups)})(?![\w-])", re.IGNORECASE)


def _longest_first() -> list[tuple[str, Mapping[str, str]]]:
    """Return the terms, those that contain another first."""
    first = (
        "network-and-information-security", "critical-information-infrastructure", "cyber-incident",
    )  # fmt: skip
    return sorted(WRITTEN.items(), key=lambda item: item[0] not in first)


def term_of(match: re.Match[str]) -> str:
    """Return the id of the term a match found."""
    return (match.lastgroup or "").replace("_", "-")
