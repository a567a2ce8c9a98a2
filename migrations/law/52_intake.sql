-- While a call is taken: has somebody reported the same already?

create function muni.similar_tickets(
    category text,
    latitude double precision default null,
    longitude double precision default null,
    suburb text default null,
    words text default null
) returns table (ticket_id uuid, metres double precision, likeness real)
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    near double precision := 300;
    -- Of latitude, that many metres.
    strip double precision := near / 111195;
    since timestamptz := clock_timestamp() - interval '72 hours';
    -- Short words say little: "the", "is", "a"; so does a word said twice.
    said text [] := array(
        select distinct w.word
        from regexp_split_to_table(lower(similar_tickets.words), '[^[:alnum:]]+') as w (word)
        where length(w.word) >= 4
        order by 1
        limit 20
    );
begin
    -- GBV is nobody's duplicate, and a liaison is shown nothing municipal.
    if me.role = 'saps_liaison' or similar_tickets.category = 'gbv' then
        return;
    end if;
    if similar_tickets.latitude is not null and similar_tickets.longitude is not null then
        return query
            select f.id, f.away, null::real
            from (
                select
                    t.id,
                    muni._distance(
                        similar_tickets.latitude, similar_tickets.longitude, t.latitude, t.longitude
                    ) as away
                from muni.tickets as t
                where
                    t.municipality_id = me.municipality_id
                    and t.is_sensitive = false
                    and t.category = similar_tickets.category
                    and t.latitude between similar_tickets.latitude - strip and similar_tickets.latitude + strip
                    and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
                    and t.created_at > since
            ) as f
            where f.away <= near
            order by f.away
            limit 10;
        return;
    end if;
    if coalesce(similar_tickets.suburb, '') = '' and cardinality(said) < 2 then
        return;
    end if;
    return query
        select f.id, null::double precision, f.alike
        from (
            select
                t.id, t.created_at,
                t.suburb = similar_tickets.suburb as is_here,
                (
                    select count(*)::real / greatest(cardinality(said), 1)
                    from unnest(said) as w (word)
                    where position(w.word in lower(t.description)) > 0
                )::real as alike
            from muni.tickets as t
            where
                t.municipality_id = me.municipality_id
                and t.is_sensitive = false
                and t.category = similar_tickets.category
                and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
                and t.created_at > since
            order by t.created_at desc
            limit 2000
        ) as f
        where f.is_here or f.alike >= 0.5
        order by coalesce(f.is_here, false) desc, f.alike desc, f.created_at desc
        limit 10;
end
$$;
comment on function muni.similar_tickets(text, double precision, double precision, text, text) is
'Open tickets of the category from the last 72 hours within 300 m, or without a place in the same suburb or in similar words; ten at most.';
