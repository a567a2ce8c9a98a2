"""Screens that close when an answer arrives, whatever has been opened over them meanwhile."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

Result = TypeVar("Result")


class Closing(Screen[Result], inherit_bindings=False):
    """Mixed into screens that close by themselves: Textual would close whichever is in front instead."""

    _to_give: tuple[Result] | None = None

    @property
    def in_front(self) -> bool:
        """Whether nothing lies over it but the cover."""
        cover = getattr(self.app, "cover", None)
        return next((s for s in reversed(self.app.screen_stack) if s is not cover), None) is self

    def close(self, result: Result) -> None:
        """Close with this result, at once or when what lies over it has gone; the first one counts."""
        if self._to_give is None:
            self._to_give = (result,)
            self._close_in_front()

    def _close_in_front(self) -> None:
        if self._to_give is not None and self.in_front:
            self.dismiss(self._to_give[0])

    def on_screen_resume(self) -> None:
        """What lay over it has gone."""
        self._close_in_front()
