"""The rules of a ticket once more, in Python: its hash chain and its state, from its events alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TARGETS = {
    ("tvd", "water"): (2 * HOUR, 24 * HOUR),
    ("tvd", None): (8 * HOUR, 72 * HOUR),
    ("ksb", None): (24 * HOUR, 168 * HOUR),
}
"""Response and resolution targets of the fixed world, by municipality and category."""


def everything(owner: psycopg.Connection) -> tuple[list[Row], dict[uuid.UUID, list[Row]]]:
    """All tickets, and the events of each with salt and words of their notes, in order."""
    with owner.cursor(row_factory=dict_row) as cursor:
        tickets = cursor.execute(
            "select t.*, m.code from tickets as t join municipalities as m on m.id = t.municipality_id"
        ).fetchall()
        events: dict[uuid.UUID, list[Row]] = {row["id"]: [] for row in tickets}
        for row in cursor.execute(
            "select e.*, coalesce(n.salt, c.salt) as salt, coalesce(n.note, c.note) as note"
            " from ticket_events as e"
            " left join ticket_notes as n on n.event_id = e.id and not e.is_sensitive"
            " left join confidential_notes as c on c.event_id = e.id and e.is_sensitive"
            " order by e.ticket_id, e.seq"
        ):
            events[row["ticket_id"]].append(row)
    return tickets, events


def link(previous: bytes, event: Row) -> bytes:
    """The hash of one event over the one before it, as the design describes it."""
    digest = None
    if event["note"] is not None:
        digest = hashlib.sha256(event["salt"] + event["note"].encode()).hexdigest()
    canonical = json.dumps(
        [
            event["seq"],
            event["kind"],
            event["actor"],
            event["via"],
            (event["at"] - EPOCH) // dt.timedelta(microseconds=1),
            event["from_status"],
            event["to_status"],
            event["team_id"],
            event["assignee"],
            event["data"],
            digest,
        ],
        ensure_ascii=False,
    )
    return hashlib.sha256(previous + canonical.encode()).digest()


def broken_links(ticket: Row, events: Iterable[Row]) -> list[int]:
    """The places at which a ticket's chain does not hold: wrong hash, wrong place, cut tail (0)."""
    head = hashlib.sha256(str(ticket["id"]).encode()).digest()
    broken = []
    last = 0
    for place, event in enumerate(events, start=1):
        head = link(head, event)
        if (event["seq"], event["chain"]) != (place, head):
            broken.append(place)
        last = place
    if (ticket["chain"], ticket["last_seq"]) != (head, last):
        broken.append(0)
    return broken


def told(ticket: Row, events: Iterable[Row]) -> Row:
    """What a ticket's events say its state is, clocks included."""
    created = ticket["created_at"]
    response, resolution = TARGETS.get(
        (ticket["code"], ticket["category"]), TARGETS[ticket["code"], None]
    )
    state: Row = dict.fromkeys(
        (
            "assigned_team_id",
            "assigned_to",
            "first_responded_at",
            "resolved_at",
            "paused_at",
            "escalated_at",
        )
    )
    state |= {"status": None, "version": 0, "updated_at": None}
    pauses = dt.timedelta(0)
    for event in events:
        if event["kind"] != "viewed":
            state["version"] += 1
            state["updated_at"] = event["at"]
        if event["kind"] == "assigned":
            state["assigned_team_id"], state["assigned_to"] = event["team_id"], event["assignee"]
        if event["to_status"] is not None:
            assert event["from_status"] == state["status"]
            pauses += _move(state, event["to_status"], event["at"])
    if not ticket["is_sensitive"]:
        state["sla_response_deadline"] = created + response
        state["sla_resolution_deadline"] = created + resolution + pauses
        state["sla_response_warning_at"] = created + response * 0.8
        state["sla_resolution_warning_at"] = created + resolution * 0.8 + pauses
    return state


def _move(state: Row, status: str, at: dt.datetime) -> dt.timedelta:
    """Apply a change of status; the pause of the resolution clock that ends with it."""
    before, state["status"] = state["status"], status
    ended = dt.timedelta(0)
    if state["paused_at"] is not None and (before, status) != ("resolved", "closed"):
        ended = at - state["paused_at"]
        state["paused_at"] = None
    if status in {"on_hold", "resolved"}:
        state["paused_at"] = at
    if status in {"in_progress", "resolved"} and state["first_responded_at"] is None:
        state["first_responded_at"] = at
    if status == "escalated" and state["escalated_at"] is None:
        state["escalated_at"] = at
    if status != "closed":
        state["resolved_at"] = at if status == "resolved" else None
    return ended
