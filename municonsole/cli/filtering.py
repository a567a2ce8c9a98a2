"""The options by which `tickets list` narrows down, and whatever else is about the tickets of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from municonsole.cli.moments import end, start
from municonsole.cli.output import complain
from municonsole.cli.params import AnyOf
from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import TicketFilter
from municonsole.domain.text import clean_line
from municonsole.domain.values import Category, Severity, SlaState, Sort, Status

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

_OPTIONS = (
    click.option(
        "--view", metavar="NAME", help="Begin with one of the console's views: see tickets views."
    ),
    click.option("--status", "statuses", type=AnyOf(Status), default=()),
    click.option("--category", "categories", type=AnyOf(Category), default=()),
    click.option("--severity", "severities", type=AnyOf(Severity), default=()),
    click.option("--sla", type=AnyOf(SlaState), default=(), help="State of the clocks."),
    click.option("--team", metavar="NAME", help="Only this team's."),
    click.option("--assigned-to", metavar="OPERATOR", help="Only this person's."),
    click.option("--unassigned", is_flag=True, help="Only those that nobody works on."),
    click.option("--mine", is_flag=True, help="Only your own."),
    click.option("--suburb", metavar="NAME", help="Only those of this suburb."),
    click.option(
        "--search", metavar="TEXT", help="Only those that hold this text of 3 letters or more."
    ),
    click.option("--since", metavar="TIME", help="Only those logged at this time or after it."),
    click.option(
        "--until", metavar="TIME", help="Only those logged before; of a date, its day counts."
    ),
)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the options of `narrowed` said, as it was typed."""

    view: str | None
    statuses: tuple[Status, ...]
    categories: tuple[Category, ...]
    severities: tuple[Severity, ...]
    sla: tuple[SlaState, ...]
    team: str | None
    assigned_to: str | None
    unassigned: bool
    mine: bool
    suburb: str | None
    search: str | None
    since: str | None
    until: str | None

    async def at(self, desk: Desk) -> tuple[TicketFilter, Sort]:
        """The filter they make at a desk, and the order of the view they begin with.

        Raises InvalidInput for a view, team or time that there is not.
        """
        zone = ZoneInfo(desk.operator.municipality.time_zone)
        wanted, order = TicketFilter(), Sort.NEWEST
        if self.view is not None:
            named = await desk.saved_views.named(self.view)
            for sentence in named.lost:
                complain(f"The view shows more than it did: {sentence}")
            wanted, order = desk.tickets.view(named), named.sort
        wanted = replace(
            wanted,
            statuses=self.statuses or wanted.statuses,
            categories=self.categories or wanted.categories,
            severities=self.severities or wanted.severities,
            sla=self.sla or wanted.sla,
            team_id=await _team_id(desk, self.team) if self.team is not None else wanted.team_id,
            suburb=(await _suburb(desk, self.suburb) if self.suburb is not None else wanted.suburb),
            search=self.search,
            since=start(self.since, zone, "--since") if self.since is not None else wanted.since,
            until=end(self.until, zone, "--until") if self.until is not None else wanted.until,
        )
        if self.mine or self.unassigned or self.assigned_to is not None:
            person = desk.operator.username if self.mine else self.assigned_to
            wanted = replace(wanted, assigned_to=person, unassigned=self.unassigned)
        return wanted, order


def narrowed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that narrow a list; they reach it as one argument, `narrowing`."""

    @wraps(command)
    def with_narrowing(*args: object, **kwargs: Any) -> object:  # noqa: ANN401 — click's
        named: Mapping[str, Any] = {
            field: kwargs.pop(field) for field in Narrowing.__dataclass_fields__
        }
        if sum((named["mine"], named["unassigned"], named["assigned_to"] is not None)) > 1:
            raise click.UsageError("--mine, --unassigned and --assigned-to exclude each other")
        return command(*args, narrowing=Narrowing(**named), **kwargs)

    for option in reversed(_OPTIONS):
        with_narrowing = option(with_narrowing)
    return with_narrowing


async def _team_id(desk: Desk, name: str) -> int:
    """The team of that name, capitals aside."""
    teams = await desk.people.teams()
    for team in teams:
        if team.name.casefold() == name.strip().casefold():
            return team.id
    raise InvalidInput(f"there is no team {name!r}; there are: {', '.join(t.name for t in teams)}")


async def _suburb(desk: Desk, name: str) -> str:
    """The suburb as the municipality writes it, capitals aside; one it does not list, as it is given."""
    wanted = clean_line(name)
    for suburb in await desk.intake.suburbs():
        if suburb.name.casefold() == wanted.casefold():
            return suburb.name
    return wanted
