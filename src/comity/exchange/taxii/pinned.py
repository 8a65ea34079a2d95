"""TLS to a server whose certificate is known beforehand: exactly that one, and no other."""

from __future__ import annotations

import ssl

from comity.errors import ExchangeError


class _PinnedSocket(ssl.SSLSocket):
    """A TLS connection that is given up, before anything is said, to another certificate."""

    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        wanted: frozenset[bytes] = getattr(self.context, "pinned", frozenset())
        if self.getpeercert(binary_form=True) not in wanted:
            raise ssl.SSLCertVerificationError(
                "the server shows another certificate than the one on its card"
            )


class _PinnedContext(ssl.SSLContext):
    pinned: frozenset[bytes] = frozenset()


def pinned_context(certificate: str) -> ssl.SSLContext:
    """Return what makes TLS connections to the server with this certificate (PEM), and no other.

    Where there are several, as while one takes over from another, each will do. Its name is not
    looked at, since it is this one certificate; its days are. Raises ExchangeError for what is no
    certificate.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = _PinnedSocket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # one that an authority signed, too
    try:
        several = x509.load_pem_x509_certificates(certificate.encode())
        context.pinned = frozenset(one.public_bytes(Encoding.DER) for one in several)
        context.load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ExchangeError(
            "The certificate on the card is none: ask for a new card, or give the right one."
        ) from error
    return context
