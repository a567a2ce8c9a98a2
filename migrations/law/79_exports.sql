-- Tickets leave for a file. That they do is written into the audit log, and committed, before the first of them
-- is read, and how many there were afterwards. They are counted here and not by whoever writes the file.

create function muni.begin_export(filter jsonb, format text) returns uuid
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    export uuid;
begin
    if (jsonb_typeof(begin_export.filter) = 'object') is not true then
        raise exception 'an export says which tickets it is about' using errcode = '22023';
    end if;
    if length(begin_export.filter::text) > 4000 then
        raise exception 'a filter has at most 4,000 characters' using errcode = '22023';
    end if;
    if (begin_export.format in ('csv', 'jsonl')) is not true then
        raise exception 'an export is written as csv or jsonl' using errcode = '22023';
    end if;
    -- Whoever was cut off does not go on with it.
    delete from muni.exports as x
    where x.author = me.username and x.begun_at < clock_timestamp() - interval '1 day';
    insert into muni.exports (author) values (me.username) returning id into export;
    perform muni._audit(
        me.municipality_id, 'exported', 'tickets',
        jsonb_build_object(
            'export', export, 'state', 'begun', 'format', begin_export.format, 'filter', begin_export.filter
        )
    );
    return export;
end
$$;
comment on function muni.begin_export(jsonb, text) is
'Writes into the audit log that tickets of a filter are exported, and as what; the export, by which they are read once this is committed.';

create function muni._no_export() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'no export of yours has begun under this number' using errcode = '42501';
end
$$;

create function muni.count_exported(export uuid, tickets uuid []) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    counted bigint;
begin
    -- Not in the transaction that begins it, which a rollback would take out of the audit log.
    update muni.exports as x set tickets = x.tickets + coalesce(cardinality(count_exported.tickets), 0)
    where
        x.id = count_exported.export
        and x.author = me.username
        and x.tx is distinct from pg_current_xact_id_if_assigned()
    returning x.tickets into counted;
    if counted is null then
        perform muni._no_export();
    end if;
    return counted;
end
$$;
comment on function muni.count_exported(uuid, uuid []) is
'Counts tickets that are read for one''s own export; how many there are so far. Refused where none has begun in an earlier transaction.';

create function muni.end_export(export uuid, is_complete bool) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
    counted bigint;
begin
    delete from muni.exports as x
    where x.id = end_export.export and x.author = me.username
    returning x.tickets into counted;
    if counted is null then
        perform muni._no_export();
    end if;
    perform muni._audit(
        me.municipality_id, 'exported', 'tickets',
        jsonb_build_object(
            'export', end_export.export,
            'state', case when end_export.is_complete then 'completed' else 'interrupted' end,
            'tickets', counted
        )
    );
    return counted;
end
$$;
comment on function muni.end_export(uuid, bool) is
'Writes into the audit log how many tickets were read for one''s own export and whether it came to its end; how many.';
