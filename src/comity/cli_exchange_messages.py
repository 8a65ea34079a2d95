"""Lines and messages in a terminal: open a line, draft, release, read, answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli_exchange_options import Home, Json, open_desk
from comity.cli_exchange_said import say_draft, say_released
from comity.cli_output import print_json, print_lines, say

if TYPE_CHECKING:
    from comity.exchange.desk import Desk
    from comity.exchange.model import Draft, Person

By = Annotated[
    str, typer.Option("--as", help="Who does this; needed where two persons must release.")
]
BY_WHEN = "by_when"  # the field that is the message's own deadline too
Track = Annotated[str, typer.Argument(help="A line, by the id of its track.")]


def add_messages(app: typer.Typer) -> None:
    """Add the commands to `comity exchange`."""
    for name, command in (
        ("open", open_line), ("close", close), ("lines", lines), ("inbox", inbox),
        ("thread", thread), ("draft", draft), ("drafts", drafts), ("release", release),
        ("discard", discard), ("check", check), ("recover", recover),
    ):  # fmt: skip
        app.command(name)(command)


def open_line(
    track: Track,
    others: Annotated[list[str], typer.Option("--with", help="Another party; repeat it.")],
    title: Annotated[str, typer.Option(help="How people call it.")] = "",
    acknowledge: Annotated[
        float | None, typer.Option(help="Hours within which a message is acknowledged.")
    ] = None,
    answer: Annotated[
        float | None, typer.Option(help="Hours within which a request is answered.")
    ] = None,
    check: Annotated[float | None, typer.Option(help="Days between communication checks.")] = None,
    home: Home = None,
) -> None:
    """Open a line with other parties, or change its terms; they do the same at their desk."""
    from dataclasses import replace

    from comity.exchange.terms import near_tracks, terms_of

    with open_desk(home) as desk:
        found = terms_of(track)
        given = {"acknowledge_hours": acknowledge, "answer_hours": answer, "check_days": check}
        terms = replace(found.terms, **{k: v for k, v in given.items() if v is not None})
        line = desk.open_line(track, others, title or found.title, terms)
        say(f"The line {line.id} is open between {' and '.join(line.parties)}.")
        for text in found.lines(line.terms):
            say(text)
        if not found.title:
            near = near_tracks(track)
            meant = f" Was {' or '.join(near)} meant?" if near else ""
            say(f"No track of the register is called {track}: `comity process` lists them.{meant}")


def close(track: Track, home: Home = None) -> None:
    """Take back a line on which nothing was said yet: one that was mistyped."""
    with open_desk(home) as desk:
        desk.drop_line(track)
        say(f"The line {track} is no longer open here.")


def lines(home: Home = None, as_json: Json = False) -> None:
    """Lines this desk holds open, their terms, their journals' sizes."""
    from comity.report.exchange_lines import lines_lines, lines_record

    with open_desk(home) as desk:
        if as_json:
            print_json(lines_record(desk))
        else:
            print_lines(lines_lines(desk))


