"""A certificate for an endpoint, signed by its own key: peers pin it, so nobody else signs it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from comity.errors import ExchangeError
from comity.storage import refused, write_whole

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

DAYS = 730
FOLDER, CERTIFICATE, KEY = "tls", "certificate.pem", "key.pem"


def make_certificate(hosts: Sequence[str], now: dt.datetime, days: int = DAYS) -> tuple[str, str]:
    """Return a certificate for names and addresses of a server, and its private key, as PEM.

    It holds from a day before `now`, so that a peer whose clock is behind takes it too. Raises
    ExchangeError without a host, or with one that is no name.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    if not hosts:
        raise ExchangeError("A certificate needs the name or address of its server.")
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
        names = x509.SubjectAlternativeName([_name(host) for host in dict.fromkeys(hosts)])
    except ValueError as error:
        raise ExchangeError(
            f"{', '.join(hosts)[:200]!r} are no names of a server such as line.china.example or "
            "192.0.2.7."
        ) from error
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def keep_certificate(folder: Path, certificate: str, key: str) -> tuple[Path, Path]:
    """Write a certificate and its key, the key for its owner alone; return where they are.

    Raises StoreError where the folder cannot be written.
    """
    paths = folder / CERTIFICATE, folder / KEY
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # `mode` counts for the last
        folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(paths[1], key.encode())
        write_whole(paths[0], certificate.encode(), private=False)
    except OSError as error:
        raise refused(str(folder), error) from error
    return paths


def certificate_files(folder: Path, hosts: Sequence[str], now: dt.datetime) -> tuple[Path, Path]:
    """Return the certificate and key in a folder, made for `hosts` where there are none yet.

    Those that are there are never replaced: peers know them. Raises ExchangeError, StoreError.
    """
    paths = folder / CERTIFICATE, folder / KEY
    if all(path.exists() for path in paths):
        return paths
    return keep_certificate(folder, *make_certificate(hosts, now))


def certificate_ends(pem: str) -> dt.datetime:
    """Return when the first of some certificates in PEM ends. Raises ExchangeError for none."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise ExchangeError("This is no certificate as PEM.") from error
    return min(one.not_valid_after_utc for one in found)


def _name(host: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        host.encode("ascii")
        if not host or any(c in host for c in " /:@"):
            raise
        return x509.DNSName(host)
