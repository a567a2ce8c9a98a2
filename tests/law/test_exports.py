"""Tickets leave for a file: written into the audit log before the first is read, counted, and again at the end."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

BEGIN = "select muni.begin_export(%s, %s)"
COUNT = "select muni.count_exported(%s, %s)"
END = "select muni.end_export(%s, %s)"
NOBODYS = "no export of yours has begun under this number"
WANTED = {"statuses": ["open"], "search": "Long Street"}
IDS = [uuid.UUID(int=number) for number in range(1, 4)]


@pytest.fixture
def manager(database: Database) -> psycopg.Connection:
    """A manager's connection."""
    return database.connect("tvd_manager")


def begin(connection: psycopg.Connection, wanted: object = WANTED, form: str = "csv") -> uuid.UUID:
    """Begin an export."""
    return desk.value(connection, BEGIN, json.dumps(wanted), form)


def audit(database: Database) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """The audit log: municipality, actor, kind, subject, data."""
    return (
        database.connect_owner()
        .execute(
            "select m.code, a.actor::text, a.kind, a.subject, a.data from audit_log as a"
            " join municipalities as m on m.id = a.municipality_id order by m.code, a.seq"
        )
        .fetchall()
    )


def kept(database: Database) -> set[tuple[uuid.UUID, str]]:
    """The exports that are under way, and whose they are."""
    found = database.connect_owner().execute("select id, author::text from exports")
    return set(found.fetchall())


def assert_no_export(connection: psycopg.Connection, query: str, *parameters: object) -> None:
    """Run what must be refused for want of an export of one's own."""
    error = desk.refusal(connection, query, parameters)

    assert (error.sqlstate, error.diag.message_primary) == ("42501", NOBODYS)


@pytest.mark.parametrize(
    ("login", "complete", "state"),
    [
        ("tvd_manager", True, "completed"),
        ("tvd_admin", False, "interrupted"),
        ("tvd_manager", None, "interrupted"),
    ],
)
def test_an_export_is_in_the_audit_log_before_and_after(
    database: Database, login: str, complete: bool | None, state: str
) -> None:
    """Who, which tickets and as what, before the first is read; how many, and whether all, afterwards."""
    connection = database.connect(login)
    export = begin(connection, form="jsonl")
    begun = (
        *("tvd", login, "exported", "tickets"),
        {"export": str(export), "state": "begun", "format": "jsonl", "filter": WANTED},
    )
    assert audit(database) == [begun]
    first = desk.value(connection, COUNT, export, IDS)
    second = desk.value(connection, COUNT, export, IDS[:1])
    none = desk.value(connection, COUNT, export, None)
    counted = desk.value(connection, END, export, complete)

    assert (first, second, none, counted) == (3, 4, 4, 4)
    assert audit(database) == [
        begun,
        (*begun[:4], {"export": str(export), "state": state, "tickets": 4}),
    ]
    assert kept(database) == set()


def test_nothing_is_read_for_an_export_whose_beginning_could_be_rolled_back(
    database: Database, manager: psycopg.Connection
) -> None:
    """In the transaction that begins it nothing is counted, and so nothing given out."""
    with pytest.raises(psycopg.Error) as caught, manager.transaction():
        manager.execute(COUNT, (begin(manager), IDS))

    assert caught.value.diag.message_primary == NOBODYS
    assert audit(database) == []
    export = begin(manager)
    with manager.transaction():
        assert desk.value(manager, COUNT, export, IDS) == 3


def test_an_export_is_ones_own(database: Database, manager: psycopg.Connection) -> None:
    """Nobody counts for or ends a colleague's, one that has ended, or one that never was."""
    admin = database.connect("tvd_admin")
    export = begin(manager)
    for number in (export, uuid.UUID(int=0), None):
        assert_no_export(admin, COUNT, number, IDS)
        assert_no_export(admin, END, number, True)
    assert desk.value(manager, END, export, True) == 0
    assert_no_export(manager, COUNT, export, IDS)
    assert_no_export(manager, END, export, True)
    assert len(audit(database)) == 2


def test_two_exports_at_once_are_counted_each_for_itself(
    database: Database, manager: psycopg.Connection
) -> None:
    """A second window of the same person is another export."""
    first, second = begin(manager), begin(manager)
    desk.value(manager, COUNT, first, IDS)
    desk.value(manager, COUNT, second, IDS[:1])

    assert desk.value(manager, END, second, True) == 1
    assert kept(database) == {(first, "tvd_manager")}
    assert desk.value(manager, END, first, True) == 3


def test_an_export_that_was_cut_off_is_forgotten_after_a_day(
    database: Database, manager: psycopg.Connection
) -> None:
    """With the next one that its author begins; the audit log keeps that it had begun."""
    old, fresh = begin(manager), begin(manager)
    others = begin(database.connect("tvd_admin"))
    database.connect_owner().execute(
        "update exports set begun_at = begun_at - interval '25 h' where id <> %s", (fresh,)
    )
    last = begin(manager)

    assert kept(database) == {
        (fresh, "tvd_manager"),
        (last, "tvd_manager"),
        (others, "tvd_admin"),
    }
    assert_no_export(manager, COUNT, old, IDS)
    assert len(audit(database)) == 4


@pytest.mark.parametrize(
    ("wanted", "form", "words"),
    [
        ([], "csv", "says which tickets"),
        ("all", "csv", "says which tickets"),
        (None, "csv", "says which tickets"),
        ({"search": "x" * 4000}, "csv", "at most 4,000 characters"),
        ({}, "xlsx", "as csv or jsonl"),
        ({}, None, "as csv or jsonl"),
    ],
)
def test_an_export_says_what_it_is(
    database: Database, manager: psycopg.Connection, wanted: object, form: str | None, words: str
) -> None:
    """What is no filter or no format is refused, and nothing is written down."""
    given = None if wanted is None else json.dumps(wanted)

    desk.assert_invalid(manager, BEGIN, (given, form), words)
    assert (audit(database), kept(database)) == ([], set())


def test_a_filter_of_null_is_none(database: Database, manager: psycopg.Connection) -> None:
    """JSON's null says nothing of which tickets either."""
    desk.assert_invalid(manager, BEGIN, ("null", "csv"), "says which tickets")


def test_exporting_is_for_managers_and_administrators(database: Database) -> None:
    """A liaison's export would be in a log that municipal colleagues read: there is none."""
    for login in ("tvd_operator", "tvd_saps", "tvd_disabled", "test_worker", "test_intake"):
        connection = database.connect(login)
        for query, given in ((BEGIN, ("{}", "csv")), (COUNT, (IDS[0], IDS)), (END, (IDS[0], True))):
            assert desk.refusal(connection, query, given).sqlstate == "42501"
    assert audit(database) == []
