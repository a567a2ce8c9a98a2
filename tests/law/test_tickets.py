"""Work on a ticket: what may follow what, who may do it, and that nobody overwrites anybody."""

from __future__ import annotations

import uuid

import pytest
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

STATUSES = ("open", "in_progress", "on_hold", "escalated", "resolved", "closed")
FOR_ALL = {
    "open": {"in_progress", "on_hold", "escalated", "resolved"},
    "in_progress": {"open", "on_hold", "escalated", "resolved"},
    "on_hold": {"in_progress", "escalated", "resolved"},
    "escalated": {"in_progress", "on_hold", "resolved"},
    "resolved": {"in_progress"},
    "closed": set(),
}
NOT_FOR_OPERATORS = {("resolved", "closed"), ("closed", "in_progress")}
"""The legal moves; docs/reference/roles.md lists the same."""


@pytest.mark.parametrize("role", desk.ROLES)
@pytest.mark.parametrize("before", STATUSES)
def test_every_move_is_made_or_refused_as_the_contract_says(
    database: Database, role: str, before: str
) -> None:
    """From each status each role can go where the list lets it, and nowhere else."""
    person = database.connect(desk.login("tvd", role))
    ticket = desk.new_ticket(database, role, before)
    for after in (*STATUSES, "viewed", "", None):
        restricted = (before, after) in NOT_FOR_OPERATORS
        legal = after in FOR_ALL[before] or restricted
        if legal and not (restricted and role == "operator"):
            with person.transaction(force_rollback=True):
                person.execute(desk.CHANGE, (ticket, after))
                row = person.execute(
                    "select t.status, e.kind, e.from_status, e.to_status, e.actor = session_user"
                    " from muni.tickets as t join muni.ticket_events as e"
                    " on e.ticket_id = t.id and e.seq = t.last_seq where t.id = %s",
                    (ticket,),
                )
                assert row.fetchone() == (after, "status_changed", before, after, True)
        elif legal:
            error = desk.refusal(person, desk.CHANGE, (ticket, after))
            assert (error.sqlstate, error.diag.message_primary) == (
                "42501",
                f"only manager, admin, saps_liaison may take a ticket from {before} to {after}",
            )
        else:
            desk.assert_invalid(person, desk.CHANGE, (ticket, after), f"cannot go from {before} to")


def test_a_stale_version_changes_nothing(database: Database) -> None:
    """Who has read an older state is told so; who has read the newest goes through."""
    manager = database.connect("tvd_manager")
    ticket = desk.new_ticket(database, "manager")
    read = desk.value(manager, "select version from muni.tickets where id = %s", ticket)
    database.connect("tvd_operator").execute(desk.NOTE, (ticket, "the road is closed"))
    team_id = desk.team(database, "Roads 1")
    for call in (
        f"select muni.change_status('{ticket}', 'resolved', null, {read})",
        f"select muni.assign_ticket('{ticket}', {team_id}, null, null, {read})",
        f"select muni.change_status('{ticket}', 'resolved', null, {read + 2})",
    ):
        error = desk.refusal(manager, call)
        assert (error.sqlstate, "changed since it was read" in str(error)) == ("MU001", True)
    manager.execute("select muni.change_status(%s, 'resolved', null, %s)", (ticket, read + 1))

    assert desk.value(manager, "select version from muni.tickets where id = %s", ticket) == read + 2


def test_of_two_who_change_it_at_once_one_is_told(database: Database) -> None:
    """Two colleagues who act on the same version: the second waits, and is told that it changed."""
    ticket = desk.new_ticket(database, "manager")
    call = "select muni.change_status(%s, 'in_progress', null, 2)"
    first = database.connect("tvd_manager", autocommit=False)
    first.execute(call, (ticket,))
    second = database.connect("tvd_operator")

    error = desk.outcome_after_waiting(first, second, call, (ticket,))

    assert error is not None
    assert error.sqlstate == "MU001"


@pytest.mark.parametrize("name", ["add_note", "change_status", "assign_ticket", "take_ticket"])
def test_who_waits_for_a_ticket_that_moves_behind_the_wall_is_told_nothing(
    database: Database, name: str
) -> None:
    """A colleague at work on a ticket while it is marked as sensitive gets the ordinary refusal, in its words."""
    ticket = desk.new_ticket(database, "manager")
    first = database.connect("tvd_operator", autocommit=False)
    first.execute("select muni.mark_sensitive(%s, 'the caller is in danger')", (ticket,))
    manager = database.connect("tvd_manager")
    error = desk.outcome_after_waiting(first, manager, desk.CALLS[name], {"id": ticket})

    assert error is not None
    assert (error.sqlstate, error.diag.message_primary) == ("42501", desk.REFUSAL)
    assert (error.diag.message_detail, error.diag.message_hint) == (None, None)


def test_looking_does_not_bump_the_version(database: Database) -> None:
    """An opened report is no changed report."""
    ticket = desk.new_ticket(database, "saps_liaison")
    saps = database.connect("tvd_saps")
    number, version, changed = saps.execute(
        "select tracking_number, version, updated_at from muni.tickets where id = %s", (ticket,)
    ).fetchone() or (None, None, None)
    saps.execute("select muni.open_confidential_report(%s)", (number,))
    row = saps.execute("select version, updated_at from muni.tickets where id = %s", (ticket,))

    assert row.fetchone() == (version, changed)


