"""What all stories share: chance, the order of time, and the present in which they end."""

from __future__ import annotations

from random import Random

from municonsole.demo.seed.cast import Cast, Squad
from municonsole.demo.seed.ledger import HOUR, Ledger
from municonsole.demo.seed.routing import Routed

MINUTE = HOUR // 60
SECOND = MINUTE // 60


class Present(BaseException):
    """The story has reached the present: a signal to stop, not an error."""


class Teller:
    """One ticket's story, told step by step in the order of time.

    `squads` are the teams of the ticket's category in `cast`, `squad` the one that has it: first where
    it was routed.
    """

    def __init__(
        self,
        rng: Random,
        cast: Cast,
        ticket: Ledger,
        squads: tuple[Squad, ...],
        routed: Routed,
        now: int,
    ) -> None:
        self.rng = rng
        self.cast = cast
        self.ticket = ticket
        self.squads = squads
        self.squad, self.because = routed
        self.now = now

    def chance(self, share: float) -> bool:
        """True in this share of all cases."""
        return self.rng.random() < share

    def one(self, choice: tuple[str, ...]) -> str:
        """One of several, each as likely."""
        return choice[int(self.rng.random() * len(choice))]

    def between(self, least: int, most: int) -> int:
        """A number of microseconds."""
        return least + int(self.rng.random() * (most - least))

    def reach(self, at: int) -> int:
        """The instant of the next act: `at`, or a second after the last event; ends in the present."""
        at = max(at, self.ticket.last_at + SECOND)
        if at >= self.now:
            raise Present
        return at

    def later(self, least: int, most: int) -> int:
        """The instant of the next act, so many microseconds after the last event."""
        return self.reach(self.ticket.last_at + self.between(least, most))

    def logged(self, logger: str) -> None:
        """The two events of `muni.log_ticket`: created, and routed a moment later."""
        created_at = self.ticket.created_at
        self.ticket.append("created", logger, created_at, to_status="open")
        routed_at = created_at + self.between(300, 2500)
        self.ticket.append("assigned", logger, routed_at, team_id=self.squad.id, data=self.because)
