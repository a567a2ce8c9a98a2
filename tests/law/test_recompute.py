"""Open tickets are dated anew under the policies in force: which, how, and what becomes of their histories."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from support import world
from support.database import Database
from support.waiting import until

from law import desk, replay
from law.municipal import apply, audit, plan

pytestmark = pytest.mark.law


def imported(database: Database, *items: dict[str, Any], with_sla: bool = True) -> list[str]:
    """Tickets of other times than now, as an administrator imports them."""
    rows = (
        database.connect("tvd_admin")
        .execute(
            "select outcome, detail from muni.import_tickets('elsewhere', %s, %s)",
            (
                Jsonb(
                    [
                        {
                            "source_id": f"{with_sla} {k}",
                            "category": "roads",
                            "description": "words",
                        }
                        | item
                        for k, item in enumerate(items)
                    ]
                ),
                with_sla,
            ),
        )
        .fetchall()
    )

    assert {outcome for outcome, _ in rows} == {"imported"}
    return [number for _, number in rows]


def test_open_tickets_are_dated_anew_when_somebody_says_so(database: Database):
    """Deadlines, policy, version, an event with old and new, a line of the audit log; once."""
    [number] = imported(database, {"created_at": "2026-09-18T16:00:00+02:00"})
    before = desk.ticket(database, number)
    admin = database.connect("tvd_admin")
    rows = apply(admin, recompute=True)
    after = desk.ticket(database, number)
    with database.connect_owner() as owner:
        event = owner.execute(
            "select kind, actor::text, via, data, note_digest from ticket_events"
            " where ticket_id = %s order by seq desc limit 1",
            (after["id"],),
        ).fetchone()

    assert rows[-1] == ("tickets", "tvd", "recomputed", {"tickets": 1})
    assert after["sla_response_deadline"].isoformat() == "2026-09-21T09:30:00+00:00"
    assert after["version"] == before["version"] + 1
    assert event[:3] == ("recomputed", "tvd_admin", "console")
    assert event[3]["from"] == microseconds(before)
    assert event[3]["to"] == microseconds(after)
    assert event[4] is None
    assert audit(database)[-1][:3] == ("tvd_admin", "recomputed", "tvd")
    assert apply(admin, recompute=True)[-1][2] == "left"
    assert desk.value(admin, "select muni.recompute_clocks('tvd')") == 0
    assert desk.ticket(database, number) == after


def microseconds(ticket: dict[str, Any]) -> dict[str, int]:
    """Both deadlines as an event writes them."""
    return {
        clock: int(ticket[f"sla_{clock}_deadline"].timestamp() * 1_000_000)
        for clock in ("response", "resolution")
    }


def test_recomputing_touches_nothing_else(database: Database):
    """Neither what is resolved, nor what has no clocks, nor a GBV report, nor the other municipality."""
    admin = database.connect("tvd_admin")
    numbers = [
        *imported(database, {"created_at": "2026-09-18T16:00:00+02:00"}, with_sla=False),
        *imported(
            database,
            {
                "created_at": "2026-09-18T16:00:00+02:00",
                "status": "resolved",
                "status_at": "2026-09-19T16:00:00+02:00",
            },
        ),
        desk.log(admin, "gbv"),
        desk.log(database.connect("ksb_operator"), "roads"),
    ]
    before = [desk.ticket(database, number) for number in numbers]
    apply(admin, recompute=True)

    assert [desk.ticket(database, number) for number in numbers] == before


def test_overrides_pauses_and_latches_are_kept(database: Database):
    """A deadline set by hand stays; the other clock goes by the new policy; what was missed stays missed."""
    [number] = imported(
        database,
        {
            "created_at": "2026-09-14T08:00:00+02:00",
            "status": "on_hold",
            "status_at": "2026-09-14T10:00:00+02:00",
        },
    )
    admin = database.connect("tvd_admin")
    ticket = desk.ticket(database, number)
    admin.execute(
        "select muni.override_deadline(%s, 'response', '2030-01-01 12:00+00', 'promised')",
        (ticket["id"],),
    )
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_resolution_breached_at = '2026-09-15 08:00+00',"
            ' pauses = \'{["2026-09-14 12:00+02","2026-09-14 14:00+02")}\' where id = %s',
            (ticket["id"],),
        )
    apply(admin, recompute=True)
    after = desk.ticket(database, number)

    assert after["sla_response_deadline"].isoformat() == "2030-01-01T12:00:00+00:00"
    # 42 h 30 min from Monday 08:00 are Friday 16:30; two hours more are Monday 10:00.
    assert after["sla_resolution_deadline"].isoformat() == "2026-09-21T08:00:00+00:00"
    assert after["sla_resolution_breached_at"] is not None
    assert (after["status"], after["response_overridden"]) == ("on_hold", True)


def test_only_what_open_tickets_need_is_made_known(database: Database):
    """Neither for what was resolved long ago, nor for another municipality's tickets."""
    old = {"category": "roads", "description": "words", "created_at": "2005-03-01T12:00:00+02:00"}
    resolved = old | {"source_id": "1", "status": "resolved", "status_at": old["created_at"]}
    imported(database, {"created_at": "2026-09-18T16:00:00+02:00"}, resolved)
    rows = database.connect("ksb_admin").execute(
        "select outcome from muni.import_tickets('elsewhere', %s, true)",
        (Jsonb([old | {"source_id": "1"}]),),
    )
    assert rows.fetchall() == [("imported",)]
    apply(database.connect("tvd_admin"), recompute=True)
    with database.connect_owner() as owner:
        first = desk.value(owner, "select min(s.opens_at) from calendar_spans as s")

    assert first.year >= 2025


