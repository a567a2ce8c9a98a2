-- Who is asking. `session_user` is what PostgreSQL authenticated; nothing a session can set changes it.

create function muni.municipality_as(wanted_role text) returns int
language sql stable security definer parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select o.municipality_id
    from muni.operators as o
    where o.username = session_user and o.is_active and o.role = wanted_role
$$;
comment on function muni.municipality_as(text) is
'The municipality of the session''s operator if they are active and of this role, else null. For policies.';

create function muni.whoami(
    out username name,
    out full_name text,
    out role text,
    out municipality_id int,
    out municipality_code text,
    out municipality_name text,
    out time_zone text,
    out team_id int,
    out team_name text
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select o.username, o.full_name, o.role, m.id, m.code, m.name, m.time_zone, t.id, t.name
    from muni.operators as o
    join muni.municipalities as m on m.id = o.municipality_id
    left join muni.teams as t on t.id = o.team_id
    where o.username = session_user and o.is_active
$$;
comment on function muni.whoami() is
'The session''s operator; every field null for a login that is nobody here or is disabled.';

-- One sentence and one code for what is hidden, missing, or not for this role (SEC-05).
create function muni._deny() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'not authorized to access sensitive reports, or no such ticket' using errcode = '42501';
end
$$;

create function muni._actor() returns muni.operators
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators;
begin
    select o.* into me from muni.operators as o where o.username = session_user and o.is_active;
    -- The GRANTs follow the group, the rules follow the role: where the two differ, or a login is in a
    -- second group, neither is to be trusted.
    if not found or exists (
        select
        from (
            values
            ('operator', 'muni_operator'), ('manager', 'muni_manager'),
            ('admin', 'muni_admin'), ('saps_liaison', 'muni_saps')
        ) as g (role, name)
        where pg_has_role(session_user, g.name, 'member') <> (g.role = me.role)
    ) then
        perform muni._deny();
    end if;
    return me;
end
$$;
comment on function muni._actor() is
'The session''s operator, in the one group of their role; the refusal otherwise.';
