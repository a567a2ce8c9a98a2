"""A screen that goes on changing below a dialog, and sends no more for it than what has changed."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen


class Covered(Screen[Any], inherit_bindings=False):
    """Mixed into screens over which dialogs open.

    Textual notes a part of a covered screen that has changed, and then the whole of it once more: with
    the next message of any kind everything would be sent again (measured: a screen instead of a line).
    """

    def _compositor_refresh(self) -> None:
        super()._compositor_refresh()
        if self is not self.app.screen:
            self._repaint_required = False
