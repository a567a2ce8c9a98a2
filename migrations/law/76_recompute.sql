-- Open tickets are dated anew under the policies in force, by order of an administrator: in one statement, each
-- with an event that has the old and the new deadlines (docs/reference/sla.md, 8).

create function muni._terms_in_force(of_municipality int) returns table (
    category text,
    policy_id int,
    calendar_id int,
    -- The calendar whose spans say when; null around the clock, where the line is time itself.
    line int,
    response_target bigint,
    response_warning bigint,
    resolution_target bigint,
    resolution_warning bigint
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select
        c.category, p.id, x.calendar_id, k.id,
        x.response_target, x.response_target * x.warning_percent / 100,
        x.resolution_target, x.resolution_target * x.warning_percent / 100
    from unnest(muni._municipal_categories()) as c (category)
    cross join lateral (select muni._policy(of_municipality, c.category) as id) as p
    cross join lateral muni._terms(p.id) as x
    left join muni.calendars as k on k.id = x.calendar_id and not k.is_always
$$;
comment on function muni._terms_in_force(int) is 'What each category is promised by the policies in force, in microseconds.';

create function muni._cover_open(of_municipality int) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    need record;
begin
    for need in
        select x.line, min(t.created_at) as first_at, max(t.created_at) as last_at, max(x.resolution_target) as target
        from muni._terms_in_force(of_municipality) as x
        join muni.tickets as t on t.category = x.category
        where
            t.municipality_id = of_municipality
            and t.is_sensitive = false
            and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
            and x.line is not null
        group by x.line
    loop
        perform muni._cover_instants(need.line, need.first_at, need.last_at);
        perform muni._reach(need.line, need.last_at, need.target);
    end loop;
end
$$;
comment on function muni._cover_open(int) is
'Makes every window known that a deadline of an open ticket may lie in.';

create function muni._redate(
    of_municipality int, by_whom text, moment timestamptz, out found bigint, out dated bigint
)
language sql security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- as of muni._append
as $$
    with terms as materialized (
        select x.* from muni._terms_in_force(of_municipality) as x
    ),

    due as materialized (
        select
            t.id, t.last_seq, t.chain, x.policy_id,
            t.sla_response_deadline as old_response, t.sla_resolution_deadline as old_resolution,
            d.response, d.response_warning, d.resolution, d.resolution_warning
        from terms as x
        join muni.tickets as t on t.category = x.category
        cross join lateral (
            select case
                when x.line is null then muni._microseconds(t.created_at - 'epoch'::timestamptz)
                else coalesce(
                    (
                        select s.worked_before + muni._microseconds(least(t.created_at, s.closes_at) - s.opens_at)
                        from muni.calendar_spans as s
                        where s.calendar_id = x.line and s.opens_at <= t.created_at
                        order by s.opens_at desc
                        limit 1
                    ),
                    muni._position(x.line, t.created_at)
                )
            end as place
        ) as o
        left join lateral muni._look_up(x.line, o.place + x.response_target) as a on true
        left join lateral muni._look_up(x.line, o.place + x.response_warning) as b on true
        left join lateral muni._look_up(x.line, o.place + x.resolution_target) as c on true
        left join lateral muni._look_up(x.line, o.place + x.resolution_warning) as e on true
        cross join lateral (
            select
                case
                    when t.response_overridden then t.sla_response_deadline
                    when x.line is null then muni._after('epoch'::timestamptz, o.place + x.response_target)
                    else a.at
                end as response,
                case
                    when t.response_overridden then t.sla_response_warning_at
                    when x.line is null then muni._after('epoch'::timestamptz, o.place + x.response_warning)
                    else b.at
                end as response_warning,
                case
                    when t.resolution_overridden then t.sla_resolution_deadline
                    -- A pause moves a deadline by what the calendar works in it: not by a look-up alone.
                    when t.pauses <> '{}'
                        then muni._reach(x.calendar_id, t.created_at, x.resolution_target, t.pauses)
                    when x.line is null then muni._after('epoch'::timestamptz, o.place + x.resolution_target)
                    else c.at
                end as resolution,
                case
                    when t.resolution_overridden then t.sla_resolution_warning_at
                    when t.pauses <> '{}'
                        then muni._reach(x.calendar_id, t.created_at, x.resolution_warning, t.pauses)
                    when x.line is null then muni._after('epoch'::timestamptz, o.place + x.resolution_warning)
                    else e.at
                end as resolution_warning
        ) as d
        where
            t.municipality_id = of_municipality
            and t.is_sensitive = false
            and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
            and not t.without_sla
            and (
                t.sla_policy_id, t.sla_response_deadline, t.sla_resolution_deadline, t.sla_response_warning_at,
                t.sla_resolution_warning_at
            ) is distinct from (
                x.policy_id, d.response, d.resolution, d.response_warning, d.resolution_warning
            )
    ),

    linked as (
        select
            f.*, v.data,
            muni.event_digest(
                f.chain, f.last_seq + 1, 'recomputed', session_user, by_whom, moment, null, null, null, null, v.data,
                null
            ) as link
        from due as f
        cross join lateral (
            select jsonb_build_object(
                'from', jsonb_build_object(
                    'response', muni._microseconds(f.old_response - 'epoch'::timestamptz),
                    'resolution', muni._microseconds(f.old_resolution - 'epoch'::timestamptz)
                ),
                'to', jsonb_build_object(
                    'response', muni._microseconds(f.response - 'epoch'::timestamptz),
                    'resolution', muni._microseconds(f.resolution - 'epoch'::timestamptz)
                )
            ) as data
        ) as v
    ),

    brought_along as (
        update muni.tickets as t set
            chain = l.link,
            last_seq = t.last_seq + 1,
            version = t.version + least(t.last_seq, 1),
            updated_at = moment,
            sla_policy_id = l.policy_id,
            sla_response_deadline = l.response,
            sla_resolution_deadline = l.resolution,
            sla_response_warning_at = l.response_warning,
            sla_resolution_warning_at = l.resolution_warning
        from linked as l
        -- What somebody changed while this statement ran is left for the next round.
        where t.id = l.id and t.is_sensitive = false and t.last_seq = l.last_seq
        returning t.id, l.last_seq, l.data, l.link
    ),

    written as (
        insert into muni.ticket_events (
            id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, data, chain
        )
        select
            nextval('muni.ticket_events_municipal_id'), of_municipality, false, b.id, b.last_seq + 1, 'recomputed',
            session_user, by_whom, moment, b.data, b.link
        from brought_along as b
    )

    select (select count(*) from due), (select count(*) from brought_along)
$$;
comment on function muni._redate(int, text, timestamptz) is
'Dates the municipality''s open tickets anew where policy, deadline or warning differ, overrides and pauses kept: how many were found, and how many are done.';

create function muni._recompute(m muni.municipalities) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    done record;
    counted bigint := 0;
begin
    -- A sweep that is under way ends first, and the next one passes over a job that is taken.
    perform from muni.jobs as j where j.municipality_id = m.id and j.name = 'sweep' for update;
    perform muni._cover_open(m.id);
    loop
        select r.* into done
        from muni._redate(
            m.id, case when muni._is_owner() then 'owner' else 'console' end, clock_timestamp()
        ) as r;
        counted := counted + done.dated;
        exit when done.found = done.dated;
    end loop;
    if counted = 0 then
        return null;
    end if;
    perform muni._audit(m.id, 'recomputed', m.code, jsonb_build_object('tickets', counted));
    return jsonb_build_object(
        'what', 'tickets', 'name', m.code, 'change', 'recomputed', 'detail', jsonb_build_object('tickets', counted)
    );
end
$$;
comment on function muni._recompute(muni.municipalities) is
'Dates the open tickets of a municipality anew and writes a line of the audit log; the change, or null where there is none.';

create function muni.recompute_clocks(municipality text) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    m muni.municipalities := muni._for_setup(recompute_clocks.municipality);
begin
    if m.id is null then
        raise exception 'there is no such municipality' using errcode = '22023';
    end if;
    return coalesce((muni._recompute(m) -> 'detail' ->> 'tickets')::bigint, 0);
end
$$;
comment on function muni.recompute_clocks(text) is
'Dates the municipality''s open tickets anew under the policies in force, each with an event; how many had other deadlines or another policy.';
