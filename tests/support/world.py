"""The fixed world every test database begins with: two municipalities with teams and people."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from support.scram import verifier

MUNICIPALITIES = (("tvd", "Testville District"), ("ksb", "Kusasa Bay"))
CATEGORIES = ("water", "roads", "electricity", "waste", "sanitation", "other")
GROUPS = {
    "operator": "muni_operator",
    "manager": "muni_manager",
    "admin": "muni_admin",
    "saps_liaison": "muni_saps",
}
CENTRES = {"tvd": (-26.20, 28.00), "ksb": (-29.80, 31.00)}
"""Latitude and longitude of each municipality's middle; teams lie around it."""

WORKER = "test_worker"
INTAKE = "test_intake"
STRANGER = "test_stranger"
"""A login of the server that is nobody at a desk."""


@dataclass(frozen=True, slots=True)
class Person:
    """An operator of the test world: ``tvd_operator``, ``ksb_saps`` and so on."""

    username: str
    municipality: str
    role: str
    team: str | None
    full_name: str
    is_active: bool = True


def _people() -> Iterable[Person]:
    for code, _ in MUNICIPALITIES:
        name = code.upper()
        yield Person(f"{code}_operator", code, "operator", "Water 1", f"{name} Operator 1")
        yield Person(f"{code}_operator2", code, "operator", "Roads 1", f"{name} Operator 2")
        yield Person(f"{code}_teamless", code, "operator", None, f"{name} Operator 3")
        yield Person(f"{code}_disabled", code, "operator", "Water 1", f"{name} Operator 4", False)
        yield Person(f"{code}_manager", code, "manager", "Water 1", f"{name} Manager 1")
        yield Person(f"{code}_admin", code, "admin", None, f"{name} Admin 1")
        yield Person(f"{code}_saps", code, "saps_liaison", "SAPS North", f"{name} Liaison 1")
        yield Person(f"{code}_saps2", code, "saps_liaison", "SAPS South", f"{name} Liaison 2")


PEOPLE = tuple(_people())


def create_logins(owner: psycopg.Connection) -> dict[str, str]:
    """Create everybody's login role, as the owner; gives the password of each.

    A server keeps roles for all its databases, so this is done once a server.
    """
    members = {person.username: GROUPS[person.role] for person in PEOPLE}
    members |= {WORKER: "muni_worker", INTAKE: "muni_intake"}
    passwords = {}
    for username in (*members, STRANGER):
        passwords[username] = secrets.token_urlsafe(12)
        owner.execute(
            sql.SQL("create role {} login password {}").format(
                sql.Identifier(username),
                sql.Literal(verifier(passwords[username])),
            )
        )
    for username, group in members.items():
        owner.execute(
            sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(username))
        )
    return passwords


def fill(owner: psycopg.Connection) -> None:
    """Write municipalities, teams, people and SLA policies, as the owner of the schema."""
    with owner.transaction():
        owner.execute("set local role muni_owner")
        owner.execute("set local search_path = muni, pg_temp")
        for code, name in MUNICIPALITIES:
            owner.execute("insert into municipalities (code, name) values (%s, %s)", (code, name))
            for values in _teams(code):
                owner.execute(
                    """
                    insert into teams (
                        municipality_id, name, category, is_saps, is_active,
                        service_area, depot_latitude, depot_longitude
                    )
                    select id, %s, %s, %s, %s, %s, %s, %s from municipalities where code = %s
                    """,
                    (*values, code),
                )
        for person in PEOPLE:
            owner.execute(
                """
                insert into operators
                    (username, municipality_id, role, team_id, full_name, is_active)
                select %s, m.id, %s, t.id, %s, %s
                from municipalities as m
                left join teams as t on t.municipality_id = m.id and t.name = %s
                where m.code = %s
                """,
                (
                    person.username,
                    person.role,
                    person.full_name,
                    person.is_active,
                    person.team,
                    person.municipality,
                ),
            )
        owner.execute(
            """
            update teams as t set manager = m.code || '_manager'
            from municipalities as m where m.id = t.municipality_id and not t.is_saps
            """
        )
        # tvd has a default and one of its own for water; ksb lives by the built-in default.
        owner.execute(
            """
            insert into sla_policies (municipality_id, category, response_target, resolution_target)
            select m.id, p.category, p.response, p.resolution
            from municipalities as m
            cross join (
                values
                ('water', interval '2 h', interval '24 h'), (null, interval '8 h', interval '72 h')
            ) as p (category, response, resolution)
            where m.code = 'tvd'
            """
        )


def _teams(code: str) -> Iterable[tuple[object, ...]]:
    """Give name, category, is_saps, is_active, service area, depot latitude and longitude.

    Water and roads have two teams, the others one; the two SAPS stations lie 0.2 degrees north
    and south of the middle; one team no longer exists.
    """
    latitude, longitude = CENTRES[code]
    for category in CATEGORIES:
        for number in (1, 2) if category in {"water", "roads"} else (1,):
            shift = 0.1 * number
            area = _square(latitude + shift, longitude + shift, 0.1)
            name = f"{category.capitalize()} {number}"
            yield name, category, False, True, area, latitude + shift, longitude + shift
    yield "SAPS North", "gbv", True, True, None, latitude + 0.2, longitude
    yield "SAPS South", "gbv", True, True, None, latitude - 0.2, longitude
    yield "Water closed", "water", False, False, None, latitude, longitude


def _square(latitude: float, longitude: float, half: float) -> str:
    corners = ((-half, -half), (-half, half), (half, half), (half, -half))
    return "(" + ",".join(f"({longitude + x},{latitude + y})" for x, y in corners) + ")"
