"""Many tickets at once: one answer each, nobody's work overwritten, all or none where that is asked for."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from support.database import Database
from support.waiting import until

from law import desk

ASSIGN = (
    "select id, event, sqlstate, sentence from muni.assign_tickets"
    "(%(ids)s, %(versions)s, %(team)s, %(person)s, %(reason)s, %(atomic)s, %(attempt)s)"
)
MOVE = (
    "select id, event, sqlstate, sentence from muni.change_statuses"
    "(%(ids)s, %(versions)s, %(status)s, %(note)s, %(atomic)s, %(attempt)s)"
)
NOTE = (
    "select id, event, sqlstate, sentence from muni.add_notes"
    "(%(ids)s, %(note)s, %(public)s, %(atomic)s, %(attempt)s)"
)
UNDO = "select id, event, sqlstate, sentence from muni.undo_assignments(%(ids)s, %(events)s, %(attempt)s)"
NONE = dict.fromkeys(
    (
        "versions",
        "team",
        "person",
        "reason",
        "atomic",
        "attempt",
        "status",
        "note",
        "public",
        "events",
    )
)
MISSING = ("42501", desk.REFUSAL)
NOT_ALL = ("MU002", "nothing was changed, since not all of them could be")

pytestmark = pytest.mark.law


def ask(
    connection: psycopg.Connection, call: str, ids: Sequence[uuid.UUID], **more: object
) -> list[tuple[Any, ...]]:
    """What is answered: code and sentence of each, in their order; None and None where it was done."""
    rows = connection.execute(call, {**NONE, **more, "ids": list(ids)}).fetchall()

    assert [row[0] for row in rows] == list(ids)
    assert all((row[1] is None) == (row[2] is not None) for row in rows)
    return [row[2:] for row in rows]


def tickets(database: Database, *roles: str) -> list[uuid.UUID]:
    """A ticket of each role's."""
    return [desk.new_ticket(database, role) for role in roles]


def look(database: Database, ids: Sequence[uuid.UUID], what: str) -> list[Any]:
    """A column of each ticket."""
    with database.connect_owner() as owner:
        return [desk.value(owner, f"select {what} from tickets where id = %s", one) for one in ids]


def test_many_are_assigned_each_by_an_event_of_its_own(database: Database) -> None:
    """As if each had come alone: team, person, reason, and the hand that did it."""
    ids = tickets(database, "operator", "operator", "operator")
    manager = database.connect("tvd_manager")
    team = desk.team(database, "Water 1")
    done = ask(manager, ASSIGN, ids, team=team, person="tvd_operator", reason=" storm ")

    assert done == [(None, None)] * 3
    assert look(database, ids, "assigned_to::text") == ["tvd_operator"] * 3
    assert look(database, ids, "assigned_team_id") == [team] * 3
    rows = database.connect_owner().execute(
        "select e.kind, e.actor::text, n.note, e.data from ticket_events as e"
        " join ticket_notes as n on n.event_id = e.id where e.ticket_id = any(%s)",
        (ids,),
    )
    assert rows.fetchall() == [("assigned", "tvd_manager", "storm", None)] * 3


def test_a_person_alone_brings_the_team(database: Database) -> None:
    """Named without a team they take it into their own."""
    ids = tickets(database, "operator")
    ask(database.connect("tvd_manager"), ASSIGN, ids, person="tvd_operator2")

    assert look(database, ids, "assigned_team_id") == [desk.team(database, "Roads 1")]


def test_many_are_routed_each_counting_for_the_next(database: Database) -> None:
    """Shared out evenly in the order they were given, each with its reason; what has no team stays as it is."""
    ids = tickets(database, *["operator"] * 4)
    manager, owner = database.connect("tvd_manager"), database.connect_owner()
    for one in ids:
        manager.execute("select muni.assign_ticket(%s, %s)", (one, desk.team(database, "Roads 1")))
    lost = desk.id_of(database, desk.log(manager, "waste"))
    owner.execute("update teams set is_active = false where category in ('waste', 'other')")
    ids = [*sorted(ids, reverse=True), lost]
    done = ask(manager, ASSIGN, ids)

    assert done == [(None, None)] * 4 + [
        ("22023", "no active team takes waste reports; name a team")
    ]
    assert look(
        database, ids[:4], "(select name from teams as x where x.id = assigned_team_id)"
    ) == [
        *("Water 1", "Water 2", "Water 1", "Water 2"),
    ]
    with database.connect_owner() as reader:
        reasons = reader.execute(
            "select data -> 'route' from ticket_events where ticket_id = any(%s)"
            " and data is not null and actor = 'tvd_manager' order by id",
            (ids[:4],),
        ).fetchall()
    assert [reason["open"] for (reason,) in reasons] == [0, 0, 1, 1]


