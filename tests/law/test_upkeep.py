"""The daily upkeep: working time known three years ahead, and histories that are looked into."""

from __future__ import annotations

import datetime as dt

import pytest
from support import world
from support.database import Database

from law import desk, late

pytestmark = pytest.mark.law

UPKEEP = "select * from muni.run_upkeep()"
YEAR = dt.timedelta(days=365)


def upkeep(database: Database, login: str = world.WORKER) -> list[tuple[object, ...]]:
    """What a console or worker gets that keeps every municipality up, whoever has done so before."""
    connection = database.connect(login)
    return [
        row
        for _ in world.MUNICIPALITIES
        for row in connection.execute("select * from muni.run_upkeep('0')").fetchall()
    ]


def calendar(database: Database, name: str, code: str = "tvd", **columns: object) -> int:
    """A calendar that works on Mondays; its id."""
    given = {"name": name, "time_zone": "Africa/Johannesburg", "is_always": False, **columns}
    with database.connect_owner() as owner:
        made = desk.value(
            owner,
            f"insert into calendars (municipality_id, {', '.join(given)})"
            f" select id, {', '.join(['%s'] * len(given))} from municipalities where code = %s"
            " returning id",
            *given.values(),
            code,
        )
        owner.execute("insert into calendar_windows values (%s, 1, '08:00', '16:30')", (made,))
    return made


def reaches(database: Database, calendar_id: int) -> dt.timedelta | None:
    """How far ahead the working time of a calendar is known."""
    with database.connect_owner() as owner:
        return desk.value(
            owner, "select spans_until - now() from calendars where id = %s", calendar_id
        )


def use(database: Database, calendar_id: int) -> None:
    """Let the clocks of water run by a calendar."""
    with database.connect_owner() as owner:
        owner.execute(
            "update sla_policies set calendar_id = %s where category = 'water'", (calendar_id,)
        )


def test_calendars_in_force_and_in_use_are_known_three_years_ahead(database: Database) -> None:
    """Also one that was replaced while open tickets still live by it; not one of resolved ones."""
    in_force = calendar(database, "Office")
    always = calendar(database, "Always", is_always=True)
    in_use = calendar(database, "Old", replaced_at="2026-01-01")
    unused = calendar(database, "Older", replaced_at="2026-01-01")
    use(database, unused)
    late.ticket(database, 2, ("resolved", 1))
    use(database, in_use)
    late.ticket(database, 1)
    calendar(database, "Elsewhere", "ksb")

    assert upkeep(database) == [("tvd", 2, 2, 0), ("ksb", 1, 0, 0)]
    for made in (in_force, in_use):
        reach = reaches(database, made)
        assert reach is not None
        assert 3 * YEAR - dt.timedelta(days=1) < reach < 3 * YEAR + dt.timedelta(days=3)
    assert reaches(database, always) is None
    as_needed = reaches(database, unused)
    assert as_needed is not None
    assert as_needed < YEAR
    assert upkeep(database)[0][1] == 0


def test_nothing_is_made_up_beyond_the_holidays_that_are_known(database: Database) -> None:
    """The calendar is known as far as its holidays; the job's result counts it."""
    made = calendar(
        database,
        "Office",
        country="ZA",
        holidays_from="2020-01-01",
        holidays_until=dt.date.today() + YEAR,  # noqa: DTZ011  a day, give or take one
    )
    upkeep(database)
    reach = reaches(database, made)

    assert reach is not None
    assert YEAR - dt.timedelta(days=2) < reach < YEAR + dt.timedelta(days=2)
    with database.connect_owner() as owner:
        result = (
            "select result ->> 'too_short' from jobs where name = 'upkeep' order by municipality_id"
        )
        assert desk.value(owner, result) == "1"


DAMAGES = {
    "an event edited": "update ticket_events set actor = 'tvd_admin' where seq = 1",
    "an event moved": "update ticket_events set at = 'infinity' where seq = 1",
    "an event of another municipality": "update ticket_events set municipality_id = 2 where seq = 1",
    "an event removed": "delete from ticket_events where kind = 'assigned'",
    "all events removed": "delete from ticket_notes; delete from confidential_notes; delete from ticket_events",
    "another status": "update tickets set status = 'in_progress'",
    "another team": "update tickets set assigned_team_id = null",
    "somebody else's": "update tickets set assigned_to = 'tvd_operator2' where not is_sensitive;"
    " update tickets set assigned_to = 'tvd_saps' where is_sensitive",
    "another head": "update tickets set chain = sha256('x')",
    "a note edited": "update ticket_notes set note = 'x'; update confidential_notes set note = 'x'",
    "a note removed": "delete from ticket_notes; delete from confidential_notes",
}


