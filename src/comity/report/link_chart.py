"""The evidence for one link as a waterfall: from chance to the probability, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.report.chart_data import Row
from comity.report.svg import INK, LINE, MIDDLE, finished
from comity.report.text import clean
from comity.report.vega import channel, layer, table

if TYPE_CHECKING:
    from comity.incidents.linkage.model import Link

AGAINST = "#a8442a"


def waterfall_svg(link: Link | None, first: str, second: str) -> str:
    """Return the chart of a link. Raises StoreError where the model made none of the two."""
    from comity.errors import StoreError

    if link is None:
        raise StoreError(f"There is no chart to draw: {first} and {second} were not linked.")
    steps = [("two records at random", link.start_bits)]
    steps += [(f"{b.title}: {b.said}", b.bits) for b in link.bits if b.level >= 0]
    if link.rivals_bits < -0.05:
        steps.append(("rivals: other records fit as well", link.rivals_bits))
    rows: list[Row] = []
    at = 0.0
    for number, (label, bits) in enumerate(steps):
        rows.append({
            "label": label, "order": number, "from": at, "to": at + bits,
            "bits": f"{bits:+.1f}", "kind": "for" if bits >= 0 else "against",
        })  # fmt: skip
        at += bits
    rows.append({
        "label": f"together: {100 * link.probability:.1f} %", "order": len(rows), "from": 0.0,
        "to": at, "bits": f"{at:+.1f}", "kind": "sum",
    })  # fmt: skip
    base = table(rows).encode(
        y=channel(
            "label:N",
            sort={"field": "order"},
            title=None,
            axis={"labelLimit": 330, "ticks": False, "domain": False},
        )
    )
    colours = {"domain": ["for", "against", "sum"], "range": [LINE, AGAINST, MIDDLE]}
    bars = base.mark("bar", height=13).encode(
        x=channel(
            "from:Q", title="evidence in bits (one bit doubles the odds)", scale={"padding": 28}
        ),
        x2="to:Q",
        color=channel("kind:N", scale=colours, legend=None),
    )
    texts = (
        base.mark("text", align="left", dx=5, color=INK, fontSize=11)
        .encode(x=channel("end:Q"), text="bits:N")
        .calculate(end="max(datum.from, datum.to)")
    )
    zero = table([{"zero": 0.0}]).mark("rule", color=INK, strokeWidth=1).encode(x="zero:Q")
    chart = layer(bars, texts, zero).sized(width=300, height=22 * len(rows))
    return finished(
        chart,
        "Are they one incident?",
        [f"{clean(first)[:80]}", f"and {clean(second)[:80]}"],
        f"From two records drawn at random to {100 * link.probability:.1f} % by "
        f"{len(link.bits)} comparisons.",
    )
