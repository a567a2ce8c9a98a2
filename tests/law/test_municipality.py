"""Setting a municipality up, over raw connections: who may, what it writes, what it refuses, what it tells."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from support.database import Database
from support.waiting import until

from law import desk, replay

pytestmark = pytest.mark.law

APPLY = "select what, name, change, detail from muni.apply_municipality(%s, %s, %s)"
WEEK = [{"weekday": day, "opens": "08:00", "closes": "16:30"} for day in range(1, 6)]
PLAN: dict[str, Any] = {
    "code": "tvd",
    "name": "Testville District",
    "time_zone": "Africa/Johannesburg",
    "calendars": [
        {
            "name": "office",
            "is_always": False,
            "country": "ZA",
            "region": None,
            "known_from": "1990-01-01",
            "known_until": "2100-01-01",
            "windows": WEEK,
            "holidays": {"2026-09-24": "Heritage Day", "2026-12-25": "Christmas Day"},
        },
        {"name": "always", "is_always": True, "windows": [], "holidays": {}},
    ],
    "policies": [
        {"category": "water", "calendar": "always", "response": 120, "resolution": 1440},
        {"category": "roads", "calendar": "office", "response": 240, "resolution": 2550},
        {"category": None, "calendar": None, "response": 480, "resolution": 4320},
    ],
    "teams": [
        {
            "name": "Roads 1",
            "category": "roads",
            "manager": "tvd_manager",
            "is_active": True,
            "depot": [-26.2, 28.0],
            "area": [[-26.3, 27.9], [-26.1, 27.9], [-26.1, 28.1]],
        },
        {"name": "Parks", "category": "other"},
    ],
}
TABLES = (
    *("municipalities", "teams", "calendars", "calendar_windows", "calendar_holidays"),
    *("calendar_spans", "sla_policies", "audit_log", "jobs", "tickets", "ticket_events"),
)


def plan(change: Callable[[dict[str, Any]], object] = lambda _: None) -> dict[str, Any]:
    """The plan, changed in place by `change`."""
    made = copy.deepcopy(PLAN)
    change(made)
    return made


def apply(
    connection: psycopg.Connection,
    wanted: dict[str, Any] = PLAN,
    *,
    dry_run: bool = False,
    recompute: bool = False,
) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What applying a plan changed."""
    return connection.execute(APPLY, (Jsonb(wanted), dry_run, recompute)).fetchall()


def told(rows: list[tuple[str, str, str, dict[str, Any]]]) -> set[tuple[str, str, str]]:
    """Kind, name and change of each row, without the teams that were left."""
    return {row[:3] for row in rows if row[2] != "left"}


def everything(database: Database) -> dict[str, str]:
    """All rows of everything that a plan can touch."""
    with database.connect_owner() as owner:
        return {
            table: repr(owner.execute(f"select x::text from {table} as x order by 1").fetchall())
            for table in TABLES
        }


def audit(database: Database, code: str = "tvd") -> list[tuple[str, str, str, str]]:
    """The audit log of a municipality: actor, kind, subject, change."""
    with database.connect_owner() as owner:
        return owner.execute(
            "select a.actor::text, a.kind, a.subject, a.data ->> 'change' from audit_log as a"
            " join municipalities as m on m.id = a.municipality_id where m.code = %s order by a.seq",
            (code,),
        ).fetchall()


ALL_OF_IT = {
    ("calendar", "office", "added"),
    ("calendar", "always", "added"),
    ("policy", "water", "changed"),
    ("policy", "roads", "added"),
    ("team", "Roads 1", "changed"),
    ("team", "Parks", "added"),
}


