"""Do they answer each other? `comity exchange`, in a terminal."""

from __future__ import annotations

import typer

from comity.cli_exchange_contacts import add_contacts
from comity.cli_exchange_keys import add_keys
from comity.cli_exchange_messages import add_messages
from comity.cli_exchange_people import add_people
from comity.cli_exchange_proof import add_proof
from comity.cli_exchange_quota import add_quota
from comity.cli_exchange_serve import add_serve
from comity.cli_exchange_watch import add_watch

exchange_app = typer.Typer(
    help="The line to other parties: contacts, keys, consultations after an incident.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
add_contacts(exchange_app)
add_keys(exchange_app)
add_messages(exchange_app)
add_people(exchange_app)
add_proof(exchange_app)
add_quota(exchange_app)
add_serve(exchange_app)
add_watch(exchange_app)
