"""The forms of the actions on a ticket: what each asks, and which service does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from municonsole.domain.clocks import Preview as DeadlinePreview
from municonsole.domain.errors import InvalidInput
from municonsole.domain.values import Category, Status
from municonsole.ui import times, words
from municonsole.ui.actions import Matter
from municonsole.ui.columns import Moment
from municonsole.ui.context import Context
from municonsole.ui.form import (
    Answers,
    Choice,
    Confirm,
    Field,
    Form,
    Give,
    Line,
    Opened,
    Option,
    Preview,
    Subject,
    Wording,
    Words,
)
from municonsole.ui.takers import takers, went
from municonsole.ui.theme import Tone
from municonsole.ui.words import Said

STATUS_KEYS: Final = {
    Status.OPEN: "o",
    Status.IN_PROGRESS: "i",
    Status.ON_HOLD: "h",
    Status.ESCALATED: "e",
    Status.RESOLVED: "r",
    Status.CLOSED: "c",
}
_CATEGORY_KEYS: Final = {
    Category.WATER: "w",
    Category.ROADS: "r",
    Category.ELECTRICITY: "e",
    Category.WASTE: "a",
    Category.SANITATION: "s",
    Category.OTHER: "o",
}
_CLOCKS = (
    Option("the answer to the citizen", "response", "a"),
    Option("the resolution", "resolution", "r"),
)
REASON_LEAST = 10
"""Characters of an administrator's reason for opening a report; the rule is in migrations/law/65_confidential.sql."""


def _form(
    title: str,
    fields: tuple[Field, ...],
    call: Callable[[Answers, Subject, UUID], Awaitable[object]],
    done: Callable[[Answers], str],
    says: Wording = "",
    *,
    gone: bool = False,
    preview: Preview | None = None,
) -> Form:
    """The form of something done to a ticket, once."""

    async def save(answers: Answers, subject: Subject | None, attempt: UUID) -> object:
        if subject is None:
            raise InvalidInput("no ticket is chosen")
        return await call(answers, subject, attempt)

    return Form(title, fields, save, done, says, gone=gone, preview=preview, once=True)


def _now(subject: Subject) -> str:
    return words.status(subject.status).words


def _category_now(subject: Subject) -> str:
    return words.category(subject.category)


def _status(context: Context, subject: Subject) -> Form:
    async def moves(of: Subject | None) -> Sequence[Option]:
        legal = await context.desk.people.transitions()
        start = (of or subject).status
        return [
            Option(words.status(to).words, to, STATUS_KEYS[to])
            for to in Status
            if (start, to) in legal
        ]

    def note(given: Answers) -> Line:
        if given["to"] is not Status.ON_HOLD:
            return Line("note", "Note", "a note beside it, or nothing")
        # A municipal clock stands still meanwhile: whoever stops it says for what.
        stops_a_clock = subject.matter is Matter.MUNICIPAL
        return Line(
            "note",
            "Waits for",
            "what is it waiting for?",
            required="say what it is waiting for" if stops_a_clock else "",
        )

    return _form(
        "Status of",
        (
            Choice("to", "Status", moves, required="choose a status", now=_now),
            Line("note", "Note", "a note beside it, or nothing", asks=note),
        ),
        lambda given, on, attempt: context.desk.work.change_status(
            on.number, given["to"], given["note"] or None, on.version, attempt
        ),
        lambda given: f"{subject.number} is {words.status(given['to']).words}",
    )


def _note(context: Context, subject: Subject) -> Form:
    fields: tuple[Words | Choice, ...] = (
        Words("note", "Note", "what colleagues should know", required="a note needs words"),
    )
    if subject.matter is Matter.MUNICIPAL:
        who = (
            Option("colleagues only", False, "c"),
            Option("the citizen may read it too", True, "p"),
        )
        fields += (Choice("public", "For", who, picked=0),)
    return _form(
        "Note on",
        fields,
        lambda given, on, attempt: context.desk.work.add_note(
            on.number, given["note"], bool(given.get("public")), attempt
        ),
        lambda _: f"the note is on {subject.number}",
    )


def _contact(context: Context, subject: Subject) -> Form:
    return _form(
        "Contact about",
        (
            Words(
                "outcome",
                "Outcome",
                "what the citizen was told and said",
                required="the outcome of a contact needs words",
            ),
        ),
        lambda given, on, attempt: context.desk.work.record_contact(
            on.number, given["outcome"], attempt
        ),
        lambda _: f"the contact is on {subject.number}",
    )


def _escalate(context: Context, subject: Subject) -> Form:
    return _form(
        "Escalate",
        (_reason("an escalation needs a reason"),),
        lambda given, on, attempt: context.desk.work.escalate(
            on.number, given["reason"], on.version, attempt
        ),
        lambda _: f"{subject.number} is escalated",
    )


def _assign(context: Context, subject: Subject) -> Form:
    known: list[Option] = []

    async def offer(of: Subject | None) -> Sequence[Option]:
        known[:] = await takers(context, of or subject)
        return known

    return _form(
        "Assign",
        (
            Give("to", "To", offer),
            Line("reason", "Reason", "why, or nothing"),
        ),
        lambda given, on, attempt: context.desk.assignments.assign(
            on.number,
            given["to"].team,
            given["to"].person,
            given["reason"] or None,
            on.version,
            attempt,
        ),
        lambda given: f"{went(f'{subject.number} is', given['to'], known)}{_undo(context)}",
        says=lambda on: f"Now with {on.with_whom}.",
    )


