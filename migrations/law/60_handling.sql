-- Work on a ticket. Each function locks, checks, appends one event. An `attempt` that is sent again is
-- answered as before, whatever the ticket has become meanwhile.

create function muni._ticket_for_write(ticket uuid, expected_version int, me muni.operators) returns muni.tickets
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    t muni.tickets;
begin
    -- A row that moved behind the wall while we waited is gone from where we look: the ordinary refusal.
    select x.* into t
    from muni.tickets as x
    where
        x.id = ticket
        and x.municipality_id = me.municipality_id
        and x.is_sensitive = (me.role = 'saps_liaison')
    for update;
    if not found and me.role = 'admin' then
        select x.* into t
        from muni.tickets as x
        where
            x.id = ticket
            and x.municipality_id = me.municipality_id
            and x.is_sensitive
            and muni._has_opened(x.id)
        for update;
    end if;
    if not found then
        perform muni._deny();
    end if;
    if expected_version is not null and expected_version <> t.version then
        raise exception 'the ticket changed since it was read (version % then, % now)', expected_version, t.version
            using errcode = 'MU001';
    end if;
    return t;
end
$$;
comment on function muni._ticket_for_write(uuid, int, muni.operators) is
'Locks a ticket this operator may act on and returns it; the refusal otherwise, MU001 when it changed.';

create function muni._move(t muni.tickets, me muni.operators, to_status text, note text) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    allowed text [];
begin
    select s.roles into allowed
    from muni.status_transitions as s
    where s.from_status = t.status and s.to_status = _move.to_status;
    if not found then
        raise exception 'a ticket cannot go from % to %', t.status, coalesce(_move.to_status, 'nothing')
            using errcode = '22023';
    end if;
    if me.role <> all (allowed) then
        raise exception 'only % may take a ticket from % to %',
            array_to_string(allowed, ', '), t.status, _move.to_status
            using errcode = '42501';
    end if;
    return muni._append(
        t, 'status_changed', to_status => _move.to_status, note => nullif(btrim(_move.note), '')
    );
end
$$;
comment on function muni._move(muni.tickets, muni.operators, text, text) is
'Moves a locked ticket along status_transitions; the event''s id.';

