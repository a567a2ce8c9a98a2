"""Many tickets at once, through the services: one result each, chunk by chunk, and taken back together."""

from __future__ import annotations

import uuid

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import REFUSAL, InvalidInput, Refused, Unanswered
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import NewTicket
from municonsole.domain.supervising import BULK_LIMIT, Pick, Result
from municonsole.domain.values import Category, Status
from municonsole.services.desk import Desk

WATER = NewTicket(Category.WATER, description="burst pipe")
GBV = NewTicket(Category.GBV, description="words")


async def logged(desk: Desk, count: int) -> list[Pick]:
    """New tickets, newest first, as a list shows them."""
    for _ in range(count):
        await desk.work.create(WATER)
    picks, _ = await desk.bulk.matching(TicketFilter(categories=(Category.WATER,)))
    return list(picks)[:count]


async def test_chunk_by_chunk_one_result_each(desk_of: OpenDesk) -> None:
    """In the order they were marked; progress is told before the first and after the last."""
    desk = await desk_of("tvd_manager")
    picks = await logged(desk, 30)
    told: list[tuple[int, int]] = []
    results = await desk.bulk.assign(
        picks, "roads 1", "tvd_operator2", " storm ", progress=lambda *step: told.append(step)
    )

    assert results == tuple(Result(pick.number, done=True) for pick in picks)
    assert told == [(0, 30), (25, 30), (30, 30)]
    detail = await desk.tickets.detail(picks[-1].number)
    assert detail.assignment_history[-1].reason == "storm"


async def test_what_a_colleague_changed_meanwhile_is_left_alone(desk_of: OpenDesk) -> None:
    """The rest is done; each that was not says why, and nothing is overwritten."""
    desk, colleague = await desk_of("tvd_manager"), await desk_of("tvd_operator")
    picks = await logged(desk, 6)
    for pick in picks[:2]:
        await colleague.work.change_status(pick.number, Status.IN_PROGRESS)
    results = await desk.bulk.change_status(picks, Status.ON_HOLD, "parts")

    assert [result.done for result in results] == [False, False, True, True, True, True]
    assert all("changed since it was read" in result.sentence for result in results[:2])
    assert (await desk.tickets.row(picks[0].number)).status is Status.IN_PROGRESS
    again = await desk.bulk.change_status(picks, Status.RESOLVED, atomic=True)
    assert [result.done for result in again] == [False] * 6
    assert "nothing was changed" in again[2].sentence or "changed since" in again[2].sentence


async def test_hidden_and_missing_are_one(desk_of: OpenDesk, database: Database) -> None:
    """The same words for both, both recorded as asked for; what is one's own is done."""
    manager, saps = await desk_of("tvd_manager"), await desk_of("tvd_saps")
    secret, never = await saps.work.create(GBV), "TKT-20200101-ABCDEF"
    own = await manager.work.create(WATER)
    picks = [Pick(number) for number in (secret, own, never, "no number at all")]
    for results in (
        await manager.bulk.note(picks, "seen"),
        await manager.bulk.assign(picks, "Water 1"),
        await manager.bulk.change_status(picks, Status.IN_PROGRESS),
    ):
        assert [result.done for result in results] == [False, True, False, False]
        assert {result.sentence for result in results if not result.done} == {REFUSAL}
    with database.connect_owner() as owner:
        asked = owner.execute(
            "select tracking_number, count(*) from denials group by 1 order by 1"
        ).fetchall()
    assert asked == sorted([(secret, 3), (never, 3)])
    results = await manager.bulk.note(picks, "again", atomic=True)
    assert [result.done for result in results] == [False] * 4


async def test_a_liaison_works_on_reports(desk_of: OpenDesk) -> None:
    """Many at once, on their side of the wall only."""
    saps = await desk_of("tvd_saps")
    own = [Pick(await saps.work.create(GBV)) for _ in range(2)]
    other = Pick(await (await desk_of("tvd_operator")).work.create(WATER))
    results = await saps.bulk.assign([*own, other], "SAPS North", "tvd_saps")

    assert [result.done for result in results] == [True, True, False]
    assert results[2].sentence == REFUSAL


