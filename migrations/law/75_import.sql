-- Requests of another system become tickets, once: by source and id.

create function muni._import_one(me muni.operators, source text, item jsonb, with_sla bool) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    t muni.tickets;
    step record;
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
    t.created_at := (item ->> 'created_at')::timestamptz;
    if with_sla then
        t := muni._start_clocks(t);
    end if;
    t := muni._insert_ticket(t);
    perform muni._append(
        t, 'imported', to_status => 'open', at => t.created_at, via => 'import',
        note => format('%s: %s', source, item ->> 'source_id')
    );

    -- Notes and the way to the final status, in the order in which they happened.
    for step in
        select n ->> 'note' as note, (n ->> 'at')::timestamptz as at, null as to_status, 0 as place
        from jsonb_array_elements(coalesce(item -> 'notes', '[]')) as n
        union all
        select null, (item ->> 'status_at')::timestamptz, s.to_status, s.place
        from (values ('resolved', 1), ('closed', 2)) as s (to_status, place)
        where item ->> 'status' = 'closed' or item ->> 'status' = s.to_status
        union all
        select null, (item ->> 'status_at')::timestamptz, item ->> 'status', 1
        where item ->> 'status' in ('in_progress', 'on_hold', 'escalated')
        order by 2, 4
    loop
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
    return t.tracking_number;
end
$$;
comment on function muni._import_one(muni.operators, text, jsonb, bool) is
'One request as a ticket with its notes and final status at their own times; the tracking number.';

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
        raise exception 'only an administrator imports' using errcode = '42501';
    end if;
    for item in select x.value from jsonb_array_elements(import_tickets.tickets) as x loop
        source_id := item ->> 'source_id';
        detail := null;
        begin
            if item ->> 'category' = 'gbv' then
                raise exception 'GBV reports are never imported' using errcode = '22023';
            end if;
            insert into muni.import_sources (municipality_id, source, source_id)
            values (me.municipality_id, import_tickets.source, import_tickets.source_id)
            on conflict do nothing;
            if found then
                outcome := 'imported';
                detail := muni._import_one(me, import_tickets.source, item, coalesce(with_sla, false));
            else
                outcome := 'skipped';
            end if;
        exception
            when sqlstate '22023' then
                outcome := 'rejected';
                detail := sqlerrm;
            when data_exception or integrity_constraint_violation then
                -- PostgreSQL's own message may quote the row.
                outcome := 'rejected';
                detail := 'a value is missing or out of range';
        end;
        return next;
    end loop;
end
$$;
comment on function muni.import_tickets(text, jsonb, bool) is
'Imports requests of `source`; for each its id, imported / skipped (it was before) / rejected, and the number or why.';
