"""A way through every screen and dialog of a console, for checks that are about all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from finding import fingers_rest
from handling import previewed
from support.database import Database

from municonsole.ui.screens.lock import LockScreen
from municonsole.ui.screens.queue import QueueScreen

if TYPE_CHECKING:
    from ui.conftest import Console

OPENING: dict[str, tuple[str, ...]] = {
    "queue": (),
    "help": ("question_mark",),
    "commands": ("ctrl+p",),
    "search": ("slash", "t", "h", "e"),
    "found": ("slash", "t", "h", "e", "enter"),
    "filter": ("f",),
    "filtered": ("f", "space", "down", "right", "space", "enter"),
    "chips": ("x",),
    "no-filter": ("escape", "F"),
    "save-view": ("v",),
    "views": ("V",),
    "alerts": ("i",),
    "status": ("s",),
    "note": ("c",),
    "contact": ("p",),
    "escalate": ("e",),
    "assign": ("a",),
    "route": ("A",),
    "deadline": ("d",),
    "reclassify": ("R",),
    "mark-sensitive": ("m",),
    "open-report": ("o",),
    "ticket": ("enter",),
    "ticket-help": ("enter", "question_mark"),
    "intake": ("n",),
    "board": ("b",),
    "board-tickets": ("b", "enter"),
    "marked": ("asterisk",),
    "many-assign": ("a",),
    "many-route": ("A",),
    "many-status": ("s",),
    "many-note": ("c",),
    "results": ("c", "x", "ctrl+s", "ctrl+s"),
}
"""The keys from the queue to each place."""
STAYS = frozenset({"queue", "filtered", "no-filter", "marked"})
"""Places that are the queue itself."""
LISTS = frozenset({"found", "board-tickets"})
"""Places that are the queue with another list."""


async def walk(
    at: Console,
    database: Database,
    username: str,
    leave_out: Callable[[str], bool] = lambda _: False,
) -> AsyncIterator[str]:
    """Each place in turn, by its name; what a role may not do is left out, and the lock comes last."""
    for name, keys in OPENING.items():
        if leave_out(name):
            continue
        before = at.app.screen
        await at.press(*keys)
        if name == "search":
            await fingers_rest(at)
        if name.startswith("many-"):
            await previewed(at)
        if name not in STAYS | LISTS and at.app.screen is before:
            continue  # its key has said why
        yield name
        if name not in STAYS:
            await back(at)
    await at.press("f9")
    assert isinstance(at.app.screen, LockScreen)
    yield "lock"
    await at.type(database.password(username))
    await at.press("enter")
    assert isinstance(at.app.screen, QueueScreen)


async def back(at: Console) -> None:
    """To the queue, from wherever one is; what was typed is thrown away."""
    for _ in range(6):
        queue = at.app.screen
        if isinstance(queue, QueueScreen):
            if queue._parked is None:
                return
        elif at.app.screen.query("#form-way"):
            await at.press("t", "enter")
            continue
        await at.press("escape")
    raise AssertionError(f"there is no way back from {at.app.screen}")
