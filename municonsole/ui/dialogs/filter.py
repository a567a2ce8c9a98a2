"""The filter: which tickets of a view to show, chosen without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import Day, on_calendar
from municonsole.domain.records import Team
from municonsole.domain.values import Category, Role, Severity, SlaState, Status
from municonsole.ui import cells, words
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.choices import Field, Marks, Pick
from municonsole.ui.dialogs.line_input import LineInput
from municonsole.ui.dialogs.name_find import NameFind
from municonsole.ui.form import Option
from municonsole.ui.lane import RequestFailed
from municonsole.ui.narrowing import NOBODY, Assignee, Narrowing, day, typed
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

Value = TypeVar("Value")
_DAY_LENGTH = 16
_READ = "filter:"
# A municipal list never holds a GBV report; offering to filter by it would only raise questions.
_CATEGORIES = tuple(value for value in Category if not value.is_sensitive)


class FilterDialog(Keyed, ModalScreen[Narrowing | None], inherit_bindings=False):
    """Asks for a narrowing, beginning with the one in force; returns the new one, or None.

    The lines: status, category, severity, SLA state, team, assignee, suburb, first and last day of
    reporting. A SAPS liaison's tickets have one category, no municipal deadline, and no suburb outside
    the report: those lines are left out.
    """

    WHERE: ClassVar = Where.FILTER
    BINDINGS: ClassVar = bindings(Where.FILTER)
    AUTO_FOCUS: ClassVar = "#filter-status"

    class TeamsArrived(Message):
        """The teams one may filter by."""

        def __init__(self, teams: Sequence[Team]) -> None:
            super().__init__()
            self.teams = teams

    class NamesArrived(Message):
        """The people, or the suburbs, one may filter by; `field` is the line they belong to."""

        def __init__(self, field: str, options: Sequence[Option]) -> None:
            super().__init__()
            self.field, self.options = field, options

    def __init__(self, context: Context, narrowing: Narrowing) -> None:
        super().__init__()
        self.context = context
        self._narrowing = narrowing
        # Until the teams have been read there is the one in force.
        self._teams: tuple[Team, ...] = (narrowing.team,) if narrowing.team else ()
        self._unread: set[str] = set()
        self._accepting = False

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
            ("Assignee", NameFind(palette, _person(start.assignee), widget_id="filter-assignee")),
        ]
        if not self.context.saps:
            suburb = Option(cells.line(start.suburb), start.suburb) if start.suburb else None
            fields.append(
                ("Suburb", NameFind(palette, suburb, free=True, widget_id="filter-suburb"))
            )
        fields += [
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
    def _day_input(widget_id: str, value: Day | None) -> LineInput:
        return LineInput(
            typed(value),
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

    def on_filter_dialog_names_arrived(self, message: NamesArrived) -> None:
        """Offer people, or suburbs."""
        self.query_one(f"#{message.field}", NameFind).offer(message.options)
        if self._accepting and not self._awaited():
            self.action_accept()

    def on_request_failed(self, message: RequestFailed) -> None:
        """Everything but what could not be read can still be chosen."""
        self._unread.discard(message.key.removeprefix(_READ))
        self._accepting = False
        message.stop()
        self._hint(message.sentence, Tone.LATE)

    def on_mount(self) -> None:
        """The keys, how the line at hand is used, and the names, which are read meanwhile."""
        lane, desk = self.context.lane, self.context.desk
        lane.ask(self, "teams", desk.people.teams, self.TeamsArrived)
        for field, read in (("filter-assignee", self._people), ("filter-suburb", self._suburbs)):
            if self.query(f"#{field}"):
                self._unread.add(field)
                lane.ask(self, f"{_READ}{field}", read, partial(self._arrived, field))
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
            case NameFind():
                self._hint("type a part of the name; ↑ ↓ choose among what fits, then another line")
            case Pick():
                self._hint("← → or a letter pick one; ↑ ↓ go to another line")
            case _:
                self._hint(
                    "a day (7d moves along), or nothing; both days are included; ↑ ↓ go to another line"
                )

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
        self._accepting = False
        for line in self.query(Input):
            line.value = ""

    def action_cancel(self) -> None:
        """Leave the filter as it was."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """Return what was chosen, unless a day cannot be read."""
        today = self.context.now().astimezone(self.context.zone).date()
        if self._awaited():
            self._accepting = True
            return
        self._accepting = False
        for field in self.query(NameFind):
            if field.missing:
                field.focus()
                return
        try:
            since = day(self.query_one("#filter-since", Input).value)
            until = day(self.query_one("#filter-until", Input).value)
        except InvalidInput as error:
            self._hint(str(error), Tone.LATE)
            return
        if since and until and on_calendar(since, today) > on_calendar(until, today):
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
                assignee=self._named("filter-assignee", Assignee),
                suburb=self._named("filter-suburb", str),
                since=since,
                until=until,
            )
        )

    def _awaited(self) -> bool:
        """Whether a name was typed that may be among those that are still being read."""
        return any(field.missing and field.id in self._unread for field in self.query(NameFind))

    def _named(self, widget_id: str, kind: type[Value]) -> Value | None:
        for field in self.query(f"#{widget_id}").results(NameFind):
            if field.chosen is not None and isinstance(field.chosen.value, kind):
                return field.chosen.value
        return None

    async def _people(self) -> Sequence[Option]:
        people = await self.context.desk.people.colleagues()
        here = [one for one in people if (one.role is Role.SAPS_LIAISON) is self.context.saps]
        options = (_person(Assignee(one.username, one.full_name)) for one in here)
        return [Option(NOBODY.name, NOBODY), *filter(None, options)]

    async def _suburbs(self) -> Sequence[Option]:
        return [
            Option(cells.line(suburb.name), suburb.name)
            for suburb in await self.context.desk.intake.suburbs()
        ]

    def _arrived(self, field: str, options: Sequence[Option]) -> NamesArrived:
        self._unread.discard(field)
        return self.NamesArrived(field, options)

    def _marked(self, widget_id: str, values: tuple[Value, ...]) -> tuple[Value, ...]:
        for field in self.query(f"#{widget_id}").results(Marks):
            return tuple(
                value for value, marked in zip(values, field.marked, strict=True) if marked
            )
        return ()


def _person(assignee: Assignee | None) -> Option | None:
    """People by their names; two of one name are told apart by their logins, which find them too."""
    if assignee is None:
        return None
    login = f" ({assignee.username})" if assignee.username else ""
    return Option(cells.line(f"{assignee.name}{login}"), assignee)


def _label(name: str) -> Callable[[int], list[Spans]]:
    return lambda _: [[(name, Tone.MUTED)]]
