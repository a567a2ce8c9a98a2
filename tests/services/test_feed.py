"""The feed: every event one may see, once, however late or out of order it was committed."""

from __future__ import annotations

import asyncio
import random
import threading
import uuid

import psycopg
import pytest
from law import desk as law
from services.conftest import OpenDesk
from support.database import Database, Server

from municonsole.domain.errors import Unreachable
from municonsole.domain.filters import MUNICIPAL_VIEWS
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, EventKind, SlaState, Status
from municonsole.services import feed
from municonsole.services.feed import Feed


async def drained(source: Feed) -> list[int]:
    """The ids of what is new."""
    return [event.id for event in (await source.news()).events]


async def test_a_change_is_news_once(desk_of: OpenDesk, database: Database) -> None:
    """To everybody who sees the ticket, and from the first look on."""
    desk = await desk_of("tvd_manager")
    first = await desk.feed.news()
    ticket = law.id_of(database, law.log(database.connect("tvd_operator")))
    news = await desk.feed.news()

    assert (first.events, first.complete) == ((), False)
    assert [event.kind for event in news.events] == [EventKind.CREATED, EventKind.ASSIGNED]
    assert {event.ticket_id for event in news.events} == {ticket}
    assert news.complete
    assert await drained(desk.feed) == []


async def test_the_wall_stands_in_the_feed(desk_of: OpenDesk, database: Database) -> None:
    """A GBV report is news for SAPS alone, and another municipality's ticket for nobody here."""
    desks = {who: await desk_of(who) for who in ("tvd_admin", "tvd_saps", "ksb_operator")}
    for desk in desks.values():
        await desk.feed.news()
    operator = database.connect("tvd_operator")
    ordinary, report, moved = (
        law.id_of(database, law.log(operator, category)) for category in ("water", "gbv", "water")
    )
    operator.execute("select muni.mark_sensitive(%s, 'as she told')", (moved,))
    seen = {
        who: {event.ticket_id for event in (await desk.feed.news()).events}
        for who, desk in desks.items()
    }

    assert seen == {"tvd_admin": {ordinary}, "tvd_saps": {report, moved}, "ksb_operator": set()}


async def test_whoever_commits_late_is_not_missed(desk_of: OpenDesk, database: Database) -> None:
    """An event with a lower number that becomes visible after a higher one; nothing waits for it."""
    desk = await desk_of("tvd_manager")
    await desk.feed.news()
    slow, quick = (database.connect("tvd_operator", autocommit=False) for _ in range(2))
    law.log(slow)
    law.log(quick)
    quick.commit()
    before = await desk.feed.news()
    assert await drained(desk.feed) == []
    slow.commit()
    after = await desk.feed.news()

    assert (len(before.events), len(after.events)) == (2, 2)
    assert max(e.id for e in after.events) < min(e.id for e in before.events)


