"""The sweep (docs/reference/sla.md, rule 11): what is found late, what becomes of it, who is told."""

from __future__ import annotations

import datetime as dt

import pytest
from support import world
from support.database import Database

from law import desk, late

pytestmark = pytest.mark.law

HOUR = dt.timedelta(hours=1)


def test_a_missed_response_escalates_the_ticket_once(database: Database) -> None:
    """Latched, escalated, with the team's manager, who is told; the citizen hears of it; nothing twice."""
    found = late.ticket(database, 3.5, phone="+27 82 000 0001")
    before = late.row(database, found)
    rows = late.sweep(database)
    after = late.row(database, found)
    told = late.everything(database)

    assert rows == [("tvd", 0, 0, 1, False), ("ksb", 0, 0, 0, False)]
    assert after["sla_response_breached_at"] == before["sla_response_deadline"]
    assert after["escalation_reason"] == "response_breach (overdue by 1.5 h)"
    assert (after["status"], after["assigned_to"]) == ("escalated", "tvd_manager")
    assert after["assigned_team_id"] == before["assigned_team_id"]
    assert after["version"] == before["version"] + 2
    assert (after["first_responded_at"], after["resolved_at"]) == (None, None)
    breach, handed = late.swept(database, found)
    assert after["escalated_at"] == after["updated_at"] == breach["at"] == handed["at"]
    assert (breach["kind"], breach["actor"]) == ("sla_breached", "system")
    assert (breach["from_status"], breach["to_status"]) == ("open", "escalated")
    assert breach["data"] == {
        "clock": "response",
        "level": 1,
        "overdue_seconds": round((breach["at"] - before["sla_response_deadline"]).total_seconds()),
    }
    assert (handed["kind"], handed["assignee"]) == ("assigned", "tvd_manager")
    assert handed["team_id"] == before["assigned_team_id"]
    assert handed["data"] == {"because": "breach"}
    assert late.alerts(database, found) == [("tvd_manager", "breach", "response", 1)]
    assert late.notices(database, found) == [("+27 82 000 0001", "pending")]
    late.assert_told(database)

    assert late.sweep(database) == [("tvd", 0, 0, 0, False), ("ksb", 0, 0, 0, False)]
    assert late.everything(database) == told


def test_a_warning_comes_once_a_clock(database: Database) -> None:
    """At 80 % of either target the manager is told; the ticket stays where it is."""
    unanswered = late.ticket(database, 1.7)
    answered = late.ticket(database, 20, ("in_progress", 19))
    both = late.ticket(database, 1.7)
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_resolution_warning_at = created_at + interval '1 h' where id = %s",
            (both,),
        )
    assert late.sweep(database)[0] == ("tvd", 0, 4, 0, False)
    late.sweep(database)

    assert late.kinds(database, unanswered) == [("sla_warning", "response", None)]
    assert late.kinds(database, answered) == [("sla_warning", "resolution", None)]
    assert late.kinds(database, both) == [
        ("sla_warning", "response", None),
        ("sla_warning", "resolution", None),
    ]
    assert [event["data"] for event in late.swept(database, both)] == [
        {"clock": "response"},
        {"clock": "resolution"},
    ]
    assert late.row(database, unanswered)["status"] == "open"
    assert late.row(database, answered)["sla_resolution_warned_at"] is not None
    assert late.row(database, answered)["sla_response_warned_at"] is None
    assert late.alerts(database, answered) == [("tvd_manager", "warning", "resolution", 0)]
    assert late.alerts(database, both) == [
        ("tvd_manager", "warning", "resolution", 0),
        ("tvd_manager", "warning", "response", 0),
    ]
    assert late.notices(database, unanswered) == []


def test_without_a_manager_the_warning_goes_to_whoever_has_the_ticket(database: Database) -> None:
    """Who has left is not told; where nobody has it, nobody is."""
    late.set_manager(database, "Water 1", None)
    carried = late.ticket(database, 1.7, assignee="tvd_operator")
    left = late.ticket(database, 1.7, assignee="tvd_disabled")
    waiting = late.ticket(database, 1.7)
    late.sweep(database)

    assert late.alerts(database, carried) == [("tvd_operator", "warning", "response", 0)]
    assert late.alerts(database, left) == late.alerts(database, waiting) == []
    assert len(late.swept(database, left)) == len(late.swept(database, waiting)) == 1


