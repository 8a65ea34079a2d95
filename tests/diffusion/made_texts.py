"""Hand-written and made documents for tests of reuse; no sentence is of a real instrument."""

from __future__ import annotations

import numpy as np

from comity.dates import UNKNOWN, parse_date
from comity.diffusion.model import DatedText

PLEDGE = (
    "The two harbour towns agree that neither shall tow away, or knowingly help to tow away, the "
    "boats of the other's fishermen by night, including nets, lanterns or other tackle, in order "
    "to give its own fleet an advantage at market."
)
CHANGED = (
    "The three harbour towns agree that none shall tow away, or help to tow away, the boats of "
    "the other's fishermen by night or fog, including nets or other tackle, in order to give its "
    "own fleet an advantage at market."
)
UNLIKE = (
    "Rain fell on the hills for nine days and the miller counted every sack twice before the "
    "bridge was opened again to carts, while children sold apples from a barrow beside the inn."
)


def dated(name: str, text: str, date: str = "") -> DatedText:
    """Return a document; without a date it has none."""
    return DatedText(name, text, parse_date(date) if date else UNKNOWN)


def filler(seed: int, sentences: int = 6) -> str:
    """Return sentences of made-up words that no other seed shares."""
    rng = np.random.default_rng(seed)
    said = []
    for _ in range(sentences):
        words = ["x" + "".join(rng.choice(list("bcdfglmnprst"), size=6)) for _ in range(14)]
        said.append(" ".join(words).capitalize() + ".")
    return " ".join(said)
