"""The console as a person uses it, on a real database."""

from __future__ import annotations

import pytest
import scenario
from handling import hold_out, table, under_cursor
from screen_text import text
from support.database import Database, Server
from textual.events import Key, Paste
from ui.conftest import OpenConsole

from municonsole.domain.errors import ConfigError
from municonsole.ui.app import MuniconsoleApp
from municonsole.ui.screens.help import HelpScreen
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.settings import UiSettings
from municonsole.ui.widgets.status_line import StatusLine

pytestmark = pytest.mark.usefixtures("tickets")


async def test_the_first_view_opens_with_counts(console: OpenConsole) -> None:
    """An operator sees their own tickets first, and how much there is elsewhere."""
    async with console(size=(120, 40)) as at:
        first, *_ = text(at.app).splitlines()

        assert first == (
            " 1 My tickets 3  2 Unassigned 8  3 Due soon 2  4 Breached 3  5 All open 13"
            "  6 Resolved today 1"
        )
        assert len(table(at).rows) == 3


async def test_views_are_on_digits(console: OpenConsole) -> None:
    """One key to any list."""
    async with console() as at:
        await at.press("4")
        breached = len(table(at).rows)
        await at.press("6")

        assert breached == 3
        assert [row.status.value for row in table(at).rows] == ["resolved"]


