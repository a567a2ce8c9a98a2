-- Reading a GBV report takes two transactions: the trace is committed before a word is read.

create function muni._has_opened(ticket uuid) returns bool
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from muni.confidential_openings as o
        where
            o.ticket_id = ticket
            and o.opened_by = session_user
            and o.opened_at > clock_timestamp() - interval '15 minutes'
            -- Acting tells something too (the status, the version): not before the trace is committed.
            and o.tx is distinct from pg_current_xact_id_if_assigned()
    )
$$;
comment on function muni._has_opened(uuid) is
'Whether the session''s operator holds a committed, fresh opening (15 minutes) of a report.';

create function muni.open_confidential_report(tracking_number text, reason text default null) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    t muni.tickets;
    opening uuid;
begin
    if me.role not in ('saps_liaison', 'admin') then
        perform muni._deny();
    end if;
    -- Asked before the number is looked up, so that the answer tells nothing about it.
    if me.role = 'admin' and length(coalesce(btrim(reason, E' \t\r\n'), '')) < 10 then
        raise exception 'an administrator gives a reason of at least 10 characters' using errcode = '22023';
    end if;
    select x.* into t
    from muni.tickets as x
    where
        x.municipality_id = me.municipality_id
        and x.is_sensitive
        and x.tracking_number = open_confidential_report.tracking_number
    for update;
    if not found and me.role = 'admin' then
        -- An opening that opens nothing: were it refused here, beginning, opening and rolling back would tell
        -- which numbers are reports and leave no trace. Reading by it is refused as by one rolled back.
        perform pg_current_xact_id(); -- as an opening has drawn: pg_current_xact_id_if_assigned() tells
        return gen_random_uuid();
    elsif not found then
        perform muni._deny();
    end if;
    -- Who asked for it in vain comes first, in the order in which it happened.
    perform muni._settle(t);
    select x.* into t from muni.tickets as x where x.id = t.id and x.is_sensitive;
    perform muni._append(t, 'viewed', note => nullif(btrim(reason), ''), changes_ticket => false);
    insert into muni.confidential_openings (ticket_id, municipality_id, opened_by)
    values (t.id, t.municipality_id, me.username)
    returning id into opening;
    return opening;
end
$$;
comment on function muni.open_confidential_report(text, text) is
'Records that a GBV report is looked at, and why; the opening to read it by, once this is committed.';

create function muni.fresh_opening(tracking_number text, out opening uuid, out ticket_id uuid)
returns setof record
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    -- From one's own openings to the number, not the other way: the work is the same for every number.
    return query
        with mine as materialized (
            select o.id, o.opened_at, t.id as report, t.tracking_number as number
            from muni.confidential_openings as o
            join muni.tickets as t on t.id = o.ticket_id and t.is_sensitive
            where
                o.opened_by = me.username
                and o.municipality_id = me.municipality_id
                and o.opened_at > clock_timestamp() - interval '15 minutes'
                and o.tx is distinct from pg_current_xact_id_if_assigned()
        )
        select m.id, m.report
        from mine as m
        where m.number = fresh_opening.tracking_number
        order by m.opened_at desc
        limit 1;
end
$$;
comment on function muni.fresh_opening(text) is
'One''s own opening of this report that is committed and fresh, and its ticket; no row otherwise, whatever the cause.';

create function muni._opened_ticket(opening uuid) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    ticket uuid;
begin
    select o.ticket_id into ticket
    from muni.confidential_openings as o
    where
        o.id = opening
        and o.opened_by = me.username
        and o.municipality_id = me.municipality_id
        and o.opened_at > clock_timestamp() - interval '15 minutes'
        and o.tx is distinct from pg_current_xact_id_if_assigned();
    if not found or me.role not in ('saps_liaison', 'admin') then
        raise exception 'this opening cannot be read by; open the report again' using errcode = '42501';
    end if;
    return ticket;
end
$$;
comment on function muni._opened_ticket(uuid) is
'The report of an opening that is committed, one''s own and fresh; a refusal otherwise.';

create function muni.read_confidential_report(
    opening uuid,
    out ticket_id uuid,
    out description text,
    out address text,
    out latitude double precision,
    out longitude double precision,
    out reporter_name text,
    out reporter_phone text,
    out safe_to_contact bool,
    out contact_instructions text,
    out suburb text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Asked first, here and below: in a condition it would not be asked where there is no row.
    opened uuid := muni._opened_ticket(opening);
begin
    select
        r.ticket_id, r.description, r.address, r.latitude, r.longitude, r.reporter_name,
        r.reporter_phone, r.safe_to_contact, r.contact_instructions, r.suburb
    into
        ticket_id, description, address, latitude, longitude, reporter_name,
        reporter_phone, safe_to_contact, contact_instructions, suburb
    from muni.confidential_reports as r
    where r.ticket_id = opened;
end
$$;
comment on function muni.read_confidential_report(uuid) is 'Narrative and contact details of an opened GBV report.';

create function muni.read_confidential_notes(opening uuid) returns table (seq int, note text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    opened uuid := muni._opened_ticket(opening);
begin
    return query
        select e.seq, n.note
        from muni.confidential_notes as n
        join muni.ticket_events as e on e.id = n.event_id and e.is_sensitive
        where n.ticket_id = opened
        order by e.seq;
end
$$;
comment on function muni.read_confidential_notes(uuid) is 'The notes and reasons on the timeline of an opened GBV report.';

create function muni.read_confidential_ticket(opening uuid) returns setof muni.tickets
language plpgsql stable security definer rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
    opened uuid := muni._opened_ticket(opening);
begin
    return query select t.* from muni.tickets as t where t.id = opened and t.is_sensitive;
end
$$;
comment on function muni.read_confidential_ticket(uuid) is
'The ticket of an opened GBV report, for an administrator, whose lists never hold it.';

create function muni.read_confidential_events(opening uuid) returns setof muni.ticket_events
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    opened uuid := muni._opened_ticket(opening);
begin
    return query
        select e.* from muni.ticket_events as e where e.ticket_id = opened and e.is_sensitive;
end
$$;
comment on function muni.read_confidential_events(uuid) is
'The timeline of an opened GBV report, for an administrator, whose reads never hold it.';

create function muni.read_confidential_reporters(opening uuid)
returns table (reporter_name text, reporter_phone text, language text, added_by name, added_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select r.reporter_name, r.reporter_phone, r.language, r.added_by, r.added_at
    from muni.reporters as r
    where r.ticket_id = muni._opened_ticket(opening) and r.is_sensitive
    order by r.added_at
$$;
comment on function muni.read_confidential_reporters(uuid) is 'Further people who reported what an opened GBV report is about.';
