"""Something that is sent until its answer has come, and done once, however often that takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from municonsole.domain.errors import Unanswered


@dataclass(frozen=True, slots=True)
class Sent:
    """What was answered; `earlier`: an earlier sending, whose answer was lost, had done it already."""

    answer: object
    earlier: bool = False


@dataclass(slots=True)
class Attempt:
    """The number under which something is sent, and whether it is not known if it was done."""

    number: UUID = field(default_factory=uuid4)
    unsure: bool = False

    def why(self, sentence: str, key: str) -> str:
        """What to say when the database could not be reached: whether it is known what came of it."""
        if not self.unsure:
            return f"{sentence}; nothing was saved, {key} tries again"
        return (
            "the line was lost while saving; nobody knows yet whether it was saved; "
            f"{key} sends it again, it will not be doubled"
        )

    async def send(
        self,
        settle: Callable[[UUID], Awaitable[bool]],
        save: Callable[[UUID], Awaitable[object]],
    ) -> Sent:
        """Have it done, unless it was; raises what `save` raises.

        Before anything is sent again, what was sent before is settled: it may say something else.
        """
        if self.unsure:
            if await settle(self.number):
                self.unsure = False
                return Sent(None, earlier=True)
            self.number, self.unsure = uuid4(), False
        try:
            return Sent(await save(self.number))
        except Unanswered:
            self.unsure = True
            raise
