from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from rows import AT, HOUR, MINUTE, NOW, detail, entry, gbv_row, row, terms
from test_cells import HOSTILE

from municonsole.domain.clocks import ClockTerms
from municonsole.domain.records import Assignment, ConfidentialReport
from municonsole.domain.supervising import RouteRule, Why
from municonsole.domain.values import EventKind, SlaState, Status
from municonsole.ui.widgets.detail import describe, fit_height
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.timeline import tell

REPORT = ConfidentialReport(
    description="Fictitious narrative",
    address="Test address 1",
    latitude=None,
    longitude=None,
    reporter_name="Test person",
    reporter_phone="+27000000000",
    safe_to_contact=False,
    contact_instructions="only by a neighbour",
)


def plain(lines: list[Spans]) -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def test_a_ticket_says_what_when_where_and_with_whom() -> None:
    """Everything a caller asks about is in the first lines."""
    ticket = row(
        reporter_name="T. Caller",
        reporter_phone="+27115550101",
        suburb="Hilltop",
        sla_status=SlaState.BREACHED_RESPONSE,
        sla_response_deadline=NOW - HOUR,
    )

    assert plain(describe(detail(ticket), 60, AT)) == (
        " TKT-20260921-000001  water · medium · open\n"
        "\n"
        " Answer      ! late 1 h, by Mon 21 Sep 11:00\n"
        " Resolution  due 21 h, by Tue 22 Sep 09:00\n"
        " Assigned    Water North, nobody yet\n"
        " Place       12 Protea Street, Hilltop\n"
        " Caller      T. Caller, 011 555 0101\n"
        " Reported    Mon 21 Sep 09:00, 3 h ago, in English\n"
        "\n"
        " Burst pipe in front of the clinic"
    )


def test_a_ticket_says_who_had_it_for_how_long_by_whom_and_why() -> None:
    """The last one first, and how long so far; the clocks are named as such."""
    routed = Assignment(
        team_name="Water North",
        assigned_to_name=None,
        assigned_by="op1",
        reason=None,
        created_at=NOW - 3 * HOUR,
        until=NOW - 2 * HOUR,
        held=HOUR,
        why=Why(RouteRule.AREA, open=12, of=3),
    )
    given = Assignment(
        team_name="Water North",
        assigned_to_name="T. Dlamini",
        assigned_by="boss",
        reason="knows the street",
        created_at=NOW - 2 * HOUR,
        until=NOW - HOUR,
        held=HOUR,
    )
    taken = Assignment(None, None, "boss", None, NOW - HOUR, NOW - HOUR / 90, timedelta(seconds=20))
    late = Assignment("Water South", "A. Manager", "system", None, NOW - 90 * MINUTE)
    told = plain(
        describe(
            replace(detail(row()), assignment_history=(routed, given, taken, late)),
            60,
            AT,
            names={"boss": "The Boss"},
        )
    )

    assert told.partition(" Who had it\n")[2] == (
        " 21 Sep 10:30  Water South, A. Manager, 1 h 30 so far\n"
        "               by the clocks\n"
        " 21 Sep 11:00  nobody, less than a minute\n"
        "               by The Boss\n"
        " 21 Sep 10:00  Water North, T. Dlamini, 1 h\n"
        "               by The Boss\n"
        "               knows the street\n"
        " 21 Sep 09:00  Water North, 1 h\n"
        "               by op1: in area Water North; 12 open, least\n"
        "               of 3"
    )


def test_what_is_told_of_an_assignment_is_harmless_at_every_width() -> None:
    """A name, a reason and a login that want to drive a terminal."""
    for text in HOSTILE.values():
        had = Assignment(text, text, text, text, NOW - HOUR, why=Why(RouteRule.NEAR, metres=1200))
        for width in (28, 44, 80):
            lines = describe(replace(detail(row()), assignment_history=(had,)), width, AT)
            for line in lines:
                joined = "".join(piece for piece, _ in line)
                assert joined.isprintable()
                assert cell_len(joined) <= width


def test_a_kept_and_a_missed_deadline_are_told_apart() -> None:
    """Who looks back sees what was in time."""
    ticket = row(
        status=Status.RESOLVED,
        first_responded_at=NOW - HOUR,
        resolved_at=NOW,
        sla_response_deadline=NOW - 2 * HOUR,
        sla_resolution_deadline=NOW + HOUR,
    )
    told = plain(describe(detail(ticket), 70, AT))

    assert "Answer      answered Mon 21 Sep 11:00, late" in told
    assert "Resolution  resolved Mon 21 Sep 12:00\n" in told


def test_a_ticket_on_hold_says_that_the_clock_stands() -> None:
    """No deadline is shown that moves while the ticket waits."""
    told = plain(describe(detail(row(status=Status.ON_HOLD)), 70, AT))

    assert "= the clock stands still while on hold" in told


def test_what_the_clocks_run_by_is_named() -> None:
    """Policy, targets and calendar stand below both clocks, so that nobody looks them up."""
    told = plain(describe(detail(row(), terms=terms()), 100, AT))
    default = terms(policy="default", calendar=None, in_force=False)

    assert (
        " Policy      water: answer in 2 h, resolution in 24 h, by the calendar office hours\n"
        in told
    )
    assert (
        " Policy      default: answer in 2 h, resolution in 24 h, around the clock; changed since, this"
        "\n             ticket keeps it\n"
    ) in plain(describe(detail(row(), terms=default), 100, AT))


