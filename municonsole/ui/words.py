"""How a state reads: a sign, the words and a tone, so that no state is told by colour alone.

Times are shown in the municipality's zone. Durations are coarse on purpose: what is left is rounded
down, so that nobody is told they have time they have not, and a line changes as seldom as it can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from municonsole.domain.alerts import Alert, AlertKind
from municonsole.domain.clocks import Clock, ClockFacts, Terms
from municonsole.domain.records import TicketRow, TimelineEntry
from municonsole.domain.values import (
    UNFINISHED,
    Category,
    EventKind,
    Language,
    Role,
    Severity,
    SlaState,
    Status,
)
from municonsole.ui import cells
from municonsole.ui.theme import Tone

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DASH = "\N{EN DASH}"
ARROW = "\N{RIGHTWARDS ARROW}"


@dataclass(frozen=True, slots=True)
class Said:
    """A state in words, with its sign (one cell, "" for none) and its tone."""

    words: str
    tone: Tone = Tone.PLAIN
    sign: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.words}" if self.sign else self.words


SIGNS = {
    SlaState.BREACHED_RESOLUTION: "\N{BLACK SQUARE}",
    SlaState.BREACHED_RESPONSE: "!",
    SlaState.PAUSED: "=",
    SlaState.WARNING: "\N{BLACK UP-POINTING TRIANGLE}",
    SlaState.ON_TRACK: "\N{MIDDLE DOT}",
}
LATE_SIGNS: Mapping[Clock, str] = {
    "response": SIGNS[SlaState.BREACHED_RESPONSE],
    "resolution": SIGNS[SlaState.BREACHED_RESOLUTION],
}
CLOCKS: Mapping[Clock, str] = {"response": "answer", "resolution": "resolution"}
"""What the clocks are called on the screen."""
SLA_TONES = {
    SlaState.BREACHED_RESOLUTION: Tone.LATE,
    SlaState.BREACHED_RESPONSE: Tone.LATE,
    SlaState.PAUSED: Tone.HOLD,
    SlaState.WARNING: Tone.SOON,
    SlaState.ON_TRACK: Tone.PLAIN,
}
SLA_WORDS = {
    SlaState.BREACHED_RESOLUTION: "late",
    SlaState.BREACHED_RESPONSE: "answer late",
    SlaState.PAUSED: "on hold",
    SlaState.WARNING: "due soon",
    SlaState.ON_TRACK: "on track",
}
_STATUS = {
    Status.OPEN: Said("open", Tone.ACCENT),
    Status.IN_PROGRESS: Said("in progress"),
    Status.ON_HOLD: Said("on hold", Tone.HOLD),
    Status.ESCALATED: Said("escalated", Tone.LATE),
    Status.RESOLVED: Said("resolved", Tone.GOOD),
    Status.CLOSED: Said("closed", Tone.MUTED),
}
_SEVERITY_TONES = {
    Severity.LOW: Tone.MUTED,
    Severity.MEDIUM: Tone.PLAIN,
    Severity.HIGH: Tone.SOON,
    Severity.CRITICAL: Tone.LATE,
}
_SEVERITY_SHORT = {Severity.MEDIUM: "med", Severity.CRITICAL: "crit"}
_ROLES = {Role.SAPS_LIAISON: "SAPS liaison"}
_CATEGORIES = {Category.GBV: "GBV"}
LANGUAGES: Mapping[Language, str] = {
    Language.ENGLISH: "English",
    Language.ISIZULU: "isiZulu",
    Language.AFRIKAANS: "Afrikaans",
}


def status(value: Status) -> Said:
    """Where a ticket stands."""
    return _STATUS[value]


def severity(value: Severity, *, short: bool = False) -> Said:
    """How bad it is; `short` in at most four cells."""
    word = _SEVERITY_SHORT.get(value, value.value) if short else value.value
    return Said(word, _SEVERITY_TONES[value])


def category(value: Category) -> str:
    """What it is about."""
    return _CATEGORIES.get(value, value.value)


def role(value: Role) -> str:
    """What an operator is."""
    return _ROLES.get(value, value.value)


def span(length: timedelta) -> str:
    """A duration: `40 min`, `1 h 20` (in steps of five minutes), `26 h`, `3 d`; never negative."""
    if length < HOUR:
        return f"{max(length // MINUTE, 0)} min"
    if length < 10 * HOUR:
        hours, rest = divmod(length, HOUR)
        minutes = rest // MINUTE // 5 * 5
        return f"{hours} h {minutes:02}" if minutes else f"{hours} h"
    return _whole(length)


def age(since: datetime, now: datetime) -> str:
    """How long ago in one unit: `now`, `5 min`, `3 h`, `12 d`."""
    length = now - since
    if length < MINUTE:
        return "now"
    return f"{length // MINUTE} min" if length < HOUR else _whole(length)


def held(length: timedelta) -> str:
    """For how long something was in somebody's hands; below a minute that is said."""
    return "less than a minute" if length < MINUTE else span(length)