def test_a_plan_is_put_in_force_and_each_change_told_and_recorded(database: Database):
    """What differs is written once, with the administrator's name; what is the same is not touched."""
    rows = apply(database.connect("tvd_admin"))
    with database.connect_owner() as owner:
        windows, holidays, ahead = owner.execute(
            "select (select count(*) from calendar_windows as w where w.calendar_id = c.id),"
            " (select array_agg(h.name order by h.day) from calendar_holidays as h where h.calendar_id = c.id),"
            " c.spans_until - now()"
            " from calendars as c where c.name = 'office'"
        ).fetchone()
        policies = owner.execute(
            "select coalesce(p.category, 'default'), c.name, p.response_target::text,"
            " p.resolution_target::text, p.warning_percent"
            " from sla_policies as p join municipalities as m on m.id = p.municipality_id"
            " left join calendars as c on c.id = p.calendar_id"
            " where m.code = 'tvd' and p.replaced_at is null order by 1"
        ).fetchall()
        team = owner.execute(
            "select manager::text, service_area::text, depot_latitude from teams as t"
            " join municipalities as m on m.id = t.municipality_id"
            " where m.code = 'tvd' and t.name = 'Roads 1'"
        ).fetchone()

    assert told(rows) == ALL_OF_IT
    assert (windows, holidays) == (5, ["Heritage Day", "Christmas Day"])
    assert ahead.days >= 3 * 365
    assert policies == [
        ("default", None, "08:00:00", "72:00:00", 80),
        ("roads", "office", "04:00:00", "42:30:00", 80),
        ("water", "always", "02:00:00", "24:00:00", 80),
    ]
    assert team == ("tvd_manager", "((27.9,-26.3),(27.9,-26.1),(28.1,-26.1))", -26.2)
    assert {(f"{what}_changed", name, change) for what, name, change in ALL_OF_IT} == {
        line[1:] for line in audit(database)
    }
    assert {line[0] for line in audit(database)} == {"tvd_admin"}
    assert audit(database, "ksb") == []


def test_the_same_plan_again_changes_nothing(database: Database):
    """No row, no line of the audit log, also when times and dates are written in another way."""
    admin = database.connect("tvd_admin")
    apply(admin)
    before = everything(database)
    again = [
        PLAN,
        plan(lambda p: p["calendars"][0]["windows"].reverse()),
        plan(lambda p: p["calendars"][0]["windows"][0].update(opens="8:00", closes="16:30:00")),
        plan(lambda p: p["calendars"][0].update(known_from="1990-1-1")),
        plan(lambda p: p["policies"][0].update(warning_percent=80)),
        plan(lambda p: p["teams"].reverse()),
    ]

    assert [told(apply(admin, wanted)) for wanted in again] == [set()] * len(again)
    assert everything(database) == before


def test_a_look_ahead_tells_the_same_and_writes_nothing(database: Database):
    """A dry run is the run itself, taken back."""
    admin = database.connect("tvd_admin")
    number = desk.log(admin, "roads")
    before = everything(database)
    ahead = apply(admin, dry_run=True, recompute=True)

    assert everything(database) == before
    assert told(ahead) == told(apply(admin, recompute=True))
    assert told(ahead) == ALL_OF_IT | {("tickets", "tvd", "recomputed")}
    assert desk.ticket(database, number)["version"] == 3


def test_a_changed_calendar_is_a_new_row_and_so_are_its_policies(database: Database):
    """Tickets that are open keep what they were dated by; the next one gets what is in force."""
    admin = database.connect("tvd_admin")
    apply(admin)
    before = desk.ticket(database, desk.log(admin, "roads"))
    rows = apply(
        admin,
        plan(
            lambda p: p["calendars"][0].update(
                windows=WEEK[:4], holidays={"2026-12-25": "Christmas Day", "2026-12-24": "Closed"}
            )
        ),
    )
    [calendar] = [row for row in rows if row[0] == "calendar"]
    [policy] = [row for row in rows if row[0] == "policy"]
    after = desk.ticket(database, before["tracking_number"])
    newer = desk.ticket(database, desk.log(admin, "roads"))
    with database.connect_owner() as owner:
        versions = owner.execute(
            "select count(*), count(replaced_at) from calendars where name = 'office'"
        ).fetchone()
        used = desk.value(
            owner, "select calendar_id from sla_policies where id = %s", newer["sla_policy_id"]
        )

    assert calendar[:3] == ("calendar", "office", "changed")
    assert calendar[3]["holidays"] == {"added": ["2026-12-24"], "removed": ["2026-09-24"]}
    assert len(calendar[3]["windows"]["from"]) == 5
    assert len(calendar[3]["windows"]["to"]) == 4
    assert policy[:3] == ("policy", "roads", "changed")
    assert set(policy[3]) == {"calendar_id", "id"}
    assert versions == (2, 1)
    assert after == before
    assert newer["sla_policy_id"] == policy[3]["id"] != before["sla_policy_id"]
    assert used == calendar[3]["id"]


