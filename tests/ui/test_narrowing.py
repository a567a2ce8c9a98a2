from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from rows import ZONE

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import Team
from municonsole.domain.values import UNFINISHED, Category, SlaState, Status
from municonsole.ui.narrowing import Narrowing, day

TODAY = date(2026, 9, 21)
WATER = Team(7, "Water \x1b[31mNorth", Category.WATER, is_saps=False, is_active=True)


def test_a_narrowing_adds_to_a_view_and_overrides_what_it_names() -> None:
    """Closed tickets are found from any view; the rest of the view stays."""
    view = TicketFilter(statuses=UNFINISHED, assigned_to="op1")
    wanted = Narrowing(statuses=(Status.CLOSED,), team=WATER).on(view, ZONE)

    assert wanted == TicketFilter(statuses=(Status.CLOSED,), assigned_to="op1", team_id=7)


def test_days_are_those_of_the_municipality_and_both_included() -> None:
    """The first day begins at midnight here, the last one ends at midnight here."""
    wanted = Narrowing(since=date(2026, 9, 18), until=date(2026, 9, 20)).on(TicketFilter(), ZONE)

    assert wanted.since == datetime(2026, 9, 17, 22, tzinfo=UTC)
    assert wanted.until == datetime(2026, 9, 20, 22, tzinfo=UTC)


def test_every_narrowing_is_told_in_a_chip() -> None:
    """Nothing filters unseen, and a team's name cannot drive the terminal."""
    chips = Narrowing(
        statuses=(Status.OPEN, Status.ON_HOLD),
        sla=(SlaState.BREACHED_RESPONSE,),
        team=WATER,
        since=TODAY,
    ).chips()

    assert chips == (
        "status: open, on hold",
        "SLA: answer late",
        "team: Water \ufffd[31mNorth",
        "since 21 Sep 2026",
    )


def test_no_narrowing_is_nothing() -> None:
    """An empty filter leaves no chip behind."""
    assert not Narrowing()
    assert Narrowing().chips() == ()
    assert Narrowing(since=TODAY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", None),
        ("  ", None),
        ("2026-09-18", date(2026, 9, 18)),
        ("Today", TODAY),
        ("yesterday", date(2026, 9, 20)),
        ("7d", date(2026, 9, 14)),
        ("30 d", date(2026, 8, 22)),
    ],
)
def test_a_day_is_typed_as_people_say_it(typed: str, meant: date | None) -> None:
    """Short ways for the days one asks for most."""
    assert day(typed, TODAY) == meant


@pytest.mark.parametrize("typed", ["18/9", "soon", "2026-13-01", "9999999d", "\x1b[31m"])
def test_a_day_that_cannot_be_read_is_refused_with_an_example(typed: str) -> None:
    """The sentence says what would have been understood."""
    with pytest.raises(InvalidInput, match="type one like 2026-09-18"):
        day(typed, TODAY)


def test_a_day_before_all_calendars_is_refused_too() -> None:
    """Four digits of days reach back further than the tickets, never further than the calendar."""
    assert day("9999d", TODAY) == date(1999, 5, 7)
