"""Who is logged in, as the database sees it, and the people and teams around them."""

from __future__ import annotations

from typing import Final

from municonsole.db import migrate, reads
from municonsole.db.session import Session
from municonsole.domain.errors import NotAnOperator, Refused
from municonsole.domain.permissions import Permission
from municonsole.domain.records import Colleague, Municipality, OperatorContext, Team
from municonsole.domain.values import Category, Role, Status

NOBODY: Final = "this login is not an active operator of any municipality; an administrator can add or enable it"


async def log_in(session: Session) -> OperatorContext:
    """The operator of this session.

    Raises SchemaMismatch when database and program don't fit, NotAnOperator when the login is
    nobody here or has been disabled.
    """
    try:
        if not (await session.read(reads.HAS_SCHEMA))[0].present:
            migrate.require_current(None)
        rows = await session.read(reads.SCHEMA_VERSION)
        migrate.require_current(rows[0].version_num if rows else None)
        me = (await session.read(reads.WHOAMI))[0]
    except Refused:
        # A login that is in none of our groups may not even ask; the worker's has no desk.
        raise NotAnOperator(NOBODY) from None
    if me.username is None:
        raise NotAnOperator(NOBODY)
    granted = await session.read(reads.PERMISSIONS, {"names": [item.value for item in Permission]})
    return OperatorContext(
        username=me.username,
        full_name=me.full_name,
        role=Role(me.role),
        municipality=Municipality(
            me.municipality_id, me.municipality_code, me.municipality_name, me.time_zone
        ),
        team_id=me.team_id,
        team_name=me.team_name,
        permissions=frozenset(Permission(row.proname) for row in granted),
    )


class People:
    """Teams and colleagues as far as the operator may see them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def teams(self) -> tuple[Team, ...]:
        """All teams of the municipality by name, inactive ones too."""
        rows = await self._session.read(reads.TEAMS)
        return tuple(
            Team(row.id, row.name, Category(row.category), row.is_saps, row.is_active)
            for row in rows
        )

    async def colleagues(self) -> tuple[Colleague, ...]:
        """The active people of the municipality by name."""
        rows = await self._session.read(reads.COLLEAGUES)
        return tuple(
            Colleague(row.username, row.full_name, Role(row.role), row.team_id) for row in rows
        )

    async def transitions(self) -> frozenset[tuple[Status, Status]]:
        """The legal moves of a ticket, whoever may make them."""
        rows = await self._session.read(reads.TRANSITIONS)
        return frozenset((Status(row.from_status), Status(row.to_status)) for row in rows)
