-- What must stand before the first revision: the roles, the schema, the extensions. Written to be run
-- again, by the database's owner, who needs CREATEROLE but neither superuser nor BYPASSRLS.

do $house$
declare
    role_name text;
    extension_name text;
begin
    foreach role_name in array array[
        'muni_owner', 'muni_operator', 'muni_manager', 'muni_admin', 'muni_saps', 'muni_worker', 'muni_intake'
    ] loop
        if not exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
    end loop;

    -- From PostgreSQL 16 on a membership must say that it may be used for SET ROLE; before that it always may.
    if not pg_has_role(current_user, 'muni_owner', 'usage') then
        execute format('grant muni_owner to %I', current_user);
    end if;

    execute format('revoke create, temporary on database %I from public', current_database());
    execute format('grant create on database %I to muni_owner', current_database());

    if to_regnamespace('muni') is null then
        create schema muni authorization muni_owner;
    end if;

    -- Extensions are used where they are; what has to be created goes to `ext`.
    foreach extension_name in array array['btree_gin', 'pg_trgm'] loop
        if not exists (select from pg_catalog.pg_extension e where e.extname = extension_name) then
            create schema if not exists ext;
            grant usage on schema ext to muni_owner;
            execute format('create extension %I schema ext', extension_name);
        end if;
    end loop;
end
$house$;

revoke all on schema public from public;
