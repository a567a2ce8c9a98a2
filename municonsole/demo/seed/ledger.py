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

from municonsole.demo.seed.worktime import Terms

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


class Alert(NamedTuple):
    """One row of `alerts`; level 0 is a warning."""

    recipient: str
    clock: str
    level: int
    at: int


class _Quoted(dict[str | None, str]):
    """Words as JSON, each made once."""

    def __missing__(self, word: str | None) -> str:
        self[word] = made = json.dumps(word, ensure_ascii=False)
        return made


_JSON = _Quoted()


class Ledger:
    """A row of `tickets` with its events, brought along by each `append`."""

    __slots__ = (
        "alerts",
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
        "pauses",
        "report",
        "resolution_breached_at",
        "resolution_deadline",
        "resolution_warned_at",
        "resolution_warning_at",
        "resolved_at",
        "response_breached_at",
        "response_deadline",
        "response_warned_at",
        "response_warning_at",
        "rng",
        "severity",
        "status",
        "terms",
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
        self.pauses: list[tuple[int, int]] = []
        self.escalated_at: int | None = None
        self.escalation_reason: str | None = None
        self.terms: Terms | None = None
        self.response_deadline: int | None = None
        self.resolution_deadline: int | None = None
        self.response_warning_at: int | None = None
        self.resolution_warning_at: int | None = None
        self.response_warned_at: int | None = None
        self.resolution_warned_at: int | None = None
        self.response_breached_at: int | None = None
        self.resolution_breached_at: int | None = None
        self.alerts: list[Alert] = []

    def start_clocks(self, terms: Terms) -> None:
        """Set both clocks by a policy; a GBV report has none (rule 10)."""
        if self.is_sensitive:
            return
        self.terms = terms
        reach, start = terms.line.reach, self.created_at
        self.response_deadline = reach(start, terms.response)
        self.response_warning_at = reach(start, terms.response * terms.warning_percent // 100)
        self._date_resolution(terms)

    def _date_resolution(self, terms: Terms) -> None:
        reach, start = terms.line.reach, self.created_at
        self.resolution_deadline = reach(start, terms.resolution, self.pauses)
        self.resolution_warning_at = reach(
            start, terms.resolution * terms.warning_percent // 100, self.pauses
        )

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
            if self.response_breached_at is None and _is_late(at, self.response_deadline):
                self.response_breached_at = self.response_deadline
        # As muni._move_clocks: what was on hold and is resolved has had its pause, the next one begins.
        ends_pause = was_paused and (self.status == "on_hold" or not is_paused)
        if ends_pause and self.paused_at is not None:
            self._pause(self.paused_at, at)
            self.paused_at = None
        if is_paused and self.paused_at is None:
            self.paused_at = at
        if status == "resolved":
            self.resolved_at = at
            if self.resolution_breached_at is None and _is_late(at, self.resolution_deadline):
                self.resolution_breached_at = self.resolution_deadline
        elif status != "closed":
            self.resolved_at = None
        if status == "escalated" and self.escalated_at is None:
            self.escalated_at = at
        self.status = status

    def _pause(self, begins: int, ends: int) -> None:
        """Let the resolution clock have stood still; what follows the last pause at once is one with it."""
        if self.pauses and self.pauses[-1][1] == begins:
            begins = self.pauses.pop()[0]
        self.pauses.append((begins, ends))
        if self.terms is not None:
            self._date_resolution(self.terms)


def _is_late(at: int, deadline: int | None) -> bool:
    return deadline is not None and at > deadline
