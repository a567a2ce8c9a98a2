"""The scheduler without the screen: runs until the system asks it to end, then ends what it does."""

from __future__ import annotations

import asyncio
import logging
import signal

from municonsole.db.jobs import Connect
from municonsole.jobs.chores import chores
from municonsole.jobs.scheduler import Scheduler

_ENDING = (signal.SIGTERM, signal.SIGINT)
_log = logging.getLogger("municonsole.jobs")


async def run(connect: Connect) -> None:
    """Do the jobs of the house over connections that `connect` makes, until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, ended.set)
    scheduler = Scheduler(chores(connect))
    scheduler.start()
    _log.info("worker started")
    await ended.wait()
    for number in _ENDING:
        loop.remove_signal_handler(
            number
        )  # asked twice, it ends at once; the database undoes the rest
    await scheduler.stop()
    _log.info("worker ended")
