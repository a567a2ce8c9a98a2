from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from rows import NOW, ZONE

from municonsole.domain.errors import InvalidInput
from municonsole.ui.times import instant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("16:30", "2026-09-21T16:30:00+02:00"),
        ("today 9:05", "2026-09-21T09:05:00+02:00"),
        ("Tomorrow 10:00", "2026-09-22T10:00:00+02:00"),
        (" 2026-10-01   08:00 ", "2026-10-01T08:00:00+02:00"),
        ("+4h", "2026-09-21T14:00:00+00:00"),
        ("+ 30min", "2026-09-21T10:30:00+00:00"),
        ("+2d", "2026-09-23T10:00:00+00:00"),
    ],
)
def test_a_time_is_what_the_municipalitys_clock_shows(typed: str, meant: str) -> None:
    """Half past four is half past four at the town hall, wherever the terminal stands."""
    assert instant(typed, NOW, ZONE).isoformat() == meant


@pytest.mark.parametrize(
    "typed", ["soon", "", "25:00", "2026-13-01 10:00", "10", "yesterday 10:00", "\x1b[2J 10:00"]
)
def test_what_is_no_time_is_refused_in_one_sentence(typed: str) -> None:
    """The sentence quotes it, harmless, and shows how one is typed."""
    with pytest.raises(InvalidInput, match="is not a time; type one like") as refused:
        instant(typed, NOW, ZONE)

    assert str(refused.value).isprintable()


def test_an_hour_that_clocks_leave_out_is_refused_and_one_that_comes_twice_is_the_first() -> None:
    """In the night in which clocks go forward nobody is promised half past two."""
    berlin = ZoneInfo("Europe/Berlin")

    with pytest.raises(InvalidInput, match="there is no 02:30: the clocks go forward"):
        instant("2026-03-29 02:30", NOW, berlin)
    assert instant("2026-10-25 02:30", NOW, berlin).astimezone(UTC) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
