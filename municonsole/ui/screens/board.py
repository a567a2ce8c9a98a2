"""The board: what each team has to do now, who is in the team under the cursor, and the way to the tickets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from municonsole.domain.supervising import Board, BoardPerson
from municonsole.ui import cells
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.board import NO_TEAM, Spot, columns
from municonsole.ui.context import Context
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Anew, Connection, Showing
from municonsole.ui.widgets.board_table import BoardHeads, BoardPeople, BoardTable
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine, StatusLine

AFTER, EVERY = 1.0, 5.0
"""Seconds after an event until it is counted anew, and from one count to the next at least."""
_TICK = 60.0
"""Seconds after which it is counted anew although nothing has happened: deadlines come nearer."""
_SETTLED = 0.12
"""Seconds the cursor rests before the people follow it."""
_COUNTS, _PEOPLE = "board:counts", "board:people"


class BoardScreen(Showing, Keyed, Screen[Spot | None], inherit_bindings=False):
    """Counts again when something has happened, and draws what has another number.

    Opened `on` a cell, with the cursor there. Returns the cell whose tickets are wanted, or None.
    """

    WHERE: ClassVar = Where.BOARD
    BINDINGS: ClassVar = bindings(Where.BOARD)

    class Counted(Message):
        """The board as it is now."""

        def __init__(self, board: Board) -> None:
            super().__init__()
            self.board = board

    class PeopleArrived(Message):
        """The people of a team."""

        def __init__(self, team_id: int, people: Sequence[BoardPerson]) -> None:
            super().__init__()
            self.team_id, self.people = team_id, people

    def __init__(self, context: Context, on: Spot | None = None) -> None:
        super().__init__()
        self.context = context
        self._on = on
        self._loaded = False
        self._counted = -EVERY
        self._counting: Timer | None = None
        self._resting: Timer | None = None
        shown = columns(saps=context.saps)
        palette = context.palette
        # Before the screen is composed: the watch asks every screen, a new one too.
        self._heads = BoardHeads(palette, shown)
        self._table = BoardTable(palette, shown)
        self._people = BoardPeople(palette, shown, "board-people")
        self._status = StatusLine(context)

    def compose(self) -> ComposeResult:
        """A line that says what this is, teams, people, and the lines below."""
        yield Page(self.context.palette, widget_id="board-head")
        yield self._heads
        yield self._table
        yield self._people
        yield self._status
        yield KeyLine(self.context.palette)

    def on_mount(self) -> None:
        """The frame first; the counts are asked for meanwhile."""
        place = cells.line(self.context.operator.municipality.name)
        whose = f"SAPS, {place}" if self.context.saps else place
        self.query_one("#board-head", Page).show(partial(_head, whose))
        self._table.show_notice("Counting " + cells.ELLIPSIS)
        self._tell()
        self.set_interval(_TICK, partial(self._ask, Rank.LATER))
        self.call_after_refresh(self._ask)

    # ------------------------------------------------------------------ reading

    def _ask(self, rank: Rank = Rank.NOW) -> None:
        self._counted = monotonic()
        self.context.lane.ask(self, _COUNTS, self.context.desk.board.counts, self.Counted, rank)
        self._ask_people(rank)

    def _ask_people(self, rank: Rank = Rank.BESIDE) -> None:
        row = self._table.current
        if row is None:
            return
        if row.team_id is None:
            self._people.show(NO_TEAM, (), "tickets that no team has")
            return
        read = partial(self.context.desk.board.people, row.team_id)
        self.context.lane.ask(
            self, _PEOPLE, read, partial(self.PeopleArrived, row.team_id), max(rank, Rank.BESIDE)
        )

    def on_board_screen_counted(self, message: Counted) -> None:
        """Show what has another number."""
        message.stop()
        first, self._loaded = not self._loaded, True
        self._table.show(message.board.teams, self._on if first else None)
        self._on = None
        if first:
            self._heads.choose(self._table.column)
            self._ask_people()
        self._tell()

    def on_board_screen_people_arrived(self, message: PeopleArrived) -> None:
        """Show them, if the cursor has not moved on."""
        message.stop()
        row = self._table.current
        if row is not None and row.team_id == message.team_id:
            count = len(message.people)
            told = "1 person" if count == 1 else f"{count} people"
            told = told if count else "nobody is in this team"
            self._people.show(cells.line(row.team_name), message.people, told)

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; what is on the screen stays."""
        message.stop()
        if message.unreachable:
            self.context.lane.drop("", of=self)
            self.context.watch.lost()
        if not self._loaded:
            key = self.context.registry.by_id("console.refresh").shown_keys
            self._table.show_notice(message.sentence, f"{key} tries again")
        self._status.say(message.sentence, Tone.LATE)
        self._tell()

    # ------------------------------------------------------------------ what the watch tells

    def happened(self) -> None:
        """Count a little later, once for everything that happens until then."""
        if self._counting is None:
            wait = max(AFTER, self._counted + EVERY - monotonic())
            self._counting = self.set_timer(wait, self._count_late)

    def _count_late(self) -> None:
        self._counting = None
        self._ask(Rank.LATER)

    def on_anew(self, _: Anew) -> None:
        """Something may have been missed."""
        self.happened()

    def on_connection(self, message: Connection) -> None:
        """The database went away, or is back: then it is counted anew."""
        self._status.say(message.sentence, Tone.LATE if message.sentence else Tone.PLAIN)
        if not message.sentence:
            self._ask()
        self._tell()

    # ------------------------------------------------------------------ keys

    def _tell(self) -> None:
        self._status.connection(connected=self.context.desk.connected)
        rows = self._table.row_total
        self._status.place(f"{self._table.cursor + 1} of {rows}" if rows else "")
        self.query_one(KeyLine).show(self.here())

    def reason(self, action: Action) -> str:
        """What has nothing to act on."""
        if action.id == "board.open" and self._table.current is None:
            return "there is no team under the cursor"
        return super().reason(action)

    def _moved(self) -> None:
        self._tell()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_SETTLED, self._ask_people)

    def action_move(self, rows: int) -> None:
        """The cursor by single teams."""
        self._table.move(rows)
        self._moved()

    def action_page(self, screens: int) -> None:
        """The cursor by screens."""
        self._table.page(screens)
        self._moved()

    def action_first(self) -> None:
        """The cursor to the first team."""
        self._table.move_to(0)
        self._moved()

    def action_last(self) -> None:
        """The cursor to the last line."""
        self._table.move_to(self._table.row_total - 1)
        self._moved()

    def action_column(self, step: int) -> None:
        """The cursor by columns."""
        self._table.choose(step)
        self._heads.choose(self._table.column)

    def action_open(self) -> None:
        """The tickets that are counted under the cursor."""
        if (spot := self._table.spot) is not None:
            self.dismiss(spot)

    def action_refresh(self) -> None:
        """Count anew; after a lost connection this connects anew."""
        self._status.say("")
        self._ask()

    def action_back(self) -> None:
        """Back to the list."""
        self.dismiss(None)


def _head(whose: str, _: int) -> list[Spans]:
    return [[(" Board", Tone.STRONG), (f"   {whose}", Tone.MUTED)]]
