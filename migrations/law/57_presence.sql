-- Who has a ticket open just now: for colleagues who see the ticket, for two minutes, and no history.

create function muni.be_present(id uuid) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    is_report bool := me.role = 'saps_liaison';
begin
    delete from muni.presences as p
    where
        p.username = me.username
        and (p.ticket_id is distinct from be_present.id or p.seen_at < clock_timestamp() - interval '2 minutes');
    -- A ticket that one does not see is not named, and nothing is said: a presence is a courtesy. So nobody
    -- waits for it either: of a ticket that somebody is writing on just now it is told the next time.
    insert into muni.presences (ticket_id, is_sensitive, municipality_id, username, seen_at)
    select t.id, t.is_sensitive, t.municipality_id, me.username, clock_timestamp()
    from muni.tickets as t
    where t.id = be_present.id and t.municipality_id = me.municipality_id and t.is_sensitive = is_report
    for key share skip locked
    on conflict (ticket_id, is_sensitive, username) do update set seen_at = excluded.seen_at;
end
$$;
comment on function muni.be_present(uuid) is
'Says that one has this ticket open and no other; null: none. It is forgotten after two minutes.';

create function muni._forget_presences(of_municipality int) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Skipped, not waited for: who is in the middle of opening a ticket is present.
    delete from muni.presences as p
    using (
        select x.ticket_id, x.is_sensitive, x.username
        from muni.presences as x
        where x.municipality_id = of_municipality and x.seen_at < clock_timestamp() - interval '2 minutes'
        for update skip locked
    ) as gone
    where p.ticket_id = gone.ticket_id and p.is_sensitive = gone.is_sensitive and p.username = gone.username
$$;
comment on function muni._forget_presences(int) is
'Forgets who looked at what more than two minutes ago, also where a terminal vanished without a word.';
