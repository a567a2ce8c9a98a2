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
    select start + make_interval(secs => microseconds / 1000000.0)
$$;
comment on function muni._after(timestamptz, bigint) is 'The instant so many microseconds later.';

create function muni._position(of_calendar int, at timestamptz) returns bigint
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    -- Without a calendar the line is time itself.
    select case
        when of_calendar is null then muni._microseconds(at - 'epoch'::timestamptz)
        else (
            select s.worked_before + muni._microseconds(least(at, s.closes_at) - s.opens_at)
            from muni.calendar_spans as s
            where s.calendar_id = of_calendar and s.opens_at <= at
            order by s.opens_at desc
            limit 1
        )
    end
$$;
comment on function muni._position(int, timestamptz) is
'What a calendar has worked up to an instant, in microseconds from an arbitrary zero; null before its first window.';

create function muni._zero(of_calendar int) returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select s.worked_before
    from muni.calendar_spans as s
    where s.calendar_id = of_calendar
    order by s.opens_at
    limit 1
$$;
comment on function muni._zero(int) is 'The place on its line before which nothing is known of a calendar.';

create function muni._instant(of_calendar int, place bigint) returns timestamptz
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when of_calendar is null then muni._after('epoch'::timestamptz, place)
        else (
            -- Rule 3: what is reached at closing time is reached then, not when it opens again.
            select case
                when muni._after(s.opens_at, place - s.worked_before) <= s.closes_at
                    then muni._after(s.opens_at, place - s.worked_before)
            end
            from muni.calendar_spans as s
            where s.calendar_id = of_calendar and s.worked_before < place
            order by s.worked_before desc
            limit 1
        )
    end
$$;
comment on function muni._instant(int, bigint) is
'The earliest instant at which a calendar has worked so much; null outside the windows that are known.';

create function muni._windows(c muni.calendars, first_day date, end_day date)
returns table (opens_at timestamptz, closes_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    -- A window that a clock change swallows is none; one that it stretches is as long as it lasts.
    select x.opens_at, x.closes_at
    from generate_series(0, end_day - first_day - 1) as d (days)
    join muni.calendar_windows as w
        on w.calendar_id = c.id and w.weekday = extract(isodow from first_day + d.days)
    cross join lateral (
        select
            (first_day + d.days + w.opens_at) at time zone c.time_zone as opens_at,
            (first_day + d.days + w.closes_at) at time zone c.time_zone as closes_at
    ) as x
    where
        x.opens_at < x.closes_at
        and not exists (
            select from muni.calendar_holidays as h
            where h.calendar_id = c.id and h.day = first_day + d.days
        )
$$;
comment on function muni._windows(muni.calendars, date, date) is
'The windows of a calendar from one local day to before another, holidays left out.';

create function muni._cover(of_calendar int, first_day date, end_day date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Locked: whoever else needs more of it waits, and finds it made.
    c muni.calendars;
    known_from date;
    known_until date;
    have_from date;
    have_until date;
    zero bigint;
begin
    select x.* into c from muni.calendars as x where x.id = of_calendar for no key update;
    if c.is_always then
        return;
    end if;
    known_from := coalesce(c.holidays_from, '1900-01-01');
    known_until := coalesce(c.holidays_until, '2200-01-01');
    if first_day < known_from or end_day > known_until then
        raise exception
            'the calendar "%" is known from % to % only', c.name, known_from, known_until - 1
            using errcode = '22023', hint = 'does it work often enough to reach the target?';
    end if;
    have_from := (c.spans_from at time zone c.time_zone)::date;
    have_until := (c.spans_until at time zone c.time_zone)::date;
    if c.spans_from is null then
        have_from := first_day;
        have_until := first_day;
    end if;

    if end_day > have_until then
        select s.worked_before + muni._microseconds(s.closes_at - s.opens_at) into zero
        from muni.calendar_spans as s
        where s.calendar_id = c.id
        order by s.opens_at desc
        limit 1;
        insert into muni.calendar_spans (calendar_id, opens_at, closes_at, worked_before)
        select
            c.id, w.opens_at, w.closes_at,
            coalesce(zero, 0) + sum(muni._microseconds(w.closes_at - w.opens_at)) over (order by w.opens_at)
            - muni._microseconds(w.closes_at - w.opens_at)
        from muni._windows(c, have_until, end_day) as w;
    end if;
    if first_day < have_from then
        select s.worked_before into zero
        from muni.calendar_spans as s
        where s.calendar_id = c.id
        order by s.opens_at
        limit 1;
        insert into muni.calendar_spans (calendar_id, opens_at, closes_at, worked_before)
        select
            c.id, w.opens_at, w.closes_at,
            coalesce(zero, 0) - sum(muni._microseconds(w.closes_at - w.opens_at)) over (order by w.opens_at desc)
        from muni._windows(c, first_day, have_from) as w;
    end if;
    update muni.calendars as x set
        spans_from = least(first_day, have_from)::timestamp at time zone c.time_zone,
        spans_until = greatest(end_day, have_until)::timestamp at time zone c.time_zone
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
    perform muni._cover(
        c.id,
        least(first_day, greatest(first_day - 31, coalesce(c.holidays_from, '1900-01-01'))),
        greatest(last_day + 1, least(last_day + 32, coalesce(c.holidays_until, '2200-01-01')))
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
    reached timestamptz;
begin
    if of_calendar is not null then
        select x.* into c from muni.calendars as x where x.id = of_calendar;
        if not c.is_always then
            line := c.id;
            perform muni._cover_instants(c.id, start, greatest(start, upper(pauses)));
        end if;
    end if;
    place := coalesce(muni._position(line, start), muni._zero(line)) + target;
    for pause in select p.p from unnest(pauses) as p (p) where upper(p.p) > start order by p.p loop
        pause_from := coalesce(muni._position(line, greatest(lower(pause), start)), muni._zero(line));
        -- What begins when the target has been reached has nothing left to move.
        exit when pause_from >= place;
        place := place + coalesce(muni._position(line, upper(pause)), muni._zero(line)) - pause_from;
    end loop;
    loop
        reached := muni._instant(line, place);
        exit when reached is not null;
        select x.* into c from muni.calendars as x where x.id = of_calendar;
        -- As much again as there is, a year at the least, and not beyond what is known unless that is all.
        last_day := (c.spans_until at time zone c.time_zone)::date;
        perform muni._cover(
            c.id,
            (c.spans_from at time zone c.time_zone)::date,
            greatest(
                last_day + 1,
                least(
                    last_day + greatest(366, extract(day from c.spans_until - c.spans_from)::int),
                    coalesce(c.holidays_until, '2200-01-01')
                )
            )
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
        worked := worked
            + coalesce(muni._position(line, upper(part)), muni._zero(line), 0)
            - coalesce(muni._position(line, lower(part)), muni._zero(line), 0);
    end loop;
    return worked;
end
$$;
comment on function muni._worked(int, timestamptz, timestamptz, tstzmultirange) is
'What a calendar works between two instants, pauses left out, in microseconds.';
