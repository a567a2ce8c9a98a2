"""`municonsole tickets assign|take|unassign`: who has a ticket."""

from __future__ import annotations

import click

from municonsole.cli.params import if_version, number_argument
from municonsole.cli.root import Root, pass_root


@click.command()
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
    root.at_desk(lambda desk: desk.assignments.assign(number, team, to, reason, if_version))


@click.command()
@number_argument
@pass_root
def take(root: Root, number: str) -> None:
    """Assign a ticket to yourself."""
    root.at_desk(lambda desk: desk.work.take(number))


@click.command()
@number_argument
@click.option("--reason", metavar="TEXT")
@if_version
@pass_root
def unassign(root: Root, number: str, reason: str | None, if_version: int | None) -> None:
    """Take a ticket from its team and person."""
    root.at_desk(lambda desk: desk.assignments.unassign(number, reason, if_version))
