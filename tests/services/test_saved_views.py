"""An operator's own views, through the services and on a real database."""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import DaysAgo, TicketFilter, View
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Sort, Status

WATER = View("", "", TicketFilter(categories=(Category.WATER,)), Sort.SEVERITY, since=DaysAgo(1))
ROADS = View("", "", TicketFilter(categories=(Category.ROADS,)))


def titles(views: tuple[View, ...]) -> list[tuple[int | None, str]]:
    return [(view.place, view.title) for view in views]


async def test_a_view_is_kept_for_its_owner_alone(desk_of: OpenDesk) -> None:
    """Under its key, with filter and order; a colleague has no part of it."""
    desk = await desk_of("tvd_operator")
    kept = await desk.saved_views.save(7, " Leaks  today ", WATER)
    again = await (await desk_of("tvd_operator")).saved_views.list()

    assert kept == again == (replace(WATER, id="own:7", title="Leaks today", place=7),)
    assert await (await desk_of("tvd_manager")).saved_views.list() == ()


async def test_a_view_lists_and_counts_what_it_was_saved_for(desk_of: OpenDesk) -> None:
    """As the delivered ones do; days that move along included."""
    desk = await desk_of("tvd_operator")
    for category, suburb in (("water", "Eastbank"), ("water", None), ("roads", "Eastbank")):
        await desk.work.create(NewTicket(Category(category), description="words", suburb=suburb))
    (view,) = await desk.saved_views.save(
        1, "East", replace(WATER, filter=replace(WATER.filter, suburb="Eastbank"))
    )
    wanted = desk.tickets.view(view)
    page = await desk.tickets.page(wanted, view.sort)

    assert [(row.category, row.suburb) for row in page.tickets] == [(Category.WATER, "Eastbank")]
    assert await desk.tickets.count(wanted) == 1


async def test_views_are_renamed_moved_and_deleted(desk_of: OpenDesk) -> None:
    """Two exchange their keys; one that is saved under a name again moves there."""
    views = (await desk_of("tvd_operator")).saved_views
    await views.save(2, "Leaks", WATER)
    await views.save(8, "Holes", ROADS)

    assert titles(await views.move(2, 8)) == [(2, "Holes"), (8, "Leaks")]
    assert titles(await views.move(8, 5)) == [(2, "Holes"), (5, "Leaks")]
    assert titles(await views.move(5, 5)) == [(2, "Holes"), (5, "Leaks")]
    assert titles(await views.rename(5, "Water")) == [(2, "Holes"), (5, "Water")]
    assert titles(await views.rename(5, "Water")) == [(2, "Holes"), (5, "Water")]
    assert (await views.list())[1].filter == WATER.filter
    assert titles(await views.save(1, "Holes", ROADS)) == [(1, "Holes"), (5, "Water")]
    assert titles(await views.delete(1)) == [(5, "Water")]
    assert titles(await views.delete(1)) == [(5, "Water")]


async def test_a_name_belongs_to_one_view(desk_of: OpenDesk) -> None:
    """Another name never costs a second view."""
    views = (await desk_of("tvd_operator")).saved_views
    await views.save(2, "Leaks", WATER)
    await views.save(3, "Holes", ROADS)
    with pytest.raises(InvalidInput, match="your view on 2 has that name already"):
        await views.rename(3, "Leaks")

    assert titles(await views.list()) == [(2, "Leaks"), (3, "Holes")]


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
async def test_a_view_has_a_name(desk_of: OpenDesk, name: str) -> None:
    """One to forty characters, and a key that there is."""
    views = (await desk_of("tvd_operator")).saved_views
    with pytest.raises(InvalidInput, match="1 to 40 characters"):
        await views.save(1, name, WATER)
    with pytest.raises(InvalidInput, match="from 1 to 9"):
        await views.save(10, "Ten", WATER)
    await views.save(1, "One", WATER)
    for call in (views.rename(1, name), views.move(1, 0)):
        with pytest.raises(InvalidInput):
            await call


