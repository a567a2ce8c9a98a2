"""What a report of a period counts: whose tickets, what is in time, what is late, and how long it took."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from support.database import Database, Server

from law import desk, late
from law.reporting import ALWAYS, REPORT, TIMES, counted, counts, rows, total
from law.test_clock import imported, moved
from law.working import at

pytestmark = pytest.mark.law

H = dt.timedelta(hours=1)


# ------------------------------------------------------------------------- whose tickets


def test_a_report_is_about_the_municipal_tickets_of_the_own_municipality(
    database: Database,
) -> None:
    """Neither a GBV report nor a neighbour's ticket is counted anywhere, whoever asks."""
    operator = database.connect("tvd_operator")
    desk.log(operator, "water")
    report = desk.log(operator, "gbv")
    database.connect("tvd_saps").execute(
        "select muni.change_status(id, 'resolved') from muni.tickets where tracking_number = %s",
        (report,),
    )
    for _ in range(2):
        desk.log(database.connect("ksb_operator"), "roads")

    for login in ("tvd_manager", "tvd_admin"):
        assert counts(total(database, login=login)) == {"received": 1}
        for by in ("category", "team", "month"):
            *groups, _ = rows(database, by=by, login=login)
            assert [counts(row) for row in groups] == [{"received": 1}]
    assert counts(total(database, login="ksb_manager")) == {"received": 2}


def test_a_municipality_without_tickets_has_a_report_all_the_same(database: Database) -> None:
    """Nothing came in: no group, and nothing to time."""
    for by in (None, "category", "team", "month"):
        [row] = rows(database, by=by)
        assert (row["is_total"], counts(row)) == (True, {})
        assert {row[name] for name in TIMES} == {None}


def test_a_period_has_its_beginning_and_not_its_end(database: Database) -> None:
    """A ticket belongs to the period in which it was logged, to the microsecond."""
    begin, end = at("2026-09-01 00:00"), at("2026-10-01 00:00")
    moment = dt.timedelta(microseconds=1)
    imported(database, begin - moment, begin, end - moment, end)

    assert total(database, since=begin, until=end)["received"] == 2
    assert total(database, since=begin, until=begin + moment)["received"] == 1
    assert total(database, since=end, until=end + moment)["received"] == 1


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (ALWAYS[1], ALWAYS[0]),
        (ALWAYS[0], ALWAYS[0]),
        (None, ALWAYS[1]),
        (ALWAYS[0], None),
    ],
)
def test_a_period_ends_after_it_begins(
    database: Database, since: dt.datetime | None, until: dt.datetime | None
) -> None:
    """Anything else is refused in a sentence."""
    desk.assert_invalid(
        database.connect("tvd_manager"), REPORT, (since, until, None), "ends after it begins"
    )


def test_a_report_is_by_what_it_can_be_by(database: Database) -> None:
    """Another word is refused, and nothing is made up for it."""
    manager = database.connect("tvd_manager")
    for by in ("severity", "", "Month"):
        desk.assert_invalid(manager, REPORT, (*ALWAYS, by), "by category, team or month")


# ------------------------------------------------------------------------- groups


def test_groups_are_what_the_tickets_are_now_and_months_the_municipalitys(
    database: Database,
) -> None:
    """By category, by team with those without one last, by local month; the total is the last row."""
    evening = dt.datetime(2026, 8, 31, 22, 30, tzinfo=dt.UTC)  # half past midnight in Testville
    water, *_ = imported(database, evening, evening - H)
    imported(database, at("2026-10-07 08:00"), category="roads")
    owner = database.connect_owner()
    moved(owner, water, ("in_progress", evening + H))
    owner.execute(
        "select _append(t, 'assigned', team_id => %s) from tickets as t where t.tracking_number = %s",
        (desk.team(database, "Waste 1"), water),
    )

    def grouped(by: str) -> list[tuple[str | None, bool, int, int]]:
        return [
            (row["label"], row["is_total"], row["received"], row["answered"])
            for row in rows(database, by=by)
        ]

    assert grouped("category") == [
        ("roads", False, 1, 0),
        ("water", False, 2, 1),
        (None, True, 3, 1),
    ]
    assert grouped("team") == [("Waste 1", False, 1, 1), (None, False, 2, 0), (None, True, 3, 1)]
    assert grouped("month") == [
        ("2026-08", False, 1, 0),
        ("2026-09", False, 1, 1),
        ("2026-10", False, 1, 0),
        (None, True, 3, 1),
    ]


