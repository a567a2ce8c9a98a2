"""Table metadata of what an operator may select, for building statements. The truth is in `migrations/`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="muni")
_Time = DateTime(timezone=True)

municipalities = Table(
    "municipalities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Text),
    Column("name", Text),
    Column("time_zone", Text),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("municipality_id", Integer),
    Column("name", Text),
    Column("category", Text),
    Column("is_saps", Boolean),
    Column("is_active", Boolean),
)

operators = Table(
    "operators",
    metadata,
    Column("username", Text, primary_key=True),
    Column("municipality_id", Integer),
    Column("role", Text),
    Column("team_id", Integer),
    Column("full_name", Text),
    Column("is_active", Boolean),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("municipality_id", Integer),
    Column("is_sensitive", Boolean, primary_key=True),
    Column("tracking_number", Text),
    Column("category", Text),
    Column("status", Text),
    Column("severity", Text),
    Column("severity_rank", SmallInteger),
    Column("description", Text),
    Column("address", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("language", Text),
    Column("reporter_name", Text),
    Column("reporter_phone", Text),
    Column("created_at", _Time),
    Column("updated_at", _Time),
    Column("version", Integer),
    Column("assigned_team_id", Integer),
    Column("assigned_to", Text),
    Column("first_responded_at", _Time),
    Column("resolved_at", _Time),
    Column("paused_at", _Time),
    Column("escalated_at", _Time),
    Column("escalation_reason", Text),
    Column("sla_response_deadline", _Time),
    Column("sla_resolution_deadline", _Time),
    Column("sla_response_warning_at", _Time),
    Column("sla_resolution_warning_at", _Time),
    Column("next_deadline", _Time),
    Column("next_warning", _Time),
    Column("suburb", Text),
    Column("may_message", Boolean),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("ticket_id", Uuid),
    Column("seq", Integer),
    Column("kind", Text),
    Column("actor", Text),
    Column("via", Text),
    Column("at", _Time),
    Column("from_status", Text),
    Column("to_status", Text),
    Column("team_id", Integer),
    Column("assignee", Text),
    Column("data", JSONB),
)

ticket_notes = Table(
    "ticket_notes",
    metadata,
    Column("event_id", BigInteger, primary_key=True),
    Column("ticket_id", Uuid),
    Column("is_public", Boolean),
    Column("note", Text),
)

# Municipal by key, so there is no is_sensitive to ask for.
alerts = Table(
    "alerts",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("ticket_id", Uuid),
    Column("kind", Text),
    Column("clock", Text),
    Column("level", SmallInteger),
    Column("at", _Time),
    Column("read_at", _Time),
)

jobs = Table(
    "jobs",
    metadata,
    Column("name", Text),
    Column("done_at", _Time),
    Column("done_by", Text),
)

status_transitions = Table(
    "status_transitions",
    metadata,
    Column("from_status", Text, primary_key=True),
    Column("to_status", Text, primary_key=True),
)

schema_version = Table("schema_version", metadata, Column("version_num", Text))
