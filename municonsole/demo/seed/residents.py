"""Who calls, from where, and what they say.

A resident is a number: name, telephone number, home and language follow from it, so that somebody
who calls twice is the same person. No South African number begins with a nine after +27.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from municonsole.demo.seed import words
from municonsole.demo.seed.ledger import Report
from municonsole.demo.seed.world import Suburb
from municonsole.domain.values import Category, Language, Severity

_LANGUAGES = (Language.ENGLISH,) * 13 + (Language.ISIZULU,) * 4 + (Language.AFRIKAANS,) * 3
_SEVERITIES = tuple(severity.value for severity in Severity)
_ANONYMOUS = 0.11
_NO_PLACE = 0.05
_FROM_HOME = 0.6
_SILENT = 5
"""One resident in so many wants no messages."""
_OTHERWISE_BAD = 0.15
_SPREAD = 0.006
"""How far from a suburb's middle its addresses lie, in degrees: some 600 metres."""


@dataclass(frozen=True, slots=True)
class Call:
    """One report as it is typed in while the caller speaks."""

    severity: str
    language: str
    report: Report


@dataclass(frozen=True, slots=True)
class _Resident:
    number: int
    language: Language
    suburb: Suburb
    street: str
    house: int

    @property
    def name(self) -> str:
        return f"Resident {self.number}"

    @property
    def phone(self) -> str:
        return f"+2790{self.number:07d}"


def _resident(town_suburbs: tuple[Suburb, ...], number: int) -> _Resident:
    suburb = town_suburbs[number * 7 % len(town_suburbs)]
    return _Resident(
        number,
        _LANGUAGES[number * 11 % len(_LANGUAGES)],
        suburb,
        suburb.streets[number * 13 % len(suburb.streets)],
        1 + number * 37 % 180,
    )


def call(rng: Random, suburbs: tuple[Suburb, ...], category: Category, residents: int) -> Call:
    """What one of `residents` people of a town with these suburbs reports in a category."""
    who = _resident(suburbs, 1 + int(rng.random() * residents))
    if rng.random() < _FROM_HOME:
        suburb, street, house = who.suburb, who.street, who.house
    else:
        suburb = rng.choice(suburbs)
        street, house = rng.choice(suburb.streets), 1 + int(rng.random() * 180)
    severity, said = rng.choice(words.REPORTS[category][who.language])
    level = severity.value
    if rng.random() < _OTHERWISE_BAD:
        level = rng.choice(_SEVERITIES)
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    place: str | None = None
    if rng.random() >= _NO_PLACE:
        address, place = f"{house} {street}, {suburb.name}", suburb.name
        latitude = round(suburb.latitude + (rng.random() * 2 - 1) * _SPREAD, 6)
        longitude = round(suburb.longitude + (rng.random() * 2 - 1) * _SPREAD, 6)
    named = rng.random() >= _ANONYMOUS
    safe = category is Category.GBV and rng.random() < 0.5
    return Call(
        level,
        who.language.value,
        Report(
            said.format(street=street),
            address,
            latitude,
            longitude,
            who.name if named else None,
            who.phone if named else None,
            safe,
            rng.choice(words.CONTACT) if safe else None,
            place,
            may_message=named and who.number % _SILENT > 0,
        ),
    )
