"""The prepared read of what the clocks of a ticket would be."""

from __future__ import annotations

from typing import Final

from sqlalchemy import DateTime, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

_time: Final = DateTime(timezone=True)

SLA_PREVIEW: Final = text("""
    select
        response_deadline, resolution_deadline, response_warning_at, resolution_warning_at, sla_status,
        worked_seconds, policy, calendar
    from muni.sla_preview(:municipality, :category, :start, :pauses, :at, :until)
""").bindparams(
    bindparam("municipality", type_=Text),
    bindparam("category", type_=Text),
    bindparam("start", type_=_time),
    bindparam("pauses", type_=JSONB),
    bindparam("at", type_=_time),
    bindparam("until", type_=_time),
)
"""One row; `pauses` is a list of pairs of times in ISO 8601 with offset."""
