"""Who is logged in, as the database sees it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from municonsole.db import migrate, reads
from municonsole.db.session import Session
from municonsole.domain.errors import MuniconsoleError, NotAnOperator, Refused, Unreachable
from municonsole.domain.permissions import Permission
from municonsole.domain.records import Municipality, OperatorContext
from municonsole.domain.values import Role

NOBODY: Final = "this login is not an active operator of any municipality; an administrator can add or enable it"


async def log_in(session: Session) -> OperatorContext:
    """The operator of this session.

    Raises SchemaMismatch when database and program don't fit, NotAnOperator when the login is
    nobody here or has been disabled.
    """
    try:
        me = await _ask(session)
    except Refused:
        # A login that is in none of our groups may not even ask; the worker's has no desk.
        raise NotAnOperator(NOBODY) from None
    migrate.require_current(me.schema_version)
    if me.username is None:
        raise NotAnOperator(NOBODY)
    return OperatorContext(
        username=me.username,
        full_name=me.full_name,
        role=Role(me.role),
        municipality=Municipality(
            me.municipality_id, me.municipality_code, me.municipality_name, me.time_zone
        ),
        team_id=me.team_id,
        team_name=me.team_name,
        permissions=frozenset(Permission(name) for name in me.permissions),
    )


async def _ask(session: Session) -> Row[Any]:
    """Everything in one trip; on a schema that cannot answer it, at least which one that is."""
    try:
        return (await session.read(reads.LOGIN, {"names": list(Permission)}))[0]
    except (Refused, Unreachable):
        raise
    except MuniconsoleError:
        if not (await session.read(reads.HAS_SCHEMA))[0].present:
            migrate.require_current(None)
        rows = await session.read(reads.SCHEMA_VERSION)
        migrate.require_current(rows[0].version_num if rows else None)
        raise
