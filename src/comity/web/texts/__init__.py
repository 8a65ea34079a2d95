"""The words of the workbench, in one catalogue a language: a translator needs no program."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from comity.errors import AddressError


@dataclass(frozen=True, eq=False)
class Texts:
    """A catalogue: a text for each key, such as `nav.home`."""

    language: str
    by_key: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return a text with its values filled in. Raises KeyError for a key it does not have."""
        text = self.by_key[key]
        return text.format_map(values) if values else text


def languages() -> tuple[str, ...]:
    """Return the languages there is a catalogue for."""
    files = resources.files("comity.web.texts").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def load_texts(language: str = "en") -> Texts:
    """Return the catalogue of a language, English where it has no text for a key.

    Raises AddressError for a language there is no catalogue for.
    """
    if language not in languages():
        known = ", ".join(languages())
        raise AddressError(f"There is no catalogue for {language!r}; there is one for {known}.")
    return Texts(language, {**_read("en"), **_read(language)})


def _read(language: str) -> dict[str, str]:
    file = resources.files("comity.web.texts").joinpath(f"{language}.toml")
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        else:
            yield key, str(value)
