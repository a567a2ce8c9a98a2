"""A supervisor's desk without its screen: proposal, loads, undo, board, who carried a ticket how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import InvalidInput, Refused, Stale
from municonsole.domain.records import NewTicket
from municonsole.domain.supervising import BoardPerson, BoardRow, Load, RouteRule, Why
from municonsole.domain.values import Category, Severity, Status
from municonsole.services.desk import Desk

WATER = NewTicket(Category.WATER, description="burst pipe")
GBV = NewTicket(Category.GBV, description="words")


async def given(desk: Desk, count: int, team: str, to: str | None = None) -> list[str]:
    """New tickets, assigned."""
    numbers = [await desk.work.create(WATER) for _ in range(count)]
    for number in numbers:
        await desk.assignments.assign(number, team, to)
    return numbers


# ------------------------------------------------------------------------------- proposal


async def test_the_proposal_is_what_routing_does(desk_of: OpenDesk) -> None:
    """The team, its name and the reason; asking changes nothing."""
    desk = await desk_of("tvd_manager")
    await given(desk, 1, "Water 1")
    number = await desk.work.create(WATER)
    await desk.assignments.assign(number, "Water 1")
    version = (await desk.tickets.row(number)).version
    proposal = await desk.assignments.proposal(number)

    assert (proposal.team_name, proposal.why) == (
        "Water 2",
        Why(RouteRule.CATEGORY, open=0, of=2, load=0),
    )
    assert (await desk.tickets.row(number)).version == version
    await desk.assignments.assign(number)
    detail = await desk.tickets.detail(number)
    assert detail.ticket.assigned_team == "Water 2"
    assert detail.assignment_history[-1].why == proposal.why
    assert detail.history[0].why == proposal.why


async def test_where_nobody_takes_it_the_proposal_says_so(
    desk_of: OpenDesk, database: Database
) -> None:
    """No team, and that is the reason; the first event of such a ticket says it too."""
    database.connect_owner().execute(
        "update teams set is_active = false where category in ('waste', 'other')"
    )
    desk = await desk_of("tvd_manager")
    number = await desk.work.create(NewTicket(Category.WASTE, description="not collected"))
    proposal = await desk.assignments.proposal(number)

    assert (proposal.team_id, proposal.team_name) == (None, None)
    assert proposal.why == Why(RouteRule.NONE)
    assert (await desk.tickets.history(number))[-1].why == Why(RouteRule.NONE)


async def test_a_proposal_is_for_supervisors_and_of_what_they_see(desk_of: OpenDesk) -> None:
    """Hidden and missing in the same words; a liaison asks about reports."""
    operator, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    saps = await desk_of("tvd_saps")
    secret, own = await operator.work.create(GBV), await operator.work.create(WATER)
    for desk, number in ((manager, secret), (manager, "TKT-20200101-ABCDEF"), (saps, own)):
        with pytest.raises(Refused, match="not authorized to access sensitive reports"):
            await desk.assignments.proposal(number)
    with pytest.raises(Refused, match="assigning is for managers"):
        await operator.assignments.proposal(own)

    assert (await saps.assignments.proposal(secret)).why == Why(RouteRule.CATEGORY, of=2)


async def test_an_administrator_asks_about_a_report_while_it_is_open(desk_of: OpenDesk) -> None:
    """As for every other action on one."""
    admin = await desk_of("tvd_admin")
    number = await admin.work.create(replace(GBV, latitude=-26.1, longitude=28.0))
    await admin.tickets.show(number, "a court order of today")

    assert (await admin.assignments.proposal(number)).team_name == "SAPS North"


# ------------------------------------------------------------------------------- loads


async def test_loads_tell_what_each_has_and_who_is_here(
    desk_of: OpenDesk, database: Database
) -> None:
    """Open, breached and due today, of teams and of people; at a console now or not."""
    desk, operator = await desk_of("tvd_manager"), await desk_of("tvd_operator")
    await operator.duty.here()
    numbers = await given(desk, 4, "Water 1", "tvd_operator")
    await desk.work.change_status(numbers[0], Status.RESOLVED)
    midnight = datetime.now(UTC) + timedelta(days=1)
    owner = database.connect_owner()
    for number, hours in zip(numbers[1:3], (-1, 24 * 9), strict=True):
        owner.execute(
            "update tickets set sla_response_deadline = now() + make_interval(hours => %s),"
            " sla_resolution_deadline = now() + make_interval(hours => %s) where tracking_number = %s",
            (hours, hours + 1000, number),
        )
    owner.execute(
        "update tickets set sla_response_deadline = now() + interval '1 second' where tracking_number = %s",
        (numbers[3],),
    )
    teams, people = await desk.assignments.loads()
    water = next(team for team in teams if team.name == "Water 1")
    person = next(one for one in people if one.username == "tvd_operator")

    assert midnight > datetime.now(UTC)
    assert water.load.open == person.load.open == 3
    assert water.load.breached + water.load.due_today == 2
    assert (water.here, water.people) == (1, 2)
    assert person.here
    assert not next(one for one in people if one.username == "tvd_manager").here
    assert [team.name for team in teams] == sorted(team.name for team in teams)
    await operator.duty.leave()
    teams, people = await desk.assignments.loads()
    assert next(team for team in teams if team.name == "Water 1").here == 0


async def test_each_side_is_told_of_its_own(desk_of: OpenDesk) -> None:
    """A supervisor never of a station or a liaison, a liaison of nothing else; closed teams and people are none."""
    manager, saps = await desk_of("tvd_manager"), await desk_of("tvd_saps")
    await saps.duty.here()
    await saps.work.create(GBV)
    teams, people = await manager.assignments.loads()
    stations, liaisons = await saps.assignments.loads()

    assert not any(team.is_saps or team.name == "Water closed" for team in teams)
    assert {one.username for one in people} == {
        *("tvd_admin", "tvd_manager", "tvd_operator", "tvd_operator2", "tvd_teamless"),
    }
    assert [(team.name, team.load, team.here) for team in stations] == [
        ("SAPS North", Load(open=1), 1),
        ("SAPS South", Load(), 0),
    ]
    assert [one.username for one in liaisons] == ["tvd_saps", "tvd_saps2"]


# ------------------------------------------------------------------------------- undo


async def test_the_last_assignment_is_taken_back(desk_of: OpenDesk) -> None:
    """Once: what was before is there again, and there is nothing more to take back."""
    desk = await desk_of("tvd_manager")
    number = await desk.work.create(WATER)
    before = (await desk.tickets.row(number)).assigned_team
    assert not desk.assignments.can_undo
    await desk.assignments.assign(number, "Roads 1", "tvd_operator2")
    assert desk.assignments.can_undo

    assert await desk.assignments.undo() == f"the assignment of {number} is taken back"
    row = await desk.tickets.row(number)
    assert (row.assigned_team, row.assigned_to) == (before, None)
    newest = (await desk.tickets.history(number))[0]
    assert newest.undoes == 3
    assert not desk.assignments.can_undo
    with pytest.raises(InvalidInput, match="there is nothing to take back"):
        await desk.assignments.undo()


async def test_taking_it_away_and_taking_it_oneself_can_be_taken_back(desk_of: OpenDesk) -> None:
    """They are assignments too."""
    desk = await desk_of("tvd_manager")
    (number,) = await given(desk, 1, "Water 1", "tvd_operator")
    await desk.assignments.unassign(number)
    await desk.assignments.undo()
    assert (await desk.tickets.row(number)).assigned_to == "tvd_operator"
    await desk.assignments.assign(number, "Water 2")
    await desk.work.take(number)
    await desk.assignments.undo()
    assert (await desk.tickets.row(number)).assigned_to is None


async def test_what_a_colleague_assigned_since_stays(desk_of: OpenDesk) -> None:
    """Told in a sentence, and not offered again."""
    desk, admin = await desk_of("tvd_manager"), await desk_of("tvd_admin")
    (number,) = await given(desk, 1, "Water 1")
    await admin.assignments.assign(number, "Water 2")
    with pytest.raises(Stale, match="the ticket was assigned anew since"):
        await desk.assignments.undo()

    assert not desk.assignments.can_undo
    assert (await desk.tickets.row(number)).assigned_team == "Water 2"


async def test_after_five_minutes_there_is_nothing_to_take_back(
    desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not offered any more; the law refuses it as well."""
    desk = await desk_of("tvd_manager")
    await given(desk, 1, "Water 1")
    later = __import__("time").monotonic() + 301
    monkeypatch.setattr("municonsole.services.undoing.time.monotonic", lambda: later)

    assert not desk.assignments.can_undo