def _whole(length: timedelta) -> str:
    return f"{length // HOUR} h" if length < 2 * DAY else f"{length // DAY} d"


def until(deadline: datetime, now: datetime) -> str:
    """A deadline as seen from `now`: `due 1 h 20`, `due now`, `late 3 h`."""
    left = deadline - now
    if left < timedelta(0):
        late = -left
        return f"late {max(late // MINUTE, 1)} min" if late < HOUR else f"late {_whole(late)}"
    return "due now" if left < MINUTE else f"due {span(left)}"


def sla(row: TicketRow, now: datetime) -> Said:
    """The state of a ticket's clocks, at most 13 cells with its sign.

    The state was computed when the row was read; a deadline that has passed since then reads as
    late at once, without waiting for the row to be read again.
    """
    state = row.sla_status
    if state is None:
        return Said("no deadline", Tone.MUTED)
    late = state in (SlaState.BREACHED_RESOLUTION, SlaState.BREACHED_RESPONSE)
    if row.status not in UNFINISHED:
        return Said(
            "was late" if late else "in time",
            Tone.MUTED,
            SIGNS[state] if late else "\N{MIDDLE DOT}",
        )
    # How late is counted from the first deadline that was missed, in whose order the views stand.
    deadline = row.next_deadline
    if not late and deadline is not None and deadline < now:
        late = True
        answered = row.first_responded_at is not None
        state = SlaState.BREACHED_RESOLUTION if answered else SlaState.BREACHED_RESPONSE
    # By a clock that goes behind the database's it may be late with time left.
    if deadline is None or state is SlaState.PAUSED or (late and deadline > now):
        return Said("late" if late else SLA_WORDS[state], SLA_TONES[state], SIGNS[state])
    return Said(until(deadline, now), SLA_TONES[state], SIGNS[state])


