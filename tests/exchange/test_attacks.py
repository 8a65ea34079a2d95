"""Attacks on a desk behind its server, tried over HTTPS, and the table of all that are tried.

Each row of docs/exchange-attacks.md names its tests. What another module tests is not tried again
here; that each test it names is there, is.
"""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from desks import CN, LINE, UN, US, WHAT, Clock, acquainted, carried, joined, made, sent
from hostile import changed, header, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import ExchangeError, RemoteError
from comity.exchange.desk import Desk
from comity.exchange.keys import make_keys
from comity.exchange.messages import EXTENSION, resigned
from comity.exchange.model import Kind, Line, Message, PrivateKey, State
from comity.exchange.own import revoke
from comity.exchange.taxii.auth import make_bearer
from comity.exchange.taxii.certs import keep_certificate, make_certificate
from comity.exchange.taxii.client import Remote
from comity.exchange.taxii.listening import running
from comity.exchange.taxii.resources import collection_id
from comity.exchange.taxii.server import build_app

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # TLS goes by the machine's own clock
TABLE = Path(__file__).parents[2] / "docs" / "exchange-attacks.md"
NAMED = (
    "forged", "altered", "replay", "wrong party", "expired", "revoked", "substitution",
    "another track", "oversized", "nested", "decompression", "slow", "path", "header",
    "truncated", "rolled back", "time travel",
)  # fmt: skip


@dataclass
class Field:
    """A desk behind its server, and the peer whose key the attacker has or has not."""

    us: Desk
    cn: Desk
    url: str
    certificate: str
    clock: Clock

    def remote(self, party: str = US, key: PrivateKey | None = None, to: str = CN) -> Remote:
        used = key or self.us.signing_key()
        return Remote(
            self.url, self.certificate,
            lambda: f"Bearer {make_bearer(used, party, to, self.clock())}", tries=1,
        )  # fmt: skip

    def hand_in(self, *objects: Any, **who: Any) -> str:
        """Hand objects in as `who`; return the reason why the message failed, or nothing."""
        with self.remote(**who) as remote:
            status = remote.add(remote.collection(collection_id(LINE)), objects)
        return status.failures.get(str(objects[-1]["id"]), "").partition(":")[0]


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    certificate, key = make_certificate(["127.0.0.1"], LONG_AGO, days=36500)
    files = keep_certificate(tmp_path / "tls", certificate, key)
    with running(build_app(cn), *files) as address:
        yield Field(us, cn, f"{address}taxii2/", certificate, clock)
    us.close()
    cn.close()


def nothing_came(field: Field) -> bool:
    return field.cn.size(LINE) == 0 and not field.cn.stored(LINE, _all(), 10)


def _all() -> Any:
    from comity.exchange.reading import Wanted

    return Wanted(versions=("all",))


def test_a_forged_message_is_refused(field: Field) -> None:
    stranger = make_keys(field.clock())[0]
    message = sent(field.us, Kind.NOTIFICATION, WHAT)
    assert field.hand_in(*carried(resigned(message, stranger))) == "unknown-key"
    root = dict(resigned(message, stranger).root)
    extension = dict(root["extensions"][EXTENSION])
    mine = message.root["extensions"][EXTENSION]["signature"].split(".")[0]
    extension["signature"] = mine + ".." + extension["signature"].split(".")[2]
    root["extensions"] = {EXTENSION: extension}
    assert field.hand_in(*message.objects, root) == "forged"
    assert nothing_came(field)


def test_an_altered_message_is_refused(field: Field) -> None:
    message = sent(field.us, Kind.NOTIFICATION, WHAT)
    root = json.loads(json.dumps(message.root))
    root["extensions"][EXTENSION]["fields"]["happened"] = "Nothing."
    assert field.hand_in(*message.objects, root) in ("altered", "forged")
    content = [{**message.objects[0], "name": "Another name"}, *message.objects[1:]]
    assert field.hand_in(*content, message.root) == "altered"
    assert nothing_came(field)


def test_a_message_replayed_changes_nothing(field: Field) -> None:
    message = sent(field.us, Kind.NOTIFICATION, WHAT)
    for _ in range(3):
        assert field.hand_in(*carried(message)) == ""
    assert field.cn.size(LINE) == 1
    assert len(field.cn.unread()) == 1


def test_a_message_of_one_line_is_not_taken_on_another(field: Field) -> None:
    other = "another-line"
    for desk, peer in ((field.us, CN), (field.cn, US)):
        desk.open_line(other, [peer])
    draft = field.us.draft(other, Kind.NOTIFICATION, fields=WHAT)
    message = field.us.release(draft.id)
    assert isinstance(message, Message)
    assert field.hand_in(*carried(message)) == "no-such-line"
    assert nothing_came(field)


