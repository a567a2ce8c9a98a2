"""`municonsole tickets create|status|note|…`: work on tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import click

from municonsole.cli.intake import (
    Reporter,
    Spoken,
    free_text,
    read_reporter,
    read_spoken,
    refuse_spoken,
)
from municonsole.cli.moments import start
from municonsole.cli.output import say
from municonsole.cli.params import (
    Degrees,
    if_version,
    number_argument,
    one_of,
    words_option,
)
from municonsole.cli.root import Root, pass_root
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Language, Severity, Status

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

may_message_option = click.option(
    "--may-message", is_flag=True, help="They agreed to messages about it; about GBV none are sent."
)
reason_option = words_option("--reason", required=True)


@click.command()
@click.option("--category", type=one_of(Category), required=True)
@click.option("--severity", type=one_of(Severity), default=Severity.MEDIUM.value, show_default=True)
@click.option("--description", metavar="TEXT", help="Without it: standard input.")
@click.option("--address", metavar="TEXT")
@click.option(
    "--suburb", metavar="NAME", help="Its middle stands for coordinates that are not given."
)
@click.option("--lat", "latitude", type=Degrees(-90, 90), metavar="DEGREES")
@click.option("--lon", "longitude", type=Degrees(-180, 180), metavar="DEGREES")
@click.option("--phone", metavar="NUMBER", help="The reporter's.")
@click.option("--name", metavar="TEXT", help="The reporter's.")
@may_message_option
@click.option(
    "--language", type=one_of(Language), default=Language.ENGLISH.value, show_default=True
)
@click.option(
    "--stdin-json",
    is_flag=True,
    help="Standard input is a JSON object: description, address, suburb, name, phone, and for "
    "a GBV report safe_to_contact and contact_instructions.",
)
@pass_root
def create(
    root: Root,
    category: str,
    severity: str,
    description: str | None,
    address: str | None,
    suburb: str | None,
    latitude: float | None,
    longitude: float | None,
    phone: str | None,
    name: str | None,
    may_message: bool,
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
        Spoken(description, address, name, phone, suburb=suburb),
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
        suburb=spoken.suburb,
        may_message=may_message,
    )

    async def work(desk: Desk) -> str:
        return await desk.work.create(await desk.intake.placed(report))

    say(root.at_desk(work))


@click.command()
@number_argument
@click.argument("status", type=one_of(Status))
@words_option("--note")
@if_version
@pass_root
def status(root: Root, number: str, status: str, note: str | None, if_version: int | None) -> None:
    """Change a ticket's status."""
    text = free_text(note, "Note")

    async def work(desk: Desk) -> None:
        await refuse_spoken(desk, number, note)
        await desk.work.change_status(number, Status(status), text, if_version)

    root.at_desk(work)


@click.command()
@number_argument
@click.argument("text")
@click.option("--public", is_flag=True, help="The citizen may read it.")
@pass_root
def note(root: Root, number: str, text: str, public: bool) -> None:
    """Add a note; `-` as TEXT reads it from standard input."""
    words = free_text(text, "Note")

    async def work(desk: Desk) -> None:
        await refuse_spoken(desk, number, text)
        await desk.work.add_note(number, words or "", public)

    root.at_desk(work)


@click.command()
@number_argument
@click.option("--outcome", required=True, metavar="TEXT", help="`-` reads it from standard input.")
@pass_root
def contact(root: Root, number: str, outcome: str) -> None:
    """Record that the citizen was spoken to, and what came of it; it counts as an answer."""
    words = free_text(outcome, "Outcome")

    async def work(desk: Desk) -> None:
        await refuse_spoken(desk, number, outcome)
        await desk.work.record_contact(number, words or "")

    root.at_desk(work)


@click.command()
@number_argument
@reason_option
@if_version
@pass_root
def escalate(root: Root, number: str, reason: str, if_version: int | None) -> None:
    """Escalate a ticket, with a reason."""
    words = free_text(reason, "Reason")

    async def work(desk: Desk) -> None:
        await refuse_spoken(desk, number, reason)
        await desk.work.escalate(number, words or "", if_version)

    root.at_desk(work)


@click.command("override-deadline")
@number_argument
@click.option("--clock", type=click.Choice(["response", "resolution"]), required=True)
@click.option("--to", "to", metavar="TIME", help="ISO 8601; without an offset, the municipality's.")
@click.option("--clear", is_flag=True, help="Back to the deadline of the policy.")
@reason_option
@if_version
@pass_root
def override_deadline(
    root: Root,
    number: str,
    clock: Literal["response", "resolution"],
    to: str | None,
    clear: bool,
    reason: str,
    if_version: int | None,
) -> None:
    """Set one deadline by hand; it wins until it is cleared."""
    if (to is None) is not clear:
        raise click.UsageError("either --to TIME or --clear")
    words = free_text(reason, "Reason")

    async def work(desk: Desk) -> None:
        zone = ZoneInfo(desk.operator.municipality.time_zone)
        deadline = start(to, zone, "--to") if to is not None else None
        await desk.work.override_deadline(number, clock, deadline, words or "", if_version)

    root.at_desk(work)


@click.command()
@number_argument
@click.option(
    "--category",
    type=click.Choice([kind.value for kind in Category if not kind.is_sensitive]),
    required=True,
)
@reason_option
@if_version
@pass_root
def reclassify(root: Root, number: str, category: str, reason: str, if_version: int | None) -> None:
    """Give a ticket another category and its deadlines; a GBV report is marked sensitive instead."""
    words = free_text(reason, "Reason")
    root.at_desk(
        lambda desk: desk.work.reclassify(number, Category(category), words or "", if_version)
    )


@click.command("mark-sensitive")
@number_argument
@click.option(
    "--reason",
    default="-",
    metavar="TEXT",
    help="Neutral words only. Without it or with `-`: standard input.",
)
@pass_root
def mark_sensitive(root: Root, number: str, reason: str) -> None:
    """Hand a ticket over to SAPS as a GBV report; you do not see it again, and there is no way back.

    Whatever tells of the case goes by standard input or the question: the process list and the
    shell's history show a command line.
    """
    words = free_text(reason, "Reason")
    root.at_desk(lambda desk: desk.work.mark_sensitive(number, words or ""))
    say(f"{number} is with SAPS now and no longer visible here.")


@click.command("add-reporter")
@number_argument
@click.option("--name", metavar="TEXT")
@click.option("--phone", metavar="NUMBER")
@click.option(
    "--language", type=one_of(Language), default=Language.ENGLISH.value, show_default=True
)
@may_message_option
@click.option(
    "--stdin-json", is_flag=True, help="Standard input is a JSON object of name and phone."
)
@pass_root
def add_reporter(
    root: Root,
    number: str,
    name: str | None,
    phone: str | None,
    language: str,
    may_message: bool,
    stdin_json: bool,
) -> None:
    """Add a further person who reported the same, so that they are told too.

    On a terminal, name and phone are asked for where neither is given; of a GBV report they are
    never taken from the command line.
    """
    person = read_reporter(Reporter(name, phone), json_wanted=stdin_json)

    async def work(desk: Desk) -> None:
        await refuse_spoken(
            desk,
            number,
            *(name, phone),
            instead="leave out --name and --phone and answer the questions, or send them on "
            "standard input with --stdin-json",
        )
        await desk.work.add_reporter(
            number, person.name, person.phone, Language(language), may_message=may_message
        )

    root.at_desk(work)
