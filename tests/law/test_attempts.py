"""What is sent again since its answer was lost: done once, for whoever sent it, and for nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from support.database import Database

from law import desk

_SOON = "now() + interval '9 days'"
SENT = {
    "add_note": "select muni.add_note(%(id)s, 'words', attempt => %(attempt)s)",
    "add_reporter": "select muni.add_reporter(%(id)s, 'Resident 9', null, attempt => %(attempt)s)",
    "assign_ticket": "select muni.assign_ticket(%(id)s, expected_version => %(version)s, attempt => %(attempt)s)",
    "change_status": (
        "select muni.change_status(%(id)s, 'in_progress', expected_version => %(version)s,"
        " attempt => %(attempt)s)"
    ),
    "escalate": (
        "select muni.escalate(%(id)s, 'urgent', expected_version => %(version)s, attempt => %(attempt)s)"
    ),
    "mark_sensitive": "select muni.mark_sensitive(%(id)s, 'she told more', %(attempt)s)",
    "override_deadline": (
        f"select muni.override_deadline(%(id)s, 'response', {_SOON}, 'promised',"
        " expected_version => %(version)s, attempt => %(attempt)s)"
    ),
    "reclassify": (
        "select muni.reclassify(%(id)s, 'roads', 'a hole', expected_version => %(version)s,"
        " attempt => %(attempt)s)"
    ),
    "record_contact": "select muni.record_contact(%(id)s, 'told her', attempt => %(attempt)s)",
    "take_ticket": "select muni.take_ticket(%(id)s, attempt => %(attempt)s)",
    "unassign_ticket": (
        "select muni.unassign_ticket(%(id)s, expected_version => %(version)s, attempt => %(attempt)s)"
    ),
}
"""Everything that is done to a ticket, with the number of an attempt."""
MAY = [(name, role) for name in SENT for role in desk.ROLES if role in desk.GRANTED[name]]
SETTLE = "select muni.settle_attempt(%s)"


def given(database: Database, role: str, attempt: uuid.UUID | None = None) -> dict[str, object]:
    """A ticket that this role works on, and an attempt."""
    ticket = desk.new_ticket(database, role)
    return {"id": ticket, "attempt": attempt or uuid.uuid4(), "version": version(database, ticket)}


def version(database: Database, ticket: object) -> int:
    with database.connect_owner() as owner:
        return int(desk.value(owner, "select version from tickets where id = %s", ticket))


def events(database: Database, ticket: object) -> int:
    with database.connect_owner() as owner:
        return int(
            desk.value(owner, "select count(*) from ticket_events where ticket_id = %s", ticket)
        )


def call(connection: psycopg.Connection, name: str, parameters: Mapping[str, object]) -> Any:
    row = connection.execute(SENT[name], parameters).fetchone()
    assert row is not None
    return row[0]


def at_work(database: Database, role: str) -> psycopg.Connection:
    return database.connect(desk.login("tvd", role))


def test_every_change_of_a_ticket_can_be_sent_again(database: Database) -> None:
    """Whatever is done to a ticket in the law has an attempt, and is tried here."""
    rows = database.connect_owner().execute(
        "select distinct p.proname from pg_proc as p where p.pronamespace = 'muni'::regnamespace"
        " and p.proargnames @> '{attempt}' and p.proname !~ '^_'"
    )

    assert {name for (name,) in rows} == set(SENT) | {
        # On many tickets: tests/law/test_bulk.py; what was made before: tests/law/test_undo.py.
        *("assign_tickets", "change_statuses", "add_notes", "undo_assignments", "undo_assignment"),
        "log_ticket",
        "settle_attempt",
        "delete_draft",
    }


@pytest.mark.parametrize(("name", "role"), MAY)
def test_what_is_sent_again_is_done_once(database: Database, name: str, role: str) -> None:
    """As before, whatever the ticket has become meanwhile; also from a new connection."""
    asked = given(database, role)
    first = call(at_work(database, role), name, asked)
    done = events(database, asked["id"])
    again = at_work(database, role)

    assert call(again, name, asked) == first
    assert events(database, asked["id"]) == done
    assert desk.value(again, SETTLE, asked["attempt"]) == str(first or "done")


@pytest.mark.parametrize(("name", "role"), MAY)
def test_somebody_elses_attempt_teaches_nothing(database: Database, name: str, role: str) -> None:
    """It is refused like one that was never answered, and settled like one that never was."""
    theirs, mine = given(database, role), given(database, role)
    call(at_work(database, role), name, theirs)
    code = "ksb" if role == "admin" else "tvd"
    other = {"operator": "operator2", "saps_liaison": "saps2", "manager": "admin"}
    colleague = database.connect(f"{code}_{other.get(role, 'admin')}")
    if code == "tvd":
        before = events(database, mine["id"])
        desk.assert_invalid(
            colleague, SENT[name], mine | {"attempt": theirs["attempt"]}, "a number of its own"
        )
        assert events(database, mine["id"]) == before

    assert desk.value(colleague, SETTLE, theirs["attempt"]) is None
    assert desk.value(at_work(database, role), SETTLE, theirs["attempt"]) is not None


@pytest.mark.parametrize(("name", "role"), MAY)
def test_another_ticket_is_another_attempt(database: Database, name: str, role: str) -> None:
    """The same number for something else is refused, be it the ticket or what is done to it."""
    first, second = given(database, role), given(database, role)
    person = at_work(database, role)
    call(person, name, first)
    before = events(database, second["id"])
    used = {"attempt": first["attempt"]}

    desk.assert_invalid(person, SENT[name], second | used, "a number of its own")
    something_else = "add_note" if name != "add_note" else "record_contact"
    desk.assert_invalid(person, SENT[something_else], first | used, "a number of its own")
    assert events(database, second["id"]) == before


@pytest.mark.parametrize(("name", "role"), MAY)
def test_a_settled_attempt_that_comes_late_is_refused(
    database: Database, name: str, role: str
) -> None:
    """Once one was told that it was not done, it is not done."""
    asked = given(database, role)
    person = at_work(database, role)
    before = events(database, asked["id"])

    assert desk.value(person, SETTLE, asked["attempt"]) is None
    assert desk.value(person, SETTLE, asked["attempt"]) is None
    desk.assert_invalid(person, SENT[name], asked, "a number of its own")
    assert events(database, asked["id"]) == before


@pytest.mark.parametrize("role", desk.ROLES)
def test_a_refused_attempt_may_be_made_again(database: Database, role: str) -> None:
    """Somebody else was first, or words were missing: nothing was done, so nothing is remembered."""
    asked, person = given(database, role), at_work(database, role)
    stale = desk.refusal(person, SENT["change_status"], asked | {"version": 99})

    assert stale.sqlstate == "MU001"
    assert call(person, "change_status", asked) is not None

    wordless = {"id": asked["id"], "attempt": uuid.uuid4()}
    empty = "select muni.add_note(%(id)s, ' ', attempt => %(attempt)s)"
    desk.assert_invalid(person, empty, wordless, "words")
    assert call(person, "add_note", wordless) is not None


def test_settling_waits_for_what_is_under_way(database: Database) -> None:
    """The line broke, the server is still at it: whoever asks is told what became of it."""
    asked = given(database, "operator")
    first = database.connect("tvd_operator", autocommit=False)
    event = call(first, "add_note", asked)
    second = database.connect("tvd_operator")
    error = desk.outcome_after_waiting(first, second, SETTLE, (asked["attempt"],))

    assert error is None
    assert desk.value(second, SETTLE, asked["attempt"]) == str(event)


def test_without_a_number_nothing_is_remembered(database: Database) -> None:
    """As scripts do it: twice is twice."""
    asked, person = given(database, "operator") | {"attempt": None}, at_work(database, "operator")

    assert call(person, "add_note", asked) != call(person, "add_note", asked)
    assert desk.value(person, SETTLE, None) is None
    assert desk.value(database.connect_owner(), "select count(*) from attempts") == 0


def test_a_ticket_that_became_a_report_leaves_no_attempts(database: Database) -> None:
    """But that of the hand-over itself; whoever sends a note again gets the ordinary refusal."""
    asked, colleague = given(database, "operator"), database.connect("tvd_operator2")
    noted = asked | {"attempt": uuid.uuid4()}
    call(colleague, "add_note", noted)
    call(at_work(database, "operator"), "mark_sensitive", asked)
    left = database.connect_owner().execute("select action from attempts").fetchall()

    assert left == [("mark_sensitive",)]
    desk.assert_refused(colleague, SENT["add_note"], noted)


def test_a_disabled_operator_is_told_nothing_of_their_attempts(database: Database) -> None:
    """As they are told nothing else."""
    asked, person = given(database, "manager"), at_work(database, "manager")
    for name in ("override_deadline", "add_note"):
        call(person, name, asked | {"attempt": uuid.uuid4()})
    used = database.connect_owner().execute("select attempt, action from attempts").fetchall()
    database.connect_owner().execute(
        "update operators set is_active = false where username = 'tvd_manager'"
    )

    for attempt, action in used:
        error = desk.refusal(person, SENT[action], asked | {"attempt": attempt})
        assert error.sqlstate == "42501"
        assert desk.refusal(person, SETTLE, (attempt,)).sqlstate == "42501"
