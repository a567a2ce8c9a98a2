"""What a form asks and what becomes of the answers, as data: dialogs/form.py shows any of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from municonsole.domain.records import TicketDetail, TicketRow
from municonsole.domain.values import Category, Status
from municonsole.ui import cells, words
from municonsole.ui.action import Matter


@dataclass(frozen=True, slots=True)
class Subject:
    """The ticket a form is about, without a word that a citizen said."""

    id: UUID
    number: str
    matter: Matter
    category: Category
    status: Status
    version: int
    with_whom: str
    team_id: int | None
    taken: bool
    changed_at: datetime

    @classmethod
    def of(cls, row: TicketRow, *, saps: bool) -> Subject:
        """The ticket of a row, as this console's role acts on it."""
        matter = Matter.MUNICIPAL
        if row.is_sensitive:
            matter = Matter.GBV if saps else Matter.OPENED
        person = cells.line(row.assigned_to_name or row.assigned_to)
        return cls(
            id=row.id,
            number=cells.line(row.tracking_number),
            matter=matter,
            category=row.category,
            status=row.status,
            version=row.version,
            with_whom=", ".join(filter(None, (cells.line(row.assigned_team), person))) or "nobody",
            team_id=row.assigned_team_id,
            taken=row.assigned_to is not None,
            changed_at=row.updated_at,
        )

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        return f"{words.status(self.status).words}, with {self.with_whom}"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a field; `key` is the letter that picks it in a list of a few."""

    label: str
    value: Any
    key: str = ""


Answers: TypeAlias = Mapping[str, Any]
"""The values of a form by the names of its fields: text as typed, or the value of an Option."""
Wording: TypeAlias = "str | Callable[[Subject], str]"
"""Words, or what makes them of the ticket as it is now."""
Offer: TypeAlias = Callable[[Subject | None], Awaitable[Sequence[Option]]]
"""Reads the options of a field; asked again after the ticket has changed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. `required` is the sentence for whoever leaves it empty.

    `asks`, where another answer decides what is asked here, gives the line for the answers so far.
    """

    name: str
    label: str
    hint: str = ""
    required: str = ""
    most: int = 500
    value: str = ""
    """What stands there at first."""
    asks: Callable[[Answers], Line] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text of several lines."""

    name: str
    label: str
    hint: str = ""
    required: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values, each with its key; the one at `picked` is chosen at first."""

    name: str
    label: str
    options: Sequence[Option] | Offer
    hint: str = ""
    required: str = ""
    picked: int | None = None
    now: Callable[[Subject], str] | None = None
    """What is chosen now, as the label where there is a ticket."""


@dataclass(frozen=True, slots=True)
class Give:
    """Whom something is given to: one of the Takers, the first of them unless another is chosen."""

    name: str
    label: str
    options: Offer


@dataclass(frozen=True, slots=True)
class Confirm:
    """Yes or no where there is no way back: no at first, and only its own key says yes."""

    name: str
    label: str
    yes: str


Field: TypeAlias = Line | Words | Choice | Give | Confirm


@dataclass(frozen=True, slots=True)
class Preview:
    """What answers would do, told below the fields before they can be saved.

    `of` names the fields it depends on; `look` gives labelled lines, `lines` of them at most.
    """

    of: tuple[str, ...]
    look: Callable[[Answers, Subject | None], Awaitable[Sequence[tuple[str, words.Said]]]]
    lines: int


@dataclass(frozen=True, slots=True)
class Form:
    """A question with its fields.

    `save` is what is done with the answers, on the state of the ticket that the person has seen, under
    the number of an attempt; `done` tells in a sentence what was done. `says` stands above the fields.
    `gone`: the ticket is not this operator's to see afterwards. With a `preview` nothing is saved whose
    outcome has not been on the screen. `once`: the law does it once for the same attempt, so that it can
    be sent again when its answer was lost; `attempt` is the first number, where it matters which.
    """

    title: str
    fields: tuple[Field, ...]
    save: Callable[[Answers, Subject | None, UUID], Awaitable[object]]
    done: Callable[[Answers], str]
    says: Wording = ""
    gone: bool = False
    preview: Preview | None = None
    once: bool = False
    attempt: UUID | None = None


def question(title: str, options: Sequence[Option], says: str = "", picked: int | None = 0) -> Form:
    """A choice that is answered by itself: what is saved has the value of the option as its answer."""

    async def give(given: Answers, _: Subject | None, __: UUID) -> object:
        return given["way"]

    fields = (Choice("way", "Now", options, required="choose one", picked=picked),)
    return Form(title, fields, give, lambda _: "", says=says)


def worded(wording: Wording, subject: Subject | None) -> str:
    """The words as they are for this ticket."""
    if isinstance(wording, str):
        return wording
    return wording(subject) if subject is not None else ""


def label(field: Field, subject: Subject | None) -> str:
    """What stands before a field."""
    now = field.now if isinstance(field, Choice) else None
    return field.label if now is None or subject is None else now(subject)


@dataclass(frozen=True, slots=True)
class Opened:
    """A report that an administrator has opened, and what for."""

    number: str
    reason: str
    detail: TicketDetail


@dataclass(frozen=True, slots=True)
class Saved:
    """A form was saved: about which ticket, what to say, and what the service answered."""

    subject: Subject | None
    sentence: str
    gone: bool = False
    answer: object = None