def test_a_warning_that_came_too_late_is_left_out(database: Database) -> None:
    """Nobody is warned of what is missed already; the other clock's warning comes all the same."""
    found = late.ticket(database, 20)
    late.sweep(database)

    assert late.kinds(database, found) == [
        ("sla_breached", "response", "escalated"),
        ("sla_warning", "resolution", None),
        ("assigned", None, None),
    ]
    late.assert_told(database)


def test_both_clocks_in_one_sweep_are_two_breaches(database: Database) -> None:
    """Response, then resolution, which is the second of its ticket: admins and manager are told."""
    found = late.ticket(database, 30, phone="+27820000001")
    late.sweep(database)
    after = late.row(database, found)

    assert late.kinds(database, found) == [
        ("sla_breached", "response", "escalated"),
        ("sla_breached", "resolution", None),
        ("assigned", None, None),
    ]
    assert [event["data"].get("level") for event in late.swept(database, found)] == [1, 2, None]
    assert after["escalation_reason"] == "response_breach (overdue by 28.0 h)"
    assert after["sla_resolution_breached_at"] == after["sla_resolution_deadline"]
    assert late.alerts(database, found) == [
        ("tvd_manager", "breach", "response", 1),
        ("tvd_admin", "breach", "resolution", 2),
        ("tvd_manager", "breach", "resolution", 2),
    ]
    assert len(late.notices(database, found)) == 1
    late.assert_told(database)


def test_a_missed_resolution_alone_is_a_first_breach(database: Database) -> None:
    """What was answered in time and not resolved escalates like any other."""
    found = late.ticket(database, 25, ("in_progress", 24.5))
    late.sweep(database)

    assert late.kinds(database, found) == [
        ("sla_breached", "resolution", "escalated"),
        ("assigned", None, None),
    ]
    assert late.swept(database, found)[0]["data"]["level"] == 1
    assert late.row(database, found)["escalation_reason"] == "resolution_breach (overdue by 1.0 h)"
    assert late.alerts(database, found) == [("tvd_manager", "breach", "resolution", 1)]
    late.assert_told(database)


def test_what_was_escalated_for_its_response_is_a_second_breach_later(database: Database) -> None:
    """A second event and the admins; whoever has taken it over keeps it, and no second notice goes out."""
    found = late.ticket(database, 20, phone="+27820000001")
    late.sweep(database)
    database.connect("tvd_manager").execute(desk.ASSIGN, (found, None, "tvd_operator", "he knows"))
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_resolution_deadline = now() - interval '1 h' where id = %s",
            (found,),
        )
    late.sweep(database)
    after = late.row(database, found)

    assert late.kinds(database, found)[3:] == [("sla_breached", "resolution", None)]
    assert late.swept(database, found)[3]["data"]["level"] == 2
    assert (after["status"], after["assigned_to"]) == ("escalated", "tvd_operator")
    assert after["escalation_reason"].startswith("response_breach")
    assert late.alerts(database, found)[-2:] == [
        ("tvd_admin", "breach", "resolution", 2),
        ("tvd_manager", "breach", "resolution", 2),
    ]
    assert len(late.notices(database, found)) == 1


def test_what_was_put_back_to_work_escalates_again(database: Database) -> None:
    """In progress after a missed response, its resolution missed: level 2, escalated, the manager's again."""
    found = late.ticket(database, 30, ("in_progress", 27), assignee="tvd_operator")
    late.sweep(database)
    after = late.row(database, found)

    assert late.kinds(database, found) == [
        ("sla_breached", "resolution", "escalated"),
        ("assigned", None, None),
    ]
    assert late.swept(database, found)[0]["data"]["level"] == 2
    assert after["assigned_to"] == "tvd_manager"
    assert after["sla_response_breached_at"] == after["sla_response_deadline"]
    late.assert_told(database)


