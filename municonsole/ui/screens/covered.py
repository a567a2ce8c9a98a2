"""Screens that go on changing below others: what has changed is sent, all of it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

# Mixed in, not inherited from: Textual takes a class's style from its first base.
if TYPE_CHECKING:
    _Screen = Screen[Any]
else:
    _Screen = object


class Covered(_Screen):
    """What Textual's screens are wanting when one lies over another.

    A part of a covered screen that has changed is noted by Textual, and then the whole of it once more:
    with the next message of any kind everything would be sent again (measured: a screen instead of a
    line). And the screen on top, told to draw such a part, would forget whatever of its own was waiting
    to be drawn: a ticket opened at the wrong moment stayed half empty.
    """

    def _compositor_refresh(self) -> None:
        super()._compositor_refresh()
        top = self.app.screen
        if self is top:
            return
        self._repaint_required = False
        if top._repaint_required:  # noqa: SLF001 - as Textual's own screen has just set it
            # The same parts to draw, beside what waits instead of in its place.
            top._repaint_required = False  # noqa: SLF001
            top._dirty_widgets.add(top)  # noqa: SLF001
