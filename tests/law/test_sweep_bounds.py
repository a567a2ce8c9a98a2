"""Where a sweep and its alerts end: at the municipality, at the wall, at what no deadline can be given."""

from __future__ import annotations

import pytest
from support import world
from support.database import Database

from law import desk, late
from law.test_clock import imported

pytestmark = pytest.mark.law


def test_a_sweep_dates_its_own_municipality_alone(database: Database) -> None:
    """What another writer inserted elsewhere waits for the sweep of that municipality."""
    here, there = late.raw(database, 1), late.raw(database, 1)
    owner = database.connect_owner()
    owner.execute("update tickets set municipality_id = 2 where id = %s", (there,))
    owner.execute("insert into jobs (municipality_id, name, done_at) values (2, 'sweep', now())")
    database.connect(world.WORKER).execute("select * from muni.sweep_sla()")

    assert late.row(database, here)["sla_response_deadline"] is not None
    assert late.row(database, there)["sla_response_deadline"] is None


@pytest.mark.parametrize("clock", ["response", "resolution"])
def test_one_missing_deadline_is_reason_enough(database: Database, clock: str) -> None:
    """What came with one of its deadlines gets the other."""
    ticket = late.raw(database, 0)
    database.connect_owner().execute(
        f"update tickets set sla_{clock}_deadline = created_at + interval '1 h' where id = %s",
        (ticket,),
    )
    late.sweep(database)
    row = late.row(database, ticket)

    assert row["sla_response_deadline"] - row["created_at"] == 2 * late.HOUR
    assert row["sla_resolution_deadline"] - row["created_at"] == 24 * late.HOUR


@pytest.mark.parametrize("clock", ["response", "resolution"])
def test_a_missing_deadline_that_stands_as_set_by_hand_is_left_at_once(
    database: Database, clock: str
) -> None:
    """Such a row, as no function of the law leaves it, is not dated anew every minute."""
    ticket = late.raw(database, 1)
    database.connect_owner().execute(
        f"update tickets set {clock}_overridden = true where id = %s", (ticket,)
    )
    late.sweep(database)
    events = len(late.swept(database, ticket))
    late.sweep(database)

    assert late.row(database, ticket)["without_sla"]
    assert len(late.swept(database, ticket)) == events


def test_a_promise_on_what_has_no_clocks_is_kept_or_missed_like_another(database: Database) -> None:
    """An import without clocks to which an answer was promised is found late, and given no other deadline."""
    owner = database.connect_owner()
    now = desk.value(owner, "select clock_timestamp()")
    (number,) = imported(database, now - 9 * late.HOUR, with_sla=False)
    ticket = desk.id_of(database, number)
    database.connect("tvd_manager").execute(
        "select muni.override_deadline(%s, 'response', %s, 'promised')",
        (ticket, now - late.HOUR),
    )
    late.sweep(database)

    assert late.kinds(database, ticket) == [("sla_breached", "response", "escalated")]
    assert late.row(database, ticket)["sla_resolution_deadline"] is None


@pytest.mark.parametrize(
    ("clock", "other"), [("response", "resolution"), ("resolution", "response")]
)
def test_what_was_warned_is_not_warned_again_when_the_other_clock_is_missed(
    database: Database, clock: str, other: str
) -> None:
    """A ticket that the sweep comes back to for one clock has nothing new to say of the other."""
    ticket = late.ticket(database, 3)
    manager = database.connect("tvd_manager")
    now = desk.value(manager, "select clock_timestamp()")
    promise = "select muni.override_deadline(%s, %s, %s, 'promised')"
    for one in (clock, other):
        manager.execute(promise, (ticket, one, now + late.HOUR / 2))
    late.sweep(database)
    manager.execute(promise, (ticket, clock, now - late.HOUR / 60))
    late.sweep(database)

    assert sorted(found[:2] for found in late.kinds(database, ticket) if found[1]) == [
        ("sla_breached", clock),
        ("sla_warning", "resolution"),
        ("sla_warning", "response"),
    ]


def test_what_a_person_has_escalated_is_a_second_breach(database: Database) -> None:
    """Answered, escalated by hand and then not resolved in time, it reaches the administrators."""
    ticket = late.ticket(database, 25, ("in_progress", 24), ("escalated", 20))
    late.sweep(database)
    told = late.alerts(database, ticket)

    assert ("tvd_admin", "breach", "resolution", 2) in told
    assert {alert[3] for alert in told} == {2}


def test_a_warning_is_for_the_team_whatever_was_missed_before(database: Database) -> None:
    """Of a ticket that has missed its response, the resolution's warning goes to no administrator."""
    ticket = late.ticket(database, 20)
    late.sweep(database)

    assert late.alerts(database, ticket) == [
        ("tvd_manager", "warning", "resolution", 0),
        ("tvd_manager", "breach", "response", 1),
    ]


def test_only_a_breach_that_nobody_hears_of_is_counted(database: Database) -> None:
    """A warning without anybody to tell is none."""
    late.ticket(database, 1.8, team=None)
    late.ticket(database, 3, team=None)
    owner = database.connect_owner()
    owner.execute("update operators set is_active = false where role in ('manager', 'admin')")
    late.sweep(database)
    untold = (
        "select (result ->> 'untold')::int from jobs where municipality_id = 1 and name = 'sweep'"
    )

    assert desk.value(owner, untold) == 1


def test_no_liaison_is_told_of_municipal_work(database: Database) -> None:
    """Not even one whom a hand has put into a municipal team."""
    owner = database.connect_owner()
    owner.execute("update teams set manager = null where name = 'Water 1'")
    owner.execute(
        "update operators set team_id = %s where username = 'tvd_saps'",
        (desk.team(database, "Water 1"),),
    )
    ticket = late.ticket(database, 3)
    late.sweep(database)
    told = {alert[0] for alert in late.alerts(database, ticket)}

    assert told
    assert "tvd_saps" not in told


def test_alerts_of_another_municipality_are_neither_seen_nor_marked(database: Database) -> None:
    """Whoever was moved elsewhere leaves behind what they were told where they worked."""
    late.ticket(database, 3)
    late.sweep(database)
    manager = database.connect("tvd_manager")
    count = "select count(*) from muni.alerts"
    assert desk.value(manager, count) == 1
    database.connect_owner().execute(
        "update operators set municipality_id = 2, team_id = null where username = 'tvd_manager'"
    )

    assert desk.value(manager, count) == 0
    assert desk.value(manager, "select muni.read_alerts(null)") == 0
