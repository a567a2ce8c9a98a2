"""docs/how-to/keystrokes.md, played: the keys it names do the job, and are as many as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from handling import table
from support.database import Database
from ui.conftest import Console, OpenConsole

from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen

PAGE = Path(__file__).parents[2] / "docs/how-to/keystrokes.md"
KEYS = {
    "/": "slash",
    "Enter": "enter",
    "Tab": "tab",
    "Ctrl+S": "ctrl+s",
    "↓": "down",
    "→": "right",
    "Space": "space",
}
LIGHTS = "Street lights out along the taxi rank"
"""An open ticket that nobody works on."""


@dataclass(frozen=True, slots=True)
class Row:
    """A job of the page: its keys as Textual names them, None where `words` are typed."""

    job: str
    keys: tuple[str | None, ...]
    words: str
    presses: str


def rows() -> list[Row]:
    """The table of the page."""
    table = r"^\| ([a-z][^|]*) \| ([^|]*[`*]) \| (\d[^|]*) \|$"
    made = []
    for job, keys, presses in re.findall(table, PAGE.read_text(), re.MULTILINE):
        parts = re.findall(r"`([^`]+)`|\*([^*]+)\*", keys)
        typed = " ".join(words for _, words in parts if words)
        made.append(
            Row(job, tuple(KEYS.get(k, k) if k else None for k, _ in parts), typed, presses)
        )
    return made


@dataclass(frozen=True, slots=True)
class Job:
    """Who does it, what they type, how it is seen that it is done, and how many keys are allowed."""

    who: str
    done: Callable[[Console, dict[str, Any]], bool]
    typed: str = ""
    most: int = 5


def _event(kind: str) -> Callable[[Console, dict[str, Any]], bool]:
    return lambda _, ticket: kind in ticket["kinds"]


JOBS = {
    "find a ticket by its number": Job(
        "tvd_operator", lambda at, _: isinstance(at.app.screen, TicketScreen), "{end}", most=2
    ),
    "change a status": Job("tvd_operator", lambda _, t: t["status"] == "resolved", most=3),
    "write a note": Job("tvd_operator", _event("noted"), "he called again", most=2),
    "take a ticket": Job("tvd_manager", lambda _, t: t["assigned_to"] == "tvd_manager", most=1),
    "assign it to a person": Job(
        "tvd_manager", lambda _, t: t["assigned_to"] == "tvd_operator2", "operator 2"
    ),
    "give it where the rules say": Job("tvd_manager", _event("assigned"), most=3),
    "escalate it": Job("tvd_operator", lambda _, t: t["status"] == "escalated", "third time"),
    "record that the citizen was spoken to": Job("tvd_operator", _event("contacted"), "told him"),
    "filter by category": Job(
        "tvd_operator", lambda at, _: {r.category.value for r in table(at).rows} == {"roads"}
    ),
    "go to another view": Job("tvd_operator", lambda at, _: len(table(at).rows) == 8, most=1),
}


def state(database: Database) -> dict[str, Any]:
    """The ticket as it is stored, and the kinds of what happened to it."""
    with database.connect_owner() as owner:
        found = owner.execute(
            "select t.status, t.assigned_to, array_agg(e.kind order by e.seq) from tickets as t"
            " join ticket_events as e on e.ticket_id = t.id where t.description = %s group by 1, 2",
            (LIGHTS,),
        ).fetchone()
    assert found is not None
    return dict(zip(("status", "assigned_to", "kinds"), found, strict=True))


def test_the_page_tells_of_the_ten_commonest_jobs() -> None:
    """Each is played below."""
    assert [row.job for row in rows()] == list(JOBS)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.job)
async def test_a_job_is_done_with_as_many_keys_as_the_page_says(
    console: OpenConsole, database: Database, tickets: dict[str, str], row: Row
) -> None:
    """As a person does it, from the list, with the cursor on the ticket."""
    job = JOBS[row.job]
    number = next(number for number, told in tickets.items() if told == LIGHTS)
    async with console(job.who, (120, 40)) as at:
        await at.press("5")
        ids = [ticket.tracking_number for ticket in table(at).rows]
        table(at).move_to(ids.index(number))
        await at.settle()
        before = state(database)
        pressed = 0
        for key in row.keys:
            if key is None:
                await at.type(job.typed.format(end=number[-6:].lower()))
            else:
                pressed += 1
                await at.press(key)
        await at.settle()
        after = state(database)
        after["kinds"] = after["kinds"][len(before["kinds"]) :]

        assert job.done(at, after), (row, after)
        assert pressed <= job.most
        assert row.presses == f"{pressed} + {row.words}".removesuffix(" + ")
        if job.typed != "{end}":
            assert isinstance(at.app.screen, QueueScreen)
