"""Method and caveats: how an answer is made, what its words mean, and what it cannot say."""

from __future__ import annotations

from comity.verification.model import COMPARISONS, ESTIMANDS
from comity.verification.words import TERMS, term
from comity.web.page import Asked, Page, Sheet, View

TRAPS = ("dates", "late", "attention", "elsewhere", "covered")
STEPS = ("cells", "dates", "delay", "model", "rules")
LIMITS = ("covert", "attention", "lists", "because", "finding")


def method(asked: Asked) -> Page:
    """Return how verdicts are made, in words."""
    bounds = [0.0, *(upper for upper, _ in TERMS), 1.0]
    words = [*(word for _, word in TERMS), term(1.0)]
    terms = tuple(
        (word, f"{100 * low:.0f} %", f"{100 * high:.0f} %")
        for word, low, high in zip(words, bounds[:-1], bounds[1:], strict=True)
    )
    return Page(
        "method.html.j2", asked.world.texts("method.title"),
        {"terms": terms, "comparisons": COMPARISONS, "estimands": ESTIMANDS,
         "traps": TRAPS, "steps": STEPS, "limits": LIMITS},
        data={
            "terms": [{"word": w, "from": a, "to": b} for w, a, b in terms],
            "comparisons": dict(COMPARISONS), "estimands": dict(ESTIMANDS),
        },
        sheet=Sheet(("word", "from", "to"), terms),
    )  # fmt: skip


VIEWS = (View("method", "/method", "How an answer is made, and what it cannot say", method),)
