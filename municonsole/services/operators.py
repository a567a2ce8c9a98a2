"""People and teams of the municipality; who may work there, for administrators."""

from __future__ import annotations

from municonsole.db import calls, reads
from municonsole.db.session import Session
from municonsole.domain.errors import InvalidInput
from municonsole.domain.permissions import Permission
from municonsole.domain.records import Colleague, Team
from municonsole.domain.text import clean_line
from municonsole.domain.values import Category, Role, Status
from municonsole.services.access import Access


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

    async def team_id(self, name: str) -> int:
        """The id of the active team of this name, case not counting. Raises InvalidInput."""
        teams = [team for team in await self.teams() if team.is_active]
        for team in teams:
            if team.name.casefold() == name.strip().casefold():
                return team.id
        known = ", ".join(team.name for team in teams) or "none yet"
        raise InvalidInput(f"there is no active team {clean_line(name)!r}; there are: {known}")

    async def colleagues(self) -> tuple[Colleague, ...]:
        """The active people of the municipality by name."""
        rows = await self._session.read(reads.COLLEAGUES)
        return tuple(
            Colleague(row.username, row.full_name, Role(row.role), row.team_id) for row in rows
        )

    async def transitions(self) -> frozenset[tuple[Status, Status]]:
        """The moves of a ticket that this operator may make."""
        rows = await self._session.read(reads.TRANSITIONS)
        return frozenset((Status(row.from_status), Status(row.to_status)) for row in rows)


class Staff:
    """Adding, disabling and moving operators and managers of the own municipality.

    A password never leaves the program: `Session.verifier` makes what the server keeps of it.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: Session = access.session

    def require(self, permission: Permission) -> None:
        """Raise Refused, saying who may, unless the database grants `permission`."""
        self._access.require(permission)

    async def members(self) -> tuple[Colleague, ...]:
        """Everybody one may see, disabled people too, by name."""
        rows = await self._session.read(reads.STAFF)
        return tuple(
            Colleague(row.username, row.full_name, Role(row.role), row.team_id, row.is_active)
            for row in rows
        )

    async def add(
        self, username: str, full_name: str, role: Role, team: str | None, password: str
    ) -> None:
        """Make a login for a new operator or manager; `team` is one's name or None."""
        self._access.require(Permission.CREATE_OPERATOR)
        await self._session.write(
            calls.CREATE_OPERATOR,
            {
                "username": username,
                "full_name": clean_line(full_name),
                "role": role.value,
                "team": team,
                "verifier": await self._session.verifier(username, password),
            },
        )

    async def disable(self, username: str) -> None:
        """Take effect at once, on consoles that are open too."""
        self._access.require(Permission.DISABLE_OPERATOR)
        await self._session.write(calls.DISABLE_OPERATOR, {"username": username})

    async def enable(self, username: str) -> None:
        """Let a disabled person work again."""
        self._access.require(Permission.ENABLE_OPERATOR)
        await self._session.write(calls.ENABLE_OPERATOR, {"username": username})

    async def set_team(self, username: str, team: str | None) -> None:
        """Move a person to a team by its name, or to none."""
        self._access.require(Permission.SET_OPERATOR_TEAM)
        await self._session.write(calls.SET_OPERATOR_TEAM, {"username": username, "team": team})

    async def reset_password(self, username: str, password: str) -> None:
        """Give a person a new password."""
        self._access.require(Permission.RESET_OPERATOR_PASSWORD)
        verifier = await self._session.verifier(username, password)
        await self._session.write(
            calls.RESET_OPERATOR_PASSWORD, {"username": username, "verifier": verifier}
        )
