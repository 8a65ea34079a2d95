"""A verdict made by hand, so that every page can be read against numbers known beforehand.

Names of incidents are invented; the numbers are of the size that DCID gives.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

from comity.dates import from_ymd
from comity.verification.model import (
    ActivitySeries,
    Change,
    Check,
    Choices,
    Claim,
    Confidence,
    Finding,
    IncidentCard,
    InstrumentFacts,
    ListUse,
    OnsetFinding,
    PersistencePoint,
    Question,
    RatioInterval,
    Rival,
    RivalOdds,
    Scope,
    Statement,
    Verdict,
)

AGREED = dt.date(2015, 9, 25)
PERIODS = tuple(f"{year}-Q{q}" for year in range(2006, 2021) for q in (1, 2, 3, 4))
STARTS = tuple(dt.date(year, 3 * q + 1, 1) for year in range(2006, 2021) for q in range(4))
STEP = PERIODS.index("2015-Q4")

NARROW = Scope("narrow", "espionage against private targets", "narrow", ("CN",), ("US",),
               ("espionage",), ("private",))  # fmt: skip
DYAD = Scope(
    "whole-dyad", "everything from China to the United States", "variant", ("CN",), ("US",)
)
ANY = Scope(
    "espionage", "espionage against any target", "variant", ("CN",), ("US",), ("espionage",)
)
UNCOVERED = Scope("uncovered-targets", "espionage against government and military", "control",
                  ("CN",), ("US",), ("espionage",), ("government", "military"))  # fmt: skip

# scope: cells A B C D; before, after; then (median, lower, upper, P) of jump, net change, level
NUMBERS = {
    "narrow": ((23, 10, 32, 41), (14.5, 8.5), (0.32, 0.12, 0.93, 0.96), (0.31, 0.12, 0.82, 0.97),
               (0.49, 0.20, 1.38, 0.88)),
    "whole-dyad": ((59, 56, 78, 216), (40, 19), (0.29, 0.14, 0.67, 0.99), (0.28, 0.14, 0.58, 0.998),
                   (0.49, 0.22, 1.24, 0.90)),
    "espionage": ((48, 43, 56, 106), (35, 13), (0.27, 0.12, 0.64, 0.99), (0.25, 0.12, 0.55, 0.998),
                  (0.52, 0.21, 1.46, 0.86)),
    "uncovered-targets": ((25, 33, 24, 65), (21, 4), (0.30, 0.11, 0.88, 0.97),
                          (0.27, 0.10, 0.70, 0.99), (0.35, 0.12, 1.15, 0.93)),
}  # fmt: skip
ALONE = {
    "narrow": (0.83, 0.31, 1.94, 0.64),
    "whole-dyad": (0.62, 0.30, 1.21, 0.89),
    "espionage": (0.55, 0.25, 1.14, 0.92),
    "uncovered-targets": (0.41, 0.14, 1.05, 0.94),
}
RIVALS = (
    Rival(dt.date(2014, 5, 19), "United States indictment of five officers unsealed",
          "https://example.org/indictment"),
    Rival(dt.date(2015, 4, 1), "United States order authorising sanctions",
          "https://example.org/order"),
    Rival(dt.date(2015, 12, 31), "reorganisation of China's forces",
          "https://example.org/reorganisation"),
)  # fmt: skip
QUESTION = Question(
    id="us-china-2015", title="Chinese theft of commercial secrets after the 2015 commitment",
    instrument="us-china-2015", provision="commercial-theft", norm="commercial-theft",
    agreed=AGREED, scope=NARROW, variants=(DYAD, ANY), controls=(UNCOVERED,),
    comparison="four-cells", receiver_not_party=True,
    assumes="attention to the initiator and to the receiver moves alike across pairs",
    window_from=dt.date(2006, 1, 1), window_to=dt.date(2020, 12, 31), rivals=RIVALS,
    mirror="us-china-2015-mirror",
)  # fmt: skip


def change(
    scope: str, comparison: str, estimand: str, four: tuple[float, float, float, float] | None,
    outcome: str = "starts", reason: str = "", lists: tuple[str, ...] = ("dcid",),
) -> Change:  # fmt: skip
    """Return one estimate; `four` is median, lower, upper and P(fell), None for not identified."""
    cells, (before, after), *_ = NUMBERS[scope]
    counts = {name: float(n) for name, n in zip("ABCD", cells, strict=True)}
    if four is None:
        return Change(scope, comparison, estimand, outcome, lists, None, None, False, reason,
                      before, after, counts)  # fmt: skip
    median, lower, upper, fell = four
    return Change(scope, comparison, estimand, outcome, lists,
                  RatioInterval(median, lower, upper, 0.9), fell, True, "", before, after,
                  counts)  # fmt: skip


def changes() -> tuple[Change, ...]:
    """Return every estimate of the sample."""
    rows = []
    for scope, (_, _, jump, net, level) in NUMBERS.items():
        rows += [
            change(scope, "four-cells", "jump", jump),
            change(scope, "four-cells", "net-1", net),
            change(scope, "four-cells", "net-3", net),
            change(scope, "four-cells", "net-5", net),
            change(scope, "four-cells", "level", level),
            change(scope, "four-cells", "redirection", jump),
            change(scope, "four-cells", "displacement", (1.51, 0.62, 3.79, 0.22)),
            change(scope, "target-alone", "net-5", ALONE[scope]),
        ]
    rows += [
        change("narrow", "initiator-elsewhere", "net-5", (0.44, 0.18, 1.06, 0.93)),
        change("narrow", "receiver-otherwise", "net-5", (0.39, 0.16, 0.92, 0.96)),
        change("narrow", "four-cells", "net-5", (0.36, 0.14, 0.97, 0.95), "active"),
        change("narrow", "four-cells", "net-5", None, "severity",
               "the evidence says too little: the spread is 0.94 of what was assumed"),
    ]  # fmt: skip
    return tuple(rows)


def series(cell: str, total: int, seed: int) -> ActivitySeries:
    """Return one cell's activity by quarter, roughly `total` incidents in all."""
    draw = Random(seed)
    mean = total / len(PERIODS)
    rate = [mean * (1.25 if t < STEP else 0.55) for t in range(len(PERIODS))]
    sharp = [float(draw.random() < min(r, 0.9)) * draw.choice((1, 1, 2)) for r in rate]
    coarse = [0.25 if 16 <= t < 24 else 0.0 for t in range(len(PERIODS))]
    return ActivitySeries(
        "narrow", cell, "as drawn", PERIODS, STARTS,
        tuple(s + c for s, c in zip(sharp, coarse, strict=True)), tuple(sharp), tuple(rate),
        tuple(0.5 * r for r in rate), tuple(1.9 * r for r in rate),
    )  # fmt: skip


