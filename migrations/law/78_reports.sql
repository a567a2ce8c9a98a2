-- How the municipality kept its word over a period: of what came in, what was answered and resolved in time,
-- and how much working time that took (docs/reference/reports.md).

-- Written to be inlined into a statement over many tickets: SQL, immutable, nothing set.
create function muni._place(at bigint, opens bigint [], closes bigint [], before bigint []) returns bigint
language sql immutable parallel safe
as $$
    select case
        -- Without windows the line is time itself.
        when opens is null then at
        else
            before[greatest(width_bucket(at, opens), 1)]
            + greatest(
                least(at, closes[greatest(width_bucket(at, opens), 1)]) - opens[greatest(width_bucket(at, opens), 1)],
                0
            )
    end
$$;
comment on function muni._place(bigint, bigint [], bigint [], bigint []) is
'As muni._position, of an instant in microseconds since 1970 and a calendar whose windows are given in order.';

create function muni._cover_until_now(of_municipality int) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c muni.calendars;
    today date;
begin
    for c in
        select x.* from muni.calendars as x
        where x.municipality_id = of_municipality and x.spans_until < clock_timestamp()
        order by x.id
    loop
        today := (clock_timestamp() at time zone c.time_zone)::date;
        -- What is not known any more has no working time, and the report is made all the same.
        perform muni._cover(
            c.id,
            (c.spans_from at time zone c.time_zone)::date,
            least(today + 1, (muni._known(c)).end_day)
        );
    end loop;
end
$$;
comment on function muni._cover_until_now(int) is
'Makes the windows of the municipality''s calendars known up to today, also of those that were replaced.';

create function muni._kept_word(
    of_municipality int, since timestamptz, until timestamptz, by_what text, moment timestamptz
) returns table (
    label text, is_total bool, received bigint, without_clocks bigint,
    answered bigint, answered_in_time bigint, response_breached bigint,
    resolved bigint, resolved_in_time bigint, resolution_breached bigint,
    breached bigint, reopened bigint,
    response_worked bigint [], resolution_worked bigint []
)
language sql stable
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
as $$
    with reopened as materialized (
        select distinct e.ticket_id
        from muni.ticket_events as e
        where
            e.municipality_id = of_municipality
            and e.is_sensitive = false
            and e.from_status in ('resolved', 'closed')
            and e.to_status = 'in_progress'
    ),

    -- Of each policy the windows of its calendar; none of one that works around the clock.
    lines as materialized (
        select
            p.id as policy_id,
            array_agg(muni._microseconds(s.opens_at - 'epoch'::timestamptz) order by s.opens_at) as opens,
            array_agg(muni._microseconds(s.closes_at - 'epoch'::timestamptz) order by s.opens_at) as closes,
            array_agg(s.worked_before order by s.opens_at) as before
        from muni.sla_policies as p
        join muni.calendar_spans as s on s.calendar_id = p.calendar_id
        where p.municipality_id = of_municipality
        group by p.id
    ),

    judged as (
        select
            case by_what
                when 'category' then t.category
                when 'team' then tm.name
                when 'month' then to_char(t.created_at at time zone m.time_zone, 'YYYY-MM')
            end as label,
            t.id, t.sla_policy_id,
            muni._microseconds(t.created_at - 'epoch'::timestamptz) as began,
            muni._microseconds(t.first_responded_at - 'epoch'::timestamptz) as answered,
            muni._microseconds(t.resolved_at - 'epoch'::timestamptz) as solved,
            case
                when t.pauses <> '{}' then tstzmultirange(tstzrange(t.created_at, t.resolved_at)) * t.pauses
            end as held,
            t.sla_response_deadline is not null as has_clocks,
            -- What was missed is on record, but for what no sweep has come by since.
            t.sla_response_breached_at is not null
            or (t.first_responded_at is null and moment > t.sla_response_deadline) as is_response_late,
            t.sla_resolution_breached_at is not null
            or (
                t.resolved_at is null and coalesce(t.paused_at, moment) > t.sla_resolution_deadline
            ) as is_resolution_late
        from muni.tickets as t
        join muni.municipalities as m on m.id = t.municipality_id
        left join muni.teams as tm on tm.id = t.assigned_team_id
        where
            t.municipality_id = of_municipality
            and t.is_sensitive = false
            and t.created_at >= since
            and t.created_at < until
        offset 0 -- else each instant is worked out wherever it is used
    ),

    timed as (
        select
            j.label, j.has_clocks, j.answered, j.solved, j.is_response_late, j.is_resolution_late,
            r.ticket_id is not null as is_reopened,
            case
                when j.has_clocks and j.answered is not null
                    then muni._place(j.answered, l.opens, l.closes, l.before)
                        - muni._place(j.began, l.opens, l.closes, l.before)
            end as response_worked,
            case
                when j.has_clocks and j.solved is not null
                    then muni._place(j.solved, l.opens, l.closes, l.before)
                        - muni._place(j.began, l.opens, l.closes, l.before)
                        - case
                            when j.held is null then 0
                            else (
                                select coalesce(
                                    sum(
                                        muni._place(x.ends, l.opens, l.closes, l.before)
                                        - muni._place(x.begins, l.opens, l.closes, l.before)
                                    ),
                                    0
                                )::bigint
                                from (
                                    select
                                        muni._microseconds(lower(p.part) - 'epoch'::timestamptz) as begins,
                                        muni._microseconds(upper(p.part) - 'epoch'::timestamptz) as ends
                                    from unnest(j.held) as p (part)
                                    offset 0
                                ) as x
                            )
                        end
            end as resolution_worked
        from judged as j
        left join reopened as r on r.ticket_id = j.id
        left join lines as l on l.policy_id = j.sla_policy_id
    )

    select
        f.label,
        grouping(f.label) = 1,
        count(*),
        count(*) filter (where not f.has_clocks),
        count(f.answered) filter (where f.has_clocks),
        count(f.answered) filter (where f.has_clocks and not f.is_response_late),
        count(*) filter (where f.is_response_late),
        count(f.solved) filter (where f.has_clocks),
        count(f.solved) filter (where f.has_clocks and not f.is_resolution_late),
        count(*) filter (where f.is_resolution_late),
        count(*) filter (where f.is_response_late or f.is_resolution_late),
        count(*) filter (where f.has_clocks and f.is_reopened),
        percentile_disc(array[0.5, 0.9]) within group (order by f.response_worked),
        percentile_disc(array[0.5, 0.9]) within group (order by f.resolution_worked)
    from timed as f
    group by grouping sets ((f.label), ())