def test_another_zone_is_another_calendar(database: Database):
    """Windows are the municipality's own time: where that changes they do."""
    admin = database.connect("tvd_admin")
    apply(admin)
    rows = apply(admin, plan(lambda p: p.update(time_zone="Europe/Berlin")))

    assert ("municipality", "tvd", "changed") in told(rows)
    assert ("calendar", "office", "changed") in told(rows)
    assert ("policy", "roads", "changed") in told(rows)


def test_what_a_plan_leaves_out_is_retired_but_teams_are_left(database: Database):
    """Policies and calendars go out of force and are said; people and tickets stay with their teams."""
    admin = database.connect("tvd_admin")
    apply(admin)
    rows = apply(admin, plan(lambda p: p.update(calendars=[], policies=[], teams=[])))
    ticket = desk.ticket(database, desk.log(admin, "water"))
    left = {name for _, name, change, _ in rows if change == "left"}

    assert told(rows) == {
        *(("policy", name, "retired") for name in ("water", "roads", "default")),
        *(("calendar", name, "retired") for name in ("office", "always")),
    }
    assert {"Parks", "Roads 1", "Water 1"} <= left
    assert not {"SAPS North", "Water closed"} & left
    assert ticket["sla_policy_id"] is None
    assert ticket["assigned_team_id"] is not None
    assert (
        told(apply(admin, plan(lambda p: p.update(calendars=[], policies=[], teams=[])))) == set()
    )


def test_a_team_that_is_not_active_any_more_gets_no_new_tickets(database: Database):
    """Routing goes by what the plan says."""
    admin = database.connect("tvd_admin")
    apply(
        admin,
        plan(
            lambda p: p["teams"].extend(
                {"name": name, "category": "water", "is_active": False}
                for name in ("WATER 1", "Water 2")
            )
        ),
    )

    assert desk.ticket(database, desk.log(admin, "water"))["assigned_team_id"] is None


@pytest.mark.parametrize("role", ["operator", "manager", "saps_liaison"])
def test_only_administrators_may(database: Database, role: str):
    """An operator, a manager or a liaison gets the refusal of a function that is not theirs."""
    before = everything(database)
    connection = database.connect(desk.login("tvd", role))
    for query, values in (
        (APPLY, (Jsonb(PLAN), False, False)),
        ("select muni.recompute_clocks(%s)", ("tvd",)),
    ):
        assert desk.refusal(connection, query, values).sqlstate == "42501"

    assert everything(database) == before


@pytest.mark.parametrize("code", ["ksb", "new", "", None, "tvd ", "TVD"])
def test_an_administrator_touches_no_other_municipality(database: Database, code: str | None):
    """One that is somebody else's and one that is not there get the same answer."""
    before = everything(database)
    admin = database.connect("tvd_admin")
    for query, values in (
        (APPLY, (Jsonb(plan(lambda p: p.update(code=code))), False, True)),
        ("select muni.recompute_clocks(%s)", (code,)),
    ):
        error = desk.refusal(admin, query, values)
        assert error.sqlstate == "42501"
        assert error.diag.message_primary == (
            "an administrator sets up the own municipality; others are the database owner's"
        )

    assert everything(database) == before


