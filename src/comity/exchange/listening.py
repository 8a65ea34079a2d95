"""A socket that listens: for the server of a line, and for the workbench."""

from __future__ import annotations

import socket
import sys

from comity.errors import ExchangeError

MOST_WAITING = 256  # who comes before the server runs waits, and is not refused


def listening_socket(
    host: str, port: int, instead: str = "choose another with --listen HOST:PORT"
) -> socket.socket:
    """Return a socket that listens; port 0 is any that is free.

    Raises ExchangeError where the address cannot be had; `instead` says what to do then.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(MOST_WAITING)
    except OSError as error:
        made.close()
        raise ExchangeError(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}. Another program may "
            f"use it: {instead}."
        ) from error
    return made
