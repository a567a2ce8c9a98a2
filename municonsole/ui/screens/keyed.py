"""What every screen and dialog has in common: its keys come from the registry, and only those."""

from __future__ import annotations

from typing import ClassVar

from textual.actions import parse

from municonsole.domain.permissions import FOR
from municonsole.ui.actions import Action, Where
from municonsole.ui.context import Context
from municonsole.ui.screens.covered import Covered
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.status_line import StatusLine


class Keyed(Covered):
    """Mixed into a screen: which actions work on it now, and why the others do not.

    The screen's `BINDINGS` are `bindings(WHERE)`. An action that has a `reason` against it is not run and
    not in the key line; help and commands show it with that reason, and so does its key.
    """

    WHERE: ClassVar[Where]
    context: Context

    def reason(self, action: Action) -> str:
        """Why an action does not work here and now, in a few words; empty when it does."""
        permission = action.permission
        if permission is None or self.context.operator.may(permission):
            return ""
        return FOR.get(permission, "not for your role")

    def listed(self) -> tuple[tuple[Action, str], ...]:
        """Every action of this place, with the reason why it does not work."""
        return tuple((a, self.reason(a)) for a in self.context.registry.at(self.WHERE))

    def here(self) -> tuple[Action, ...]:
        """The actions that work here and now."""
        return tuple(action for action, reason in self.listed() if not reason)

    def refusal(self, run: str) -> str:
        """Why what a key or a command asks for is not done, as a sentence; empty when it is."""
        known = [(a, reason) for a, reason in self.listed() if a.run == run]
        if not known:
            return "no view is kept under this key" if run.startswith("view(") else ""
        if not all(reason for _, reason in known):
            return ""
        action, reason = known[0]
        return f"{action.label}: {reason}"

    def refuse(self, sentence: str) -> None:
        """Say why nothing is done."""
        for status in self.query(StatusLine):
            status.say(sentence, Tone.SOON)

    def before_blank(self) -> None:
        """The screen is about to be blanked: what must not be lost is kept now."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's question before it runs a key's action: only what works here and now."""
        return any(parse(known.run)[1:] == (action, parameters) for known in self.here())
