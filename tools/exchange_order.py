"""Draw the order of a thread in docs/exchange-order.md from the table the program judges by.

Run `python tools/exchange_order.py` to see whether the page is current, `--write` to renew it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from comity.exchange.order import BY_OTHERS, TRANSITIONS, Place

PAGE = Path(__file__).resolve().parents[1] / "docs" / "exchange-order.md"
BEGIN, END = "<!-- order -->", "<!-- /order -->"
MEANS = {
    Place.NOTHING: "no message yet",
    Place.CHECK: "a check not all have answered",
    Place.CHECKED: "a check all have answered",
    Place.OPEN: "a consultation",
    Place.DONE: "this party is done",
    Place.CLOSED: "every party is done",
}


def drawing() -> list[str]:
    """Return the states and the ways between them as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{MEANS[place]}" as {place}' for place in Place]
    lines.append(f"    [*] --> {Place.NOTHING}")
    ways: dict[tuple[Place, Place], list[str]] = {}
    for one in TRANSITIONS:
        for to in one.then:
            ways.setdefault((one.place, to), []).append(one.kind.value)
    for at, kind, to in BY_OTHERS:
        ways.setdefault((at, to), []).append(f"another's {kind}")
    lines += [f"    {at} --> {to}: {', '.join(said)}" for (at, to), said in ways.items()]
    return [*lines, "```"]


def table() -> list[str]:
    """Return every rule as a row."""
    rows = [
        "| where a party stands | it may send | which | and then it stands |",
        "|---|---|---|---|",
    ]
    for one in TRANSITIONS:
        then = " or ".join(MEANS[to] for to in one.then)
        rows.append(f"| {MEANS[one.place]} | {one.kind} | {one.regards} | {then} |")
    return rows


def with_order(page: str) -> str:
    """Return the page with drawing and table between its two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} needs the lines {BEGIN} and {END} around the drawing")
    text = "\n".join([*drawing(), "", *table()])
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Renew the page (`--write`) or say whether it is current: 0 when it is, 1 when not."""
    page = PAGE.read_text(encoding="utf-8")
    renewed = with_order(page)
    if "--write" in arguments:
        PAGE.write_text(renewed, encoding="utf-8")
    elif renewed != page:
        print(f"{PAGE.name} is not current: python tools/exchange_order.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
