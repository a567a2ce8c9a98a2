"""What an operator is to know of tickets that run late, newest first, with a mark for what is unread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from municonsole.db import alerts as reads
from municonsole.domain.alerts import Alert, AlertKind
from municonsole.domain.permissions import Permission
from municonsole.domain.values import Category, Status
from municonsole.services.access import Access

COUNTED: Final = 1_000
"""Unread alerts are counted so far; who has more has not looked for long."""


class Alerts:
    """The alerts of one operator. A SAPS liaison gets none: they are about municipal tickets."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = access.session
        self._has_any = access.operator.may(Permission.READ_ALERTS)

    async def list(self, *, unread_only: bool = False, limit: int = 200) -> tuple[Alert, ...]:
        """The newest alerts, at most `limit`."""
        if not self._has_any:
            return ()
        rows = await self._session.read(
            reads.NEWEST_UNREAD if unread_only else reads.NEWEST, {"limit": limit}
        )
        return tuple(
            Alert(
                id=row.id,
                at=row.at,
                kind=AlertKind(row.kind),
                level=row.level,
                clock=row.clock,
                ticket_id=row.ticket_id,
                tracking_number=row.tracking_number,
                category=Category(row.category) if row.category is not None else None,
                status=Status(row.status) if row.status is not None else None,
                deadline=row.deadline,
                read_at=row.read_at,
            )
            for row in rows
        )

    async def unread(self) -> int:
        """How many are not read yet, at most COUNTED."""
        if not self._has_any:
            return 0
        return int((await self._session.read(reads.UNREAD, {"limit": COUNTED}))[0].unread)

    async def mark_read(self, ids: Sequence[int] | None = None) -> int:
        """Mark these alerts of one's own as read, all of them for None; how many were not."""
        self._access.require(Permission.READ_ALERTS)
        values = {"ids": None if ids is None else list(ids)}
        return int((await self._session.write(reads.READ_ALERTS, values))[0].marked)