@pytest.mark.parametrize("sensitive", [False, True], ids=["municipal", "walled"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_history_that_was_edited_is_told_to_the_admins(
    database: Database, damage: str, sensitive: bool
) -> None:
    """An alert that names no report; of one behind the wall the numbers say nothing at all."""
    desk.log(database.connect("ksb_operator"))
    login, category = ("tvd_saps", "gbv") if sensitive else ("tvd_operator", "water")
    number = desk.log(database.connect(login), category)
    database.connect(login).execute(desk.NOTE, (desk.id_of(database, number), "a call"))
    sampled = 0 if sensitive else 1
    assert upkeep(database) == [("tvd", 0, sampled, 0), ("ksb", 0, 1, 0)]
    with database.connect_owner() as owner:
        owner.execute("update operators set role = 'admin' where username = 'tvd_disabled'")
        for table in ("alerts", "notifications"):
            assert desk.value(owner, f"select count(*) from {table}") == 0
        for step in damage.split(";"):
            where = " and " if " where " in step else " where "
            column = "ticket_id" if "tickets" not in step.split("set")[0] else "id"
            owner.execute(f"{step}{where}{column} = %s", (desk.id_of(database, number),))
    found = upkeep(database)

    assert found == [("tvd", 0, sampled, sampled), ("ksb", 0, 1, 0)]
    alerts = "select kind, level, ticket_id, clock from muni.alerts"
    assert database.connect("tvd_admin").execute(alerts).fetchall() == [("history", 2, None, None)]
    with database.connect_owner() as owner:
        assert owner.execute("select recipient from alerts").fetchall() == [("tvd_admin",)]

    upkeep(database)
    admin = database.connect("tvd_admin")
    assert desk.value(admin, "select count(*) from muni.alerts") == 1
    admin.execute("select muni.read_alerts()")
    upkeep(database)
    assert desk.value(admin, "select count(*) from muni.alerts") == 2


def test_damage_is_told_beside_other_alerts(database: Database) -> None:
    """An alert of a late ticket that is not read yet, or a colleague's, keeps no history from being told."""
    ticket = late.ticket(database, 1)
    with database.connect_owner() as owner:
        owner.execute(
            "insert into alerts (municipality_id, recipient, ticket_id, kind, clock, level, at)"
            " values (1, 'tvd_admin', %s, 'breach', 'response', 1, now())",
            (ticket,),
        )
        owner.execute(DAMAGES["another head"])
        owner.execute("update operators set role = 'admin' where username = 'tvd_disabled'")
        owner.execute(
            "insert into alerts (municipality_id, recipient, kind, level, at)"
            " values (1, 'tvd_disabled', 'history', 2, now())"
        )
    upkeep(database)

    kinds = database.connect("tvd_admin").execute("select kind from muni.alerts order by 1")
    assert kinds.fetchall() == [("breach",), ("history",)]


def test_words_that_were_anonymised_are_no_damage(database: Database) -> None:
    """Where the history says that they were taken away, they may be gone."""
    number = desk.log(database.connect("tvd_operator"))
    ticket = desk.id_of(database, number)
    database.connect("tvd_operator").execute(desk.NOTE, (ticket, "she called"))
    with database.connect_owner() as owner:
        owner.execute("delete from ticket_notes")
        owner.execute("select _append(t, 'redacted') from tickets as t")

    assert upkeep(database)[0] == ("tvd", 0, 1, 0)


def test_whole_histories_of_every_kind_pass(database: Database) -> None:
    """What everybody has done, the sweep's own work and a hand-over behind the wall among it."""
    desk.tell_stories(database)
    late.raw(database, 5)
    handed = late.ticket(database, 30, ("in_progress", 29), ("on_hold", 28))
    late.sweep(database)
    database.connect("tvd_operator").execute(
        "select muni.mark_sensitive(%s, 'she told more')", (handed,)
    )

    assert [row[3] for row in upkeep(database)] == [0, 0]
    with database.connect_owner() as owner:
        assert desk.value(owner, "select count(*) from alerts where kind = 'history'") == 0


def test_it_is_done_once_a_day(database: Database) -> None:
    """Whoever comes later finds it done; who did it, and their numbers, are as with the sweep."""
    first, second = database.connect("tvd_saps"), database.connect("tvd_operator")

    assert first.execute(UPKEEP).fetchall() == [(None, None, None, None)]
    assert second.execute(UPKEEP).fetchall() == [(None, None, None, None)]
    assert second.execute(UPKEEP).fetchall() == []
    with database.connect_owner() as owner:
        owner.execute("update jobs set done_at = done_at - interval '21 h'")
    assert second.execute(UPKEEP).fetchall() == [("tvd", 0, 0, 0)]
    beat = second.execute("select name, done_by from muni.jobs").fetchall()
    assert beat == [("upkeep", "tvd_operator")]
