"""A point in time as it is typed into a form, in the municipality's zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from municonsole.domain.errors import InvalidInput
from municonsole.ui import cells

_LATER = re.compile(r"\+\s*(\d{1,4})\s*(min|h|d)")
_STEP = {"min": "minutes", "h": "hours", "d": "days"}
_DAYS = {"": 0, "today": 0, "tomorrow": 1}
HINT = "16:30, tomorrow 10:00, 2026-09-21 16:30, or +4h"


def instant(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment that `text` names, aware: `16:30` (today), `tomorrow 10:00`, `+4h`, or day and time.

    A time that comes twice, when clocks go back, is the first one. Raises InvalidInput for anything
    else, and for a time that clocks which go forward leave out.
    """
    typed = " ".join(text.lower().split())
    if found := _LATER.fullmatch(typed):
        return now + timedelta(**{_STEP[found[2]]: int(found[1])})
    day_text, _, clock = typed.rpartition(" ")
    local = now.astimezone(zone)
    try:
        if day_text in _DAYS:
            day = local.date() + timedelta(days=_DAYS[day_text])
        else:
            day = datetime.fromisoformat(day_text).date()
        at = datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), zone)  # noqa: DTZ007 - a time of day
        there = at.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{cells.cut(cells.line(text), 24)!r} is not a time; type one like {HINT}"
        ) from None
    if there.replace(tzinfo=None) != at.replace(tzinfo=None):
        raise InvalidInput(f"on that day there is no {clock}: the clocks go forward")
    return at
