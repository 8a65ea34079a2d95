"""The OpenID provider that signs people in to a desk: the file `HOME/openid.json`."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from comity.errors import ExchangeError
from comity.storage import write_whole
from comity.web.security import LOOPBACK

FILE = "openid.json"
_TEXT = re.compile(r"[\x21-\x7e]{1,400}")


@dataclass(frozen=True, slots=True)
class OpenIdConfig:
    """A provider: its issuer's address, how this desk is registered there, and the hosts that its
    endpoints may be at beside the issuer's own."""

    issuer: str
    client_id: str
    client_secret: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def discovery(self) -> str:
        """Where the provider describes itself."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    def may_ask(self, address: str) -> bool:
        """Say whether an address is one this desk may ask: the issuer's host or one named beside
        it, by HTTPS; by plain HTTP on this machine alone."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        known = {urlsplit(self.issuer).hostname, *self.hosts}
        safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
        return safe and host in known


def load_openid(home: Path) -> OpenIdConfig | None:
    """Return the provider of a desk, None where it has none. Raises ExchangeError."""
    path = home / FILE
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise ExchangeError(f"{path} cannot be read: {error}.") from error
    if os.name == "posix" and mode & 0o077:
        raise ExchangeError(
            f"{path} holds a secret and others on this machine may read it. Run: chmod 600 {path}"
        )
    try:
        data = json.loads(text)
        config = OpenIdConfig(**{**data, "hosts": tuple(data.get("hosts", ()))})
    except (ValueError, TypeError, AttributeError) as error:
        raise ExchangeError(
            f"{path} must be an object of issuer, client_id, client_secret and hosts (a list)."
        ) from error
    _check(config, str(path))
    return config


def save_openid(home: Path, config: OpenIdConfig) -> None:
    """Write the provider of a desk, for its owner only. Raises ExchangeError."""
    _check(config, "The provider")
    try:
        write_whole(home / FILE, json.dumps(asdict(config), indent=2).encode())
    except OSError as error:
        raise ExchangeError(f"Cannot write to {home}: {error.strerror or error}.") from error


def _check(config: OpenIdConfig, place: str) -> None:
    texts = (config.issuer, config.client_id, *config.hosts)
    if not all(isinstance(t, str) and _TEXT.fullmatch(t) for t in texts) or not isinstance(
        config.client_secret, str
    ):
        raise ExchangeError(f"{place}: issuer, client_id and hosts are text without spaces.")
    parts = urlsplit(config.issuer)
    if parts.query or parts.fragment or not config.may_ask(config.issuer):
        raise ExchangeError(
            f"{place}: an issuer is an address by https such as https://login.example, without a "
            f"query; by http only on this machine. Given: {config.issuer[:100]!r}."
        )
