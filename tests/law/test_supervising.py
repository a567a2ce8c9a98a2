"""What is done to a ticket beside its status: taken back, called about, escalated, dated, moved, asked for."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from support.database import Database

from law import desk, replay

pytestmark = pytest.mark.law

UNASSIGN = "select muni.unassign_ticket(%s)"
CONTACT = "select muni.record_contact(%s, %s)"
REPORTER = "select muni.add_reporter(%s, %s, %s)"
ESCALATE = "select muni.escalate(%s, %s)"
OVERRIDE = "select muni.override_deadline(%s, %s, %s, 'promised')"
RECLASSIFY = "select muni.reclassify(%s, %s, 'looked again')"
MARK = "select muni.mark_sensitive(%s, 'she told more')"
OPEN = "select muni.open_confidential_report(%s, 'a court order of this year')"
DENIED = "select muni.record_denied(%s)"


@pytest.fixture
def manager(database: Database) -> psycopg.Connection:
    """A manager's connection."""
    return database.connect("tvd_manager")


@pytest.fixture
def ticket(database: Database) -> uuid.UUID:
    """A ticket about water, with a team."""
    return desk.new_ticket(database, "operator")


def row_of(database: Database, ticket: uuid.UUID) -> dict[str, Any]:
    """The ticket as the owner sees it, once its whole history has been held against it."""
    tickets, events = replay.everything(database.connect_owner())
    for row in tickets:
        assert replay.broken_links(row, events[row["id"]]) == []
        said = replay.told(row, events[row["id"]])
        assert {name: row[name] for name in said} == said
    (found,) = (row for row in tickets if row["id"] == ticket)
    return found


def last_event(database: Database, ticket: uuid.UUID) -> tuple[object, ...]:
    """Kind, actor and words of what happened last."""
    row = database.connect_owner().execute(
        "select e.kind, e.actor, coalesce(n.note, c.note) from ticket_events as e"
        " left join ticket_notes as n on n.event_id = e.id and not e.is_sensitive"
        " left join confidential_notes as c on c.event_id = e.id and e.is_sensitive"
        " where e.ticket_id = %s order by e.seq desc limit 1",
        (ticket,),
    )
    found = row.fetchone()
    assert found is not None
    return found


# ------------------------------------------------------------------- taken back


def test_a_ticket_is_taken_from_its_team(
    database: Database, manager: psycopg.Connection, ticket: uuid.UUID
) -> None:
    """With a team and nobody in it, it goes back to the pile; a second time there is nothing to take."""
    manager.execute("select muni.unassign_ticket(%s, 'wrong team')", (ticket,))
    row = row_of(database, ticket)

    assert (row["assigned_team_id"], row["assigned_to"]) == (None, None)
    assert last_event(database, ticket) == ("unassigned", "tvd_manager", "wrong team")
    desk.assert_invalid(manager, UNASSIGN, (ticket,), "is with nobody")


def test_a_ticket_is_taken_from_a_person_without_a_team(
    database: Database, manager: psycopg.Connection, ticket: uuid.UUID
) -> None:
    """A supervisor may carry what no team has; it can be taken back like any other."""
    manager.execute(UNASSIGN, (ticket,))
    manager.execute(desk.TAKE, (ticket,))
    assert row_of(database, ticket)["assigned_team_id"] is None
    manager.execute(UNASSIGN, (ticket,))

    assert row_of(database, ticket)["assigned_to"] is None


# ------------------------------------------------------------------- called about


def test_a_contact_answers_the_citizen(database: Database, ticket: uuid.UUID) -> None:
    """The first contact stops the response clock, a later one changes nothing about that."""
    operator = database.connect("tvd_operator")
    operator.execute(CONTACT, (ticket, " called back "))
    first = row_of(database, ticket)["first_responded_at"]
    operator.execute(CONTACT, (ticket, "called again"))

    assert first is not None
    assert row_of(database, ticket)["first_responded_at"] == first
    assert last_event(database, ticket) == ("contacted", "tvd_operator", "called again")
    desk.assert_invalid(operator, CONTACT, (ticket, " \n"), "the outcome of a contact needs words")
    desk.assert_invalid(operator, CONTACT, (ticket, None), "the outcome of a contact needs words")


