"""How long nobody has pressed a key, on a machine that may have slept in between."""

from __future__ import annotations

import time
from collections.abc import Callable


class Idle:
    """Says when more than `minutes` have passed since the last key; 0 minutes never pass.

    Some machines' monotonic clock stands still while they sleep, and the wall's clock can be set back:
    the one that says more is believed.
    """

    def __init__(
        self,
        minutes: float,
        clocks: tuple[Callable[[], float], ...] = (time.monotonic, time.time),
    ) -> None:
        self._seconds = minutes * 60
        self._clocks = clocks
        self._since: tuple[float, ...] = ()
        self.touch()

    def touch(self) -> None:
        """A key was pressed."""
        self._since = tuple(clock() for clock in self._clocks)

    @property
    def passed(self) -> float:
        """Seconds since the last key."""
        return max(c() - since for c, since in zip(self._clocks, self._since, strict=True))

    @property
    def over(self) -> bool:
        """Whether it has been too long."""
        return 0 < self._seconds <= self.passed
