"""What an action is: something a key can do, where, to what, and who may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from municonsole.domain.permissions import Permission
from municonsole.ui.keys import key_name


class Where(StrEnum):
    """The places a key can be pressed in."""

    QUEUE = "queue"
    TICKET = "ticket"
    ALERTS = "alerts"
    RESULTS = "results"
    BOARD = "board"
    HELP = "help"
    SEARCH = "search"
    FILTER = "filter"
    CHIPS = "chips"
    VIEWS = "views"
    PALETTE = "palette"
    FORM = "form"
    INTAKE = "new report"
    NUMBER = "number"
    LOCK = "locked console"
    SMALL = "small window"


class Matter(StrEnum):
    """What kind of ticket one acts on, and as whom."""

    MUNICIPAL = "municipal"
    GBV = "gbv"
    """A GBV report at a SAPS liaison's desk."""
    OPENED = "opened"
    """A GBV report that an administrator has opened by its number."""


class Group(StrEnum):
    """How help sorts the actions."""

    MOVE = "Move"
    TICKET = "Ticket"
    MARK = "Mark"
    BOARD = "Board"
    WORK = "Work"
    FIND = "Find"
    ALERTS = "Alerts"
    VIEWS = "Views"
    DIALOG = "Dialog"
    CONSOLE = "Console"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key can do.

    `run` is the action of the screen it applies to, or of the app (`app.…`); `label` stands in the
    footer and the palette, `tooltip` in the help. `footer` ranks it in the footer line, 1 first; 0
    keeps it out, and what is below 0 stands at its end however narrow that is. `palette` says whether
    choosing it by name makes sense. `matters` are the kinds of ticket it can be done to; it is empty
    where no ticket is changed.
    """

    id: str
    keys: tuple[str, ...]
    run: str
    label: str
    tooltip: str
    group: Group
    where: frozenset[Where]
    permission: Permission | None = None
    footer: int = 0
    palette: bool = False
    matters: frozenset[Matter] = frozenset()

    @property
    def shown_keys(self) -> str:
        """The keys as a person reads them: `j, ↓`."""
        return ", ".join(map(key_name, self.keys))
