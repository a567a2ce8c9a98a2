"""Everything a key can do, once: footer, help, command palette and keymap all read this registry.

An action that is not here does not exist, and one that is here works: what is not built yet is not
listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from textual.binding import Binding

from municonsole.domain.errors import ConfigError
from municonsole.domain.filters import View
from municonsole.domain.permissions import Permission
from municonsole.ui.keys import key_name, keys_of


class Where(StrEnum):
    """The places a key can be pressed in."""

    QUEUE = "queue"
    TICKET = "ticket"
    HELP = "help"
    SEARCH = "search"
    FILTER = "filter"
    PALETTE = "palette"


class Group(StrEnum):
    """How help sorts the actions."""

    MOVE = "Move"
    TICKET = "Ticket"
    FIND = "Find"
    VIEWS = "Views"
    DIALOG = "Dialog"
    CONSOLE = "Console"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key can do.

    `run` is the action of the screen it applies to, or of the app (`app.…`); `label` stands in the
    footer and the palette, `tooltip` in the help. `footer` ranks it in the footer line, 1 first; 0
    keeps it out. `palette` says whether choosing it by name makes sense.
    """

    id: str
    keys: tuple[str, ...]
    run: str
    label: str
    tooltip: str
    group: Group
    where: frozenset[Where]
    permission: Permission | None = None
    footer: int = 0
    palette: bool = False

    @property
    def shown_keys(self) -> str:
        """The keys as a person reads them: `j, ↓`."""
        return ", ".join(map(key_name, self.keys))


def _on(*places: Where) -> frozenset[Where]:
    return frozenset(places)


_READING = _on(Where.QUEUE, Where.TICKET, Where.HELP)
_MAIN = _on(Where.QUEUE, Where.TICKET)
_QUEUE = _on(Where.QUEUE)
_DIALOGS = _on(Where.SEARCH, Where.FILTER, Where.PALETTE)

ACTIONS: tuple[Action, ...] = (
    Action("move.down", ("j", "down"), "move(1)", "Down", "one line down", Group.MOVE, _READING),
    Action("move.up", ("k", "up"), "move(-1)", "Up", "one line up", Group.MOVE, _READING),
    Action(
        "move.page_down",
        ("pagedown", "ctrl+d"),
        "page(1)",
        "Page down",
        "one screen down",
        Group.MOVE,
        _READING,
    ),
    Action(
        "move.page_up",
        ("pageup", "ctrl+u"),
        "page(-1)",
        "Page up",
        "one screen up",
        Group.MOVE,
        _READING,
    ),
    Action(
        "move.first", ("g", "home"), "first", "First", "to the first line", Group.MOVE, _READING
    ),
    Action(
        "move.last",
        ("G", "end"),
        "last",
        "Last",
        "to the last line; more is read",
        Group.MOVE,
        _READING,
    ),
    Action(
        "ticket.open",
        ("enter",),
        "open",
        "Open",
        "open the ticket with its whole history",
        Group.TICKET,
        _QUEUE,
        footer=1,
        palette=True,
    ),
    Action(
        "screen.back",
        ("escape",),
        "back",
        "Back",
        "back to where you came from",
        Group.CONSOLE,
        _on(Where.QUEUE, Where.TICKET, Where.HELP),
        footer=1,
    ),
    Action(
        "find.search",
        ("slash",),
        "search",
        "Search",
        "search tickets by their words or number",
        Group.FIND,
        _QUEUE,
        permission=Permission.SEARCH_TICKETS,
        footer=2,
        palette=True,
    ),
    Action(
        "find.filter",
        ("f",),
        "filter",
        "Filter",
        "narrow the list down",
        Group.FIND,
        _QUEUE,
        footer=3,
        palette=True,
    ),
    Action(
        "find.clear_filter",
        ("F",),
        "clear_filter",
        "No filter",
        "take the filter away",
        Group.FIND,
        _QUEUE,
        footer=4,
        palette=True,
    ),
    Action(
        "console.refresh",
        ("r",),
        "refresh",
        "Refresh",
        "read again, or connect again",
        Group.CONSOLE,
        _MAIN,
        footer=5,
        palette=True,
    ),
    Action(
        "console.help",
        ("question_mark",),
        "app.help",
        "Keys",
        "the keys that work here",
        Group.CONSOLE,
        _MAIN,
        footer=6,
        palette=True,
    ),
    Action(
        "console.palette",
        ("ctrl+p",),
        "app.palette",
        "Commands",
        "find a command by its name",
        Group.CONSOLE,
        _MAIN,
        footer=8,
    ),
    Action(
        "console.redraw",
        ("ctrl+l",),
        "app.redraw",
        "Redraw",
        "draw the screen anew",
        Group.CONSOLE,
        _READING,
        palette=True,
    ),
    Action(
        "console.quit",
        ("q", "ctrl+q"),
        "app.quit",
        "Quit",
        "leave the console",
        Group.CONSOLE,
        _READING,
        footer=7,
        palette=True,
    ),
    Action(
        "console.interrupt",
        ("ctrl+c",),
        "app.interrupt",
        "How to quit",
        "says which key leaves the console",
        Group.CONSOLE,
        _READING,
    ),
    Action(
        "search.accept",
        ("enter",),
        "accept",
        "Search",
        "search for what was typed",
        Group.DIALOG,
        _on(Where.SEARCH),
        footer=1,
    ),
    Action(
        "filter.accept",
        ("enter",),
        "accept",
        "Apply",
        "show the tickets that fit",
        Group.DIALOG,
        _on(Where.FILTER),
        footer=1,
    ),
    Action(
        "palette.accept",
        ("enter",),
        "accept",
        "Run",
        "run the chosen command",
        Group.DIALOG,
        _on(Where.PALETTE),
        footer=1,
    ),
    Action(
        "dialog.cancel",
        ("escape",),
        "cancel",
        "Cancel",
        "leave without a change",
        Group.DIALOG,
        _DIALOGS,
        footer=2,
    ),
    Action(
        "dialog.next",
        ("down", "tab"),
        "next",
        "Next",
        "to the next line",
        Group.DIALOG,
        _on(Where.FILTER, Where.PALETTE),
    ),
    Action(
        "dialog.previous",
        ("up", "shift+tab"),
        "previous",
        "Previous",
        "to the line before",
        Group.DIALOG,
        _on(Where.FILTER, Where.PALETTE),
    ),
    Action(
        "filter.mark",
        ("space",),
        "mark",
        "Mark",
        "mark or unmark the value",
        Group.DIALOG,
        _on(Where.FILTER),
        footer=3,
    ),
    Action(
        "filter.clear",
        ("ctrl+r",),
        "clear",
        "Clear all",
        "start again without any filter",
        Group.DIALOG,
        _on(Where.FILTER),
        footer=4,
    ),
)
VIEW_KEYS = tuple("123456789")


