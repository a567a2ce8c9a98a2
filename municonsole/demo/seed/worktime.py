"""Mirrors the law's working time: `muni._position`, `muni._instant` and `muni._reach` over the database's spans.

Instants and lengths are microseconds, as in `ledger`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


class Line:
    """The working time of a calendar; without spans, time itself."""

    __slots__ = ("_before", "_closes", "_opens")

    def __init__(self, spans: Sequence[tuple[int, int, int]] = ()) -> None:
        """`spans` are `(opens_at, closes_at, worked_before)` in order, around everything asked for."""
        self._opens = [opens for opens, _, _ in spans]
        self._closes = [closes for _, closes, _ in spans]
        self._before = [before for _, _, before in spans]

    def position(self, at: int) -> int:
        """What has been worked up to an instant, from an arbitrary zero."""
        if not self._opens:
            return at
        k = bisect_right(self._opens, at) - 1
        if k < 0:
            return self._before[0]
        return self._before[k] + min(at, self._closes[k]) - self._opens[k]

    def instant(self, place: int) -> int:
        """The earliest instant at which so much has been worked."""
        if not self._opens:
            return place
        k = bisect_left(self._before, place) - 1
        return self._opens[k] + place - self._before[k]

    def reach(self, start: int, target: int, pauses: Sequence[tuple[int, int]] = ()) -> int:
        """The earliest instant at which `target` has been worked since `start`, pauses left out."""
        place = self.position(start) + target
        for begins, ends in pauses:
            begun = self.position(begins)
            if begun >= place:
                break
            place += self.position(ends) - begun
        return self.instant(place)


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy: its id, the working time it counts in, targets, and the warning's part of them."""

    policy_id: int
    line: Line
    response: int
    resolution: int
    warning_percent: int
