"""Write the tables of countries and of their spellings from the two public code tables.

    python tools/make_countries.py ISO_COUNTRY_CODES.csv COW_COUNTRY_CODES.csv

ISO codes and names: the country-codes table of datasets/country-codes (ODC-PDDL). Correlates of War
numbers: COW-country-codes.csv of correlatesofwar.org. Spellings of the incident lists are below.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "src" / "comity" / "data" / "countries"

SHORT = {
    "BA": "Bosnia and Herzegovina", "CG": "Republic of the Congo", "GB": "United Kingdom",
    "CD": "Democratic Republic of the Congo", "US": "United States", "CI": "Côte d'Ivoire",
    "UM": "United States Minor Outlying Islands", "VI": "United States Virgin Islands",
    "PN": "Pitcairn Islands",
}  # fmt: skip

# Names the Correlates of War project gives to states whose successors or sizes differ: a number of
# a state that no longer exists is no country of today and stays unresolved.
COW_NAMES = {
    "Macedonia": "MK", "Yugoslavia": "RS", "Cape Verde": "CV", "Ivory Coast": "CI", "Congo": "CG",
    "Democratic Republic of the Congo": "CD", "Swaziland": "SZ", "East Timor": "TL",
    "Kosovo": "XK", "Antigua & Barbuda": "AG", "Federated States of Micronesia": "FM",
    "Turkey": "TR", "Vietnam": "VN", "United States of America": "US", "Czech Republic": "CZ",
}  # fmt: skip
GONE = {
    "Hanover", "Bavaria", "German Federal Republic", "German Democratic Republic", "Baden",
    "Saxony", "Wuerttemburg", "Hesse Electoral", "Hesse Grand Ducal", "Mecklenburg Schwerin",
    "Austria-Hungary", "Czechoslovakia", "Papal States", "Two Sicilies", "Modena", "Parma",
    "Tuscany", "Zanzibar", "Yemen Arab Republic", "Yemen People's Republic", "Korea",
    "Republic of Vietnam",
}  # fmt: skip

# One name, two countries: never resolved.
AMBIGUOUS = {"Korea", "Congo", "Virgin Islands", "Saint Martin", "St. Martin", "Yugoslavia"}

# spelling -> code, by where it was seen.
SPELLINGS: dict[str, dict[str, str]] = {
    "DCID": {"N Korea": "KP", "S Korea": "KR", "UK": "GB"},
    "EuRepoC": {
        "Bosnia and Herzegovina": "BA", "Congo, the Democratic Republic of the": "CD",
        "Holy See (Vatican City State)": "VA", "Iran, Islamic Republic of": "IR",
        "Korea, Democratic People's Republic of": "KP", "Korea, Republic of": "KR",
        "Moldova, Republic of": "MD", "Virgin Islands, British": "VG",
        "Virgin Islands, U.S.": "VI", "Tanzania, United Republic of": "TZ",
        "Macedonia, the former Yugoslav Republic of": "MK", "Czech Republic": "CZ",
        "Turkey": "TR", "Kosovo": "XK", "Palestine": "PS", "Macao": "MO", "Swaziland": "SZ",
        "St. Vincent and the Grenadines": "VC", "EU (institutions)": "X-EU",
        "NATO (institutions)": "X-INTL", "ISIS": "X-NONSTATE",
        "International Association of Athletics Federations": "X-INTL", "Interpol": "X-INTL",
        "Organization for Security and Cooperation in Europe": "X-INTL", "UNICEF": "X-INTL",
        "United Nations": "X-INTL", "United Nations Organization": "X-INTL",
        "United Nations Economic and Social Council": "X-INTL",
        "United Nations Environment Programme": "X-INTL", "World Anti-Doping Agency": "X-INTL",
        "Not available": "X-UNKNOWN", "Unknown": "X-UNKNOWN", "Not attributed": "X-UNATTRIBUTED",
    },
    "CFR": {
        "Iran (Islamic Republic of)": "IR", "Korea (Republic of)": "KR",
        "Korea (Democratic People's Republic of)": "KP", "Palestine, State of": "PS",
        "Phillipines": "PH", "Parkistan": "PK", "Lebonon": "LB", "Tajikstan": "TJ",
        "U.S.": "US", "U.K.": "GB", "UAE": "AE", "European Union": "X-EU",
        "European Commission": "X-EU", "European Parliament": "X-EU", "NATO": "X-INTL",
        "OSCE": "X-INTL", "International Olympic Committee": "X-INTL",
        "Islamic State": "X-NONSTATE",
        "World Health Organization": "X-INTL", "World Health Organization (WHO)": "X-INTL",
        "Organization for the Prohibition of Chemical Weapons": "X-INTL",
        "Association of Southeast Asian Nations": "X-INTL", "Islamic State Group": "X-NONSTATE",
    },
    "common": {
        "U.S.A.": "US", "Great Britain": "GB", "Britain": "GB", "DPRK": "KP", "PRC": "CN",
        "ROK": "KR", "Burma": "MM", "Macau": "MO", "Macedonia": "MK", "East Timor": "TL",
        "Ivory Coast": "CI", "Vatican": "VA", "Holy See": "VA", "Slovak Republic": "SK",
        "Turkiye": "TR", "Viet Nam": "VN", "DR Congo": "CD", "Congo (Kinshasa)": "CD",
        "Congo (Brazzaville)": "CG", "Cote d'Ivoire": "CI", "Côte d’Ivoire": "CI",
        "Palestinian Territories": "PS", "Taiwan, Province of China": "TW",
        "Reunion": "RE", "Curacao": "CW", "Non-state": "X-NONSTATE", "Nonstate": "X-NONSTATE",
        "African Union": "X-AFU", "Unattributed": "X-UNATTRIBUTED", "EU": "X-EU", "UN": "X-INTL",
    },
}  # fmt: skip

NAME_COLUMNS = (
    "CLDR display name", "UNTERM English Short", "UNTERM English Formal", "official_name_en",
)  # fmt: skip

SPECIAL = (
    ("X-NONSTATE", "Non-state actor"),
    ("X-UNKNOWN", "Unknown"),
    ("X-UNATTRIBUTED", "Unattributed"),
    ("X-EU", "European Union institutions"),
    ("X-INTL", "International body"),
    ("X-AFU", "African Union"),
)


def clean(name: str) -> str:
    """Return a name without the marks the United Nations' terminology puts after it."""
    return " ".join(name.replace("(the)", "").replace("*", "").split())


