"""Taking calls in a console: what tests type and read, and what they ask the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from screen_text import text
from support.database import Database

from municonsole.domain.errors import Unreachable
from municonsole.ui.dialogs.form_fields import FormLine, FormWords
from municonsole.ui.dialogs.inline_fields import InlineChoice, SuburbFind
from municonsole.ui.dialogs.number import NumberDialog
from municonsole.ui.screens.intake import IntakeScreen
from municonsole.ui.widgets.call_pane import CallPane
from municonsole.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from ui.conftest import Console

HILL = (-26.15, 28.05)
"""The middle of Hilltop."""


def form(at: Console) -> IntakeScreen:
    """The form of the call, whatever lies over it."""
    return next(s for s in at.app.screen_stack if isinstance(s, IntakeScreen))


def is_open(at: Console) -> bool:
    """Whether there is one."""
    return any(isinstance(screen, IntakeScreen) for screen in at.app.screen_stack)


def held(
    monkeypatch: pytest.MonkeyPatch, service: object, name: str
) -> tuple[asyncio.Event, list[int]]:
    """From now on a service answers once the event is set; the list grows with each call."""
    gate, calls, kind = asyncio.Event(), list[int](), type(service)
    answer = getattr(kind, name)

    async def wait(self: object, *given: object, **named: object) -> object:
        calls.append(len(calls))
        await gate.wait()
        return await answer(self, *given, **named)

    monkeypatch.setattr(kind, name, wait)
    return gate, calls


def first_answer_lost(
    monkeypatch: pytest.MonkeyPatch, service: object, name: str, *, arrives: bool = True
) -> None:
    """The line breaks under the first call, after the database has done it or before; never again."""
    kind, answers = type(service), iter((False, True))
    answer = getattr(kind, name)

    async def lose(self: object, *given: object) -> object:
        comes = next(answers)
        done = await answer(self, *given) if comes or arrives else None
        if not comes:
            raise Unreachable("the connection was lost")
        return done

    monkeypatch.setattr(kind, name, lose)


async def until(at: Console, what: Callable[[], object]) -> None:
    """Until this is so, while something is held."""
    async with asyncio.timeout(20):
        while not what():
            await at.pilot.pause(0.01)


async def keys(at: Console, *pressed: str) -> None:
    """Keys one after the other, while something is held."""
    for key in pressed:
        at._send(key)
        await at.pilot.pause(0.05)


async def rest(at: Console) -> None:
    """Until what follows a rest of the fingers has been done."""
    await at.settle()
    while is_open(at):
        waiting = [t._task for t in form(at)._resting.values() if t._task and not t._task.done()]
        if not waiting:
            break
        for task in waiting:
            await task
        await at.settle()


async def appears(at: Console, words: str) -> None:
    """Until this stands on the screen."""
    async with asyncio.timeout(60):
        while words not in text(at.app):
            await at.pilot.pause(0.01)
            await at.settle()


async def write(at: Console, name: str, text: str) -> None:
    """Go to a field and type."""
    form(at).query_one(f"#form-{name}").focus()
    await at.pilot.pause()
    await at.type(text)
    await at.settle()


async def fill(at: Console, **texts: str) -> None:
    """Type into the fields of these names, and rest."""
    for name, typed in texts.items():
        await write(at, name, typed)
    await rest(at)


def value(at: Console, name: str) -> str:
    """What stands in a field."""
    field = form(at).query_one(f"#form-{name}")
    assert isinstance(field, FormLine | FormWords | InlineChoice | SuburbFind)
    return field.answer


def complaint(at: Console, name: str) -> str:
    """What is said below a field."""
    page = form(at).query_one(f"#complaint-{name}")
    if not page.display:
        return ""
    return " ".join(text.strip() for line in page.make_lines(200) for text, _ in line)  # type: ignore[attr-defined]


def offered(at: Console, pane: str) -> list[str]:
    """What the tickets of a pane tell, as far as it is on the screen."""
    found = form(at).query_one(f"#{pane}", CallPane)
    return [offer.row.description or "" for offer in found.offers] if found.display else []


def drafts(database: Database) -> list[dict[str, str]]:
    """Everybody's drafts."""
    with database.connect_owner() as owner:
        return [row[0] for row in owner.execute("select content from drafts")]


def tickets_told(database: Database, told: str) -> list[dict[str, Any]]:
    """Every ticket of which this was reported, as its owner sees it."""
    with database.connect_owner() as owner:
        cursor = owner.execute("select * from tickets where description = %s", (told,))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def said(at: Console) -> str:
    """What the status line says."""
    return at.app.screen_stack[0].query_one(StatusLine).message


def hint(at: Console) -> str:
    """What is said about the whole report."""
    return form(at)._alert[0]


def number_shown(at: Console) -> str:
    """The number that is shown at the end."""
    assert isinstance(at.app.screen, NumberDialog)
    return at.app.screen._logged.number
