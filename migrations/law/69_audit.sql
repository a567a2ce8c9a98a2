-- The audit log: what was done to people, teams and rules, hash-chained per municipality.

create function muni.audit_digest(
    previous bytea, seq int, at timestamptz, actor name, kind text, subject text, data jsonb
) returns bytea
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select sha256(
        previous || convert_to(
            jsonb_build_array(seq, (extract(epoch from at) * 1000000)::bigint, actor, kind, subject, data)::text,
            'UTF8'
        )
    )
$$;
comment on function muni.audit_digest(bytea, int, timestamptz, name, text, text, jsonb) is
'The link of one line: sha256 over the link before it (sha256 of the municipality''s code for the first) and the line.';

create function muni._audit(of_municipality int, kind text, subject text, data jsonb default '{}') returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    m muni.municipalities;
    moment timestamptz := clock_timestamp();
    link bytea;
begin
    select x.* into m from muni.municipalities as x where x.id = of_municipality for no key update;
    link := muni.audit_digest(
        coalesce(m.audit_chain, sha256(convert_to(m.code, 'UTF8'))), m.audit_seq + 1, moment, session_user,
        _audit.kind, _audit.subject, _audit.data
    );
    insert into muni.audit_log (municipality_id, seq, at, actor, kind, subject, data, chain)
    values (m.id, m.audit_seq + 1, moment, session_user, _audit.kind, _audit.subject, _audit.data, link);
    update muni.municipalities as x set audit_seq = m.audit_seq + 1, audit_chain = link where x.id = m.id;
end
$$;
comment on function muni._audit(int, text, text, jsonb) is 'Appends a line to the municipality''s audit log.';