create function muni.change_status(
    id uuid, to_status text, note text default null, expected_version int default null,
    attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(change_status.attempt, 'change_status', change_status.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(change_status.id, change_status.expected_version, me);
    return muni._end_attempt(
        change_status.attempt, muni._move(t, me, change_status.to_status, change_status.note)::text
    );
end
$$;
comment on function muni.change_status(uuid, text, text, int, uuid) is 'Moves a ticket along status_transitions; the event''s id.';

create function muni._keeper(t muni.tickets, username name) returns muni.operators
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    person muni.operators;
begin
    select o.* into person
    from muni.operators as o
    where
        o.username = _keeper.username
        and o.municipality_id = t.municipality_id
        and o.is_active
        and o.is_saps = t.is_sensitive;
    if not found and _keeper.username is not null then
        raise exception 'no active colleague % can be given this ticket', _keeper.username
            using errcode = '22023';
    end if;
    return person;
end
$$;
comment on function muni._keeper(muni.tickets, name) is
'The person by name if they may have this ticket, null for null; a sentence otherwise.';

create function muni._give(
    t muni.tickets, team_id int, assignee name, reason text default null, data jsonb default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    team muni.teams;
    person muni.operators := muni._keeper(t, _give.assignee);
begin
    select x.* into team
    from muni.teams as x
    where x.id = _give.team_id and x.municipality_id = t.municipality_id and x.is_active;
    if not found then
        raise exception 'there is no such active team' using errcode = '22023';
    end if;
    if team.is_saps <> t.is_sensitive then
        raise exception 'GBV reports go to SAPS teams, and nothing else does' using errcode = '22023';
    end if;
    if person.team_id is distinct from team.id and person.role in ('operator', 'saps_liaison') then
        raise exception '% is not in team %', person.full_name, team.name using errcode = '22023';
    end if;
    return muni._append(
        t,
        'assigned',
        team_id => team.id,
        assignee => _give.assignee,
        note => nullif(btrim(_give.reason), ''),
        data => _give.data
    );
end
$$;
comment on function muni._give(muni.tickets, int, name, text, jsonb) is
'Gives a locked ticket to a team and, if named, a person who may have it; the event''s id.';

create function muni._assign(t muni.tickets, team_id int, assignee name, reason text) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    wanted_team int := _assign.team_id;
    because jsonb;
begin
    if _assign.assignee is not null then
        wanted_team := coalesce(wanted_team, (muni._keeper(t, _assign.assignee)).team_id, t.assigned_team_id);
    end if;
    if wanted_team is null then
        select r.team_id, jsonb_build_object('route', r.route) into wanted_team, because
        from muni._route(array[t.id], t.is_sensitive) as r;
        if wanted_team is null then
            raise exception 'no active team takes % reports; name a team', t.category using errcode = '22023';
        end if;
    end if;
    return muni._give(t, wanted_team, _assign.assignee, _assign.reason, because);
end
$$;
comment on function muni._assign(muni.tickets, int, name, text) is
'Gives a locked ticket to a team and, if named, a person; without a team to the person''s, else it is routed. The event''s id.';

create function muni.assign_ticket(
    id uuid,
    team_id int default null,
    assignee name default null,
    reason text default null,
    expected_version int default null,
    attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(assign_ticket.attempt, 'assign_ticket', assign_ticket.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(assign_ticket.id, assign_ticket.expected_version, me);
    return muni._end_attempt(
        assign_ticket.attempt,
        muni._assign(t, assign_ticket.team_id, assign_ticket.assignee, assign_ticket.reason)::text
    );
end
$$;
comment on function muni.assign_ticket(uuid, int, name, text, int, uuid) is
'Gives a ticket to a team and, if named, a person; without either it is routed. The event''s id.';

create function muni.take_ticket(id uuid, attempt uuid default null) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(take_ticket.attempt, 'take_ticket', take_ticket.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(take_ticket.id, null, me);
    if t.assigned_to is not null then
        raise exception 'the ticket is with somebody already' using errcode = '22023';
    end if;
    if
        me.role in ('operator', 'saps_liaison')
        and (me.team_id is null or t.assigned_team_id is distinct from me.team_id)
    then
        raise exception 'the ticket is not with your team' using errcode = '22023';
    end if;
    -- Nobody in a municipal role carries a GBV report, opening or not.
    if t.is_sensitive and me.role <> 'saps_liaison' then
        perform muni._deny();
    end if;
    return muni._end_attempt(
        take_ticket.attempt,
        muni._append(t, 'assigned', team_id => t.assigned_team_id, assignee => me.username)::text
    );
end
$$;
comment on function muni.take_ticket(uuid, uuid) is 'Gives an unassigned ticket of the own team to oneself; the event''s id.';

create function muni._note(t muni.tickets, note text, is_public bool) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(_note.note, '') !~ '\S' then
        raise exception 'a note needs words' using errcode = '22023';
    end if;
    return muni._append(
        t, 'noted', note => btrim(_note.note), is_public => coalesce(_note.is_public, false)
    );
end
$$;
comment on function muni._note(muni.tickets, text, bool) is 'Adds a note to a locked ticket; the event''s id.';

create function muni.add_note(
    id uuid, note text, is_public bool default false, attempt uuid default null
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(add_note.attempt, 'add_note', add_note.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(add_note.id, null, me);
    return muni._end_attempt(add_note.attempt, muni._note(t, add_note.note, add_note.is_public)::text);
end
$$;
comment on function muni.add_note(uuid, text, bool, uuid) is 'Adds a note to a ticket; the event''s id.';