@pytest.mark.parametrize(
    "team",
    [
        {"name": "SAPS East", "category": "gbv"},
        {"name": "SAPS North", "category": "gbv", "is_active": False},
        {"name": "saps north", "category": "water"},
    ],
)
def test_saps_teams_are_the_owners(database: Database, team: dict[str, Any]):
    """An administrator neither makes, closes, renames nor takes over a SAPS team."""
    before = everything(database)
    error = desk.refusal(
        database.connect("tvd_admin"),
        APPLY,
        (Jsonb(plan(lambda p: p["teams"].append(team))), False, False),
    )

    assert error.sqlstate == "42501"
    assert "SAPS teams are set up by the database's owner" in (error.diag.message_primary or "")
    assert everything(database) == before


def test_the_owner_sets_up_a_new_municipality_and_its_stations(database: Database):
    """All of it in one call; its people come after it."""
    new = plan(
        lambda p: p.update(
            code="new", teams=[{"name": "SAPS New", "category": "gbv", "depot": [-26.5, 28.5]}]
        )
    )
    with database.connect_owner() as owner:
        rows = apply(owner, new)
        station = owner.execute(
            "select t.is_saps, m.name from teams as t join municipalities as m on m.id = t.municipality_id"
            " where t.name = 'SAPS New'"
        ).fetchone()
        intake = database.connect("test_intake")
        number = desk.log(intake, "roads", municipality="new")

    assert ("municipality", "new", "added") in told(rows)
    assert ("team", "SAPS New", "added") in told(rows)
    assert station == (True, "Testville District")
    assert {line[0] for line in audit(database, "new")} == {database.owner}
    assert desk.ticket(database, number)["sla_policy_id"] is not None


def test_a_station_stays_one(database: Database):
    """Not even the owner makes a municipal team of a SAPS team, with the reports it has."""
    team = {"name": "SAPS North", "category": "water"}
    with database.connect_owner() as owner:
        desk.assert_invalid(
            owner,
            APPLY,
            (Jsonb(plan(lambda p: p["teams"].append(team))), False, False),
            "a SAPS team stays one",
        )


def calendar(**more: object) -> Callable[[dict[str, Any]], object]:
    """Change the first calendar."""
    return lambda p: p["calendars"][0].update(more)


def policy(**more: object) -> Callable[[dict[str, Any]], object]:
    """Change the second policy, that of roads in office hours."""
    return lambda p: p["policies"][1].update(more)


def team(**more: object) -> Callable[[dict[str, Any]], object]:
    """Change the first team."""
    return lambda p: p["teams"][0].update(more)


def window(weekday: object, opens: object, closes: object) -> dict[str, object]:
    """One window."""
    return {"weekday": weekday, "opens": opens, "closes": closes}


