-- Search under the law: LIKE is not leakproof, so it looks through ticket_search for whoever asks.

create function muni.search_tickets(query text, max_rows int default 50) returns table (ticket_id uuid)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
    me muni.operators := muni._actor();
    pattern text := '%' || replace(replace(replace(lower(query), '\', '\\'), '%', '\%'), '_', '\_') || '%';
    -- A phone number is kept as its digits and typed in any spelling: +27 82 123 4567, 082-1234567, or its end.
    phone text := regexp_replace(btrim(query), '^(?:\+27|0027)\s*(?:\(0\))?', '0');
begin
    if length(query) not between 3 and 80 then
        raise exception 'search needs 3 to 80 characters' using errcode = '22023';
    end if;
    phone := regexp_replace(regexp_replace(phone, '[^0-9]', '', 'g'), '^(?:27(?=[0-9]{9}$)|0)', '');
    if query !~ '^[0-9+()./\s-]+$' or length(phone) < 4 then
        phone := pattern;
    else
        phone := '%' || phone || '%';
    end if;
    -- Two statements, each with is_sensitive a constant: the other partition is never planned for.
    if me.role = 'saps_liaison' then
        return query
            select d.ticket_id
            from muni.ticket_search as d
            where d.municipality_id = me.municipality_id and d.is_sensitive = true
                and (d.doc like pattern or d.doc like phone)
            order by d.created_at desc, d.ticket_id desc
            limit greatest(least(max_rows, 200), 0);
    else
        return query
            select d.ticket_id
            from muni.ticket_search as d
            where d.municipality_id = me.municipality_id and d.is_sensitive = false
                and (d.doc like pattern or d.doc like phone)
            order by d.created_at desc, d.ticket_id desc
            limit greatest(least(max_rows, 200), 0);
    end if;
end
$$;
comment on function muni.search_tickets(text, int) is
'Ids of tickets one may see whose number, description, address, suburb or reporter contains the text, a phone number in any spelling, newest first.';
