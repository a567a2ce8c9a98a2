"""Writes who tickets refer to: municipalities, teams and people."""

from __future__ import annotations

import psycopg

from municonsole.demo.seed.world import Town


def populate(
    connection: psycopg.Connection[tuple[object, ...]], town: Town
) -> tuple[int, dict[str, int]]:
    """Write one municipality as the owner; its id and its teams' ids by name."""
    municipality_id = _new_id(
        connection,
        "insert into muni.municipalities (code, name) values (%s, %s) returning id",
        (town.code, town.name),
    )
    teams = {
        crew.name: _new_id(
            connection,
            """
            insert into muni.teams (
                municipality_id, name, category, is_saps, service_area, depot_latitude, depot_longitude
            ) values (%s, %s, %s, %s, %s, %s, %s) returning id
            """,
            (
                municipality_id,
                crew.name,
                crew.category.value,
                crew.is_saps,
                crew.polygon,
                crew.depot_latitude,
                crew.depot_longitude,
            ),
        )
        for crew in town.crews
    }
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into muni.suburbs values (%s, %s, %s, %s)",
            [(municipality_id, s.name, s.latitude, s.longitude) for s in town.suburbs],
        )
        cursor.executemany(
            """
            insert into muni.operators (username, municipality_id, role, team_id, full_name)
            values (%s, %s, %s, %s, %s)
            """,
            [
                (
                    login.username,
                    municipality_id,
                    login.role.value,
                    teams[login.team] if login.team else None,
                    login.full_name,
                )
                for login in town.people
            ],
        )
        cursor.executemany(
            "update muni.teams set manager = %s where id = %s",
            [(crew.manager, teams[crew.name]) for crew in town.crews if crew.manager],
        )
    return municipality_id, teams


def _new_id(
    connection: psycopg.Connection[tuple[object, ...]], statement: str, values: tuple[object, ...]
) -> int:
    row = connection.execute(statement, values).fetchone()
    if row is None or not isinstance(row[0], int):
        raise TypeError("an insert that returns an id returned none")
    return row[0]