async def test_an_operator_takes_nothing_back(desk_of: OpenDesk) -> None:
    """Not even what they took: a supervisor assigns anew."""
    operator, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    (number,) = await given(manager, 1, "Water 1")
    await operator.work.take(number)

    assert not operator.assignments.can_undo
    with pytest.raises(Refused, match="assigning is for"):
        await operator.assignments.undo()


# ------------------------------------------------------------------------------- board


async def test_the_board_counts_what_each_team_has(desk_of: OpenDesk, database: Database) -> None:
    """Open, unassigned, due within the hour, breached, on hold, resolved today; teamless ones last."""
    desk = await desk_of("tvd_manager")
    numbers = await given(desk, 6, "Water 1", "tvd_operator")
    await desk.assignments.assign(numbers[0], "Water 1")
    await desk.work.change_status(numbers[1], Status.ON_HOLD)
    for number in numbers[2:4]:
        await desk.work.change_status(number, Status.RESOLVED)
    owner = database.connect_owner()
    move = (
        "update tickets set sla_response_deadline = now() + make_interval(mins => %s)"
        " where tracking_number = %s"
    )
    owner.execute(move, (-1, numbers[4]))
    owner.execute(move, (59, numbers[5]))
    owner.execute(move, (61, numbers[0]))
    owner.execute(
        "update tickets set resolved_at = resolved_at - interval '2 days' where tracking_number = %s",
        (numbers[3],),
    )
    lost = await desk.work.create(WATER)
    await desk.assignments.unassign(lost)
    board = await desk.board.counts()
    rows = {row.team_name: row for row in board.teams}

    assert rows["Water 1"] == BoardRow(
        team_id=rows["Water 1"].team_id,
        team_name="Water 1",
        open=4,
        unassigned=1,
        due_1h=1,
        breached=1,
        on_hold=1,
        resolved_today=1,
    )
    assert rows["Roads 1"] == BoardRow(rows["Roads 1"].team_id, "Roads 1")
    assert board.teams[-1] == BoardRow(None, None, open=1, unassigned=1)
    assert not {"SAPS North", "Water closed"} & set(rows)
    assert abs(board.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert rows["Water 1"].team_id is not None
    people = await desk.board.people(rows["Water 1"].team_id)
    assert people[1] == BoardPerson(
        "tvd_operator",
        "TVD Operator 1",
        open=3,
        breached=1,
        due_1h=1,
        on_hold=1,
        resolved_today=1,
    )
    assert [one.username for one in people] == ["tvd_manager", "tvd_operator"]


async def test_a_closed_team_is_on_the_board_while_it_has_tickets(
    desk_of: OpenDesk, database: Database
) -> None:
    """And who has some of a team's without being in it is among its people; nobody is lost from sight."""
    desk = await desk_of("tvd_manager")
    (number,) = await given(desk, 1, "Roads 1", "tvd_admin")
    database.connect_owner().execute("update teams set is_active = false where name = 'Roads 1'")
    roads = next(row for row in (await desk.board.counts()).teams if row.team_name == "Roads 1")
    assert roads.open == 1
    assert roads.team_id is not None
    people = await desk.board.people(roads.team_id)
    assert [(one.username, one.open) for one in people] == [("tvd_admin", 1), ("tvd_operator2", 0)]

    await desk.work.change_status(number, Status.RESOLVED)
    names = [row.team_name for row in (await desk.board.counts()).teams]
    assert "Roads 1" in names
    database.connect_owner().execute(
        "update tickets set resolved_at = resolved_at - interval '2 days'"
    )
    names = [row.team_name for row in (await desk.board.counts()).teams]
    assert "Roads 1" not in names


async def test_the_board_of_a_liaison_is_that_of_the_stations(desk_of: OpenDesk) -> None:
    """And no GBV report moves a number on anybody else's."""
    operator, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    saps = await desk_of("tvd_saps")
    before = (await manager.board.counts()).teams
    await operator.work.create(GBV)
    await saps.duty.here()

    assert (await manager.board.counts()).teams == before
    board = (await saps.board.counts()).teams
    assert [(row.team_name, row.open) for row in board] == [
        *(("SAPS North", 1), ("SAPS South", 0), (None, 0)),
    ]
    assert board[0].team_id is not None
    assert await manager.board.people(board[0].team_id) == ()
    liaisons = await saps.board.people(board[0].team_id)
    assert [(one.username, one.here) for one in liaisons] == [("tvd_saps", True)]


# ------------------------------------------------------------------------------- history


async def test_how_long_each_held_it_adds_up(desk_of: OpenDesk) -> None:
    """Each until the next, the last one until it was resolved; while it holds there is no end."""
    desk = await desk_of("tvd_manager")
    number = await desk.work.create(
        NewTicket(Category.WATER, Severity.HIGH, description="burst pipe")
    )
    await desk.assignments.assign(number, "Roads 1", "tvd_operator2", "closer")
    first, second = (await desk.tickets.detail(number)).assignment_history

    assert first.until == second.created_at
    assert first.held == second.created_at - first.created_at
    assert (second.until, second.held) == (None, None)
    assert (second.team_name, second.assigned_to_name) == ("Roads 1", "TVD Operator 2")
    assert (second.assigned_by, second.reason, second.why) == ("tvd_manager", "closer", None)
    assert first.why == Why(RouteRule.CATEGORY, open=0, of=2, load=0)

    await desk.work.change_status(number, Status.RESOLVED)
    await desk.work.change_status(number, Status.CLOSED)
    detail = await desk.tickets.detail(number)
    second = detail.assignment_history[1]
    assert second.until == detail.ticket.resolved_at
    assert second.held is not None
    # Given to somebody afterwards: it held until then, and the new one has held nothing yet.
    await desk.assignments.assign(number, "Water 1")
    third = (await desk.tickets.detail(number)).assignment_history[2]
    assert (third.until, third.held) == (third.created_at, timedelta(0))


async def test_a_ticket_nobody_had_has_no_history_of_assignments(
    desk_of: OpenDesk, database: Database
) -> None:
    """Not even when it is resolved."""
    database.connect_owner().execute("update teams set is_active = false")
    desk = await desk_of("tvd_manager")
    number = await desk.work.create(WATER)
    await desk.work.change_status(number, Status.RESOLVED)

    assert (await desk.tickets.detail(number)).assignment_history == ()
