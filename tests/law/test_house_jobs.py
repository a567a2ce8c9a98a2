"""Who takes a job of the house, and that one job is not another."""

from __future__ import annotations

import pytest
from psycopg import sql
from support import world
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

SWEEP = "select * from muni.sweep_sla()"
UPKEEP = "select * from muni.run_upkeep()"
HELD = "select name, municipality_id, done_at, done_by, result from muni.jobs order by 1, 2"


def do_everything(database: Database) -> None:
    """Every job of every municipality, so that nothing is due."""
    worker = database.connect(world.WORKER)
    for job in (SWEEP, UPKEEP):
        while worker.execute(job).fetchall():
            pass


@pytest.mark.parametrize(
    ("done", "due", "name"), [(SWEEP, UPKEEP, "upkeep"), (UPKEEP, SWEEP, "sweep")]
)
def test_a_job_that_is_due_is_not_done_as_another(
    database: Database, done: str, due: str, name: str
) -> None:
    """It stays due, and what was said of it when it was done last stays as well."""
    do_everything(database)
    worker, owner = database.connect(world.WORKER), database.connect_owner()
    owner.execute("update jobs set done_at = done_at - interval '2 days' where name = %s", (name,))
    before = owner.execute(HELD).fetchall()

    assert worker.execute(done).fetchall() == []
    assert owner.execute(HELD).fetchall() == before

    assert len(worker.execute(due).fetchall()) == 1
    after = owner.execute(HELD).fetchall()
    assert sum(was != now for was, now in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("job", [SWEEP, UPKEEP])
def test_who_has_a_desk_is_no_worker(database: Database, job: str) -> None:
    """A second group, by mistake, tells an operator no more than before, and a disabled one nothing."""
    owner = database.connect(database.owner)
    for name in ("tvd_operator", "tvd_disabled"):
        owner.execute(sql.SQL("grant muni_worker to {}").format(sql.Identifier(name)))
    try:
        assert desk.refusal(database.connect("tvd_disabled"), job).sqlstate == "42501"
        operator = database.connect("tvd_operator")
        told = [operator.execute(job).fetchall()[0][0] for _ in world.MUNICIPALITIES]
        assert set(told) == {"tvd", None}
    finally:
        for name in ("tvd_operator", "tvd_disabled"):
            owner.execute(sql.SQL("revoke muni_worker from {}").format(sql.Identifier(name)))
