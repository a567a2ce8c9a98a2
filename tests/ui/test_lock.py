"""The screen is locked: nothing of it stays, no key gets through, and only a new login opens it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from calls import drafts, fill, form
from handling import PRESSURE, go_to, hold_out, notes_of, row_of
from psycopg import sql
from screen_text import text
from support.database import Database, Server
from support.trust import trusted
from textual.app import App
from textual.events import Paste
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.ui.app import MuniconsoleApp
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.palette import PaletteDialog
from municonsole.ui.idle import Idle
from municonsole.ui.screens.intake import IntakeScreen
from municonsole.ui.screens.lock import CLOSED, WRONG, LockScreen
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.settings import UiSettings

pytestmark = pytest.mark.usefixtures("tickets")


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0
    asked: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now


def lock_of(at: Console) -> LockScreen:
    assert isinstance(at.app.screen, LockScreen)
    return at.app.screen


def shown(at: Console) -> set[str]:
    """The words on the screen, line by line."""
    return {line.strip() for line in text(at.app).splitlines() if line.strip()}


def said(at: Console) -> str:
    """What is on the locked screen besides the words that are always there."""
    always = {"This console is locked.", "Your password opens it again."}
    always |= {"Enter unlock  Esc clear  Ctrl+Q quit", "Any key opens it again.", "Ctrl+Q quit"}
    return " ".join(line for line in text(at.app).split("\n") if line.strip() not in always).strip()


async def unlock(at: Console, password: str) -> None:
    """Type the password and wait for what comes of it, however slow the server is."""
    await at.type(password)
    await at.press("enter")


async def test_a_report_that_is_being_typed_is_there_again_with_the_cursor(
    console: OpenConsole, database: Database
) -> None:
    """Locked in the middle of a word: blank; no key gets behind it; unlocked, the word goes on."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone="0115550101", category="w", description="the street is under wa")
        screen = form(at)
        screen.query_one("#form-description").action_cursor_word_left()  # type: ignore[attr-defined]
        await at.settle()
        before, typed = text(at.app), screen.typed()
        await at.press("f9")
        blank = shown(at)
        await at.press("ctrl+s", "ctrl+t", "f9", "ctrl+l", "ctrl+p", "escape", "question_mark")
        await at.type("q9/n")
        at.app.post_message(Paste("pasted words"))
        await at.settle()
        still = said(at)
        await at.press("escape")
        kept = drafts(database)
        await unlock(at, database.password("tvd_operator"))
        after, typed_after = text(at.app), screen.typed()
        await at.type("X")

        assert blank == {
            "This console is locked.",
            "Your password opens it again.",
            "Password",
            "Enter unlock  Esc clear  Ctrl+Q quit",
        }
        assert still == "Password  " + "\N{BULLET}" * 17
        assert [draft["description"] for draft in kept] == ["the street is under wa"]
        assert (typed_after, at.app.focused) == (typed, screen.query_one("#form-description"))
        assert without_draft(after) == without_draft(before)
        assert screen.typed()["description"] == "the street is under Xwa"


def without_draft(screen: str) -> str:
    """The screen without when the draft was kept."""
    return "\n".join(line for line in screen.splitlines() if "New report" not in line)


