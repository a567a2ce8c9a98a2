"""`municonsole export tickets`: the tickets of a list as a file, for whoever works with them elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from municonsole.cli import shapes
from municonsole.cli.filtering import Narrowing, narrowed
from municonsole.cli.output import complain, counting
from municonsole.cli.params import one_of
from municonsole.cli.root import Root, pass_root
from municonsole.cli.writing import write_csv, write_json_lines
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.records import TicketRow
from municonsole.services.exports import ExportFormat

if TYPE_CHECKING:
    from municonsole.services.desk import Desk


@click.group()
def export() -> None:
    """Write what the municipality has into a file.

    For managers and administrators; who exported what is in the audit log.
    """


@export.command()
@narrowed
@click.option(
    "--format",
    "chosen",
    type=one_of(ExportFormat),
    default=ExportFormat.CSV.value,
    show_default=True,
    help="A table for spreadsheets, or JSON, one ticket a line.",
)
@pass_root
def tickets(root: Root, narrowing: Narrowing, chosen: str) -> None:
    """Write tickets to standard output, newest first; without a filter all of them.

    The filters are those of tickets list. TIME is ISO 8601 and, without an offset, the municipality's.
    """
    wanted_format = ExportFormat(chosen)

    async def work(desk: Desk) -> int:
        desk.exports.require()
        wanted, _ = await narrowing.at(desk)
        write = _writer(wanted_format, ZoneInfo(desk.operator.municipality.time_zone))
        watched = nullcontext(None) if sys.stdout.isatty() else counting("tickets")
        with watched as progress:
            return await desk.exports.tickets(
                wanted, wanted_format, write, progress or (lambda _: None)
            )

    count = root.at_desk(work)
    complain(f"{count:,} tickets were exported" if count != 1 else "1 ticket was exported")


def _writer(wanted: ExportFormat, zone: ZoneInfo) -> Callable[[Sequence[TicketRow]], None]:
    """What writes one page after another. Raises MuniconsoleError when the output takes no more."""
    done: int | None = None

    def write(page: Sequence[TicketRow]) -> None:
        nonlocal done
        begins, done = done is None, done or 0
        lines = [shapes.ticket(row, zone) for row in page]
        try:
            if wanted is ExportFormat.JSON_LINES:
                write_json_lines(lines)
            else:
                header = [shapes.TICKET_FIELDS] if begins else []
                write_csv([*header, *(tuple(line.values()) for line in lines)])
        except OSError as error:
            raise MuniconsoleError(_stopped(error, done)) from None
        done += len(page)

    return write


def _stopped(error: OSError, done: int) -> str:
    why = (
        "nobody reads the output any more"
        if isinstance(error, BrokenPipeError)
        else f"the output could not be written ({error.strerror})"
    )
    return f"{why}: the export ended after {done:,} tickets and is not complete"
