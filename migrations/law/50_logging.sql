-- A report comes in: number, ticket, search text, first event, route.

create function muni._issue_number(day date) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    candidate text;
begin
    -- Sixteen million numbers a day: ten collisions in a row mean that something else is wrong.
    for attempt in 1 .. 10 loop
        candidate := 'TKT-' || to_char(day, 'YYYYMMDD') || '-'
            || upper(substr(encode(uuid_send(gen_random_uuid()), 'hex'), 1, 6));
        insert into muni.tracking_numbers (tracking_number) values (candidate) on conflict do nothing;
        if found then
            return candidate;
        end if;
    end loop;
    raise exception 'no free tracking number was found; try again' using errcode = '55000';
end
$$;
comment on function muni._issue_number(date) is 'A new tracking number, unique over both partitions.';

create function muni._search_text(t muni.tickets) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select lower(concat_ws(
        E'\n', t.tracking_number, t.description, t.address, t.suburb, t.reporter_name,
        nullif(regexp_replace(coalesce(t.reporter_phone, ''), '[^0-9]', '', 'g'), '')
    ))
$$;
comment on function muni._search_text(muni.tickets) is
'What search looks through; of a GBV report the number alone, since its row holds nothing else.';

-- A new row of tickets with its number, chain head and search text. No event yet.
create function muni._insert_ticket(t muni.tickets) returns muni.tickets
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    t.id := gen_random_uuid();
    t.chain := sha256(convert_to(t.id::text, 'UTF8'));
    t.tracking_number := muni._issue_number((
        select (t.created_at at time zone m.time_zone)::date
        from muni.municipalities as m
        where m.id = t.municipality_id
    ));
    insert into muni.tickets (
        id, municipality_id, is_sensitive, tracking_number, category, severity, description, address, suburb,
        latitude, longitude, language, reporter_name, reporter_phone, may_message, created_at, updated_at, chain,
        sla_policy_id, without_sla, sla_response_deadline, sla_resolution_deadline, sla_response_warning_at,
        sla_resolution_warning_at
    ) values (
        t.id, t.municipality_id, t.is_sensitive, t.tracking_number, t.category, t.severity, t.description,
        t.address, t.suburb, t.latitude, t.longitude, t.language, t.reporter_name, t.reporter_phone,
        coalesce(t.may_message, false), t.created_at, t.created_at, t.chain, t.sla_policy_id, coalesce(t.without_sla, false), t.sla_response_deadline,
        t.sla_resolution_deadline, t.sla_response_warning_at, t.sla_resolution_warning_at
    ) returning * into t;
    insert into muni.ticket_search (ticket_id, is_sensitive, municipality_id, created_at, doc)
    values (t.id, t.is_sensitive, t.municipality_id, t.created_at, muni._search_text(t));
    return t;
end
$$;
comment on function muni._insert_ticket(muni.tickets) is 'Stores a new ticket, its number and its search text.';

create function muni._alone_with(attempt text) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select pg_advisory_xact_lock(hashtextextended(attempt, 0))
$$;
comment on function muni._alone_with(text) is
'Waits for whoever sends, settles or keeps a draft of the same attempt, and keeps others waiting until the commit.';

create function muni._forget_attempts(of_author name default null) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Skipped, not waited for: somebody else is forgetting them.
    delete from muni.attempts as a
    where a.attempt in (
        select x.attempt
        from muni.attempts as x
        where x.author = coalesce(of_author, x.author) and x.at < clock_timestamp() - interval '7 days'
        for update skip locked
    )
$$;
comment on function muni._forget_attempts(name) is 'Forgets what was answered more than a week ago, to one person or to all.';

create function muni._begin_attempt(attempt uuid, action text, ticket uuid default null) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    given text;
begin
    if attempt is null then
        return null;
    end if;
    perform muni._forget_attempts(session_user);
    -- Waits for one that is under way: the network may deliver late what its sender has given up.
    perform muni._alone_with(_begin_attempt.attempt::text);
    insert into muni.attempts (attempt, author, action, ticket_id)
    values (_begin_attempt.attempt, session_user, _begin_attempt.action, _begin_attempt.ticket)
    on conflict do nothing;
    if found then
        return null;
    end if;
    select a.answer into given
    from muni.attempts as a
    where
        a.attempt = _begin_attempt.attempt
        and a.author = session_user
        and a.action = _begin_attempt.action
        and a.ticket_id is not distinct from _begin_attempt.ticket;
    if given is null then
        raise exception 'an attempt has a number of its own' using errcode = '22023';
    end if;
    return given;
end
$$;
comment on function muni._begin_attempt(uuid, text, uuid) is
'What was answered to this attempt before, within a week; null where it is the first, or has no number.';

create function muni._end_attempt(attempt uuid, answer text) returns text
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update muni.attempts as a set answer = _end_attempt.answer where a.attempt = _end_attempt.attempt;
    select _end_attempt.answer;
$$;
comment on function muni._end_attempt(uuid, text) is 'Remembers what is answered, for when it is asked again; the answer.';

create function muni.settle_attempt(attempt uuid) returns text
language plpgsql strict security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform muni._actor();
    perform muni._alone_with(settle_attempt.attempt::text);
    -- Waits for one that is under way; and one that the network delivers after this is refused.
    insert into muni.attempts (attempt, author, action) values (settle_attempt.attempt, session_user, 'nothing')
    on conflict do nothing;
    return (
        select a.answer
        from muni.attempts as a
        where a.attempt = settle_attempt.attempt and a.author = session_user
    );
end
$$;
comment on function muni.settle_attempt(uuid) is
'What was answered to an attempt of one''s own; null where nothing was, and from then on nothing will be.';

