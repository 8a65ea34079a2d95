"""Write the part of the verdict's JSON Schema that follows from the records of findings.

    python tools/make_schema.py           # says whether the schema is up to date
    python tools/make_schema.py --write   # writes it

What a cross-examination finds is defined once, in verification/examine/model.py; the rest of the
schema is written by hand.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from comity.report.data import SCHEMA_FILE
from comity.report.plain import schema_of
from comity.verification.examine.asked import Examination

PATH = Path(__file__).resolve().parents[1] / "src" / "comity" / "data" / "schema" / SCHEMA_FILE
MARK = "Generated from the record of that name by tools/make_schema.py."
PREFIX = "of_"


def updated(text: str) -> str:
    """Return the schema with every generated definition as the records are now."""
    schema = json.loads(text)
    kept = {k: v for k, v in schema["$defs"].items() if v.get("$comment") != MARK}
    made = {k: {"$comment": MARK, **v} for k, v in schema_of(Examination, PREFIX).items()}
    schema["$defs"] = kept | made
    schema["properties"]["examination"] = {
        "oneOf": [{"type": "null"}, {"$ref": f"#/$defs/{PREFIX}examination"}],
        "description": "The findings of a cross-examination, null where none was asked for.",
    }
    schema["required"] = list(dict.fromkeys([*schema["required"], "examination"]))
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
