"""What somebody has typed and not sent: kept for them, and nobody else; of a GBV report never."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from municonsole.db import intake as statements
from municonsole.domain.desk import Draft
from municonsole.domain.permissions import Permission
from municonsole.domain.values import Category
from municonsole.services.access import Access

_Key = Mapping[str, object]
_REPORT: _Key = {"kind": "report", "ticket": None}


class Drafts:
    """The drafts of one operator: one new report, and one note a ticket."""

    def __init__(self, access: Access) -> None:
        self._session = access.session
        self._keeps = access.operator.may(Permission.SAVE_DRAFT)

    async def report(self) -> Draft | None:
        """The report that was begun and not logged."""
        return await self._draft(_REPORT)

    async def keep_report(self, content: Mapping[str, str]) -> None:
        """Keep a report that is being typed; one of category gbv is forgotten instead.

        Raises InvalidInput where its `attempt` was sent or given up: nothing of it is kept any more.
        """
        if content.get("category") == Category.GBV.value:
            await self.forget_report()
        else:
            await self._keep(_REPORT, content)

    async def forget_report(self, attempt: UUID | None = None) -> None:
        """It was logged, thrown away, or is none to be kept.

        Of an `attempt` that is named nothing is kept or logged from then on, though the network deliver
        it late.
        """
        await self._forget(_REPORT, attempt)

    async def note(self, ticket: UUID) -> Draft | None:
        """The note on a ticket that was begun and not saved."""
        return await self._draft({"kind": "note", "ticket": ticket})

    async def keep_note(self, ticket: UUID, content: Mapping[str, str]) -> None:
        """Keep a note that is being typed. Raises Refused for a ticket one no longer sees."""
        await self._keep({"kind": "note", "ticket": ticket}, content)

    async def forget_note(self, ticket: UUID) -> None:
        """It was saved or thrown away."""
        await self._forget({"kind": "note", "ticket": ticket})

    async def _draft(self, key: _Key) -> Draft | None:
        if not self._keeps:
            return None
        rows = await self._session.read(statements.DRAFT, dict(key))
        return Draft(rows[0].content, rows[0].saved_at) if rows else None

    async def _keep(self, key: _Key, content: Mapping[str, str]) -> None:
        if self._keeps:
            await self._session.write(statements.SAVE_DRAFT, {**key, "content": dict(content)})

    async def _forget(self, key: _Key, attempt: UUID | None = None) -> None:
        if self._keeps:
            await self._session.write(statements.DELETE_DRAFT, {**key, "attempt": attempt})
