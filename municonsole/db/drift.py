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
        select string_agg(a::text, ' ' order by a::text)
        from unnest(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
    ))
    from pg_catalog.pg_namespace as n where n.nspname = 'muni'
)
union all
select 'grants of ' || p.privilege_type || ' on the database', (
    select string_agg(a.grantee::regrole::text, ' ' order by a.grantee::regrole::text)
    from pg_catalog.pg_database as d
    cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
    where
        d.datname = current_database() and a.grantee <> d.datdba and a.privilege_type = p.privilege_type
)
from (values ('CREATE'), ('TEMPORARY')) as p (privilege_type)
union all
select
    case c.relkind
        when 'S' then 'sequence ' when 'v' then 'view ' when 'm' then 'materialized view '
        when 'i' then 'index ' when 'I' then 'index ' when 'c' then 'type ' else 'table '
    end || c.relname,
    concat_ws(
        ' ', c.relkind, c.relowner::regrole::text, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence,
        pg_get_expr(c.relpartbound, c.oid), c.reloptions::text,
        (select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(
            c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)
        )) as a),
        case when c.relkind in ('i', 'I') then pg_get_indexdef(c.oid) end,
        case when c.relkind in ('i', 'I') then (
            select concat_ws(' ', x.indisvalid, x.indisready) from pg_catalog.pg_index as x where x.indexrelid = c.oid
        ) end,
        case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
        (
            select concat_ws(' ', format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
            from pg_catalog.pg_sequence as s where s.seqrelid = c.oid
        ),
        (
            select string_agg(i.inhparent::regclass::text, ' ')
            from pg_catalog.pg_inherits as i where i.inhrelid = c.oid
        )
    )
from owned as c
where c.relkind <> 't'
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
where c.relkind not in ('i', 'I', 'S', 't')
union all
select
    'constraint ' || k.conname || ' on ' || c.relname,
    concat_ws(
        ' ', pg_get_constraintdef(k.oid), k.convalidated, k.condeferrable,
        -- A foreign key whose trigger is switched off holds nothing.
        (select bool_and(t.tgenabled = 'O') from pg_catalog.pg_trigger as t where t.tgconstraint = k.oid)
    )
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
join pg_catalog.pg_rewrite as r on r.ev_class = c.oid and c.relkind not in ('v', 'm')
union all
select
    'function ' || p.oid::regprocedure::text,
    concat_ws(
        ' ', p.proowner::regrole::text,
        (select string_agg(a::text, ' ' order by a::text) from unnest(coalesce(
            p.proacl, acldefault('f', p.proowner)
        )) as a),
        case p.prokind when 'a' then 'aggregate' else pg_get_functiondef(p.oid) end
    )
from pg_catalog.pg_proc as p
where p.pronamespace = 'muni'::regnamespace
union all
select 'transition ' || s.from_status || ' to ' || s.to_status, s.roles::text
from muni.status_transitions as s
union all
-- Types, operators and publications: the house has none, and each could turn a rule round or carry rows away.
select 'type ' || t.oid::regtype::text, concat_ws(' ', t.typtype, t.typowner::regrole::text, t.typacl::text)
from pg_catalog.pg_type as t
where t.typnamespace = 'muni'::regnamespace and t.typtype in ('d', 'e', 'r', 'm')
union all
select 'operator ' || o.oid::regoperator::text, o.oprcode::text
from pg_catalog.pg_operator as o
where o.oprnamespace = 'muni'::regnamespace
union all
select 'publication ' || p.pubname || ' of ' || p.tablename, ''
from pg_catalog.pg_publication_tables as p
where p.schemaname = 'muni'
union all
select
    'default privileges of ' || d.defaclrole::regrole::text || ' for ' || d.defaclobjtype::text
    || case d.defaclnamespace when 0 then '' else ' in muni' end,
    (select string_agg(a::text, ' ' order by a::text) from unnest(d.defaclacl) as a)
from pg_catalog.pg_default_acl as d
where d.defaclnamespace = 'muni'::regnamespace or (d.defaclnamespace = 0 and d.defaclrole = 'muni_owner'::regrole)
"""

# Roles are the server's, the same for the scratch database: they are held against what they must be.
_POWERS = """
with ours (name, role) as (
    values
    ('muni_owner', null), ('muni_people', null), ('muni_worker', null), ('muni_intake', null),
    ('muni_operator', 'operator'),
    ('muni_manager', 'manager'), ('muni_admin', 'admin'), ('muni_saps', 'saps_liaison')
),
powers (who, role_id, what) as (
    select r.rolname, r.oid, p.what
    from pg_catalog.pg_roles as r
    cross join lateral (
        values
        (r.rolsuper, 'is a superuser'), (r.rolbypassrls, 'passes by row security'),
        (r.rolcreaterole, 'may create roles'), (r.rolcreatedb, 'may create databases'),
        (r.rolreplication, 'may replicate')
    ) as p (has, what)
    where p.has
)
select 'role ' || p.who || ' ' || p.what
from powers as p
where
    p.who in (select o.name from ours as o)
    -- Whose functions make logins: all that it may.
    and (p.who, p.what) is distinct from ('muni_people', 'may create roles')
union all
select 'role ' || r.rolname || ' may log in'
from pg_catalog.pg_roles as r
where r.rolcanlogin and r.rolname in (select o.name from ours as o)
union all
select 'role ' || m.member::regrole::text || ' is a member of ' || m.roleid::regrole::text
from pg_catalog.pg_auth_members as m
join pg_catalog.pg_roles as r on r.oid = m.member
where
    r.rolname in (select o.name from ours as o)
    and (r.rolname, m.roleid::regrole::text) not in (
        ('muni_owner', 'muni_people'), ('muni_people', 'muni_operator'), ('muni_people', 'muni_manager')
    )
    -- From PostgreSQL 16 on whoever makes a login is a member of it, to be able to alter it.
    and not (
        r.rolname = 'muni_people'
        and exists (
            select from muni.operators as o
            where o.username = m.roleid::regrole::text::name and o.role in ('operator', 'manager')
        )
    )
union all
select 'operator ' || p.who || ' ' || p.what
from powers as p
join muni.operators as o on o.username = p.who
union all
select 'operator ' || o.username || ' (' || o.role || ') is a member of ' || x.name
from muni.operators as o
join pg_catalog.pg_roles as r on r.rolname = o.username
cross join ours as x
where x.role is distinct from o.role and pg_has_role(r.oid, x.name, 'member') and not r.rolsuper
order by 1
"""


def snapshot(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    """Everything in the house by name, with its whole definition."""
    with connection.transaction():
        connection.execute("set local role muni_owner")
        migrate.use_search_path(connection)
        rows = connection.execute(_SNAPSHOT.encode()).fetchall()
    return {str(name): str(definition) for name, definition in rows}


def powers(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """One sentence for each power that one of the house's roles or an operator has and must not have."""
    with connection.transaction():
        connection.execute("set local role muni_owner")
        return [str(sentence) for (sentence,) in connection.execute(_POWERS.encode()).fetchall()]


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
    Raises Refused when the login may not act as the owner or may not create a database.
    """
    scratch = f"muni_check_{secrets.token_hex(4)}"
    scratch_dsn = conninfo.make_conninfo(**{**parameters(dsn, None, 5), "dbname": scratch})
    with connect_sync(dsn, password=password, autocommit=True) as connection:
        found = snapshot(connection)
        sentences = powers(connection)
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
    return sentences + differences(found, wanted)
