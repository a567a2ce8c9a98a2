-- A municipality is set up from a file: place, calendars, SLA policies (77_calendars.sql), teams, suburbs. What
-- differs from what is there is written, all of it or nothing, each change with a line of the audit log.

create function muni._refuse(place text, reason text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%: %', place, reason using errcode = '22023';
end
$$;
comment on function muni._refuse(text, text) is 'Refuses a plan: where it is wrong, and why.';

create function muni._label(place text, words text, most int) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if length(btrim(words)) between 1 and most is not true or not muni._is_plain(words) then
        perform muni._refuse(place, format('expected one line of plain text of 1 to %s characters', most));
    end if;
    return btrim(words);
end
$$;
comment on function muni._label(text, text, int) is 'A name as it is stored; refused where it could drive a terminal.';

create function muni._is_owner() returns bool
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select pg_has_role(session_user, 'muni_owner', 'member')
$$;
comment on function muni._is_owner() is 'Whether the session is one of the login that owns the database.';

create function muni._for_setup(code text) returns muni.municipalities
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators;
    m muni.municipalities;
begin
    if not muni._is_owner() then
        me := muni._actor();
        if me.role <> 'admin' then
            raise exception 'a municipality is set up by its administrators' using errcode = '42501';
        end if;
        if not exists (
            select from muni.municipalities as x where x.id = me.municipality_id and x.code = _for_setup.code
        ) then
            raise exception 'an administrator sets up the own municipality; others are the database owner''s'
                using errcode = '42501';
        end if;
    end if;
    -- Locked: two plans come one after the other.
    select x.* into m from muni.municipalities as x where x.code = _for_setup.code for no key update;
    return m;
end
$$;
comment on function muni._for_setup(text) is
'The municipality that the session may set up, locked; null for the owner where there is none yet.';

create function muni._differing(before jsonb, after jsonb) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        jsonb_object_agg(a.key, jsonb_build_object('from', before -> a.key, 'to', a.value))
        filter (where before -> a.key is distinct from a.value),
        '{}'
    )
    from jsonb_each(after) as a
$$;
comment on function muni._differing(jsonb, jsonb) is 'Which facts of a thing differ, each as it was and as it is.';

create function muni._told(
    m muni.municipalities, what text, name text, change text, detail jsonb
) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform muni._audit(
        m.id, what || '_changed', _told.name, jsonb_build_object('change', change) || coalesce(detail, '{}')
    );
    return jsonb_build_object('what', what, 'name', _told.name, 'change', change, 'detail', coalesce(detail, '{}'));
end
$$;
comment on function muni._told(muni.municipalities, text, text, text, jsonb) is
'A change as its caller is told it, written to the audit log.';

create function muni._apply_place(m muni.municipalities, plan jsonb) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    place muni.municipalities := m;
    facts jsonb;
    differing jsonb;
begin
    place.name := muni._label('municipality name', plan ->> 'name', 100);
    place.time_zone := plan ->> 'time_zone';
    facts := jsonb_build_object('name', place.name, 'time_zone', place.time_zone);
    differing := muni._differing(
        case when m.id is not null then jsonb_build_object('name', m.name, 'time_zone', m.time_zone) end, facts
    );
    if differing = '{}' then
        return null;
    end if;
    if not exists (select from pg_catalog.pg_timezone_names as z where z.name = place.time_zone) then
        perform muni._refuse('municipality time_zone', 'the server knows no such time zone');
    end if;
    if m.id is null then
        if (plan ->> 'code') ~ '^[a-z][a-z0-9]{1,9}$' is not true then
            perform muni._refuse('municipality code', 'expected 2 to 10 small letters and digits, a letter first');
        end if;
        insert into muni.municipalities (code, name, time_zone)
        values (plan ->> 'code', place.name, place.time_zone)
        returning * into place;
        return muni._told(place, 'municipality', place.code, 'added', differing);
    end if;
    update muni.municipalities as x set name = place.name, time_zone = place.time_zone where x.id = m.id;
    return muni._told(m, 'municipality', m.code, 'changed', differing);
end
$$;
comment on function muni._apply_place(muni.municipalities, jsonb) is
'Makes or changes the municipality itself; the change, or null where there is none.';

create function muni._team_facts(t muni.teams) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'name', t.name,
        'category', t.category,
        'active', t.is_active,
        'manager', t.manager,
        'depot', case
            when t.depot_latitude is not null then jsonb_build_array(t.depot_latitude, t.depot_longitude)
        end,
        'area', t.service_area::text
    )
    where t.municipality_id is not null
$$;
comment on function muni._team_facts(muni.teams) is 'What there is to know of a team; null for none.';

create function muni._apply_team(m muni.municipalities, wanted jsonb) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    label text := muni._label('team name', wanted ->> 'name', 100);
    place text := format('team "%s"', label);
    old muni.teams;
    tm muni.teams;
    differing jsonb;
