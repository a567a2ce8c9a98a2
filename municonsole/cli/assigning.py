"""`municonsole tickets assign|take|unassign`: who has a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from municonsole.cli.intake import free_text, refuse_spoken
from municonsole.cli.params import if_version, number_argument, words_option
from municonsole.cli.root import Root, pass_root

if TYPE_CHECKING:
    from municonsole.services.desk import Desk


@click.command()
@number_argument
@click.option("--team", metavar="NAME", help="Without it and --to, the ticket is routed.")
@click.option("--to", metavar="OPERATOR")
@words_option("--reason")
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
    words = free_text(reason, "Reason")

    async def work(desk: Desk) -> None:
        await refuse_spoken(desk, number, reason)
        await desk.assignments.assign(number, team, to, words, if_version)

    root.at_desk(work)


@click.command()
@number_argument
@pass_root
def take(root: Root, number: str) -> None:
    """Assign a ticket to yourself."""
    root.at_desk(lambda desk: desk.work.take(number))


@click.command()
@number_argument
@words_option("--reason")
@if_version
@pass_root
def unassign(root: Root, number: str, reason: str | None, if_version: int | None) -> None:
    """Take a ticket from its team and person."""
    words = free_text(reason, "Reason")

    async def work(desk: Desk) -> None:
        await refuse_spoken(desk, number, reason)
        await desk.assignments.unassign(number, words, if_version)

    root.at_desk(work)
