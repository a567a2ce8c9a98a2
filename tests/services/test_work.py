"""Supervising and handing over, through the services, as the people who do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import REFUSAL, InvalidInput, Refused
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, EventKind, SlaState, Status

WATER = NewTicket(
    Category.WATER,
    description="burst pipe at the corner",
    address="12 Long Street",
    latitude=-26.3,
    longitude=28.0,
    reporter_phone="+27115550101",
)


async def test_a_contact_counts_as_an_answer(desk_of: OpenDesk) -> None:
    """Calling the citizen back stops the response clock; assigning alone does not."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(WATER)
    before = await desk.tickets.row(number)
    await desk.work.record_contact(number, "told her that a plumber is on the way")
    after = await desk.tickets.row(number)

    assert before.first_responded_at is None
    assert before.assigned_team is not None
    assert after.first_responded_at is not None


async def test_an_escalation_says_why(desk_of: OpenDesk) -> None:
    """The reason stands on the ticket and in its history."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(WATER)
    await desk.work.escalate(number, "third call today")
    row = await desk.tickets.row(number)

    assert (row.status, row.escalation_reason) == (Status.ESCALATED, "third call today")
    assert (await desk.tickets.history(number))[0].kind is EventKind.ESCALATED
    with pytest.raises(InvalidInput, match="from escalated to escalated"):
        await desk.work.escalate(number, "again")


@pytest.mark.parametrize("clock", ["response", "resolution"])
async def test_a_deadline_set_by_hand_wins_until_it_is_cleared(
    desk_of: OpenDesk, clock: str
) -> None:
    """A manager promises another time; reclassifying keeps it, clearing gives the policy's back."""
    manager = await desk_of("tvd_manager")
    number = await manager.work.create(WATER)
    first = await manager.tickets.row(number)
    promised = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    await manager.work.override_deadline(number, clock, promised, "promised on the phone")
    await manager.work.reclassify(number, Category.ROADS, "it is the road")
    held = await manager.tickets.row(number)
    await manager.work.override_deadline(number, clock, None, "back to normal")
    cleared = await manager.tickets.row(number)
    field = f"sla_{clock}_deadline"

    assert getattr(held, field) == promised
    assert getattr(cleared, field) == first.created_at + timedelta(
        hours=8 if clock == "response" else 72
    )
    kinds = [entry.kind for entry in await manager.tickets.history(number)]
    assert kinds[:3] == [
        EventKind.OVERRIDE_CLEARED,
        EventKind.RECLASSIFIED,
        EventKind.DEADLINE_OVERRIDDEN,
    ]


async def test_another_category_keeps_the_pauses_so_far(
    database: Database, desk_of: OpenDesk
) -> None:
    """A ticket that was on hold for two hours has them still after being reclassified."""
    manager = await desk_of("tvd_manager")
    number = await manager.work.create(WATER)
    await manager.work.change_status(number, Status.ON_HOLD, "waiting for a part")
    database.connect_owner().execute(
        "update tickets set created_at = created_at - interval '3 hours',"
        " paused_at = paused_at - interval '2 hours' where tracking_number = %s",
        (number,),
    )
    await manager.work.change_status(number, Status.IN_PROGRESS)
    await manager.work.reclassify(number, Category.ROADS, "it is the road")
    row = await manager.tickets.row(number)
    assert row.sla_resolution_deadline is not None
    pause = row.sla_resolution_deadline - row.created_at - timedelta(hours=72)

    assert timedelta(hours=2) <= pause < timedelta(hours=2, minutes=1)


async def test_a_ticket_is_taken_from_whoever_had_it(desk_of: OpenDesk) -> None:
    """Back to the queue: no team, no person, and the history says by whom."""
    manager = await desk_of("tvd_manager")
    number = await manager.work.create(WATER)
    await manager.assignments.unassign(number, "wrong team")
    row = await manager.tickets.row(number)

    assert (row.assigned_team, row.assigned_to) == (None, None)
    assert (await manager.tickets.history(number))[0].note == "wrong team"


