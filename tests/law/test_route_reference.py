"""Routing against a slow reference that shares nothing with it: shapely's geometry and plain lists."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
import pytest
import shapely
from support import world
from support.database import Database, Server

from law import desk

TEAMS = 300
REPORTS = 5_000
WEIGHT = {"low": 1, "medium": 2, "high": 3, "critical": 4}
REACH = 10_000.0
GRAIN = 1 / 1024
"""Corners lie on a grid of this many degrees, so that the middle of an edge is a number like any other."""

pytestmark = pytest.mark.law


@dataclass(slots=True)
class Crew:
    """A team as the reference knows it: its work is a list of the reports it was given."""

    id: int
    category: str
    is_active: bool
    area: shapely.Polygon | None
    depot: tuple[float, float] | None
    work: list[Report] = field(default_factory=list)
    last: int = -1


@dataclass(slots=True)
class Report:
    """What is told of a report, and what the law made of it."""

    category: str
    severity: str
    place: tuple[float, float] | None
    is_finished: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A team and the reason, as an event's data has it."""

    team: int | None
    route: dict[str, object]


@pytest.fixture(scope="module")
def crowded(server: Server) -> Iterator[tuple[Database, list[Crew]]]:
    """A municipality of three hundred teams with concave areas over and beside each other."""
    database = server.fresh()
    owner = database.connect_owner()
    # Two hundred for every municipal category but sanitation, which is "other"'s; a dozen stations.
    owner.execute("update teams set is_active = false")
    crews = [_crew(owner, random.Random(number), number) for number in range(TEAMS)]
    yield database, crews
    server.drop(database)


def _crew(owner: psycopg.Connection, chance: random.Random, number: int) -> Crew:
    category = ("water", "roads", "electricity", "waste", "other", "gbv")[number % 6]
    if category == "gbv" and number > 70:
        category = "water"
    latitude, longitude = world.CENTRES["tvd"]
    middle = latitude + chance.uniform(-0.5, 0.5), longitude + chance.uniform(-0.5, 0.5)
    corners = _corners(chance, middle) if chance.random() < 0.7 else None
    # Now and then two teams share a depot, and so every distance.
    depot = middle if chance.random() < 0.7 else (latitude + 0.25, longitude - 0.25)
    is_active = chance.random() < 0.9
    team_id = desk.value(
        owner,
        "insert into teams (municipality_id, name, category, is_saps, is_active, service_area,"
        " depot_latitude, depot_longitude) select m.id, %s, %s, %s, %s, %s::polygon, %s, %s"
        " from municipalities as m where m.code = 'tvd' returning id",
        *(f"Crew {number}", category, category == "gbv", is_active),
        "(" + ",".join(f"({x},{y})" for x, y in corners) + ")" if corners else None,
        *(depot if chance.random() < 0.85 else (None, None)),
    )
    row = owner.execute(
        "select depot_latitude, depot_longitude from teams where id = %s", (team_id,)
    )
    return Crew(
        id=team_id,
        category=category,
        is_active=is_active,
        area=shapely.Polygon(corners) if corners else None,
        depot=found if (found := row.fetchone()) and found[0] is not None else None,
    )


def _corners(chance: random.Random, middle: tuple[float, float]) -> list[tuple[float, float]]:
    """A star of five to twelve points: corners at growing angles, near and far in turn, on the grid."""
    latitude, longitude = middle
    while True:
        count = chance.randint(5, 12)
        angles = sorted(chance.uniform(0, 2 * math.pi) for _ in range(count))
        corners = [
            (
                round((longitude + away * math.cos(angle)) / GRAIN) * GRAIN,
                round((latitude + away * math.sin(angle)) / GRAIN) * GRAIN,
            )
            for angle, away in ((angle, chance.choice((0.02, 0.05, 0.15))) for angle in angles)
        ]
        area = shapely.Polygon(corners)
        if area.is_valid and area.area > 0 and area.area < area.convex_hull.area:
            return corners


