"""The annex of a briefing on conduct: method, robustness, record, incidents, how to redo it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence

from comity.report.briefing.conduct import Material
from comity.report.briefing.model import (
    Block,
    Bullets,
    Line,
    Paragraph,
    Picture,
    References,
    Run,
    Subheading,
    Table,
)
from comity.report.briefing.said import line, list_sources, named, opening, said, short, sources_of
from comity.report.briefing.talks import account_table, claim_table, reply_items, talk_table
from comity.report.chart_data import in_scope
from comity.report.examination_charts import CHARTS
from comity.report.examination_tables import ATTACKS, TABLES, notes_of
from comity.report.html import WHEN, python_lines, side_by_side
from comity.report.text import (
    COMPARISONS,
    PASSED,
    choice_words,
    clean,
    list_counts,
    period_word,
    role_words,
)
from comity.verification.examine.asked import FINDINGS
from comity.verification.model import IncidentCard, Verdict
from comity.verification.otherwise import definition_given
from comity.verification.words import FELL_LEAST, FELL_PRIMARY, counted, percent

HELD_AGAINST: Mapping[str, str] = {
    "four-cells": "what the same initiator was reported to do to others, what others did to the "
    "same receiver, and what all others did to one another",
    "initiator-elsewhere": "what the same initiator was reported to do to others",
    "receiver-otherwise": "what others were reported to do to the same receiver",
    "target-alone": "nothing but its own past",
}
MOST_INCIDENTS = 80
MOST_ROWS = 14
MOST_SOURCES = 3


def method(m: Material) -> tuple[Block, ...]:
    """Return how the answer was reached, in plain words, and the numbers side by side."""
    v, q = m.verdict, m.verdict.question
    reading = v.choices.reading
    dates = "the whole year" if reading.first_of_year == "year" else "that day"
    months = "the whole month" if reading.first_of_month == "month" else "that day"
    compared = HELD_AGAINST.get(q.comparison, clean(q.comparison))
    chosen = "declared beforehand" if q.chosen == "declared" else "chosen"
    points: list[Line] = [
        named("What is counted.", f"Incidents that public lists report, by the day they began, "
              f"from {q.window_from} to {q.window_to}, both inclusive.", m.lists),
        named("Against what.", f"The pair's record is held against {compared}."),
        named("Dates.", f"An imprecise date is shared out over the days it allows. A list's "
              f"1 January is read as {dates}, its 1st of a month as {months}."),
        named("Late reports.", "What began lately is often not yet reported; the delay is "
              "estimated from the lists and allowed for."),
        named("Words.", f"\"Fell\" needs {percent(FELL_PRIMARY)} by the comparison {chosen} and "
              f"{percent(FELL_LEAST)} by the least favourable; \"not identified\" says that the "
              "evidence cannot tell, by a written rule."),
        named("Kept.", "Doing less of a thing is not keeping a promise not to do it: the second "
              "answer says only what is claimed, and by whom."),
    ]  # fmt: skip
    if q.assumes:
        assumed = "Assumed." if q.chosen == "declared" else "Assumed of the comparison declared."
        points.insert(2, named(assumed, f"{opening(q.assumes)}."))
    return (Bullets(tuple(points)), _lists(v), *_scopes(v))


def _lists(v: Verdict) -> Table:
    """Return the lists used: release, coverage, day of closing, incidents in scope."""
    rows = tuple(
        (
            line(use.title or use.name, list_sources((use,))), line(use.release),
            line(use.covers_to), line(use.closed_on), line(list_counts(use)),
            line(f"{100 * use.year_only:.0f} %"),
        )
        for use in v.lists
    )  # fmt: skip
    return Table(
        "Evidence used. Cells: A the pair, B the initiator against others, C others against the "
        "receiver, D others against others.",
        ("List", "Release", "Starts to", "Closed on", "In scope, by cell", "Year or worse"),
        rows, (26, 14, 14, 16, 18, 12),
    )  # fmt: skip


def _scopes(v: Verdict) -> tuple[Block, ...]:
    """Return the readings of the question side by side, a row a reading."""
    scopes = v.question.scopes
    level = round(100 * v.choices.level)
    wanted = ("Incidents before", "Incidents after", "Net change, 5 years")
    found = [(name, cells) for name, cells in side_by_side(v) if name.startswith(wanted)]
    rows = tuple(
        (
            (said(f"{role_words(v.question, s)}: ", look="soft"), said(s.title)),
            *(line(", ".join(filter(None, cells[k]))) for _, cells in found),
        )
        for k, s in enumerate(scopes)
    )
    if not found:
        return ()
    table = Table(
        f"Readings side by side, {COMPARISONS.get(v.question.comparison, v.question.comparison)}: "
        f"rate after over before with {level} % interval, and the chance that it fell.",
        ("Reading", *(name for name, _ in found)), rows, (30, *([70 // len(found)] * len(found))),
    )  # fmt: skip
    return (table,)


def robustness(m: Material) -> tuple[Block, ...]:
    """Return what the cross-examination found, or what the verdict alone says of its firmness."""
    v = m.verdict
    blocks: list[Block] = []
    for finding in (v.by_list, v.by_claimant, v.date_reading, v.displacement):
        if finding.sentence:
            title = clean(finding.title)
            ended = title if title.endswith(("?", ".")) else f"{title}."
            blocks.append(Paragraph(named(ended, finding.sentence)))
    lasting = " ".join(p.sentence for p in v.persistence)
    if lasting:
        blocks.append(Paragraph(named("Does it last?", lasting)))
    examined = [(n, f) for n in FINDINGS if (f := getattr(v.examination, n, None)) is not None]
    for name, finding in examined:
        blocks += _finding(name, finding)
    if not examined:
        text = (
            "The cross-examination (every defensible analysis, placebo dates and pairs, what could "
            "have been seen) was not computed for this briefing; "
        )
        blocks.append(
            Paragraph((said(f"{text} "), Run(_report(v, full=True), "code"), Run(" does.")), "note")
        )
    if v.checks:
        blocks.append(Subheading("Checks behind the confidence"))
        blocks.append(
            Bullets(tuple(named(f"{PASSED[c.passed].capitalize()}:", f"{c.name}: {c.detail}")
                          for c in v.checks))
        )  # fmt: skip
    return tuple(blocks)


def _finding(name: str, finding: object) -> list[Block]:
    """Return one finding: what a critic would say, the answer, its picture, its numbers."""
    sentence = str(getattr(finding, "sentence", ""))
    blocks: list[Block] = [Subheading(ATTACKS[name]), Paragraph(line(sentence))]
    draw = CHARTS.get(name)
    svg = draw(finding) if draw is not None else ""
    if svg:
        blocks.append(Picture(name, svg, sentence, wide=False))
    rows, _ = TABLES[name](finding)
    if len(rows) > 1:
        head, body = rows[0], rows[1:]
        kept = body[:MOST_ROWS]
        widths = tuple(
            min(30, max(6, *(len(r[k]) for r in rows))) for k in range(len(head))
        )  # fmt: skip
        more = f" The first {len(kept)} of {len(body)} rows." if len(kept) < len(body) else ""
        blocks.append(
            Table(
                f"In numbers.{more}", tuple(head), tuple(tuple(map(line, r)) for r in kept), widths
            )
        )
    notes = notes_of(finding)
    if notes:
        blocks.append(Bullets(tuple(line(note) for note in notes)))
    return blocks


def rivals(m: Material) -> tuple[Block, ...]:
    """Return the dated events that might explain a change as well, and how the dates judge them."""
    v = m.verdict
    declared = v.question.rivals
    if not declared:
        return (Paragraph(line("The question declares no rival explanation.")),)
    odds = {(r.date, r.what): r for r in v.onset.rivals} if v.onset is not None else {}
    rows = []
    for rival in sorted(declared, key=lambda r: r.date):
        found = odds.get((rival.date, rival.what))
        known = found is not None and found.period != "outside"
        judged = "not asked"
        if found is not None and known:
            judged = f"{found.odds:.2f}; {'told apart' if found.separable else 'not told apart'}"
        elif found is not None:
            judged = "outside the dates looked at"
        rows.append(
            (
                line(rival.date.isoformat()),
                line(rival.what, sources_of(rival.what, (rival.source,))),
                line(judged),
            )
        )
    blocks: list[Block] = [
        Table(
            f"Odds are against the agreement's own {period_word(v)}: above 1 favours the other "
            "date.",
            ("Date", "What", "Odds by the dates"), tuple(rows), (16, 58, 26),
        )
    ]  # fmt: skip
    if v.onset is not None:
        blocks.insert(0, Paragraph(line(v.onset.sentence)))
    return tuple(blocks)


def record(m: Material) -> tuple[Block, ...]:
    """Return every claim, account, reply and line of talks, each with its source."""
    v = m.verdict
    blocks: list[Block] = []
    if v.claims:
        blocks.append(claim_table(v.claims))
    if m.accounts:
        blocks.append(account_table(m.accounts))
    if v.replies:
        blocks.append(Subheading("Replies and corrections: as each party puts it"))
        blocks.append(Bullets(reply_items(v.replies, 2000)))
    if m.lines.found.tracks:
        blocks.append(talk_table(m.lines))
    if not blocks:
        return (Paragraph(line("No claim, account or line of talks is on record here.")),)
    note = (
        "Checked: seen, the address was read; secondary, a later account of it was; unverified, "
        "neither."
    )
    return (Paragraph(line(note), "note"), *blocks)


def incidents(m: Material) -> tuple[Block, ...]:
    """Return the incidents of the narrow scope as their lists give them, with their sources."""
    mine = in_scope(m.verdict)
    if not mine:
        return (Paragraph(line("The evidence holds no incident in the narrow scope.")),)
    shown = mine[:MOST_INCIDENTS]
    blocks: list[Block] = [
        Table(
            f"{counted(len(mine), 'incident')} in the narrow scope. Where a start gives two days, "
            "it lies between them.",
            ("Start", "Incident", "Begun", "Objective; target", "Attributed by; commercial use"),
            tuple(map(_incident, shown)), (17, 29, 11, 21, 22),
        )
    ]  # fmt: skip
    if len(shown) < len(mine):
        left = len(mine) - len(shown)
        blocks.append(Paragraph(line(f"{left} more: in the verdict as JSON (--json)."), "note"))
    return tuple(blocks)


def _incident(card: IncidentCard) -> tuple[Line, ...]:
    name = short(card.name or card.key, 160)
    start: list[Run] = [said(card.start or "unknown", look="strong")]
    first, last = card.start_earliest, card.start_latest
    if first and last and first != last:
        start.append(said(f" {first} to {last}", look="soft"))
    cites = sources_of(name, card.sources[:MOST_SOURCES])
    more = len(card.sources) - MOST_SOURCES
    left = f"; {counted(more, 'more source')}" if more > 0 else ""
    tail = f"({card.key}{left})"
    by = ", ".join(card.claimants) or "not recorded"
    what = ", ".join(card.objectives) or "unknown"
    whom = ", ".join(card.targets) or "unknown"
    return (
        tuple(start),
        (said(name, cites), Run(f" {clean(tail)}", "soft")),
        line(WHEN.get(card.when, card.when)),
        line(f"{what}; {whom}"),
        line(f"{by}; {card.commercial_use}"),
    )


def caveats(m: Material) -> tuple[Block, ...]:
    """Return every caveat of the verdict."""
    found = m.verdict.caveats
    if not found:
        return (Paragraph(line("No caveat was raised.")),)
    return (Bullets(tuple(map(line, found))),)


def _report(v: Verdict, full: bool = False) -> str:
    """Return the command that makes this briefing, safe to paste in a shell."""
    q = v.question
    words = ["comity", "report", clean(q.path) or q.id, *choice_words(v.choices)]
    definition = definition_given(q)
    if definition:
        words += ["--definition", definition]
    done = [n for n in FINDINGS if getattr(v.examination, n, None) is not None]
    if full or done == list(FINDINGS):
        words.append("--full")
    else:
        words += [word for name in done for word in ("--examine", name)]
    return shlex.join([*words, "--format", "pdf", "-o", f"{q.id}.pdf"])


def reproduce(m: Material) -> tuple[Block, ...]:
    """Return how to cite the briefing and how to make it again."""
    v = m.verdict
    q = v.question
    call = python_lines(v).partition(".report(")[0]
    code = (
        "import datetime, comity; from comity.report.briefing import briefing_pdf, compose; "
        f"pdf = briefing_pdf(compose({call}))"
    )
    releases = ", ".join(f"{use.name} {use.release}" for use in v.lists) or "none"
    return (
        Paragraph(
            named("Cite as:", f"Comity {v.version}, briefing on {q.id}: {clean(q.title)}; as known "
                  f"on {v.as_of}; evidence: {releases}. Cite the lists too: they are among the "
                  "sources.")
        ),
        *again(_report(v), code),
        Paragraph(
            line(f"Comity {v.version}, seed {v.choices.seed}, {v.choices.draws} draws. Releases: "
                 f"{releases}. Talks as of {m.lines.found.day}. The register is CC BY 4.0, the "
                 "Comity contributors; each list has its own licence"
                 + "".join(f"; {clean(u.name)}: {clean(u.licence)}" for u in v.lists if u.licence)
                 + "."), "note",
        ),
    )  # fmt: skip


def again(command: str, code: str) -> tuple[Block, ...]:
    """Return a command and the same in Python."""
    return (
        Paragraph(line("On the command line:")),
        Paragraph((Run(command, "code"),), "code"),
        Paragraph(line("In Python:")),
        Paragraph((Run(code, "code"),), "code"),
    )


def sources(_: object) -> tuple[Block, ...]:
    """Return the place of the numbered sources."""
    return (References(),)


ANNEX_PARTS: Mapping[str, Callable[[Material], Sequence[Block]]] = {
    "method": method,
    "robustness": robustness,
    "rivals": rivals,
    "record": record,
    "incidents": incidents,
    "caveats": caveats,
    "reproduce": reproduce,
    "sources": sources,
}
