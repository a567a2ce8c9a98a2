"""The operator's own views: opened, renamed, put on another key, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.domain.filters import View
from municonsole.ui import cells, saving
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.choices import Numbered
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.form import Form, Saved
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

_KEY = 4


class ViewsDialog(Keyed, ModalScreen[View | None], inherit_bindings=False):
    """Lists the own views; returns the one to open, or None.

    `changed` is handed the views whenever they are others than before.
    """

    WHERE: ClassVar = Where.VIEWS
    BINDINGS: ClassVar = bindings(Where.VIEWS)
    AUTO_FOCUS: ClassVar = "#views-list"

    class Moved(Message):
        """All views, after one went to another key."""

        def __init__(self, views: tuple[View, ...], place: int) -> None:
            super().__init__()
            self.views, self.place = views, place

    def __init__(self, context: Context, changed: Callable[[Sequence[View]], None]) -> None:
        super().__init__()
        self.context = context
        self._changed = changed
        self._at = 0

    def compose(self) -> ComposeResult:
        """The views, how they are moved, and the keys."""
        with Widget(id="views-box"):
            yield Numbered(self.context.palette, self._lines, self._put, widget_id="views-list")
            yield Page(self.context.palette, widget_id="views-hint")
            yield KeyLine(self.context.palette, widget_id="views-keys")

    def on_mount(self) -> None:
        """The views as they are known; they are as new as the list behind."""
        self.query_one("#views-box", Widget).border_title = "Own views"
        self._show()

    @property
    def _chosen(self) -> View | None:
        own = self.context.views.own
        return own[min(self._at, len(own) - 1)] if own else None

    def reason(self, action: Action) -> str:
        """Without a view there is nothing to open, rename or delete."""
        if action.id.startswith("views.") and self._chosen is None:
            return "you have kept no view yet"
        return super().reason(action)

    def _show(self) -> None:
        self._at = max(0, min(self._at, len(self.context.views.own) - 1))
        self.query_one(Numbered).changed()
        self.query_one(KeyLine).show(self.here())
        if self._chosen is None:
            key = self.context.registry.by_id("views.save").shown_keys
            self._hint(f"{key} in the list keeps what it shows as a view of your own")
        else:
            self._hint("1 to 9 put it on that key")

    def _lines(self, width: int) -> list[Spans]:
        lines: list[Spans] = []
        for index, view in enumerate(self.context.views.own):
            tone = Tone.CHOSEN if index == self._at else Tone.PLAIN
            lost = f"  ({', '.join(view.lost)})" if view.lost else ""
            text = cells.fit(f"{view.place}", _KEY) + view.title + lost
            lines.append([(cells.fit(text, width), tone)])
        return lines or [[("there is none yet", Tone.MUTED)]]

    def _hint(self, sentence: str, tone: Tone = Tone.MUTED) -> None:
        self.query_one("#views-hint", Page).show(
            lambda width: [[(text, tone)] for text in cells.wrap(cells.line(sentence), width)]
        )

    # ------------------------------------------------------------------ actions

    def action_next(self) -> None:
        """One view down."""
        self._at += 1
        self._show()

    def action_previous(self) -> None:
        """One view up."""
        self._at -= 1
        self._show()

    def action_accept(self) -> None:
        """Open the chosen one."""
        self.dismiss(self._chosen)

    def action_cancel(self) -> None:
        """Back to the list as it is."""
        self.dismiss(None)

    async def action_rename(self) -> None:
        """Ask for another name."""
        if self._chosen is not None:
            await self._ask(saving.rename_view(self.context, self._chosen))

    async def action_delete(self) -> None:
        """Ask whether to forget it."""
        if self._chosen is not None:
            await self._ask(saving.delete_view(self.context, self._chosen))

    async def _ask(self, form: Form) -> None:
        await self.app.push_screen(FormDialog(self.context, form), self._asked)

    def _asked(self, saved: Saved | None) -> None:
        if saved is not None and isinstance(saved.answer, saving.Kept):
            self._changed(saved.answer.views)
            self._show()
            self._hint(saved.sentence, Tone.GOOD)

    def _put(self, to: int) -> None:
        """A number puts the chosen view on that key."""
        view = self._chosen
        if view is None or view.place is None:
            return
        self.context.lane.ask(
            self,
            "views:move",
            partial(self.context.desk.saved_views.move, view.place, to),
            lambda views: self.Moved(views, to),
            Rank.SAVE,
        )

    def on_views_dialog_moved(self, message: Moved) -> None:
        """The cursor goes along."""
        self._changed(message.views)
        places = [view.place for view in self.context.views.own]
        self._at = places.index(message.place) if message.place in places else self._at
        self._show()

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; everything is as it was."""
        message.stop()
        self._hint(message.sentence, Tone.LATE)
