"""What every benchmark needs: a seeded demo of its own, paired timings, a verdict against the budget."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from municonsole.demo.server import Demo, DemoServer

TICKETS = int(os.environ.get("BENCH_TICKETS", "1000000"))


@contextmanager
def demo(tickets: int = TICKETS) -> Iterator[Demo]:
    """A demo of `tickets` tickets in a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="municonsole-bench-") as folder:
        Path(folder).chmod(0o755)
        server = DemoServer(Path(folder) / "demo", say=print)
        started = time.perf_counter()
        up = server.up(tickets=tickets)
        print(f"seeded {tickets} tickets in {time.perf_counter() - started:.1f} s")
        try:
            yield up
        finally:
            server.down(wipe=True)


@dataclass(frozen=True, slots=True)
class Pair:
    """Median milliseconds of the thing and of its floor, measured turn by turn in one run."""

    name: str
    floor_name: str
    milliseconds: float
    floor: float
    budget: float

    @property
    def ratio(self) -> float:
        """How many times its floor the thing takes."""
        return self.milliseconds / self.floor

    def report(self) -> bool:
        """Print the pair; whether it is within its budget."""
        held = self.ratio <= self.budget
        print(
            f"{self.name}: {self.milliseconds:.2f} ms, {self.floor_name}: {self.floor:.2f} ms, "
            f"ratio {self.ratio:.2f} (budget {self.budget}) {'ok' if held else 'OVER BUDGET'}"
        )
        return held


async def pair(
    name: str,
    thing: Callable[[], Awaitable[object]],
    floor_name: str,
    floor: Callable[[], Awaitable[object]],
    budget: float,
    rounds: int = 300,
) -> Pair:
    """Time both in turn, after twenty rounds that don't count; medians of `rounds`."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 20):
        for which, call in enumerate((thing, floor)):
            started = time.perf_counter()
            await call()
            if turn >= 20:
                times[which].append((time.perf_counter() - started) * 1000)
    return Pair(name, floor_name, statistics.median(times[0]), statistics.median(times[1]), budget)
