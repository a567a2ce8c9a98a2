"""What the console's tests ask of a console, and do to its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.database import Server
from ui.conftest import Console

from municonsole.ui.widgets.ticket_table import TicketTable


def table(console: Console) -> TicketTable:
    return console.app.screen_stack[0].query_one(TicketTable)


def under_cursor(console: Console) -> str:
    row = table(console).current
    assert row is not None
    return row.description or row.tracking_number


@contextmanager
def hold_out(server: Server, username: str) -> Iterator[None]:
    """While it lasts, a login is thrown out of the server and cannot come back."""
    server.admin.execute(f"alter role {username} nologin")
    try:
        server.admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
            (username,),
        )
        yield
    finally:
        server.admin.execute(f"alter role {username} login")
