"""Times as people type them: ISO 8601; without an offset they are the municipality's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from municonsole.domain.errors import InvalidInput


def start(text: str, zone: ZoneInfo, option: str) -> datetime:
    """The first instant of what `text` names: a time is itself, a date its midnight.

    Raises InvalidInput naming `option`.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            f"{option} {text!r} is not a time; write it like 2026-09-21, 2026-09-21T08:00 "
            "or 2026-09-21T08:00+02:00"
        ) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def end(text: str, zone: ZoneInfo, option: str) -> datetime:
    """The first instant after what `text` names: a time is itself, a date the midnight after it."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return start(text, zone, option)
    try:
        following = day + timedelta(days=1)
    except OverflowError:
        raise InvalidInput(f"{option} {text!r} is too far in the future") from None
    return datetime(following.year, following.month, following.day, tzinfo=zone)