def test_a_party_that_is_not_on_the_line_neither_sends_nor_reads(
    field: Field, tmp_path: Path
) -> None:
    un = made(tmp_path, UN, field.clock)
    acquainted(field.cn, un)
    un.open_line(LINE, [CN])
    message = sent(un, Kind.NOTIFICATION, WHAT)
    assert field.cn.accept(LINE, carried(message), UN)[0].reason == "wrong-party"
    who = {"party": UN, "key": un.signing_key()}
    with pytest.raises(RemoteError, match="404"):
        field.hand_in(*carried(message), **who)
    with field.remote(**who) as remote:
        assert remote.collections() == ()
        with pytest.raises(RemoteError, match="404"):
            remote.page(remote.collection(collection_id(LINE)))
    assert nothing_came(field)
    un.close()


def test_a_party_does_not_call_in_anothers_name_or_at_another_desk(field: Field) -> None:
    thief = make_keys(field.clock())[0]
    for who in ({"key": thief}, {"party": CN}, {"party": "nobody.example"}, {"to": UN}):
        with pytest.raises(RemoteError, match="401"):
            field.hand_in(*carried(written(field.us, header(field.us))), **who)
    assert nothing_came(field)


def test_a_revoked_key_neither_calls_nor_signs(field: Field) -> None:
    from test_key_change import tell

    stolen = field.us.signing_key()
    message = written(field.us, header(field.us))
    revoke(field.us.book, field.us.ring, stolen.public.kid, "stolen", field.clock())
    tell(field.us, field.cn)
    with pytest.raises(RemoteError, match="revoked-key"):
        field.hand_in(*carried(message), key=stolen)
    assert field.hand_in(*carried(message)) == "revoked-key"
    assert nothing_came(field)


def test_an_expired_key_neither_calls_nor_signs(field: Field) -> None:
    old = field.us.signing_key()
    message = written(field.us, header(field.us))
    field.clock.move(days=800)
    with pytest.raises(RemoteError, match="expired-key"):
        field.hand_in(*carried(message), key=old)
    assert field.cn.accept(LINE, carried(message), US)[0].reason == "expired-key"
    assert nothing_came(field)


def test_time_travel_is_refused(field: Field) -> None:
    ahead = header(field.us, sent=field.clock.at + dt.timedelta(hours=2))
    assert field.hand_in(*carried(written(field.us, ahead))) == "clock"
    first = written(field.us, header(field.us))
    assert field.hand_in(*carried(first)) == ""
    back = replace(header(field.us, 2, previous=first.digest),
                   sent=first.header.sent - dt.timedelta(milliseconds=1))  # fmt: skip
    assert field.hand_in(*carried(written(field.us, back))) == "clock"
    assert field.cn.size(LINE) == 1


def test_an_oversized_or_deeply_nested_bundle_is_refused(field: Field) -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    with pytest.raises(RemoteError, match="413"):
        field.hand_in({"type": "note", "id": "note--1", "content": deep})
    with pytest.raises(RemoteError, match="413"):
        field.hand_in({"type": "note", "id": "note--1", "content": "x" * 11_000_000})
    many = written(field.us, header(field.us), {f"extra-{n}": "x" for n in range(300)})
    assert field.hand_in(*carried(many)) == "too-large"
    assert nothing_came(field)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk, Line]]:
    folder, clock = tmp_path_factory.mktemp("fuzzed"), Clock()
    us, cn = made(folder, US, clock), made(folder, CN, clock)
    line = joined(us, cn)
    yield us, cn, line
    us.close()
    cn.close()


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the place of every member of a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in members:
        yield (*before, name)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*before, name))


def _put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for name in path[:-1]:
        value = value[name]
    value[path[-1]] = new


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), sign=st.booleans())
def test_a_valid_message_mutated_at_will_is_refused_or_as_good_as_it_was(
    hardened: tuple[Desk, Desk, Line], data: st.DataObject, sign: bool
) -> None:
    us, cn, _ = hardened
    message = written(us, header(us))
    size = cn.size(LINE)
    root = json.loads(json.dumps(message.root))
    path = data.draw(st.sampled_from(list(_paths(root))))
    value = data.draw(JSON)
    try:
        if sign:
            root = changed(us, message, lambda found: _put(found, path, value))
        else:
            _put(root, path, value)
    except (ExchangeError, KeyError, TypeError):
        return  # no signature can be made over it
    same = root == message.root
    try:
        outcomes = cn.accept(LINE, [root], US)
    except ExchangeError:
        outcomes = ()
    if not same and not sign:
        assert all(o.state is State.REFUSED for o in outcomes)
        assert cn.size(LINE) == size
    assert cn.size(LINE) <= size + 1


# the table


def rows() -> list[tuple[str, str, list[str]]]:
    """The rows of the table: attack, what happens, the tests named."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and "::" in cells[2]:
            found.append((cells[0], cells[1], re.findall(r"`([\w/]+\.py::\w+)`", cells[2])))
    return found


def test_every_attack_that_is_named_is_tried_by_a_test_that_is_there() -> None:
    table = rows()
    attacks = " ".join(attack for attack, _, _ in table)
    assert [name for name in NAMED if name not in attacks] == []
    for attack, happens, tests in table:
        assert happens, attack
        assert tests, attack
        for one in tests:
            file, _, name = one.partition("::")
            tree = ast.parse((Path(__file__).parent / file).read_text(encoding="utf-8"))
            assert name in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}, one
