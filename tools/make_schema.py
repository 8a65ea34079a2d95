"""Write the part of the verdict's JSON Schema that follows from the records of findings.

    python tools/make_schema.py           # says whether the schema is up to date
    python tools/make_schema.py --write   # writes it

What a cross-examination finds is defined once, in verification/examine/model.py; the rest of the
schema is written by hand.
"""

from __future__ import annotations

import json
import sys

from comity.report.data import SCHEMA_FILE
from comity.report.plain import schema_of
from comity.verification.examine.model import Examination

from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "src" / "comity" / "data" / "schema" / SCHEMA_FILE
MARK = "Generated from the record of the same name."


def updated(text: str) -> str:
    """Return the schema with every generated definition as the records are now."""
    schema = json.loads(text)
    kept = {k: v for k, v in schema["$defs"].items() if v.get("$comment") != MARK}
    made = {k: {**v, "$comment": MARK} for k, v in schema_of(Examination).items()}
    shared = {"check", "rate_ratio"}
    for name in shared & made.keys():
        del made[name]
    schema["$defs"] = dict(sorted({**kept, **made}.items()))
    schema["properties"]["examination"] = {
        "anyOf": [{"type": "null"}, {"$ref": "#/$defs/examination"}],
        "description": "The findings of a cross-examination; null where none was asked for.",
    }
    schema["required"] = sorted({*schema["required"], "examination"})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check; the exit code is 1 where the file is not up to date."""
    text = PATH.read_text(encoding="utf-8")
    new = updated(text)
    if "--write" in arguments:
        PATH.write_text(new, encoding="utf-8")
        return 0
    if new != text:
        print("The schema is not up to date: python tools/make_schema.py --write")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
