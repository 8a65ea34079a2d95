"""The account of a thread: a page that opens anywhere, and the bundle that anybody verifies."""

from __future__ import annotations

from starlette.responses import Response

from comity.errors import AddressError
from comity.exchange.account import write_account
from comity.exchange.account_check import verify_account
from comity.exchange.model import Role
from comity.exchange.proofs import account_of
from comity.report.exchange_page import render_account
from comity.web.exchange.room import Place, Visit
from comity.web.exchange.shown import short
from comity.web.exchange.thread import view_of

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page brings its own style and asks for nothing."""


def show(visit: Visit) -> Response:
    """Return a thread's account as a page; with `?as=bundle` the bundle, as a file to keep."""
    thread, form = view_of(visit).id, visit.asked("as", 20)
    if form not in ("", "bundle"):
        raise AddressError(f"as={form!r}: there is the page, and as=bundle.")
    bundle = account_of(visit.desk, thread)
    name = f"account-{short(thread)}.json"
    if form:
        kept = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(write_account(bundle), 200, kept, "application/stix+json;version=2.1")
    command = f"comity exchange verify-account {name} --page FILE.html"
    page = render_account(verify_account(bundle), command)
    return Response(page, 200, {"Content-Security-Policy": POLICY}, "text/html")


PLACES = (Place("/exchange/thread/{thread}/account", frozenset({Role.READ}), show, json=False),)
