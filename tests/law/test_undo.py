"""An assignment is taken back: by whom, how long, and where the ticket goes."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from support.database import Database

from law import desk

UNDO = "select muni.undo_assignment(%s, %s)"

pytestmark = pytest.mark.law


def give(
    database: Database,
    ticket: uuid.UUID,
    team: str,
    person: str | None = None,
    by: str = "tvd_manager",
) -> int:
    """Assign a ticket; the event's id."""
    given = (ticket, desk.team(database, team), person, None)
    return desk.value(database.connect(by), desk.ASSIGN, *given)


def keepers(database: Database, ticket: uuid.UUID) -> tuple[str | None, str | None]:
    """Team and person that a ticket is with."""
    with database.connect_owner() as owner:
        row = owner.execute(
            "select x.name, t.assigned_to::text from tickets as t"
            " left join teams as x on x.id = t.assigned_team_id where t.id = %s",
            (ticket,),
        ).fetchone()
    assert row is not None
    return row


def last(database: Database, ticket: uuid.UUID) -> tuple[Any, ...]:
    """Kind, actor, data and id of the last event."""
    with database.connect_owner() as owner:
        row = owner.execute(
            "select kind, actor::text, data, id from ticket_events where ticket_id = %s"
            " order by seq desc limit 1",
            (ticket,),
        ).fetchone()
    assert row is not None
    return row


def test_an_assignment_is_taken_back(database: Database) -> None:
    """Team and person are those of before, by an event that says which one it takes back."""
    ticket = desk.new_ticket(database, "operator")
    give(database, ticket, "Water 2", None)
    give(database, ticket, "Water 1", "tvd_operator")
    database.connect("tvd_operator").execute(desk.NOTE, (ticket, "not ours"))
    event = give(database, ticket, "Roads 1", "tvd_operator2")
    manager = database.connect("tvd_manager")
    # What happened to it otherwise does not matter.
    database.connect("tvd_operator2").execute(desk.NOTE, (ticket, "on my way"))
    desk.value(manager, UNDO, ticket, event)

    assert keepers(database, ticket) == ("Water 1", "tvd_operator")
    assert last(database, ticket)[:3] == ("assigned", "tvd_manager", {"undoes": 6})


def test_what_was_with_nobody_is_with_nobody_again(database: Database) -> None:
    """Whether it had been taken away or nobody ever had it."""
    manager = database.connect("tvd_manager")
    ticket = desk.new_ticket(database, "operator")
    manager.execute("select muni.unassign_ticket(%s)", (ticket,))
    manager.execute(UNDO, (ticket, give(database, ticket, "Water 1")))
    assert keepers(database, ticket) == (None, None)
    assert last(database, ticket)[:3] == ("unassigned", "tvd_manager", {"undoes": 4})

    database.connect_owner().execute("update teams set is_active = false where category = 'other'")
    database.connect_owner().execute("update teams set is_active = false where category = 'waste'")
    ticket = desk.id_of(database, desk.log(manager, "waste"))
    manager.execute(UNDO, (ticket, give(database, ticket, "Water 1")))
    assert keepers(database, ticket) == (None, None)


def test_taking_away_and_taking_it_back_are_taken_back_too(database: Database) -> None:
    """Both are assignments; what was taken back is there again."""
    manager = database.connect("tvd_manager")
    ticket = desk.new_ticket(database, "operator")
    give(database, ticket, "Water 1", "tvd_operator")
    event = desk.value(manager, "select muni.unassign_ticket(%s)", ticket)
    event = desk.value(manager, UNDO, ticket, event)
    assert keepers(database, ticket) == ("Water 1", "tvd_operator")
    manager.execute(UNDO, (ticket, event))
    assert keepers(database, ticket) == (None, None)


def test_only_the_last_one_is_taken_back(database: Database) -> None:
    """Whoever assigned it since has decided; nothing is overwritten."""
    ticket = desk.new_ticket(database, "operator")
    first = give(database, ticket, "Water 1")
    give(database, ticket, "Water 2", by="tvd_admin")
    manager = database.connect("tvd_manager")
    for event in (first, None, 0):
        error = desk.refusal(manager, UNDO, (ticket, event))
        assert (error.sqlstate, error.diag.message_primary) == (
            "MU001",
            "the ticket was assigned anew since",
        )
    assert keepers(database, ticket) == ("Water 2", None)


def test_only_ones_own(database: Database) -> None:
    """A colleague assigns anew, and answers for it."""
    ticket = desk.new_ticket(database, "operator")
    event = give(database, ticket, "Water 2")
    desk.assert_invalid(
        database.connect("tvd_admin"),
        UNDO,
        (ticket, event),
        "an assignment is taken back by who made it",
    )


