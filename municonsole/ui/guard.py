"""Guards the screen: locks it when asked or when nobody is there, and covers it where it is too small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import events
from textual.actions import ActionParseResult
from textual.dom import DOMNode

from municonsole.ui.idle import Idle
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.screens.lock import LockScreen
from municonsole.ui.screens.small import COLUMNS, LINES, SmallScreen
from municonsole.ui.typeahead import TypeAhead

if TYPE_CHECKING:
    from municonsole.ui.context import Context

_LOOK = 1.0
"""Seconds between two looks whether nobody is there any more."""


class Guarded(TypeAhead, inherit_bindings=False):
    """An application whose screens are for the eyes of its operator only, and only while they are there.

    `guard` has to be called before it runs. What does not work says why (Keyed.refusal).
    """

    _guarded: Context
    _idle: Idle

    def guard(self, context: Context, idle: Idle) -> None:
        """From now on: whose console it is, and how long nobody may be away."""
        self._guarded = context
        self._idle = idle

    @property
    def locked(self) -> bool:
        """Whether nothing is shown until the operator has logged in again."""
        return isinstance(self.cover, LockScreen)

    # ------------------------------------------------------------------ locking

    async def action_lock(self) -> None:
        """Blank the screen; what is typed and can be kept is kept first."""
        proof = self._guarded.desk.proof
        if self.locked or proof is None:
            return
        for screen in self.screen_stack:
            if isinstance(screen, Keyed):
                screen.before_blank()
        await self.put_cover(LockScreen(self._guarded, proof))

    async def _lock_unattended(self) -> None:
        self.forget_typed()
        await self.action_lock()

    async def on_lock_screen_proved(self, message: LockScreen.Proved) -> None:
        """It is the operator: everything is there again."""
        message.stop()
        self._idle.touch()
        self.lift_cover()
        await self._fit()

    async def look_whether_idle(self) -> None:
        """Lock when nobody has pressed a key for too long."""
        if self._idle.over and not self.locked:
            await self._lock_unattended()

    async def on_event(self, event: events.Event) -> None:
        """Of whoever comes back too late, also to a machine that slept, the first key goes nowhere."""
        by_hand = isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded
        if by_hand and self._idle.over and not self.locked:
            await self._lock_unattended()
            return
        if by_hand and isinstance(event, events.Key):
            self._idle.touch()
        await super().on_event(event)

    # ------------------------------------------------------------------ room

    def on_mount(self) -> None:
        """Look from now on."""
        self.set_interval(_LOOK, self.look_whether_idle)

    async def on_resize(self, event: events.Resize) -> None:
        """Ask for more room where there is too little."""
        await self._fit(event.size.width >= COLUMNS and event.size.height >= LINES)

    async def _fit(self, fits: bool | None = None) -> None:
        if fits is None:
            fits = self.size.width >= COLUMNS and self.size.height >= LINES
        if self.locked:
            return
        if fits:
            self.lift_cover()
        elif self.cover is None:
            await self.put_cover(SmallScreen(self._guarded))

    # ------------------------------------------------------------------ actions

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key or a command asks for, or say why not."""
        if isinstance(default_namespace, Keyed) and isinstance(action, str):
            sentence = default_namespace.refusal(action)
            if sentence:
                default_namespace.refuse(sentence)
                return True
        return await super().run_action(action, default_namespace, namespaces)
