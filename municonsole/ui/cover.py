"""Covers: screens that lie over everything, show nothing of it, and stay on top whatever happens below."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

from municonsole.ui.screens.keyed import Keyed


class Cover(Keyed, ModalScreen[None], inherit_bindings=False):
    """A screen over all others. What looks for the screen in front looks through it, as for any dialog."""


class Covering(App[Any], inherit_bindings=False):
    """An application with at most one Cover.

    Below it everything goes on: answers arrive, dialogs open and close. None of it is drawn, and no key
    gets there; once the cover is lifted everything is as it has become.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, ansi_color: bool) -> None:
        super().__init__(ansi_color=ansi_color)
        self._cover: Cover | None = None

    @property
    def cover(self) -> Cover | None:
        """What lies over everything; None for nothing."""
        return self._cover

    async def put_cover(self, cover: Cover) -> None:
        """Lay `cover` over everything, in place of the one that lies there."""
        if self._cover is not None:
            self.lift_cover()
        await_mount = super().push_screen(cover)
        self._cover = cover  # before anything else can be opened
        await await_mount

    def lift_cover(self) -> None:
        """Show what is below."""
        if self._cover is not None:
            self._cover = None
            super().pop_screen()

    def push_screen(self, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - Textual's four signatures
        """A screen that is opened is opened below the cover."""
        with _Aside(self):
            return super().push_screen(*arguments, **more)

    def pop_screen(self) -> AwaitComplete:
        """A screen that closes is never the cover."""
        with _Aside(self):
            return super().pop_screen()

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """What shines through: nothing does. Textual draws what is in this list, whenever it changes."""
        return [] if self._cover is not None else super()._background_screens

    def _refresh_notifications(self) -> None:
        if self._cover is None:
            super()._refresh_notifications()

    def bell(self) -> None:
        """Ring, where somebody works; Textual's bell."""
        if self._cover is None:
            super().bell()


class _Aside:
    """Takes the cover from the top of the stack while something is done to the stack below it."""

    def __init__(self, app: Covering) -> None:
        self._cover = app.cover
        self._stack = app._screen_stack  # noqa: SLF001 - Textual has no way to open a screen below another

    def __enter__(self) -> None:
        if self._cover is not None:
            self._stack.remove(self._cover)

    def __exit__(self, *_: object) -> None:
        if self._cover is not None:
            self._stack.append(self._cover)
