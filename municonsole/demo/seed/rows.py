"""Rows as COPY's binary format wants them: the database parses nothing and the program escapes nothing.

The format is that of PostgreSQL's manual, "COPY", "Binary Format"; a row is the number of its
fields, then each field's length and bytes in the type's own binary representation.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from municonsole.demo.seed.ledger import Alert, Event, Ledger

HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TAIL = b"\xff\xff"

_NULL = b"\xff\xff\xff\xff"
_BOOLS = (b"\x00\x00\x00\x01\x00", b"\x00\x00\x00\x01\x01")
_UUID = b"\x00\x00\x00\x10"
_DIGEST = b"\x00\x00\x00\x20"
_SHORT = b"\x00\x00\x00\x02"
_NO_RANGES = b"\x00\x00\x00\x04" + bytes(4)
# PostgreSQL counts microseconds from 2000-01-01.
_PG_EPOCH = 946_684_800_000_000

_length = Struct(">i").pack
_int4 = Struct(">ii").pack
_int8 = Struct(">iq").pack
_float8 = Struct(">id").pack


class _Words(dict[str | None, bytes]):
    """Fields of the few words that repeat: kinds, statuses, categories, logins."""

    def __missing__(self, word: str | None) -> bytes:
        self[word] = made = _text(word)
        return made


def _text(value: str | None) -> bytes:
    if value is None:
        return _NULL
    raw = value.encode()
    return _length(len(raw)) + raw


def _number(value: int | None) -> bytes:
    return _NULL if value is None else _int4(4, value)


def _ranges(pauses: list[tuple[int, int]]) -> bytes:
    # A multirange is the number of its ranges and then each with its length: what is included (the
    # beginning, not the end), and both instants.
    made = b"".join(
        b"\x00\x00\x00\x19\x02" + _int8(8, begins - _PG_EPOCH) + _int8(8, ends - _PG_EPOCH)
        for begins, ends in pauses
    )
    return _int4(len(made) + 4, len(pauses)) + made


def _instant(value: int | None) -> bytes:
    return _NULL if value is None else _int8(8, value - _PG_EPOCH)


def _degrees(value: float | None) -> bytes:
    return _NULL if value is None else _float8(8, value)


def _json(value: str | None) -> bytes:
    # jsonb travels as its text after a version byte.
    return _NULL if value is None else _text("\x01" + value)


_WORDS = _Words()
_SMALL = [_int4(4, value) for value in range(4096)]


@dataclass(frozen=True, eq=False)
class Table:
    """A table and the columns that are written; everything else is the database's default."""

    name: str
    columns: tuple[str, ...]

    @property
    def copy(self) -> str:
        """The statement: frozen, since the tables are emptied in the same transaction."""
        return (
            f"copy muni.{self.name} ({', '.join(self.columns)}) from stdin (format binary, freeze)"
        )

    @property
    def width(self) -> bytes:
        """The number of fields, with which each row begins."""
        return len(self.columns).to_bytes(2, "big")


_TICKET = (
    "id", "municipality_id", "is_sensitive", "tracking_number", "category", "status", "severity",
    "description", "address", "latitude", "longitude", "language", "reporter_name", "reporter_phone",
    "suburb", "may_message",
    "created_at", "updated_at", "version", "last_seq", "chain", "assigned_team_id", "assigned_to",
    "first_responded_at", "resolved_at", "paused_at", "pauses", "escalated_at",
    "escalation_reason", "sla_policy_id",
    "sla_response_deadline", "sla_resolution_deadline", "sla_response_warning_at",
    "sla_resolution_warning_at", "sla_response_warned_at", "sla_resolution_warned_at",
    "sla_response_breached_at", "sla_resolution_breached_at",
)  # fmt: skip
_EVENT = (
    "id", "municipality_id", "is_sensitive", "ticket_id", "seq", "kind", "actor", "via", "at",
    "from_status", "to_status", "team_id", "assignee", "data", "note_digest", "chain",
)  # fmt: skip
_SEARCH = ("ticket_id", "is_sensitive", "municipality_id", "created_at", "doc")

