"""`municonsole sla preview`: what the clocks of a ticket would be."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from municonsole.cli import moments
from municonsole.cli.output import in_zone, print_json, say
from municonsole.cli.params import as_json, cleaned, one_of
from municonsole.cli.root import Root, pass_root
from municonsole.domain.errors import InvalidInput
from municonsole.domain.values import Category

if TYPE_CHECKING:
    from municonsole.services.desk import Desk
    from municonsole.services.trials import Trial


@click.group()
def sla() -> None:
    """Try what the SLA clocks say."""


@sla.command()
@click.option(
    "--municipality",
    metavar="CODE",
    callback=lambda c, p, v: v and cleaned(c, p, v),
    help="Your own, which it is without the option.",
)
@click.option("--category", required=True, type=one_of(Category))
@click.option("--start", required=True, metavar="TIME", help="When the ticket would be logged.")
@click.option(
    "--pause",
    "pauses",
    multiple=True,
    metavar="FROM/TO",
    help="On hold in between; may be repeated.",
)
@click.option("--at", "at", metavar="TIME", help="When its state is asked for; now without it.")
@click.option(
    "--until", metavar="TIME", help="Up to when working time is counted; --at without it."
)
@as_json
@pass_root
def preview(
    root: Root,
    municipality: str | None,
    category: str,
    start: str,
    pauses: tuple[str, ...],
    at: str | None,
    until: str | None,
    json_wanted: bool,
) -> None:
    """Say which deadlines an unanswered ticket would have, by the policies that are in force.

    TIME is ISO 8601; without an offset it is the municipality's. Any date will do. Nothing is logged.
    """

    async def work(desk: Desk) -> tuple[ZoneInfo, Trial]:
        zone = ZoneInfo(desk.operator.municipality.time_zone)
        return zone, await desk.trials.run(
            municipality,
            Category(category),
            moments.start(start, zone, "--start"),
            [_pause(pause, zone) for pause in pauses],
            moments.start(at, zone, "--at") if at is not None else None,
            moments.start(until, zone, "--until") if until is not None else None,
        )

    zone, trial = root.at_desk(work)
    clocks = {
        "response": (trial.response_deadline, trial.response_warning_at),
        "resolution": (trial.resolution_deadline, trial.resolution_warning_at),
    }
    if json_wanted:
        print_json(
            {f"{clock}_deadline": in_zone(due, zone) for clock, (due, _) in clocks.items()}
            | {
                f"{clock}_warning_at": in_zone(warning, zone)
                for clock, (_, warning) in clocks.items()
            }
            | {"sla_status": trial.sla_status, "worked_seconds": trial.worked_seconds}
        )
        return
    lines = [
        ("Policy", trial.policy),
        ("Calendar", trial.calendar),
        *(
            (clock.capitalize(), f"due {in_zone(due, zone)}, warning {in_zone(warning, zone)}")
            for clock, (due, warning) in clocks.items()
        ),
        ("State", trial.sla_status.replace("_", " ")),
        ("Worked", _length(trial.worked_seconds)),
    ]
    for name, value in lines:
        say(f"{name + ':':<12}{value}")


def _pause(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begins, slash, ends = text.partition("/")
    if not slash:
        raise InvalidInput(f"--pause {text!r} is not FROM/TO, two times with a / in between")
    return moments.start(begins, zone, "--pause"), moments.start(ends, zone, "--pause")


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    parts = (*divmod(minutes, 60), rest)
    named = zip(parts, ("h", "min", "s"), strict=True)
    return " ".join(f"{part} {unit}" for part, unit in named if part) or "0 min"
