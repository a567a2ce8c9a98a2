"""What the answers of a form would do, told while they are typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.message import Message
from textual.timer import Timer

from municonsole.ui import cells
from municonsole.ui.context import Context
from municonsole.ui.form import Answers, Preview, Subject
from municonsole.ui.lane import RequestFailed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.words import Said

_LABEL = 14
_SETTLED = 0.25
"""Seconds without a key until what was typed is looked at."""
_ASK = "form:preview"


class FormPreview(Page):
    """The lines of a Preview. Nothing is written by looking; a refusal is told in their place."""

    class Shown(Message):
        """What was waited for is on the screen: the outcome, or why there is none."""

        def __init__(self, *, good: bool) -> None:
            super().__init__()
            self.good = good

    class Arrived(Message):
        """What the answers `key` would do."""

        def __init__(self, key: tuple[object, ...], told: Sequence[tuple[str, Said]]) -> None:
            super().__init__()
            self.key, self.told = key, told

    def __init__(self, context: Context, preview: Preview) -> None:
        super().__init__(context.palette, widget_id="form-preview")
        self._lane = context.lane
        self._preview = preview
        self._wanted: tuple[object, ...] | None = None
        self._shown: tuple[object, ...] | None = None
        self._resting: Timer | None = None
        self._awaited = False
        self.styles.height = preview.lines

    def on_mount(self) -> None:
        """Until there is something to look at, say what will stand here."""
        self.show(lambda _: [[("what it does is shown here before it is saved", Tone.MUTED)]])

    def _key(self, answers: Answers) -> tuple[object, ...]:
        return tuple(answers[name] for name in self._preview.of)

    def shows(self, answers: Answers) -> bool:
        """Whether what these answers would do is on the screen."""
        return self._shown == self._key(answers)

    def follow(self, answers: Answers, subject: Subject | None) -> None:
        """Look at these answers once no more keys are typed; nothing to look at while one is missing."""
        key = self._key(answers)
        if key == self._wanted:
            return
        self._wanted, self._shown = key, None
        if self._resting is not None:
            self._resting.stop()
        if None not in key:
            self._resting = self.set_timer(_SETTLED, partial(self._ask, dict(answers), subject))

    def look(self, answers: Answers, subject: Subject | None) -> None:
        """Look at these answers at once; posts Shown when that has been done."""
        self._awaited = True
        self._ask(answers, subject)

    def again(self, answers: Answers, subject: Subject | None) -> None:
        """The ticket has changed meanwhile: what was shown does not hold any more."""
        self._wanted = self._shown = None
        self.follow(answers, subject)

    def _ask(self, answers: Answers, subject: Subject | None) -> None:
        key = self._wanted = self._key(answers)
        self._lane.ask(
            self,
            _ASK,
            partial(self._preview.look, answers, subject),
            partial(self.Arrived, key),
        )

    def on_form_preview_arrived(self, message: Arrived) -> None:
        """Show it, unless something else was typed meanwhile."""
        message.stop()
        if message.key == self._wanted:
            self._shown = message.key
            self.show(partial(_lines, message.told))
            self._tell(good=True)

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why there is nothing to show."""
        message.stop()
        sentence = message.sentence
        self.show(lambda width: [[(line, Tone.SOON)] for line in cells.wrap(sentence, width)])
        self._tell(good=False)

    def _tell(self, *, good: bool) -> None:
        if self._awaited:
            self._awaited = False
            self.post_message(self.Shown(good=good))


def _lines(told: Sequence[tuple[str, Said]], width: int) -> list[Spans]:
    return [
        [
            (cells.fit(label, _LABEL), Tone.MUTED),
            (cells.cut(str(said), width - _LABEL), said.tone),
        ]
        for label, said in told
    ]
