"""The actions of a supervisor's desk: mark tickets, to work on them together."""

from __future__ import annotations

from municonsole.domain.permissions import Permission
from municonsole.ui.action import Action, Group, Where


def _mark(name: str, key: str, run: str, label: str, tooltip: str, footer: int = 0) -> Action:
    return Action(
        f"mark.{name}",
        (key,),
        run,
        label,
        tooltip,
        Group.MARK,
        frozenset({Where.QUEUE}),
        Permission.ASSIGN_TICKETS,
        footer,
        palette=name in ("toggle", "all"),
    )


MARK = (
    _mark(
        "toggle",
        "space",
        "mark",
        "Mark",
        "mark it, or unmark it; status, note and assigning are for all that are marked",
        footer=8,
    ),
    _mark("down", "shift+down", "extend(1)", "Mark down", "mark from here on down"),
    _mark("up", "shift+up", "extend(-1)", "Mark up", "mark from here on up"),
    _mark(
        "all",
        "asterisk",
        "mark_all",
        "Mark all",
        "mark all on the screen; again: all of the list; again: none",
    ),
)
