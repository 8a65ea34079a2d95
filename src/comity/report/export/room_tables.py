"""The tables of the other rooms: definitions, take-ups, votes, wording, parallels, names."""

from __future__ import annotations

import tomllib
from functools import partial
from importlib import resources

from comity.definitions.model import ANSWERS, ORIENTATIONS, DefinerKind
from comity.diffusion.adoption import TOLD
from comity.diffusion.votes import VOTES
from comity.incidents.actors import SAYS
from comity.parallels.model import FEATURES
from comity.parallels.model import STATUSES as PARALLEL_STATUSES
from comity.report.export.columns import STATUS_SAYS, backing, imprecise, several, text
from comity.report.export.model import ATTACK, CC0, CC_BY, PDDL, Field, Origin, Table
from comity.report.export.shipped import REGISTER, shipped, to
from comity.tables import STATUSES

WORDING = "diffusion/wording"
ACTOR_TERMS = (
    "Rows stand under the terms of the source they name: attack, MITRE ATT&CK's terms of use "
    "((c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission "
    "of The MITRE Corporation.); misp, CC0 1.0; aptgroups (Florian Roth and contributors), "
    "CC BY 4.0, changed. The rest is CC BY 4.0."
)
ACTOR_SOURCES = (
    Origin("MITRE ATT&CK groups", "https://attack.mitre.org/groups/"),
    Origin("MISP galaxy, threat actors", "https://github.com/MISP/misp-galaxy"),
    Origin("APT Groups and Operations", "https://apt.threattracking.com"),
    REGISTER,
)


def definition_tables() -> tuple[Table, ...]:
    """Return the tables of what the words mean."""
    return (
        shipped(
            "terms", "definitions/terms.tsv", "Terms", "Words that are defined",
            (
                text("id", "Comity's id of the term", unique=True),
                text("title", "The term"),
                text("gloss", "What kind of thing it names, in our words"),
            ),
            key=("id",),
        ),
        shipped(
            "definers", "definitions/definers.tsv", "Definers",
            "Bodies that define a term; states are known by their code and have no row",
            (
                text("id", "Comity's id of the body", unique=True),
                text("name", "Its name"),
                text("kind", "What kind of body", values=tuple(DefinerKind)),
                text("region", "Where it is, or global"),
                text("note", "What to know of it", may_be_empty=True),
            ),
            key=("id",),
        ),
        shipped(
            "definitions", "definitions/definitions.tsv", "Definitions",
            "Who defines which term where, coded to what the definition covers",
            (
                text("id", "Comity's id of the definition", unique=True),
                text("term", "The term defined"),
                text("definer", "A country's code, or the id of a body in definers"),
                text("document", "The document it is in"),
                *imprecise("date", "When that is from"),
                text("place", "Where in the document"),
                text("language", "Language read (ISO 639-1)"),
                several("protects", "What is to be protected; none: nothing is named"),
                several("properties", "Which properties of it; none: none are named"),
                several("against", "Against what; unspecified: nothing is named"),
                text("content", "Whether content is a threat by it", values=ANSWERS),
                text("orientation", "Whether it looks inward, outward or both",
                     values=ORIENTATIONS),
                text("gloss", "What it says, in our words"),
                *backing(),
                text("second", "What a second reading found"),
            ),
            key=("id",), references=(to("terms", "term"),),
            parting={"protects": ";", "properties": ";", "against": ";"},
        ),
    )  # fmt: skip


def diffusion_tables() -> tuple[Table, ...]:
    """Return the tables of how norms spread."""
    return (
        shipped(
            "takeups", "diffusion/takeups.tsv", "Take-ups",
            "What states said or did alone about a norm, beside instruments and votes",
            (
                text("norm", "The norm"),
                text("party", "Country's code"),
                *imprecise("date", "When"),
                text("way", "How it was taken up, or kept at a distance", values=tuple(TOLD)),
                text("what", "What was said or done, in our words"),
                *backing(),
            ),
            references=(to("norms", "norm"), to("countries", "party", key=("code",))),
        ),
        shipped(
            "resolutions", "diffusion/resolutions.tsv", "Resolutions voted on",
            "Roll calls of the General Assembly on information security",
            (
                text("resolution", "Comity's id of the resolution", unique=True),
                *imprecise("date", "When the Assembly voted"),
                text("series", "The subject that ties texts together from session to session"),
                text("subject", "What it is on, in our words"),
                *backing(),
            ),
            key=("resolution",),
        ),
        shipped(
            "votes", "diffusion/votes.tsv", "Votes",
            "Who voted how. A state that is not listed was absent or did not vote",
            (
                text("resolution", "The resolution"),
                text("country", "Country's code"),
                text("vote", "How it voted", values=VOTES),
            ),
            key=("resolution", "country"),
            references=(to("resolutions", "resolution", key=("resolution",)),
                        to("countries", "country", key=("code",))),
            origins=(REGISTER, Origin(
                "Voting data of the United Nations General Assembly (Erik Voeten), as packaged by "
                "unvotes", "https://github.com/dgrtwo/unvotes")),
            terms="Facts, compiled by Comity. The terms of the data set they were taken from were "
            "not checked.",
        ),
        *(_wording(name) for name in _clauses()),
    )  # fmt: skip


def _clauses() -> tuple[str, ...]:
    folder = resources.files("comity").joinpath("data", *WORDING.split("/"))
    return tuple(sorted(f.name[: -len(".toml")] for f in folder.iterdir()
                        if f.name.endswith(".toml")))  # fmt: skip


