"""Work on tickets through the services, as the people who do it."""

from __future__ import annotations

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import REFUSAL, InvalidInput, Refused, Stale
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, EventKind, Language, Severity, Status

HOSTILE = (
    "burst [/x] [@click=app.quit] \x1b]52;c;eA==\x07 \x9b31m \u202eevil\u2066 🚰 " + "x" * 5000
)
NEVER_ISSUED = "TKT-20200101-ABCDEF"


async def test_a_logged_report_comes_back_as_it_was_told(desk_of: OpenDesk) -> None:
    """What the caller said is what a colleague reads."""
    desk = await desk_of("tvd_operator")
    told = NewTicket(
        Category.WATER,
        Severity.HIGH,
        "Water runs down the street",
        "12 Long Street",
        -26.1,
        28.1,
        Language.AFRIKAANS,
        "Resident 1",
        "+27115550101",
    )

    number = await desk.work.create(told)
    row = (await (await desk_of("tvd_operator2")).tickets.show(number)).ticket

    assert (row.category, row.severity, row.description, row.address) == (
        told.category,
        told.severity,
        told.description,
        told.address,
    )
    assert (row.latitude, row.longitude, row.language) == (-26.1, 28.1, Language.AFRIKAANS)
    assert (row.reporter_name, row.reporter_phone) == ("Resident 1", "+27115550101")
    assert (row.status, row.is_sensitive) == (Status.OPEN, False)
    assert row.created_at.utcoffset() is not None
    assert row.assigned_team in {"Water 1", "Water 2"}


async def test_hostile_text_is_stored_harmless(desk_of: OpenDesk) -> None:
    """No control character or bidi override of a citizen's text gets into the database."""
    desk = await desk_of("tvd_operator")

    number = await desk.work.create(
        NewTicket(Category.WATER, description=HOSTILE, address=HOSTILE[:300])
    )
    row = await desk.tickets.row(number)

    assert row.description is not None
    assert row.address is not None
    assert not set(row.description + row.address) & set("\x1b\x07\x9b\u202e\u2066")
    assert "[@click=app.quit]" in row.description
    assert "🚰" in row.description


@pytest.mark.parametrize("description", ["", "   ", "\n\t "])
async def test_a_report_without_words_is_refused(desk_of: OpenDesk, description: str) -> None:
    """An empty description gets a sentence, not a ticket."""
    desk = await desk_of("tvd_operator")

    with pytest.raises(InvalidInput, match="needs a description"):
        await desk.work.create(NewTicket(Category.WATER, description=description))


@pytest.mark.parametrize(
    "wrong",
    [
        NewTicket(Category.WATER, description="x" * 10_001),
        NewTicket(Category.WATER, description="x", address="y" * 501),
        NewTicket(Category.WATER, description="x", latitude=91, longitude=0),
        NewTicket(Category.WATER, description="x", latitude=1),
    ],
)
async def test_what_does_not_fit_is_refused_in_one_sentence(
    desk_of: OpenDesk, wrong: NewTicket
) -> None:
    """Too long or off the map: said, without quoting the report."""
    desk = await desk_of("tvd_operator")

    with pytest.raises(InvalidInput) as refused:
        await desk.work.create(wrong)

    assert "xxx" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_the_history_tells_who_did_what_newest_first(desk_of: OpenDesk) -> None:
    """Logged, routed, taken, started, noted: five lines, and who had it."""
    desk = await desk_of("tvd_operator")
    manager = await desk_of("tvd_manager")
    number = await desk.work.create(NewTicket(Category.WATER, description="a leak"))
    await manager.assignments.assign(number, team="water 1", reason="nearest")
    await desk.work.take(number)
    await desk.work.change_status(number, Status.IN_PROGRESS, note="on my way")
    await desk.work.add_note(number, "line one\nline two", public=True)

    history = await desk.tickets.history(number)
    detail = await desk.tickets.detail(number)

    assert [entry.kind for entry in history] == [
        EventKind.NOTED,
        EventKind.STATUS_CHANGED,
        EventKind.ASSIGNED,
        EventKind.ASSIGNED,
        EventKind.ASSIGNED,
        EventKind.CREATED,
    ]
    assert [entry.note for entry in history[:4]] == [
        "line one\nline two",
        "on my way",
        None,
        "nearest",
    ]
    assert (history[1].from_status, history[1].to_status) == (Status.OPEN, Status.IN_PROGRESS)
    assert [entry.seq for entry in history] == [6, 5, 4, 3, 2, 1]
    last = detail.assignment_history[-1]
    assert (last.team_name, last.assigned_to_name, last.assigned_by) == (
        "Water 1",
        "TVD Operator 1",
        "tvd_operator",
    )
    assert detail.ticket.assigned_to_name == "TVD Operator 1"


async def test_a_stale_version_is_told_and_nothing_is_overwritten(desk_of: OpenDesk) -> None:
    """Two colleagues change the same ticket: the second is told, the first's change stands."""
    first = await desk_of("tvd_operator")
    second = await desk_of("tvd_operator2")
    number = await first.work.create(NewTicket(Category.WATER, description="a leak"))
    version = (await second.tickets.row(number)).version
    await first.work.change_status(number, Status.IN_PROGRESS, if_version=version)

    with pytest.raises(Stale, match="changed since it was read"):
        await second.work.change_status(number, Status.RESOLVED, if_version=version)

    assert (await second.tickets.row(number)).status is Status.IN_PROGRESS


