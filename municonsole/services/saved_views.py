"""An operator's own views: kept under a key and a name, read back with care."""

from __future__ import annotations

from collections.abc import Sequence

from municonsole.db import views as statements
from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import View, views_of
from municonsole.domain.text import clean_line
from municonsole.domain.views import KEYS, NAME_MOST, Known, Standing, arrange, pack, unpack
from municonsole.services.access import Access
from municonsole.services.operators import People


class SavedViews:
    """The views of one operator; nobody else sees them. What changes something returns all of them."""

    def __init__(self, access: Access, people: People) -> None:
        self._session = access.session
        self._people = people
        self._delivered = views_of(access.operator.role)

    async def list(self) -> tuple[View, ...]:
        """The own views by their keys. What cannot be used of one is left out, and it says so."""
        rows = await self._session.read(statements.VIEWS)
        known = await self._known(rows)
        return tuple(unpack(row.place, row.name, row.filter, row.sort, known) for row in rows)

    async def arranged(self) -> tuple[Standing, ...]:
        """All views, delivered and own, each with its key."""
        return arrange(self._delivered, await self.list())

    async def named(self, name: str) -> View:
        """The view of that title, capitals aside; an own one before a delivered one.

        Raises InvalidInput, which names those there are.
        """
        wanted = clean_line(name).casefold()
        own = await self.list()
        for view in (*own, *self._delivered):
            if view.title.casefold() == wanted:
                return view
        titles = ", ".join(view.title for view in (*self._delivered, *own))
        raise InvalidInput(f"there is no view {clean_line(name)!r}; there are: {titles}")

    async def save(self, place: int, name: str, view: View) -> tuple[View, ...]:
        """Keep what `view` asks for under a key and a name, in place of what was there.

        One of that name under another key moves here. Raises InvalidInput for a name of none or of
        more than 40 characters, or no key.
        """
        await self._session.write(
            statements.SAVE,
            {
                "place": _key(place),
                "name": _name(name),
                "filter": pack(view),
                "sort": view.sort.value,
            },
        )
        return await self.list()

    async def rename(self, place: int, name: str) -> tuple[View, ...]:
        """Another name for one. Raises InvalidInput where another view has it already."""
        wanted = _name(name)
        for view in await self.list():
            if view.title == wanted and view.place != place:
                raise InvalidInput(
                    f"your view on {view.place} has that name already; choose another"
                )
        await self._session.write(statements.RENAME, {"place": _key(place), "name": wanted})
        return await self.list()

    async def move(self, place: int, to: int) -> tuple[View, ...]:
        """One to another key; an own one that stands there takes the key that becomes free."""
        if place != to:
            await self._session.write(statements.MOVE, {"place": _key(place), "to": _key(to)})
        return await self.list()

    async def delete(self, place: int) -> tuple[View, ...]:
        """Forget one."""
        await self._session.write(statements.DELETE, {"place": _key(place)})
        return await self.list()

    async def _known(self, rows: Sequence[object]) -> Known:
        # Most operators have no view of their own: nothing is asked for then.
        if not rows:
            return Known((), ())
        teams = await self._people.teams()
        people = await self._people.colleagues()
        return Known(
            {team.id for team in teams if team.is_active}, {one.username for one in people}
        )


def _key(place: int) -> int:
    if place not in KEYS:
        raise InvalidInput(f"a view stands on a key from {KEYS[0]} to {KEYS[-1]}")
    return place


def _name(name: str) -> str:
    text = clean_line(name)
    if not 1 <= len(text) <= NAME_MOST:
        raise InvalidInput(f"a view has a name of 1 to {NAME_MOST} characters")
    return text
