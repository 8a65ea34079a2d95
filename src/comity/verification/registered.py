"""What a verdict says of its question's registration: one line, a check, and what to mind."""

from __future__ import annotations

from collections.abc import Sequence

from comity.saying import Said, joined, say, uncapital
from comity.verification.model import Check, FieldChange, Registration

SHOWN = 12  # characters of a hash on a page for people
LONGEST = 80  # characters of a value in a sentence
REGISTERED = say("check.registered")


def registration_line(registration: Registration) -> Said:
    """Return the registration in one sentence.

    >>> registration_line(Registration("unchanged", "2026-11-20T10:15:00Z", "ab12" * 16))
    'Registered 2026-11-20, sha256 ab12ab12ab12..., unchanged'
    """
    if registration.state == "damaged":
        return say("registered.damaged", why=registration.problem.rstrip("."))
    head = say("registered.head", day=registration.on[:10], digest=registration.sha256[:SHOWN])
    if registration.state == "unchanged":
        return say("registered.unchanged", head=head)
    return say("registered.changed", head=head, changes=changes_text(registration.changes))


def changes_text(changes: Sequence[FieldChange]) -> Said:
    """Return some changes as "window.to 2020-12-31 -> 2019-12-31; norm x -> nothing"."""
    nothing = say("registered.nothing")
    said = [
        say(
            "registered.change",
            field=c.field,
            before=_short(c.before or nothing),
            after=_short(c.after or nothing),
        )
        for c in changes
    ]
    return joined(said, "; ") if said else say("registered.form")


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."


def registration_check(registration: Registration | None) -> Check:
    """Return the check: passed where the question is as registered, information where it is not
    registered at all."""
    if registration is None:
        return Check(REGISTERED, None, say("registered.not"))
    line = uncapital(registration_line(registration))
    return Check(REGISTERED, registration.state == "unchanged", line)


def registration_caveats(registration: Registration | None) -> tuple[str, ...]:
    """Return what to mind: a change since, other choices, evidence that was public already."""
    if registration is None:
        return ()
    found: list[str] = []
    day = registration.on[:10]
    if registration.state == "damaged":
        found.append(joined([registration_line(registration), "."], ""))
    if registration.state == "changed":
        said = changes_text(registration.changes)
        found.append(say("caveat.changed", day=day, said=said))
    if registration.earlier:
        first = registration.earlier[0][:10]
        found.append(say("caveat.registered_often", n=len(registration.earlier) + 1, first=first))
    if registration.asked:
        said = changes_text(registration.asked)
        found.append(say("caveat.other_choices", said=said))
    if registration.known:
        lists = joined(registration.known)
        found.append(say("caveat.already_known", day=day, lists=lists))
    return tuple(found)
