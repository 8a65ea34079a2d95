"""Finds sentences that seem to define a term, for a person to judge and code.

Two shapes are looked for. A *sentence* in which a defining verb of its language follows the term
("is defined as", "on entend par", "se entiende por", "понимается"), or a copula and a word that
opens a definition ("is the set of ..."). An *entry* of a glossary: the term opens a line and a
colon, a dash or the line's end parts it from what it means. A candidate is no definition until a
person says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from comity.definitions.find.terms import LANGUAGES, WRITTEN, language_of, term_of, term_pattern
from comity.definitions.find.units import Unit, units_of
from comity.documents import Document
from comity.errors import DocumentError

SHORTEST, LONGEST = 24, 700

# what may follow a term and makes the sentence a definition of it
VERBS: Mapping[str, str] = {
    "en": r"(?:is|are|can be|may be|shall be)\s+(?:hereby\s+)?(?:defined|understood|described)\s+"
    r"(?:as|to mean|to be)|(?:shall\s+)?means?\b(?!\s+(?:to|of)\b)|refers?\s+to|denotes?\b|"
    r"is\s+(?:taken\s+)?to\s+mean|stands\s+for|encompass(?:es)?\b|compris(?:es?|ing)\b|"
    r"consists?\s+of|designates?\b|signif(?:y|ies)\b",
    "fr": r"(?:désigne|s[’']entend|recouvre|consiste|signifie|se\s+définit|vise\s+à|comprend)\w*|"
    r"(?:est|sont)\s+(?:défini|entendu|compris)\w*\s+comme|qui\s+consiste",
    "es": r"(?:se\s+(?:define|entiende|refiere)\w*|designa|consiste|comprende|significa)|"
    r"(?:es|son)\s+(?:definid|entendid)\w+\s+como|"
    r"(?:nombre|término)\s+(?:por|con)\s+el\s+que\s+se\s+designa",
    "ru": r"понимается|понимаются|означает|представляет\s+собой|определяется\s+как|"
    r"(?:-|–|—)\s+(?:это|совокупность|состояние|сфера|деятельность|действи\w+)",
}
COPULA: Mapping[str, str] = {
    "en": r"(?:is|are)", "fr": r"(?:est|sont)", "es": r"(?:es|son)", "ru": r"(?:-|–|—)",
}  # fmt: skip
# what opens the meaning after a copula
GENUS: Mapping[str, str] = {
    "en": r"(?:(?:the|an?|any|all|those|one or more)\s+)?(?:\w+[ -]){0,2}?(?:set|collection|group|"
    r"state|condition|process|ability|capability|practices?|protection|preservation|activit(?:y|"
    r"ies)|acts?|attempts?|events?|domain|environment|space|medium|networks?|systems?|assets?|"
    r"infrastructures?|facilit(?:y|ies)|use|crimes?|offences?|means|tools?|body|"
    r"public or private|situation)\b",
    "fr": r"(?:(?:le|la|l[’']|les|un|une|des|tout\w*)\s*)?(?:ensemble|état|processus|capacité|"
    r"protection|activité|acte|action|espace|réseau|système|infrastructure|événement|univers|"
    r"monde|environnement|moyens?|infraction|situation|délit|crime|fait|utilisation|domaine)\w*",
    "es": r"(?:(?:el|la|los|las|un|una|tod\w+)\s+)?(?:conjunto|estado|proceso|capacidad|protección|"
    r"actividad|act[oa]|acción|acciones|espacio|entorno|ámbito|dominio|red|sistemas?|"
    r"infraestructuras?|evento|delitos?|uso|medios?|situación|hecho|utilización)\w*",
    "ru": r"(?:совокупность|состояние|сфера|деятельность|действие|система|среда|способность|"
    r"защищенность)\w*",
}
# what comes before a term: "by X is understood", "the term X", "under X is understood"
BEFORE: Mapping[str, str] = {
    "en": r"(?:\bby|\bthe\s+(?:term|expression|concept)(?:\s+of)?|\bdefin(?:es?|ed|ing|ition\s+of)"
    r"|\bunder)\s+(?:an?\s+|the\s+)?[\"“'«]?$",
    "fr": r"(?:entend(?:re)?\s+par|définition\s+(?:de|du)|définit|terme|appelé\w*)\s+"
    r"(?:la\s+|le\s+|l[’']|les\s+|une?\s+)?[\"“«]?\s*$",
    "es": r"(?:entiende(?:n)?\s+por|definición\s+de|define\w*|término|llamad\w+|denominad\w+)\s+"
    r"(?:la\s+|el\s+|los\s+|las\s+)?[\"“«]?\s*$",
    "ru": r"(?:под|термин|понятие|понятием)\s+(?:\w+ых\s+|\w+ой\s+)?[\"“«]?$",
}
SURE_BEFORE: Mapping[str, str] = {
    "en": r"\b(?:is|are)\s+(?:understood|meant)", "fr": r"", "es": r"", "ru": r"понима",
}  # fmt: skip
TAIL = r"(?:\s*\(?[A-Z]{2,8}\)?)?(?:\(s\))?(?:,?\s*(?:or|ou|o|или)\s+[^,:.]{3,30})?[\"”»']?"
PARTED = re.compile(r"^(?:\(s\))?[\"”»']?\s*(?:\([^)]{1,40}\)\s*)?[:–—\-]\s*(?!\s*\d)")
NUMBER = re.compile(r"^(?:\(?\d{1,3}(?:\.\d{1,2}){0,3}[.)]?|\(?[a-zа-я][.)]|[•●▪■*–—-])?\s*$")
_NO_LINE_ENDS_WITH = (
    "the a an of and or in for to on with by from "
    "le la les de du des et ou en dans pour par sur à aux au "
    "el los las del y o e para por con sobre "
    "и или в на для с по о об к"
)
LEADING = frozenset(_NO_LINE_ENDS_WITH.split())
"""Articles, prepositions and conjunctions: where one ends a line, the next line goes on."""
HEADINGS = re.compile(r"\.{5,}|…{3,}|https?://|Available at|\bRetrieved\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch that may define a term. Offsets are of the document's text; `shape` is sentence or
    entry; `place` says where a reader finds it."""

    term: str
    written: str
    sentence: str
    start: int
    end: int
    place: str
    language: str
    shape: str


