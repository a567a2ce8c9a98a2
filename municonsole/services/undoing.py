"""What this session assigned last, for as long as it can be taken back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from municonsole.domain.supervising import Given

# As muni.undo_assignment has it, which decides: this clock only says what is worth offering.
_WITHIN: Final = 5 * 60.0


@dataclass(frozen=True, slots=True)
class Undoable:
    """Assignments that are taken back together; the attempt is theirs, however often it is sent."""

    given: tuple[Given, ...]
    until: float
    attempt: UUID = field(default_factory=uuid4)


class LastAssignment:
    """The last assignment of one session: of one ticket, or of all that were assigned at once."""

    def __init__(self) -> None:
        self._last: Undoable | None = None

    def remember(self, given: Sequence[Given]) -> None:
        """These, and nothing made before them, can be taken back."""
        if given:
            self._last = Undoable(tuple(given), time.monotonic() + _WITHIN)

    def forget(self) -> None:
        """There is nothing to take back any more."""
        self._last = None

    @property
    def now(self) -> Undoable | None:
        """What can be taken back now; None when there is nothing, or five minutes have passed."""
        last = self._last
        return last if last is not None and time.monotonic() < last.until else None
