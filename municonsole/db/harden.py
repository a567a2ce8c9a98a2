"""What PostgreSQL itself shows to every role: closing it as a superuser, and naming what is open."""

from __future__ import annotations

import psycopg
from sqlalchemy import text

from municonsole.db.connection import connect_sync
from municonsole.db.errors import translate
from municonsole.db.migrate import folder
from municonsole.domain.errors import Refused

OPEN = text("""
    select
        has_table_privilege('pg_catalog.pg_stat_user_tables', 'select')
        or has_table_privilege('pg_catalog.pg_locks', 'select')
        or has_function_privilege('pg_catalog.pg_relation_size(regclass, text)', 'execute') as statistics,
        current_setting('log_statement') in ('mod', 'all')
        or current_setting('log_min_duration_statement')::int >= 0
        or current_setting('log_min_duration_sample')::int >= 0
        or current_setting('log_transaction_sample_rate')::float > 0 as statements,
        current_setting('log_parameter_max_length') <> '0' as parameters,
        current_setting('log_parameter_max_length_on_error') <> '0' as parameters_on_error
""")
"""What is open to the session's own login: statistics; whether statements and their values are logged."""


def harden(dsn: str, password: str | None) -> None:
    """Close PostgreSQL's statistics to everybody but superusers, in the database of `dsn`.

    Raises Refused for a login that is no superuser; nothing is changed then.
    """
    try:
        with connect_sync(dsn, password=password) as connection:
            connection.execute((folder() / "harden.sql").read_bytes())
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(
            "db harden changes PostgreSQL's own catalog: it takes a superuser; on a managed PostgreSQL "
            "there is none, and municonsole works without it"
        ) from None
    except psycopg.Error as error:
        raise translate(error) from None