def _wording(clause: str) -> Table:
    """Return the table of how instruments word a clause; what its columns mean is beside it."""
    path = resources.files("comity").joinpath("data", *WORDING.split("/"), f"{clause}.toml")
    told = tomllib.loads(path.read_text("utf-8"))
    features = {**told["counted"], **told["uncounted"]}
    columns: tuple[Field, ...] = tuple(
        text(name, f"{says[:1].upper()}{says[1:]}; unknown: not read", may_be_empty=True)
        for name, says in features.items()
    )
    return shipped(
        f"wording-{clause}", f"{WORDING}/{clause}.tsv", f"Wording: {clause}",
        f"How instruments word one clause, feature by feature: {told['title']}",
        (
            text("instrument", "The instrument's id", unique=True),
            *imprecise("date", "When it was adopted"),
            *columns,
            text("note", "What to know of it", may_be_empty=True),
            *backing(),
        ),
        key=("instrument",), references=(to("instruments", "instrument"),),
    )  # fmt: skip


def parallel_tables() -> tuple[Table, ...]:
    """Return the tables of other regimes, and of instruments by the same features."""
    return (
        shipped(
            "regimes", "parallels/regimes.tsv", "Regimes",
            "Regimes of other fields and cyber instruments that are compared with them",
            (
                text("id", "Comity's id of the regime", unique=True),
                text("name", "Its name"),
                text("field", "The field it is of"),
                text("breaks", "Where an analogy with it breaks, in our words"),
            ),
            key=("id",),
        ),
        shipped(
            "regime-features", "parallels/features.tsv", "Features of regimes",
            "How each regime stands on each feature: a code that can be compared, and in words",
            (
                text("regime", "The regime"),
                text("feature", "The feature", values=tuple(FEATURES)),
                text("code", "Its code"),
                text("value", "How it stands, in our words"),
                text("limit", "Where the reading is doubtful", may_be_empty=True),
                *backing(
                    sources_may_be_empty=True, statuses=PARALLEL_STATUSES,
                    says=f"{STATUS_SAYS}; judgement: a rating of ours; absent: nothing was found",
                ),
            ),
            key=("regime", "feature"), references=(to("regimes", "regime"),),
        ),
    )  # fmt: skip


def name_tables() -> tuple[Table, ...]:
    """Return the tables of names: countries and groupings, actors."""
    return (
        shipped(
            "countries", "countries/countries.tsv", "Countries",
            "Codes that stand for countries in every table. NA is Namibia, not a missing value",
            (
                text("code", "ISO 3166-1 alpha-2, XK, or a code of ours that begins with X-",
                     unique=True),
                text("alpha3", "ISO 3166-1 alpha-3", may_be_empty=True),
                text("cow", "State number of the Correlates of War project", may_be_empty=True),
                text("name", "Short English name"),
            ),
            key=("code",), licences=(PDDL,),
            origins=(Origin("ISO 3166-1 in datasets/country-codes",
                            "https://github.com/datasets/country-codes"),
                     Origin("Correlates of War Project, country codes",
                            "https://correlatesofwar.org/cow-country-codes/")),
        ),
        shipped(
            "groupings", "countries/groupings.tsv", "Groupings",
            "Who belonged to which grouping, from when to when",
            (
                text("grouping", "The grouping"),
                text("code", "Country's code"),
                *imprecise("from", "From when"),
                *imprecise("to", "To when, this day included; .. where it is still in"),
                text("source", "Address where it can be read"),
                text("status", STATUS_SAYS, values=STATUSES),
                text("note", "What to know of it", may_be_empty=True),
            ),
            key=("grouping", "code", "from"), references=(to("countries", "code", key=("code",)),),
        ),
        *_actors(),
    )  # fmt: skip


def _actors() -> tuple[Table, ...]:
    """Return the tables of actors, whose rows are under the terms of where they were taken from."""
    taken = partial(
        shipped, licences=(CC_BY, ATTACK, CC0), origins=ACTOR_SOURCES, terms=ACTOR_TERMS
    )
    source = text("source", "Which published table says so", values=("attack", "misp", "aptgroups"))
    return (
        taken(
            "actors", "actors/actors.tsv", "Actors",
            "Groups that are said to have acted, under one name each",
            (
                text("id", "Comity's id of the actor", unique=True),
                text("name", "Its name"),
                text("attack", "Its id at MITRE ATT&CK", may_be_empty=True),
                text("misp", "Its id in the MISP galaxy", may_be_empty=True),
            ),
            key=("id",),
        ),
        taken(
            "actor-names", "actors/aliases.tsv", "Names of actors",
            "Under which names an actor is known, and to whom",
            (text("actor", "The actor"), text("alias", "A name it is known by"), source),
            key=("actor", "alias", "source"), references=(to("actors", "actor"),),
        ),
        taken(
            "actor-claims", "actors/claims.tsv", "Claims on actors",
            "Which state a published table says an actor comes from or acts for: its claim",
            (
                text("actor", "The actor"),
                source,
                text("says", "sponsor: acts for it; origin: comes from there", values=SAYS),
                text("country", "Country's code"),
                text("basis", "Where in the source it says so"),
                text("address", "Address of the source"),
            ),
            references=(to("actors", "actor"), to("countries", "country", key=("code",))),
        ),
    )  # fmt: skip
