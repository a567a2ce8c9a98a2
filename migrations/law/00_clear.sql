-- The law is stated anew, whole: what was stated before goes first, so that a policy, grant, function,
-- view or trigger that no file states any more is gone, and one made by hand with it.

do $clear$
declare
    item record;
begin
    for item in
        select p.polname, p.polrelid::regclass as on_table
        from pg_catalog.pg_policy as p
        join pg_catalog.pg_class as c on c.oid = p.polrelid
        where c.relnamespace = 'muni'::regnamespace
    loop
        execute format('drop policy %I on %s', item.polname, item.on_table);
    end loop;

    for item in
        select t.tgname, t.tgrelid::regclass as on_table
        from pg_catalog.pg_trigger as t
        join pg_catalog.pg_class as c on c.oid = t.tgrelid
        where c.relnamespace = 'muni'::regnamespace and not t.tgisinternal and t.tgparentid = 0
    loop
        execute format('drop trigger %I on %s', item.tgname, item.on_table);
    end loop;

    for item in
        select c.oid::regclass as name, case c.relkind when 'v' then 'view' else 'materialized view' end as kind
        from pg_catalog.pg_class as c
        where c.relnamespace = 'muni'::regnamespace and c.relkind in ('v', 'm')
    loop
        execute format('drop %s if exists %s cascade', item.kind, item.name);
    end loop;

    for item in
        select p.oid::regprocedure as signature, case p.prokind when 'p' then 'procedure' else 'function' end as kind
        from pg_catalog.pg_proc as p
        where
            p.pronamespace = 'muni'::regnamespace
            and not exists (
                select from pg_catalog.pg_depend as d
                where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
            )
    loop
        execute format('drop %s %s', item.kind, item.signature);
    end loop;

    -- Grants on tables, sequences and the schema. Revoking from a role takes its column grants along.
    for item in
        select distinct
            c.oid::regclass as name,
            case c.relkind when 'S' then 'sequence' else 'table' end as kind,
            case a.grantee when 0 then 'public' else quote_ident(r.rolname) end as grantee
        from pg_catalog.pg_class as c
        cross join lateral (
            select x.grantee from aclexplode(c.relacl) as x
            union all
            select x.grantee
            from pg_catalog.pg_attribute as b
            cross join lateral aclexplode(b.attacl) as x
            where b.attrelid = c.oid
        ) as a
        left join pg_catalog.pg_roles as r on r.oid = a.grantee
        where
            c.relnamespace = 'muni'::regnamespace
            and c.relkind in ('r', 'p', 'S')
            and a.grantee <> c.relowner
    loop
        execute format('revoke all on %s %s from %s cascade', item.kind, item.name, item.grantee);
    end loop;

    for item in
        select distinct case a.grantee when 0 then 'public' else quote_ident(r.rolname) end as grantee
        from pg_catalog.pg_namespace as n
        cross join lateral aclexplode(n.nspacl) as a
        left join pg_catalog.pg_roles as r on r.oid = a.grantee
        where n.nspname = 'muni' and a.grantee <> n.nspowner
    loop
        execute format('revoke all on schema muni from %s cascade', item.grantee);
    end loop;
end
$clear$;

-- Row security stands on every table, whatever a hand has switched.
do $row_security$
declare
    item record;
begin
    for item in
        select c.oid::regclass as name
        from pg_catalog.pg_class as c
        where
            c.relnamespace = 'muni'::regnamespace
            and c.relkind in ('r', 'p')
            and not c.relrowsecurity
            and c.relname not in ('schema_version', 'law_version')
    loop
        execute format('alter table %s enable row level security', item.name);
    end loop;
end
$row_security$;
