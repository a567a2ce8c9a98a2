"""Taking a call, through the services, as operators who log in as themselves."""

from __future__ import annotations

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Status
from municonsole.services.phones import e164, spoken

PHONE = "082 123 4567"
STORED = "+27821234567"


@pytest.mark.parametrize(
    "said",
    [
        *("082 123 4567", "0821234567", "082-123-4567", "(082) 123 4567", "+27 82 123 4567"),
        *(
            "+27 (0)82 123 4567",
            "0027 82 123 4567",
            "27821234567",
            "082.123.4567",
            " 082/123 4567 ",
        ),
    ],
)
def test_any_south_african_spelling_is_one_number(said: str) -> None:
    """So that a caller is found by it, whoever wrote it down."""
    assert e164(said) == STORED


def test_other_countries_numbers_have_their_code() -> None:
    """A visitor from Eswatini or London is called back as well."""
    assert e164("+268 7612 3456") == "+26876123456"
    assert spoken(STORED) == "082 123 4567"
    assert spoken("+442079460958") == "+44 20 7946 0958"
    assert spoken("ask at reception") == "ask at reception"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("082 123 456", "has ten digits with its leading 0, and here are 9"),
        ("082 123 45678", "has ten digits"),
        ("call me", "written in digits"),
        ("0821234567x", "written in digits"),
        ("+", "written in digits"),
        ("+999 1", "no phone number|longer or shorter"),
        ("+44 1", "longer or shorter|no phone number"),
        ("", "written in digits"),
    ],
)
def test_what_is_no_number_is_said_without_quoting_it(said: str, sentence: str) -> None:
    """One sentence that says what to do."""
    with pytest.raises(InvalidInput, match=sentence) as refused:
        e164(said)

    assert len(said) < 5 or said not in str(refused.value)


async def test_a_caller_is_known_by_the_number(desk_of: OpenDesk) -> None:
    """Their own tickets and those they joined, open ones first; of a GBV report nothing."""
    desk = await desk_of("tvd_operator")
    manager = await desk_of("tvd_manager")
    first, second, joined = [
        await desk.work.create(NewTicket(Category.WATER, description="leak", reporter_phone=phone))
        for phone in (PHONE, "+27 82 1234567", "083 555 0000")
    ]
    await desk.work.add_reporter(joined, None, "0027821234567")
    await desk.work.create(NewTicket(Category.GBV, description="words", reporter_phone=PHONE))
    await manager.work.change_status(second, to=Status.RESOLVED)
    elsewhere = await desk_of("ksb_operator")
    await elsewhere.work.create(NewTicket(Category.WATER, description="x", reporter_phone=PHONE))

    found = await desk.intake.caller(STORED)

    assert [row.tracking_number for row in found] == [joined, first, second]
    assert await (await desk_of("tvd_saps")).intake.caller(STORED) == ()


async def test_what_may_be_the_same_is_shown_with_how_far_it_is(desk_of: OpenDesk) -> None:
    """An open ticket near by; for GBV nothing is looked for."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(
        NewTicket(Category.WATER, description="burst pipe", latitude=-26.2, longitude=28.0)
    )
    found = await desk.intake.similar(Category.WATER, latitude=-26.201, longitude=28.0)

    assert [(one.ticket.tracking_number, round(one.metres or 0)) for one in found] == [
        (number, 111)
    ]
    assert await desk.intake.similar(Category.GBV, latitude=-26.201, longitude=28.0) == ()
    assert await desk.intake.similar(Category.ROADS, latitude=-26.201, longitude=28.0) == ()


async def test_a_draft_is_kept_and_forgotten(desk_of: OpenDesk) -> None:
    """Until it is logged, or turns out to be a GBV report."""
    desk = await desk_of("tvd_operator")
    await desk.drafts.keep_report({"category": "water", "description": "a burst"})
    kept = await (await desk_of("tvd_operator")).drafts.report()
    assert kept is not None
    assert kept.content == {"category": "water", "description": "a burst"}
    assert await (await desk_of("tvd_operator2")).drafts.report() is None

    await desk.drafts.keep_report({"category": "gbv", "description": "he said"})
    assert await desk.drafts.report() is None

    saps = await desk_of("tvd_saps")
    await saps.drafts.keep_report({"category": "gbv", "description": "he said"})
    assert await saps.drafts.report() is None


async def test_a_note_is_kept_for_a_ticket_one_sees(desk_of: OpenDesk, database: Database) -> None:
    """And for no other."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description="leak"))
    ticket = (await desk.tickets.row(number)).id
    await desk.drafts.keep_note(ticket, {"note": "he will call"})
    kept = await desk.drafts.note(ticket)
    assert kept is not None
    assert kept.content == {"note": "he will call"}
    with pytest.raises(Refused):
        await (await desk_of("ksb_operator")).drafts.keep_note(ticket, {"note": "x"})

    await desk.drafts.forget_note(ticket)
    assert await desk.drafts.note(ticket) is None


async def test_colleagues_are_seen_where_they_look(desk_of: OpenDesk) -> None:
    """By name, oneself left out."""
    desk, colleague = await desk_of("tvd_operator"), await desk_of("tvd_operator2")
    number = await desk.work.create(NewTicket(Category.WATER, description="leak"))
    ticket = (await desk.tickets.row(number)).id
    await desk.presence.here(ticket)

    assert (await colleague.feed.look([ticket])).others == {ticket: ("TVD Operator 1",)}
    assert (await desk.feed.look([ticket])).others == {}
    await desk.presence.here(None)
    assert (await colleague.feed.look([ticket])).others == {}
