-- What the clocks would say, computed by what sets them, before anybody decides.

create function muni._preview_instant(value text) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- With an offset or not at all: a bare time means another instant in another session.
    if value ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)$' then
        return value::timestamptz;
    end if;
    return null;
exception when data_exception then
    return null;
end
$$;
comment on function muni._preview_instant(text) is 'An ISO 8601 time with offset; null for anything else.';

create function muni._preview_pauses(pauses jsonb) returns tstzmultirange
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    item jsonb;
    begins timestamptz;
    ends timestamptz;
    union_so_far tstzmultirange := '{}';
begin
    if jsonb_typeof(_preview_pauses.pauses) is distinct from 'array' then
        raise exception 'pauses are a list of [from, to]' using errcode = '22023';
    end if;
    for item in select x.value from jsonb_array_elements(_preview_pauses.pauses) as x loop
        if jsonb_typeof(item) = 'array' and jsonb_array_length(item) = 2 then
            begins := muni._preview_instant(item ->> 0);
            ends := muni._preview_instant(item ->> 1);
        end if;
        if begins is null or ends is null then
            raise exception 'a pause is [from, to], each a date and time with its offset' using errcode = '22023';
        end if;
        if ends < begins then
            raise exception 'a pause ends after it begins' using errcode = '22023';
        end if;
        union_so_far := union_so_far + tstzmultirange(tstzrange(begins, ends));
        begins := null;
    end loop;
    return union_so_far;
end
$$;
comment on function muni._preview_pauses(jsonb) is 'Pauses as they are told, overlapping ones made one.';

create function muni.sla_preview(
    municipality text,
    category text,
    start timestamptz,
    pauses jsonb default '[]',
    at timestamptz default null,
    until timestamptz default null,
    out response_deadline timestamptz,
    out resolution_deadline timestamptz,
    out response_warning_at timestamptz,
    out resolution_warning_at timestamptz,
    out sla_status text,
    out worked_seconds bigint,
    out policy text,
    out calendar text
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    t muni.tickets;
    judged_at timestamptz := coalesce(sla_preview.at, clock_timestamp());
    of_calendar int;
    held tstzrange;
begin
    if not exists (
        select from muni.municipalities as m
        where m.id = me.municipality_id and m.code = coalesce(sla_preview.municipality, m.code)
    ) then
        raise exception 'clocks are tried in one''s own municipality' using errcode = '42501';
    end if;
    if sla_preview.category = 'gbv' then
        raise exception 'a GBV report has no municipal clocks' using errcode = '22023';
    end if;
    if sla_preview.category is null
        or sla_preview.category <> all (muni._municipal_categories())
    then
        raise exception 'there is no such category' using errcode = '22023';
    end if;
    t.pauses := muni._preview_pauses(sla_preview.pauses);
    if sla_preview.start is null
        or not tstzrange('1900-01-01 00:00:00+00', '2200-01-01 00:00:00+00') @> all (
            array[
                sla_preview.start, judged_at, coalesce(sla_preview.until, judged_at),
                coalesce(lower(t.pauses), judged_at), coalesce(upper(t.pauses), judged_at)
            ]
        )
    then
        raise exception 'clocks are tried between the years 1900 and 2200' using errcode = '22023';
    end if;

    t.is_sensitive := false;
    t.created_at := sla_preview.start;
    t.sla_policy_id := muni._policy(me.municipality_id, sla_preview.category);
    t := muni._date_clocks(t);
    response_deadline := t.sla_response_deadline;
    resolution_deadline := t.sla_resolution_deadline;
    response_warning_at := t.sla_response_warning_at;
    resolution_warning_at := t.sla_resolution_warning_at;
    select p.p into held from unnest(t.pauses) as p (p) where p.p @> judged_at;
    sla_status := muni.sla_state(
        case when held is null then 'open' else 'on_hold' end, judged_at, response_deadline,
        resolution_deadline, response_warning_at, resolution_warning_at, null, null, lower(held)
    );
    of_calendar := (muni._terms(t.sla_policy_id)).calendar_id;
    worked_seconds := muni._worked(
        of_calendar, t.created_at, coalesce(sla_preview.until, judged_at), t.pauses
    ) / 1000000;
    policy := case
        when t.sla_policy_id is null then 'built-in'
        else (select coalesce(p.category, 'default') from muni.sla_policies as p where p.id = t.sla_policy_id)
    end;
    calendar := coalesce((select c.name from muni.calendars as c where c.id = of_calendar), 'around the clock');
end
$$;
comment on function muni.sla_preview(text, text, timestamptz, jsonb, timestamptz, timestamptz) is
'The clocks that an unanswered ticket of a category would have, logged and paused at these times, and what they would say.';

create function muni.preview_override(
    id uuid,
    clock text,
    deadline timestamptz,
    out was timestamptz,
    out becomes timestamptz,
    out warning_at timestamptz,
    out sla_status text,
    out working_seconds_left bigint
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    t muni.tickets := muni._municipal_for_write(preview_override.id, null, muni._actor());
    changed muni.tickets := muni._overridden(t, preview_override.clock, preview_override.deadline);
    judged_at timestamptz := clock_timestamp();
    of_calendar int := (muni._terms(t.sla_policy_id)).calendar_id;
begin
    if preview_override.clock = 'response' then
        was := t.sla_response_deadline;
        becomes := changed.sla_response_deadline;
        warning_at := changed.sla_response_warning_at;
    else
        was := t.sla_resolution_deadline;
        becomes := changed.sla_resolution_deadline;
        warning_at := changed.sla_resolution_warning_at;
    end if;
    sla_status := muni.sla_state(
        changed.status, judged_at, changed.sla_response_deadline, changed.sla_resolution_deadline,
        changed.sla_response_warning_at, changed.sla_resolution_warning_at, changed.first_responded_at,
        changed.resolved_at, changed.paused_at
    );
    -- A clock that stands still has left what it had when it stopped; a deadline set by hand waits for nothing.
    if preview_override.clock = 'response' then
        judged_at := coalesce(t.first_responded_at, judged_at);
    elsif t.resolved_at is not null then
        judged_at := t.resolved_at;
    elsif not changed.resolution_overridden then
        judged_at := coalesce(t.paused_at, judged_at);
    end if;
    working_seconds_left := (
        muni._worked(of_calendar, judged_at, becomes) - muni._worked(of_calendar, becomes, judged_at)
    ) / 1000000;
end
$$;
comment on function muni.preview_override(uuid, text, timestamptz) is
'What a deadline set by hand, or with null given back to its policy, would mean for a ticket; changes nothing of it.';
