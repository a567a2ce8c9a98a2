"""Views of one's own: saved under a key, opened, renamed, moved, deleted; and what is left of an old one."""

from __future__ import annotations

import pytest
from finding import keep, kept, line, said
from handling import hold_out, table
from screen_text import compare, text
from support.database import Database, Server
from test_cells import HOSTILE
from test_snapshots import SIZES, named
from textual.events import Key
from ui.conftest import Console, OpenConsole

from municonsole.domain.errors import ConfigError
from municonsole.domain.filters import MUNICIPAL_VIEWS, TicketFilter, View
from municonsole.ui.actions import Registry
from municonsole.ui.dialogs.views import ViewsDialog
from municonsole.ui.settings import UiSettings
from municonsole.ui.shelf import Shelf
from municonsole.ui.theme import palette_for
from municonsole.ui.widgets.chip_line import ChipLine
from municonsole.ui.widgets.view_bar import ViewBar

pytestmark = pytest.mark.usefixtures("tickets")


async def save(at: Console, name: str, key: str = "") -> None:
    """Keep the list as it is."""
    await at.press("v")
    await at.type(name)
    if key:
        await at.press("tab", key)
    await at.press("enter")


async def narrow_to_roads(at: Console) -> None:
    await at.press("5", "f", "down", "right", "space", "enter")


async def test_a_list_is_kept_under_a_free_key_and_opened_with_it(
    console: OpenConsole, database: Database
) -> None:
    """What narrowed it is part of the view; the bar shows and counts it; it is there tomorrow."""
    async with console(size=(120, 40)) as at:
        await narrow_to_roads(at)
        await save(at, "Roads now")
        saved = said(at)
        bar = line(at, ViewBar)
        chips = line(at, ChipLine).strip()
        await at.press("1", "7")
        rows = {row.category.value for row in table(at).rows}

    assert saved == "“Roads now” is on 7"
    assert " 7 Roads now 3 " in bar
    assert chips == ""
    assert rows == {"roads"}
    assert [(place, name) for place, name, _ in kept(database)] == [(7, "Roads now")]
    async with console(size=(120, 40)) as at:
        assert " 7 Roads now 3" in line(at, ViewBar)
        await at.press("7")
        assert len(table(at).rows) == 3


async def test_a_delivered_view_moves_behind(console: OpenConsole) -> None:
    """The form says so before it happens, and the number keys follow."""
    async with console(size=(120, 40)) as at:
        await narrow_to_roads(at)
        await at.press("v")
        asked = text(at.app)
        await at.type("Roads")
        await at.press("tab", "2", "enter")
        bar = line(at, ViewBar)
        await at.press("7")

        assert "2 Unassigned, which moves to 7" in asked
        assert "7 free" in asked
        assert " 1 My tickets 3  2 Roads 3  3 Due soon 2  4 Breached 3  5 All open 13" in bar
        assert "7 Unassigned 8" in bar
        assert {row.assigned_to for row in table(at).rows} == {None}


async def test_the_console_opens_with_the_view_on_the_first_key(
    console: OpenConsole, database: Database
) -> None:
    """Whoever saved one there begins the shift with it."""
    keep(database, 1, "Critical", severities=["critical"])
    async with console(size=(120, 40)) as at:
        assert {row.severity.value for row in table(at).rows} == {"critical"}
        assert line(at, ViewBar).startswith(" 1 Critical 2 ")


async def test_a_key_pressed_before_the_own_views_are_read_stays(
    console: OpenConsole, database: Database
) -> None:
    """The first view does not take the place of the one that was asked for."""
    keep(database, 1, "Critical", severities=["critical"])
    async with console() as at:
        queue = at.app.screen
        queue._listing.serial = 0  # type: ignore[attr-defined]
        queue._begin()  # type: ignore[attr-defined]
        at.app.post_message(Key("6", "6"))
        await at.settle()
        await at.settle()

        assert [row.status.value for row in table(at).rows] == ["resolved"]


async def test_a_view_is_saved_anew_over_itself(console: OpenConsole, database: Database) -> None:
    """Name and key are those it has; Enter is all it takes."""
    keep(database, 3, "Roads", categories=["roads"])
    async with console() as at:
        await at.press("3", "f", "space", "enter", "v", "enter")

        assert said(at) == "“Roads” is on 3"
        assert kept(database) == [
            (3, "Roads", {"version": 1, "categories": ["roads"], "statuses": ["open"]})
        ]


