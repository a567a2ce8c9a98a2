"""The board of one municipality: its counts against reading as many rows of their index."""

from __future__ import annotations

import asyncio
import sys

from harness import Pair, demo, pair
from sqlalchemy import text

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.demo.server import Demo

MILLISECONDS = 10.0

# What any count of open work must read at least: its entries in the covering index.
FLOOR = text("""
    select count(*) from muni.tickets as t where t.status in ('open', 'in_progress', 'on_hold', 'escalated')
""")


async def main(up: Demo) -> list[Pair]:
    """The pairs of this benchmark."""
    login = up.login("manager")
    desk = await open_desk(Config(), up.dsn(login.username), login.password)
    try:
        board = await desk.board.counts()
        print(f"{sum(row.open for row in board.teams)} open tickets, {len(board.teams)} rows")
        busiest = max((row for row in board.teams if row.team_id), key=lambda row: row.open)
        assert busiest.team_id is not None
        team = busiest.team_id
        counting = [
            ("the board", desk.board.counts),
            ("the people of its busiest team", lambda: desk.board.people(team)),
            ("loads of teams and people", desk.assignments.loads),
        ]
        return [
            await pair(
                name,
                call,
                "counting the open tickets",
                lambda: desk._session.read(FLOOR),  # noqa: SLF001 — the same connection
                budget=6.0,
            )
            for name, call in counting
        ]
    finally:
        await desk.close()


if __name__ == "__main__":
    with demo() as running:
        pairs = asyncio.run(main(running))
    verdicts = [found.report() for found in pairs]
    if pairs[0].milliseconds > MILLISECONDS:
        print(f"the board takes more than {MILLISECONDS} ms")
        verdicts.append(False)
    sys.exit(0 if all(verdicts) else 1)
