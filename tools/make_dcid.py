"""Make the facts-only table of DCID 2.0 that ships, from the publisher's workbook.

    python tools/make_dcid.py DCID_2.0_Release_update_February_2023.xlsx [--check]

Identifiers, short names, dates, codes, countries and addresses are taken; no descriptive sentence
is ("Political Objective" and remarks among the sources stay behind). The same workbook gives the
same bytes. `--check` writes nothing and fails where what ships differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from comity.incidents.releases import release_to_record
from comity.incidents.shipped import ASIDE_COLUMNS, SHIPPED, folder
from comity.incidents.sources.dcid import read_dcid
from comity.incidents.sources.result import ReadResult
from comity.incidents.textfile import write_text


def files_of(result: ReadResult) -> dict[str, str]:
    """Return the name and text of each file that ships for the list."""
    stem = SHIPPED[result.release.list]
    record = release_to_record(result.release)
    fields = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in record.items()]
    aside = ["\t".join(ASIDE_COLUMNS)]
    aside += [f"{p.row}\t{p.column}\t{p.value}\t{p.reason}" for p in result.aside]
    head = "# The release from which the table beside this file was made, by tools/make_dcid.py.\n"
    return {
        f"{stem}.tsv": write_text(result.table),
        f"{stem}.toml": head + "\n".join(fields) + "\n",
        f"{stem}.aside.tsv": "\n".join(aside) + "\n",
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with `--check` compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workbook", type=Path, help="the publisher's file")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    given = parser.parse_args(arguments)
    result = read_dcid(given.workbook)
    differing = []
    for name, text in files_of(result).items():
        path = folder() / name
        if given.check:
            if not path.is_file() or path.read_text("utf-8") != text:
                differing.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
    if differing:
        print(f"Out of date: {', '.join(differing)}. Run tools/make_dcid.py.")
        return 1
    print(f"{result.table.height} incidents, {len(result.aside)} of {result.rows_in_file} aside.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