async def test_it_is_for_supervisors(desk_of: OpenDesk) -> None:
    """An operator is told so, whatever it is."""
    desk = await desk_of("tvd_operator")
    picks = [Pick(await desk.work.create(WATER))]
    for work in (
        desk.bulk.assign(picks),
        desk.bulk.change_status(picks, Status.ON_HOLD),
        desk.bulk.note(picks, "x"),
    ):
        with pytest.raises(Refused, match="many tickets at once are for managers"):
            await work


async def test_a_ticket_marked_twice_is_one(desk_of: OpenDesk) -> None:
    """And there is a limit, said before anything is done."""
    desk = await desk_of("tvd_manager")
    (pick,) = await logged(desk, 1)

    assert len(await desk.bulk.note([pick, pick], "once")) == 1
    assert await desk.bulk.note([], "none") == ()
    with pytest.raises(InvalidInput, match="at most 500 tickets are changed at once, not 501"):
        await desk.bulk.note([Pick(f"TKT-20200101-{n:06X}") for n in range(BULK_LIMIT + 1)], "x")


async def test_what_matches_is_counted_whole(desk_of: OpenDesk) -> None:
    """As many as may be changed, with their versions, and how many there are in all."""
    desk = await desk_of("tvd_manager")
    numbers = [await desk.work.create(WATER) for _ in range(4)]
    await desk.work.add_note(numbers[3], "x")
    picks, total = await desk.bulk.matching(TicketFilter(), limit=3)

    assert ([pick.number for pick in picks], total) == (numbers[:0:-1], 4)
    assert picks[0].version == (await desk.tickets.row(numbers[3])).version
    assert await desk.bulk.matching(TicketFilter(search="nothing like it")) == ((), 0)


async def test_many_are_taken_back_together(desk_of: OpenDesk) -> None:
    """All of the last time, and none of the time before; what cannot be says why."""
    desk, colleague = await desk_of("tvd_manager"), await desk_of("tvd_admin")
    picks = await logged(desk, 30)
    await desk.bulk.assign(picks, "Roads 1")
    assert desk.assignments.can_undo
    assert await desk.assignments.undo() == "30 assignments are taken back"
    rows = [await desk.tickets.row(pick.number) for pick in picks]
    assert {row.assigned_team for row in rows} == {"Water 1", "Water 2"}

    fresh, _ = await desk.bulk.matching(TicketFilter())
    await desk.bulk.assign(fresh, "Roads 1")
    await colleague.assignments.assign(fresh[0].number, "Water 1")
    assert (
        await desk.assignments.undo() == "29 of 30 assignments are taken back; the others stay: "
        "the ticket was assigned anew since"
    )
    assert (await desk.tickets.row(fresh[0].number)).assigned_team == "Water 1"


async def test_what_was_not_done_is_nothing_to_take_back(desk_of: OpenDesk) -> None:
    """A bulk of which nothing was done leaves the assignment before it in reach."""
    desk = await desk_of("tvd_manager")
    number = await desk.work.create(WATER)
    await desk.assignments.assign(number, "Roads 1")
    await desk.bulk.assign([Pick("TKT-20200101-ABCDEF")], "Roads 1")

    assert await desk.assignments.undo() == f"the assignment of {number} is taken back"


async def test_a_lost_line_does_nothing_twice(
    desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The answer of a chunk is lost: it is asked for again, by whoever sends all of it anew as well."""
    desk = await desk_of("tvd_manager")
    picks = [Pick(pick.number) for pick in await logged(desk, 30)]
    session = desk.bulk._access.session
    write, lost = session.write, [2, 3]
    calls = 0

    async def losing(*sent: object) -> object:
        nonlocal calls
        calls += 1
        answer = await write(*sent)  # type: ignore[arg-type]
        if calls in lost:
            raise Unanswered("the connection was lost")
        return answer

    attempt = uuid.uuid4()
    monkeypatch.setattr(session, "write", losing)
    with pytest.raises(Unanswered):
        await desk.bulk.note(picks, "once", attempt=attempt)
    results = await desk.bulk.note(picks, "once", attempt=attempt)

    assert all(result.done for result in results)
    with database.connect_owner() as owner:
        notes = owner.execute(
            "select count(*), count(distinct ticket_id) from ticket_notes"
        ).fetchone()
    assert notes == (30, 30)
