"""Gives events their ids in the order in which they happened, while tickets come one after the other.

Tickets are made by the time they were logged, their later events reach days ahead. Events wait in
buckets of an hour until no ticket can add to that hour any more: memory holds days, not the quarter.
"""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter

from municonsole.demo.seed import rows
from municonsole.demo.seed.ledger import HOUR

_at = attrgetter("at")


class Order:
    """Events on their way into the tables."""

    def __init__(self) -> None:
        self._last_ids = [0, 0]
        self._waiting: defaultdict[int, list[rows.EventRow]] = defaultdict(list)

    @property
    def last_ids(self) -> tuple[int, int]:
        """The highest ids given in the municipal and in the sensitive partition."""
        return self._last_ids[0], self._last_ids[1]

    def add(self, events: list[rows.EventRow]) -> None:
        """Take the events of one ticket."""
        waiting = self._waiting
        for event in events:
            waiting[event.at // HOUR].append(event)

    def due(self, until: int | None) -> dict[rows.Table, list[bytes]]:
        """Whole rows of all events before the hour of `until` (of all when None), in order."""
        limit = max(self._waiting, default=0) + 1 if until is None else until // HOUR
        made: dict[rows.Table, list[bytes]] = {table: [] for table in (*rows.EVENTS, *rows.NOTES)}
        for hour in sorted(hour for hour in self._waiting if hour < limit):
            for event in sorted(self._waiting.pop(hour), key=_at):
                side = event.is_sensitive
                self._last_ids[side] += 1
                event_id = self._last_ids[side]
                table = rows.EVENTS[side]
                made[table].append(rows.with_id(table, event_id, event.event))
                if event.note is not None:
                    table = rows.NOTES[side]
                    made[table].append(rows.with_id(table, event_id, event.note))
        return made
