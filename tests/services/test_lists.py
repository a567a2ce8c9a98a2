"""Lists of tickets: every filter and order, paged without a gap or a double."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import Due, TicketFilter, views_of
from municonsole.domain.records import NewTicket, TicketRow
from municonsole.domain.values import UNFINISHED, Category, Role, Severity, SlaState, Sort, Status
from municonsole.services.desk import Desk

RANK = {severity: rank for rank, severity in enumerate(Severity)}
NOW = datetime.now(UTC)


@pytest.fixture
def tickets(database: Database) -> Database:
    """Put sixty tickets of all kinds into tvd, with clocks in every state, and ten into ksb."""
    draw = random.Random(7)
    admin = database.connect("tvd_admin")
    for index in range(60):
        _import(admin, draw, index)
    other = database.connect("ksb_admin")
    for index in range(10):
        _import(other, draw, index)
    return database


def _import(admin, draw: random.Random, index: int) -> None:
    created = NOW - timedelta(hours=draw.randint(1, 200))
    item = {
        "source_id": str(index),
        "category": draw.choice([c.value for c in Category if not c.is_sensitive]),
        "severity": draw.choice([s.value for s in Severity]),
        "status": draw.choice([s.value for s in Status]),
        "description": f"report {index} near the {draw.choice(['school', 'clinic', 'stadium'])}",
        "created_at": created.isoformat(),
        "status_at": min(NOW, created + timedelta(hours=draw.randint(0, 60))).isoformat(),
    }
    found = admin.execute(
        "select outcome, detail from muni.import_tickets('test', %s, true)", (json.dumps([item]),)
    ).fetchone()
    assert found[0] == "imported", found
    # A third goes to the first team, half of those to its operator.
    if index % 3 == 0:
        code = admin.info.user.split("_")[0]
        admin.execute(
            """
            select muni.assign_ticket(t.id, m.id, %s)
            from muni.tickets as t, muni.teams as m
            where t.tracking_number = %s and m.name = 'Water 1'
            """,
            (f"{code}_operator" if index % 2 else None, found[1]),
        )


async def _all(
    desk: Desk, wanted: TicketFilter, sort: Sort = Sort.NEWEST, limit: int = 7
) -> list[TicketRow]:
    rows: list[TicketRow] = []
    after = None
    while True:
        page = await desk.tickets.page(wanted, sort, limit=limit, after=after)
        assert len(page.tickets) <= limit
        rows.extend(page.tickets)
        if page.next is None:
            return rows
        after = page.next


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_of_every_order_join_without_gap_or_double(
    tickets: Database, desk_of: OpenDesk, sort: Sort
) -> None:
    """However one pages, each ticket comes once and in order."""
    desk = await desk_of("tvd_operator")
    key = {
        Sort.NEWEST: lambda row: (-row.created_at.timestamp(),),
        Sort.DEADLINE: lambda row: (row.next_deadline is None, row.next_deadline or NOW),
        Sort.SEVERITY: lambda row: (-RANK[row.severity], -row.created_at.timestamp()),
        Sort.CHANGED: lambda row: (-row.updated_at.timestamp(),),
    }[sort]

    rows = await _all(desk, TicketFilter(), sort)

    assert len({row.id for row in rows}) == len(rows) == 60
    assert [key(row) for row in rows] == sorted(key(row) for row in rows)
    assert rows == await _all(desk, TicketFilter(), sort, limit=100)


def _is_due(row: TicketRow, due: Due) -> bool:
    """Whether the next deadline has passed, or is within the hour, by a clock of minutes."""
    if row.next_deadline is None:
        return False
    left = row.next_deadline - datetime.now(UTC)
    return left < timedelta(0) if due is Due.PASSED else timedelta(0) <= left < timedelta(hours=1)


def _matches(row: TicketRow, wanted: TicketFilter) -> bool:
    return (
        (not wanted.statuses or row.status in wanted.statuses)
        and (not wanted.categories or row.category in wanted.categories)
        and (not wanted.severities or row.severity in wanted.severities)
        and (not wanted.sla or row.sla_status in wanted.sla)
        and (wanted.team_id is None or row.assigned_team_id == wanted.team_id)
        and (wanted.assigned_to is None or row.assigned_to == wanted.assigned_to)
        and (not wanted.unassigned or row.assigned_to is None)
        and (not wanted.teamless or row.assigned_team_id is None)
        and (wanted.due is None or _is_due(row, wanted.due))
        and (wanted.search is None or wanted.search in (row.description or ""))
        and (wanted.since is None or row.created_at >= wanted.since)
        and (wanted.until is None or row.created_at < wanted.until)
        and (
            wanted.resolved_since is None
            or (row.resolved_at is not None and row.resolved_at >= wanted.resolved_since)
        )
    )


async def test_every_combination_of_filters_is_the_list_filtered_by_hand(
    tickets: Database, desk_of: OpenDesk
) -> None:
    """Two hundred random combinations give what going through the whole list gives."""
    desk = await desk_of("tvd_manager")
    everything = await _all(desk, TicketFilter(), limit=100)
    team = next(row.assigned_team_id for row in everything if row.assigned_team_id)
    draw = random.Random(11)

    def some(kind):
        return tuple(draw.sample(list(kind), draw.randint(1, 3))) if draw.random() < 0.4 else ()

    for _ in range(200):
        wanted = TicketFilter(
            statuses=draw.choice([(), (), UNFINISHED, some(Status)]),
            categories=some(Category),
            severities=some(Severity),
            sla=some(SlaState),
            team_id=team if draw.random() < 0.2 else None,
            assigned_to="tvd_operator" if draw.random() < 0.2 else None,
            unassigned=draw.random() < 0.2,
            teamless=draw.random() < 0.1,
            due=draw.choice([None, None, None, *Due]),
            search=draw.choice([None, None, "school", "report 1"]),
            since=NOW - timedelta(hours=120) if draw.random() < 0.3 else None,
            until=NOW - timedelta(hours=40) if draw.random() < 0.3 else None,
            resolved_since=NOW - timedelta(hours=90) if draw.random() < 0.2 else None,
        )
        sort = draw.choice(list(Sort))

        found = await _all(desk, wanted, sort)

        assert {row.id for row in found} == {
            row.id for row in everything if _matches(row, wanted)
        }, wanted
        assert await desk.tickets.count(wanted) == len(found)


@pytest.mark.parametrize("state", list(SlaState))
async def test_the_indexed_hints_of_an_sla_filter_hide_nothing(
    tickets: Database, desk_of: OpenDesk, state: SlaState
) -> None:
    """Asked for one state of unfinished tickets, the list is the same as without its shortcuts."""
    desk = await desk_of("tvd_operator")
    unfinished = await _all(desk, TicketFilter(statuses=UNFINISHED), limit=100)

    found = await _all(desk, TicketFilter(statuses=UNFINISHED, sla=(state,)))

    assert {row.id for row in found} == {row.id for row in unfinished if row.sla_status is state}


async def test_a_capped_count_says_more_than_the_cap(tickets: Database, desk_of: OpenDesk) -> None:
    """Counting stops one past the cap."""
    desk = await desk_of("tvd_operator")

    assert await desk.tickets.count(TicketFilter(), cap=10) == 11
    assert await desk.tickets.count(TicketFilter(), cap=60) == 60


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SAPS_LIAISON])
async def test_every_view_lists_as_many_as_it_counts(
    tickets: Database, desk_of: OpenDesk, role: Role
) -> None:
    """The number beside a view is the number of its rows."""
    desk = await desk_of("tvd_saps" if role is Role.SAPS_LIAISON else "tvd_operator")

    for view in views_of(role):
        wanted = desk.tickets.view(view)
        assert await desk.tickets.count(wanted) == len(await _all(desk, wanted, view.sort))


@pytest.mark.parametrize("cursor", ["", "abc", "bnVsbA", "W10", "eyJhIjoxfQ", "ä", "x" * 5000])
async def test_a_broken_cursor_is_refused_in_one_sentence(desk_of: OpenDesk, cursor: str) -> None:
    """What is no cursor of this list is said to be none."""
    desk = await desk_of("tvd_operator")

    with pytest.raises(InvalidInput, match="not a cursor of this list"):
        await desk.tickets.page(TicketFilter(), after=cursor)


async def test_a_cursor_belongs_to_its_order(tickets: Database, desk_of: OpenDesk) -> None:
    """A cursor of the newest is no place in the list by deadline."""
    desk = await desk_of("tvd_operator")
    page = await desk.tickets.page(TicketFilter(), Sort.NEWEST, limit=5)

    with pytest.raises(InvalidInput, match="same --sort"):
        await desk.tickets.page(TicketFilter(), Sort.DEADLINE, after=page.next)


@pytest.mark.parametrize("text", ["", "ab", "  a  ", "x" * 81])
async def test_search_wants_three_to_eighty_characters(desk_of: OpenDesk, text: str) -> None:
    """Too little to search by is said, not answered with everything."""
    desk = await desk_of("tvd_operator")

    with pytest.raises(InvalidInput, match="3 to 80"):
        await desk.tickets.search(text)


@pytest.mark.parametrize("text", ["100%", "a_b", "back\\slash", "quote'", "[/x]", "%s %(x)s"])
async def test_search_takes_every_character_literally(desk_of: OpenDesk, text: str) -> None:
    """A wildcard of SQL is an ordinary character to a caller."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description=f"leak {text} here"))
    await desk.work.create(NewTicket(Category.WATER, description="leak 100 a-b back quote here"))

    assert [row.tracking_number for row in await desk.tickets.search(text)] == [number]