@pytest.mark.parametrize(("minutes", "done"), [(4, True), (6, False)])
def test_within_five_minutes(database: Database, minutes: int, done: bool) -> None:
    """Later somebody may have set out already."""
    ticket = desk.new_ticket(database, "operator")
    event = give(database, ticket, "Water 2")
    database.connect_owner().execute(
        "update ticket_events set at = at - make_interval(mins => %s) where id = %s",
        (minutes, event),
    )
    manager = database.connect("tvd_manager")
    if done:
        manager.execute(UNDO, (ticket, event))
    else:
        sentence = "an assignment is taken back within five minutes; assign the ticket anew"
        desk.assert_invalid(manager, UNDO, (ticket, event), sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "update teams set is_active = false where name = 'Water 1'",
            "there is no such active team",
        ),
        (
            "update operators set is_active = false where username = 'tvd_operator'",
            "no active colleague tvd_operator can be given this ticket",
        ),
        (
            "update operators set team_id = null where username = 'tvd_operator'",
            "TVD Operator 1 is not in team Water 1",
        ),
    ],
)
def test_who_can_no_longer_have_it_does_not_get_it_back(
    database: Database, change: str, sentence: str
) -> None:
    """A team that was closed, a person who left or moved meanwhile; the ticket stays where it is."""
    ticket = desk.new_ticket(database, "operator")
    give(database, ticket, "Water 1", "tvd_operator")
    event = give(database, ticket, "Water 2")
    database.connect_owner().execute(change)

    desk.assert_invalid(database.connect("tvd_manager"), UNDO, (ticket, event), sentence)
    assert keepers(database, ticket) == ("Water 2", None)


def test_it_is_sent_again_as_once(database: Database) -> None:
    """A lost answer takes nothing back that was given since."""
    manager, attempt = database.connect("tvd_manager"), uuid.uuid4()
    ticket = desk.new_ticket(database, "operator")
    event = give(database, ticket, "Water 2")
    sent = "select muni.undo_assignment(%s, %s, %s)"
    done = desk.value(manager, sent, ticket, event, attempt)
    give(database, ticket, "Roads 1")

    assert desk.value(manager, sent, ticket, event, attempt) == done
    assert keepers(database, ticket) == ("Roads 1", None)


def test_a_gbv_report_goes_back_to_its_station(database: Database) -> None:
    """A liaison's own assignment, on their side of the wall."""
    ticket = desk.new_ticket(database, "saps_liaison")
    give(database, ticket, "SAPS North", by="tvd_saps")
    event = give(database, ticket, "SAPS South", "tvd_saps2", by="tvd_saps")
    database.connect("tvd_saps").execute(UNDO, (ticket, event))

    assert keepers(database, ticket) == ("SAPS North", None)


def test_what_became_a_gbv_report_goes_back_to_no_municipal_team(database: Database) -> None:
    """What it was before it was marked is not what it is given back to."""
    owner = database.connect_owner()
    owner.execute("update teams set is_active = false where is_saps")
    ticket = desk.new_ticket(database, "operator")
    give(database, ticket, "Water 1", "tvd_operator")
    database.connect("tvd_operator").execute("select muni.mark_sensitive(%s, 'more')", (ticket,))
    owner.execute("update teams set is_active = true where is_saps")
    saps = database.connect("tvd_saps")
    marked = last(database, ticket)[3]
    assert desk.refusal(saps, UNDO, (ticket, marked)).sqlstate == "22023"
    event = give(database, ticket, "SAPS North", "tvd_saps", by="tvd_saps")
    saps.execute(UNDO, (ticket, event))

    assert keepers(database, ticket) == (None, None)
    assert last(database, ticket)[:3] == ("unassigned", "tvd_saps", {"undoes": 5})


def test_events_of_two_sides_with_one_number_are_two(database: Database) -> None:
    """The ids are counted on each side by itself: what one names is the ticket's own."""
    owner = database.connect_owner()
    ticket = desk.new_ticket(database, "operator")
    secret = desk.new_ticket(database, "saps_liaison")
    owner.execute("alter sequence ticket_events_municipal_id restart with 5000")
    owner.execute("alter sequence ticket_events_sensitive_id restart with 5000")
    event = give(database, ticket, "Water 2")
    same = give(database, secret, "SAPS South", by="tvd_saps")
    assert event == same == 5000

    error: psycopg.Error = desk.refusal(database.connect("tvd_manager"), UNDO, (secret, event))
    assert error.sqlstate == "42501"
    database.connect("tvd_manager").execute(UNDO, (ticket, event))
    assert last(database, secret)[3] == same