def view_actions(titles: Iterable[str]) -> tuple[Action, ...]:
    """One action a view, with the keys 1–9 in their order."""
    return tuple(
        Action(
            f"view.{key}",
            (key,),
            f"view({key})",
            title,
            f"view: {title}",
            Group.VIEWS,
            _QUEUE,
            palette=True,
        )
        for key, title in zip(VIEW_KEYS, titles, strict=False)
    )


def bindings(where: Where) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """What Textual has to know about the actions of a place; a keymap replaces keys by the id."""
    every_view = view_actions(f"View {key}" for key in VIEW_KEYS)
    return [
        Binding(",".join(a.keys), a.run, a.label, show=False, tooltip=a.tooltip, id=a.id)
        for a in (*ACTIONS, *every_view)
        if where in a.where
    ]


class Registry:
    """The actions of one console: its views' actions included, with the operator's own keys.

    Raises ConfigError when `keymap` names an action that does not exist, leaves one without a key,
    or gives one key two meanings in one place.
    """

    def __init__(self, views: tuple[View, ...], keymap: Mapping[str, str]) -> None:
        actions = (*ACTIONS, *view_actions(view.title for view in views))
        known = {action.id for action in actions} | {f"view.{key}" for key in VIEW_KEYS}
        for action_id in keymap:
            if action_id not in known:
                raise ConfigError(
                    f"ui.keymap names the action {action_id!r}, which does not exist; "
                    "the ids are listed by `?` in the console"
                )
        self.actions = tuple(
            replace(a, keys=_keys(a.id, keymap[a.id])) if a.id in keymap else a for a in actions
        )
        for where in Where:
            self._refuse_clashes(where)

    def _refuse_clashes(self, where: Where) -> None:
        taken: dict[str, str] = {}
        for action in self.at(where):
            for key in action.keys:
                other = taken.setdefault(key, action.id)
                if other != action.id:
                    raise ConfigError(
                        f"ui.keymap gives the key {key_name(key)!r} to {other!r} and to "
                        f"{action.id!r}, which both work in the {where.value}"
                    )

    def at(self, where: Where) -> tuple[Action, ...]:
        """The actions of a place, in the order help shows them."""
        return tuple(action for action in self.actions if where in action.where)

    def by_id(self, action_id: str) -> Action:
        """One action; KeyError when there is none."""
        return next(action for action in self.actions if action.id == action_id)


def _keys(action_id: str, text: str) -> tuple[str, ...]:
    keys = keys_of(text)
    if not keys:
        raise ConfigError(f"ui.keymap leaves {action_id!r} without a key")
    return keys
