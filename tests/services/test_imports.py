"""Importing from another system: complete, once, with its own times, for administrators alone."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb
from services.conftest import OpenDesk
from support.database import Database, Server

from municonsole.domain.errors import InvalidInput, Refused, Unreachable
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import TicketRow, TimelineEntry
from municonsole.domain.values import EventKind, Status
from municonsole.services.desk import Desk
from municonsole.services.importing import RequestFile, mapping
from municonsole.services.importing.records import Rejection

pytestmark = pytest.mark.law

GOOD = {
    "Unique Key": "100",
    "Created Date": "06/26/2018 10:58:54 AM",
    "Closed Date": "06/26/2018 12:50:01 PM",
    "Complaint Type": "Street Light Condition",
    "Descriptor": "Lamp Missing",
    "Incident Address": "1 Made-up Street",
    "City": "TESTVILLE",
    "Latitude": "40.7",
    "Longitude": "-73.8",
    "Status": "Closed",
    "Resolution Description": "The lamp was replaced.",
    "Resolution Action Updated Date": "06/26/2018 12:30:00 PM",
}
COLUMNS = [*GOOD, "Intersection Street 1", "Intersection Street 2"]
POTHOLE = {
    "service_request_id": "14-1",
    "status": "closed",
    "status_notes": "Filled",
    "service_name": "Pothole in Street",
    "requested_datetime": "2014-05-09T19:02:21-05:00",
    "updated_datetime": "2014-05-20T10:00:00-05:00",
    "address": "1 Made-up Street",
    "lat": 41.7,
    "long": -87.6,
    "notes": [
        {"datetime": "2014-05-20T10:00:00-05:00", "summary": "Request closed"},
        {"datetime": "2014-05-09T19:00:00-05:00", "summary": "Request submitted via Web"},
        {"datetime": "2014-05-10T08:00:00-05:00", "summary": "Inspected", "description": "Deep"},
    ],
}
Opened = Callable[..., RequestFile]


@pytest.fixture
def table(tmp_path: Path) -> Opened:
    """Give a CSV file of such rows, as New York's open data has them."""

    def table(*rows: dict[str, str]) -> RequestFile:
        file = tmp_path / "requests.csv"
        with file.open("w", newline="") as text:
            writer = csv.DictWriter(text, COLUMNS)
            writer.writeheader()
            writer.writerows(GOOD | row for row in rows)
        return RequestFile(file, mapping.load("nyc_311.toml"))

    return table


@pytest.fixture
def requests(tmp_path: Path) -> Opened:
    """Give a file of such Open311 requests."""

    def requests(*rows: object) -> RequestFile:
        file = tmp_path / "requests.json"
        file.write_text(json.dumps(rows))
        return RequestFile(file, mapping.load("open311.toml"))

    return requests


async def run(desk: Desk, file: RequestFile, **how: bool) -> tuple[list[int], list[Rejection]]:
    """Import the file: how many were read, imported, skipped and rejected, and the rejections."""
    rejections: list[Rejection] = []
    with closing(file):
        done = await desk.imports.run(file, on_rejection=rejections.append, **how)
    return list(astuple(done)), rejections


async def tickets(desk: Desk) -> tuple[TicketRow, ...]:
    """All tickets the operator sees."""
    return (await desk.tickets.page(TicketFilter(), limit=500)).tickets


async def history(desk: Desk) -> list[TimelineEntry]:
    """The timeline of the only ticket, oldest first."""
    [ticket] = await tickets(desk)
    return list(reversed(await desk.tickets.history(ticket.tracking_number)))


async def test_a_row_of_new_yorks_becomes_a_ticket(desk_of: OpenDesk, table: Opened) -> None:
    """A city's request is a ticket of ours with its own time, place, category and status."""
    desk = await desk_of("tvd_admin")
    counts, _ = await run(desk, table({}))
    [ticket] = await tickets(desk)

    assert counts == [1, 1, 0, 0]
    assert (ticket.category, ticket.severity, ticket.status) == ("electricity", "medium", "closed")
    assert ticket.description == "Street Light Condition: Lamp Missing"
    assert ticket.address == "1 Made-up Street, TESTVILLE"
    assert (ticket.latitude, ticket.longitude) == (40.7, -73.8)
    assert ticket.created_at == datetime(2018, 6, 26, 14, 58, 54, tzinfo=UTC)
    assert ticket.resolved_at == ticket.updated_at == datetime(2018, 6, 26, 16, 50, 1, tzinfo=UTC)
    assert ticket.tracking_number.startswith("TKT-20180626-")
    assert (await desk.tickets.search("lamp missing"))[0] == ticket


