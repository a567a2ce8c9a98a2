"""Everything between this terminal and a working console, examined one thing after the other."""

from __future__ import annotations

import locale
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from municonsole import logs
from municonsole.config import Config, find, load
from municonsole.credentials import Terminal, account_of, choose_dsn, log_in
from municonsole.domain.errors import ConfigError, LoginFailed, MuniconsoleError, Unreachable
from municonsole.keyrings import Keyring, KeyringUnusable

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

OLDEST_SERVER, NEWEST_SERVER = 15, 18
"""Major versions of PostgreSQL that the project is tested on."""
COLUMNS, LINES = 60, 20
"""The smallest terminal on which the console is laid out, as in ui/screens/small.py."""


class State(StrEnum):
    """What came of a check; `note` works but deserves a look, `skipped` could not be looked at."""

    OK = "ok"
    NOTE = "note"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was found, and what mends it where something is amiss.

    `exit_status` is what a command ends with that stumbles over it.
    """

    check: str
    state: State
    found: str
    mend: str = ""
    exit_status: int = 0


def examine(config_option: Path | None, dsn_option: str | None) -> Iterator[Finding]:
    """Check configuration, log, connection, what is behind it, keyring and terminal, in turn."""
    finding, config = _configuration(config_option)
    yield finding
    yield _log(config)
    finding, connection = _connection(dsn_option, config)
    yield finding
    try:
        for check, look in _OF_A_CONNECTION.items():
            yield _looked_at(check, look, connection)
        yield _lock(connection, config.ui.idle_minutes)
    finally:
        if connection is not None:
            connection.close()
    yield _keyring()
    yield _terminal()


def _looked_at(
    check: str, look: Callable[[Connection], Finding], connection: Connection | None
) -> Finding:
    if connection is None:
        return Finding(check, State.SKIPPED, "there is no connection")
    try:
        return look(connection)
    except MuniconsoleError as error:
        return Finding(check, State.FAIL, str(error), exit_status=error.exit_status)


def _configuration(option: Path | None) -> tuple[Finding, Config]:
    file = find(option)
    try:
        config = load(file)
    except ConfigError as error:
        mend = "correct it; config.example.toml describes every key"
        finding = Finding("configuration", State.FAIL, str(error), mend, error.exit_status)
        return finding, Config()
    where = str(file) if file is not None else "no file; everything has its default"
    return Finding("configuration", State.OK, where), config


def _log(config: Config) -> Finding:
    try:
        file = logs.log_file(config.log)
        if file is None:
            return Finding("log", State.OK, "switched off by [log]")
        os.close(logs.open_file(file))
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Finding(
            "log",
            State.NOTE,
            f"{config.log.file} cannot be written, so no log line is: {reason}",
            'name another file under [log], or switch it off with level = "OFF"',
        )
    return Finding("log", State.OK, str(file))


def _connection(option: str | None, config: Config) -> tuple[Finding, Connection | None]:
    from municonsole.db.connection import connect_sync

    try:
        dsn = choose_dsn(option, config.database.dsn)
        connection, _ = log_in(
            lambda password: connect_sync(
                dsn.text, password=password, connect_timeout=config.database.connect_timeout
            ),
            partial(account_of, dsn.text),
            Keyring(),
            Terminal(),
        )
    except MuniconsoleError as error:
        mend = (
            ""
            if isinstance(error, LoginFailed)
            else "name the database with --dsn, MUNICONSOLE_DSN, [database] dsn or PGHOST"
        )
        return Finding("connection", State.FAIL, str(error), mend, error.exit_status), None
    return Finding("connection", State.OK, f"{account_of(dsn.text)}, by {dsn.source}"), connection


def _tls(connection: Connection) -> Finding:
    pgconn = connection.pgconn
    host = (pgconn.host or pgconn.hostaddr).decode(errors="replace")
    if not pgconn.ssl_in_use:
        if host in ("", "localhost", "::1") or host.startswith(("/", "127.")):
            return Finding("TLS", State.OK, "not needed: the server is on this machine")
        return Finding(
            "TLS",
            State.FAIL,
            f"everything between here and {host} can be read on the way",
            "switch TLS on at the server and add sslmode=verify-full to the connection",
            MuniconsoleError.exit_status,
        )
    mode = next((o.val.decode() for o in pgconn.info if o.keyword == b"sslmode" and o.val), "")
    if mode == "verify-full":
        return Finding("TLS", State.OK, "encrypted, and the server has shown who it is")
    return Finding(
        "TLS",
        State.NOTE,
        f"encrypted, but with sslmode={mode} any server could pose as {host}",
        "add sslmode=verify-full and sslrootcert to the connection",
    )


def _server(connection: Connection) -> Finding:
    major, minor = divmod(connection.info.server_version, 10_000)
    version = f"PostgreSQL {major}.{minor}"
    if major < OLDEST_SERVER:
        return Finding(
            "server",
            State.FAIL,
            f"{version} is too old",
            f"upgrade it to PostgreSQL {OLDEST_SERVER} or later",
            MuniconsoleError.exit_status,
        )
    if major > NEWEST_SERVER:
        return Finding(
            "server", State.NOTE, f"{version} is newer than what this municonsole was tested on"
        )
    return Finding("server", State.OK, version)


def _schema(connection: Connection) -> Finding:
    from municonsole.db import migrate

    if not _value(connection, "select to_regnamespace('muni') is not null"):
        migrate.require_current(None)
    if not _may_look(connection):
        return Finding("schema", State.SKIPPED, "this login may not see which version it is")
    version = str(_value(connection, "select version_num from muni.schema_version"))
    migrate.require_current(version)
    if _value(connection, "select digest from muni.law_version") != migrate.law_digest():
        return Finding(
            "schema",
            State.FAIL,
            f"the schema is the right one ({version}), but its rules are another version's",
            "its owner runs municonsole db upgrade",
            MuniconsoleError.exit_status,
        )
    return Finding("schema", State.OK, f"{version}, with the rules of this municonsole")


def _role(connection: Connection) -> Finding:
    name = _value(connection, "select session_user")
    if _value(
        connection,
        "select rolsuper or rolbypassrls from pg_catalog.pg_roles where rolname = session_user",
    ):
        return Finding(
            "role",
            State.FAIL,
            f"{name} is a superuser or passes by row security: nothing is hidden from it",
            "log in as an operator",
            MuniconsoleError.exit_status,
        )
    who = None
    if _may_look(connection) and _value(
        connection, "select has_function_privilege('muni.whoami()', 'execute')"
    ):
        who = connection.execute(
            "select full_name, role, municipality_name from muni.whoami()"
        ).fetchone()
    if who is None or who[0] is None:
        return Finding(
            "role",
            State.FAIL,
            f"{name} is a login of the server, but no active operator of a municipality",
            "log in as an operator, or ask an admin to add or enable this one",
            exit_status=3,
        )
    return Finding("role", State.OK, f"{who[0]}, {who[1]} of {who[2]}")


def _statistics(connection: Connection) -> Finding:
    from municonsole.db.harden import OPEN

    if _value(connection, "select rolsuper from pg_roles where rolname = current_user"):
        return Finding("statistics", State.SKIPPED, "a superuser sees them anyway")
    if not _row(connection, OPEN)[0]:
        return Finding("statistics", State.OK, "PostgreSQL's own are closed to this login")
    return Finding(
        "statistics",
        State.NOTE,
        "PostgreSQL shows row counts, sizes, locks and sessions to this login, those of GBV reports too",
        "a superuser closes them with municonsole db harden",
    )


def _server_log(connection: Connection) -> Finding:
    """Whether what citizens say gets into the log of the server, where nobody cleans or audits it."""
    from municonsole.db.harden import OPEN

    _, statements, parameters = _row(connection, OPEN)
    off = {name: "none" if name == "log_statement" else "-1" for name in statements}
    off |= dict.fromkeys({"log_transaction_sample_rate"} & set(off), "0")
    explained = "auto_explain.log_min_duration" in off
    values = [
        name
        for name in parameters
        if name.endswith("_on_error")
        or (explained if name.startswith("auto_explain") else set(off) - _EXPLAINED)
    ]
    if values:
        return Finding(
            "server log",
            State.NOTE,
            "the server writes what citizens say into its log, with the statements that carry it",
            f"set {' and '.join(f'{name} = 0' for name in values)} on the server",
        )
    if off:
        return Finding(
            "server log",
            State.NOTE,
            "the server logs statements, without their values: who opened a report and when",
            f"set {' and '.join(f'{name} = {value}' for name, value in off.items())} on the server",
        )
    return Finding("server log", State.OK, "neither statements nor their values are written to it")


def _lock(connection: Connection | None, minutes: int) -> Finding:
    """What opens the console again once it is locked."""
    when = f"F9 or {minutes} minutes without a key lock" if minutes else "F9 locks"
    if connection is None:
        return Finding("lock", State.SKIPPED, "there is no connection")
    if connection.pgconn.used_password:
        return Finding("lock", State.OK, f"{when} the console, and the password opens it again")
    return Finding(
        "lock",
        State.NOTE,
        f"{when} the console, but any key opens it: the server asks this login for no password",
        "let the desktop lock itself, or have the server ask (scram-sha-256 in its pg_hba.conf)",
    )


def _keyring() -> Finding:
    try:
        return Finding("keyring", State.OK, Keyring().name())
    except KeyringUnusable as error:
        return Finding(
            "keyring", State.NOTE, str(error), "the password is asked for, or put it into ~/.pgpass"
        )


def _terminal() -> Finding:
    if not os.isatty(0) or not os.isatty(1):
        return Finding("terminal", State.SKIPPED, "standard input and output are no terminal")
    kind = os.environ.get("TERM", "")
    size = shutil.get_terminal_size()
    found = f"{kind or 'unknown'}, {size.columns}×{size.lines}"
    if kind in ("", "dumb"):
        return Finding(
            "terminal",
            State.FAIL,
            found,
            "use a terminal that knows cursor movement, and set TERM to its name",
            MuniconsoleError.exit_status,
        )
    if size.columns < COLUMNS or size.lines < LINES:
        return Finding(
            "terminal", State.NOTE, found, f"enlarge it to {COLUMNS} columns and {LINES} lines"
        )
    if locale.getpreferredencoding(do_setlocale=False).lower().replace("-", "") != "utf8":
        return Finding(
            "terminal", State.NOTE, f"{found}, without UTF-8", "set LANG to a UTF-8 locale"
        )
    return Finding("terminal", State.OK, found)


_OF_A_CONNECTION: dict[str, Callable[[Connection], Finding]] = {
    "TLS": _tls,
    "server": _server,
    "schema": _schema,
    "role": _role,
    "statistics": _statistics,
    "server log": _server_log,
}
_EXPLAINED = {"auto_explain.log_min_duration"}


def _may_look(connection: Connection) -> bool:
    """Whether the login may look into schema muni; False too where there is none."""
    query = "select has_schema_privilege(to_regnamespace('muni')::oid, 'usage')"
    return bool(_value(connection, query))


def _value(connection: Connection, query: str) -> object:
    """The first column of the first row."""
    return _row(connection, query)[0]


def _row(connection: Connection, query: str) -> tuple[Any, ...]:
    """The first row."""
    import psycopg

    try:
        row = connection.execute(query.encode()).fetchone()
    except psycopg.Error as error:
        from municonsole.db.errors import translate

        raise translate(error) from None
    if row is None:
        raise Unreachable("the database gave no answer")
    return tuple(row)
