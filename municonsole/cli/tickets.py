"""`municonsole tickets …`: what the console does, for scripts and for people who type."""

from __future__ import annotations

import click

from municonsole.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("municonsole.cli.reading:list_", "List one page of tickets."),
    "views": ("municonsole.cli.reading:views", "List the views of the console, with counts."),
    "show": ("municonsole.cli.reading:show", "Show one ticket with its assignment history."),
    "history": ("municonsole.cli.reading:history", "Show everything that happened to a ticket."),
    "create": ("municonsole.cli.handling:create", "Log a report; prints its tracking number."),
    "status": ("municonsole.cli.handling:status", "Change a ticket's status."),
    "assign": ("municonsole.cli.assigning:assign", "Assign to a team or person, or route."),
    "take": ("municonsole.cli.assigning:take", "Assign a ticket to yourself."),
    "unassign": ("municonsole.cli.assigning:unassign", "Take a ticket from team and person."),
    "bulk": ("municonsole.cli.bulk:bulk", "Change many tickets at once."),
    "note": ("municonsole.cli.handling:note", "Add a note."),
    "contact": ("municonsole.cli.handling:contact", "Record a contact with the citizen."),
    "add-reporter": ("municonsole.cli.handling:add_reporter", "Add a further reporter."),
    "escalate": ("municonsole.cli.handling:escalate", "Escalate, with a reason."),
    "override-deadline": (
        "municonsole.cli.handling:override_deadline",
        "Set one deadline by hand, or clear it.",
    ),
    "reclassify": ("municonsole.cli.handling:reclassify", "Give a ticket another category."),
    "mark-sensitive": (
        "municonsole.cli.handling:mark_sensitive",
        "Hand a ticket over to SAPS; there is no way back.",
    ),
}


@click.group(cls=LazyGroup)
def tickets() -> None:
    """List, read, log and change tickets; a ticket is named by its tracking number.

    What the console does, in plain lines: for scripts, and for whoever works with a screen reader.
    """


tickets.commands_at = COMMANDS