def card(number: int, start: str, when: str, scopes: tuple[str, ...] = ("narrow",)) -> IncidentCard:
    """Return an invented incident that starts as the EDTF text says."""
    day = from_ymd(*map(int, start.split("-")))
    return IncidentCard(
        key=f"dcid:{number}", name=f"Operation Sample {number}", start=start,
        start_earliest=day.earliest, start_latest=day.latest, end="", reported="",
        initiators=("CN",), receivers=("US",), targets=("private",), objectives=("espionage",),
        severity=3.0, campaign="", claimants=("Sample Company",) if number % 3 == 0 else (),
        commercial_use="unknown", sources=(f"https://example.org/reports/{number}",), cell="A",
        when=when, scopes=scopes,
    )  # fmt: skip


def cards() -> tuple[IncidentCard, ...]:
    """Return 23 incidents of the narrow scope: 14 before, one straddling, 8 after."""
    before = ["2006-03-11", "2007", "2008-06", "2009-01-20", "2009-11", "2010", "2010-03-02",
              "2011-05-16", "2012", "2012-07-09", "2013-02", "2014-04-18", "2014-12-01",
              "2015-02-10"]  # fmt: skip
    after = ["2016-03", "2017", "2017-05-04", "2018-01-12", "2018-10", "2019-06-30", "2020",
             "2020-07-21"]  # fmt: skip
    rows = [(start, "before") for start in before] + [("2015", "straddles")]
    rows += [(start, "after") for start in after]
    return tuple(card(n, start, when) for n, (start, when) in enumerate(rows, start=1))


def onset() -> OnsetFinding:
    """Return an onset that cannot tell the agreement from the reorganisation."""
    first, last = PERIODS.index("2012-Q2"), PERIODS.index("2018-Q1")
    periods = PERIODS[first : last + 1]
    weights = [1.0 / (1 + abs(first + k - STEP)) for k in range(len(periods))]
    posterior = tuple(0.83 * w / sum(weights) for w in weights)
    own = posterior[STEP - first]

    def odds(rival: Rival, period: str, separable: bool) -> RivalOdds:
        mass = posterior[periods.index(period)]
        return RivalOdds(rival.date, rival.what, rival.source, period, mass, mass / own, separable)

    return OnsetFinding(
        "narrow", periods, tuple(0.5 / len(periods) for _ in periods), posterior, 0.5, 0.17,
        (odds(RIVALS[0], "2014-Q2", True), odds(RIVALS[1], "2015-Q2", False),
         odds(Rival(AGREED, "the agreement itself"), "2015-Q4", False),
         odds(RIVALS[2], "2016-Q1", False)),
        False,
        "If there was one change, it most likely began in 2015-Q4 (90 %: 2013-Q1 to 2017-Q4); no "
        "change at all has 17 % (assumed 50 % before looking). The dates cannot tell the agreement "
        "apart from 2015-04-01, 2015-12-31.",
    )  # fmt: skip


