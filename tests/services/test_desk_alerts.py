"""What is late reaches whoever is concerned, with a mark for what is unread; when it was last looked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from law import late
from services.conftest import OpenDesk
from support import world
from support.database import Database

from municonsole.domain.alerts import AlertKind
from municonsole.domain.errors import Refused
from municonsole.domain.values import Category, Status


async def test_a_manager_is_told_of_what_is_late(database: Database, desk_of: OpenDesk) -> None:
    """Newest first, with the ticket as it is now, until it is marked as read."""
    found = late.ticket(database, 30)
    warned = late.ticket(database, 1.7)
    late.sweep(database)
    manager = await desk_of("tvd_manager")
    row = late.row(database, found)
    alerts = await manager.alerts.list()
    [warning] = [alert for alert in alerts if alert.kind is AlertKind.WARNING]
    first, second = sorted(
        (alert for alert in alerts if alert.kind is AlertKind.BREACH), key=lambda one: one.level
    )

    assert await manager.alerts.unread() == 3
    assert (first.clock, first.level, second.clock, second.level) == (
        *("response", 1),
        *("resolution", 2),
    )
    assert first.tracking_number == second.tracking_number == row["tracking_number"]
    assert (first.category, first.status) == (Category.WATER, Status.ESCALATED)
    assert (first.deadline, second.deadline) == (
        row["sla_response_deadline"],
        row["sla_resolution_deadline"],
    )
    assert warning.tracking_number == late.row(database, warned)["tracking_number"]
    assert [(alert.at, alert.id) for alert in alerts] == sorted(
        ((alert.at, alert.id) for alert in alerts), reverse=True
    )
    assert len(await manager.alerts.list(limit=2)) == 2
    assert await manager.alerts.mark_read([first.id]) == 1
    assert [alert.id for alert in await manager.alerts.list(unread_only=True)] == [
        alert.id for alert in alerts if alert.id != first.id
    ]
    assert await manager.alerts.mark_read() == 2
    assert await manager.alerts.unread() == 0
    assert all(alert.read_at is not None for alert in await manager.alerts.list())


async def test_a_liaison_has_no_alerts_and_none_are_asked_for(desk_of: OpenDesk) -> None:
    """They are about municipal tickets."""
    liaison = await desk_of("tvd_saps")

    assert await liaison.alerts.list() == ()
    assert await liaison.alerts.unread() == 0
    with pytest.raises(Refused):
        await liaison.alerts.mark_read()


async def test_a_broken_history_is_told_without_naming_it(
    database: Database, desk_of: OpenDesk
) -> None:
    """An administrator learns that something was edited, and finds it by `audit verify`."""
    late.ticket(database, 1)
    with database.connect_owner() as owner:
        owner.execute("update ticket_events set actor = 'tvd_operator' where seq = 1")
    database.connect(world.WORKER).execute("select * from muni.run_upkeep()")
    [alert] = await (await desk_of("tvd_admin")).alerts.list()

    assert (alert.kind, alert.level) == (AlertKind.HISTORY, 2)
    assert (alert.clock, alert.tracking_number, alert.status, alert.deadline) == (None,) * 4


async def test_the_desk_knows_when_the_clocks_were_last_looked_after(
    database: Database, desk_of: OpenDesk
) -> None:
    """Never before the first time; then when and by whom, for a liaison too."""
    operator, liaison = await desk_of("tvd_operator"), await desk_of("tvd_saps")
    assert await operator.heartbeat() is None
    late.sweep(database, "tvd_manager")
    beat = await operator.heartbeat()

    assert beat is not None
    assert beat.done_by == "tvd_manager"
    assert abs(beat.done_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await liaison.heartbeat() == beat
