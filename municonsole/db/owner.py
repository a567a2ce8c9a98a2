"""People as the database's owner makes them: SAPS liaisons, administrators, anybody in any municipality."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql

from municonsole.db import migrate
from municonsole.db.connection import connect_sync
from municonsole.db.errors import translate
from municonsole.domain.errors import InvalidInput, NotAnOperator, Refused
from municonsole.domain.records import Colleague
from municonsole.domain.values import Role

Connection = psycopg.Connection[Any]

_CONNECTIONS: Final = 5
"""How many consoles one person may have open."""


@contextmanager
def as_owner(dsn: str, password: str | None) -> Iterator[Connection]:
    """One transaction of the login that owns the database, committed at the end.

    Raises NotAnOperator for a login that is neither an operator nor the owner, SchemaMismatch where
    schema and program don't fit.
    """
    try:
        with connect_sync(dsn, password=password) as connection:
            if not owns(connection):
                raise NotAnOperator(
                    "this login is neither an active operator nor the owner of the database"
                )
            migrate.require_current(migrate.version_of(connection))
            connection.commit()  # nothing is held while a person is asked for a password
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused(
            f"this login owns the database but may not do that ({error.diag.message_primary})"
        ) from None
    except psycopg.Error as error:
        raise translate(error) from None


def owns(connection: Connection) -> bool:
    """Whether the login may act as muni_owner, as the owner of the database and a superuser may."""
    row = connection.execute(
        "select exists (select from pg_roles where rolname = 'muni_owner') "
        "and pg_has_role(current_user, 'muni_owner', 'member')"
    ).fetchone()
    return row == (True,)


def members(connection: Connection) -> list[tuple[str, Colleague, str | None]]:
    """Everybody: municipality code, person, team name; by municipality and name."""
    rows = _call(
        connection,
        """
        select m.code, o.username, o.full_name, o.role, o.team_id, o.is_active, t.name
        from muni.operators as o
        join muni.municipalities as m on m.id = o.municipality_id
        left join muni.teams as t on t.id = o.team_id
        order by m.code, o.full_name, o.username
        """,
    )
    return [
        (code, Colleague(username, name, Role(role), team_id, active), team)
        for code, username, name, role, team_id, active, team in rows
    ]


def add(
    connection: Connection,
    *,
    username: str,
    full_name: str,
    role: Role,
    municipality: str | None,
    team: str | None,
    password: str,
) -> None:
    """Make a login with its role and its row; a SAPS liaison's team is a SAPS team, nobody else's is.

    `municipality` is a code; it may be left out where there is one municipality only.
    """
    municipality_id = _municipality(connection, municipality)
    team_id = _team(connection, municipality_id, team, role)
    _call(
        connection, "select muni._check_login(%s, null), muni._check_name(%s)", username, full_name
    )
    taken = InvalidInput(f"the login {username} is taken; choose another name")
    # Also when the login is gone: whoever left must not come back as somebody else in old histories.
    if _call(connection, "select 1 from muni.operators where username = %s", username):
        raise taken
    try:
        connection.execute(
            sql.SQL("create role {} login connection limit {} password {} in role {}").format(
                sql.Identifier(username),
                sql.Literal(_CONNECTIONS),
                sql.Literal(_verifier(connection, username, password)),
                sql.Identifier(role.group),
            )
        )
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        raise taken from None
    _call(
        connection,
        "insert into muni.operators (username, municipality_id, role, team_id, full_name) "
        "values (%s, %s, %s, %s, btrim(%s))",
        *(username, municipality_id, role.value, team_id, full_name),
    )
    _audit(connection, username, "operator_created")


def set_active(connection: Connection, username: str, *, active: bool) -> None:
    """Disable or enable anybody; a disabled person's sessions end."""
    _person(connection, username)
    _call(
        connection, "update muni.operators set is_active = %s where username = %s", active, username
    )
    connection.execute(
        sql.SQL("alter role {} {}").format(
            sql.Identifier(username), sql.SQL("login" if active else "nologin")
        )
    )
    _audit(connection, username, "operator_enabled" if active else "operator_disabled")
    if not active:
        connection.commit()  # first, so that a console which tries again at once stays outside
        _end_sessions(connection, username)


def set_team(connection: Connection, username: str, team: str | None) -> None:
    """Move anybody to a team of their municipality and side of the wall, or to none."""
    municipality_id, role = _person(connection, username)
    team_id = _team(connection, municipality_id, team, role)
    _call(
        connection, "update muni.operators set team_id = %s where username = %s", team_id, username
    )
    _audit(connection, username, "operator_moved")


def reset_password(connection: Connection, username: str, password: str) -> None:
    """Give anybody a new password; the server is sent its verifier."""
    _person(connection, username)
    connection.execute(
        sql.SQL("alter role {} password {}").format(
            sql.Identifier(username), sql.Literal(_verifier(connection, username, password))
        )
    )
    _audit(connection, username, "password_reset")


def _end_sessions(connection: Connection, username: str) -> None:
    # Ending a session takes the privileges of its role, for as long as that takes.
    role = sql.Identifier(username)
    connection.execute(sql.SQL("grant {} to current_user").format(role))
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (username,)
    )
    connection.execute(sql.SQL("revoke {} from current_user").format(role))


def _call(connection: Connection, statement: str, *values: object) -> list[Any]:
    """Rows of a statement run as muni_owner; logins are made as the login itself, before and after."""
    connection.execute("set local role muni_owner")
    cursor = connection.execute(statement.encode(), values)
    rows = cursor.fetchall() if cursor.description else []
    connection.execute("reset role")
    return rows


def _municipality(connection: Connection, code: str | None) -> int:
    rows = _call(connection, "select code, id from muni.municipalities order by code")
    known = dict(rows)
    if code is None and len(known) == 1:
        return int(next(iter(known.values())))
    there = ", ".join(known) or "none yet"
    if code is None:
        raise InvalidInput(
            f"the owner of the database says where: --municipality CODE; there are: {there}"
        )
    if code not in known:
        raise InvalidInput(f"there is no municipality {code!r}; there are: {there}")
    return int(known[code])


def _person(connection: Connection, username: str) -> tuple[int, Role]:
    rows = _call(
        connection,
        "select municipality_id, role from muni.operators where username = %s for update",
        username,
    )
    if not rows:
        raise InvalidInput(f"there is no operator {username!r}")
    return rows[0][0], Role(rows[0][1])


def _team(connection: Connection, municipality_id: int, name: str | None, role: Role) -> int | None:
    if name is None:
        return None
    rows = _call(
        connection,
        "select name, id from muni.teams where municipality_id = %s and is_active and is_saps = %s",
        *(municipality_id, role is Role.SAPS_LIAISON),
    )
    known = {team.casefold(): (team, team_id) for team, team_id in rows}
    if name.strip().casefold() not in known:
        there = ", ".join(sorted(team for team, _ in known.values())) or "none yet"
        raise InvalidInput(f"there is no such team for this role; there are: {there}")
    return int(known[name.strip().casefold()][1])


def _verifier(connection: Connection, username: str, password: str) -> str:
    made = connection.pgconn.encrypt_password(
        password.encode(), username.encode(), b"scram-sha-256"
    )
    return made.decode()


def _audit(connection: Connection, username: str, kind: str) -> None:
    _call(
        connection,
        "select muni._audit(o.municipality_id, %s, o.username, "
        "jsonb_build_object('role', o.role, 'team', o.team_id)) "
        "from muni.operators as o where o.username = %s",
        *(kind, username),
    )
