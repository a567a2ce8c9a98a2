"""The figures of a report are those that its tickets' histories give, worked out slowly and by other means.

Nothing of the law's clocks is used here: no deadline, latch, pause or span that a ticket or a table
holds. What happened is read from `ticket_events`; when there is work from the windows and holidays of
the calendars, day by day; targets from the policies. Of a ticket itself only what it is about.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row
from seed.conftest import NOW
from support.database import Database

SECOND = dt.timedelta(seconds=1)
NOTHING = dt.timedelta(0)
DONE = {"resolved", "closed"}
COUNTS = (
    *("received", "without_clocks", "answered", "answered_in_time", "response_breached"),
    *("resolved", "resolved_in_time", "resolution_breached", "breached", "reopened"),
)
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Terms:
    """The windows of a calendar in order, None around the clock; and the two targets."""

    windows: Sequence[Span] | None
    response: dt.timedelta
    resolution: dt.timedelta


@dataclass(slots=True)
class Case:
    """What the history of one ticket says, event by event."""

    category: str
    created: dt.datetime
    status: str = "open"
    team: str | None = None
    answered: dt.datetime | None = None
    stopped: dt.datetime | None = None
    """Since when the resolution stands still: on hold, or resolved."""
    solved: dt.datetime | None = None
    pauses: list[Span] = field(default_factory=list)
    reopened: bool = False
    found_late: set[str] = field(default_factory=set)

    def follow(self, event: dict[str, Any]) -> None:
        """Let the next thing happen."""
        at, to = event["at"], event["to_status"]
        if event["kind"] in {"assigned", "unassigned"}:
            self.team = event["team"]
        if event["kind"] == "sla_breached":
            self.found_late.add(event["data"]["clock"])
        if self.answered is None and (
            event["kind"] == "contacted" or to in {"in_progress", "resolved"}
        ):
            self.answered = at
        if to is None or event["seq"] == 1:
            return
        self.reopened |= self.status in DONE and to not in DONE
        if self.stopped is not None and (self.status, to) != ("resolved", "closed"):
            self.pauses.append((self.stopped, at))
            self.stopped = None
        if to in {"on_hold", "resolved"}:
            self.stopped = at
        if to != "closed":
            self.solved = at if to == "resolved" else None
        self.status = to


# ------------------------------------------------------------------------- working time, by hand


def windows(
    zone: ZoneInfo,
    weekly: Iterable[tuple[int, dt.time, dt.time]],
    free: set[dt.date],
    days: Iterable[dt.date],
) -> list[Span]:
    """When a calendar works on these days."""
    weekly = sorted(weekly)
    return [
        (_at(day, opens, zone), _at(day, closes, zone))
        for day in days
        if day not in free
        for weekday, opens, closes in weekly
        if day.isoweekday() == weekday
    ]


def _at(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)


def parts(terms: Terms, start: dt.datetime, pauses: Sequence[Span]) -> Iterable[Span]:
    """The stretches that are worked from an instant on, pauses cut out, without an end."""
    open_spans: Iterable[Span] = [(start, dt.datetime.max.replace(tzinfo=dt.UTC))]
    if terms.windows is not None:
        first = max(bisect_left(terms.windows, (start, start)) - 1, 0)
        open_spans = terms.windows[first:]
    for opens, closes in open_spans:
        begins = max(opens, start)
        for held, let_go in pauses:
            if held < closes and let_go > begins:
                if held > begins:
                    yield begins, held
                begins = max(begins, let_go)
        if begins < closes:
            yield begins, closes


def worked(
    terms: Terms, start: dt.datetime, end: dt.datetime, pauses: Sequence[Span]
) -> dt.timedelta:
    """How much is worked between two instants."""
    total = NOTHING
    for begins, ends in parts(terms, start, pauses):
        if begins >= end:
            break
        total += min(ends, end) - begins
    return total


def due(
    terms: Terms, start: dt.datetime, target: dt.timedelta, pauses: Sequence[Span]
) -> dt.datetime:
    """When so much has been worked: the earliest instant."""
    for begins, ends in parts(terms, start, pauses):
        if ends - begins >= target:
            return begins + target
        target -= ends - begins
    raise AssertionError("the calendar ends before the target is reached")


# ------------------------------------------------------------------------- from the histories


def histories(owner: psycopg.Connection, code: str) -> list[Case]:
    """Every municipal ticket of a municipality as its events tell it."""
    cases: dict[Any, Case] = {}
    with owner.cursor(row_factory=dict_row) as cursor:
        for event in cursor.execute(
            """
            select e.ticket_id, e.seq, e.kind, e.at, e.to_status, e.data, tm.name as team, t.category
            from ticket_events as e
            join tickets as t on t.id = e.ticket_id and t.is_sensitive = e.is_sensitive
            join municipalities as m on m.id = e.municipality_id
            left join teams as tm on tm.id = e.team_id
            where m.code = %s and t.category <> 'gbv'
            order by e.ticket_id, e.seq
            """,
            (code,),
        ):
            if event["seq"] == 1:
                cases[event["ticket_id"]] = Case(event["category"], event["at"])
            cases[event["ticket_id"]].follow(event)
    return [*cases.values()]


def agreed(owner: psycopg.Connection, code: str, first: dt.date) -> Callable[[str], Terms]:
    """The terms of a category, as its municipality's policies and calendars say."""
    zone = ZoneInfo(
        owner.execute("select time_zone from municipalities where code = %s", (code,)).fetchone()[0]
    )
    days = [first + dt.timedelta(days=n) for n in range(700)]
    policies: dict[str | None, Terms] = {}
    for category, response, resolution, calendar, always in owner.execute(
        """
        select p.category, p.response_target, p.resolution_target, c.id, c.is_always
        from sla_policies as p
        join municipalities as m on m.id = p.municipality_id
        left join calendars as c on c.id = p.calendar_id
        where m.code = %s and p.replaced_at is null
        """,
        (code,),
    ).fetchall():
        spans = None
        if calendar is not None and not always:
            weekly = owner.execute(
                "select weekday, opens_at, closes_at from calendar_windows where calendar_id = %s",
                (calendar,),
            ).fetchall()
            free = owner.execute(
                "select day from calendar_holidays where calendar_id = %s", (calendar,)
            )
            spans = windows(zone, weekly, {day for (day,) in free}, days)
        policies[category] = Terms(spans, response, resolution)
    return lambda category: policies.get(category) or policies[None]


