"""The two pages of a briefing on conduct: what a verdict says, in a minister's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from comity.instruments.model import Account
from comity.report.briefing.model import (
    Answer,
    Block,
    Bullets,
    Line,
    Pairs,
    Paragraph,
    Picture,
    Source,
    Subheading,
)
from comity.report.briefing.said import (
    day_words,
    first_sentence,
    line,
    list_sources,
    named,
    opening,
    parties,
    short,
    sources_of,
)
from comity.report.briefing.talks import (
    Lines,
    account_items,
    claim_items,
    claim_source,
    reply_items,
    talk_items,
    voices,
)
from comity.report.chart_data import activity_alt, activity_rows, in_scope, mark_rows, span_rows
from comity.report.charts import pair_svg
from comity.report.html import marks_said
from comity.report.text import (
    clean,
    comparison_name,
    direction,
    headline_of,
    least_of,
    mirror_net,
    reaches_past,
    tag,
)
from comity.verification.model import Verdict
from comity.verification.otherwise import departure_caveat
from comity.verification.registered import registration_line
from comity.verification.words import FELL_LEAST, FELL_PRIMARY, chance, percent

LONGEST = 420
NEXT_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Material:
    """What a briefing on conduct is made of."""

    verdict: Verdict
    accounts: tuple[Account, ...]
    lines: Lines

    @property
    def text(self) -> tuple[Source, ...]:
        """The sources of what was agreed."""
        facts = self.verdict.instrument
        return () if facts is None else sources_of(f"On {facts.title}", facts.sources)

    @property
    def lists(self) -> tuple[Source, ...]:
        """The lists the verdict counts from."""
        return list_sources(self.verdict.lists)

    @property
    def rivals(self) -> tuple[Source, ...]:
        """The sources of the events that might explain a change as well."""
        declared = self.verdict.question.rivals
        return tuple(s for r in declared for s in sources_of(r.what, (r.source,)))


def agreement(m: Material) -> tuple[Block, ...]:
    """Return what was agreed, by whom, how binding, and what is asked of it."""
    facts, question = m.verdict.instrument, m.verdict.question
    rows: list[tuple[str, Line]] = []
    if facts is not None:
        why = first_sentence(facts.standing_reason)
        binding = f"{facts.standing}{': ' if why else ''}{why}."
        rows = [
            ("Text", line(f"{facts.title}, {day_words(facts.date)}", m.text)),
            ("Between", line(parties(facts.parties))),
            ("How binding", line(short(opening(binding), LONGEST))),
            ("In our words", line(short(facts.gloss, LONGEST))),
        ]
    else:
        rows = [("Day asked about", line(f"{question.agreed}; no instrument is named"))]
    scope = question.scope
    years = f"{question.window_from.year} to {question.window_to.year}"
    departs = departure_caveat(question, m.verdict.choices.otherwise.months)
    if departs:
        rows.append(("Not as declared", line(departs)))
    rows.append(("Asked about", line(opening(f"{scope.title}: {direction(scope)}, {years}"))))
    if m.verdict.registration is not None:
        rows.append(("Registered", line(short(registration_line(m.verdict.registration), LONGEST))))
    return (Pairs(tuple(rows)),)


def answers(m: Material) -> tuple[Block, ...]:
    """Return the three answers as the verdict gives them, and how to read their numbers."""
    v = m.verdict
    told = voices(v.claims) if any(c.says == "breach" for c in v.claims) else ()
    claims = [s for c in told for s in claim_source(c)]
    blocks: list[Block] = [
        Answer("Did it change?", opening(tag(v.changed)), line(v.changed.sentence, m.lists)),
        Answer("Was it kept?", opening(tag(v.kept)), line(v.kept.sentence, (*m.lists, *claims))),
        Answer(
            "Was it because of the agreement?", opening(tag(v.because)),
            line(v.because.sentence, (*m.lists, *m.rivals)),
        ),
    ]  # fmt: skip
    headline = headline_of(v)
    if headline is not None and headline.identified and headline.ratio is not None:
        level = round(100 * v.choices.level)
        note = (
            "Numbers: a ratio is the rate after over the rate before, 1 is no change, 0.5 a "
            f"halving; in brackets its {level} % interval; the percentage is the chance that it "
            "fell."
        )
        blocks.append(Paragraph(line(note), "note", movable=True))
    if v.mirror is not None:
        other = v.mirror
        text = f"{direction(other.question.scope)}: {mirror_net(other)}; {clean(other.kept.term)}."
        blocks.append(
            Paragraph(named("The other direction.", opening(text), m.lists), movable=True)
        )
    return tuple(blocks)


def chart(m: Material) -> tuple[Block, ...]:
    """Return the pair's reported incidents by quarter, with the agreement and its rivals."""
    counted = any(row["count"] for row in activity_rows(m.verdict) if row["cell"] == "A")
    if not counted:
        events = "; ".join(f"{mark['what']}, {mark['date']}" for mark in mark_rows(m.verdict))
        told = f"There is nothing to draw: no incident in scope is counted. Events: {events}."
        return (Paragraph(line(told, (*m.lists, *m.rivals))),)
    svg = pair_svg(m.verdict)
    return (
        Picture(
            "activity",
            svg,
            activity_alt(m.verdict, "A"),
            line(marks_said(m.verdict), (*m.lists, *m.rivals)),
        ),
    )


