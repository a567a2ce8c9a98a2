-- Which team a report goes to.

create function muni._distance(
    from_latitude double precision,
    from_longitude double precision,
    to_latitude double precision,
    to_longitude double precision
) returns double precision
language sql immutable parallel safe
as $$
    select 2 * 6371008.8 * asin(least(1, sqrt(
        sind((to_latitude - from_latitude) / 2) ^ 2
        + cosd(from_latitude) * cosd(to_latitude) * sind((to_longitude - from_longitude) / 2) ^ 2
    )))
$$;
comment on function muni._distance(double precision, double precision, double precision, double precision) is
'Metres between two points on the sphere of the mean Earth radius (haversine).';

create function muni._route(
    in_municipality int, of_category text, latitude double precision, longitude double precision
) returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select tm.id
    from muni.teams as tm
    where
        tm.municipality_id = in_municipality
        and tm.is_active
        and tm.category = of_category
    order by
        -- GBV goes to the nearest SAPS depot; a municipal report to the team with the least open work.
        case when tm.is_saps then muni._distance(latitude, longitude, tm.depot_latitude, tm.depot_longitude) end
        nulls last,
        (
            select count(*)
            from muni.tickets as t
            where
                t.assigned_team_id = tm.id
                and t.is_sensitive = tm.is_saps
                and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
        ),
        tm.id
    limit 1
$$;
comment on function muni._route(int, text, double precision, double precision) is
'The team a report of this category goes to, null where the municipality has none for it.';
