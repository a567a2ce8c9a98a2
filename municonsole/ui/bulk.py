"""The forms of what is done to many tickets at once: what each asks, shows before, and which service does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID, uuid4

from municonsole.domain.errors import InvalidInput, Unreachable
from municonsole.domain.supervising import Pick, Progress, Result
from municonsole.domain.values import Status
from municonsole.ui import cells, words
from municonsole.ui.actions import Matter
from municonsole.ui.context import Context
from municonsole.ui.form import (
    Answers,
    Choice,
    Form,
    Give,
    Line,
    Option,
    Preview,
    Subject,
    Words,
)
from municonsole.ui.marks import Mark
from municonsole.ui.takers import BY_THE_RULES, Given, takers, went
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.ticket_table import NO_LONGER
from municonsole.ui.words import Said
from municonsole.ui.work import STATUS_KEYS

Told: TypeAlias = Sequence[tuple[str, Said]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket; `number` is empty where it may no longer be seen."""

    ticket: UUID
    number: str
    done: bool
    sentence: str


class Batch:
    """The tickets that a form is about, as they were when it was opened."""

    def __init__(self, context: Context, marks: Collection[Mark]) -> None:
        self.context = context
        self._marks = {mark.now.id: mark for mark in marks}
        self.progress: Progress | None = None
        """Told how far it is, while it is done."""
        self._sent: tuple[object, UUID] | None = None

    def __len__(self) -> int:
        return len(self._marks)

    @property
    def marks(self) -> Collection[Mark]:
        """Each as it was seen, and as it is."""
        return self._marks.values()

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What is asked for: each at the version that was on the screen."""
        return tuple(Pick(mark.now.number, mark.version) for mark in self.marks)

    @property
    def ordinary(self) -> bool:
        """Whether none of them is a GBV report."""
        return all(mark.now.matter is Matter.MUNICIPAL for mark in self.marks)

    def discard(self, gone: Collection[UUID]) -> bool:
        """Of these nothing stays; whether any was among them."""
        before = len(self._marks)
        self._marks = {key: mark for key, mark in self._marks.items() if key not in gone}
        return len(self._marks) != before

    async def send(
        self,
        answers: Answers,
        first: UUID,
        call: Callable[[tuple[Pick, ...], Progress | None, UUID], Awaitable[tuple[Result, ...]]],
    ) -> tuple[Outcome, ...]:
        """Have it done; sent again with the same answers, what was done is not done twice."""
        asked, marks = tuple(answers.items()), dict(self._marks)
        if self._sent is None or self._sent[0] != asked:
            self._sent = asked, first if self._sent is None else uuid4()
        try:
            results = await call(self.picks, self.progress, self._sent[1])
        except Unreachable as error:
            key = self.context.registry.by_id("form.save").shown_keys
            raise type(error)(
                f"{error}; {key} goes on where it stopped, nothing is doubled"
            ) from None
        by_number = {mark.now.number: mark for mark in marks.values()}
        left = [by_number[result.number].now.id for result in results if not result.done]
        rows = await self.context.desk.tickets.rows(left) if left else {}
        now = {key: Subject.of(row, saps=self.context.saps) for key, row in rows.items()}
        return tuple(_outcome(result, by_number[result.number], now) for result in results)


def _outcome(result: Result, mark: Mark, now: dict[UUID, Subject]) -> Outcome:
    """The same, and of what was left how it is now: what matters of a change is what it came to."""
    ticket = mark.now.id
    if result.done:
        return Outcome(ticket, result.number, True, "")
    if ticket not in now:
        return Outcome(ticket, "", False, NO_LONGER)
    state = f"now {now[ticket].state}; " if now[ticket].version != mark.version else ""
    return Outcome(ticket, result.number, False, f"{state}{cells.line(result.sentence)}")


def many(count: int) -> str:
    """So many tickets, in words."""
    return f"{count} ticket" if count == 1 else f"{count} tickets"


def about(batch: Batch) -> Told:
    """What is chosen, by category, and what will be left as it is because somebody was first."""
    counts = Counter(words.category(mark.now.category) for mark in batch.marks)
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    told = [("Marked", Said(f"{many(len(batch))}: {kinds}"))]
    if overtaken := sum(mark.overtaken for mark in batch.marks):
        verb = "was" if overtaken == 1 else "were"
        told.append(
            ("Left", Said(f"{overtaken} that {verb} changed since you marked them", Tone.SOON))
        )
    return told


def _done(what: str) -> Callable[[Answers], str]:
    return lambda _: what


def _assign(batch: Batch) -> Form:
    context = batch.context
    known: list[Option] = []

    async def offer(_: Subject | None) -> Sequence[Option]:
        known[:] = await takers(context, None)
        return known

    async def look(given: Answers, _: Subject | None) -> Told:
        to: Given = given["to"]
        where = went("each" if to == Given() else "all", to, known)
        return [*about(batch), ("Then", Said(where, Tone.STRONG))]

    async def save(given: Answers, _: Subject | None, attempt: UUID) -> object:
        to: Given = given["to"]
        return await batch.send(
            given,
            attempt,
            lambda picks, progress, number: context.desk.bulk.assign(
                picks,
                to.team,
                to.person,
                given["reason"] or None,
                progress=progress,
                attempt=number,
            ),
        )

    return Form(
        "Assign",
        (Give("to", "To", offer), Line("reason", "Reason", "why, or nothing")),
        save,
        _done("assigned"),
        preview=Preview(("to",), look, lines=3),
    )


def _route(batch: Batch) -> Form:
    context = batch.context

    async def look(_: Answers, __: Subject | None) -> Told:
        return [*about(batch), ("Then", Said(f"each {BY_THE_RULES}", Tone.STRONG))]

    async def save(given: Answers, _: Subject | None, attempt: UUID) -> object:
        return await batch.send(
            given,
            attempt,
            lambda picks, progress, number: context.desk.bulk.assign(
                picks, reason=given["reason"] or None, progress=progress, attempt=number
            ),
        )

    return Form(
        "Route",
        (Line("reason", "Reason", "why, or nothing"),),
        save,
        _done("routed"),
        says="Each goes to the team that the rules name for its category and place, and to no "
        "person; each counts for the next.",
        preview=Preview((), look, lines=3),
    )


def _status(batch: Batch) -> Form:
    context = batch.context
    legal: set[tuple[Status, Status]] = set()

    def able(to: Status) -> int:
        return sum((mark.now.status, to) in legal for mark in batch.marks)

    async def moves(_: Subject | None) -> Sequence[Option]:
        legal.update(await context.desk.people.transitions())
        total = len(batch)
        return [
            Option(
                words.status(to).words + ("" if able(to) == total else f", {able(to)} of {total}"),
                to,
                STATUS_KEYS[to],
            )
            for to in Status
            if able(to)
        ]

    def note(given: Answers) -> Line:
        if given["to"] is not Status.ON_HOLD:
            return Line("note", "Note", "a note beside it, or nothing")
        # A municipal clock stands still meanwhile: whoever stops it says for what.
        needed = "say what they are waiting for" if batch.ordinary else ""
        return Line("note", "Wait for", "what are they waiting for?", required=needed)

    async def look(given: Answers, _: Subject | None) -> Told:
        to: Status = given["to"]
        told = [*about(batch), ("Then", words.status(to))]
        if able(to) < len(batch):
            here = Counter(
                words.status(mark.now.status).words
                for mark in batch.marks
                if (mark.now.status, to) not in legal
            )
            states = ", ".join(f"{count} {state}" for state, count in here.most_common())
            told.append(("Not possible", Said(states, Tone.SOON)))
        return told

    async def save(given: Answers, _: Subject | None, attempt: UUID) -> object:
        return await batch.send(
            given,
            attempt,
            lambda picks, progress, number: context.desk.bulk.change_status(
                picks, given["to"], given["note"] or None, progress=progress, attempt=number
            ),
        )

    return Form(
        "Status of",
        (
            Choice("to", "Status", moves, required="choose a status"),
            Line("note", "Note", "a note beside it, or nothing", asks=note),
        ),
        save,
        lambda given: words.status(given["to"]).words,
        preview=Preview(("to",), look, lines=4),
    )


def _note(batch: Batch) -> Form:
    context = batch.context
    fields: tuple[Words | Choice, ...] = (
        Words("note", "Note", "what colleagues should know", required="a note needs words"),
    )
    if batch.ordinary:
        who = (
            Option("colleagues only", False, "c"),
            Option("the citizens may read it too", True, "p"),
        )
        fields += (Choice("public", "For", who, picked=0),)

    async def look(_: Answers, __: Subject | None) -> Told:
        return [*about(batch), ("Then", Said("the same note on each", Tone.STRONG))]

    async def save(given: Answers, _: Subject | None, attempt: UUID) -> object:
        return await batch.send(
            given,
            attempt,
            lambda picks, progress, number: context.desk.bulk.note(
                picks, given["note"], bool(given.get("public")), progress=progress, attempt=number
            ),
        )

    return Form(
        "Note on",
        fields,
        save,
        _done("noted"),
        preview=Preview((), look, lines=3),
    )


BULK: Final[dict[str, Callable[[Batch], Form]]] = {
    "ticket.status": _status,
    "ticket.note": _note,
    "ticket.assign": _assign,
    "ticket.route": _route,
}
"""By the action's id: makes the form for marked tickets."""


def form_for(action_id: str, batch: Batch) -> Form:
    """The form of an action on many. Raises InvalidInput when none is left."""
    if not len(batch):
        raise InvalidInput("no ticket is marked any more")
    return BULK[action_id](batch)
