-- Requests of another system become tickets, once: by source and id.

create function muni._import_instant(value text) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- With an offset or not at all: a bare time means another instant in another session.
    if value !~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)$'
        or value::timestamptz < '1900-01-01 00:00:00+00'
        or value::timestamptz > clock_timestamp() + interval '1 day'
    then
        raise exception 'not an instant that can be imported' using errcode = '22008';
    end if;
    return value::timestamptz;
end
$$;
comment on function muni._import_instant(text) is
'An ISO 8601 time with offset, from 1900 to a day ahead (clocks differ); null for null.';

create function muni._import_one(
    me muni.operators, source text, item jsonb, with_sla bool
) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    t muni.tickets;
    step record;
    status_at timestamptz := muni._import_instant(item ->> 'status_at');
begin
    t.municipality_id := me.municipality_id;
    t.is_sensitive := false;
    t.category := item ->> 'category';
    t.severity := coalesce(item ->> 'severity', 'medium');
    t.description := item ->> 'description';
    t.address := item ->> 'address';
    t.latitude := (item ->> 'latitude')::double precision;
    t.longitude := (item ->> 'longitude')::double precision;
    t.language := coalesce(item ->> 'language', 'en');
    t.reporter_name := item ->> 'reporter_name';
    t.reporter_phone := item ->> 'reporter_phone';
    t.created_at := muni._import_instant(item ->> 'created_at');
    t.without_sla := not with_sla;
    if with_sla then
        t.sla_policy_id := muni._policy(t.municipality_id, t.category);
    end if;
    t := muni._insert_ticket(muni._date_clocks(t));
    perform muni._append(
        t, 'imported', to_status => 'open', at => t.created_at, via => 'import',
        note => format('%s: %s', source, item ->> 'source_id')
    );

    -- Notes and the way to the final status, in the order in which they happened. Other systems date
    -- notes before the request, and keep that time; a status takes effect when there is a ticket.
    status_at := greatest(status_at, t.created_at);
    for step in
        select
            n.value ->> 'note' as note,
            muni._import_instant(n.value ->> 'at') as at,
            null as to_status,
            n.place
        from jsonb_array_elements(coalesce(item -> 'notes', '[]')) with ordinality as n (value, place)
        union all
        select null, status_at, s.to_status, 1000000 + s.place
        from (values ('resolved', 1), ('closed', 2)) as s (to_status, place)
        where item ->> 'status' = 'closed' or item ->> 'status' = s.to_status
        union all
        select null, status_at, item ->> 'status', 1000001
        where item ->> 'status' in ('in_progress', 'on_hold', 'escalated')
        order by 2, 4
    loop
        if step.to_status is null and btrim(step.note) <> '' is not true then
            raise exception 'a note needs words' using errcode = '22023';
        end if;
        select x.* into t from muni.tickets as x where x.id = t.id and x.is_sensitive = false;
        perform muni._append(
            t,
            case when step.to_status is null then 'noted' else 'status_changed' end,
            to_status => step.to_status,
            note => step.note,
            at => step.at,
            via => 'import'
        );
    end loop;
    update muni.tickets as x set updated_at = x.created_at
    where x.id = t.id and x.is_sensitive = false and x.updated_at < x.created_at;
    return t.tracking_number;
end
$$;
comment on function muni._import_one(muni.operators, text, jsonb, bool) is
'One request as a ticket with its notes and final status at their own times; the tracking number.';

create function muni._import_refusal(item jsonb) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when item ->> 'category' = 'gbv' then 'GBV reports are never imported'
        when length(item ->> 'source_id') between 1 and 200 is not true
            then 'the source id is missing or longer than 200 characters'
        when coalesce(item ->> 'status', 'open')
            not in ('open', 'in_progress', 'on_hold', 'escalated', 'resolved', 'closed')
            then 'there is no such status'
        when (item ->> 'latitude' is null) <> (item ->> 'longitude' is null)
            then 'latitude and longitude go together'
    end
$$;
comment on function muni._import_refusal(jsonb) is
'Why a request cannot become a ticket whatever else it says, else null. Quotes nothing of it.';

create function muni.import_tickets(source text, tickets jsonb, with_sla bool default false)
returns table (source_id text, outcome text, detail text)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    item jsonb;
begin
    if me.role <> 'admin' then
        raise exception 'importing is for administrators' using errcode = '42501';
    end if;
    if length(import_tickets.source) between 1 and 64 is not true then
        raise exception 'the name of a source has 1 to 64 characters' using errcode = '22023';
    end if;
    if jsonb_typeof(import_tickets.tickets) is distinct from 'array' then
        raise exception 'requests are imported as a list' using errcode = '22023';
    end if;
    for item in select x.value from jsonb_array_elements(import_tickets.tickets) as x loop
        source_id := item ->> 'source_id';
        outcome := 'rejected';
        detail := muni._import_refusal(item);
        if detail is null then
            begin
                insert into muni.import_sources (municipality_id, source, source_id)
                values (me.municipality_id, import_tickets.source, import_tickets.source_id)
                on conflict do nothing;
                if found then
                    detail := muni._import_one(
                        me, import_tickets.source, item, coalesce(with_sla, false)
                    );
                    outcome := 'imported';
                else
                    outcome := 'skipped';
                end if;
            exception when data_exception or integrity_constraint_violation then
                -- PostgreSQL's own message may quote the row.
                detail := 'a value is missing or out of range';
            end;
        end if;
        return next;
    end loop;
end
$$;
comment on function muni.import_tickets(text, jsonb, bool) is
'For each request in order: id; imported, skipped (it was before) or rejected; number or why.';

create function muni.imported_before(source text, source_ids text []) returns setof text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    if me.role <> 'admin' then
        raise exception 'importing is for administrators' using errcode = '42501';
    end if;
    return query
        select s.source_id
        from muni.import_sources as s
        where
            s.municipality_id = me.municipality_id
            and s.source = imported_before.source
            and s.source_id = any(imported_before.source_ids);
end
$$;
comment on function muni.imported_before(text, text []) is
'Those of the ids that have been imported from `source`, for a look ahead that writes nothing.';
