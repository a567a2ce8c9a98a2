"""Prepared reads of one's own alerts and of the sweep's heartbeat, and the call that marks alerts read."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Integer, Select, bindparam, case, func, select

from municonsole.db.tables import alerts, jobs, tickets

_a, _t = alerts.c, tickets.c


def _newest(*, unread_only: bool) -> Select[tuple[object, ...]]:
    rows = (
        select(
            _a.id,
            _a.at,
            _a.kind,
            _a.level,
            _a.clock,
            _a.ticket_id,
            _t.tracking_number,
            _t.category,
            _t.status,
            case(
                (_a.clock == "response", _t.sla_response_deadline),
                else_=_t.sla_resolution_deadline,
            ).label("deadline"),
            _a.read_at,
        )
        .select_from(alerts.outerjoin(tickets, _t.id == _a.ticket_id))
        .order_by(_a.at.desc(), _a.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    return rows.where(_a.read_at.is_(None)) if unread_only else rows


NEWEST = _newest(unread_only=False)
"""The newest alerts, parameter `limit`; row security shows one's own alone."""

NEWEST_UNREAD = _newest(unread_only=True)
"""The same, of those not read yet."""

_unread = select(_a.id).where(_a.read_at.is_(None)).limit(bindparam("limit", type_=Integer))
UNREAD = select(func.count().label("unread")).select_from(_unread.subquery())
"""How many are not read yet, counted up to `limit`."""

READ_ALERTS = select(
    func.muni.read_alerts(bindparam("ids", type_=ARRAY(BigInteger))).label("marked")
)

HEARTBEAT = select(jobs.c.done_at, jobs.c.done_by).where(
    jobs.c.name == "sweep", jobs.c.done_at.is_not(None)
)