def _metres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The great circle by the law of haversines, on the mean radius."""
    (from_lat, from_lon), (to_lat, to_lon) = (tuple(map(math.radians, p)) for p in (here, there))
    rise = math.sin((to_lat - from_lat) / 2) ** 2
    turn = math.sin((to_lon - from_lon) / 2) ** 2
    return 2 * 6371008.8 * math.asin(math.sqrt(rise + math.cos(from_lat) * math.cos(to_lat) * turn))


def _choose(crews: Sequence[Crew], report: Report) -> Choice:
    """The rules of docs/how-to/assign.md, tried one after the other."""
    sensitive = report.category == "gbv"
    active = [crew for crew in crews if crew.is_active]
    own = [crew for crew in active if crew.category == report.category]
    others = [] if sensitive else [crew for crew in active if crew.category == "other"]
    inside, away = [], {}
    if report.place is not None:
        spot = shapely.Point(report.place[1], report.place[0])
        if not sensitive:
            inside = [crew for crew in own if crew.area is not None and crew.area.covers(spot)]
        away = {crew.id: _metres(report.place, crew.depot) for crew in own if crew.depot}
        away = {crew: far for crew, far in away.items() if sensitive or far <= REACH}
    rule, equals, among = next(
        (
            (rule, equals, among)
            for rule, equals, among in (
                ("area", inside, len(inside)),
                (
                    "near",
                    [crew for crew in own if away.get(crew.id) == min(away.values(), default=None)]
                    if away
                    else [],
                    len(away),
                ),
                ("category", own, len(own)),
                ("other", others, len(others)),
            )
            if equals
        ),
        ("none", [], None),
    )
    if not equals:
        return Choice(None, {"rule": rule})
    best = min(equals, key=lambda crew: (_load(crew), crew.last, crew.id))
    route: dict[str, object] = {"rule": rule, "of": among}
    if not sensitive:
        route |= {"open": len(_unfinished(best)), "load": _load(best)}
        if rule == "near":
            route["metres"] = round(min(away.values()))
    return Choice(best.id, route)


def _unfinished(crew: Crew) -> list[Report]:
    return [report for report in crew.work if not report.is_finished]


def _load(crew: Crew) -> int:
    return sum(WEIGHT[report.severity] for report in _unfinished(crew))


def _report(chance: random.Random, crews: Sequence[Crew]) -> Report:
    """Anywhere, beside an area's edge by a hair, on it, on a corner, far away, or nowhere."""
    latitude, longitude = world.CENTRES["tvd"]
    category = chance.choice(
        ("water", "roads", "electricity", "waste", "sanitation", "other", "gbv")
    )
    place: tuple[float, float] | None
    kind = chance.random()
    areas = [c for c in crews if c.is_active and c.area is not None and c.category != "gbv"]
    if kind < 0.5:
        place = latitude + chance.uniform(-0.7, 0.7), longitude + chance.uniform(-0.7, 0.7)
    elif kind < 0.55:
        place = None
    elif kind < 0.6:
        place = latitude + 5, longitude + chance.uniform(-0.5, 0.5)
    else:
        crew = chance.choice(areas)
        category = crew.category
        assert crew.area is not None
        corners = [*crew.area.exterior.coords]
        (x, y), (next_x, next_y) = chance.choice([*itertools.pairwise(corners)])
        if kind < 0.7:
            place = y, x
        elif kind < 0.85:
            place = (y + next_y) / 2, (x + next_x) / 2
        else:
            hair = chance.choice((-1, 1)) * chance.choice((1e-9, 1e-7, 1e-6, 1e-5))
            place = (y + next_y) / 2 + hair, (x + next_x) / 2
    return Report(category, chance.choice([*WEIGHT]), place)


@pytest.mark.parametrize("reports", [REPORTS // 5, pytest.param(REPORTS, marks=pytest.mark.prove)])
def test_each_report_goes_where_the_reference_sends_it(
    crowded: tuple[Database, list[Crew]], reports: int
) -> None:
    """The same team for the same reason, each time, while work comes and goes."""
    database, crews = crowded
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    manager = database.connect("tvd_manager")
    chance = random.Random(2026)
    by_id = {crew.id: crew for crew in crews}
    rules: dict[object, int] = {}
    open_reports: list[tuple[str, Report]] = []
    for turn in range(reports):
        report = _report(chance, crews)
        wanted = _choose(crews, report)
        place = dict(zip(("latitude", "longitude"), report.place or (), strict=False))
        number = desk.log(operator, report.category, severity=report.severity, **place)
        found = owner.execute(
            "select e.team_id, e.data -> 'route' from tickets as t"
            " join ticket_events as e on e.ticket_id = t.id and e.seq = t.last_seq"
            " where t.tracking_number = %s",
            (number,),
        ).fetchone()

        assert found == (wanted.team, wanted.route), (turn, report)
        rules[wanted.route["rule"]] = rules.get(wanted.route["rule"], 0) + 1
        if wanted.team is not None:
            by_id[wanted.team].work.append(report)
            by_id[wanted.team].last = turn
        if report.category != "gbv":
            open_reports.append((number, report))
        if turn % 3 == 0 and open_reports:
            number, report = open_reports.pop(chance.randrange(len(open_reports)))
            report.is_finished = True
            manager.execute(
                "select muni.change_status(t.id, 'resolved') from muni.tickets as t"
                " where t.tracking_number = %s",
                (number,),
            )

    assert (
        min(rules.get(rule, 0) for rule in ("area", "near", "category", "other")) > reports // 100
    )


def test_many_in_one_statement_go_as_one_by_one(crowded: tuple[Database, list[Crew]]) -> None:
    """What one ticket is given counts for the next, also where it leaves another team by it."""
    database, crews = crowded
    owner, manager = database.connect_owner(), database.connect("tvd_manager")
    operator = database.connect("tvd_operator")
    chance = random.Random(7)
    teams = {
        c.category: [d.id for d in crews if d.is_active and d.category == c.category] for c in crews
    }
    ids = []
    for turn in range(300):
        report = _report(chance, crews)
        if report.category == "gbv":
            continue
        place = dict(zip(("latitude", "longitude"), report.place or (), strict=False))
        made = desk.id_of(
            database, desk.log(operator, report.category, severity=report.severity, **place)
        )
        ids.append(made)
        # A third lies with some team that it need not stay with, some are resolved already.
        if turn % 3 == 0 and report.category in teams:
            manager.execute(
                "select muni.assign_ticket(%s, %s)", (made, chance.choice(teams[report.category]))
            )
        if turn % 10 == 0:
            manager.execute(desk.CHANGE, (made, "resolved"))
    chance.shuffle(ids)
    together = owner.execute(
        "select ticket_id, team_id, route from _route(%s, false)", (ids,)
    ).fetchall()
    singly = []
    for ticket in ids:
        manager.execute("select muni.assign_ticket(%s)", (ticket,))
        singly += owner.execute(
            "select e.ticket_id, e.team_id, e.data -> 'route' from ticket_events as e"
            " where e.ticket_id = %s order by e.seq desc limit 1",
            (ticket,),
        ).fetchall()

    assert together == singly
