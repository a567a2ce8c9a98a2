"""What every screen and dialog has in common: its keys come from the registry, and only those."""

from __future__ import annotations

from typing import ClassVar

from textual.actions import parse

from municonsole.ui.actions import Action, Where
from municonsole.ui.context import Context


class Keyed:
    """Mixed into a screen: which actions work on it now.

    The screen's `BINDINGS` are `bindings(WHERE)`; an action whose permission is not granted, or
    that `applies` says has nothing to act on, is neither run nor shown.
    """

    WHERE: ClassVar[Where]
    context: Context

    def applies(self, action: Action) -> bool:  # noqa: ARG002 - for screens to say
        """Whether there is something to act on at the moment."""
        return True

    def here(self) -> tuple[Action, ...]:
        """The actions that work here and now."""
        return tuple(
            action
            for action in self.context.registry.at(self.WHERE)
            if (action.permission is None or self.context.operator.may(action.permission))
            and self.applies(action)
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's question before it runs a key's action: only what works here and now."""
        return any(parse(known.run)[1:] == (action, parameters) for known in self.here())
