-- People: an administrator adds, disables and moves operators and managers of the own municipality.
-- SAPS liaisons, their teams and administrators are made by the database's owner.

-- The functions below that touch logins belong to muni_people (NOLOGIN, CREATEROLE), which holds ADMIN on
-- muni_operator and muni_manager alone. PostgreSQL 15 lets CREATEROLE do more than that, so each refuses
-- by itself. A password never comes here: the client makes the SCRAM verifier.

create function muni._check_login(username name, verifier text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if username is null or username !~ '^[a-z][a-z0-9_]{2,30}$' or username ~ '^(pg_|muni_)'
        -- Words that mean somebody else wherever SQL or pg_hba.conf names a role.
        or username in (
            'all', 'current_role', 'current_user', 'none', 'postgres', 'public', 'replication', 'samegroup',
            'samerole', 'sameuser', 'session_user', 'user'
        )
    then
        raise exception 'a login is 3 to 31 small letters, digits or _, begins with a letter, not with pg_ or muni_, and is no word of PostgreSQL''s'
            using errcode = '22023';
    end if;
    -- What PostgreSQL cannot read as a verifier it would take for the password itself.
    if verifier is not null
        and (
            verifier !~ '^SCRAM-SHA-256\$[1-9][0-9]{3,5}:([A-Za-z0-9+/]{4}){5,20}([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$'
            or substring(verifier from '^SCRAM-SHA-256\$([0-9]{4,6}):')::int < 4096
        )
    then
        raise exception 'a password is sent as a SCRAM verifier only' using errcode = '22023';
    end if;
end
$$;
comment on function muni._check_login(name, text) is 'Refuses a login name or a verifier that is not of the right form.';

create function muni._is_plain(words text) returns bool
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    -- As municonsole/domain/text.py has it: C0, DEL, C1, what changes the direction of writing, separators.
    select words !~ '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'
$$;
comment on function muni._is_plain(text) is 'Whether a text is one line that could drive no terminal.';

create function muni._check_name(full_name text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if length(btrim(coalesce(full_name, ''))) not between 1 and 100 then
        raise exception 'a person needs a name of 1 to 100 characters' using errcode = '22023';
    end if;
    if not muni._is_plain(full_name) then
        raise exception 'a name has no control characters' using errcode = '22023';
    end if;
end
$$;
comment on function muni._check_name(text) is 'Refuses a person''s name that is empty, too long or could drive a terminal.';

create function muni._create_login(username name, verifier text, group_name text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if group_name is null or group_name not in ('muni_operator', 'muni_manager')
        or username is null or username !~ '^[a-z][a-z0-9_]{2,30}$' or username ~ '^(pg_|muni_)'
        or verifier is null or verifier !~ '^SCRAM-SHA-256\$'
    then
        raise exception 'not a login that is made here' using errcode = '42501';
    end if;
    execute format(
        'create role %I login nosuperuser nocreatedb nocreaterole noreplication nobypassrls '
        'connection limit 5 password %L in role %I',
        username, verifier, group_name
    );
exception
    when duplicate_object or unique_violation then
        raise exception 'the login % is taken; choose another name', username using errcode = '22023';
end
$$;

-- Only for a login that is an operator's or a manager's and nothing more, however it came to be: one that
-- has lost its group may be another program's by now.
create function muni._alter_login(username name, verifier text, may_log_in bool) returns bool
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from pg_catalog.pg_roles as r
        where
            r.rolname = username
            and username !~ '^(pg_|muni_)'
            and not (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls)
            and (
                select coalesce(bool_and(g.rolname in ('muni_operator', 'muni_manager')), false)
                from pg_catalog.pg_auth_members as m
                join pg_catalog.pg_roles as g on g.oid = m.roleid
                where m.member = r.oid
            )
    ) then
        return false;
    end if;
    if may_log_in is not null then
        execute format('alter role %I %s', username, case when may_log_in then 'login' else 'nologin' end);
    end if;
    if verifier is not null then
        execute format('alter role %I password %L', username, verifier);
    end if;
    return true;
exception
    -- From PostgreSQL 16 on a login that was not made here can only be changed by who made it.
    when insufficient_privilege then
        return false;
end
$$;

create function muni._end_sessions(username name) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if username ~ '^(pg_|muni_)' then
        return;
    end if;
    -- Ending a session takes the privileges of its role, for as long as that takes.
    execute format('grant %I to muni_people', username);
    perform pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity as a where a.usename = username;
    execute format('revoke %I from muni_people', username);
exception
    when insufficient_privilege then
        null; -- the law sees to it that a disabled operator's session can do nothing
end
$$;

-- Their owner needs the right to make objects for as long as it takes to become it.
grant create, usage on schema muni to muni_people;
alter function muni._create_login(name, text, text) owner to muni_people;
alter function muni._alter_login(name, text, bool) owner to muni_people;
alter function muni._end_sessions(name) owner to muni_people;
revoke create, usage on schema muni from muni_people;

create function muni._admin() returns muni.operators
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    if me.role <> 'admin' then
        raise exception 'people are managed by administrators' using errcode = '42501';
    end if;
    return me;
end
$$;
comment on function muni._admin() is 'The session''s operator if an administrator, else a refusal.';

create function muni._person(username name, me muni.operators) returns muni.operators
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person muni.operators;
begin
    select o.* into person
    from muni.operators as o
    where
        o.username = _person.username
        and o.municipality_id = me.municipality_id
        and o.role in ('operator', 'manager')
    for update;
    if not found then
        raise exception 'there is no operator or manager % in your municipality', _person.username
            using errcode = '22023';
    end if;
    return person;
end
$$;
comment on function muni._person(name, muni.operators) is
'An operator or manager of the administrator''s municipality, locked; anybody else is not there.';

create function muni._municipal_team(name text, of_municipality int) returns int
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    team int;
begin
    if _municipal_team.name is null then
        return null;
    end if;
    select t.id into team
    from muni.teams as t
    where
        t.municipality_id = of_municipality
        and lower(t.name) = lower(btrim(_municipal_team.name))
        and t.is_active
        and not t.is_saps;
    if not found then
        raise exception 'there is no such active municipal team' using errcode = '22023';
    end if;
    return team;
end
$$;
comment on function muni._municipal_team(text, int) is 'The id of an active municipal team by name, null for null.';

create function muni.create_operator(
    username name, full_name text, role text, team text, verifier text
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._admin();
    their_team int := muni._municipal_team(create_operator.team, me.municipality_id);
begin
    if create_operator.role is null or create_operator.role not in ('operator', 'manager') then
        raise exception 'an administrator adds operators and managers; others are made by the database''s owner'
            using errcode = '42501';
    end if;
    perform muni._check_name(create_operator.full_name);
    if create_operator.verifier is null then
        raise exception 'a new login needs a password' using errcode = '22023';
    end if;
    perform muni._check_login(create_operator.username, create_operator.verifier);
    -- Also when the login is gone: whoever left must not come back as somebody else in old histories.
    if exists (select from muni.operators as o where o.username = create_operator.username) then
        raise exception 'the login % is taken; choose another name', create_operator.username
            using errcode = '22023';
    end if;
    perform muni._create_login(
        create_operator.username, create_operator.verifier, 'muni_' || create_operator.role
    );
    insert into muni.operators (username, municipality_id, role, team_id, full_name)
    values (
        create_operator.username, me.municipality_id, create_operator.role, their_team,
        btrim(create_operator.full_name)
    );
    perform muni._audit(
        me.municipality_id, 'operator_created', create_operator.username,
        jsonb_build_object('role', create_operator.role, 'team', their_team)
    );
end
$$;
comment on function muni.create_operator(name, text, text, text, text) is
'Adds an operator or manager with a login of their own; `verifier` is the SCRAM verifier of the first password.';

create function muni.disable_operator(username name) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._admin();
    person muni.operators := muni._person(disable_operator.username, me);
    is_ours bool;
begin
    update muni.operators as o set is_active = false where o.username = person.username;
    is_ours := muni._alter_login(person.username, null, false);
    perform muni._audit(me.municipality_id, 'operator_disabled', person.username);
    -- Last, and so next to the commit: until then a console that is thrown out could log in again.
    if is_ours then
        perform muni._end_sessions(person.username);
    end if;
end
$$;
comment on function muni.disable_operator(name) is
'Takes effect at once, on open connections too, and ends them where that is possible.';

create function muni.enable_operator(username name) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._admin();
    person muni.operators := muni._person(enable_operator.username, me);
begin
    update muni.operators as o set is_active = true where o.username = person.username;
    if not muni._alter_login(person.username, null, true) and not exists (
        select from pg_catalog.pg_roles as r where r.rolname = person.username and r.rolcanlogin
    ) then
        raise exception 'this login was made by the database''s owner, who alone can let it in again'
            using errcode = '42501';
    end if;
    perform muni._audit(me.municipality_id, 'operator_enabled', person.username);
end
$$;
comment on function muni.enable_operator(name) is 'Lets a disabled operator or manager work again.';

create function muni.set_operator_team(username name, team text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._admin();
    person muni.operators := muni._person(set_operator_team.username, me);
    their_team int := muni._municipal_team(set_operator_team.team, me.municipality_id);
begin
    update muni.operators as o set team_id = their_team where o.username = person.username;
    perform muni._audit(
        me.municipality_id, 'operator_moved', person.username,
        jsonb_build_object('from', person.team_id, 'to', their_team)
    );
end
$$;
comment on function muni.set_operator_team(name, text) is 'Moves a person to a municipal team, or with null to none.';

create function muni.reset_operator_password(username name, verifier text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._admin();
    person muni.operators := muni._person(reset_operator_password.username, me);
begin
    if reset_operator_password.verifier is null then
        raise exception 'a password is sent as a SCRAM verifier only' using errcode = '22023';
    end if;
    perform muni._check_login(person.username, reset_operator_password.verifier);
    if not muni._alter_login(person.username, reset_operator_password.verifier, null) then
        raise exception 'this login was made by the database''s owner, who alone can change its password'
            using errcode = '42501';
    end if;
    perform muni._audit(me.municipality_id, 'password_reset', person.username);
end
$$;
comment on function muni.reset_operator_password(name, text) is 'Gives a person a new password by its SCRAM verifier.';
