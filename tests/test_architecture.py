"""The house as ARCHITECTURE.md describes it: the map, the imports, the sizes."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "comity"
SMALL = (
    "errors", "dates", "countries", "provenance", "storage", "tables", "documents", "compiled",
    "special", "saying",
)  # fmt: skip
ORDER = {
    "instruments": 0, "incidents": 0, "definitions": 0, "process": 0, "parallels": 0,
    "diffusion": 1, "verification": 1, "exchange": 2, "history": 2, "report": 3, "web": 4,
}  # fmt: skip
MODULES = sorted(p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py"))
MOST_LINES, MOST_FUNCTION_LINES = 450, 60


@pytest.fixture(scope="module")
def mapper() -> ModuleType:
    spec = importlib.util.spec_from_file_location("module_map", ROOT / "tools" / "module_map.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def imported(tree: ast.Module, path: Path) -> Iterator[tuple[str, str]]:
    """Yield (module of comity without the prefix, name) for each import, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "comity":
                    yield alias.name.removeprefix("comity").lstrip("."), ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relative to itself: write the full name"
            origin = node.module or ""
            if origin.split(".")[0] != "comity":
                continue
            for alias in node.names:
                full = ".".join([*origin.split(".")[1:], alias.name])
                as_path = PACKAGE.joinpath(*full.split("."))
                if as_path.with_suffix(".py").exists() or as_path.is_dir():
                    yield full, ""
                else:
                    yield origin.removeprefix("comity").lstrip("."), alias.name


def forbidden(path: Path, target: str, name: str) -> str:
    """Return why the module at `path` may not import `name` of `target`; empty where it may."""
    target_room, _, target_rest = target.partition(".")
    if target in SMALL:
        return ""
    if len(path.parts) == 1:
        return "imports only the small modules" if path.stem in SMALL else ""
    room = path.parts[0]
    if target == "" and name == "__version__":
        return ""
    if target_room == room:
        return ""
    if room == "web" and target_room.partition("_")[0] == "api":
        return "takes a private name" if name.startswith("_") else ""
    if target_room not in ORDER:
        return "is in a room: it may not call what puts rooms together"
    if ORDER[target_room] > ORDER[room]:
        return "reaches back: data flow the other way"
    if target_rest == "model":
        return ""
    if room in ("report", "web"):
        private = name.startswith("_") or "._" in f".{target_rest}"
        return "takes a private name of another room" if private else ""
    return "may take only model.py of another room"


def test_every_room_has_a_place_in_the_flow() -> None:
    rooms = {p.parts[0] for p in MODULES if len(p.parts) > 1}
    assert rooms <= set(ORDER), "a new room needs its place in ORDER and in ARCHITECTURE.md"


def test_the_map_names_every_module_and_no_other(mapper: ModuleType) -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    text = page.partition(mapper.BEGIN)[2].partition(mapper.END)[0]
    named = {line.split("`")[1] for line in text.splitlines() if line.startswith("- `")}
    assert named == {p.as_posix() for p in MODULES}, "python tools/module_map.py --write"


def test_the_map_says_what_the_modules_say_of_themselves(mapper: ModuleType) -> None:
    assert mapper.main([]) == 0, "python tools/module_map.py --write"


def test_a_module_without_a_docstring_cannot_be_mapped(mapper: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text("VALUE = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"silent\.py has no docstring"):
        mapper.module_map(tmp_path)


def test_the_map_takes_the_first_sentence_of_a_docstring(
    mapper: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text('"""Dates that\nare unsure. More.\n"""\n', encoding="utf-8")
    room = tmp_path / "room"
    room.mkdir()
    (room / "b.py").write_text('"""What was said?"""\n', encoding="utf-8")
    assert mapper.module_map(tmp_path).splitlines() == [
        "- `a.py`: Dates that are unsure",
        "",
        "`room/`",
        "",
        "- `room/b.py`: What was said?",
    ]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_what_its_place_allows(path: Path) -> None:
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    wrong = [
        f"{path} takes {name or 'the module'} of comity.{target}: {why}"
        for target, name in imported(tree, path)
        if (why := forbidden(path, target, name))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "target", "name", "allowed"),
    [
        ("verification/panel.py", "dates", "parse_date", True),
        ("verification/panel.py", "incidents.model", "Evidence", True),
        ("verification/panel.py", "incidents.load", "load_evidence", False),
        ("verification/panel.py", "api", "verify", False),
        ("verification/panel.py", "report.model", "Chart", False),
        ("incidents/load.py", "verification.model", "Finding", False),
        ("incidents/load.py", "incidents.store", "_lock", True),
        ("report/page.py", "verification.words", "term", True),
        ("report/page.py", "api", "verify", False),
        ("web/page.py", "api", "verify", True),
        ("web/page.py", "cli", "app", False),
        ("report/page.py", "verification.words", "_term", False),
        ("report/page.py", "", "__version__", True),
        ("dates.py", "incidents.model", "Incident", False),
        ("cli.py", "incidents.load", "load_evidence", True),
    ],
)
def test_the_rule_on_imports_says_what_the_page_says(
    path: str, target: str, name: str, allowed: bool
) -> None:
    assert (forbidden(Path(path), target, name) == "") is allowed


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_modules_and_functions_fit_on_a_few_screens(path: Path) -> None:
    text = (PACKAGE / path).read_text(encoding="utf-8")
    long = [
        f"{path}:{node.lineno} {node.name} has {lines} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_FUNCTION_LINES
    ]
    assert len(text.splitlines()) <= MOST_LINES, f"{path} has over {MOST_LINES} lines"
    assert not long, "\n".join(long)


def test_no_two_test_modules_share_a_name() -> None:
    found = (ROOT / "tests").rglob("test_*.py")
    names = [p.name for p in found if not (p.parent / "__init__.py").exists()]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, "outside a package pytest collects one module of a name: rename one"
