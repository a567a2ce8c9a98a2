"""Things that are done once the fingers rest: mixed into the screens that keep what is typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from municonsole.ui.columns import Moment
from municonsole.ui.form import Option

KEPT_AFTER = 2.0
"""Seconds of rest after which what was typed is kept."""
AGAIN_AFTER = 5.0
"""Seconds after which what could not be done is tried again."""
AT_LAST = 1.5
"""Seconds that a console which is told to end takes to keep a draft."""

# What can become of the words of a form that is left.
KEEP_IT = Option("keep it as a draft", "keep", "k")
THROW_IT_AWAY = Option("throw it away", "away", "t")
GO_ON = Option("go on typing", "on", "g")


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


def kept_at(at: Moment) -> str:
    """That a draft is kept as it is now."""
    return f"draft kept {at.now.astimezone(at.zone):%H:%M}"