# ------------------------------------------------------------------------- in time and late


def ago(hours: float) -> dt.datetime:
    """So many hours before this moment; negative: after it."""
    return dt.datetime.now(dt.UTC) - hours * H


def test_what_is_answered_and_resolved_by_its_deadline_is_in_time(database: Database) -> None:
    """At the deadline is in time, a microsecond later is not; water has 2 hours and 24."""
    for answer, solve in ((2 * H, 24 * H), (2 * H + dt.timedelta(microseconds=1), 24 * H)):
        logged = ago(30)
        [number] = imported(database, logged)
        moved(
            database.connect_owner(),
            number,
            ("in_progress", logged + answer),
            ("resolved", logged + solve),
        )

    assert counts(total(database)) == counted(
        received=2,
        answered=2,
        answered_in_time=1,
        response_breached=1,
        resolved=2,
        resolved_in_time=2,
        breached=1,
    )


def test_a_resolution_that_is_late_is_a_breach_of_its_own(database: Database) -> None:
    """Answered in time and resolved too late: counted as answered in time, and as breached once."""
    late.ticket(database, 40, ("in_progress", 39), ("resolved", 10))

    assert counts(total(database)) == counted(
        received=1, answered=1, answered_in_time=1, resolved=1, resolution_breached=1, breached=1
    )


def test_who_missed_both_clocks_is_breached_once(database: Database) -> None:
    """Each clock is counted, the ticket once."""
    late.ticket(database, 40, ("resolved", 10))

    assert counts(total(database)) == counted(
        received=1, answered=1, response_breached=1, resolved=1, resolution_breached=1, breached=1
    )


@pytest.mark.parametrize("swept", [False, True])
def test_what_is_overdue_now_is_late_before_and_after_the_sweep(
    database: Database, swept: bool
) -> None:
    """An unanswered ticket past its deadline is breached at once, and one with time left is not."""
    late.ticket(database, 3)
    late.ticket(database, 1)
    late.ticket(database, 30, ("in_progress", 29))
    late.ticket(database, 20, ("in_progress", 19))
    if swept:
        late.sweep(database)

    assert counts(total(database)) == counted(
        received=4,
        answered=2,
        answered_in_time=2,
        response_breached=1,
        resolution_breached=1,
        breached=2,
    )


def test_on_hold_a_resolution_is_late_only_if_it_was_before(database: Database) -> None:
    """Put on hold in time and past the deadline since: not late. Put on hold too late: late."""
    late.ticket(database, 40, ("in_progress", 39), ("on_hold", 20))
    late.ticket(database, 40, ("in_progress", 39), ("on_hold", 10))

    assert counts(total(database)) == counted(
        received=2, answered=2, answered_in_time=2, resolution_breached=1, breached=1
    )


def test_a_deadline_that_is_moved_afterwards_changes_no_figure(database: Database) -> None:
    """It is judged by what was in force when it happened: late stays late, in time stays in time."""
    punctual = late.ticket(database, 30, ("in_progress", 29), ("resolved", 20))
    tardy = late.ticket(database, 40, ("resolved", 10))
    before = counts(total(database))
    manager = database.connect("tvd_manager")
    for clock in ("response", "resolution"):
        for ticket, deadline in ((punctual, ago(29.9)), (tardy, ago(-100))):
            manager.execute(
                "select muni.override_deadline(%s, %s, %s, 'moved afterwards')",
                (ticket, clock, deadline),
            )

    assert before == counts(total(database))
    assert before == counted(
        received=2,
        answered=2,
        answered_in_time=1,
        response_breached=1,
        resolved=2,
        resolved_in_time=1,
        resolution_breached=1,
        breached=1,
    )


