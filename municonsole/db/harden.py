"""What PostgreSQL itself shows to every role: closing it as a superuser, and naming what is open."""

from __future__ import annotations

from typing import Final

import psycopg

from municonsole.db import migrate
from municonsole.db.connection import connect_sync
from municonsole.db.errors import translate
from municonsole.domain.errors import Refused

# Not current_setting(), which adds the unit. auto_explain's settings are there where it is loaded.
OPEN: Final = """
    with setting (name, value) as (
        select s.name, s.setting from pg_catalog.pg_settings as s
    )
    select
        has_table_privilege('pg_catalog.pg_stat_user_tables', 'select')
        or has_table_privilege('pg_catalog.pg_locks', 'select')
        or has_function_privilege('pg_catalog.pg_relation_size(regclass, text)', 'execute'),
        array(
            select s.name from setting as s
            where
                s.name = 'log_statement' and s.value in ('mod', 'all')
                or s.name in (
                    'log_min_duration_statement', 'log_min_duration_sample', 'auto_explain.log_min_duration'
                ) and s.value <> '-1'
                or s.name = 'log_transaction_sample_rate' and s.value::float > 0
            order by 1
        ),
        array(
            select s.name from setting as s
            where
                s.name in (
                    'auto_explain.log_parameter_max_length', 'log_parameter_max_length',
                    'log_parameter_max_length_on_error'
                )
                and s.value <> '0'
            order by 1
        )
"""
"""What is open, one row: whether PostgreSQL's statistics are open to the session's own login; the settings
that write statements into the server's log; those that would write their values beside them."""


def harden(dsn: str, password: str | None) -> None:
    """Close PostgreSQL's statistics to everybody but superusers and pg_monitor, in the database of `dsn`.

    Raises Refused for a login that is no superuser, SchemaMismatch for a database that is not
    upgraded; nothing is changed then.
    """
    try:
        with connect_sync(dsn, password=password) as connection:
            row = connection.execute(
                "select rolsuper from pg_roles where rolname = current_user"
            ).fetchone()
            if row != (True,):
                raise Refused(
                    "db harden changes PostgreSQL's own catalog: it takes a superuser; on a managed "
                    "PostgreSQL there is none, and municonsole works without it"
                )
            migrate.require_current(migrate.version_of(connection))
            connection.execute((migrate.folder() / "harden.sql").read_bytes())
    except psycopg.Error as error:
        raise translate(error) from None
