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
    events = list(events)
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
    state |= {"status": None, "version": 0, "updated_at": None, "paused_for": dt.timedelta(0)}
    clocks = None if ticket["is_sensitive"] else _Clocks(ticket, events)
    for event in events:
        if event["kind"] not in {"viewed", "access_denied"}:
            state["version"] += 1
            state["updated_at"] = event["at"]
        if event["kind"] in {"assigned", "unassigned", "marked_sensitive"}:
            state["assigned_team_id"], state["assigned_to"] = event["team_id"], event["assignee"]
        if event["kind"] == "contacted" and state["first_responded_at"] is None:
            state["first_responded_at"] = event["at"]
        if event["kind"] == "escalated" and clocks is not None:
            state["escalation_reason"] = event["note"]
        if event["to_status"] is not None:
            assert event["from_status"] == state["status"]
            pause = _move(state, event["to_status"], event["at"])
            state["paused_for"] += pause
            if clocks is not None:
                clocks.pause(pause)
        elif clocks is not None and event["data"] is not None:
            clocks.change(event)
    return state if clocks is None else state | clocks.told()


class _Clocks:
    """Both clocks of a municipal ticket: by its policy and pauses, or as somebody has set them."""

    def __init__(self, ticket: Row, events: list[Row]) -> None:
        changes = [event["data"] for event in events if event["kind"] == "reclassified"]
        self.code = ticket["code"]
        self.category = changes[0]["category"]["from"] if changes else ticket["category"]
        self.created = ticket["created_at"]
        self.paused = dt.timedelta(0)
        self.deadlines: Row = {}
        self.warnings: Row = {}
        self.by_hand: set[str] = set()
        self.date()

    def date(self) -> None:
        """Set whatever nobody has set by hand, as policy and pauses so far have it."""
        found = TARGETS.get((self.code, self.category), TARGETS[self.code, None])
        for clock, target in zip(("response", "resolution"), found, strict=True):
            if clock not in self.by_hand:
                pauses = self.paused if clock == "resolution" else dt.timedelta(0)
                self.deadlines[clock] = self.created + target + pauses
                self.warnings[clock] = self.created + target * 0.8 + pauses

    def pause(self, length: dt.timedelta) -> None:
        """Let the resolution clock have stood still for so long."""
        self.paused += length
        self.date()

    def change(self, event: Row) -> None:
        """Follow a new category or deadline, and hold what the event says of both against it."""
        data = event["data"]
        assert data["from"] == self.microseconds()
        if event["kind"] == "reclassified":
            assert data["category"]["from"] == self.category
            self.category = data["category"]["to"]
        else:
            clock = data["clock"]
            if event["kind"] == "override_cleared":
                self.by_hand.discard(clock)
            else:
                self.by_hand.add(clock)
                set_to = EPOCH + dt.timedelta(microseconds=data["to"][clock])
                self.deadlines[clock] = set_to
                self.warnings[clock] = self.created + (set_to - self.created) * 0.8
        self.date()
        assert data["to"] == self.microseconds()

    def microseconds(self) -> dict[str, int]:
        """Both deadlines as an event writes them."""
        return {
            clock: (at - EPOCH) // dt.timedelta(microseconds=1)
            for clock, at in self.deadlines.items()
        }

    def told(self) -> Row:
        """What the ticket should say."""
        return {
            "category": self.category,
            "response_overridden": "response" in self.by_hand,
            "resolution_overridden": "resolution" in self.by_hand,
            "sla_response_deadline": self.deadlines["response"],
            "sla_resolution_deadline": self.deadlines["resolution"],
            "sla_response_warning_at": self.warnings["response"],
            "sla_resolution_warning_at": self.warnings["resolution"],
        }


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
