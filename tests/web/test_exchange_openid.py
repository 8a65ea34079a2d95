"""Signing in through an OpenID provider: who is let in, and every lie that is not believed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from exchange_world import Role, Site, site, two_desks
from joserfc.jwk import RSAKey
from provider import CLIENT, SECRET, Provider, provider
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import ExchangeError
from comity.exchange import accounts
from comity.web.exchange.openid import BACK, LASTS, START, OpenIdClient
from comity.web.exchange.openid_config import FILE, OpenIdConfig, load_openid, save_openid

NEXT = "/exchange/line/us-cn-hotline"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: hasher)


@pytest.fixture
def theirs() -> Iterator[Provider]:
    with provider() as made:
        yield made


class Here:
    """The workbench of a desk that a provider signs people in to."""

    def __init__(self, site: Site, theirs: Provider, seconds: Any) -> None:
        self.site, self.theirs, self.seconds = site, theirs, seconds

    def round(self, browser: Any = None, state: str = "", code: str = "") -> Any:
        """Go to the provider, agree there, and come back."""
        browser = browser or self.site.browser()
        there = browser.get(START, params={"next": NEXT})
        assert there.status_code == 303, there.text
        made, given = self.theirs.authorize(there.headers["location"])
        return browser.get(BACK, params={"code": code or made, "state": state or given})


@pytest.fixture
def here(tmp_path: Path, theirs: Provider) -> Iterator[Here]:
    us, cn, _ = two_desks(tmp_path)
    accounts.add_person(us, "oda", [Role.READ], issuer=theirs.issuer, subject="42")
    accounts.add_person(us, "mai", [Role.READ], issuer=theirs.issuer,
                        subject="mailto:mai@mfa.example")  # fmt: skip
    client = OpenIdClient(OpenIdConfig(theirs.issuer, CLIENT, SECRET))
    with site(tmp_path, us, client) as found:
        client.clock = found.seconds
        yield Here(found, theirs, found.seconds)
    us.close()
    cn.close()


def refused(answer: Any) -> str:
    """Return why a sign-in was refused; no session may have begun."""
    assert answer.status_code == 403
    assert "comity_exchange_8015=" not in answer.headers.get("set-cookie", "")
    return str(answer.text)


def test_a_person_known_by_subject_comes_in_where_it_wanted_to_go(here: Here) -> None:
    browser = here.site.browser()
    answer = here.round(browser)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == NEXT
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "8015=" in c)
    assert "SameSite=lax" in cookie
    assert "HttpOnly" in cookie
    page = browser.get("/exchange").text
    assert "oda" in page
    assert browser.get("/exchange/compose").status_code == 403  # and has its own roles
    assert set(here.theirs.asked) == {"/.well-known/openid-configuration", "/keys", "/token"}


def test_a_verified_address_is_enough_and_an_unverified_one_is_not(here: Here) -> None:
    here.theirs.claims = {"sub": "77", "email": "Mai@MFA.example", "email_verified": True}
    assert here.round().status_code == 303
    for verified in (False, None, "true", 1):
        here.theirs.claims["email_verified"] = verified
        assert "not to this desk" in refused(here.round())


def test_an_unknown_subject_gets_no_role_and_no_session(here: Here) -> None:
    here.theirs.claims = {"sub": "<script>alert(1)</script>"}
    text = refused(here.round())
    assert "not to this desk" in text
    assert "<script>alert" not in text


def other_key(theirs: Provider) -> None:
    theirs.signing = RSAKey.generate_key(2048, {"kid": "one"}, private=True)


def unsigned(theirs: Provider) -> None:
    theirs.algorithm = "none"


def says(**claims: Any) -> Callable[[Provider], None]:
    def lie(theirs: Provider) -> None:
        theirs.claims = claims

    return lie


def without(name: str) -> Callable[[Provider], None]:
    def lie(theirs: Provider) -> None:
        theirs.leave_out = name

    return lie


@pytest.mark.parametrize(
    "lie",
    [says(nonce="other"), says(aud="another-client"), says(iss="https://evil.example"),
     says(exp=int(time.time()) - 3600), says(iat=int(time.time()) + 3600), says(sub=""),
     says(sub=42), says(aud=["another-client"]), without("nonce"), without("exp"),
     without("sub"), without("aud"), without("iss"), without("id_token"), other_key, unsigned,
     Provider.by_its_public_key],
    ids=["nonce", "audience", "issuer", "expired", "from-the-future", "empty-subject",
         "odd-subject", "audiences", "no-nonce", "no-end", "no-subject", "no-audience", "no-issuer",
         "no-token", "another-key", "unsigned", "by-the-public-key"],
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    here: Here, lie: Callable[[Provider], None]
) -> None:
    lie(here.theirs)
    assert "did not work" in refused(here.round())


def test_a_way_back_that_was_not_begun_here_opens_nothing(here: Here) -> None:
    one, other = here.site.browser(), here.site.browser()
    there = one.get(START)
    code, state = here.theirs.authorize(there.headers["location"])
    brought = {"code": code, "state": state}
    assert "not begun in this browser" in refused(other.get(BACK, params=brought))
    assert "did not work" in refused(here.round(state="x"))
    assert "did not work" in refused(here.round(code="stolen"))
    assert one.get(BACK, params=brought).status_code == 303
    refused(one.get(BACK, params=brought))  # each ends once


def test_a_sign_in_that_took_too_long_opens_nothing(here: Here) -> None:
    browser = here.site.browser()
    code, state = here.theirs.authorize(browser.get(START).headers["location"])
    here.seconds.at += LASTS + 1
    assert "took too long" in refused(browser.get(BACK, params={"code": code, "state": state}))


def test_what_the_provider_refuses_is_said_as_text(here: Here) -> None:
    browser = here.site.browser()
    browser.get(START)
    said = {"error": "access_denied", "error_description": "<script>alert(1)</script>"}
    text = refused(browser.get(BACK, params=said))
    assert "access_denied" in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "https://evil.example/token"},
     {"jwks_uri": "http://169.254.169.254/keys"}, {"authorization_endpoint": "javascript:x"},
     {"jwks_uri": "file:///etc/passwd"}, {"id_token_signing_alg_values_supported": ["HS256"]}],
    ids=["issuer", "token", "keys", "script", "file", "shared-secret"],
)  # fmt: skip
def test_a_provider_that_leads_elsewhere_is_not_followed(
    here: Here, described: dict[str, Any]
) -> None:
    here.theirs.described = described
    assert "did not work" in refused(here.site.browser().get(START))
    assert set(here.theirs.asked) == {"/.well-known/openid-configuration"}


def test_a_provider_that_is_away_is_said_and_passwords_still_work(here: Here) -> None:
    client = here.site.room.openid
    assert client is not None
    here.site.room.openid = OpenIdClient(OpenIdConfig("http://127.0.0.1:9", CLIENT, SECRET))
    assert "did not work" in refused(here.site.browser().get(START))
    assert here.site.browser().sign_in("ana").status_code == 303
    assert "Sign in with your organisation" in here.site.browser().get("/exchange/sign-in").text


def test_a_desk_knows_its_provider_by_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    assert load_openid(tmp_path) is None
    config = OpenIdConfig("https://login.mfa.example", CLIENT, SECRET, ("keys.mfa.example",))
    save_openid(tmp_path, config)
    assert load_openid(tmp_path) == config
    assert config.may_ask("https://keys.mfa.example/k")
    assert not config.may_ask("http://keys.mfa.example/k")
    assert not config.may_ask("https://evil.example/k")
    if os.name == "posix":
        (tmp_path / FILE).chmod(0o644)
        with pytest.raises(ExchangeError, match="chmod 600"):
            load_openid(tmp_path)
    for odd in ("http://login.mfa.example", "https://x.example/?a=b", "x", "https://a b"):
        with pytest.raises(ExchangeError):
            save_openid(tmp_path, OpenIdConfig(odd, CLIENT))


def test_a_provider_is_named_in_a_terminal(tmp_path: Path) -> None:
    us, cn, _ = two_desks(tmp_path)
    us.close()
    cn.close()
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    done = CliRunner().invoke(app, [
        "exchange", "people", "provider", "https://login.mfa.example", CLIENT,
        "--secret-file", str(secret), "--home", str(us.home),
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert load_openid(us.home) == OpenIdConfig("https://login.mfa.example", CLIENT, SECRET)
