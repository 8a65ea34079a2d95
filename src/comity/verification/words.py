"""Words for probabilities (ICD 203) and the written rules behind every word a verdict uses."""

from __future__ import annotations

from comity.verification.model import Check, Confidence

TERMS = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
)
NOT_IDENTIFIED = "not identified"

FELL_PRIMARY = 0.95  # a claim "fell" needs this under the declared comparison
FELL_LEAST = 0.80  # and this under the least favourable one
MAX_SD_RATIO = 0.9  # posterior over prior sd: above it the data said nothing
MIN_INFORMATIVE = 5.0  # incidents of cell A before; seen or to be expected after
MAX_PARETO_K = 0.7
MIN_EFFECTIVE = 100.0


def term(probability: float) -> str:
    """Return the ICD 203 term of a probability.

    >>> term(0.97), term(0.5), term(0.03)
    ('almost certain', 'roughly even chance', 'almost no chance')
    """
    return next((word for upper, word in TERMS if probability < upper), "almost certain")


def adverb(probability: float) -> str:
    """Return the term as it stands before a verb: "almost certainly", "very likely".

    >>> adverb(0.97)
    'almost certainly'
    """
    return term(probability).replace("certain", "certainly")


def counted(number: int, noun: str, verb: tuple[str, str] | None = None) -> str:
    """Return a count with its noun, and with the verb's one or many where it is given.

    >>> counted(1, "incident"), counted(2, "pair", ("is", "are"))
    ('1 incident', '2 pairs are')
    """
    words = f"{number} {noun}" + ("" if number == 1 else "s")
    return words if verb is None else f"{words} {verb[number != 1]}"


def percent(probability: float) -> str:
    """Return a probability as a percentage that never says 0 or 100.

    >>> percent(0.9996), percent(0.64)
    ('over 99 %', '64 %')
    """
    if probability > 0.99:
        return "over 99 %"
    if probability < 0.01:
        return "under 1 %"
    rounded = round(100 * probability)
    if rounded == 95 and probability < FELL_PRIMARY:
        rounded = 94  # a threshold is not reached by rounding
    if rounded == 5 and probability > 1 - FELL_PRIMARY:
        rounded = 6
    return f"{rounded} %"


CONFIDENCE = (
    (
        "low",
        "the change is not identified, the fit's own diagnostic failed, or three checks or more "
        "failed",
    ),
    ("moderate", "one or two checks failed, or only one list speaks"),
    ("high", "no check failed and two lists or more speak"),
)  # the first line that applies; docs/words.md shows the same
MANY_FAILED = 3
DIAGNOSTIC = "fit diagnostic"


def confidence(checks: tuple[Check, ...], identified: bool, lists: int) -> Confidence:
    """Return confidence by the rule `CONFIDENCE`; `lists` is how many lists speak.

    The failed checks are the reasons. A check for information only counts for nothing.
    """
    failed = [c for c in checks if c.passed is False]
    reasons = [c.detail for c in failed]
    if lists < 2:
        reasons.append("only one list speaks")
    if not identified or len(failed) >= MANY_FAILED or any(c.name == DIAGNOSTIC for c in failed):
        word = "low"
    elif failed or lists < 2:
        word = "moderate"
    else:
        word, reasons = "high", ["every check passed and more than one list speaks"]
    counted = sum(c.passed is not None for c in checks)
    speak = f"{lists} {'list speaks' if lists == 1 else 'lists speak'}"
    here = f"the change is{'' if identified else ' not'} identified, {len(failed)} of {counted} "
    rule = f"{word}: {dict(CONFIDENCE)[word]}. Here {here}checks failed, {speak}."
    return Confidence(word, tuple(reasons), rule)
