"""Mirrors the law for one ticket: what its functions would have written, event by event.

`Ledger.append` is `muni._append` with `muni.event_digest` (migrations/law/30_evidence.sql),
`Ledger._move` is `muni._move_clocks` and `Ledger.start_clocks` is `muni._date_clocks`
(20_clock.sql); the tests replay all of it in the database. An instant is an integer here:
microseconds since 1970 in UTC.
"""

from __future__ import annotations

import json
from hashlib import sha256
from random import Random
from typing import NamedTuple

PAUSED = frozenset({"on_hold", "resolved", "closed"})
"""The statuses in which the resolution clock stands still (docs/reference/sla.md, rule 5)."""

HOUR = 3_600_000_000
"""Microseconds."""

# The bits of a random UUID that say so (RFC 9562): version 4, variant 10.
_UUID_CLEAR = ~((0xF << 76) | (0x3 << 62))
_UUID_SET = (0x4 << 76) | (0x2 << 62)


def random_uuid(rng: Random) -> bytes:
    """Sixteen bytes as `uuid_send(gen_random_uuid())` gives them."""
    return (rng.getrandbits(128) & _UUID_CLEAR | _UUID_SET).to_bytes(16, "big")


def uuid_text(raw: bytes) -> str:
    """A UUID as PostgreSQL prints it."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Event(NamedTuple):
    """One row of `ticket_events`, and of the notes beside it, still without an id."""

    at: int
    seq: int
    kind: str
    actor: str
    via: str
    from_status: str | None
    to_status: str | None
    team_id: int | None
    assignee: str | None
    data: str | None
    note: str | None
    is_public: bool
    salt: bytes
    note_digest: bytes | None
    chain: bytes


class Report(NamedTuple):
    """What a resident said; of a GBV report it is kept in `confidential_reports`."""

    description: str
    address: str | None
    latitude: float | None
    longitude: float | None
    reporter_name: str | None
    reporter_phone: str | None
    safe_to_contact: bool = False
    contact_instructions: str | None = None
    suburb: str | None = None
    may_message: bool = False


class _Quoted(dict[str | None, str]):
    """Words as JSON, each made once."""

    def __missing__(self, word: str | None) -> str:
        self[word] = made = json.dumps(word, ensure_ascii=False)
        return made


_JSON = _Quoted()


class Ledger:
    """A row of `tickets` with its events, brought along by each `append`."""

    __slots__ = (
        "assigned_team_id",
        "assigned_to",
        "category",
        "chain",
        "created_at",
        "escalated_at",
        "escalation_reason",
        "events",
        "first_responded_at",
        "id",
        "is_sensitive",
        "language",
        "last_at",
        "municipality_id",
        "paused_at",
        "paused_for",
        "report",
        "resolution_deadline",
        "resolution_warning_at",
        "resolved_at",
        "response_deadline",
        "response_warning_at",
        "rng",
        "severity",
        "status",
        "tracking_number",
        "updated_at",
        "version",
    )

    def __init__(
        self,
        rng: Random,
        municipality_id: int,
        tracking_number: str,
        category: str,
        severity: str,
        language: str,
        report: Report,
        created_at: int,
    ) -> None:
        self.rng = rng
        self.id = random_uuid(rng)
        self.municipality_id = municipality_id
        self.tracking_number = tracking_number
        self.category = category
        self.is_sensitive = category == "gbv"
        self.severity = severity
        self.language = language
        self.report = report
        self.created_at = self.updated_at = self.last_at = created_at
        self.status = "open"
        self.version = 0
        self.chain = sha256(uuid_text(self.id).encode()).digest()
        self.events: list[Event] = []
        self.assigned_team_id: int | None = None
        self.assigned_to: str | None = None
        self.first_responded_at: int | None = None
        self.resolved_at: int | None = None
        self.paused_at: int | None = None
        self.paused_for = 0
        self.escalated_at: int | None = None
        self.escalation_reason: str | None = None
        self.response_deadline: int | None = None
        self.resolution_deadline: int | None = None
        self.response_warning_at: int | None = None
        self.resolution_warning_at: int | None = None

    def start_clocks(self, response: int, resolution: int, warning_percent: int) -> None:
        """Set both clocks from two targets in microseconds; a GBV report has none (rule 10)."""
        if self.is_sensitive:
            return
        start = self.created_at
        self.response_deadline = start + response
        self.resolution_deadline = start + resolution
        self.response_warning_at = start + response * warning_percent // 100
        self.resolution_warning_at = start + resolution * warning_percent // 100

    def append(
        self,
        kind: str,
        actor: str,
        at: int,
        *,
        to_status: str | None = None,
        team_id: int | None = None,
        assignee: str | None = None,
        note: str | None = None,
        is_public: bool = False,
        via: str = "console",
        data: str | None = None,
        changes_ticket: bool = True,
    ) -> None:
        """Append one event and bring the ticket along. `data` is JSON as PostgreSQL prints jsonb."""
        seq = len(self.events) + 1
        from_status = self.status if to_status is not None and seq > 1 else None
        if note is None:
            salt, digest, digest_json = b"", None, "null"
        else:
            salt = random_uuid(self.rng)
            hashed = sha256(salt + note.encode())
            digest, digest_json = hashed.digest(), f'"{hashed.hexdigest()}"'
        link = (
            f"[{seq}, {_JSON[kind]}, {_JSON[actor]}, {_JSON[via]}, {at}, {_JSON[from_status]}, "
            f"{_JSON[to_status]}, {'null' if team_id is None else team_id}, {_JSON[assignee]}, "
            f"{data or 'null'}, {digest_json}]"
        )
        self.chain = chain = sha256(self.chain + link.encode()).digest()
        self.events.append(
            Event(
                at, seq, kind, actor, via, from_status, to_status, team_id, assignee, data,
                note, is_public, salt, digest, chain,
            )
        )  # fmt: skip
        self.last_at = at
        if changes_ticket:
            self.version += 1
            self.updated_at = at
        if to_status is not None:
            self._move(to_status, at)
        if kind == "assigned":
            self.assigned_team_id = team_id
            self.assigned_to = assignee

    def _move(self, status: str, at: int) -> None:
        was_paused, is_paused = self.status in PAUSED, status in PAUSED
        if status in {"in_progress", "resolved"} and self.first_responded_at is None:
            self.first_responded_at = at
        # As muni._move_clocks: what was on hold and is resolved has had its pause, the next one begins.
        ends_pause = was_paused and (self.status == "on_hold" or not is_paused)
        if ends_pause and self.paused_at is not None:
            self.paused_for += at - self.paused_at
            if self.resolution_deadline is not None and self.resolution_warning_at is not None:
                self.resolution_deadline += at - self.paused_at
                self.resolution_warning_at += at - self.paused_at
            self.paused_at = None
        if is_paused and self.paused_at is None:
            self.paused_at = at
        if status == "resolved":
            self.resolved_at = at
        elif status != "closed":
            self.resolved_at = None
        if status == "escalated" and self.escalated_at is None:
            self.escalated_at = at
        self.status = status
