"""How long a refusal takes tells nobody whether there is a report."""

from __future__ import annotations

import itertools
import random
import statistics
import time

import pytest
from law import desk
from support.database import Database

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.domain.errors import Refused

pytestmark = pytest.mark.prove

CALLS = 400
SHUFFLES = 2_000
ROUNDS = 9
"""After so many of three calls each, what was asked in vain is forgotten: up to thirty are recorded."""
NEVER_ISSUED = ("TKT-20260102-0A1B2C", "TKT-20260203-3D4E5F")


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
async def test_a_report_takes_as_long_as_nothing(
    database: Database, login: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over 400 calls of each, mixed, a report's median is no farther off than chance puts it."""
    secret = desk.log(database.connect("tvd_operator"), "gbv", "a story")
    # What is there besides: a report among many is what an index would find faster or slower.
    for _ in range(50):
        desk.log(database.connect("tvd_operator"), "gbv", "another story")
    numbers = (secret, *NEVER_ISSUED)
    taken: dict[str, list[float]] = {number: [] for number in numbers}
    chance = random.Random(3)
    owner = database.connect_owner()
    at = await open_desk(Config(), database.dsn(login), database.password(login))
    try:
        for number in itertools.islice(itertools.cycle(numbers), 60):  # prepares what is prepared
            with pytest.raises(Refused):
                await at.tickets.show(number)
        for round_ in range(CALLS):
            if round_ % ROUNDS == 0:
                owner.execute("delete from denials")
            for number in chance.sample(numbers, len(numbers)):
                began = time.perf_counter()
                with pytest.raises(Refused):
                    await at.tickets.show(number)
                taken[number].append(time.perf_counter() - began)
    finally:
        await at.close()

    medians = {number: statistics.median(times) for number, times in taken.items()}
    report, first, second = (medians[number] for number in numbers)
    likely = _likely(taken[secret], taken[NEVER_ISSUED[0]] + taken[NEVER_ISSUED[1]], chance)
    with capsys.disabled():
        print(  # noqa: T201  the figures are what this is run for
            f"\n{login}: report {report * 1e3:.3f} ms, never issued {first * 1e3:.3f} and "
            f"{second * 1e3:.3f} ms; report to nothing {report / first:.3f}, nothing to nothing "
            f"{second / first:.3f}; a difference as large by chance: {likely:.1%}"
        )
    assert likely > 0.001


def _likely(one: list[float], other: list[float], chance: random.Random) -> float:
    """How often random halves differ as much in their medians as these do (a permutation test)."""
    seen = abs(statistics.median(one) - statistics.median(other))
    pool = one + other
    as_far = 0
    for _ in range(SHUFFLES):
        chance.shuffle(pool)
        apart = abs(statistics.median(pool[: len(one)]) - statistics.median(pool[len(one) :]))
        as_far += apart >= seen
    return (as_far + 1) / (SHUFFLES + 1)
