"""Draw docs/images/activity.svg, the README's chart, as the HTML report of its question has it.

Run `python tools/activity_image.py` to see whether what the image says is current, `--write` to
draw it again. Compared is the description inside the image, which holds its numbers, as in
`readme_output`: the drawing itself may differ between versions of the libraries that draw it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from readme_output import nearly

ROOT = Path(__file__).resolve().parents[1]
IMAGE = ROOT / "docs" / "images" / "activity.svg"
QUESTION, LISTS = "us-china-2015", ("dcid",)


def drawn() -> str:
    """Return the chart as one SVG text that refers to nothing outside itself."""
    import comity
    from comity.report.charts import activity_svg

    evidence = comity.load_evidence(LISTS)
    return activity_svg(comity.verify(QUESTION, evidence, mirror=False)).strip() + "\n"


def described(svg: str) -> str:
    """Return the description inside an SVG text, empty where there is none."""
    return svg.partition("<desc")[2].partition(">")[2].partition("</desc>")[0]


def main(arguments: list[str]) -> int:
    """Draw the image (`--write`) or say whether it is current: 0 when it is, 1 when not."""
    svg = drawn()
    if "--write" in arguments:
        IMAGE.parent.mkdir(parents=True, exist_ok=True)
        IMAGE.write_text(svg, encoding="utf-8")
    elif not IMAGE.exists() or not nearly(
        described(IMAGE.read_text(encoding="utf-8")), described(svg)
    ):
        print("docs/images/activity.svg is not current: python tools/activity_image.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