async def test_of_a_gbv_report_nothing_is_kept_and_nothing_shows(
    console: OpenConsole, database: Database
) -> None:
    """It stays in memory, behind the lock, and is there again afterwards."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone="0115550101", category="g", description="Fictitious words")
        await at.press("f9")
        blank = shown(at)
        kept = drafts(database)
        await unlock(at, database.password("tvd_operator"))

        assert not any("Fictitious" in line or "0115550101" in line for line in blank)
        assert len(blank) == 4
        assert kept == []
        assert "Fictitious words" in text(at.app)
        assert isinstance(at.app.screen, IntakeScreen)


async def test_a_wrong_password_is_said_and_each_costs_more_time(
    console: OpenConsole, database: Database
) -> None:
    """Guessing does not pay; the right one opens it once the time is over."""
    clock = Clock()
    password = database.password("tvd_operator")
    async with console() as at:
        await at.press("f9")
        lock = lock_of(at)
        lock._clock = clock
        waits = []
        for guess in ("guess", "guess again", "Guess"):
            await unlock(at, guess)
            assert said(at).endswith(WRONG)
            waits.append(lock._not_before - clock.now)
            await unlock(at, password)
            assert "wait" in said(at)
            assert isinstance(at.app.screen, LockScreen)
            clock.now = lock._not_before
        await at.press("enter")
        nothing = said(at)
        await unlock(at, password)

        assert waits == [1, 2, 4]
        assert nothing.endswith("type the password with which you logged in")
        assert isinstance(at.app.screen, QueueScreen)


async def test_whoever_was_disabled_meanwhile_stays_outside(
    console: OpenConsole, desk_of: OpenDesk, database: Database, server: Server
) -> None:
    """Their password is right, and opens nothing."""
    clock = Clock()
    password = database.password("tvd_operator")
    async with console() as at:
        await at.press("f9")
        lock_of(at)._clock = clock
        with hold_out(server, "tvd_operator"):
            await unlock(at, password)
            switched_off = said(at)
        clock.now += 60
        with database.connect_owner() as owner:
            owner.execute("update operators set is_active = false where username = 'tvd_operator'")
        await unlock(at, password)
        disabled = said(at)
        with database.connect_owner() as owner:
            owner.execute(
                "update operators set is_active = true, role = 'manager' where username = 'tvd_operator'"
            )
        await unlock(at, password)

        assert " ".join(switched_off.split()).endswith(CLOSED)
        assert "this login is not an active operator" in " ".join(disabled.split())
        assert "your role has been changed" in " ".join(said(at).split())
        assert isinstance(at.app.screen, LockScreen)


@contextmanager
def away(server: Server, database: Database) -> Iterator[None]:
    """While it lasts the database takes no connection."""
    name = sql.Identifier(database.dbname)
    server.admin.execute(sql.SQL("alter database {} allow_connections false").format(name))
    try:
        yield
    finally:
        server.admin.execute(sql.SQL("alter database {} allow_connections true").format(name))


async def test_without_the_database_it_stays_locked_and_can_be_tried_again(
    console: OpenConsole, database: Database, server: Server
) -> None:
    """It says so; nobody waits for a wrong guess that was none."""
    async with console() as at:
        await at.press("f9")
        with away(server, database):
            await unlock(at, database.password("tvd_operator"))
            told = " ".join(said(at).split())
        locked = isinstance(at.app.screen, LockScreen)
        await unlock(at, database.password("tvd_operator"))

        assert "cannot be reached" in told
        assert locked
        assert isinstance(at.app.screen, QueueScreen)


async def test_what_is_answered_behind_the_lock_opens_and_closes_below_it(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """A save that is under way is done; its dialog is gone afterwards; nothing lies over the lock."""
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press("c")
        await at.type("pressure measured")
        at._send("ctrl+s")
        at._send("f9")
        await at.settle()
        stack = [type(screen) for screen in at.app.screen_stack]
        await at.app.push_screen(PaletteDialog(at.app._context_of_screens, ()))
        await at.settle()
        on_top = type(at.app.screen)
        at.app.screen_stack[1].dismiss(None)  # type: ignore[call-overload]
        at.app.notify("Breached")
        await at.settle()
        hidden = said(at)
        await unlock(at, database.password("tvd_operator"))

        assert stack == [QueueScreen, LockScreen]
        assert on_top is LockScreen
        assert hidden == "Password"
        assert notes_of(database, numbers[PRESSURE]) == ["pressure measured"]
        assert isinstance(at.app.screen, QueueScreen)
        assert "the note is on" in text(at.app)


async def test_a_dialog_that_is_open_stays_open_behind_it(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Commands, a form, help: each is there again, and works."""
    async with console() as at:
        await go_to(at, PRESSURE)
        for opening, closing in (("ctrl+p", "escape"), ("question_mark", "escape"), ("s", "")):
            await at.press(opening)
            before = text(at.app)
            await at.press("f9")
            assert said(at) == "Password"
            await unlock(at, database.password("tvd_operator"))
            assert text(at.app) == before
            if closing:
                await at.press(closing)
        await at.press("r", "enter")

        assert row_of(database, numbers[PRESSURE])["status"] == "resolved"
        assert not isinstance(at.app.screen, FormDialog)


