"""Read a publisher's or the user's own files and put the list into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from comity.errors import SourceError
from comity.incidents.sources.result import ReadResult
from comity.incidents.store import add_list

READERS = ("dcid", "eurepoc", "cfr")


def read_list(name: str, paths: Sequence[Path], mapping: Path | None = None) -> ReadResult:
    """Return the incidents of a list: one with a reader by its name, any other by its mapping.

    Raises SourceError where the files cannot be read, there is no reader and no mapping, or the
    mapping is of a list with another name.
    """
    if mapping is None and name not in READERS:
        raise SourceError(
            f"There is no reader for {name!r}; there is one for {', '.join(READERS)}. A list of "
            "your own needs a mapping: `comity evidence add my-list FILE --mapping M.toml`."
        )
    if not paths or (name != "eurepoc" and len(paths) != 1) or (mapping and len(paths) != 1):
        raise SourceError(f"{name} is read from one file, not {len(paths)}.")
    if mapping is not None:
        from comity.incidents.sources.mapped import read_mapped

        result = read_mapped(paths[0], mapping)
        if result.release.list != name:
            raise SourceError(
                f"The mapping {mapping.name} is of the list {result.release.list!r}, not {name!r}. "
                f"Try `comity evidence add {result.release.list} FILE --mapping {mapping.name}`."
            )
        return result
    if name == "dcid":
        from comity.incidents.sources.dcid import read_dcid

        return read_dcid(paths[0])
    if name == "eurepoc":
        from comity.incidents.sources.eurepoc import read_eurepoc

        return read_eurepoc(paths)
    from comity.incidents.sources.cfr import read_cfr

    return read_cfr(paths[0])


def add_files(
    name: str, paths: Sequence[Path], mapping: Path | None = None, home: Path | None = None
) -> ReadResult:
    """Read a list's files and store it in place of an older release.

    Raises SourceError, StoreError.
    """
    result = read_list(name, paths, mapping)
    files = list(paths) if mapping is None else [*paths, mapping]
    add_list(result, files, home)
    return result
