"""Times as another system writes them, as instants: offsets honoured, a zone where the mapping names one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from municonsole.services.importing.records import Unusable

ISO: Final = "iso"
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
"""How far in the future a time may lie: two systems' clocks differ, their days do not."""


class Times:
    """Reads times of one format, in one zone.

    `pattern` is `iso` (ISO 8601) or one of strptime's. A time without offset is one of `zone`; where
    the clocks are set back it is the first of the two instants, and where they are set forward a
    time that never was is moved forward by as much. Without a zone it is refused.
    """

    def __init__(self, pattern: str, zone: ZoneInfo | None) -> None:
        self._pattern = pattern
        self._zone = zone
        self._latest = datetime.now(UTC) + AHEAD

    def instant(self, text: str) -> datetime:
        """The instant in UTC. Raises Unusable."""
        try:
            read = self._read(text)
        except ValueError:
            raise Unusable(f"not a time of the form {self._form}") from None
        if read.utcoffset() is None:
            if self._zone is None:
                raise Unusable("a time without an offset, and the mapping names no [time] zone")
            read = read.replace(tzinfo=self._zone, fold=0)
        try:
            instant = read.astimezone(UTC)
        except OverflowError:
            raise Unusable("a time outside 1900 to today") from None
        if not EARLIEST <= instant <= self._latest:
            raise Unusable("a time outside 1900 to today")
        return instant

    def _read(self, text: str) -> datetime:
        if self._pattern == ISO:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, self._pattern)  # noqa: DTZ007  the zone comes afterwards

    @property
    def _form(self) -> str:
        return "ISO 8601" if self._pattern == ISO else self._pattern