# ------------------------------------------------------------------ hidden, missing, elsewhere


def hidden_from(database: Database, role: str) -> dict[str, uuid.UUID]:
    """Ids that a login of this role in `tvd` may not act on, by why."""
    foreign = database.connect("ksb_operator")
    return {
        "hidden": desk.new_ticket(
            database, "operator" if role == "saps_liaison" else "saps_liaison"
        ),
        "other municipality": desk.id_of(database, desk.log(foreign, "water")),
        "other municipality's GBV": desk.id_of(database, desk.log(foreign, "gbv")),
        "missing": uuid.uuid4(),
    }


@pytest.mark.parametrize("role", desk.ROLES)
def test_hidden_missing_and_foreign_get_the_same_sentence(database: Database, role: str) -> None:
    """Whatever is done to a ticket one may not see, the words are those for one that never existed."""
    person = database.connect(desk.login("tvd", role))
    ids: dict[str, uuid.UUID | None] = {**hidden_from(database, role), "null": None}
    with database.connect_owner() as owner:
        events = desk.value(owner, "select count(*) from ticket_events")
        for name in ("change_status", "assign_ticket", "take_ticket", "add_note"):
            for ticket in ids.values():
                if role in desk.GRANTED[name]:
                    desk.assert_refused(person, desk.CALLS[name], {"id": ticket})
        for ticket in ids.values():
            # An argument that would be wrong on one's own ticket is not looked at.
            desk.assert_refused(person, desk.CHANGE, (ticket, "no such status"))
            desk.assert_refused(
                person, "select muni.change_status(%s, 'resolved', null, 99)", (ticket,)
            )
            desk.assert_refused(person, desk.NOTE, (ticket, "words"))

        assert desk.value(owner, "select count(*) from ticket_events") == events


@pytest.mark.parametrize("role", desk.ROLES)
def test_a_hidden_ticket_that_is_locked_is_not_waited_for(database: Database, role: str) -> None:
    """Who asks for a report that somebody is working on is answered at once, as for one that is not there."""
    ids = hidden_from(database, role)
    with database.connect_owner() as owner, owner.transaction():
        owner.execute("select from tickets where id = any(%s) for update", (list(ids.values()),))
        person = database.connect(desk.login("tvd", role))
        person.execute("set lock_timeout = '1ms'")
        for ticket in ids.values():
            desk.assert_refused(person, desk.NOTE, (ticket, "words"))


# ------------------------------------------------------------------------------------- notes


def test_a_note_is_kept_word_for_word(database: Database) -> None:
    """What an operator writes is what a colleague reads, trimmed, public only when asked."""
    ticket = desk.new_ticket(database, "operator")
    operator = database.connect("tvd_operator")
    words = "it's 100% \\ _broken_ \u202e🚰 [/x] \x1b[31m"
    operator.execute(desk.NOTE, (ticket, f"  {words}  "))
    operator.execute("select muni.add_note(%s, 'for the citizen', true)", (ticket,))
    operator.execute("select muni.add_note(%s, 'maybe', null)", (ticket,))
    notes = database.connect("tvd_manager").execute(
        "select note, is_public from muni.ticket_notes order by event_id"
    )

    assert notes.fetchall() == [(words, False), ("for the citizen", True), ("maybe", False)]


@pytest.mark.parametrize("role", desk.ROLES)
@pytest.mark.parametrize("note", [None, "", "   ", " \n\t\r\n ", "x" * 10_001])
def test_a_note_needs_words_and_not_too_many(
    database: Database, role: str, note: str | None
) -> None:
    """An empty or endless note is refused in words, and none of it is quoted to a log."""
    ticket = desk.new_ticket(database, role)

    desk.assert_invalid(
        database.connect(desk.login("tvd", role)), desk.NOTE, (ticket, note), "note"
    )


@pytest.mark.parametrize("role", ["manager", "saps_liaison"])
def test_a_reason_is_not_endless_either(database: Database, role: str) -> None:
    """The reason of an assignment and the note of a status change have the same limit."""
    ticket = desk.new_ticket(database, role)
    person = database.connect(desk.login("tvd", role))
    long = "x" * 10_001

    desk.assert_invalid(person, desk.ASSIGN, (ticket, None, None, long), "10,000 characters")
    desk.assert_invalid(
        person, "select muni.change_status(%s, 'resolved', %s)", (ticket, long), "10,000 characters"
    )


def test_notes_on_a_gbv_report_are_behind_the_wall(database: Database) -> None:
    """Notes, reasons and hold-ups of a GBV report are in the confidential table and nowhere else."""
    ticket = desk.new_ticket(database, "saps_liaison")
    saps = database.connect("tvd_saps")
    saps.execute("select muni.add_note(%s, 'a secret', true)", (ticket,))
    saps.execute("select muni.change_status(%s, 'on_hold', 'a secret')", (ticket,))
    saps.execute(desk.ASSIGN, (ticket, None, "tvd_saps", "a secret"))
    with database.connect_owner() as owner:
        counts = owner.execute(
            "select (select count(*) from confidential_notes where note = 'a secret'),"
            " (select count(*) from ticket_notes)"
        ).fetchone()

    assert counts == (3, 0)
