"""Words for probabilities (ICD 203) and the written rules behind every word a verdict uses."""

from __future__ import annotations

from comity.saying import Said, say
from comity.verification.model import Check, Confidence

STEPS = (
    (0.05, "almost_no"),
    (0.20, "very_unlikely"),
    (0.45, "unlikely"),
    (0.55, "even"),
    (0.80, "likely"),
    (0.95, "very_likely"),
)
TERMS = tuple((upper, say(f"term.{step}")) for upper, step in STEPS)
NOT_IDENTIFIED = say("answer.not_identified")

FELL_PRIMARY = 0.95  # a claim "fell" needs this under the declared comparison
FELL_LEAST = 0.80  # and this under the least favourable one
MAX_SD_RATIO = 0.9  # posterior over prior sd: above it the data said nothing
MIN_INFORMATIVE = 5.0  # incidents of cell A before; seen or to be expected after
MAX_PARETO_K = 0.7
MIN_EFFECTIVE = 100.0


def _step(probability: float) -> str:
    return next((step for upper, step in STEPS if probability < upper), "almost_certain")


def term(probability: float) -> Said:
    """Return the ICD 203 term of a probability.

    >>> term(0.97), term(0.5), term(0.03)
    ('almost certain', 'roughly even chance', 'almost no chance')
    """
    return say(f"term.{_step(probability)}")


def adverb(probability: float) -> Said:
    """Return the term as it stands before a verb: "almost certainly", "very likely".

    >>> adverb(0.97)
    'almost certainly'
    """
    return say(f"before_verb.{_step(probability)}")


def chance(probability: float) -> Said:
    """Return the term as a predicate.

    >>> chance(0.97), chance(0.5)
    ('is almost certain', 'has a roughly even chance')
    """
    return say(f"predicate.{_step(probability)}")


def counted(number: int, noun: str, verb: tuple[str, str] | None = None) -> str:
    """Return a count with its noun, and with the verb's one or many where it is given.

    >>> counted(1, "incident"), counted(2, "pair", ("is", "are"))
    ('1 incident', '2 pairs are')
    """
    words = f"{number} {noun}" + ("" if number == 1 else "s")
    return words if verb is None else f"{words} {verb[number != 1]}"


def percent(probability: float) -> Said:
    """Return a probability as a percentage that never says 0 or 100.

    >>> percent(0.9996), percent(0.64)
    ('over 99 %', '64 %')
    """
    if probability > 0.99:
        return say("percent.most")
    if probability < 0.01:
        return say("percent.least")
    rounded = round(100 * probability)
    if rounded == 95 and probability < FELL_PRIMARY:
        rounded = 94  # a threshold is not reached by rounding
    if rounded == 5 and probability > 1 - FELL_PRIMARY:
        rounded = 6
    return say("percent.about", n=rounded)


CONFIDENCE = (
    (
        say("confidence.low"),
        say("confidence.low_if"),
    ),
    (say("confidence.moderate"), say("confidence.moderate_if")),
    (say("confidence.high"), say("confidence.high_if")),
)  # the first line that applies; docs/words.md shows the same
MANY_FAILED = 3
ITSELF = say("onset.itself")
DIAGNOSTIC = say("check.diagnostic")


def confidence(checks: tuple[Check, ...], identified: bool, lists: int) -> Confidence:
    """Return confidence by the rule `CONFIDENCE`; `lists` is how many lists speak.

    The failed checks are the reasons. A check for information only counts for nothing.
    """
    failed = [c for c in checks if c.passed is False]
    reasons = [c.detail for c in failed]
    if lists < 2:
        reasons.append(say("confidence.one_list"))
    if not identified or len(failed) >= MANY_FAILED or any(c.name == DIAGNOSTIC for c in failed):
        word, rule = CONFIDENCE[0]
    elif failed or lists < 2:
        word, rule = CONFIDENCE[1]
    else:
        word, rule = CONFIDENCE[2]
        reasons = [say("confidence.all_passed")]
    checked = sum(c.passed is not None for c in checks)
    speak = say("confidence.speak", n=lists)
    here = (
        say("confidence.here_identified", failed=len(failed), checked=checked)
        if identified
        else say("confidence.here_not", failed=len(failed), checked=checked)
    )
    said = say("confidence.rule", word=word, rule=rule, here=here, speak=speak)
    return Confidence(word, tuple(reasons), said)