def figures(
    cases: Iterable[Case], terms_of: Callable[[str], Terms], moment: dt.datetime
) -> dict[str, Any]:
    """What a report says of these tickets, at a moment."""
    said = dict.fromkeys(COUNTS, 0)
    took: dict[str, list[dt.timedelta]] = {"response": [], "resolution": []}
    for case in cases:
        terms = terms_of(case.category)
        answer_late = "response" in case.found_late or (case.answered or moment) > due(
            terms, case.created, terms.response, ()
        )
        stopped = case.solved or case.stopped or moment
        solve_late = "resolution" in case.found_late or stopped > due(
            terms, case.created, terms.resolution, case.pauses
        )
        if case.answered is not None:
            took["response"].append(worked(terms, case.created, case.answered, ()))
        if case.solved is not None:
            took["resolution"].append(worked(terms, case.created, case.solved, case.pauses))
        for name, holds in (
            ("received", True),
            ("answered", case.answered is not None),
            ("answered_in_time", case.answered is not None and not answer_late),
            ("response_breached", answer_late),
            ("resolved", case.solved is not None),
            ("resolved_in_time", case.solved is not None and not solve_late),
            ("resolution_breached", solve_late),
            ("breached", answer_late or solve_late),
            ("reopened", case.reopened),
        ):
            said[name] += holds
    return said | {
        f"{clock}_{name}_seconds": _within(lengths, share)
        for clock, lengths in took.items()
        for name, share in (("median", 50), ("p90", 90))
    }


def _within(lengths: list[dt.timedelta], percent: int) -> int | None:
    """The whole seconds within which so many in a hundred were done."""
    if not lengths:
        return None
    return sorted(lengths)[math.ceil(len(lengths) * percent / 100) - 1] // SECOND


# ------------------------------------------------------------------------- the two side by side

LABELS: dict[str | None, Callable[[Case, ZoneInfo], str | None]] = {
    None: lambda _case, _zone: "all",
    "category": lambda case, _zone: case.category,
    "team": lambda case, _zone: case.team,
    "month": lambda case, zone: f"{case.created.astimezone(zone):%Y-%m}",
}
ZONE = ZoneInfo("Africa/Johannesburg")


@pytest.mark.parametrize("code", ["tvd", "ksb"])
@pytest.mark.parametrize(
    ("since", "until"),
    [
        (dt.datetime(2026, 1, 1, tzinfo=ZONE), dt.datetime(2027, 1, 1, tzinfo=ZONE)),
        (dt.datetime(2026, 8, 1, tzinfo=ZONE), dt.datetime(2026, 9, 1, tzinfo=ZONE)),
        (dt.datetime(2026, 9, 7, 8, 30, tzinfo=ZONE), dt.datetime(2026, 9, 11, 17, tzinfo=ZONE)),
    ],
)
def test_a_report_says_what_the_histories_say(
    seeded: Database, owner: psycopg.Connection, code: str, since: dt.datetime, until: dt.datetime
) -> None:
    """Every figure of every group, of months and of days, is the one worked out from the events alone."""
    cases = [case for case in histories(owner, code) if since <= case.created < until]
    terms_of = agreed(
        owner, code, min(case.created for case in cases).date() - dt.timedelta(days=9)
    )
    assert len(cases) > 50
    with (
        psycopg.connect(
            seeded.dsn(f"{code}_manager1"), password=seeded.password(f"{code}_manager1")
        ) as manager,
        manager.cursor(row_factory=dict_row) as cursor,
    ):
        for by, label in LABELS.items():
            *rows, total = cursor.execute(
                "select * from muni.report_sla(%s, %s, %s)", (since, until, by)
            ).fetchall()
            groups: dict[str | None, list[Case]] = defaultdict(list)
            for case in cases:
                groups[label(case, ZONE)].append(case)
            if by is None:
                groups = {}
            moment = total["judged_at"]
            told = ("label", "is_total", "judged_at")
            said = {row["label"]: {k: v for k, v in row.items() if k not in told} for row in rows}

            assert said == {
                name: figures(group, terms_of, moment) for name, group in groups.items()
            }
            assert {k: v for k, v in total.items() if k not in told} == figures(
                cases, terms_of, moment
            )


def test_the_demo_has_something_of_everything_to_report(
    seeded: Database, owner: psycopg.Connection
) -> None:
    """The comparison is no comparison of noughts: late, on hold, reopened, unanswered, by office hours."""
    cases = histories(owner, "tvd")
    terms_of = agreed(owner, "tvd", min(case.created for case in cases).date())
    said = figures(cases, terms_of, NOW)
    unfound = [replace(case, found_late=set()) for case in cases]

    assert figures(unfound, terms_of, NOW) == said, "sweeps found what was late, and nothing else"
    assert min(said[name] for name in COUNTS if name != "without_clocks") > 100
    assert said["received"] > said["answered"] > said["answered_in_time"]
    assert any(case.pauses for case in cases)
    assert {terms_of(case.category).windows is None for case in cases} == {True, False}
