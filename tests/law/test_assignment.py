"""Who has a ticket: taking, assigning, and the wall between municipal teams and SAPS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from support.database import Database

from law import desk

pytestmark = pytest.mark.law


def test_an_operator_takes_from_the_own_team_only(database: Database) -> None:
    """A ticket of one's team that nobody has can be taken, once, and by nobody else's team."""
    ticket = desk.new_ticket(database, "operator")
    mine = desk.team(database, "Water 1")
    database.connect("tvd_manager").execute(desk.ASSIGN, (ticket, mine, None, None))
    for other in ("tvd_operator2", "tvd_teamless"):
        desk.assert_invalid(database.connect(other), desk.TAKE, (ticket,), "not with your team")
    database.connect("tvd_operator").execute(desk.TAKE, (ticket,))
    row = database.connect("tvd_operator").execute(
        "select t.assigned_to, t.assigned_team_id, e.kind, e.assignee from muni.tickets as t"
        " join muni.ticket_events as e on e.ticket_id = t.id and e.seq = t.last_seq where t.id = %s",
        (ticket,),
    )

    assert row.fetchone() == ("tvd_operator", mine, "assigned", "tvd_operator")
    for late in ("tvd_operator", "tvd_manager", "tvd_admin"):
        desk.assert_invalid(database.connect(late), desk.TAKE, (ticket,), "with somebody already")


def test_who_is_in_no_team_takes_nothing(database: Database) -> None:
    """A ticket that no team has is not that of somebody who is in no team."""
    database.connect_owner().execute("update teams set is_active = false")
    ticket = desk.new_ticket(database, "operator")

    desk.assert_invalid(
        database.connect("tvd_teamless"), desk.TAKE, (ticket,), "not with your team"
    )


def test_of_two_who_take_it_at_once_one_has_it(database: Database) -> None:
    """Two colleagues take the same ticket: one gets it, the other a sentence."""
    ticket = desk.new_ticket(database, "operator")
    database.connect("tvd_manager").execute(
        desk.ASSIGN, (ticket, desk.team(database, "Water 1"), None, None)
    )
    first = database.connect("tvd_operator", autocommit=False)
    first.execute(desk.TAKE, (ticket,))
    second = database.connect("tvd_manager")

    error = desk.outcome_after_waiting(first, second, desk.TAKE, (ticket,))

    assert error is not None
    assert error.sqlstate == "22023"


Arguments = Callable[[Database], tuple[Any, ...]]

WRONG_ASSIGNMENTS: dict[str, tuple[Arguments, str]] = {
    "another municipality's team": (
        lambda d: (desk.team(d, "Water 1", "ksb"), None),
        "no such active team",
    ),
    "a team that is closed": (
        lambda d: (desk.team(d, "Water closed"), None),
        "no such active team",
    ),
    "a team that never was": (lambda _: (2_000_000_000, None), "no such active team"),
    "a SAPS team": (lambda d: (desk.team(d, "SAPS North"), None), "GBV reports go to SAPS teams"),
    "a SAPS liaison": (lambda _: (None, "tvd_saps"), "no active colleague"),
    "another municipality's colleague": (lambda _: (None, "ksb_operator"), "no active colleague"),
    "a disabled colleague": (lambda _: (None, "tvd_disabled"), "no active colleague"),
    "nobody": (lambda _: (None, "nobody"), "no active colleague"),
    "a colleague of another team": (
        lambda d: (desk.team(d, "Roads 1"), "tvd_operator"),
        "is not in team",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_ASSIGNMENTS)
@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_wrong_assignment_is_refused_in_words(database: Database, role: str, wrong: str) -> None:
    """A ticket goes to an active team and person of the own municipality, and no further."""
    arguments, words = WRONG_ASSIGNMENTS[wrong]
    ticket = desk.new_ticket(database, role)
    person = database.connect(desk.login("tvd", role))

    desk.assert_invalid(person, desk.ASSIGN, (ticket, *arguments(database), None), words)


def test_a_liaison_and_nobody_sound_alike(database: Database) -> None:
    """Trying names does not tell a manager who the police liaisons are."""
    ticket = desk.new_ticket(database, "manager")
    manager = database.connect("tvd_manager")
    words = {
        str(
            desk.refusal(manager, desk.ASSIGN, (ticket, None, name, None)).diag.message_primary
        ).replace(name, "X")
        for name in ("tvd_saps", "ksb_saps", "nobody")
    }

    assert len(words) == 1


def test_an_assignment_is_one_event_with_its_reason(database: Database) -> None:
    """Team, person and reason are on the timeline, and the ticket says the same."""
    ticket = desk.new_ticket(database, "manager")
    manager = database.connect("tvd_manager")
    roads = desk.team(database, "Roads 1")
    manager.execute(desk.ASSIGN, (ticket, None, "tvd_operator2", "knows the street"))
    row = manager.execute(
        "select t.assigned_to, t.assigned_team_id, e.kind, e.team_id, e.assignee, n.note, n.is_public"
        " from muni.tickets as t join muni.ticket_events as e on e.ticket_id = t.id and e.seq = t.last_seq"
        " join muni.ticket_notes as n on n.event_id = e.id where t.id = %s",
        (ticket,),
    )

    assert row.fetchone() == (
        *("tvd_operator2", roads, "assigned"),
        *(roads, "tvd_operator2", "knows the street", False),
    )


def test_a_manager_in_any_team_can_be_given_a_ticket(database: Database) -> None:
    """Managers and administrators stand above teams: a ticket of any team can be theirs."""
    ticket = desk.new_ticket(database, "manager")
    roads = desk.team(database, "Roads 1")
    database.connect("tvd_manager").execute(desk.ASSIGN, (ticket, roads, "tvd_admin", None))

    assert (
        desk.value(
            database.connect("tvd_manager"),
            "select assigned_to from muni.tickets where id = %s",
            ticket,
        )
        == "tvd_admin"
    )


# ------------------------------------------------------------------------------ the SAPS wall


def test_a_gbv_report_stays_with_saps(database: Database) -> None:
    """A liaison cannot hand a GBV report to a municipal team or person, by any argument."""
    ticket = desk.new_ticket(database, "saps_liaison")
    saps = database.connect("tvd_saps")
    for arguments, words in (
        ((desk.team(database, "Water 1"), None), "GBV reports go to SAPS teams"),
        ((None, "tvd_operator"), "no active colleague"),
        ((None, "tvd_admin"), "no active colleague"),
        ((desk.team(database, "SAPS North"), "tvd_manager"), "no active colleague"),
        ((desk.team(database, "SAPS North", "ksb"), None), "no such active team"),
        ((None, "ksb_saps"), "no active colleague"),
        ((desk.team(database, "SAPS North"), "tvd_saps2"), "is not in team"),
    ):
        desk.assert_invalid(saps, desk.ASSIGN, (ticket, *arguments, None), words)
    saps.execute(desk.ASSIGN, (ticket, None, "tvd_saps2", None))

    row = desk.ticket(database, desk.value(saps, "select tracking_number from muni.tickets"))
    assert (row["assigned_to"], row["assigned_team_id"]) == (
        "tvd_saps2",
        desk.team(database, "SAPS South"),
    )


def test_an_administrator_with_an_opening_carries_no_report(database: Database) -> None:
    """An opening lets an administrator act on a report and give it to SAPS, not keep it."""
    ticket = desk.new_ticket(database, "saps_liaison")
    admin = database.connect("tvd_admin")
    number = desk.value(database.connect("tvd_saps"), "select tracking_number from muni.tickets")
    desk.assert_refused(admin, desk.NOTE, (ticket, "words"))
    admin.execute("select muni.open_confidential_report(%s, 'court order 12')", (number,))
    admin.execute(desk.NOTE, (ticket, "words"))
    with database.connect_owner() as owner:
        owner.execute("update tickets set assigned_team_id = null where id = %s", (ticket,))
    desk.assert_refused(admin, desk.TAKE, (ticket,))
    for name in ("tvd_admin", "tvd_manager"):
        desk.assert_invalid(admin, desk.ASSIGN, (ticket, None, name, None), "no active colleague")
    desk.assert_invalid(
        admin,
        desk.ASSIGN,
        (ticket, desk.team(database, "Water 1"), None, None),
        "GBV reports go to SAPS teams",
    )
    admin.execute(desk.ASSIGN, (ticket, None, "tvd_saps", None))

    assert desk.ticket(database, number)["assigned_to"] == "tvd_saps"


@pytest.mark.parametrize(
    "change",
    [
        "update tickets set assigned_team_id = 1 where is_sensitive",
        "update tickets set assigned_team_id = 9 where not is_sensitive",
        "update tickets set category = 'water' where is_sensitive",
        "update tickets set category = 'gbv' where not is_sensitive",
        "update tickets set description = 'words' where is_sensitive",
        "update tickets set reporter_phone = '1' where is_sensitive",
        "update tickets set escalation_reason = 'words' where is_sensitive",
        "update tickets set sla_response_deadline = now() where is_sensitive",
        "update teams set is_saps = true where not is_saps",
        "update teams set manager = 'tvd_saps' where is_saps",
        "update confidential_reports set is_sensitive = false",
    ],
    ids=lambda text: text[:60],
)
def test_the_wall_holds_against_the_owner(database: Database, change: str) -> None:
    """Keys and checks forbid even the owner's hand to put a GBV report's words or team on the wrong side."""
    desk.new_ticket(database, "operator")
    desk.new_ticket(database, "saps_liaison")

    with (
        pytest.raises(psycopg.IntegrityError),
        database.connect_owner() as owner,
    ):
        owner.execute(change)


@pytest.mark.parametrize(
    ("role", "table", "other"),
    [
        ("saps_liaison", "confidential_notes", "ticket_notes"),
        ("manager", "ticket_notes", "confidential_notes"),
    ],
)
def test_a_note_is_not_filed_on_the_other_side(
    database: Database, role: str, table: str, other: str
) -> None:
    """Events of both sides can have the same number; a note still has no place on the other side."""
    for side in ("manager", "saps_liaison"):
        ticket = desk.new_ticket(database, side)
        person = database.connect(desk.login("tvd", side))
        if side == role:
            person.execute(desk.NOTE, (ticket, "words"))
        else:
            person.execute(desk.CHANGE, (ticket, "in_progress"))
    columns = "event_id, ticket_id, municipality_id, salt, note"

    with pytest.raises(psycopg.IntegrityError), database.connect_owner() as owner:
        owner.execute(f"insert into {other} ({columns}) select {columns} from {table}")
