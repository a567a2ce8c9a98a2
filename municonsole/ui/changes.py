"""What became of a ticket since one saw it: who did what, and when, in the words of its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from municonsole.domain.errors import InvalidInput, Stale, Unanswered
from municonsole.domain.records import TicketRow, TimelineEntry
from municonsole.domain.values import EventKind
from municonsole.ui import cells, words
from municonsole.ui.attempt import Attempt
from municonsole.ui.columns import Moment
from municonsole.ui.context import Context
from municonsole.ui.form import Saved, Subject
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.timeline import by_whom

_LOOKS = frozenset({EventKind.OPENED, EventKind.VIEWED, EventKind.ACCESS_DENIED})
"""They stand in the history and change nothing."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A ticket as it is now, and what happened to it since it was seen, the newest first."""

    row: TicketRow
    entries: tuple[TimelineEntry, ...]


async def since(context: Context, subject: Subject) -> Changes:
    """What became of it. Raises Refused when it may no longer be seen."""
    tickets = context.desk.tickets
    # In this order: of what happens between the two, more is told than is acted on, not less.
    row = await tickets.row(subject.number)
    history = await tickets.history(subject.number)
    entries = [e for e in history if e.at > subject.changed_at and e.kind not in _LOOKS]
    if not context.names.keys() >= {entry.actor for entry in entries}:
        people = await context.desk.people.colleagues()
        context.names.update({person.username: person.full_name for person in people})
    return Changes(row, tuple(entries))


def lines(
    changes: Changes, subject: Subject, width: int, most: int, at: Moment, names: Mapping[str, str]
) -> list[Spans]:
    """How it stands now, and below it `most` lines of what happened, the newest first."""
    told: list[Spans] = [[(cells.cut(f"changed meanwhile, now {subject.state}", width), Tone.SOON)]]
    shown = changes.entries[: most if len(changes.entries) <= most else most - 1]
    told += [_line(entry, at, names) for entry in shown]
    if left := len(changes.entries) - len(shown):
        told.append([(f" and {left} more", Tone.MUTED)])
    return told


def _line(entry: TimelineEntry, at: Moment, names: Mapping[str, str]) -> Spans:
    said = words.event(entry, at.zone, at.now)
    note = cells.line(entry.note) if entry.note else ""
    return [
        (f" {words.stamp(entry.at, at.zone, at.now)}  ", Tone.MUTED),
        (str(said), said.tone),
        (f"  {by_whom(entry, names)}", Tone.MUTED),
        (f": {note}" if note else "", Tone.PLAIN),
    ]


async def take(context: Context, subject: Subject, attempt: Attempt) -> Saved:
    """Take a ticket upon oneself. Raises Stale, naming whoever has it, when somebody was first."""
    desk, number = context.desk, subject.number
    key = context.registry.by_id("ticket.take").shown_keys
    try:
        sent = await attempt.send(desk.work.settle, partial(desk.work.take, number))
    except Unanswered:
        raise Unanswered(
            f"the line was lost; nobody knows yet whether {number} is yours: {key} asks, it is taken once"
        ) from None
    except InvalidInput:
        found = await since(context, subject)
        if found.row.assigned_to is None:
            raise
        now = Subject.of(found.row, saps=context.saps)
        raise Stale(f"{number} is with {now.with_whom}{_by(context, found)}") from None
    return Saved(subject, f"{number} is yours{', as it was saved already' if sent.earlier else ''}")


def _by(context: Context, found: Changes) -> str:
    at = context.moment()
    for entry in found.entries:
        if entry.kind is EventKind.ASSIGNED:
            when = words.stamp(entry.at, at.zone, at.now).strip()
            return f" since {when}, by {by_whom(entry, context.names)}"
    return ""
