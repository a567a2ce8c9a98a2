"""Calls of what sets a municipality up, at an administrator's desk or as the database's owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Boolean, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from municonsole.db.errors import translate

APPLY_MUNICIPALITY: Final = text("""
    select what, name, change, detail from muni.apply_municipality(:plan, :dry_run, :recompute)
""").bindparams(
    bindparam("plan", type_=JSONB),
    bindparam("dry_run", type_=Boolean),
    bindparam("recompute", type_=Boolean),
)
"""Rows of what changed: what, name, change, detail."""

LIFT_TIMEOUT: Final = select(func.set_config("statement_timeout", "0", False))
"""A million deadlines take longer than a person's question may; until KEEP_TIMEOUT."""

KEEP_TIMEOUT: Final = text("""
    select set_config('statement_timeout', s.reset_val, false)
    from pg_catalog.pg_settings as s
    where s.name = 'statement_timeout'
""")
"""As the connection was made."""


def apply_as_owner(
    connection: psycopg.Connection[Any],
    plan: Mapping[str, object],
    *,
    dry_run: bool,
    recompute: bool,
) -> list[tuple[str, str, str, dict[str, Any]]]:
    """The same rows, as the login that owns the database, within its transaction."""
    try:
        connection.execute("set local role muni_owner")
        rows = connection.execute(
            "select what, name, change, detail from muni.apply_municipality(%s, %s, %s)",
            (Jsonb(dict(plan)), dry_run, recompute),
        ).fetchall()
        connection.execute("reset role")
    except psycopg.Error as error:
        raise translate(error) from None
    return rows