create function muni._append_and_route(
    t muni.tickets,
    kind text,
    to_status text default null,
    note text default null,
    at timestamptz default clock_timestamp(),
    via text default 'console'
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    routed record;
begin
    select r.team_id, jsonb_build_object('route', r.route) as because into routed
    from muni._route(array[t.id], t.is_sensitive) as r;
    perform muni._append(
        t, kind, to_status => _append_and_route.to_status, note => _append_and_route.note,
        at => _append_and_route.at, via => _append_and_route.via,
        data => case when routed.team_id is null then routed.because end
    );
    if routed.team_id is not null then
        select x.* into t from muni.tickets as x where x.id = t.id and x.is_sensitive = t.is_sensitive;
        perform muni._append(
            t, 'assigned', team_id => routed.team_id, via => _append_and_route.via, data => routed.because
        );
    end if;
end
$$;
comment on function muni._append_and_route(muni.tickets, text, text, text, timestamptz, text) is
'The event with which a ticket begins on its side of the wall, and the one that gives it to a team; where none takes it, the first says why.';

create function muni.log_ticket(
    category text,
    severity text,
    description text,
    address text default null,
    latitude double precision default null,
    longitude double precision default null,
    reporter_name text default null,
    reporter_phone text default null,
    language text default 'en',
    safe_to_contact bool default false,
    contact_instructions text default null,
    municipality text default null,
    suburb text default null,
    may_message bool default false,
    attempt uuid default null
) returns text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators;
    t muni.tickets;
    source text := 'console';
    number text;
    broken text;
begin
    if pg_has_role(session_user, 'muni_intake', 'member') then
        source := 'intake';
        select m.id into t.municipality_id from muni.municipalities as m where m.code = log_ticket.municipality;
        if not found then
            raise exception 'unknown municipality %', coalesce(quote_literal(log_ticket.municipality), 'null')
                using errcode = '22023';
        end if;
    else
        me := muni._actor();
        t.municipality_id := me.municipality_id;
        if me.role = 'saps_liaison' and log_ticket.category is distinct from 'gbv' then
            raise exception 'a SAPS liaison logs GBV reports only' using errcode = '42501';
        end if;
        if log_ticket.municipality is not null then
            raise exception 'a report is logged in one''s own municipality, which is not named'
                using errcode = '22023';
        end if;
    end if;
    number := muni._begin_attempt(log_ticket.attempt, 'log_ticket');
    if number is not null then
        return number;
    end if;
    if coalesce(log_ticket.description, '') !~ '\S' then
        raise exception 'a report needs a description' using errcode = '22023';
    end if;
    if (log_ticket.latitude is null) <> (log_ticket.longitude is null) then
        raise exception 'latitude and longitude go together' using errcode = '22023';
    end if;

    t.category := log_ticket.category;
    t.is_sensitive := coalesce(log_ticket.category = 'gbv', false);
    t.severity := coalesce(log_ticket.severity, 'medium');
    t.language := coalesce(log_ticket.language, 'en');
    t.created_at := clock_timestamp();
    if not t.is_sensitive then
        t.sla_policy_id := muni._policy(t.municipality_id, t.category);
        t.description := log_ticket.description;
        t.address := nullif(btrim(log_ticket.address), '');
        t.suburb := nullif(btrim(log_ticket.suburb), '');
        t.latitude := log_ticket.latitude;
        t.longitude := log_ticket.longitude;
        t.reporter_name := nullif(btrim(log_ticket.reporter_name), '');
        t.reporter_phone := nullif(btrim(log_ticket.reporter_phone), '');
        t.may_message := t.reporter_phone is not null and coalesce(log_ticket.may_message, false);
    end if;
    t := muni._insert_ticket(muni._date_clocks(t));
    if t.is_sensitive then
        insert into muni.confidential_reports (
            ticket_id, municipality_id, description, address, suburb, latitude, longitude, reporter_name,
            reporter_phone, safe_to_contact, contact_instructions
        ) values (
            t.id, t.municipality_id, log_ticket.description, nullif(btrim(log_ticket.address), ''),
            nullif(btrim(log_ticket.suburb), ''), log_ticket.latitude, log_ticket.longitude, nullif(btrim(log_ticket.reporter_name), ''),
            nullif(btrim(log_ticket.reporter_phone), ''), coalesce(log_ticket.safe_to_contact, false),
            nullif(btrim(log_ticket.contact_instructions), '')
        );
    end if;
    perform muni._append_and_route(t, 'created', to_status => 'open', at => t.created_at, via => source);
    -- What was kept of it is sent now, and must not be there when somebody marks the ticket as sensitive.
    delete from muni.drafts as d
    where d.author = session_user and d.content ->> 'attempt' = log_ticket.attempt::text;
    return muni._end_attempt(log_ticket.attempt, t.tracking_number);
exception
    -- PostgreSQL's own error quotes the whole row, a narrative and a phone number among it: to a log.
    when check_violation or not_null_violation then
        get stacked diagnostics broken = constraint_name;
        broken := substring(broken from '^(?:tickets|confidential_reports)_(.+)_check$');
        raise exception '% is missing, too long or not one of those allowed',
            coalesce(replace(broken, '_', ' '), 'a value')
            using errcode = '22023';
end
$$;
comment on function muni.log_ticket(
    text, text, text, text, double precision, double precision, text, text, text, bool, text, text, text, bool, uuid
) is 'Logs a report, sets its clocks, routes it; the tracking number. `municipality` is for muni_intake alone; an `attempt` that is sent again is answered as before.';
