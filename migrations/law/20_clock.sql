-- The SLA clocks: deadlines of a new ticket, the pause of the resolution clock, the state of both. The rules
-- that comments name by number are those of docs/reference/sla.md.

create function muni._municipal_categories() returns text []
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select array['water', 'roads', 'electricity', 'waste', 'sanitation', 'other']
$$;
comment on function muni._municipal_categories() is 'The categories of tickets that have municipal clocks: all but gbv.';

create function muni._policy(of_municipality int, of_category text) returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select p.id
    from muni.sla_policies as p
    where
        p.municipality_id = of_municipality
        and p.replaced_at is null
        and (p.category = of_category or p.category is null)
    order by p.category nulls last
    limit 1
$$;
comment on function muni._policy(int, text) is
'Rule 2: the policy in force for the category, else the municipality''s default, else null for the built-in one.';

create function muni._terms(
    of_policy int,
    out calendar_id int,
    out response_target bigint,
    out resolution_target bigint,
    out warning_percent int
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select
        p.calendar_id,
        coalesce(muni._microseconds(p.response_target), muni._microseconds(interval '24 hours')),
        coalesce(muni._microseconds(p.resolution_target), muni._microseconds(interval '168 hours')),
        coalesce(p.warning_percent, 80)
    from (select) as one
    left join muni.sla_policies as p on p.id = of_policy
$$;
comment on function muni._terms(int) is
'Calendar, targets in microseconds and warning of a policy; without one 24 h / 168 h around the clock, 80 % (rule 2).';

create function muni._date_clocks(t muni.tickets) returns muni.tickets
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    terms record;
begin
    if t.is_sensitive or coalesce(t.without_sla, false) then
        return t; -- rule 10: a GBV report has no municipal SLA
    end if;
    select * into terms from muni._terms(t.sla_policy_id);
    if not coalesce(t.response_overridden, false) then
        t.sla_response_deadline := muni._reach(terms.calendar_id, t.created_at, terms.response_target);
        t.sla_response_warning_at := muni._reach(
            terms.calendar_id, t.created_at, terms.response_target * terms.warning_percent / 100
        );
    end if;
    if not coalesce(t.resolution_overridden, false) then
        t.sla_resolution_deadline := muni._reach(
            terms.calendar_id, t.created_at, terms.resolution_target, coalesce(t.pauses, '{}')
        );
        t.sla_resolution_warning_at := muni._reach(
            terms.calendar_id, t.created_at, terms.resolution_target * terms.warning_percent / 100,
            coalesce(t.pauses, '{}')
        );
    end if;
    return t;
end
$$;
comment on function muni._date_clocks(muni.tickets) is
'The ticket with both deadlines and warnings as its policy and its pauses so far make them; an override stays.';

create function muni._warning_before(
    of_policy int, start timestamptz, deadline timestamptz, pauses tstzmultirange
) returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    terms record;
    way bigint;
begin
    if deadline is null then
        return null;
    end if;
    select * into terms from muni._terms(of_policy);
    way := muni._worked(terms.calendar_id, start, deadline, coalesce(pauses, '{}'));
    -- A deadline that no working time leads to warns when it is there.
    return case
        when way = 0 then deadline
        else muni._reach(terms.calendar_id, start, way * terms.warning_percent / 100, coalesce(pauses, '{}'))
    end;
end
$$;
comment on function muni._warning_before(int, timestamptz, timestamptz, tstzmultirange) is
'The instant at which the warning''s part of the working time up to a deadline set by hand is used up.';

create function muni._answer(t muni.tickets, answered_at timestamptz) returns muni.tickets
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if t.first_responded_at is null then
        t.first_responded_at := answered_at; -- rule 4
        if answered_at > t.sla_response_deadline then
            t.sla_response_breached_at := coalesce(t.sla_response_breached_at, t.sla_response_deadline);
        end if;
    end if;
    return t;
end
$$;
comment on function muni._answer(muni.tickets, timestamptz) is
'The ticket once the citizen has had a first answer at an instant; later ones change nothing.';

create function muni._move_clocks(t muni.tickets, new_status text, moved_at timestamptz) returns muni.tickets
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    was_paused bool := t.status in ('on_hold', 'resolved', 'closed');
    is_paused bool := new_status in ('on_hold', 'resolved', 'closed');
begin
    if new_status in ('in_progress', 'resolved') then
        t := muni._answer(t, moved_at);
    end if;
    -- Rule 5. What was on hold and is resolved has had its pause: it is judged without that time, and the
    -- next pause begins, in case it is reopened. Closing what is resolved only goes on with the same pause.
    if was_paused and (t.status = 'on_hold' or not is_paused) then
        t.pauses := t.pauses
            + tstzmultirange(tstzrange(t.paused_at, greatest(t.paused_at, moved_at)));
        t := muni._date_clocks(t);
        t.paused_at := null;
    end if;
    if is_paused then
        t.paused_at := coalesce(t.paused_at, moved_at);
    end if;
    if new_status = 'resolved' then
        t.resolved_at := moved_at;
        if moved_at > t.sla_resolution_deadline then
            t.sla_resolution_breached_at := coalesce(t.sla_resolution_breached_at, t.sla_resolution_deadline);
        end if;
    elsif new_status <> 'closed' then
        t.resolved_at := null; -- rule 7
    end if;
    if new_status = 'escalated' then
        t.escalated_at := coalesce(t.escalated_at, moved_at);
    end if;
    t.status := new_status;
    return t;
end
$$;
comment on function muni._move_clocks(muni.tickets, text, timestamptz) is
'The ticket after a change of status at an instant: status, first response, pause and resolution.';

-- Written to be inlined into the list query: SQL, immutable, nothing set.
create function muni.sla_state(
    status text,
    at timestamptz,
    response_deadline timestamptz,
    resolution_deadline timestamptz,
    response_warning_at timestamptz,
    resolution_warning_at timestamptz,
    first_responded_at timestamptz,
    resolved_at timestamptz,
    paused_at timestamptz
) returns text
language sql immutable parallel safe
as $$
    select case
        when response_deadline is null and resolution_deadline is null then null
        when coalesce(resolved_at, paused_at, at) > resolution_deadline then 'breached_resolution'
        when first_responded_at is null and coalesce(resolved_at, at) > response_deadline
            then 'breached_response'
        when status = 'on_hold' then 'paused'
        when coalesce(resolved_at, at) >= resolution_warning_at
            or (first_responded_at is null and coalesce(resolved_at, at) >= response_warning_at)
            then 'warning'
        else 'on_track'
    end
$$;
comment on function muni.sla_state(
    text, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz
) is 'Rule 10: the first of breached_resolution, breached_response, paused, warning, on_track that holds; null without clocks.';
