"""A console says that its operator is at work, while somebody is at its keyboard and it is not locked."""

from __future__ import annotations

import pytest
from handling import hold_out
from support.database import Database, Server
from ui.conftest import Console, OpenConsole

from municonsole.ui import duty
from municonsole.ui.idle import Idle

pytestmark = pytest.mark.usefixtures("tickets")


def at_work(database: Database) -> list[str]:
    """Who is, as the database has it."""
    with database.connect_owner() as owner:
        rows = owner.execute("select username from duties order by 1").fetchall()
    return [username for (username,) in rows]


async def tell(at: Console) -> None:
    """What is done beside each look."""
    with at.app._context():
        at.app.on_duty.tell()
    await at.settle()


async def test_whoever_works_is_known_to_be_there(console: OpenConsole, database: Database) -> None:
    """Until they leave."""
    async with console() as at:
        await tell(at)
        there = at_work(database)
        await at.desk.close()

        assert there == ["tvd_operator"]
        assert at_work(database) == []


async def test_whoever_locks_is_not_at_work_and_is_again_once_it_is_open(
    console: OpenConsole, database: Database
) -> None:
    """Nothing else has to be pressed."""
    async with console() as at:
        await tell(at)
        await at.press("f9")
        await tell(at)
        locked = at_work(database)
        await at.type(database.password("tvd_operator"))
        await at.press("enter")
        await tell(at)

        assert locked == []
        assert at_work(database) == ["tvd_operator"]


async def test_whoever_presses_no_key_for_long_is_not_at_work(
    console: OpenConsole, database: Database
) -> None:
    """Although their console is not locked; the next key says that they are back."""
    seconds = [1000.0]
    async with console() as at:
        at.app._idle = Idle(0, (lambda: seconds[0],))
        await tell(at)
        seconds[0] += duty.AWAY - 1
        await tell(at)
        still = at_work(database)
        seconds[0] += 1
        await tell(at)
        away = at_work(database)
        await at.press("j")
        await tell(at)

        assert still == ["tvd_operator"]
        assert away == []
        assert at_work(database) == ["tvd_operator"]


async def test_it_is_said_about_once_a_minute(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with every look."""
    said = []
    async with console() as at:
        kind = type(at.desk.duty)
        here = kind.here

        async def count(self: object) -> None:
            said.append(1)
            await here(self)  # type: ignore[arg-type]

        monkeypatch.setattr(kind, "here", count)
        for _ in range(5):
            await tell(at)
        once = len(said)
        at.app.on_duty._at -= duty.AGAIN
        await tell(at)

        assert once == 1
        assert len(said) == 2


async def test_without_a_database_it_is_said_later_and_nobody_is_bothered(
    console: OpenConsole, server: Server, database: Database
) -> None:
    """No word of it on the screen."""
    async with console() as at:
        with hold_out(server, "tvd_operator"):
            await tell(at)
            lost = at_work(database)
        await at.press("r")
        await tell(at)

        assert lost == []
        assert at_work(database) == ["tvd_operator"]
