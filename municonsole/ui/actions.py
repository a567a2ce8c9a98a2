"""Everything a key can do, once: footer, help, command palette and keymap all read this registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from textual.binding import Binding

from municonsole.domain.errors import ConfigError
from municonsole.domain.filters import View
from municonsole.ui.action import Action, Group, Matter, Where
from municonsole.ui.catalogue import ACTIONS
from municonsole.ui.keys import key_name, keys_of

__all__ = ["ACTIONS", "Action", "Group", "Matter", "Registry", "Where", "bindings", "view_actions"]

_QUEUE = frozenset({Where.QUEUE})
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
                    f"[ui.keymap] names the action {action_id!r}, which does not exist; "
                    "the ids are listed by `?` in the console"
                )
        self.actions = tuple(
            replace(a, keys=_keys(a.id, keymap[a.id])) if a.id in keymap else a for a in actions
        )
        for where in Where:
            self._refuse_clashes(where)
        self._refuse_a_confirming_key()

    def _refuse_clashes(self, where: Where) -> None:
        taken: dict[str, str] = {}
        for action in self.at(where):
            for key in action.keys:
                other = taken.setdefault(key, action.id)
                if other != action.id:
                    raise ConfigError(
                        f"[ui.keymap] gives the key {key_name(key)!r} to {other!r} and to "
                        f"{action.id!r}, which both work in the {where.value}"
                    )

    def _refuse_a_confirming_key(self) -> None:
        """What cannot be undone is never asked and confirmed by one key pressed twice."""
        confirming = {"y", *self.by_id("form.save").keys, *self.by_id("form.enter").keys}
        for key in self.by_id("ticket.mark_sensitive").keys:
            if key in confirming:
                raise ConfigError(
                    f"[ui.keymap] gives the key {key_name(key)!r} to 'ticket.mark_sensitive', which it "
                    "would also confirm; choose another"
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
        raise ConfigError(f"[ui.keymap] leaves {action_id!r} without a key")
    return keys