def find_definitions(
    document: Document, *, language: str = "", terms: Collection[str] = ()
) -> tuple[Candidate, ...]:
    """Return candidates in the order of the text, of some terms only where they are named.

    The language is the one whose commonest words the text has most of, unless given. Raises
    DocumentError for a language or a term nobody has taught it.
    """
    spoken = language or language_of(document.text)
    if spoken not in LANGUAGES:
        raise DocumentError(f"No patterns for {spoken!r}. There are: {', '.join(LANGUAGES)}.")
    unknown = set(terms) - set(WRITTEN)
    if unknown:
        raise DocumentError(f"No patterns for {sorted(unknown)}. There are: {', '.join(WRITTEN)}.")
    found: dict[tuple[int, str], Candidate] = {}
    for unit in units_of(document.text):
        for candidate in _in_unit(document, unit, spoken):
            if not terms or candidate.term in terms:
                found.setdefault((candidate.start, candidate.term), candidate)
    return tuple(found[key] for key in sorted(found))


@lru_cache(maxsize=8)
def _sentence_patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what follows a defined term: a verb, or a copula with a genus; and what precedes."""
    verb = rf"^{TAIL},?\s*(?:\w+\s+)?(?:{VERBS[language]})"
    copula = rf"^{TAIL}\s*{COPULA[language]}\s+{GENUS[language]}"
    return (
        re.compile(verb, re.IGNORECASE), re.compile(copula, re.IGNORECASE),
        re.compile(BEFORE[language], re.IGNORECASE),
    )  # fmt: skip


def _in_unit(document: Document, unit: Unit, language: str) -> Iterator[Candidate]:
    """Yield the terms that a unit seems to define."""
    text = document.text[unit.start : unit.end]
    if len(unit.text) < SHORTEST or HEADINGS.search(unit.text[:200]):
        return
    taken: set[str] = set()
    for match in term_pattern(language).finditer(text):
        term = term_of(match)
        if term in taken:
            continue
        shape = _shape(text, match, language)
        if not shape:
            continue
        taken.add(term)
        start = unit.start + match.start()
        sentence = " ".join(text[match.start() if shape == "entry" else 0 :].split())[:LONGEST]
        yield Candidate(
            term, " ".join(match.group(0).split()), sentence, start, unit.end,
            document.place(start), language, shape,
        )  # fmt: skip


def _shape(text: str, match: re.Match[str], language: str) -> str:
    """Return how a term is defined where it stands: entry, sentence, or not at all."""
    before, after = text[: match.start()], text[match.end() :]
    line_before = before.rsplit("\n", 1)[-1]
    opens = bool(NUMBER.match(line_before)) or _after_stop(before)
    meaning = " ".join(after.split())
    if opens and _entry(after, meaning, heads=not _in_a_title(before)):
        return "entry"
    verb, copula, prefix = _sentence_patterns(language)
    flat_before, flat_after = " ".join(before.split()), meaning
    begins = _begins(flat_before, language)
    spaced = flat_before + " " if flat_before else ""
    if prefix.search(spaced) and _sure(flat_after, spaced, language):
        return "sentence"
    if begins and (verb.match(flat_after) or copula.match(flat_after)):
        return "sentence"
    if re.match(r"^,?\s*(?:nombre|término|qui consiste|defined as|understood as)", flat_after):
        return "sentence"
    return ""


def _after_stop(before: str) -> bool:
    """Say whether a term follows a full stop without the blank that PDFs lose."""
    return bool(re.search(r"[.;]\s?$", before))


def _in_a_title(before: str) -> bool:
    """Say whether the line above runs on into a term, by a word that ends no line of its own: a
    title of several lines, no entry."""
    above = before.rstrip(" \t").removesuffix("\n").rsplit("\n", 1)[-1].split()
    return bool(above) and before[-1:].isspace() and above[-1].lower() in LEADING


def _entry(after: str, meaning: str, *, heads: bool) -> bool:
    """Say whether a glossary's mark, or a line's end where a term heads its entry, parts it from
    what it means."""
    if PARTED.match(after):
        rest = PARTED.sub("", after, count=1).strip()
        return len(rest) >= SHORTEST and not rest[:1].isdigit()
    line, _, rest = after.partition("\n")
    alone = re.fullmatch(r"(?:\(s\))?,?[ \t]*(?:\([^)]{1,40}\))?[ \t]*", line)
    if alone and heads and rest.strip():
        body, first = " ".join(rest.split()), rest.strip().split("\n", 1)[0].split()
        goes_on = len(first) <= 2 and len(body.split()) > len(first)  # the term's own second line
        acronym = bool(re.match(r"[A-Z]{2,}\b", body))
        return len(body) >= SHORTEST and body[:1].isupper() and not (goes_on or acronym)
    opening = r"^\s+(?:Activities|Crimes?|An?|The|Any|Group|Set|All|Use|Unauthori[sz]ed)\s"
    return bool(re.match(opening, after)) and meaning[:1].isupper()


def _begins(before: str, language: str) -> bool:
    """Say whether a term is its clause's subject: nothing but an article, a lead-in or another name
    stands before it."""
    lead = {
        "en": r"(?:(?:an?|the|national|term|concept|of|or|and|any|for the purposes? of [^,]{3,60},|"
        r"in (?:this|the) [^,]{3,60},)\s*)*",
        "fr": r"(?:(?:la|le|les|l[’']|une?|terme|ou|et|aux fins [^,]{3,60},|dans [^,]{3,60},)\s*)*",
        "es": r"(?:(?:la|el|los|las|una?|término|o|y|a (?:los )?efectos [^,]{3,60},|en [^,]{3,60},)"
        r"\s*)*",
        "ru": r"(?:(?:термин|понятие|и|или|для целей [^,]{3,60},?)\s*)*",
    }[language]
    last = re.split(r"(?<=[.;:])\s+|(?<=[.])(?=[A-ZА-Я])", before)[-1]
    last = re.sub(r"^(?:\(?\d{1,3}(?:\.\d+)*[.)]?|\(?[a-zа-я][.)]|[•●▪■*–—-])\s*", "", last)
    if re.fullmatch(rf"[\"“«']?{lead}[\"“«']?", last + " " if last else "", re.IGNORECASE):
        return True
    return bool(
        re.search(r"(?:^|[.)]\s*)(?:An?|The)\s[^.]{3,60}\s(?:or|and)\s+(?:an?\s+)?$", last + " ")
    )


def _sure(after: str, before: str, language: str) -> bool:
    """Say whether what precedes a term needs a verb after it, and has it."""
    tail = before.rstrip().lower().split()
    wants = tail and tail[-1] in ("by", "under", "под")
    if not wants and len(tail) > 1:
        wants = tail[-2] in ("by", "under", "под") and tail[-1] in ("a", "an", "the")
    if wants:
        return bool(re.match(rf"^{TAIL},?\s*(?:{SURE_BEFORE[language]})", after, re.IGNORECASE))
    if len(after) < SHORTEST:
        return bool(re.search(r"(?:appelé|llamad|denominad)\w*\s", before[-60:], re.IGNORECASE))
    if re.search(r"defin\w*\s+(?:an?\s+|the\s+|la\s+|el\s+)?[\"“]?\s*$", before, re.IGNORECASE):
        return bool(re.match(r"^[^.]{0,30}?\b(?:as|como|comme|en términos)\b", after))
    return bool(
        re.search(r"entend|entiende|definition of|définition d|definición de", before[-60:])
    )
