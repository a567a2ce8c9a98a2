"""Keys one at a time: what is typed ahead reaches the dialog that the key before it opened.

Textual hands each key to whoever is on the screen when it arrives. Over a slow line keys arrive in
bunches, and of `/burst pipe` all but the slash would go to the list below the search line.
"""

from __future__ import annotations

from collections import deque
from time import monotonic

from textual import events

from municonsole.ui.cover import Covering

_LOST = 1.0
"""Seconds after which a key is given up that somebody swallowed: the keyboard never stays dead."""


class TypeAhead(Covering, inherit_bindings=False):
    """An application that begins with a key when the one before it has had its effect.

    An action that opens a screen awaits it, so that the next key finds its focus set.
    """

    def __init__(self, *, ansi_color: bool) -> None:
        super().__init__(ansi_color=ansi_color)
        self._typed: deque[events.Key] = deque()
        self._handled: events.Key | None = None
        self._since = 0.0

    async def on_event(self, event: events.Event) -> None:
        """Textual's entry for every event: keys that have not been handed on yet wait their turn."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._handled is None or monotonic() - self._since > _LOST:
            await self._take_next()

    def forget_typed(self) -> None:
        """What was typed ahead goes nowhere."""
        self._typed.clear()

    async def _take_next(self) -> None:
        if not self._typed:
            self._handled = None
            return
        event = self._handled = self._typed.popleft()
        self._since = monotonic()
        focused = self.focused
        await super().on_event(event)
        if focused is not None:
            # Behind the key in the same queue: has the widget kept it for itself? Screens never do.
            focused.call_later(self._looked_at, event)

    async def _looked_at(self, event: events.Key) -> None:
        if event._stop_propagation:  # noqa: SLF001 - Textual offers no question for it
            await self._done(event)

    async def _on_key(self, event: events.Key) -> None:
        """The key has come back through all widgets: run its action, then take the next one."""
        event.prevent_default()  # what Textual would do next is done here, so that it can be awaited
        await super()._on_key(event)
        await self._done(event)

    async def _done(self, event: events.Key) -> None:
        if event is self._handled:
            await self._take_next()
