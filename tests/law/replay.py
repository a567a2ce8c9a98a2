"""The rules of a ticket once more, in Python: its hash chain and its state, from its events alone."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

Row = dict[str, Any]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TARGETS = {
    ("tvd", "water"): (2 * HOUR, 24 * HOUR),
    ("tvd", None): (8 * HOUR, 72 * HOUR),
    ("ksb", None): (24 * HOUR, 168 * HOUR),
}
"""Response and resolution targets of the fixed world, by municipality and category; around the clock."""

CLOCKS = ("response", "resolution")


def everything(owner: psycopg.Connection) -> tuple[list[Row], dict[uuid.UUID, list[Row]]]:
    """All tickets, and the events of each with salt and words of their notes, in order."""
    with owner.cursor(row_factory=dict_row) as cursor:
        tickets = cursor.execute(
            "select t.*, m.code, case when p.id is not null then coalesce(p.category, 'default') end as policy"
            " from tickets as t join municipalities as m on m.id = t.municipality_id"
            " left join sla_policies as p on p.id = t.sla_policy_id"
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
    state |= {"status": None, "version": 0, "updated_at": None, "pauses": Multirange()}
    clocks = None if ticket["is_sensitive"] else _Clocks(ticket, events)
    for event in events:
        if event["kind"] not in {"viewed", "access_denied"}:
            state["version"] += 1
            state["updated_at"] = event["at"]
        if event["kind"] in {"assigned", "unassigned", "marked_sensitive"}:
            state["assigned_team_id"], state["assigned_to"] = event["team_id"], event["assignee"]
        if event["kind"] == "escalated" and clocks is not None:
            state["escalation_reason"] = event["note"]
        unanswered = state["first_responded_at"] is None
        if event["kind"] == "contacted" and unanswered:
            state["first_responded_at"] = event["at"]
        if clocks is not None and event["data"] is not None:
            clocks.follow(event, state)
        if event["to_status"] is not None:
            assert event["from_status"] == state["status"]
            _move(state, event["to_status"], event["at"])
        if clocks is not None:
            if unanswered and state["first_responded_at"] is not None:
                clocks.stop("response", event["at"])
            clocks.pause(state["pauses"])
            if event["to_status"] == "resolved":
                clocks.stop("resolution", event["at"])
    return state if clocks is None else state | clocks.told()


class _Clocks:
    """Both clocks of a municipal ticket: by its policy and pauses, or as somebody has set them."""

    def __init__(self, ticket: Row, events: list[Row]) -> None:
        changes = [event["data"] for event in events if event["kind"] == "reclassified"]
        self.code = ticket["code"]
        self.category = changes[0]["category"]["from"] if changes else ticket["category"]
        self.created = ticket["created_at"]
        self.pauses = Multirange[dt.datetime]()
        self.policy: str | None = None
        self.targets: dict[str, dt.timedelta | None] = dict.fromkeys(CLOCKS)
        self.deadlines: dict[str, dt.datetime | None] = dict.fromkeys(CLOCKS)
        self.warnings: dict[str, dt.datetime | None] = dict.fromkeys(CLOCKS)
        self.warned: dict[str, dt.datetime | None] = dict.fromkeys(CLOCKS)
        self.breached: dict[str, dt.datetime | None] = dict.fromkeys(CLOCKS)
        self.by_hand: set[str] = set()
        found = [event["data"]["from"] for event in events if event["kind"] == "recomputed"]
        # What another writer has inserted has none until the sweep comes by.
        if not ticket["without_sla"] and not (found and None in found[0].values()):
            self.choose()

    def choose(self) -> None:
        """Go by the policy in force for the category."""
        key = (self.code, self.category)
        own = key in TARGETS
        self.targets = dict(zip(CLOCKS, TARGETS[key if own else (self.code, None)], strict=True))
        if self.code == "tvd":
            self.policy = self.category if own else "default"
        self.date()

    def date(self) -> None:
        """Set whatever nobody has set by hand, as targets and pauses so far have it."""
        for clock, target in self.targets.items():
            if clock not in self.by_hand and target is not None:
                pauses = self.pauses if clock == "resolution" else ()
                self.deadlines[clock] = _reached(self.created, target, pauses)
                self.warnings[clock] = _reached(self.created, target * 80 // 100, pauses)

    def pause(self, pauses: Multirange[dt.datetime]) -> None:
        """Let the resolution clock have stood still at these times."""
        self.pauses = pauses
        self.date()

    def stop(self, clock: str, at: dt.datetime) -> None:
        """Let a clock be answered; one that is late keeps when it should have been."""
        deadline = self.deadlines[clock]
        if deadline is not None and at > deadline and self.breached[clock] is None:
            self.breached[clock] = deadline

    def follow(self, event: Row, state: Row) -> None:
        """Follow a new category or deadline, a warning or a breach, and hold what it says against it."""
        data, kind = event["data"], event["kind"]
        if kind == "sla_warning":
            warning = self.warnings[data["clock"]]
            assert self.warned[data["clock"]] is None
            assert warning is not None
            assert warning <= event["at"]
            self.warned[data["clock"]] = event["at"]
        elif kind == "sla_breached":
            self._miss(event, state)
        elif kind in {"deadline_overridden", "override_cleared", "reclassified", "recomputed"}:
            assert data["from"] == self.microseconds()
            if kind == "reclassified":
                assert data["category"]["from"] == self.category
                self.category = data["category"]["to"]
                self.choose()
            elif kind == "recomputed":
                self.choose()
            else:
                self._override(data, cleared=kind == "override_cleared")
            assert data["to"] == self.microseconds()

    def _override(self, data: Row, *, cleared: bool) -> None:
        clock = data["clock"]
        if cleared:
            self.by_hand.discard(clock)
            self.date()
            return
        self.by_hand.add(clock)
        set_to = EPOCH + dt.timedelta(microseconds=data["to"][clock])
        # Warned when its part of the time that is left of pauses is used up.
        pauses = self.pauses if clock == "resolution" else ()
        way = set_to - self.created - _standing(self.created, set_to, pauses)
        self.deadlines[clock] = set_to
        self.warnings[clock] = _reached(self.created, way * 80 // 100, pauses) if way else set_to

    def _miss(self, event: Row, state: Row) -> None:
        """Let the sweep have found a clock late: once, by so much, with the words it escalates with."""
        clock, level = event["data"]["clock"], event["data"]["level"]
        deadline = self.deadlines[clock]
        judged = (
            state["paused_at"] if state["status"] == "on_hold" and clock == "resolution" else None
        )
        assert deadline is not None
        assert self.breached[clock] is None
        overdue = ((judged or event["at"]) - deadline).total_seconds()
        assert overdue > 0
        assert abs(event["data"]["overdue_seconds"] - overdue) <= 0.5
        again = state["status"] == "escalated" or self.breached["response"] is not None
        assert level == (2 if clock == "resolution" and again else 1)
        assert event["to_status"] == (
            "escalated" if state["status"] in {"open", "in_progress"} else None
        )
        if event["to_status"] is not None:
            hours = decimal.Decimal(event["data"]["overdue_seconds"]) / 3600
            rounded = hours.quantize(decimal.Decimal("0.1"), decimal.ROUND_HALF_UP)
            state["escalation_reason"] = f"{clock}_breach (overdue by {rounded} h)"
        self.breached[clock] = deadline

    def microseconds(self) -> dict[str, int | None]:
        """Both deadlines as an event writes them."""
        return {
            clock: at if at is None else (at - EPOCH) // dt.timedelta(microseconds=1)
            for clock, at in self.deadlines.items()
        }

    def told(self) -> Row:
        """What the ticket should say."""
        said: Row = {"category": self.category, "policy": self.policy}
        for clock in CLOCKS:
            said[f"{clock}_overridden"] = clock in self.by_hand
            said[f"sla_{clock}_deadline"] = self.deadlines[clock]
            said[f"sla_{clock}_warning_at"] = self.warnings[clock]
            said[f"sla_{clock}_warned_at"] = self.warned[clock]
            said[f"sla_{clock}_breached_at"] = self.breached[clock]
        return said


def _reached(
    start: dt.datetime, target: dt.timedelta, pauses: Iterable[Range[dt.datetime]]
) -> dt.datetime:
    """When the target is reached around the clock, pauses left out."""
    at = start + target
    for pause in pauses:
        assert pause.lower is not None
        assert pause.upper is not None
        if max(pause.lower, start) < at and pause.upper > start:
            at += pause.upper - max(pause.lower, start)
    return at


def _standing(
    start: dt.datetime, finish: dt.datetime, pauses: Iterable[Range[dt.datetime]]
) -> dt.timedelta:
    """How much of the time in between is pauses."""
    total = dt.timedelta(0)
    for pause in pauses:
        assert pause.lower is not None
        assert pause.upper is not None
        total += max(min(finish, pause.upper) - max(start, pause.lower), dt.timedelta(0))
    return total


def _move(state: Row, status: str, at: dt.datetime) -> None:
    """Apply a change of status; a pause of the resolution clock may end with it, and another begin."""
    before, state["status"] = state["status"], status
    if state["paused_at"] is not None and (before, status) != ("resolved", "closed"):
        state["pauses"] = _with(state["pauses"], state["paused_at"], at)
        state["paused_at"] = None
    if status in {"on_hold", "resolved"}:
        state["paused_at"] = at
    if status in {"in_progress", "resolved"} and state["first_responded_at"] is None:
        state["first_responded_at"] = at
    if status == "escalated" and state["escalated_at"] is None:
        state["escalated_at"] = at
    if status != "closed":
        state["resolved_at"] = at if status == "resolved" else None


def _with(
    pauses: Multirange[dt.datetime], begins: dt.datetime, ends: dt.datetime
) -> Multirange[dt.datetime]:
    """The pauses and one more, later than all of them; what follows without a gap is one pause."""
    if ends <= begins:
        return pauses
    earlier = list(pauses)
    if earlier and earlier[-1].upper == begins:
        begins = earlier.pop().lower or begins
    return Multirange([*earlier, Range(begins, ends)])
