-- Who is at work just now: for supervisors of the same side of the wall, for three minutes, and no history.

create function muni.be_on_duty() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    insert into muni.duties as d (username, municipality_id, is_saps, seen_at)
    values (me.username, me.municipality_id, me.is_saps, clock_timestamp())
    on conflict (username) do update set
        municipality_id = excluded.municipality_id, is_saps = excluded.is_saps, seen_at = excluded.seen_at;
end
$$;
comment on function muni.be_on_duty() is 'Says that one is at work. It is forgotten after three minutes.';

create function muni.leave_duty() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    delete from muni.duties as d where d.username = me.username;
end
$$;
comment on function muni.leave_duty() is 'Says that one is not at work any more.';

create function muni._forget_duties(of_municipality int) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Skipped, not waited for: who says so at this moment is at work.
    delete from muni.duties as d
    where
        d.username in (
            select x.username
            from muni.duties as x
            where x.municipality_id = of_municipality and x.seen_at < clock_timestamp() - interval '3 minutes'
            for update skip locked
        )
$$;
comment on function muni._forget_duties(int) is
'Forgets who was at work more than three minutes ago, also where a terminal vanished without a word.';
