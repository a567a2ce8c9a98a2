-- What somebody has typed and not sent yet: their own, and never of a GBV report.

create function muni.save_draft(kind text, content jsonb, ticket uuid default null) returns timestamptz
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    moment timestamptz := clock_timestamp();
begin
    if save_draft.kind is null or save_draft.kind not in ('report', 'note')
        or (save_draft.kind = 'note') <> (save_draft.ticket is not null)
    then
        raise exception 'a draft is of a report, or of a note on a ticket' using errcode = '22023';
    end if;
    if pg_column_size(save_draft.content) > 65536 or jsonb_typeof(save_draft.content) is distinct from 'object' then
        raise exception 'a draft is an object of at most 64 kB' using errcode = '22023';
    end if;
    -- Of a GBV report no word is kept: it lives in the console's memory alone.
    if me.role = 'saps_liaison' or save_draft.content ->> 'category' = 'gbv' then
        raise exception 'no draft of a GBV report is kept' using errcode = '22023';
    end if;
    -- The network may deliver late what its sender has logged or thrown away meanwhile.
    if save_draft.content ? 'attempt' then
        if coalesce(save_draft.content ->> 'attempt', '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
            raise exception 'the attempt of a draft is a UUID' using errcode = '22023';
        end if;
        perform muni._alone_with(save_draft.content ->> 'attempt');
        if exists (select from muni.attempts as a where a.attempt = (save_draft.content ->> 'attempt')::uuid) then
            raise exception 'nothing is kept of what was sent or given up' using errcode = '22023';
        end if;
    end if;
    if save_draft.ticket is not null then
        -- Locked against its becoming a GBV report in the same moment.
        perform
        from muni.tickets as t
        where t.id = save_draft.ticket and t.municipality_id = me.municipality_id and t.is_sensitive = false
        for key share;
        if not found then
            perform muni._deny();
        end if;
    end if;
    insert into muni.drafts as d (municipality_id, author, kind, ticket_id, content, saved_at)
    values (me.municipality_id, me.username, save_draft.kind, save_draft.ticket, save_draft.content, moment)
    on conflict on constraint drafts_author_kind_ticket_id_key do update
    set content = excluded.content, saved_at = excluded.saved_at;
    return moment;
end
$$;
comment on function muni.save_draft(text, jsonb, uuid) is
'Keeps what its author has typed, in place of what was kept before; when. Refused for GBV.';

create function muni.delete_draft(kind text, ticket uuid default null, attempt uuid default null) returns bool
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    if delete_draft.attempt is not null then
        perform muni.settle_attempt(delete_draft.attempt);
    end if;
    delete from muni.drafts as d
    where
        d.author = me.username
        and d.kind = delete_draft.kind
        and d.ticket_id is not distinct from delete_draft.ticket;
    return found;
end
$$;
comment on function muni.delete_draft(text, uuid, uuid) is
'Forgets one''s own draft; whether there was one. Of an `attempt` that is named, nothing is kept or done any more.';

create function muni._forget_drafts(of_municipality int) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    delete from muni.drafts as d
    where d.municipality_id = of_municipality and d.saved_at < clock_timestamp() - interval '30 days';
    select muni._forget_attempts();
$$;
comment on function muni._forget_drafts(int) is
'Forgets drafts that nobody came back to in thirty days, and what was answered to attempts of more than a week ago.';
