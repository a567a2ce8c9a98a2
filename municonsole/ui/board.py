"""The columns of the board: what each counts, and the list that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from municonsole.domain.filters import Due, TicketFilter
from municonsole.domain.supervising import BoardPerson, BoardRow
from municonsole.domain.values import UNFINISHED, Sort, Status
from municonsole.ui import cells
from municonsole.ui.theme import Tone

NO_TEAM = "no team"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its id is a field of BoardRow; `short` stands where there is little room."""

    id: str
    heading: str
    short: str
    tone: Tone = Tone.PLAIN
    sort: Sort = Sort.DEADLINE

    def count(self, of: BoardRow | BoardPerson) -> int | None:
        """The number in it; None where it is nothing to count of a person."""
        value: int | None = getattr(of, self.id, None)
        return value


COLUMNS = (
    Column("open", "open", "open"),
    Column("unassigned", "unassigned", "nobody", sort=Sort.NEWEST),
    Column("due_1h", "due in 1 h", "due 1h", Tone.SOON),
    Column("breached", "breached", "late", Tone.LATE),
    Column("on_hold", "on hold", "hold", Tone.HOLD, Sort.NEWEST),
    Column("resolved_today", "resolved today", "done", Tone.GOOD, Sort.CHANGED),
)
_CLOCKED = frozenset({"due_1h", "breached"})
_UNFINISHED = TicketFilter(statuses=UNFINISHED)
_FILTERS: dict[str, Callable[[datetime], TicketFilter]] = {
    "open": lambda _: _UNFINISHED,
    "unassigned": lambda _: replace(_UNFINISHED, unassigned=True),
    "due_1h": lambda _: replace(_UNFINISHED, due=Due.HOUR),
    "breached": lambda _: replace(_UNFINISHED, due=Due.PASSED),
    "on_hold": lambda _: TicketFilter(statuses=(Status.ON_HOLD,)),
    "resolved_today": lambda midnight: TicketFilter(resolved_since=midnight),
}


def columns(*, saps: bool) -> tuple[Column, ...]:
    """The columns of a console; a GBV report has no municipal clock."""
    return tuple(c for c in COLUMNS if not (saps and c.id in _CLOCKED))


@dataclass(frozen=True, slots=True)
class Spot:
    """One cell of the board: a team, or none, and a column."""

    team_id: int | None
    team_name: str | None
    column: Column

    @property
    def title(self) -> str:
        """What its list is called."""
        return f"{cells.line(self.team_name) or NO_TEAM}: {self.column.heading}"

    def filter(self, midnight: datetime) -> TicketFilter:
        """The tickets that are counted there; `midnight` is when today began."""
        wanted = _FILTERS[self.column.id](midnight)
        if self.team_id is None:
            return replace(wanted, teamless=True)
        return replace(wanted, team_id=self.team_id)
