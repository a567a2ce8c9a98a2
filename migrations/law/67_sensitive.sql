-- A municipal ticket turns out to be a GBV report: everything moves behind the wall in one transaction.

create function muni.mark_sensitive(id uuid, reason text, attempt uuid default null) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done text := muni._begin_attempt(mark_sensitive.attempt, 'mark_sensitive', mark_sensitive.id);
    t muni.tickets;
    moved muni.tickets;
    words text := muni._required(mark_sensitive.reason, 'the reason of marking a ticket sensitive');
begin
    if done is not null then
        return;
    end if;
    -- Not _ticket_for_write: an administrator's opening makes no report municipal again.
    select x.* into t
    from muni.tickets as x
    where x.id = mark_sensitive.id and x.municipality_id = me.municipality_id and x.is_sensitive = false
    for update;
    if not found or me.role = 'saps_liaison' then
        perform muni._deny();
    end if;

    insert into muni.tickets (
        id, municipality_id, is_sensitive, tracking_number, category, status, severity, language,
        created_at, updated_at, version, last_seq, chain, first_responded_at, resolved_at, paused_at,
        pauses, escalated_at
    ) values (
        t.id, t.municipality_id, true, t.tracking_number, 'gbv', t.status, t.severity, t.language,
        t.created_at, t.updated_at, t.version, t.last_seq, t.chain, t.first_responded_at, t.resolved_at,
        t.paused_at, t.pauses, t.escalated_at
    ) returning * into moved;
    insert into muni.confidential_reports (
        ticket_id, municipality_id, description, address, suburb, latitude, longitude, reporter_name,
        reporter_phone
    ) values (
        t.id, t.municipality_id, t.description, t.address, t.suburb, t.latitude, t.longitude, t.reporter_name,
        t.reporter_phone
    );

    -- New event ids, so that no gap among the municipal ones is joined by a number that shows elsewhere;
    -- seq, digests and chain stay as they are.
    with events as (
        insert into muni.ticket_events as made (
            id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, from_status, to_status,
            team_id, assignee, data, note_digest, chain
        )
        select
            nextval('muni.ticket_events_sensitive_id'), e.municipality_id, true, e.ticket_id, e.seq, e.kind,
            e.actor, e.via, e.at, e.from_status, e.to_status, e.team_id, e.assignee, e.data, e.note_digest,
            e.chain
        from muni.ticket_events as e
        where e.ticket_id = t.id and e.is_sensitive = false
        order by e.seq
        returning made.id, made.seq
    )
    insert into muni.confidential_notes (event_id, ticket_id, municipality_id, salt, note)
    select n.id, t.id, t.municipality_id, x.salt, x.note
    from events as n
    join muni.ticket_events as e on e.ticket_id = t.id and e.is_sensitive = false and e.seq = n.seq
    join muni.ticket_notes as x on x.event_id = e.id;

    insert into muni.reporters (
        id, is_sensitive, ticket_id, municipality_id, reporter_name, reporter_phone, language, added_by, added_at
    )
    select r.id, true, r.ticket_id, r.municipality_id, r.reporter_name, r.reporter_phone, r.language,
        r.added_by, r.added_at
    from muni.reporters as r
    where r.ticket_id = t.id and r.is_sensitive = false;
    insert into muni.ticket_search (ticket_id, is_sensitive, municipality_id, created_at, doc)
    values (t.id, true, t.municipality_id, t.created_at, muni._search_text(moved));

    delete from muni.ticket_notes as n where n.ticket_id = t.id;
    delete from muni.reporters as r where r.ticket_id = t.id and r.is_sensitive = false;
    -- Nothing that was on its way to the citizen leaves, and no colleague keeps a word of it.
    delete from muni.notifications as n where n.ticket_id = t.id;
    delete from muni.alerts as a where a.ticket_id = t.id;
    delete from muni.drafts as d where d.ticket_id = t.id;
    delete from muni.attempts as a where a.ticket_id = t.id and a.attempt is distinct from mark_sensitive.attempt;
    delete from muni.presences as p where p.ticket_id = t.id and p.is_sensitive = false;
    delete from muni.ticket_events as e where e.ticket_id = t.id and e.is_sensitive = false;
    delete from muni.ticket_search as s where s.ticket_id = t.id and s.is_sensitive = false;
    delete from muni.tickets as x where x.id = t.id and x.is_sensitive = false;

    perform muni._append_and_route(moved, 'marked_sensitive', note => words);
    perform muni._end_attempt(mark_sensitive.attempt, 'done');
end
$$;
comment on function muni.mark_sensitive(uuid, text, uuid) is
'Moves a municipal ticket, its history and its reporters behind the wall and routes it to SAPS; there is no way back.';