def moment(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time of day with its date, `Fri 18 Sep 16:00`; the year only when it is not this one."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local:%a} {local.day:2} {local:%b}{year} {local:%H:%M}"


def stamp(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time at the left edge of a list, 12 cells: `18 Sep 16:00`; `18 Sep 2025` of another year."""
    local = at.astimezone(zone)
    if local.year != now.astimezone(zone).year:
        return f"{local.day:2} {local:%b %Y} "
    return f"{local.day:2} {local:%b %H:%M}"


_KINDS = {
    EventKind.CREATED: Said("reported", Tone.STRONG),
    EventKind.IMPORTED: Said("imported", Tone.STRONG),
    EventKind.STATUS_CHANGED: Said("status changed"),
    EventKind.ASSIGNED: Said("assigned"),
    EventKind.UNASSIGNED: Said("unassigned"),
    EventKind.NOTED: Said("note"),
    EventKind.CONTACTED: Said("citizen contacted"),
    EventKind.REPORTER_ADDED: Said("another reporter added"),
    EventKind.ESCALATED: Said("escalated", Tone.LATE),
    EventKind.DEADLINE_OVERRIDDEN: Said("deadline set by hand"),
    EventKind.OVERRIDE_CLEARED: Said("deadline back to the policy"),
    EventKind.RECOMPUTED: Said("deadlines computed anew"),
    EventKind.RECLASSIFIED: Said("category changed"),
    EventKind.MARKED_SENSITIVE: Said("marked as sensitive", Tone.LATE),
    EventKind.OPENED: Said("report opened", Tone.MUTED),
    EventKind.VIEWED: Said("report read", Tone.MUTED),
    EventKind.ACCESS_DENIED: Said("access refused", Tone.LATE),
    EventKind.SLA_WARNING: Said("deadline near", Tone.SOON, SIGNS[SlaState.WARNING]),
    EventKind.SLA_BREACHED: Said("deadline missed", Tone.LATE, SIGNS[SlaState.BREACHED_RESOLUTION]),
    EventKind.REDACTED: Said("personal details removed", Tone.MUTED),
}


def event(entry: TimelineEntry, zone: tzinfo, now: datetime) -> Said:
    """What happened, in a few words: `open → on hold`, `assigned to Water North, Operator 3`."""
    said = _clock_event(entry) or _KINDS[entry.kind]
    if moved := _moved(entry.facts, zone, now):
        said = Said(f"{said.words}: {moved}", said.tone, said.sign)
    if entry.to_status is not None and entry.from_status is not None:
        moved = f"{status(entry.from_status).words} {ARROW} {status(entry.to_status).words}"
        if entry.kind is EventKind.STATUS_CHANGED:
            return Said(moved, status(entry.to_status).tone)
        return Said(f"{said.words}, {moved}", said.tone, said.sign)
    if entry.kind is EventKind.ASSIGNED:
        whom = ", ".join(filter(None, map(cells.line, (entry.team_name, entry.assigned_to_name))))
        verb = "assigned" if entry.undoes is None else "given back"
        told = f"{verb} to {whom}" if whom else said.words
        if entry.facts.because == "breach":
            told += ", as it is late"
        if entry.why is not None:
            told += f": {cells.line(entry.why.said(entry.team_name))}"
        return Said(told, said.tone)
    if entry.undoes is not None:
        return Said("assignment taken back", said.tone)
    if entry.why is not None:
        # It was logged, and nobody takes it.
        return Said(f"{said.words}, {entry.why.said(None)}", said.tone)
    return said


_STAYS = {
    "no_team": ", no team has it",
    "no_manager": ", stays with the team, which has no manager",
    "manager_disabled": ", stays with the team, whose manager is disabled",
}


def _clock_event(entry: TimelineEntry) -> Said | None:
    """What the clocks themselves wrote; None for everything else."""
    facts = entry.facts
    if facts.clock is None:
        return None
    what = CLOCKS[facts.clock]
    if entry.kind is EventKind.SLA_WARNING:
        return Said(f"{what} due soon", Tone.SOON, SIGNS[SlaState.WARNING])
    if entry.kind is EventKind.SLA_BREACHED:
        by = f" by {span(facts.overdue)}" if facts.overdue is not None else ""
        again = ", the second breach" if facts.level == 2 else ""
        stays = _STAYS.get(facts.stays_because or "", "")
        return Said(f"{what} missed{by}{again}{stays}", Tone.LATE, LATE_SIGNS[facts.clock])
    return None


def _moved(facts: ClockFacts, zone: tzinfo, now: datetime) -> str:
    """Which deadlines an event moved, old and new; empty where it is about none."""
    if facts.before is None or facts.after is None:
        return ""
    pairs: tuple[tuple[Clock, datetime | None, datetime | None], ...] = (
        ("response", facts.before.response, facts.after.response),
        ("resolution", facts.before.resolution, facts.after.resolution),
    )
    moved = [
        f"{CLOCKS[clock]} {_or_none(old, zone, now)} {ARROW} {_or_none(new, zone, now)}"
        for clock, old, new in pairs
        if old != new
    ]
    return ", ".join(moved) or "both deadlines as before"


def _or_none(at: datetime | None, zone: tzinfo, now: datetime) -> str:
    return "none" if at is None else moment(at, zone, now)


LOOKING = "\N{BLACK DIAMOND}"
"""The sign of a ticket that colleagues have open."""


def margin(*, looking: bool, marked: bool) -> str:
    """What stands before a ticket of a list: one cell."""
    if marked:
        return "\N{WHITE DIAMOND CONTAINING BLACK SMALL DIAMOND}" if looking else "*"
    return LOOKING if looking else " "


def looking(names: Sequence[str]) -> str:
    """Who has it open, in few words: `open: T. Dlamini`, `open: 3 others`."""
    who = cells.line(names[0]) if len(names) == 1 else f"{len(names)} others"
    return f"open: {who}"


UNREAD = "\N{BLACK CIRCLE}"
"""The sign of an alert that is new; the word stands beside it."""


def alert(told: Alert) -> Said:
    """What an alert is about, at most 24 cells with its sign."""
    if told.clock is None:
        return Said("history does not fit", Tone.LATE, "!")
    what = CLOCKS[told.clock]
    if told.kind is AlertKind.WARNING:
        return Said(f"{what} due soon", Tone.SOON, SIGNS[SlaState.WARNING])
    again = " too" if told.level == 2 else ""
    return Said(f"{what} missed{again}", Tone.LATE, LATE_SIGNS[told.clock])


def escalation(reason: str) -> str:
    """Why it is escalated; what the clocks write as a code reads as words."""
    found = _BREACH.fullmatch(reason)
    if found is None:
        return cells.line(reason)
    clock: Clock = "response" if found["clock"] == "response" else "resolution"
    return f"{CLOCKS[clock]} missed, {found['overdue']}"


_BREACH = re.compile(
    r"(?P<clock>response|resolution)_breach \((?P<overdue>overdue by [\d.]+ \w+)\)"
)


def target(length: timedelta) -> str:
    """A target of working time, whole: `2 h`, `8 h 30 min`, `90 s`; days are hours here."""
    hours, rest = divmod(length, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    parts = ((hours, "h"), (minutes, "min"), (seconds // timedelta(seconds=1), "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def policy(terms: Terms) -> str:
    """What the clocks run by: `water: answer in 2 h, resolution in 24 h, by the calendar office hours`."""
    calendar = (
        f"by the calendar {cells.line(terms.calendar)}" if terms.calendar else "around the clock"
    )
    targets = f"answer in {target(terms.response.target)}, resolution in {target(terms.resolution.target)}"
    name = category(terms.policy) if isinstance(terms.policy, Category) else terms.policy
    changed = "" if terms.in_force else "; changed since, this ticket keeps it"
    return f"{name}: {targets}, {calendar}{changed}"