begin
    select x.* into old
    from muni.teams as x
    where x.municipality_id = m.id and lower(x.name) = lower(label)
    order by x.name = label desc
    limit 1;
    tm.municipality_id := m.id;
    tm.name := label;
    tm.category := wanted ->> 'category';
    tm.is_saps := tm.category = 'gbv';
    tm.is_active := coalesce((wanted ->> 'is_active')::bool, true);
    tm.manager := wanted ->> 'manager';
    tm.depot_latitude := wanted -> 'depot' ->> 0;
    tm.depot_longitude := wanted -> 'depot' ->> 1;
    select ('(' || string_agg(
        format('(%s,%s)', (corner.value ->> 1)::double precision, (corner.value ->> 0)::double precision),
        ',' order by corner.place
    ) || ')')::polygon into tm.service_area
    from jsonb_array_elements(nullif(wanted -> 'area', 'null')) with ordinality as corner (value, place);

    if (tm.is_saps or old.is_saps) and not muni._is_owner() then
        raise exception '%: SAPS teams are set up by the database''s owner', place using errcode = '42501';
    end if;
    if tm.category = any (muni._municipal_categories() || text 'gbv') is not true then
        perform muni._refuse(place || ' category', 'there is no such category');
    end if;
    if old.is_saps <> tm.is_saps then
        perform muni._refuse(place || ' category', 'a SAPS team stays one, and no other team becomes one');
    end if;
    differing := muni._differing(muni._team_facts(old), muni._team_facts(tm));
    if differing = '{}' then
        return null;
    end if;
    if num_nonnulls(tm.depot_latitude, tm.depot_longitude) > 0
        and (tm.depot_latitude between -90 and 90 and tm.depot_longitude between -180 and 180) is not true
    then
        perform muni._refuse(place || ' depot', 'expected latitude and longitude in degrees');
    end if;
    if tm.manager is distinct from old.manager and tm.manager is not null and (
        tm.is_saps
        or not exists (
            select from muni.operators as o
            where
                o.username = tm.manager and o.municipality_id = m.id and o.is_active
                and o.role in ('manager', 'admin')
        )
    ) then
        perform muni._refuse(
            place || ' manager',
            'there is no such active manager in this municipality; add the login first, then apply again'
        );
    end if;
    if old.id is null then
        insert into muni.teams (
            municipality_id, name, category, is_saps, is_active, manager, service_area, depot_latitude,
            depot_longitude
        ) values (
            m.id, tm.name, tm.category, tm.is_saps, tm.is_active, tm.manager, tm.service_area,
            tm.depot_latitude, tm.depot_longitude
        );
        return muni._told(m, 'team', label, 'added', differing);
    end if;
    update muni.teams as x set
        name = tm.name,
        category = tm.category,
        is_active = tm.is_active,
        manager = tm.manager,
        service_area = tm.service_area,
        depot_latitude = tm.depot_latitude,
        depot_longitude = tm.depot_longitude
    where x.id = old.id;
    return muni._told(m, 'team', label, 'changed', differing);
end
$$;
comment on function muni._apply_team(muni.municipalities, jsonb) is
'Makes or changes a team; the change, or null where there is none.';

create function muni._apply_suburbs(m muni.municipalities, wanted jsonb) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    item jsonb;
    label text;
    before jsonb;
    after jsonb := '{}';
    differing jsonb;
begin
    for item in select e.value from jsonb_array_elements(wanted) as e loop
        label := muni._label('suburb name', item ->> 'name', 100);
        if ((item ->> 'latitude')::double precision between -90 and 90
            and (item ->> 'longitude')::double precision between -180 and 180) is not true
        then
            perform muni._refuse(format('suburb "%s"', label), 'expected latitude and longitude in degrees');
        end if;
        after := after || jsonb_build_object(
            label,
            jsonb_build_array(
                (item ->> 'latitude')::double precision, (item ->> 'longitude')::double precision
            )
        );
    end loop;
    select coalesce(jsonb_object_agg(s.name, jsonb_build_array(s.latitude, s.longitude)), '{}') into before
    from muni.suburbs as s
    where s.municipality_id = m.id;
    -- One that goes is told as well: its place becomes none.
    differing := muni._differing(
        before,
        (select coalesce(jsonb_object_agg(k.name, 'null'::jsonb), '{}') from jsonb_object_keys(before) as k (name))
        || after
    );
    if differing = '{}' then
        return null;
    end if;
    delete from muni.suburbs as s where s.municipality_id = m.id;
    insert into muni.suburbs (municipality_id, name, latitude, longitude)
    select m.id, e.key, (e.value ->> 0)::double precision, (e.value ->> 1)::double precision
    from jsonb_each(after) as e;
    perform muni._audit(
        m.id, 'municipality_changed', m.code, jsonb_build_object('change', 'changed', 'suburbs', differing)
    );
    return jsonb_build_object(
        'what', 'suburbs', 'name', m.code, 'change', case when before = '{}' then 'added' else 'changed' end,
        'detail', differing
    );
