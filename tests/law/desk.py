"""Doing things as somebody: the calls of the law, tickets to try them on, and what a refusal is."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from support import world
from support.database import Database
from support.waiting import until

REFUSAL = "not authorized to access sensitive reports, or no such ticket"
ROLES = tuple(world.GROUPS)
GROUPS = (*world.GROUPS.values(), "muni_worker", "muni_intake")
CODES = tuple(code for code, _ in world.MUNICIPALITIES)
LOGIN_OF = {"operator": "operator", "manager": "manager", "admin": "admin", "saps_liaison": "saps"}
"""What stands behind `tvd_` in the name of the login that has a role."""

EVERYBODY = frozenset(ROLES)
MANAGERS = frozenset({"manager", "admin"})
OPENERS = frozenset({"admin", "saps_liaison"})
ADMIN = frozenset({"admin"})
GRANTED: dict[str, frozenset[str]] = {
    "add_note": EVERYBODY,
    "add_notes": EVERYBODY - {"operator"},
    "add_reporter": EVERYBODY,
    "apply_municipality": ADMIN,
    "assign_ticket": EVERYBODY - {"operator"},
    "assign_tickets": EVERYBODY - {"operator"},
    "be_on_duty": EVERYBODY,
    "be_present": EVERYBODY,
    "begin_export": MANAGERS,
    "change_status": EVERYBODY,
    "change_statuses": EVERYBODY - {"operator"},
    "count_exported": MANAGERS,
    "create_operator": ADMIN,
    "delete_draft": EVERYBODY - {"saps_liaison"},
    "delete_view": EVERYBODY,
    "disable_operator": ADMIN,
    "enable_operator": ADMIN,
    "end_export": MANAGERS,
    "escalate": EVERYBODY,
    "fresh_opening": ADMIN,
    "import_tickets": ADMIN,
    "imported_before": ADMIN,
    "leave_duty": EVERYBODY,
    "log_ticket": EVERYBODY | {"intake"},
    "mark_sensitive": EVERYBODY - {"saps_liaison"},
    "municipality_as": EVERYBODY,
    "open_confidential_report": OPENERS,
    "override_deadline": MANAGERS,
    "planner_prunes": EVERYBODY,
    "preview_override": MANAGERS,
    "propose_team": EVERYBODY - {"operator"},
    "read_alerts": EVERYBODY - {"saps_liaison"},
    "read_confidential_events": OPENERS,
    "read_confidential_notes": OPENERS,
    "read_confidential_report": OPENERS,
    "read_confidential_reporters": OPENERS,
    "read_confidential_ticket": OPENERS,
    "reclassify": MANAGERS,
    "recompute_clocks": ADMIN,
    "record_contact": EVERYBODY,
    "record_denied": EVERYBODY,
    "report_sla": MANAGERS,
    "reset_operator_password": ADMIN,
    "run_upkeep": EVERYBODY | {"worker"},
    "save_draft": EVERYBODY - {"saps_liaison"},
    "save_view": EVERYBODY,
    "search_tickets": EVERYBODY,
    "set_operator_team": ADMIN,
    "settle_attempt": EVERYBODY,
    "settle_denials": frozenset({"saps_liaison"}),
    "similar_tickets": EVERYBODY - {"saps_liaison"},
    "sla_preview": EVERYBODY - {"saps_liaison"},
    "sla_state": EVERYBODY,
    "sweep_sla": EVERYBODY | {"worker"},
    "take_ticket": EVERYBODY,
    "unassign_ticket": EVERYBODY - {"operator"},
    "undo_assignment": EVERYBODY - {"operator"},
    "undo_assignments": EVERYBODY - {"operator"},
    "whoami": EVERYBODY,
}
"""The role table: who may call which function of the schema; what is not named, nobody may."""

_VERIFIER = "'SCRAM-SHA-256$4096:' || repeat('A', 24) || '$' || repeat('A', 43) || '=:' || repeat('A', 43) || '='"
CALLS = {
    "add_note": "select muni.add_note(%(id)s, 'a note')",
    "add_notes": "select * from muni.add_notes(array[%(id)s]::uuid [], 'a note')",
    "add_reporter": "select muni.add_reporter(%(id)s, 'Resident 9', null)",
    "apply_municipality": 'select * from muni.apply_municipality(\'{"code": "ksb"}\')',
    "assign_ticket": "select muni.assign_ticket(%(id)s)",
    "assign_tickets": "select * from muni.assign_tickets(array[%(id)s]::uuid [])",
    "be_on_duty": "select muni.be_on_duty()",
    "be_present": "select muni.be_present(%(id)s)",
    "begin_export": "select muni.begin_export('{}', 'csv')",
    "change_status": "select muni.change_status(%(id)s, 'in_progress')",
    "change_statuses": (
        "select * from muni.change_statuses(array[%(id)s]::uuid [], null, 'in_progress')"
    ),
    "count_exported": "select muni.count_exported(%(opening)s, '{}')",
    "create_operator": f"select muni.create_operator('x_new', 'N', 'operator', null, {_VERIFIER})",
    "delete_draft": "select muni.delete_draft('report')",
    "delete_view": "select muni.delete_view(1)",
    "disable_operator": "select muni.disable_operator('nobody_here')",
    "enable_operator": "select muni.enable_operator('nobody_here')",
    "end_export": "select muni.end_export(%(opening)s, true)",
    "escalate": "select muni.escalate(%(id)s, 'it is urgent')",
    "fresh_opening": "select * from muni.fresh_opening(%(number)s)",
    "import_tickets": "select * from muni.import_tickets('elsewhere', '[]')",
    "imported_before": "select * from muni.imported_before('elsewhere', '{}')",
    "leave_duty": "select muni.leave_duty()",
    "log_ticket": "select muni.log_ticket('gbv', 'low', 'words')",
    "mark_sensitive": "select muni.mark_sensitive(%(id)s, 'she told more')",
    "open_confidential_report": "select muni.open_confidential_report(%(number)s, 'a court order')",
    "override_deadline": (
        "select muni.override_deadline(%(id)s, 'response', now() + interval '9 days', 'promised')"
    ),
    "preview_override": (
        "select * from muni.preview_override(%(id)s, 'response', now() + interval '9 days')"
    ),
    "propose_team": "select * from muni.propose_team(%(id)s)",
    "read_alerts": "select muni.read_alerts()",
    "read_confidential_events": "select * from muni.read_confidential_events(%(opening)s)",
    "read_confidential_notes": "select * from muni.read_confidential_notes(%(opening)s)",
    "read_confidential_report": "select * from muni.read_confidential_report(%(opening)s)",
    "read_confidential_reporters": "select * from muni.read_confidential_reporters(%(opening)s)",
    "read_confidential_ticket": "select * from muni.read_confidential_ticket(%(opening)s)",
    "reclassify": "select muni.reclassify(%(id)s, 'other', 'not water')",
    "recompute_clocks": "select muni.recompute_clocks('ksb')",
    "record_contact": "select muni.record_contact(%(id)s, 'called back')",
    "record_denied": "select muni.record_denied(%(number)s)",
    "report_sla": "select * from muni.report_sla('2026-01-01', '2027-01-01')",
    "reset_operator_password": f"select muni.reset_operator_password('nobody_here', {_VERIFIER})",
    "run_upkeep": "select * from muni.run_upkeep('0')",
    "save_draft": "select muni.save_draft('report', '{}')",
    "save_view": "select muni.save_view(1, 'mine', '{}', 'newest')",
    "search_tickets": "select * from muni.search_tickets('TKT-')",
    "set_operator_team": "select muni.set_operator_team('nobody_here', null)",
    "settle_attempt": "select muni.settle_attempt(gen_random_uuid())",
    "settle_denials": "select muni.settle_denials()",
    "similar_tickets": "select * from muni.similar_tickets('water', suburb => 'Hilltop')",
    "sla_preview": "select * from muni.sla_preview('ksb', 'water', now())",
    "sweep_sla": "select * from muni.sweep_sla('0')",
    "take_ticket": "select muni.take_ticket(%(id)s)",
    "unassign_ticket": "select muni.unassign_ticket(%(id)s)",
    "undo_assignment": "select muni.undo_assignment(%(id)s, 0)",
    "undo_assignments": "select * from muni.undo_assignments(array[%(id)s]::uuid [], array[0])",
}
"""One call of each function that does or tells something."""

CHANGE = "select muni.change_status(%s, %s)"
ASSIGN = "select muni.assign_ticket(%s, %s, %s, %s)"
TAKE = "select muni.take_ticket(%s)"
NOTE = "select muni.add_note(%s, %s)"

WAY_TO = {
    "open": (),
    "in_progress": ("in_progress",),
    "on_hold": ("on_hold",),
    "escalated": ("escalated",),
    "resolved": ("resolved",),
    "closed": ("resolved", "closed"),
}
"""The moves that bring a new ticket to a status."""

NOBODY: Mapping[str, object] = {
    "id": uuid.UUID(int=0),
    "number": "TKT-20200101-000000",
    "opening": uuid.UUID(int=0),
}


def login(code: str, role: str) -> str:
    """The login in the municipality that has this role."""
    return f"{code}_{LOGIN_OF[role]}"


def value(connection: psycopg.Connection, query: str, *parameters: object) -> Any:
    """The first column of the first row."""
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


def log(
    connection: psycopg.Connection,
    category: str = "water",
    description: str = "a leak",
    severity: str = "medium",
    **more: object,
) -> str:
    """Log a report and give its number."""
    given = {"category": category, "severity": severity, "description": description, **more}
    named = ", ".join(f"{name} => %({name})s" for name in given)
    row = connection.execute(f"select muni.log_ticket({named})", given).fetchone()
    assert row is not None
    return str(row[0])


def ticket(database: Database, number: str) -> dict[str, Any]:
    """The whole row of a ticket, as the owner sees it."""
    with database.connect_owner() as owner:
        cursor = owner.execute("select * from tickets where tracking_number = %s", (number,))
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return dict(zip((column.name for column in cursor.description), row, strict=True))


def id_of(database: Database, number: str) -> uuid.UUID:
    """The id of a ticket, whoever may see it."""
    return ticket(database, number)["id"]


def team(database: Database, name: str, code: str = "tvd") -> int:
    """The id of a team."""
    with database.connect_owner() as owner:
        return value(
            owner,
            "select t.id from teams as t join municipalities as m on m.id = t.municipality_id"
            " where m.code = %s and t.name = %s",
            code,
            name,
        )


def new_ticket(database: Database, role: str, status: str = "open") -> uuid.UUID:
    """A ticket of `tvd` that a role works on, in a status."""
    category = "gbv" if role == "saps_liaison" else "water"
    made = id_of(database, log(database.connect("tvd_operator"), category))
    mover = database.connect("tvd_saps2" if role == "saps_liaison" else "tvd_manager")
    for step in WAY_TO[status]:
        mover.execute(CHANGE, (made, step))
    return made


def refusal(connection: psycopg.Connection, query: str, parameters: Any = None) -> psycopg.Error:
    """Run what must not succeed and give the error."""
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(query, parameters)
    return caught.value


def outcome_after_waiting(
    first: psycopg.Connection, second: psycopg.Connection, call: str, parameters: Any
) -> psycopg.Error | None:
    """Let `second` call while `first` holds the ticket in a transaction, then commit that one.

    Gives the error by which `second` was refused, None when its call was done. That it really waits
    is seen in PostgreSQL's own locks.
    """
    errors: list[psycopg.Error | None] = []

    def run() -> None:
        try:
            second.execute(call, parameters)
            errors.append(None)
        except psycopg.Error as error:
            errors.append(error)

    pid = second.info.backend_pid
    other = threading.Thread(target=run)
    other.start()
    until(lambda: bool(value(first, "select cardinality(pg_blocking_pids(%s))", pid)))
    first.commit()
    other.join()
    return errors[0]


def assert_refused(connection: psycopg.Connection, query: str, parameters: Any = None) -> None:
    """Run what must get the one sentence for hidden, missing and not permitted."""
    error = refusal(connection, query, parameters)

    assert (error.sqlstate, error.diag.message_primary) == ("42501", REFUSAL)
    assert (error.diag.message_detail, error.diag.message_hint) == (None, None)


def assert_invalid(
    connection: psycopg.Connection, query: str, parameters: Any = None, words: str = ""
) -> None:
    """Run what must be refused as no valid change, with these words and no row quoted."""
    error = refusal(connection, query, parameters)

    assert error.sqlstate == "22023"
    assert words in (error.diag.message_primary or "")
    assert error.diag.message_detail is None


@dataclass(frozen=True, slots=True)
class Story:
    """What one municipality has in its tables, and the words by which each part is recognised."""

    code: str
    municipal: str
    sensitive: str
    municipal_marks: tuple[str, ...]
    sensitive_marks: tuple[str, ...]


def tell_stories(database: Database) -> dict[str, Story]:
    """A municipal ticket and a GBV report in each municipality, both logged, worked on and noted."""
    return {code: _tell(database, code) for code in CODES}


def _tell(database: Database, code: str) -> Story:
    operator = database.connect(f"{code}_operator")
    manager = database.connect(f"{code}_manager")
    liaison = database.connect(f"{code}_saps")
    given = {
        kind: {
            "description": f"{code}{kind}story",
            "address": f"{code}{kind}street",
            "reporter_name": f"{code}{kind}caller",
            "reporter_phone": f"{code}{kind}phone",
        }
        for kind in ("ordinary", "secret")
    }
    latitude, longitude = world.CENTRES[code]
    municipal = log(operator, "water", **given["ordinary"])
    sensitive = log(operator, "gbv", latitude=latitude, longitude=longitude, **given["secret"])
    ids = {number: id_of(database, number) for number in (municipal, sensitive)}
    for person, number, kind in (
        (manager, municipal, "ordinary"),
        (liaison, sensitive, "secret"),
    ):
        person.execute("select muni.add_note(%s, %s)", (ids[number], f"{code}{kind}note"))
        person.execute(
            "select muni.change_status(%s, 'on_hold', %s)", (ids[number], f"{code}{kind}hold")
        )
        person.execute("select muni.assign_ticket(%s, assignee => session_user)", (ids[number],))
    liaison.execute("select muni.open_confidential_report(%s, %s)", (sensitive, f"{code}secretwhy"))
    with database.connect_owner() as owner:
        events = owner.execute(
            "select encode(chain, 'hex') from ticket_events where is_sensitive and ticket_id = %s",
            (ids[sensitive],),
        ).fetchall()
        openings = owner.execute(
            "select id::text from confidential_openings where ticket_id = %s", (ids[sensitive],)
        ).fetchall()
    return Story(
        code,
        municipal,
        sensitive,
        (f"{code}ordinary", municipal, str(ids[municipal])),
        (
            f"{code}secret",
            sensitive,
            str(ids[sensitive]),
            f"{code}_saps",
            *(text for (text,) in events + openings),
        ),
    )
