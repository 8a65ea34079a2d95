"""What a verdict says of its question's registration: one line, a check, and what to mind."""

from __future__ import annotations

from collections.abc import Sequence

from comity.verification.model import Check, FieldChange, Registration

SHOWN = 12  # characters of a hash on a page for people
LONGEST = 80  # characters of a value in a sentence


def registration_line(registration: Registration) -> str:
    """Return the registration in one sentence.

    >>> registration_line(Registration("unchanged", "2026-11-20T10:15:00Z", "ab12" * 16))
    'Registered 2026-11-20, sha256 ab12ab12ab12..., unchanged'
    """
    if registration.state == "damaged":
        return f"Registration not to be trusted: {registration.problem.rstrip('.')}"
    head = f"Registered {registration.on[:10]}, sha256 {registration.sha256[:SHOWN]}..."
    if registration.state == "unchanged":
        return f"{head}, unchanged"
    return f"{head}, changed since it was registered: {changes_text(registration.changes)}"


def changes_text(changes: Sequence[FieldChange]) -> str:
    """Return some changes as "window.to 2020-12-31 -> 2019-12-31; norm x -> nothing"."""
    said = (
        f"{c.field} {_short(c.before or 'nothing')} -> {_short(c.after or 'nothing')}"
        for c in changes
    )
    return "; ".join(said) or "its canonical form"


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."


def registration_check(registration: Registration | None) -> Check:
    """Return the check: passed where the question is as registered, information where it is not
    registered at all."""
    if registration is None:
        return Check("registered", None, "the question was not registered in advance")
    line = registration_line(registration)
    return Check("registered", registration.state == "unchanged", f"{line[0].lower()}{line[1:]}")


def registration_caveats(registration: Registration | None) -> tuple[str, ...]:
    """Return what to mind: a change since, other choices, evidence that was public already."""
    if registration is None:
        return ()
    found = []
    day = registration.on[:10]
    if registration.state == "damaged":
        found.append(f"{registration_line(registration)}.")
    if registration.state == "changed":
        said = changes_text(registration.changes)
        found.append(f"The question was changed since it was registered on {day}: {said}.")
    if registration.earlier:
        first = registration.earlier[0][:10]
        found.append(
            f"The question was registered {len(registration.earlier) + 1} times, first on {first}."
        )
    if registration.asked:
        said = changes_text(registration.asked)
        found.append(f"Asked with other choices than it was registered with: {said}.")
    if registration.known:
        lists = ", ".join(registration.known)
        found.append(
            f"When the question was registered ({day}), {lists} could be read already: that nobody "
            "looked first is the word of whoever registered it."
        )
    return tuple(found)