RANGE = "a value of the plan is missing or out of range"
WRONG: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (calendar(windows=[]), 'calendar "office": this calendar has no working time'),
    (calendar(windows=[window(1, "16:00", "08:00")]), "is reversed"),
    (calendar(windows=[window(1, "08:00", "08:00")]), "is reversed"),
    (calendar(windows=[window(1, None, "08:00")]), "is reversed"),
    (calendar(windows=[window(1, "08:00", "12:00"), window(1, "11:59", "16:00")]), "overlap at 11:59"),
    (calendar(windows=[window(0, "08:00", "16:00")]), "weekdays go from 1"),
    (calendar(windows=[window(8, "08:00", "16:00")]), "weekdays go from 1"),
    (calendar(windows=[window(None, "08:00", "16:00")]), "weekdays go from 1"),
    (calendar(windows=[window(1, "08:00", "25:00")]), RANGE),
    (calendar(windows=[window("x", "08:00", "16:00")]), RANGE),
    (calendar(is_always=True), "a calendar that works always has no windows"),
    (calendar(country=None), "a country goes with the days"),
    (calendar(known_until=None), "a country goes with the days"),
    (calendar(known_until="2027-01-01"), 'the calendar "office" is known from'),
    (calendar(holidays={"2026-02-30": "x"}), RANGE),
    (calendar(holidays={"2026-02-28": ""}), 'calendar "office" holiday: expected one line'),
    (calendar(holidays={"2026-02-28": "a\x1b[2J"}), 'calendar "office" holiday: expected one line'),
    (calendar(name=""), "calendar name: expected one line"),
    (calendar(name="x" * 61), "calendar name: expected one line"),
    (calendar(name="a\u202eb"), "calendar name: expected one line"),
    (calendar(name="ALWAYS"), 'calendars: "always" is there twice'),
    (policy(response=0), 'policy "roads" response: a target of no time at all'),
    (policy(response=-60), 'policy "roads" response: a target of no time at all'),
    (policy(response=None), 'policy "roads" response: a target of no time at all'),
    (policy(resolution=None), 'policy "roads" resolution: not shorter than response'),
    (policy(resolution=239), 'policy "roads" resolution: not shorter than response'),
    (policy(resolution=99_999_999), 'policy "roads" resolution: the calendar "office" never reaches'),
    (policy(calendar=None, resolution=99_999_999), 'policy "roads" resolution: no calendar reaches'),
    (policy(calendar="always", resolution=99_999_999), 'policy "roads" resolution: no calendar reaches'),
    (policy(resolution=10**12), RANGE),
    (policy(resolution="soon"), RANGE),
    (policy(calendar="shop"), 'policy "roads" calendar: there is no such calendar'),
    (policy(category="gbv"), 'policy "gbv": there is no such category'),
    (policy(category="rodes"), 'policy "rodes": there is no such category'),
    (policy(category="water"), 'policies: "water" is there twice'),
    (policy(category=None), 'policies: "default" is there twice'),
    (policy(warning_percent=0), 'policy "roads" warning_percent: expected 1 to 99'),
    (policy(warning_percent=100), 'policy "roads" warning_percent: expected 1 to 99'),
    (team(manager="ksb_manager"), 'team "Roads 1" manager: there is no such active manager'),
    (team(manager="tvd_operator"), 'team "Roads 1" manager: there is no such active manager'),
    (team(manager="tvd_saps"), 'team "Roads 1" manager: there is no such active manager'),
    (team(manager="nobody_here"), 'team "Roads 1" manager: there is no such active manager'),
    (team(category="rodes"), 'team "Roads 1" category: there is no such category'),
    (team(category=None), 'team "Roads 1" category: there is no such category'),
    (team(depot=[91, 0]), 'team "Roads 1" depot: expected latitude and longitude'),
    (team(depot=[1]), 'team "Roads 1" depot: expected latitude and longitude'),
    (team(depot=["x", "y"]), RANGE),
    (team(area=[["x", "y"]]), RANGE),
    (team(area="here"), ""),
    (team(name="parks"), 'teams: "parks" is there twice'),
    (team(name="a\nb"), "team name: expected one line"),
    (lambda p: p.update(name=None), "municipality name: expected one line"),
    (lambda p: p.update(time_zone="Mars/Base"), "municipality time_zone: the server knows no such"),
    (lambda p: p.update(time_zone=None), "municipality time_zone: the server knows no such"),
    (lambda p: p.pop("teams"), "teams: expected a list"),
    (lambda p: p.update(policies={}), "policies: expected a list"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_a_wrong_plan_is_refused_whole(
    database: Database, change: Callable[[dict[str, Any]], object], words: str
):
    """What no file of the program's says is refused from a raw connection too; nothing is half-applied."""
    before = everything(database)
    desk.assert_invalid(
        database.connect("tvd_admin"), APPLY, (Jsonb(plan(change)), False, True), words
    )

    assert everything(database) == before


def test_a_manager_who_has_left_does_not_stand_in_the_way(database: Database):
    """What is there already is no change; the plan goes on applying until somebody names another."""
    admin = database.connect("tvd_admin")
    apply(admin)
    with database.connect_owner() as owner:
        owner.execute("update operators set is_active = false where username = 'tvd_manager'")

    assert told(apply(admin)) == set()


def test_two_plans_come_one_after_the_other(database: Database):
    """The second waits for the first, and finds done what it wanted."""
    first = database.connect("tvd_admin", autocommit=False)
    second = database.connect("tvd_admin")
    apply(first)
    found: list[set[tuple[str, str, str]]] = []
    other = threading.Thread(target=lambda: found.append(told(apply(second))))
    pid = second.info.backend_pid
    other.start()
    until(lambda: bool(desk.value(first, "select cardinality(pg_blocking_pids(%s))", pid)))
    first.commit()
    other.join()

    assert found == [set()]


# ---------------------------------------------------------------------- recompute


def imported(database: Database, *items: dict[str, Any], with_sla: bool = True) -> list[str]:
    """Tickets of other times than now, as an administrator imports them."""
    rows = (
        database.connect("tvd_admin")
        .execute(
            "select outcome, detail from muni.import_tickets('elsewhere', %s, %s)",
            (
                Jsonb(
                    [
                        {
                            "source_id": f"{with_sla} {k}",
                            "category": "roads",
                            "description": "words",
                        }
                        | item
                        for k, item in enumerate(items)
                    ]
                ),
                with_sla,
            ),
        )
        .fetchall()
    )

    assert {outcome for outcome, _ in rows} == {"imported"}
    return [number for _, number in rows]


def test_open_tickets_are_dated_anew_when_somebody_says_so(database: Database):
    """Deadlines, policy, version, an event with old and new, a line of the audit log; once."""
    [number] = imported(database, {"created_at": "2026-09-18T16:00:00+02:00"})
    before = desk.ticket(database, number)
    admin = database.connect("tvd_admin")
    rows = apply(admin, recompute=True)
    after = desk.ticket(database, number)
    with database.connect_owner() as owner:
        event = owner.execute(
            "select kind, actor::text, via, data, note_digest from ticket_events"
            " where ticket_id = %s order by seq desc limit 1",
            (after["id"],),
        ).fetchone()

    assert rows[-1] == ("tickets", "tvd", "recomputed", {"tickets": 1})
    assert after["sla_response_deadline"].isoformat() == "2026-09-21T09:30:00+00:00"
    assert after["version"] == before["version"] + 1
    assert event[:3] == ("recomputed", "tvd_admin", "console")
    assert event[3]["from"] == microseconds(before)
    assert event[3]["to"] == microseconds(after)
    assert event[4] is None
    assert audit(database)[-1][:3] == ("tvd_admin", "recomputed", "tvd")
    assert apply(admin, recompute=True)[-1][2] == "left"
    assert desk.value(admin, "select muni.recompute_clocks('tvd')") == 0
    assert desk.ticket(database, number) == after


def microseconds(ticket: dict[str, Any]) -> dict[str, int]:
    """Both deadlines as an event writes them."""
    return {
        clock: int(ticket[f"sla_{clock}_deadline"].timestamp() * 1_000_000)
        for clock in ("response", "resolution")
    }


def test_recomputing_touches_nothing_else(database: Database):
    """Neither what is resolved, nor what has no clocks, nor a GBV report, nor the other municipality."""
    admin = database.connect("tvd_admin")
    numbers = [
        *imported(database, {"created_at": "2026-09-18T16:00:00+02:00"}, with_sla=False),
        *imported(
            database,
            {
                "created_at": "2026-09-18T16:00:00+02:00",
                "status": "resolved",
                "status_at": "2026-09-19T16:00:00+02:00",
            },
        ),
        desk.log(admin, "gbv"),
        desk.log(database.connect("ksb_operator"), "roads"),
    ]
    before = [desk.ticket(database, number) for number in numbers]
    apply(admin, recompute=True)

    assert [desk.ticket(database, number) for number in numbers] == before


def test_overrides_pauses_and_latches_are_kept(database: Database):
    """A deadline set by hand stays; the other clock goes by the new policy; what was missed stays missed."""
    [number] = imported(
        database,
        {
            "created_at": "2026-09-14T08:00:00+02:00",
            "status": "on_hold",
            "status_at": "2026-09-14T10:00:00+02:00",
        },
    )
    admin = database.connect("tvd_admin")
    ticket = desk.ticket(database, number)
    admin.execute(
        "select muni.override_deadline(%s, 'response', '2030-01-01 12:00+00', 'promised')",
        (ticket["id"],),
    )
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_resolution_breached_at = '2026-09-15 08:00+00',"
            ' pauses = \'{["2026-09-14 12:00+02","2026-09-14 14:00+02")}\' where id = %s',
            (ticket["id"],),
        )
    apply(admin, recompute=True)
    after = desk.ticket(database, number)

    assert after["sla_response_deadline"].isoformat() == "2030-01-01T12:00:00+00:00"
    # 42 h 30 min from Monday 08:00 are Friday 16:30; two hours more are Monday 10:00.
    assert after["sla_resolution_deadline"].isoformat() == "2026-09-21T08:00:00+00:00"
    assert after["sla_resolution_breached_at"] is not None
    assert (after["status"], after["response_overridden"]) == ("on_hold", True)


