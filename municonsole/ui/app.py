"""The console as a Textual application: what is wired once, and how it begins and ends."""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker

from municonsole.domain.filters import views_of
from municonsole.ui.actions import Action, Registry
from municonsole.ui.context import Context, zone_named
from municonsole.ui.dialogs.palette import PaletteDialog
from municonsole.ui.duty import AWAY, OnDuty, Said
from municonsole.ui.duty import KEY as DUTY
from municonsole.ui.guard import Guarded
from municonsole.ui.here import KEY as HERE
from municonsole.ui.here import Told
from municonsole.ui.idle import Idle
from municonsole.ui.lane import Lane, RequestFailed
from municonsole.ui.pulse import EVERY as PULSE_EVERY
from municonsole.ui.pulse import Beat, Pulse
from municonsole.ui.screens.alerts import AlertsScreen
from municonsole.ui.screens.help import HelpScreen
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.settings import UiSettings
from municonsole.ui.shelf import Shelf
from municonsole.ui.theme import palette_for
from municonsole.ui.toast import Toasts, breaches
from municonsole.ui.watch import EVERY, Gone, Looked, Watch
from municonsole.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

_PACKAGE = str(Path(__file__).parents[1])
_ENDING = (signal.SIGHUP, signal.SIGTERM)
_GONE_WITHIN = 1.0
"""Seconds within which it is found out that the terminal is gone."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MuniconsoleApp(Guarded, App[None], inherit_bindings=False):
    """The console of one operator at one desk.

    `now` gives the present, aware; what is in sight is re-read every `watch_every` seconds, and what
    status lines tell every `pulse_every`. Raises ConfigError for a keymap that cannot be. Run it with
    `run_async(mouse=settings.mouse)`; `return_code` is 1 after a fault of the program, of which one
    sentence without any data goes to standard error.
    """

    CSS_PATH = Path(__file__).with_name("console.tcss")
    TITLE = "municonsole"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(
        self,
        desk: Desk,
        settings: UiSettings,
        *,
        now: Callable[[], datetime] = _utc_now,
        watch_every: float = EVERY,
        pulse_every: float = PULSE_EVERY,
    ) -> None:
        palette = palette_for(settings.theme)
        # Said before the base class decides how NO_COLOR is obeyed: without colours, not in greys.
        super().__init__(ansi_color=palette.ansi)
        self.register_theme(palette.theme())
        self.theme = palette.name
        self.animation_level = "none"
        views = views_of(desk.operator.role)
        lane = Lane(self._start_worker)
        zone, names = zone_named(desk.operator.municipality.time_zone), dict[str, str]()
        self.watch_out = Watch(self, desk, lane, watch_every)
        self.pulse = Pulse(self, desk, lane, names=names, zone=zone, every=pulse_every)
        self._context_of_screens = Context(
            desk=desk,
            palette=palette,
            registry=Registry(views, settings.keymap),
            lane=lane,
            watch=self.watch_out,
            pulse=self.pulse,
            views=Shelf(views),
            zone=zone,
            now=now,
            names=names,
            bell=settings.bell,
        )
        self.guard(self._context_of_screens, Idle(settings.idle_minutes))
        self.on_duty = OnDuty(self, desk, lane, self._is_attended)
        self.watch_out.tick = self.on_duty.tell
        self._toasts = Toasts(self, palette)
        self.watch_out.also = self._toasts.about
        self._fault = ""
        self.set_keymap(dict(settings.keymap))

    def _is_attended(self) -> bool:
        return not self.locked and self._idle.passed < AWAY

    def _start_worker(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        return self.run_worker(work, name="lane", exit_on_error=False)

    def get_default_screen(self) -> Screen[None]:
        """The queue."""
        return QueueScreen(self._context_of_screens)

    # ------------------------------------------------------------------ actions of every screen

    async def action_help(self) -> None:
        """The keys that work where one is."""
        if isinstance(self.screen, Keyed):
            await self.push_screen(HelpScreen(self._context_of_screens, self.screen.listed()))

    async def action_alerts(self) -> None:
        """What runs late; from a ticket that was opened there, back to it."""
        screen = self.screen
        if any(isinstance(below, AlertsScreen) for below in self.screen_stack):
            screen.dismiss(None)
        else:
            await self.push_screen(AlertsScreen(self._context_of_screens))

    async def action_palette(self) -> None:
        """The actions that work where one is, by name."""
        screen = self.screen
        if not isinstance(screen, Keyed):
            return

        async def run(action: Action | None) -> None:
            if action is not None:
                await self.run_action(action.run, screen)

        await self.push_screen(PaletteDialog(self._context_of_screens, screen.listed()), run)

    def action_redraw(self) -> None:
        """Draw the screen anew, whatever else has written on the terminal."""
        self.screen.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Say which key leaves: Ctrl+C copies in some terminals and ends programs in others."""
        keys = self._context_of_screens.registry.by_id("console.quit").shown_keys
        for status in self.screen.query(StatusLine):
            status.say(f"{keys} leaves the console")

    def _set_pointer_shape(self, shape: str) -> None:
        """Ask for no shape of a mouse pointer: without a mouse the request is noise on the line."""

    # ------------------------------------------------------------------ ending

    def on_mount(self) -> None:
        """End like `q` when the terminal goes away or the system asks."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self.exit)
        if not self.is_headless:
            self.set_interval(_GONE_WITHIN, self._leave_without_terminal)
        self.watch_out.begin()
        self.pulse.begin()

    def _leave_without_terminal(self) -> None:
        """A shell or make that waits for the console is told of the hang-up alone (SIGHUP), and waits on."""
        poll = select.poll()
        poll.register(sys.stdin, 0)
        if poll.poll(0):
            self.exit()

    def on_looked(self, message: Looked) -> None:
        """What was in sight has been read again."""
        message.stop()
        self.watch_out.answered(message)
        context = self._context_of_screens
        sentence, about = breaches(message.look, context.operator.username)
        if sentence:
            self._toasts.say(sentence, about)
            if context.bell:
                self.bell()

    def on_gone(self, message: Gone) -> None:
        """What was told above the screens goes like what is on them."""
        self._toasts.forget(message.ids)

    def on_told(self, message: Told) -> None:
        """Colleagues know which ticket is open here."""
        message.stop()

    def on_said(self, message: Said) -> None:
        """Supervisors know who is at work."""
        message.stop()

    def on_beat(self, message: Beat) -> None:
        """When the clocks were looked after, and what is new, is told on the screen in front.

        The others tell it when they are come back to: one below a dialog would send itself anew.
        """
        message.stop()
        self.pulse.answered(message)
        for status in self.screen.query(StatusLine):
            status.tell()

    def on_request_failed(self, message: RequestFailed) -> None:
        """It could not be asked, or told."""
        message.stop()
        if message.key == HERE:
            self.watch_out.here.failed(message)
        elif message.key == DUTY:
            self.on_duty.failed(message)
        else:
            self.watch_out.failed(message)

    def on_unmount(self) -> None:
        """Leave signals to whoever started us."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.remove_signal_handler(number)

    def panic(self, *renderables: RenderableType) -> None:
        """End after a fault outside the message loop; Textual's report would show data."""
        del renderables
        self._end_with(sys.exc_info()[1])

    def _fatal_error(self) -> None:
        """End after a fault: Textual's crash screen prints local variables, which are people's data."""
        self._end_with(self._exception)

    def _end_with(self, error: BaseException | None) -> None:
        self._return_code = 1
        self._fault = self._fault or crash_sentence(error)
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """The one sentence, once the terminal is itself again."""
        if self._fault:
            sys.stderr.write(f"{self._fault}\n")
            self._fault = ""


def crash_sentence(error: BaseException | None) -> str:
    """What is said of a fault: its kind and the line of ours it happened in, never a value."""
    if error is None:
        return "municonsole: the console stopped because of a fault of its own; start it again"
    place = _last_line_of_ours(error.__traceback__)
    return (
        f"municonsole: the console stopped because of a fault of its own ({type(error).__name__}"
        f"{place}); nothing that was saved is lost: start it again, and report this line"
    )


def _last_line_of_ours(traceback: TracebackType | None) -> str:
    place = ""
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path.startswith(_PACKAGE):
            place = f" at {path.removeprefix(_PACKAGE).lstrip('/')}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