def test_on_hold_an_unanswered_response_is_told_and_nothing_moves(database: Database) -> None:
    """Event and alert; the ticket stays on hold with whoever has it, and no citizen is written to."""
    found = late.ticket(
        database, 30, ("on_hold", 29), assignee="tvd_operator", phone="+27820000001"
    )
    late.sweep(database)
    after = late.row(database, found)

    assert late.kinds(database, found) == [("sla_breached", "response", None)]
    assert (after["status"], after["assigned_to"]) == ("on_hold", "tvd_operator")
    assert (after["escalated_at"], after["escalation_reason"]) == (None, None)
    assert after["sla_resolution_breached_at"] is None
    assert late.alerts(database, found) == [("tvd_manager", "breach", "response", 1)]
    assert late.notices(database, found) == []
    late.assert_told(database)


def test_what_was_late_when_it_was_put_on_hold_is_found(database: Database) -> None:
    """Missed between two sweeps, then put on hold: late by what it was late then, and still on hold."""
    found = late.ticket(database, 30, ("in_progress", 29), ("on_hold", 5))
    late.sweep(database)
    [event] = late.swept(database, found)

    assert (event["kind"], event["to_status"]) == ("sla_breached", None)
    assert event["data"] == {"clock": "resolution", "level": 1, "overdue_seconds": 3600}
    assert late.row(database, found)["status"] == "on_hold"
    late.assert_told(database)


def test_what_a_person_has_escalated_keeps_their_reason(database: Database) -> None:
    """Escalated stays escalated; a missed response hands it to the manager, a resolution is level 2."""
    found = late.ticket(database, 1, assignee="tvd_operator", phone="+27820000001")
    database.connect("tvd_operator").execute("select muni.escalate(%s, 'third call')", (found,))
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_response_deadline = now() - interval '1 h',"
            " sla_resolution_deadline = now() - interval '1 h' where id = %s",
            (found,),
        )
    late.sweep(database)
    after = late.row(database, found)

    assert late.kinds(database, found) == [
        ("sla_breached", "response", None),
        ("sla_breached", "resolution", None),
        ("assigned", None, None),
    ]
    assert (after["status"], after["escalation_reason"]) == ("escalated", "third call")
    assert after["assigned_to"] == "tvd_manager"
    assert late.swept(database, found)[1]["data"]["level"] == 2
    assert late.notices(database, found) == []


def test_an_answer_in_time_or_too_late_leaves_nothing_to_find(database: Database) -> None:
    """Whoever answers between two sweeps is not escalated for it; resolved and closed are left alone."""
    for moves in (
        [("in_progress", 29)],
        [("in_progress", 27)],
        [("resolved", 20)],
        [("resolved", 2)],
        [("resolved", 20), ("closed", 19)],
    ):
        found = late.ticket(database, 30, *moves)
        with database.connect_owner() as owner:
            owner.execute(
                "update tickets set sla_resolution_deadline = now() + interval '9 h',"
                " sla_resolution_warning_at = now() + interval '8 h'"
                " where id = %s and status = 'in_progress'",
                (found,),
            )
        late.sweep(database)

        assert late.swept(database, found) == [], moves


@pytest.mark.parametrize(
    ("manager", "because", "told"),
    [
        (None, "no_manager", ["tvd_manager", "tvd_operator"]),
        ("tvd_disabled", "manager_disabled", ["tvd_manager", "tvd_operator"]),
        ("ksb_manager", "no_manager", ["tvd_manager", "tvd_operator"]),
        ("tvd_saps", "no_manager", ["tvd_manager", "tvd_operator"]),
    ],
)
def test_without_a_manager_it_stays_with_the_team(
    database: Database, manager: str | None, because: str, told: list[str]
) -> None:
    """The event says why; everybody active in the team is told. Nobody else's manager gets it."""
    late.set_manager(database, "Water 1", manager)
    found = late.ticket(database, 3, assignee="tvd_operator")
    late.sweep(database)
    [breach] = late.swept(database, found)

    assert breach["data"]["stays_because"] == because
    assert late.row(database, found)["assigned_to"] == "tvd_operator"
    assert [recipient for recipient, *_ in late.alerts(database, found)] == told
    late.assert_told(database)


