"""The tables of what was agreed and what came of it: instruments, norms, parties, talks, acts."""

from __future__ import annotations

from comity.exchange.terms import TERMS
from comity.instruments import claims
from comity.instruments.tables import ALLOWED
from comity.process.model import ActKind, MeasureKind
from comity.report.export.columns import STATUS_SAYS, backing, imprecise, several, text
from comity.report.export.model import Field, Kind, Table
from comity.report.export.shipped import shipped, to

PARTY = "Country's code (ISO 3166-1 alpha-2) or grouping:NAME"


def instrument_tables() -> tuple[Table, ...]:
    """Return the tables of the register of instruments."""
    return (*_agreed(), *_provided(), *_told())


def _agreed() -> tuple[Table, ...]:
    """Return what was agreed: instruments and norms."""
    forms = ALLOWED["instruments.tsv"]
    return (
        shipped(
            "instruments", "instruments/instruments.tsv", "Instruments",
            "Agreements, resolutions, reports and proposals on conduct in cyberspace, one a row",
            (
                text("id", "Comity's id of the instrument", unique=True),
                text("title", "Its title, or what it is called"),
                *imprecise("date", "When it was adopted or announced"),
                text("forum", "How many were in the room", values=forms["forum"]),
                text("body", "Who adopted or announced it"),
                text("standing", "What kind of word it is", values=forms["standing"]),
                text("standing_reason", "Why it is taken to stand so"),
                *backing(),
            ),
            key=("id",),
        ),
        shipped(
            "norms", "instruments/norms.tsv", "Norms",
            "Rules of conduct that provisions of several instruments have in common",
            (
                text("id", "Comity's id of the norm", unique=True),
                text("family", "The set it was written in"),
                text("kind", "What it asks for", values=ALLOWED["norms.tsv"]["kind"]),
                text("title", "A short name"),
                text("gloss", "What it asks, in our words"),
                text("breach", "What would show a breach", may_be_empty=True),
                text("keeping", "What would show that it is kept", may_be_empty=True),
                *backing(),
            ),
            key=("id",),
        ),
    )  # fmt: skip


def _provided() -> tuple[Table, ...]:
    """Return which instrument states which norm, who is party to it, and what takes up what."""
    instrument = text("instrument", "The instrument's id")
    return (
        shipped(
            "provisions", "instruments/provisions.tsv", "Provisions",
            "Which place of which instrument states which norm, and how strongly",
            (
                instrument,
                text("place", "Where in the text"),
                text("norm", "The norm it states"),
                text("strength", "Its verb", values=ALLOWED["provisions.tsv"]["strength"]),
                text("commits", "Whether the parties promise it to each other by it",
                     values=ALLOWED["provisions.tsv"]["commits"]),
                text("gloss", "What it says, in our words"),
                *backing(),
            ),
            key=("instrument", "place", "norm"),
            references=(to("instruments", "instrument"), to("norms", "norm")),
        ),
        shipped(
            "parties", "instruments/parties.tsv", "Parties",
            "Who is a party to which instrument, from when to when",
            (
                instrument,
                text("party", PARTY),
                text("role", "What it is to the instrument", values=ALLOWED["parties.tsv"]["role"]),
                *imprecise("since", "From when"),
                *imprecise("until", "To when, this day included; .. where no end is known",
                           may_be_empty=True),
                *backing(),
            ),
            key=("instrument", "party", "since"), references=(to("instruments", "instrument"),),
        ),
        shipped(
            "instrument-links", "instruments/links.tsv", "Links between instruments",
            "Which instrument takes up which other, and how",
            (
                text("source", "The instrument that takes the other up"),
                text("kind", "What it does to the other", values=ALLOWED["links.tsv"]["kind"]),
                text("target", "The instrument that is taken up"),
                text("note", "What of it", may_be_empty=True),
                *backing(),
            ),
            key=("source", "kind", "target"),
            references=(to("instruments", "source"), to("instruments", "target")),
        ),
    )  # fmt: skip


