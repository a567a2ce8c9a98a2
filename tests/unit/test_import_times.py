"""Times of other systems: offsets, zones, the two odd hours of the year, and what is no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from municonsole.services.importing.records import Unusable
from municonsole.services.importing.times import ISO, Times

NEW_YORK = ZoneInfo("America/New_York")
AMERICAN = "%m/%d/%Y %I:%M:%S %p"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2014-05-09T19:02:21-05:00", datetime(2014, 5, 10, 0, 2, 21, tzinfo=UTC)),
        ("2014-12-17T18:39:03+02:00", datetime(2014, 12, 17, 16, 39, 3, tzinfo=UTC)),
        ("2014-12-17T18:39:03Z", datetime(2014, 12, 17, 18, 39, 3, tzinfo=UTC)),
    ],
)
def test_an_offset_is_honoured(text: str, instant: datetime):
    """A time that says its offset means that instant, whatever the zone of the mapping is."""
    assert Times(ISO, None).instant(text) == instant
    assert Times(ISO, NEW_YORK).instant(text) == instant


def test_a_time_without_offset_is_one_of_the_zone():
    """Half past two in a New York summer is half past six in UTC, in winter half past seven."""
    times = Times(AMERICAN, NEW_YORK)

    assert times.instant("06/26/2018 02:30:00 PM") == datetime(2018, 6, 26, 18, 30, tzinfo=UTC)
    assert times.instant("12/26/2018 02:30:00 PM") == datetime(2018, 12, 26, 19, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first():
    """When the clocks are set back, half past one means the earlier of the two, every time."""
    instant = Times(AMERICAN, NEW_YORK).instant("11/04/2018 01:30:00 AM")

    assert instant == datetime(2018, 11, 4, 5, 30, tzinfo=UTC)


def test_an_hour_that_never_was_is_moved_forward():
    """When the clocks are set forward, half past two is half past three."""
    times = Times(AMERICAN, NEW_YORK)

    assert times.instant("03/11/2018 02:30:00 AM") == times.instant("03/11/2018 03:30:00 AM")


def test_a_time_without_offset_is_refused_where_no_zone_is_named():
    """Nobody guesses which instant was meant."""
    with pytest.raises(Unusable, match="without an offset, and the mapping names no"):
        Times(ISO, None).instant("2014-05-09T19:02:21")


@pytest.mark.parametrize(
    "text", ["yesterday", "13/45/2018 10:00:00 AM", "", "06/26/2018", "\x1b[2J"]
)
def test_what_is_no_time_is_refused_with_the_form_that_was_expected(text: str):
    """A broken date is named as such; the value itself is not repeated."""
    with pytest.raises(Unusable) as refused:
        Times(AMERICAN, NEW_YORK).instant(text)

    assert str(refused.value) == f"not a time of the form {AMERICAN}"


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        (datetime.now(UTC) + timedelta(days=2)).isoformat(),
    ],
    ids=["1899", "year 1", "year 9999", "in two days"],
)
def test_times_before_1900_and_in_the_future_are_refused(text: str):
    """A report of the year 9999 would stand on top of every list for ever."""
    with pytest.raises(Unusable, match="outside 1900 to today"):
        Times(ISO, None).instant(text)
