-- Which team a report goes to, and why: the rules of docs/how-to/assign.md.

create function muni._distance(
    from_latitude double precision,
    from_longitude double precision,
    to_latitude double precision,
    to_longitude double precision
) returns double precision
language sql immutable parallel safe
as $$
    -- Rounding makes a little more than 1 of what lies opposite; and least() takes no notice of a null.
    select case
        when num_nulls(from_latitude, from_longitude, to_latitude, to_longitude) = 0
            then 2 * 6371008.8 * asin(least(1, sqrt(
                sind((to_latitude - from_latitude) / 2) ^ 2
                + cosd(from_latitude) * cosd(to_latitude) * sind((to_longitude - from_longitude) / 2) ^ 2
            )))
    end
$$;
comment on function muni._distance(double precision, double precision, double precision, double precision) is
'Metres between two points on the sphere of the mean Earth radius (haversine); null without either.';

create function muni._covers(area polygon, latitude double precision, longitude double precision) returns bool
language sql immutable parallel safe
as $$
    -- PostgreSQL's geometry takes what differs by less than 0.000001 for equal; of degrees that is up to a
    -- hundred metres at the edge of a small area. So both are looked at through a glass: of a power of two,
    -- which loses no digit.
    select polygon(path(area) * point(1048576, 0)) @> point(longitude * 1048576, latitude * 1048576)
$$;
comment on function muni._covers(polygon, double precision, double precision) is
'Whether a place lies in a service area or on its boundary; null without either.';

create function muni._candidates(
    in_municipality int,
    of_category text,
    latitude double precision,
    longitude double precision,
    out rule text,
    out teams int [],
    out among int,
    out metres double precision
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- By check a team is one of SAPS exactly where its category is gbv.
    rule := 'area';
    select array_agg(tm.id order by tm.id), count(*) into teams, among
    from muni.teams as tm
    where
        tm.municipality_id = in_municipality
        and tm.is_active
        and tm.category = of_category
        and of_category <> 'gbv'
        and tm.service_area && polygon(box(point(longitude, latitude), point(longitude, latitude)))
        and muni._covers(tm.service_area, latitude, longitude);
    if teams is not null then
        return;
    end if;

    rule := 'near';
    select array_agg(d.id order by d.id) filter (where d.away = d.nearest), count(d.away), min(d.nearest)
    into teams, among, metres
    from (
        select x.id, x.away, min(x.away) over () as nearest
        from (
            select
                tm.id,
                muni._distance(latitude, longitude, tm.depot_latitude, tm.depot_longitude) as away
            from muni.teams as tm
            where tm.municipality_id = in_municipality and tm.is_active and tm.category = of_category
        ) as x
        where x.away <= 10000 or of_category = 'gbv'
    ) as d;
    if teams is not null then
        return;
    end if;

    rule := 'category';
    select array_agg(tm.id order by tm.id), count(*) into teams, among
    from muni.teams as tm
    where tm.municipality_id = in_municipality and tm.is_active and tm.category = of_category;
    if teams is not null then
        return;
    end if;

    rule := 'other';
    select array_agg(tm.id order by tm.id), count(*) into teams, among
    from muni.teams as tm
    where
        tm.municipality_id = in_municipality
        and tm.is_active
        and tm.category = 'other'
        and of_category <> 'gbv';
    if teams is null then
        rule := 'none';
        teams := '{}';
        among := null;
    end if;
end
$$;
comment on function muni._candidates(int, text, double precision, double precision) is
'The teams that a report may go to by the first rule that finds any, in the order of their ids, all of them equals; among how many, and how far the nearest is where the distance decided.';

create function muni._standing(
    in_municipality int, sensitive bool, team int, out open int, out load int, out last_given timestamptz
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select
        count(*)::int,
        coalesce(sum(t.severity_rank), 0)::int,
        coalesce(
            (
                select max(e.at)
                from muni.ticket_events as e
                where e.team_id = team and e.is_sensitive = sensitive and e.kind = 'assigned'
            ),
            '-infinity'
        )
    from muni.tickets as t
    where
        t.municipality_id = in_municipality
        and t.is_sensitive = sensitive
        and t.assigned_team_id = team
        and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
$$;
comment on function muni._standing(int, bool, int) is
'A team''s unfinished tickets, counted and weighted by severity, and when it was given one last. Tickets of the other side of the wall count for nothing.';

create function muni._route(tickets uuid [], sensitive bool)
returns table (ticket_id uuid, team_id int, route jsonb)
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- Else what a team has is planned anew for every team, which takes as long as all the rest.
set plan_cache_mode = force_generic_plan
as $$
declare
    began constant timestamptz := clock_timestamp();
    -- The teams met so far, and beside each what it has while the batch goes on.
    known int [] := '{}';
    opens int [] := '{}';
    loads int [] := '{}';
    given timestamptz [] := '{}';
    item record;
    standing record;
    team int;
    here int;
    best int;
    turn int := 0;
begin
    for item in
        select
            t.id, t.municipality_id, t.assigned_team_id as held_by, c.rule, c.teams, c.among, c.metres,
            -- What is resolved weighs nothing.
            case
                when t.status in ('open', 'in_progress', 'on_hold', 'escalated') then t.severity_rank else 0
            end as weight
        from unnest(tickets) with ordinality as n (id, place)
        join muni.tickets as t on t.id = n.id and t.is_sensitive = sensitive
        -- Asked in a case, so that for a municipal ticket no report is ever looked at.
        cross join lateral muni._candidates(
            t.municipality_id,
            t.category,
            case when t.is_sensitive
                then (select r.latitude from muni.confidential_reports as r where r.ticket_id = t.id)
                else t.latitude
            end,
            case when t.is_sensitive
                then (select r.longitude from muni.confidential_reports as r where r.ticket_id = t.id)
                else t.longitude
            end
        ) as c
        order by n.place
    loop
        foreach team in array array_remove(item.teams || item.held_by, null) loop
            if array_position(known, team) is null then
                select * into standing from muni._standing(item.municipality_id, sensitive, team);
                known := known || team;
                opens := opens || standing.open;
                loads := loads || standing.load;
                given := given || standing.last_given;
            end if;
        end loop;

        -- A ticket is no burden to the team that has it already.
        here := array_position(known, item.held_by);
        if here is not null and item.weight > 0 then
            opens[here] := opens[here] - 1;
            loads[here] := loads[here] - item.weight;
        end if;
        best := null;
        foreach team in array item.teams loop
            here := array_position(known, team);
            if best is null or (loads[here], given[here]) < (loads[best], given[best]) then
                best := here;
            end if;
        end loop;

        ticket_id := item.id;
        team_id := known[best];
        -- Of a station neither what it has nor how far away it is: a report's history has a wider circle
        -- of readers than a report.
        route := jsonb_strip_nulls(jsonb_build_object(
            'rule', item.rule,
            'of', item.among,
            'open', case when not sensitive then opens[best] end,
            'load', case when not sensitive then loads[best] end,
            'metres', case when not sensitive then round(item.metres)::int end
        ));
        return next;

        here := coalesce(best, array_position(known, item.held_by));
        if here is not null and item.weight > 0 then
            opens[here] := opens[here] + 1;
            loads[here] := loads[here] + item.weight;
        end if;
        if best is not null then
            turn := turn + 1;
            given[best] := began + turn * interval '1 microsecond';
        end if;
    end loop;
end
$$;
comment on function muni._route(uuid [], bool) is
'The team each of these tickets of one side of the wall goes to, and why, one after the other: what one is given counts for the next. No team where no active one takes it.';
