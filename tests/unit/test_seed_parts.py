"""The seed's parts that need no database."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime

import pytest

from municonsole.demo.seed import words
from municonsole.demo.seed.ledger import HOUR, random_uuid, uuid_text
from municonsole.demo.seed.rhythm import DAY, at_work, calls
from municonsole.demo.seed.world import TOWNS
from municonsole.domain.text import clean_line
from municonsole.domain.values import Category, Language


def _instant(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize("count", [0, 1, 23, 24, 25, 1000])
def test_calls_come_in_order_and_within_their_span(count: int) -> None:
    """Exactly as many calls as asked for, none before the span and none after it."""
    until = _instant(2026, 9, 16, 13, 25) + 123
    made = list(calls(random.Random(3), count, until - 90 * DAY, until))

    assert len(made) == count
    assert made == sorted(made)
    assert all(until - 90 * DAY <= at < until for at in made)


@pytest.mark.parametrize(
    ("at", "earliest", "latest"),
    [
        (_instant(2026, 9, 16, 8), _instant(2026, 9, 16, 8), _instant(2026, 9, 16, 8)),
        (_instant(2026, 9, 16, 3), _instant(2026, 9, 16, 5), _instant(2026, 9, 16, 7)),
        (_instant(2026, 9, 18, 17), _instant(2026, 9, 21, 5), _instant(2026, 9, 21, 7)),
        (_instant(2026, 9, 20, 9), _instant(2026, 9, 21, 5), _instant(2026, 9, 21, 7)),
    ],
    ids=["at work", "before work", "Friday evening", "Sunday"],
)
def test_work_waits_for_the_next_shift(at: int, earliest: int, latest: int) -> None:
    """Office work happens between seven and six on weekdays, local time."""
    moved = at_work(random.Random(1), at, 7, 18, weekdays_only=True)

    assert earliest <= moved <= latest


def test_uuids_are_random_ones_as_the_database_makes_them() -> None:
    """Ids carry the version and variant of random UUIDs and print as PostgreSQL prints them."""
    raw = random_uuid(random.Random(5))
    made = uuid.UUID(bytes=raw)

    assert made.version == 4
    assert made.variant == uuid.RFC_4122
    assert uuid_text(raw) == str(made)


def test_everything_that_is_said_is_clean_and_in_every_language() -> None:
    """No word of the demo could disturb a terminal, and every category is reported in each language."""
    for category in Category:
        assert set(words.REPORTS[category]) == set(Language)
        for reports in words.REPORTS[category].values():
            for _, text in reports:
                filled = text.format(street="Marula Street")

                assert filled == clean_line(filled)


def test_towns_are_complete() -> None:
    """Every category has a team, every town ten suburbs and two police stations, all inside its area."""
    for town in TOWNS:
        assert {crew.category for crew in town.crews} == set(Category)
        assert sum(crew.is_saps for crew in town.crews) >= 2
        assert len(town.suburbs) >= 10
        assert {policy.category for policy in town.policies} == {*Category, None} - {Category.GBV}
        for suburb in town.suburbs:
            for category in Category:
                assert any(
                    crew.covers(suburb.latitude, suburb.longitude)
                    for crew in town.crews
                    if crew.category is category
                )
        for crew in town.crews:
            assert crew.covers(crew.depot_latitude, crew.depot_longitude)


def test_warnings_lie_between_start_and_deadline() -> None:
    """Targets are whole hours, so that the database's arithmetic and the seed's agree to the microsecond."""
    for town in TOWNS:
        for policy in town.policies:
            assert policy.response_hours <= policy.resolution_hours
            assert policy.calendar in {calendar.name for calendar in town.calendars}
            assert policy.resolution_hours * HOUR * policy.warning_percent % 100 == 0
