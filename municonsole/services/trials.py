"""Trying the clocks: what they would be for a ticket logged and held at given times, by the same SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from municonsole.db import trials
from municonsole.domain.permissions import Permission
from municonsole.domain.values import Category, SlaState
from municonsole.services.access import Access


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it; times are aware and UTC, `worked_seconds` working time less pauses.

    `policy` is the category that has one of its own, `default` or `built-in`; `calendar` its name, or
    `around the clock`.
    """

    response_deadline: datetime
    resolution_deadline: datetime
    response_warning_at: datetime
    resolution_warning_at: datetime
    sla_status: SlaState
    worked_seconds: int
    policy: str
    calendar: str


class Trials:
    """Trying the clocks of the operator's municipality."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def run(
        self,
        municipality: str | None,
        category: Category,
        start: datetime,
        pauses: Sequence[tuple[datetime, datetime]] = (),
        at: datetime | None = None,
        until: datetime | None = None,
    ) -> Trial:
        """The clocks of an unanswered ticket of `category` logged at `start` and on hold in `pauses`.

        Its state is that of `at`, its working time up to `until`; both are now where they are None,
        `until` else as `at`. `municipality` is a code, None the own one. Times are aware.
        Raises Refused for another municipality, InvalidInput for what has no clocks.
        """
        self._access.require(Permission.SLA_PREVIEW)
        [row] = await self._access.session.read(
            trials.SLA_PREVIEW,
            {
                "municipality": municipality,
                "category": category.value,
                "start": start,
                "pauses": [[begins.isoformat(), ends.isoformat()] for begins, ends in pauses],
                "at": at,
                "until": until,
            },
        )
        return Trial(
            response_deadline=row.response_deadline,
            resolution_deadline=row.resolution_deadline,
            response_warning_at=row.response_warning_at,
            resolution_warning_at=row.resolution_warning_at,
            sla_status=SlaState(row.sla_status),
            worked_seconds=row.worked_seconds,
            policy=row.policy,
            calendar=row.calendar,
        )
