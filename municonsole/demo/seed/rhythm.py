"""When residents call and when people work: hours of the day and days of the week.

Instants are microseconds since 1970 in UTC. South Africa keeps one time all year, two hours ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from municonsole.demo.seed.ledger import HOUR

DAY = 24 * HOUR
LOCAL = 2 * HOUR
"""Added to an instant it gives local time."""

# Calls in each hour of a day, relative to each other: quiet nights, a peak in the morning, one after work.
_HOURS = (
    2, 1, 1, 1, 2, 4, 9, 16, 22, 24, 23, 21, 19, 19, 18, 18, 19, 20, 17, 13, 10, 7, 5, 3,
)  # fmt: skip
# The first of January 1970 was a Thursday.
_WEEKDAYS = (1.0, 0.97, 0.58, 0.45, 1.22, 1.08, 1.02)
_THURSDAY_TO_MONDAY = 4

_STRATUM = 24
"""Calls come in handfuls: that many are thrown at random into their part of the time span."""


def calls(rng: Random, count: int, since: int, until: int) -> Iterator[int]:
    """`count` instants of calls in order, at least `since` and before `until`."""
    hours = range(since // HOUR, -(-until // HOUR))
    weights = []
    for hour in hours:
        day, of_day = divmod(hour + LOCAL // HOUR, 24)
        overlap = min(until, (hour + 1) * HOUR) - max(since, hour * HOUR)
        weights.append(_HOURS[of_day] * _WEEKDAYS[day % 7] * overlap / HOUR)
    total = sum(weights)
    place, passed = 0, 0.0
    for first in range(0, count, _STRATUM):
        size = min(_STRATUM, count - first)
        for draw in sorted(rng.random() for _ in range(size)):
            target = (first + draw * size) / count * total
            while place < len(weights) - 1 and passed + weights[place] <= target:
                passed += weights[place]
                place += 1
            start = max(since, hours[place] * HOUR)
            end = min(until, (hours[place] + 1) * HOUR)
            share = min((target - passed) / weights[place], 1.0)
            yield min(start + int(share * (end - start)), until - 1)


def at_work(rng: Random, at: int, opens: int, closes: int, weekdays_only: bool) -> int:
    """`at`, or when it is outside working hours an instant in the first two hours of the next shift."""
    day, of_day = divmod(at + LOCAL, DAY)
    if opens * HOUR <= of_day < closes * HOUR and not (weekdays_only and _is_weekend(day)):
        return at
    if of_day >= opens * HOUR:
        day += 1
    while weekdays_only and _is_weekend(day):
        day += 1
    return day * DAY + opens * HOUR - LOCAL + int(rng.random() ** 2 * 2 * HOUR)


def _is_weekend(day: int) -> bool:
    return (day - _THURSDAY_TO_MONDAY) % 7 >= 5