async def test_a_ticket_marked_sensitive_is_gone_for_everybody_but_saps(
    desk_of: OpenDesk,
) -> None:
    """Lists, search, history and work: nothing of it is left on the municipal side."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(WATER)
    await author.work.add_reporter(number, "Resident 2", "+27115550102")
    await author.work.add_note(number, "caller cries")
    await author.work.escalate(number, "urgent")
    await author.work.mark_sensitive(number, "she told more")
    for username in ("tvd_operator", "tvd_manager", "tvd_admin"):
        desk = await desk_of(username)
        assert await desk.tickets.count(TicketFilter()) == 0
        assert await desk.tickets.search("burst") == ()
        assert await desk.tickets.search(number) == ()
        with pytest.raises(Refused, match=REFUSAL):
            await desk.tickets.show(number)
    saps = await desk_of("tvd_saps")
    row = await saps.tickets.row(number)
    detail = await saps.tickets.show(number)
    history = detail.history

    assert (row.category, row.status, row.escalation_reason) == (
        Category.GBV,
        Status.ESCALATED,
        None,
    )
    assert row.assigned_team == "SAPS South"
    assert detail.confidential is not None
    assert detail.confidential.description == WATER.description
    assert detail.confidential.reporter_phone == WATER.reporter_phone
    notes = {entry.note for entry in history if entry.note}
    assert notes == {"caller cries", "urgent", "she told more"}
    # Three colleagues asked for it in vain, and that is on its timeline.
    denied = [entry.actor for entry in history if entry.kind is EventKind.ACCESS_DENIED]
    assert denied == ["tvd_admin", "tvd_manager", "tvd_operator"]


async def test_a_console_learns_which_of_its_rows_it_may_no_longer_show(
    desk_of: OpenDesk,
) -> None:
    """Another colleague's screen asks for the tickets it shows and gets those that are left, as they are."""
    author = await desk_of("tvd_operator")
    colleague = await desk_of("tvd_operator2")
    numbers = [await author.work.create(WATER) for _ in range(3)]
    shown = [(await colleague.tickets.row(number)).id for number in numbers]
    await author.work.mark_sensitive(numbers[0], "she told more")
    await author.work.change_status(numbers[1], Status.IN_PROGRESS)
    left = await colleague.tickets.rows(shown)

    assert set(left) == set(shown[1:])
    assert left[shown[1]].status is Status.IN_PROGRESS
    assert await colleague.tickets.rows([]) == {}


async def test_asking_in_vain_is_the_same_for_a_report_and_for_a_number_never_issued(
    database: Database, desk_of: OpenDesk
) -> None:
    """Both leave the same row until SAPS looks; a script cannot leave more than thirty an hour."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(NewTicket(Category.GBV, description="neutral words"))
    manager = await desk_of("tvd_manager")
    for asked in (number, "TKT-20200101-ABCDEF") * 20:
        with pytest.raises(Refused):
            await manager.tickets.show(asked)
    owner = database.connect_owner()
    recorded = owner.execute(
        "select tracking_number, count(*) from denials group by 1 order by 2 desc, 1"
    ).fetchall()
    saps = await desk_of("tvd_saps")
    history = await saps.tickets.history(number)

    assert sorted(count for _, count in recorded) == [15, 15]
    assert [entry.kind for entry in history].count(EventKind.ACCESS_DENIED) == 15


async def test_somebody_from_elsewhere_who_asks_in_vain_is_on_the_timeline_too(
    desk_of: OpenDesk,
) -> None:
    """A number is unique over all municipalities; so is the trace of whoever tried it."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(NewTicket(Category.GBV, description="neutral words"))
    stranger = await desk_of("ksb_manager")
    with pytest.raises(Refused, match=REFUSAL):
        await stranger.tickets.show(number)
    saps = await desk_of("tvd_saps")
    denied = [
        entry.actor
        for entry in await saps.tickets.history(number)
        if entry.kind is EventKind.ACCESS_DENIED
    ]

    assert denied == ["ksb_manager"]


async def test_a_gbv_report_has_neither_deadlines_nor_another_category(desk_of: OpenDesk) -> None:
    """Not even for an administrator who has opened it."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(NewTicket(Category.GBV, description="neutral words"))
    admin = await desk_of("tvd_admin")
    await admin.tickets.show(number, "court order 123/2026")
    for attempt in (
        admin.work.override_deadline(number, "response", datetime.now(UTC), "why"),
        admin.work.reclassify(number, Category.WATER, "why"),
    ):
        with pytest.raises(InvalidInput, match="neither municipal deadlines nor another category"):
            await attempt
    with pytest.raises(Refused):
        await admin.work.mark_sensitive(number, "twice")

    assert (await (await desk_of("tvd_saps")).tickets.row(number)).sla_status is None


async def test_clocks_are_unchanged_by_a_rejected_override(desk_of: OpenDesk) -> None:
    """A deadline before the ticket, or none of the two clocks: refused, nothing moved."""
    manager = await desk_of("tvd_manager")
    number = await manager.work.create(WATER)
    before = await manager.tickets.row(number)
    for clock, deadline, reason in (
        ("response", before.created_at - timedelta(hours=1), "why"),
        ("response", before.created_at + timedelta(hours=1), "  "),
        ("both", before.created_at + timedelta(hours=1), "why"),
    ):
        with pytest.raises(InvalidInput):
            await manager.work.override_deadline(number, clock, deadline, reason)

    assert await manager.tickets.row(number) == before
    assert before.sla_status is SlaState.ON_TRACK
