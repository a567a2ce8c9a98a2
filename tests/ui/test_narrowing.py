from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from rows import ZONE

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import MUNICIPAL_VIEWS, Day, DaysAgo, TicketFilter
from municonsole.domain.records import Team
from municonsole.domain.values import UNFINISHED, Category, Severity, SlaState, Status
from municonsole.ui.narrowing import NOBODY, Assignee, Narrowing, day, typed

TODAY = date(2026, 9, 21)
WATER = Team(7, "Water \x1b[31mNorth", Category.WATER, is_saps=False, is_active=True)


def test_a_narrowing_adds_to_a_view_and_overrides_what_it_names() -> None:
    """Closed tickets are found from any view; the rest of the view stays."""
    view = TicketFilter(statuses=UNFINISHED, assigned_to="op1")
    wanted = Narrowing(statuses=(Status.CLOSED,), team=WATER).on(view, ZONE, TODAY)

    assert wanted == TicketFilter(statuses=(Status.CLOSED,), assigned_to="op1", team_id=7)


def test_days_are_those_of_the_municipality_and_both_included() -> None:
    """The first day begins at midnight here, the last one ends at midnight here."""
    wanted = Narrowing(since=date(2026, 9, 18), until=date(2026, 9, 20)).on(
        TicketFilter(), ZONE, TODAY
    )

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

    assert tuple(chip.text for chip in chips) == (
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
    ("said", "meant"),
    [
        ("", None),
        ("  ", None),
        ("2026-09-18", date(2026, 9, 18)),
        ("Today", DaysAgo(0)),
        ("yesterday", DaysAgo(1)),
        ("7d", DaysAgo(7)),
        ("30 d", DaysAgo(30)),
    ],
)
def test_a_day_is_typed_as_people_say_it(said: str, meant: Day | None) -> None:
    """Short ways for the days one asks for most; the dialog shows them as they were typed."""
    assert day(said) == meant
    assert day(typed(meant)) == meant


@pytest.mark.parametrize("said", ["18/9", "soon", "2026-13-01", "9999999d", "\x1b[31m"])
def test_a_day_that_cannot_be_read_is_refused_with_an_example(said: str) -> None:
    """The sentence says what would have been understood."""
    with pytest.raises(InvalidInput, match="type one like 2026-09-18"):
        day(said)


def test_a_day_before_all_calendars_is_refused_too() -> None:
    """Four digits of days reach back further than the tickets, never further than the calendar."""
    since = Narrowing(since=day("9999d")).on(TicketFilter(), ZONE, TODAY).since

    assert since is not None
    assert since.astimezone(ZONE).date() == date(1999, 5, 7)


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    """Whoever types it means for ever."""
    until = Narrowing(until=date.max).on(TicketFilter(), ZONE, TODAY).until

    assert until is not None


def test_nobody_and_somebody_take_the_place_of_whom_the_view_asks_for() -> None:
    """Filtered by a person, a view of what nobody works on is no empty list, and the other way round."""
    unassigned = TicketFilter(unassigned=True)
    mine = TicketFilter(assigned_to="op1")
    person = Narrowing(assignee=Assignee("op2", "Op Two"))

    assert person.on(unassigned, ZONE, TODAY) == TicketFilter(assigned_to="op2")
    assert Narrowing(assignee=NOBODY).on(mine, ZONE, TODAY) == unassigned
    assert Narrowing(suburb="East").on(mine, ZONE, TODAY) == replace(mine, suburb="East")


def test_one_chip_is_taken_away_and_the_others_stay() -> None:
    """Whatever it is."""
    whole = Narrowing(
        statuses=(Status.OPEN,),
        categories=(Category.WATER,),
        severities=(Severity.LOW,),
        sla=(SlaState.WARNING,),
        team=WATER,
        assignee=NOBODY,
        suburb="East\x1b[31m",
        since=DaysAgo(7),
        until=DaysAgo(1),
    )
    chips = whole.chips()

    assert [chip.text for chip in chips[4:]] == [
        "team: Water \ufffd[31mNorth",
        "with: nobody",
        "suburb: East\ufffd[31m",
        "since 7 days ago",
        "until yesterday",
    ]
    for chip in chips:
        left = whole.without(chip.field)
        assert left.chips() == tuple(one for one in chips if one != chip)


def test_a_narrowed_view_asks_for_the_same_when_it_is_kept() -> None:
    """What was narrowed is part of it; what it asked for otherwise stays."""
    mine = MUNICIPAL_VIEWS[0]
    kept = Narrowing(categories=(Category.WATER,), since=DaysAgo(7)).on_view(mine)
    others = Narrowing(assignee=Assignee("op2", "Op Two")).on_view(mine)

    assert kept == replace(
        mine,
        filter=replace(mine.filter, categories=(Category.WATER,)),
        since=DaysAgo(7),
    )
    assert (others.mine, others.filter.assigned_to) == (False, "op2")