def _route(context: Context, subject: Subject) -> Form:
    return _form(
        "Route",
        (Line("reason", "Reason", "why, or nothing"),),
        lambda given, on, attempt: context.desk.assignments.assign(
            on.number, reason=given["reason"] or None, if_version=on.version, attempt=attempt
        ),
        lambda _: f"{subject.number} is where the rules say{_undo(context)}",
        says=lambda on: (
            f"Now with {on.with_whom}. Enter gives it to the team that the rules name for "
            "its category and place, and to no person."
        ),
    )


def _undo(context: Context) -> str:
    return f"; {context.registry.by_id('ticket.undo').shown_keys} takes it back"


def _deadline(context: Context, subject: Subject) -> Form:
    # What is saved is what the preview showed: "+4h" counts from now, however long the form is open.
    opened = context.now()

    def wanted(given: Answers) -> datetime | None:
        return times.instant(given["at"], opened, context.zone) if given["at"] else None

    async def look(given: Answers, on: Subject | None) -> Sequence[tuple[str, Said]]:
        found = await context.desk.work.preview_override(
            (on or subject).number, given["clock"], wanted(given)
        )
        return _becoming(found, context.moment())

    return _form(
        "Deadline of",
        (
            Choice("clock", "Of", _CLOCKS, required="choose which of the two deadlines"),
            Line("at", "To", times.HINT, most=24),
            _reason("a new deadline needs a reason"),
        ),
        lambda given, on, attempt: context.desk.work.override_deadline(
            on.number, given["clock"], wanted(given), given["reason"], on.version, attempt
        ),
        lambda given: (
            f"the deadline of {subject.number} is "
            + ("set" if given["at"] else "the policy's again")
        ),
        says="Sets one deadline by hand, whatever the policy says. Without a time it goes back to the "
        "policy.",
        preview=Preview(("clock", "at"), look, lines=5),
    )


def _at(instant: datetime | None, at: Moment) -> str:
    return "never" if instant is None else words.moment(instant, at.zone, at.now)


def _becoming(found: DeadlinePreview, at: Moment) -> list[tuple[str, Said]]:
    def told(instant: datetime | None) -> str:
        return f"{_at(instant, at)}, {words.until(instant, at.now)}" if instant else _at(None, at)

    lines = [
        ("Was", Said(told(found.was), Tone.MUTED)),
        ("Becomes", Said(told(found.becomes), Tone.STRONG)),
        ("Warns", Said(_at(found.warning_at, at))),
    ]
    if found.left is not None:
        left = words.target(abs(found.left) // words.MINUTE * words.MINUTE)
        over = "over for" if found.left < timedelta(0) else "left"
        lines.insert(2, ("Working time", Said(f"{over} {left}")))
    if found.state is not None:
        lines.append(
            (
                "Then it is",
                Said(
                    words.SLA_WORDS[found.state],
                    words.SLA_TONES[found.state],
                    words.SIGNS[found.state],
                ),
            )
        )
    return lines


def _reclassify(context: Context, subject: Subject) -> Form:
    async def others(of: Subject | None) -> Sequence[Option]:
        return [
            Option(words.category(category), category, key)
            for category, key in _CATEGORY_KEYS.items()
            if category is not (of or subject).category
        ]

    return _form(
        "Category of",
        (
            Choice("category", "Category", others, required="choose one", now=_category_now),
            _reason("another category needs a reason"),
        ),
        lambda given, on, attempt: context.desk.work.reclassify(
            on.number, given["category"], given["reason"], on.version, attempt
        ),
        lambda given: f"{subject.number} is about {words.category(given['category'])}",
        says="Both deadlines are computed anew, from the time of the report.",
    )


def _mark_sensitive(context: Context, subject: Subject) -> Form:
    return _form(
        "Mark as sensitive",
        (
            _reason("a hand-over needs a reason"),
            Confirm("sure", "Do it?", "Hand it over to SAPS"),
        ),
        lambda given, on, attempt: context.desk.work.mark_sensitive(
            on.number, given["reason"], attempt
        ),
        lambda _: f"{subject.number} is with SAPS now",
        says="This ticket becomes a GBV report. It goes to SAPS with its whole history; neither you "
        "nor anybody else in the municipality sees it again. There is no way back.",
        gone=True,
    )


def _reason(required: str) -> Line:
    return Line("reason", "Reason", "in a few words", required=required)


FORMS: Final[dict[str, Callable[[Context, Subject], Form]]] = {
    "ticket.status": _status,
    "ticket.note": _note,
    "ticket.contact": _contact,
    "ticket.escalate": _escalate,
    "ticket.assign": _assign,
    "ticket.route": _route,
    "ticket.deadline": _deadline,
    "ticket.reclassify": _reclassify,
    "ticket.mark_sensitive": _mark_sensitive,
}
"""By the action's id: makes the form for a ticket."""


def open_report(context: Context) -> Form:
    """An administrator names a GBV report by its number and says why; answers Opened."""

    async def show(given: Answers, _: Subject | None, __: UUID) -> object:
        number, reason = given["number"].upper(), given["reason"]
        if len(reason) < REASON_LEAST:
            raise InvalidInput(
                f"an administrator gives a reason of at least {REASON_LEAST} characters"
            )
        return Opened(number, reason, await context.desk.tickets.show(number, reason))

    return Form(
        "Open a report",
        (
            Line("number", "Number", "TKT-YYYYMMDD-XXXXXX", required="type the number", most=24),
            Line("reason", "Reason", "why you have to read it", required="say why"),
        ),
        show,
        lambda _: "",
        says="Opening is recorded before anything is read: SAPS sees who looked, and why.",
    )
