"""Every view of the console has something sensible to show on the demo."""

from __future__ import annotations

from datetime import datetime

import psycopg
import pytest
from psycopg import sql
from seed.conftest import NOW
from support.database import Database

from municonsole.domain.filters import MUNICIPAL_VIEWS, SAPS_VIEWS, View

_STATE = """muni.sla_state(
    status, %(now)s, sla_response_deadline, sla_resolution_deadline, sla_response_warning_at,
    sla_resolution_warning_at, first_responded_at, resolved_at, paused_at
)"""


def _count(connection: psycopg.Connection, view: View, now: datetime) -> int:
    """Count what a view holds at an instant, for whoever is connected."""
    wanted = view.filter
    conditions = ["true"]
    if wanted.statuses:
        conditions.append("status = any (%(statuses)s)")
    if wanted.sla:
        conditions.append(f"{_STATE} = any (%(sla)s)")
    if wanted.unassigned:
        conditions.append("assigned_to is null")
    if view.mine:
        conditions.append("assigned_to = session_user")
    if view.resolved_today:
        conditions.append("resolved_at >= date_trunc('day', %(now)s, 'Africa/Johannesburg')")
    (count,) = connection.execute(
        sql.SQL("select count(*) from muni.tickets where " + " and ".join(conditions)),
        {"now": now, "statuses": list(wanted.statuses), "sla": list(wanted.sla)},
    ).fetchone()
    return count


def _counts(seeded: Database, username: str, views: tuple[View, ...]) -> dict[str, int]:
    with psycopg.connect(seeded.dsn(username), password=seeded.password(username)) as connection:
        return {view.id: _count(connection, view, NOW) for view in views}


@pytest.mark.parametrize("username", ["tvd_op1", "tvd_op6", "tvd_manager1", "ksb_op2"])
def test_every_view_of_a_municipal_desk_shows_tickets(seeded: Database, username: str) -> None:
    """An operator and a manager find tickets in every view, and more on track than late."""
    counts = _counts(seeded, username, MUNICIPAL_VIEWS)

    assert min(counts.values()) >= 1, counts
    assert counts["mine"] < counts["open"]
    assert counts["due"] + counts["breached"] < counts["open"] / 2
    assert 40 <= counts["open"] <= 400


@pytest.mark.parametrize("username", ["tvd_saps1", "ksb_saps1"])
def test_a_liaison_finds_open_and_old_reports(seeded: Database, username: str) -> None:
    """A SAPS liaison has reports to work on and older ones to look up."""
    counts = _counts(seeded, username, SAPS_VIEWS)

    assert 1 <= counts["gbv_open"] < counts["gbv_all"] <= 130


def test_the_histories_hold_what_a_call_centre_lives_through(owner: psycopg.Connection) -> None:
    """Holds with their reason, reopenings, hand-overs with their reason, public and internal notes."""
    kinds = dict(
        owner.execute("""
            select what, count(*) from (
                select case
                    when e.to_status = 'on_hold' and n.note like 'Waiting for %' then 'hold'
                    when e.from_status in ('resolved', 'closed') and e.to_status = 'in_progress'
                        then 'reopened'
                    when e.kind = 'assigned' and e.seq > 2 and n.note is not null then 'handed over'
                    when e.kind = 'noted' and n.is_public then 'public note'
                    when e.kind = 'noted' then 'internal note'
                    when e.to_status = 'escalated' and e.via = 'console' then 'escalated'
                end as what
                from ticket_events as e left join ticket_notes as n on n.event_id = e.id
            ) as x where what is not null group by what
        """).fetchall()
    )

    assert set(kinds) == {
        "hold", "reopened", "handed over", "public note", "internal note", "escalated",
    }  # fmt: skip
    assert min(kinds.values()) > 100


def test_nights_and_weekends_are_quiet(owner: psycopg.Connection) -> None:
    """Residents call by day and on weekdays; over ninety days, until just now."""
    night, morning, sundays, mondays, oldest, newest = owner.execute("""
        select
            count(*) filter (where extract(hour from local) between 0 and 4),
            count(*) filter (where extract(hour from local) between 8 and 12),
            count(*) filter (where extract(isodow from local) = 7),
            count(*) filter (where extract(isodow from local) = 1),
            min(created_at), max(created_at)
        from tickets, lateral (select created_at at time zone 'Africa/Johannesburg' as local) as l
    """).fetchone()

    assert night * 5 < morning
    assert sundays * 3 < mondays * 2
    assert 89 <= (NOW - oldest).days <= 90
    assert 0 < (NOW - newest).total_seconds() < 3600


def test_languages_places_and_clocks_fit_together(owner: psycopg.Connection) -> None:
    """Three languages are spoken, places lie in the town, nothing has happened in the future."""
    languages = {row[0] for row in owner.execute("select distinct language from tickets")}
    (outside,) = owner.execute("""
        select count(*) from tickets as t
        where t.latitude is not null and not exists (
            select from teams as tm
            where tm.municipality_id = t.municipality_id
                and tm.service_area @> point(t.longitude, t.latitude)
        )
    """).fetchone()
    (future,) = owner.execute(
        "select count(*) from ticket_events where at >= %s", (NOW,)
    ).fetchone()

    assert languages == {"en", "zu", "af"}
    assert outside == 0
    assert future == 0
