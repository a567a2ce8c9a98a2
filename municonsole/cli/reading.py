"""`municonsole tickets list|show|history`: reading, for scripts and for people who type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from municonsole.cli import shapes
from municonsole.cli.filtering import Narrowing, narrowed
from municonsole.cli.output import complain, print_fields, print_json, print_table
from municonsole.cli.params import as_json, number_argument, one_of
from municonsole.cli.root import Root, pass_root
from municonsole.domain.records import Page, TicketDetail, TimelineEntry
from municonsole.domain.values import Sort
from municonsole.domain.views import Standing

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

COUNT_CAP: Final = 1000
"""More tickets of a view are not counted."""


@click.command("list")
@narrowed
@click.option("--sort", type=one_of(Sort), help="Default: newest first, or as the view does.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--after", metavar="CURSOR", help="Go on after a page: its `next`.")
@as_json
@pass_root
def list_(
    root: Root,
    narrowing: Narrowing,
    sort: str | None,
    limit: int,
    after: str | None,
    json_wanted: bool,
) -> None:
    """List one page of tickets.

    Filters narrow the list, or the view, together; what a view asks for of the same kind gives way.
    TIME is ISO 8601 and, without an offset, the municipality's.
    """

    async def work(desk: Desk) -> tuple[Page, ZoneInfo]:
        wanted, order = await narrowing.at(desk)
        order = Sort(sort) if sort is not None else order
        return await desk.tickets.page(wanted, order, limit, after), _zone(desk)

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