@pytest.mark.parametrize(
    "given", [("Resident 9", None), (" ", "011 555 0109"), ("R", "0115550109")]
)
def test_a_further_reporter_has_a_name_or_a_number(
    database: Database, ticket: uuid.UUID, given: tuple[str | None, str | None]
) -> None:
    """Either is enough, and what was given finds this ticket and no other."""
    operator = database.connect("tvd_operator")
    desk.log(operator, "water", "another leak")
    operator.execute(REPORTER, (ticket, *given))
    name, phone = ((text or "").strip() or None for text in given)
    kept = operator.execute("select reporter_name, reporter_phone from muni.reporters").fetchall()
    wanted = "0115550109" if phone else "resident 9"
    found = operator.execute("select * from muni.search_tickets(%s)", (wanted,)).fetchall()

    assert kept == [(name, phone)]
    assert found == [(ticket,)]
    assert last_event(database, ticket) == ("reporter_added", "tvd_operator", None)


def test_a_reporter_without_either_is_none(database: Database, ticket: uuid.UUID) -> None:
    """Nobody can be told by neither."""
    for given in ((None, None), (" ", "")):
        desk.assert_invalid(
            database.connect("tvd_operator"), REPORTER, (ticket, *given), "a name or a phone number"
        )


def test_who_else_reported_violence_is_read_by_an_opening_alone(database: Database) -> None:
    """Their names are no one's to list or to search, and each report has its own."""
    saps = database.connect("tvd_saps")
    ids = [desk.new_ticket(database, "saps_liaison") for _ in range(2)]
    for place, report in enumerate(ids):
        saps.execute(REPORTER, (report, f"Neighbour {place}", None))
    number = desk.value(saps, "select tracking_number from muni.tickets where id = %s", ids[1])
    opening = desk.value(saps, OPEN, number)
    read = saps.execute(
        "select reporter_name, added_by from muni.read_confidential_reporters(%s)", (opening,)
    )

    assert read.fetchall() == [("Neighbour 1", "tvd_saps")]
    assert saps.execute("select * from muni.search_tickets('neighbour')").fetchall() == []


# ------------------------------------------------------------------- escalated


@pytest.mark.parametrize("role", desk.ROLES)
@pytest.mark.parametrize("status", desk.WAY_TO)
def test_what_can_be_escalated_is(database: Database, role: str, status: str) -> None:
    """From wherever the moves lead there, with a reason, by everybody."""
    person = database.connect(desk.login("tvd", role))
    ticket = desk.new_ticket(database, role, status)
    if status in {"open", "in_progress", "on_hold"}:
        desk.assert_invalid(person, ESCALATE, (ticket, "  "), "the reason of an escalation needs")
        person.execute(ESCALATE, (ticket, "a school is flooded"))
        assert row_of(database, ticket)["status"] == "escalated"
    else:
        desk.assert_invalid(
            person, ESCALATE, (ticket, "a school is flooded"), f"from {status} to escalated"
        )


def test_who_may_escalate_is_read_from_the_moves(database: Database, ticket: uuid.UUID) -> None:
    """Were it not for operators, an operator could not by this way either."""
    database.connect_owner().execute(
        "update status_transitions set roles = array_remove(roles, 'operator')"
        " where to_status = 'escalated'"
    )

    desk.assert_invalid(
        database.connect("tvd_operator"), ESCALATE, (ticket, "urgent"), "from open to escalated"
    )


# ------------------------------------------------------------------- deadlines and categories