async def test_the_timeline_is_that_of_the_other_system(
    desk_of: OpenDesk, requests: Opened
) -> None:
    """Notes stand at their own times, even one from before the request; then comes the status."""
    desk = await desk_of("tvd_admin")
    await run(desk, requests(POTHOLE))
    entries = [(str(e.kind), e.at.isoformat(), e.to_status, e.note) for e in await history(desk)]

    assert entries == [
        ("imported", "2014-05-10T00:02:21+00:00", "open", "open311: 14-1"),
        ("noted", "2014-05-10T00:00:00+00:00", None, "Request submitted via Web"),
        ("noted", "2014-05-10T13:00:00+00:00", None, "Inspected\nDeep"),
        ("noted", "2014-05-20T15:00:00+00:00", None, "Request closed"),
        ("noted", "2014-05-20T15:00:00+00:00", None, "Filled"),
        ("status_changed", "2014-05-20T15:00:00+00:00", "resolved", None),
        ("status_changed", "2014-05-20T15:00:00+00:00", "closed", None),
    ]
    assert {(e.actor, e.via) for e in await history(desk)} == {("tvd_admin", "import")}


async def test_no_time_of_a_ticket_is_before_it_was_logged(
    desk_of: OpenDesk, table: Opened
) -> None:
    """A file that closes a request before it was made closes it when it was made."""
    desk = await desk_of("tvd_admin")
    early = {
        "Closed Date": "06/25/2018 01:00:00 AM",
        "Resolution Action Updated Date": "06/24/2018 01:00:00 AM",
    }
    await run(desk, table(early))
    [ticket] = await tickets(desk)

    assert ticket.created_at == ticket.resolved_at == ticket.updated_at
    noted = [entry for entry in await history(desk) if entry.kind is EventKind.NOTED]
    assert noted[0].at == datetime(2018, 6, 24, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "status"),
    [("Open", "open"), ("Assigned", "in_progress"), ("Pending", "on_hold"), ("Closed", "closed")],
)
async def test_a_status_is_reached_by_legal_moves(
    database: Database, desk_of: OpenDesk, table: Opened, word: str, status: str
) -> None:
    """An imported ticket stands where it stood, and its history has no move that we forbid."""
    desk = await desk_of("tvd_admin")
    await run(desk, table({"Status": word}))
    [ticket] = await tickets(desk)
    illegal = database.connect_owner().execute(
        """
        select e.from_status, e.to_status from ticket_events as e
        where e.from_status is not null and not exists (
            select from status_transitions as s
            where s.from_status = e.from_status and s.to_status = e.to_status
        )
        """
    )

    assert ticket.status == status
    assert illegal.fetchall() == []


async def test_the_chain_of_an_imported_ticket_is_whole(
    database: Database, desk_of: OpenDesk, requests: Opened
) -> None:
    """What was imported can be proved unchanged like everything else."""
    desk = await desk_of("tvd_admin")
    await run(desk, requests(POTHOLE))
    broken = database.connect_owner().execute(
        """
        select e.seq from ticket_events as e
        join tickets as t on t.id = e.ticket_id
        where e.chain <> muni.event_digest(
            coalesce(
                (select p.chain from ticket_events as p where p.ticket_id = t.id and p.seq = e.seq - 1),
                sha256(convert_to(t.id::text, 'UTF8'))
            ),
            e.seq, e.kind, e.actor, e.via, e.at, e.from_status, e.to_status, e.team_id, e.assignee,
            e.data, e.note_digest
        ) or (e.seq = t.last_seq and e.chain <> t.chain)
        """
    )

    assert broken.fetchall() == []


