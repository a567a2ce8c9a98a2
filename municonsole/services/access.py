"""The way to one ticket: permission first, then the row; a refusal is recorded, whatever it was about."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Row

from municonsole.db import calls
from municonsole.db.calls import Call
from municonsole.db.session import Parameters, Session
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
        sent = {**values, "attempt": attempt}

        async def work() -> int:
            return int((await self._reached(call, number, sent, self.session.write))[0] or 0)

        return await self.watched(number, work)

    async def look(self, permission: Permission, call: Call, number: str) -> Row[Any]:
        """What a reading function of the law says of a ticket; Refused for hidden and missing alike."""
        self.require(permission)
        return await self.watched(
            number, lambda: self._reached(call, number, {}, self.session.read)
        )

    async def _reached(
        self,
        call: Call,
        number: str,
        values: Mapping[str, object],
        ask: Callable[[Executable, Parameters], Awaitable[Sequence[Row[Any]]]],
    ) -> Row[Any]:
        opened = self.confidential.ticket_id(number)
        if opened is None:
            rows = await ask(call.by_number, {**values, "number": number})
            if rows:
                return rows[0]
            if self.operator.role is Role.ADMIN:
                opened = await self.confidential.recall(number)
        if opened is not None:
            rows = await ask(call.by_id, {**values, "ticket_id": opened})
            if rows:
                return rows[0]
        raise Refused

    async def record_denials(self, numbers: Sequence[str]) -> None:
        """Record that these were refused, in one trip; nothing where there are none."""
        asked = [number for number in numbers if _NUMBER.fullmatch(number)]
        if asked:
            # Nobody at a desk any more, or no connection: the refusal is what counts.
            with contextlib.suppress(MuniconsoleError):
                await self.session.write(calls.RECORD_DENIALS, {"numbers": asked})

    async def watched(self, number: str, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` gives; a refusal is recorded before it is passed on.

        The same work for a report that exists and for a number never issued, so that neither the
        answer nor its time tells which it was.
        """
        try:
            return await work()
        except Refused:
            await self.record_denials([number])
            raise