async def test_what_a_name_holds_is_harmless(desk_of: OpenDesk) -> None:
    """Markup, escapes and bidi are stored cleaned and read cleaned."""
    views = (await desk_of("tvd_operator")).saved_views
    (view,) = await views.save(1, "\x1b]52;c;x\x07[/x]\u202e 'or 1=1--", WATER)

    assert view.title == "\ufffd]52;c;x\ufffd[/x]\ufffd 'or 1=1--"


def put(database: Database, **stored: object) -> None:
    """A view as a hand or another release wrote it."""
    database.connect("tvd_operator").execute(
        "select muni.save_view(4, 'Old', %s, 'newest')", (json.dumps(stored),)
    )


async def test_a_view_whose_team_is_gone_says_so_and_works(
    desk_of: OpenDesk, database: Database
) -> None:
    """It shows every team's tickets then; under another name or key nothing more of it is lost."""
    owner = database.connect_owner()
    ids = dict(owner.execute("select name, id from teams where municipality_id = 1").fetchall())
    put(database, version=9, team=ids["Water closed"], statuses=["open"], colour="red")
    views = (await desk_of("tvd_operator")).saved_views
    (view,) = await views.list()
    await views.rename(4, "New")
    await views.move(4, 6)
    stored = owner.execute("select place, name, filter from saved_views").fetchone()

    assert view.filter == TicketFilter(statuses=(Status.OPEN,))
    assert set(view.lost) == {
        "another release of municonsole saved it",
        "its team is gone",
        "'colour' is not known here",
    }
    assert stored == (
        6,
        "New",
        {"version": 9, "team": ids["Water closed"], "statuses": ["open"], "colour": "red"},
    )


async def test_a_view_of_a_team_of_another_municipality_shows_none_of_it(
    desk_of: OpenDesk, database: Database
) -> None:
    """Its id is as unknown as any other."""
    (team,) = (
        database.connect_owner()
        .execute("select id from teams where municipality_id = 2 limit 1")
        .fetchone()
        or ()
    )
    put(database, team=team, assigned_to="ksb_operator")
    (view,) = await (await desk_of("tvd_operator")).saved_views.list()

    assert view.filter == TicketFilter()
    assert view.lost == ("its team is gone", "its assignee is gone")


async def test_a_view_is_found_by_its_name(desk_of: OpenDesk) -> None:
    """Capitals aside, own ones first; whoever mistypes reads which there are."""
    desk = await desk_of("tvd_operator")
    await desk.saved_views.save(3, "due soon", WATER)

    assert (await desk.saved_views.named("Due SOON")).place == 3
    assert (await desk.saved_views.named(" all open")).id == "open"
    with pytest.raises(InvalidInput, match=r"no view 'Leaks'; there are: My tickets, .*, due soon"):
        await desk.saved_views.named("Leaks")
    assert [key for key, _ in await desk.saved_views.arranged()] == [1, 2, 3, 4, 5, 6, 7]


async def test_a_liaison_has_views_too(desk_of: OpenDesk) -> None:
    """Of what is told of a report without opening it."""
    desk = await desk_of("tvd_saps")
    view = View("", "", TicketFilter(statuses=(Status.OPEN,)), mine=True)
    (kept,) = await desk.saved_views.save(1, "Mine", view)

    assert desk.tickets.view(kept).assigned_to == "tvd_saps"
    assert [view.id for _, view in await desk.saved_views.arranged()] == [
        *("own:1", "gbv_all", "gbv_open")
    ]


async def test_two_consoles_of_one_person_lose_no_view(
    desk_of: OpenDesk, database: Database
) -> None:
    """Whichever writes last is shown; a row is never half of either."""
    first, second = await desk_of("tvd_operator"), await desk_of("tvd_operator")
    await first.saved_views.save(1, "A", WATER)
    await second.saved_views.save(1, "B", ROADS)
    await first.saved_views.save(2, "A", WATER)

    assert titles(await second.saved_views.list()) == [(1, "B"), (2, "A")]
    with pytest.raises(psycopg.Error):
        database.connect("tvd_operator").execute("delete from muni.saved_views")
