"""Frozen records of what the jobs of the house found, for one municipality each.

A municipality that is not the caller's own is None, and so are its numbers: that somebody looked after
it is all that they are told.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: tickets that got the deadlines they lacked, warnings, breaches; whether there is more."""

    municipality: str | None
    dated: int | None
    warned: int | None
    breached: int | None
    more: bool


@dataclass(frozen=True, slots=True)
class KeptUp:
    """What the daily upkeep did: calendars known further ahead, histories checked, histories broken."""

    municipality: str | None
    extended: int | None
    checked: int | None
    broken: int | None