async def test_an_unknown_team_is_answered_with_those_there_are(desk_of: OpenDesk) -> None:
    """A mistyped team name gets the list to choose from."""
    manager = await desk_of("tvd_manager")
    number = await manager.work.create(NewTicket(Category.WATER, description="a leak"))

    with pytest.raises(InvalidInput, match=r"there are: .*Water 1"):
        await manager.assignments.assign(number, team="Wter 1")


async def test_an_operator_is_told_who_assigns(desk_of: OpenDesk) -> None:
    """What one may not do is answered with who may."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description="a leak"))

    with pytest.raises(Refused, match="managers and administrators"):
        await desk.assignments.assign(number)


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_admin", "ksb_saps"])
async def test_a_gbv_number_and_one_never_issued_answer_alike(
    desk_of: OpenDesk, username: str
) -> None:
    """Nobody without the right learns from any answer that a report exists."""
    author = await desk_of("tvd_operator")
    hidden = await author.work.create(NewTicket(Category.GBV, description="neutral words"))
    desk = await desk_of(username)
    answers = []
    for number in (hidden, NEVER_ISSUED):
        said = []
        for attempt in (
            desk.tickets.row(number),
            desk.tickets.show(number),
            desk.tickets.history(number),
            desk.work.change_status(number, Status.IN_PROGRESS),
            desk.work.take(number),
            desk.work.add_note(number, "words"),
        ):
            with pytest.raises(Refused) as refused:
                await attempt
            said.append(str(refused.value))
        said.append([row.id for row in await desk.tickets.search(number)])
        answers.append(said)

    assert answers[0] == answers[1]
    assert answers[0] == [REFUSAL] * 6 + [[]]


async def test_saps_opens_a_report_and_leaves_a_trace(desk_of: OpenDesk) -> None:
    """The liaison reads the narrative; the timeline says that they did, and shows notes from then on."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(
        NewTicket(
            Category.GBV,
            description="neutral words",
            address="1 Far Road",
            latitude=-26.41,
            longitude=28.0,
            contact_instructions="mornings only",
            safe_to_contact=True,
        )
    )
    saps = await desk_of("tvd_saps")
    listed = await saps.tickets.row(number)
    before = await saps.tickets.detail(number)
    await saps.work.add_note(number, "spoke to her sister")
    detail = await saps.tickets.show(number)
    history = detail.history
    afterwards = await saps.tickets.history(number)

    assert (listed.description, listed.address, listed.latitude) == (None, None, None)
    assert listed.sla_status is None
    assert listed.assigned_team == "SAPS South"
    assert before.confidential is None
    assert detail.confidential is not None
    assert detail.confidential.description == "neutral words"
    assert detail.confidential.contact_instructions == "mornings only"
    assert detail.confidential.safe_to_contact
    assert [entry.kind for entry in history] == [
        EventKind.VIEWED,
        EventKind.NOTED,
        EventKind.ASSIGNED,
        EventKind.CREATED,
    ]
    assert history[1].note == "spoke to her sister"
    # What a pane asks for while the opening is fresh has the events, not the words.
    assert [entry.kind for entry in afterwards] == [entry.kind for entry in history]
    assert {entry.note for entry in afterwards} == {None}
    assert "neutral words" not in repr(detail)


async def test_a_liaison_who_has_not_opened_a_report_reads_no_note(desk_of: OpenDesk) -> None:
    """Notes on a GBV report are as confidential as the report."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(NewTicket(Category.GBV, description="neutral words"))
    first = await desk_of("tvd_saps")
    await first.work.add_note(number, "spoke to her sister")
    second = await desk_of("tvd_saps2")

    assert [entry.note for entry in await second.tickets.history(number)] == [None, None, None]


async def test_an_administrator_opens_a_report_by_number_with_a_reason(desk_of: OpenDesk) -> None:
    """By number and with a reason that SAPS can read; a short one is refused, hit or miss."""
    author = await desk_of("tvd_operator")
    number = await author.work.create(NewTicket(Category.GBV, description="neutral words"))
    admin = await desk_of("tvd_admin")
    for candidate in (number, NEVER_ISSUED):
        with pytest.raises(InvalidInput, match="at least 10 characters"):
            await admin.tickets.show(candidate, "short")
    detail = await admin.tickets.show(number, "court order 123/2026")
    saps = await desk_of("tvd_saps")
    history = (await saps.tickets.show(number)).history

    assert detail.confidential is not None
    assert detail.confidential.description == "neutral words"
    assert detail.ticket.tracking_number == number
    assert ("tvd_admin", "court order 123/2026") in {(e.actor, e.note) for e in history}


async def test_a_disabled_colleague_at_an_open_console_sees_nothing_more(
    database: Database, desk_of: OpenDesk
) -> None:
    """Disabling works at once, on connections that are open too."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description="a leak"))
    database.connect_owner().execute(
        "update operators set is_active = false where username = 'tvd_operator'"
    )

    with pytest.raises(Refused):
        await desk.tickets.row(number)
    with pytest.raises(Refused):
        await desk.work.add_note(number, "still here?")
