from __future__ import annotations

from datetime import timedelta

import pytest
from rich.cells import cell_len
from rows import AT, HOUR, MINUTE, NOW, ZONE, entry, row

from municonsole.domain.values import (
    Category,
    EventKind,
    Role,
    Severity,
    SlaState,
    Status,
)
from municonsole.ui import words
from municonsole.ui.theme import Tone


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(seconds=20), "due now"),
        (59 * MINUTE, "due 59 min"),
        (HOUR, "due 1 h"),
        (84 * MINUTE, "due 1 h 20"),
        (9 * HOUR + 59 * MINUTE, "due 9 h 55"),
        (26 * HOUR, "due 26 h"),
        (3.5 * 24 * HOUR, "due 3 d"),
        (timedelta(seconds=-1), "late 1 min"),
        (-59 * MINUTE, "late 59 min"),
        (-3.9 * HOUR, "late 3 h"),
        (-50 * HOUR, "late 2 d"),
    ],
)
def test_a_deadline_reads_as_an_operator_says_it(left: timedelta, told: str) -> None:
    """What is left is rounded down, so that nobody is promised time that is not there."""
    assert words.until(NOW + left, NOW) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "· due 1 h"),
        ({"sla_status": SlaState.WARNING, "next_deadline": NOW + 20 * MINUTE}, "▲ due 20 min"),
        (
            {"sla_status": SlaState.BREACHED_RESPONSE, "sla_response_deadline": NOW - HOUR},
            "! late 1 h",
        ),
        (
            {
                "sla_status": SlaState.BREACHED_RESOLUTION,
                "sla_resolution_deadline": NOW - 3 * HOUR,
            },
            "■ late 3 h",
        ),
        (
            {
                "status": Status.ON_HOLD,
                "sla_status": SlaState.PAUSED,
                "first_responded_at": NOW,
                "next_deadline": None,
            },
            "= on hold",
        ),
        ({"status": Status.RESOLVED, "sla_status": SlaState.ON_TRACK}, "· in time"),
        ({"status": Status.CLOSED, "sla_status": SlaState.BREACHED_RESOLUTION}, "■ was late"),
        ({"sla_status": None, "next_deadline": None}, "no deadline"),
    ],
)
def test_every_state_of_the_clocks_has_a_sign_and_a_word(
    changes: dict[str, object], told: str
) -> None:
    """The state of a ticket is read without colour."""
    assert str(words.sla(row(**changes), NOW)) == told


def test_a_deadline_that_passes_on_the_screen_reads_late_at_once() -> None:
    """A list that was read before the deadline does not keep saying that there is time."""
    open_ticket = row(next_deadline=NOW - MINUTE, sla_response_deadline=NOW - MINUTE)
    answered = row(
        next_deadline=NOW - MINUTE,
        sla_resolution_deadline=NOW - MINUTE,
        first_responded_at=NOW - HOUR,
    )

    assert str(words.sla(open_ticket, NOW)) == "! late 1 min"
    assert str(words.sla(answered, NOW)) == "■ late 1 min"


def test_no_state_is_wider_than_its_column() -> None:
    """The widest word of every column fits, so that no state is ever cut."""
    for status in Status:
        assert cell_len(words.status(status).words) <= 11
    for category in Category:
        assert cell_len(words.category(category)) <= 11
    for severity in Severity:
        assert cell_len(words.severity(severity, short=True).words) <= 4
    for minutes in range(-20000, 20000, 7):
        assert cell_len(f"· {words.until(NOW + minutes * MINUTE, NOW)}") <= 13


def test_states_of_the_clocks_differ_in_sign_and_tone_from_each_other() -> None:
    """Late, soon, on hold and on track are told apart in colour, and by their signs without it."""
    assert len(set(words.SIGNS.values())) == len(SlaState)
    assert words.SLA_TONES[SlaState.BREACHED_RESOLUTION] is Tone.LATE
    assert words.SLA_TONES[SlaState.WARNING] is Tone.SOON


def test_times_are_shown_in_the_municipalitys_zone() -> None:
    """An operator reads the clock on the wall, not UTC."""
    assert words.moment(NOW, ZONE, NOW) == "Mon 21 Sep 12:00"


def test_a_year_is_told_only_when_it_is_another_one() -> None:
    """Last year's ticket is not taken for this year's."""
    then = NOW.replace(year=2025)

    assert words.moment(then, ZONE, NOW) == "Sun 21 Sep 2025 12:00"
    assert words.stamp(then, ZONE, NOW) == "21 Sep 2025 "
    assert words.stamp(NOW, ZONE, NOW) == "21 Sep 12:00"


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_words(kind: EventKind) -> None:
    """Nothing that happened is shown as a code."""
    assert "_" not in words.event(entry(kind)).words


def test_events_say_what_changed() -> None:
    """A history is read without looking anything up."""
    moved = entry(EventKind.STATUS_CHANGED, from_status=Status.OPEN, to_status=Status.ON_HOLD)
    given = entry(EventKind.ASSIGNED, team_name="Water North", assigned_to_name="Operator 3")

    assert str(words.event(moved)) == "open → on hold"
    assert str(words.event(given)) == "assigned to Water North, Operator 3"


def test_roles_read_as_people_call_them() -> None:
    """No underscore on the screen."""
    assert [words.role(role) for role in Role] == ["operator", "manager", "admin", "SAPS liaison"]
    assert words.age(NOW - 30 * MINUTE, AT.now) == "30 min"