def test_a_deadline_by_hand_is_of_one_ticket_and_one_clock(
    database: Database, manager: psycopg.Connection, ticket: uuid.UUID
) -> None:
    """It wins over the policy until it is cleared; other tickets keep theirs."""
    other = desk.new_ticket(database, "operator")
    before = row_of(database, other), row_of(database, ticket)
    for clock in ("response", "resolution"):
        manager.execute(OVERRIDE, (ticket, clock, "2030-01-02 10:00+02"))
        assert row_of(database, ticket)[f"sla_{clock}_deadline"].year == 2030
        manager.execute(OVERRIDE, (ticket, clock, None))

    assert row_of(database, other) == before[0]
    clocks = [name for name in before[1] if name.startswith("sla_")]
    assert {name: row_of(database, ticket)[name] for name in clocks} == {
        name: before[1][name] for name in clocks
    }


@pytest.mark.parametrize(
    ("clock", "deadline", "words"),
    [
        (None, "2030-01-02", "the clock is response or resolution"),
        ("first", "2030-01-02", "the clock is response or resolution"),
        ("response", "2020-01-02", "lies after the ticket was logged"),
        ("response", "-infinity", "lies after the ticket was logged"),
        ("resolution", "infinity", "lies after the ticket was logged"),
        ("resolution", "9999-01-01 00:00+00", "lies after the ticket was logged"),
    ],
)
def test_a_deadline_that_is_none_is_refused(
    manager: psycopg.Connection, ticket: uuid.UUID, clock: str | None, deadline: str, words: str
) -> None:
    """There are two clocks, and neither runs backwards or for ever."""
    desk.assert_invalid(manager, OVERRIDE, (ticket, clock, deadline), words)


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("gbv", "by being marked sensitive"),
        ("nonsense", "no such category"),
        (None, "no such category"),
        ("water", "about water already"),
    ],
)
def test_a_category_that_is_none_is_refused(
    manager: psycopg.Connection, ticket: uuid.UUID, category: str | None, words: str
) -> None:
    """Not the same again, none that there is not, and never the other side's."""
    desk.assert_invalid(manager, RECLASSIFY, (ticket, category), words)


def test_an_opened_report_has_no_deadline_and_no_other_category(database: Database) -> None:
    """An administrator may act on a report they have opened, but not this."""
    admin = database.connect("tvd_admin")
    report = desk.new_ticket(database, "saps_liaison")
    admin.execute(OPEN, (desk.value(database.connect_owner(), NUMBER, report),))
    for call, *given in ((OVERRIDE, "response", "2030-01-02"), (RECLASSIFY, "water")):
        desk.assert_invalid(admin, call, (report, *given), "neither municipal deadlines")


NUMBER = "select tracking_number from tickets where id = %s"


@pytest.mark.parametrize(
    "call",
    [
        "select muni.unassign_ticket(%s, 'why', 99)",
        "select muni.escalate(%s, 'why', 99)",
        "select muni.override_deadline(%s, 'response', '2030-01-02', 'why', 99)",
        "select muni.reclassify(%s, 'roads', 'why', 99)",
    ],
)
def test_nobody_overwrites_what_they_have_not_read(
    database: Database, manager: psycopg.Connection, ticket: uuid.UUID, call: str
) -> None:
    """With the version that was read, a change meanwhile is told."""
    assert desk.refusal(manager, call, (ticket,)).sqlstate == "MU001"
    manager.execute(call.replace("99", "2"), (ticket,))

    assert row_of(database, ticket)["version"] == 3