async def test_importing_again_changes_nothing(desk_of: OpenDesk, table: Opened) -> None:
    """The same file twice, or with new rows beside the old: each request is there once."""
    desk = await desk_of("tvd_admin")
    await run(desk, table({}))
    before = await tickets(desk)
    again, _ = await run(desk, table({}))
    more, _ = await run(desk, table({}, {"Unique Key": "101"}, {"Unique Key": "101"}))

    assert again == [1, 0, 1, 0]
    assert more == [3, 1, 2, 0]
    assert len(await tickets(desk)) == 2
    assert before[0] in await tickets(desk)


async def test_two_municipalities_and_two_systems_do_not_mix(
    desk_of: OpenDesk, table: Opened, requests: Opened
) -> None:
    """The same id in another system, or at a neighbour's, is another request."""
    ours, theirs = await desk_of("tvd_admin"), await desk_of("ksb_admin")
    await run(ours, table({}))
    there, _ = await run(theirs, table({}))
    other, _ = await run(ours, requests({**POTHOLE, "service_request_id": "100"}))

    assert there == other == [1, 1, 0, 0]
    assert (len(await tickets(ours)), len(await tickets(theirs))) == (2, 1)


async def test_what_went_behind_the_wall_is_not_brought_back(
    database: Database, desk_of: OpenDesk, table: Opened
) -> None:
    """A request that turned out to be GBV stays where it is, however often the file is imported."""
    desk = await desk_of("tvd_admin")
    await run(desk, table({}))
    owner = database.connect_owner()
    for emptied in ("ticket_notes", "ticket_events", "ticket_search", "tickets"):
        owner.execute(f"delete from {emptied}")
    again, _ = await run(desk, table({}))
    looked, _ = await run(desk, table({}), dry_run=True)

    assert again == looked == [1, 0, 1, 0]
    assert await tickets(desk) == ()


async def test_rows_that_cannot_be_imported_are_told_in_the_order_of_the_file(
    desk_of: OpenDesk, table: Opened
) -> None:
    """One bad row costs only itself, whoever refuses it, and its place is named."""
    desk = await desk_of("tvd_admin")
    counts, rejections = await run(
        desk,
        table(
            {"Unique Key": "9", "Created Date": "06/26/2018"},
            {"Unique Key": "8", "Descriptor": "x" * 10_001},
            {"Unique Key": "7", "Complaint Type": "Domestic Violence"},
            {"Unique Key": "6"},
            {"Unique Key": "5", "Latitude": "400"},
        ),
    )

    assert counts == [5, 1, 0, 4]
    assert [(item.number, item.source_id) for item in rejections] == [
        (2, "9"),
        (3, "8"),
        (4, "7"),
        (6, "5"),
    ]
    assert rejections[0].reason == "Created Date: not a time of the form %m/%d/%Y %I:%M:%S %p"
    assert rejections[2].reason == "GBV reports are never imported"


async def test_a_rejected_row_can_be_mended_and_imported(desk_of: OpenDesk, table: Opened) -> None:
    """What was refused is not taken for imported."""
    desk = await desk_of("tvd_admin")
    await run(desk, table({"Created Date": "never"}))
    counts, _ = await run(desk, table({}))

    assert counts == [1, 1, 0, 0]


async def test_more_rows_than_a_batch_all_arrive(desk_of: OpenDesk, table: Opened) -> None:
    """A file of several batches is imported whole, and progress ends at its end."""
    desk = await desk_of("tvd_admin")
    positions: list[int] = []
    with closing(table(*({"Unique Key": str(number)} for number in range(450)))) as file:
        done = await desk.imports.run(file, on_progress=positions.append)

        assert (done.read, done.imported) == (450, 450)
        assert positions == sorted(positions)
        assert positions[-1] == file.size


async def test_two_imports_at_once_bring_each_request_once(
    database: Database, desk_of: OpenDesk, requests: Opened
) -> None:
    """Two administrators start the same file, one of them sorted the other way: nobody is stopped."""
    many = [{**POTHOLE, "service_request_id": str(number)} for number in range(400)]
    first, second = await desk_of("tvd_admin"), await desk_of("tvd_admin")
    one, other = requests(*many), requests(*reversed(many))
    done = await asyncio.gather(run(first, one), run(second, other))

    assert [counts[0] for counts, _ in done] == [400, 400]
    assert sum(counts[1] for counts, _ in done) == 400
    assert len(await tickets(first)) == 400