def test_whoever_manages_the_team_and_has_it_keeps_it(database: Database) -> None:
    """No hand-over to the same person."""
    found = late.ticket(database, 3, assignee="tvd_manager")
    late.sweep(database)

    assert late.kinds(database, found) == [("sla_breached", "response", "escalated")]
    assert "stays_because" not in late.swept(database, found)[0]["data"]


def test_without_a_team_the_managers_are_told_then_the_admins_then_nobody(
    database: Database,
) -> None:
    """Each falls back on the next; that there is nobody left stands in the job's result and stays there."""
    owner = database.connect_owner()
    found = []
    for gone in (None, "tvd_manager", "tvd_admin"):
        found.append(late.ticket(database, 30, team=None))  # before the admin who imports it leaves
        if gone is not None:
            late.disable(owner, gone)
        late.sweep(database)
    told = [late.alerts(database, one) for one in found]

    assert [event["data"].get("stays_because") for event in late.swept(database, found[0])] == [
        "no_team",
        None,
    ]
    assert told[0] == [
        ("tvd_manager", "breach", "response", 1),
        ("tvd_admin", "breach", "resolution", 2),
    ]
    assert told[1] == [
        ("tvd_admin", "breach", "response", 1),
        ("tvd_admin", "breach", "resolution", 2),
    ]
    assert told[2] == []
    assert late.row(database, found[2])["status"] == "escalated"
    late.sweep(database)
    result = "select result from jobs where name = 'sweep' order by municipality_id limit 1"
    assert desk.value(owner, result)["untold"] == 2


def test_everybody_who_reported_it_hears_of_it_once(database: Database) -> None:
    """Further reporters too, each number once however it is written; who left none is kept as such."""
    found = late.ticket(database, 1, phone="+27 82 000 0001")
    silent = late.ticket(database, 3)
    operator = database.connect("tvd_operator")
    for phone in ("+27-82-000-0001", "+27820000002", "+27 82 000 0002"):
        operator.execute("select muni.add_reporter(%s, 'Resident 9', %s)", (found, phone))
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_response_deadline = now() - interval '1 h' where id = %s",
            (found,),
        )
    late.sweep(database)
    numbers = [
        (str(number).replace(" ", ""), state) for number, state in late.notices(database, found)
    ]

    assert numbers == [("+27820000001", "pending"), ("+27820000002", "pending")]
    assert late.notices(database, silent) == [(None, "suppressed")]


def test_what_another_writer_inserts_gets_the_deadlines_of_the_console(database: Database) -> None:
    """The same as by import at that instant, with an event; when it is late already, it is found at once."""
    fresh = late.raw(database, 1)
    overdue = late.raw(database, 5)
    now = late.row(database, fresh)["created_at"]
    like = late.ticket(database, 1)
    assert late.sweep(database)[0] == ("tvd", 2, 0, 1, False)
    made, same = late.row(database, fresh), late.row(database, like)

    for name in (
        "response_deadline",
        "resolution_deadline",
        "response_warning_at",
        "resolution_warning_at",
    ):
        assert made[f"sla_{name}"] - now == same[f"sla_{name}"] - same["created_at"]
    assert made["sla_policy_id"] == same["sla_policy_id"]
    assert (made["version"], made["last_seq"]) == (1, 1)
    assert late.kinds(database, overdue) == [
        ("recomputed", None, None),
        ("sla_breached", "response", "escalated"),
    ]
    [event] = late.swept(database, fresh)
    assert event["data"]["from"] == {"response": None, "resolution": None}
    assert event["data"]["to"]["response"] == int(made["sla_response_deadline"].timestamp() * 1e6)
    late.assert_told(database)


def test_what_no_calendar_reaches_does_not_stop_the_others(database: Database) -> None:
    """A row with an impossible date gets no clocks, once and for all; what is late beside it is found."""
    impossible = late.raw(database, 10_000_000)  # before the year 900
    with database.connect_owner() as owner:
        owner.execute(
            """
            with made as (
                insert into calendars (municipality_id, name, time_zone, is_always)
                select id, 'Office', 'Africa/Johannesburg', false from municipalities where code = 'tvd'
                returning id
            ),
            windows as (
                insert into calendar_windows (calendar_id, weekday, opens_at, closes_at)
                select made.id, 1, '08:00', '16:30' from made
            )
            update sla_policies set calendar_id = made.id from made
            """
        )
    found = late.ticket(database, 400)
    first = late.sweep(database)[0]

    assert first[0:2] == ("tvd", 0)
    assert first[3] == 2
    assert late.row(database, impossible)["without_sla"]
    assert [event["kind"] for event in late.swept(database, impossible)] == ["recomputed"]
    assert late.row(database, found)["status"] == "escalated"
    assert late.sweep(database)[0] == ("tvd", 0, 0, 0, False)


