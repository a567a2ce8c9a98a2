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

create function muni.settle_denials() returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    denial record;
    t muni.tickets;
begin
    if me.role not in ('saps_liaison', 'admin') then
        perform muni._deny();
    end if;
    for denial in
        with settled as (
            update muni.denials as d set is_settled = true
            where d.id in (
                select x.id from muni.denials as x
                where x.municipality_id = me.municipality_id and not x.is_settled
                for update skip locked
            )
            returning d.actor, d.tracking_number, d.at
        )
        -- One order of locking for all who settle, so that no two wait for each other.
        select s.actor, s.tracking_number, s.at from settled as s order by s.tracking_number, s.at
    loop
        select x.* into t
        from muni.tickets as x
        where
            x.municipality_id = me.municipality_id
            and x.is_sensitive
            and x.tracking_number = denial.tracking_number
        for update;
        if found then
            perform muni._append(
                t, 'access_denied', at => denial.at, actor => denial.actor, changes_ticket => false
            );
        end if;
    end loop;
end
$$;
comment on function muni.settle_denials() is
'Writes what was asked for in vain onto the timelines of the reports it was about.';