def test_a_deadline_that_is_moved_in_time_counts(database: Database) -> None:
    """What was promised anew before it was late is what it is judged by."""
    ticket = late.ticket(database, 1)
    database.connect("tvd_manager").execute(
        "select muni.override_deadline(%s, 'response', %s, 'sooner')", (ticket, ago(0.5))
    )

    assert counts(total(database)) == {"received": 1, "response_breached": 1, "breached": 1}


def test_a_reopened_ticket_is_one_whatever_became_of_it(database: Database) -> None:
    """Reopened from resolved or closed, once or twice, it counts once; put on with or closed it does not."""
    late.ticket(database, 20, ("resolved", 19), ("in_progress", 18), ("resolved", 17))
    late.ticket(
        database, 20, ("resolved", 19), ("closed", 18), ("in_progress", 17), ("resolved", 16),
        ("in_progress", 15),
    )  # fmt: skip
    late.ticket(database, 20, ("resolved", 19), ("closed", 18))
    late.ticket(database, 20, ("in_progress", 19), ("on_hold", 18), ("in_progress", 17))

    assert counts(total(database)) == counted(
        received=4, answered=4, answered_in_time=4, resolved=2, resolved_in_time=2, reopened=2
    )


def test_tickets_without_clocks_are_received_and_no_more(database: Database) -> None:
    """Imported without clocks: neither in time nor late, and never timed."""
    [number] = imported(database, ago(200), with_sla=False)
    moved(
        database.connect_owner(),
        number,
        ("in_progress", ago(150)),
        ("resolved", ago(100)),
        ("in_progress", ago(90)),
        ("resolved", ago(10)),
    )
    imported(database, ago(300), with_sla=False)
    row = total(database)

    assert counts(row) == {"received": 2, "without_clocks": 2}
    assert {row[name] for name in TIMES} == {None}


def test_a_ticket_that_became_a_gbv_report_is_in_no_report(database: Database) -> None:
    """It is counted no more, in no group."""
    ticket = late.ticket(database, 20, ("resolved", 19), ("in_progress", 18))
    late.ticket(database, 1)
    database.connect("tvd_operator").execute(
        "select muni.mark_sensitive(%s, 'she told more')", (ticket,)
    )

    for by in ("category", "team", "month"):
        for row in rows(database, by=by):
            assert counts(row) == {"received": 1}


# ------------------------------------------------------------------------- who may


def test_reports_are_for_managers_and_administrators(database: Database) -> None:
    """An operator, a liaison, another program and a stranger get no figure."""
    for login in ("tvd_operator", "tvd_saps", "tvd_disabled", "test_worker", "test_intake"):
        error = desk.refusal(database.connect(login), REPORT, (*ALWAYS, None))
        assert error.sqlstate == "42501"


@pytest.fixture(scope="module")
def plain(server: Server) -> Iterator[Database]:
    """A database for looking only."""
    database = server.fresh()
    yield database
    server.drop(database)


def test_the_reopened_are_found_by_their_index(plain: Database) -> None:
    """A report over a month does not read every event there ever was."""
    owner = plain.connect_owner()
    owner.execute("set enable_seqscan = off")
    said = owner.execute(
        "explain (format json) select distinct e.ticket_id from ticket_events as e"
        " where e.municipality_id = 1 and e.is_sensitive = false"
        " and e.from_status in ('resolved', 'closed') and e.to_status = 'in_progress'"
    ).fetchone()
    assert said is not None

    assert "ticket_events_municipal_municipality_id_is_sensitive_ticket" in json.dumps(said[0])
