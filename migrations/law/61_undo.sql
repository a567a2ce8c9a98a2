-- An assignment is taken back by whoever made it, within five minutes, by an event like any other; and what
-- assigning would do is told beforehand.

create function muni._undo(t muni.tickets, me muni.operators, event bigint) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Those after which a ticket is with whom they say.
    kinds constant text [] := array['assigned', 'unassigned', 'marked_sensitive'];
    last record;
    before record;
    because jsonb;
begin
    select e.id, e.seq, e.actor, e.at into last
    from muni.ticket_events as e
    where e.ticket_id = t.id and e.is_sensitive = t.is_sensitive and e.kind = any(kinds)
    order by e.seq desc
    limit 1;
    if last.id is distinct from _undo.event then
        raise exception 'the ticket was assigned anew since' using errcode = 'MU001';
    end if;
    if last.actor <> me.username then
        raise exception 'an assignment is taken back by who made it' using errcode = '22023';
    end if;
    if last.at < clock_timestamp() - interval '5 minutes' then
        raise exception 'an assignment is taken back within five minutes; assign the ticket anew'
            using errcode = '22023';
    end if;
    select e.team_id, e.assignee into before
    from muni.ticket_events as e
    where
        e.ticket_id = t.id and e.is_sensitive = t.is_sensitive and e.kind = any(kinds) and e.seq < last.seq
    order by e.seq desc
    limit 1;
    because := jsonb_build_object('undoes', last.seq);
    if before.team_id is null then
        return muni._append(t, 'unassigned', data => because);
    end if;
    return muni._give(t, before.team_id, before.assignee, data => because);
end
$$;
comment on function muni._undo(muni.tickets, muni.operators, bigint) is
'Gives a locked ticket back to the team and person it was with before its last assignment, as long as they may have it; the event''s id.';

create function muni.undo_assignment(id uuid, event bigint, attempt uuid default null) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    done bigint := muni._begin_attempt(undo_assignment.attempt, 'undo_assignment', undo_assignment.id);
    t muni.tickets;
begin
    if done is not null then
        return done;
    end if;
    t := muni._ticket_for_write(undo_assignment.id, null, me);
    return muni._end_attempt(undo_assignment.attempt, muni._undo(t, me, undo_assignment.event)::text);
end
$$;
comment on function muni.undo_assignment(uuid, bigint, uuid) is
'Takes one''s own assignment of a ticket back within five minutes, as long as it is the last; the event''s id.';

create function muni.propose_team(id uuid, out team_id int, out team_name text, out route jsonb)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    t muni.tickets := muni._ticket_for_write(propose_team.id, null, muni._actor());
begin
    select r.team_id, r.route, tm.name into team_id, route, team_name
    from muni._route(array[t.id], t.is_sensitive) as r
    left join muni.teams as tm on tm.id = r.team_id;
end
$$;
comment on function muni.propose_team(uuid) is
'The team a ticket would go to if it were routed now, and why; changes nothing.';