end
$$;
comment on function muni._apply_suburbs(muni.municipalities, jsonb) is
'Makes the suburbs those of a plan, in place of those that were there; the change, or null where there is none.';

create function muni._retire(m muni.municipalities, plan jsonb) returns setof jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    gone record;
begin
    for gone in
        update muni.sla_policies as p set replaced_at = clock_timestamp()
        where
            p.municipality_id = m.id
            and p.replaced_at is null
            and not exists (
                select from jsonb_array_elements(plan -> 'policies') as w
                where w.value ->> 'category' is not distinct from p.category
            )
        returning p.id, coalesce(p.category, 'default') as name
    loop
        return next muni._told(m, 'policy', gone.name, 'retired', jsonb_build_object('id', gone.id));
    end loop;
    for gone in
        update muni.calendars as c set replaced_at = clock_timestamp()
        where
            c.municipality_id = m.id
            and c.replaced_at is null
            and not exists (
                select from jsonb_array_elements(plan -> 'calendars') as w
                where btrim(w.value ->> 'name') = c.name
            )
        returning c.id, c.name
    loop
        return next muni._told(m, 'calendar', gone.name, 'retired', jsonb_build_object('id', gone.id));
    end loop;
    -- People and open tickets are with a team, so that nobody is sent away by a line that was left out.
    return query
        select jsonb_build_object('what', 'team', 'name', t.name, 'change', 'left', 'detail', '{}'::jsonb)
        from muni.teams as t
        where
            t.municipality_id = m.id
            and t.is_active
            and not t.is_saps
            and not exists (
                select from jsonb_array_elements(plan -> 'teams') as w
                where lower(btrim(w.value ->> 'name')) = lower(t.name)
            )
        order by t.name;
end
$$;
comment on function muni._retire(muni.municipalities, jsonb) is
'Policies and calendars that a plan does not name go out of force; teams that it does not name are left, and told.';

create function muni._check_lists(plan jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    list text;
    twice text;
begin
    foreach list in array array['calendars', 'policies', 'teams', 'suburbs'] loop
        -- A plan without suburbs has none; the others are named even where they are empty.
        continue when list = 'suburbs' and plan -> list is null;
        if jsonb_typeof(plan -> list) is distinct from 'array' then
            perform muni._refuse(list, 'expected a list');
        end if;
        select lower(coalesce(e.value ->> case list when 'policies' then 'category' else 'name' end, 'default'))
        into twice
        from jsonb_array_elements(plan -> list) as e
        group by 1
        having count(*) > 1
        limit 1;
        if found then
            perform muni._refuse(list, format('"%s" is there twice', twice));
        end if;
    end loop;
end
$$;
comment on function muni._check_lists(jsonb) is 'Refuses a plan without its lists, or one that names something twice.';

create function muni.apply_municipality(plan jsonb, dry_run bool default false, recompute bool default false)
returns table (what text, name text, change text, detail jsonb)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    m muni.municipalities := muni._for_setup(plan ->> 'code');
    changes jsonb [];
    item jsonb;
begin
    -- A block with a handler is a savepoint: what a look ahead has done is taken back, what it found stays.
    begin
        perform muni._check_lists(plan);
        changes := array[muni._apply_place(m, plan)];
        select x.* into m from muni.municipalities as x where x.code = plan ->> 'code';
        for item in select e.value from jsonb_array_elements(plan -> 'calendars') as e loop
            changes := changes || muni._apply_calendar(m, item);
        end loop;
        for item in select e.value from jsonb_array_elements(plan -> 'policies') as e loop
            changes := changes || muni._apply_policy(m, item);
        end loop;
        for item in select e.value from jsonb_array_elements(plan -> 'teams') as e loop
            changes := changes || muni._apply_team(m, item);
        end loop;
        changes := changes || muni._apply_suburbs(m, coalesce(plan -> 'suburbs', '[]'));
        changes := changes || array(select r.* from muni._retire(m, plan) as r);
        if recompute then
            changes := changes || muni._recompute(m);
        end if;
        if dry_run then
            raise exception 'a look ahead' using errcode = 'MU002';
        end if;
    exception
        when sqlstate 'MU002' then
            null;
        when invalid_parameter_value then
            raise;
        when data_exception or integrity_constraint_violation then
            -- PostgreSQL's own message may quote the row.
            raise exception 'a value of the plan is missing or out of range' using errcode = '22023';
    end;
    return query
        select c.value ->> 'what', c.value ->> 'name', c.value ->> 'change', c.value -> 'detail'
        from unnest(changes) with ordinality as c (value, place)
        where c.value is not null
        order by c.place;
end
$$;
comment on function muni.apply_municipality(jsonb, bool, bool) is
'Brings a municipality, its calendars, SLA policies, teams and suburbs to what a plan says, or only tells what would change; the changes. A new municipality and SAPS teams are the owner''s.';
