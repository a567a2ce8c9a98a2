"""The actions of a supervisor's desk: mark tickets, to work on them together, and the board of teams."""

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

_BOARD = frozenset({Where.BOARD})
BOARD = (
    Action(
        "board.show",
        ("b",),
        "board",
        "Board",
        "what each team has to do now",
        Group.BOARD,
        frozenset({Where.QUEUE}),
        Permission.ASSIGN_TICKETS,
        footer=10,
        palette=True,
    ),
    Action(
        "board.open",
        ("enter",),
        "open",
        "Tickets",
        "to the tickets that are counted under the cursor",
        Group.BOARD,
        _BOARD,
        footer=1,
        palette=True,
    ),
    Action(
        "board.left", ("left", "h"), "column(-1)", "Left", "one column left", Group.BOARD, _BOARD
    ),
    Action(
        "board.right",
        ("right", "l"),
        "column(1)",
        "Column",
        "one column right",
        Group.BOARD,
        _BOARD,
        footer=3,
    ),
)
