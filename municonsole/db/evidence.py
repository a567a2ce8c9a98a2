"""Walks every hash chain of a database and names the first broken link of each, streaming."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

# Both sides of the wall, ticket by ticket: whoever verifies is the owner, and sees both anyway.
_EVENTS = """
    select
        t.id::text as ticket, t.tracking_number, t.is_sensitive, t.last_seq, t.chain as head,
        t.status, t.assigned_team_id, t.assigned_to,
        e.seq, e.kind, e.actor, e.via, e.municipality_id = t.municipality_id as is_home,
        case when isfinite(e.at) then (extract(epoch from e.at) * 1000000)::bigint end as at,
        e.from_status, e.to_status, e.team_id, e.assignee, e.data::text as data,
        e.note_digest, e.chain, coalesce(n.salt, c.salt) as salt, coalesce(n.note, c.note) as note
    from muni.tickets as t
    left join muni.ticket_events as e on e.ticket_id = t.id and e.is_sensitive = t.is_sensitive
    left join muni.ticket_notes as n on n.event_id = e.id and not e.is_sensitive
    left join muni.confidential_notes as c on c.event_id = e.id and e.is_sensitive
    order by t.id, e.seq
"""
_STRAY = """
    select 'ticket ' || n.tracking_number || ' is missing' from muni.tracking_numbers as n
    where not exists (select from muni.tickets as t where t.tracking_number = n.tracking_number)
    union all
    select 'ticket ' || t.tracking_number || ' has a number that was never issued' from muni.tickets as t
    where not exists (select from muni.tracking_numbers as n where n.tracking_number = t.tracking_number)
    order by 1
"""
_AUDIT = """
    select
        m.code, m.audit_seq, m.audit_chain as head,
        a.seq, case when isfinite(a.at) then (extract(epoch from a.at) * 1000000)::bigint end as at,
        a.actor, a.kind, a.subject, a.data::text as data, a.chain
    from muni.municipalities as m
    left join muni.audit_log as a on a.municipality_id = m.id
    order by m.code, a.seq
