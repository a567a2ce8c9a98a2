"""The filter: which tickets of a view to show, chosen without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from municonsole.domain.errors import InvalidInput
from municonsole.domain.records import Team
from municonsole.domain.values import Category, Severity, SlaState, Status
from municonsole.ui import cells, words
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.choices import Field, Marks, Pick
from municonsole.ui.dialogs.line_input import LineInput
from municonsole.ui.lane import RequestFailed
from municonsole.ui.narrowing import Narrowing, day
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

Value = TypeVar("Value")
_DAY_LENGTH = 16
# A municipal list never holds a GBV report; offering to filter by it would only raise questions.
_CATEGORIES = tuple(value for value in Category if not value.is_sensitive)


class FilterDialog(Keyed, ModalScreen[Narrowing | None], inherit_bindings=False):
    """Asks for a narrowing, beginning with the one in force; returns the new one, or None.

    The lines: status, category, severity, SLA state, team, first and last day of reporting. A SAPS
    liaison's tickets have one category and no municipal deadline: those lines are left out.
    """

    WHERE: ClassVar = Where.FILTER
    BINDINGS: ClassVar = bindings(Where.FILTER)
    AUTO_FOCUS: ClassVar = "#filter-status"

    class TeamsArrived(Message):
        """The teams one may filter by."""

        def __init__(self, teams: Sequence[Team]) -> None:
            super().__init__()
            self.teams = teams

    def __init__(self, context: Context, narrowing: Narrowing) -> None:
        super().__init__()
        self.context = context
        self._narrowing = narrowing
        # Until the teams have been read there is the one in force.
        self._teams: tuple[Team, ...] = (narrowing.team,) if narrowing.team else ()

    def compose(self) -> ComposeResult:
        """One line a field, its name before it."""
        palette, start = self.context.palette, self._narrowing
        fields: list[tuple[str, Widget]] = [
            (
                "Status",
                Marks(
                    palette,
                    [words.status(value).words for value in Status],
                    [value in start.statuses for value in Status],
                    widget_id="filter-status",
                ),
            ),
            (
                "Severity",
                Marks(
                    palette,
                    [value.value for value in Severity],
                    [value in start.severities for value in Severity],
                    widget_id="filter-severity",
                ),
            ),
        ]
        if not self.context.saps:
            fields[1:1] = [
                (
                    "Category",
                    Marks(
                        palette,
                        [words.category(value) for value in _CATEGORIES],
                        [value in start.categories for value in _CATEGORIES],
                        widget_id="filter-category",
                    ),
                )
            ]
            fields.append(
                (
                    "Deadline",
                    Marks(
                        palette,
                        [words.SLA_WORDS[value] for value in SlaState],
                        [value in start.sla for value in SlaState],
                        widget_id="filter-sla",
                    ),
                )
            )
        fields += [
            ("Team", Pick(palette, *self._teams_to_pick(), widget_id="filter-team")),
            ("Since", self._day_input("filter-since", start.since)),
            ("Until", self._day_input("filter-until", start.until)),
        ]
        with Widget(id="filter-box"):
            for name, field in fields:
                with Horizontal(classes="filter-line"):
                    label = Page(palette)
                    label.add_class("filter-label")
                    label.show(_label(name))
                    yield label
                    yield field
            yield Page(palette, widget_id="filter-hint")
            yield KeyLine(palette, widget_id="filter-keys")

    @staticmethod
    def _day_input(widget_id: str, value: date | None) -> LineInput:
        return LineInput(
            str(value or ""),
            placeholder="any (2026-09-18, today, 7d)",
            most=_DAY_LENGTH,
            widget_id=widget_id,
        )

    def _teams_to_pick(self) -> tuple[list[str], int | None]:
        chosen = self._narrowing.team
        ids = [team.id for team in self._teams]
        picked = ids.index(chosen.id) if chosen and chosen.id in ids else None
        return [cells.line(team.name) for team in self._teams], picked

    def on_filter_dialog_teams_arrived(self, message: TeamsArrived) -> None:
        """Offer the active teams."""
        self._teams = tuple(team for team in message.teams if team.is_active)
        self.query_one(Pick).offer(*self._teams_to_pick())

    def on_request_failed(self, message: RequestFailed) -> None:
        """Everything but the team can still be chosen."""
        message.stop()
        self._hint(message.sentence, Tone.LATE)

    def on_mount(self) -> None:
        """The keys, how the line at hand is used, and the teams, which are read meanwhile."""
        people = self.context.desk.people
        self.context.lane.ask(self, "teams", people.teams, self.TeamsArrived)
        self.query_one("#filter-box", Widget).border_title = "Filter"
        self.query_one(KeyLine).show(self.here())
        self._explain()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Each kind of line is used in its own way."""
        self._explain()

    def _explain(self) -> None:
        match self.focused:
            case Marks():
                self._hint("← → choose, Space marks; ↑ ↓ go to another line")
            case Pick():
                self._hint("← → or a letter pick one; ↑ ↓ go to another line")
            case _:
                self._hint("a day, or nothing; both days are included; ↑ ↓ go to another line")

    def _hint(self, sentence: str, tone: Tone = Tone.MUTED) -> None:
        self.query_one("#filter-hint", Page).show(
            lambda width: [[(text, tone)] for text in cells.wrap(sentence, width)]
        )

    # ------------------------------------------------------------------ actions

    def action_next(self) -> None:
        """To the next line."""
        self.focus_next()

    def action_previous(self) -> None:
        """To the line before."""
        self.focus_previous()

    def action_mark(self) -> None:
        """Mark the value under the cursor."""
        if isinstance(self.focused, Marks):
            self.focused.toggle()

    def action_clear(self) -> None:
        """Empty every line."""
        for field in self.query(Field):
            field.clear()
        for line in self.query(Input):
            line.value = ""

    def action_cancel(self) -> None:
        """Leave the filter as it was."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """Return what was chosen, unless a day cannot be read."""
        today = self.context.now().astimezone(self.context.zone).date()
        try:
            since = day(self.query_one("#filter-since", Input).value, today)
            until = day(self.query_one("#filter-until", Input).value, today)
        except InvalidInput as error:
            self._hint(str(error), Tone.LATE)
            return
        if since and until and since > until:
            self._hint("the first day is after the last one; exchange them", Tone.LATE)
            return
        picked = self.query_one(Pick).picked
        self.dismiss(
            Narrowing(
                statuses=self._marked("filter-status", tuple(Status)),
                categories=self._marked("filter-category", _CATEGORIES),
                severities=self._marked("filter-severity", tuple(Severity)),
                sla=self._marked("filter-sla", tuple(SlaState)),
                team=None if picked is None else self._teams[picked],
                since=since,
                until=until,
            )
        )

    def _marked(self, widget_id: str, values: tuple[Value, ...]) -> tuple[Value, ...]:
        for field in self.query(f"#{widget_id}").results(Marks):
            return tuple(
                value for value, marked in zip(values, field.marked, strict=True) if marked
            )
        return ()


def _label(name: str) -> Callable[[int], list[Spans]]:
    return lambda _: [[(name, Tone.MUTED)]]
