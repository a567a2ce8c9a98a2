"""Where a report goes and why: each rule by itself, and the words that its history keeps."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk

ROUTE = "select muni.assign_ticket(%s)"
PROPOSE = "select team_id, team_name, route from muni.propose_team(%s)"
LATITUDE, LONGITUDE = world.CENTRES["tvd"]

pytestmark = pytest.mark.law


def routed(database: Database, number: str) -> str | None:
    """The name of the team a ticket has gone to."""
    with database.connect_owner() as owner:
        return desk.value(
            owner,
            "select x.name from tickets as t left join teams as x on x.id = t.assigned_team_id"
            " where t.tracking_number = %s",
            number,
        )


def told(database: Database, number: str) -> dict[str, Any]:
    """What the last event of a ticket says about its way."""
    with database.connect_owner() as owner:
        return desk.value(
            owner,
            "select e.data from ticket_events as e join tickets as t on t.id = e.ticket_id"
            " where t.tracking_number = %s order by e.seq desc limit 1",
            number,
        )


def hire(
    owner: psycopg.Connection, name: str, category: str, code: str = "tvd", **more: object
) -> int:
    """A further team; `more` are columns of it."""
    given = {"name": name, "category": category, "is_saps": category == "gbv", **more}
    return desk.value(
        owner,
        f"insert into teams (municipality_id, {', '.join(given)})"
        f" select m.id, {', '.join(['%s'] * len(given))} from municipalities as m where m.code = '{code}'"
        " returning id",
        *given.values(),
    )


def square(latitude: float, longitude: float, half: float) -> str:
    """A service area."""
    corners = ((-half, -half), (-half, half), (half, half), (half, -half))
    return "(" + ",".join(f"({longitude + x},{latitude + y})" for x, y in corners) + ")"


# -------------------------------------------------------------------------------- the rules


def test_without_a_place_the_team_with_the_least_open_work_gets_it(database: Database) -> None:
    """Two teams of a category share the work evenly; what is finished weighs nothing."""
    operator = database.connect("tvd_operator")
    manager = database.connect("tvd_manager")
    numbers = [desk.log(operator, "water") for _ in range(4)]

    assert [routed(database, number) for number in numbers] == ["Water 1", "Water 2"] * 2
    assert told(database, numbers[3]) == {
        "route": {"rule": "category", "open": 1, "load": 2, "of": 2}
    }
    for number in (numbers[1], numbers[3]):
        manager.execute(desk.CHANGE, (desk.id_of(database, number), "resolved"))
    assert [routed(database, desk.log(operator, "water")) for _ in range(2)] == ["Water 2"] * 2
    assert routed(database, desk.log(operator, "water")) == "Water 1"


def test_work_weighs_by_its_severity(database: Database) -> None:
    """One critical report is as much as four low ones, on hold and escalated ones too."""
    operator = database.connect("tvd_operator")
    first = desk.log(operator, "roads", severity="critical")
    assert routed(database, first) == "Roads 1"
    for status in ("on_hold", "escalated", "in_progress"):
        number = desk.log(operator, "roads", severity="low")
        operator.execute(desk.CHANGE, (desk.id_of(database, number), status))
        assert routed(database, number) == "Roads 2"

    assert routed(database, desk.log(operator, "roads", severity="low")) == "Roads 2"
    # Four each: the one that has waited longest for something new.
    number = desk.log(operator, "roads", severity="low")
    assert routed(database, number) == "Roads 1"
    assert told(database, number)["route"] == {"rule": "category", "open": 1, "load": 4, "of": 2}


def test_of_equals_the_one_longest_without_a_new_ticket_gets_it(database: Database) -> None:
    """Also where what it was given is finished long since; a team that never had one comes first."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    manager = database.connect("tvd_manager")
    for name in ("Water 1", "Water 2", "Water 1"):
        made = desk.id_of(database, desk.log(operator, "roads"))
        owner.execute("update tickets set category = 'water' where id = %s", (made,))
        manager.execute(desk.ASSIGN, (made, desk.team(database, name), None, None))
        manager.execute(desk.CHANGE, (made, "resolved"))

    assert routed(database, desk.log(operator, "water")) == "Water 2"
    hire(owner, "Water 3", "water")
    assert routed(database, desk.log(operator, "water")) == "Water 3"


