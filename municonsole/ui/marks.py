"""The tickets that are marked, to be worked on together: what one saw of each, and how it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from municonsole.domain.records import TicketRow
from municonsole.domain.supervising import BULK_LIMIT
from municonsole.ui.form import Subject

MOST = BULK_LIMIT
"""Tickets that are worked on together at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One ticket as it was when it was marked, and as it is now."""

    seen: Subject
    now: Subject

    @property
    def overtaken(self) -> bool:
        """Whether somebody has decided about it since: a note or a clock is no such decision."""
        return _decided(self.seen) != _decided(self.now)

    @property
    def version(self) -> int:
        """What has to hold for it to be changed: of one that was overtaken, that it were not."""
        return (self.seen if self.overtaken else self.now).version


def _decided(subject: Subject) -> tuple[object, ...]:
    return subject.status, subject.category, subject.team_id, subject.with_whom


class Marks:
    """The marked tickets in the order in which they were marked, MOST of them at most.

    Nothing of what a citizen said is kept. A ticket stays marked whatever list is on the screen, until
    it may no longer be seen (`discard`).
    """

    def __init__(self, *, saps: bool) -> None:
        self._saps = saps
        self._marks: dict[UUID, Mark] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def __iter__(self) -> Iterator[Mark]:
        return iter(tuple(self._marks.values()))

    def __contains__(self, ticket: object) -> bool:
        return ticket in self._marks

    @property
    def ids(self) -> frozenset[UUID]:
        """The tickets."""
        return frozenset(self._marks)

    def add(self, rows: Iterable[TicketRow]) -> bool:
        """Mark these too, as they are now; False when that would be more than MOST: then as many as go."""
        for row in rows:
            if row.id in self._marks:
                continue
            if len(self._marks) >= MOST:
                return False
            subject = Subject.of(row, saps=self._saps)
            self._marks[row.id] = Mark(subject, subject)
        return True

    def keep(self, ids: Collection[UUID]) -> None:
        """Unmark all others."""
        self._marks = {key: mark for key, mark in self._marks.items() if key in ids}

    def discard(self, ids: Collection[UUID]) -> bool:
        """Unmark these; whether any was marked."""
        before = len(self._marks)
        self._marks = {key: mark for key, mark in self._marks.items() if key not in ids}
        return len(self._marks) != before

    def clear(self) -> None:
        """Unmark all."""
        self._marks.clear()

    def follow(self, rows: Iterable[TicketRow]) -> None:
        """From now on these are as here; what one saw of them stays."""
        for row in rows:
            mark = self._marks.get(row.id)
            if mark is not None and mark.now.version <= row.version:
                self._marks[row.id] = replace(mark, now=Subject.of(row, saps=self._saps))

    def acknowledge(self) -> None:
        """What became of them has been read: they count as seen as they are."""
        self._marks = {key: Mark(mark.now, mark.now) for key, mark in self._marks.items()}
