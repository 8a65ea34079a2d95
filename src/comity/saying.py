"""What Comity says: sentences by key, from one catalogue a language, and said again in another.

A room says `say("kept.incidents", n=3)` and gets English text that remembers key and values.
Whoever only prints, compares or stores it has a `str`; a page says it again in its own language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

from comity.errors import AddressError

ENGLISH = "en"
JOINED, FIRST_UP, FIRST_DOWN = "=joined", "=capital", "=small"
"""Ways to make text of texts: keys of no catalogue."""
FORMS = ("zero", "one", "two", "few", "many", "other")  # the plural forms of Unicode's CLDR


class Said(str):
    """A text in English that knows its key in the catalogue, and the values that fill it.

    Equal to, printed and stored as the plain text; what cuts or adds to it gives plain text, which
    no page can say in another language. It survives pickling and copying.
    """

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, key: str, values: Mapping[str, Any]) -> Said:
        made = super().__new__(cls, text)
        made.key, made.values = key, values
        return made

    def __reduce__(self) -> tuple[type[Said], tuple[str, str, Mapping[str, Any]]]:
        return Said, (str(self), self.key, self.values)


def say(key: str, /, **values: object) -> Said:
    """Return the English text of a key with its values filled in.

    Where the catalogue has plural forms (`key.one`, `key.other`) the value `n` chooses. A value
    may itself be Said. Raises KeyError for a key or a value that is missing.
    """
    return Said(_filled(english(), ENGLISH, key, values), key, values)


def joined(parts: Iterable[str], between: str = ", ") -> Said:
    """Return texts one after the other, each of which a page can say in its own language.

    >>> joined(["one", "two"], "; ")
    'one; two'
    """
    kept = tuple(parts)
    return Said(between.join(kept), JOINED, {"parts": kept, "between": between})


def capital(text: str) -> Said:
    """Return a text with its first letter large and the others small, as `str.capitalize` does."""
    return Said(text.capitalize(), FIRST_UP, {"text": text})


def opening(text: str) -> Said:
    """Return a text with its first letter large and the others as they are."""
    return Said(f"{text[:1].upper()}{text[1:]}", FIRST_UP, {"text": text})


def uncapital(text: str) -> Said:
    """Return a text with its first letter small, to stand inside a sentence."""
    return Said(f"{text[:1].lower()}{text[1:]}", FIRST_DOWN, {"text": text})


def said_with(text: Said, change: Callable[[str], str]) -> Said:
    """Return a text with every plain text in it changed: its values, and those of what they say."""

    def changed(value: Any) -> Any:
        if isinstance(value, Said):
            return said_with(value, change)
        if isinstance(value, tuple):
            return tuple(changed(part) for part in value)
        return change(value) if isinstance(value, str) and not isinstance(value, Said) else value

    kept = {k: v if k == "between" else changed(v) for k, v in text.values.items()}
    return Said(change(str(text)), text.key, kept)


def _filled(texts: Mapping[str, str], language: str, key: str, values: Mapping[str, Any]) -> str:
    text = texts.get(key)
    if text is None:
        text = texts.get(f"{key}.{plural(language, values['n'])}") or texts[f"{key}.other"]
    return text.format_map(values) if values else text


@dataclass(frozen=True, eq=False)
class Texts:
    """A catalogue: a text for each key, such as `nav.home`; English where it has none."""

    language: str
    by_key: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text with its values filled in. Raises KeyError for a key it does not have."""
        told = {name: self.again(value) for name, value in values.items()}
        return _filled(self.by_key, self.language, key, told)

    def coded(self, code: Any, kind: str) -> Any:
        """Return the word of a code of some kind, such as `hotline` of `track`; the code itself
        where the catalogue has none."""
        key = f"{kind}.{str(code).replace(' ', '-').lower()}"
        return self(key) if key in self.by_key else code

    def again(self, value: Any) -> Any:
        """Return a text that was said, in this language; anything else as it is."""
        if not isinstance(value, Said) or self.language == ENGLISH:
            return value
        if value.key == JOINED:
            parts = value.values["parts"]
            return str(self.again(value.values["between"])).join(map(self.again, parts))
        if value.key == FIRST_UP:
            return _first(self.again(value.values["text"]), str.upper)
        if value.key == FIRST_DOWN:
            return _first(self.again(value.values["text"]), str.lower)
        return self(value.key, **value.values)


def _first(text: str, change: Callable[[str], str]) -> str:
    """Return a text with its first letter changed: other languages keep large letters in it."""
    return change(text[:1]) + text[1:]


