-- The law is stated anew, whole: what was stated before goes first, so that a policy, function, view,
-- trigger or rule that no file states any more is gone, and one made by hand with it. Grants go in
-- 90_grants.sql. A table that somebody else owns is not ours to touch; `db check` names it.

do $clear$
declare
    item record;
begin
    for item in
        select p.polname, p.polrelid::regclass as on_table
        from pg_catalog.pg_policy as p
        join pg_catalog.pg_class as c on c.oid = p.polrelid
        where c.relnamespace = 'muni'::regnamespace and c.relowner = 'muni_owner'::regrole
    loop
        execute format('drop policy %I on %s', item.polname, item.on_table);
    end loop;

    for item in
        select t.tgname, t.tgrelid::regclass as on_table
        from pg_catalog.pg_trigger as t
        join pg_catalog.pg_class as c on c.oid = t.tgrelid
        where
            c.relnamespace = 'muni'::regnamespace and c.relowner = 'muni_owner'::regrole
            and not t.tgisinternal and t.tgparentid = 0
    loop
        execute format('drop trigger %I on %s', item.tgname, item.on_table);
    end loop;

    for item in
        select r.rulename, c.oid::regclass as on_table
        from pg_catalog.pg_rewrite as r
        join pg_catalog.pg_class as c on c.oid = r.ev_class
        where
            c.relnamespace = 'muni'::regnamespace and c.relowner = 'muni_owner'::regrole
            and c.relkind in ('r', 'p')
    loop
        execute format('drop rule %I on %s', item.rulename, item.on_table);
    end loop;

    for item in
        select c.oid::regclass as name, case c.relkind when 'v' then 'view' else 'materialized view' end as kind
        from pg_catalog.pg_class as c
        where c.relnamespace = 'muni'::regnamespace and c.relkind in ('v', 'm')
    loop
        execute format('drop %s if exists %s cascade', item.kind, item.name);
    end loop;

    for item in
        select p.oid::regprocedure as signature
        from pg_catalog.pg_proc as p
        where
            p.pronamespace = 'muni'::regnamespace
            and not exists (
                select from pg_catalog.pg_depend as d
                where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
            )
    loop
        execute format('drop routine %s', item.signature);
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
            c.relnamespace = 'muni'::regnamespace and c.relowner = 'muni_owner'::regrole
            and c.relkind in ('r', 'p')
            and not c.relrowsecurity
            and c.relname not in ('schema_version', 'law_version')
    loop
        execute format('alter table %s enable row level security', item.name);
    end loop;
end
$row_security$;
