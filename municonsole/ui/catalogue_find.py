"""The actions of finding: search, filter, views, and the number to pass on."""

from __future__ import annotations

from municonsole.domain.permissions import Permission
from municonsole.ui.action import Action, Group, Where


def _in_queue(
    name: str, keys: tuple[str, ...], run: str, label: str, tooltip: str, footer: int = 0
) -> Action:
    return Action(
        name,
        keys,
        run,
        label,
        tooltip,
        Group.FIND if name.startswith("find.") else Group.VIEWS,
        frozenset({Where.QUEUE}),
        permission=Permission.SEARCH_TICKETS if name == "find.search" else None,
        footer=footer,
        palette=True,
    )


def _in_dialog(
    name: str, keys: tuple[str, ...], run: str, label: str, tooltip: str, where: Where, footer: int
) -> Action:
    return Action(name, keys, run, label, tooltip, Group.DIALOG, frozenset({where}), footer=footer)


FIND = (
    Action(
        "ticket.copy_number",
        ("y",),
        "copy_number",
        "Copy number",
        "copy its number to the clipboard",
        Group.TICKET,
        frozenset({Where.QUEUE, Where.TICKET}),
        palette=True,
    ),
    _in_queue(
        "find.search",
        ("slash",),
        "search",
        "Search",
        "search by words, place, phone or number",
        footer=5,
    ),
    _in_queue("find.filter", ("f",), "filter", "Filter", "narrow the list down", footer=6),
    _in_queue(
        "find.remove_chip", ("x",), "remove_chip", "Less filter", "take one part of the filter away"
    ),
    _in_queue(
        "find.clear_filter", ("F",), "clear_filter", "No filter", "take the filter away", footer=7
    ),
    _in_queue("views.save", ("v",), "save_view", "Save view", "keep this list under a key"),
    _in_queue(
        "views.manage", ("V",), "manage_views", "Own views", "rename, move, delete own views"
    ),
    _in_dialog(
        "search.accept",
        ("enter",),
        "accept",
        "Search",
        "to what was found; a number opens its ticket",
        Where.SEARCH,
        1,
    ),
    _in_dialog(
        "filter.accept", ("enter",), "accept", "Apply", "show the tickets that fit", Where.FILTER, 1
    ),
    _in_dialog(
        "filter.mark", ("space",), "mark", "Mark", "mark or unmark the value", Where.FILTER, 3
    ),
    _in_dialog(
        "filter.clear",
        ("ctrl+r",),
        "clear",
        "Clear all",
        "start again without any filter",
        Where.FILTER,
        4,
    ),
    _in_dialog("views.open", ("enter",), "accept", "Open", "open the view", Where.VIEWS, 1),
    _in_dialog("views.rename", ("r",), "rename", "Rename", "give it another name", Where.VIEWS, 3),
    _in_dialog(
        "views.delete", ("d", "delete"), "delete", "Delete", "forget the view", Where.VIEWS, 4
    ),
)
