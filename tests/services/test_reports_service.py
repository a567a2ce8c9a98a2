"""Reports at a desk: for managers and administrators what happened, for SAPS how many GBV reports there were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.records import NewTicket
from municonsole.domain.reports import GbvReport, ReportBy, SlaReport
from municonsole.domain.values import Category, Status

YEAR = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def dated(database: Database, *counts: tuple[str, str, int]) -> None:
    """Let so many of the GBV reports have come in at this local time, and be with this team."""
    with database.connect_owner() as owner:
        for at, team, count in counts:
            owner.execute(
                "update tickets set created_at = %s::timestamp at time zone 'Africa/Johannesburg',"
                " updated_at = now(), assigned_team_id = (select x.id from teams as x"
                " where x.name = %s and x.municipality_id = 1) where id in (select t.id from tickets as t"
                " where t.is_sensitive and t.created_at > now() - interval '1 h' limit %s) and is_sensitive",
                (at, team, count),
            )


async def test_a_manager_is_told_what_happened_to_municipal_tickets(desk_of: OpenDesk) -> None:
    """Received, answered, resolved, and how long it took; of GBV reports not a word."""
    operator = await desk_of("tvd_operator")
    for category in (Category.WATER, Category.ROADS, Category.GBV):
        number = await operator.work.create(NewTicket(category, description="a leak"))
        if category is Category.WATER:
            await operator.work.change_status(number, Status.RESOLVED)

    for login in ("tvd_manager", "tvd_admin"):
        desk = await desk_of(login)
        plain = await desk.reports.sla(*YEAR)
        grouped = await desk.reports.sla(*YEAR, ReportBy.CATEGORY)

        assert isinstance(plain, SlaReport)
        assert isinstance(grouped, SlaReport)
        assert plain.rows == ()
        assert plain.total == grouped.total
        assert (plain.total.received, plain.total.resolved_in_time) == (2, 1)
        assert plain.total.response_median == timedelta(0)
        assert [(row.label, row.received, row.resolved) for row in grouped.rows] == [
            ("roads", 1, 0),
            ("water", 1, 1),
        ]
        assert grouped.rows[0].resolution_p90 is None
        assert abs(plain.judged_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("by", [None, *ReportBy])
async def test_a_liaison_is_told_how_many_reports_there_were_and_nothing_else(
    desk_of: OpenDesk, database: Database, by: ReportBy | None
) -> None:
    """By month, team or category: every group there could be, small numbers held back."""
    operator = await desk_of("tvd_operator")
    await operator.work.create(NewTicket(Category.WATER, description="a leak"))
    for _ in range(18):
        await operator.work.create(NewTicket(Category.GBV, description="words"))
    dated(
        database,
        ("2024-06-30 23:59:59", "SAPS North", 9),
        ("2024-07-01 00:00", "SAPS South", 2),
        ("2024-08-15 12:00", "SAPS South", 5),
    )
    with database.connect_owner() as owner:  # what is left came in just before the period
        owner.execute(
            "update tickets set created_at = '2024-05-31 21:59:59Z'"
            " where is_sensitive and created_at > now() - interval '1 h'"
        )
    liaison = await desk_of("tvd_saps")
    found = await liaison.reports.sla(
        datetime(2024, 5, 31, 22, tzinfo=UTC), datetime(2024, 9, 30, 22, tzinfo=UTC), by
    )

    assert isinstance(found, GbvReport)
    assert found.total.received == 16
    assert [(row.label, row.received) for row in found.rows] == {
        None: [],
        ReportBy.CATEGORY: [("gbv", 16)],
        ReportBy.TEAM: [("SAPS North", 9), ("SAPS South", None), (None, None)],
        ReportBy.MONTH: [("2024-06", 9), ("2024-07", None), ("2024-08", None), ("2024-09", None)],
    }[by]


async def test_a_station_or_month_without_reports_looks_like_one_with_few(
    desk_of: OpenDesk,
) -> None:
    """None and few are not told apart; a month that has not begun is not asked about."""
    liaison = await desk_of("tvd_saps")
    now = datetime.now(UTC)
    for by, labels in (
        (ReportBy.CATEGORY, {"gbv"}),
        (ReportBy.TEAM, {"SAPS North", "SAPS South", None}),
        (ReportBy.MONTH, {f"{now:%Y-%m}"}),
    ):
        found = await liaison.reports.sla(now, now + timedelta(days=400), by)

        assert isinstance(found, GbvReport)
        assert {row.label for row in found.rows} == labels
        assert {row.received for row in (*found.rows, found.total)} == {None}


async def test_neighbours_reports_are_not_counted(desk_of: OpenDesk) -> None:
    """Another municipality's are another liaison's."""
    for _ in range(6):
        await (await desk_of("ksb_operator")).work.create(
            NewTicket(Category.GBV, description="words")
        )

    ours = await (await desk_of("tvd_saps")).reports.sla(*YEAR)
    theirs = await (await desk_of("ksb_saps")).reports.sla(*YEAR)

    assert (ours.total.received, theirs.total.received) == (None, 6)


async def test_an_operator_gets_no_report(desk_of: OpenDesk) -> None:
    """And is told who does."""
    desk = await desk_of("tvd_operator")

    with pytest.raises(Refused, match="reports are for managers and administrators"):
        await desk.reports.sla(*YEAR)


@pytest.mark.parametrize("login", ["tvd_manager", "tvd_saps"])
@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (YEAR[1], YEAR[0], "ends after it begins"),
        (YEAR[0], YEAR[0], "ends after it begins"),
        (datetime(1, 1, 1, tzinfo=UTC), YEAR[0], "the years 1900 to 2199"),
        (YEAR[0], datetime(9999, 12, 31, tzinfo=UTC), "the years 1900 to 2199"),
    ],
)
async def test_a_period_that_is_none_is_refused_in_a_sentence(
    desk_of: OpenDesk, login: str, since: datetime, until: datetime, words: str
) -> None:
    """For everybody alike."""
    desk = await desk_of(login)

    with pytest.raises(InvalidInput, match=words):
        await desk.reports.sla(since, until, ReportBy.MONTH)