CAVEATS = (
    "Only publicly reported incidents are counted; nothing here speaks of what no list saw.",
    "The comparison assumes: attention to the initiator and to the receiver moves alike across "
    "pairs.",
    "dcid has no usable report dates: incidents not yet reported when it closed (2020-12-31) are "
    "missing from its last years, which can look like a fall.",
    "8 % of incidents in scope are dated to the year or worse; a first of January is read as the "
    "year, a first of a month as the month.",
    "1 incidents may have begun before or after the agreement.",
)
CHECKS = (
    Check("fit diagnostic", True, "effective draws 2,900 of 4,000, Pareto k 0.31 (at most 0.7)"),
    Check("comparisons agree", False, "the least favourable comparison (target-alone) does not "
          "support the declared one"),
    Check("clustering", None, "campaigns inflate a cell's variance by at most 1.12"),
)  # fmt: skip
DCID = ListUse(
    "dcid", "2.0", "Dyadic Cyber Incident and Campaign Data 2.0", "CC0 1.0",
    "Maness and others (2023), Harvard Dataverse, doi:10.7910/DVN/CQOMYV", "2020-12-31",
    "not stated", False, "start", {"A": 23.0, "B": 10.0, "C": 32.0, "D": 41.0},
    {"start unknown": 0, "receiver under the promise": 6}, 0.08,
)  # fmt: skip
FACTS = InstrumentFacts(
    "us-china-2015", "United States and China commitments on cyber, Washington", "2015-09-25",
    ("US", "CN"), "voluntary political commitment",
    "announced in two parallel statements; neither side signed a text",
    "Neither government will conduct or knowingly support theft of trade secrets by cyber means "
    "for the advantage of companies.",
    ("https://example.org/fact-sheet", "https://example.org/outcome-list"),
)  # fmt: skip


def mirror() -> Verdict:
    """Return the other direction: nothing identified."""
    scope = replace(NARROW, initiator=("US",), receiver=("CN",))
    question = replace(QUESTION, id="us-china-2015-mirror", scope=scope, variants=(), controls=(),
                       title="American theft of commercial secrets after the 2015 commitment",
                       mirror="")  # fmt: skip
    why = "only 2 incidents before the agreement (5 needed)"
    return replace(
        sample_verdict(with_mirror=False), question=question,
        changed=Statement("Whether reported espionage against private targets (the United States "
                          f"to China) changed cannot be known yet: {why}.", "not identified", None),
        kept=Statement("1 incident in scope is reported to have begun after the agreement. No "
                       "public claim of breach is in the register's sources; silence is not "
                       "evidence that the promise was kept.",
                       "no public claim of breach on record here", None),
        because=Statement("Whether the agreement caused anything cannot be asked yet: no change "
                          "is identified.", "not identified", None),
        confidence=Confidence("low", ("the change is not identified from this evidence",)),
        change=(change("narrow", "four-cells", "net-5", None, reason=why),
                change("narrow", "four-cells", "jump", None, reason=why)),
        onset=None, persistence=(), activity=(), incidents=(), claims=(),
    )  # fmt: skip


