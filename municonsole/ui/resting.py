"""Things that are done once the fingers rest: mixed into the screens that keep what is typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

KEPT_AFTER = 2.0
"""Seconds of rest after which what was typed is kept."""
AGAIN_AFTER = 5.0
"""Seconds after which what could not be done is tried again."""
AT_LAST = 1.5
"""Seconds that a console which is told to end takes to keep a draft."""


class Resting(Screen[Any], inherit_bindings=False):
    """A screen that does something later, each thing once."""

    @cached_property
    def _resting(self) -> dict[str, Timer]:
        return {}

    def later(self, key: str, seconds: float, then: Callable[[], None]) -> None:
        """Do something after so much rest; what was to be done under the same key is not done."""
        if key in self._resting:
            self._resting[key].stop()
        self._resting[key] = self.set_timer(seconds, then)

    def not_later(self, *keys: str) -> None:
        """Do nothing of that; without keys nothing at all."""
        for key in keys or tuple(self._resting):
            if key in self._resting:
                self._resting.pop(key).stop()
