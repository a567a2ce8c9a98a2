"""Working on a ticket from the keyboard, on a real database, as each role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from handling import hold_out, table, under_cursor
from screen_text import text
from support.database import Database, Server
from test_cells import HOSTILE
from textual.events import Key, Paste
from ui.conftest import Console, OpenConsole

from municonsole.domain.errors import REFUSAL, ConfigError
from municonsole.domain.filters import MUNICIPAL_VIEWS
from municonsole.domain.permissions import WHO_MAY, Permission
from municonsole.domain.values import Status
from municonsole.services.desk import Desk
from municonsole.ui.actions import Registry
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.widgets.status_line import StatusLine

BRIDGE = "Traffic light at the bridge shows green to both sides"
PRESSURE = "Low pressure on the second floor"
NO_WATER = "No water since this morning"
REPORT = "Fictitious report one, for tests only"
OpenDesk = Callable[[str], Awaitable[Desk]]


@pytest.fixture
def numbers(tickets: dict[str, str]) -> dict[str, str]:
    """The scenario's numbers by what was reported."""
    return {told: number for number, told in tickets.items()}


pytestmark = pytest.mark.usefixtures("tickets")


def said(at: Console) -> str:
    """What the status line says."""
    return at.app.screen.query_one(StatusLine).message


def offered(at: Console) -> set[str]:
    """The ids of the actions that work here."""
    screen = at.app.screen
    assert isinstance(screen, QueueScreen | TicketScreen)
    return {action.id.partition(".")[2] for action in screen.here() if action.matters}


async def go_to(at: Console, told: str) -> None:
    """The cursor to the ticket of which this was told, in the list of all that are open."""
    await at.press("5")
    rows = table(at).rows
    table(at).move_to(next(n for n, row in enumerate(rows) if row.description == told))
    await at.settle()


def row_of(database: Database, number: str) -> dict[str, Any]:
    with database.connect_owner() as owner:
        cursor = owner.execute("select * from tickets where tracking_number = %s", (number,))
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        found = cursor.fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


def notes_of(database: Database, number: str) -> list[str]:
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select coalesce(n.note, c.note) from ticket_events as e join tickets as t"
            " on t.id = e.ticket_id left join ticket_notes as n on n.event_id = e.id"
            " left join confidential_notes as c on c.event_id = e.id and e.is_sensitive"
            " where t.tracking_number = %s and coalesce(n.note, c.note) is not null"
            " order by e.seq",
            (number,),
        ).fetchall()
    return [note for (note,) in rows]


# ------------------------------------------------------------------ who may do what


@pytest.mark.parametrize(
    ("username", "may"),
    [
        ("tvd_operator", {"status", "note", "contact", "escalate", "mark_sensitive"}),
        (
            "tvd_manager",
            {
                *("status", "note", "contact", "escalate", "mark_sensitive", "assign", "route"),
                *("deadline", "reclassify", "take"),
            },
        ),
        (
            "tvd_admin",
            {
                *("status", "note", "contact", "escalate", "mark_sensitive", "assign", "route"),
                *("deadline", "reclassify", "take"),
            },
        ),
        ("tvd_saps", {"status", "note", "contact", "escalate", "assign", "route", "take"}),
    ],
)
async def test_a_console_offers_what_its_role_may_do_and_no_more(
    console: OpenConsole, username: str, may: set[str]
) -> None:
    """Footer, help and commands show what works for this person and this ticket."""
    async with console(username, (120, 60)) as at:
        if username == "tvd_saps":
            await at.press("1")
        else:
            await go_to(at, "Street lights out along the taxi rank")
        here = offered(at)
        await at.press("question_mark")
        help_text = text(at.app)
        await at.press("escape", "enter")
        opened = offered(at)

        assert here == opened == may
        assert ("ticket.deadline" in help_text) == ("deadline" in may)