def test_what_became_a_gbv_report_was_given_to_nobody(database: Database) -> None:
    """It leaves no trace in whose turn it is: the team that had it is as if it never had."""
    operator = database.connect("tvd_operator")
    first = desk.log(operator, "water")
    assert routed(database, first) == "Water 1"
    operator.execute("select muni.mark_sensitive(%s, 'more')", (desk.id_of(database, first),))

    assert routed(database, desk.log(operator, "water")) == "Water 1"


def test_taking_a_ticket_away_is_not_giving_one(database: Database) -> None:
    """What counts is when a team was given something last, not when something else happened to it."""
    operator, manager = database.connect("tvd_operator"), database.connect("tvd_manager")
    first, second = (desk.id_of(database, desk.log(operator, "water")) for _ in range(2))
    manager.execute("select muni.unassign_ticket(%s)", (second,))
    manager.execute("select muni.unassign_ticket(%s)", (first,))

    assert routed(database, desk.log(operator, "water")) == "Water 1"


def test_the_area_goes_before_everything(database: Database) -> None:
    """The team whose service area holds the place, however much it has and near another may be."""
    operator = database.connect("tvd_operator")
    # Inside the area of Water 1 alone; the second square begins at 0.1.
    place = {"latitude": LATITUDE + 0.05, "longitude": LONGITUDE + 0.05}
    numbers = [desk.log(operator, "water", severity="critical", **place) for _ in range(3)]

    assert {routed(database, number) for number in numbers} == {"Water 1"}
    assert told(database, numbers[2]) == {"route": {"rule": "area", "open": 2, "load": 8, "of": 1}}


@pytest.mark.parametrize("metres", [-5, -0.001, 0, 0.001, 5])
def test_an_area_ends_where_it_ends(database: Database, metres: float) -> None:
    """Its boundary belongs to it; what is a millimetre outside is outside, also of a small area."""
    owner = database.connect_owner()
    # A hundred metres across. PostgreSQL's own comparison takes a place ten metres off for inside.
    half = 0.0005
    small = (round(LATITUDE * 1024) / 1024 + 0.4, round(LONGITUDE * 1024) / 1024 + 0.4)
    hire(owner, "Water 3", "water", service_area=square(*small, half))
    edge = small[0] + half
    number = desk.log(
        database.connect("tvd_operator"),
        "water",
        latitude=edge + metres / 111_195,
        longitude=small[1],
    )

    assert (told(database, number)["route"]["rule"] == "area") == (metres <= 0)


def test_the_nearest_within_ten_kilometres(database: Database) -> None:
    """Outside every area the nearest depot decides, whatever it has, and says how far it is."""
    owner, operator = database.connect_owner(), database.connect("tvd_operator")
    owner.execute("update teams set service_area = null")
    # A third of the way from the depot of Water 1, on the way to that of Water 2, 15 km off.
    place = {"latitude": LATITUDE + 0.1 + 0.033, "longitude": LONGITUDE + 0.1 + 0.033}
    numbers = [desk.log(operator, "water", severity="critical", **place) for _ in range(2)]

    assert {routed(database, number) for number in numbers} == {"Water 1"}
    route = told(database, numbers[1])["route"]
    assert (route["rule"], route["open"], route["of"]) == ("near", 1, 1)
    assert 4_900 < route["metres"] < 5_000


@pytest.mark.parametrize(("metres", "rule"), [(9_990, "near"), (10_010, "category")])
def test_ten_kilometres_are_the_limit(database: Database, metres: float, rule: str) -> None:
    """Farther away than that no depot is near."""
    owner = database.connect_owner()
    owner.execute("update teams set service_area = null")
    number = desk.log(
        database.connect("tvd_operator"),
        "electricity",
        latitude=LATITUDE + 0.1 - metres / 111_195,
        longitude=LONGITUDE + 0.1,
    )

    assert told(database, number)["route"]["rule"] == rule


def test_equally_near_ones_share_the_work(database: Database) -> None:
    """Two teams in one depot are equals; a farther one is not, however little it has."""
    owner, operator = database.connect_owner(), database.connect("tvd_operator")
    owner.execute("update teams set service_area = null")
    hire(owner, "Water 3", "water", depot_latitude=LATITUDE + 0.1, depot_longitude=LONGITUDE + 0.1)
    place = {"latitude": LATITUDE + 0.14, "longitude": LONGITUDE + 0.14}
    numbers = [desk.log(operator, "water", **place) for _ in range(4)]

    assert [routed(database, number) for number in numbers] == ["Water 1", "Water 3"] * 2
    assert told(database, numbers[3])["route"]["of"] == 3


