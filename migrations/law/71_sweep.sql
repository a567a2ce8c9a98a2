-- The sweep: what became due since the last one, found and acted on for one municipality a call, all of its
-- tickets in one statement (docs/reference/sla.md, rule 11). GBV reports have no clocks and are never read.

create function muni._dated(t muni.tickets) returns muni.tickets
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    t.sla_policy_id := coalesce(t.sla_policy_id, muni._policy(t.municipality_id, t.category));
    t := muni._date_clocks(t);
    -- Without a deadline all the same: one set by hand, as no function of the law leaves it.
    t.without_sla := t.sla_response_deadline is null or t.sla_resolution_deadline is null;
    return t;
exception
    -- No calendar reaches it: one such row must not keep all others from being looked after.
    when data_exception then
        t.without_sla := true;
        return t;
end
$$;
comment on function muni._dated(muni.tickets) is
'The ticket with the deadlines of the policy in force; without clocks where its calendar cannot reach them.';

create function muni._date_missing(
    tickets uuid [], moment timestamptz, out dated int, out undatable int
)
language sql security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- as of muni._append
as $$
    with found as materialized (
        select t as was, muni._dated(t) as now
        from muni.tickets as t
        where
            t.is_sensitive = false
            and t.id = any(tickets)
            and not t.without_sla
    ),

    linked as materialized (
        select
            f.was, f.now, x.data,
            nextval('muni.ticket_events_municipal_id') as event_id,
            muni.event_digest(
                (f.was).chain, (f.was).last_seq + 1, 'recomputed', 'system', 'sweep', moment, null, null, null, null,
                x.data, null
            ) as link
        from found as f
        cross join lateral (
            select jsonb_build_object('from', muni._deadlines(f.was), 'to', muni._deadlines(f.now)) as data
        ) as x
    ),

    written as (
        insert into muni.ticket_events (
            id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, data, chain
        )
        select
            l.event_id, (l.was).municipality_id, false, (l.was).id, (l.was).last_seq + 1, 'recomputed', 'system',
            'sweep', moment, l.data, l.link
        from linked as l
    ),

    brought_along as (
        update muni.tickets as t set
            chain = l.link,
            last_seq = t.last_seq + 1,
            version = t.version + least(t.last_seq, 1),
            updated_at = moment,
            sla_policy_id = (l.now).sla_policy_id,
            without_sla = (l.now).without_sla,
            sla_response_deadline = (l.now).sla_response_deadline,
            sla_resolution_deadline = (l.now).sla_resolution_deadline,
            sla_response_warning_at = (l.now).sla_response_warning_at,
            sla_resolution_warning_at = (l.now).sla_resolution_warning_at
        from linked as l
        where t.id = (l.was).id and t.is_sensitive = false
    )

    select
        (count(*) filter (where not (l.now).without_sla))::int,
        (count(*) filter (where (l.now).without_sla))::int
    from linked as l
$$;
comment on function muni._date_missing(uuid [], timestamptz) is
'Gives locked tickets that another writer has inserted their deadlines, with an event; how many, and how many no calendar can date.';

