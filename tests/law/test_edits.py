"""Whoever edits one thing in one row of history, a superuser too, does not do it unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb
from support.database import Database, Server

from law import desk
from municonsole.db import evidence

UNHASHED = {"id", "tx"}
"""Where and when a row was written: one that moves behind the wall gets new ones, its history stays."""

statuses = st.sampled_from(("open", "in_progress", "on_hold", "escalated", "resolved", "closed"))
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
numbers = st.integers(-(2**31), 2**31 - 1)
digests = st.binary(min_size=32, max_size=32)
data = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
).map(Jsonb)
EDITS: dict[str, st.SearchStrategy[Any]] = {
    "municipality_id": st.sampled_from((1, 2)) | numbers,
    "is_sensitive": st.booleans(),
    "ticket_id": st.uuids(),
    "seq": numbers | st.integers(1, 12),
    "kind": st.sampled_from(("created", "noted", "assigned", "viewed", "redacted", "recomputed")),
    "actor": words | st.sampled_from(("tvd_operator", "tvd_manager", "tvd_saps")),
    "via": st.sampled_from(("console", "intake", "import", "sweep", "owner")),
    "at": st.integers(-(10**15), 10**16).map(
        lambda shift: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=shift)
    )
    | st.sampled_from(("infinity", "-infinity")),
    "from_status": st.none() | statuses | words,
    "to_status": st.none() | statuses | words,
    "team_id": st.none() | st.integers(1, 10) | numbers,
    "assignee": st.none() | words | st.sampled_from(("tvd_operator", "tvd_saps")),
    "data": st.none() | data,
    "note_digest": st.none() | digests,
    "chain": digests,
}


@dataclass(frozen=True, slots=True)
class History:
    """A database with history on both sides, and a superuser in it who can do anything."""

    database: Database
    root: psycopg.Connection
    owner: psycopg.Connection
    events: tuple[tuple[bool, int], ...]

    def broken(self) -> list[str]:
        """What a walk of every chain finds."""
        return evidence.verify(self.owner).broken


@pytest.fixture(scope="module")
def history(server: Server) -> Iterator[History]:
    """A few tickets of every kind of event, made through the law."""
    database = server.fresh()
    operator, manager = database.connect("tvd_operator"), database.connect("tvd_manager")
    for category in ("water", "roads", "gbv", "water"):
        number = desk.log(operator, category, "a story")
    last = desk.id_of(database, number)
    operator.execute("select muni.add_note(id, 'a note') from muni.tickets")
    operator.execute("select muni.record_contact(id, 'called back') from muni.tickets")
    manager.execute(
        "select muni.override_deadline(id, 'response', now() + interval '9 days', 'promised')"
        " from muni.tickets"
    )
    manager.execute("select muni.change_status(id, 'in_progress') from muni.tickets")
    manager.execute("select muni.reclassify(%s, 'other', 'not water')", (last,))
    operator.execute("select muni.mark_sensitive(%s, 'she told more')", (last,))
    saps = database.connect("tvd_saps")
    saps.execute("select muni.open_confidential_report(tracking_number, null) from muni.tickets")
    root = psycopg.connect(server.cluster.superuser_dsn(database.dbname), autocommit=True)
    root.execute("set search_path = muni")
    root.execute("create table as_it_was as select * from ticket_events")
    # No key, no trigger stands in the way of somebody who may do this.
    root.execute("set session_replication_role = replica")
    rows = root.execute("select is_sensitive, id from ticket_events order by 1, 2").fetchall()
    found = History(
        database, root, database.connect(database.owner), tuple((side, key) for side, key in rows)
    )

    assert found.broken() == []
    yield found
    root.close()
    server.drop(database)


def test_every_column_is_edited(history: History) -> None:
    """A new column of an event is hashed, or is named here as one that is not."""
    rows = history.root.execute(
        "select attname from pg_attribute where attrelid = 'ticket_events'::regclass and attnum > 0"
        " and not attisdropped"
    ).fetchall()

    assert {name for (name,) in rows} == set(EDITS) | UNHASHED


def _edit_is_found(history: History, choice: st.DataObject) -> None:
    side, key = choice.draw(st.sampled_from(history.events), label="event")
    column = choice.draw(st.sampled_from(sorted(EDITS)), label="column")
    value = choice.draw(EDITS[column], label="value")
    edit = sql.SQL(
        "update ticket_events set {column} = {value}"
        " where is_sensitive = {side} and id = {key} and {column} is distinct from {value}"
    ).format(column=sql.Identifier(column), value=value, side=side, key=key)
    try:
        edited = history.root.execute(edit).rowcount
    except psycopg.IntegrityError:
        edited = 0  # what the table itself refuses needs no evidence
    assume(edited)
    try:
        assert history.broken() != []
    finally:
        history.root.execute("delete from ticket_events")
        history.root.execute("insert into ticket_events select * from as_it_was")


def _settings(examples: int, *, repeatable: bool) -> settings:
    return settings(
        max_examples=examples,
        derandomize=repeatable,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.law
@_settings(300, repeatable=True)
@given(choice=st.data())
def test_any_edit_of_an_event_is_found(history: History, choice: st.DataObject) -> None:
    """Some hundred edits of any column of any event to anything, the same each time."""
    _edit_is_found(history, choice)


@pytest.mark.prove
@_settings(20_000, repeatable=False)
@given(choice=st.data())
def test_of_many_more_edits_none_goes_unseen(history: History, choice: st.DataObject) -> None:
    """Twenty thousand, others each time."""
    _edit_is_found(history, choice)
