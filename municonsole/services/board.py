"""The board: what each team has to do now, and the people of one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from municonsole.db import supervising as statements
from municonsole.domain.filters import begin
from municonsole.domain.supervising import Board, BoardPerson, BoardRow
from municonsole.domain.values import Role
from municonsole.services.access import Access


class TeamBoard:
    """Counts of one municipality's tickets, as far as the operator may see them."""

    def __init__(self, access: Access) -> None:
        self._session = access.session
        self._saps = access.operator.role is Role.SAPS_LIAISON
        self._municipality = access.operator.municipality

    async def counts(self) -> Board:
        """Each team's counts now. Today is the municipality's."""
        rows = await self._session.read(statements.BOARD, self._values())
        return Board(
            teams=tuple(
                BoardRow(
                    team_id=row.id,
                    team_name=row.name,
                    open=row.open,
                    unassigned=row.unassigned,
                    due_1h=row.due_1h,
                    breached=row.breached,
                    on_hold=row.on_hold,
                    resolved_today=row.resolved_today,
                )
                for row in rows
            ),
            at=rows[0].at.astimezone(UTC),
        )

    async def people(self, team_id: int) -> tuple[BoardPerson, ...]:
        """Who is in a team or has tickets of it, by name, each with what they have of it."""
        rows = await self._session.read(
            statements.BOARD_PEOPLE, {**self._values(), "team": team_id}
        )
        return tuple(
            BoardPerson(
                username=row.username,
                full_name=row.full_name,
                open=row.open,
                breached=row.breached,
                due_1h=row.due_1h,
                on_hold=row.on_hold,
                resolved_today=row.resolved_today,
                here=row.here,
            )
            for row in rows
        )

    def _values(self) -> dict[str, object]:
        zone = ZoneInfo(self._municipality.time_zone)
        today = datetime.now(zone).date()
        return {"today": begin(today, zone, today), "saps": self._saps}
