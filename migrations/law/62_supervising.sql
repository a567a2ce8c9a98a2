-- What supervisors and callers change beside the status: assignment taken back, contact, further reporters,
-- escalation, deadlines, category. Each function locks, checks, appends one event; an `attempt` that is sent
-- again is answered as before.

create function muni._required(words text, what text) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(words, '') !~ '\S' then
        raise exception '% needs words', what using errcode = '22023';
    end if;
    return btrim(words);
end
$$;
comment on function muni._required(text, text) is 'The words trimmed, or a sentence that they are missing.';

create function muni.unassign_ticket(
    id uuid, reason text default null, expected_version int default null, attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(unassign_ticket.attempt, 'unassign_ticket', unassign_ticket.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(unassign_ticket.id, unassign_ticket.expected_version, me);
    if t.assigned_team_id is null and t.assigned_to is null then
        raise exception 'the ticket is with nobody' using errcode = '22023';
    end if;
    return muni._end_attempt(
        unassign_ticket.attempt,
        muni._append(t, 'unassigned', note => nullif(btrim(unassign_ticket.reason), ''))::text
    );
end
$$;
comment on function muni.unassign_ticket(uuid, text, int, uuid) is 'Takes a ticket from its team and person; the event''s id.';

create function muni.record_contact(id uuid, outcome text, attempt uuid default null) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(record_contact.attempt, 'record_contact', record_contact.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(record_contact.id, null, me);
    return muni._end_attempt(
        record_contact.attempt,
        muni._append(
            t, 'contacted', note => muni._required(record_contact.outcome, 'the outcome of a contact')
        )::text
    );
end
$$;
comment on function muni.record_contact(uuid, text, uuid) is
'Records a contact with the citizen, which counts as a response (docs/reference/sla.md, rule 4); the event''s id.';

create function muni.add_reporter(
    id uuid, reporter_name text, reporter_phone text, language text default 'en', may_message bool default false,
    attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(add_reporter.attempt, 'add_reporter', add_reporter.id);
    t muni.tickets;
    their_name text := nullif(btrim(add_reporter.reporter_name), '');
    their_phone text := nullif(btrim(add_reporter.reporter_phone), '');
    event_id bigint;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(add_reporter.id, null, me);
    if their_name is null and their_phone is null then
        raise exception 'a reporter needs a name or a phone number' using errcode = '22023';
    end if;
    -- Checked here, so that no constraint quotes the row in a log of the server.
    if length(their_name) > 200 or length(their_phone) > 32
        or coalesce(add_reporter.language, 'en') not in ('en', 'zu', 'af')
    then
        raise exception 'a name has at most 200 characters, a phone number 32, and the language is en, zu or af'
            using errcode = '22023';
    end if;
    event_id := muni._append(t, 'reporter_added');
    insert into muni.reporters (
        is_sensitive, ticket_id, municipality_id, reporter_name, reporter_phone, language, may_message, added_by,
        added_at
    ) values (
        t.is_sensitive, t.id, t.municipality_id, their_name, their_phone,
        coalesce(add_reporter.language, 'en'),
        not t.is_sensitive and their_phone is not null and coalesce(add_reporter.may_message, false),
        me.username, clock_timestamp()
    );
    update muni.ticket_search as s
    set doc = concat_ws(E'\n', s.doc, lower(their_name), nullif(regexp_replace(their_phone, '[^0-9]', '', 'g'), ''))
    where s.ticket_id = t.id and s.is_sensitive = false and not t.is_sensitive;
    return muni._end_attempt(add_reporter.attempt, event_id::text);
end
$$;
comment on function muni.add_reporter(uuid, text, text, text, bool, uuid) is
'Adds a further person who reported the same, so that they are told too; the event''s id.';

create function muni.escalate(
    id uuid, reason text, expected_version int default null, attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(escalate.attempt, 'escalate', escalate.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(escalate.id, escalate.expected_version, me);
    if not exists (
        select from muni.status_transitions as s
        where s.from_status = t.status and s.to_status = 'escalated' and me.role = any (s.roles)
    ) then
        raise exception 'a ticket cannot go from % to escalated', t.status using errcode = '22023';
    end if;
    return muni._end_attempt(
        escalate.attempt,
        muni._append(
            t,
            'escalated',
            to_status => 'escalated',
            note => muni._required(escalate.reason, 'the reason of an escalation')
        )::text
    );
end
$$;
comment on function muni.escalate(uuid, text, int, uuid) is 'Escalates a ticket with a reason; the event''s id.';

-- Whether it is a municipal ticket: a GBV report, opened or not, has no municipal clocks and one category.
create function muni._municipal_for_write(ticket uuid, expected_version int, me muni.operators) returns muni.tickets
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    t muni.tickets := muni._ticket_for_write(ticket, expected_version, me);
begin
    if t.is_sensitive then
        raise exception 'a GBV report has neither municipal deadlines nor another category' using errcode = '22023';
    end if;
    return t;
end
$$;
comment on function muni._municipal_for_write(uuid, int, muni.operators) is
'Locks a municipal ticket this operator may act on; the refusal otherwise.';

create function muni._store_clocks(t muni.tickets) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update muni.tickets as x set
        category = t.category,
        sla_policy_id = t.sla_policy_id,
        response_overridden = t.response_overridden,
        resolution_overridden = t.resolution_overridden,
        sla_response_deadline = t.sla_response_deadline,
        sla_resolution_deadline = t.sla_resolution_deadline,
        sla_response_warning_at = t.sla_response_warning_at,
        sla_resolution_warning_at = t.sla_resolution_warning_at
    where x.id = t.id and x.is_sensitive = false
$$;
comment on function muni._store_clocks(muni.tickets) is 'Stores category, deadlines and overrides of a locked municipal ticket.';

create function muni._deadlines(t muni.tickets) returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'response', (extract(epoch from t.sla_response_deadline) * 1000000)::bigint,
        'resolution', (extract(epoch from t.sla_resolution_deadline) * 1000000)::bigint
    )
$$;
comment on function muni._deadlines(muni.tickets) is
'Both deadlines in microseconds since 1970, which read the same whatever a session has set.';

create function muni._overridden(t muni.tickets, clock text, deadline timestamptz) returns muni.tickets
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if _overridden.clock is null or _overridden.clock not in ('response', 'resolution') then
        raise exception 'the clock is response or resolution' using errcode = '22023';
    end if;
    if _overridden.deadline <= t.created_at or _overridden.deadline >= '9999-01-01 00:00:00+00' then
        raise exception 'a deadline lies after the ticket was logged' using errcode = '22023';
    end if;
    if _overridden.clock = 'response' then
        t.response_overridden := _overridden.deadline is not null;
        t.sla_response_deadline := _overridden.deadline;
        t.sla_response_warning_at := muni._warning_before(
            t.sla_policy_id, t.created_at, _overridden.deadline, '{}'
        );
    else
        t.resolution_overridden := _overridden.deadline is not null;
        t.sla_resolution_deadline := _overridden.deadline;
        t.sla_resolution_warning_at := muni._warning_before(
            t.sla_policy_id, t.created_at, _overridden.deadline, t.pauses
        );
    end if;
    return muni._date_clocks(t);
end
$$;
comment on function muni._overridden(muni.tickets, text, timestamptz) is
'The ticket with one deadline set by hand, or with null given back to the policy.';

create function muni.override_deadline(
    id uuid, clock text, deadline timestamptz, reason text, expected_version int default null,
    attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(override_deadline.attempt, 'override_deadline', override_deadline.id);
    t muni.tickets;
    words text;
    changed muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._municipal_for_write(override_deadline.id, override_deadline.expected_version, me);
    words := muni._required(override_deadline.reason, 'the reason of a new deadline');
    changed := muni._overridden(t, override_deadline.clock, override_deadline.deadline);
    perform muni._store_clocks(changed);
    return muni._end_attempt(
        override_deadline.attempt,
        muni._append(
            changed,
            case when override_deadline.deadline is null then 'override_cleared' else 'deadline_overridden' end,
            note => words,
            data => jsonb_build_object(
                'clock', override_deadline.clock, 'from', muni._deadlines(t), 'to', muni._deadlines(changed)
            )
        )::text
    );
end
$$;
comment on function muni.override_deadline(uuid, text, timestamptz, text, int, uuid) is
'Sets one deadline by hand, or with null gives it back to the policy (docs/reference/sla.md, rule 9); the event''s id.';

create function muni.reclassify(
    id uuid, category text, reason text, expected_version int default null, attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(reclassify.attempt, 'reclassify', reclassify.id);
    t muni.tickets;
    changed muni.tickets;
    words text;
begin
    if done is not null then
        return done;
    end if;
    t := muni._municipal_for_write(reclassify.id, reclassify.expected_version, me);
    changed := t;
    words := muni._required(reclassify.reason, 'the reason of a new category');
    if reclassify.category = 'gbv' then
        raise exception 'a ticket becomes a GBV report by being marked sensitive' using errcode = '22023';
    end if;
    if reclassify.category is null
        or reclassify.category <> all (muni._municipal_categories())
    then
        raise exception 'there is no such category' using errcode = '22023';
    end if;
    if reclassify.category = t.category then
        raise exception 'the ticket is about % already', t.category using errcode = '22023';
    end if;
    changed.category := reclassify.category;
    changed.sla_policy_id := muni._policy(t.municipality_id, changed.category);
    changed := muni._date_clocks(changed);
    perform muni._store_clocks(changed);
    return muni._end_attempt(
        reclassify.attempt,
        muni._append(
            changed,
            'reclassified',
            note => words,
            data => jsonb_build_object(
                'category', jsonb_build_object('from', t.category, 'to', changed.category),
                'from', muni._deadlines(t),
                'to', muni._deadlines(changed)
            )
        )::text
    );
end
$$;
comment on function muni.reclassify(uuid, text, text, int, uuid) is
'Gives a municipal ticket another category and its deadlines (docs/reference/sla.md, rule 8); the event''s id.';
