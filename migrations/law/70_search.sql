-- Search under the law: LIKE is not leakproof, so it looks through ticket_search for whoever asks.

create function muni.search_tickets(query text, max_rows int default 50) returns table (ticket_id uuid)
language plpgsql stable security definer rows 50
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
    me muni.operators := muni._actor();
    pattern text := '%' || replace(replace(replace(lower(query), '\', '\\'), '%', '\%'), '_', '\_') || '%';
begin
    if length(query) not between 3 and 80 then
        raise exception 'search needs 3 to 80 characters' using errcode = '22023';
    end if;
    -- Two statements, each with is_sensitive a constant: the other partition is never planned for.
    if me.role = 'saps_liaison' then
        return query
            select d.ticket_id
            from muni.ticket_search as d
            where d.municipality_id = me.municipality_id and d.is_sensitive = true and d.doc like pattern
            order by d.created_at desc, d.ticket_id desc
            limit greatest(least(max_rows, 200), 0);
    else
        return query
            select d.ticket_id
            from muni.ticket_search as d
            where d.municipality_id = me.municipality_id and d.is_sensitive = false and d.doc like pattern
            order by d.created_at desc, d.ticket_id desc
            limit greatest(least(max_rows, 200), 0);
    end if;
end
$$;
comment on function muni.search_tickets(text, int) is
'Ids of tickets one may see whose number, description, address, reporter or phone contains the text, newest first.';
