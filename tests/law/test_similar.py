"""What is already reported when a call is taken: near by, in the same suburb, in similar words."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk

SIMILAR = "select ticket_id, metres, likeness from muni.similar_tickets(%s, %s, %s, %s, %s)"
METRE = 1 / 111195
"""Degrees of latitude."""

pytestmark = pytest.mark.law


def similar(
    connection: psycopg.Connection,
    category: str = "water",
    latitude: float | None = None,
    longitude: float | None = None,
    suburb: str | None = None,
    words: str | None = None,
) -> list[uuid.UUID]:
    """The tickets that may be the same, likeliest first."""
    rows = connection.execute(SIMILAR, (category, latitude, longitude, suburb, words)).fetchall()
    return [row[0] for row in rows]


def test_what_is_near_may_be_the_same(database: Database) -> None:
    """Within 300 m, of the category, open, in one's municipality; the nearest first."""
    operator = database.connect("tvd_operator")
    latitude, longitude = world.CENTRES["tvd"]

    def at(metres: float, category: str = "water", who: str = "tvd_operator") -> uuid.UUID:
        given = {"latitude": latitude + metres * METRE, "longitude": longitude}
        return desk.id_of(database, desk.log(database.connect(who), category, **given))

    far, near, same = at(299), at(100), at(0)
    at(301)
    at(10, "roads")
    at(10, "gbv")
    at(10, who="ksb_operator")
    done, old = at(20), at(30)
    database.connect_owner().execute(
        "update tickets set created_at = created_at - interval '73 hours' where id = %s", (old,)
    )
    database.connect("tvd_manager").execute(desk.CHANGE, (done, "resolved"))

    assert similar(operator, "water", latitude, longitude) == [same, near, far]
    assert similar(operator, "gbv", latitude, longitude) == []


def test_without_a_place_suburb_and_words_tell(database: Database) -> None:
    """The same suburb first, then what is said in the same words; old reports not at all."""
    operator = database.connect("tvd_operator")
    here = desk.id_of(database, desk.log(operator, "water", "no pressure", suburb="Hilltop"))
    alike = desk.id_of(
        database, desk.log(operator, "water", "A burst pipe floods Station Road near the school")
    )
    old = desk.id_of(database, desk.log(operator, "water", "burst pipe in Station Road"))
    database.connect_owner().execute(
        "update tickets set created_at = created_at - interval '73 hours' where id = %s", (old,)
    )
    words = "burst pipe, station road"
    elsewhere = database.connect("ksb_operator")
    desk.log(elsewhere, "water", "burst pipe in Station Road", suburb="Hilltop")
    desk.log(operator, "roads", "burst pipe in Station Road", suburb="Hilltop")
    done = desk.log(operator, "water", "burst pipe in Station Road", suburb="Hilltop")
    database.connect("tvd_manager").execute(desk.CHANGE, (desk.id_of(database, done), "resolved"))

    assert similar(operator, suburb="Hilltop", words=words) == [here, alike]
    assert similar(operator, suburb="Hilltop") == [here]
    assert similar(operator, words=words) == [alike]
    assert similar(operator, words="burst") == []
    # Half of a place is none.
    assert similar(operator, latitude=-26.2, suburb="Hilltop") == [here]
    assert similar(operator, longitude=28.0, suburb="Hilltop") == [here]
    assert similar(operator, words="a an it") == []
    assert similar(operator) == []
