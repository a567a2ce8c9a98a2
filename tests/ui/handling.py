"""What the console's tests ask of a console, and do to its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.database import Database, Server
from ui.conftest import Console

from municonsole.ui.dialogs.form_preview import FormPreview
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.widgets.status_line import StatusLine
from municonsole.ui.widgets.ticket_table import TicketTable

BRIDGE = "Traffic light at the bridge shows green to both sides"
PRESSURE = "Low pressure on the second floor"
NO_WATER = "No water since this morning"
REPORT = "Fictitious report one, for tests only"


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


def said(at: Console) -> str:
    """What the status line says."""
    return at.app.screen.query_one(StatusLine).message


def offered(at: Console) -> set[str]:
    """The ids of the actions that work here."""
    screen = at.app.screen
    assert isinstance(screen, QueueScreen | TicketScreen)
    return {action.id.partition(".")[2] for action in screen.here() if action.matters}


async def go_to(at: Console, told: str) -> None:
    """The cursor to the ticket of which this was told, in the list of all that are open."""
    await at.press("5")
    rows = table(at).rows
    table(at).move_to(next(n for n, row in enumerate(rows) if row.description == told))
    await at.settle()


def row_of(database: Database, number: str) -> dict[str, Any]:
    with database.connect_owner() as owner:
        cursor = owner.execute("select * from tickets where tracking_number = %s", (number,))
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        found = cursor.fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


def notes_of(database: Database, number: str) -> list[str]:
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select coalesce(n.note, c.note) from ticket_events as e join tickets as t"
            " on t.id = e.ticket_id left join ticket_notes as n on n.event_id = e.id"
            " left join confidential_notes as c on c.event_id = e.id and e.is_sensitive"
            " where t.tracking_number = %s and coalesce(n.note, c.note) is not null"
            " order by e.seq",
            (number,),
        ).fetchall()
    return [note for (note,) in rows]


async def previewed(at: Console) -> None:
    """Until the preview has followed what was typed, which it does when no more keys come."""
    preview = at.app.screen.query_one(FormPreview)
    if preview._resting is not None and preview._resting._task is not None:
        await preview._resting._task
    await at.settle()
