"""Everything one logged-in operator works with."""

from __future__ import annotations

from dataclasses import dataclass

from municonsole.db import alerts as alert_reads
from municonsole.db.session import Session
from municonsole.domain.alerts import Heartbeat
from municonsole.domain.records import OperatorContext
from municonsole.services.access import Access
from municonsole.services.alerts import Alerts
from municonsole.services.assignment import Assignments
from municonsole.services.imports import Imports
from municonsole.services.journal import Journal
from municonsole.services.login import log_in
from municonsole.services.municipality import SettingUp
from municonsole.services.operators import People, Staff
from municonsole.services.tickets import Tickets
from municonsole.services.trials import Trials
from municonsole.services.work import Work


@dataclass(frozen=True, slots=True)
class Desk:
    """One operator's services over one connection."""

    operator: OperatorContext
    tickets: Tickets
    work: Work
    assignments: Assignments
    people: People
    staff: Staff
    imports: Imports
    setting_up: SettingUp
    trials: Trials
    alerts: Alerts
    _session: Session

    @classmethod
    async def open(cls, session: Session) -> Desk:
        """Log in over `session`; it is closed by `close`, and also when logging in fails."""
        try:
            operator = await log_in(session)
        except BaseException:
            await session.close()
            raise
        access = Access(session, operator)
        journal = Journal(session, operator)
        people = People(session)
        return cls(
            operator=operator,
            tickets=Tickets(access),
            work=Work(access, journal),
            assignments=Assignments(access, people, journal),
            people=people,
            staff=Staff(access),
            imports=Imports(session, operator),
            setting_up=SettingUp(access),
            trials=Trials(access),
            alerts=Alerts(access),
            _session=session,
        )

    @property
    def connected(self) -> bool:
        """Whether the last call found a working connection; the next one tries a new one."""
        return self._session.connected

    async def heartbeat(self) -> Heartbeat | None:
        """When the municipality's clocks were last looked at, and by whom; None before the first time."""
        rows = await self._session.read(alert_reads.HEARTBEAT)
        return Heartbeat(rows[0].done_at, rows[0].done_by) if rows else None

    async def close(self) -> None:
        """End the session, within two seconds even if the network is gone."""
        await self._session.close()
