"""A verdict as JSON: what the schema promises, and nothing beside it."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from comity.report.data import SCHEMA_VERSION, load_schema, verdict_to_dict, verdict_to_json
from comity.verification.model import RatioInterval, Verdict

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = load_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_every_sample_is_what_the_published_schema_says(
    verdict: Verdict,
    unidentified: Verdict,
    with_two_lists: Verdict,
    validator: jsonschema.Draft202012Validator,
) -> None:
    for one in (verdict, unidentified, with_two_lists):
        validator.validate(json.loads(verdict_to_json(one)))


def test_the_schema_rejects_a_field_it_does_not_know(
    verdict: Verdict, validator: jsonschema.Draft202012Validator
) -> None:
    data = verdict_to_dict(verdict)
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, "surprise": 1})
    assert not validator.is_valid({**data, "mirror": {**data["mirror"], "mirror": None}})
    assert not validator.is_valid({k: v for k, v in data.items() if k != "change"})


def test_every_field_of_the_schema_is_described() -> None:
    def undescribed(node: object, path: str = "") -> list[str]:
        if isinstance(node, list):
            return [p for n, child in enumerate(node) for p in undescribed(child, f"{path}/{n}")]
        if not isinstance(node, dict):
            return []
        if "$comment" in node:  # made from a record, whose docstring tells of its fields
            return [] if node.get("description") else [path]
        found = [
            f"{path}/{name}"
            for name, child in node.get("properties", {}).items()
            if "description" not in child and "$ref" not in child
        ]
        for key, child in node.items():
            found += undescribed(child, f"{path}/{key}")
        return found

    assert undescribed(load_schema()) == []


def test_the_same_verdict_gives_the_same_text_with_sorted_keys(verdict: Verdict) -> None:
    text = verdict_to_json(verdict)
    assert text == verdict_to_json(verdict)
    data = json.loads(text)
    assert json.dumps(data, indent=2, sort_keys=True) == text
    assert data["schema_version"] == SCHEMA_VERSION


def test_a_number_that_does_not_exist_is_null_and_never_nan(unidentified: Verdict) -> None:
    data = verdict_to_dict(unidentified)
    assert set(data["activity"][0]["rate"]) == {None}
    assert "NaN" not in verdict_to_json(unidentified)


def test_an_estimate_that_is_not_identified_gives_no_ratio_even_where_one_was_computed(
    verdict: Verdict,
) -> None:
    row = replace(
        verdict.change[0],
        identified=False,
        reason="too little",
        ratio=RatioInterval(1, 0.2, 5, 0.9),
    )
    written = verdict_to_dict(replace(verdict, change=(row,)))["change"][0]
    assert written["rate_ratio"] is None
    assert written["probability_fell"] is None
    assert written["reason"] == "too little"


def test_the_three_answers_and_confidence_are_told_apart(verdict: Verdict) -> None:
    data = verdict_to_dict(verdict)["verdict"]
    assert set(data) == {"changed", "kept", "because", "confidence"}
    assert data["changed"]["probability"] == 0.97
    assert data["kept"]["probability"] is None
    assert data["confidence"]["word"] == "moderate"


def test_dates_are_iso_and_incidents_keep_their_list(verdict: Verdict) -> None:
    data = verdict_to_dict(verdict)
    assert data["question"]["agreed"] == "2015-09-25"
    year_only = next(i for i in data["incidents"] if i["start"] == "2007")
    assert (year_only["start_earliest"], year_only["start_latest"]) == ("2007-01-01", "2007-12-31")
    assert {i["id"].partition(":")[0] for i in data["incidents"]} == {"dcid"}


def test_terminal_escapes_in_a_name_leave_json_as_plain_ascii(verdict: Verdict) -> None:
    nasty = replace(verdict.incidents[0], name="\x9b31m\u202eevil \ud800")
    text = verdict_to_json(replace(verdict, incidents=(nasty,)))
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["incidents"][0]["name"] == "\x9b31m\u202eevil \ud800"


def test_the_schema_of_the_findings_is_what_their_records_say() -> None:
    spec = importlib.util.spec_from_file_location("make_schema", ROOT / "tools" / "make_schema.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.main([]) == 0, "python tools/make_schema.py --write"
