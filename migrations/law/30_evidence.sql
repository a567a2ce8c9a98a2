-- History: one row an action, hash-chained per ticket. `_append` is its only writer.

-- What is hashed is canonical: nothing that a move behind the wall, another session's settings or an
-- anonymisation would change. The text itself is represented by its salted digest.
create function muni.event_digest(
    previous bytea,
    seq int,
    kind text,
    actor name,
    via text,
    at timestamptz,
    from_status text,
    to_status text,
    team_id int,
    assignee name,
    data jsonb,
    note_digest bytea
) returns bytea
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select sha256(
        previous || convert_to(
            jsonb_build_array(
                seq, kind, actor, via, (extract(epoch from at) * 1000000)::bigint, from_status, to_status,
                team_id, assignee, data, encode(note_digest, 'hex')
            )::text,
            'UTF8'
        )
    )
$$;
comment on function muni.event_digest(
    bytea, int, text, name, text, timestamptz, text, text, int, name, jsonb, bytea
) is 'The link of one event: sha256 over the link before it (sha256 of the ticket''s id for the first) and the event.';

create function muni._append(
    t muni.tickets,
    kind text,
    to_status text default null,
    team_id int default null,
    assignee name default null,
    note text default null,
    is_public bool default false,
    at timestamptz default clock_timestamp(),
    via text default 'console',
    actor name default session_user,
    data jsonb default null,
    changes_ticket bool default true
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
-- Else the key from event to ticket is planned anew for every event, which takes as long as all the rest.
set plan_cache_mode = force_generic_plan
as $$
declare
    event_id bigint;
    salt bytea := uuid_send(gen_random_uuid());
    digest bytea := case when _append.note is not null then sha256(salt || convert_to(_append.note, 'UTF8')) end;
    link bytea;
    before_status text := case when _append.to_status is not null and t.last_seq > 0 then t.status end;
    after_move muni.tickets := t;
begin
    -- Checked here, so that no constraint quotes the words in a log of the server.
    if length(_append.note) > 10000 then
        raise exception 'a note or reason has at most 10,000 characters' using errcode = '22023';
    end if;
    if _append.to_status is not null then
        after_move := muni._move_clocks(t, _append.to_status, _append.at);
    end if;
    if _append.kind = 'contacted' then
        after_move := muni._answer(after_move, _append.at);
    end if;
    event_id := case
        when t.is_sensitive then nextval('muni.ticket_events_sensitive_id')
        else nextval('muni.ticket_events_municipal_id')
    end;
    link := muni.event_digest(
        t.chain, t.last_seq + 1, _append.kind, _append.actor, _append.via, _append.at, before_status,
        _append.to_status, _append.team_id, _append.assignee, _append.data, digest
    );

    insert into muni.ticket_events (
        id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, from_status, to_status,
        team_id, assignee, data, note_digest, chain
    ) values (
        event_id, t.municipality_id, t.is_sensitive, t.id, t.last_seq + 1, _append.kind, _append.actor,
        _append.via, _append.at, before_status, _append.to_status, _append.team_id, _append.assignee,
        _append.data, digest, link
    );

    if _append.note is not null and t.is_sensitive then
        insert into muni.confidential_notes (event_id, ticket_id, municipality_id, salt, note)
        values (event_id, t.id, t.municipality_id, salt, _append.note);
    elsif _append.note is not null then
        insert into muni.ticket_notes (event_id, ticket_id, municipality_id, is_public, salt, note)
        values (event_id, t.id, t.municipality_id, _append.is_public, salt, _append.note);
    end if;

    update muni.tickets as x set
        chain = link,
        last_seq = t.last_seq + 1,
        version = x.version + case when _append.changes_ticket and t.last_seq > 0 then 1 else 0 end,
        updated_at = case when _append.changes_ticket then _append.at else x.updated_at end,
        status = after_move.status,
        first_responded_at = after_move.first_responded_at,
        resolved_at = after_move.resolved_at,
        paused_at = after_move.paused_at,
        pauses = after_move.pauses,
        escalated_at = after_move.escalated_at,
        escalation_reason = case
            when _append.kind = 'escalated' and not t.is_sensitive then _append.note else x.escalation_reason
        end,
        sla_resolution_deadline = after_move.sla_resolution_deadline,
        sla_resolution_warning_at = after_move.sla_resolution_warning_at,
        sla_response_breached_at = after_move.sla_response_breached_at,
        sla_resolution_breached_at = after_move.sla_resolution_breached_at,
        assigned_team_id = case
            when _append.kind in ('assigned', 'unassigned') then _append.team_id else x.assigned_team_id
        end,
        assigned_to = case
            when _append.kind in ('assigned', 'unassigned') then _append.assignee else x.assigned_to
        end
    where x.id = t.id and x.is_sensitive = t.is_sensitive;
    return event_id;
end
$$;
comment on function muni._append(
    muni.tickets, text, text, int, name, text, bool, timestamptz, text, name, jsonb, bool
) is 'Appends one event to a ticket its caller has locked and checked, and brings the ticket along; the event''s id.';
