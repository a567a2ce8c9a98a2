"""`municonsole tickets …`: what the console does, for scripts and for people who type."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from municonsole.cli import shapes
from municonsole.cli.intake import Spoken, free_text, read_spoken
from municonsole.cli.moments import end, start
from municonsole.cli.output import complain, print_fields, print_json, print_table, say
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import NewTicket, Page, TicketDetail, TimelineEntry
from municonsole.domain.values import Category, Language, Severity, SlaState, Sort, Status

if TYPE_CHECKING:
    from municonsole.services.desk import Desk


class AnyOf(click.ParamType[tuple[StrEnum, ...]]):
    """Members of one of the field's closed lists, separated by commas."""

    name = "values"

    def __init__(self, values: type[StrEnum]) -> None:
        self._values = values

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """What the help shows: every value there is."""
        return f"[{'|'.join(self._values)}],…"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[StrEnum, ...]:
        """The members of these names."""
        if isinstance(value, tuple):
            return value
        members = []
        for name in str(value).split(","):
            try:
                members.append(self._values(name.strip()))
            except ValueError:
                self.fail(f"{name!r} is not one of {', '.join(self._values)}", param, ctx)
        return tuple(members)


class Degrees(click.FloatRange):
    """A latitude or longitude; `nan`, which Python calls a float, is none."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number", param, ctx)
        return number


def one_of(values: type[StrEnum]) -> click.Choice[str]:
    """One of a closed list, by its value."""
    return click.Choice([member.value for member in values])


as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON.")
number_argument = click.argument("number")
if_version = click.option(
    "--if-version",
    type=int,
    metavar="N",
    help="Change nothing, with exit status 4, unless the ticket is still at version N.",
)


@click.group()
def tickets() -> None:
    """List, read, log and change tickets; a ticket is named by its tracking number."""


@tickets.command("list")
@click.option("--status", "statuses", type=AnyOf(Status), default=())
@click.option("--category", "categories", type=AnyOf(Category), default=())
@click.option("--severity", "severities", type=AnyOf(Severity), default=())
@click.option("--sla", type=AnyOf(SlaState), default=(), help="State of the clocks.")
@click.option("--team", metavar="NAME", help="Only this team's.")
@click.option("--assigned-to", metavar="OPERATOR", help="Only this person's.")
@click.option("--unassigned", is_flag=True, help="Only those that nobody works on.")
@click.option("--mine", is_flag=True, help="Only your own.")
@click.option(
    "--search", metavar="TEXT", help="Only those that hold this text of 3 letters or more."
)
@click.option("--since", metavar="TIME", help="Only those logged at this time or after it.")
@click.option(
    "--until", metavar="TIME", help="Only those logged before; of a date, its day counts."
)
@click.option("--sort", type=one_of(Sort), default=Sort.NEWEST.value, show_default=True)
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--after", metavar="CURSOR", help="Go on after a page: its `next`.")
@as_json
@pass_root
def list_(
    root: Root,
    statuses: tuple[Status, ...],
    categories: tuple[Category, ...],
    severities: tuple[Severity, ...],
    sla: tuple[SlaState, ...],
    team: str | None,
    assigned_to: str | None,
    unassigned: bool,
    mine: bool,
    search: str | None,
    since: str | None,
    until: str | None,
    sort: str,
    limit: int,
    after: str | None,
    json_wanted: bool,
) -> None:
    """List one page of tickets.

    Filters narrow the list together. TIME is ISO 8601 and, without an offset, the municipality's.
    """
    if sum((mine, unassigned, assigned_to is not None)) > 1:
        raise click.UsageError("--mine, --unassigned and --assigned-to exclude each other")

    async def work(desk: Desk) -> tuple[Page, ZoneInfo]:
        zone = _zone(desk)
        wanted = TicketFilter(
            statuses=statuses,
            categories=categories,
            severities=severities,
            sla=sla,
            team_id=await _team_id(desk, team) if team is not None else None,
            assigned_to=desk.operator.username if mine else assigned_to,
            unassigned=unassigned,
            search=search,
            since=start(since, zone, "--since") if since is not None else None,
            until=end(until, zone, "--until") if until is not None else None,
        )
        return await desk.tickets.page(wanted, Sort(sort), limit, after), zone

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


@tickets.command()
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


@tickets.command()
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


@tickets.command()
@click.option("--category", type=one_of(Category), required=True)
@click.option("--severity", type=one_of(Severity), default=Severity.MEDIUM.value, show_default=True)
@click.option("--description", metavar="TEXT", help="Without it: standard input.")
@click.option("--address", metavar="TEXT")
@click.option("--lat", "latitude", type=Degrees(-90, 90), metavar="DEGREES")
@click.option("--lon", "longitude", type=Degrees(-180, 180), metavar="DEGREES")
@click.option("--phone", metavar="NUMBER", help="The reporter's.")
@click.option("--name", metavar="TEXT", help="The reporter's.")
@click.option(
    "--language", type=one_of(Language), default=Language.ENGLISH.value, show_default=True
)
@click.option(
    "--stdin-json",
    is_flag=True,
    help="Standard input is a JSON object: description, address, name, phone, and for a GBV "
    "report safe_to_contact and contact_instructions.",
)
@pass_root
def create(
    root: Root,
    category: str,
    severity: str,
    description: str | None,
    address: str | None,
    latitude: float | None,
    longitude: float | None,
    phone: str | None,
    name: str | None,
    language: str,
    stdin_json: bool,
) -> None:
    """Log a report and print its tracking number; it is routed and its clocks start.

    What a GBV report says is never taken from the command line: answer the questions, or send the
    description (with --stdin-json: everything) on standard input.
    """
    if (latitude is None) != (longitude is None):
        raise click.UsageError("--lat and --lon go together")
    spoken = read_spoken(
        Spoken(description, address, name, phone),
        sensitive=Category(category).is_sensitive,
        json_wanted=stdin_json,
    )
    report = NewTicket(
        category=Category(category),
        severity=Severity(severity),
        description=spoken.description or "",
        address=spoken.address,
        latitude=latitude,
        longitude=longitude,
        language=Language(language),
        reporter_name=spoken.name,
        reporter_phone=spoken.phone,
        safe_to_contact=spoken.safe_to_contact,
        contact_instructions=spoken.contact_instructions,
    )
    say(root.at_desk(lambda desk: desk.tickets.create(report)))


@tickets.command()
@number_argument
@click.argument("status", type=one_of(Status))
@click.option("--note", metavar="TEXT", help="`-` reads it from standard input.")
@if_version
@pass_root
def status(root: Root, number: str, status: str, note: str | None, if_version: int | None) -> None:
    """Change a ticket's status."""
    text = free_text(note, "Note")

    async def work(desk: Desk) -> None:
        await _refuse_spoken(desk, number, note)
        await desk.tickets.change_status(number, Status(status), text, if_version)

    root.at_desk(work)


