-- Working time as a number line: for each window of a calendar, what had been worked before it opened. The
-- place of an instant on that line, and the instant of a place, are one look-up each. Microseconds.

create function muni._microseconds(length interval) returns bigint
language sql immutable parallel safe
as $$
    -- In seconds: a day of 24 hours, whatever clock change the caller's time zone has in between.
    select (extract(epoch from length) * 1000000)::bigint
$$;
comment on function muni._microseconds(interval) is 'A length of time; a day is 24 hours.';

create function muni._after(start timestamptz, microseconds bigint) returns timestamptz
language sql immutable parallel safe
as $$
    select start + microseconds * interval '1 microsecond'
$$;
comment on function muni._after(timestamptz, bigint) is 'The instant so many microseconds later.';

create function muni._position(of_calendar int, at timestamptz) returns bigint
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        -- Without a calendar the line is time itself.
        when of_calendar is null then muni._microseconds(at - 'epoch'::timestamptz)
        else coalesce(
            (
                select s.worked_before + muni._microseconds(least(at, s.closes_at) - s.opens_at)
                from muni.calendar_spans as s
                where s.calendar_id = of_calendar and s.opens_at <= at
                order by s.opens_at desc
                limit 1
            ),
            (
                select s.worked_before
                from muni.calendar_spans as s
                where s.calendar_id = of_calendar
                order by s.opens_at
                limit 1
            ),
            0
        )
    end
$$;
comment on function muni._position(int, timestamptz) is
'What a calendar has worked up to an instant, in microseconds from an arbitrary zero; the spans around it are known.';

-- Written to be inlined, also into a statement over many tickets: SQL, stable, nothing set.
create function muni._look_up(line int, place bigint) returns table (at timestamptz)
language sql stable parallel safe
as $$
    -- Rule 3: what is reached at closing time is reached then, not when it opens again.
    select case
        when muni._after(s.opens_at, place - s.worked_before) <= s.closes_at
            then muni._after(s.opens_at, place - s.worked_before)
    end
    from muni.calendar_spans as s
    where s.calendar_id = line and s.worked_before < place
    order by s.worked_before desc
    limit 1
$$;
comment on function muni._look_up(int, bigint) is
'The earliest instant at which a calendar with windows has worked so much; null or no row outside those that are known.';

create function muni._instant(of_calendar int, place bigint) returns timestamptz
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when of_calendar is null then muni._after('epoch'::timestamptz, place)
        else (select l.at from muni._look_up(of_calendar, place) as l)
    end
$$;
comment on function muni._instant(int, bigint) is
'The earliest instant at which a calendar has worked so much; null outside the windows that are known.';

create function muni._local_times(zone text, first_at timestamptz, end_at timestamptz)
returns table (starts_at timestamptz, ends_at timestamptz, ahead interval)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive samples as (
        select s.at, s.at at time zone zone - s.at at time zone 'UTC' as ahead
        from (
            select g.at
            from generate_series(first_at, end_at, interval '24 hours') as g (at)
            union
            select end_at
        ) as s
    ),

    -- Between two days that differ the clocks were changed: halved until the second is found.
    halves (low, high, ahead) as (
        select d.at, d.next_at, d.ahead
        from (
            select
                s.at, s.ahead,
                lead(s.at) over (order by s.at) as next_at,
                lead(s.ahead) over (order by s.at) as next_ahead
            from samples as s
        ) as d
        where d.ahead <> d.next_ahead
        union all
        select
            case when x.is_before then m.at else h.low end,
            case when x.is_before then h.high else m.at end,
            h.ahead
        from halves as h
        cross join lateral (select h.low + date_trunc('second', (h.high - h.low) / 2) as at) as m
        cross join lateral (
            select m.at at time zone zone - m.at at time zone 'UTC' = h.ahead as is_before
        ) as x
        where h.high - h.low > interval '1 second'
    )

    select c.at, lead(c.at, 1, end_at) over (order by c.at), c.at at time zone zone - c.at at time zone 'UTC'
    from (
        select first_at as at
        where first_at < end_at
        union
        select h.high
        from halves as h
        where h.high - h.low = interval '1 second' and h.high < end_at
    ) as c