async def test_what_is_due_and_what_is_late_stands_in_the_order_of_deadlines(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """The most urgent first, and so reads the column: of two missed deadlines the first one counts."""
    with database.connect_owner() as owner:
        # Late in both clocks: for the answer longer than any other, for the resolution hardly.
        owner.execute(
            "update tickets set sla_response_deadline = now() - interval '40 h',"
            " sla_resolution_deadline = now() - interval '5 min' where tracking_number = %s",
            (numbers["Stray cattle on the soccer field"],),
        )
    async with console(size=(120, 40)) as at:
        await at.press("3")
        due = [row.next_deadline for row in table(at).rows]
        await at.press("4")
        late = [row.next_deadline for row in table(at).rows]
        shown = [line.split()[1:4] for line in text(at.app).splitlines()[2:6]]

    assert len(due) == 2
    assert due == sorted(due)  # type: ignore[type-var]
    assert late == sorted(late)  # type: ignore[type-var]
    assert shown == [
        ["■", "late", "40"],
        ["!", "late", "20"],
        ["■", "late", "1"],
        ["!", "late", "1"],
    ]


async def test_a_key_typed_right_after_a_views_key_acts_on_no_ticket_of_the_view_that_was_left(
    console: OpenConsole,
) -> None:
    """Until the other list is there, nothing is opened, taken or changed."""
    async with console(size=(120, 40)) as at:
        queue = at.app.screen
        assert isinstance(queue, QueueScreen)
        left = under_cursor(at)
        queue.action_view(6)
        meanwhile = queue.at_hand()
        await queue.action_open()
        for action in ("ticket.status", "ticket.take", "ticket.escalate"):
            await queue.action_work(action)
        stayed = at.app.screen is queue
        await at.settle()

        assert left is not None
        assert meanwhile is None
        assert stayed
        assert queue.at_hand() is not None
        assert queue.at_hand() == table(at).current
        assert {row.status.value for row in table(at).rows} == {"resolved"}


async def test_the_cursor_moves_by_keyboard_alone(console: OpenConsole) -> None:
    """Vi's keys and the arrows."""
    async with console() as at:
        await at.press("5", "j", "down", "k", "j")
        assert table(at).cursor == 2
        await at.press("G")
        assert table(at).cursor == 12
        await at.press("g")
        assert table(at).cursor == 0
        await at.press("pagedown")
        assert table(at).cursor == 12


async def test_enter_opens_the_ticket_and_escape_returns_to_the_same_row(
    console: OpenConsole,
) -> None:
    """Reading a ticket does not lose the place in the list."""
    async with console() as at:
        await at.press("5", "j", "j", "enter")
        shown = text(at.app)
        await at.press("escape")

        assert isinstance(at.app.screen, QueueScreen)
        assert "Traffic light at the bridge shows green to both sides" in shown
        assert "open → escalated  TVD Manager 1" in shown
        assert table(at).cursor == 2


async def test_the_panes_follow_the_cursor(console: OpenConsole) -> None:
    """On a large terminal, what is under the cursor is readable beside the list."""
    async with console(size=(120, 40)) as at:
        await at.press("5", "j", "j")
        await at.rest()

        assert "Traffic light at the bridge shows green to both sides" in text(at.app)
        assert "open → escalated  TVD Manager 1" in text(at.app)


async def test_panes_come_and_go_with_the_size_of_the_terminal(console: OpenConsole) -> None:
    """A window that is made larger shows more, at once."""
    async with console(size=(80, 24)) as at:
        await at.pilot.resize_terminal(120, 40)
        await at.rest()
        large = text(at.app)
        await at.pilot.resize_terminal(60, 20)
        await at.settle()

        assert "─ Ticket ─" in large
        assert "Answer " in large
        assert "─ Ticket ─" not in text(at.app)
        assert all(len(line) <= 60 for line in text(at.app).splitlines())


async def test_a_list_is_read_on_before_its_end(console: OpenConsole, database: Database) -> None:
    """An endless list: pages come before the cursor reaches the last row."""
    scenario.fill(
        database, [scenario.Past("other", "low", f"Number {n}", n) for n in range(1, 161)]
    )
    async with console() as at:
        await at.press("5")
        first = len(table(at).rows)
        assert "1 of 173" in text(at.app)
        await at.press("pagedown")
        ahead = len(table(at).rows)
        await at.press("G", "G", "G", "G")
        rows = [row.id for row in table(at).rows]

        assert (first, ahead) == (50, 100)
        assert len(rows) == len(set(rows)) == 173
        assert "173 of 173" in text(at.app)


async def test_search_replaces_the_list_and_escape_brings_it_back(console: OpenConsole) -> None:
    """After a search the operator is where they were."""
    async with console() as at:
        await at.press("5", "j", "j", "j")
        before = under_cursor(at)
        await at.press("slash")
        await at.type("taxi rank")
        await at.press("enter")
        found = text(at.app)
        await at.press("escape")

        assert "Search “taxi rank”: 1 found" in found
        assert "Esc back to All open" in found
        assert under_cursor(at) == before
        assert len(table(at).rows) == 13


async def test_a_search_of_two_letters_is_refused_in_words(console: OpenConsole) -> None:
    """The dialog says what it needs, and stays open."""
    async with console() as at:
        await at.press("slash", "a", "b", "enter")
        assert "type at least 3 characters" in text(at.app)
        await at.press("escape")

        assert isinstance(at.app.screen, QueueScreen)


async def test_a_search_without_hits_says_so(console: OpenConsole) -> None:
    """An empty table is explained."""
    async with console() as at:
        await at.press("slash")
        await at.type("nothing like this")
        await at.press("enter")

        assert "Nothing was found." in text(at.app)


async def test_a_filter_narrows_the_view_and_one_key_takes_it_away(console: OpenConsole) -> None:
    """Chips say what is in force."""
    async with console() as at:
        await at.press("5", "f", "right", "space", "enter")
        narrowed = text(at.app)
        rows = len(table(at).rows)
        await at.press("F")

        assert "[status: in progress]" in narrowed
        assert rows == 3
        assert len(table(at).rows) == 13
        assert "status:" not in text(at.app)


async def test_a_filter_by_team_category_severity_and_day(console: OpenConsole) -> None:
    """Everything the dialog offers narrows the list."""
    async with console(size=(120, 24)) as at:
        await at.press("5", "f")
        await at.press("down", "right", "space")
        await at.press("down", "right", "space", "right", "space")
        await at.press("down", "down", "r")
        await at.press("down", "down", "down")
        await at.type("7d")
        await at.press("enter")

        assert "[category: roads]" in text(at.app)
        assert "[severity: medium, high]" in text(at.app)
        assert {row.assigned_team for row in table(at).rows} == {"Roads 1"}
        assert len(table(at).rows) == 2


async def test_a_cancelled_filter_changes_nothing(console: OpenConsole) -> None:
    """Esc is always safe."""
    async with console() as at:
        await at.press("5", "f", "space", "escape")

        assert len(table(at).rows) == 13


async def test_a_filter_stays_when_the_view_changes(console: OpenConsole) -> None:
    """Whoever looks for roads looks for roads in every view."""
    async with console() as at:
        await at.press("5", "f", "down", "right", "space", "enter", "2")

        assert "[category: roads]" in text(at.app)
        assert {row.category.value for row in table(at).rows} == {"roads"}


async def test_help_shows_the_keys_that_work_here_and_no_others(console: OpenConsole) -> None:
    """What is listed works; what works is listed."""
    async with console(size=(100, 60)) as at:
        await at.press("question_mark")
        queue = text(at.app)
        await at.press("escape", "enter", "question_mark")
        ticket = text(at.app)
        await at.press("escape")

        assert "search by words, place, phone or number" in queue
        assert "take the filter away" not in queue
        assert "search by words" not in ticket
        assert isinstance(at.app.screen, TicketScreen)


async def test_a_remapped_key_works_and_is_shown(console: OpenConsole) -> None:
    """Footer, help and keyboard agree."""
    settings = UiSettings(keymap={"console.help": "H"})
    async with console(settings=settings) as at:
        await at.press("question_mark")
        assert isinstance(at.app.screen, QueueScreen)
        assert "H keys" in text(at.app)
        await at.press("H")

        assert isinstance(at.app.screen, HelpScreen)


async def test_a_keymap_that_names_nothing_is_refused_before_the_screen_starts(
    desk_of: object,
) -> None:
    """The mistake is told where it can be read."""
    desk = await desk_of("tvd_operator")  # type: ignore[operator]

    with pytest.raises(ConfigError, match="which does not exist"):
        MuniconsoleApp(desk, UiSettings(keymap={"no.such": "x"}))


async def test_a_command_is_found_by_its_name(console: OpenConsole) -> None:
    """Who does not know the key finds the command."""
    async with console() as at:
        await at.press("ctrl+p")
        await at.type("all open")
        await at.press("enter")

        assert len(table(at).rows) == 13


async def test_q_leaves(console: OpenConsole) -> None:
    """One key, no question: nothing is lost."""
    async with console() as at:
        await at.press("q")

        assert at.app.return_code == 0


async def test_a_liaison_sees_reports_and_the_narrative_only_in_the_opened_ticket(
    console: OpenConsole, database: Database
) -> None:
    """The narrative is on no other screen, the opening is recorded first, and Esc forgets it."""
    async with console("tvd_saps", size=(120, 40)) as at:
        before = text(at.app)
        await at.press("enter")
        opened = text(at.app)
        await at.press("escape")
        await at.rest()
        after = text(at.app)

    with database.connect_owner() as owner:
        viewed = owner.execute(
            "select count(*) from ticket_events where kind = 'viewed' and actor = 'tvd_saps'"
        ).fetchone()
    assert "Fictitious" not in before
    assert "Fictitious report one, for tests only" in opened
    assert "On record   opened by TVD Liaison 1, " in opened
    assert "Fictitious" not in after
    assert "report read  TVD Liaison 1" in after
    assert viewed == (1,)


async def test_looking_through_the_list_opens_no_report(
    console: OpenConsole, database: Database
) -> None:
    """Moving the cursor past a report leaves no trace, because nothing of it was read."""
    async with console("tvd_saps", size=(120, 40)) as at:
        await at.press("2", "j", "j")
        await at.rest()

    with database.connect_owner() as owner:
        openings = owner.execute("select count(*) from confidential_openings").fetchone()
    assert openings == (0,)


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_admin"])
async def test_no_municipal_console_shows_or_counts_a_report(
    console: OpenConsole, username: str, tickets: dict[str, str]
) -> None:
    """Whatever one types, a GBV report is not there."""
    hidden = [number for number, told in tickets.items() if told.startswith("Fictitious")]
    async with console(username, size=(120, 40)) as at:
        await at.press("5")
        everything = text(at.app)
        await at.press("slash")
        await at.type("Fictitious")
        await at.press("enter")
        by_words = text(at.app)
        await at.press("slash", "ctrl+u")
        await at.type(hidden[0])
        await at.press("enter")

        assert not any(number in everything for number in hidden)
        assert "GBV" not in everything
        assert "Nothing was found." in by_words
        assert "Nothing was found." in text(at.app)


async def test_a_lost_connection_is_said_and_r_connects_again(
    console: OpenConsole, server: Server
) -> None:
    """The list stays readable, the state is named, and one key brings the connection back."""
    async with console() as at:
        await at.press("5")
        with hold_out(server, "tvd_operator"):
            await at.press("r")
            away = text(at.app)
        await at.press("r")

        assert "NOT CONNECTED" in away
        assert "Faded zebra" in away
        assert " connected " in text(at.app)
        assert at.app.screen.query_one(StatusLine).message == ""


async def test_pasted_control_characters_never_enter_the_search_line(
    console: OpenConsole,
) -> None:
    """What is pasted is as harmless as what is typed."""
    async with console() as at:
        await at.press("slash")
        at.app.screen.focused.post_message(Paste("taxi\x1b]52;c;x\x07\u202e rank"))  # type: ignore[union-attr]
        await at.settle()

        assert text(at.app).replace("\n", "").isprintable()


async def test_what_is_typed_ahead_reaches_the_dialog_it_was_meant_for(
    console: OpenConsole,
) -> None:
    """Over a slow line keys arrive in bunches, and none is lost or taken for another command."""
    async with console() as at:
        for key in ("5", "slash", *"quit j", "escape", "slash", *"taxi rank", "enter"):
            at.app.post_message(Key("space" if key == " " else key, key if len(key) == 1 else None))
        await at.settle()
        assert at.app.return_code is None
        await at.settle()

        assert "Search “taxi rank”: 1 found" in text(at.app)


async def test_a_filter_can_be_typed_ahead(console: OpenConsole) -> None:
    """The dialog takes keys before the teams have been read."""
    async with console() as at:
        for key in ("5", "f", "right", "space", "enter"):
            at.app.post_message(Key(key, None))
        await at.settle()
        await at.settle()

        assert "[status: in progress]" in text(at.app)
