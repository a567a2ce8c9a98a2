-- The SLA clocks: deadlines of a new ticket, the pause of the resolution clock, the state of both. The rules
-- that comments name by number are those of docs/reference/sla.md.

create function muni._targets(
    of_municipality int,
    of_category text,
    out response_target interval,
    out resolution_target interval,
    out warning_percent int
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    -- In seconds: a day of 24 hours, whatever clock change the caller's time zone has in between.
    select
        make_interval(secs => extract(epoch from p.response_target)),
        make_interval(secs => extract(epoch from p.resolution_target)),
        p.warning_percent
    from (
        select s.response_target, s.resolution_target, s.warning_percent, s.category is null as is_default
        from muni.sla_policies as s
        where s.municipality_id = of_municipality and (s.category = of_category or s.category is null)
        union all
        select interval '24 hours', interval '168 hours', 80, null::bool
    ) as p
    order by p.is_default nulls last
    limit 1
$$;
comment on function muni._targets(int, text) is
'Rule 2: the policy of the category, else the municipality''s default, else 24 h / 168 h with a warning at 80 %.';

create function muni._warning_at(start timestamptz, deadline timestamptz, warning_percent int) returns timestamptz
language sql immutable parallel safe
as $$
    -- In seconds: no day of 23 or 25 hours, whatever the caller's time zone.
    select start + make_interval(secs => extract(epoch from deadline - start) * (warning_percent / 100.0))
$$;
comment on function muni._warning_at(timestamptz, timestamptz, int) is
'The instant at which this part of the way to a deadline is used up.';

create function muni._date_clocks(t muni.tickets) returns muni.tickets
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    policy record;
begin
    if t.is_sensitive then
        return t; -- rule 10: a GBV report has no municipal SLA
    end if;
    select * into policy from muni._targets(t.municipality_id, t.category);
    if not coalesce(t.response_overridden, false) then
        t.sla_response_deadline := t.created_at + policy.response_target;
        t.sla_response_warning_at := muni._warning_at(t.created_at, t.sla_response_deadline, policy.warning_percent);
    end if;
    if not coalesce(t.resolution_overridden, false) then
        t.sla_resolution_deadline := t.created_at + policy.resolution_target;
        t.sla_resolution_warning_at := muni._warning_at(t.created_at, t.sla_resolution_deadline, policy.warning_percent)
            + coalesce(t.paused_for, interval '0');
        t.sla_resolution_deadline := t.sla_resolution_deadline + coalesce(t.paused_for, interval '0');
    end if;
    return t;
end
$$;
comment on function muni._date_clocks(muni.tickets) is
'The ticket with both deadlines and warnings as its policy and its pauses so far make them; an override stays.';

create function muni._move_clocks(t muni.tickets, new_status text, moved_at timestamptz) returns muni.tickets
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    was_paused bool := t.status in ('on_hold', 'resolved', 'closed');
    is_paused bool := new_status in ('on_hold', 'resolved', 'closed');
    pause interval;
begin
    if new_status in ('in_progress', 'resolved') then
        t.first_responded_at := coalesce(t.first_responded_at, moved_at); -- rule 4
    end if;
    -- Rule 5. What was on hold and is resolved has had its pause: it is judged without that time, and the
    -- next pause begins, in case it is reopened. Closing what is resolved only goes on with the same pause.
    if was_paused and (t.status = 'on_hold' or not is_paused) then
        pause := make_interval(secs => extract(epoch from moved_at - t.paused_at));
        t.paused_for := t.paused_for + pause;
        if not t.resolution_overridden then
            t.sla_resolution_deadline := t.sla_resolution_deadline + pause;
            t.sla_resolution_warning_at := t.sla_resolution_warning_at + pause;
        end if;
        t.paused_at := null;
    end if;
    if is_paused then
        t.paused_at := coalesce(t.paused_at, moved_at);
    end if;
    if new_status = 'resolved' then
        t.resolved_at := moved_at;
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
