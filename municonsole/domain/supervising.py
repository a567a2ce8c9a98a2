"""Frozen records of a supervisor's work: why a team was chosen, who has how much, what became of many at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from municonsole.domain.values import Role

BULK_LIMIT: Final = 500
"""As many tickets are changed at once; the law holds it too."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many of how many are through, before the first and after every chunk."""


class RouteRule(StrEnum):
    """Which rule of docs/how-to/assign.md found the team, the first that finds one."""

    AREA = "area"
    NEAR = "near"
    CATEGORY = "category"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a report was routed as it was.

    `of` is among how many teams the rule let choose. `open` and `load` are the unfinished tickets that
    the chosen team had, counted and weighted by severity (low 1 … critical 4). `metres` is the way from
    its depot, where the distance decided. Of a GBV report none of these three is told.
    """

    rule: RouteRule
    open: int | None = None
    of: int | None = None
    metres: int | None = None
    load: int | None = None

    def said(self, team: str | None) -> str:
        """In words, such as "in area North; 12 open, least of 3"; `team` is the chosen one's name."""
        many = self.of is not None and self.of > 1
        match self.rule:
            case RouteRule.AREA:
                where = f"in area {team}"
            case RouteRule.NEAR:
                nearest = f"nearest of {self.of}" if many else "nearest"
                where = nearest if self.metres is None else f"{nearest}, {_way(self.metres)} away"
            case RouteRule.CATEGORY:
                where = "by category"
            case RouteRule.OTHER:
                where = "no team of the category"
            case RouteRule.NONE:
                return "no active team takes it"
        if self.open is None:
            return where
        least = f", least of {self.of}" if many and self.rule is not RouteRule.NEAR else ""
        return f"{where}; {self.open} open{least}"


def _way(metres: int) -> str:
    return f"{metres} m" if metres < 1000 else f"{metres / 1000:.1f} km"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where routing would send a ticket now; no team where no active one takes it."""

    team_id: int | None
    team_name: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class Load:
    """Unfinished tickets: all, those past a deadline, those due before the municipality's midnight."""

    open: int = 0
    breached: int = 0
    due_today: int = 0


@dataclass(frozen=True, slots=True)
class TeamLoad:
    """A team that can be given tickets; `here` of its `people` are at a console now."""

    team_id: int
    name: str
    is_saps: bool
    load: Load
    here: int
    people: int


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """A person who can be given tickets; `here`: at a console now."""

    username: str
    full_name: str
    role: Role
    team_id: int | None
    load: Load
    here: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """A ticket that was marked; at another `version` than this, if given, it is left as it is."""

    number: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one ticket of many; `sentence` says why not, and is empty when it was done."""

    number: str
    done: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One team's line of the board; that of tickets without a team has neither id nor name.

    All but `resolved_today` count unfinished tickets: `unassigned` have no person, `due_1h` have a
    deadline within the hour.
    """

    team_id: int | None
    team_name: str | None
    open: int = 0
    unassigned: int = 0
    due_1h: int = 0
    breached: int = 0
    on_hold: int = 0
    resolved_today: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """The active teams by name, and last what has no team; as it was `at` the server's time."""

    teams: tuple[BoardRow, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class BoardPerson:
    """One person of a team on the board, with what they have of this team's."""

    username: str
    full_name: str
    open: int = 0
    breached: int = 0
    due_1h: int = 0
    on_hold: int = 0
    resolved_today: int = 0
    here: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """An assignment that was made: enough to take it back."""

    number: str
    event: int
