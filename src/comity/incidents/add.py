"""Read a publisher's or the user's own files and put the list into the store."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from comity.errors import SourceError
from comity.incidents.report_lists import ReportList, add_report_list
from comity.incidents.sources.result import ReadResult
from comity.incidents.store import add_list


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the reader of a list is: a function of a module of `sources`; `several` says that it
    takes all files at once, not one."""

    module: str
    function: str
    several: bool = False


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "dcid": Reader("dcid", "read_dcid"),
        "eurepoc": Reader("eurepoc", "read_eurepoc", several=True),
        "cfr": Reader("cfr", "read_cfr"),
        "csis": Reader("csis", "read_csis"),
        "attack": Reader("attack", "read_attack"),
        "cissm": Reader("cissm", "read_cissm"),
        "stix": Reader("stix", "read_stix", several=True),
        "misp": Reader("misp", "read_misp", several=True),
        "vcdb": Reader("vcdb", "read_vcdb", several=True),
    }
)


REPORT_READERS: Mapping[str, Reader] = MappingProxyType(
    {"aptnotes": Reader("aptnotes", "read_aptnotes")}
)


def read_list(name: str, paths: Sequence[Path], mapping: Path | None = None) -> ReadResult:
    """Return the incidents of a list: one with a reader by its name, any other by its mapping.

    Raises SourceError where the files cannot be read, there is no reader and no mapping, or the
    mapping is of a list with another name.
    """
    reader = None if mapping else READERS.get(name)
    if reader is None and mapping is None and holds_reports(name):
        raise SourceError(f"{name} holds reports, not incidents: it cannot be read as a list.")
    if reader is None and mapping is None:
        raise SourceError(
            f"There is no reader for {name!r}; there is one for {', '.join(READERS)}. A list of "
            "your own needs a mapping: `comity evidence add my-list FILE --mapping M.toml`."
        )
    if not paths or (len(paths) != 1 and not (reader and reader.several)):
        raise SourceError(f"{name} is read from one file, not {len(paths)}.")
    if reader is not None:
        module = importlib.import_module(f"comity.incidents.sources.{reader.module}")
        result: ReadResult = getattr(module, reader.function)(paths if reader.several else paths[0])
        return result
    return _read_own(name, paths[0], mapping or Path())


def _read_own(name: str, path: Path, mapping: Path) -> ReadResult:
    """Return the incidents of a user's own list. Raises SourceError."""
    from comity.incidents.sources.mapped import read_mapped

    result = read_mapped(path, mapping)
    if result.release.list != name:
        raise SourceError(
            f"The mapping {mapping.name} is of the list {result.release.list!r}, not {name!r}. "
            f"Try `comity evidence add {result.release.list} FILE --mapping {mapping.name}`."
        )
    return result


def holds_reports(name: str) -> bool:
    """Say whether a list with a reader holds reports, not incidents."""
    return name in REPORT_READERS


def add_report_files(name: str, paths: Sequence[Path], home: Path | None = None) -> ReportList:
    """Read a list of reports and store it in place of an older release.

    Raises SourceError, StoreError.
    """
    return add_report_list(read_reports_list(name, paths), home)


def read_reports_list(name: str, paths: Sequence[Path]) -> ReportList:
    """Return a list of reports from its one file. Raises SourceError."""
    if len(paths) != 1:
        raise SourceError(f"{name} is read from one file, not {len(paths)}.")
    reader = REPORT_READERS[name]
    module = importlib.import_module(f"comity.incidents.sources.{reader.module}")
    result: ReportList = getattr(module, reader.function)(paths[0])
    return result


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
