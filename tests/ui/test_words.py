from __future__ import annotations

from datetime import timedelta

import pytest
from rich.cells import cell_len
from rows import AT, HOUR, MINUTE, NOW, ZONE, entry, row

from municonsole.domain.clocks import ClockFacts, Deadlines
from municonsole.domain.supervising import RouteRule, Why
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
            {"sla_status": SlaState.BREACHED_RESPONSE, "next_deadline": NOW - HOUR},
            "! late 1 h",
        ),
        (
            {
                "sla_status": SlaState.BREACHED_RESOLUTION,
                "next_deadline": NOW - 3 * HOUR,
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
    assert "_" not in words.event(entry(kind), ZONE, NOW).words


def test_events_say_what_changed() -> None:
    """A history is read without looking anything up."""
    moved = entry(EventKind.STATUS_CHANGED, from_status=Status.OPEN, to_status=Status.ON_HOLD)
    given = entry(EventKind.ASSIGNED, team_name="Water North", assigned_to_name="Operator 3")

    assert str(words.event(moved, ZONE, NOW)) == "open → on hold"
    assert str(words.event(given, ZONE, NOW)) == "assigned to Water North, Operator 3"


@pytest.mark.parametrize(
    ("kind", "facts", "told"),
    [
        (EventKind.SLA_WARNING, ClockFacts("response"), "▲ answer due soon"),
        (
            EventKind.SLA_BREACHED,
            ClockFacts("response", 1, timedelta(minutes=95)),
            "! answer missed by 1 h 35",
        ),
        (
            EventKind.SLA_BREACHED,
            ClockFacts("resolution", 2, timedelta(days=3)),
            "■ resolution missed by 3 d, the second breach",
        ),
        (
            EventKind.RECOMPUTED,
            ClockFacts(
                before=Deadlines(None, NOW), after=Deadlines(NOW - HOUR, NOW + timedelta(days=1))
            ),
            (
                "deadlines computed anew: answer none → Mon 21 Sep 11:00, "
                "resolution Mon 21 Sep 12:00 → Tue 22 Sep 12:00"
            ),
        ),
        (
            EventKind.RECOMPUTED,
            ClockFacts(before=Deadlines(NOW, NOW), after=Deadlines(NOW, NOW)),
            "deadlines computed anew: both deadlines as before",
        ),
        (
            EventKind.DEADLINE_OVERRIDDEN,
            ClockFacts(
                "response", before=Deadlines(NOW, NOW), after=Deadlines(NOW + 2 * HOUR, NOW)
            ),
            "deadline set by hand: answer Mon 21 Sep 12:00 → Mon 21 Sep 14:00",
        ),
    ],
)
def test_what_happened_to_the_clocks_is_told_in_words(
    kind: EventKind, facts: ClockFacts, told: str
) -> None:
    """Which clock, by how much, and from when to when."""
    assert str(words.event(entry(kind, facts=facts), ZONE, NOW)) == told


def test_what_the_clocks_hand_over_or_leave_says_why() -> None:
    """Nobody looks for the colleague who gave it to the manager: there is none."""
    given = entry(
        EventKind.ASSIGNED,
        team_name="Water North",
        assigned_to_name="Manager 1",
        facts=ClockFacts(because="breach"),
    )
    left = entry(
        EventKind.SLA_BREACHED, facts=ClockFacts("response", 1, HOUR, stays_because="no_manager")
    )

    assert str(words.event(given, ZONE, NOW)) == "assigned to Water North, Manager 1, as it is late"
    assert (
        str(words.event(left, ZONE, NOW))
        == "! answer missed by 1 h, stays with the team, which has no manager"
    )


def test_a_breach_that_escalates_says_both() -> None:
    """One line of the history: what was missed, and where the ticket went."""
    breach = entry(
        EventKind.SLA_BREACHED,
        facts=ClockFacts("resolution", 1, HOUR),
        from_status=Status.IN_PROGRESS,
        to_status=Status.ESCALATED,
    )

    assert (
        str(words.event(breach, ZONE, NOW)) == "■ resolution missed by 1 h, in progress → escalated"
    )


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(hours=168), "168 h"),
        (timedelta(hours=8, minutes=30), "8 h 30 min"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(0), "0 min"),
    ],
)
def test_a_target_is_told_whole(length: timedelta, told: str) -> None:
    """A rule is not rounded."""
    assert words.target(length) == told


def test_roles_read_as_people_call_them() -> None:
    """No underscore on the screen."""
    assert [words.role(role) for role in Role] == ["operator", "manager", "admin", "SAPS liaison"]
    assert words.age(NOW - 30 * MINUTE, AT.now) == "30 min"


def test_a_routed_ticket_says_why_and_one_that_was_taken_back_that() -> None:
    """In its history, in few words."""
    why = Why(RouteRule.AREA, open=12, of=3)
    routed = entry(EventKind.ASSIGNED, team_name="North", why=why)
    back = entry(EventKind.ASSIGNED, team_name="North", assigned_to_name="T. D", undoes=3)
    nobody = entry(EventKind.UNASSIGNED, undoes=3)
    logged = entry(EventKind.CREATED, why=Why(RouteRule.NONE))

    assert [words.event(one, ZONE, NOW).words for one in (routed, back, nobody, logged)] == [
        "assigned to North: in area North; 12 open, least of 3",
        "given back to North, T. D",
        "assignment taken back",
        "reported, no active team takes it",
    ]