@pytest.mark.parametrize(
    ("key", "permission"),
    [
        ("a", Permission.ASSIGN_TICKET),
        ("A", Permission.ASSIGN_TICKET),
        ("d", Permission.OVERRIDE_DEADLINE),
        ("R", Permission.RECLASSIFY),
        ("o", Permission.OPEN_CONFIDENTIAL_REPORT),
    ],
)
async def test_a_key_that_is_not_for_an_operator_says_for_whom_it_is(
    console: OpenConsole, key: str, permission: Permission
) -> None:
    """Nobody wonders whether the key is broken."""
    async with console() as at:
        for opening in ((), ("enter",)):
            await at.press(*opening, key)

            assert said(at) == WHO_MAY[permission]
            assert not isinstance(at.app.screen, FormDialog)


async def test_a_liaison_is_told_who_marks_tickets_sensitive(console: OpenConsole) -> None:
    """What SAPS has is sensitive already."""
    async with console("tvd_saps") as at:
        await at.press("m")

        assert said(at) == WHO_MAY[Permission.MARK_SENSITIVE]


async def test_a_ticket_of_ones_own_team_that_nobody_has_can_be_taken(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """One key, and the row shows whose it is."""
    manager = await desk_of("tvd_manager")
    await manager.assignments.assign(numbers[NO_WATER], "Water 1")
    async with console(size=(120, 40)) as at:
        await go_to(at, NO_WATER)
        can_take = "take" in offered(at)
        await at.press("t")
        await at.rest()

        assert can_take
        assert said(at) == f"{numbers[NO_WATER]} is yours"
        assert "take" not in offered(at)
        assert row_of(database, numbers[NO_WATER])["assigned_to"] == "tvd_operator"
        assert "Water 1, TVD Operator 1" in text(at.app)
        assert text(at.app).startswith(" 1 My tickets 4")
        assert under_cursor(at) == NO_WATER


async def test_taking_what_somebody_has_is_refused_in_words(console: OpenConsole) -> None:
    """The answer comes from the law, and nothing looks taken."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("t")

        assert said(at) == "the ticket is with somebody already"


# ------------------------------------------------------------------ status


async def test_a_status_is_changed_with_three_keys(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """s, the letter, Enter: row, panes and counts follow, and the cursor stays."""
    async with console(size=(120, 40)) as at:
        await go_to(at, PRESSURE)
        await at.press("s", "i", "enter")
        await at.rest()

        assert row_of(database, numbers[PRESSURE])["status"] == "in_progress"
        assert said(at) == f"{numbers[PRESSURE]} is in progress"
        assert "open → in progress  TVD Operator 1" in text(at.app)
        assert under_cursor(at) == PRESSURE
        assert table(at).current.status is Status.IN_PROGRESS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("username", "legal"),
    [("tvd_operator", ["in progress"]), ("tvd_manager", ["in progress", "closed"])],
)
async def test_only_the_moves_of_the_role_are_offered(
    console: OpenConsole, username: str, legal: list[str]
) -> None:
    """Closing is for managers, so an operator does not see it."""
    async with console(username, (80, 24)) as at:
        await at.press("6", "s")
        choice = at.app.screen.query_one("#form-to")

        assert [option.label for option in choice.options] == legal  # type: ignore[attr-defined]


async def test_a_note_goes_with_a_change_of_status(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Why it was put on hold stands beside it."""
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press("s", "h", "tab")
        await at.type("waiting for parts")
        await at.press("enter")

        assert row_of(database, numbers[PRESSURE])["status"] == "on_hold"
        assert notes_of(database, numbers[PRESSURE]) == ["waiting for parts"]


async def test_nothing_is_saved_without_a_choice(console: OpenConsole) -> None:
    """Enter alone changes nothing, and says what is missing."""
    async with console() as at:
        await at.press("5", "s", "enter")

        assert "choose a status" in text(at.app)
        assert isinstance(at.app.screen, FormDialog)


async def test_status_and_note_can_be_typed_ahead(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Over a slow line the letter comes before the choices have been read."""
    async with console() as at:
        await go_to(at, PRESSURE)
        for key in ("s", "r", "enter"):
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        await at.settle()
        await at.settle()

        assert row_of(database, numbers[PRESSURE])["status"] == "resolved"


# ------------------------------------------------------------------ notes, contact, escalation


async def test_a_note_of_several_lines_is_for_colleagues_unless_said_otherwise(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """c, the words, Ctrl+S."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type("Called the contractor")
        await at.press("enter")
        await at.type("back at noon")
        await at.press("ctrl+s")

        assert notes_of(database, numbers[BRIDGE])[-1] == "Called the contractor\nback at noon"
        assert said(at) == f"the note is on {numbers[BRIDGE]}"
        await at.press("c")
        await at.type("We are on site")
        await at.press("tab", "p", "ctrl+s")
    with database.connect_owner() as owner:
        public = owner.execute(
            "select n.note, n.is_public from ticket_notes as n join tickets as t"
            " on t.id = n.ticket_id where t.tracking_number = %s order by n.event_id",
            (numbers[BRIDGE],),
        ).fetchall()
    assert [flag for _, flag in public][-2:] == [False, True]


async def test_escape_asks_before_it_throws_text_away(console: OpenConsole) -> None:
    """A wrong key does not cost ten minutes of typing."""
    async with console() as at:
        await at.press("5", "c", "escape")
        assert isinstance(at.app.screen, QueueScreen)
        await at.press("c")
        await at.type("many words")
        await at.press("escape")
        asked = text(at.app)
        await at.type("!")
        await at.press("escape")
        again = text(at.app)
        await at.press("escape")

        assert "Esc again throws away what you typed" in asked
        assert "many words!" in again
        assert isinstance(at.app.screen, QueueScreen)


async def test_a_contact_and_an_escalation_are_recorded(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Spoken to the citizen, and not content with how it goes."""
    async with console(size=(120, 40)) as at:
        await go_to(at, PRESSURE)
        await at.press("p", "ctrl+s")
        assert "the outcome of a contact needs words" in text(at.app)
        await at.type("will be there after four")
        await at.press("ctrl+s", "e")
        await at.type("third call about this")
        await at.press("enter")
        await at.rest()
        row = row_of(database, numbers[PRESSURE])

        assert row["first_responded_at"] is not None
        assert row["status"] == "escalated"
        assert row["escalation_reason"] == "third call about this"
        assert "citizen contacted" in text(at.app)


# ------------------------------------------------------------------ assigning, dates, category


async def test_a_manager_finds_a_person_by_a_part_of_the_name(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Typing narrows down; the team is the person's own."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("a", "tab")
        await at.type("operator 1 water")
        shown = text(at.app)
        await at.press("enter")

        assert "TVD Operator 1, Water 1" in shown
        assert "TVD Operator 2" not in shown
        assert row_of(database, numbers[NO_WATER])["assigned_to"] == "tvd_operator"


async def test_a_team_is_found_by_a_part_of_its_name_and_routing_takes_it_back(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Given to another team with a reason; A gives it where the rules say."""
    async with console("tvd_manager", (120, 40)) as at:
        await go_to(at, NO_WATER)
        await at.press("a")
        await at.type("roads")
        await at.press("tab", "tab")
        await at.type("their trench")
        await at.press("enter")
        moved = table(at).current.assigned_team  # type: ignore[union-attr]
        await at.press("A", "enter")

        assert moved == "Roads 1"
        assert "their trench" in notes_of(database, numbers[NO_WATER])
        assert table(at).current.assigned_team.startswith("Water ")  # type: ignore[union-attr]


async def test_assigning_to_nobody_or_to_somebody_unknown_is_refused_in_words(
    console: OpenConsole,
) -> None:
    """What was typed is still there."""
    async with console("tvd_manager") as at:
        await at.press("5", "a", "enter")
        nobody = text(at.app)
        await at.type("zzz")
        await at.press("enter")

        assert "choose a team or a person; A gives it where the rules say" in nobody
        assert "nothing has that name" in text(at.app)
        assert "zzz" in text(at.app)


async def test_a_deadline_is_set_in_the_municipalitys_time(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Promised for tomorrow at ten: ten in Johannesburg."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("d", "r", "tab")
        await at.type("2099-09-21 10:00")
        await at.press("tab")
        await at.type("promised")
        await at.press("enter")
        deadline = row_of(database, numbers[NO_WATER])["sla_resolution_deadline"]

        assert deadline.isoformat().replace("+00:00", "Z") in (
            "2099-09-21T08:00:00Z",
            "2099-09-21T10:00:00+02:00",
        )


async def test_a_time_that_is_none_is_named(console: OpenConsole) -> None:
    """The form stays, with what was typed."""
    async with console("tvd_manager") as at:
        await at.press("5", "d", "a", "tab")
        await at.type("soon")
        await at.press("tab")
        await at.type("promised")
        await at.press("enter")

        assert "'soon' is not a time" in text(at.app)
        assert "promised" in text(at.app)


async def test_a_ticket_gets_another_category_but_never_gbv(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Reclassified by a manager; the way behind the wall is another key."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("R")
        form = text(at.app)
        await at.press("s", "tab")
        await at.type("it is a sewer")
        await at.press("enter")

        assert "GBV" not in form
        assert row_of(database, numbers[NO_WATER])["category"] == "sanitation"


# ------------------------------------------------------------------ handing over to SAPS


async def test_marking_sensitive_says_what_happens_and_is_gone_afterwards(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """It goes to SAPS, and neither table nor panes nor search has it any more."""
    async with console(size=(120, 40)) as at:
        await go_to(at, BRIDGE)
        await at.press("m")
        form = " ".join(text(at.app).split())
        await at.type("it was no accident")
        await at.press("tab", "y", "enter")
        await at.rest()
        after = text(at.app)
        await at.press("slash")
        await at.type("bridge")
        await at.press("enter")

        assert "There is no way back." in form
        assert row_of(database, numbers[BRIDGE])["is_sensitive"]
        assert BRIDGE[:12] not in after
        assert "no longer in this list" in after
        assert f"{numbers[BRIDGE]} is with SAPS now" in after
        assert "Nothing was found." in text(at.app)


@pytest.mark.parametrize(
    "keys",
    [
        ("m", "m", "m", "m"),
        ("m", "x", "enter", "enter"),
        ("m", "x", "ctrl+s", "ctrl+s"),
        ("m", "x", "tab", "enter"),
        ("m", "x", "tab", "m", "enter"),
        ("m", "x", "tab", "y", "c", "enter"),
        ("m", "tab", "y", "enter"),
    ],
    ids=" ".join,
)
async def test_nothing_is_handed_over_by_accident(
    console: OpenConsole, database: Database, numbers: dict[str, str], keys: tuple[str, ...]
) -> None:
    """Enter alone cancels, the key that asked does not confirm, and a reason is needed."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press(*keys)

        assert not row_of(database, numbers[BRIDGE])["is_sensitive"]


async def test_enter_alone_says_how_a_hand_over_is_confirmed(console: OpenConsole) -> None:
    """After the reason the cursor goes to the question, and the hint says what it takes."""
    async with console() as at:
        await at.press("5", "m", "x", "enter")

        assert "y and then Enter: hand it over to SAPS" in text(at.app)


@pytest.mark.parametrize("keys", ["y", "ctrl+s", "f9, y"])
def test_no_keymap_makes_one_key_ask_and_confirm(keys: str) -> None:
    """A key pressed twice by mistake never hands a ticket over."""
    with pytest.raises(ConfigError, match="which it would also confirm"):
        Registry(MUNICIPAL_VIEWS, {"ticket.mark_sensitive": keys})


async def test_marked_from_the_ticket_screen_it_is_gone_there_too(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """What one read a moment ago is not on the screen any more."""
    async with console(size=(120, 40)) as at:
        await go_to(at, BRIDGE)
        await at.press("enter", "m")
        await at.type("it was no accident")
        await at.press("tab", "y", "enter")
        after = text(at.app)
        await at.press("s", "c", "r")

        assert row_of(database, numbers[BRIDGE])["is_sensitive"]
        assert "No longer in this list." in after
        assert BRIDGE[:12] not in after
        assert isinstance(at.app.screen, TicketScreen)


# ------------------------------------------------------------------ GBV reports


async def test_a_liaison_works_on_a_report(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Status, note and station, and never a question whether the citizen may read it."""
    async with console("tvd_saps", (120, 40)) as at:
        await at.press("enter", "c")
        form = text(at.app)
        await at.type("shelter found")
        await at.press("ctrl+s")
        noted = text(at.app)
        await at.press("s", "i", "enter", "a")
        await at.type("south")
        await at.press("enter")
        row = row_of(database, numbers[REPORT])

        assert "citizen" not in form
        assert "shelter found" in noted
        assert row["status"] == "in_progress"
        assert "SAPS South" in text(at.app)


async def test_an_administrator_opens_a_report_by_number_with_a_reason(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """On record, with who and when; SAPS reads the reason; acting is as the role table says."""
    async with console("tvd_admin", (120, 40)) as at:
        await at.press("o")
        await at.type(numbers[REPORT].lower())
        await at.press("tab")
        await at.type("court order 12/26")
        await at.press("enter")
        opened = text(at.app)
        here = offered(at)
        await at.press("c")
        await at.type("order filed")
        await at.press("ctrl+s", "s", "h", "enter")
        acted = text(at.app)
        await at.press("d")
        refused = said(at)
        await at.press("escape")
        left = text(at.app)

        assert REPORT in opened
        assert "On record   opened by TVD Admin 1, " in opened
        assert here == {"status", "note", "assign", "route"}
        assert "order filed" in acted
        assert row_of(database, numbers[REPORT])["status"] == "on_hold"
        assert refused == "this is not done to a GBV report"
        assert REPORT[:12] not in left
        assert numbers[REPORT] not in left
        assert "court order 12/26" in notes_of(database, numbers[REPORT])


async def test_an_opening_ends_by_itself(console: OpenConsole, numbers: dict[str, str]) -> None:
    """Who leaves the desk leaves no report on the screen for ever."""
    async with console("tvd_admin", (120, 40)) as at:
        await at.press("o")
        await at.type(numbers[REPORT])
        await at.press("tab")
        await at.type("court order 12/26")
        await at.press("enter")
        screen = at.app.screen
        assert isinstance(screen, TicketScreen)
        assert screen._ending is not None
        screen.end()
        await at.settle()

        assert "This opening has ended" in text(at.app)
        assert REPORT[:12] not in text(at.app)


async def test_a_short_reason_opens_nothing(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Ten characters at least, before anything is asked."""
    async with console("tvd_admin") as at:
        await at.press("o")
        await at.type(numbers[REPORT])
        await at.press("tab")
        await at.type("curious")
        await at.press("enter")

        assert "a reason of at least 10 characters" in text(at.app)
    with database.connect_owner() as owner:
        count = owner.execute("select count(*) from confidential_openings").fetchone()
    assert count == (0,)


# ------------------------------------------------------------------ nothing tells that a report exists


def never_issued(number: str) -> str:
    """A number of the same day that nobody was given."""
    return number[:-6] + ("000000" if number[-6:] != "000000" else "000001")


async def _searched(at: Console, number: str) -> str:
    seen = ""
    await at.press("slash")
    await at.type(number)
    for keys in ((), ("enter",), ("enter", "s", "m", "t", "a"), ("slash",), ("escape", "f")):
        await at.press(*keys)
        await at.rest()
        seen += text(at.app)
    for keys in (("enter",), ("question_mark",), ("escape", "escape")):
        await at.press(*keys)
        await at.rest()
        seen += text(at.app)
    return seen


async def _opened(at: Console, number: str) -> str:
    await at.press("o")
    await at.type(number)
    await at.press("tab")
    await at.type("a reason that is long enough")
    await at.press("enter")
    answer = text(at.app)
    await at.press("escape", "escape")
    return answer + text(at.app)


@pytest.mark.parametrize(
    ("username", "size"),
    [
        ("tvd_operator", (80, 24)),
        ("tvd_operator", (120, 40)),
        ("tvd_manager", (120, 40)),
        ("tvd_admin", (120, 40)),
    ],
)
async def test_a_hidden_number_and_one_never_issued_give_identical_screens(
    console: OpenConsole, numbers: dict[str, str], username: str, size: tuple[int, int]
) -> None:
    """Search, filter, open: no screen tells which of the two it was."""
    hidden, missing = numbers[REPORT], never_issued(numbers[REPORT])
    shown = {}
    for number in (hidden, missing):
        async with console(username, size) as at:
            await at.press("5")
            seen = await _searched(at, number)
            if username != "tvd_admin":
                await at.press("o")
                seen += text(at.app)
            shown[number] = seen.replace(number, "N" * len(number)).replace(
                number.removeprefix("TKT-20"), "N" * 13
            )

    assert shown[hidden] == shown[missing]
    assert "Nothing was found." in shown[hidden]


async def test_another_municipalitys_report_is_as_unknown_to_an_administrator_as_none(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """The one sentence, and what was typed stays."""
    shown = {}
    for number in (numbers[REPORT], never_issued(numbers[REPORT])):
        async with console("ksb_admin", (120, 40)) as at:
            shown[number] = (await _opened(at, number)).replace(number, "N" * len(number))

    first, second = shown.values()
    assert first == second
    assert REFUSAL in first


# ------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("keys", [("s", "r", "enter"), ("e", "x", "enter")], ids=["s", "e"])
async def test_someone_else_was_first(
    console: OpenConsole,
    desk_of: OpenDesk,
    database: Database,
    numbers: dict[str, str],
    keys: tuple[str, ...],
) -> None:
    """It says what changed, keeps what was typed, and applies it to the new state when told to."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press(*keys[:-1])
        await colleague.work.change_status(numbers[PRESSURE], Status.ON_HOLD)
        await at.press(keys[-1])
        conflict = " ".join(text(at.app).replace("│", " ").split())
        between = row_of(database, numbers[PRESSURE])["status"]
        await at.press("ctrl+s")

        assert "someone else changed it meanwhile, it is now on hold, with Water 1" in conflict
        assert "Ctrl+S saves yours on top of that, Esc leaves it" in conflict
        assert between == "on_hold"
        assert row_of(database, numbers[PRESSURE])["status"] in ("resolved", "escalated")
        assert isinstance(at.app.screen, QueueScreen)


async def test_a_move_that_is_not_legal_any_more_is_not_offered_again(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """After a conflict the choices are those of the new state."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press("s", "h")
        await colleague.work.change_status(numbers[PRESSURE], Status.ON_HOLD)
        await at.press("enter", "ctrl+s")

        assert "choose a status" in text(at.app)


async def test_what_was_typed_survives_a_lost_connection(
    console: OpenConsole, server: Server, database: Database, numbers: dict[str, str]
) -> None:
    """One sentence, nothing shown as saved, and the same words are saved when the line is back."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type("many words")
        with hold_out(server, "tvd_operator"):
            await at.press("ctrl+s")
            away = text(at.app)
        await at.press("ctrl+s")

        assert "connection" in away
        assert "many words" in away
        assert notes_of(database, numbers[BRIDGE])[-1] == "many words"


async def test_a_ticket_that_moved_behind_the_wall_takes_no_note(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """The ordinary sentence, as for a ticket that never was."""
    colleague = await desk_of("tvd_manager")
    async with console(size=(120, 24)) as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type("words")
        await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        await at.press("ctrl+s")

        assert REFUSAL in text(at.app)


async def test_hostile_text_is_harmless_in_every_form(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Pasted into each field of each form: shown steady, saved clean, nothing else happens."""
    hostile = "\n".join(told[:300] for what, told in HOSTILE.items() if what != "surrogate")
    async with console("tvd_manager", (80, 24)) as at:
        await go_to(at, NO_WATER)
        for key in ("c", "p", "s", "e", "a", "A", "d", "R", "m"):
            await at.press(key)
            assert isinstance(at.app.screen, FormDialog)
            for field in at.app.screen._fields:
                field.focus()
                await at.pilot.pause()
                field.post_message(Paste(hostile))
                await at.settle()

                assert text(at.app).replace("\n", "").isprintable()
            await at.press("escape", "escape")
            assert isinstance(at.app.screen, QueueScreen), key
        await at.press("c")
        at.app.screen.focused.post_message(Paste(hostile + " end"))  # type: ignore[union-attr]
        await at.settle()
        await at.press("ctrl+s")
        assert isinstance(at.app.screen, QueueScreen)
        note = notes_of(database, numbers[NO_WATER])[-1]

        assert note.replace("\n", "").isprintable()
        assert text(at.app).replace("\n", "").isprintable()
