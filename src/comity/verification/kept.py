"""Questions a person opened: kept in the user's folder under their id, and found there by it.

Each is HOME/questions/ID.toml, as it was written; its registration, where it has one, is
HOME/questions/ID.lock beside it and stays when the question is removed.
"""

from __future__ import annotations

import re
from pathlib import Path

from comity.errors import QuestionError
from comity.storage import home as usual_home
from comity.storage import locked, refused, write_whole

QUESTION_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
MOST_BYTES = 60_000  # of a question's text
MOST_KEPT = 200


def folder_of(home: Path | None = None) -> Path:
    """Return the folder of the questions a person opened; it need not exist."""
    return (home or usual_home()) / "questions"


def kept_ids(home: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the questions that were opened, sorted. Raises QuestionError."""
    try:
        names = [p.stem for p in folder_of(home).iterdir() if p.suffix == ".toml"]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise QuestionError(f"Cannot read {folder_of(home)}: {error.strerror}.") from error
    return tuple(sorted(n for n in names if QUESTION_ID.fullmatch(n)))


def kept_text(name: str, home: Path | None = None) -> str | None:
    """Return the text of a question that was opened, None where no such one is kept.

    Only a name that can be an id is looked for: no path leads out of the folder. Raises
    QuestionError where its file cannot be read.
    """
    if not QUESTION_ID.fullmatch(name):
        return None
    path = folder_of(home) / f"{name}.toml"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise QuestionError(
                f"{path} is too large for a question: at most {MOST_BYTES:,} bytes."
            )
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"Cannot read the question file {path}: {error}.") from error


def keep(name: str, text: str, home: Path | None = None) -> bool:
    """Keep a question under its id, whole or not at all; say whether one was there before.

    Raises QuestionError where there are MOST_KEPT already, StoreError where it cannot be written.
    """
    folder = folder_of(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            there = kept_ids(home)
            if name not in there and len(there) >= MOST_KEPT:
                raise QuestionError(
                    f"{MOST_KEPT} questions are kept already. Remove one, then open another."
                )
            write_whole(folder / f"{name}.toml", text.encode("utf-8"))
    except OSError as error:
        raise refused(str(folder), error) from error
    return name in there


def remove(name: str, home: Path | None = None) -> None:
    """Remove a question that was opened; its registration stays.

    Raises QuestionError naming those that are kept, StoreError where it cannot be removed.
    """
    folder = folder_of(home)
    if name not in kept_ids(home):
        known = ", ".join(kept_ids(home)) or "none"
        raise QuestionError(f"No question {name[:64]!r} of your own is kept. There are: {known}.")
    try:
        with locked(folder / ".lock"):
            (folder / f"{name}.toml").unlink(missing_ok=True)
    except OSError as error:
        raise refused(str(folder), error) from error
