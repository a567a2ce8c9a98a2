"""Setting a municipality up and trying its clocks, without a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.values import Category, SlaState
from municonsole.services.municipality import MunicipalFile

TOML = """
[municipality]
code = "tvd"
name = "Testville District"
time_zone = "Africa/Johannesburg"
[[calendar]]
name = "office"
weekdays = ["08:00-16:30"]
country = "ZA"
[[policy]]
category = "roads"
calendar = "office"
response = "4h"
resolution = "8h 30min"
"""
FRIDAY = datetime(2026, 9, 18, 14, tzinfo=UTC)
"""Four in the afternoon in Testville."""


@pytest.fixture
def read(tmp_path: Path):
    """Read a file's text as a municipality's file."""

    def read(text: str = TOML) -> MunicipalFile:
        file = tmp_path / "testville.toml"
        file.write_text(text)
        return MunicipalFile.read(file)

    return read


async def test_an_administrator_applies_a_file(desk_of: OpenDesk, read):
    """What changed comes back, once; a preview goes by it at once, another colleague's too."""
    admin, operator = await desk_of("tvd_admin"), await desk_of("tvd_operator")
    before = await operator.trials.run(None, Category.ROADS, FRIDAY)
    changes = await admin.setting_up.apply(read())
    again = await admin.setting_up.apply(read())
    after = await operator.trials.run("tvd", Category.ROADS, FRIDAY)

    assert {
        (change.what, change.name, change.change) for change in changes if change.change != "left"
    } == {
        ("calendar", "office", "added"),
        ("policy", "roads", "added"),
        ("policy", "water", "retired"),
        ("policy", "default", "retired"),
    }
    assert {change.change for change in again} == {"left"}
    assert (before.policy, before.calendar) == ("default", "around the clock")
    assert (after.policy, after.calendar) == ("roads", "office")
    assert after.response_deadline == datetime(2026, 9, 21, 9, 30, tzinfo=UTC)


async def test_a_trial_takes_its_pauses_and_its_time(desk_of: OpenDesk, read):
    """Held for two working hours the resolution is due two hours later, and the state is of that time."""
    admin = await desk_of("tvd_admin")
    await admin.setting_up.apply(read())
    start = datetime(2026, 9, 21, 7, tzinfo=UTC)
    held = (datetime(2026, 9, 21, 8, tzinfo=UTC), datetime(2026, 9, 21, 10, tzinfo=UTC))
    trial = await admin.trials.run(
        None, Category.ROADS, start, [held], at=held[0], until=datetime(2026, 9, 21, 11, tzinfo=UTC)
    )

    assert trial.resolution_deadline == datetime(2026, 9, 22, 9, tzinfo=UTC)
    assert trial.sla_status is SlaState.PAUSED
    assert trial.worked_seconds == 2 * 3600


async def test_others_are_told_whose_it_is(desk_of: OpenDesk, read):
    """A manager applies nothing, a liaison tries nothing; neither reaches the database with it."""
    manager, liaison = await desk_of("tvd_manager"), await desk_of("tvd_saps")

    with pytest.raises(Refused, match="a municipality is set up by its administrators"):
        await manager.setting_up.apply(read())
    with pytest.raises(Refused, match="clocks are tried by operators, managers and administrators"):
        await liaison.trials.run(None, Category.WATER, FRIDAY)


async def test_what_the_database_finds_wrong_names_the_file(desk_of: OpenDesk, read):
    """Its reason has the file in front, and the desk goes on working."""
    admin = await desk_of("tvd_admin")
    with pytest.raises(
        InvalidInput, match=r"testville\.toml: policy .roads. resolution: the calendar"
    ):
        await admin.setting_up.apply(read(TOML.replace("8h 30min", "999999h")))

    assert await admin.setting_up.apply(read())


async def test_recomputing_may_take_longer_than_a_question(
    database: Database, desk_of: OpenDesk, read
):
    """A statement's time is for what somebody waits for; a million deadlines take longer."""
    admin = await desk_of("tvd_admin")
    with database.connect_owner() as owner:
        owner.execute(
            "create function muni.tell() returns trigger language plpgsql as $$ begin"
            " raise exception 'stopped after %', current_setting('statement_timeout')"
            " using errcode = '22023'; end $$"
        )
        owner.execute(
            "create trigger tell before insert on muni.calendars execute function muni.tell()"
        )
    for recompute, allowed in ((False, "30s"), (True, "0"), (False, "30s")):
        with pytest.raises(InvalidInput, match=f"stopped after {allowed}$"):
            await admin.setting_up.apply(read(), recompute=recompute)
