"""Everything a key can do, once: footer, help, command palette and keymap all read this registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding

from municonsole.domain.errors import ConfigError
from municonsole.domain.filters import View
from municonsole.domain.views import KEYS, Standing, arrange
from municonsole.ui.action import Action, Group, Matter, Where
from municonsole.ui.catalogue import ACTIONS
from municonsole.ui.keys import key_name, keys_of

__all__ = ["ACTIONS", "Action", "Group", "Matter", "Registry", "Where", "bindings"]


def _view_action(key: int | None, title: str, view_id: str) -> Action:
    """The action of the view on a key 1–9; of one without a key, which the palette offers."""
    return Action(
        f"view.{key or view_id}",
        (str(key),) if key else (),
        f"view({key})" if key else f"view_named('{view_id}')",
        title,
        f"view: {title}",
        Group.VIEWS,
        frozenset({Where.QUEUE}),
        palette=True,
    )


_EVERY_KEY = tuple(_view_action(key, f"View {key}", "") for key in KEYS)


def bindings(where: Where) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """What Textual has to know about the actions of a place; a keymap replaces keys by the id."""
    return [
        Binding(",".join(a.keys), a.run, a.label, show=False, tooltip=a.tooltip, id=a.id)
        for a in (*ACTIONS, *_EVERY_KEY)
        if where in a.where
    ]


class Registry:
    """The actions of one console: its views' actions included, with the operator's own keys.

    The keys 1–9 are kept for views, whether one stands there or will only be saved. Raises ConfigError
    when `keymap` names an action that does not exist, leaves one without a key, or gives one key two
    meanings in one place.
    """

    def __init__(self, views: Sequence[View], keymap: Mapping[str, str]) -> None:
        self._keymap = dict(keymap)
        known = {action.id for action in (*ACTIONS, *_EVERY_KEY)}
        for action_id in keymap:
            if action_id not in known:
                raise ConfigError(
                    f"[ui.keymap] names the action {action_id!r}, which does not exist; "
                    "the ids are listed by `?` in the console"
                )
        self._fixed = self._mapped(ACTIONS)
        self.actions = (*self._fixed, *self._mapped(_EVERY_KEY))
        self._refuse_a_confirming_key()
        for where in Where:
            self._refuse_clashes(where)
        self.offer_views(arrange(views, ()))

    def offer_views(self, standings: Iterable[Standing]) -> None:
        """From now on these views can be opened, by key or by name."""
        views = [_view_action(key, view.title, view.id) for key, view in standings]
        self.actions = (*self._fixed, *self._mapped(views))

    def _mapped(self, actions: Iterable[Action]) -> tuple[Action, ...]:
        return tuple(
            replace(a, keys=_keys(a.id, self._keymap[a.id])) if a.id in self._keymap else a
            for a in actions
        )

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
    for key in keys:
        if keys.count(key) > 1:
            raise ConfigError(
                f"[ui.keymap] gives {action_id!r} the key {key_name(key)!r} twice; once is enough"
            )
    return keys
