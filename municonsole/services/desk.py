"""Everything one logged-in operator works with."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

from municonsole.db import alerts as alert_reads
from municonsole.db.connection import Login
from municonsole.db.session import Session
from municonsole.domain.alerts import Heartbeat
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.records import OperatorContext
from municonsole.services.access import Access
from municonsole.services.alerts import Alerts
from municonsole.services.assignment import Assignments
from municonsole.services.board import TeamBoard
from municonsole.services.bulk import Bulk
from municonsole.services.drafts import Drafts
from municonsole.services.duty import Duty
from municonsole.services.exports import Exports
from municonsole.services.feed import Feed
from municonsole.services.imports import Imports
from municonsole.services.intake import Intake
from municonsole.services.journal import Journal
from municonsole.services.login import log_in
from municonsole.services.municipality import SettingUp
from municonsole.services.operators import People, Staff
from municonsole.services.presence import Presence
from municonsole.services.proof import Proof
from municonsole.services.reports import Reports
from municonsole.services.saved_views import SavedViews
from municonsole.services.tickets import Tickets
from municonsole.services.trials import Trials
from municonsole.services.undoing import LastAssignment
from municonsole.services.work import Work

_FAREWELL: Final = 1.0
"""Seconds in which colleagues may be told that one has left."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One operator's services over one connection."""

    operator: OperatorContext
    tickets: Tickets
    work: Work
    assignments: Assignments
    bulk: Bulk
    board: TeamBoard
    duty: Duty
    people: People
    staff: Staff
    imports: Imports
    setting_up: SettingUp
    trials: Trials
    alerts: Alerts
    intake: Intake
    drafts: Drafts
    presence: Presence
    feed: Feed
    saved_views: SavedViews
    reports: Reports
    exports: Exports
    proof: Proof | None
    """How the operator proves that it is still them; None where nobody can lock anything."""
    _session: Session

    @classmethod
    async def open(
        cls, session: Session, login: Login | None = None, known: str | None = None
    ) -> Desk:
        """Log in over `session`; it is closed by `close`, and also when logging in fails.

        `login` and `known` are those of the Proof.
        """
        try:
            operator = await log_in(session)
        except BaseException:
            await session.close()
            raise
        access = Access(session, operator)
        journal = Journal(session, operator)
        people = People(session)
        tickets = Tickets(access)
        last = LastAssignment()
        bulk = Bulk(access, people, tickets, last)
        return cls(
            operator=operator,
            tickets=tickets,
            work=Work(access, journal, last),
            assignments=Assignments(access, people, journal, bulk, last),
            bulk=bulk,
            board=TeamBoard(access),
            duty=Duty(session),
            people=people,
            staff=Staff(access),
            imports=Imports(session, operator),
            setting_up=SettingUp(access),
            trials=Trials(access),
            alerts=Alerts(access),
            intake=Intake(access),
            drafts=Drafts(access),
            presence=Presence(session),
            feed=Feed(session),
            saved_views=SavedViews(access, people),
            reports=Reports(access),
            exports=Exports(access),
            proof=Proof(login, operator, known) if login is not None else None,
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
        """Leave ticket and work, and end the session, within three seconds whatever the network does."""
        with contextlib.suppress(MuniconsoleError, TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self.presence.leave()
                await self.duty.leave()
        await self._session.close()
