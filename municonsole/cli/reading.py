"""`municonsole tickets list|show|history`: reading, for scripts and for people who type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from municonsole.cli import shapes
from municonsole.cli.moments import end, start
from municonsole.cli.output import complain, print_fields, print_json, print_table
from municonsole.cli.params import AnyOf, as_json, number_argument, one_of
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import Page, TicketDetail, TimelineEntry
from municonsole.domain.text import clean_line
from municonsole.domain.values import Category, Severity, SlaState, Sort, Status
from municonsole.domain.views import Standing

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

COUNT_CAP: Final = 1000
"""More tickets of a view are not counted."""


@click.command("list")
@click.option(
    "--view", metavar="NAME", help="Begin with one of the console's views: see tickets views."
)
@click.option("--status", "statuses", type=AnyOf(Status), default=())
@click.option("--category", "categories", type=AnyOf(Category), default=())
@click.option("--severity", "severities", type=AnyOf(Severity), default=())
@click.option("--sla", type=AnyOf(SlaState), default=(), help="State of the clocks.")
@click.option("--team", metavar="NAME", help="Only this team's.")
@click.option("--assigned-to", metavar="OPERATOR", help="Only this person's.")
@click.option("--unassigned", is_flag=True, help="Only those that nobody works on.")
@click.option("--mine", is_flag=True, help="Only your own.")
@click.option("--suburb", metavar="NAME", help="Only those of this suburb.")
@click.option(
    "--search", metavar="TEXT", help="Only those that hold this text of 3 letters or more."
)
@click.option("--since", metavar="TIME", help="Only those logged at this time or after it.")
@click.option(
    "--until", metavar="TIME", help="Only those logged before; of a date, its day counts."
)
@click.option("--sort", type=one_of(Sort), help="Default: newest first, or as the view does.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--after", metavar="CURSOR", help="Go on after a page: its `next`.")
@as_json
@pass_root
def list_(
    root: Root,
    view: str | None,
    statuses: tuple[Status, ...],
    categories: tuple[Category, ...],
    severities: tuple[Severity, ...],
    sla: tuple[SlaState, ...],
    team: str | None,
    assigned_to: str | None,
    unassigned: bool,
    mine: bool,
    suburb: str | None,
    search: str | None,
    since: str | None,
    until: str | None,
    sort: str | None,
    limit: int,
    after: str | None,
    json_wanted: bool,
) -> None:
    """List one page of tickets.

    Filters narrow the list, or the view, together; what a view asks for of the same kind gives way.
    TIME is ISO 8601 and, without an offset, the municipality's.
    """
    if sum((mine, unassigned, assigned_to is not None)) > 1:
        raise click.UsageError("--mine, --unassigned and --assigned-to exclude each other")

    async def work(desk: Desk) -> tuple[Page, ZoneInfo]:
        zone = _zone(desk)
        wanted, order = TicketFilter(), Sort.NEWEST
        if view is not None:
            named = await desk.saved_views.named(view)
            for sentence in named.lost:
                complain(f"The view shows more than it did: {sentence}")
            wanted, order = desk.tickets.view(named), named.sort
        wanted = replace(
            wanted,
            statuses=statuses or wanted.statuses,
            categories=categories or wanted.categories,
            severities=severities or wanted.severities,
            sla=sla or wanted.sla,
            team_id=await _team_id(desk, team) if team is not None else wanted.team_id,
            suburb=await _suburb(desk, suburb) if suburb is not None else wanted.suburb,
            search=search,
            since=start(since, zone, "--since") if since is not None else wanted.since,
            until=end(until, zone, "--until") if until is not None else wanted.until,
        )
        if mine or unassigned or assigned_to is not None:
            person = desk.operator.username if mine else assigned_to
            wanted = replace(wanted, assigned_to=person, unassigned=unassigned)
        order = Sort(sort) if sort is not None else order
        return await desk.tickets.page(wanted, order, limit, after), zone

    page, zone = root.at_desk(work)
    if json_wanted:
        print_json(shapes.page(page, zone))
        return
    print_table(
        shapes.LIST_HEADERS,
        [shapes.list_line(row, zone) for row in page.tickets],
        first_to_go=("CREATED", "ASSIGNEE", "TEAM", "DUE", "SEVERITY"),
    )
    if page.next is not None:
        complain(f"There are more: --after {page.next}")


@click.command()
@as_json
@pass_root
def views(root: Root, json_wanted: bool) -> None:
    """List the views of the console, delivered ones and your own, with their keys and counts."""

    async def work(desk: Desk) -> list[tuple[Standing, int]]:
        return [
            (standing, await desk.tickets.count(desk.tickets.view(standing.view), COUNT_CAP))
            for standing in await desk.saved_views.arranged()
        ]

    counted = root.at_desk(work)
    if json_wanted:
        print_json([shapes.view(standing, count, COUNT_CAP) for standing, count in counted])
        return
    print_table(
        shapes.VIEW_HEADERS,
        [shapes.view_line(standing, count, COUNT_CAP) for standing, count in counted],
        first_to_go=(),
    )


@click.command()
@number_argument
@click.option(
    "--reason", metavar="TEXT", help="Why a confidential report is opened; it is recorded."
)
@as_json
@pass_root
def show(root: Root, number: str, reason: str | None, json_wanted: bool) -> None:
    """Show one ticket with its assignment history."""

    async def work(desk: Desk) -> tuple[TicketDetail, ZoneInfo]:
        return await desk.tickets.show(number, reason), _zone(desk)

    detail, zone = root.at_desk(work)
    if json_wanted:
        print_json(shapes.detail(detail, zone))
    else:
        print_fields(shapes.detail_lines(detail, zone))


@click.command()
@number_argument
@as_json
@pass_root
def history(root: Root, number: str, json_wanted: bool) -> None:
    """Show everything that happened to a ticket, newest first."""

    async def work(desk: Desk) -> tuple[tuple[TimelineEntry, ...], ZoneInfo]:
        return await desk.tickets.history(number), _zone(desk)

    events, zone = root.at_desk(work)
    if json_wanted:
        print_json([shapes.entry(event, zone) for event in events])
    else:
        print_table(
            shapes.HISTORY_HEADERS,
            [shapes.history_line(event, zone) for event in events],
            first_to_go=("ASSIGNEE", "TEAM"),
        )


def _zone(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.operator.municipality.time_zone)


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
