"""What doctor says of connections and servers that a test cannot have: values in, one line out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from psycopg.pq import ConninfoOption

from municonsole import diagnosis


@dataclass(frozen=True)
class Link:
    """What libpq knows about a connection."""

    host: bytes
    ssl_in_use: bool
    mode: bytes = b"prefer"
    hostaddr: bytes = b""

    @property
    def info(self) -> list[ConninfoOption]:
        return [ConninfoOption(b"sslmode", None, None, self.mode, b"", b"", 0)]


@dataclass(frozen=True)
class Server:
    """What the server said it is."""

    server_version: int


@dataclass(frozen=True)
class Connected:
    """As much of a connection as the two checks look at."""

    pgconn: Link | None = None
    info: Server | None = None


@pytest.mark.parametrize(
    ("link", "state", "words"),
    [
        (Link(b"/run/postgresql", False), "ok", "on this machine"),
        (Link(b"127.0.0.1", False), "ok", "on this machine"),
        (Link(b"", False, hostaddr=b"::1"), "ok", "on this machine"),
        (Link(b"db.example.org", False), "fail", "between here and db.example.org can be read"),
        (Link(b"", False, hostaddr=b"192.0.2.1"), "fail", "between here and 192.0.2.1 can be read"),
        (Link(b"db.example.org", True), "note", "any server could pose as db.example.org"),
        (Link(b"db.example.org", True, b"verify-ca"), "note", "sslmode=verify-ca"),
        (Link(b"db.example.org", True, b"verify-full"), "ok", "the server has shown who it is"),
    ],
)
def test_a_line_that_others_can_read_or_pretend_is_named(link: Link, state: str, words: str):
    """Citizens' reports do not cross a network in the clear without doctor saying so."""
    finding = diagnosis._tls(Connected(pgconn=link))

    assert (finding.state, finding.exit_status != 0) == (state, state == "fail")
    assert words in finding.found
    assert ("verify-full" in finding.mend) is (state != "ok")


@pytest.mark.parametrize(
    ("version", "state", "words"),
    [
        (140009, "fail", "PostgreSQL 14.9 is too old"),
        (150018, "ok", "PostgreSQL 15.18"),
        (180006, "ok", "PostgreSQL 18.6"),
        (190000, "note", "newer than what this municonsole was tested on"),
    ],
)
def test_a_server_that_is_too_old_or_too_new_is_named(version: int, state: str, words: str):
    """What the project is tested on is 15 to 18."""
    finding = diagnosis._server(Connected(info=Server(version)))

    assert finding.state == state
    assert words in finding.found
