"""What an operator is told of a ticket's clocks: what they run by, and what would become of a deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.clocks import ClockTerms, Deadlines
from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, EventKind, SlaState
from municonsole.services.desk import Desk

HOUR = timedelta(hours=1)


async def logged(desk: Desk, category: Category = Category.WATER) -> str:
    return await desk.work.create(NewTicket(category, description="a leak"))


@pytest.mark.parametrize(
    ("municipality", "category", "policy", "targets"),
    [
        ("tvd", Category.WATER, Category.WATER, (2, 24)),
        ("tvd", Category.ROADS, "default", (8, 72)),
        ("ksb", Category.WATER, "built-in", (24, 168)),
    ],
)
async def test_a_ticket_names_the_policy_its_clocks_run_by(
    desk_of: OpenDesk,
    municipality: str,
    category: Category,
    policy: str,
    targets: tuple[int, int],
) -> None:
    """Its own category's, the municipality's default, or the built-in one; the targets are kept by the law."""
    desk = await desk_of(f"{municipality}_operator")
    detail = await desk.tickets.show(await logged(desk, category))
    row, terms = detail.ticket, detail.terms

    assert terms is not None
    assert (terms.policy, terms.calendar, terms.in_force) == (policy, None, True)
    assert (terms.response.target, terms.resolution.target) == tuple(h * HOUR for h in targets)
    assert row.sla_response_deadline == row.created_at + terms.response.target
    assert row.sla_resolution_deadline == row.created_at + terms.resolution.target


async def test_a_policy_that_was_changed_is_told_and_so_is_a_calendar(
    desk_of: OpenDesk, database: Database
) -> None:
    """The ticket keeps the one it was logged under, and says that it is not in force any more."""
    desk = await desk_of("tvd_operator")
    with database.connect_owner() as owner:
        owner.execute(
            "insert into calendars (municipality_id, name, time_zone, is_always)"
            " select id, 'office hours', 'Africa/Johannesburg', false from municipalities"
            " where code = 'tvd'"
        )
        owner.execute(
            "insert into calendar_windows (calendar_id, weekday, opens_at, closes_at)"
            " select c.id, d, '08:00', '16:30' from calendars as c, generate_series(1, 5) as d"
        )
        owner.execute(
            "update sla_policies set calendar_id = (select id from calendars) where category = 'water'"
        )
        number = await logged(desk)
        before = (await desk.tickets.show(number)).terms
        owner.execute("update calendars set replaced_at = clock_timestamp()")
        calendar_gone = (await desk.tickets.show(number)).terms
        owner.execute("update calendars set replaced_at = null")
        owner.execute(
            "update sla_policies set replaced_at = clock_timestamp() where category = 'water'"
        )
        policy_gone = (await desk.tickets.show(number)).terms

    assert before is not None
    assert (before.calendar, before.in_force) == ("office hours", True)
    assert calendar_gone is not None
    assert (calendar_gone.calendar, calendar_gone.in_force) == ("office hours", False)
    assert policy_gone is not None
    assert (policy_gone.policy, policy_gone.in_force) == (Category.WATER, False)


async def test_what_was_set_by_hand_and_what_was_missed_stays_told(
    desk_of: OpenDesk, database: Database
) -> None:
    """A supervisor who moves a deadline does not make a breach unhappen."""
    desk, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    number = await logged(desk)
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set created_at = created_at - interval '3 h',"
            " sla_response_deadline = sla_response_deadline - interval '3 h'"
        )
    missed = (await desk.tickets.row(number)).sla_response_deadline
    await desk.work.record_contact(number, "told them that it takes longer")
    later = datetime(2099, 9, 21, 8, tzinfo=UTC)
    await manager.work.override_deadline(number, "resolution", later, "promised")
    await manager.work.override_deadline(number, "response", later, "was not told")
    detail = await desk.tickets.show(number)

    assert detail.terms is not None
    assert detail.terms.response == ClockTerms(2 * HOUR, by_hand=True, breached_at=missed)
    assert detail.terms.resolution == ClockTerms(24 * HOUR, by_hand=True, breached_at=None)
    moved = detail.history[0]
    assert moved.kind is EventKind.DEADLINE_OVERRIDDEN
    assert moved.facts.clock == "response"
    assert moved.facts.before == Deadlines(missed, later)
    assert moved.facts.after == Deadlines(later, later)


async def test_a_gbv_report_has_no_terms_for_anybody(desk_of: OpenDesk) -> None:
    """It has no municipal clocks, and nothing is asked about them."""
    operator, liaison = await desk_of("tvd_operator"), await desk_of("tvd_saps")
    admin = await desk_of("tvd_admin")
    number = await logged(operator, Category.GBV)

    assert (await liaison.tickets.show(number)).terms is None
    assert (await admin.tickets.show(number, "court order 12/26")).terms is None


async def test_a_new_deadline_is_tried_before_it_is_set(desk_of: OpenDesk) -> None:
    """Old and new, warning, state and working time; nothing is written."""
    manager = await desk_of("tvd_manager")
    number = await logged(manager)
    row = await manager.tickets.row(number)
    later = row.created_at + 50 * HOUR
    seen = await manager.work.preview_override(number, "resolution", later)
    back = await manager.work.preview_override(number, "resolution", None)
    late = await manager.work.preview_override(
        number, "response", row.created_at + timedelta(microseconds=1)
    )

    assert (seen.was, seen.becomes) == (row.sla_resolution_deadline, later)
    assert seen.warning_at == row.created_at + 40 * HOUR
    assert seen.state is SlaState.ON_TRACK
    assert seen.left is not None
    assert timedelta(hours=49) < seen.left <= 50 * HOUR
    assert back.becomes == row.sla_resolution_deadline
    assert late.state is SlaState.BREACHED_RESPONSE
    assert late.left is not None
    assert late.left <= timedelta(0)
    assert await manager.tickets.row(number) == row


async def test_trying_a_deadline_is_refused_as_setting_it_is(desk_of: OpenDesk) -> None:
    """By role, for a report, for a number that is none, and for a time before the ticket."""
    manager, operator = await desk_of("tvd_manager"), await desk_of("tvd_operator")
    number, report = await logged(operator), await logged(operator, Category.GBV)
    row = await manager.tickets.row(number)
    later = row.created_at + HOUR

    with pytest.raises(Refused, match="setting a deadline is for managers and administrators"):
        await operator.work.preview_override(number, "response", later)
    for hidden in (report, "TKT-20200101-ABCDEF"):
        with pytest.raises(Refused):
            await manager.work.preview_override(hidden, "response", later)
    with pytest.raises(InvalidInput, match="a deadline lies after the ticket was logged"):
        await manager.work.preview_override(number, "response", row.created_at)
