"""Two consoles on one database, and the look of each when the test says so."""

from __future__ import annotations

import asyncio

from ui.conftest import Console

from municonsole.ui.screens.ticket import TicketScreen


async def look(*consoles: Console) -> None:
    """The look that a console takes about every second, now."""
    for at in consoles:
        with at.app._context():
            at.app.watch_out.look()
        await at.settle()


async def tell(at: Console) -> None:
    """Say which ticket is open here, as is done with every look."""
    with at.app._context():
        at.app.watch_out.here.tell()
    await at.settle()


async def enter(at: Console) -> None:
    """Open the ticket under the cursor; colleagues know when this returns."""
    await at.press("enter")
    async with asyncio.timeout(20):
        while opened(at).at_hand() is None:
            await at.settle()
    await tell(at)


async def leave(at: Console) -> None:
    """Close what is open; colleagues know when this returns."""
    await at.press("escape")
    await tell(at)


def opened(at: Console) -> TicketScreen:
    """The ticket that is open."""
    screen = next(s for s in at.app.screen_stack if isinstance(s, TicketScreen))
    assert isinstance(screen, TicketScreen)
    return screen
