"""Setting a municipality up, over raw connections: who may, what it writes, what it tells."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from support.database import Database
from support.waiting import until

from law import desk
from law.municipal import APPLY, PLAN, WEEK, apply, audit, everything, plan, told

pytestmark = pytest.mark.law

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
    admin, owner = database.connect("tvd_admin"), database.connect_owner()
    owner.execute(
        "insert into calendars (municipality_id, name, time_zone, is_always)"
        " select id, 'theirs', 'Africa/Johannesburg', true from municipalities where code = 'ksb'"
    )
    owner.execute(
        "insert into sla_policies (municipality_id, category, response_target, resolution_target)"
        " select id, 'water', '1 h', '2 h' from municipalities where code = 'ksb'"
    )
    theirs = (
        "select x.name, x.replaced_at from ("
        "select municipality_id, name, replaced_at from calendars union all"
        " select municipality_id, coalesce(category, 'default'), replaced_at from sla_policies) as x"
        " join municipalities as m on m.id = x.municipality_id where m.code = 'ksb' order by 1"
    )
    apply(admin)
    rows = apply(admin, plan(lambda p: p.update(calendars=[], policies=[], teams=[])))
    ticket = desk.ticket(database, desk.log(admin, "water"))
    left = [name for _, name, change, _ in rows if change == "left"]

    assert told(rows) == {
        *(("policy", name, "retired") for name in ("water", "roads", "default")),
        *(("calendar", name, "retired") for name in ("office", "always")),
    }
    assert {"Parks", "Roads 1", "Water 1"} <= set(left)
    assert not {"SAPS North", "Water closed"} & set(left)
    assert len(left) == len(set(left)), "teams of another municipality are none of this one's"
    assert ticket["sla_policy_id"] is None
    assert ticket["assigned_team_id"] is not None
    assert (
        told(apply(admin, plan(lambda p: p.update(calendars=[], policies=[], teams=[])))) == set()
    )
    assert owner.execute(theirs).fetchall() == [
        ("theirs", None),
        ("water", None),
    ]


def test_a_team_that_is_not_active_any_more_gets_no_new_tickets(database: Database):
    """Routing goes by what the plan says."""
    admin = database.connect("tvd_admin")
    database.connect_owner().execute("update teams set is_active = false where category = 'other'")
    apply(
        admin,
        plan(
            lambda p: p["teams"].extend(
                {"name": name, "category": "water", "is_active": False}
                for name in ("WATER 1", "Water 2")
            )
        ),
    )
    parks = desk.ticket(database, desk.log(admin, "water"))["assigned_team_id"]

    assert parks == desk.team(database, "Parks")


def test_a_team_gets_another_manager_and_keeps_one_who_has_left(database: Database):
    """Whoever is put in charge is there; one who was disabled since keeps nothing else from changing."""
    admin, owner = database.connect("tvd_admin"), database.connect_owner()
    apply(admin)
    apply(admin, plan(lambda p: p["teams"][0].update(manager="tvd_admin")))
    managed = (
        "select t.manager::text, t.depot_latitude from teams as t"
        " join municipalities as m on m.id = t.municipality_id"
        " where m.code = 'tvd' and t.name = 'Roads 1'"
    )

    assert owner.execute(managed).fetchall() == [("tvd_admin", -26.2)]

    apply(admin)
    owner.execute("update operators set is_active = false where username = 'tvd_manager'")
    apply(admin, plan(lambda p: p["teams"][0].update(depot=[-26.25, 28.0])))

    assert owner.execute(managed).fetchall() == [("tvd_manager", -26.25)]
    error = desk.refusal(
        admin,
        APPLY,
        (Jsonb(plan(lambda p: p["teams"][1].update(manager="tvd_manager"))), False, False),
    )
    assert "there is no such active manager" in (error.diag.message_primary or "")


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
