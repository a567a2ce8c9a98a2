-- What is done once a day for each municipality: working time known three years ahead, histories checked,
-- and forgotten what nobody came back to.

create function muni._broken_histories(
    of_municipality int, sensitive bool, from_id uuid, at_most int, out checked int, out broken int
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    -- Ids are random, so those that follow a random one are a sample.
    with picked as materialized (
        (
            select t.id, t.last_seq, t.chain, t.status, t.assigned_team_id, t.assigned_to
            from muni.tickets as t
            where t.municipality_id = of_municipality and t.is_sensitive = sensitive and t.id >= from_id
            order by t.id
            limit at_most
        )
        union all
        (
            select t.id, t.last_seq, t.chain, t.status, t.assigned_team_id, t.assigned_to
            from muni.tickets as t
            where t.municipality_id = of_municipality and t.is_sensitive = sensitive and t.id < from_id
            order by t.id
            limit at_most
        )
        limit at_most
    ),

    walked as (
        select
            p.id, e.seq, e.kind, e.chain, e.to_status, e.team_id, e.assignee, e.note_digest,
            e.seq = row_number() over by_seq
            and e.municipality_id = of_municipality
            and case
                when isfinite(e.at) then e.chain = muni.event_digest(
                    lag(e.chain, 1, sha256(convert_to(p.id::text, 'UTF8'))) over by_seq, e.seq, e.kind, e.actor, e.via,
                    e.at, e.from_status, e.to_status, e.team_id, e.assignee, e.data, e.note_digest
                )
                else false
            end as is_linked,
            coalesce(n.note, c.note) is not null as has_note,
            sha256(coalesce(n.salt, c.salt) || convert_to(coalesce(n.note, c.note), 'UTF8')) as note_is
        from picked as p
        join muni.ticket_events as e on e.ticket_id = p.id and e.is_sensitive = sensitive
        left join muni.ticket_notes as n on n.event_id = e.id and not sensitive
        left join muni.confidential_notes as c on c.event_id = e.id and sensitive
        window by_seq as (partition by p.id order by e.seq)
    ),

    told as (
        select
            w.id,
            count(*) as events,
            bool_and(w.is_linked) as is_linked,
            -- Words may be gone where an anonymisation says so; edited they may not be.
            bool_and(w.note_is is not distinct from w.note_digest) filter (where w.has_note) as notes_hold,
            bool_or(w.note_digest is not null and not w.has_note) and not bool_or(w.kind = 'redacted') as lacks_notes,
            (array_agg(w.chain order by w.seq desc))[1] as head,
            (array_agg(w.to_status order by w.seq desc) filter (where w.to_status is not null))[1] as status,
            (array_agg(w.team_id order by w.seq desc) filter (where w.kind = any(x.kinds)))[1] as team_id,
            (array_agg(w.assignee order by w.seq desc) filter (where w.kind = any(x.kinds)))[1] as assignee
        from walked as w
        cross join (values (array['assigned', 'unassigned', 'marked_sensitive'])) as x (kinds)
        group by w.id
    )

    select
        count(*)::int,
        (
            count(*) filter (
                where
                not coalesce(
                    s.events = p.last_seq and s.head = p.chain and s.is_linked
                    and coalesce(s.notes_hold, true) and not s.lacks_notes,
                    p.last_seq = 0
                )
                or coalesce(s.status, p.status) <> p.status
                or s.team_id is distinct from p.assigned_team_id
                or s.assignee is distinct from p.assigned_to
            )
        )::int
    from picked as p
    left join told as s on s.id = p.id
$$;
comment on function muni._broken_histories(int, bool, uuid, int) is
'Recomputes the chains of a sample of a municipality''s tickets on one side of the wall; how many were checked, and how many are broken or do not say what their ticket says.';

create function muni._reach_ahead(of_municipality int, out extended int, out too_short int)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c muni.calendars;
    today date;
    wanted date;
begin
    extended := 0;
    too_short := 0;
    for c in
        select x.*
        from muni.calendars as x
        where
            x.municipality_id = of_municipality
            and not x.is_always
            and (
                x.replaced_at is null
                or exists (
                    select
                    from muni.sla_policies as p
                    join muni.tickets as t on t.sla_policy_id = p.id and t.is_sensitive = false
                    where p.calendar_id = x.id and t.status in ('open', 'in_progress', 'on_hold', 'escalated')
                )
            )
        order by x.id
    loop
        today := (clock_timestamp() at time zone c.time_zone)::date;
        wanted := (today + interval '3 years')::date;
        -- Beyond what is known of the holidays nothing is made up: applying the municipality's file anew tells more.
        if c.holidays_until < wanted then
            too_short := too_short + 1;
            wanted := c.holidays_until;
        end if;
        if c.spans_until is null or (c.spans_until at time zone c.time_zone)::date < wanted then
            perform muni._cover(c.id, least(greatest(today, c.holidays_from), wanted), wanted);
            extended := extended + 1;
        end if;
    end loop;
end
$$;
comment on function muni._reach_ahead(int) is
'Makes three years of working time known for each calendar that is in force or that open tickets use; how many had less, and of how many no more is known.';

create function muni.run_upkeep(fresh interval default '20 hours') returns table (
    municipality text, extended int, checked int, broken int
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    at_most constant int := 200;
    me muni.operators := muni._sweeper();
    job muni.jobs := muni._take_job('upkeep', coalesce(run_upkeep.fresh, interval '20 hours'));
    municipal record;
    walled record;
    ahead record;
begin
    if job.municipality_id is null then
        return;
    end if;
    select * into municipal from muni._broken_histories(job.municipality_id, false, gen_random_uuid(), at_most);
    select * into walled from muni._broken_histories(job.municipality_id, true, gen_random_uuid(), at_most);
    if municipal.broken + walled.broken > 0 then
        -- Which one it is, and on which side of the wall, the owner finds with `audit verify`.
        insert into muni.alerts (municipality_id, recipient, kind, level, at)
        select o.municipality_id, o.username, 'history', 2, clock_timestamp()
        from muni.operators as o
        where
            o.municipality_id = job.municipality_id
            and o.role = 'admin'
            and o.is_active
            and not exists (
                select from muni.alerts as a
                where a.recipient = o.username and a.kind = 'history' and a.read_at is null
            );
    end if;
    perform muni._forget_drafts(job.municipality_id);
    -- Last, since whoever needs more of a calendar waits for it from here on.
    select * into ahead from muni._reach_ahead(job.municipality_id);
    -- Colleagues read this: what was found behind the wall is none of it.
    municipality := muni._end_job(
        job,
        me,
        jsonb_build_object(
            'extended', ahead.extended, 'too_short', ahead.too_short, 'checked', municipal.checked,
            'broken', municipal.broken
        )
    );
    if municipality is not null then
        extended := ahead.extended;
        checked := municipal.checked;
        broken := municipal.broken;
    end if;
    return next;
end
$$;
comment on function muni.run_upkeep(interval) is
'The daily work for one municipality for which nobody has done it for so long: a row with what was found, no row when there is none. Numbers of one''s own municipality, and of its municipal tickets, only.';
