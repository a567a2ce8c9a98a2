"""APScheduler in the console's own event loop: runs the chores, and ends only when they have."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from municonsole.jobs.chores import Chore

# It would write on the screen; what a person has to know is in our own log.
logging.getLogger("apscheduler").addHandler(logging.NullHandler())
logging.getLogger("apscheduler").propagate = False


class Scheduler:
    """Runs each chore at its times; a time that comes while the last run still works is left out.

    Times missed while the machine slept are made up for by one run.
    """

    def __init__(self, chores: Iterable[Chore]) -> None:
        self._chores = tuple(chores)
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._running: set[asyncio.Task[None]] = set()
        self._ending = False

    def start(self) -> None:
        """Begin, in the event loop that runs."""
        now = datetime.now(UTC)
        for chore in self._chores:
            self._scheduler.add_job(
                self._do,
                IntervalTrigger(
                    seconds=chore.every.total_seconds(), jitter=chore.jitter.total_seconds()
                ),
                args=(chore,),
                id=chore.name,
                next_run_time=now + chore.after,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Begin nothing more, and return when what is under way has ended: a municipality at the most."""
        self._ending = True
        if self._scheduler.running:
            self._scheduler.pause()
        while self._running:
            await asyncio.wait(self._running)
        if self._scheduler.running:
            # It cancels what it has started, which by now is nothing.
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)

    async def _do(self, chore: Chore) -> None:
        if self._ending:
            return
        task = asyncio.ensure_future(chore.run(lambda: self._ending))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)