def test_one_statement_dates_as_each_ticket_by_itself(database: Database):
    """Whatever day and hour, and however long it was on hold: as muni._date_clocks has it."""
    items = [
        {
            "category": category,
            "created_at": f"20{20 + k % 7}-{k % 12 + 1:02}-{k % 28 + 1:02}T{k % 24:02}:{k * 7 % 60:02}:01+02:00",
        }
        for k in range(120)
        for category in ("roads", "water", "other")
        if k % 7 != 6 or k % 12 < 9
    ]
    imported(database, *items)
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set pauses = tstzmultirange(tstzrange(created_at + interval '3 hours',"
            " created_at + interval '3 hours' + (hashtext(id::text) & 255) * interval '41 minutes'))"
            " where hashtext(id::text) % 3 = 0"
        )
        apply(database.connect("tvd_admin"), recompute=True)
        wrong, counted = owner.execute(
            "select count(*) filter (where t is distinct from muni._date_clocks(t)"
            " or t.sla_policy_id is distinct from muni._policy(t.municipality_id, t.category)), count(*)"
            " from tickets as t"
        ).fetchone()
        tickets, events = replay.everything(owner)

    assert (wrong, counted) == (0, len(items))
    assert [replay.broken_links(ticket, events[ticket["id"]]) for ticket in tickets] == [
        []
    ] * counted


def test_what_changes_meanwhile_is_dated_as_it_is_then(database: Database):
    """A ticket that somebody has in hand is waited for, and its history stays whole."""
    [number] = imported(database, {"created_at": "2026-09-18T16:00:00+02:00"})
    ticket = desk.ticket(database, number)
    apply(database.connect("tvd_admin"))
    busy = database.connect("tvd_operator", autocommit=False)
    admin = database.connect("tvd_admin")
    busy.execute(desk.NOTE, (ticket["id"], "I am at it"))
    counted: list[int] = []
    other = threading.Thread(
        target=lambda: counted.append(desk.value(admin, "select muni.recompute_clocks('tvd')"))
    )
    pid = admin.info.backend_pid
    other.start()
    until(lambda: bool(desk.value(busy, "select cardinality(pg_blocking_pids(%s))", pid)))
    busy.commit()
    other.join()
    with database.connect_owner() as owner:
        [ticket], events = replay.everything(owner)

    assert counted == [1]
    assert [event["kind"] for event in events[ticket["id"]]][-2:] == ["noted", "recomputed"]
    assert replay.broken_links(ticket, events[ticket["id"]]) == []


def test_the_owner_recomputes_as_the_owner(database: Database):
    """The history says by whom, and that it was not at a desk."""
    [number] = imported(database, {"created_at": "2026-09-18T16:00:00+02:00"})
    apply(database.connect("tvd_admin"))
    with database.connect_owner() as owner:
        counted = desk.value(owner, "select muni.recompute_clocks('tvd')")
        event = owner.execute(
            "select actor::text, via from ticket_events where kind = 'recomputed'"
        ).fetchone()
        desk.assert_invalid(
            owner, "select muni.recompute_clocks('new')", None, "no such municipality"
        )

    assert number
    assert counted == 1
    assert event == (database.owner, "owner")
