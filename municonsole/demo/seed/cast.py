"""The world with the ids the database gave it, laid out as the stories ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from municonsole.demo.seed.worktime import Terms
from municonsole.demo.seed.world import Crew, Login, Town
from municonsole.domain.values import Category, Role


@dataclass(frozen=True, slots=True)
class Squad:
    """A team with its id and the operators or liaisons in it."""

    id: int
    crew: Crew
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """One municipality on stage: usernames by role, teams and SLA policies by category."""

    municipality_id: int
    town: Town
    squads: dict[Category, tuple[Squad, ...]]
    terms: dict[Category, Terms]
    operators: tuple[str, ...]
    managers: tuple[str, ...]
    liaisons: tuple[str, ...]
    admin: str


def cast(
    town: Town,
    municipality_id: int,
    team_ids: dict[str, int],
    policies: dict[Category | None, Terms],
) -> Cast:
    """Lay out a town; `team_ids` are by the teams' names, `policies` by category, None is the default."""
    squads = [
        Squad(
            team_ids[crew.name],
            crew,
            tuple(login.username for login in town.people if login.team == crew.name),
        )
        for crew in town.crews
    ]
    return Cast(
        municipality_id,
        town,
        {
            category: tuple(squad for squad in squads if squad.crew.category is category)
            for category in Category
        },
        {category: policies.get(category, policies[None]) for category in Category},
        _names(town.people, Role.OPERATOR),
        _names(town.people, Role.MANAGER),
        _names(town.people, Role.SAPS_LIAISON),
        _names(town.people, Role.ADMIN)[0],
    )


def _names(people: tuple[Login, ...], role: Role) -> tuple[str, ...]:
    return tuple(login.username for login in people if login.role is role)
