-- Calendars and SLA policies of a municipality's file. Neither is ever changed: a new row replaces the old one,
-- which open tickets keep until they are recomputed (docs/reference/sla.md, 8).

create function muni._calendar_facts(c muni.calendars) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'time_zone', c.time_zone,
        'always', c.is_always,
        'country', c.country,
        'region', c.region,
        'known_from', c.holidays_from,
        'known_until', c.holidays_until,
        'windows', (
            select coalesce(
                jsonb_agg(jsonb_build_array(w.weekday, w.opens_at, w.closes_at) order by w.weekday, w.opens_at),
                '[]'
            )
            from muni.calendar_windows as w
            where w.calendar_id = c.id
        ),
        'holidays', (
            select coalesce(jsonb_object_agg(to_char(h.day, 'YYYY-MM-DD'), h.name), '{}')
            from muni.calendar_holidays as h
            where h.calendar_id = c.id
        )
    )
    where c.id is not null
$$;
comment on function muni._calendar_facts(muni.calendars) is 'What there is to know of a calendar; null for none.';

create function muni._wanted_calendar(m muni.municipalities, wanted jsonb) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'time_zone', m.time_zone,
        'always', coalesce((wanted ->> 'is_always')::bool, false),
        'country', wanted ->> 'country',
        'region', wanted ->> 'region',
        'known_from', (wanted ->> 'known_from')::date,
        'known_until', (wanted ->> 'known_until')::date,
        'windows', (
            select coalesce(
                jsonb_agg(jsonb_build_array(w.weekday, w.opens, w.closes) order by w.weekday, w.opens), '[]'
            )
            from jsonb_to_recordset(wanted -> 'windows') as w (weekday smallint, opens time, closes time)
        ),
        'holidays', (
            select coalesce(jsonb_object_agg(to_char(h.key::date, 'YYYY-MM-DD'), h.value), '{}')
            from jsonb_each_text(coalesce(wanted -> 'holidays', '{}')) as h
        )
    )
$$;
comment on function muni._wanted_calendar(muni.municipalities, jsonb) is
'What a plan says of a calendar, in the form of muni._calendar_facts.';

create function muni._check_calendar(place text, facts jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    w record;
    holiday record;
begin
    if (facts ->> 'always')::bool then
        if facts -> 'windows' <> '[]' or facts -> 'holidays' <> '{}' or facts ->> 'country' is not null then
            perform muni._refuse(place, 'a calendar that works always has no windows and no holidays');
        end if;
        return;
    end if;
    if facts -> 'windows' = '[]' then
        perform muni._refuse(place, 'this calendar has no working time');
    end if;
    for w in
        select
            x.weekday,
            x.opens,
            x.closes,
            lag(x.closes) over (partition by x.weekday order by x.opens) as before
        from jsonb_array_elements(facts -> 'windows') as e
        cross join lateral (
            select (e.value ->> 0)::int, (e.value ->> 1)::time, (e.value ->> 2)::time
        ) as x (weekday, opens, closes)
    loop
        if w.weekday between 1 and 7 is not true then
            perform muni._refuse(place, 'weekdays go from 1, Monday, to 7, Sunday');
        end if;
        if w.opens < w.closes is not true then
            perform muni._refuse(place, format('the window from %s to %s is reversed', w.opens, w.closes));
        end if;
        if w.opens < w.before then
            perform muni._refuse(place, format('two windows overlap at %s', w.opens));
        end if;
    end loop;
    if (facts ->> 'country' is null) <> (facts ->> 'known_from' is null)
        or (facts ->> 'known_from' is null) <> (facts ->> 'known_until' is null)
    then
        perform muni._refuse(place, 'a country goes with the days from and until which its holidays are known');
    end if;
    for holiday in select h.value from jsonb_each_text(facts -> 'holidays') as h loop
        perform muni._label(place || ' holiday', holiday.value, 200);
    end loop;
end
$$;
comment on function muni._check_calendar(text, jsonb) is 'Refuses a calendar that contradicts itself or never works.';

create function muni._day_list(days text []) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    -- A country's whole century is told by its number; the rows stay and say which.
    select case when cardinality(days) <= 50 then to_jsonb(days) else to_jsonb(cardinality(days)) end
$$;
comment on function muni._day_list(text []) is 'Days, or how many where they are many.';

create function muni._calendar_changes(before jsonb, after jsonb) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select d.facts - 'holidays' || case
        when d.facts ? 'holidays' then jsonb_build_object('holidays', jsonb_build_object(
            'added', muni._day_list(array(
                select h.key
                from jsonb_each(after -> 'holidays') as h
                where before -> 'holidays' -> h.key is distinct from h.value
                order by h.key
            )),
            'removed', muni._day_list(array(
                select h.key
                from jsonb_object_keys(before -> 'holidays') as h (key)
                where not after -> 'holidays' ? h.key
                order by h.key
            ))
        ))
        else '{}'
    end
    from (values (muni._differing(before, after))) as d (facts)
$$;
comment on function muni._calendar_changes(jsonb, jsonb) is
'As muni._differing, with the days without work that came and went.';

create function muni._apply_calendar(m muni.municipalities, wanted jsonb) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    place text := format('calendar "%s"', wanted ->> 'name');
    label text := muni._label('calendar name', wanted ->> 'name', 60);
    facts jsonb := muni._wanted_calendar(m, wanted);
    old muni.calendars;
    before jsonb;
    new_id int;
    today date := (clock_timestamp() at time zone m.time_zone)::date;
begin
    select c.* into old
    from muni.calendars as c
    where c.municipality_id = m.id and c.name = label and c.replaced_at is null;
    before := muni._calendar_facts(old);
    if before = facts then
        return null;
    end if;
    perform muni._check_calendar(place, facts);
    update muni.calendars as c set replaced_at = clock_timestamp() where c.id = old.id;
    insert into muni.calendars (
        municipality_id, name, time_zone, is_always, country, region, holidays_from, holidays_until
    ) values (
        m.id, label, m.time_zone, (facts ->> 'always')::bool, facts ->> 'country', facts ->> 'region',
        (facts ->> 'known_from')::date, (facts ->> 'known_until')::date
    ) returning id into new_id;
    insert into muni.calendar_windows (calendar_id, weekday, opens_at, closes_at)
    select new_id, (w.value ->> 0)::smallint, (w.value ->> 1)::time, (w.value ->> 2)::time
    from jsonb_array_elements(facts -> 'windows') as w;
    insert into muni.calendar_holidays (calendar_id, day, name)
    select new_id, h.key::date, h.value
    from jsonb_each_text(facts -> 'holidays') as h;
    perform muni._cover(new_id, today, (today + interval '3 years')::date + 1);
    return muni._told(
        m, 'calendar', label, case when old.id is null then 'added' else 'changed' end,
        muni._calendar_changes(before, facts) || jsonb_build_object('id', new_id)
    );
end
$$;
comment on function muni._apply_calendar(muni.municipalities, jsonb) is
'Puts a calendar in force, in place of the one of its name; the change, or null where there is none.';

create function muni._check_reach(place text, of_calendar int, target interval) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    c muni.calendars;
begin
    select x.* into c from muni.calendars as x where x.id = of_calendar;
    if coalesce(c.is_always, true) then
        -- As far as a calendar with windows and no country is known.
        if clock_timestamp() + target >= '2200-01-01 00:00:00+00' then
            perform muni._refuse(place, 'no calendar reaches this target');
        end if;
        return;
    end if;
    begin
        perform muni._reach(c.id, clock_timestamp(), muni._microseconds(target));
    exception when invalid_parameter_value or datetime_field_overflow then
        perform muni._refuse(place, format('the calendar "%s" never reaches this target', c.name));
    end;
end
$$;
comment on function muni._check_reach(text, int, interval) is
'Refuses a target that lies beyond what is known of its calendar, or of all time.';

create function muni._policy_facts(p muni.sla_policies) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'calendar', (select c.name from muni.calendars as c where c.id = p.calendar_id),
        'calendar_id', p.calendar_id,
        'response', trim_scale(muni._microseconds(p.response_target) / 60000000.0),
        'resolution', trim_scale(muni._microseconds(p.resolution_target) / 60000000.0),
        'warning_percent', p.warning_percent
    )
    where p.municipality_id is not null
