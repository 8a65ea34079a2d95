"""A briefing on implementation: what was done under a text that prohibits nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from comity.instruments.model import Status, Track
from comity.report.briefing.annex import again, sources
from comity.report.briefing.model import (
    Answer,
    Block,
    Bullets,
    Line,
    Pairs,
    Paragraph,
    Picture,
    Run,
    Source,
    Subheading,
    Table,
)
from comity.report.briefing.said import (
    day_words,
    first_sentence,
    line,
    named,
    opening,
    parties,
    said,
    short,
    sources_of,
)
from comity.report.briefing.talks import Lines, account_items, account_table, stands, talk_table
from comity.report.implementation import INDIRECT
from comity.report.process_chart import talks_svg
from comity.report.text import clean
from comity.verification.implementation import ImplementationVerdict
from comity.verification.words import counted

TITLES: Mapping[str, str] = {"chart": "What is on record"}
MOST_MEASURES = 6
LONGEST = 420


@dataclass(frozen=True, slots=True)
class Material:
    """What a briefing on implementation is made of."""

    verdict: ImplementationVerdict
    lines: Lines

    @property
    def text(self) -> tuple[Source, ...]:
        """The sources of what was agreed."""
        facts = self.verdict.instrument
        return sources_of(f"On {facts.title}", facts.sources)

    @property
    def follow_up(self) -> tuple[Source, ...]:
        """The sources of what is on record of follow-up."""
        return tuple(s for t in self.verdict.tracks for s in _of(t))


def _of(track: Track) -> tuple[Source, ...]:
    return sources_of(track.name, track.sources)


def agreement(m: Material) -> tuple[Block, ...]:
    """Return what was agreed, by whom, how binding, and what it asks for."""
    v, facts = m.verdict, m.verdict.instrument
    why = first_sentence(facts.standing_reason)
    binding = f"{facts.standing}{': ' if why else ''}{why}."
    titles = [clean(x.title).partition(": ")[2] or clean(x.title) for x in v.measures]
    more = len(titles) - MOST_MEASURES
    asks = f"{counted(len(titles), 'measure')}: {'; '.join(titles[:MOST_MEASURES])}"
    asks += f"; and {more} more." if more > 0 else "."
    return (
        Pairs(
            (
                ("Text", line(f"{facts.title}, {day_words(facts.date)}", m.text)),
                ("Between", line(parties(facts.parties))),
                ("How binding", line(short(opening(binding), LONGEST))),
                ("Asks for", line(short(asks, LONGEST))),
            )
        ),
    )


def answers(m: Material) -> tuple[Block, ...]:
    """Return the three answers, one of which can be asked of such a text."""
    v = m.verdict
    return (
        Answer("Did it change?", opening(v.changed.term), line(v.changed.sentence, m.text)),
        Answer("Was it kept?", opening(v.kept.term), line(v.kept.sentence, m.follow_up)),
        Answer(
            "Was it because of the agreement?", opening(v.because.term),
            line(v.because.sentence, m.text),
        ),
    )  # fmt: skip


def chart(m: Material) -> tuple[Block, ...]:
    """Return the lines of follow-up on an axis of time."""
    found = m.lines.found
    if not found.tracks:
        return (Paragraph(line("No dated line of talks under this text is on record.")),)
    svg = talks_svg(m.lines.talks, found)
    told = "; ".join(f"{t.name}: {stands(c)}" for t, c in m.lines.pairs)
    cites = tuple(s for t in found.tracks for s in sources_of(t.name, t.sources))
    caption = line(f"Lines of follow-up, as of {found.day}. {told}.", cites)
    return (Picture("talks", svg, f"Lines of follow-up on an axis of time. {told}.", caption),)


def confidence(m: Material) -> tuple[Block, ...]:
    """Return that no likelihood is given, and the confidence with its reason."""
    found = m.verdict.confidence
    reasons = "; ".join(map(clean, found.reasons))
    return (
        Paragraph(named("Likelihood:", "none is given, because nothing was estimated.")),
        Paragraph(
            named("Confidence in the record:", f"{found.word}: {reasons}.", m.follow_up)
        ),
    )  # fmt: skip


def unknown(m: Material) -> tuple[Block, ...]:
    """Return what the register cannot show, and what would change the answer."""
    v = m.verdict
    points: list[Line] = []
    indirect = [t for t in v.tracks if t.status is not Status.SEEN]
    if indirect:
        names = ", ".join(clean(t.name) for t in indirect)
        points.append(
            named("To be surer,", f"read at its source what is known of: {names}.",
                  tuple(s for t in indirect for s in _of(t)))
        )  # fmt: skip
    shown = [x for x in v.measures if x.keeping]
    for measure in shown[:3]:
        points.append(
            named(f"{clean(measure.title)}:", f"would show it done: {clean(measure.keeping)}",
                  sources_of(measure.title, measure.provision.sources))
        )  # fmt: skip
    points += [line(caveat) for caveat in v.caveats]
    return (Bullets(tuple(points), keep=2),)


def points(m: Material) -> tuple[Block, ...]:
    """Return follow-up on record and what is told differently."""
    v = m.verdict
    blocks: list[Block] = [Subheading("Follow-up on record")]
    if v.tracks:
        blocks.append(Bullets(tuple(map(_track, v.tracks)), keep=2, full="record"))
    else:
        blocks.append(Paragraph(line("The register records none.")))
    if v.accounts:
        blocks.append(Subheading("Each party's account"))
        blocks.append(Bullets(account_items(v.accounts), keep=1, full="record"))
    return tuple(blocks)


def _track(t: Track) -> Line:
    until = f"to {day_words(t.until)}" if t.until else "no end seen"
    text = f"({t.kind}), from {day_words(t.since)}, {until}: {clean(t.state).rstrip('.')}."
    indirect = f" {INDIRECT[t.status].capitalize()}." if t.status in INDIRECT else ""
    return (Run(f"{clean(t.name)} ", "strong"), said(text + indirect, _of(t)))


def method(_: Material) -> tuple[Block, ...]:
    """Return how an answer about implementation is reached."""
    text = (
        "A text of measures that build confidence prohibits nothing, so counts of incidents do not "
        "speak to it. The answer is what the register records: each line of follow-up with its "
        "dates, what is told differently, and how far each row was read at its source. Confidence "
        "is low where no follow-up is on record or a row was not read at its source, else "
        "moderate; it is never high, because a register holds what was found."
    )
    return (Paragraph(line(text)),)


def measures(m: Material) -> tuple[Block, ...]:
    """Return each measure with what would show it done or left."""
    found = m.verdict.measures
    known = any(x.keeping or x.breach for x in found)
    none = "not written down"
    rows = tuple(
        (
            line(x.title, look="strong"),
            line(x.provision.gloss, sources_of(x.title, x.provision.sources)),
            *((line(x.keeping or none), line(x.breach or none)) if known else ()),
        )
        for x in found
    )
    head: tuple[str, ...] = ("Measure", "In our words")
    caption, widths = "What each measure asks for, in our words.", (35, 65)
    if not known:
        caption += " What would show it done or left is not written down in the register."
        return (Table(caption, head, rows, widths),)
    head += ("Would show it done", "Would show it left")
    return (Table(caption, head, rows, (24, 32, 22, 22)),)


def record(m: Material) -> tuple[Block, ...]:
    """Return every line of follow-up and every account, each with its source."""
    v = m.verdict
    rows = tuple(
        (
            line(t.name, _of(t)), line(t.kind), line(day_words(t.since)),
            line(day_words(t.until) if t.until else "no end seen"), line(t.state),
            line(str(t.status)),
        )
        for t in v.tracks
    )  # fmt: skip
    blocks: list[Block] = []
    if rows:
        head = ("Line", "Kind", "From", "To", "How it stands", "Checked")
        blocks.append(Table("Follow-up on record.", head, rows, (22, 14, 12, 12, 28, 12)))
    if v.accounts:
        blocks.append(account_table(v.accounts))
    if m.lines.found.tracks:
        blocks.append(talk_table(m.lines))
    return tuple(blocks) or (Paragraph(line("The register records none.")),)


def caveats(m: Material) -> tuple[Block, ...]:
    """Return every caveat."""
    return (Bullets(tuple(map(line, m.verdict.caveats))),)


def reproduce(m: Material) -> tuple[Block, ...]:
    """Return how to cite the briefing and how to make it again."""
    v = m.verdict
    name = clean(v.question.path) or v.question.id
    cite = f"Comity {v.version}, briefing on {v.question.id}: {clean(v.question.title)}"
    code = (
        "from comity.api_all import verify_implementation; from comity.report.briefing import "
        f"briefing_pdf, compose; pdf = briefing_pdf(compose(verify_implementation({name!r})))"
    )
    command = f"comity report {name} --format pdf -o {v.question.id}.pdf"
    note = f"Talks as of {m.lines.found.day}. The register is CC BY 4.0, the Comity contributors."
    return (
        Paragraph(named("Cite as:", f"{cite}; talks as of {m.lines.found.day}.")),
        *again(command, code),
        Paragraph(line(note), "note"),
    )


MAIN_PARTS: Mapping[str, Callable[[Material], tuple[Block, ...]]] = {
    "agreement": agreement,
    "answers": answers,
    "chart": chart,
    "confidence": confidence,
    "open": unknown,
    "points": points,
}
ANNEX_PARTS: Mapping[str, Callable[[Material], Sequence[Block]]] = {
    "method": method,
    "measures": measures,
    "record": record,
    "caveats": caveats,
    "reproduce": reproduce,
    "sources": sources,
}