async def test_the_bell_is_silent_while_nobody_is_there(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A locked console disturbs nobody."""
    rung = []
    async with console() as at:
        monkeypatch.setattr(App, "bell", lambda _: rung.append("ding"))
        at.app.bell()
        await at.press("f9")
        at.app.bell()

    assert rung == ["ding"]


async def test_it_locks_when_nobody_presses_a_key(console: OpenConsole, database: Database) -> None:
    """After ten minutes; a key begins them anew, what happens on the screen does not."""
    clock, wall = Clock(), Clock()
    async with console() as at:
        at.app._idle = Idle(10, (clock, wall))
        clock.now += 599
        await at.app.look_whether_idle()
        early = type(at.app.screen)
        await at.press("j")
        clock.now += 599
        at.app.pulse.look()
        await at.settle()
        await at.app.look_whether_idle()
        worked = type(at.app.screen)
        clock.now += 1
        await at.app.look_whether_idle()
        await at.settle()
        locked = type(at.app.screen)
        await unlock(at, database.password("tvd_operator"))
        await at.app.look_whether_idle()

        assert (early, worked, locked) == (QueueScreen, QueueScreen, LockScreen)
        assert isinstance(at.app.screen, QueueScreen)


@pytest.mark.parametrize("slept", ["clock goes on", "clock stood still"])
async def test_a_laptop_that_was_closed_wakes_up_locked(console: OpenConsole, slept: str) -> None:
    """Whatever its clocks did: the first key shows nothing and does nothing."""
    clock, wall = Clock(), Clock()
    async with console() as at:
        at.app._idle = Idle(10, (clock, wall))
        wall.now += 3600
        clock.now += 3600 if slept == "clock goes on" else 1
        await at.press("q")

        assert said(at) == "Password"
        assert at.app.is_running


def test_a_clock_that_is_set_back_keeps_nobody_logged_in() -> None:
    """The wall's clock may be set; the other one goes on."""
    clock, wall = Clock(), Clock()
    idle, never = Idle(1, (clock, wall)), Idle(0, (clock, wall))
    wall.now -= 3600
    clock.now += 60

    assert idle.over
    assert not never.over


async def test_where_no_password_is_asked_for_any_key_opens_it(
    database: Database, server: Server
) -> None:
    """The system has let them in; when the server asks for a password again, so does the lock."""
    name = "tvd_operator2"
    with trusted(server, name) as ask_again:
        desk = await open_desk(Config(), database.dsn(name), None)
        app = MuniconsoleApp(desk, UiSettings(), watch_every=3600, pulse_every=3600)
        async with app.run_test(size=(80, 24)) as pilot:
            at = Console(app, pilot, desk)
            await at.settle()
            await at.press("f9")
            asked = text(at.app)
            await at.press("j")
            opened = type(at.app.screen)
            await at.press("f9")
            ask_again()
            await at.press("j")
            told = said(at)
            await unlock(at, database.password(name))

            assert "Any key opens it again." in asked
            assert "Password" not in asked
            assert opened is QueueScreen
            assert "the server asks for a password now" in told
            assert isinstance(at.app.screen, QueueScreen)
        await desk.close()


async def test_the_console_can_be_left_from_the_lock(console: OpenConsole) -> None:
    """Twice the same key, since what is being typed goes with it."""
    async with console() as at:
        await at.press("f9", "ctrl+q")
        told = said(at)
        await at.type("x")
        await at.press("escape", "ctrl+q")
        running = at.app.is_running
        await at.press("ctrl+q")

        assert "Ctrl+Q again leaves the console" in told
        assert running
        assert at.app.return_code == 0