def test_a_category_without_a_team_goes_to_the_other_team(database: Database) -> None:
    """Where no active team takes a category, those for everything else do; without them nobody does, and why."""
    owner, operator = database.connect_owner(), database.connect("tvd_operator")
    owner.execute("update teams set is_active = false where category = 'waste'")
    number = desk.log(operator, "waste")
    assert routed(database, number) == "Other 1"
    assert told(database, number) == {"route": {"rule": "other", "open": 0, "load": 0, "of": 1}}

    owner.execute("update teams set is_active = false where category = 'other'")
    number = desk.log(operator, "waste")
    assert routed(database, number) is None
    assert told(database, number) == {"route": {"rule": "none"}}
    desk.assert_invalid(
        database.connect("tvd_manager"),
        ROUTE,
        (desk.id_of(database, number),),
        "no active team takes waste reports; name a team",
    )


def test_only_teams_of_the_own_municipality(database: Database) -> None:
    """A neighbour's team is none, whatever it covers, near or for everything else it is."""
    owner = database.connect_owner()
    owner.execute(
        "update teams as t set is_active = false from municipalities as m"
        " where m.id = t.municipality_id and m.code = 'tvd'"
    )
    area = square(LATITUDE, LONGITUDE, 1)
    depot = {"depot_latitude": LATITUDE, "depot_longitude": LONGITUDE}
    for category in ("water", "other", "gbv"):
        hire(owner, f"Neighbours' {category}", category, "ksb", service_area=area, **depot)
    operator = database.connect("tvd_operator")
    place = {"latitude": LATITUDE, "longitude": LONGITUDE}

    for category in ("water", "gbv"):
        assert routed(database, desk.log(operator, category, **place)) is None
        assert routed(database, desk.log(operator, category)) is None


def test_a_closed_team_gets_nothing(database: Database) -> None:
    """By none of the rules."""
    owner = database.connect_owner()
    area = square(LATITUDE, LONGITUDE, 1)
    owner.execute(
        "update teams set is_active = false, service_area = %s, depot_latitude = %s, depot_longitude = %s"
        " where category in ('water', 'other', 'gbv')",
        (area, LATITUDE, LONGITUDE),
    )
    operator = database.connect("tvd_operator")
    for category in ("water", "gbv"):
        number = desk.log(operator, category, latitude=LATITUDE, longitude=LONGITUDE)
        assert routed(database, number) is None
        assert routed(database, desk.log(operator, category)) is None


def test_a_ticket_is_no_burden_to_the_team_that_has_it(database: Database) -> None:
    """Routed again it stays where it is, unless somebody has less beside it."""
    operator, manager = database.connect("tvd_operator"), database.connect("tvd_manager")
    heavy = desk.log(operator, "water", severity="critical")
    ticket = desk.id_of(database, heavy)
    assert routed(database, heavy) == "Water 1"
    desk.log(operator, "water", severity="low")
    manager.execute(ROUTE, (ticket,))

    assert routed(database, heavy) == "Water 1"
    assert told(database, heavy)["route"] == {"rule": "category", "open": 0, "load": 0, "of": 2}


def test_what_is_resolved_weighs_nothing_where_it_goes(database: Database) -> None:
    """Nor is it taken off what its team has."""
    operator, manager = database.connect("tvd_operator"), database.connect("tvd_manager")
    done, still = (
        desk.id_of(database, desk.log(operator, "water", severity="critical")) for _ in range(2)
    )
    manager.execute(desk.ASSIGN, (still, desk.team(database, "Water 1"), None, None))
    manager.execute(desk.CHANGE, (done, "resolved"))
    row = manager.execute(PROPOSE, (done,)).fetchone()

    assert row is not None
    assert row[1:] == ("Water 2", {"rule": "category", "open": 0, "load": 0, "of": 2})
    desk.log(operator, "water")
    desk.log(operator, "water")
    row = manager.execute(PROPOSE, (done,)).fetchone()
    assert row is not None
    assert row[1:] == ("Water 1", {"rule": "category", "open": 1, "load": 4, "of": 2})


def test_a_proposal_is_what_routing_then_does(database: Database) -> None:
    """The same team for the same reason; asking changes nothing."""
    operator, manager = database.connect("tvd_operator"), database.connect("tvd_manager")
    number = desk.log(operator, "water", latitude=LATITUDE + 0.05, longitude=LONGITUDE + 0.05)
    ticket = desk.id_of(database, number)
    manager.execute(desk.ASSIGN, (ticket, desk.team(database, "Roads 1"), None, None))
    before = desk.ticket(database, number)
    team, name, route = manager.execute(PROPOSE, (ticket,)).fetchone() or (None, None, None)

    assert desk.ticket(database, number) == before
    assert (name, route) == ("Water 1", {"rule": "area", "open": 0, "load": 0, "of": 1})
    manager.execute(ROUTE, (ticket,))
    assert desk.ticket(database, number)["assigned_team_id"] == team
    assert told(database, number) == {"route": route}