def plural(language: str, n: float) -> str:
    """Return which form a count takes, by CLDR's rules for the languages named here; one or other
    for every other language.

    >>> plural("en", 1), plural("fr", 0), plural("ru", 22), plural("zh", 1)
    ('one', 'one', 'few', 'other')
    """
    code, whole = language.partition("-")[0], n == int(n)
    tens, units = int(n) % 100, int(n) % 10
    if code in ("zh", "ja", "ko", "vi", "th", "id"):
        return "other"
    if code in ("ru", "uk", "be") and whole:
        if units == 1 and tens != 11:
            return "one"
        return "few" if units in (2, 3, 4) and tens not in (12, 13, 14) else "many"
    if code == "pl" and whole:
        if n == 1:
            return "one"
        return "few" if units in (2, 3, 4) and tens not in (12, 13, 14) else "many"
    if code in ("cs", "sk") and whole:
        return "one" if n == 1 else "few" if n in (2, 3, 4) else "other"
    if code == "ar" and whole:
        if n in (0, 1, 2):
            return FORMS[int(n)]
        return "few" if 3 <= tens <= 10 else "many" if tens >= 11 else "other"
    return "one" if n == 1 or (code in ("fr", "pt") and 0 <= n < 2) else "other"


@lru_cache(maxsize=1)
def english() -> Mapping[str, str]:
    """Return every English text by its key."""
    return _flat_file(_shipped(ENGLISH))


def languages() -> tuple[str, ...]:
    """Return the languages there is a catalogue for."""
    files = resources.files("comity").joinpath("data", "texts").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def load_texts(language: str = ENGLISH) -> Texts:
    """Return the catalogue of a language, or that of a file such as `drafts/de.toml`; English where
    it has no text for a key.

    Raises AddressError for a language there is no catalogue for, a file that cannot be read, and a
    catalogue with a text whose names in braces are not those of the English.
    """
    own = read_catalogue(language)
    wrong = [fault for fault in faults(own) if not fault.startswith("not translated")]
    if wrong:
        raise AddressError(
            f"The catalogue {language!r} cannot be used: {'; '.join(wrong[:3])}. "
            f"`comity texts {language}` lists everything."
        )
    return Texts(Path(language).stem, {**english(), **own})


def read_catalogue(language: str) -> Mapping[str, str]:
    """Return a language's own texts by their keys; `load_texts` says what it raises."""
    if language == ENGLISH:
        return english()
    if language in languages():
        return _flat_file(_shipped(language))
    if not language.endswith(".toml"):
        raise AddressError(
            f"There is no catalogue for {language!r}; there is one for {', '.join(languages())}. "
            "A file of your own is named with its ending: drafts/de.toml."
        )
    try:
        return _flat_file(Path(language).expanduser().read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise AddressError(f"Cannot read the catalogue {language}: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise AddressError(f"{language} is not TOML: {error}.") from error


def faults(own: Mapping[str, str]) -> list[str]:
    """Return what a catalogue lacks or has wrong, a line each: keys that English does not have,
    names in braces that differ, and last what is not translated.

    Plural forms may differ: a language has those it needs, beside `other`, which each has.
    """
    wanted = english()
    unknown = [k for k in own if k not in wanted and f"{_stem(k)}.other" not in wanted]
    found = [f"{key}: English has no such text" for key in unknown]
    for key, text in own.items():
        model = wanted.get(key) or wanted.get(f"{_stem(key)}.other")
        if model is None:
            continue
        mine, theirs = names_in(text), names_in(model)
        if mine is None:
            found.append(f"{key}: a brace is opened or closed alone")
        elif mine - {"n"} != (theirs or set()) - {"n"}:
            has = " ".join(f"{{{name}}}" for name in sorted(theirs or ())) or "none"
            found.append(f"{key}: the names in braces must be {has}")
    missing = [key for key in wanted if key not in own and _needed(key, own)]
    return found + [f"not translated: {key}" for key in missing]


def _needed(key: str, own: Mapping[str, str]) -> bool:
    """Say whether a text is lacking: a plural form is not where its `other` is there."""
    return not (_stem(key) and f"{_stem(key)}.other" in own)


def _stem(key: str) -> str:
    """Return a plural text's key without its form, empty for any other key."""
    stem, _, form = key.rpartition(".")
    return stem if form in FORMS and "." in stem else ""


def names_in(text: str) -> set[str] | None:
    """Return the names in braces of a text, None where a brace is opened or closed alone."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def _shipped(language: str) -> str:
    file = resources.files("comity").joinpath("data", "texts", f"{language}.toml")
    return file.read_text(encoding="utf-8")


def _flat_file(text: str) -> dict[str, str]:
    return dict(_flat(tomllib.loads(text)))


def _flat(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        else:
            yield key, str(value)
