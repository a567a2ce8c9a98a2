"""The locked console: nothing of anybody's is on the screen until its operator has logged in anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from municonsole.domain.errors import LoginClosed, LoginFailed, MuniconsoleError
from municonsole.services.proof import Proof
from municonsole.ui import cells
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.cover import Cover
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.secret_line import SecretLine
from municonsole.ui.widgets.status_line import KeyLine

LONGEST_WAIT = 60
"""Seconds: after each wrong password one waits twice as long, up to this."""
WRONG = "that password was not accepted"
CLOSED = "this login has been switched off; an administrator can enable it again"
_LABEL = "Password"


class LockScreen(Cover, inherit_bindings=False):
    """Asks for the password, or for any key where the server asks for none; posts Proved once it is given.

    `clock` gives seconds that only go forward.
    """

    WHERE: ClassVar = Where.LOCK
    BINDINGS: ClassVar = bindings(Where.LOCK)
    AUTO_FOCUS: ClassVar = "#lock-secret"

    class Proved(Message):
        """It is the operator; for the application."""

    class Failed(Message):
        """It is not known to be."""

        def __init__(self, sentence: str, *, wrong: bool) -> None:
            super().__init__()
            self.sentence, self.wrong = sentence, wrong

    def __init__(
        self, context: Context, proof: Proof, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.context = context
        self._proof = proof
        self._clock = clock
        self._checking = False
        self._wrong = 0
        self._not_before = 0.0
        self._leaving = False

    def compose(self) -> ComposeResult:
        """What it is, the line to type in, what is wrong, and the keys."""
        palette = self.context.palette
        with Vertical(id="lock-body"):
            yield Page(palette, widget_id="lock-head")
            with Horizontal(id="lock-line"):
                label = Page(palette, widget_id="lock-label")
                yield label
                yield SecretLine(
                    palette,
                    self.context.registry.by_id("lock.quit").keys,
                    widget_id="lock-secret",
                )
            yield Page(palette, widget_id="lock-hint")
        yield KeyLine(palette)

    def on_mount(self) -> None:
        """Nothing is typed yet."""
        self._tell()

    @property
    def _secret(self) -> SecretLine:
        return self.query_one(SecretLine)

    def _tell(self) -> None:
        """Bring the words in line with whether a password is asked for."""
        asks = self._proof.asks
        told = "Your password opens it again." if asks else "Any key opens it again."
        self.query_one("#lock-head", Page).show(
            lambda width: [
                [(cells.cut("This console is locked.", width), Tone.STRONG)],
                [(cells.cut(told, width), Tone.PLAIN)],
            ]
        )
        label = _LABEL if asks else ""
        self.query_one("#lock-label", Page).show(lambda _: [[(label, Tone.MUTED)]])
        self._secret.asks = asks
        self._secret.forget()
        self._secret.repaint()
        self.query_one(KeyLine).show(self.here())

    def say(self, sentence: str, tone: Tone = Tone.SOON) -> None:
        """A sentence below the line."""
        self.query_one("#lock-hint", Page).show(partial(_wrapped, sentence, tone))

    def reason(self, action: Action) -> str:
        """Without a password there is nothing to type."""
        if action.id in ("lock.open", "lock.clear") and not self._proof.asks:
            return "any key opens it"
        return super().reason(action)

    # ------------------------------------------------------------------ keys

    def on_secret_line_changed(self) -> None:
        """Whoever types goes on."""
        self._leaving = False
        if not self._checking:
            self.say("")

    def on_secret_line_pressed(self) -> None:
        """No password is asked for: the system has let this person in already."""
        self._check("")

    def action_open(self) -> None:
        """Try what was typed."""
        left = self._not_before - self._clock()
        if self._checking:
            return
        if left > 0:
            self._secret.take()
            self.say(f"{WRONG}; wait {int(left) + 1} s before the next one", Tone.LATE)
            return
        typed = self._secret.take()
        if typed:
            self._check(typed)
        else:
            self.say("type the password with which you logged in")

    def action_clear(self) -> None:
        """Begin anew."""
        self._leaving = False
        self._secret.take()
        self.say("")

    def action_leave(self) -> None:
        """Leave the console, once it is said twice: what is typed below and not kept goes with it."""
        if self._leaving:
            self.app.exit()
            return
        self._leaving = True
        key = self.context.registry.by_id("lock.quit").shown_keys
        self.say(f"{key} again leaves the console; what was typed and is not saved goes with it")

    # ------------------------------------------------------------------ proving

    def _check(self, password: str) -> None:
        if self._checking:
            return
        self._checking = True
        self.say(f"Logging in {cells.ELLIPSIS}", Tone.MUTED)
        self.run_worker(self._prove(password), exit_on_error=False)

    async def _prove(self, password: str) -> None:
        """Log in, and say what came of it. No lane: that may be waiting for a network that is gone."""
        asked = self._proof.asks
        try:
            await self._proof.give(password)
        except LoginClosed:
            self.post_message(self.Failed(CLOSED, wrong=True))
        except LoginFailed:
            told = WRONG if asked else "the server asks for a password now"
            self.post_message(self.Failed(told, wrong=asked))
        except MuniconsoleError as error:
            self.post_message(self.Failed(str(error), wrong=False))
        except Exception as error:  # noqa: BLE001 - whatever it is, the console stays locked and alive
            told = f"logging in failed inside municonsole ({type(error).__name__}); try again"
            self.post_message(self.Failed(told, wrong=False))
        else:
            self.post_message(self.Proved())

    @on(Failed)
    def _stay(self, message: Failed) -> None:
        message.stop()
        self._checking = False
        self._secret.take()
        if message.wrong:
            self._wrong += 1
            self._not_before = self._clock() + min(2 ** (self._wrong - 1), LONGEST_WAIT)
        self.say(message.sentence, Tone.LATE)
        self._tell()


def _wrapped(sentence: str, tone: Tone, width: int) -> list[Spans]:
    return [[(text, tone)] for text in cells.wrap(cells.line(sentence), max(width, 10))]