async def test_a_dry_run_tells_and_writes_nothing(
    database: Database, desk_of: OpenDesk, table: Opened
) -> None:
    """The administrator sees what would happen: new, known and bad rows; nothing is stored."""
    desk = await desk_of("tvd_admin")
    await run(desk, table({}))
    counts, rejections = await run(
        desk,
        table({}, {"Unique Key": "2"}, {"Unique Key": "2"}, {"Unique Key": "3", "Status": "?"}),
        dry_run=True,
    )
    stored = database.connect_owner().execute(
        "select (select count(*) from tickets), (select count(*) from import_sources)"
    )

    assert counts == [4, 1, 2, 1]
    assert rejections == [Rejection(5, "3", "Status: the mapping does not know this status")]
    assert stored.fetchone() == (1, 1)


async def test_imported_tickets_have_clocks_only_when_asked_for(
    desk_of: OpenDesk, table: Opened
) -> None:
    """Old requests do not all breach at once; with --sla they count from their own time."""
    desk = await desk_of("tvd_admin")
    await run(desk, table({"Status": "Open"}))
    await run(desk, table({"Unique Key": "2", "Status": "Open"}), with_sla=True)
    with_clocks, without = sorted(await tickets(desk), key=lambda item: item.sla_status is None)

    assert without.sla_response_deadline is without.sla_resolution_deadline is None
    assert with_clocks.sla_response_deadline == datetime(2018, 6, 26, 22, 58, 54, tzinfo=UTC)
    assert with_clocks.sla_status == "breached_resolution"


@pytest.mark.parametrize("role", ["operator", "manager", "saps"])
async def test_importing_is_for_administrators(
    database: Database, desk_of: OpenDesk, table: Opened, role: str
) -> None:
    """Anybody else is told so, by the program and by the database."""
    desk = await desk_of(f"tvd_{role}")
    with pytest.raises(Refused, match="importing is for administrators"):
        await run(desk, table({}))

    allowed = database.connect(f"tvd_{role}").execute(
        """
        select has_function_privilege('muni.import_tickets(text, jsonb, bool)', 'execute')
            or has_function_privilege('muni.imported_before(text, text[])', 'execute')
        """
    )
    assert allowed.fetchone() == (False,)


async def test_hostile_text_is_stored_harmlessly(desk_of: OpenDesk, table: Opened) -> None:
    """Whatever a citizen wrote in another system drives no terminal here."""
    desk = await desk_of("tvd_admin")
    nasty = "[/x] [@click=app.quit] \x1b[2J\x1b]0;t\x07 \x9b31m \u202e 🚰 " + "w" * 5000
    counts, _ = await run(
        desk,
        table({"Descriptor": nasty, "City": nasty[:60], "Resolution Description": nasty}),
    )
    [ticket] = await tickets(desk)
    shown = f"{ticket.description}{ticket.address}{[entry.note for entry in await history(desk)]}"

    assert counts == [1, 1, 0, 0]
    assert "[@click=app.quit]" in shown
    assert not set("\x1b\x07\x9b\u202e") & set(shown)


async def test_a_lost_connection_says_to_do_it_again_and_that_works(
    server: Server, database: Database, desk_of: OpenDesk, table: Opened
) -> None:
    """The line breaks in the middle: what is in stays, the rest comes with the same command."""
    desk = await desk_of("tvd_admin")
    rows = [{"Unique Key": str(number)} for number in range(300)]

    def cut(_: int) -> None:
        server.admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = %s and usename = 'tvd_admin'",
            (database.dbname,),
        )

    with (
        closing(table(*rows)) as file,
        pytest.raises(Unreachable, match="lost after 200 rows; give the same command again"),
    ):
        await desk.imports.run(file, on_progress=cut)
    counts, _ = await run(desk, table(*rows))

    assert counts == [300, 100, 200, 0]
    assert await desk.tickets.count(TicketFilter(statuses=(Status.CLOSED,))) == 300