"""
_BATCH = 5_000
_DATA = "\x00data"


@dataclass(slots=True)
class Findings:
    """What a walk found: one sentence a broken chain, and how much was walked."""

    broken: list[str] = field(default_factory=list)
    tickets: int = 0
    events: int = 0


Heads = dict[str, tuple[int, str]]
"""Chain heads by the digest of a ticket's id or an audit log's name: how many links, the last in hex."""


def verify(
    connection: psycopg.Connection[Any],
    against: Heads | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Findings:
    """Check every chain of the database; `against` are heads kept elsewhere, which must still be there.

    `connection` may read all of `muni` (the owner's); nothing is written. All of it is one snapshot.
    """
    findings = Findings()
    kept = dict(against or {})
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local role muni_owner")
        for ticket, rows in groupby(_stream(connection, _EVENTS), key=attrgetter("ticket")):
            events = list(rows)
            findings.tickets += 1
            findings.events += sum(event.seq is not None for event in events)
            known = kept.pop(_name(ticket), None)
            broken = _ticket(ticket, events) or _kept(known, events)
            if broken is not None:
                findings.broken.append(f"{events[0].tracking_number}: {broken}")
            if findings.tickets % 1_000 == 0:
                progress(findings.events)
        findings.broken.extend(row[0] for row in connection.execute(_STRAY))
        for code, rows in groupby(_stream(connection, _AUDIT), key=attrgetter("code")):
            lines = list(rows)
            known = kept.pop(_name(f"audit log of {code}"), None)
            broken = _audit_log(code, lines) or _kept(
                known, [line for line in lines if line.seq is not None]
            )
            if broken is not None:
                findings.broken.append(f"audit log of {code}: {broken}")
        findings.broken.extend(
            f"a ticket of {seq} events that the file knows is missing" for seq, _ in kept.values()
        )
    progress(findings.events)
    return findings


def heads(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, int, str]]:
    """Every ticket's and audit log's head as (digest of id or name, number of links, last link in hex).

    In the order of the digest, so that nothing in it tells which tickets are GBV reports.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local role muni_owner")
        for row in _stream(
            connection,
            """
            select encode(sha256(convert_to(t.id::text, 'UTF8')), 'hex') as name, t.last_seq, t.chain
            from muni.tickets as t
            union all
            select encode(sha256(convert_to('audit log of ' || m.code, 'UTF8')), 'hex'), m.audit_seq, m.audit_chain
            from muni.municipalities as m
            where m.audit_seq > 0
            order by 1
            """,
        ):
            yield row.name, row.last_seq, row.chain.hex()


def _stream(connection: psycopg.Connection[Any], statement: str) -> Iterator[Any]:
    name = hashlib.sha256(statement.encode()).hexdigest()[:8]
    with connection.cursor(f"walk_{name}", row_factory=namedtuple_row) as cursor:
        cursor.itersize = _BATCH
        yield from cursor.execute(statement.encode())


def _name(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _link(previous: bytes, fields: list[object], data: str | None = None) -> bytes:
    # As PostgreSQL writes a jsonb array; `data`, already jsonb's own text, stands where _DATA does. A NUL
    # cannot be in any text of PostgreSQL's.
    text = json.dumps(fields, ensure_ascii=False)
    if data is not None:
        text = text.replace(json.dumps(_DATA), data, 1)
    return hashlib.sha256(previous + text.encode()).digest()


def _event_link(previous: bytes, seq: int, event: Any) -> bytes:  # noqa: ANN401
    digest = event.note_digest.hex() if event.note_digest is not None else None
    data = None if event.data is None else _DATA
    return _link(
        previous,
        [
            seq,
            event.kind,
            event.actor,
            event.via,
            event.at,
            event.from_status,
            event.to_status,
            event.team_id,
            event.assignee,
            data,
            digest,
        ],
        event.data,
    )


def _ticket(ticket: str, events: list[Any]) -> str | None:
    """What is wrong with a ticket's chain, the first thing; None when it is whole."""
    first = events[0]
    if first.seq is None:
        return "all of its history is missing"
    link = hashlib.sha256(ticket.encode()).digest()
    redacted = any(event.kind == "redacted" for event in events)
    for place, event in enumerate(events, start=1):
        if broken := _event(link, place, events, redacted=redacted):
            return broken
        link = event.chain
    if len(events) < first.last_seq:
        return f"the tail is cut: {first.last_seq} events were written, {len(events)} are there"
    if len(events) > first.last_seq or link != bytes(first.head):
        return f"event {len(events)} was inserted past the recorded end"
    return _state(events)


def _event(link: bytes, place: int, events: list[Any], *, redacted: bool) -> str | None:
    event = events[place - 1]
    if event.seq != place:
        return f"event {place} is missing"
    if _event_link(link, place, event) != event.chain:
        return _how_broken(link, place, events)
    # Neither is hashed: where an event is read, and a JSON null, which hashes like none at all.
    if not event.is_home or event.data == "null":
        return f"event {place} ({event.kind}) was edited"
    if broken := _note(event, redacted=redacted):
        return f"event {place} ({event.kind}): {broken}"
    return None


def _how_broken(link: bytes, place: int, events: list[Any]) -> str:
    for other in events[place:]:
        if _event_link(link, place, other) == other.chain:
            return f"event {place} was reordered with event {other.seq}"
    following = events[place] if place < len(events) else None
    if following is not None and _event_link(events[place - 1].chain, place + 1, following) != (
        following.chain
    ):
        return f"event {place} was inserted or replaced"
    return f"event {place} ({events[place - 1].kind}) was edited"


def _note(event: Any, *, redacted: bool) -> str | None:  # noqa: ANN401
    if event.note is None:
        # Only anonymisation, an event itself, takes words away; the digest and the chain stay.
        return None if event.note_digest is None or redacted else "its note is missing"
    if event.note_digest is None:
        return "has a note that was not written with it"
    if hashlib.sha256(event.salt + event.note.encode()).digest() != event.note_digest:
        return "its note was edited"
    return None


def _state(events: list[Any]) -> str | None:
    """Whether the ticket says what its events say: status, team and person."""
    ticket = events[0]
    status = next((e.to_status for e in reversed(events) if e.to_status is not None), None)
    if status is not None and status != ticket.status:
        return f"the ticket says {ticket.status}, its history {status}"
    held = next(
        (e for e in reversed(events) if e.kind in {"assigned", "unassigned", "marked_sensitive"}),
        None,
    )
    team, person = (held.team_id, held.assignee) if held is not None else (None, None)
    if (team, person) != (ticket.assigned_team_id, ticket.assigned_to):
        return "the ticket is with somebody else than its history says"
    return None


def _kept(kept: tuple[int, str] | None, events: list[Any]) -> str | None:
    if kept is None:
        return None
    seq, link = kept
    if len(events) < seq:
        return f"the tail is cut: the file knows {seq} events, {len(events)} are there"
    if events[seq - 1].chain.hex() != link:
        return f"its history up to event {seq} is not the one the file knows"
    return None


def _audit_log(code: str, lines: list[Any]) -> str | None:
    first = lines[0]
    link = hashlib.sha256(code.encode()).digest()
    if first.seq is None:
        return "all lines are missing" if first.audit_seq else None
    for place, line in enumerate(lines, start=1):
        if line.seq != place:
            return f"line {place} is missing"
        fields = [place, line.at, line.actor, line.kind, line.subject, _DATA]
        expected = _link(link, fields, line.data)
        if expected != line.chain:
            return f"line {place} ({line.kind}) was edited, inserted or reordered"
        link = expected
    if len(lines) < first.audit_seq:
        return f"the tail is cut: {first.audit_seq} lines were written, {len(lines)} are there"
    if link != first.head:
        return f"line {len(lines)} was inserted past the recorded end"
    return None
