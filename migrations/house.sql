-- What must stand before the first revision: the roles, the schema, the extensions. Written to be run
-- again, by the database's owner, who needs CREATEROLE but neither superuser nor BYPASSRLS.

do $house$
declare
    role_name text;
    extension_name text;
    extension_schema text;
begin
    foreach role_name in array array[
        'muni_owner', 'muni_operator', 'muni_manager', 'muni_admin', 'muni_saps', 'muni_worker', 'muni_intake'
    ] loop
        if not exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
            -- Roles are the server's: an upgrade of another database may be making them just now.
            begin
                execute format('create role %I nologin', role_name);
            exception
                when duplicate_object or unique_violation then null;
            end;
        end if;
    end loop;

    -- Whose functions make operators' logins: nobody's login, and with ADMIN on two groups alone.
    if not exists (select from pg_catalog.pg_roles r where r.rolname = 'muni_people') then
        begin
            create role muni_people nologin createrole;
        exception
            when duplicate_object or unique_violation then null;
        end;
    end if;
    foreach role_name in array array['muni_operator', 'muni_manager'] loop
        if not exists (
            select from pg_catalog.pg_auth_members m
            where
                m.roleid = role_name::regrole and m.member = 'muni_people'::regrole and m.admin_option
        ) then
            execute format('grant %I to muni_people with admin option', role_name);
        end if;
    end loop;
    if not pg_has_role('muni_owner', 'muni_people', 'usage') then
        grant muni_people to muni_owner;
    end if;

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
            execute format('create extension %I schema ext', extension_name);
        end if;
        select e.extnamespace::regnamespace::text into extension_schema
        from pg_catalog.pg_extension as e
        where e.extname = extension_name;
        if not has_schema_privilege('muni_owner', extension_schema, 'usage') then
            execute format('grant usage on schema %s to muni_owner', extension_schema);
        end if;
    end loop;
    -- Nobody makes objects in `public`, where there is one; who uses what is there is for the other systems
    -- of the platform to say.
    if to_regnamespace('public') is not null and has_schema_privilege('public', 'public', 'create') then
        revoke create on schema public from public;
    end if;
end
$house$;
