"""Calls of the law's two functions about importing."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

_source: Final = bindparam("source", type_=Text)

_results: Final = func.muni.import_tickets(
    _source,
    cast(bindparam("tickets", type_=Text), JSONB),
    bindparam("with_sla", type_=Boolean),
).table_valued("source_id", "outcome", "detail")

IMPORT_TICKETS: Final = select(_results.c.outcome, _results.c.detail)
"""A row a request, in the order of the requests: what became of it, and its number or why not."""

IMPORTED_BEFORE: Final = select(
    func.muni.imported_before(_source, bindparam("source_ids", type_=ARRAY(Text))).label(
        "source_id"
    )
)
"""Those of the ids that are in already."""
