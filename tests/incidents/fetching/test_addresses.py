"""Which addresses may be fetched, and that nothing a server says leads anywhere else."""

from __future__ import annotations

import pytest

from comity.errors import FetchError
from comity.incidents.fetching.addresses import (
    check_address,
    check_inwards,
    file_name,
    next_address,
    place_of,
)


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("localhost", "loopback"),
        ("LOCALHOST.", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("10.1.2.3", "private"),
        ("192.168.0.1", "private"),
        ("172.16.0.1", "private"),
        ("169.254.169.254", "private"),
        ("100.64.0.1", "private"),
        ("0.0.0.0", "private"),
        ("fe80::1%eth0", "private"),
        ("fc00::1", "private"),
        ("224.0.0.1", "private"),
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
        ("lists.example", "unknown"),
        ("2130706433", "unknown"),
    ],
)
def test_where_a_host_is(host: str, place: str) -> None:
    assert place_of(host) == place


@pytest.mark.parametrize(
    "address",
    [
        "https://lists.example/a.csv",
        "https://lists.example:8443/a.csv?x=1",
        "https://10.0.0.1/a.csv",
        "http://127.0.0.1:8000/a.csv",
        "http://localhost/a.csv",
        "http://[::1]:80/a.csv",
    ],
)
def test_addresses_that_may_be_fetched(address: str) -> None:
    assert check_address(address).path == "/a.csv"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://lists.example/a", "not encrypted"),
        ("http://10.0.0.1/a", "not encrypted"),
        ("http://0.0.0.0/a", "not encrypted"),
        ("http://2130706433/a", "not encrypted"),
        ("http://localhost.evil.example/a", "not encrypted"),
        ("http://127.0.0.1@lists.example/a", "name or password"),
        ("https://me:secret@lists.example/a", "name or password"),
        ("ftp://lists.example/a", "https://"),
        ("file:///etc/passwd", "https://"),
        ("lists.example/a", "https://"),
        ("", "https://"),
        ("https://", "names no host"),
        ("https:///a", "names no host"),
        ("https://lists.example:99999/a", "not an address"),
        ("https://lists.example:x/a", "not an address"),
        ("https://[::1/a", "not an address"),
        ("https://a..example/a", "not an address"),
        ("https://lists.example/a b", "https://"),
        ("https://lists.example/a\r\nX: y", "https://"),
        ("https://lists.example/\x1b[31m", "https://"),
        ("https://lists.example/é", "%XX"),
    ],
)
def test_addresses_that_may_not_be_fetched(address: str, said: str) -> None:
    with pytest.raises(FetchError, match=said) as caught:
        check_address(address)
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "location", "target"),
    [
        ("https://a.example/x/y", "z?q=1", "https://a.example/x/z?q=1"),
        ("https://a.example/x", "/z", "https://a.example/z"),
        ("https://a.example/x", "//b.example/z", "https://b.example/z"),
        ("https://a.example/x", "https://b.example/z", "https://b.example/z"),
        ("https://a.example/x", "/z z\xe9", "https://a.example/z%20z%E9"),
        ("https://10.0.0.1/x", "https://10.0.0.2/z", "https://10.0.0.2/z"),
        ("https://127.0.0.1/x", "https://8.8.8.8/z", "https://8.8.8.8/z"),
    ],
)
def test_where_a_redirect_leads(address: str, location: str, target: str) -> None:
    assert next_address(address, location) == target


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://8.8.8.8/z", "of another kind"),
        ("ftp://8.8.8.8/z", "of another kind"),
        ("file:///etc/passwd", "of another kind"),
        ("https://127.0.0.1/z", "on this machine"),
        ("https://[::1]/z", "on this machine"),
        ("https://localhost/z", "on this machine"),
        ("https://169.254.169.254/latest", "on a private network"),
        ("https://me:secret@9.9.9.9/z", "name or password"),
        ("https://[::1/z", "leads on to no address"),
        ("https://9.9.9.9:x/z", "not an address"),
    ],
)
def test_where_a_redirect_may_not_lead(location: str, said: str) -> None:
    with pytest.raises(FetchError, match=said):
        next_address("https://8.8.8.8/x", location)


def test_a_private_network_does_not_lead_to_this_machine_but_outwards() -> None:
    with pytest.raises(FetchError, match="on this machine"):
        check_inwards("private", "loopback", "https://127.0.0.1/z")
    check_inwards("private", "public", "https://8.8.8.8/z")
    check_inwards("unknown", "loopback", "http://127.0.0.1/z")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://a.example/x/list.csv?download=1", "list.csv"),
        ("https://a.example/..", "download"),
        ("https://a.example/x/", "download"),
        ("https://a.example/.hidden", "hidden"),
        ("https://a.example/..%2F..%2Fetc%2Fpasswd", "_2F.._2Fetc_2Fpasswd"),
        ("https://a.example/a\\b", "a_b"),
        ("https://a.example/" + "x" * 300 + ".csv", "x" * 76 + ".csv"),
    ],
)
def test_the_name_of_a_file_is_safe(address: str, name: str) -> None:
    assert file_name(address) == name
    assert "/" not in name
