"""Connections by libpq's own conventions, and what their failures mean."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import conninfo

from municonsole.domain.errors import (
    Full,
    InvalidInput,
    LoginClosed,
    LoginFailed,
    PasswordNeeded,
    Unreachable,
)

APPLICATION_NAME = "municonsole"
"""What pg_stat_activity shows: neutral, the same for everybody."""

# A black-holed link is not noticed by a waiting read: the kernel has to be told when to give up.
_LIVELINESS = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def parameters(dsn: str, password: str | None, connect_timeout: int) -> dict[str, str]:
    """Libpq parameters of `dsn` (URI, key=value or empty), completed where it leaves something open.

    `connect_timeout` is in seconds. Raises InvalidInput when libpq cannot read `dsn`.
    """
    try:
        given = {key: str(value) for key, value in conninfo.conninfo_to_dict(dsn).items()}
    except psycopg.ProgrammingError:
        raise InvalidInput(
            "the connection string (--dsn, MUNICONSOLE_DSN or [database] dsn) is neither a postgresql:// "
            "URI nor key=value pairs that libpq knows"
        ) from None
    if password is not None:
        given["password"] = password
    return {
        **_LIVELINESS,
        "application_name": APPLICATION_NAME,
        "connect_timeout": str(connect_timeout),
        **given,
    }


def failure(error: psycopg.OperationalError) -> Unreachable:
    """The one sentence for a connection that did not come about."""
    pgconn = error.pgconn
    text = str(error)
    if pgconn is not None and pgconn.needs_password:
        return PasswordNeeded("the database asks for a password and none was given")
    user = (
        pgconn.user.decode(errors="replace") if pgconn is not None and pgconn.user else "this user"
    )
    if "is not permitted to log in" in text:
        return LoginClosed(
            f"the database lets {user} in no more: the login is switched off; an administrator can enable it"
        )
    if (
        "password authentication failed" in text
        or "no pg_hba.conf entry" in text
        or ('role "' in text and "does not exist" in text)
    ):
        return LoginFailed(
            f"the database did not accept the login of {user}; check user name and password"
        )
    if "too many connections" in text or "remaining connection slots" in text:
        return Full("the database has no connection left for this login; close another console")
    if 'database "' in text and "does not exist" in text:
        return Unreachable(
            "there is no such database on this server; check the name of the database"
        )
    where = ""
    if pgconn is not None and pgconn.host:
        where = f" at {pgconn.host.decode(errors='replace')}:{pgconn.port.decode(errors='replace')}"
    return Unreachable(
        f"the database{where} cannot be reached; check host, port and network, or run municonsole doctor"
    )


async def connect(
    dsn: str, *, password: str | None = None, connect_timeout: int = 5, statement_timeout: int = 30
) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """A logged-in AUTOCOMMIT connection; timeouts in seconds.

    Raises PasswordNeeded, LoginFailed or Unreachable, never an error of psycopg.
    """
    given = parameters(dsn, password, connect_timeout)
    given["options"] = (
        f"{given.get('options', '')} -c timezone=UTC -c statement_timeout={statement_timeout * 1000}".strip()
    )
    try:
        return await psycopg.AsyncConnection.connect(
            conninfo.make_conninfo(**given), autocommit=True
        )
    except psycopg.OperationalError as error:
        raise failure(error) from None


def connect_sync(
    dsn: str, *, password: str | None = None, connect_timeout: int = 5, autocommit: bool = False
) -> psycopg.Connection[tuple[object, ...]]:
    """The same for the owner's work (upgrade, check), without a statement timeout of its own."""
    try:
        return psycopg.connect(
            conninfo.make_conninfo(**parameters(dsn, password, connect_timeout)),
            autocommit=autocommit,
        )
    except psycopg.OperationalError as error:
        raise failure(error) from None


class Login:
    """How one person logs in, again and again: a connection string, and whether the server asks for a password.

    Timeouts are in seconds. `asks` is what the last connection showed: a server that asks for none
    (peer, a certificate, trust) lets in whoever sits there.
    """

    def __init__(self, dsn: str, *, connect_timeout: int, statement_timeout: int) -> None:
        self._dsn = dsn
        self._connect_timeout = connect_timeout
        self._statement_timeout = statement_timeout
        self.asks = True

    async def connect(self, password: str | None) -> psycopg.AsyncConnection[Any]:
        """`connect` with a password; libpq takes none from anywhere else where one is given."""
        try:
            made = await connect(
                self._dsn,
                password=password,
                connect_timeout=self._connect_timeout,
                statement_timeout=self._statement_timeout,
            )
        except LoginFailed:
            self.asks = True
            raise
        self.asks = made.pgconn.used_password
        return made
