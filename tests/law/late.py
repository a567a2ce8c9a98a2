"""Tickets that are late, made by the law as if time had passed, and looking at what a sweep did to them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import psycopg
from psycopg.rows import dict_row
from support import world
from support.database import Database

from law import desk, replay
from law.test_clock import imported, moved

HOUR = dt.timedelta(hours=1)


def ticket(
    database: Database,
    age: float,
    *moves: tuple[str, float],
    category: str = "water",
    team: str | None = "Water 1",
    assignee: str | None = None,
    phone: str | None = None,
) -> uuid.UUID:
    """A ticket of `tvd` logged `age` hours ago, moved to statuses so many hours ago; its id.

    Water has 2 hours to be answered and 24 to be resolved, a warning after 80 %.
    """
    with database.connect_owner() as owner:
        now = desk.value(owner, "select clock_timestamp()")
        [number] = imported(database, now - age * HOUR, category=category)
        if team is not None:
            owner.execute(
                "select _append(t, 'assigned', team_id => %s, assignee => %s, at => t.created_at)"
                " from tickets as t where t.tracking_number = %s",
                (desk.team(database, team), assignee, number),
            )
        if phone is not None:
            owner.execute(
                "update tickets set reporter_phone = %s where tracking_number = %s", (phone, number)
            )
        moved(owner, number, *((status, now - ago * HOUR) for status, ago in moves))
    return desk.id_of(database, number)


def raw(database: Database, age: float, category: str = "water") -> uuid.UUID:
    """A ticket of `tvd` that another writer has inserted `age` hours ago: no clocks, no history."""
    with database.connect_owner() as owner:
        return desk.value(
            owner,
            """
            insert into tickets (
                id, municipality_id, is_sensitive, tracking_number, category, description, created_at,
                updated_at, chain
            )
            select
                x.id, m.id, false, 'TKT-20260101-' || upper(substr(x.id::text, 1, 6)), %s, 'a leak',
                now() - make_interval(secs => %s), now(), sha256(convert_to(x.id::text, 'UTF8'))
            from municipalities as m, (select gen_random_uuid() as id) as x
            where m.code = 'tvd'
            returning id
            """,
            category,
            age * 3600,
        )


def sweep(database: Database, login: str = world.WORKER) -> list[tuple[Any, ...]]:
    """What a console or worker gets that sweeps every municipality once, whoever has done so before."""
    connection = database.connect(login)
    return [
        row
        for _ in world.MUNICIPALITIES
        for row in connection.execute("select * from muni.sweep_sla('0')").fetchall()
    ]


def row(database: Database, ticket_id: uuid.UUID) -> dict[str, Any]:
    """The ticket as it is now."""
    with database.connect_owner() as owner, owner.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("select * from tickets where id = %s", (ticket_id,)).fetchone()
        assert found is not None
        return found


def swept(database: Database, ticket_id: uuid.UUID) -> list[dict[str, Any]]:
    """The events that sweeps have written for a ticket, in order."""
    with database.connect_owner() as owner, owner.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from ticket_events where ticket_id = %s and via = 'sweep' order by seq",
            (ticket_id,),
        ).fetchall()


def kinds(database: Database, ticket_id: uuid.UUID) -> list[tuple[str, str | None, str | None]]:
    """Kind, clock and new status of each of those events."""
    return [
        (event["kind"], (event["data"] or {}).get("clock"), event["to_status"])
        for event in swept(database, ticket_id)
    ]


def alerts(database: Database, ticket_id: uuid.UUID) -> list[tuple[str, str, str, int]]:
    """Recipient, kind, clock and level of each alert about a ticket."""
    with database.connect_owner() as owner:
        return owner.execute(
            "select recipient, kind, clock, level from alerts where ticket_id = %s"
            " order by level, clock, recipient",
            (ticket_id,),
        ).fetchall()


def notices(database: Database, ticket_id: uuid.UUID) -> list[tuple[str | None, str]]:
    """Number and state of each notice to a citizen about a ticket."""
    with database.connect_owner() as owner:
        return owner.execute(
            "select coalesce(r.reporter_phone, case when n.reporter_id is null then t.reporter_phone end),"
            " n.state from notifications as n join tickets as t on t.id = n.ticket_id"
            " left join reporters as r on r.id = n.reporter_id where n.ticket_id = %s order by n.id",
            (ticket_id,),
        ).fetchall()


def everything(database: Database) -> dict[str, list[Any]]:
    """All that a sweep may write except when it was done, for comparing before and after."""
    tables = ("tickets", "ticket_events", "alerts", "notifications", "ticket_notes")
    with database.connect_owner() as owner:
        return {
            table: owner.execute(f"select * from {table} as x order by x::text").fetchall()
            for table in tables
        }


def assert_told(database: Database) -> None:
    """Every chain is whole, and every ticket is what its events say."""
    with database.connect_owner() as owner:
        tickets, events = replay.everything(owner)
    for found in tickets:
        told = events[found["id"]]
        assert replay.broken_links(found, told) == [], found["tracking_number"]
        if told and told[0]["kind"] in {"created", "imported"}:
            state = replay.told(found, told)
            assert {name: found[name] for name in state} == state


def set_manager(database: Database, team: str, manager: str | None) -> None:
    """Give a team of `tvd` another manager, or none."""
    with database.connect_owner() as owner:
        owner.execute(
            "update teams set manager = %s where id = %s", (manager, desk.team(database, team))
        )


def disable(owner: psycopg.Connection, username: str) -> None:
    """Let somebody have left."""
    owner.execute("update operators set is_active = false where username = %s", (username,))
