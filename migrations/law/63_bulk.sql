-- Many tickets at once: each is locked, checked and changed as if it came alone, one answer each.

create function muni._tell_of_each(
    me muni.operators, action text, ids uuid [], facts bigint [], given jsonb, atomic bool
) returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    is_saps constant bool := me.role = 'saps_liaison';
    many constant int := cardinality(ids);
    states text [] := array_fill(null::text, array[many]);
    sentences text [] := array_fill(null::text, array[many]);
    events bigint [] := array_fill(null::bigint, array[many]);
    teams int [] := array_fill(null::int, array[many]);
    reasons jsonb [] := array_fill(null::jsonb, array[many]);
    item record;
    t muni.tickets;
begin
    -- In one order whoever asks: two that wait for each other there cannot be.
    for item in
        select n.id, n.fact, n.place from unnest(ids, facts) with ordinality as n (id, fact, place) order by n.id
    loop
        begin
            t := muni._ticket_for_write(
                item.id, case when action in ('assign_tickets', 'change_statuses') then item.fact end::int, me
            );
            -- What an administrator has opened is worked on by itself.
            if t.is_sensitive <> is_saps then
                perform muni._deny();
            end if;
        exception
            when sqlstate '42501' or sqlstate 'MU001' then
                states[item.place] := sqlstate;
                sentences[item.place] := sqlerrm;
        end;
    end loop;

    if action = 'assign_tickets' and given ->> 'team_id' is null and given ->> 'assignee' is null then
        for item in
            select n.place, r.team_id, r.route
            from muni._route(
                array(
                    select n.id from unnest(ids, states) with ordinality as n (id, state, place)
                    where n.state is null
                    order by n.place
                ),
                is_saps
            ) as r
            join unnest(ids) with ordinality as n (id, place) on n.id = r.ticket_id
            where r.team_id is not null
        loop
            teams[item.place] := item.team_id;
            reasons[item.place] := jsonb_build_object('route', item.route);
        end loop;
    end if;

    begin
        for place in 1 .. many loop
            continue when states[place] is not null;
            begin
                select x.* into t from muni.tickets as x where x.id = ids[place] and x.is_sensitive = is_saps;
                events[place] := case
                    when action = 'change_statuses' then muni._move(t, me, given ->> 'to_status', given ->> 'note')
                    when action = 'add_notes' then muni._note(t, given ->> 'note', (given ->> 'is_public')::bool)
                    when action = 'undo_assignments' then muni._undo(t, me, facts[place])
                    when teams[place] is not null
                        then muni._give(t, teams[place], null, given ->> 'reason', reasons[place])
                    else muni._assign(t, (given ->> 'team_id')::int, given ->> 'assignee', given ->> 'reason')
                end;
            exception
                when sqlstate '42501' or sqlstate '22023' or sqlstate 'MU001' then
                    states[place] := sqlstate;
                    sentences[place] := sqlerrm;
            end;
        end loop;
        if atomic and array_remove(states, null) <> '{}' then
            raise exception 'nothing was changed, since not all of them could be' using errcode = 'MU002';
        end if;
    exception
        when sqlstate 'MU002' then
            events := '{}';
            states := array(select coalesce(n.state, sqlstate) from unnest(states) with ordinality as n (state, place) order by n.place);
            sentences := array(select coalesce(n.said, sqlerrm) from unnest(sentences) with ordinality as n (said, place) order by n.place);
    end;

    return (
        select jsonb_agg(
            jsonb_build_object(
                'id', n.id, 'event', events[n.place], 'sqlstate', states[n.place], 'sentence', sentences[n.place]
            )
            order by n.place
        )
        from unnest(ids) with ordinality as n (id, place)
    );
end
$$;
comment on function muni._tell_of_each(muni.operators, text, uuid [], bigint [], jsonb, bool) is
'Does one action on each of these tickets of the operator''s side of the wall; an answer each, in their order. A subtransaction each, and with `atomic` all or none.';