def test_a_deadline_set_by_hand_and_a_breach_on_record_are_told() -> None:
    """A breach stays one although somebody moved its deadline; of which one it was is told then."""
    answer = ClockTerms(2 * HOUR, by_hand=True, breached_at=NOW - 2 * HOUR)
    resolution = ClockTerms(24 * HOUR, by_hand=False, breached_at=NOW - HOUR)
    ticket = row(sla_resolution_deadline=NOW - HOUR)
    told = plain(
        describe(detail(ticket, terms=terms(response=answer, resolution=resolution)), 100, AT)
    )

    assert (
        " Answer      due 1 h, by Mon 21 Sep 13:00, set by hand; breach of Mon 21 Sep 10:00 on record\n"
        " Resolution  ■ late 1 h, by Mon 21 Sep 11:00; breach on record\n"
    ) in told


def test_a_ticket_on_hold_says_what_it_waits_for() -> None:
    """The words of whoever put it on hold, not those of a note in between."""
    history = (
        entry(EventKind.NOTED, seq=3, note="called again"),
        entry(
            EventKind.STATUS_CHANGED,
            seq=2,
            from_status=Status.OPEN,
            to_status=Status.ON_HOLD,
            note="parts from the depot",
        ),
    )
    held = row(status=Status.ON_HOLD, sla_status=SlaState.PAUSED)
    late = row(
        status=Status.ON_HOLD,
        sla_status=SlaState.BREACHED_RESOLUTION,
        sla_resolution_deadline=NOW - HOUR,
    )

    assert " Waits for   parts from the depot\n" in plain(
        describe(detail(held, history=history), 80, AT)
    )
    assert "Waits for" not in plain(describe(detail(row(), history=history), 80, AT))
    assert "Resolution  ■ late 1 h, by Mon 21 Sep 11:00\n" in plain(
        describe(detail(late, history=history), 80, AT)
    )


def test_a_code_of_the_clocks_reads_as_words() -> None:
    """What other programs get as response_breach is told as people say it."""
    coded = row(escalated_at=NOW, escalation_reason="response_breach (overdue by 1.5 h)")
    said = row(escalated_at=NOW, escalation_reason="third call about this")

    assert "\n             answer missed, overdue by 1.5 h\n" in plain(
        describe(detail(coded), 80, AT)
    )
    assert "\n             third call about this\n" in plain(describe(detail(said), 80, AT))


def test_nothing_confidential_is_shown_without_an_opening() -> None:
    """A report that is in memory is still not on the screen unless this screen opened it."""
    told = plain(describe(detail(gbv_row(), confidential=REPORT), 60, AT))

    assert "Fictitious" not in told
    assert "Test person" not in told
    assert "Confidential: what was reported stands only in the opened" in told


def test_an_opened_report_says_first_that_it_is_on_record() -> None:
    """Whoever reads a report knows that the reading is recorded, and whether calling is safe."""
    told = plain(describe(detail(gbv_row(), confidential=REPORT), 60, AT, opened="Operator 9, now"))

    assert told.index("On record   opened by Operator 9, now") < told.index("! NOT safe to contact")
    assert told.index("only by a neighbour") < told.index("Fictitious narrative")


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_shown_harmlessly_and_within_the_pane(text: str, width: int) -> None:
    """What a citizen or colleague wrote neither drives the terminal nor leaves its pane."""
    ticket = row(
        description=text,
        address=text,
        reporter_name=text,
        reporter_phone=text,
        assigned_team=text,
        assigned_to_name=text,
        escalated_at=NOW,
        escalation_reason=text,
    )
    event = entry(EventKind.ASSIGNED, actor=text, note=text, team_name=text, assigned_to_name=text)
    report = ConfidentialReport(text, text, 1.0, 2.0, text, text, True, text)
    lines = (
        describe(detail(ticket), width, AT)
        + describe(detail(gbv_row(), confidential=report), width, AT, opened=text)
        + tell((event,), width, AT, {})
    )

    assert all(part.isprintable() for line in lines for part, _ in line)
    assert all(cell_len(plain([line])) <= width for line in lines)


def test_a_history_names_people_and_shows_notes_beneath() -> None:
    """Newest first, with the note under what it belongs to."""
    events = (
        entry(EventKind.NOTED, seq=3, note="Waiting for parts\nsince noon", actor="op1"),
        entry(
            EventKind.STATUS_CHANGED,
            from_status=Status.OPEN,
            to_status=Status.ESCALATED,
            via="sweep",
        ),
        entry(actor="op9"),
    )

    assert plain(tell(events, 50, AT, {"op1": "Operator 1"})) == (
        " 21 Sep 11:00  note  Operator 1\n"
        "               Waiting for parts\n"
        "               since noon\n"
        " 21 Sep 11:00  open → escalated  the clocks\n"
        " 21 Sep 11:00  reported  op9"
    )


def test_a_ticket_without_history_says_so() -> None:
    """No empty pane."""
    assert plain(tell((), 50, AT, {})) == " Nothing has happened yet."


def test_what_does_not_fit_a_pane_is_announced() -> None:
    """The operator knows that there is more, and how to see it."""
    lines: list[Spans] = [
        [(f"line {index}", tone)]
        for index, (_, tone) in enumerate(describe(detail(row()), 60, AT)[0][:1] * 9)
    ]

    assert plain(fit_height(lines, 9)).endswith("line 8")
    assert plain(fit_height(lines, 4)).endswith("… 6 more lines: Enter shows them all")
