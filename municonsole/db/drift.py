"""Finds what a hand has changed: compares a database's catalog with a scratch one made from the files."""

from __future__ import annotations

import secrets

import psycopg
from psycopg import conninfo, sql

from municonsole.db import migrate
from municonsole.db.connection import connect_sync, parameters
from municonsole.domain.errors import Refused

# Every object of the house by a name a person can act on, and all that can be changed about it.
_SNAPSHOT = """
with owned as (
    select c.* from pg_catalog.pg_class as c where c.relnamespace = 'muni'::regnamespace
)
select 'schema muni', (
    select concat_ws(' ', n.nspowner::regrole::text, (
        select string_agg(a::text, ' ' order by a::text) from unnest(n.nspacl) as a
    ))
    from pg_catalog.pg_namespace as n where n.nspname = 'muni'
)
union all
select 'what everybody may do on the database', (
    select string_agg(a.privilege_type, ' ' order by a.privilege_type)
    from pg_catalog.pg_database as d
    cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
    where d.datname = current_database() and a.grantee = 0
)
union all
select 'role ' || r.rolname, concat_ws(
    ' ', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolbypassrls
)
from pg_catalog.pg_roles as r
where r.rolname in (
    'muni_owner', 'muni_operator', 'muni_manager', 'muni_admin', 'muni_saps', 'muni_worker', 'muni_intake'
)
union all
select
    case c.relkind
        when 'S' then 'sequence ' when 'v' then 'view ' when 'm' then 'materialized view '
        when 'i' then 'index ' when 'I' then 'index ' else 'table '
    end || c.relname,
    concat_ws(
        ' ', c.relkind, c.relowner::regrole::text, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
        pg_get_expr(c.relpartbound, c.oid), c.reloptions::text,
        (select string_agg(a::text, ' ' order by a::text) from unnest(c.relacl) as a),
        case when c.relkind in ('i', 'I') then pg_get_indexdef(c.oid) end,
        case when c.relkind in ('i', 'I') then (
            select concat_ws(' ', x.indisvalid, x.indisready) from pg_catalog.pg_index as x where x.indexrelid = c.oid
        ) end,
        case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end
    )
from owned as c
where c.relkind in ('r', 'p', 'S', 'v', 'm', 'i', 'I')
union all
select
    'column ' || c.relname || '.' || a.attname,
    concat_ws(
        ' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
        a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid),
        (select string_agg(x::text, ' ' order by x::text) from unnest(a.attacl) as x)
    )
from owned as c
join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relkind in ('r', 'p', 'v', 'm')
union all
select
    'constraint ' || k.conname || ' on ' || c.relname,
    concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated, k.condeferrable)
from owned as c
join pg_catalog.pg_constraint as k on k.conrelid = c.oid and k.contype <> 'n'
union all
select
    'policy ' || p.policyname || ' on ' || p.tablename,
    concat_ws(' ', p.permissive, p.roles::text, p.cmd, p.qual, p.with_check)
from pg_catalog.pg_policies as p
where p.schemaname = 'muni'
union all
select 'trigger ' || t.tgname || ' on ' || c.relname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
from owned as c
join pg_catalog.pg_trigger as t on t.tgrelid = c.oid and not t.tgisinternal
union all
select 'rule ' || r.rulename || ' on ' || c.relname, pg_get_ruledef(r.oid)
from owned as c
join pg_catalog.pg_rewrite as r on r.ev_class = c.oid and c.relkind <> 'v'
union all
select
    'function ' || p.oid::regprocedure::text,
    concat_ws(
        ' ', p.proowner::regrole::text,
        (select string_agg(a::text, ' ' order by a::text) from unnest(p.proacl) as a),
        case p.prokind when 'a' then 'aggregate' else pg_get_functiondef(p.oid) end
    )
from pg_catalog.pg_proc as p
where p.pronamespace = 'muni'::regnamespace
union all
select 'transition ' || s.from_status || ' to ' || s.to_status, s.roles::text
from muni.status_transitions as s
union all
select
    'default privileges of ' || d.defaclrole::regrole::text,
    (select string_agg(a::text, ' ' order by a::text) from unnest(d.defaclacl) as a)
from pg_catalog.pg_default_acl as d
where d.defaclnamespace in (0, 'muni'::regnamespace)
"""


def snapshot(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    """Everything in the house by name, with its whole definition."""
    with connection.transaction():
        connection.execute("set local role muni_owner")
        migrate.use_search_path(connection)
        rows = connection.execute(_SNAPSHOT.encode()).fetchall()
    return {str(name): str(definition) for name, definition in rows}


def differences(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """One sentence for each object that is missing, extra or changed, sorted by name."""
    sentences = []
    for name in sorted(found.keys() | wanted.keys()):
        if name not in found:
            sentences.append(f"{name} is missing")
        elif name not in wanted:
            sentences.append(f"{name} is not ours")
        elif found[name] != wanted[name]:
            sentences.append(f"{name} was changed")
    return sentences


def compare(dsn: str, password: str | None) -> list[str]:
    """What differs from a database made afresh, beside it, on the same server, and dropped again.

    Made from the files rather than remembered, so that nothing in the database vouches for itself.
    Raises Refused when the login may not create a database.
    """
    scratch = f"muni_check_{secrets.token_hex(4)}"
    scratch_dsn = conninfo.make_conninfo(**{**parameters(dsn, None, 5), "dbname": scratch})
    with connect_sync(dsn, password=password, autocommit=True) as connection:
        found = snapshot(connection)
        try:
            connection.execute(
                sql.SQL("create database {} template template0").format(sql.Identifier(scratch))
            )
        except psycopg.errors.InsufficientPrivilege:
            raise Refused(
                "db check makes a scratch database to compare with: the login needs CREATEDB"
            ) from None
        try:
            migrate.upgrade(scratch_dsn, password=password)
            with connect_sync(scratch_dsn, password=password, autocommit=True) as fresh:
                wanted = snapshot(fresh)
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(scratch))
            )
    return differences(found, wanted)