create function muni._in_bulk(
    action text, ids uuid [], facts bigint [], given jsonb, atomic bool, attempt uuid
) returns table (id uuid, event bigint, sqlstate text, sentence text)
language plpgsql security definer rows 100
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    told text;
begin
    if coalesce(cardinality(ids), 0) not between 1 and 500 then
        raise exception '1 to 500 tickets are changed at once' using errcode = '22023';
    end if;
    if cardinality(ids) <> (select count(distinct n.id) from unnest(ids) as n (id)) then
        raise exception 'each ticket is named once' using errcode = '22023';
    end if;
    told := muni._begin_attempt(_in_bulk.attempt, action);
    if told is null then
        told := muni._end_attempt(
            _in_bulk.attempt,
            coalesce(muni._tell_of_each(me, action, ids, facts, given, coalesce(atomic, false)), '[]')::text
        );
    end if;
    return query
        select r.id, r.event, r.sqlstate, r.sentence
        from jsonb_to_recordset(told::jsonb) as r (id uuid, event bigint, sqlstate text, sentence text);
end
$$;
comment on function muni._in_bulk(text, uuid [], bigint [], jsonb, bool, uuid) is
'One action on at most 500 tickets: a row each with the event''s id, or the code and the sentence of why not. An attempt that is sent again is answered as before.';

create function muni.assign_tickets(
    ids uuid [],
    versions int [] default null,
    team_id int default null,
    assignee name default null,
    reason text default null,
    atomic bool default false,
    attempt uuid default null
) returns table (id uuid, event bigint, sqlstate text, sentence text)
language sql security definer rows 100
set search_path = pg_catalog, pg_temp
as $$
    select r.*
    from muni._in_bulk(
        'assign_tickets', ids, versions::bigint [],
        jsonb_build_object('team_id', assign_tickets.team_id, 'assignee', assignee, 'reason', reason), atomic, attempt
    ) as r
$$;
comment on function muni.assign_tickets(uuid [], int [], int, name, text, bool, uuid) is
'assign_ticket for many: a row each with the event''s id, or the code and the sentence of why not; `atomic`: all or none. Routed, each counts for the next.';

create function muni.change_statuses(
    ids uuid [],
    versions int [],
    to_status text,
    note text default null,
    atomic bool default false,
    attempt uuid default null
) returns table (id uuid, event bigint, sqlstate text, sentence text)
language sql security definer rows 100
set search_path = pg_catalog, pg_temp
as $$
    select r.*
    from muni._in_bulk(
        'change_statuses', ids, versions::bigint [], jsonb_build_object('to_status', to_status, 'note', note), atomic,
        attempt
    ) as r
$$;
comment on function muni.change_statuses(uuid [], int [], text, text, bool, uuid) is
'change_status for many: a row each with the event''s id, or the code and the sentence of why not; `atomic`: all or none.';

create function muni.add_notes(
    ids uuid [], note text, is_public bool default false, atomic bool default false, attempt uuid default null
) returns table (id uuid, event bigint, sqlstate text, sentence text)
language sql security definer rows 100
set search_path = pg_catalog, pg_temp
as $$
    select r.*
    from muni._in_bulk(
        'add_notes', ids, null, jsonb_build_object('note', note, 'is_public', is_public), atomic, attempt
    ) as r
$$;
comment on function muni.add_notes(uuid [], text, bool, bool, uuid) is
'add_note for many, with the same words: a row each with the event''s id, or the code and the sentence of why not; `atomic`: all or none.';

create function muni.undo_assignments(ids uuid [], events bigint [], attempt uuid default null)
returns table (id uuid, event bigint, sqlstate text, sentence text)
language sql security definer rows 100
set search_path = pg_catalog, pg_temp
as $$
    select r.* from muni._in_bulk('undo_assignments', ids, undo_assignments.events, '{}', false, attempt) as r
$$;
comment on function muni.undo_assignments(uuid [], bigint [], uuid) is
'undo_assignment for many: a row each with the event''s id, or the code and the sentence of why not.';
