-- Work that any console or worker may do, once a municipality: who takes it, and what is said of it.

create function muni._sweeper() returns muni.operators
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The worker has no desk; whoever has one is asked like for everything else.
    if
        pg_has_role(session_user, 'muni_worker', 'member')
        and not exists (select from muni.operators as o where o.username = session_user)
    then
        return null;
    end if;
    return muni._actor();
end
$$;
comment on function muni._sweeper() is 'The operator whose console does a job of the house; null for the worker.';

create function muni._take_job(wanted text, fresh interval) returns muni.jobs
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    taken muni.jobs;
begin
    insert into muni.jobs (municipality_id, name)
    select m.id, wanted
    from muni.municipalities as m
    where not exists (select from muni.jobs as j where j.municipality_id = m.id and j.name = wanted)
    order by m.id
    on conflict do nothing;
    select j.* into taken
    from muni.jobs as j
    where j.name = wanted and (j.done_at is null or j.done_at <= clock_timestamp() - fresh)
    order by j.done_at nulls first, j.municipality_id
    limit 1
    for update skip locked;
    return taken;
end
$$;
comment on function muni._take_job(text, interval) is
'One municipality''s job that nobody has done for so long and nobody does now, locked until the end of the transaction; null when there is none.';

create function muni._end_job(job muni.jobs, me muni.operators, outcome jsonb, is_done bool default true) returns text
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update muni.jobs as j set
        done_at = case when is_done then clock_timestamp() else j.done_at end,
        -- Who sits elsewhere, or at the station, is not for colleagues here to know.
        done_by = case
            when not is_done then j.done_by
            when me.username is null then 'worker'
            when me.municipality_id = j.municipality_id and me.role <> 'saps_liaison' then me.username
            else 'another console'
        end,
        result = outcome
    where j.municipality_id = job.municipality_id and j.name = job.name;
    -- Nor is what happens here for whoever works elsewhere.
    select m.code
    from muni.municipalities as m
    where
        m.id = job.municipality_id
        and (me.username is null or (me.municipality_id = m.id and me.role <> 'saps_liaison'))
$$;
comment on function muni._end_job(muni.jobs, muni.operators, jsonb, bool) is
'Writes when a job was done, by whom as colleagues may know it, and what came of it; the municipality''s code for whoever may know that.';