def by_night(wanted: dict[str, Any]) -> None:
    """Waste is worked on while the office is closed, by a calendar of its own."""
    night = [{"weekday": day, "opens": "18:00", "closes": "22:30"} for day in range(1, 8)]
    wanted["calendars"].append(wanted["calendars"][0] | {"name": "night", "windows": night})
    wanted["policies"].append(
        {"category": "waste", "calendar": "night", "response": 240, "resolution": 2550}
    )


def test_one_statement_dates_as_each_ticket_by_itself(database: Database):
    """Whatever day and hour, and however long it was on hold: as muni._date_clocks has it."""
    items = [
        {
            "category": category,
            "created_at": f"20{20 + k % 7}-{k % 12 + 1:02}-{k % 28 + 1:02}T{k % 24:02}:{k * 7 % 60:02}:01+02:00",
        }
        for k in range(120)
        for category in ("roads", "water", "waste", "other")
        if k % 7 != 6 or k % 12 < 9
    ]
    imported(database, *items)
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set pauses = tstzmultirange(tstzrange(created_at + interval '3 hours',"
            " created_at + interval '3 hours' + (hashtext(id::text) & 255) * interval '41 minutes'))"
            " where hashtext(id::text) % 3 = 0"
        )
        apply(database.connect("tvd_admin"), plan(by_night), recompute=True)
        wrong, counted = owner.execute(
            "select count(*) filter (where t is distinct from muni._date_clocks(t)"
            " or t.sla_policy_id is distinct from muni._policy(t.municipality_id, t.category)), count(*)"
            " from tickets as t"
        ).fetchone()
        tickets, events = replay.everything(owner)

    assert (wrong, counted) == (0, len(items))
    assert [replay.broken_links(ticket, events[ticket["id"]]) for ticket in tickets] == [
        []
    ] * counted


def test_what_changes_meanwhile_is_dated_as_it_is_then(database: Database):
    """A ticket that somebody has in hand is waited for, and its history stays whole."""
    [number] = imported(database, {"created_at": "2026-09-18T16:00:00+02:00"})
    ticket = desk.ticket(database, number)
    apply(database.connect("tvd_admin"))
    busy = database.connect("tvd_operator", autocommit=False)
    admin = database.connect("tvd_admin")
    busy.execute(desk.NOTE, (ticket["id"], "I am at it"))
    counted: list[int] = []
    other = threading.Thread(
        target=lambda: counted.append(desk.value(admin, "select muni.recompute_clocks('tvd')"))
    )
    pid = admin.info.backend_pid
    other.start()
    until(lambda: bool(desk.value(busy, "select cardinality(pg_blocking_pids(%s))", pid)))
    busy.commit()
    other.join()
    with database.connect_owner() as owner:
        [ticket], events = replay.everything(owner)

    assert counted == [1]
    assert [event["kind"] for event in events[ticket["id"]]][-2:] == ["noted", "recomputed"]
    assert replay.broken_links(ticket, events[ticket["id"]]) == []


def test_the_owner_recomputes_as_the_owner(database: Database):
    """The history says by whom, and that it was not at a desk."""
    [number] = imported(database, {"created_at": "2026-09-18T16:00:00+02:00"})
    apply(database.connect("tvd_admin"))
    with database.connect_owner() as owner:
        counted = desk.value(owner, "select muni.recompute_clocks('tvd')")
        event = owner.execute(
            "select actor::text, via from ticket_events where kind = 'recomputed'"
        ).fetchone()
        desk.assert_invalid(
            owner, "select muni.recompute_clocks('new')", None, "no such municipality"
        )

    assert number
    assert counted == 1
    assert event == (database.owner, "owner")


def test_nobody_waits_for_another_municipalitys_sweep(database: Database):
    """One's own sweep ends first; that of a neighbour goes on, and so does one's own upkeep."""
    neighbour, admin = database.connect_owner(), database.connect("tvd_admin")
    worker = database.connect(world.WORKER)
    worker.execute("select muni.sweep_sla('0'), muni.sweep_sla('0'), muni.run_upkeep('0')")
    neighbour.autocommit = False
    held = "select from jobs where municipality_id = 2 or name = 'upkeep' for update"
    assert neighbour.execute(held).rowcount == 3
    admin.execute("set lock_timeout = '1s'")

    assert apply(admin, recompute=True)
    neighbour.rollback()
