"""Time to resume agrees with lifelines; the page on talks gives the counts of its tables."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from comity.dates import parse_date
from comity.process.continuity import Suspension, time_to_resume

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    "tracks": "instruments", "events": "process", "implementation": "process",
    "enforcement": "process",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_and_its_interval_are_those_of_lifelines(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines", reason="a package for development")
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 60, 40)
    censored = rng.random(40) < 0.3
    date = parse_date("2014-05-19")
    rows = [
        Suspension("t", date, None, int(d), bool(c), "off")
        for d, c in zip(days, censored, strict=True)
    ]
    fitted = lifelines.KaplanMeierFitter(alpha=0.1).fit(days, ~censored)
    bounds = fitted.confidence_interval_
    for step in time_to_resume(rows, z=1.6448536269514722):
        if not 0 < step.share < 1:
            continue
        assert step.share == pytest.approx(float(fitted.predict(step.days)), abs=1e-9)
        lower, upper = bounds.loc[step.days]
        assert step.lower == pytest.approx(float(lower), abs=1e-6)
        assert step.upper == pytest.approx(float(upper), abs=1e-6)


def test_the_page_gives_the_counts_of_the_tables() -> None:
    page = (ROOT / "docs" / "process.md").read_text(encoding="utf-8")
    for table, folder in TABLES.items():
        file = resources.files("comity").joinpath(f"data/{folder}/{table}.tsv")
        statuses = [line.split("\t")[-1] for line in file.read_text("utf-8").splitlines()[1:]]
        counts = [statuses.count(s) for s in ("seen", "secondary", "unverified")]
        numbers = " | ".join(map(str, counts))
        assert f"| `{table}.tsv` | {len(statuses)} | {numbers} |" in page
