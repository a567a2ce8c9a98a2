"""Taking back what one has assigned last: mixed into the screens on which that can be done."""

from __future__ import annotations

from textual.message import Message

from municonsole.ui import cells
from municonsole.ui.actions import Action
from municonsole.ui.lane import Rank
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone


class TakenBack(Message):
    """What came of it, in a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Undoing(Keyed):
    """A screen with `u`."""

    def reason(self, action: Action) -> str:
        """Whether there is anything to take back."""
        refused = super().reason(action)
        undo = action.id == "ticket.undo" and not self.context.desk.assignments.can_undo
        return refused or ("you have assigned nothing in the last five minutes" if undo else "")

    def say(self, sentence: str, tone: Tone = Tone.PLAIN) -> None:
        """A sentence where this screen says them."""
        raise NotImplementedError

    def action_undo(self) -> None:
        """Take it back."""
        # Long work on many: what is said stays until the answer is there.
        self.say(f"Taking it back {cells.ELLIPSIS}")
        undo = self.context.desk.assignments.undo
        self.context.lane.ask(self, "save:undo", undo, TakenBack, Rank.SAVE)

    def on_taken_back(self, message: TakenBack) -> None:
        """Done, and only now."""
        message.stop()
        self.say(message.sentence, Tone.GOOD)
        self.context.watch.look()
        self.taken_back()

    def taken_back(self) -> None:
        """Show what is different now."""