def test_what_fails_counts_for_nobody(database: Database) -> None:
    """A ticket that somebody changed meanwhile does not weigh on where the next one goes."""
    first, second = tickets(database, "operator", "operator")
    manager = database.connect("tvd_manager")
    for one in (first, second):
        manager.execute("select muni.assign_ticket(%s, %s)", (one, desk.team(database, "Roads 1")))
    versions = [1, None]
    (failed, done) = ask(manager, ASSIGN, [first, second], versions=versions)

    assert (failed[0], done) == ("MU001", (None, None))
    assert look(database, [second], "assigned_team_id") == [desk.team(database, "Water 1")]


def test_what_changed_since_it_was_seen_is_left_alone(database: Database) -> None:
    """The rest is done, and each that was not says why."""
    ids = tickets(database, "operator", "operator", "operator")
    versions = look(database, ids, "version")
    database.connect("tvd_operator").execute(desk.CHANGE, (ids[1], "in_progress"))
    manager = database.connect("tvd_manager")
    done = ask(manager, MOVE, ids, versions=versions, status="on_hold", note="waiting for parts")

    sentence = (
        f"the ticket changed since it was read (version {versions[1]} then, {versions[1] + 1} now)"
    )
    assert done == [(None, None), ("MU001", sentence), (None, None)]
    assert look(database, ids, "status") == ["on_hold", "in_progress", "on_hold"]


def test_each_answers_for_itself(database: Database) -> None:
    """No such move for one, no such ticket for others: hidden, foreign and never issued in the same words."""
    manager = database.connect("tvd_manager")
    (own,) = tickets(database, "operator")
    closed = desk.new_ticket(database, "operator", "closed")
    (secret,) = tickets(database, "saps_liaison")
    foreign = desk.id_of(database, desk.log(database.connect("ksb_operator")))
    ids = [closed, secret, own, foreign, uuid.uuid4()]
    done = ask(manager, MOVE, ids, status="on_hold")

    assert done == [
        ("22023", "a ticket cannot go from closed to on_hold"),
        MISSING,
        (None, None),
        MISSING,
        MISSING,
    ]
    assert ask(manager, NOTE, [own, secret], note=" seen ") == [(None, None), MISSING]
    assert ask(manager, NOTE, [own], note=" ") == [("22023", "a note needs words")]
    assert ask(manager, ASSIGN, [own, secret], team=desk.team(database, "SAPS North")) == [
        ("22023", "GBV reports go to SAPS teams, and nothing else does"),
        MISSING,
    ]


def test_notes_are_for_colleagues_unless_they_are_public(database: Database) -> None:
    """The same words on each."""
    ids = tickets(database, "operator", "operator")
    manager, owner = database.connect("tvd_manager"), database.connect_owner()
    ask(manager, NOTE, ids, note="one")
    ask(manager, NOTE, ids, note="two", public=True)

    assert owner.execute("select note, is_public from ticket_notes order by 1").fetchall() == [
        *(("one", False),) * 2,
        *(("two", True),) * 2,
    ]


@pytest.mark.parametrize("call", [ASSIGN, MOVE, NOTE])
def test_all_or_none(database: Database, call: str) -> None:
    """One that cannot be keeps the others as they are, also where it is found after them."""
    ids = sorted(tickets(database, "operator", "operator", "operator"))
    manager = database.connect("tvd_manager")
    # Found out when it is its turn, or before the first one is touched.
    late = desk.new_ticket(database, "operator", "closed") if call == MOVE else uuid.uuid4()
    before = look(database, ids, "tickets::text")
    given = {"team": desk.team(database, "Water 1"), "status": "on_hold", "note": "words"}
    done = ask(manager, call, [*ids, late], atomic=True, **given)

    assert done[:3] == [NOT_ALL] * 3
    assert done[3][0] in {"22023", "42501"}
    assert look(database, ids, "tickets::text") == before
    assert ask(manager, call, ids, atomic=True, **given) == [(None, None)] * 3


def test_a_liaison_does_it_to_reports_and_to_nothing_else(database: Database) -> None:
    """SAPS teams only, and what is municipal is not there for them."""
    ids = tickets(database, "saps_liaison", "operator", "saps_liaison")
    saps = database.connect("tvd_saps")
    north = desk.team(database, "SAPS North")

    assert ask(saps, ASSIGN, ids, team=north) == [(None, None), MISSING, (None, None)]
    assert ask(saps, ASSIGN, ids) == [(None, None), MISSING, (None, None)]
    assert ask(saps, ASSIGN, ids[:1], team=desk.team(database, "Water 1")) == [
        ("22023", "GBV reports go to SAPS teams, and nothing else does")
    ]
    assert ask(saps, MOVE, ids, status="in_progress") == [(None, None), MISSING, (None, None)]
    assert ask(saps, NOTE, ids, note="words") == [(None, None), MISSING, (None, None)]


def test_what_an_administrator_has_opened_is_not_among_many(database: Database) -> None:
    """A report is worked on by itself, by whoever has said why."""
    admin = database.connect("tvd_admin")
    secret, own = tickets(database, "saps_liaison", "operator")
    number = look(database, [secret], "tracking_number")[0]
    admin.execute("select muni.open_confidential_report(%s, 'a court order')", (number,))
    admin.execute(desk.NOTE, (secret, "by itself"))

    assert ask(admin, NOTE, [secret, own], note="words") == [MISSING, (None, None)]
    assert ask(admin, ASSIGN, [secret, own]) == [MISSING, (None, None)]