NUMBERS = Table("tracking_numbers", ("tracking_number",))
TICKETS = (Table("tickets_municipal", _TICKET), Table("tickets_sensitive", _TICKET))
SEARCH = (Table("ticket_search_municipal", _SEARCH), Table("ticket_search_sensitive", _SEARCH))
EVENTS = (Table("ticket_events_municipal", _EVENT), Table("ticket_events_sensitive", _EVENT))
NOTES = (
    Table(
        "ticket_notes", ("event_id", "ticket_id", "municipality_id", "is_public", "salt", "note")
    ),
    Table("confidential_notes", ("event_id", "ticket_id", "municipality_id", "salt", "note")),
)
REPORTS = Table(
    "confidential_reports",
    (
        "ticket_id", "municipality_id", "description", "address", "latitude", "longitude",
        "reporter_name", "reporter_phone", "safe_to_contact", "contact_instructions",
        "suburb",
    ),
)  # fmt: skip
OPENINGS = Table(
    "confidential_openings", ("id", "ticket_id", "municipality_id", "opened_by", "opened_at")
)
ALERTS = Table(
    "alerts",
    ("municipality_id", "recipient", "ticket_id", "kind", "clock", "level", "at", "read_at"),
)
ALL = (NUMBERS, *TICKETS, *SEARCH, REPORTS, *EVENTS, *NOTES, OPENINGS, ALERTS)
"""In an order in which no row refers to one that is written later."""

_WIDTHS = {table: table.width for table in ALL}


def number(ticket: Ledger) -> bytes:
    """The row of `tracking_numbers`."""
    return _WIDTHS[NUMBERS] + _text(ticket.tracking_number)


def ticket(ticket: Ledger) -> bytes:
    """The row of `tickets`; of a GBV report without a word about anybody."""
    sensitive = ticket.is_sensitive
    said = ticket.report
    return b"".join(
        (
            _WIDTHS[TICKETS[sensitive]],
            _UUID + ticket.id,
            _SMALL[ticket.municipality_id],
            _BOOLS[sensitive],
            _text(ticket.tracking_number),
            _WORDS[ticket.category],
            _WORDS[ticket.status],
            _WORDS[ticket.severity],
            *(
                (_NULL, _NULL, _NULL, _NULL)
                if sensitive
                else (
                    _text(said.description),
                    _text(said.address),
                    _degrees(said.latitude),
                    _degrees(said.longitude),
                )
            ),
            _WORDS[ticket.language],
            *(
                (_NULL, _NULL, _NULL, _BOOLS[False])
                if sensitive
                else (
                    _text(said.reporter_name),
                    _text(said.reporter_phone),
                    _WORDS[said.suburb],
                    _BOOLS[said.may_message],
                )
            ),
            _instant(ticket.created_at),
            _instant(ticket.updated_at),
            _SMALL[ticket.version],
            _SMALL[len(ticket.events)],
            _DIGEST + ticket.chain,
            _number(ticket.assigned_team_id),
            _WORDS[ticket.assigned_to],
            _instant(ticket.first_responded_at),
            _instant(ticket.resolved_at),
            _instant(ticket.paused_at),
            _ranges(ticket.pauses) if ticket.pauses else _NO_RANGES,
            _instant(ticket.escalated_at),
            _text(ticket.escalation_reason),
            _NULL if ticket.terms is None else _SMALL[ticket.terms.policy_id],
            _instant(ticket.response_deadline),
            _instant(ticket.resolution_deadline),
            _instant(ticket.response_warning_at),
            _instant(ticket.resolution_warning_at),
            _instant(ticket.response_warned_at),
            _instant(ticket.resolution_warned_at),
            _instant(ticket.response_breached_at),
            _instant(ticket.resolution_breached_at),
        )
    )