def _told() -> tuple[Table, ...]:
    """Return what is told of instruments, by whom."""
    instrument = text("instrument", "The instrument's id")
    return (
        shipped(
            "accounts", "instruments/accounts.tsv", "Accounts",
            "What each side says on a contested point; none is marked as the true one",
            (
                instrument,
                text("topic", "The point that is told differently"),
                text("party", "Who says it"),
                *imprecise("date", "When it was said", may_be_empty=True),
                text("says", "What is said, in our words"),
                *backing(),
            ),
            key=("instrument", "topic", "party", "date"),
            references=(to("instruments", "instrument"),),
        ),
        shipped(
            "claims", "instruments/claims.tsv", "Claims",
            "Who said in public whether a promise was kept. A claim is not a finding",
            (
                instrument,
                text("about", "The state whose conduct is spoken of"),
                *imprecise("date", "When it was said"),
                text("party", "Who says it"),
                text("party_kind", "What kind of party", values=claims.PARTY_KINDS),
                text("says", "What it says, by rule: breach, no-breach, decline or unclear",
                     values=claims.SAYS),
                text("what", "What is said, in our words"),
                text("source", "Address where it can be read"),
                text("status", STATUS_SAYS, values=claims.STATUSES),
                text("independent_of", "Whom it repeats or belongs to; empty: it speaks for itself",
                     may_be_empty=True),
            ),
            key=("instrument", "about", "date", "party", "what"),
            references=(to("instruments", "instrument"), to("countries", "about", key=("code",))),
        ),
        shipped(
            "replies", "replies.tsv", "Replies and corrections",
            "What parties reply to a verdict and readers correct: theirs, and no finding",
            (
                text("question", "The question's id"),
                text("kind", "What it is", values=("reply", "correction")),
                *imprecise("date", "When it was said"),
                text("party", "Who says it"),
                text("text", "What is said"),
                text("source", "Address where it can be read"),
                text("status", STATUS_SAYS, values=claims.STATUSES),
            ),
        ),
    )  # fmt: skip


def process_tables() -> tuple[Table, ...]:
    """Return the tables of talks, acts, implementation, enforcement and published terms."""
    return (_tracks(), _events(), _implementation(), _enforcement(), _terms())


def _tracks() -> Table:
    return shipped(
        "tracks", "instruments/tracks.tsv", "Tracks",
        "Lines of talks, hotlines and networks, and how they stand",
        (
            text("id", "Comity's id of the track", unique=True),
            text("name", "Its name"),
            text("kind", "What sort of talks", values=ALLOWED["tracks.tsv"]["kind"]),
            several("parties", "Countries' codes, grouping:NAME, or ids of bodies"),
            text("instrument", "The instrument it follows up, if any", may_be_empty=True),
            *imprecise("since", "When it began"),
            text("founding", "What founded it"),
            *imprecise("until", "When it ended; .. where no end is known", may_be_empty=True),
            text("predecessor", "The track it continues, if any", may_be_empty=True),
            text("state", "How it stands, in our words"),
            *backing(),
        ),
        key=("id",),
        references=(to("instruments", "instrument"), to("tracks", "predecessor")),
    )  # fmt: skip


def _events() -> Table:
    return shipped(
        "events", "process/events.tsv", "Talks' events and acts",
        "Dated meetings and acts: who did what towards whom, on which track",
        (
            text("id", "Comity's id of the act, or of one party's account of it", unique=True),
            *imprecise("date", "When"),
            text("kind", "What was done", values=tuple(ActKind)),
            several("actor", "Who: countries' codes, ids of bodies, or names"),
            several("target", "Towards whom", may_be_empty=True),
            text("track", "The track it belongs to", may_be_empty=True),
            text("affair", "What ties acts on one matter together", may_be_empty=True),
            text("what", "What happened, in our words"),
            text("account_of", "The party that tells it so, where told differently",
                 may_be_empty=True),
            several("bears_on", "States whose conduct it may have changed", may_be_empty=True),
            *backing(),
        ),
        key=("id",), references=(to("tracks", "track"),),
    )  # fmt: skip


def _implementation() -> Table:
    return shipped(
        "implementation", "process/implementation.tsv", "Implementation",
        "What a party did to carry out a norm or a confidence-building measure",
        (
            text("party", "Country's code, or id of a body"),
            text("measure", "The norm or measure that was carried out"),
            text("kind", "What sort of step", values=tuple(MeasureKind)),
            text("what", "What was done, in our words"),
            *imprecise("date", "When"),
            *backing(),
        ),
        references=(to("norms", "measure"),),
    )  # fmt: skip


def _enforcement() -> Table:
    return shipped(
        "enforcement", "process/enforcement.tsv", "Enforcement",
        "A promise or norm thought broken, what was done about it, and what followed",
        (
            text("id", "Comity's id of the matter", unique=True),
            text("promise", "The instrument, or none where no promise was named"),
            text("breach", "What was alleged, in our words"),
            text("alleged_by", "Who alleged it"),
            *imprecise("date", "When it was alleged"),
            text("response", "What was done, in our words"),
            several("responses", "What was done, by our codes"),
            *imprecise("response_date", "When that was done", may_be_empty=True),
            text("followed", "What followed, in our words"),
            several("course", "What followed, by our codes"),
            *backing(),
        ),
        key=("id",),
    )  # fmt: skip


def _terms() -> Table:
    return shipped(
        "line-terms", "exchange/terms.tsv", "Terms of lines",
        "What is published of how fast a track's parties answer and how often it is checked",
        (
            text("track", "The track"),
            text("term", "What it is a term of", values=tuple(TERMS)),
            Field("value", Kind.NUMBER, "Hours, of checks days; empty: no number is published"),
            text("what", "What is published, in our words"),
            *backing(),
        ),
        references=(to("tracks", "track"),),
    )  # fmt: skip
