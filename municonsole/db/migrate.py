"""Brings schema and law of a database up to date, in one transaction, and says at which version it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

from municonsole.db.connection import connect_sync
from municonsole.domain.errors import MuniconsoleError, Refused, SchemaMismatch, Unreachable

# The lock of every upgrade: two at once would state the law into each other.
_UPGRADE_LOCK = 7_031_500_205
_LOCK_TIMEOUT = "10s"
_STATEMENT_TIMEOUT = "30min"


@cache
def folder() -> Path:
    """Where the migrations are: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def schema_head() -> str:
    """The revision this program needs; revisions are numbered, the highest is the head."""
    return max(path.name[:4] for path in (folder() / "versions").glob("[0-9]*.py"))


def law_files() -> list[Path]:
    """The files of the law in the order in which they are run."""
    return sorted((folder() / "law").glob("*.sql"))


def law_digest() -> str:
    """A digest of all law files, as `muni.law_version` keeps it: sha256 in hexadecimal."""
    digest = hashlib.sha256()
    for path in law_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def require_current(database: str | None) -> None:
    """Raise SchemaMismatch unless the database's revision `database` is the program's."""
    head = schema_head()
    if database is None or database < head:
        at = f"at schema {database}" if database else "empty"
        raise SchemaMismatch(
            f"the database is {at} and this program needs schema {head}: "
            "its owner runs municonsole db upgrade"
        )
    if database > head:
        raise SchemaMismatch(
            f"the database is at schema {database} and this program knows {head}: install a newer municonsole"
        )


def upgrade(
    dsn: str,
    *,
    password: str | None = None,
    to: str = "head",
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Bring the database at `dsn` to revision `to` and, at the head, state the law anew.

    `dsn` names a login that owns the database and may create roles; nothing is changed unless all
    of it succeeds. The law belongs to the newest schema: it is left alone below the head.
    """
    # Imported here: no console and no listing ever needs Alembic.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    with connect_sync(dsn, password=password) as connection:
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: connection,
            poolclass=StaticPool,
            use_native_hstore=False,
        )
        config = Config()
        config.set_main_option("script_location", str(folder()))
        with _explained(), engine.begin() as wrapped:
            _prepare(connection)
            current = version_of(connection)
            if current is not None and current > schema_head():
                require_current(current)
            progress("roles, schema, extensions")
            connection.execute((folder() / "house.sql").read_bytes())
            connection.execute("set local role muni_owner")
            use_search_path(connection)
            progress(f"schema: {current or 'empty'} to {schema_head() if to == 'head' else to}")
            config.attributes["connection"] = wrapped
            command.upgrade(config, to)
            if to == "head":
                progress("law")
                state_law(connection)


@contextmanager
def _explained() -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except psycopg.Error as error:
        raise _meaning(error) from None
    except DBAPIError as error:  # what a revision ran into, in Alembic's wrapping
        raise (_meaning(error.orig) if isinstance(error.orig, psycopg.Error) else error) from None


def _meaning(error: psycopg.Error) -> MuniconsoleError:
    """The one sentence for an upgrade that failed, and so changed nothing."""
    said = error.diag.message_primary
    state = error.sqlstate
    if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
        return MuniconsoleError(
            "the database is busy: another upgrade or a long transaction holds what has to change; "
            "nothing was changed, try again later"
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Refused(
            f"this login may not upgrade the database ({said}); "
            "use the one that owns it and may create roles"
        )
    if state is None or state.startswith(("08", "57P")):
        return Unreachable("the connection was lost during the upgrade; nothing was changed")
    at = "".join(f" at {note}" for note in getattr(error, "__notes__", ()))
    return MuniconsoleError(f"the upgrade failed{at} ({said}); nothing was changed")


def _prepare(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
    connection.execute(f"set local statement_timeout = '{_STATEMENT_TIMEOUT}'")
    connection.execute("select pg_advisory_xact_lock(%s)", (_UPGRADE_LOCK,))


def state_law(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Run every file of the law, as muni_owner and in the caller's transaction."""
    for path in law_files():
        try:
            connection.execute(path.read_bytes())
        except psycopg.Error as error:
            error.add_note(f"law/{path.name}")
            raise
    connection.execute("delete from muni.law_version")
    connection.execute("insert into muni.law_version (digest) values (%s)", (law_digest(),))


def use_search_path(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """For this transaction: `muni`, then where the extensions are, whoever put them there."""
    connection.execute("""
        select set_config('search_path', concat_ws(', ', 'muni', string_agg(distinct x.schema, ', ')), true)
        from (
            select e.extnamespace::regnamespace::text as schema
            from pg_catalog.pg_extension as e
            where e.extname in ('btree_gin', 'pg_trgm')
        ) as x
    """)


def version_of(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """The revision of the database that a login that may look is connected to; None where there is none."""
    if connection.execute("select to_regclass('muni.schema_version')").fetchone() == (None,):
        return None
    row = connection.execute("select version_num from muni.schema_version").fetchone()
    return str(row[0]) if row else None


def check(dsn: str, *, password: str | None = None) -> list[str]:
    """One sentence for each thing in which the database differs from what this program would make."""
    from municonsole.db.drift import compare  # only this command needs it

    try:
        with connect_sync(dsn, password=password) as connection:
            require_current(version_of(connection))
        return compare(dsn, password)
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(
            "db check is for the login that owns the database: this one may not act as muni_owner"
        ) from None
    except psycopg.OperationalError:
        raise Unreachable(
            "the connection was lost during the check; the database was not changed"
        ) from None
