"""The jobs of the house as the scheduler runs them: what they find is logged, what fails is, too.

Which municipality is due, and that each piece of work is done once whoever is alive, the database
decides (`migrations/law/71_sweep.sql`); here it is asked until nothing is due.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, Final, TypeAlias

from municonsole import faults
from municonsole.db import jobs
from municonsole.db.jobs import Connect
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.jobs import KeptUp, Swept

STATEMENT_TIMEOUT: Final = 60
"""Seconds that the work for one municipality may take: 20,000 breaches take about five."""

Work: TypeAlias = Callable[[Callable[[Any], None], Callable[[], bool]], Awaitable[None]]
"""Does a job, telling what it found for each municipality and asking whether the program is ending."""

_COUNTS: Final = ("dated", "warned", "breached", "extended", "broken")
_log = logging.getLogger("municonsole.jobs")


@dataclass(frozen=True, slots=True)
class Chore:
    """One job and when it runs: `after` so long for the first time, then `every` so long.

    `jitter` spreads many consoles: each time is off by up to so long. `run` asks between two
    municipalities whether the program is ending. It never raises.
    """

    name: str
    run: Callable[[Callable[[], bool]], Awaitable[None]]
    every: timedelta
    jitter: timedelta
    after: timedelta


def chores(connect: Connect) -> tuple[Chore, ...]:
    """Sweep and upkeep, over connections that `connect` makes."""
    return (
        Chore(
            "sweep",
            partial(_logged, "sweep", partial(jobs.sweep, connect, _as_the_law_says)),
            every=timedelta(seconds=60),
            jitter=timedelta(seconds=8),
            after=timedelta(seconds=2),
        ),
        Chore(
            "upkeep",
            partial(_logged, "upkeep", partial(jobs.upkeep, connect, _as_the_law_says)),
            every=timedelta(days=1),
            jitter=timedelta(minutes=30),
            after=timedelta(seconds=20),
        ),
    )


async def once(connect: Connect) -> tuple[list[Swept], list[KeptUp]]:
    """Do all of it now, also what somebody has done a moment ago; raises what goes wrong."""
    began = monotonic()
    swept: list[Swept] = []
    kept_up: list[KeptUp] = []

    def since() -> timedelta:
        return timedelta(seconds=monotonic() - began)

    await jobs.sweep(connect, since, swept.append, _never)
    await jobs.upkeep(connect, since, kept_up.append, _never)
    return swept, kept_up


def _as_the_law_says() -> None:
    return None


def _never() -> bool:
    return False


async def _logged(name: str, work: Work, ending: Callable[[], bool]) -> None:
    def tell(found: Swept | KeptUp) -> None:
        numbers = asdict(found)
        if any(numbers.get(count) for count in _COUNTS):
            level = logging.WARNING if numbers.get("broken") else logging.INFO
            _log.log(level, "job done", extra={"job": name, **numbers})

    try:
        await work(tell, ending)
    except MuniconsoleError as error:
        _log.warning("job failed", extra={"job": name, "error": str(error)})
    except Exception as error:  # noqa: BLE001  a fault in here must not take the console along
        _log.warning("job failed", extra={"job": name, "error": faults.record(error)})
