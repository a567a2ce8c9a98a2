"""Search as one types, numbers that open their ticket, chips, and the number to pass on."""

from __future__ import annotations

import base64

import pytest
from calls import until
from finding import fingers_rest, line, said
from handling import hold_out, table, under_cursor
from screen_text import compare, text
from support.database import Database, Server
from test_cells import HOSTILE
from test_snapshots import SIZES, named
from textual.events import Key, Paste
from ui.conftest import Console, OpenConsole

from municonsole.ui.dialogs.search import SearchDialog
from municonsole.ui.lane import Lane
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.watch import Gone
from municonsole.ui.widgets.chip_line import ChipLine

pytestmark = pytest.mark.usefixtures("tickets")
MAIN = "Burst main, the whole street is under water and it runs into two houses"
REPORT = "Fictitious report one, for tests only"


@pytest.fixture
def numbers(tickets: dict[str, str]) -> dict[str, str]:
    """The scenario's numbers by what was reported."""
    return {told: number for number, told in tickets.items()}


async def search(at: Console, words: str) -> None:
    await at.press("slash", "ctrl+u")
    await at.type(words)
    await at.press("enter")


# ------------------------------------------------------------------ as one types


async def test_what_is_found_is_shown_as_one_types(console: OpenConsole) -> None:
    """From the third letter on, once the fingers rest; Enter goes to it, Esc brings the list back."""
    async with console() as at:
        await at.press("5", "j", "j")
        before = under_cursor(at)
        await at.press("slash")
        await at.type("ta")
        await fingers_rest(at)
        assert len(table(at).rows) == 13
        await at.type("xi")
        await fingers_rest(at)
        assert isinstance(at.app.screen, SearchDialog)
        assert "Search “taxi”: 1 found" in line(at, ChipLine)
        assert under_cursor(at) == "Street lights out along the taxi rank"
        await at.type(" quay")
        await fingers_rest(at)
        assert "Nothing was found." in text(at.app)
        await at.press("escape")

        assert under_cursor(at) == before
        assert len(table(at).rows) == 13
        assert not line(at, ChipLine).strip()


