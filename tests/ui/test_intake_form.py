"""Taking a call from the keyboard, on a real database: callers, duplicates, refusals, the number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from calls import (
    HILL,
    appears,
    complaint,
    fill,
    first_answer_lost,
    form,
    hint,
    is_open,
    number_shown,
    offered,
    rest,
    said,
    tickets_told,
    value,
    write,
)
from handling import hold_out
from screen_text import text
from support.database import Database, Server
from test_cells import HOSTILE
from textual.events import Paste
from ui.conftest import OpenConsole

from municonsole.domain.text import clean
from municonsole.services.desk import Desk
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens import intake_drafts, intake_lookups
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.widgets.status_line import StatusLine

OpenDesk = Callable[[str], Awaitable[Desk]]
BURST = "Burst main, the whole street is under water and it runs into two houses"
HYDRANT = "Leaking hydrant, corner of 3rd and Oak"
CALLER = "0115550101"
"""Whose ticket BURST is."""
NEW = "Pipe drips behind the library"

pytestmark = pytest.mark.usefixtures("tickets", "suburbs", "at_once")


@pytest.fixture
def numbers(tickets: dict[str, str]) -> dict[str, str]:
    """The scenario's numbers by what was reported."""
    return {told: number for number, told in tickets.items()}


# ------------------------------------------------------------------ who calls


@pytest.mark.parametrize("typed", [CALLER, "+27 11 555 0101", "(011) 555-0101"])
async def test_a_number_shows_the_callers_tickets(console: OpenConsole, typed: str) -> None:
    """In any spelling, as soon as it is complete; an incomplete one shows nothing."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone=typed[:-1])
        before = offered(at, "caller")
        await fill(at, phone=typed[-1])

        assert before == []
        assert offered(at, "caller") == [BURST]
        assert "Caller: 1 open, 0 done" in text(at.app)


async def test_whoever_joined_a_ticket_finds_it_by_their_number(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """Where is my ticket? asks the second reporter, too."""
    await (await desk_of("tvd_operator2")).work.add_reporter(numbers[HYDRANT], None, "0825550123")
    async with console() as at:
        await at.press("n")
        await fill(at, phone="082 555 0123")

        assert offered(at, "caller") == [HYDRANT]


async def test_a_ticket_of_the_caller_is_opened_and_the_form_waits(
    console: OpenConsole,
) -> None:
    """Answered within the call; what was typed is still there."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone=CALLER, description="and now it also")
        await at.press("ctrl+t", "enter")
        assert isinstance(at.app.screen, TicketScreen)
        assert BURST[:20] in text(at.app)
        await at.press("n")
        assert "a report is being typed already" in at.app.screen.query_one(StatusLine).message
        await at.press("escape")

        assert at.app.screen is form(at)
        assert value(at, "description") == "and now it also"
        assert offered(at, "caller") == [BURST]


