"""What screens work with, handed to them when they are made, so that none reaches for the app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from municonsole.domain.records import OperatorContext
from municonsole.domain.values import Role
from municonsole.ui.actions import Registry
from municonsole.ui.columns import Moment
from municonsole.ui.lane import Lane
from municonsole.ui.pulse import Pulse
from municonsole.ui.shelf import Shelf
from municonsole.ui.theme import Palette
from municonsole.ui.watch import Watch

if TYPE_CHECKING:
    from municonsole.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of every screen.

    `now` is aware; `zone` is the municipality's; `bell` says whether to ring when an own ticket runs
    late and when the connection is lost; `names` are colleagues' full names by their logins, filled
    in once they have been read.
    """

    desk: Desk
    palette: Palette
    registry: Registry
    lane: Lane
    watch: Watch
    pulse: Pulse
    views: Shelf
    zone: tzinfo
    now: Callable[[], datetime]
    names: dict[str, str]
    bell: bool = False

    @property
    def operator(self) -> OperatorContext:
        """Who is logged in."""
        return self.desk.operator

    def moment(self) -> Moment:
        """Now and here: what ages and times of day are told from."""
        return Moment(self.now(), self.zone)

    @property
    def saps(self) -> bool:
        """Whether the console is a SAPS liaison's: other views, other columns."""
        return self.operator.role is Role.SAPS_LIAISON


def zone_named(name: str) -> tzinfo:
    """The zone of that IANA name; UTC where this machine's time zone data does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