async def test_a_search_is_not_kept(console: OpenConsole, database: Database) -> None:
    """A caller's name or number that was looked for is in no view."""
    async with console() as at:
        await at.press("slash")
        await at.type("0115550101")
        await at.press("enter", "v")

        assert said(at) == "a view keeps a filter, not a search; Esc goes back"
        assert kept(database) == []


@pytest.mark.usefixtures("database")
async def test_views_are_put_in_order_renamed_and_deleted(
    console: OpenConsole, database: Database
) -> None:
    """In the list of them: a digit moves, r renames, d asks and deletes, Enter opens."""
    keep(database, 2, "Roads", categories=["roads"])
    keep(database, 8, "Water", categories=["water"])
    async with console(size=(120, 40)) as at:
        await at.press("8", "V", "down", "2")
        swapped = kept(database)
        bar = line(at, ViewBar)
        await at.press("3")
        await at.press("r", "ctrl+u")
        await at.type("Wet")
        await at.press("enter")
        renamed = kept(database)
        await at.press("up", "down", "d", "enter")
        still = len(kept(database))
        await at.press("d", "y", "enter")
        left = kept(database)
        await at.press("enter")
        rows = {row.category.value for row in table(at).rows}

    assert [(place, name) for place, name, _ in swapped] == [(2, "Water"), (8, "Roads")]
    assert " 2 Water " in bar
    assert " 8 Roads " in bar
    assert [(place, name) for place, name, _ in renamed] == [(3, "Wet"), (8, "Roads")]
    assert still == 2
    assert len(left) == 1
    assert rows in ({"roads"}, {"water"})


async def test_the_open_view_is_marked_wherever_it_is_moved(
    console: OpenConsole, database: Database
) -> None:
    """And when it is deleted its list stays until one leaves it."""
    keep(database, 2, "Roads", categories=["roads"])
    async with console(size=(120, 40)) as at:
        await at.press("2", "V", "9", "escape")
        queue = at.app.screen
        view = queue._listing.view  # type: ignore[attr-defined]
        await at.press("V", "d", "y", "enter", "escape")

        assert (view.place, view.id) == (9, "own:9")
        assert {row.category.value for row in table(at).rows} == {"roads"}
        assert "Roads" not in line(at, ViewBar)
        await at.press("v")
        assert "a view keeps a filter" in said(at)


async def test_who_has_none_is_told_how_to_make_one(console: OpenConsole) -> None:
    """And nothing else is offered."""
    async with console() as at:
        await at.press("V")
        shown = text(at.app)
        await at.press("r", "d", "5", "enter", "escape")

        assert "v in the list keeps what it shows as a view of your own" in shown
        assert "r rename" not in shown


async def test_two_views_of_one_name_are_refused_in_words(
    console: OpenConsole, database: Database
) -> None:
    """What was typed stays to be mended."""
    keep(database, 7, "Roads", categories=["roads"])
    keep(database, 8, "Water", categories=["water"])
    async with console() as at:
        await at.press("V", "r", "ctrl+u")
        await at.type("Water")
        await at.press("enter")

        assert "your view on 8 has that name already" in text(at.app)
        assert len(kept(database)) == 2


async def test_a_view_that_lost_something_says_so_while_it_is_open(
    console: OpenConsole, database: Database
) -> None:
    """It never shows more than one thinks without a word."""
    keep(database, 7, "Old", team=999, colour="red", statuses=["open"])
    async with console(size=(120, 40)) as at:
        await at.press("7")
        told = line(at, ChipLine)
        await at.press("1")

        assert told.startswith(" Old: ")
        assert "its team is gone" in told
        assert "'colour' is not known here" in told
        assert not line(at, ChipLine).strip()


@pytest.mark.parametrize("stored", ["[]", "{}", '"x"'])
async def test_views_that_could_not_be_read_are_no_fault(
    console: OpenConsole, database: Database, stored: str
) -> None:
    """The law refuses what is no object; whatever else gets in, the console works."""
    database.connect_owner().execute(
        "insert into saved_views values ('tvd_operator', 1, 'X', %s, 'sideways')", (stored,)
    )
    async with console() as at:
        assert "its order cannot be read" in line(at, ChipLine)
        assert len(table(at).rows) == 14