# ------------------------------------------------------------------- behind the wall


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
def test_what_turns_out_to_be_violence_moves_whole_and_alone(
    database: Database, ticket: uuid.UUID, login: str
) -> None:
    """Its history, notes and reporters go along under new numbers; those of others stay where they are."""
    operator = database.connect("tvd_operator")
    owner = database.connect_owner()
    # So that a number tells from which of the two sequences it is.
    owner.execute("select setval('ticket_events_sensitive_id', 5000)")
    other = desk.new_ticket(database, "operator")
    report = desk.new_ticket(database, "saps_liaison")
    for name, one in (("Resident 1", ticket), ("Resident 2", other)):
        operator.execute(REPORTER, (one, name, None))
    operator.execute(desk.NOTE, (ticket, "a first note"))
    operator.execute(desk.NOTE, (ticket, "a second note"))
    before = row_of(database, ticket)
    database.connect(login).execute(MARK, (ticket,))
    row = row_of(database, ticket)
    saps = database.connect("tvd_saps")
    opening = desk.value(saps, OPEN, row["tracking_number"])

    assert (row["is_sensitive"], row["category"], row["description"]) == (True, "gbv", None)
    assert row["first_responded_at"] == before["first_responded_at"]
    assert row["assigned_to"] is None
    told = saps.execute("select * from muni.read_confidential_report(%s)", (opening,)).fetchone()
    assert told is not None
    assert told[1] == "a leak"
    notes = saps.execute("select note from muni.read_confidential_notes(%s)", (opening,)).fetchall()
    assert [note for (note,) in notes][:3] == ["a first note", "a second note", "she told more"]
    reporters = saps.execute(
        "select reporter_name from muni.read_confidential_reporters(%s)", (opening,)
    )
    assert reporters.fetchall() == [("Resident 1",)]
    assert desk.value(owner, "select min(id) from ticket_events where is_sensitive") > 5000
    # What is not of this ticket has not been touched.
    names = operator.execute("select ticket_id, reporter_name from muni.reporters").fetchall()
    assert names == [(other, "Resident 2")]
    assert operator.execute("select * from muni.search_tickets('leak')").fetchall() == [(other,)]
    assert {id_ for (id_,) in operator.execute("select id from muni.tickets")} == {other}
    assert row_of(database, report)["last_seq"] == 2
    assert saps.execute("select * from muni.search_tickets('leak')").fetchall() == []
    assert len(saps.execute("select * from muni.search_tickets('TKT-')").fetchall()) == 2


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
def test_nothing_is_marked_that_is_not_a_municipal_ticket_of_ones_own(
    database: Database, ticket: uuid.UUID, login: str
) -> None:
    """A report, a number never issued and another municipality's ticket get the one sentence."""
    person = database.connect(login)
    foreign = desk.id_of(database, desk.log(database.connect("ksb_operator")))
    person.execute(MARK, (ticket,))
    if login == "tvd_admin":
        person.execute(OPEN, (desk.value(database.connect_owner(), NUMBER, ticket),))
    for wrong in (ticket, foreign, uuid.UUID(int=0), None):
        desk.assert_refused(person, MARK, (wrong,))


def test_marking_takes_a_reason(database: Database, ticket: uuid.UUID) -> None:
    """There is no way back, so somebody says why."""
    desk.assert_invalid(
        database.connect("tvd_operator"),
        "select muni.mark_sensitive(%s, '  ')",
        (ticket,),
        "the reason of marking a ticket sensitive needs words",
    )


def test_numbers_that_meet_on_both_sides_bring_no_word_across(database: Database) -> None:
    """Events of the two sides may have the same number; a note is read once, with its own event."""
    saps, operator = database.connect("tvd_saps"), database.connect("tvd_operator")
    report = desk.new_ticket(database, "saps_liaison")
    saps.execute(desk.NOTE, (report, "a secret note"))
    for _ in range(5):
        desk.log(operator, "water", "a leak")
    number = desk.value(saps, "select tracking_number from muni.tickets")
    opening = desk.value(saps, OPEN, number)
    notes = saps.execute("select seq, note from muni.read_confidential_notes(%s)", (opening,))

    assert notes.fetchall() == [(3, "a secret note"), (4, "a court order of this year")]


# ------------------------------------------------------------------- asked for in vain


def timeline(database: Database, ticket: uuid.UUID) -> list[str]:
    """Who asked for a report in vain, in order."""
    rows = database.connect_owner().execute(
        "select actor from ticket_events where ticket_id = %s and kind = 'access_denied'"
        " order by seq",
        (ticket,),
    )
    return [str(actor) for (actor,) in rows]


