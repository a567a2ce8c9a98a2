-- Who asked in vain. Recording is the same work whether there is such a report or not; whose report it
-- was is found out on the other side of the wall.

create function muni.record_denied(tracking_number text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    -- At most thirty an hour and operator: a script cannot flood a timeline, a person never gets there.
    if (
        select count(*) from (
            select from muni.denials as d
            where d.actor = me.username and d.at > clock_timestamp() - interval '1 hour'
            limit 30
        ) as recent
    ) < 30 then
        insert into muni.denials (municipality_id, actor, tracking_number)
        values (me.municipality_id, me.username, left(coalesce(record_denied.tracking_number, ''), 40));
    end if;
end
$$;
comment on function muni.record_denied(text) is 'Records that the session''s operator was refused a ticket of this number.';

create function muni._settle(t muni.tickets) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    denial record;
    latest muni.tickets := t;
begin
    for denial in
        with settled as (
            update muni.denials as d set is_settled = true
            where d.id in (
                select x.id from muni.denials as x
                -- Whoever asked, from another municipality too: a number is unique over all.
                where x.tracking_number = t.tracking_number and not x.is_settled
                for update skip locked
            )
            returning d.actor, d.at
        )
        select s.actor, s.at from settled as s order by s.at
    loop
        perform muni._append(
            latest, 'access_denied', at => denial.at, actor => denial.actor, changes_ticket => false
        );
        select x.* into latest from muni.tickets as x where x.id = t.id and x.is_sensitive;
    end loop;
end
$$;
comment on function muni._settle(muni.tickets) is
'Writes what was asked for in vain onto the timeline of a report that the caller has locked.';

create function muni.settle_denials() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    t muni.tickets;
begin
    -- Not for administrators: how long it takes tells whether a number they asked for is a report's.
    if me.role <> 'saps_liaison' then
        perform muni._deny();
    end if;
    -- One order of locking for all who settle, so that no two wait for each other.
    for t in
        select x.*
        from muni.tickets as x
        where
            x.municipality_id = me.municipality_id
            and x.is_sensitive
            and x.tracking_number in (
                select d.tracking_number from muni.denials as d where not d.is_settled
            )
        order by x.tracking_number
        for update
    loop
        perform muni._settle(t);
    end loop;
    -- What is left was asked for under a number that is no report's.
    update muni.denials as d set is_settled = true
    where
        d.id in (
            select x.id from muni.denials as x
            where
                not x.is_settled
                and not exists (
                    select from muni.tickets as r where r.is_sensitive and r.tracking_number = x.tracking_number
                )
            for update skip locked
        );
end
$$;
comment on function muni.settle_denials() is
'Writes what was asked for in vain onto the timelines of the reports it was about.';