$$;
comment on function muni._local_times(text, timestamptz, timestamptz) is
'How far a zone''s clocks are ahead of UTC between two instants (whole seconds), from one clock change to the next.';

create function muni._windows(c muni.calendars, first_at timestamptz, end_at timestamptz)
returns table (opens_at timestamptz, closes_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    -- It works whenever the clock on the wall says so: an hour that a clock change repeats is worked twice,
    -- one that it leaves out is not worked.
    select greatest(x.opens_at, z.starts_at), least(x.closes_at, z.ends_at)
    from muni._local_times(c.time_zone, first_at, end_at) as z
    cross join lateral generate_series(
        z.starts_at at time zone 'UTC' + z.ahead, z.ends_at at time zone 'UTC' + z.ahead + interval '1 day',
        interval '1 day'
    ) as d (at)
    join muni.calendar_windows as w
        on w.calendar_id = c.id and w.weekday = extract(isodow from d.at)
    cross join lateral (
        select
            (d.at::date + w.opens_at - z.ahead) at time zone 'UTC' as opens_at,
            (d.at::date + w.closes_at - z.ahead) at time zone 'UTC' as closes_at
    ) as x
    where
        x.opens_at < z.ends_at
        and x.closes_at > z.starts_at
        and not exists (
            select from muni.calendar_holidays as h
            where h.calendar_id = c.id and h.day = d.at::date
        )
$$;
comment on function muni._windows(muni.calendars, timestamptz, timestamptz) is
'The windows of a calendar between two instants, holidays left out.';

create function muni._known(c muni.calendars, out first_day date, out end_day date)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(c.holidays_from, '1900-01-01'), coalesce(c.holidays_until, '2200-01-01')
$$;
comment on function muni._known(muni.calendars) is
'From which local day, and to before which, a calendar is known: as far as its public holidays.';

create function muni._cover(of_calendar int, first_day date, end_day date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c muni.calendars;
    known record;
    first_at timestamptz;
    end_at timestamptz;
    zero bigint;
begin
    -- Locked: whoever else needs more of it waits, and finds it made.
    select x.* into c from muni.calendars as x where x.id = of_calendar for no key update;
    if c.is_always then
        return;
    end if;
    known := muni._known(c);
    if _cover.first_day < known.first_day or _cover.end_day > known.end_day then
        raise exception
            'the calendar "%" is known from % to % only', c.name, known.first_day, known.end_day - 1
            using errcode = '22023';
    end if;
    first_at := _cover.first_day::timestamp at time zone c.time_zone;
    end_at := _cover.end_day::timestamp at time zone c.time_zone;
    c.spans_from := coalesce(c.spans_from, first_at);
    c.spans_until := coalesce(c.spans_until, first_at);

    if end_at > c.spans_until then
        zero := muni._position(c.id, c.spans_until);
        insert into muni.calendar_spans (calendar_id, opens_at, closes_at, worked_before)
        select
            c.id, w.opens_at, w.closes_at,
            zero + sum(muni._microseconds(w.closes_at - w.opens_at)) over (order by w.opens_at)
            - muni._microseconds(w.closes_at - w.opens_at)
        from muni._windows(c, c.spans_until, end_at) as w;
    end if;
    if first_at < c.spans_from then
        zero := muni._position(c.id, c.spans_from);
        insert into muni.calendar_spans (calendar_id, opens_at, closes_at, worked_before)
        select
            c.id, w.opens_at, w.closes_at,
            zero - sum(muni._microseconds(w.closes_at - w.opens_at)) over (order by w.opens_at desc)
        from muni._windows(c, first_at, c.spans_from) as w;
    end if;
    update muni.calendars as x set
        spans_from = least(first_at, c.spans_from),
        spans_until = greatest(end_at, c.spans_until)
    where x.id = c.id;
end
$$;
comment on function muni._cover(int, date, date) is
'Makes the windows of a calendar known from one local day to before another, and whatever lies between those and the ones it has.';

create function muni._cover_instants(of_calendar int, first_at timestamptz, last_at timestamptz) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c muni.calendars;
    known record;
    first_day date;
    last_day date;
begin
    select x.* into c from muni.calendars as x where x.id = of_calendar;
    if c.is_always or (first_at >= c.spans_from and last_at < c.spans_until) then
        return;
    end if;
    first_day := (first_at at time zone c.time_zone)::date;
    last_day := (last_at at time zone c.time_zone)::date;
    -- A month more on each side than was asked for, where it is known: the next one seldom asks again.
    known := muni._known(c);
    perform muni._cover(
        c.id,
        least(first_day, greatest(first_day - 31, known.first_day)),
        greatest(last_day + 1, least(last_day + 32, known.end_day))
    );
end
$$;
comment on function muni._cover_instants(int, timestamptz, timestamptz) is
'Makes sure that the windows around two instants are known.';

create function muni._reach(
    of_calendar int, start timestamptz, target bigint, pauses tstzmultirange default '{}'
) returns timestamptz
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c muni.calendars;
    -- Of a calendar that works always the line is time itself.
    line int;
    place bigint;
    pause tstzrange;
    pause_from bigint;
    last_day date;
    end_day date;
    reached timestamptz;
begin
    if of_calendar is not null then
        select x.* into c from muni.calendars as x where x.id = of_calendar;
        if not c.is_always then
            line := c.id;
            perform muni._cover_instants(c.id, start, greatest(start, upper(pauses)));
        end if;
    end if;
    place := muni._position(line, start) + target;
    for pause in select p.p from unnest(pauses) as p (p) where upper(p.p) > start order by p.p loop
        pause_from := muni._position(line, greatest(lower(pause), start));
        -- What begins when the target has been reached has nothing left to move.
        exit when pause_from >= place;
        place := place + muni._position(line, upper(pause)) - pause_from;
    end loop;
    loop
        reached := muni._instant(line, place);
        exit when reached is not null or place is null;
        -- As much again as there is, a year at the least, and not beyond what is known.
        select x.* into c from muni.calendars as x where x.id = of_calendar;
        last_day := (c.spans_until at time zone c.time_zone)::date;
        end_day := (muni._known(c)).end_day;
        if last_day >= end_day then
            raise exception
                'the calendar "%" does not work so long: it is known until % only', c.name, end_day - 1
                using errcode = '22023';
        end if;
        perform muni._cover(
            c.id,
            (c.spans_from at time zone c.time_zone)::date,
            least(end_day, last_day + greatest(366, extract(day from c.spans_until - c.spans_from)::int))
        );
    end loop;
    return reached;
end
$$;
comment on function muni._reach(int, timestamptz, bigint, tstzmultirange) is
'The earliest instant at which a calendar has worked so many microseconds since the start, pauses left out (rules 3 and 5).';

create function muni._worked(
    of_calendar int, start timestamptz, finish timestamptz, pauses tstzmultirange default '{}'
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    line int := (select x.id from muni.calendars as x where x.id = of_calendar and not x.is_always);
    part tstzrange;
    worked bigint := 0;
begin
    if finish <= start then
        return 0;
    end if;
    if line is not null then
        perform muni._cover_instants(line, start, finish);
    end if;
    for part in
        select p.p
        from unnest(tstzmultirange(tstzrange(start, finish)) - pauses) as p (p)
    loop
        worked := worked + muni._position(line, upper(part)) - muni._position(line, lower(part));
    end loop;
    return worked;
end
$$;
comment on function muni._worked(int, timestamptz, timestamptz, tstzmultirange) is
'What a calendar works between two instants, pauses left out, in microseconds.';