def write(name: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Write a table with tabs and a header."""
    lines = ["\t".join(row) for row in (header, *rows)]
    (OUT / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(iso_path: str, cow_path: str) -> None:
    """Write countries.tsv and aliases.tsv. Raises SystemExit where a spelling has two codes."""
    with Path(iso_path).open(encoding="utf-8-sig", newline="") as file:
        iso = list(csv.DictReader(file))
    cow_text = Path(cow_path).read_text(encoding="utf-8-sig").replace("\r", "\n")
    cow = {(row["StateNme"], row["CCode"]) for row in csv.DictReader(cow_text.splitlines())}
    spellings: dict[str, tuple[str, str]] = {}

    def add(name: str, code: str, source: str) -> None:
        if not name or (name in AMBIGUOUS):
            return
        held = spellings.setdefault(name.casefold(), (code, f"{name}\t{source}"))
        if held[0] != code:
            raise SystemExit(f"{name!r} is {held[0]} and {code}: make it ambiguous")

    short = {
        row["ISO3166-1-Alpha-2"]: SHORT.get(
            row["ISO3166-1-Alpha-2"], row["CLDR display name"].replace("St. ", "Saint ")
            .replace(" & ", " and ").replace("’", "'"),
        )
        for row in iso
    }  # fmt: skip
    for row in iso:
        code = row["ISO3166-1-Alpha-2"]
        for name in (short[code], *(clean(row[column]) for column in NAME_COLUMNS)):
            add(name, code, "ISO table")
    short["XK"] = "Kosovo"
    for source, names in SPELLINGS.items():
        for name, code in names.items():
            add(name, code, source)
    for code, name in SPECIAL:
        add(name, code, "common")
    by_name = {key: code for key, (code, _) in spellings.items()} | {
        name.casefold(): code for name, code in COW_NAMES.items()
    }
    numbers: dict[str, str] = {}
    for name, number in sorted(cow):
        if name in GONE:
            continue
        found = by_name.get(name.casefold()) or by_name.get(name.replace("St.", "Saint").casefold())
        if found is None:
            raise SystemExit(f"Correlates of War {number} {name!r} has no code")
        numbers[found] = number
        add(name, found, "Correlates of War")
    alpha3 = {row["ISO3166-1-Alpha-2"]: row["ISO3166-1-Alpha-3"] for row in iso} | {"XK": "XKX"}
    rows = [(c, alpha3[c], numbers.get(c, ""), short[c]) for c in sorted(alpha3)]
    rows += [(code, "", "", name) for code, name in SPECIAL]
    write("countries.tsv", ("code", "alpha3", "cow", "name"), rows)
    aliases = [
        (text.split("\t")[0], code, text.split("\t")[1]) for code, text in spellings.values()
    ]
    write("aliases.tsv", ("spelling", "code", "source"), sorted(aliases))


if __name__ == "__main__":
    main(*sys.argv[1:])
