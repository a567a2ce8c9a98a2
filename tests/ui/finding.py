"""What tests of search and views do at a console."""

from __future__ import annotations

import json

from support.database import Database
from ui.conftest import Console

from municonsole.ui.dialogs.search import SearchDialog
from municonsole.ui.widgets.line_view import LineView
from municonsole.ui.widgets.status_line import StatusLine


async def fingers_rest(at: Console) -> None:
    """Until what was typed into the search line has been looked for, and what it found is shown."""
    dialog = at.app.screen
    assert isinstance(dialog, SearchDialog)
    await at.pilot.pause()
    if dialog._resting is not None and dialog._resting._task is not None:
        await dialog._resting._task
    await at.settle()


def said(at: Console) -> str:
    """What the status line says."""
    return at.app.screen.query_one(StatusLine).message


def line(at: Console, widget: type[LineView]) -> str:
    """A line around the table."""
    return "".join(strip.text for strip in [at.app.screen_stack[0].query_one(widget).draw(0)])


def keep(
    database: Database, place: int, name: str, who: str = "tvd_operator", **stored: object
) -> None:
    """A view as the console keeps it, or as a hand wrote it."""
    database.connect(who).execute(
        "select muni.save_view(%s, %s, %s, 'newest')",
        (place, name, json.dumps({"version": 1, **stored})),
    )


def kept(database: Database, who: str = "tvd_operator") -> list[tuple[int, str, dict[str, object]]]:
    """The views of somebody as they are stored."""
    rows = database.connect(who).execute(
        "select place, name, filter from muni.saved_views order by place"
    )
    return [(place, name, stored) for place, name, stored in rows]
