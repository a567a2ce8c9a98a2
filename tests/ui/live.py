"""Two consoles on one database, and the look of each when the test says so."""

from __future__ import annotations

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


def opened(at: Console) -> TicketScreen:
    """The ticket that is open."""
    screen = next(s for s in at.app.screen_stack if isinstance(s, TicketScreen))
    assert isinstance(screen, TicketScreen)
    return screen
