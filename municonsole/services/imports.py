"""Bringing requests of another system in as tickets, in batches, each request once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from municonsole.db import imports
from municonsole.db.session import Session
from municonsole.domain.errors import Refused, Unreachable
from municonsole.domain.permissions import Permission
from municonsole.domain.records import OperatorContext
from municonsole.services.importing import RequestFile
from municonsole.services.importing.records import Rejection, Request

BATCH: Final = 200
"""Rows of one call, which is one transaction."""
BATCH_BYTES: Final = 400_000
"""JSON of one call: some 6,000 short notes, well within a statement's time. What reaches it is the last."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows; `read` is the sum of the others."""

    read: int
    imported: int
    skipped: int
    rejected: int


class Imports:
    """Imports into the municipality of the operator, who is an administrator."""

    def __init__(self, session: Session, operator: OperatorContext) -> None:
        self._session = session
        self._operator = operator

    async def run(
        self,
        file: RequestFile,
        *,
        with_sla: bool = False,
        dry_run: bool = False,
        on_rejection: Callable[[Rejection], None] = lambda _: None,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> Imported:
        """Import what `file` has and the municipality does not have yet.

        Rejections are told in the order of the file, progress as the file's `position`. Without
        `with_sla` the tickets carry no clocks. `dry_run` reads, checks and writes nothing; what the
        database alone would reject counts as imported then.

        Raises Refused for anybody but an administrator, InvalidInput when the file cannot be read
        to its end, Unreachable when the connection is lost. After either, doing it again is safe
        and goes on where this ended.
        """
        if not self._operator.may(Permission.IMPORT_TICKETS):
            raise Refused("importing is for administrators")
        run = _Run(self._session, file.source, with_sla, dry_run, on_rejection)
        for item in file:
            run.add(item)
            if run.has_enough:
                await run.flush()
                on_progress(file.position)
        await run.flush()
        on_progress(file.size)
        return run.result()


@dataclass(slots=True)
class _Run:
    """One file on its way in: the batch that is being filled, and what became of those before."""

    session: Session
    source: str
    with_sla: bool
    dry_run: bool
    on_rejection: Callable[[Rejection], None]

    _requests: list[Request] = field(default_factory=list)
    _rejections: list[Rejection] = field(default_factory=list)
    _weight: int = 0
    _seen: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(
        default_factory=lambda: {"imported": 0, "skipped": 0, "rejected": 0}
    )

    def add(self, item: Request | Rejection) -> None:
        if isinstance(item, Rejection):
            self._rejections.append(item)
        else:
            self._requests.append(item)
            self._weight += len(item.ticket)

    @property
    def has_enough(self) -> bool:
        return len(self._requests) + len(self._rejections) >= BATCH or self._weight >= BATCH_BYTES

    async def flush(self) -> None:
        """Import the batch and begin a new one."""
        if self._requests:
            # In one order everywhere, so that two imports of the same source never block each other.
            self._requests.sort(key=attrgetter("source_id"))
            await (self._look_ahead() if self.dry_run else self._import())
        self._counts["rejected"] += len(self._rejections)
        for rejection in sorted(self._rejections, key=attrgetter("number")):
            self.on_rejection(rejection)
        self._requests, self._rejections, self._weight = [], [], 0

    def result(self) -> Imported:
        return Imported(read=sum(self._counts.values()), **self._counts)

    async def _import(self) -> None:
        tickets = b"[" + b",".join(request.ticket for request in self._requests) + b"]"
        try:
            rows = await self.session.write(
                imports.IMPORT_TICKETS,
                {"source": self.source, "tickets": tickets.decode(), "with_sla": self.with_sla},
            )
        except Unreachable:
            raise Unreachable(self._interrupted()) from None
        for request, row in zip(self._requests, rows, strict=True):
            if row.outcome == "rejected":
                self._rejections.append(Rejection(request.number, request.source_id, row.detail))
            else:
                self._counts[row.outcome] += 1

    async def _look_ahead(self) -> None:
        ids = [request.source_id for request in self._requests]
        rows = await self.session.read(
            imports.IMPORTED_BEFORE, {"source": self.source, "source_ids": ids}
        )
        self._seen.update(row.source_id for row in rows)
        for source_id in ids:
            self._counts["skipped" if source_id in self._seen else "imported"] += 1
            self._seen.add(source_id)

    def _interrupted(self) -> str:
        done = sum(self._counts.values())
        return (
            f"the connection to the database was lost after {done:,} rows; give the same command "
            "again: what is in already is skipped"
        )