# -------------------------------------------------------------------------------- GBV


@pytest.mark.parametrize(
    ("shift", "station"), [((0.19, 0.3), "SAPS North"), ((-0.01, 0.0), "SAPS South")]
)
def test_a_gbv_report_goes_to_the_nearest_station(
    database: Database, shift: tuple[float, float], station: str
) -> None:
    """The SAPS team whose depot is nearest to the place gets the report, whatever its load or area."""
    owner = database.connect_owner()
    latitude, longitude = LATITUDE + shift[0], LONGITUDE + shift[1]
    hire(owner, "SAPS East", "gbv", service_area=square(latitude, longitude, 1))
    numbers = [
        desk.log(database.connect("tvd_operator"), "gbv", latitude=latitude, longitude=longitude)
        for _ in range(3)
    ]

    assert {routed(database, number) for number in numbers} == {station}
    # Neither what a station has nor how far away the place is: more people read a history than a report.
    assert told(database, numbers[0]) == {"route": {"rule": "near", "of": 2}}


def test_the_nearest_station_may_be_far_away(database: Database) -> None:
    """Ten kilometres are a municipal team's."""
    number = desk.log(
        database.connect("tvd_operator"), "gbv", latitude=LATITUDE - 9, longitude=LONGITUDE
    )

    assert routed(database, number) == "SAPS South"


def test_without_a_place_any_station(database: Database) -> None:
    """A GBV report without coordinates goes to the station with the least open work."""
    operator = database.connect("tvd_operator")
    numbers = [desk.log(operator, "gbv") for _ in range(2)]

    assert {routed(database, number) for number in numbers} == {"SAPS North", "SAPS South"}
    assert told(database, numbers[0]) == {"route": {"rule": "category", "of": 2}}


def test_a_station_without_a_depot_comes_last(database: Database) -> None:
    """A station whose place is not known is no nearest one."""
    database.connect_owner().execute(
        "update teams set depot_latitude = null, depot_longitude = null where name = 'SAPS South'"
    )
    number = desk.log(
        database.connect("tvd_operator"), "gbv", latitude=LATITUDE - 0.2, longitude=LONGITUDE
    )

    assert routed(database, number) == "SAPS North"
    assert told(database, number) == {"route": {"rule": "near", "of": 1}}


def test_without_a_station_a_gbv_report_waits_for_one(database: Database) -> None:
    """It goes to nobody else, not even to those for everything else; a municipality without teams takes it too."""
    database.connect_owner().execute("update teams set is_active = false where is_saps")
    operator = database.connect("tvd_operator")
    place = {"latitude": LATITUDE, "longitude": LONGITUDE}
    marked = desk.log(operator, "water", **place)
    operator.execute("select muni.mark_sensitive(%s, 'more')", (desk.id_of(database, marked),))

    for number in (desk.log(operator, "gbv"), desk.log(operator, "gbv", **place), marked):
        assert routed(database, number) is None
        assert told(database, number) == {"route": {"rule": "none"}}


def test_what_is_marked_sensitive_goes_to_the_nearest_station(database: Database) -> None:
    """By its place, and its history says so."""
    operator = database.connect("tvd_operator")
    number = desk.log(operator, "water", latitude=LATITUDE - 0.1, longitude=LONGITUDE)
    operator.execute("select muni.mark_sensitive(%s, 'more')", (desk.id_of(database, number),))

    assert routed(database, number) == "SAPS South"
    assert told(database, number) == {"route": {"rule": "near", "of": 2}}


def test_distances_are_those_of_the_globe(database: Database) -> None:
    """A degree of latitude is 111 km; across the date line is not round the world; without a place there is none."""
    owner = database.connect_owner()
    metres = [
        desk.value(owner, "select round(_distance(%s, %s, %s, %s))", *points)
        for points in (
            *((0, 0, 1, 0), (0, 179.5, 0, -179.5), (-26.2, 28, -26.2, 28), (90, 0, -90, 0)),
            *((None, None, 0, 0), (0, 0, None, None)),
        )
    ]

    assert metres == [111_195, 111_195, 0, 20_015_114, None, None]
