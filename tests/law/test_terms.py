"""Under which terms a ticket's clocks are set, whoever logs it, and until when it keeps them."""

from __future__ import annotations

import pytest
from support import world
from support.database import Database

from law import desk, working
from law.working import H

pytestmark = pytest.mark.law


def test_whoever_logs_it_the_deadlines_are_the_same(database: Database) -> None:
    """Another system's raw SQL and a colleague's console date a ticket alike, as a preview would."""
    owner = database.connect_owner()
    working.keep(owner)
    working.agree(owner, "lunch", 3 * H, 40 * H)
    call = "select muni.log_ticket('roads', 'low', 'a pothole', municipality => %s)"
    database.connect(world.INTAKE).execute(call, ("tvd",))
    database.connect("tvd_operator").execute(call, (None,))
    manager = database.connect("tvd_manager")
    rows = manager.execute(
        "select t.sla_response_deadline, t.sla_resolution_deadline, t.sla_response_warning_at,"
        " t.sla_resolution_warning_at, t.created_at, t.sla_policy_id from muni.tickets as t"
    ).fetchall()

    assert len(rows) == 2
    for *dated, created, policy in rows:
        tried = manager.execute(
            "select response_deadline, resolution_deadline, response_warning_at, resolution_warning_at"
            " from muni.sla_preview('tvd', 'roads', %s)",
            (created,),
        ).fetchone()
        assert tuple(dated) == tried
        assert policy == desk.value(owner, "select _policy(1, 'roads')")


def test_a_new_policy_or_calendar_leaves_open_tickets_alone(database: Database) -> None:
    """A ticket keeps the terms under which its clocks were set, through hold and resume, until it is reclassified."""
    owner = database.connect_owner()
    working.keep(owner)
    working.agree(owner, "office", 3 * H, 40 * H)
    manager = database.connect("tvd_manager")
    ticket = desk.id_of(database, desk.log(manager, "roads"))
    deadline = "select sla_resolution_deadline from tickets where id = %s"
    before = desk.value(owner, deadline, ticket)
    working.agree(owner, "always", 1 * H, 2 * H)
    owner.execute("update calendars set replaced_at = now() where name = 'office'")
    working.agree(owner, "always", 1 * H, 3 * H, category="water")
    manager.execute(desk.CHANGE, (ticket, "on_hold"))
    manager.execute(desk.CHANGE, (ticket, "in_progress"))

    assert desk.value(owner, deadline, ticket) - before < H
    manager.execute("select muni.reclassify(%s, 'water', 'looked again')", (ticket,))
    assert desk.value(owner, deadline, ticket) < before