def confidence(m: Material) -> tuple[Block, ...]:
    """Return likelihood and confidence apart, with the reason for the confidence."""
    v = m.verdict
    head, low = headline_of(v), least_of(v, v.question.scope.id)
    if head is None or not head.identified or head.fell is None:
        likely = "none is given, because no change is identified."
    else:
        likely = f"that reported conduct fell {chance(head.fell)} ({percent(head.fell)})"
        chosen = "declared beforehand" if v.question.chosen == "declared" else "chosen"
        likely += f" by the comparison {chosen}, {comparison_name(head)}"
        if low is not None and low is not head and low.fell is not None:
            likely += f"; it {chance(low.fell)} ({percent(low.fell)}) by the least favourable"
            likely += f" one, {comparison_name(low)}"
        likely += "."
    reasons = "; ".join(map(clean, v.confidence.reasons))
    why = f"{v.confidence.word}{': ' if reasons else ''}{reasons}."
    return (
        Paragraph(named("Likelihood:", likely, m.lists)),
        Paragraph(named("Confidence:", why)),
        Paragraph(
            line(
                "Likelihood says how probable the answer is; confidence, how far evidence and "
                "method can be relied on (terms of United States Intelligence Community "
                "Directive 203)."
            ),
            "note", movable=True,
        ),
    )  # fmt: skip


def unknown(m: Material) -> tuple[Block, ...]:
    """Return what would move the answer, and what the evidence cannot show."""
    v = m.verdict
    points: list[Line] = [*_next_evidence(v), *_thresholds(m), *_reach(m)]
    mine = in_scope(v)
    wide = sum(not row["sharp"] for row in span_rows(v))
    both = sum(c.when in ("straddles", "unknown") for c in mine)
    if wide:
        text = f"{wide} of {len(mine)} incidents in scope cannot be dated to one quarter"
        text += f"; {both} of them may lie on either side of the agreement" if both else ""
        points.append(named("Dates.", f"{text}.", m.lists))
    if v.caveats:
        points.append(named("What was never published.", v.caveats[0]))
    points.append(
        named("Who did it", "is what a list or a claimant says; no incident was examined anew.")
    )
    return (Bullets(tuple(points), keep=2),)


def _next_evidence(v: Verdict) -> list[Line]:
    """Return the open facts that matter most, where the cross-examination looked for them."""
    found = v.examination.next_evidence if v.examination is not None else None
    if found is None:
        return []
    points = [named("Next evidence.", found.sentence)]
    for item in found.items[:NEXT_SHOWN]:
        ways = "; ".join(
            f"{clean(s.what)} ({percent(s.chance)}): then {percent(s.fell)} that it fell"
            for s in item.settlements
        )
        name = short(item.name or item.incident, 80)
        points.append(
            named(f"{item.kind.capitalize()} of {name},", f"now {clean(item.now)}. If {ways}.",
                  sources_of(name, item.sources[:2]))
        )  # fmt: skip
    return points


def _thresholds(m: Material) -> list[Line]:
    """Return what the written rule asks for before it says "fell", and how near it is."""
    v = m.verdict
    head, low = headline_of(v), least_of(v, v.question.scope.id)
    if head is None or not head.identified or head.fell is None:
        return []
    text = (
        f"the word needs {percent(FELL_PRIMARY)} by the {v.question.chosen} comparison and "
        f"{percent(FELL_LEAST)} by the least favourable one; these stand at {percent(head.fell)}"
    )
    text += f" and {percent(low.fell)}." if low is not None and low.fell is not None else "."
    return [named("To say that it fell,", text, m.lists)]


def _reach(m: Material) -> list[Line]:
    """Return what evidence would make an unanswered question answerable."""
    v = m.verdict
    head = headline_of(v)
    if not reaches_past(v):
        last = max((use.covers_to for use in v.lists), default="no day")
        text = f"the evidence ends with what began by {last}; a list that reaches past "
        return [named("To answer at all,", f"{text}{v.question.agreed} is needed.", m.lists)]
    if head is None or not head.identified:
        why = clean(head.reason) if head is not None else "nothing was fitted"
        text = f"more is needed than is there: {why}. Another list may hold it."
        return [named("To answer at all,", text, m.lists)]
    return []


def points(m: Material) -> tuple[Block, ...]:
    """Return who claims what, what each party says differently, and how talks stand."""
    v = m.verdict
    blocks: list[Block] = [Subheading("Who claims what")]
    claims = claim_items(v.claims)
    if claims:
        blocks.append(Bullets(claims, keep=2, full="record"))
    else:
        blocks.append(
            Paragraph(line("No party is on record here with a claim that it was or was not kept."))
        )
    told = (*reply_items(v.replies), *account_items(m.accounts))
    if told:
        blocks += [Subheading("Each party's account"), Bullets(told, keep=1, full="record")]
    blocks.append(Subheading(f"Talks, as of {m.lines.found.day.isoformat()}"))
    items = talk_items(m.lines)
    if items:
        blocks.append(Bullets(items, keep=2, full="record"))
    else:
        blocks.append(Paragraph(line("No line of talks under this text is on record here.")))
    return tuple(blocks)


MAIN_PARTS: Mapping[str, Callable[[Material], tuple[Block, ...]]] = {
    "agreement": agreement,
    "answers": answers,
    "chart": chart,
    "confidence": confidence,
    "open": unknown,
    "points": points,
}