def recorded(database: Database, login: str) -> int:
    """How many look-ups in vain of somebody are recorded."""
    owner = database.connect_owner()
    return desk.value(owner, "select count(*) from denials where actor = %s", login)


def test_who_asked_in_vain_is_on_the_timeline_of_that_report_once(database: Database) -> None:
    """In their name, at the time they asked, without changing the report; of nothing else."""
    operator, saps = database.connect("tvd_operator"), database.connect("tvd_saps")
    one, two = (desk.new_ticket(database, "saps_liaison") for _ in range(2))
    owner = database.connect_owner()
    operator.execute(DENIED, (desk.value(owner, NUMBER, one),))
    database.connect("tvd_admin").execute(DENIED, (desk.value(owner, NUMBER, one),))
    asked = [at for (at,) in owner.execute("select at from denials order by id")]
    before = row_of(database, one)
    for _ in range(2):
        saps.execute("select muni.settle_denials()")
    told = owner.execute("select at from ticket_events where kind = 'access_denied' order by seq")

    assert timeline(database, one) == ["tvd_operator", "tvd_admin"]
    assert timeline(database, two) == []
    assert [at for (at,) in told] == asked
    assert row_of(database, one)["version"] == before["version"]


def test_opening_one_report_tells_it_nothing_of_another(database: Database) -> None:
    """Who asked for the second is not on the timeline of the first that is opened."""
    one, two = (desk.new_ticket(database, "saps_liaison") for _ in range(2))
    first, second = (desk.value(database.connect_owner(), NUMBER, x) for x in (one, two))
    database.connect("tvd_operator").execute(DENIED, (second,))
    saps = database.connect("tvd_saps")
    saps.execute(OPEN, (first,))
    assert timeline(database, one) == []
    for _ in range(2):
        saps.execute(OPEN, (second,))

    assert timeline(database, two) == ["tvd_operator"]


def test_another_municipalitys_liaison_settles_nothing_here(database: Database) -> None:
    """A report's timeline is written by who may read it."""
    report = desk.new_ticket(database, "saps_liaison")
    number = desk.value(database.connect_owner(), NUMBER, report)
    database.connect("tvd_operator").execute(DENIED, (number,))
    database.connect("ksb_saps").execute("select muni.settle_denials()")
    assert timeline(database, report) == []
    database.connect("tvd_saps").execute("select muni.settle_denials()")

    assert timeline(database, report) == ["tvd_operator"]


def test_a_municipal_ticket_has_no_such_timeline(database: Database, ticket: uuid.UUID) -> None:
    """Whose number it is, is found among the reports alone."""
    number = desk.value(database.connect_owner(), NUMBER, ticket)
    database.connect("ksb_operator").execute(DENIED, (number,))
    database.connect("tvd_saps").execute("select muni.settle_denials()")

    assert timeline(database, ticket) == []
    assert row_of(database, ticket)["last_seq"] == 2


def test_thirty_an_hour_are_recorded_of_a_report_as_of_nothing(database: Database) -> None:
    """A script cannot flood a timeline; an hour later, and for a colleague, it counts anew."""
    operator, colleague = database.connect("tvd_operator"), database.connect("tvd_operator2")
    report = desk.new_ticket(database, "saps_liaison")
    number = desk.value(database.connect_owner(), NUMBER, report)
    for place in range(40):
        operator.execute(DENIED, (number if place % 2 else desk.NOBODY["number"],))
    colleague.execute(DENIED, (number,))
    rows = database.connect_owner().execute(
        "select tracking_number, count(*) from denials where actor = 'tvd_operator' group by 1"
    )

    assert dict(rows.fetchall()) == {number: 15, desk.NOBODY["number"]: 15}
    assert recorded(database, "tvd_operator2") == 1
    database.connect_owner().execute("update denials set at = at - interval '1 hour'")
    operator.execute(DENIED, (number,))
    assert recorded(database, "tvd_operator") == 31