$$;
comment on function muni._kept_word(int, timestamptz, timestamptz, text, timestamptz) is
'Of a municipality''s tickets logged in a period what a report says, by category, team or month and in all; the working time that half and nine tenths of them took at most, in microseconds.';

create function muni.report_sla(since timestamptz, until timestamptz, by_what text default null)
returns table (
    label text, is_total bool, judged_at timestamptz, received bigint, without_clocks bigint,
    answered bigint, answered_in_time bigint, response_breached bigint,
    resolved bigint, resolved_in_time bigint, resolution_breached bigint,
    breached bigint, reopened bigint,
    response_median_seconds bigint, response_p90_seconds bigint,
    resolution_median_seconds bigint, resolution_p90_seconds bigint
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    moment timestamptz := clock_timestamp();
begin
    if (report_sla.since < report_sla.until) is not true then
        raise exception 'a report is about a period that ends after it begins' using errcode = '22023';
    end if;
    if (report_sla.by_what in ('category', 'team', 'month')) is false then
        raise exception 'a report is by category, team or month' using errcode = '22023';
    end if;
    perform muni._cover_until_now(me.municipality_id);
    return query
        select
            k.label, k.is_total, moment, k.received, k.without_clocks,
            k.answered, k.answered_in_time, k.response_breached,
            k.resolved, k.resolved_in_time, k.resolution_breached, k.breached, k.reopened,
            k.response_worked[1] / 1000000, k.response_worked[2] / 1000000,
            k.resolution_worked[1] / 1000000, k.resolution_worked[2] / 1000000
        from muni._kept_word(
            me.municipality_id, report_sla.since, report_sla.until, report_sla.by_what, moment
        ) as k
        where k.is_total or report_sla.by_what is not null
        order by k.is_total, k.label;
end
$$;
comment on function muni.report_sla(timestamptz, timestamptz, text) is
'How the municipality''s tickets logged in a period were answered and resolved, by category, team or month and in all (docs/reference/reports.md); GBV reports are in none of it.';