create function muni._what_is_due(of_municipality int, tickets uuid [], moment timestamptz) returns table (
    t muni.tickets,
    response text, response_overdue bigint,
    resolution text, resolution_overdue bigint, resolution_level int,
    moves bool, hand_over_to name, stays_because text,
    manager name, first_told name [], then_told name []
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select
        t, x.response, y.response_overdue, x.resolution, y.resolution_overdue, y.resolution_level, z.moves,
        case when z.hands_over and w.manager is distinct from t.assigned_to then w.manager end,
        case when z.hands_over then w.stays_because end,
        w.manager, w.first_told, w.then_told
    from muni.tickets as t
    join muni._whom_to_tell(of_municipality) as w on w.team_id = coalesce(t.assigned_team_id, 0)
    cross join lateral (
        select
            case
                when t.first_responded_at is not null or t.sla_response_breached_at is not null then null
                when t.sla_response_deadline < moment then 'sla_breached'
                when t.sla_response_warned_at is null and t.sla_response_warning_at <= moment then 'sla_warning'
            end as response,
            case
                when t.sla_resolution_breached_at is not null then null
                -- On hold it cannot be missed, unless it had been when it was put there.
                when t.status = 'on_hold'
                    then case when t.paused_at > t.sla_resolution_deadline then 'sla_breached' end
                when t.sla_resolution_deadline < moment then 'sla_breached'
                when t.sla_resolution_warned_at is null and t.sla_resolution_warning_at <= moment
                    then 'sla_warning'
            end as resolution
    ) as x
    cross join lateral (
        select
            coalesce(x.response = 'sla_breached', false) as response_missed,
            coalesce(x.resolution = 'sla_breached', false) as resolution_missed,
            extract(epoch from moment - t.sla_response_deadline)::bigint as response_overdue,
            extract(
                epoch from case t.status when 'on_hold' then t.paused_at else moment end - t.sla_resolution_deadline
            )::bigint as resolution_overdue,
            case
                when t.status = 'escalated' or t.sla_response_breached_at is not null then 2
                when x.response = 'sla_breached' then 2
                else 1
            end as resolution_level
    ) as y
    cross join lateral (
        select
            (y.response_missed or y.resolution_missed) and t.status in ('open', 'in_progress') as moves,
            -- Whoever has taken over what was escalated for its response keeps it for its resolution.
            t.status <> 'on_hold'
            and (y.response_missed or (y.resolution_missed and t.status <> 'escalated')) as hands_over
    ) as z
    where t.is_sensitive = false and t.id = any(tickets) and num_nonnulls(x.response, x.resolution) > 0
$$;
comment on function muni._what_is_due(int, uuid [], timestamptz) is
'What each of these tickets has coming at an instant: a warning or a breach of either clock, whether it moves to escalated, who takes it over, who is told.';

-- Written to be inlined: SQL, nothing set.
create function muni._late_data(
    kind text, clock text, level int, overdue bigint, stays_because text
) returns jsonb
language sql stable parallel safe
as $$
    select case
        when kind = 'sla_warning' then jsonb_build_object('clock', clock)
        when stays_because is null
            then jsonb_build_object('clock', clock, 'level', level, 'overdue_seconds', overdue)
        else jsonb_build_object(
            'clock', clock, 'level', level, 'overdue_seconds', overdue, 'stays_because', stays_because
        )
    end
$$;
comment on function muni._late_data(text, text, int, bigint, text) is 'What the event of a warning or a breach says.';

create function muni._find_late(
    of_municipality int, tickets uuid [], moment timestamptz,
    out warned int, out breached int, out untold int
)
language sql security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan -- as of muni._append
as $$
    -- A column a step, so that nothing has to be joined back: at most one event of the response clock (a),
    -- one of the resolution clock (b), and the hand-over to the team's manager (c), each linked to the last.
    with linked as materialized (
        select
            d.*, v.*,
            a.id as a_id, a.seq as a_seq, a.link as a_link,
            b.id as b_id, b.seq as b_seq, b.link as b_link,
            c.id as c_id, c.seq as c_seq, c.link as c_link
        from muni._what_is_due(of_municipality, tickets, moment) as d
        cross join lateral (
            select
                muni._late_data(d.response, 'response', 1, d.response_overdue, d.stays_because) as a_data,
                muni._late_data(
                    d.resolution, 'resolution', d.resolution_level, d.resolution_overdue,
                    case when d.response is distinct from 'sla_breached' then d.stays_because end
                ) as b_data,
                case when d.moves and d.response = 'sla_breached' then 'escalated' end as a_to,
                case when d.moves and d.response is distinct from 'sla_breached' then 'escalated' end as b_to
        ) as v
        left join lateral (
            select
                nextval('muni.ticket_events_municipal_id') as id,
                (d.t).last_seq + 1 as seq,
                muni.event_digest(
                    (d.t).chain, (d.t).last_seq + 1, d.response, 'system', 'sweep', moment,
                    case when v.a_to is not null then (d.t).status end, v.a_to, null, null, v.a_data, null
                ) as link
            where d.response is not null
        ) as a on true
        left join lateral (
            select
                nextval('muni.ticket_events_municipal_id') as id,
                coalesce(a.seq, (d.t).last_seq) + 1 as seq,
                muni.event_digest(
                    coalesce(a.link, (d.t).chain), coalesce(a.seq, (d.t).last_seq) + 1, d.resolution, 'system',
                    'sweep', moment, case when v.b_to is not null then (d.t).status end, v.b_to, null, null,
                    v.b_data, null
                ) as link
            where d.resolution is not null
        ) as b on true
        left join lateral (
            select
                nextval('muni.ticket_events_municipal_id') as id,
                coalesce(b.seq, a.seq) + 1 as seq,
                muni.event_digest(
                    coalesce(b.link, a.link), coalesce(b.seq, a.seq) + 1, 'assigned', 'system', 'sweep', moment,
                    null, null, (d.t).assigned_team_id, d.hand_over_to, '{"because": "breach"}', null
                ) as link
            where d.hand_over_to is not null
        ) as c on true
    ),

    written as (
        insert into muni.ticket_events (
            id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, from_status, to_status, team_id,
            assignee, data, chain
        )
        select
            x.id, of_municipality, false, (l.t).id, x.seq, x.kind, 'system', 'sweep', moment,
            case when x.to_status is not null then (l.t).status end, x.to_status, x.team_id, x.assignee, x.data, x.link
        from linked as l
        cross join lateral (
            values
            (l.a_id, l.a_seq, l.response, l.a_to, null::int, null::name, l.a_data, l.a_link),
            (l.b_id, l.b_seq, l.resolution, l.b_to, null, null, l.b_data, l.b_link),
            (
                l.c_id, l.c_seq, 'assigned', null, (l.t).assigned_team_id, l.hand_over_to, '{"because": "breach"}',
                l.c_link
            )
        ) as x (id, seq, kind, to_status, team_id, assignee, data, link)
        where x.id is not null
    ),

    brought_along as (
        update muni.tickets as t set
            chain = coalesce(l.c_link, l.b_link, l.a_link),
            last_seq = coalesce(l.c_seq, l.b_seq, l.a_seq),
            -- The first event of a ticket makes it and is no change.
            version = t.version + coalesce(l.c_seq, l.b_seq, l.a_seq) - greatest(t.last_seq, 1),
            updated_at = moment,
            status = case when l.moves then 'escalated' else t.status end,
            escalated_at = case when l.moves then coalesce(t.escalated_at, moment) else t.escalated_at end,
            escalation_reason = case
                when l.a_to is not null
                    then format('response_breach (overdue by %s h)', round(l.response_overdue / 3600.0, 1))
                when l.b_to is not null
                    then format('resolution_breach (overdue by %s h)', round(l.resolution_overdue / 3600.0, 1))
                else t.escalation_reason
            end,
            assigned_to = coalesce(l.hand_over_to, t.assigned_to),
            sla_response_warned_at = case
                when l.response = 'sla_warning' then moment else t.sla_response_warned_at
            end,
            sla_resolution_warned_at = case
                when l.resolution = 'sla_warning' then moment else t.sla_resolution_warned_at
            end,
            sla_response_breached_at = case
                when l.response = 'sla_breached' then t.sla_response_deadline else t.sla_response_breached_at
            end,
            sla_resolution_breached_at = case
                when l.resolution = 'sla_breached' then t.sla_resolution_deadline else t.sla_resolution_breached_at
            end
        from linked as l
        where t.id = (l.t).id and t.is_sensitive = false
    ),

    alerted as (
        insert into muni.alerts (municipality_id, recipient, ticket_id, kind, clock, level, at)
        select
            of_municipality, r.recipient, (l.t).id, case x.kind when 'sla_warning' then 'warning' else 'breach' end,
            x.clock, case x.kind when 'sla_warning' then 0 else x.level end, moment
        from linked as l
        cross join lateral (
            values (l.response, 'response', 1), (l.resolution, 'resolution', l.resolution_level)
        ) as x (kind, clock, level)
        cross join lateral unnest(
            case
                when x.kind is null then '{}'
                when x.kind = 'sla_breached' and x.level = 2 then l.then_told
                when x.kind = 'sla_breached' then l.first_told
                when l.manager is not null then array[l.manager]
                else array(
                    select o.username
                    from muni.operators as o
                    where o.username = (l.t).assigned_to and o.is_active
                )
            end
        ) as r (recipient)
        on conflict do nothing
    ),

    -- Whoever reported it twice hears of it once. What has no number to go to is kept as such.
    noticed as (
        insert into muni.notifications (municipality_id, ticket_id, event_id, reporter_id, state)
        select distinct on (n.ticket_id, n.number)
            of_municipality, n.ticket_id, n.event_id, n.reporter_id,
            case when n.number is null then 'suppressed' else 'pending' end
        from (
            select
                (l.t).id as ticket_id, x.event_id, x.reporter_id,
                nullif(regexp_replace(x.phone, '[^0-9+]', '', 'g'), '') as number
            from linked as l
            cross join lateral (
                select null::uuid as reporter_id, (l.t).reporter_phone as phone
                union all
                select r.id, r.reporter_phone
                from muni.reporters as r
                where r.ticket_id = (l.t).id and r.is_sensitive = false
            ) as p
            cross join lateral (
                select case when l.a_to is not null then l.a_id else l.b_id end as event_id, p.reporter_id, p.phone
            ) as x
            where l.moves
        ) as n
        order by n.ticket_id, n.number, n.reporter_id nulls first
        on conflict do nothing
    )

    select
        (count(*) filter (where x.kind = 'sla_warning'))::int,
        (count(*) filter (where x.kind = 'sla_breached'))::int,
        (count(*) filter (where x.kind = 'sla_breached' and cardinality(l.first_told) = 0))::int
    from linked as l
    cross join lateral (values (l.response), (l.resolution)) as x (kind)
$$;
comment on function muni._find_late(int, uuid [], timestamptz) is
'Warnings and breaches of locked tickets: events, latches, escalation, hand-over, alerts and notices; how many, and of how many breaches nobody could be told.';

create function muni.sweep_sla(fresh interval default '50 seconds') returns table (
    municipality text, dated int, warned int, breached int, more bool
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    batch constant int := 20000;
    me muni.operators := muni._sweeper();
    job muni.jobs := muni._take_job('sweep', coalesce(sweep_sla.fresh, interval '50 seconds'));
    due uuid [];
    undated uuid [];
    moment timestamptz := clock_timestamp();
    dates record;
    late record;
begin
    if job.municipality_id is null then
        return;
    end if;
    -- Skipped, not waited for: what somebody works on at this moment is due a minute later as well.
    select coalesce(array_agg(x.id), '{}'), coalesce(array_agg(x.id) filter (where x.is_undated), '{}')
    into due, undated
    from (
        select
            t.id,
            t.sla_response_deadline is null or t.sla_resolution_deadline is null as is_undated
        from muni.tickets as t
        where
            t.municipality_id = job.municipality_id
            and t.is_sensitive = false
            and t.next_sweep <= moment
        order by t.next_sweep
        limit batch
        for no key update skip locked
    ) as x;
    moment := clock_timestamp(); -- later than whatever was done to them before they were locked
    select * into dates from muni._date_missing(undated, moment);
    select * into late from muni._find_late(job.municipality_id, due, moment);
    perform muni._forget_presences(job.municipality_id), muni._forget_duties(job.municipality_id);
    more := cardinality(due) = batch;
    municipality := muni._end_job(
        job,
        me,
        jsonb_build_object(
            'dated', dates.dated, 'undatable', dates.undatable, 'warned', late.warned, 'breached', late.breached,
            -- Kept: the next sweep has nothing to say of it any more.
            'untold', late.untold + coalesce((job.result ->> 'untold')::int, 0)
        ),
        not more
    );
    if municipality is not null then
        dated := dates.dated;
        warned := late.warned;
        breached := late.breached;
    end if;
    return next;
end
$$;
comment on function muni.sweep_sla(interval) is
'Looks after the clocks of one municipality for which nobody has done so for so long: a row with what was found, no row when there is none. Numbers of one''s own municipality only.';