def inbox(
    page: Annotated[
        int, typer.Option(help="Of what is unread and of the threads, the latest first.", min=1)
    ] = 1,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """What waits: unread messages, what is due and overdue, drafts, what is on its way, alarms."""
    from comity.exchange.views import inbox as look
    from comity.report.exchange_lines import inbox_lines, inbox_record

    with open_desk(home) as desk:
        found = look(desk, page)
        if as_json:
            print_json(inbox_record(found))
        else:
            print_lines(inbox_lines(found, desk.clock()))


def thread(
    id: Annotated[str, typer.Argument(help="A thread, by the beginning of its id.")],
    home: Home = None,
    as_json: Json = False,
    keep_unread: Annotated[
        bool, typer.Option("--keep-unread", help="Leave its messages unread.")
    ] = False,
) -> None:
    """One thread: every message, how it stands, what may be sent next."""
    from comity.exchange.views import find_thread, thread_view
    from comity.report.exchange_lines import thread_lines, thread_record

    with open_desk(home) as desk:
        view = thread_view(desk, find_thread(desk, id))
        if as_json:
            print_json(thread_record(view))
        else:
            print_lines(thread_lines(view, desk.clock()))
        if not keep_unread:
            desk.mark_read(view.line.id, [s.received.message.digest for s in view.messages])


def draft(
    track: Track,
    kind: Annotated[str, typer.Argument(help="notification, request, reply, opinion, ...")],
    values: Annotated[
        list[str] | None, typer.Option("--set", help="A field: NAME=VALUE; repeat it.")
    ] = None,
    regards: Annotated[str, typer.Option(help="The message it answers, by its id.")] = "",
    in_thread: Annotated[str, typer.Option("--thread", help="The thread it belongs to.")] = "",
    attach: Annotated[
        list[Path] | None, typer.Option(help="A file of STIX objects; repeat it.")
    ] = None,
    marking: Annotated[
        str, typer.Option(help="clear, green, amber, amber+strict, red; a new draft is amber.")
    ] = "",
    seal: Annotated[bool, typer.Option("--seal", help="Encrypt it to the parties.")] = False,
    deadline: Annotated[
        str, typer.Option(help="By when: 2026-12-01T12:00Z; the same as --set by_when=.")
    ] = "",
    provision: Annotated[
        str, typer.Option(help="What it is about: us-china-2015.commercial-theft.")
    ] = "",
    send: Annotated[bool, typer.Option("--send", help="Release it at once.")] = False,
    edit: Annotated[str, typer.Option(help="Change this draft instead of a new one.")] = "",
    by: By = "",
    home: Home = None,
) -> None:
    """Write a message and keep it as a draft; says what is still missing."""
    from comity.api_exchange import provision_of
    from comity.exchange.content import read_objects, without_repeats
    from comity.exchange.views import find_message, find_thread

    with open_desk(home) as desk:
        person = _person(desk, by)
        if not edit:
            _check_place(kind, regards, in_thread)
        regarded = find_message(desk, regards) if regards else None
        thread_id = find_thread(desk, in_thread) if in_thread else ""
        if regarded:
            thread_id = regarded.message.header.thread
        files = [value for path in attach or () for value in read_objects(_text(path))]
        objects = without_repeats(files)
        fields = _fields(kind, values or [])
        said = {
            "thread": thread_id,
            "regards": regarded.message.header.id if regarded else "",
            "provision": provision_of(provision) if provision else "",
            "deadline": _deadline(kind, fields, deadline),  # may put its instant into `fields`
            "fields": fields,
            "objects": objects,
            "marking": _level(marking or ("" if edit else "amber")),
            "seal": seal,
        }
        kept = _kept(desk, track, kind, person, edit, said)
        say_draft(kept)
        if send:
            say_released(desk.release(kept.id, person))


def drafts(home: Home = None) -> None:
    """Drafts at hand, with what they still lack."""
    with open_desk(home) as desk:
        found = desk.drafts()
        for one in found:
            say_draft(one)
        if not found:
            say("There is no draft here.")


def release(
    id: Annotated[str, typer.Argument(help="A draft, by the beginning of its id.")],
    by: By = "",
    home: Home = None,
) -> None:
    """Sign a draft and send it; where two persons must release, note the first."""
    with open_desk(home) as desk:
        say_released(desk.release(_draft_id(desk, id), _person(desk, by)))


def discard(
    id: Annotated[str, typer.Argument(help="A draft, by the beginning of its id.")],
    by: By = "",
    home: Home = None,
) -> None:
    """Put a draft away for good."""
    with open_desk(home) as desk:
        desk.discard(_draft_id(desk, id), _person(desk, by))
        say("The draft is discarded.")


def check(
    track: Annotated[str, typer.Argument(help="A line; all without.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Only where one is due by the terms.")] = False,
    answer: Annotated[
        bool, typer.Option("--answer", help="Answer the checks that came in instead.")
    ] = False,
    by: By = "",
    home: Home = None,
) -> None:
    """Send a communication check on a line, or answer those that came in."""
    from comity.exchange.checks import answer_checks, send_checks
    from comity.exchange.endings import endings
    from comity.report.exchange_lines import ends_said

    with open_desk(home) as desk:
        person, chosen = _person(desk, by), [desk.line(track)] if track else desk.lines()
        act = answer_checks if answer else send_checks
        done = act(desk, chosen, person) if answer else send_checks(desk, chosen, person, due)
        for sent in done:
            say_released(sent)
        if not done:
            say("No check waits for an answer." if answer else "No check is due.")
        for one in endings(desk, desk.clock()):
            say(ends_said(one.party, one.what, f"{one.until:%Y-%m-%d}"))


def recover(
    track: Track,
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Give up messages that nobody has any more."),
    ] = False,
    disputed: Annotated[
        bool,
        typer.Option("--dispute", help="Go on though a party says it saw more than was sent."),
    ] = False,
    home: Home = None,
) -> None:
    """After a database was restored from a copy: which of our own messages are missing."""
    from comity.exchange.heads import take_head
    from comity.exchange.sending import dispute, give_up, loss_of

    with open_desk(home) as desk:
        line = desk.line(track)
        if disputed:
            names = " and ".join(dispute(desk, line))
            say(f"No longer believed about what {desk.party} sent on {line.id}: {names}.")
            return
        if accept_loss:
            loss = give_up(desk, line)
            say(f"Given up: messages {loss.held + 1} to {loss.given} of {desk.party} on {line.id}.")
            return
        with desk.database.reading() as link:
            loss = loss_of(desk, link, take_head(link, line, lock=False))
        if not loss.any:
            say(f"Nothing of {desk.party} is missing on {line.id}: {loss.held} messages are here.")
            return
        last = max(loss.given, loss.seen)
        say(f"Messages {loss.held + 1} to {last} of {desk.party} on {line.id} are missing here.")
        say(
            "Run `comity exchange sync`: another party's journal has what was delivered. What was "
            "never delivered is lost; when nobody has more, give it up with --accept-loss."
        )