async def test_what_was_shown_already_is_not_asked_for_again(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter after a look costs no second one; a burst of letters costs one."""
    asked: list[str] = []
    ask = Lane.ask

    def noting(lane: Lane, to: object, key: str, *rest: object) -> None:
        asked.append(key)
        ask(lane, to, key, *rest)  # type: ignore[arg-type]

    async with console() as at:
        monkeypatch.setattr(Lane, "ask", noting)
        await at.press("slash")
        await at.type("manhole")
        await fingers_rest(at)
        await at.press("enter")

        assert asked.count("list:first") == 1
        assert not any(key.startswith("count:") for key in asked)
        assert under_cursor(at) == "Manhole overflows into the stream"


async def test_an_older_answer_never_covers_a_newer_one(console: OpenConsole) -> None:
    """Whatever comes late is of a list that is gone."""
    async with console() as at:
        await at.press("slash")
        await at.type("manhole")
        await fingers_rest(at)
        queue = at.app.screen_stack[0]
        assert isinstance(queue, QueueScreen)
        for words in ("taxi", "meter box", "burst main"):
            queue._look_for(words)
        await at.settle()

        assert under_cursor(at) == MAIN
        assert "Search “burst main”: 1 found" in line(at, ChipLine)


async def test_escape_from_a_second_search_brings_back_the_first(console: OpenConsole) -> None:
    """And Esc once more the view."""
    async with console() as at:
        await at.press("5")
        await search(at, "the")
        first = [row.id for row in table(at).rows]
        await at.press("j", "slash", "ctrl+u")
        await at.type("manhole")
        await fingers_rest(at)
        await at.press("escape")
        again = [row.id for row in table(at).rows]
        place = table(at).cursor
        await at.press("escape")

        assert again == first
        assert place == 1
        assert len(table(at).rows) == 13


async def test_what_may_not_be_seen_any_more_is_not_brought_back(console: OpenConsole) -> None:
    """Neither from the list below the search line nor from the one parked before it."""
    async with console() as at:
        await at.press("5")
        await search(at, "the")
        gone = table(at).rows[0]
        await at.press("slash", "ctrl+u")
        await at.type("manhole")
        await fingers_rest(at)
        at.app.screen_stack[0].post_message(Gone({gone.id}))
        await at.pilot.pause()
        await at.press("escape")
        searched = {row.id for row in table(at).lines if row}
        await at.press("escape")

        assert gone.id not in searched
        assert gone.id not in {row.id for row in table(at).lines if row}


async def test_a_lost_connection_while_typing_is_one_sentence(
    console: OpenConsole, server: Server
) -> None:
    """What was typed stays; once the connection is back the next letter finds."""
    async with console() as at:
        await at.press("slash")
        with hold_out(server, "tvd_operator"):
            await at.type("taxi")
            await fingers_rest(at)
            assert isinstance(at.app.screen, SearchDialog)
        await at.type(" rank")
        await fingers_rest(at)
        await at.press("enter")

        assert under_cursor(at) == "Street lights out along the taxi rank"


# ------------------------------------------------------------------ numbers, phones, places


@pytest.mark.parametrize(
    "typed",
    ["{0}", "{0:.19}", "tkt {day} {end}", "{end}", "{day}-{end}", "{short}-{end}"],
)
async def test_a_number_opens_its_ticket(
    console: OpenConsole, numbers: dict[str, str], typed: str
) -> None:
    """Whole or its six digits, however typed: the slash, the digits, Enter."""
    number = numbers[MAIN]
    _, day, end = number.split("-")
    words = typed.format(number, day=day, end=end.lower(), short=day[2:])
    async with console() as at:
        await search(at, words)
        await at.settle()

        assert isinstance(at.app.screen, TicketScreen)
        assert number in text(at.app)
        await at.press("escape")
        assert under_cursor(at) == MAIN


async def test_a_part_of_a_number_opens_the_only_ticket_that_has_it(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """What may be another is listed."""
    number = numbers[MAIN]
    part = next(n for n in range(13, 20) if sum(o[:n] == number[:n] for o in numbers.values()) == 1)
    async with console() as at:
        await search(at, number[: max(part, 14)])
        await at.settle()
        assert isinstance(at.app.screen, TicketScreen)
        await at.press("escape")
        await search(at, number[:12])
        await at.settle()

        assert isinstance(at.app.screen, QueueScreen)
        assert len(table(at).rows) == 14


async def test_a_word_of_six_letters_that_could_be_a_number_is_a_word(
    console: OpenConsole,
) -> None:
    """Unless a number ends with it."""
    async with console() as at:
        await search(at, "facade")
        await at.settle()

        assert isinstance(at.app.screen, QueueScreen)
        assert "Nothing was found." in text(at.app)


async def test_a_number_typed_ahead_opens_its_ticket(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """Before a frame of it was painted."""
    end = numbers[MAIN][-6:].lower()
    async with console() as at:
        for key in ("slash", *end, "enter"):
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        await at.settle()
        await at.settle()

        assert isinstance(at.app.screen, TicketScreen)


async def test_a_number_opens_nothing_once_one_has_gone_elsewhere(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """Whoever left the search before it was answered does not find a ticket on the screen."""
    async with console() as at:
        queue = at.app.screen
        assert isinstance(queue, QueueScreen)
        queue._searched(numbers[MAIN][-6:])
        queue.action_view(5)
        await at.settle()

        assert at.app.screen is queue
        assert len(table(at).rows) == 13


async def test_the_number_of_a_report_opens_nothing_outside_saps(
    console: OpenConsole, numbers: dict[str, str], database: Database
) -> None:
    """It is as unknown as one never issued, and nothing is recorded; SAPS opens it, on record."""
    async with console() as at:
        await search(at, numbers[REPORT])
        await at.settle()
        assert isinstance(at.app.screen, QueueScreen)
        assert "Nothing was found." in text(at.app)
    async with console("tvd_saps") as at:
        await search(at, numbers[REPORT][-6:])
        await at.settle()
        assert isinstance(at.app.screen, TicketScreen)

    kinds = database.connect_owner().execute(
        "select kind from ticket_events as e join tickets as t on t.id = e.ticket_id"
        " where t.tracking_number = %s and kind in ('viewed', 'opened', 'access_denied')",
        (numbers[REPORT],),
    )
    assert [kind for (kind,) in kinds] == ["viewed"]


@pytest.mark.parametrize("typed", ["011 555 0101", "+27 11 555 0101", "0101"])
async def test_a_caller_is_found_by_the_phone(console: OpenConsole, typed: str) -> None:
    """In any spelling, and by its last digits."""
    async with console() as at:
        await search(at, typed)

        assert under_cursor(at) == MAIN


async def test_hostile_text_in_the_search_line_is_harmless(console: OpenConsole) -> None:
    """Pasted, looked for, shown above the list."""
    async with console() as at:
        for what, told in HOSTILE.items():
            await at.press("slash")
            assert at.app.screen.focused is not None
            at.app.screen.focused.post_message(Paste(told))
            await fingers_rest(at)
            shown = text(at.app)
            await at.press("enter")
            shown += text(at.app)

            assert shown.replace("\n", "").isprintable(), what
        assert at.app.return_code is None


# ------------------------------------------------------------------ filter


@pytest.fixture
def suburbs_of_tickets(database: Database, tickets: dict[str, str]) -> None:
    """Two suburbs, and a ticket in one of them."""
    owner = database.connect_owner()
    for suburb in ("Eastbank", "Eastfield"):
        owner.execute(
            "insert into suburbs select id, %s, -26, 28 from municipalities where code = 'tvd'",
            (suburb,),
        )
    owner.execute("update tickets set suburb = 'Eastbank' where description = %s", (MAIN,))


@pytest.mark.usefixtures("suburbs_of_tickets")
async def test_a_filter_by_assignee_and_suburb(console: OpenConsole) -> None:
    """Found by typing a part of the name."""
    async with console(size=(120, 40)) as at:
        await at.press("5", "f", *["down"] * 5)
        await at.type("operator 1")
        await at.press("tab")
        await at.type("eastb")
        await at.press("enter")

        assert "[with: TVD Operator 1]  [suburb: Eastbank]" in line(at, ChipLine)
        assert [row.description for row in table(at).rows] == [MAIN]
        await at.press("f")
        assert "Eastbank" in text(at.app)
        await at.press("ctrl+r", "enter")
        assert len(table(at).rows) == 13


async def test_a_suburb_is_typed_where_the_municipality_lists_none(
    console: OpenConsole, database: Database
) -> None:
    """As it stands on the tickets; the filter can be opened again and keeps it."""
    database.connect_owner().execute(
        "update tickets set suburb = 'Old Siding' where description = %s", (MAIN,)
    )
    async with console() as at:
        await at.press("5", "f", *["down"] * 6)
        await at.type("Old Siding")
        await at.press("enter")
        first = [row.description for row in table(at).rows]
        await at.press("f", "enter")

        assert first == [MAIN]
        assert "[suburb: Old Siding]" in line(at, ChipLine)


async def test_a_filter_by_nobody(console: OpenConsole) -> None:
    """Also where the view asks for one's own."""
    async with console() as at:
        await at.press("1", "f", *["down"] * 5)
        await at.type("nobody")
        await at.press("enter")

        assert {row.assigned_to for row in table(at).rows} == {None}
        assert len(table(at).rows) == 8


async def test_a_name_that_nobody_has_is_not_applied(console: OpenConsole) -> None:
    """It is said on its line, and the dialog stays."""
    async with console() as at:
        await at.press("5", "f", *["down"] * 5)
        await at.type("operator 9")
        await at.press("enter")

        assert "nothing of that name" in text(at.app)
        await at.press("escape")
        assert len(table(at).rows) == 13


async def test_a_name_can_be_typed_ahead(console: OpenConsole) -> None:
    """Before the names have been read; Enter waits for them."""
    async with console() as at:
        keys = ["5", "f", *["down"] * 5, *"operator", "space", "1", "enter"]
        for key in keys:
            at.app.post_message(Key(key, " " if key == "space" else key if len(key) == 1 else None))
        await until(at, lambda: "Operator 1" in line(at, ChipLine))
        await at.settle()

        assert {row.assigned_to for row in table(at).rows} == {"tvd_operator"}


async def test_every_chip_is_taken_away_by_a_key(console: OpenConsole) -> None:
    """One at once; of several the one whose number is typed."""
    async with console() as at:
        await at.press("5", "f", "space", "down", "right", "space", "down", "space", "enter")
        chips = [chip.text for chip in at.app.screen_stack[0]._listing.narrowing.chips()]  # type: ignore[attr-defined]
        await at.press("x")
        asked = text(at.app)
        await at.press("2")
        two = line(at, ChipLine)
        await at.press("x", "escape", "x", "9", "2")
        one = line(at, ChipLine)
        await at.press("x")

        assert chips == ["status: open", "category: roads", "severity: low"]
        assert "3 severity: low" in asked
        assert "[status: open]  [severity: low]" in two
        assert "x one, F all" in two
        assert "[status: open]" in one
        assert "severity" not in one
        assert len(table(at).rows) == 13
        await at.press("x")
        assert isinstance(at.app.screen, QueueScreen)


# ------------------------------------------------------------------ the number to pass on


async def test_the_number_goes_to_the_clipboard_and_is_shown(
    console: OpenConsole, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the list and from the ticket: nothing but the number, where the terminal allows it."""
    async with console() as at:
        sent: list[str] = []
        assert at.app._driver is not None
        monkeypatch.setattr(at.app._driver, "write", sent.append)
        await at.press("5", "G", "y")
        number = table(at).rows[-1].tracking_number
        in_list = said(at)
        await at.press("enter", "y")

        assert in_list == said(at) == f"{number}, copied where the terminal allows it"
        written = base64.b64encode(number.encode()).decode()
        assert [text for text in sent if "]52" in text] == [f"\x1b]52;c;{written}\x07"] * 2


async def test_what_is_no_number_is_not_copied(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in the column of a database that was tampered with."""
    evil = "TKT-\x1b]52;c;cm0=\x07" + "x" * 200
    database.connect_owner().execute(
        "update tickets set tracking_number = %s where description = %s", (evil, MAIN)
    )
    async with console() as at:
        sent: list[str] = []
        assert at.app._driver is not None
        await search(at, "burst main")
        monkeypatch.setattr(at.app._driver, "write", sent.append)
        await at.press("y")

        assert not [text for text in sent if "]52" in text]
        assert said(at).isprintable()


# ------------------------------------------------------------------ how it looks


@SIZES
@pytest.mark.usefixtures("suburbs_of_tickets")
async def test_how_finding_looks(console: OpenConsole, size: tuple[int, int]) -> None:
    """The filter's names while one types, and the chips to choose from."""
    async with console(size=size) as at:
        await at.press("5", "f", "space", *["down"] * 6)
        await at.type("east")
        compare(at.app, named("filter-suburb", size))
        await at.press("down", "backspace", "backspace", "backspace", "backspace", "up")
        await at.type("tvd o")
        await at.press("down")
        compare(at.app, named("filter-assignee", size))
        await at.press("tab", "tab")
        await at.type("7d")
        await at.press("enter")
        compare(at.app, named("filtered-assignee", size))
        await at.press("x")

        compare(at.app, named("chips", size))


async def test_the_filter_fits_a_small_terminal(console: OpenConsole) -> None:
    """Down to 60 by 20 every line of it is in sight."""
    async with console(size=(60, 20)) as at:
        await at.press("5", "f")
        shown = text(at.app)

        for label in ("Status", "Category", "Severity", "Deadline", "Team", "Assignee", "Suburb"):
            assert f"│ {label}" in shown
        for label in ("Since", "Until", " Enter apply"):
            assert f"│ {label}" in shown
