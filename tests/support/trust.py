"""A server that asks a login for no password, as one does by peer authentication."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from support.database import Server


@contextmanager
def trusted(server: Server, username: str) -> Iterator[Callable[[], None]]:
    """While it lasts no password is asked for; calling what it gives ends that early."""
    rules = server.cluster.pgdata / "pg_hba.conf"
    before = rules.read_text()

    def follow(text: str, *, asks: bool) -> None:
        rules.write_text(text)
        server.admin.execute("select pg_reload_conf()")
        end = time.monotonic() + 60
        while _asks(server, username) is not asks:
            assert time.monotonic() < end, "the server does not go by its rules"

    follow(f"host all {username} 127.0.0.1/32 trust\n{before}", asks=False)
    try:
        yield lambda: follow(before, asks=True)
    finally:
        follow(before, asks=True)


def _asks(server: Server, username: str) -> bool:
    try:
        psycopg.connect(server.cluster.superuser_dsn(), user=username, password="no such").close()
    except psycopg.OperationalError:
        return True
    return False
