"""Whom tickets can be given to: where the rules say, teams, people, each with what they have now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from municonsole.domain.records import Colleague, Team
from municonsole.domain.supervising import Load, PersonLoad, Proposal, TeamLoad
from municonsole.domain.values import Role
from municonsole.ui import cells
from municonsole.ui.actions import Matter
from municonsole.ui.context import Context
from municonsole.ui.form import Option, Subject
from municonsole.ui.words import DASH

BY_THE_RULES = "where the rules say"


@dataclass(frozen=True, slots=True)
class Given:
    """To a team (by name), a person (by user name); to neither: where the rules say."""

    team: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Taker(Option):
    """An Option with what they have, and who of them is at a console; `proposed` where the rules name it."""

    load: Load | None = None
    here: str = ""
    proposed: bool = False


async def takers(context: Context, subject: Subject | None) -> Sequence[Taker]:
    """Whom a ticket can be given to; without one, many that are of several kinds.

    Of SAPS a municipal supervisor learns no load, nor who is at work.
    """
    if subject is not None and subject.matter is Matter.OPENED:
        return await _of_saps(context)
    first = Taker(f"each {BY_THE_RULES}", Given(), proposed=True)
    if subject is not None:
        first = _proposed(await context.desk.assignments.proposal(subject.number))
    teams, people = await context.desk.assignments.loads()
    names = {team.team_id: cells.line(team.name) for team in teams}
    return [first, *map(_team, teams), *(_person(one, names) for one in people)]


def _proposed(proposal: Proposal) -> Taker:
    why = cells.line(proposal.why.said(proposal.team_name))
    name = cells.line(proposal.team_name)
    return Taker(f"{name or BY_THE_RULES}: {why}", Given(proposal.team_name), proposed=True)


def _team(team: TeamLoad) -> Taker:
    here = f"{team.here} of {team.people}" if team.people else DASH
    return Taker(cells.line(team.name), Given(team=team.name), load=team.load, here=here)


def _person(person: PersonLoad, teams: dict[int, str]) -> Taker:
    return Taker(
        _label(person, teams),
        Given(person=person.username),
        load=person.load,
        here="here" if person.here else DASH,
    )


def _label(person: PersonLoad | Colleague, teams: Mapping[int, str]) -> str:
    return ", ".join(filter(None, (cells.line(person.full_name), teams.get(person.team_id or 0))))


async def _of_saps(context: Context) -> Sequence[Taker]:
    """By their names alone: whoever has opened one report learns nothing of the others."""
    teams, people = await context.desk.people.teams(), await context.desk.people.colleagues()
    names = {team.id: cells.line(team.name) for team in teams}

    def team(one: Team) -> Taker:
        return Taker(cells.line(one.name), Given(team=one.name))

    def person(one: Colleague) -> Taker:
        return Taker(_label(one, names), Given(person=one.username))

    return [
        Taker(BY_THE_RULES, Given(), proposed=True),
        *(team(one) for one in teams if one.is_active and one.is_saps),
        *(person(one) for one in people if one.is_active and one.role is Role.SAPS_LIAISON),
    ]


def went(what: str, given: Given, offered: Sequence[Option]) -> str:
    """Where it went, in a sentence, such as `TKT-… is with Water North`."""
    if given.person is not None:
        who = next((o.label for o in offered if o.value == given), cells.line(given.person))
        return f"{what} with {who}"
    if given.team is not None:
        return f"{what} with {cells.line(given.team)}"
    return f"{what} {BY_THE_RULES}"
