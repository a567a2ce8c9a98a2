"""Streams tickets into the tables by COPY: while the server stores one chunk the next are made."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from municonsole.demo.seed import rows
from municonsole.demo.seed.ledger import HOUR, Ledger
from municonsole.demo.seed.order import Order
from municonsole.demo.seed.rhythm import DAY
from municonsole.demo.seed.tickets import Told

_CHUNK = 2000
_AHEAD = 2
"""Chunks that are made while one is written."""

_KEPT = 14 * DAY
_UNREAD = DAY
"""How long ago alerts were given that are there at all, and that nobody has read yet."""

_Chunk = dict[rows.Table, list[bytes]]


def write(
    connection: psycopg.Connection[tuple[object, ...]],
    tickets: Iterator[Told],
    count: int,
    now: int,
    progress: Callable[[int, int], None],
) -> tuple[int, int]:
    """Copy all of `tickets` within the caller's transaction.

    `progress` is told how many of `count` are written. Gives the highest event id of the municipal
    and of the sensitive partition.
    """
    order = Order()
    writing: deque[Future[int]] = deque()
    done = 0
    with _no_collections(), ThreadPoolExecutor(max_workers=1) as writer:
        for size, chunk in _chunks(tickets, order, now):
            writing.append(writer.submit(_copy, connection, chunk, size))
            while len(writing) > _AHEAD:
                done += writing.popleft().result()
                progress(done, count)
        while writing:
            done += writing.popleft().result()
            progress(done, count)
    return order.last_ids


def _chunks(tickets: Iterator[Told], order: Order, now: int) -> Iterator[tuple[int, _Chunk]]:
    """Rows by table, in handfuls of tickets with the events whose turn it is; the rest at the end."""
    chunk = _empty()
    size = 0
    for ticket, openings in tickets:
        side = ticket.is_sensitive
        chunk[rows.NUMBERS].append(rows.number(ticket))
        chunk[rows.TICKETS[side]].append(rows.ticket(ticket))
        chunk[rows.SEARCH[side]].append(rows.search(ticket))
        if side:
            chunk[rows.REPORTS].append(rows.report(ticket))
        chunk[rows.OPENINGS].extend(rows.opening(ticket, *opening) for opening in openings)
        chunk[rows.ALERTS].extend(_alerts(ticket, now))
        order.add(rows.events(ticket))
        size += 1
        if size == _CHUNK:
            yield size, chunk | order.due(ticket.created_at)
            chunk, size = _empty(), 0
    yield size, chunk | order.due(None)


def _alerts(ticket: Ledger, now: int) -> Iterator[bytes]:
    """The alerts of the last days; those of the last day are unread."""
    for alert in ticket.alerts:
        if alert.at > now - _KEPT:
            read_at = alert.at + HOUR if alert.at < now - _UNREAD else None
            yield rows.alert(ticket, alert, read_at)


def _empty() -> _Chunk:
    return {table: [] for table in rows.ALL}


def _copy(connection: psycopg.Connection[tuple[object, ...]], chunk: _Chunk, size: int) -> int:
    for table, made in chunk.items():
        if made:
            with connection.cursor() as cursor, cursor.copy(table.copy) as copy:
                copy.write(b"".join((rows.HEAD, *made, rows.TAIL)))
    return size


@contextmanager
def _no_collections() -> Iterator[None]:
    """Without the garbage collector: no cycles are made here, and it would walk every waiting row."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