async def test_a_file_that_changes_under_the_reader_ends_in_a_sentence(
    desk_of: OpenDesk, table: Opened, tmp_path: Path
) -> None:
    """A file that is being written while it is read is no reason for a fault."""
    desk = await desk_of("tvd_admin")
    file = table(*({"Unique Key": str(number)} for number in range(2000)))
    with (tmp_path / "requests.csv").open("r+b") as spoiled:
        spoiled.seek(300_000)
        spoiled.write(b"\xff\xff")
    with pytest.raises(InvalidInput, match=r"requests\.csv: cannot be read beyond row 1,\d\d\d"):
        await run(desk, file)


# The law by itself, called by an administrator with psql.

ITEM = {
    "source_id": "1",
    "category": "water",
    "description": "A leak",
    "created_at": "2020-01-01T00:00:00Z",
}


def called(database: Database, *items: object) -> list[tuple[object, ...]]:
    """What `import_tickets` says of each item: outcome and why."""
    rows = database.connect("tvd_admin").execute(
        "select outcome, detail from muni.import_tickets('psql', %s)", (Jsonb(list(items)),)
    )
    return rows.fetchall()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"category": "gbv"}, "GBV reports are never imported"),
        ({"category": "cake"}, "a value is missing or out of range"),
        ({"category": None}, "a value is missing or out of range"),
        ({"source_id": None}, "the source id is missing or longer than 200 characters"),
        ({"source_id": "x" * 201}, "the source id is missing or longer than 200 characters"),
        ({"status": "parked"}, "there is no such status"),
        ({"latitude": 1}, "latitude and longitude go together"),
        ({"latitude": "secret", "longitude": 1}, "a value is missing or out of range"),
        ({"latitude": "NaN", "longitude": 1}, "a value is missing or out of range"),
        ({"description": None}, "a value is missing or out of range"),
        ({"description": "secret" * 2000}, "a value is missing or out of range"),
        ({"created_at": None}, "a value is missing or out of range"),
        ({"created_at": "secret"}, "a value is missing or out of range"),
        ({"created_at": "infinity"}, "a value is missing or out of range"),
        ({"created_at": "now"}, "a value is missing or out of range"),
        ({"created_at": "2020-01-01"}, "a value is missing or out of range"),
        ({"created_at": "2020-01-01T00:00:00"}, "a value is missing or out of range"),
        ({"created_at": "2020-02-31T00:00:00Z"}, "a value is missing or out of range"),
        ({"created_at": "2999-01-01T00:00:00Z"}, "a value is missing or out of range"),
        ({"status_at": "2999-01-01T00:00:00Z"}, "a value is missing or out of range"),
        ({"status": "closed", "status_at": "secret"}, "a value is missing or out of range"),
        ({"notes": "secret"}, "a value is missing or out of range"),
        ({"notes": ["secret"]}, "a value is missing or out of range"),
        ({"notes": [{"note": "secret"}]}, "a value is missing or out of range"),
        ({"notes": [{"at": "2020-01-01T00:00:00Z", "note": " "}]}, "a value is missing or out"),
    ],
)
def test_the_database_rejects_what_it_cannot_hold_and_quotes_none_of_it(
    database: Database, change: dict[str, object], reason: str
) -> None:
    """The database relies on no program to have checked, and an error repeats no citizen's words."""
    rows = called(database, ITEM | change, ITEM | {"source_id": "2"})

    assert rows[0][0] == "rejected"
    assert str(rows[0][1]).startswith(reason)
    assert rows[1][0] == "imported"
    counted = database.connect_owner().execute(
        "select (select count(*) from tickets), (select count(*) from import_sources)"
    )
    assert counted.fetchone() == (1, 1)


@pytest.mark.parametrize("item", ["text", 5, None, [], {}])
def test_what_is_no_request_at_all_is_rejected(database: Database, item: object) -> None:
    """Anything may stand in a list."""
    assert [row[0] for row in called(database, item, ITEM)] == ["rejected", "imported"]


def test_a_status_without_a_time_is_as_old_as_the_ticket(database: Database) -> None:
    """A system that does not say when it was closed does not close it today."""
    called(database, ITEM | {"status": "closed"})
    row = database.connect_owner().execute("select created_at = resolved_at from tickets")

    assert row.fetchone() == (True,)