async def test_a_ticket_that_becomes_sensitive_is_wiped_beside_the_form(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """A colleague hands it over while the caller is still speaking."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone=CALLER)
        await (await desk_of("tvd_manager")).work.mark_sensitive(numbers[BURST], "told me more")
        at.app.watch_out.look()
        await at.settle()

        assert offered(at, "caller") == []
        assert "Burst" not in text(at.app)


# ------------------------------------------------------------------ logging


async def test_a_call_is_logged_with_few_keys(console: OpenConsole, database: Database) -> None:
    """Number, letter, words, suburb, Ctrl+S: routed, dated, and the number stands there."""
    async with console() as at:
        await at.press("n")
        await at.type("082 555 0123")
        await at.press("enter", "w", "enter", "h", "enter")
        await at.type(NEW)
        await at.press("tab", "tab")
        await at.type("hillt")
        await rest(at)
        await at.press("ctrl+s")
        (row,) = tickets_told(database, NEW)

        assert number_shown(at) == row["tracking_number"]
        assert row["tracking_number"] in text(at.app)
        assert "Answer due 1 h" in text(at.app)
        assert (row["category"], row["severity"], row["language"]) == ("water", "high", "en")
        assert (row["reporter_phone"], row["may_message"]) == ("+27825550123", False)
        assert (row["suburb"], row["latitude"], row["longitude"]) == ("Hilltop", *HILL)
        await at.press("enter")
        assert isinstance(at.app.screen, QueueScreen)
        assert said(at) == f"{row['tracking_number']} is logged"


async def test_the_next_call_is_one_key_away(console: OpenConsole) -> None:
    """An empty form, on the number."""
    async with console() as at:
        await at.press("n")
        await fill(at, category="w", description=NEW)
        await at.press("ctrl+s", "n")

        assert at.app.screen is form(at)
        assert (value(at, "description"), value(at, "category")) == ("", "")


async def test_everything_that_was_asked_is_stored(
    console: OpenConsole, database: Database
) -> None:
    """Coordinates that were typed win over the middle of the suburb."""
    async with console() as at:
        await at.press("n")
        await fill(
            at,
            phone="0825550123",
            category="e",
            severity="c",
            description=NEW,
            address="3 Kloof Road",
            suburb="old",
            coordinates="-26.2511, 28.0522",
            language="z",
            message="y",
            name="Resident 9",
        )
        await at.press("ctrl+s")
        (row,) = tickets_told(database, NEW)

    expected = {
        "category": "electricity",
        "severity": "critical",
        "address": "3 Kloof Road",
        "suburb": "Old Siding",
        "latitude": -26.2511,
        "longitude": 28.0522,
        "language": "zu",
        "may_message": True,
        "reporter_name": "Resident 9",
    }
    assert {key: row[key] for key in expected} == expected


async def test_suburbs_are_found_by_a_part_of_their_name(console: OpenConsole) -> None:
    """The likeliest first, the arrows among the others; its middle stands for coordinates."""
    async with console() as at:
        await at.press("n")
        await write(at, "suburb", "hill")
        first = value(at, "suburb")
        await at.press("down")

        assert (first, value(at, "suburb")) == ("Hilltop", "Hillview")
        assert "-26.16000, 28.06000: the middle of Hillview" in text(at.app)


async def test_every_refusal_stands_below_its_field(
    console: OpenConsole, database: Database
) -> None:
    """What is wrong is said on leaving the field, what is missing on saving; nothing is logged."""
    async with console(size=(80, 40)) as at:
        await at.press("n")
        await fill(at, phone="08255", suburb="nowhere", coordinates="95 28", address="x")
        assert "ten digits" in complaint(at, "phone")
        assert "no suburb has that name" in complaint(at, "suburb")
        assert "latitude goes from" in complaint(at, "coordinates")
        await at.press("ctrl+s")

        assert complaint(at, "category") == "choose what it is about, by its letter"
        assert complaint(at, "description") == "say in a few words what is wrong"
        assert at.app.focused is not None
        assert at.app.focused.id == "form-phone"
        for sentence in ("ten digits", "no suburb has", "latitude goes", "choose what", "say in a"):
            assert sentence in text(at.app)
        await write(at, "phone", "50123")
        assert complaint(at, "phone") == ""
    with database.connect_owner() as owner:
        assert owner.execute("select from tickets where address = 'x'").fetchall() == []


async def test_hostile_words_are_harmless_in_every_field(
    console: OpenConsole, database: Database
) -> None:
    """Whatever is pasted, columns stay where they are, and it is logged as harmless words."""
    places = ("phone", "suburb", "coordinates", "description", "address", "name")
    async with console() as at:
        await at.press("n")
        for what, told in (*HOSTILE.items(), ("all", " ".join(HOSTILE.values()))):
            for name in places:
                field = form(at)._fields[name]
                field.clear()
                field.focus()
                await at.pilot.pause()
                field.post_message(Paste(told))
                await at.pilot.pause()
            for line in text(at.app).splitlines():
                assert clean(line) == line, what
        for name in places[:3]:
            form(at)._fields[name].clear()
        await fill(at, category="w")
        await at.press("ctrl+s")

        assert number_shown(at)
    with database.connect_owner() as owner:
        words = owner.execute(
            "select description, address, reporter_name from tickets order by created_at desc limit 1"
        ).fetchone()
    assert words is not None
    assert all(word and clean(word) == word for word in words)


# ------------------------------------------------------------------ reported already


async def put(database: Database, number: str, latitude: float, longitude: float) -> None:
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set latitude = %s, longitude = %s where tracking_number = %s",
            (latitude, longitude, number),
        )


async def test_a_caller_joins_the_ticket_there_is(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """120 m away, the same category: confirmed, and they are told too; nothing new is logged."""
    await put(database, numbers[HYDRANT], -26.1500 + 120 / 111195, 28.05)
    async with console() as at:
        await at.press("n")
        await fill(
            at,
            phone="0825550123",
            category="w",
            description=NEW,
            coordinates="-26.15 28.05",
            message="y",
        )
        assert offered(at, "similar") == [HYDRANT]
        assert "120 m away" in text(at.app)
        await at.press("ctrl+r", "enter")
        assert isinstance(at.app.screen, FormDialog)
        await at.press("y", "enter")

        assert number_shown(at) == numbers[HYDRANT]
        await at.press("enter")
        assert said(at) == f"{numbers[HYDRANT]}: the caller was added"
    assert tickets_told(database, NEW) == []
    with database.connect_owner() as owner:
        joined = owner.execute("select reporter_phone, may_message from reporters").fetchall()
        assert joined == [("+27825550123", True)]
        assert owner.execute("select from drafts").fetchall() == []


async def test_the_same_words_are_offered_without_a_place(console: OpenConsole) -> None:
    """And other words are not."""
    async with console() as at:
        await at.press("n")
        await fill(at, category="w", description="hydrant leaking near Oak corner")
        alike = offered(at, "similar")
        form(at).query_one("#form-description").text = "no pressure at all since Monday"
        await rest(at)

        assert alike == [HYDRANT]
        assert offered(at, "similar") == []


async def test_somebody_without_number_and_name_cannot_join(console: OpenConsole) -> None:
    """It says what is missing, at the number."""
    async with console() as at:
        await at.press("n")
        await fill(at, category="w", description="hydrant leaking near Oak corner")
        await at.press("ctrl+r", "enter")

        assert "type their number" in complaint(at, "phone")
        assert at.app.screen is form(at)
        await fill(at, name="Resident 9")
        await at.press("ctrl+r", "enter")
        assert isinstance(at.app.screen, FormDialog)


async def test_not_the_same_after_all(console: OpenConsole, database: Database) -> None:
    """Esc leaves everything as it was."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone=CALLER, category="w", description="hydrant leaking near Oak corner")
        await at.press("ctrl+r", "enter", "escape")

        assert at.app.focused is not None
        assert at.app.focused.id == "form-description"
        with database.connect_owner() as owner:
            assert owner.execute("select from reporters").fetchall() == []


# ------------------------------------------------------------------ the database away


async def test_nothing_typed_is_lost_while_the_database_is_away(
    console: OpenConsole, database: Database, server: Server
) -> None:
    """One sentence, the form stays, and once it is back the same key logs it."""
    async with console() as at:
        await at.press("n")
        await fill(at, category="w", description=NEW)
        with hold_out(server, "tvd_operator"):
            await at.press("ctrl+s")
            assert "nothing you typed is lost: Ctrl+S sends it again" in hint(at)
            assert "NOT CONNECTED" in text(at.app)
            assert value(at, "description") == NEW
        await at.press("ctrl+s")

        assert number_shown(at)
        assert len(tickets_told(database, NEW)) == 1


async def test_a_report_whose_answer_was_lost_is_not_logged_twice(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database had it; sent again it gives the number of the first time."""
    async with console() as at:
        first_answer_lost(monkeypatch, at.desk.work, "create")
        await at.press("n")
        await fill(at, category="w", description=NEW)
        await at.press("ctrl+s")
        assert "logged only once" in hint(at)
        await fill(at, address="3 Kloof Road")
        await at.press("ctrl+s")
        (row,) = tickets_told(database, NEW)

        assert number_shown(at) == row["tracking_number"]
        assert "It was sent twice" in text(at.app)


async def test_what_could_not_be_looked_up_is_said_and_nothing_is_in_the_way(
    console: OpenConsole, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call goes on without the caller's history."""
    monkeypatch.setattr(intake_lookups, "_AGAIN_AFTER", 3600)
    monkeypatch.setattr(intake_drafts, "AGAIN_AFTER", 3600)
    async with console(size=(120, 40)) as at:
        await at.press("n")
        with hold_out(server, "tvd_operator"):
            await write(at, "phone", CALLER)
            await appears(at, "the database")

            assert offered(at, "caller") == []
        assert is_open(at)