async def test_whoever_missed_too_much_is_told_so(
    desk_of: OpenDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then everything is read anew, and the feed goes on from now."""
    monkeypatch.setattr(feed, "LIMIT", 20)
    desk = await desk_of("tvd_manager")
    await desk.feed.news()
    operator = database.connect("tvd_operator")
    ticket = law.id_of(database, law.log(operator))
    for _ in range(20):
        operator.execute(law.NOTE, (ticket, "words"))
    news = await desk.feed.news()

    assert not news.complete
    assert await drained(desk.feed) == []


async def test_a_server_that_counts_anew_is_noticed(desk_of: OpenDesk) -> None:
    """Restored from a backup, it has younger transactions than the last look."""
    desk = await desk_of("tvd_manager")
    await desk.feed.news()
    desk.feed._seen = "900000000:900000000:"

    assert not (await desk.feed.news()).complete
    assert (await desk.feed.news()).complete


async def test_what_is_in_sight_is_told_when_it_changes_and_only_then(
    desk_of: OpenDesk, database: Database
) -> None:
    """By whomever; a note, which changes no row, is news as well."""
    desk, colleague = await desk_of("tvd_manager"), await desk_of("tvd_operator")
    numbers = [
        await colleague.work.create(NewTicket(Category.WATER, description="leak")) for _ in range(2)
    ]
    ids = [(await desk.tickets.row(number)).id for number in numbers]
    first = await desk.feed.look(ids)
    again = await desk.feed.look(ids)
    await colleague.work.change_status(numbers[0], Status.IN_PROGRESS)
    moved = await desk.feed.look(ids)
    await colleague.work.add_note(numbers[1], "words")
    noted = await desk.feed.look(ids)
    fewer = await desk.feed.look(ids[:1])
    more = await desk.feed.look(ids)

    assert first.rows.keys() == set(ids)
    assert (again.rows, again.gone, again.news.events) == ({}, frozenset(), ())
    assert {row.status for row in moved.rows.values()} == {Status.IN_PROGRESS}
    assert moved.rows.keys() == {ids[0]}
    assert noted.rows.keys() == {ids[1]}
    assert (fewer.rows, fewer.gone) == ({}, frozenset())
    assert more.rows.keys() == {
        ids[1]
    }  # it was out of sight, and is looked at as for the first time


async def test_a_state_that_changes_with_time_alone_is_told(
    desk_of: OpenDesk, database: Database
) -> None:
    """Nobody did anything: the deadline has come."""
    desk = await desk_of("tvd_manager")
    number = await desk.work.create(NewTicket(Category.WATER, description="leak"))
    ticket = (await desk.tickets.row(number)).id
    await desk.feed.look([ticket])
    with database.connect_owner() as owner:
        owner.execute("update tickets set sla_response_deadline = now() - interval '1 min'")
    look = await desk.feed.look([ticket])

    assert look.news.events == ()
    assert look.rows[ticket].sla_status is SlaState.BREACHED_RESPONSE


async def test_what_may_no_longer_be_seen_is_gone_whatever_it_was_looked_at_with(
    desk_of: OpenDesk, database: Database
) -> None:
    """The last one in sight, one of several, and one that is asked for again."""
    desk = await desk_of("tvd_manager")
    numbers = [
        await desk.work.create(NewTicket(Category.WATER, description="leak")) for _ in range(3)
    ]
    ids = [(await desk.tickets.row(number)).id for number in numbers]
    await desk.feed.look(ids)
    await desk.work.mark_sensitive(numbers[0], "as she told")
    several = await desk.feed.look(ids)
    again = await desk.feed.look(ids)
    await desk.feed.look(ids[1:2])
    await desk.work.mark_sensitive(numbers[1], "as she told")
    last = await desk.feed.look(ids[1:2])

    assert several.gone == again.gone == {ids[0]}
    assert last.gone == {ids[1]}
    assert several.rows == again.rows == last.rows == {}


async def test_it_is_told_what_belongs_to_the_list(desk_of: OpenDesk) -> None:
    """Of what is new and of what has changed; of what the law hides nothing."""
    desk, saps = await desk_of("tvd_manager"), await desk_of("tvd_saps")
    view = desk.tickets.view(MUNICIPAL_VIEWS[1])  # nobody has them yet
    await desk.feed.look((), view)
    number = await desk.work.create(NewTicket(Category.WATER, description="leak"))
    ticket = (await desk.tickets.row(number)).id
    await saps.work.create(NewTicket(Category.GBV, description="made up"))
    new = await desk.feed.look((), view)
    await desk.work.take(number)
    taken = await desk.feed.look((), view)

    assert (new.rows.keys(), new.belonging) == ({ticket}, {ticket})
    assert (taken.rows.keys(), taken.belonging) == ({ticket}, set())


async def test_a_breach_says_whose_ticket_it_was(desk_of: OpenDesk, database: Database) -> None:
    """The same stroke hands it to the manager of the team."""
    mine, other = await desk_of("tvd_operator"), await desk_of("tvd_operator2")
    number = await mine.work.create(NewTicket(Category.WATER, description="leak"))
    await mine.work.take(number)
    for desk in (mine, other):
        await desk.feed.look(())
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_response_deadline = now() - interval '2 min',"
            " sla_response_warning_at = now() - interval '9 min'"
        )
    manager = database.connect("tvd_manager")
    for _ in range(2):
        manager.execute("select muni.sweep_sla(interval '0 s')")
    looks = [await desk.feed.look(()) for desk in (mine, other)]

    breaches = [
        next(e for e in look.news.events if e.kind is EventKind.SLA_BREACHED) for look in looks
    ]
    assert [event.was_mine for event in breaches] == [True, False]
    assert {row.assigned_to for row in looks[0].rows.values()} == {"tvd_manager"}


async def test_a_connection_made_anew_in_between_is_told(desk_of: OpenDesk, server: Server) -> None:
    """What is read again without a word may be another server."""
    desk = await desk_of("tvd_manager")
    await desk.feed.news()
    complete = (await desk.feed.news()).complete
    server.admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tvd_manager'"
    )

    assert complete
    assert not (await desk.feed.news()).complete
    assert (await desk.feed.news()).complete


async def test_what_could_not_be_read_is_news_the_next_time(
    desk_of: OpenDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line breaks between the two trips of a look."""
    desk = await desk_of("tvd_manager")
    await desk.feed.news()
    ticket = law.id_of(database, law.log(database.connect("tvd_operator")))

    async def broken(*_: object) -> object:
        raise Unreachable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(desk.feed, "_read", broken)
        with pytest.raises(Unreachable):
            await desk.feed.look(())

    assert (await desk.feed.look(())).rows.keys() == {ticket}


async def test_many_writers_and_one_reader(desk_of: OpenDesk, database: Database) -> None:
    """Commits in any order, some rolled back, a writer open all the while: none missed, none twice."""
    await watch_writers(desk_of, database, writers=8, rounds=15)


async def watch_writers(
    desk_of: OpenDesk, database: Database, *, writers: int, rounds: int
) -> None:
    """Let writers do random things while two readers look, then compare with what they may see."""
    readers = [await desk_of("tvd_manager"), await desk_of("tvd_saps")]
    seen: list[list[int]] = [[] for _ in readers]
    owner = database.connect_owner()
    start = law.value(
        owner, "select coalesce(max(id), 0) from ticket_events where not is_sensitive"
    )
    for reader in readers:
        await reader.feed.news()
    left_open = database.connect("tvd_operator", autocommit=False)
    law.log(left_open)
    threads = [
        threading.Thread(
            target=write, args=(database.connect(who, autocommit=False), place, rounds)
        )
        for place, who in enumerate(_cast(writers))
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for reader, ids in zip(readers, seen, strict=True):
            news = await reader.feed.news()
            assert news.complete
            ids.extend(event.id for event in news.events)
        await asyncio.sleep(0.01)
    left_open.rollback()
    for thread in threads:
        thread.join()
    for reader, ids in zip(readers, seen, strict=True):
        ids.extend(await drained(reader.feed))

    for sensitive, ids in zip((False, True), seen, strict=True):
        written = owner.execute(
            "select e.id from ticket_events as e join municipalities as m on m.id = e.municipality_id"
            " where m.code = 'tvd' and e.is_sensitive = %s and e.kind <> 'viewed'"
            " and (e.is_sensitive or e.id > %s)",
            (sensitive, start),
        ).fetchall()
        assert len(ids) == len(set(ids))
        gone = set(ids) - {row[0] for row in written}
        # What was seen and is no longer there has moved behind the wall since.
        assert not sensitive or not gone
        assert {row[0] for row in written} <= set(ids)
        assert len(written) > rounds


def _cast(writers: int) -> list[str]:
    people = ("tvd_operator", "tvd_operator2", "tvd_manager", "tvd_saps", "ksb_operator")
    return [people[place % len(people)] for place in range(writers)]


def write(connection: psycopg.Connection, seed: int, rounds: int) -> None:
    """One writer's transactions: some of several events, some rolled back, some marking sensitive."""
    rng = random.Random(seed)
    own: list[uuid.UUID] = []
    category = "gbv" if connection.info.user == "tvd_saps" else "water"
    for _ in range(rounds):
        number = law.log(connection, category)
        found = connection.execute(
            "select id from muni.tickets where tracking_number = %s", (number,)
        ).fetchone()
        ticket = found[0] if found else None
        if ticket is not None and rng.random() < 0.5:
            connection.execute(law.NOTE, (ticket, "words"))
        if own and rng.random() < 0.3:
            connection.execute(law.NOTE, (rng.choice(own), "more words"))
        if rng.random() < 0.2:
            connection.rollback()
            continue
        connection.commit()
        if ticket is not None and category != "gbv" and rng.random() < 0.1:
            connection.execute("select muni.mark_sensitive(%s, 'as she told')", (ticket,))
            connection.commit()
        elif ticket is not None:
            own.append(ticket)