$$;
comment on function muni._policy_facts(muni.sla_policies) is
'What there is to know of a policy, targets in minutes; null for none.';

create function muni._apply_policy(m muni.municipalities, wanted jsonb) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    label text := coalesce(wanted ->> 'category', 'default');
    place text := format('policy "%s"', label);
    old muni.sla_policies;
    p muni.sla_policies;
    differing jsonb;
begin
    p.municipality_id := m.id;
    p.category := wanted ->> 'category';
    p.response_target := make_interval(mins => (wanted ->> 'response')::int);
    p.resolution_target := make_interval(mins => (wanted ->> 'resolution')::int);
    p.warning_percent := coalesce((wanted ->> 'warning_percent')::int, 80);
    if p.category <> all (muni._municipal_categories()) then
        perform muni._refuse(place, 'there is no such category, or none with municipal clocks');
    end if;
    if wanted ->> 'calendar' is not null then
        select c.id into p.calendar_id
        from muni.calendars as c
        where c.municipality_id = m.id and c.name = wanted ->> 'calendar' and c.replaced_at is null;
        if not found then
            perform muni._refuse(place || ' calendar', 'there is no such calendar');
        end if;
    end if;
    select x.* into old
    from muni.sla_policies as x
    where x.municipality_id = m.id and x.category is not distinct from p.category and x.replaced_at is null;
    differing := muni._differing(muni._policy_facts(old), muni._policy_facts(p));
    if differing = '{}' then
        return null;
    end if;
    if p.response_target > interval '0' is not true then
        perform muni._refuse(place || ' response', 'a target of no time at all; one minute is the least');
    end if;
    if p.resolution_target >= p.response_target is not true then
        perform muni._refuse(place || ' resolution', 'not shorter than response');
    end if;
    if p.warning_percent not between 1 and 99 then
        perform muni._refuse(place || ' warning_percent', 'expected 1 to 99');
    end if;
    perform muni._check_reach(place || ' response', p.calendar_id, p.response_target);
    perform muni._check_reach(place || ' resolution', p.calendar_id, p.resolution_target);
    update muni.sla_policies as x set replaced_at = clock_timestamp() where x.id = old.id;
    insert into muni.sla_policies (
        municipality_id, category, calendar_id, response_target, resolution_target, warning_percent
    ) values (
        m.id, p.category, p.calendar_id, p.response_target, p.resolution_target, p.warning_percent
    ) returning id into p.id;
    return muni._told(
        m, 'policy', label, case when old.id is null then 'added' else 'changed' end,
        differing || jsonb_build_object('id', p.id)
    );
end
$$;
comment on function muni._apply_policy(muni.municipalities, jsonb) is
'Puts a policy in force, in place of its category''s; the change, or null where there is none.';
