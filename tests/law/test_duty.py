"""Who is at work: said by oneself, seen by one's own side of the wall, forgotten after three minutes."""

from __future__ import annotations

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk

HERE = "select muni.be_on_duty()"
SEEN = "select username::text from muni.duties order by 1"

pytestmark = pytest.mark.law


def seen(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(SEEN).fetchall()]


@pytest.fixture
def everybody(database: Database) -> Database:
    """All are at work, in both municipalities."""
    for code in desk.CODES:
        for role in desk.ROLES:
            database.connect(desk.login(code, role)).execute(HERE)
    return database


@pytest.mark.parametrize("role", desk.ROLES)
def test_each_side_sees_its_own(everybody: Database, role: str) -> None:
    """Municipal colleagues see municipal people, SAPS liaisons see liaisons, all of them their own municipality's."""
    municipal = ["tvd_admin", "tvd_manager", "tvd_operator"]

    assert seen(everybody.connect(desk.login("tvd", role))) == (
        ["tvd_saps"] if role == "saps_liaison" else municipal
    )


def test_it_is_said_again_and_taken_back(everybody: Database) -> None:
    """Once a minute; on leaving one is gone, and nobody else is."""
    owner = everybody.connect_owner()
    owner.execute("update duties set seen_at = seen_at - interval '2 minutes'")
    operator = everybody.connect("tvd_operator")
    operator.execute(HERE)
    fresh = (
        "select username::text from duties where seen_at > clock_timestamp() - interval '1 minute'"
    )
    assert owner.execute(fresh).fetchall() == [("tvd_operator",)]

    operator.execute("select muni.leave_duty()")
    assert seen(operator) == ["tvd_admin", "tvd_manager"]
    operator.execute("select muni.leave_duty()")


def test_who_changes_sides_or_municipality_is_seen_where_they_are(everybody: Database) -> None:
    """As soon as they are at work again."""
    owner = everybody.connect_owner()
    owner.execute("update operators set municipality_id = 2 where username = 'tvd_operator'")
    everybody.connect("tvd_operator").execute(HERE)

    assert "tvd_operator" not in seen(everybody.connect("tvd_manager"))
    assert "tvd_operator" in seen(everybody.connect("ksb_manager"))
    owner.execute("update duties set is_saps = not is_saps where username = 'tvd_operator'")
    everybody.connect("tvd_operator").execute(HERE)
    assert "tvd_operator" in seen(everybody.connect("ksb_manager"))


def test_who_vanished_without_a_word_is_forgotten(everybody: Database) -> None:
    """By the next sweep of their municipality, three minutes later; whoever says so at this moment is not."""
    owner = everybody.connect_owner()
    owner.execute(
        "update duties set seen_at = seen_at - interval '4 minutes' where username <> 'tvd_saps'"
    )
    owner.execute(
        "update duties set seen_at = seen_at - interval '2 minutes' where username = 'tvd_saps'"
    )
    saying = everybody.connect("tvd_operator", autocommit=False)
    saying.execute(HERE)
    manager = everybody.connect("tvd_manager")
    manager.execute("set lock_timeout = '1s'")
    manager.execute("select muni.sweep_sla('0')")
    saying.commit()

    left = [name for (name,) in owner.execute(SEEN).fetchall()]
    assert left == [
        desk.login("ksb", role) for role in ("admin", "manager", "operator", "saps_liaison")
    ] + [
        "tvd_operator",
        "tvd_saps",
    ]


def test_nobody_else_is_at_work(database: Database) -> None:
    """Neither the house's own programs nor a login that is nobody here."""
    for login in (world.WORKER, world.INTAKE, world.STRANGER, "tvd_disabled"):
        assert desk.refusal(database.connect(login), HERE).sqlstate == "42501"