def sample_verdict(*, with_mirror: bool = True) -> Verdict:
    """Return a verdict like that on the commitment of 2015 between the United States and China."""
    low = "0.83 (0.31-1.94), 64 % that it fell"
    return Verdict(
        question=QUESTION, instrument=FACTS, choices=Choices(lists=("dcid",)),
        as_of=dt.date(2020, 12, 31), version="0.1.0", lists=(DCID,),
        changed=Statement(
            "Reported espionage against private targets (China to the United States) almost "
            "certain fell relative to the same initiator elsewhere and to others against the same "
            "receiver (14 before, 8 after; net change over five years 0.31 (0.12-0.82); 97 %), but "
            "that its own level fell is not established. Least favourable comparison "
            f"(target-alone): {low}.", "almost certain", 0.97),
        kept=Statement(
            "8 incidents in scope are reported to have begun after the agreement and 1 may have; "
            "these lists do not record whether any served commercial advantage. Breach is publicly "
            "claimed by 2 independent parties (United States, Sample Company); a claim is not a "
            "finding, and no record here proves or excludes one.",
            "breach claimed by 2 independent parties", None),
        because=Statement(
            "Whether it was because of the agreement cannot be separated: espionage against "
            "government and military, which it does not cover, changed alike (0.27 (0.10-0.70)); "
            "its date cannot be told apart from 2015-04-01, 2015-12-31.", "cannot be separated",
            None),
        confidence=Confidence("moderate", (
            "the least favourable comparison (target-alone) does not support the declared one",
            "only one list speaks: nothing independent confirms it")),
        change=changes(), onset=onset(),
        displacement=Finding("displacement", "Did activity move elsewhere?",
                             "That the initiator's reported activity against others rose at the "
                             "agreement is likely (78 %; step 1.51 (0.62-3.79))."),
        persistence=(
            PersistencePoint(1, RatioInterval(0.30, 0.11, 0.85, 0.9), 0.97,
                             "Year 1: below the level before, almost certain (97 %)."),
            PersistencePoint(2, RatioInterval(0.33, 0.11, 0.97, 0.9), 0.95,
                             "Year 2: below the level before, almost certain (95 %)."),
            PersistencePoint(3, RatioInterval(0.37, 0.11, 1.19, 0.9), 0.91,
                             "Year 3: below the level before, very likely (91 %)."),
            PersistencePoint(5, None, None, "Year 5: beyond the evidence."),
        ),
        by_list=Finding("by-list", "Does each list say the same?",
                        "Only one list (dcid) was used: nothing to compare."),
        by_claimant=Finding("by-claimant", "How much rests on one claimant?",
                            "Claimants are recorded for 0 of 23 incidents in scope."),
        date_reading=Finding("date-reading", "What does the reading of dates change?",
                             "A first of January or of a month read as the period: 0.31 "
                             "(0.12-0.82); read as the day: 0.28 (0.11-0.74)."),
        claims=(
            Claim("2018-11-08", "United States", "receiver-government", "breach",
                  "a senior official said the commitment was not honoured",
                  "https://example.org/claim", "seen"),
            Claim("2016-06-20", "Sample Company", "private-company", "unclear",
                  "a report saw fewer intrusions from mid-2014 on", "https://example.org/report",
                  "seen"),
        ),
        activity=tuple(series(cell, n, k) for k, (cell, n) in
                       enumerate(zip("ABCD", (23, 10, 32, 41), strict=True))),
        incidents=cards(), caveats=CAVEATS, checks=CHECKS,
        mirror=mirror() if with_mirror else None,
    )  # fmt: skip


def two_lists() -> Verdict:
    """Return the sample with a second list, so that lists can be compared."""
    other = replace(DCID, name="my-list", release="1", title="A list of my own", licence="own use")
    rows = (
        change("narrow", "four-cells", "net-5", (0.31, 0.12, 0.82, 0.97), lists=("dcid",)),
        change("narrow", "four-cells", "net-5", (0.51, 0.22, 1.18, 0.90), lists=("my-list",)),
    )
    sample = sample_verdict()
    finding = Finding("by-list", "Does each list say the same?",
                      "The lists taken alone point the same way: dcid 0.31 (0.12-0.82); my-list "
                      "0.51 (0.22-1.18).", rows)  # fmt: skip
    return replace(sample, lists=(DCID, other), by_list=finding)


def not_identified() -> Verdict:
    """Return a verdict whose evidence ends before the agreement: no fit, no incident."""
    why = "the evidence ends (2020-12-31) before the agreement (2021-06-16)"
    sample = sample_verdict(with_mirror=False)
    nothing = Finding(
        "displacement",
        "Did activity move elsewhere?",
        f"Whether activity moved to other receivers is not identified: {why}.",
    )
    nan = tuple(float("nan") for _ in PERIODS)
    return replace(
        sample,
        question=replace(QUESTION, id="us-russia-2021", title="Russian disruption of critical "
                         "infrastructure after June 2021", agreed=dt.date(2021, 6, 16), rivals=()),
        instrument=None,
        changed=Statement(f"Whether reported disruption changed cannot be known yet: {why}.",
                          "not identified", None),
        kept=Statement("The evidence here does not reach past the agreement. No public claim of "
                       "breach is in the register's sources; silence is not evidence that the "
                       "promise was kept.", "no public claim of breach on record here", None),
        because=Statement("Whether the agreement caused anything cannot be asked yet: no change "
                          "is identified.", "not identified", None),
        confidence=Confidence("low", ("the change is not identified from this evidence",)),
        change=tuple(change(s, "four-cells", e, None, reason=why)
                     for s in NUMBERS for e in ("jump", "net-5", "level")),
        onset=None, displacement=nothing, persistence=(), claims=(), incidents=(),
        activity=tuple(replace(a, rate=nan, lower=nan, upper=nan) for a in sample.activity[:1]),
    )  # fmt: skip