def test_what_was_imported_without_clocks_is_left_without(database: Database) -> None:
    """Old requests of another system are history: no deadline, no alert, no notice."""
    [number] = late.imported(database, dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC), with_sla=False)
    late.sweep(database)

    assert late.swept(database, desk.id_of(database, number)) == []


def test_reports_of_violence_are_never_touched(database: Database) -> None:
    """Whatever their age, no sweep reads or writes a row of them."""
    operator = database.connect("tvd_operator")
    for _ in range(3):
        desk.log(operator, "gbv", "a story")
    moved = late.ticket(database, 3)
    late.sweep(database)
    operator.execute("select muni.mark_sensitive(%s, 'she told more')", (moved,))
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set created_at = created_at - interval '90 d' where is_sensitive"
        )
    before = late.everything(database)
    late.sweep(database)
    late.sweep(database, "tvd_saps")

    assert late.everything(database) == before
    assert late.alerts(database, moved) == []
    assert late.notices(database, moved) == []


@pytest.mark.parametrize(
    ("login", "known_as", "code"),
    [
        ("tvd_operator", "tvd_operator", "tvd"),
        ("tvd_manager", "tvd_manager", "tvd"),
        ("tvd_admin", "tvd_admin", "tvd"),
        ("tvd_saps", "another console", None),
        ("ksb_operator", "another console", None),
        (world.WORKER, "worker", "tvd"),
    ],
)
def test_anybodys_console_sweeps_and_tells_as_much_as_they_may_know(
    database: Database, login: str, known_as: str, code: str | None
) -> None:
    """Colleagues are named, others not; numbers are for the municipality's own people and the worker."""
    late.ticket(database, 3)
    rows = late.sweep(database, login)
    beat = (
        database.connect("tvd_operator").execute("select name, done_by from muni.jobs").fetchall()
    )

    assert beat == [("sweep", known_as)]
    assert ((code, 0, 0, 1, False) in rows) == (code is not None)
    assert all(row[1:4] == (None, None, None) for row in rows if row[0] is None)
    own = (
        {"tvd", "ksb"}
        if login == world.WORKER
        else {login[:3]} - ({"tvd"} if "saps" in login else set())
    )
    assert {row[0] for row in rows if row[0] is not None} == own


def test_a_fresh_sweep_is_not_done_again(database: Database) -> None:
    """Two hundred consoles tick every minute; one of them finds something to do."""
    first = database.connect("tvd_operator")
    second = database.connect("ksb_manager")
    call = "select count(*) from muni.sweep_sla()"

    assert [desk.value(first, call) for _ in range(3)] == [1, 1, 0]
    assert desk.value(second, call) == 0
    with database.connect_owner() as owner:
        owner.execute("update jobs set done_at = done_at - interval '51 s'")
    assert [desk.value(second, call) for _ in range(3)] == [1, 1, 0]


def test_alerts_are_marked_read_by_their_recipient_alone(database: Database) -> None:
    """One, several or all; never a colleague's."""
    for _ in range(3):
        late.ticket(database, 30)
    late.sweep(database)
    manager, admin = database.connect("tvd_manager"), database.connect("tvd_admin")
    ids = [row[0] for row in manager.execute("select id from muni.alerts order by id").fetchall()]
    read = "select muni.read_alerts(%s)"

    assert len(ids) == 6
    assert desk.value(admin, read, ids) == 0
    assert desk.value(manager, read, ids[:2]) == 2
    assert desk.value(manager, read, ids[:2]) == 0
    assert desk.value(manager, "select muni.read_alerts()") == 4
    assert desk.value(admin, "select count(*) from muni.alerts where read_at is null") == 3
