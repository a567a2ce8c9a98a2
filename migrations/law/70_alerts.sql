-- Who is told of what runs late, and that they have read it.

create function muni._whom_to_tell(of_municipality int) returns table (
    team_id int, manager name, stays_because text, first_told name [], then_told name []
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    with people as (
        select
            array_agg(o.username) filter (where o.role = 'manager') as managers,
            array_agg(o.username) filter (where o.role = 'admin') as admins
        from muni.operators as o
        where o.municipality_id = of_municipality and o.is_active
    ),

    teams as (
        select tm.id, tm.manager
        from muni.teams as tm
        where tm.municipality_id = of_municipality and not tm.is_saps
        union all
        select 0, null
    ),

    headed as (
        select
            tm.id,
            case when o.is_active then o.username end as manager,
            case
                when tm.id = 0 then 'no_team'
                when o.username is null then 'no_manager'
                when not o.is_active then 'manager_disabled'
            end as stays_because,
            (
                select array_agg(x.username)
                from muni.operators as x
                where x.team_id = tm.id and x.is_active and x.role <> 'saps_liaison'
            ) as members
        from teams as tm
        left join muni.operators as o
            on o.username = tm.manager and o.municipality_id = of_municipality and o.role <> 'saps_liaison'
    ),

    told as (
        select
            h.id, h.manager, h.stays_because, p.admins,
            case
                when h.manager is not null then array[h.manager]
                else coalesce(h.members, p.managers, p.admins, '{}')
            end as first_told
        from headed as h
        cross join people as p
    )

    select
        d.id, d.manager, d.stays_because, d.first_told,
        case
            when d.admins is null then d.first_told
            when d.manager is null or d.manager = any(d.admins) then d.admins
            else d.admins || d.manager
        end
    from told as d
$$;
comment on function muni._whom_to_tell(int) is
'For each municipal team, and 0 for none: who takes what it was late with, or why nobody does, and who is told of a first and of a second breach.';

create function muni.read_alerts(ids bigint [] default null) returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    marked int;
begin
    update muni.alerts as a set read_at = clock_timestamp()
    where
        a.recipient = me.username
        and a.municipality_id = me.municipality_id
        and a.read_at is null
        and (read_alerts.ids is null or a.id = any(read_alerts.ids));
    get diagnostics marked = row_count;
    return marked;
end
$$;
comment on function muni.read_alerts(bigint []) is
'Marks one''s own alerts as read, all of them for null; how many were not.';