@tickets.command()
@number_argument
@click.option("--team", metavar="NAME", help="Without it and --to, the ticket is routed.")
@click.option("--to", metavar="OPERATOR")
@click.option("--reason", metavar="TEXT")
@if_version
@pass_root
def assign(
    root: Root,
    number: str,
    team: str | None,
    to: str | None,
    reason: str | None,
    if_version: int | None,
) -> None:
    """Assign a ticket to a team, a person, or by the routing rules."""
    root.at_desk(lambda desk: desk.tickets.assign(number, team, to, reason, if_version))


@tickets.command()
@number_argument
@pass_root
def take(root: Root, number: str) -> None:
    """Assign a ticket to yourself."""
    root.at_desk(lambda desk: desk.tickets.take(number))


@tickets.command()
@number_argument
@click.argument("text")
@click.option("--public", is_flag=True, help="The citizen may read it.")
@pass_root
def note(root: Root, number: str, text: str, public: bool) -> None:
    """Add a note; `-` as TEXT reads it from standard input."""
    words = free_text(text, "Note")

    async def work(desk: Desk) -> None:
        await _refuse_spoken(desk, number, text)
        await desk.tickets.add_note(number, words or "", public)

    root.at_desk(work)


def _zone(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.operator.municipality.time_zone)


async def _team_id(desk: Desk, name: str) -> int:
    """The team of that name, capitals aside."""
    teams = await desk.people.teams()
    for team in teams:
        if team.name.casefold() == name.strip().casefold():
            return team.id
    raise InvalidInput(f"there is no team {name!r}; there are: {', '.join(t.name for t in teams)}")


async def _refuse_spoken(desk: Desk, number: str, given: str | None) -> None:
    """Refuse words about a confidential report that stood on the command line."""
    if given is None or given == "-":
        return
    if (await desk.tickets.row(number)).is_sensitive:
        raise InvalidInput(
            "a note about a confidential report is not taken from the command line, where the "
            "process list shows it: write - in its place and send it on standard input"
        )
