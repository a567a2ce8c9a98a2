"""Who else looks at a ticket: marked in the table, named in the detail, forgotten on leaving."""

from __future__ import annotations

import pytest
from handling import BRIDGE, PRESSURE, go_to, table
from live import enter, leave, look, tell
from rows import AT, row
from screen_text import compare, strips, text
from support.database import Database
from ui.conftest import OpenConsole

from municonsole.ui import here, words
from municonsole.ui.columns import layout
from municonsole.ui.settings import UiSettings

pytestmark = pytest.mark.usefixtures("tickets")
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def present(database: Database) -> list[str]:
    """Who is where, as the database has it."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select p.username || ' ' || coalesce(t.description, '')"
            " from presences as p join tickets as t on t.id = p.ticket_id order by 1"
        ).fetchall()
    return [told for (told,) in rows]


@SIZES
async def test_a_ticket_that_a_colleague_has_open_is_marked(
    console: OpenConsole, numbers: dict[str, str], size: tuple[int, int]
) -> None:
    """With a sign, where there is room with a name as well; and when they leave, no more."""
    async with console("tvd_operator2") as one, console(size=size) as two:
        await go_to(two, PRESSURE)
        await go_to(one, BRIDGE)
        await enter(one)
        await look(two)
        compare(two.app, f"presence-{size[0]}x{size[1]}")
        marked = [line for line in text(two.app).splitlines() if words.LOOKING in line]
        await leave(one)
        await look(two)

        assert len(marked) == 1
        assert numbers[BRIDGE] in marked[0]
        assert ("open: TVD Operator 2" in marked[0]) == (size[0] == 120)
        assert words.LOOKING not in text(two.app)


@SIZES
async def test_the_detail_names_them(console: OpenConsole, size: tuple[int, int]) -> None:
    """Both at once, and not oneself."""
    async with (
        console("tvd_operator2") as one,
        console("tvd_manager") as three,
        console(size=size) as two,
    ):
        for at in (one, three, two):
            await go_to(at, BRIDGE)
        for at in (one, three):
            await enter(at)
        await enter(two)
        await look(two)
        both = text(two.app)
        await leave(one)
        await look(two)
        single = text(two.app)
        await leave(three)
        await look(two)

        assert f"Also open   {words.LOOKING} TVD Manager 1, TVD Operator 2" in both
        assert f"Also open   {words.LOOKING} TVD Manager 1" in single
        assert "Operator 2" not in single.splitlines()[2]
        assert "Also open" not in text(two.app)


async def test_the_pane_beside_the_table_names_them_as_well(console: OpenConsole) -> None:
    """Before one opens it."""
    async with console("tvd_operator2") as one, console(size=(120, 40)) as two:
        await go_to(one, BRIDGE)
        await go_to(two, BRIDGE)
        await two.rest()
        await enter(one)
        await look(two)
        shown = text(two.app)
        await leave(one)
        await look(two)

        assert "Also open" in shown
        assert "Also open" not in text(two.app)


async def test_a_dialog_about_a_ticket_is_a_presence_too(
    console: OpenConsole, database: Database
) -> None:
    """Whoever is writing a note is there, from the list as from the open ticket."""
    async with console() as at:
        await go_to(at, BRIDGE)
        before = present(database)
        await at.press("c")
        await tell(at)
        from_list = present(database)
        await leave(at)
        after = present(database)
        await enter(at)
        await at.press("c", "question_mark", "escape", "escape")
        await tell(at)

        assert before == []
        assert from_list == [f"tvd_operator {BRIDGE}"]
        assert after == []
        assert present(database) == [f"tvd_operator {BRIDGE}"]


async def test_one_is_there_until_one_leaves_the_console(
    console: OpenConsole, database: Database
) -> None:
    """Quitting says good-bye, from wherever one is."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await enter(at)
        there = present(database)
    await at.desk.close()

    assert there == [f"tvd_operator {BRIDGE}"]
    assert present(database) == []


async def test_it_is_said_again_before_it_is_forgotten(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads for ten minutes is there for ten minutes."""
    assert here.AGAIN < 60
    async with console() as at:
        await go_to(at, BRIDGE)
        await enter(at)
        with database.connect_owner() as owner:
            owner.execute("update presences set seen_at = seen_at - interval '100 seconds'")
            await tell(at)
            early = owner.execute("select now() - seen_at > '90 s' from presences").fetchall()
            monkeypatch.setattr(here, "AGAIN", 0.0)
            await tell(at)
            late = owner.execute("select now() - seen_at > '90 s' from presences").fetchall()

    assert early == [(True,)]
    assert late == [(False,)]


async def test_a_terminal_that_vanished_is_forgotten(
    console: OpenConsole, database: Database
) -> None:
    """After two minutes without a word its sign goes by itself."""
    async with console("tvd_operator2") as one, console() as two:
        await go_to(two, PRESSURE)
        await go_to(one, BRIDGE)
        await enter(one)
        await look(two)
        marked = words.LOOKING in text(two.app)
        with database.connect_owner() as owner:
            owner.execute("update presences set seen_at = seen_at - interval '121 seconds'")
        await look(two)

        assert marked
        assert words.LOOKING not in text(two.app)


async def test_a_locked_console_is_nowhere(console: OpenConsole, database: Database) -> None:
    """Whoever went for a coffee has no ticket open."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await enter(at)
        there = present(database)
        await at.app.action_lock()
        await tell(at)

        assert there != []
        assert at.app.locked
        assert present(database) == []


async def test_a_ticket_under_the_hands_of_a_writer_keeps_nobody_waiting(
    console: OpenConsole, database: Database
) -> None:
    """A presence is a courtesy: it is left out rather than waited for."""
    writer = database.connect("tvd_operator2", autocommit=False)
    async with console() as at:
        await go_to(at, BRIDGE)
        current = table(at).current
        assert current is not None
        writer.execute("select muni.add_note(%s, 'half done')", (current.id,))
        await enter(at)
        await tell(at)
        writer.rollback()

        assert BRIDGE[:12] in text(at.app)
        assert present(database) == []


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast", "ansi"])
async def test_the_sign_is_there_in_every_theme(console: OpenConsole, theme: str) -> None:
    """Under the cursor as well, and without colours."""
    async with (
        console("tvd_operator2") as one,
        console(settings=UiSettings(theme=theme), size=(120, 40)) as two,
    ):
        await go_to(one, BRIDGE)
        await go_to(two, BRIDGE)
        await enter(one)
        await look(two)
        signs = [part for strip in strips(two.app) for part, _, _ in strip if words.LOOKING in part]

        assert len(signs) == 2


@pytest.mark.parametrize("saps", [False, True])
def test_a_row_is_as_wide_with_others_as_without(saps: bool) -> None:
    """Whatever they are called, at any width."""
    for width in range(60, 240, 7):
        for others in (("T. Dlamini",), ("\u6f22\u5b57" * 30,), ("A", "B", "C")):
            spans = layout(width, saps=saps).spans(row(), AT, others)
            plain = layout(width, saps=saps).spans(row(), AT)

            assert _width(spans) == _width(plain) == width
            assert spans[0][0] == words.LOOKING


def _width(spans: list[tuple[str, object]]) -> int:
    from rich.cells import cell_len

    return sum(cell_len(part) for part, _ in spans)
