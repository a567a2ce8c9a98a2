"""A form about many tickets: it shows how far it is while they are done one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.message import Message
from textual.widget import Widget

from municonsole.ui import cells
from municonsole.ui.actions import Where, bindings
from municonsole.ui.bulk import Batch, many
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.form_preview import FormPreview
from municonsole.ui.form import Form
from municonsole.ui.watch import Gone


class BulkDialog(FormDialog, inherit_bindings=False):
    """A FormDialog whose subject are the tickets of a Batch; what is saved has their Outcomes."""

    WHERE: ClassVar = Where.FORM
    BINDINGS: ClassVar = bindings(Where.FORM)

    class Progressed(Message):
        """So many of so many are through."""

        def __init__(self, done: int, of: int) -> None:
            super().__init__()
            self.done, self.of = done, of

    def __init__(self, context: Context, asked: Form, batch: Batch) -> None:
        super().__init__(context, replace(asked, title=_title(asked, batch)))
        self._asked = asked
        self._batch = batch
        batch.progress = self._progress

    def on_mount(self) -> None:
        """What it is about is told before anything is chosen."""
        self.call_after_refresh(self._follow)

    async def on_offered_ready(self) -> None:
        """What is chosen already is looked at."""
        self._follow()

    def _progress(self, done: int, of: int) -> None:
        self.post_message(self.Progressed(done, of))

    def on_bulk_dialog_progressed(self, message: Progressed) -> None:
        """How far it is."""
        message.stop()
        if self._saving:
            self._hint(f"{message.done} of {message.of} are through {cells.ELLIPSIS}")

    def on_gone(self, message: Gone) -> None:
        """What may no longer be seen is not among them any more."""
        if not self._batch.discard(message.ids):
            return
        if not len(self._batch) and not self._saving:
            self.close(None)
            return
        self.query_one("#form-box", Widget).border_title = _title(self._asked, self._batch)
        for preview in self.query(FormPreview):
            preview.again(self._given, None)


def _title(asked: Form, batch: Batch) -> str:
    return f"{asked.title} {many(len(batch))}"