def _kept(
    desk: Desk, track: str, kind: str, person: Person, edit: str, said: dict[str, Any]
) -> Draft:
    """Keep a new draft, or a changed one."""
    from dataclasses import replace

    from comity.errors import ExchangeError
    from comity.exchange.model import Kind

    try:
        chosen = Kind(kind)
    except ValueError:
        kinds = ", ".join(Kind)
        raise ExchangeError(f"{kind[:40]!r} is no kind of message. There is: {kinds}.") from None
    if not edit:
        return desk.draft(track, chosen, person, **said)
    before = desk.find_draft(_draft_id(desk, edit))
    changed = {k: v for k, v in said.items() if v} | {"fields": {**before.fields, **said["fields"]}}
    return desk.keep(replace(before, kind=chosen, **changed), person)


def _check_place(kind: str, regards: str, thread: str) -> None:
    """Raise ExchangeError for a message that begins no thread and is not said to be in one."""
    from comity.errors import ExchangeError
    from comity.exchange.messages import TITLES
    from comity.exchange.model import Kind

    if kind not in list(Kind) or kind in (Kind.CHECK, Kind.NOTIFICATION, Kind.REQUEST):
        return
    title = TITLES[Kind(kind)]
    if kind == Kind.CLOSURE and (regards or not thread):
        raise ExchangeError(f"{title}: a whole thread is closed, no message. Say --thread THREAD.")
    if not regards and not thread:
        raise ExchangeError(
            f"{title}: of what? Say --regards MESSAGE, the first letters of its id. `comity "
            "exchange inbox` names the threads, `comity exchange thread THREAD` the messages."
        )


def _draft_id(desk: Desk, prefix: str) -> str:
    from comity.errors import ExchangeError

    found = [d.id for d in desk.drafts() if d.id.startswith(prefix)] if prefix else []
    if len(found) != 1:
        raise ExchangeError(f"{len(found) or 'No'} draft(s) begin with {prefix[:40]!r}.")
    return found[0]


def _fields(kind: str, values: list[str]) -> dict[str, Any]:
    """Return fields from `NAME=VALUE`; where several may be chosen commas part them."""
    from comity.errors import ExchangeError
    from comity.exchange.model import Kind
    from comity.exchange.templates import template

    known = template(Kind(kind)) if kind in list(Kind) else None
    fields: dict[str, Any] = {}
    for item in values:
        name, equals, text = (part.strip() for part in item.partition("="))
        if not equals or not name:
            raise ExchangeError(f"{item[:60]!r} is no field of a {kind}: write NAME=VALUE.")
        asked = known.field(name) if known else None
        several = asked is not None and asked.kind == "choices"
        parts = [part.strip() for part in text.split(",") if part.strip()]
        fields[name] = parts if several else text
    return fields


def _deadline(kind: str, fields: dict[str, Any], given: str) -> dt.datetime | None:
    """Return a message's own deadline, as `--deadline` or its field says; the field then says it
    too, where the kind has one. Raises ExchangeError for a text that is no instant."""
    from comity.exchange.canonical import stamp, whole
    from comity.exchange.model import Kind
    from comity.exchange.templates import template

    text = given or str(fields.get(BY_WHEN) or "")
    if not text:
        return None
    at = whole(_instant(text).astimezone(dt.UTC))
    if kind in list(Kind) and template(Kind(kind)).field(BY_WHEN):
        fields[BY_WHEN] = stamp(at)
    return at


def _text(path: Path) -> str:
    """Return a file's text. Raises ExchangeError."""
    from comity.errors import ExchangeError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ExchangeError(f"Cannot read {path}: {why}.") from error


def _level(text: str) -> Any:
    """Return a marking, None where none is given. Raises ExchangeError."""
    from comity.errors import ExchangeError
    from comity.exchange.model import Level

    if not text:
        return None
    try:
        return Level(text.lower().removeprefix("tlp:"))
    except ValueError:
        raise ExchangeError(f"{text[:40]!r} is no marking. There is: {', '.join(Level)}.") from None


def _instant(text: str) -> dt.datetime:
    from comity.errors import ExchangeError

    try:
        at = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ExchangeError(
            f"{text[:40]!r} is no time. Write 2026-12-01T12:00Z, with its offset."
        ) from None
    if at.tzinfo is None:
        raise ExchangeError(f"{text[:40]!r} does not say its offset: end it with Z for UTC.")
    return at


def _person(desk: Desk, name: str) -> Person:
    """Return who acts: the operator of the machine, or a person of the desk by password."""
    from comity.errors import ExchangeError
    from comity.exchange.accounts import sign_in
    from comity.exchange.desk import OPERATOR

    if name:
        return sign_in(desk, name, typer.prompt(f"Password of {name}", hide_input=True, err=True))
    if desk.config.two_persons:
        raise ExchangeError("Two persons must release here: say who you are with --as NAME.")
    return OPERATOR