@pytest.mark.parametrize(
    ("many", "sentence"),
    [(501, "1 to 500 tickets are changed at once"), (0, "1 to 500 tickets are changed at once")],
)
def test_there_is_a_limit(database: Database, many: int, sentence: str) -> None:
    """Five hundred at once; a wider filter is narrowed down first."""
    ids = [uuid.uuid4() for _ in range(many)]
    manager = database.connect("tvd_manager")
    desk.assert_invalid(manager, NOTE, {**NONE, "ids": ids, "note": "x"}, sentence)
    if many:
        assert ask(manager, NOTE, ids[:500], note="x") == [MISSING] * 500
    desk.assert_invalid(manager, NOTE, {**NONE, "ids": None, "note": "x"}, sentence)


def test_each_is_named_once(database: Database) -> None:
    """Named twice, the second time could only fail."""
    (one,) = tickets(database, "operator")
    manager = database.connect("tvd_manager")
    for ids in ([one, one], [one, None]):
        desk.assert_invalid(
            manager, NOTE, {**NONE, "ids": ids, "note": "x"}, "each ticket is named once"
        )


@pytest.mark.parametrize("call", [ASSIGN, MOVE, NOTE, UNDO])
def test_what_is_sent_again_is_answered_as_before(database: Database, call: str) -> None:
    """Also the sentences of what was not done, whatever became of it since; and nothing is done twice."""
    manager, owner = database.connect("tvd_manager"), database.connect_owner()
    (own,) = tickets(database, "operator")
    event = desk.value(manager, "select muni.assign_ticket(%s)", own)
    given = {**NONE, "ids": [own, uuid.uuid4()], "attempt": uuid.uuid4()}
    given |= {"status": "on_hold", "note": "words", "events": [event, None]}
    first = manager.execute(call, given).fetchall()
    count = "select count(*) from ticket_events"
    events = desk.value(owner, count)

    assert first[0][1] is not None
    assert first[1][2:] == MISSING
    assert database.connect("tvd_manager").execute(call, given).fetchall() == first
    assert desk.value(owner, count) == events
    error = desk.refusal(database.connect("tvd_admin"), call, given)
    assert error.diag.message_primary == "an attempt has a number of its own"


def test_many_assignments_are_taken_back(database: Database) -> None:
    """Each as by itself: what somebody assigned since stays, and says so."""
    manager = database.connect("tvd_manager")
    ids = tickets(database, "operator", "operator", "operator")
    rows = manager.execute(
        ASSIGN, {**NONE, "ids": ids, "team": desk.team(database, "Roads 1")}
    ).fetchall()
    # Its version has nothing to do with it.
    database.connect("tvd_operator").execute(desk.CHANGE, (ids[0], "in_progress"))
    database.connect("tvd_admin").execute("select muni.assign_ticket(%s)", (ids[1],))
    done = ask(manager, UNDO, ids, events=[row[1] for row in rows])

    assert done == [(None, None), ("MU001", "the ticket was assigned anew since"), (None, None)]
    assert look(database, ids, "assigned_team_id")[::2] == [
        desk.team(database, "Water 1"),
        desk.team(database, "Water 1"),
    ]


def test_two_supervisors_do_not_wait_for_each_other(database: Database) -> None:
    """The same tickets in opposite order: one after the other, and the later one is told what changed."""
    ids = sorted(tickets(database, *["operator"] * 4))
    manager, admin = database.connect("tvd_manager"), database.connect("tvd_admin")
    first = database.connect("tvd_operator", autocommit=False)
    # Both begin while the one in the middle is held, and would meet crosswise beyond it.
    first.execute(desk.NOTE, (ids[2], "holding it"))
    answers: dict[str, list[tuple[Any, ...]]] = {}
    versions = look(database, ids, "version")

    def run(name: str, connection: psycopg.Connection, order: list[uuid.UUID]) -> None:
        by = dict(zip(ids, versions, strict=True))
        answers[name] = ask(
            connection, MOVE, order, status="on_hold", versions=[by[one] for one in order]
        )

    other = threading.Thread(target=run, args=("manager", manager, ids))
    another = threading.Thread(target=run, args=("admin", admin, ids[::-1]))
    other.start()
    until(
        lambda: bool(
            desk.value(first, "select cardinality(pg_blocking_pids(%s))", manager.info.backend_pid)
        )
    )
    another.start()
    until(
        lambda: bool(
            desk.value(first, "select cardinality(pg_blocking_pids(%s))", admin.info.backend_pid)
        )
    )
    first.commit()
    other.join()
    another.join()

    # Nothing of it was a deadlock: the note was before both, and whoever came second finds all changed.
    codes = [[code for code, _ in answers[name]] for name in ("manager", "admin")]
    assert codes == [[None, None, "MU001", None], ["MU001"] * 4]
