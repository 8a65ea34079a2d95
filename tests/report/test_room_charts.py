"""Pictures of rooms: names are whole, and no name lies on another or on a dot."""

from __future__ import annotations

import datetime as dt
import random
import re
from html import unescape

import pytest

from comity.definitions.camps import find_camps
from comity.definitions.compare import definitions_of, latest_of_each
from comity.definitions.register import load_definitions
from comity.process.queries import talks_on
from comity.process.register import load_talks
from comity.report import camps_chart
from comity.report.camps_chart import GAP, HIGH, LETTER, LINE_HEIGHT, WIDE, camps_svg
from comity.report.process_chart import talks_svg


@pytest.mark.parametrize("whose", ["us-russia", "un-gge", "osce"])
def test_names_of_tracks_are_whole_in_their_picture(whose: str) -> None:
    found = talks_on(load_talks(), whose, dt.date(2026, 6, 30))
    svg = talks_svg(load_talks(), found)
    said = " ".join(unescape(t) for t in re.findall(r">([^<>]+)</t(?:ext|span)>", svg))
    assert found.tracks
    for track in found.tracks:
        assert " ".join(track.name.split()) in said
        assert track.id in said


def boxes(rows: list[dict[str, object]]) -> list[tuple[float, float, float, float]]:
    """Return the places of the names that were placed: left, right, top, bottom."""
    return [
        (float(r["left"]), float(r["right"]), float(r["middle"]) - LINE_HEIGHT / 2,
         float(r["middle"]) + LINE_HEIGHT / 2)
        for r in rows
    ]  # fmt: skip


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


@pytest.mark.parametrize("seed", range(5))
def test_names_on_the_map_lie_on_no_name_and_no_dot(seed: int) -> None:
    draw = random.Random(seed)
    rows = [
        {"x": round(draw.gauss(0, 1), 2), "y": round(draw.gauss(0, 1), 2), "side": "AB"[k % 2],
         "name": "n" * draw.randint(3, 24), "n": 1 + k % 3}
        for k in range(45)
    ]  # fmt: skip
    placed = camps_chart._placed(rows, WIDE, HIGH)
    assert sorted(str(r["name"]) for r in placed) == sorted(str(r["name"]) for r in rows)
    named = boxes(placed)
    for k, box in enumerate(named):
        assert not any(overlap(box, other) for other in named[k + 1 :])
        assert 0 <= box[0] < box[1] <= WIDE
        assert 0 <= box[2] < box[3] <= HIGH
        assert box[1] - box[0] == pytest.approx(LETTER * len(str(placed[k]["name"])))
    for row in placed:
        x, y, r = float(row["px"]), float(row["py"]), (float(row["area"]) / 3.14159) ** 0.5
        assert not any(overlap((x - r, x + r, y - r, y + r), box) for box in named)


def test_a_name_with_room_beside_its_dot_stands_there_without_a_line() -> None:
    far = [{"x": 0.0, "y": 0.0, "side": "A", "name": "left", "n": 1},
           {"x": 5.0, "y": 5.0, "side": "B", "name": "right", "n": 1}]  # fmt: skip
    one, other = sorted(camps_chart._placed(far, WIDE, HIGH), key=lambda r: float(r["px"]))
    assert one["beside"] == "left"
    assert float(one["left"]) - float(one["px"]) == pytest.approx(5 + GAP + 2)
    assert other["beside"] == "right"  # the picture ends at its right
    for row in (one, other):
        assert (row["to_x"], row["to_y"]) == (row["px"], row["py"])


def test_every_definer_is_named_on_the_map() -> None:
    every = load_definitions()
    rows = latest_of_each(definitions_of(every, "cybersecurity"))
    svg = camps_svg(find_camps(rows), every, "Who means the same")
    said = unescape(" ".join(re.findall(r">([^<>]+)</text>", svg)))
    assert "United States" in said
    assert "China" in said