def search(ticket: Ledger) -> bytes:
    """The row of `ticket_search`, its text as `muni._search_text` makes it."""
    said = ticket.report
    parts: tuple[str | None, ...] = (ticket.tracking_number,)
    if not ticket.is_sensitive:
        phone = said.reporter_phone.replace("+", "") if said.reporter_phone else None
        parts = (*parts, said.description, said.address, said.suburb, said.reporter_name, phone)
    return b"".join(
        (
            _WIDTHS[SEARCH[ticket.is_sensitive]],
            _UUID + ticket.id,
            _BOOLS[ticket.is_sensitive],
            _SMALL[ticket.municipality_id],
            _instant(ticket.created_at),
            _text("\n".join([part for part in parts if part is not None]).lower()),
        )
    )


def report(ticket: Ledger) -> bytes:
    """The row of `confidential_reports`."""
    said = ticket.report
    return b"".join(
        (
            _WIDTHS[REPORTS],
            _UUID + ticket.id,
            _SMALL[ticket.municipality_id],
            _text(said.description),
            _text(said.address),
            _degrees(said.latitude),
            _degrees(said.longitude),
            _text(said.reporter_name),
            _text(said.reporter_phone),
            _BOOLS[said.safe_to_contact],
            _text(said.contact_instructions),
            _WORDS[said.suburb],
        )
    )


def opening(ticket: Ledger, opening_id: bytes, opened_by: str, opened_at: int) -> bytes:
    """A row of `confidential_openings`."""
    return b"".join(
        (
            _WIDTHS[OPENINGS],
            _UUID + opening_id,
            _UUID + ticket.id,
            _SMALL[ticket.municipality_id],
            _WORDS[opened_by],
            _instant(opened_at),
        )
    )


def alert(ticket: Ledger, alert: Alert, read_at: int | None) -> bytes:
    """A row of `alerts`."""
    return b"".join(
        (
            _WIDTHS[ALERTS],
            _SMALL[ticket.municipality_id],
            _WORDS[alert.recipient],
            _UUID + ticket.id,
            _WORDS["breach" if alert.level else "warning"],
            _WORDS[alert.clock],
            _SHORT + alert.level.to_bytes(2, "big"),
            _instant(alert.at),
            _instant(read_at),
        )
    )


class EventRow(NamedTuple):
    """A row of `ticket_events`, and its note's, each without the id it begins with."""

    at: int
    is_sensitive: bool
    event: bytes
    note: bytes | None


def events(ticket: Ledger) -> list[EventRow]:
    """The rows of a ticket's events, to be completed by `with_id` once their order is known."""
    sensitive = ticket.is_sensitive
    head = _SMALL[ticket.municipality_id] + _BOOLS[sensitive] + _UUID + ticket.id
    note_head = _UUID + ticket.id + _SMALL[ticket.municipality_id]
    return [
        EventRow(
            event.at,
            sensitive,
            head + _event_tail(event),
            None if event.note is None else note_head + _note_tail(event, sensitive),
        )
        for event in ticket.events
    ]


def _event_tail(event: Event) -> bytes:
    return b"".join(
        (
            _SMALL[event.seq],
            _WORDS[event.kind],
            _WORDS[event.actor],
            _WORDS[event.via],
            _int8(8, event.at - _PG_EPOCH),
            _WORDS[event.from_status],
            _WORDS[event.to_status],
            _number(event.team_id),
            _WORDS[event.assignee],
            _json(event.data),
            _NULL if event.note_digest is None else _DIGEST + event.note_digest,
            _DIGEST + event.chain,
        )
    )


def _note_tail(event: Event, sensitive: bool) -> bytes:
    public = b"" if sensitive else _BOOLS[event.is_public]
    return public + _UUID + event.salt + _text(event.note)


def with_id(table: Table, event_id: int, rest: bytes) -> bytes:
    """A whole row of `EVENTS` or `NOTES`: the event's id is its first field."""
    return _WIDTHS[table] + _int8(8, event_id) + rest