@pytest.mark.parametrize("first", [0, 9])
async def test_a_hostile_name_is_harmless_everywhere(
    console: OpenConsole, database: Database, first: int
) -> None:
    """In the bar, the lists, the forms, the commands and the help."""
    hostile = [told for what, told in HOSTILE.items() if what != "surrogate"]
    for place, told in enumerate(hostile[first : first + 9], start=1):
        keep(database, place, told[:40], **{told[:100]: 1})
    async with console(size=(100, 50)) as at:
        shown = text(at.app)
        for place in range(1, 10):
            await at.press(str(place))
            shown += text(at.app)
        await at.press("V")
        for _ in range(9):
            for keys in (("r",), ("escape", "d"), ("escape", "down")):
                await at.press(*keys)
                shown += text(at.app)
        for keys in (("escape", "v"), ("escape", "ctrl+p"), ("escape", "question_mark")):
            await at.press(*keys)
            shown += text(at.app)

        assert shown.replace("\n", "").isprintable()
        assert at.app.return_code is None


async def test_a_view_without_a_key_is_found_by_its_name(
    console: OpenConsole, database: Database
) -> None:
    """When all nine keys are taken by own ones, the delivered ones are commands."""
    for place in range(1, 10):
        keep(database, place, f"Own {place}", severities=["low"])
    async with console() as at:
        bar = line(at, ViewBar)
        await at.press("ctrl+p")
        await at.type("all open")
        await at.press("enter")

        assert all(f"{place} Own" in bar for place in range(1, 10))
        assert len(table(at).rows) == 13
        assert "All open" in line(at, ViewBar) or "Open" in line(at, ViewBar)


async def test_views_that_cannot_be_read_leave_the_delivered_ones(
    console: OpenConsole, server: Server, database: Database
) -> None:
    """Without a connection the console says so; r reads views and list."""
    keep(database, 1, "Critical", severities=["critical"])
    async with console() as at:
        queue = at.app.screen
        queue._listing.serial = 0  # type: ignore[attr-defined]
        queue._listing.loaded = False  # type: ignore[attr-defined]
        with hold_out(server, "tvd_operator"):
            queue._begin()  # type: ignore[attr-defined]
            await at.settle()
            away = text(at.app)
        await at.press("r")

        assert "r tries again" in away
        assert {row.severity.value for row in table(at).rows} == {"critical"}


async def test_another_consoles_views_come_with_a_refresh(
    console: OpenConsole, database: Database
) -> None:
    """One person at two desks."""
    async with console(size=(120, 40)) as at:
        keep(database, 9, "Roads", categories=["roads"])
        await at.press("r")

        assert " 9 Roads 3" in line(at, ViewBar)


def test_the_keys_of_views_are_kept_for_them() -> None:
    """A keymap that gives one away is refused before a view is saved there."""
    with pytest.raises(ConfigError, match=r"'9' to 'console\.help' and to 'view\.9'"):
        Registry(MUNICIPAL_VIEWS, {"console.help": "9"})
    Registry(MUNICIPAL_VIEWS, {"console.help": "9", "view.9": "f8"})


async def test_a_remapped_key_opens_an_own_view(console: OpenConsole, database: Database) -> None:
    """The keymap is the operator's, whoever the view is."""
    keep(database, 9, "Roads", categories=["roads"])
    async with console(settings=UiSettings(keymap={"view.9": "f8"})) as at:
        await at.press("f8")

        assert {row.category.value for row in table(at).rows} == {"roads"}


def test_the_bar_gives_every_key_its_place_in_a_narrow_terminal() -> None:
    """Names of forty letters, nine of them, sixty columns."""
    shelf = Shelf(MUNICIPAL_VIEWS)
    shelf.put([View(f"own:{n}", f"{n}" * 40, TicketFilter(), place=n) for n in range(1, 10)])
    bar = ViewBar(palette_for("dark"), shelf)
    bar.show("own:4", {"own:4": 12})
    for width in (60, 80, 120):
        told = "".join(text for text, _ in bar.spans(0, width))

        assert len(told) <= width
        assert all(f" {n}" in told for n in range(1, 10))
        assert "12" in told


@SIZES
async def test_how_views_look(
    console: OpenConsole, database: Database, size: tuple[int, int]
) -> None:
    """The form that keeps one, the bar with own ones, the list of them."""
    keep(database, 3, "Roads in Northfield", categories=["roads"])
    keep(database, 7, "Of a team that was", team=999)
    async with console(size=size) as at:
        await at.press("7")
        compare(at.app, named("view-lost", size))
        await at.press("5", "f", "space", "enter", "v")
        await at.type("New ones")
        compare(at.app, named("form-save-view", size))
        await at.press("enter", "V", "down")
        assert isinstance(at.app.screen, ViewsDialog)
        compare(at.app, named("views", size))
        await at.press("d")

        compare(at.app, named("form-delete-view", size))
