"""What the package promises before anything is computed: names, weight, licences, no traces."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path
from types import ModuleType

import pytest

import comity

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "src" / "comity" / "data"
HEAVY = ("authlib", "cryptography", "httpx2", "joserfc", "sqlalchemy", "stix2", "polars", "scipy",
         "numpy", "jinja2", "pydantic", "fastexcel", "vl_convert", "typst", "docx",
         "pypdf")  # fmt: skip
LICENCE = re.compile(r"CC BY 4\.0|CC0|PDDL|Apache-2\.0|BSD|ATT&CK")
COVERED = re.compile(r"`([^`]+)`")


def git(*words: str) -> str:
    """Return what git says; skip where this is no checkout (a source archive)."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what git tracks and ignores cannot be asked")
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True)
    return done.stdout.decode()


def loaded_by(code: str) -> set[str]:
    """Return the top names of all modules loaded in a new interpreter after `code`."""
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def uncovered(data: Path) -> list[str]:
    """Return the files under `data` that no LICENCE or README beside or above them covers.

    A file is covered by a line that names it (a path or pattern in backticks, relative to the
    folder of the LICENCE or README) and names a licence.
    """
    covered: set[Path] = set()
    files = [p for p in data.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    pages = [p for p in files if re.match(r"(LICENCE|LICENSE|README)", p.name)]
    for page in pages:
        for line in page.read_text(encoding="utf-8").splitlines():
            if not LICENCE.search(line):
                continue
            for pattern in COVERED.findall(line):
                covered |= {
                    p
                    for p in files
                    if p.is_relative_to(page.parent)
                    and fnmatch.fnmatchcase(p.relative_to(page.parent).as_posix(), pattern)
                }
    plain = (p for p in files if p not in pages and p.suffix != ".py")
    return sorted(p.relative_to(data).as_posix() for p in plain if p not in covered)


def requirements() -> list[str]:
    """Return every direct requirement of pyproject.toml: run time, extras, development."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = table["project"].get("optional-dependencies", {})
    groups = table["dependency-groups"]
    return [
        *table["project"]["dependencies"],
        *(name for some in [*extras.values(), *groups.values()] for name in some),
    ]


def test_all_is_the_sorted_public_names_and_few() -> None:
    public = {
        name
        for name, value in vars(comity).items()
        if not name.startswith("_")
        and not isinstance(value, ModuleType)
        and name not in ("annotations", "TYPE_CHECKING")
    }
    assert list(comity.__all__) == sorted(set(comity.__all__))
    assert public <= set(comity.__all__)
    assert 0 < len(comity.__all__) <= 25


@pytest.mark.parametrize("name", comity.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(comity, name)
    assert value is not None
    if callable(value):
        assert value.__doc__


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = comity.no_such_name


def test_importing_comity_loads_no_heavy_library() -> None:
    assert loaded_by("import comity").isdisjoint(HEAVY)


def test_the_help_screen_loads_no_heavy_library() -> None:
    code = (
        "import contextlib, io\nfrom comity.cli import main\nsys.argv = ['comity', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main()"
    )
    assert loaded_by(code).isdisjoint(HEAVY)


def test_what_needs_no_statistics_is_printed_without_loading_any(tmp_path: Path) -> None:
    asked = (
        "instruments", "norms commercial-theft", "parallels us-china-2015", "process us-china",
        "process enforcement",
    )  # fmt: skip
    code = (
        "import contextlib, io, os\nfrom comity.cli import main\n"
        f"os.environ['COMITY_HOME'] = {str(tmp_path)!r}\n"
        f"for words in {asked!r}:\n"
        "    sys.argv, printed = ['comity', *words.split()], io.StringIO()\n"
        "    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(printed):\n"
        "        main()\n"
        "    assert printed.getvalue(), words\n"
    )
    assert loaded_by(code).isdisjoint({*HEAVY} - {"pydantic"})


def test_the_package_is_typed() -> None:
    assert resources.files("comity").joinpath("py.typed").is_file()


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    cited = re.search(r"^version: (\S+)$", citation, re.MULTILINE)
    assert cited is not None
    assert comity.__version__ == project["version"] == cited.group(1)


def test_direct_dependencies_are_pinned_to_ranges() -> None:
    assert [n for n in requirements() if not re.search(r">=[\d.]+,<\d+", n)] == []


def test_every_dependency_has_its_reason_written_down() -> None:
    names = {re.split(r"[<>=\[; ]", n)[0] for n in requirements()}
    reasons = (ROOT / "docs/decisions/0000-dependencies.md").read_text(encoding="utf-8")
    assert names == set(re.findall(r"^\| `([\w-]+)` \|", reasons, re.MULTILINE))


def test_every_shipped_file_has_a_licence_line() -> None:
    assert uncovered(DATA) == [], "add a line to src/comity/data/LICENCE.md"


def test_a_file_without_a_licence_line_is_found(tmp_path: Path) -> None:
    for name in ("a/one.tsv", "a/two.tsv", "b/three.tsv", "b/four.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    (tmp_path / "LICENCE.md").write_text("| `a/*.tsv` | CC BY 4.0 |\n", encoding="utf-8")
    (tmp_path / "b" / "README.md").write_text(
        "`three.tsv`: CC0\n`four.json`: to be settled\n", encoding="utf-8"
    )
    assert uncovered(tmp_path) == ["b/four.json"]


def test_the_code_licence_is_the_whole_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.strip().startswith("Apache License")
    assert "9. Accepting Warranty or Additional Liability." in text
    assert len(text.splitlines()) == 202


def test_git_ignores_the_lock_file() -> None:
    assert git("check-ignore", "uv.lock").strip() == "uv.lock"


def test_tracked_files_name_no_machine_and_no_package_host() -> None:
    traces = re.compile(
        "|".join(
            [
                r"(?<![\w.:/~%-])/(?:work|root|home|opt|Users|tmp)/\w",
                "file:" + r"///(?:work|root|home|opt|Users|tmp|[A-Z]:)",
                "pypi" + r"\.org/simple",
                "files.python" + "hosted",
                "index" + "-url",
                r"localhost:\d{4,5}/simple",
            ]
        )
    )
    found = []
    for name in git("ls-files", "-z").split("\0"):
        path = ROOT / name
        if not name or not path.is_file() or path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if match := traces.search(line):
                found.append(f"{name}:{number}: {match.group()}")
    assert found == []


@pytest.mark.parametrize(
    "command",
    ["pip install uv && uv run comity verify us-china-2015", "pip install uv && uv run pytest"],
)
def test_the_readme_shows_both_commands_and_ci_runs_the_second_word_for_word(command: str) -> None:
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    if command.endswith("pytest"):
        assert f"\n{command}\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
