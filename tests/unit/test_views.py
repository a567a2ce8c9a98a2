"""Where views stand on the keys, and what becomes of one that was stored long ago, or by somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from municonsole.domain.filters import (
    MUNICIPAL_VIEWS,
    SAPS_VIEWS,
    DaysAgo,
    TicketFilter,
    View,
    begin,
    end,
)
from municonsole.domain.values import Category, Severity, SlaState, Sort, Status
from municonsole.domain.views import Known, arrange, pack, unpack

KNOWN = Known({7}, {"tvd_operator"})
FULL = View(
    "own:2",
    "Leaks",
    TicketFilter(
        statuses=(Status.OPEN, Status.ON_HOLD),
        categories=(Category.WATER,),
        severities=(Severity.CRITICAL,),
        sla=(SlaState.WARNING,),
        team_id=7,
        assigned_to="tvd_operator",
        suburb="Eastbank",
    ),
    Sort.DEADLINE,
    since=DaysAgo(7),
    until=date(2026, 9, 30),
    place=2,
)


def own(place: int, title: str = "Own") -> View:
    return View(f"own:{place}", title, TicketFilter(), place=place)


def stand(*places: int, delivered: tuple[View, ...] = MUNICIPAL_VIEWS) -> list[tuple[Any, str]]:
    return [(key, view.id) for key, view in arrange(delivered, [own(place) for place in places])]


def test_an_own_view_takes_its_key_and_the_delivered_one_moves_behind() -> None:
    """All others stay where the fingers know them."""
    assert stand(2) == [
        (1, "mine"),
        (2, "own:2"),
        *((3, "due"), (4, "breached"), (5, "open"), (6, "resolved_today"), (7, "unassigned")),
    ]
    assert stand(9)[-2:] == [(6, "resolved_today"), (9, "own:9")]
    assert stand(1, delivered=SAPS_VIEWS) == [(1, "own:1"), (2, "gbv_all"), (3, "gbv_open")]


def test_a_delivered_view_without_a_key_is_still_there() -> None:
    """When the nine keys are taken it is found by its name."""
    assert stand(*range(1, 10)) == [
        *((place, f"own:{place}") for place in range(1, 10)),
        *((None, view.id) for view in MUNICIPAL_VIEWS),
    ]
    assert stand(3, 7, 8, 9)[-1] == (None, "due")


def test_a_view_comes_back_as_it_was_stored() -> None:
    """Nothing of a filter is lost on the way."""
    for view in (FULL, replace(FULL, filter=TicketFilter(unassigned=True), mine=True, since=None)):
        assert unpack(2, "Leaks", pack(view), view.sort.value, KNOWN) == view


def test_what_was_searched_for_is_not_stored() -> None:
    """A name or a telephone number does not outlive the search for it."""
    assert pack(replace(FULL, filter=TicketFilter(search="0821234567"))).keys() == {
        *("version", "since", "until")
    }


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ({"team": 8}, "its team is gone"),
        ({"assigned_to": "left"}, "its assignee is gone"),
        ({"colour": "red"}, "'colour' is not known here"),
        ({"version": 2}, "another release of municonsole saved it"),
        ({"statuses": ["open", "frozen"]}, "its statuses cannot be read"),
        ({"statuses": "open"}, "its statuses cannot be read"),
        ({"statuses": [["open"]]}, "its statuses cannot be read"),
        ({"categories": [None]}, "its categories cannot be read"),
        ({"team": "7"}, "its team cannot be read"),
        ({"team": True}, "its team cannot be read"),
        ({"team": 2**70}, "its team is gone"),
        ({"assigned_to": ["x"]}, "its assignee cannot be read"),
        ({"suburb": "x" * 101}, "its suburb cannot be read"),
        ({"mine": 1}, "its mine cannot be read"),
        ({"since": "soon"}, "its first day cannot be read"),
        ({"since": 7}, "its first day cannot be read"),
        ({"until": {"days_ago": -1}}, "its last day cannot be read"),
        ({"until": {"days_ago": 10**9}}, "its last day cannot be read"),
        ({"until": {"days_ago": 1, "more": 1}}, "its last day cannot be read"),
        ({"\x1b]52;c;x\x07": 1}, "'\ufffd]52;c;x\ufffd' is not known here"),
        ({"x" * 5000: 1}, f"'{'x' * 20}' is not known here"),
    ],
)
def test_what_cannot_be_used_is_left_out_with_a_sentence(
    stored: dict[str, Any], sentence: str
) -> None:
    """A view is never an error, and never shows fewer tickets than it says without a word."""
    view = unpack(3, "V", stored, "newest", KNOWN)

    assert view.lost == (sentence,)
    assert view == View("own:3", "V", TicketFilter(), place=3, lost=view.lost)


@pytest.mark.parametrize("stored", [None, [], "x", 7, {}])
def test_what_is_no_filter_at_all_is_every_ticket(stored: object) -> None:
    """Whatever somebody wrote there by hand."""
    assert unpack(1, "V", stored, "newest", KNOWN).filter == TicketFilter()


def test_a_name_that_could_drive_a_terminal_is_harmless() -> None:
    """Stored by hand, past the program."""
    view = unpack(1, "\x1b[31m\u202eleaks\n now" + "x" * 50, {}, "sideways", KNOWN)

    assert view.title == ("\ufffd[31m\ufffdleaks now" + "x" * 50)[:40]
    assert view.lost == ("its order cannot be read",)
    assert unpack(4, " \n ", {}, "newest", KNOWN).title == "View 4"


def test_days_begin_and_end_at_the_municipalitys_midnight() -> None:
    """One that moves along is another tomorrow; the first and the last of all calendars are days too."""
    zone, today = ZoneInfo("Africa/Johannesburg"), date(2026, 9, 21)

    assert begin(DaysAgo(1), zone, today) == datetime(2026, 9, 19, 22, tzinfo=UTC)
    assert end(DaysAgo(0), zone, today) == datetime(2026, 9, 21, 22, tzinfo=UTC)
    assert end(date.max, zone, today).year == 9999
    assert begin(DaysAgo(10**8), zone, today).date() == date.min
