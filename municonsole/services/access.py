"""The way to one ticket: permission first, then the row; a refusal is recorded, whatever it was about."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from uuid import UUID

from municonsole.db import calls
from municonsole.db.calls import Call
from municonsole.db.session import Session
from municonsole.domain.errors import MuniconsoleError, Refused
from municonsole.domain.permissions import WHO_MAY, Permission
from municonsole.domain.records import OperatorContext
from municonsole.domain.values import Role
from municonsole.services.confidential import Confidential

T = TypeVar("T")

_NUMBER: Final = re.compile(r"TKT-\d{8}-[0-9A-F]{6}")


class Access:
    """What services share to reach a ticket as one operator."""

    def __init__(self, session: Session, operator: OperatorContext) -> None:
        self.session = session
        self.operator = operator
        self.confidential = Confidential(session)

    def require(self, permission: Permission) -> None:
        """Raise Refused, saying who may, unless the database grants `permission`."""
        if not self.operator.may(permission):
            raise Refused(WHO_MAY.get(permission, "this is not for your role"))

    async def act(
        self,
        permission: Permission,
        call: Call,
        number: str,
        values: dict[str, object],
        attempt: UUID | None = None,
    ) -> int:
        """Do one action on a ticket; the id of its event. Raises Refused for hidden and missing alike."""
        self.require(permission)
        values = {**values, "attempt": attempt}

        async def work() -> int:
            opened = self.confidential.ticket_id(number)
            if opened is not None:
                rows = await self.session.write(call.by_id, {**values, "ticket_id": opened})
            else:
                rows = await self.session.write(call.by_number, {**values, "number": number})
                if not rows and self.operator.role is Role.ADMIN:
                    recalled = await self.confidential.recall(number)
                    if recalled is not None:
                        rows = await self.session.write(
                            call.by_id, {**values, "ticket_id": recalled}
                        )
            if not rows:
                raise Refused
            return int(rows[0][0] or 0)

        return await self.watched(number, work)

    async def watched(self, number: str, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` gives; a refusal is recorded before it is passed on.

        The same work for a report that exists and for a number never issued, so that neither the
        answer nor its time tells which it was.
        """
        try:
            return await work()
        except Refused:
            if _NUMBER.fullmatch(number):
                # Nobody at a desk any more, or no connection: the refusal is what counts.
                with contextlib.suppress(MuniconsoleError):
                    await self.session.write(calls.RECORD_DENIED, {"number": number})
            raise
